"""Vocabulary of a corpus: words, exact counts, and the two distributions that training draws from.

Place in the data flow: word table of the tokenizer -> `select_words` -> `Vocabulary` -> training. Ids are ordered by
falling count, equal counts by the bytes of the words, so the same text gives the same ids on every machine and with any
number of threads. The words stay bytes in one array until they are needed as strings.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import DROPPED, LINE_END, WordTable
from w2v.corpus_options import TextOptions
from w2v.errors import CorpusError

Keep: TypeAlias = Callable[[str, int, int], bool]
"""(word, count, min_count) -> whether the word belongs to the vocabulary."""


class Vocabulary:
    """Words with their counts. The id of a word is its position.

    Parameters
    ----------
    blob : uint8 (n_bytes,), the bytes of all words, concatenated in id order.
    offsets : int64 (n_words + 1,), the start of each word in `blob`; the last entry is n_bytes.
    counts : int64 (n_words,), occurrences in the corpus, at least 0.

    Attributes
    ----------
    integer_keys : whether words stand for integers, which then are keys (`w2v.vectors.lookup`); False at first.
    text_options : how the words were made of the text; None at first, and if they are what is between white space.

    Raises
    ------
    ValueError : the three arrays are not consistent.

    Examples
    --------
    >>> vocabulary = Vocabulary.from_words(["the", "cat"], [7, 2])
    >>> vocabulary.words, vocabulary.total
    (['the', 'cat'], 9)
    """

    blob: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    counts: NDArray[np.int64]

    def __init__(self, blob: NDArray[np.uint8], offsets: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
        self.blob = np.ascontiguousarray(blob, dtype=np.uint8)
        self.offsets = np.ascontiguousarray(offsets, dtype=np.int64)
        self.counts = np.ascontiguousarray(counts, dtype=np.int64)
        self.integer_keys = False
        self.text_options: TextOptions | None = None
        if self.blob.ndim != 1 or self.offsets.ndim != 1 or self.counts.ndim != 1:
            raise ValueError("blob, offsets and counts must have one dimension each")
        if len(self.offsets) != len(self.counts) + 1:
            raise ValueError(f"{len(self.offsets)} offsets for {len(self.counts)} counts; there must be one more")
        if self.offsets[0] != 0 or self.offsets[-1] != len(self.blob) or (np.diff(self.offsets) < 1).any():
            raise ValueError("offsets must increase from 0 to the size of blob; no word is empty")
        if (self.counts < 0).any():
            raise ValueError("a count is negative")

    @classmethod
    def from_words(
        cls, words: Sequence[str], counts: Sequence[int] | NDArray[np.int64], *, integer_keys: bool = False,
        text_options: TextOptions | None = None,
    ) -> Vocabulary:
        """Make a vocabulary of the given words, in the given order.

        Parameters
        ----------
        words : distinct, non-empty words; lone surrogates represent bytes that are not UTF-8 (`surrogateescape`).
        counts : the count of each word.
        integer_keys, text_options : see the attributes.

        Raises
        ------
        ValueError : a word is empty or occurs twice, or the numbers of words and counts differ.
        """
        encoded = [word.encode("utf-8", "surrogateescape") for word in words]
        if len(set(encoded)) != len(encoded):
            key, _ = Counter(encoded).most_common(1)[0]
            raise ValueError(f"the word {words[encoded.index(key)]!r:.90} occurs twice")
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(word) for word in encoded], out=offsets[1:])
        made = cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets, np.asarray(counts, dtype=np.int64))
        made.integer_keys, made.text_options = integer_keys, text_options
        return made

    def __len__(self) -> int:
        return len(self.counts)

    def __repr__(self) -> str:
        return f"<Vocabulary of {len(self)} words, {self.total} tokens>"

    @cached_property
    def words(self) -> list[str]:
        """Words in id order; bytes that are not UTF-8 become lone surrogates (`surrogateescape`)."""
        data = self.blob.tobytes()
        bounds = self.offsets.tolist()
        return [data[begin:end].decode("utf-8", "surrogateescape") for begin, end in pairwise(bounds)]

    @cached_property
    def total(self) -> int:
        """Sum of all counts: the number of tokens of the corpus that are in the vocabulary."""
        return int(self.counts.sum())

    def keep_probabilities(self, sample: float) -> NDArray[np.float32]:
        """Return the probability that an occurrence of each word survives subsampling.

        Parameters
        ----------
        sample : threshold t on the share of a word in the corpus, usually 1e-3 to 1e-5; 0 keeps every occurrence.

        Returns
        -------
        float32 (n_words,), in (0, 1].

        Raises
        ------
        ValueError : `sample` is negative or not finite.

        Source
        ------
        word2vec.c, TrainModelThread: (sqrt(f / t) + 1) * t / f with f = count / tokens. The paper (Mikolov et al. 2013,
        equation 5) has sqrt(t / f).
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
        """Return the distribution of negative samples: counts to the power of `ns_exponent`, normalised.

        Parameters
        ----------
        ns_exponent : exponent, any finite number; 0 gives the uniform distribution, 1 that of the corpus.

        Returns
        -------
        float64 (n_words,), sum 1. Words of count 0 have probability 0 with any exponent.

        Raises
        ------
        ValueError : `ns_exponent` is not finite, or all counts are 0.

        Source
        ------
        Mikolov et al. 2013 (Distributed Representations), section 2.2: unigram distribution to the power of 3/4.
        """
        if not np.isfinite(ns_exponent):
            raise ValueError(f"ns_exponent must be a finite number, not {ns_exponent}")
        seen = self.counts > 0
        if not seen.any():
            raise ValueError("no word has a count above 0, so no negative samples can be drawn")
        weights = np.zeros(len(self), dtype=np.float64)
        # Relative to the highest weight, so that a large exponent cannot overflow. In single precision and with an
        # exact sum, because in double precision the last bits of a power differ between machines.
        counts, places = np.unique(self.counts[seen], return_inverse=True)
        bound = float(counts[-1] if ns_exponent > 0 else counts[0])
        powers = np.array([math.pow(count / bound, ns_exponent) for count in counts.tolist()], dtype=np.float32)
        weights[seen] = powers[places]
        return weights / math.fsum(weights)


