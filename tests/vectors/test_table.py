"""Words and rows, and their lookup."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.vector_oracle import oracle_units, random_vectors

from w2v.keyedvectors import KeyedVectors

N, D = 1500, 20


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    return random_vectors()


def test_lookup(kv: KeyedVectors) -> None:
    assert len(kv) == N and kv.vector_size == D and kv.index_to_key[7] == "w7" and kv.key_to_index["w7"] == 7
    assert "w7" in kv and "x" not in kv and 7 in kv and N not in kv and -1 not in kv and None not in kv
    assert np.array_equal(kv["w7"], kv.vectors[7]) and np.array_equal(kv[7], kv.vectors[7])
    assert np.array_equal(kv[["w7", "w9", 3]], kv.vectors[[7, 9, 3]])
    assert kv.get_index("x", 5) == 5 and kv.get_vecattr("w7", "count") == N - 7


def test_get_vector_is_read_only_and_leaves_the_matrix_writable(kv: KeyedVectors) -> None:
    for norm in (False, True):
        with pytest.raises(ValueError, match="read-only"):
            kv.get_vector("w7", norm=norm)[0] = 1
    assert kv.vectors.flags.writeable
    assert np.allclose(np.linalg.norm(kv.get_vector("w7", norm=True)), 1, atol=1e-6)


def test_normed_vectors_are_a_copy_of_all_rows_with_length_1(kv: KeyedVectors) -> None:
    normed = kv.get_normed_vectors()
    assert normed.dtype == np.float32 and np.allclose(normed, oracle_units(kv), atol=1e-6)
    assert not np.shares_memory(normed, kv.vectors)


def test_matrix_is_not_copied() -> None:
    rows = np.ones((3, 4), dtype=np.float32)
    kv = KeyedVectors(["a", "b", "c"], rows[:, :2])
    kv.most_similar("a")
    assert np.shares_memory(kv.vectors, rows)


@pytest.mark.parametrize(("words", "shape", "counts"), [
    (["a"], (2, 2), None), (["a"], (2,), None), (["a", "b"], (2, 2), [1]),
])
def test_shapes_that_do_not_fit_are_refused(words: list, shape: tuple, counts: list | None) -> None:
    with pytest.raises(ValueError):
        KeyedVectors(words, np.ones(shape, dtype=np.float32), counts)


def test_vectors_can_be_set() -> None:
    kv = KeyedVectors(["a", "b"], np.eye(2))
    assert kv.norms.tolist() == [1, 1]
    kv.vectors = np.float32([[3, 4], [0, 2]])
    assert kv.norms.tolist() == [5, 2]
    kv.vectors[1] = [0, 3]
    kv.fill_norms(force=True)
    assert kv.norms.tolist() == [5, 3]
    with pytest.raises(ValueError, match="shape"):
        kv.vectors = np.eye(3)


def test_empty_object_can_be_filled() -> None:
    kv = KeyedVectors(3)
    assert len(kv) == 0 and kv.vector_size == 3 and kv.most_similar(np.ones(3)) == []
    assert kv.neighbor_graph(3)[0].shape == (0, 0) and kv.most_similar_batch([]) == []
    kv.add_vectors(["a", "b"], np.eye(3)[:2])
    assert kv.most_similar("a") == [("b", 0.0)]
    with pytest.raises(ValueError, match="need vectors"):
        KeyedVectors(["a"])


def test_iteration_is_over_the_words(kv: KeyedVectors) -> None:
    assert list(kv) == kv.index_to_key and len(list(kv)) == len(kv)
    assert [word for word in kv if word in ("w3", "w1")] == ["w1", "w3"] and set(kv) == set(kv.key_to_index)
