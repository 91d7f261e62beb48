"""Counting and scoring of grams in encoded text. A gram is a word, any number of connector words, and a word.

Place in the data flow: ids of a text -> `count_grams` -> `choose` -> phrases. All threads count (csrc/text/grams.c):
each takes a share of all grams, by hash, and reads the whole text for it. A share whose table would exceed its part of
the memory is divided and counted again. Counts are therefore exact with any memory and any number of threads; no gram
is ever pruned.
"""

from __future__ import annotations

import inspect
import math
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.errors import W2VError
from w2v.phrases._grams import CONNECTOR, NO_RUN, SPELLED, GramCounter, Spelling
from w2v.system.resources import available_memory
from w2v.system.threads import Pool

HASHES = 1 << 32
SCAN_IDS = 1 << 21  # counted at a time; a thread stops only in between
SMALL_TEXT = 1 << 16  # ids below which one thread is enough
SLOT_BYTES = 36  # a slot with its spelling's count, and half of that again while the table grows

DEFAULT_THRESHOLD = {"default": 10.0, "word2phrase": 100.0, "npmi": 0.5}
"""Default threshold of each scoring: that of gensim, of word2phrase.c, and a medium value."""

Scorer: TypeAlias = Callable[..., float]
"""Function with the parameters SCORER_PARAMETERS, by name, which returns the score of a pair of words."""

SCORER_PARAMETERS = ("worda_count", "wordb_count", "bigram_count", "len_vocab", "min_count", "corpus_word_count")
"""Counts of the first word, of the last word and of the pair; distinct words and pairs; the option; words of the text.
The names are those of gensim."""


@dataclass(frozen=True)
class Words:
    """Words of a text by id.

    Attributes
    ----------
    blob, offsets : uint8 and int64 (n_words + 1,); the bytes of word i are blob[offsets[i]:offsets[i + 1]].
    counts : int64 (n_words,).
    """

    blob: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.counts)

    def spelled(self, word: int) -> bytes:
        """Return the bytes of a word."""
        return self.blob[self.offsets[word] : self.offsets[word + 1]].tobytes()

    def containing(self, some: bytes) -> NDArray[np.bool_]:
        """Return (n_words,), whether a word contains any of these bytes; all True if there are none."""
        if not some:
            return np.ones(len(self), dtype=np.bool_)
        wanted = np.zeros(256, dtype=np.bool_)
        wanted[list(some)] = True
        found = np.zeros(len(self), dtype=np.bool_)
        for begin in range(0, len(self.blob), SCAN_IDS):
            positions = begin + np.flatnonzero(wanted[self.blob[begin : begin + SCAN_IDS]])
            found[np.searchsorted(self.offsets, positions, side="right") - 1] = True
        return found


@dataclass(frozen=True)
class Grams:
    """Grams that are frequent enough, in no special order.

    Attributes
    ----------
    lefts, rights : int32 (k,), ids of the first and the last word.
    runs : uint32 (k,), number of the run of connector words between them; 0 is the empty run.
    counts : int64 (k,), occurrences. Grams and words with the same spelling when joined are counted together.
    word_counts : int64 (n_words,), occurrences of the words, with grams of the same spelling.
    run_words : returns the ids of the connector words of a run.
    n_distinct : distinct spellings of all grams of the text, frequent or not.
    n_vocabulary : distinct spellings of these and of all words that are not connectors: `len_vocab` in gensim.
    """

    lefts: NDArray[np.int32]
    runs: NDArray[np.uint32]
    rights: NDArray[np.int32]
    counts: NDArray[np.int64]
    word_counts: NDArray[np.int64]
    run_words: Callable[[int], tuple[int, ...]]
    n_distinct: int
    n_vocabulary: int

    def words_of(self, chosen: NDArray[np.int64]) -> list[tuple[int, ...]]:
        """Return the word ids, from left to right, of the grams at these positions."""
        return [(left, right) if run == 0 else (left, *self.run_words(run), right) for left, run, right in zip(
            self.lefts[chosen].tolist(), self.runs[chosen].tolist(), self.rights[chosen].tolist(), strict=True)]


