"""`Estimate`: a number with its interval, or with the value that it would have by chance.

Place in the data flow: measures -> `Estimate` -> tables and JSON.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from w2v.evaluation.statistics.bootstrap import DRAWS, SEED, mean_replicates, percentile_interval, proportion_interval
from w2v.evaluation.statistics.student import mean_interval
from w2v.system.text_table import interval as interval_text
from w2v.system.text_table import number
from w2v.types import Floats, Interval

LARGE = 10_000
"""Values above which the interval of their mean is that of Student's t: the bootstrap gives the same, and takes time in
proportion to values times draws."""


@dataclass(frozen=True)
class Estimate:
    """A number and what it can be compared with.

    Attributes
    ----------
    value : the number; NaN if there is nothing to measure.
    interval : 95 % confidence interval, or None.
    chance : value expected by chance, under the null model that the result names; None if there is none.
    p : probability of a value at least as extreme by chance, or None.
    """

    value: float
    interval: Interval | None = None
    chance: float | None = None
    p: float | None = None

    @classmethod
    def mean(cls, values: Floats, *, chance: float | None = None, draws: int = DRAWS, seed: int = SEED) -> Estimate:
        """Return the mean of values (n,), without those that are NaN, with a bootstrap interval over them, or Student's
        t for more than `LARGE`.

        Parameters
        ----------
        draws : bootstrap replicates; 0 for no interval.
        """
        values = np.asarray(values, dtype=np.float64)
        values = values[~np.isnan(values)]
        if not len(values):
            return cls(math.nan, None, chance)
        found = None
        if draws and len(values) > LARGE:
            found = mean_interval(values)
        elif draws and len(values) > 1:
            found = percentile_interval(mean_replicates(values[None], draws, seed)[0])
        return cls(float(values.mean()), found, chance)

    @classmethod
    def means(cls, values: Floats, *, chance: Sequence[float | None], draws: int = DRAWS,
              seed: int = SEED) -> list[Estimate]:
        """Return `mean` of each row of values (k, n) without NaN; the rows share the same resamples of the n items."""
        if not draws or not 2 <= values.shape[1] <= LARGE:
            return [cls.mean(row, chance=by_chance, draws=draws) for row, by_chance in zip(values, chance, strict=True)]
        return [cls(float(row.mean()), percentile_interval(replicates), by_chance) for row, replicates, by_chance
                in zip(values, mean_replicates(values, draws, seed), chance, strict=True)]

    @classmethod
    def share(cls, part: int, whole: int, *, chance: float | None = None, draws: int = DRAWS,
              seed: int = SEED) -> Estimate:
        """Return part / whole with a bootstrap interval; NaN of nothing."""
        return cls(part / whole if whole else math.nan, proportion_interval(part, whole, draws, seed), chance)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON: the value, and what is known of the rest."""
        found: dict[str, Any] = {"value": None if math.isnan(self.value) else self.value}
        found |= {"interval": None if self.interval is None else list(self.interval)}
        return found | {name: known for name in ("chance", "p") if (known := getattr(self, name)) is not None}

    def cells(self) -> tuple[str, str, str]:
        """Return the value, the interval and the value by chance with four decimals, as cells of a table."""
        return number(self.value), interval_text(self.interval, 4), number(self.chance)
