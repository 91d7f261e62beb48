"""Names of hyper-parameters in keyword options.

Place in the data flow: keyword options of `w2v.train` and `w2v.plan` -> `checked_names` -> `TrainConfig`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

from w2v.config import HyperParameters, TrainConfig
from w2v.config_values import switch
from w2v.corpus_options import CORPUS_OPTIONS
from w2v.presets import hint
from w2v.walk_options import WALK_OPTIONS


def checked_names(options: Mapping[str, Any]) -> HyperParameters:
    """Return options under the names of `TrainConfig`. `cbow`, which command lines have, is the opposite of `sg`.

    Raises
    ------
    TypeError : an option does not exist; names the one that is meant. `cbow` is no switch, or contradicts `sg`.
    """
    named = dict(options)
    if "cbow" in named:
        sg = not switch("cbow", named.pop("cbow"))
        if "sg" in named and switch("sg", named["sg"]) != sg:
            raise TypeError("sg and cbow contradict each other: cbow=True is sg=False; pass one of them")
        named["sg"] = sg
    known = [spec.name for spec in dataclasses.fields(TrainConfig)]
    for name in named:
        if name not in known:
            others = [*CORPUS_OPTIONS, *WALK_OPTIONS, "graph", "threads"]
            near = hint(name, [*known, *others]) or f"; the options are {', '.join(known)}"
            raise TypeError(f"unknown option {name!r}{near}")
    return cast("HyperParameters", named)
