"""gensim's methods for files in word2vec's formats, also by position."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from w2v.errors import FormatError, W2VError
from w2v.keyedvectors import KeyedVectors


@pytest.fixture
def kv() -> KeyedVectors:
    """Counts that do not fall, so that the order of the file differs from that of the words."""
    return KeyedVectors(["a", "b", "c", "d"], np.arange(8, dtype=np.float32).reshape(4, 2), [2, 9, 2, 5])


@pytest.mark.parametrize("binary", [False, True])
def test_vocabulary_is_written_and_read_by_position(kv: KeyedVectors, tmp_path: Path, binary: bool) -> None:
    file, vocabulary = tmp_path / "v.any", tmp_path / "vocab.txt"
    kv.save_word2vec_format(str(file), str(vocabulary), binary)
    assert vocabulary.read_text() == "b 9\nd 5\na 2\nc 2\n" and (b"\0" in file.read_bytes()) == binary
    back = KeyedVectors.load_word2vec_format(str(file), str(vocabulary), binary)
    assert back.index_to_key == ["b", "d", "a", "c"] and np.array_equal(back["c"], kv["c"])
    assert [back.get_vecattr(word, "count") for word in "abcd"] == [2, 9, 2, 5]


def test_order_header_prefix_and_number_of_words(kv: KeyedVectors, tmp_path: Path) -> None:
    file, vocabulary = tmp_path / "v.txt", tmp_path / "vocab.txt"
    kv.set_vecattr("c", "weight", 3)
    kv.save_word2vec_format(file, vocabulary, False, 9, True, "x_", False, "weight")
    assert file.read_text().replace(" \n", "\n") == "9 2\nx_c 4 5\nx_a 0 1\nx_b 2 3\nx_d 6 7\n"
    assert vocabulary.read_text() == "x_c 3\nx_a 0\nx_b 0\nx_d 0\n"
    kv.save_word2vec_format(file, write_header=False, sort_attr="none")
    assert file.read_text().replace(" \n", "\n") == "a 0 1\nb 2 3\nc 4 5\nd 6 7\n"
    assert KeyedVectors.load_word2vec_format(file, no_header=True).index_to_key == list("abcd")
    kv.save_word2vec_format(file, None, True, write_header=False)
    assert len(file.read_bytes()) == 4 * (len("a ") + 8 + len("\n"))


@pytest.mark.parametrize("binary", [False, True])
def test_words_are_appended(kv: KeyedVectors, tmp_path: Path, binary: bool) -> None:
    file, vocabulary = tmp_path / "v", tmp_path / "vocab"
    kv.subset(["b", "d"]).save_word2vec_format(file, vocabulary, binary, total_vec=4, append=True)
    kv.subset(["a", "c"]).save_word2vec_format(file, vocabulary, binary, write_header=False, append=True)
    back = KeyedVectors.load_word2vec_format(file, vocabulary)
    assert back.index_to_key == ["b", "d", "a", "c"] and back.get_vecattr("c", "count") == 2
    assert all(np.array_equal(back[word], kv[word]) for word in "abcd")


def test_vocabulary_needs_the_attribute_before_anything_is_written(kv: KeyedVectors, tmp_path: Path) -> None:
    bare = KeyedVectors(kv.index_to_key, kv.vectors)
    with pytest.raises(ValueError, match="fvocab needs the attribute 'count'"):
        bare.save_word2vec_format(tmp_path / "v", tmp_path / "vocab")
    assert not list(tmp_path.iterdir())


def test_stand_in_counts_are_those_of_gensim_and_stay_out_of_files(kv: KeyedVectors, tmp_path: Path) -> None:
    kv.save_word2vec_format(tmp_path / "v.bin", binary=True)
    back = KeyedVectors.load_word2vec_format(tmp_path / "v.bin", binary=True)
    assert [back.get_vecattr(word, "count") for word in back] == [4, 3, 2, 1] and back.counts is None
    back.save(tmp_path / "v.safetensors")
    assert KeyedVectors.load(tmp_path / "v.safetensors").counts is None
    with pytest.raises(KeyError):
        KeyedVectors.load(tmp_path / "v.safetensors").get_vecattr("a", "count")
    copied = back.vectors_for_all(["d", "a"], copy_vecattrs=True)
    assert [copied.get_vecattr(word, "count") for word in copied] == [3, 2]


@pytest.mark.parametrize(("datatype", "name"), [
    (np.float32, "float32"), ("float32", "float32"), (np.float16, "float16"), (np.dtype("f2"), "float16"),
])
def test_datatype_and_limit(kv: KeyedVectors, tmp_path: Path, datatype: Any, name: str) -> None:
    kv.save_word2vec_format(tmp_path / "v.bin", binary=True)
    back = KeyedVectors.load_word2vec_format(tmp_path / "v.bin", None, True, "utf8", "strict", 3, datatype)
    assert len(back) == 3 and back.rows.dtype_name == name and np.array_equal(back["b"], kv["b"])


def test_datatypes_that_are_not_stored(kv: KeyedVectors, tmp_path: Path) -> None:
    kv.save_word2vec_format(tmp_path / "v.txt")
    with pytest.warns(UserWarning, match="float64 is read as float32"):
        assert KeyedVectors.load_word2vec_format(tmp_path / "v.txt", datatype=np.float64).vectors.dtype == np.float32
    with pytest.raises(ValueError, match="float32 or float16, not int32"):
        KeyedVectors.load_word2vec_format(tmp_path / "v.txt", datatype=np.int32)


LATIN = "2 2\npäive 1 2\nof 3 4\n".encode("latin-1")


def test_words_in_other_encodings(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_bytes(LATIN)
    (tmp_path / "vocab").write_bytes("of 7\npäive 5\n".encode("latin-1"))
    kv = KeyedVectors.load_word2vec_format(path, tmp_path / "vocab", encoding="latin-1")
    assert kv.index_to_key == ["päive", "of"] and kv.get_vecattr("päive", "count") == 5
    with pytest.raises(UnicodeDecodeError, match=r"v\.txt.*encoding="):
        KeyedVectors.load_word2vec_format(path)
    assert KeyedVectors.load_word2vec_format(path, unicode_errors="ignore").index_to_key == ["pive", "of"]
    assert KeyedVectors.load_word2vec_format(path, unicode_errors="replace").index_to_key == ["p\ufffdive", "of"]


def test_words_that_are_equal_once_decoded_keep_the_first(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_bytes(b"3 1\na\xe4 1\na\xf6 2\nb 3\n")
    kv = KeyedVectors.load_word2vec_format(tmp_path / "v.txt", unicode_errors="ignore")
    assert kv.index_to_key == ["a", "b"] and kv["a"] == [1] and kv.report["duplicates"] == 1


@pytest.mark.parametrize(("vocabulary", "line"), [("a 2\nb\n", 2), ("a 2\nb two\n", 2), ("1\n", 1), ("a -3\n", 1)])
def test_broken_vocabulary_names_the_line(kv: KeyedVectors, tmp_path: Path, vocabulary: str, line: int) -> None:
    kv.save_word2vec_format(tmp_path / "v.txt")
    (tmp_path / "vocab").write_text(vocabulary)
    with pytest.raises(FormatError, match=rf"vocab, line {line}: expected a word and its count"):
        KeyedVectors.load_word2vec_format(tmp_path / "v.txt", tmp_path / "vocab")


def test_vocabulary_that_misses_words_is_reported(kv: KeyedVectors, tmp_path: Path) -> None:
    kv.save_word2vec_format(tmp_path / "v.txt")
    (tmp_path / "vocab").write_text("a 2\n\nother 4\nb\t3\n")
    with pytest.warns(UserWarning, match="2 of 4 words have no count"):
        back = KeyedVectors.load_word2vec_format(tmp_path / "v.txt", tmp_path / "vocab")
    assert [back.get_vecattr(word, "count") for word in "abcd"] == [2, 3, 0, 0]
    with pytest.raises(W2VError, match="cannot read"):
        KeyedVectors.load_word2vec_format(tmp_path / "v.txt", tmp_path / "missing")


@pytest.mark.parametrize("mmap", [None, True, False])
def test_vectors_of_a_mapped_file_are_replaced_in_memory(kv: KeyedVectors, tmp_path: Path, mmap: bool | None) -> None:
    kv.save(tmp_path / "own.safetensors")
    KeyedVectors(["c", "x"], np.full((2, 2), 50)).save(tmp_path / "new.bin")
    own = KeyedVectors.load(tmp_path / "own.safetensors", mmap=mmap)
    own.intersect_word2vec_format(tmp_path / "new.bin", 0.0, True, "utf8", "strict")
    assert own["c"].tolist() == [50, 50] and own["b"].tolist() == [2, 3] and "x" not in own
    assert own.vectors_lockf.tolist() == [1, 1, 0, 1] and own.norms[2] == pytest.approx(50 * 2 ** 0.5)
    assert KeyedVectors.load(tmp_path / "own.safetensors")["c"].tolist() == [4, 5]


def test_signatures_are_those_of_gensim() -> None:
    models = pytest.importorskip("gensim.models")
    for name in ("load_word2vec_format", "save_word2vec_format", "intersect_word2vec_format", "vectors_for_all",
                 "add_vectors", "wmdistance", "most_similar_cosmul", "rank_by_centrality", "get_mean_vector"):
        theirs = list(inspect.signature(getattr(models.KeyedVectors, name)).parameters)
        ours = list(inspect.signature(getattr(KeyedVectors, name)).parameters)
        assert ours[:len(theirs)] == theirs, name
