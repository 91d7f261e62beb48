"""Estimate of a whole corpus from a sample: words, lines, bytes and vocabulary, each with bounds.

Place in the data flow: `w2v.corpus.estimate.sample` and `w2v.corpus.estimate.growth` -> `TextEstimate` ->
`w2v.training.needs` and `w2v.planning.plan`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from w2v.corpus.estimate.growth import Curve, Estimate, falling, measure, vocabulary
from w2v.corpus.estimate.repetition import distinct_text
from w2v.corpus.estimate.sample import Sample, words_error

STANDARD_ERRORS = 2.0  # to each side: 19 of 20 cases
START_ERROR = 0.05  # added where only the start of files was read: a text may differ from its start by this share
GRID = (*range(1, 21), *(round(10 ** (k / 10)) for k in range(14, 71)))
"""Counts, from 1 to 10 million, at which the vocabulary is estimated; the values between lie between the neighbours."""
MIN_SEEN = 4  # mean occurrences in the sample above which the sample alone shows how frequent a word is


@dataclass(frozen=True)
class Sizes:
    """Numbers that the cost of a run depends on.

    Attributes
    ----------
    tokens, lines : words and lines of the text.
    distinct : distinct words of the text.
    n_words : words of the vocabulary.
    known : words of the text that are in the vocabulary.
    word_bytes : mean bytes of a word of the vocabulary.
    """

    tokens: float
    lines: float
    distinct: float
    n_words: float
    known: float
    word_bytes: float


class TextEstimate:
    """Estimate of the corpus that a sample was taken from.

    Attributes
    ----------
    sample : the sample.
    bytes_on_disk, text_bytes, words, lines : `Estimate`s of the corpus; the first two differ for compressed files.
    """

    bytes_on_disk: Estimate
    text_bytes: Estimate
    words: Estimate
    lines: Estimate

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        parts = sample.parts
        start_error = START_ERROR if sample.from_start else 0.0
        share = STANDARD_ERRORS * words_error(sample) + start_error
        size_share = STANDARD_ERRORS * sample.size_error
        self.bytes_on_disk = _around(sum(part.bytes_on_disk for part in parts), size_share)
        self.text_bytes = _around(sum(part.text_bytes for part in parts), size_share + start_error)
        self.words = _around(sum(part.scaled(part.words) for part in parts), share)
        lines = sum(part.lines for part in parts)
        line_error = 0.0 if sample.complete else STANDARD_ERRORS / max(lines, 1) ** 0.5
        self.lines = _around(sum(part.scaled(part.lines) for part in parts), share + line_error)

    @cached_property
    def curve(self) -> Curve:
        """Growth of the vocabulary within the sample."""
        return measure(self.sample.chunks, len(self.sample.table))

    @property
    def factor(self) -> float:
        """Words of the text divided by words of the sample."""
        return self.words.expected / max(self.sample.words, 1)

    @cached_property
    def distinct(self) -> Estimate:
        """Tokens of the text that are not copies of others."""
        positions = sum(len(part.chunk_words) for part in self.sample.parts if not part.from_start)
        return distinct_text(self.sample.chunks, self.words, positions)

    @cached_property
    def _by_count(self) -> dict[int, Estimate]:
        """The vocabulary at the counts of `GRID`, falling."""
        return dict(zip(GRID, falling([self._direct(count) for count in GRID]), strict=True))

    def _direct(self, min_count: int) -> Estimate:
        return vocabulary(self.curve, self.words, min_count, complete=self.sample.complete,
                          from_start=self.sample.from_start, distinct=self.distinct)

    def vocabulary(self, min_count: int, max_vocab: int | None = None) -> Estimate:
        """Estimate the number of words that occur at least `min_count` times, limited to `max_vocab`.

        It falls with `min_count`.
        """
        if self.sample.complete:
            found = self._direct(min_count)
        elif min_count in self._by_count:
            found = self._by_count[min_count]
        else:  # between its neighbours in the grid
            below = self._by_count[max(count for count in GRID if count < min_count)]
            above = next((self._by_count[count] for count in GRID if count > min_count), Estimate(0.0, 0.0, 0.0))
            direct = self._direct(min_count)
            found = Estimate(*(min(max(value, a), b) for value, a, b in (
                (direct.expected, above.expected, below.expected), (direct.low, above.low, below.low),
                (direct.high, above.high, below.high))))
        most = float("inf") if max_vocab is None else float(max_vocab)
        return Estimate(min(found.expected, most), min(found.low, most), min(found.high, most))

    def known_share(self, min_count: int, max_vocab: int | None = None) -> float:
        """Estimate the share of the text, 0 to 1, that is in the vocabulary."""
        counts = self.curve.counts
        if not len(counts):
            return 0.0
        least, total = min_count / self.factor, float(counts.sum())
        if self.sample.complete or least >= MIN_SEEN:
            unknown = float(counts[counts < least].sum()) / total
        else:
            unknown = self._rare_tokens(min_count) / self.words.expected
        if max_vocab is not None:
            unknown = max(unknown, float(counts[max_vocab:].sum()) / total)
        return 1 - min(unknown, 1.0)

    def _rare_tokens(self, min_count: int) -> float:
        """Estimate the tokens of words that occur less than `min_count` times.

        With V(k) words of count k or more this is the sum of V(k) for k < min_count, less (min_count - 1) V(min_count).
        V is computed on a grid and interpolated linearly in the logarithms.
        """
        grid = np.unique(np.geomspace(1, min_count, 24).astype(np.int64))
        values = [max(self.vocabulary(int(k)).expected, 0.5) for k in grid]
        all_counts = np.arange(1, min_count)
        rarer = np.exp(np.interp(np.log(all_counts), np.log(grid), np.log(values)))
        return max(float(rarer.sum()) - (min_count - 1) * values[-1], 0.0)

    def word_bytes(self, min_count: int) -> float:
        """Estimate the mean bytes of a word of the vocabulary, from its most frequent words."""
        table = self.sample.table
        least = max(1, int(min_count / self.factor))
        n_words = max(round(self.vocabulary(min_count).expected), 1)
        _, offsets, _, _ = table.select(table.counts(), least, n_words)
        return float(offsets[-1]) / max(len(offsets) - 1, 1)

    def sizes(self, min_count: int, max_vocab: int | None, *, low: bool = False) -> Sizes:
        """Return the expected numbers for the formulas of `w2v.training.needs`, or with `low` the lower bounds."""
        words, lines = (self.words.low, self.lines.low) if low else (self.words.expected, self.lines.expected)
        distinct, chosen = self.vocabulary(1), self.vocabulary(min_count, max_vocab)
        return Sizes(words, lines, distinct.low if low else distinct.expected,
                     chosen.low if low else chosen.expected, words * self.known_share(min_count, max_vocab),
                     self.word_bytes(min_count))


def _around(value: float, share: float) -> Estimate:
    return Estimate(value, value * max(1 - share, 0.0), value * (1 + share))