def kinds_of(words: Words, connectors: Iterable[int], separator: bytes) -> NDArray[np.uint8]:
    """Return uint8 (n_words,), bits CONNECTOR and SPELLED. SPELLED marks words that contain a byte of the separator: a
    joined gram may have the same spelling as another gram or word only if such words occur."""
    kinds = np.where(words.containing(separator), np.uint8(SPELLED), np.uint8(0))
    kinds[list(connectors)] |= CONNECTOR
    return kinds


def count_grams(
    ids: NDArray[np.int32], words: Words, connectors: Iterable[int], separator: bytes, *, least: int, threads: int,
    memory_share: float = 0.5, max_log2_slots: int | None = None, progress: Callable[[int], object] | None = None,
) -> Grams:
    """Count all grams of a text.

    Parameters
    ----------
    ids, words : the text, int32 ids. No gram crosses a negative id (a line end, or the weight of a line).
    connectors : ids of the connector words, which occur only inside grams.
    separator : bytes between joined words.
    least : rarer grams are not returned, only counted in `n_distinct`.
    threads : number of threads; the result does not depend on it.
    memory_share : share of the available memory, 0 to 1, for the tables of all threads together.
    max_log2_slots : if given, the size of the table of each thread instead.
    progress : called with the number of ids done, len(ids) at the end.

    Raises
    ------
    W2VError : the memory is not enough even for the smallest share.
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
        plain &= kinds & SPELLED == 0  # the other words were counted like grams
    return Grams(lefts[~alone], runs[~alone], rights[~alone], counts[~alone], word_counts, counting.run_words,
                 n_distinct, n_distinct + int(plain.sum()))


_Counted = tuple[int, NDArray[np.int32], NDArray[np.uint32], NDArray[np.int32], NDArray[np.int64]]


class _Counting:
    """Work of the threads: shares that remain to be counted, and results.

    Attributes
    ----------
    shares : (first, size) of each share of the 2^32 hashes.
    found : results of `GramCounter.finish`.
    """

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
        """Count everything and return the results of all shares."""
        self.shares = _cut(0, HASHES, threads)
        if threads == 1:
            self._work()
            return self.found
        with Pool(threads, thread_name_prefix="w2v-grams") as pool:
            try:
                for worker in [pool.submit(self._work) for _ in range(threads)]:
                    worker.result()
            except BaseException:  # also Ctrl-C: the threads stop after their current scan
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
            more = counter.scan(self.ids[taken : taken + SCAN_IDS])
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
                self.run_words = counter.run_words  # the numbers of runs are the same in all counters
                return
            self.done -= taken * share / HASHES
            if share == 1:
                raise W2VError("not enough memory to count pairs of words; close other programs or use less text")
            # The rest of the text fills at most as many tables as its length is a multiple of the part that fitted.
            parts = max(2, math.ceil(len(self.ids) / max(taken, 1)))
            self.shares += _cut(first, share, min(parts, 256, share))


def _cut(first: int, share: int, parts: int) -> list[tuple[int, int]]:
    bounds = [first + share * i // parts for i in range(parts + 1)]
    return [(begin, end - begin) for begin, end in zip(bounds, bounds[1:], strict=False)]


def choose(grams: Grams, *, scoring: str | Scorer, min_count: int, threshold: float, n_words: int,
           ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Choose the grams with a score above the threshold.

    Parameters
    ----------
    grams : counts of the text.

    The other parameters and the errors are those of `score`.

    Returns
    -------
    Positions in `grams` by falling score, int64 (k,), and the scores, float64 (k,).
    """
    scores = score(grams.word_counts[grams.lefts], grams.word_counts[grams.rights], grams.counts, scoring=scoring,
                   min_count=min_count, threshold=threshold, n_vocabulary=grams.n_vocabulary, n_words=n_words)
    chosen = np.flatnonzero(scores > threshold)
    order = np.lexsort((grams.runs[chosen], grams.rights[chosen], grams.lefts[chosen], -scores[chosen]))
    chosen = chosen[order]
    return chosen, scores[chosen]


