"""Association tests on unit vectors: WEAT, its one-word form, and the same for each word.

Place in the data flow: unit vectors of the words of a test -> statistic, effect size, p value, interval.

With s(w) = mean cosine of w with A - mean cosine of w with B:

* WEAT compares s over the targets X and Y. Statistic: sum of s over X - sum over Y. Effect size: (mean over X - mean
  over Y) / standard deviation over both.
* The one-word form has one set of targets W. It compares the mean cosine with W over the attributes A and B, in the
  same way; its statistic is the difference of the means.
* For one word w this is the effect size of the word: s(w) / standard deviation of its cosines with A and B.

Sources
-------
Caliskan, Bryson & Narayanan 2017 (Science 356, 183): WEAT, and WEFAT for single words. WEFE 1.0,
`wefe/metrics/WEAT.py`, for the standard deviation of the population (divided by n). The published values divide by
n - 1: with the GloVe vectors of the paper, mathematics and arts have 1.0550 so, 1.0896 with n, and 1.06 in its table 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from w2v.analysis.bias.partitions import Permutations, partition_p, permutations_of
from w2v.analysis.estimate import Estimate
from w2v.evaluation.statistics.bootstrap import percentile_interval
from w2v.types import Floats, Interval

_BLOCK = 1 << 19  # numbers at a time
_WORD_PERMUTATIONS = 10_000  # sampled for single words, which may be many
_NO_SPREAD = 1e-12
"""Standard deviations of cosines below this are rounding: equal cosines have no effect size."""


@dataclass(frozen=True)
class Sampling:
    """Numbers of bootstrap replicates and of sampled partitions, and the seed of both."""

    draws: int
    permutations: int
    seed: int


@dataclass(frozen=True)
class Association:
    """Result of one test.

    Attributes
    ----------
    statistic : see the head of this module.
    effect : effect size with its interval, 0 by chance, and the one-sided p value of the statistic.
    permutations : where the p value comes from.
    compared : number of values compared, n: of all targets, or of all attributes in the one-word form.
    """

    statistic: float
    effect: Estimate
    permutations: Permutations
    compared: int


def set_association(targets: list[Floats], attributes: list[Floats], sampling: Sampling) -> Association:
    """Return the test of one or two sets of targets (n, d) and two sets of attributes (n, d), all of unit vectors."""
    if len(targets) == 2:
        compared, others = targets, attributes
        weights = np.concatenate((np.full(len(others[0]), 1 / len(others[0])),
                                  np.full(len(others[1]), -1 / len(others[1]))))
    else:
        compared, others = attributes, targets
        weights = np.full(len(others[0]), 1 / len(others[0]))
    pool, first = np.concatenate(compared), len(compared[0])
    values = pool @ (weights @ np.concatenate(others))
    statistic = float(values[:first].sum() - values[first:].sum()) if len(targets) == 2 else float(
        values[:first].mean() - values[first:].mean())
    permutations = permutations_of(len(values), first, sampling.permutations)
    p = float(partition_p(values[None], first, permutations, sampling.seed)[0])
    sizes = [len(one) for one in (*compared, *others)]
    replicates = [_set_replicates(pool, first, others, counts) for counts in _resamples(sizes, pool.shape[1], sampling)]
    interval = interval_of(np.concatenate(replicates)) if replicates else None
    effect = Estimate(float(effect_sizes(values[None], first)[0]), interval, 0.0, p)
    return Association(statistic, effect, permutations, len(values))


def _resamples(sizes: list[int], d: int, sampling: Sampling) -> Iterator[list[Floats]]:
    """Yield blocks of resamples within each set: for each set (b, size) how often each of its words is drawn."""
    rng = np.random.default_rng(sampling.seed)
    step = max(1, _BLOCK // max(*sizes, d))
    for start in range(0, sampling.draws, step):
        b = min(step, sampling.draws - start)
        yield [rng.multinomial(n, np.full(n, 1 / n), size=b).astype(np.float64) for n in sizes]


def _set_replicates(pool: Floats, first: int, others: list[Floats], counts: list[Floats]) -> Floats:
    """Return (b,) effect sizes of resamples."""
    direction = np.zeros((len(counts[0]), pool.shape[1]))
    for sign, words, drawn in zip((1, -1), others, counts[2:], strict=False):
        direction += sign * (drawn @ words) / len(words)
    return effect_sizes(direction @ pool.T, first, np.concatenate(counts[:2], axis=1))


def word_associations(words: Floats, attributes: list[Floats], sampling: Sampling) -> tuple[Floats, list[Estimate]]:
    """Return the associations s(w) (n,) of words, and their effect sizes with intervals over resampled attributes."""
    pool, first = np.concatenate(attributes), len(attributes[0])
    permutations = permutations_of(len(pool), first, min(sampling.permutations, _WORD_PERMUTATIONS))
    step = max(1, _BLOCK // max(len(pool), sampling.draws))
    associations, effects = [], []
    for start in range(0, len(words), step):
        cosines = words[start:start + step] @ pool.T
        associations.append(cosines[:, :first].mean(axis=1) - cosines[:, first:].mean(axis=1))
        p = partition_p(cosines, first, permutations, sampling.seed)
        replicates = _word_replicates(cosines, first, sampling)
        for i, value in enumerate(effect_sizes(cosines, first)):
            effects.append(Estimate(float(value), interval_of(replicates[i]), 0.0, float(p[i])))
    return np.concatenate(associations), effects


def _word_replicates(cosines: Floats, first: int, sampling: Sampling) -> Floats:
    """Return (n, draws) effect sizes of words with cosines (n, a + b) in resamples of the attributes."""
    sizes = [first, cosines.shape[1] - first]
    blocks = [_moments(cosines, first, np.concatenate(counts, axis=1)) for counts in _resamples(sizes, 1, sampling)]
    return np.concatenate(blocks, axis=1) if blocks else np.empty((len(cosines), 0))


def _moments(cosines: Floats, first: int, counts: Floats) -> Floats:
    """Return (n, b) effect sizes of each row of cosines (n, m) with each row of counts (b, m), by matrix products."""
    m = cosines.shape[1]
    centre = cosines.mean(axis=1, keepdims=True)  # against cancellation in the variance
    centred = cosines - centre
    one, two = centred[:, :first] @ counts[:, :first].T, centred[:, first:] @ counts[:, first:].T
    mean = (one + two) / m
    variance = (centred * centred) @ counts.T / m - mean * mean
    return _ratio(one / first - two / (m - first), np.sqrt(np.maximum(variance, 0)))


def effect_sizes(values: Floats, first: int, counts: Floats | None = None) -> Floats:
    """Return (b,) effect sizes of rows of values (b, n): the first ones against the others; NaN without any spread.

    Parameters
    ----------
    counts : (b, n) how often each value counts; the two parts keep their sizes.
    """
    n = values.shape[1]
    counts = np.ones_like(values) if counts is None else counts
    one = np.einsum("ij,ij->i", values[:, :first], counts[:, :first])
    two = np.einsum("ij,ij->i", values[:, first:], counts[:, first:])
    centred = values - ((one + two) / n)[:, None]
    deviation = np.sqrt(np.einsum("ij,ij,ij->i", counts, centred, centred) / n)
    return _ratio(one / first - two / (n - first), deviation)


def interval_of(replicates: Floats) -> Interval | None:
    """Return the percentile interval of replicates; None if no replicate has a value."""
    return percentile_interval(replicates) if np.isfinite(replicates).any() else None


def _ratio(difference: Floats, deviation: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.where(deviation > _NO_SPREAD, difference / deviation, np.nan)
    return found
