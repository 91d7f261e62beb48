"""Encoded corpus: the vocabulary, the text as int32 ids, and a report of what was read.

Place in the data flow: result of `w2v.corpus.encode`, input of training.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import LINE_END
from w2v.corpus.line_weights import LineWeights
from w2v.corpus.traits import TextTraits
from w2v.corpus.vocabulary import Vocabulary
from w2v.system.report import Report

SHARD_TOLERANCE = 64
"""A shard may end up to 1/64 of its length away from the even cut, if a line ends there."""


@dataclass(frozen=True, repr=False)
class CorpusReport(Report):
    """Statistics of the text that was read.

    Attributes
    ----------
    words : words of the text, without `stop_words`; `words_unknown` plus the words that training sees.
    words_unknown : words that are not in the vocabulary.
    distinct_words : distinct words of the text, unknown ones included.
    lines : lines with at least one word.
    longest_line : words of the longest line, unknown ones included.
    longest_word : bytes of the longest word, which may be unknown.
    crlf_lines : lines that end with CR LF.
    invalid_utf8_words : occurrences of words that are not valid UTF-8; they are kept.
    invalid_utf8_bytes : bytes of these words that belong to no character.
    files : files read.
    files_without_final_newline : files that did not end with a line end.
    hidden_files_skipped : hidden files and folders that were skipped.
    dangling_links_skipped : links to files or folders that do not exist.
    special_files_skipped : pipes, sockets and devices in folders.
    utf8_boms : files that began with a UTF-8 byte order mark.
    empty_tokens : empty tokens in an iterable; they are dropped.
    bytes_read : bytes read from disk, compressed where the files are.
    seconds : time of reading and encoding.
    line_weights : statistics of the weights; None if lines have no weights.
    traits : measures that show whether the text is prepared for training (`w2v.corpus.warnings`).
    words_joined : words of the text that were joined to the word before them (see `w2v.phrases`), not included in
        `words`.
    stop_words : occurrences of stop words (`w2v.corpus_options.TextOptions`), which were left out.
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
    dangling_links_skipped: int = 0
    special_files_skipped: int = 0
    utf8_boms: int = 0
    empty_tokens: int = 0
    bytes_read: int = 0
    seconds: float = 0.0
    line_weights: LineWeights | None = None
    traits: TextTraits = TextTraits()
    words_joined: int = 0
    stop_words: int = 0

    def brief(self) -> str:
        return f"words={self.words}, distinct_words={self.distinct_words}, lines={self.lines}, files={self.files}"


@dataclass(frozen=True, eq=False)
class EncodedCorpus:
    """Vocabulary and ids of a corpus.

    Attributes
    ----------
    vocabulary : words and counts.
    ids : int32 (n_ids,), C contiguous, in memory or memory-mapped. -1 ends each line: the last entry is -1, the first
        is not, and no two follow each other. Lines without known words are left out. The weight of a line precedes its
        words (csrc/text/lineweight.h), and remains even if the line has no known words.
    n_words : number of entries of `ids` that are words.
    report : statistics of the text.

    Examples
    --------
    >>> from w2v.corpus.encode import encode
    >>> corpus = encode([["a", "b", "a"], ["b", "c"]], min_count=2)
    >>> corpus.vocabulary.words, corpus.ids.tolist(), corpus.n_words
    (['a', 'b'], [0, 1, 0, -1, 1, -1], 4)
    """

    vocabulary: Vocabulary
    ids: NDArray[np.int32]
    n_words: int
    report: CorpusReport

    def read(self, begin: int, end: int) -> NDArray[np.int32]:
        """Return `ids[begin:end]` as training sees them; a view if possible, not to be written to."""
        return self.ids[begin:end]

    def shards(self, n: int, *, whole_lines: bool = False) -> list[tuple[int, int]]:
        """Cut the ids into `n` consecutive ranges of nearly equal length.

        A cut follows a line end if there is one near the even cut. Otherwise it lies inside the (very long) line, so
        that all threads share a corpus of one line. No range begins with a line end. A very small corpus gives fewer
        ranges.

        Parameters
        ----------
        n : number of ranges, at least 1.
        whole_lines : cut only at line ends.

        Returns
        -------
        (begin, end) of each range; together they cover all ids.

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
            cut = _cut_near(self, i * size // n, tolerance)
            if bounds[-1] < cut < size:
                bounds.append(cut)
        return list(pairwise([*bounds, size]))


def _cut_near(corpus: EncodedCorpus, target: int, tolerance: int) -> int:
    """Return the position after a line end that is nearest to `target`; `target` if none is within `tolerance`."""
    width = min(512, tolerance)
    while True:
        low, high = max(1, target - width), min(len(corpus.ids), target + width)
        cuts = np.flatnonzero(corpus.read(low - 1, high) == LINE_END) + low
        if len(cuts) > 0:
            return int(cuts[np.abs(cuts - target).argmin()])
        if width == tolerance:
            return target
        width = min(2 * width, tolerance)


def corpus_checksum(corpus: EncodedCorpus) -> str:
    """Return the SHA-256 of the training data as 64 hex digits.

    Hashed are the words of the vocabulary in UTF-8, each followed by a newline, then the ids as little-endian int32.
    The result does not depend on how the text is split into files or compressed.
    """
    digest = hashlib.sha256()
    for start in range(0, len(corpus.vocabulary), 1 << 16):
        words = corpus.vocabulary.words[start:start + (1 << 16)]
        digest.update("".join(f"{word}\n" for word in words).encode("utf-8", "surrogateescape"))
    for start in range(0, len(corpus.ids), 1 << 22):
        digest.update(np.ascontiguousarray(corpus.read(start, start + (1 << 22)), dtype="<i4").data)
    return digest.hexdigest()
