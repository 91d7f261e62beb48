"""How often something is done during a run: by time, or by the share of the words that are trained on."""

from __future__ import annotations

import re
from dataclasses import dataclass

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Interval:
    """Every so many `seconds`, or every `share` of the whole run (0 to 1); one of the two is None.

    `text` is what `Interval.of` reads again.
    """

    seconds: float | None
    share: float | None
    text: str

    @classmethod
    def of(cls, value: str | float, name: str) -> Interval:
        """From "90s", "10m", "2h" or "5%", or from a number of seconds.

        Raises
        ------
        ValueError : it is none of these, not above 0, or above 100%; names the parameter.
        """
        text = value.strip() if isinstance(value, str) else f"{value!r}s"
        found = None if isinstance(value, bool) else re.fullmatch(r"(\d+(?:\.\d*)?(?:e-?\d+)?)(s|m|h|%)", text)
        if found is None:
            raise ValueError(f"{name} = {value!r} is no interval: give 90s, 10m, 2h, or 5% of the words")
        number, unit = float(found[1]), found[2]
        if not 0 < number < 1e15 or (unit == "%" and number > 100):
            raise ValueError(f"{name} = {value!r} is out of range: above 0, and at most 100%")
        return cls(None, number / 100, text) if unit == "%" else cls(number * UNITS[unit], None, text)

    def passed(self, seconds: float, share: float, total: float) -> bool:
        """Whether it is over: so many seconds after the last time, when that was at `share` and now it is `total`."""
        if self.seconds is not None:
            return seconds >= self.seconds
        assert self.share is not None
        return int(total / self.share) > int(share / self.share)
