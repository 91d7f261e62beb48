"""Counting grams (a word, connector words, a word) in encoded text, and scoring them.

Place in the data flow: ids of a text -> grams that are frequent enough -> those whose score is high enough. Counting is
done by all threads in csrc/text/grams.c: each takes a share of all grams (by hash) and reads the whole text for it. A share
whose table would not fit into its part of the memory is cut into smaller ones and counted again, so counts are exact in
any memory and for any number of threads; nothing is ever pruned.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.errors import W2VError
from w2v.phrases._grams import CONNECTOR, NO_RUN, SPELLED, GramCounter, Spelling
from w2v.system.resources import available_memory

HASHES = 1 << 32
PIECE_IDS = 1 << 21  # between two looks at whether to stop
SMALL_TEXT = 1 << 16  # ids for which one thread is enough
SLOT_BYTES = 36  # a slot with its spelling's count, and half of it again while the table grows

DEFAULT_THRESHOLD = {"default": 10.0, "word2phrase": 100.0, "npmi": 0.5}
"""The ways to score and the threshold of each: gensim's, word2phrase.c's, and one in the middle of the range."""


@dataclass(frozen=True)
class Words:
    """The words of a text by id: spelled `blob[offsets[i]:offsets[i + 1]]`, with `counts` (n_words,) int64."""

    blob: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.counts)

    def spelled(self, word: int) -> bytes:
        return self.blob[self.offsets[word] : self.offsets[word + 1]].tobytes()

    def holding(self, some: bytes) -> NDArray[np.bool_]:
        """(n_words,) whether any of these bytes is in a word; of none: all True."""
        if not some:
            return np.ones(len(self), dtype=np.bool_)
        wanted = np.zeros(256, dtype=np.bool_)
        wanted[list(some)] = True
        found = np.zeros(len(self), dtype=np.bool_)
        for begin in range(0, len(self.blob), PIECE_IDS):
            places = begin + np.flatnonzero(wanted[self.blob[begin : begin + PIECE_IDS]])
            found[np.searchsorted(self.offsets, places, side="right") - 1] = True
        return found


@dataclass(frozen=True)
class Grams:
    """Grams that occur often enough, each at one place of the arrays, in no special order.

    Attributes
    ----------
    lefts, rights : int32 (k,), ids of the first and the last word. runs : uint32 (k,), what stands between.
    counts : int64 (k,) occurrences; grams and words that read alike when joined count together.
    word_counts : int64 (n_words,), the words with what reads like them.
    run_words : from a run to the ids of its connector words.
    n_distinct : different grams of the text, frequent or not, and those of them that read alike once.
    n_vocabulary : these and the different words that are no connectors, each spelling once: len_vocab in gensim.
    """

    lefts: NDArray[np.int32]
    runs: NDArray[np.uint32]
    rights: NDArray[np.int32]
    counts: NDArray[np.int64]
    word_counts: NDArray[np.int64]
    run_words: Callable[[int], tuple[int, ...]]
    n_distinct: int
    n_vocabulary: int

    def words_of(self, places: NDArray[np.int64]) -> list[tuple[int, ...]]:
        """The ids of the words of grams, from left to right."""
        return [(left, right) if run == 0 else (left, *self.run_words(run), right) for left, run, right in zip(
            self.lefts[places].tolist(), self.runs[places].tolist(), self.rights[places].tolist(), strict=True)]


def kinds_of(words: Words, connectors: Iterable[int], separator: bytes) -> NDArray[np.uint8]:
    """(n_words,) bits CONNECTOR and SPELLED, the latter where joining could give a spelling that is there already."""
    kinds = np.where(words.holding(separator), np.uint8(SPELLED), np.uint8(0))
    kinds[list(connectors)] |= CONNECTOR
    return kinds


def count_grams(
    ids: NDArray[np.int32], words: Words, connectors: Iterable[int], separator: bytes, *, least: int, threads: int,
    memory_share: float = 0.5, max_log2_slots: int | None = None, progress: Callable[[int], object] | None = None,
) -> Grams:
    """Count all grams of a text.

    Parameters
    ----------
    ids, words : the text; no gram has a negative id in it: line ends, and weights of lines.
    connectors : ids of the words that stand inside of grams only.
    separator : what joined words would have between them.
    least : grams that occur less often only count for `n_distinct`.
    threads : number of threads; the result does not depend on it.
    memory_share : of the memory that is available, for the tables of all threads together.
    max_log2_slots : instead of that, the size of each thread's table.
    progress : called with the number of ids that are done, of all shares together: at the end len(ids).

    Raises
    ------
    W2VError : there is not even memory for the smallest share.
    """
    kinds = kinds_of(words, connectors, separator)
    seen = words.counts > 0
    spelled = bool(((kinds & SPELLED != 0) & seen).any())
    spelling = Spelling(words.blob, words.offsets, separator) if spelled else None
    threads = 1 if len(ids) < SMALL_TEXT else threads
    if max_log2_slots is None:
        slots = memory_share * available_memory() / (threads * SLOT_BYTES)
        max_log2_slots = min(40, max(12, int(math.log2(max(slots, 1)))))
    counting = _Counting(ids, lambda first, share: GramCounter(kinds, words.counts, first, share, max_log2_slots,
                                                               spelling), least, progress)
    shares = counting.run(threads)
    n_distinct = sum(share[0] for share in shares)
    lefts, runs, rights, counts = (np.concatenate([share[i] for share in shares]) for i in (1, 2, 3, 4))
    alone = runs == NO_RUN
    word_counts = words.counts.copy()
    word_counts[lefts[alone]] = counts[alone]
    plain = (kinds & CONNECTOR == 0) & seen
    if spelled:
        plain &= kinds & SPELLED == 0  # the others are among what was counted
    return Grams(lefts[~alone], runs[~alone], rights[~alone], counts[~alone], word_counts, counting.run_words,
                 n_distinct, n_distinct + int(plain.sum()))


_Counted = tuple[int, NDArray[np.int32], NDArray[np.uint32], NDArray[np.int32], NDArray[np.int64]]


class _Counting:
    """The shares that are still to be counted, and what the threads found."""

    def __init__(self, ids: NDArray[np.int32], counter: Callable[[int, int], GramCounter], least: int,
                 progress: Callable[[int], object] | None) -> None:
        self.ids, self.counter, self.least, self.progress = ids, counter, least, progress
        self.lock = threading.Lock()
        self.shares: list[tuple[int, int]] = []
        self.found: list[_Counted] = []
        self.stopped = False
        self.done = 0.0
        self.run_words: Callable[[int], tuple[int, ...]] = lambda run: ()

    def run(self, threads: int) -> list[_Counted]:
        self.shares = _cut(0, HASHES, threads)
        if threads == 1:
            self._work()
            return self.found
        with ThreadPoolExecutor(threads, thread_name_prefix="w2v-grams") as pool:
            try:
                for worker in [pool.submit(self._work) for _ in range(threads)]:
                    worker.result()
            except BaseException:  # Ctrl-C too: the threads end at their next piece
                self.stopped = True
                raise
        return self.found

    def _work(self) -> None:
        try:
            while not self.stopped:
                with self.lock:
                    if not self.shares:
                        return
                    first, share = self.shares.pop()
                self._count(first, share)
        except BaseException:
            self.stopped = True
            raise

    def _count(self, first: int, share: int) -> None:
        counter = self.counter(first, share)
        taken = 0
        while taken < len(self.ids) and not counter.full and not self.stopped:
            more = counter.scan(self.ids[taken : taken + PIECE_IDS])
            taken += more
            with self.lock:
                self.done += more * share / HASHES
                if self.progress is not None:
                    self.progress(round(self.done))
        if self.stopped:
            return
        counted = counter.finish(self.least)
        with self.lock:
            if counted is not None:
                self.found.append(counted)
                self.run_words = counter.run_words  # all counters number runs alike
                return
            self.done -= taken * share / HASHES
            if share == 1:
                raise W2VError("not enough memory to count pairs of words; close other programs or use less text")
            # What is left of the text would fill as many tables at most.
            parts = max(2, math.ceil(len(self.ids) / max(taken, 1)))
            self.shares += _cut(first, share, min(parts, 256, share))


def _cut(first: int, share: int, parts: int) -> list[tuple[int, int]]:
    bounds = [first + share * i // parts for i in range(parts + 1)]
    return [(begin, end - begin) for begin, end in zip(bounds, bounds[1:], strict=False)]


def choose(grams: Grams, *, scoring: str, min_count: int, threshold: float, n_words: int,
           ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The grams whose score is above the threshold: their places by falling score, and the scores.

    With counts of the gram ab and of its first and last word:

    - "default": (ab - min_count) / (a * b) * (different words and grams of the text), gensim's `original_scorer`;
    - "word2phrase": (ab - min_count) / (a * b) * (words of the text), word2phrase.c;
    - "npmi": ln(p(ab) / (p(a) p(b))) / -ln p(ab), shares of all words of the text, where ab >= min_count.

    Source
    ------
    Mikolov et al. 2013 (Distributed Representations), equation 6; Bouma 2009; gensim 4, models/phrases.py;
    word2phrase.c.
    """
    a = grams.word_counts[grams.lefts].astype(np.float64)
    b = grams.word_counts[grams.rights].astype(np.float64)
    ab = grams.counts.astype(np.float64)
    if scoring == "npmi":
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = np.log(ab / n_words / (a / n_words * (b / n_words))) / -np.log(ab / n_words)
        # numpy's logarithm may differ from that of C in the last bit, which must not decide.
        near = np.flatnonzero((scores > threshold - 1e-9) & (grams.counts >= min_count))
        scores = np.full(len(ab), -np.inf)
        scores[near] = [_npmi(*values) for values in zip(
            (a[near] / n_words).tolist(), (b[near] / n_words).tolist(), (ab[near] / n_words).tolist(), strict=True)]
    else:
        scores = (ab - min_count) / (a * b) * (grams.n_vocabulary if scoring == "default" else n_words)
    chosen = np.flatnonzero(scores > threshold)
    order = np.lexsort((grams.runs[chosen], grams.rights[chosen], grams.lefts[chosen], -scores[chosen]))
    chosen = chosen[order]
    return chosen, scores[chosen]


def _npmi(a: float, b: float, ab: float) -> float:
    return math.log(ab / (a * b)) / -math.log(ab) if ab < 1 else -math.inf


def least_count(scoring: str, min_count: int) -> int:
    """How often a gram must occur to have a chance."""
    return min_count if scoring == "npmi" else min_count + 1
