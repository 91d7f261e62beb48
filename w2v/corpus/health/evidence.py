"""Evidence for the checks of a corpus: words, counts and lines of a sample, and intervals for shares of it.

Place in the data flow: `w2v.corpus.estimate.sample.Sample` -> `Evidence` -> `w2v.corpus.health.checks`.

Intervals are from the delete-a-group jackknife (Kott 2001, Journal of Official Statistics 17(4)): the chunks of a
sample are divided at random into groups, so that a document counts as a whole and not each of its words. A corpus that
was read completely has exact numbers, without intervals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import Oddities
from w2v.corpus.estimate.sample import Sample
from w2v.corpus.health.sample_lines import SampleLines
from w2v.corpus.vocabulary import Vocabulary
from w2v.system.diagnosis import Measure
from w2v.types import Interval

GROUPS = 20
STUDENT = 2.093  # quantile of Student's t for 95 % and GROUPS - 1 degrees of freedom

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Evidence:
    """Sample of a corpus, prepared for the checks.

    Attributes
    ----------
    sample : the sample.
    words : distinct words by id; bytes that are not UTF-8 are lone surrogates.
    counts : (n,) of each word in the sample.
    lines : the lines of the sample.
    """

    sample: Sample
    words: list[str]
    counts: Counts
    lines: SampleLines

    @classmethod
    def of(cls, sample: Sample) -> Evidence:
        """Return the words, counts and lines of a sample."""
        counts = _counted(sample.chunks, len(sample.table))
        blob, offsets, listed, final = sample.table.select(np.maximum(counts, 1), 1, len(counts))
        by_rank = Vocabulary(blob, offsets, listed).words
        return cls(sample, [by_rank[rank] for rank in final[1:].tolist()], counts, SampleLines.of(sample))

    @property
    def total(self) -> int:
        """Words in the sample."""
        return int(self.counts.sum())

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """(n,) ids by falling count."""
        return np.argsort(-self.counts, kind="stable")

    @cached_property
    def _group_of_chunk(self) -> NDArray[np.int64]:
        return np.random.default_rng(1).permutation(len(self.sample.chunks)) % GROUPS

    @cached_property
    def _groups(self) -> list[Counts]:
        """Counts without each group in turn; empty if no interval can be given."""
        if self.sample.complete or len(self.sample.chunks) < GROUPS:
            return []
        rest = []
        for group in range(GROUPS):
            own = [self.sample.chunks[number] for number in np.flatnonzero(self._group_of_chunk == group).tolist()]
            rest.append(self.counts - _counted(own, len(self.counts)))
        return rest

    def of_words(self, name: str, statistic: Callable[[Counts], float], *, share: bool = True) -> Measure:
        """Return a number that depends on the counts of words, with its interval.

        Parameters
        ----------
        statistic : function of the counts (n,).
        share : whether it is a share.
        """
        value = float(statistic(self.counts))
        return Measure(name, value, _interval(value, [statistic(counts) for counts in self._groups], share),
                       share=share)

    def of_oddities(self, name: str, attribute: str) -> Measure:
        """Return the share of the words that the word table counts as odd, by the attribute of `Oddities`."""
        value, *without = [getattr(odd, attribute) / max(total, 1) for odd, total in self._oddities]
        return Measure(name, value, _interval(value, without, True), share=True)

    @cached_property
    def _oddities(self) -> list[tuple[Oddities, int]]:
        """Measures and number of all words, and of those without each group in turn."""
        return [(self.sample.table.oddities(counts), int(counts.sum())) for counts in (self.counts, *self._groups)]

    def of_lines(self, name: str, values: NDArray[np.float64], weights: NDArray[np.float64] | None = None) -> Measure:
        """Return the mean of a value of lines (n,), weighted, as a share with its interval."""
        weights = np.ones(len(values)) if weights is None else weights
        value = _mean(values, weights)
        without = []
        if self._groups and len(values):
            group = self._group_of_chunk[self.lines.chunk]
            without = [_mean(values[group != one], weights[group != one]) for one in range(GROUPS)]
        return Measure(name, value, _interval(value, without, True), share=True)


def _counted(chunks: Sequence[NDArray[np.int32]], n: int) -> Counts:
    """Return (n,) how often each id occurs in chunks, whose line ends are negative."""
    ids = np.concatenate(chunks) if chunks else np.zeros(0, dtype=np.int32)
    return np.bincount(ids[ids >= 0], minlength=n).astype(np.int64, copy=False)


def _mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    total = float(weights.sum())
    return float((values * weights).sum()) / total if total else math.nan


def _interval(value: float, without: list[float], share: bool) -> Interval | None:
    """Return the jackknife interval from the values without each group; shares stay within 0 and 1."""
    if not without or math.isnan(value):
        return None
    values = np.array(without, dtype=np.float64)
    error = STUDENT * math.sqrt((len(values) - 1) / len(values) * float(((values - values.mean()) ** 2).sum()))
    low, high = value - error, value + error
    return (max(low, 0.0), min(high, 1.0)) if share else (low, high)