def score(
    a_counts: NDArray[np.int64], b_counts: NDArray[np.int64], ab_counts: NDArray[np.int64], *, scoring: str | Scorer,
    min_count: float, threshold: float, n_vocabulary: int, n_words: int,
) -> NDArray[np.float64]:
    """Return the scores (k,) of grams; those of "npmi" that are not above the threshold may be -inf.

    With the counts ab of the gram and a, b of its first and last word, the scores are:

    - "default": (ab - min_count) / (a * b) * n_vocabulary (gensim's `original_scorer`);
    - "word2phrase": (ab - min_count) / (a * b) * n_words (word2phrase.c);
    - "npmi": ln(p(ab) / (p(a) p(b))) / -ln p(ab), with p the share of n_words, for ab >= min_count;
    - a function: what it returns for SCORER_PARAMETERS.

    Parameters
    ----------
    a_counts, b_counts, ab_counts : (k,) counts of the first word, of the last word, and of the gram.
    n_vocabulary : distinct words and grams.
    n_words : words of the text.

    Raises
    ------
    TypeError : the function returns no number.

    Source
    ------
    Mikolov et al. 2013 (Distributed Representations), equation 6; Bouma 2009; gensim 4, models/phrases.py;
    word2phrase.c.
    """
    if callable(scoring):
        return np.array([_called(scoring, a, b, ab, n_vocabulary, min_count, n_words) for a, b, ab in zip(
            a_counts.tolist(), b_counts.tolist(), ab_counts.tolist(), strict=True)], dtype=np.float64)
    a, b, ab = (counts.astype(np.float64) for counts in (a_counts, b_counts, ab_counts))
    if scoring == "npmi":
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = np.log(ab / n_words / (a / n_words * (b / n_words))) / -np.log(ab / n_words)
        # The last bit of NumPy's logarithm may differ from that of C; it must not decide.
        near = np.flatnonzero((scores > threshold - 1e-9) & (ab_counts >= min_count))
        scores = np.full(len(ab), -np.inf)
        scores[near] = [_npmi(*values) for values in zip(
            (a[near] / n_words).tolist(), (b[near] / n_words).tolist(), (ab[near] / n_words).tolist(), strict=True)]
        return scores
    return (ab - min_count) / (a * b) * (n_vocabulary if scoring == "default" else n_words)


def _called(scorer: Scorer, a: int, b: int, ab: int, n_vocabulary: int, min_count: float, n_words: int) -> float:
    found = scorer(worda_count=a, wordb_count=b, bigram_count=ab, len_vocab=n_vocabulary, min_count=min_count,
                   corpus_word_count=n_words)
    if not isinstance(found, (int, float, np.number)):
        raise TypeError(f"the function scoring = {scorer!r} must return a number, not {found!r:.80}")
    return float(found)


def _npmi(a: float, b: float, ab: float) -> float:
    return math.log(ab / (a * b)) / -math.log(ab) if ab < 1 else -math.inf


def least_count(scoring: str | Scorer, min_count: int) -> int:
    """Return the lowest count of a gram that can have a score above the threshold."""
    return 1 if callable(scoring) else min_count if scoring == "npmi" else min_count + 1


def check_scorer(scorer: Scorer) -> None:
    """Raise ValueError if a function does not have the parameters SCORER_PARAMETERS."""
    try:
        inspect.signature(scorer).bind(**dict.fromkeys(SCORER_PARAMETERS, 1))
    except TypeError as error:
        raise ValueError(f"the function scoring = {scorer!r} must have the parameters {', '.join(SCORER_PARAMETERS)} "
                         f"({error})") from None
    except ValueError:
        pass  # a function of C without a signature
