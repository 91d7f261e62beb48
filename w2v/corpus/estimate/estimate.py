"""What a whole corpus is likely to hold, from a sample of it: words, lines, bytes, vocabulary, each with its error.

Place in the data flow: `w2v.corpus.estimate.sample` and `w2v.corpus.estimate.growth` -> `TextEstimate` -> `w2v.training.needs` and `w2v.planning.plan`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from w2v.corpus.estimate.growth import Curve, Estimate, measure, vocabulary
from w2v.corpus.estimate.sample import Sample, words_error

SURE = 2.0  # standard errors to each side: 19 of 20
FROM_START = 0.05  # what a text may differ from its start, at least, as a share
WELL_SEEN = 4  # times in the sample, at least on average: then it tells by itself how frequent a word is


@dataclass(frozen=True)
class Sizes:
    """What a run costs depends on: words and lines of the text, different words, words of the vocabulary, how many of
    the text are among these, and the mean bytes of one of these."""

    tokens: float
    lines: float
    distinct: float
    n_words: float
    known: float
    word_bytes: float


class TextEstimate:
    """The corpus that a sample was taken of.

    Attributes
    ----------
    sample : the sample.
    bytes_on_disk, text_bytes, words, lines : `Estimate`s; the first two differ where files are compressed.
    """

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        parts = sample.parts
        share = SURE * words_error(sample) + (FROM_START if sample.from_start else 0.0)
        size_share = SURE * sample.size_error
        self.bytes_on_disk = _around(sum(part.bytes_on_disk for part in parts), size_share)
        self.text_bytes = _around(sum(part.text_bytes for part in parts),
                                  size_share + (FROM_START if sample.from_start else 0.0))
        self.words = _around(sum(part.scaled(part.words) for part in parts), share)
        lines = sum(part.lines for part in parts)
        few = 0.0 if sample.complete else 2.0 / max(lines, 1) ** 0.5
        self.lines = _around(sum(part.scaled(part.lines) for part in parts), share + few)

    @cached_property
    def curve(self) -> Curve:
        return measure(self.sample.pieces, len(self.sample.table))

    @property
    def factor(self) -> float:
        """How many times the words of the sample the whole text has."""
        return self.words.expected / max(self.sample.words, 1)

    def vocabulary(self, min_count: int, max_vocab: int | None = None) -> Estimate:
        """Words that occur at least `min_count` times, `max_vocab` of them at most."""
        found = vocabulary(self.curve, self.words, min_count, complete=self.sample.complete,
                           from_start=self.sample.from_start)
        top = float("inf") if max_vocab is None else float(max_vocab)
        return Estimate(min(found.expected, top), min(found.low, top), min(found.high, top))

    def known_share(self, min_count: int, max_vocab: int | None = None) -> float:
        """How much of the text are words of the vocabulary."""
        counts = self.curve.counts
        if not len(counts):
            return 0.0
        least, total = min_count / self.factor, float(counts.sum())
        if self.sample.complete or least >= WELL_SEEN:
            unknown = float(counts[counts < least].sum()) / total
        else:
            unknown = self._rare_words(min_count) / self.words.expected
        if max_vocab is not None:
            unknown = max(unknown, float(counts[max_vocab:].sum()) / total)
        return 1 - min(unknown, 1.0)

    def _rare_words(self, min_count: int) -> float:
        """Words of the text that occur less often: the sum of V(k) for k < min_count, less (min_count - 1)
        V(min_count), V between the counts of a grid by straight lines of logarithms."""
        grid = np.unique(np.geomspace(1, min_count, 24).astype(np.int64))
        values = [max(self.vocabulary(int(k)).expected, 0.5) for k in grid]
        all_counts = np.arange(1, min_count)
        rarer = np.exp(np.interp(np.log(all_counts), np.log(grid), np.log(values)))
        return max(float(rarer.sum()) - (min_count - 1) * values[-1], 0.0)

    def word_bytes(self, min_count: int) -> float:
        """Mean bytes of a word of the vocabulary."""
        table = self.sample.table
        least = max(1, int(min_count / self.factor))
        n_words = max(round(self.vocabulary(min_count).expected), 1)
        _, offsets, _, _ = table.select(table.counts(), least, n_words)  # its most frequent ones stand for them
        return float(offsets[-1]) / max(len(offsets) - 1, 1)

    def sizes(self, min_count: int, max_vocab: int | None, *, low: bool = False) -> Sizes:
        """For the formulas of `w2v.training.needs`: what is expected, or the lower bounds."""
        words, lines = (self.words.low, self.lines.low) if low else (self.words.expected, self.lines.expected)
        distinct, chosen = self.vocabulary(1), self.vocabulary(min_count, max_vocab)
        return Sizes(words, lines, distinct.low if low else distinct.expected,
                     chosen.low if low else chosen.expected, words * self.known_share(min_count, max_vocab),
                     self.word_bytes(min_count))


def _around(value: float, share: float) -> Estimate:
    return Estimate(value, value * max(1 - share, 0.0), value * (1 + share))


