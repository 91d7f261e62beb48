"""Lines of a sample: their lengths, repetitions and languages.

Place in the data flow: `w2v.corpus.estimate.sample.Sample` -> `SampleLines` -> checks.

Of a corpus that was read completely all lines are complete. Of others only lines that lie within a chunk of 64 KiB are
looked at, so that very long lines are missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import LINE_END
from w2v.corpus.estimate.sample import Sample

LEAST_REPEATED = 5
"""Words of a line from which a repetition counts: short lines repeat by chance."""


@dataclass(frozen=True)
class SampleLines:
    """The non-empty lines of a sample.

    Attributes
    ----------
    ids : (t,) ids of the words of all lines.
    begins : (n + 1,) first word of each line, and t.
    chunk : (n,) chunk of each line.
    """

    ids: NDArray[np.int64]
    begins: NDArray[np.int64]
    chunk: NDArray[np.int64]

    @classmethod
    def of(cls, sample: Sample) -> SampleLines:
        """Return the lines of a sample."""
        ids, sizes, chunks = [], [], []
        for number, chunk in enumerate(_chunks(sample)):
            ends = np.flatnonzero(chunk == LINE_END)
            words = chunk[ends[0] + 1:ends[-1] + 1] if len(ends) else chunk[:0]
            lengths = np.diff(ends) - 1
            ids.append(words[words != LINE_END])
            sizes.append(lengths[lengths > 0])
            chunks.append(np.full(len(sizes[-1]), number))
        size = np.concatenate(sizes) if sizes else np.zeros(0, np.int64)
        begins = np.concatenate((np.zeros(1, np.int64), np.cumsum(size)))
        return cls(np.concatenate(ids).astype(np.int64) if ids else np.zeros(0, np.int64), begins,
                   np.concatenate(chunks) if chunks else np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self.begins) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(n,) words of each line."""
        return np.diff(self.begins)

    @property
    def line_of_word(self) -> NDArray[np.int64]:
        """(t,) line of each word."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def words_of(self, line: int) -> NDArray[np.int64]:
        """Return the ids of the words of a line."""
        return self.ids[self.begins[line]:self.begins[line + 1]]

    def repetitions(self) -> tuple[NDArray[np.bool_], list[tuple[int, int]]]:
        """Return whether each line (n,) repeats an earlier one, and the most repeated lines with their number.

        Lines of fewer than `LEAST_REPEATED` words do not count as repetitions. Lines are compared by a hash of 64 bits.
        """
        repeated = np.zeros(len(self), dtype=np.bool_)
        long = np.flatnonzero(self.lengths >= LEAST_REPEATED)
        if not len(long):
            return repeated, []
        hashes = self._hashes()[long]
        _, first, inverse, counts = np.unique(hashes, return_index=True, return_inverse=True, return_counts=True)
        repeated[long] = True
        repeated[long[first]] = False
        most = np.argsort(-counts, kind="stable")[:5]
        return repeated, [(int(long[first[i]]), int(counts[i])) for i in most if counts[i] > 1]

    def _hashes(self) -> NDArray[np.uint64]:
        """Return (n,) hashes of the lines: sums, modulo 2^64, of a hash of each word and its place in the line."""
        place = (np.arange(len(self.ids)) - np.repeat(self.begins[:-1], self.lengths)).view(np.uint64)
        mixed = self.ids.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ place * np.uint64(0xC2B2AE3D27D4EB4F)
        for shift in (30, 27):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(0x94D049BB133111EB)
        return np.add.reduceat(mixed, self.begins[:-1]) if len(self) else mixed


def _chunks(sample: Sample) -> Iterator[NDArray[np.int32]]:
    """Yield chunks that begin and end with a line end as far as complete lines are known."""
    end = np.array([LINE_END], dtype=np.int32)
    if not sample.complete:
        yield from sample.chunks
        return
    order = sorted(range(len(sample.chunks)), key=lambda i: sample.places[i])
    parts: list[NDArray[np.int32]] = []
    for position, i in enumerate(order):
        parts.append(sample.chunks[i])
        following = order[position + 1] if position + 1 < len(order) else None
        if following is None or sample.places[following][0] != sample.places[i][0]:
            yield np.concatenate((end, *parts, end))
            parts = []
