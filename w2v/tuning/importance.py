"""How much of the differences between scores each setting explains.

Place in the data flow: trials of the first rung, where most configurations are -> a share of variance for each setting.

The configurations are cut into groups by one setting: thirds of its numbers, or its values. The share is that of the
variance of the scores which lies between the groups (eta squared). It ignores how settings act together. Scores that do
not depend on the setting have a share too, which is (groups - 1) / (trials - 1) on average; it is given beside.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from w2v.config import TrainConfig
from w2v.evaluation.statistics.correlation import spearman
from w2v.tuning.space import Range, Setting, rounded
from w2v.tuning.trial import Trial
from w2v.types import Floats

LEAST = 9  # trials, of which something can be said
_THIRDS = 3


@dataclass(frozen=True)
class Group:
    """Trials with similar values of a setting: the values, the number of trials, and the mean of their scores."""

    values: str
    trials: int
    mean: float


@dataclass(frozen=True)
class Importance:
    """How much a setting matters.

    Attributes
    ----------
    name : of the setting.
    share : of the variance of the scores between its groups, 0 to 1.
    chance : the share to expect if the setting has no influence.
    correlation : Spearman's, of numbers with the scores; None for single values.
    groups : by rising value.
    """

    name: str
    share: float
    chance: float
    correlation: float | None
    groups: tuple[Group, ...]

    @property
    def best(self) -> Group:
        """The group with the highest mean score."""
        return max(self.groups, key=lambda one: one.mean)


def importances(trials: Sequence[Trial], space: Mapping[str, Setting]) -> tuple[Importance, ...]:
    """Return the importance of each setting, the largest first; nothing with few trials or equal scores.

    Parameters
    ----------
    trials : of random configurations on one sample, with scores.
    """
    scores = np.array([one.score for one in trials], np.float64)
    if len(trials) < LEAST or not np.ptp(scores) > 0:
        return ()
    found = [one for name, setting in space.items() if (one := _importance(name, setting, trials, scores))]
    return tuple(sorted(found, key=lambda one: -one.share))


def _importance(name: str, setting: Setting, trials: Sequence[Trial], scores: Floats) -> Importance | None:
    values = [_value(one, name, setting) for one in trials]
    numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in values)
    distinct = sorted(set(values)) if numbers else sorted(set(values), key=str)
    if len(distinct) < 2:
        return None
    if numbers and len(distinct) > _THIRDS:
        row = np.array(values, np.float64)
        places = np.searchsorted(np.quantile(row, [1 / _THIRDS, 2 / _THIRDS]), row)
    else:
        places = np.array([distinct.index(one) for one in values])
    groups, between = [], 0.0
    for place in np.unique(places):
        inside = np.flatnonzero(places == place)
        own = [values[i] for i in inside]
        groups.append(Group(_label(own, numbers), len(inside), float(scores[inside].mean())))
        between += len(inside) * float(scores[inside].mean() - scores.mean()) ** 2
    return Importance(name, between / float(((scores - scores.mean()) ** 2).sum()),
                      (len(groups) - 1) / (len(scores) - 1),
                      spearman(np.array(values, np.float64), scores) if numbers else None, tuple(groups))


def _value(trial: Trial, name: str, setting: Setting) -> Any:
    """Return the value of a setting in a trial; of a learning rate how many times the default it is."""
    config = TrainConfig(**trial.options)
    if isinstance(setting, Range) and setting.times:
        return rounded(config.alpha / dataclasses.replace(config, alpha=None, min_alpha=0.0).alpha)  # type: ignore[arg-type]
    return getattr(config, name)


def _label(values: Sequence[Any], numbers: bool) -> str:
    low, high = (min(values), max(values)) if numbers else (values[0], values[0])
    if isinstance(low, bool) or not numbers:
        return str(low)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
