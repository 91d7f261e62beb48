"""Vectors that several threads query at once, while what is made on first use is dropped again and again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

from w2v.keyedvectors import KeyedVectors
from w2v.vectors.lookup import Lookup

THREADS, TIMES = 6, 100
WORDS = [f"w{i}" for i in range(40)]


def vectors() -> KeyedVectors:
    return KeyedVectors(WORDS, np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32))


class AlwaysDropped(KeyedVectors):
    """Vectors whose lengths another thread drops as soon as they are made."""

    @property
    def _lengths(self) -> None:  # type: ignore[override]
        return None

    @_lengths.setter
    def _lengths(self, lengths: object) -> None:
        pass


class LookupDropped(Lookup):
    """Rows of words whose index another thread drops as soon as it is made."""

    @property
    def _index(self) -> None:  # type: ignore[override]
        return None

    @_index.setter
    def _index(self, index: object) -> None:
        pass


def test_lengths_that_are_dropped_at_once_are_returned() -> None:
    rows = np.array([[3, 4], [0, 2]], np.float32)
    assert AlwaysDropped(["a", "b"], rows).norms.tolist() == [5, 2]


def test_index_that_is_dropped_at_once_is_returned() -> None:
    assert LookupDropped(["a", "b"], 2).row("b") == 1


def drop_index(kv: KeyedVectors) -> None:
    kv._lookup._index = None


def drop_lengths(kv: KeyedVectors) -> None:
    kv.vectors = kv.vectors


def row_of_a_word(kv: KeyedVectors) -> object:
    return kv.key_to_index["w7"]


def neighbours(kv: KeyedVectors) -> object:
    return kv.most_similar("w7", topn=3)


def norm(kv: KeyedVectors) -> object:
    return float(kv.norms[7])


@pytest.mark.parametrize(("drop", "ask"), [
    (drop_index, row_of_a_word), (drop_index, neighbours), (drop_lengths, norm), (drop_lengths, neighbours),
])
def test_queries_in_threads_have_the_answers_of_one(
    drop: Callable[[KeyedVectors], None], ask: Callable[[KeyedVectors], object]
) -> None:
    kv, start = vectors(), Barrier(THREADS)
    expected = ask(kv)

    def work(number: int) -> bool:
        start.wait()
        for _ in range(TIMES):
            if number == 0:
                drop(kv)
            elif ask(kv) != expected:
                return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(work, range(THREADS)))
