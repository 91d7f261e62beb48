"""Results as they are kept in a file of vectors: the "evaluation" of its metadata, which `w2v info` shows.

Place in the data flow: measures -> JSON text -> `w2v.formats.update_metadata`. The text is an object of sets by name,
each an object of measures by name: "value", "interval" (95 %, null without a bootstrap), "all" (unknown items counted
as wrong), "used" of "total" items; for analogies "restrict_vocab" too, and "sample_of", the size of the whole set,
where only a part of its questions was asked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from w2v.evaluation.results import Measure


def record(
    measures: Iterable[Measure], restrict_vocab: int | None, old: str | None = None,
    whole: Mapping[str, int] | None = None,
) -> str:
    """The text with these measures added to what `old` says; what was measured again takes the place of the older.

    Parameters
    ----------
    restrict_vocab : candidates of analogies, None for all words.
    old : the text that is in the file.
    whole : how many questions the sets have of which a part was asked.
    """
    found = _sets(old)
    for measure in measures:
        if measure.value is None or not math.isfinite(measure.value):
            continue
        interval = measure.interval if measure.interval is not None and math.isfinite(sum(measure.interval)) else None
        entry: dict[str, Any] = {"value": measure.value, "interval": interval, "all": measure.all,
                                 "used": measure.used, "total": measure.total}
        if measure.kind == "analogies":
            entry["restrict_vocab"] = restrict_vocab
        if whole and measure.set in whole:
            entry["sample_of"] = whole[measure.set]
        found.setdefault(measure.set, {})[measure.name] = entry
    return json.dumps(found, allow_nan=False)


def readable(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Set and a line for people, of each measure of an "evaluation" that was read from a file."""
    for name, measures in found.items():
        for measure, entry in measures.items() if isinstance(measures, dict) else ():
            if isinstance(entry, dict) and _numbers(entry.get("value")):
                text = f"{measure} {entry['value']:.4f}"
                ends = entry.get("interval")
                if isinstance(ends, list) and len(ends) == 2 and _numbers(*ends):
                    text += f" ({ends[0]:.4f} to {ends[1]:.4f})"
                yield name, f"{text}, {entry.get('used')} of {entry.get('total')}" + (
                    f", a sample of {entry['sample_of']}" if "sample_of" in entry else "")


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, (int, float)) for value in values)


def _sets(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        found = None
    return {key: value for key, value in found.items() if isinstance(value, dict)} if isinstance(found, dict) else {}
