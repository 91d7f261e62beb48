"""One trial: a configuration that was trained on a sample, and its scores.

Place in the data flow: made by `w2v.tuning.trials`; `w2v.tuning.halving` chooses by it, `w2v.tuning.state` stores it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from w2v.types import Interval

OUT_OF_TIME = "out of time"  # problem of a trial that the end of the budget cut off

Key = tuple[int, float]
"""Number of a configuration, and share of the lines."""


@dataclass(frozen=True)
class Value:
    """A measured number.

    Attributes
    ----------
    name : of the set, or of the measure of next items.
    value : None if nothing is known.
    interval : 95 % confidence interval by the bootstrap; None if none was asked for.
    used, total : items that were measured, and of the half.
    """

    name: str
    value: float | None
    interval: Interval | None
    used: int
    total: int


@dataclass(frozen=True)
class Trial:
    """A configuration that was trained.

    Attributes
    ----------
    number, name, options : see `Candidate`.
    share : of the lines that it was trained on.
    score : mean of the values on the half that is searched on; None if it failed.
    values : of each set or measure on that half.
    kept_back : values with intervals on the other half; empty if they were not measured.
    seconds, seconds_training : of training and scoring, and of training alone.
    words_per_second : of training.
    elapsed : seconds of the search at the end of the trial.
    problem : why it failed; empty if it did not.
    """

    number: int
    name: str
    options: dict[str, Any]
    share: float
    score: float | None
    values: tuple[Value, ...] = ()
    kept_back: tuple[Value, ...] = ()
    seconds: float = 0.0
    seconds_training: float = 0.0
    words_per_second: float = 0.0
    elapsed: float = 0.0
    problem: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Trial:
        """Return the trial that has these values.

        Raises
        ------
        KeyError, TypeError, ValueError : a value is missing or of another type.
        """
        own = {spec.name: values[spec.name] for spec in dataclasses.fields(cls)}
        for name in ("values", "kept_back"):
            own[name] = tuple(_value(one) for one in own[name])
        score = own["score"]
        if not isinstance(own["options"], dict) or not isinstance(own["number"], int) or not (
                score is None or isinstance(score, (int, float))):
            raise ValueError("no trial")
        window = own["options"].get("window")
        own["options"] = {**own["options"], **({"window": tuple(window)} if isinstance(window, list) else {})}
        return cls(**own)


def share_name(share: float) -> str:
    """Return the share of a sample as a fraction: "1/9", or "all"."""
    return "all" if share >= 1 else f"1/{round(1 / share)}"


def _value(values: Mapping[str, Any]) -> Value:
    around = values["interval"]
    return Value(values["name"], values["value"], None if around is None else (float(around[0]), float(around[1])),
                 values["used"], values["total"])