def select_words(
    table: WordTable, counts: NDArray[np.int64], *, min_count: int, max_vocab: int | None, name: str,
    known: Sequence[str] = (), keep: Keep | None = None, hint: str = "",
) -> tuple[Vocabulary, NDArray[np.int32]]:
    """Choose and order the vocabulary from a filled word table.

    Parameters
    ----------
    table, counts : distinct words and, by provisional id, their counts.
    min_count : rarer words are left out.
    max_vocab : keep at most this many words, the most frequent ones; None for no limit.
    name : name of the corpus, for messages.
    known : distinct words that are always kept, even with count 0; they count towards `max_vocab`.
    keep : decides for each other word, instead of `min_count`.
    hint : what is wrong with the text, if that is known, for the error that no word is left.

    Returns
    -------
    The vocabulary, and the map for `w2v.corpus._tokenizer.remap`: int32 (n_distinct + 1,), where entry id + 1 is the
    final id of a provisional id, or DROPPED, and entry 0 is LINE_END.

    Raises
    ------
    CorpusError : the corpus has no words, or none is left.
    ValueError : `known` has more than `max_vocab` words.
    """
    _check_not_empty(counts, name)
    highest = int(counts.max())
    if keep is not None:
        counts, min_count = _without_refused_words(table, counts, keep, min_count, set(known)), 0
    if known:
        counts = _without_rare_words(table, counts, known, min_count, max_vocab)
        min_count, max_vocab = 0, None
    blob, offsets, chosen, final = table.select(counts, min_count, len(table) if max_vocab is None else max_vocab)
    if known and not chosen.any():
        raise CorpusError(f"{name}: none of the {len(known)} words of the initial vectors occurs in this corpus, and "
                          "no new word occurs min_count times")
    if len(chosen) == 0:
        if keep is not None:
            raise CorpusError(f"{name}: the rule for words leaves none of the {len(table)} distinct words")
        raise CorpusError(all_rare(name, len(table), min_count, highest, hint))
    return Vocabulary(blob, offsets, chosen), final


