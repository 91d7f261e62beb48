"""Changes of vectors in their model card: what was done to them after training.

Place in the data flow: a command that makes new vectors -> `metadata` -> `w2v info`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from w2v._version import __version__
from w2v.vectors.queries import Queries

CHANGES = "changes"
"""Entry of the model card: a JSON list of changes, the oldest first."""


def record_change(kv: Queries, name: str, facts: Mapping[str, Any]) -> None:
    """Add a change to the model card.

    Parameters
    ----------
    name : the command, such as "reduce".
    facts : its options and results as plain values; no paths, which are private.
    """
    try:
        earlier = json.loads(kv.metadata.get(CHANGES, "[]"))
    except ValueError:
        earlier = None
    changes = earlier if isinstance(earlier, list) else []
    kv.metadata[CHANGES] = json.dumps([*changes, {"change": name, "version": __version__, **facts}])
