"""Loading and saving of KeyedVectors, and options of their evaluation."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest
from helpers.vector_oracle import unequal_vectors

from w2v import evaluate
from w2v.errors import W2VError
from w2v.keyedvectors import EvaluateOptions, KeyedVectors

N = 3000


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    return unequal_vectors()


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.safetensors"])
def test_save_and_load(kv: KeyedVectors, tmp_path: Path, name: str) -> None:
    kv.save(tmp_path / name, metadata={"epochs": "5"})
    back = KeyedVectors.load(tmp_path / name)
    assert back.index_to_key == kv.index_to_key and np.array_equal(back.vectors, kv.vectors)
    assert str(tmp_path / name) in back.source
    if name == "v.safetensors":
        assert back.get_vecattr("w7", "count") == N - 7 and back.metadata["epochs"] == "5"
    assert len(KeyedVectors.load(tmp_path / name, limit=10)) == 10
    assert [word for word, _ in back.most_similar("w5")] == [word for word, _ in kv.most_similar("w5")]


def test_word2vec_format_by_name(kv: KeyedVectors, tmp_path: Path) -> None:
    for binary in (True, False):
        kv.save_word2vec_format(tmp_path / "any.name", binary=binary)
        assert (b"\x00" in (tmp_path / "any.name").read_bytes()) == binary
        back = KeyedVectors.load_word2vec_format(tmp_path / "any.name", binary=binary, limit=5)
        assert np.array_equal(back.vectors, kv.vectors[:5])


def test_gensim_reads_our_files_and_we_read_its(kv: KeyedVectors, tmp_path: Path) -> None:
    gensim = pytest.importorskip("gensim.models")
    for binary in (True, False):
        kv.save_word2vec_format(tmp_path / "ours", binary=binary)
        theirs = gensim.KeyedVectors.load_word2vec_format(str(tmp_path / "ours"), binary=binary)
        assert theirs.index_to_key == kv.index_to_key and np.array_equal(theirs.vectors, kv.vectors)
        theirs.save_word2vec_format(str(tmp_path / "theirs"), binary=binary)
        assert np.array_equal(KeyedVectors.load(tmp_path / "theirs").vectors, kv.vectors)


def test_to_gensim_without_gensim_names_the_extra(kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "gensim.models", None)
    with pytest.raises(W2VError, match=r"w2v\[gensim\]"):
        kv.to_gensim()


def test_options_for_addresses_are_refused_for_a_path(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="only for addresses"):
        KeyedVectors.load(tmp_path / "v.bin", sha256="0" * 64)


def test_declared_options_are_those_of_evaluate() -> None:
    parameters = inspect.signature(evaluate.run).parameters.values()
    keywords = {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}
    assert set(EvaluateOptions.__annotations__) == keywords


@pytest.mark.parametrize("name", ["v.kv", "v.model", "v.wordvectors", "V.KV", "v.anything", "v.kv.gz"])
def test_names_of_gensims_users_get_the_own_format(kv: KeyedVectors, tmp_path: Path, name: str) -> None:
    kv.save(tmp_path / name, metadata={"epochs": "5"})
    for mmap in (None, False, "r") if name.endswith(".gz") else (None, True, False, "r"):
        back = KeyedVectors.load(tmp_path / name, mmap=mmap)
        assert np.array_equal(back.vectors, kv.vectors) and back.get_vecattr("w7", "count") == N - 7
        assert back.metadata["epochs"] == "5"
        assert back.vectors.flags.writeable == (mmap is False) or name.endswith(".gz")


@pytest.mark.parametrize("name", ["v.csv", "v.npy", "v.pkl", "v.parquet", "v.zip", "v.json"])
def test_suffixes_of_other_kinds_of_files_are_refused(kv: KeyedVectors, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="suffix.*use .safetensors"):
        kv.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_mapping_is_named_as_in_gensim(tmp_path: Path) -> None:
    KeyedVectors(["a"], np.ones((1, 2))).save(tmp_path / "v.bin")
    assert KeyedVectors.load(tmp_path / "v.bin", mmap="r")["a"].tolist() == [1, 1]  # which cannot be mapped
    with pytest.raises(ValueError, match='or "r", not \'r\\+\''):
        KeyedVectors.load(tmp_path / "v.bin", mmap="r+")