def all_rare(name: str, distinct: int, min_count: int, highest: int, hint: str = "") -> str:
    """Return the message for a corpus in which no word occurs `min_count` times; `hint` replaces its advice."""
    return (f"{name}: none of the {distinct} distinct words occurs {min_count} times; the highest count is {highest}; "
            f"{hint or f'use a min_count of at most {highest} or more text'}")


def _without_refused_words(
    table: WordTable, counts: NDArray[np.int64], keep: Keep, min_count: int, known: set[str]
) -> NDArray[np.int64]:
    """Return the counts, with -1 for each word that `keep` refuses and that is not known."""
    blob, offsets, in_order, final = table.select(counts, 0, len(table))
    words = Vocabulary(blob, offsets, in_order).words
    kept = np.array([word in known or bool(keep(word, count, min_count))
                     for word, count in zip(words, in_order.tolist(), strict=True)], dtype=np.bool_)
    return np.where(kept[final[1:]], counts, -1)


def _without_rare_words(
    table: WordTable, counts: NDArray[np.int64], known: Sequence[str], min_count: int, max_vocab: int | None
) -> NDArray[np.int64]:
    """Return the counts, with -1 for each word that is to be left out. The known words are added to the table.

    Raises
    ------
    ValueError : there are more than `max_vocab` known words.
    """
    if max_vocab is not None and max_vocab < len(known):
        raise ValueError(f"max_vocab = {max_vocab} is less than the {len(known)} words of the initial vectors, which "
                         "are all kept")
    known_ids, counts = _add_words(table, counts, [word.encode("utf-8", "surrogateescape") for word in known])
    others = counts.copy()
    others[known_ids] = -1
    room = len(table) if max_vocab is None else max_vocab - len(known)
    kept = table.select(others, min_count, room)[3][1:] >= 0
    kept[known_ids] = True
    return np.where(kept, counts, -1)


def map_words(
    table: WordTable, counts: NDArray[np.int64], vocabulary: Vocabulary, *, name: str
) -> tuple[int, NDArray[np.int32]]:
    """Map the words of a filled word table to the ids of a given vocabulary, which does not change.

    Returns
    -------
    The number of tokens of the corpus that are in the vocabulary, and the map for `w2v.corpus._tokenizer.remap`, as
    from `select_words`.

    Raises
    ------
    CorpusError : the corpus has no words, or none of the vocabulary.
    """
    _check_not_empty(counts, name)
    blob, bounds = vocabulary.blob.tobytes(), vocabulary.offsets.tolist()
    provisional, counts = _add_words(table, counts, [blob[begin:end] for begin, end in pairwise(bounds)])
    if not (n_words := int(counts[provisional].sum())):
        raise CorpusError(f"{name}: none of the {len(vocabulary)} words of the vocabulary occurs in this text")
    final = np.full(len(table) + 1, DROPPED, dtype=np.int32)
    final[0] = LINE_END
    final[provisional + 1] = np.arange(len(vocabulary), dtype=np.int32)
    return n_words, final


def _add_words(
    table: WordTable, counts: NDArray[np.int64], words: Sequence[bytes]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Add words to the table; return their provisional ids, and the counts with 0 for each word that is new."""
    ids = np.fromiter((table.add(word, 0) for word in words), dtype=np.int64, count=len(words))
    return ids, np.append(counts, np.zeros(len(table) - len(counts), dtype=np.int64))


def _check_not_empty(counts: NDArray[np.int64], name: str) -> None:
    if len(counts) == 0:
        raise CorpusError(f"{name}: the corpus is empty: it has no words")
