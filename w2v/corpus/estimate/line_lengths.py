"""Lengths of the lines of a text, from a sample: what windows of whole lines cost.

Place in the data flow: `TextEstimate`, files -> `LineLengths` -> `w2v.planning`. Lines are weighted by their words,
since the cost of a word depends on the length of its line. In a text that was not read completely, they are the lines
at random bytes, read as far as time allows.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import LINE_END, remap
from w2v.corpus.estimate.estimate import TextEstimate
from w2v.errors import W2VError
from w2v.types import Floats

LINES = 256  # to look at
SECONDS = 0.6  # to search for their ends
PIECE = 1 << 16  # bytes of the first read, the next ones are larger
MOST_PIECE = 8 << 20


@dataclass(frozen=True)
class LineLengths:
    """Lengths of lines, in words of the vocabulary.

    Attributes
    ----------
    lengths, weights : (n,), the lines looked at, and the share of the words that each stands for.
    complete : whether these are all lines of the text.
    cut : whether the end of a line was not found in time: it is longer.
    """

    lengths: Floats
    weights: Floats
    complete: bool
    cut: bool = False

    @property
    def longest(self) -> float:
        """Words of the longest line that was seen."""
        return float(self.lengths.max(initial=0.0))

    def contexts(self, most: int | None) -> float:
        """Return the mean number of contexts of a word: all others of its line, or at most `most` of them."""
        return float((self.weights * _contexts(self.lengths, most)).sum())


def _contexts(lengths: Floats, most: int | None) -> Floats:
    others: Floats = np.maximum(lengths - 1, 0.0)
    return others if most is None else np.minimum(others, most)


def sum_of_pairs(lengths: Floats, most: int | None) -> float:
    """Return the pairs of a centre and a context in lines of these lengths, with at most `most` contexts of a word."""
    return float((lengths * _contexts(lengths, most)).sum())


def line_lengths(estimate: TextEstimate, min_count: int, max_vocab: int | None) -> LineLengths:
    """Find the lengths of lines in words of the vocabulary.

    Raises
    ------
    W2VError : a file cannot be read any more.
    """
    sample = estimate.sample
    if sample.complete or sample.is_table or all(part.from_start for part in sample.parts):
        return _of_ids(known_ids(estimate, min_count, max_vocab), sample.complete)
    plain = [place for place, packed in zip(sample.places, sample.packed, strict=True) if not packed]
    part = next(part for part in sample.parts if not part.from_start)
    sizes, cut = _at_places(plain[:LINES])
    n = len(sizes)
    _, line = np.unique(sizes, return_inverse=True)  # of one line, the words per byte near all its places count
    words = np.bincount(line, part.chunk_words[:n]) / np.maximum(np.bincount(line, part.chunk_bytes[:n]), 1)
    lengths = sizes * words[line] * estimate.known_share(min_count, max_vocab)
    return LineLengths(lengths, np.full(len(lengths), 1 / max(len(lengths), 1)), False, cut)


def known_ids(estimate: TextEstimate, min_count: int, max_vocab: int | None) -> NDArray[np.int32]:
    """Return the ids of the sample in the order of the text, without words that are too rare there."""
    sample = estimate.sample
    least = max(1, int(min_count / estimate.factor)) if not sample.complete else min_count
    final = sample.table.select(sample.table.counts(), least, len(sample.table) if max_vocab is None else max_vocab)[3]
    parts, last = [], LINE_END
    for k in sorted(range(len(sample.chunks)), key=lambda k: sample.places[k]):
        out = np.empty(len(sample.chunks[k]) + 1, np.int32)
        kept, last = remap(sample.chunks[k], final, out, last)
        parts.append(out[:kept])
    return np.concatenate(parts) if parts else np.zeros(0, np.int32)


def lengths_of(ids: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the words of each line of encoded text."""
    ends = np.append(np.flatnonzero(ids < 0), len(ids))
    lengths: NDArray[np.int64] = np.diff(ends, prepend=-1) - 1
    return lengths[lengths > 0]


def _of_ids(ids: NDArray[np.int32], complete: bool) -> LineLengths:
    lengths = lengths_of(ids).astype(np.float64)
    return LineLengths(lengths, lengths / max(lengths.sum(), 1.0), complete)


def _at_places(places: list[tuple[str, int]]) -> tuple[Floats, bool]:
    """Return the bytes of the line at each place, and whether an end was not found in time."""
    deadline = time.perf_counter() + SECONDS
    known: dict[str, list[tuple[int, int]]] = {}
    sizes: list[int] = []
    cut = False
    for path, offset in places:
        span = next(((a, b) for a, b in known.get(path, ()) if a <= offset < b), None)
        if span is None:
            if time.perf_counter() > deadline and sizes:
                break
            begin, end, found = _line_at(path, offset, deadline)
            span, cut = (begin, end), cut or not found
            known.setdefault(path, []).append(span)
        sizes.append(span[1] - span[0])
    return np.array(sizes, np.float64), cut


def _line_at(path: str, offset: int, deadline: float) -> tuple[int, int, bool]:
    """Return where the line at a byte of a file begins and ends, and whether both were found in time."""
    try:
        with open(path, "rb", buffering=0) as file:
            begin, end, piece = offset, offset, PIECE
            first = last = False  # whether the line's begin and end were found
            while not (first and last) and time.perf_counter() <= deadline:
                if not last:
                    file.seek(end)
                    data = file.read(piece)
                    at = data.find(b"\n")
                    end, last = (end + at, True) if at >= 0 else (end + len(data), not data)
                if not first:
                    start = max(begin - piece, 0)
                    file.seek(start)
                    at = file.read(begin - start).rfind(b"\n")
                    begin, first = (start + at + 1, True) if at >= 0 else (start, start == 0)
                piece = min(2 * piece, MOST_PIECE)
            return begin, end, first and last
    except OSError as error:
        raise W2VError(f"{path}: cannot read: {error.strerror or error}") from error
