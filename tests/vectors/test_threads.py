"""Vectors that several threads query at once, while what is made on first use is dropped again and again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

from w2v.keyedvectors import KeyedVectors

THREADS, TIMES = 6, 300
WORDS = [f"w{i}" for i in range(40)]


def vectors() -> KeyedVectors:
    return KeyedVectors(WORDS, np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32))


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
