"""Lookup, attributes, adding and selecting words."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.vector_oracle import oracle_units, random_vectors

from w2v.errors import W2VError
from w2v.formats.rows import STORED, Rows
from w2v.keyedvectors import KeyedVectors
from w2v.vectors.spelling import UnknownWordError

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


def test_missing_counts_are_a_key_error() -> None:
    with pytest.raises(KeyError, match="count"):
        KeyedVectors(["a"], np.ones((1, 2), np.float32)).get_vecattr("a", "count")


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


def test_subset_keeps_order_counts_attributes_and_type(kv: KeyedVectors) -> None:
    own = KeyedVectors(kv.index_to_key, Rows.encode(kv.rows, "int8"), kv.counts)
    own.set_vecattr("w9", "tag", "noun")
    few = own.subset(["w9", "w3", 7, "w9"])
    assert few.index_to_key == ["w9", "w3", "w7"] and few.rows.dtype_name == "int8"
    assert np.array_equal(few.get_vectors(few.index_to_key), own[["w9", "w3", "w7"]])
    assert few.get_vecattr("w3", "count") == N - 3
    assert few.get_vecattr("w9", "tag") == "noun" and few.get_vecattr("w3", "tag") is None
    with pytest.raises(UnknownWordError):
        own.subset(["w1", "nothing"])
    assert own.subset(["w1", "nothing"], oov="skip").index_to_key == ["w1"]
    zero = own.subset(["w1", "nothing"], oov="zero")
    assert not zero["nothing"].any() and zero.get_vecattr("nothing", "count") == 0


def test_subset_drops_results_of_evaluations() -> None:
    kv = KeyedVectors(["a", "b"], np.eye(2))
    kv.metadata = {"isa": "none", "evaluation": "{}"}
    assert kv.subset(["a"]).metadata == {"isa": "none"} and "evaluation" in kv.metadata


@pytest.mark.parametrize("dtype", STORED)
def test_words_can_be_added_and_replaced(dtype: str) -> None:
    kv = KeyedVectors(["a", "b"], Rows.encode(np.eye(2, dtype=np.float32), dtype), [5, 3])
    kv.set_vecattr("a", "level", 2)
    kv.add_vectors(["c", "a", "c"], [[1, 1], [9, 9], [2, 2]])
    assert kv.index_to_key == ["a", "b", "c"] and kv.key_to_index["c"] == 2
    assert kv["a"].tolist() == [1, 0] and kv["c"].tolist() == [1, 1] and kv.rows.dtype_name == dtype
    kv["a"] = np.float32([2, 2])
    kv[["b", "d"]] = np.float32([[1, 1], [1, 0]])
    assert kv["a"].tolist() == [2, 2] and kv["d"].tolist() == [1, 0] and kv.norms[1] == pytest.approx(2 ** 0.5)
    assert kv.add_vector("e", [0, 1]) == 4 and kv.most_similar("e", topn=1)[0][0] == "a"
    assert [kv.get_vecattr(w, "count") for w in "abcde"] == [5, 3, 0, 0, 0] and kv.get_vecattr("e", "level") == 0
    with pytest.raises(ValueError, match=r"shape \(2, 2\)"):
        kv.add_vectors(["x", "y"], [[1, 1]])
    assert "x" not in kv


def test_failed_addition_changes_nothing() -> None:
    kv = KeyedVectors(["a", "b"], np.eye(2, dtype=np.float16))
    for keys, block in ((["new", 999], np.ones((2, 2))), (["new", "more"], np.full((2, 2), 1e6))):
        with pytest.raises((KeyError, W2VError)):
            kv.add_vectors(keys, block)
        assert kv.index_to_key == ["a", "b"] and "new" not in kv and len(kv) == len(kv.rows) == 2


def test_added_words_do_not_appear_in_other_objects() -> None:
    words = ["a", "b"]
    first, second = (KeyedVectors(words, np.eye(2, dtype=np.float32)) for _ in range(2))
    first["c"] = [1, 1]
    assert words == ["a", "b"] and len(second) == 2 and first.index_to_key == ["a", "b", "c"]
    third = KeyedVectors(first.index_to_key, first.vectors)
    third["d"] = [0, 2]
    assert len(first) == len(first.rows) == 3 and third.most_similar("d", topn=1)[0][0] == "b"
