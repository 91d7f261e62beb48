"""Adding, replacing, selecting and ordering words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers.vector_oracle import oracle_units, random_vectors

from w2v.errors import W2VError
from w2v.formats.rows import STORED, Rows
from w2v.keyedvectors import KeyedVectors
from w2v.vectors.spelling import UnknownWordError

N = 1500


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    return random_vectors()


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


def test_extras_set_attributes_of_words_that_are_added_or_replaced() -> None:
    kv = KeyedVectors(["a", "b"], np.eye(2), [5, 3])
    kv.add_vectors(["b", "c"], np.ones((2, 2)), {"level": np.array([4, 7])})
    assert [kv.get_vecattr(word, "level") for word in "abc"] == [0, 0, 7]
    kv.add_vectors(["b", "d"], np.ones((2, 2)), extras={"level": [8, 9]}, replace=True)
    assert [kv.get_vecattr(word, "level") for word in "abcd"] == [0, 8, 7, 9]
    with pytest.raises(ValueError, match="2 values of 'level'"):
        kv.add_vectors(["e", "f"], np.ones((2, 2)), {"level": [1]})
    with pytest.raises(TypeError, match="replace is a keyword"):
        kv.add_vectors(["a"], np.ones((1, 2)), True)
    assert "e" not in kv


def test_vectors_for_all_copies_attributes_only_if_asked(kv: KeyedVectors) -> None:
    own = KeyedVectors(kv.index_to_key, kv.vectors, kv.counts)
    own.set_vecattr("w3", "tag", "noun")
    keys = ["w9", "nothing", 99999, "w3", "w9"]
    bare, full = (own.vectors_for_all(keys, copy_vecattrs=copied) for copied in (False, True))
    assert bare.index_to_key == full.index_to_key == ["w9", "w3"]
    assert full.get_vecattr("w3", "count") == N - 3 and full.get_vecattr("w3", "tag") == "noun"
    assert bare.counts is None and [bare.get_vecattr(word, "count") for word in bare] == [2, 1]
    with pytest.raises(KeyError):
        bare.get_vecattr("w3", "tag")


def test_words_are_sorted_by_falling_count_with_all_their_values() -> None:
    rows = np.arange(8, dtype=np.float32).reshape(4, 2)
    kv = KeyedVectors(["a", "b", "c", "d"], rows.copy(), [1, 5, 1, 9])
    kv.output_vectors = rows + 100
    kv.set_vecattr("c", "tag", "last")
    kv.vectors_lockf = np.float32([0, 1, 1, 1])
    before = kv.most_similar("a")
    kv.sort_by_descending_frequency()
    assert kv.index_to_key == ["d", "b", "c", "a"]  # the last of equal counts first, as in gensim
    assert kv.key_to_index["c"] == 2 and kv.counts.tolist() == [9, 5, 1, 1] and kv.get_vecattr("c", "tag") == "last"
    for word, row in zip("abcd", rows, strict=True):
        assert kv[word].tolist() == row.tolist()
        assert kv.output_vectors[kv.get_index(word)].tolist() == (row + 100).tolist()
    assert kv.vectors_lockf.tolist() == [1, 1, 1, 0] and dict(kv.most_similar("a")) == dict(before)
    with pytest.raises(KeyError, match="count"):
        KeyedVectors(["a"], np.ones((1, 2))).sort_by_descending_frequency()
    KeyedVectors(3).sort_by_descending_frequency()


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_all_vectors_are_scaled_to_length_1_also_mapped_ones(
    kv: KeyedVectors, tmp_path: Path, dtype: str, mapped: bool
) -> None:
    kv.save(tmp_path / "v.safetensors", dtype=dtype)
    own = KeyedVectors.load(tmp_path / "v.safetensors", mmap=mapped)
    units = oracle_units(KeyedVectors(own.index_to_key, own.rows[:]))
    own.unit_normalize_all()
    assert np.allclose(own.rows[:], units, atol=0.02 if dtype == "int8" else 1e-3)
    assert np.allclose(own.norms, 1, atol=0.05)
    assert not np.allclose(KeyedVectors.load(tmp_path / "v.safetensors").norms, 1, atol=0.05)


def test_zero_and_broken_vectors_stay_as_they_are_when_all_are_scaled() -> None:
    kv = KeyedVectors(["a", "zero", "nan"], np.float32([[3, 4], [0, 0], [np.nan, 1]]))
    kv.unit_normalize_all()
    assert np.allclose(kv["a"], [0.6, 0.8]) and kv["zero"].tolist() == [0, 0] and np.isnan(kv["nan"][0])


@pytest.mark.parametrize("name", ["x.safetensors", "x.kv"])
def test_an_empty_word_is_a_word(tmp_path: Path, name: str) -> None:
    kv = KeyedVectors(["a"], np.ones((1, 2)))
    assert kv.add_vector("", [2, 3]) == 1 and "" in kv
    kv.save(tmp_path / name)
    back = KeyedVectors.load(tmp_path / name)
    assert back.index_to_key == ["a", ""] and back[""].tolist() == [2, 3]
