"""Samples of an encoded corpus, without the last items of the lines that are held out.

Place in the data flow: `w2v.corpus.encode` -> `Samples` -> small encoded corpora for trials, and the last two items of
held-out lines for `w2v.tuning.metric`. The text is not read again.

A line is in a sample if its random number is below the share, so samples are spread evenly, and each contains the
smaller ones. Longer lines are cut into pieces of `PIECE` words, so that a corpus of one line can be sampled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import DROPPED, LINE_END, remap
from w2v.corpus.encoded import EncodedCorpus, EncodedText, Ids, whole_lines
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import CorpusError
from w2v.evaluation.sets.reading import TwoWords
from w2v.training.held_out.streams import uniform

PIECE = 1000
HELD_OUT_SHARE = 0.1  # largest share of the lines
HELD_OUT_LINES = 20_000  # about so many lines are held out of a large corpus: 10,000 for each half
_APART = 7919  # between the random numbers of the pieces of two long lines
_SAMPLE, _HOLD = 0x5A, 0x5B  # streams of random numbers, apart from those of `w2v.training.held_out`


class Samples:
    """Samples of a corpus by their share of its lines.

    Parameters
    ----------
    text : the corpus; its vocabulary has all words of all samples.
    hold_out : whether the last words of some lines are held out: the lines are trained on without them.
    cut_lines : whether long lines may be cut; not with windows of whole lines.
    seed : of the samples and of the lines.

    Attributes
    ----------
    pairs : the last two words of the lines that are held out.

    Raises
    ------
    CorpusError : there are too few lines with two words to hold any out.
    """

    text: EncodedText
    pairs: list[TwoWords]

    def __init__(self, text: EncodedText, hold_out: bool, cut_lines: bool = True, seed: int = 1) -> None:
        self.text, self._cut, self._seed = text, cut_lines, seed
        self._hold = 0.0
        self.pairs = []
        self._last: tuple[float, Ids, NDArray[np.int64], int] | None = None  # share, ids, counts, lines
        self._made: tuple[float, int, EncodedCorpus] | None = None  # the last sample: most trials have the same
        if hold_out:
            self._hold = min(HELD_OUT_SHARE, HELD_OUT_LINES / max(text.report.lines, 1))
            self.pairs = self._held_out()

    def at(self, share: float, min_count: int) -> EncodedText:
        """Return a sample with the words that occur in it `min_count` times, as training on its lines would see it.

        Parameters
        ----------
        share : of the lines, above 0 and at most 1.
        min_count : at least that of the whole text.

        Raises
        ------
        CorpusError : no word occurs often enough.
        """
        if share >= 1 and not self._hold and min_count <= int(self.text.vocabulary.counts[-1]):
            return self.text
        if self._made is None or self._made[:2] != (share, min_count):
            self._made = share, min_count, self._encoded(share, min_count)
        return self._made[2]

    def _encoded(self, share: float, min_count: int) -> EncodedCorpus:
        ids, counts, lines = self._drawn(share)
        order = np.argsort(-counts, kind="stable")
        order = order[:int(np.count_nonzero(counts >= max(min_count, 1)))]
        if not len(order):
            raise CorpusError(f"the corpus is too small: in a sample of {share:.2%} of its lines no word occurs "
                              f"{min_count} times")
        final = np.full(len(counts) + 1, DROPPED, np.int32)
        final[0] = LINE_END
        final[order + 1] = np.arange(len(order), dtype=np.int32)
        out = np.empty(len(ids) + 1, np.int32)
        kept, _ = remap(ids, final, out, LINE_END)
        vocabulary = _chosen_words(self.text.vocabulary, order, counts[order])
        n = vocabulary.total
        report = replace(self.text.report, words=n, words_unknown=0, lines=lines, distinct_words=len(vocabulary))
        return EncodedCorpus(vocabulary, out[:kept], n, report)

    def _drawn(self, share: float) -> tuple[Ids, NDArray[np.int64], int]:
        """Return the ids of a sample, the counts of its words, and the number of its lines."""
        if self._last is None or self._last[0] != share:
            parts: list[Ids] = []
            counts, lines = np.zeros(len(self.text.vocabulary), np.int64), 0
            for ids, number, begins, ends in self._lines():
                drawn, n = self._of_part(ids, number, begins, ends, share)
                counts += np.bincount(drawn[drawn >= 0], minlength=len(counts))
                parts.append(drawn)
                lines += n
            self._last = share, np.concatenate(parts) if parts else np.empty(0, np.int32), counts, lines
        return self._last[1], self._last[2], self._last[3]

    def _lines(self) -> Iterator[tuple[Ids, int, NDArray[np.int64], NDArray[np.int64]]]:
        """Yield ids of whole lines, the number of the first one, and where each begins and has its line end."""
        number = 0
        for ids in whole_lines(self.text.scan()):
            ends = np.flatnonzero(ids == LINE_END)
            yield ids, number, np.concatenate([[0], ends[:-1] + 1]), ends
            number += len(ends)

    def _held(self, number: int, lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which lines are held out."""
        return (self._random(number, len(lengths), _HOLD) < self._hold) & (lengths >= 2)

    def _random(self, number: int, n: int, stream: int) -> NDArray[np.float64]:
        """Return a random number for each of n lines."""
        return self._uniform(np.arange(number, number + n), stream)

    def _uniform(self, numbers: NDArray[np.int64], stream: int) -> NDArray[np.float64]:
        """Return a random number for each number, by the seed."""
        return uniform(numbers + (self._seed % (1 << 18) << 44), stream)

    def _held_out(self) -> list[TwoWords]:
        found: list[TwoWords] = []
        words = self.text.vocabulary.words
        for ids, number, begins, ends in self._lines():
            last = ends[self._held(number, ends - begins)] - 1
            found += [(words[a], words[b]) for a, b in zip(ids[last - 1].tolist(), ids[last].tolist(), strict=True)]
        if len(found) < 2:
            raise CorpusError("the corpus is too small: it needs more lines with two words or more, of which one in "
                              f"{round(1 / HELD_OUT_SHARE)} is held out")
        return found

    def _of_part(self, ids: Ids, number: int, begins: NDArray[np.int64], ends: NDArray[np.int64],
                 share: float) -> tuple[Ids, int]:
        """Return the ids of the lines of a part that are in a sample, and their number."""
        lengths = ends - begins + 1
        kept = np.repeat(self._random(number, len(begins), _SAMPLE) < share, lengths)
        found: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
        long = np.flatnonzero(lengths > 2 * PIECE) if self._cut and share < 1 else ()
        for line in long:
            pieces = np.arange(begins[line], ends[line] + 1 - PIECE, PIECE)
            bounds = np.append(pieces, ends[line] + 1)
            own = self._uniform(pieces + (number + int(line)) * _APART, _SAMPLE) < share
            kept[bounds[0]:bounds[-1]] = np.repeat(own, np.diff(bounds))
            found.append(bounds[1:-1][own[:-1]])
        cuts = np.concatenate(found)
        if self._hold:
            kept[ends[self._held(number, ends - begins)] - 1] = False
        n = int(np.count_nonzero(kept[ends])) + len(cuts)
        places = np.cumsum(kept)[cuts - 1] if len(cuts) else cuts
        return np.insert(ids[kept], places, np.int32(LINE_END)), n


def _chosen_words(whole: Vocabulary, order: NDArray[np.int64], counts: NDArray[np.int64]) -> Vocabulary:
    """Return a vocabulary of some words of another one, in an order, with new counts."""
    data, bounds = whole.blob, whole.offsets
    lengths = np.diff(bounds)[order]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    places = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths) + np.repeat(bounds[order], lengths)
    found = Vocabulary(data[places], offsets, counts)
    found.integer_keys, found.text_options = whole.integer_keys, whole.text_options
    return found


