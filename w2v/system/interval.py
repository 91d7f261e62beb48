"""Interval between repeated actions of a run: a time, or a share of the words to train on."""

from __future__ import annotations

import re
from dataclasses import dataclass

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Interval:
    """Time or share between two actions. Exactly one of `seconds` and `share` is None.

    Attributes
    ----------
    seconds : time, above 0.
    share : share of the whole run, 0 to 1.
    text : the interval in the form that `Interval.of` reads.
    """

    seconds: float | None
    share: float | None
    text: str

    @classmethod
    def of(cls, value: str | float, name: str) -> Interval:
        """Read an interval.

        Parameters
        ----------
        value : "90s", "10m", "2h" or "5%", or a number of seconds.
        name : of the parameter, for messages.

        Raises
        ------
        ValueError : the value is not an interval, not above 0, or above 100%.
        """
        text = value.strip() if isinstance(value, str) else f"{value!r}s"
        found = None if isinstance(value, bool) else re.fullmatch(r"(\d+(?:\.\d*)?(?:e-?\d+)?)(s|m|h|%)", text)
        if found is None:
            raise ValueError(f"{name} = {value!r} is not an interval; expected 90s, 10m, 2h, or 5% of the words")
        number, unit = float(found[1]), found[2]
        if not 0 < number < 1e15 or (unit == "%" and number > 100):
            raise ValueError(f"{name} = {value!r} is out of range: expected above 0 and at most 100%")
        return cls(None, number / 100, text) if unit == "%" else cls(number * UNITS[unit], None, text)

    def passed(self, seconds: float, share: float, total: float) -> bool:
        """Return whether the interval has passed since the last action.

        Parameters
        ----------
        seconds : time since the last action.
        share, total : share of the run done at the last action, and now.
        """
        if self.seconds is not None:
            return seconds >= self.seconds
        assert self.share is not None
        return int(total / self.share) > int(share / self.share)
