"""Neighbours of a page: those of the whole vocabulary, with numbers for words that are not on the map."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.analysis.maps.page.neighbours import NEIGHBOURS, page_space
from w2v.keyedvectors import KeyedVectors


def vectors(n: int) -> KeyedVectors:
    return KeyedVectors([f"w{i}" for i in range(n)], np.random.default_rng(0).standard_normal((n, 5), dtype=np.float32))


@pytest.mark.parametrize("rows", [[0, 1, 2], [7, 3, 29, 12]])
def test_neighbours_are_those_of_most_similar(rows: list[int]) -> None:
    kv = vectors(30)
    numbers = {kv.index_to_key[row]: number for number, row in enumerate(rows)}
    found = page_space(kv, np.array(rows), np.zeros((len(rows), 2)), "v", numbers)
    words = list(numbers)
    assert words[:len(rows)] == [kv.index_to_key[row] for row in rows]
    assert list(numbers.values()) == list(range(len(words)))
    assert found.ranks.tolist() == [row + 1 for row in rows]
    for row, near, cosines in zip(rows, found.neighbors, found.cosines, strict=True):
        expected = kv.most_similar(kv.index_to_key[row], topn=NEIGHBOURS)
        assert [words[number] for number in near] == [word for word, _ in expected]
        np.testing.assert_allclose(cosines, [cosine for _, cosine in expected], atol=1e-6)


def test_two_spaces_share_the_numbers_of_words() -> None:
    kv, other = vectors(30), KeyedVectors([f"w{i}" for i in reversed(range(30))], vectors(30).vectors)
    numbers = {"w3": 0, "w4": 1, "w5": 2}
    first = page_space(kv, np.array([3, 4, 5]), np.zeros((3, 2)), "old", numbers)
    second = page_space(other, np.array([26, 25, 24]), np.zeros((3, 2)), "new", numbers)
    words = list(numbers)
    assert [words[i] for i in first.neighbors[0]] == [word for word, _ in kv.most_similar("w3", topn=10)]
    assert [words[i] for i in second.neighbors[2]] == [word for word, _ in other.most_similar("w5", topn=10)]


def test_broken_words_are_no_neighbours_and_few_words_have_few() -> None:
    kv = vectors(5)
    kv.vectors[4] = np.nan
    kv.fill_norms(force=True)
    numbers = {"w0": 0, "w1": 1, "w2": 2}
    found = page_space(kv, np.array([0, 1, 2]), np.zeros((3, 2)), "v", numbers)
    assert set(numbers) == {"w0", "w1", "w2", "w3"} and (found.neighbors >= 0).sum(axis=1).tolist() == [3, 3, 3]
