"""The vocabulary: words, exact counts, and the two distributions that training draws from.

Ids go by falling count, equal counts by bytes, so the same text gives the same ids on every machine and with any
number of threads. The words stay bytes in one array until somebody asks for strings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import DROPPED, LINE_END, WordTable
from w2v.errors import CorpusError


class Vocabulary:
    """Words with their counts; the id of a word is its place.

    Parameters
    ----------
    blob : uint8 (n_bytes,), the bytes of all words one after the other, in id order.
    offsets : int64 (n_words + 1,), where each word begins in `blob`; the last is n_bytes.
    counts : int64 (n_words,), occurrences in the corpus, at least 0.

    Raises
    ------
    ValueError : the three do not fit together.
    """

    def __init__(self, blob: NDArray[np.uint8], offsets: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
        self.blob = np.ascontiguousarray(blob, dtype=np.uint8)
        self.offsets = np.ascontiguousarray(offsets, dtype=np.int64)
        self.counts = np.ascontiguousarray(counts, dtype=np.int64)
        if self.blob.ndim != 1 or self.offsets.ndim != 1 or self.counts.ndim != 1:
            raise ValueError("blob, offsets and counts must have one dimension each")
        if len(self.offsets) != len(self.counts) + 1:
            raise ValueError(f"{len(self.offsets)} offsets for {len(self.counts)} counts; there must be one more")
        if self.offsets[0] != 0 or self.offsets[-1] != len(self.blob) or (np.diff(self.offsets) < 1).any():
            raise ValueError("offsets must rise from 0 to the size of blob; no word is empty")
        if (self.counts < 0).any():
            raise ValueError("a count is negative")

    @classmethod
    def from_words(cls, words: Sequence[str], counts: Sequence[int] | NDArray[np.int64]) -> Vocabulary:
        """A vocabulary of the given words, in the given order.

        Raises
        ------
        ValueError : a word is empty or comes twice, or there are not as many counts as words.
        """
        encoded = [word.encode("utf-8", "surrogateescape") for word in words]
        if len(set(encoded)) != len(encoded):
            key, _ = Counter(encoded).most_common(1)[0]
            raise ValueError(f"the word {words[encoded.index(key)]!r} comes twice")
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(word) for word in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets, np.asarray(counts, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.counts)

    def __repr__(self) -> str:
        return f"<Vocabulary of {len(self)} words, {self.total} tokens>"

    @cached_property
    def words(self) -> list[str]:
        """The words in id order; bytes that are not UTF-8 become lone surrogates (`surrogateescape`)."""
        data = self.blob.tobytes()
        bounds = self.offsets.tolist()
        return [data[begin:end].decode("utf-8", "surrogateescape") for begin, end in pairwise(bounds)]

    @cached_property
    def total(self) -> int:
        """Sum of all counts: the in-vocabulary tokens of the corpus."""
        return int(self.counts.sum())

    def keep_probabilities(self, sample: float) -> NDArray[np.float32]:
        """Probability that one occurrence of each word survives subsampling.

        Parameters
        ----------
        sample : the threshold t on the share of a word in the corpus, usually 1e-3 to 1e-5; 0 keeps everything.

        Returns
        -------
        float32 (n_words,), in (0, 1].

        Raises
        ------
        ValueError : `sample` is negative or not finite.

        Source
        ------
        word2vec.c, TrainModelThread: (sqrt(f / t) + 1) * t / f with f = count / tokens (the paper, Mikolov et al. 2013
        equation 5, has sqrt(t / f)).
        """
        if not (np.isfinite(sample) and sample >= 0):
            raise ValueError(f"sample must be a number of at least 0, not {sample}")
        keep = np.ones(len(self), dtype=np.float64)
        if sample > 0 and self.total > 0:
            seen = self.counts > 0
            ratio = sample * self.total / self.counts[seen]  # t / f
            keep[seen] = np.minimum(np.sqrt(ratio) + ratio, 1.0)
        return keep.astype(np.float32)

    def noise_weights(self, ns_exponent: float = 0.75) -> NDArray[np.float64]:
        """Distribution of negative samples: counts to the power of `ns_exponent`, made to sum to 1.

        Returns
        -------
        float64 (n_words,). Words of count 0 are never drawn, whatever the exponent.

        Raises
        ------
        ValueError : `ns_exponent` is not finite, or no word has a count.
        """
        if not np.isfinite(ns_exponent):
            raise ValueError(f"ns_exponent must be a finite number, not {ns_exponent}")
        seen = self.counts > 0
        if not seen.any():
            raise ValueError("no word has a count above 0, so there is nothing to draw from")
        weights = np.zeros(len(self), dtype=np.float64)
        # Relative to the highest count, so that a large exponent cannot overflow.
        logs = ns_exponent * np.log(self.counts[seen].astype(np.float64))
        weights[seen] = np.exp(logs - logs.max())
        weights /= weights.sum()
        return weights


def select_words(
    table: WordTable, counts: NDArray[np.int64], *, min_count: int, max_vocab: int | None, name: str,
    known: Sequence[str] = (),
) -> tuple[Vocabulary, NDArray[np.int32]]:
    """Choose and order the words of a filled table.

    Parameters
    ----------
    table, counts : the distinct words and, by provisional id, their counts.
    min_count : words below are left out.
    max_vocab : if not None, only so many of the first are kept.
    name : the corpus, for the error messages.
    known : distinct words that are kept whatever their count, also 0; they count towards `max_vocab`.

    Returns
    -------
    The vocabulary, and int32 (n_distinct + 1,) for `w2v.corpus._tokenizer.remap`: entry id + 1 is the final id of a provisional one
    or DROPPED, entry 0 is LINE_END.

    Raises
    ------
    CorpusError : no words at all, or none is left.
    """
    _check_not_empty(counts, name)
    if known:
        counts = _without_the_rare(table, counts, known, min_count, max_vocab)
        min_count, max_vocab = 0, None
    blob, offsets, chosen, final = table.select(counts, min_count, len(table) if max_vocab is None else max_vocab)
    if known and not chosen.any():
        raise CorpusError(f"{name}: none of the {len(known)} words to go on with stands in this text, and no new word "
                          "occurs min_count times")
    if len(chosen) == 0:
        raise CorpusError(all_rare(name, len(table), min_count, int(counts.max())))
    return Vocabulary(blob, offsets, chosen), final


def all_rare(name: str, distinct: int, min_count: int, highest: int) -> str:
    """What to say of a text without a word that is frequent enough."""
    return (f"{name}: none of the {distinct} distinct words occurs {min_count} times, the highest count is {highest}; "
            f"use a min_count of at most {highest} or more text")


def _without_the_rare(
    table: WordTable, counts: NDArray[np.int64], known: Sequence[str], min_count: int, max_vocab: int | None
) -> NDArray[np.int64]:
    """The counts with those of all words that shall not be in the vocabulary made -1; the table gets the known ones.

    Raises
    ------
    ValueError : there are more known words than `max_vocab`.
    """
    if max_vocab is not None and max_vocab < len(known):
        raise ValueError(f"max_vocab = {max_vocab} is less than the {len(known)} words to go on with, which all stay")
    places, counts = _add_words(table, counts, [word.encode("utf-8", "surrogateescape") for word in known])
    others = counts.copy()
    others[places] = -1
    room = len(table) if max_vocab is None else max_vocab - len(known)
    new = table.select(others, min_count, room)[3][1:] >= 0
    new[places] = True
    return np.where(new, counts, -1)


def map_words(
    table: WordTable, counts: NDArray[np.int64], vocabulary: Vocabulary, *, name: str
) -> tuple[int, NDArray[np.int32]]:
    """The words of a filled table as ids of a given vocabulary, which gets no others.

    Returns
    -------
    How many words of the text are in it, and the map for `w2v.corpus._tokenizer.remap` as from `select_words`.

    Raises
    ------
    CorpusError : no words at all, or none of the vocabulary.
    """
    _check_not_empty(counts, name)
    blob, bounds = vocabulary.blob.tobytes(), vocabulary.offsets.tolist()
    places, counts = _add_words(table, counts, [blob[begin:end] for begin, end in pairwise(bounds)])
    if not (n_words := int(counts[places].sum())):
        raise CorpusError(f"{name}: none of the {len(vocabulary)} words of the vocabulary stands in this text")
    final = np.full(len(table) + 1, DROPPED, dtype=np.int32)
    final[0] = LINE_END
    final[places + 1] = np.arange(len(vocabulary), dtype=np.int32)
    return n_words, final


def _add_words(
    table: WordTable, counts: NDArray[np.int64], words: Sequence[bytes]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Provisional ids of words, which join the table where they are new; and the counts, with 0 for those."""
    places = np.fromiter((table.add(word, 0) for word in words), dtype=np.int64, count=len(words))
    return places, np.append(counts, np.zeros(len(table) - len(counts), dtype=np.int64))


def _check_not_empty(counts: NDArray[np.int64], name: str) -> None:
    if len(counts) == 0:
        raise CorpusError(f"{name}: the corpus is empty, there is no word in it")
