"""Files of gensim's save(), whose pickles are never executed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import put, sample

from w2v import formats
from w2v.errors import FormatError, W2VError
from w2v.formats.gensim_arrays import inline_array
from w2v.formats.pickled import Call, Name


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("dtype", ["f4", "f8", ">f4"])
def test_gensim_pickles_of_every_protocol(tmp_path: Path, protocol: int, dtype: str) -> None:
    words, rows = sample(500, 7)
    data = vector_files.gensim(words, rows.astype(dtype), protocol)
    file = formats.read_vectors(put(tmp_path, {"v.kv": data}))
    assert file.words == words and np.array_equal(file.vectors, rows) and file.source.count("gensim save()") == 1
    assert file.counts is not None and file.counts[0] == 500


def test_gensim_models_and_old_names(tmp_path: Path) -> None:
    words, rows = sample(50, 7)
    data = vector_files.gensim(words, rows, index2word=words).replace(b"index_to_key", b"index_to_xxx")
    assert formats.read_vectors(put(tmp_path, {"v.kv": data})).words == words


def test_missing_separate_file_of_gensim_is_named(tmp_path: Path) -> None:
    words, _ = sample(5, 7)
    with pytest.raises(W2VError, match=r"v\.kv\.vectors\.npy, which is missing"):
        formats.read_vectors(put(tmp_path, {"v.kv": vector_files.gensim(words, None)}))


class Spy:
    """An object that would create a folder if its pickle were executed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", [2, 4])
def test_pickles_are_not_executed(tmp_path: Path, protocol: int) -> None:
    words, rows = sample(5, 7)
    data = vector_files.gensim(words, rows, protocol, spy=Spy(tmp_path / "made"))
    assert formats.read_vectors(put(tmp_path, {"v.kv": data})).words == words
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize(("keys", "words", "integers", "report"), [
    ([10, 20, -3], ["10", "20", "-3"], True, {}), (list(np.array([7, 8, 9])), ["7", "8", "9"], True, {}),
    (list(np.array([7, 8, 9], dtype="u1")), ["7", "8", "9"], True, {}),
    ([2**63, 0, 1], [str(2**63), "0", "1"], True, {}),
    (["a", 5, "b"], ["a", "5", "b"], True, {"integers_as_text": 1}),
    (["a", 5, "5"], ["a", "5"], True, {"integers_as_text": 1, "duplicates": 1}),
    (["a", "", "\t"], ["a", "", "\t"], False, {"empty_words": 1}),
    (["a", "\ud800", "b c"], ["a", "\ufffd", "b c"], False, {"invalid_utf8": 1}),
])
def test_keys_are_text_or_integers(
    tmp_path: Path, protocol: int, keys: list[Any], words: list[str], integers: bool, report: dict[str, int]
) -> None:
    _, rows = sample(3, 4)
    file = formats.read_vectors(put(tmp_path, {"v.kv": vector_files.gensim(keys, rows, protocol)}))
    assert file.words == words and file.integer_keys == integers and file.report == report
    assert np.array_equal(file.vectors, rows[:len(words)]) and file.counts is not None


@pytest.mark.parametrize("key", [
    1.5, None, True, (1, 2), 10**5000, b"bytes", np.float32(1), np.bool_(True), (), frozenset({1}),
], ids=range(10))
def test_other_keys_are_refused(tmp_path: Path, key: object) -> None:
    _, rows = sample(3, 4)
    data = vector_files.gensim(["a", key, "b"], rows, key_to_index={})  # type: ignore[list-item]
    with pytest.raises(FormatError, match="key 1 of 3 is neither text nor an integer"):
        formats.read_vectors(put(tmp_path, {"v.kv": data}))


class Part:
    """An object with attributes, such as the vectors of a model."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


def doc2vec(words: list[str], rows: np.ndarray, **more: Any) -> bytes:
    return vector_files.gensim(words, None, name="Doc2Vec", index_to_key=None,
                               wv=Part(index_to_key=words, vectors=rows), **more)


def test_documents_of_doc2vec_are_a_part(tmp_path: Path, run: Any) -> None:
    words, rows = sample(5, 4)
    path = put(tmp_path, {"m": doc2vec(words, rows, dv=Part(index_to_key=[0, 1, 2], vectors=rows[:3] + 1))})
    file = formats.read_vectors(path)
    assert file.words == words and "part='docs'" in file.source
    assert formats.read_vectors(path, part="words").words == words
    docs = formats.read_vectors(path, part="docs")
    assert docs.words == ["0", "1", "2"] and docs.integer_keys and np.array_equal(docs.vectors, rows[:3] + 1)
    code, out, _ = run("info", path, "--part", "docs")
    assert code == 0 and "words           3" in out
    with pytest.raises(ValueError, match="part must be one of words, docs"):
        formats.read_vectors(path, part="doc")
    with pytest.raises(W2VError, match="no vectors of docs in this file; it has those of words"):
        formats.read_vectors(put(tmp_path, {"v.kv": vector_files.gensim(words, rows)}), part="docs")


@pytest.mark.parametrize(("highest", "tags", "names", "expected"), [
    (2, [], "vectors_docs", ["0", "1", "2"]), (-1, ["x", "y", "z"], "doctag_syn0", ["x", "y", "z"]),
    (0, ["x", "y"], "vectors_docs", ["0", "x", "y"]),
])
def test_documents_before_gensim_4(
    tmp_path: Path, highest: int, tags: list[str], names: str, expected: list[str]
) -> None:
    words, rows = sample(5, 4)
    docs = Part(offset2doctag=tags, max_rawint=highest, **{names: rows[:3]})
    path = put(tmp_path, {"m": doc2vec(words, rows, docvecs=docs)})
    assert formats.read_vectors(path, part="docs").words == expected
    docs = Part(offset2doctag=tags, max_rawint=1 << 40, **{names: rows[:3]})
    with pytest.raises(FormatError):
        formats.read_vectors(put(tmp_path, {"m": doc2vec(words, rows, docvecs=docs)}), part="docs")


@pytest.mark.parametrize(("minn", "maxn"), [(2**40, 2**41), (-5, 4), (1, 2**31 - 1), (3, 1001)])
def test_impossible_lengths_of_ngrams_are_refused(tmp_path: Path, minn: int, maxn: int) -> None:
    words, rows = sample(5, 4)
    data = vector_files.gensim(words, rows, min_n=minn, max_n=maxn, vectors_ngrams=rows,
                                compatible_hash=True)
    with pytest.raises(FormatError, match="n-grams of .* letters are impossible"):
        formats.read_vectors(put(tmp_path, {"v.kv": data}))


@pytest.mark.parametrize("width, depth", [(1, 1_000_000), (2, 60)])
def test_nested_type_of_numbers_is_refused_without_recursion(width: int, depth: int) -> None:
    """Hashing or printing it would overflow the stack, or take 2^60 steps."""
    nested: tuple[Any, ...] = ()
    for _ in range(depth):
        nested = (nested,) * width
    for made in (Call(Name("numpy", "dtype"), (nested,), (3, "<")), Call(Name("numpy", "dtype"), ("f4",), (3, nested))):
        array = Call(Name("numpy.core.multiarray", "_reconstruct"), (), (1, (1,), made, False, b"1234"))
        with pytest.raises(FormatError, match="an array in this pickle cannot be read"):
            inline_array("v.kv", array)
