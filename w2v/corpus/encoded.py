"""The encoded corpus."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import LINE_END
from w2v.corpus.line_weights import LineWeights
from w2v.corpus.vocabulary import Vocabulary

SHARD_TOLERANCE = 64


@dataclass(frozen=True)
class CorpusReport:
    """What was read. `words` = `words_unknown` + the words that training sees.

    `lines` counts lines with at least one word; `longest_line` is in words and `longest_word` in bytes, unknown words
    included. `invalid_utf8_words` counts occurrences of words that are not valid UTF-8 (they are kept), and
    `invalid_utf8_bytes` the bytes in them that belong to no character.
    """

    words: int = 0
    words_unknown: int = 0
    distinct_words: int = 0
    lines: int = 0
    longest_line: int = 0
    longest_word: int = 0
    crlf_lines: int = 0
    invalid_utf8_words: int = 0
    invalid_utf8_bytes: int = 0
    files: int = 0
    files_without_final_newline: int = 0
    hidden_files_skipped: int = 0
    utf8_boms: int = 0
    empty_tokens: int = 0
    bytes_read: int = 0
    seconds: float = 0.0
    line_weights: LineWeights | None = None
    words_joined: int = 0
    """Words of the text that went into the phrase of the word before them (see `w2v.phrases`), beside `words`."""


@dataclass(frozen=True, eq=False)
class EncodedCorpus:
    """Vocabulary and ids of a corpus.

    Attributes
    ----------
    vocabulary : see `w2v.corpus.vocabulary.Vocabulary`.
    ids : int32 (n_ids,), C contiguous, in memory or memory-mapped; -1 ends each line. There are no two -1 in a row and
        none at the start, the last entry is one. Lines without known words are left out. Where lines have weights,
        they stand before their words (csrc/text/lineweight.h), also before those of lines that have none left.
    n_words : entries of `ids` that are words.
    report : what was read.
    """

    vocabulary: Vocabulary
    ids: NDArray[np.int32]
    n_words: int
    report: CorpusReport

    def shards(self, n: int, *, whole_lines: bool = False) -> list[tuple[int, int]]:
        """Cut the ids into `n` consecutive ranges of near equal length that together are all of them.

        A cut lies right after a line end if there is one near; if not, inside the (huge) line, so that a corpus of one
        line is shared by all threads too; with `whole_lines` always at a line end. No range begins with a line end.
        Tiny corpora give fewer ranges.

        Returns
        -------
        (begin, end) of each range.

        Raises
        ------
        ValueError : `n` is below 1.
        """
        if n < 1:
            raise ValueError(f"the number of shards must be at least 1, not {n}")
        size = len(self.ids)
        tolerance = size if whole_lines else max(1, size // n // SHARD_TOLERANCE)
        bounds = [0]
        for i in range(1, n):
            cut = _cut_near(self.ids, i * size // n, tolerance)
            if bounds[-1] < cut < size:
                bounds.append(cut)
        return list(pairwise([*bounds, size]))


def _cut_near(ids: NDArray[np.int32], target: int, tolerance: int) -> int:
    """The place after a line end that is nearest to `target`, or `target` if all are further than `tolerance`."""
    width = min(512, tolerance)
    while True:
        low, high = max(1, target - width), min(len(ids), target + width)
        cuts = np.flatnonzero(ids[low - 1 : high] == LINE_END) + low
        if len(cuts) > 0:
            return int(cuts[np.abs(cuts - target).argmin()])
        if width == tolerance:
            return target
        width = min(2 * width, tolerance)


def corpus_checksum(corpus: EncodedCorpus) -> str:
    """SHA-256 of what is trained on: the words of the vocabulary in UTF-8, each with a newline, then the ids as
    little-endian int32. It is the same however the text is cut into files or compressed."""
    digest = hashlib.sha256()
    for start in range(0, len(corpus.vocabulary), 1 << 16):
        words = corpus.vocabulary.words[start:start + (1 << 16)]
        digest.update("".join(f"{word}\n" for word in words).encode("utf-8", "surrogateescape"))
    for start in range(0, len(corpus.ids), 1 << 22):
        digest.update(np.ascontiguousarray(corpus.ids[start:start + (1 << 22)], dtype="<i4").data)
    return digest.hexdigest()
