"""fastText models: words, and vectors of unknown words from their n-grams."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.ngrams_twin import fnv, ngrams
from helpers.vector_files import put, sample

import w2v
from w2v import formats
from w2v.errors import FormatError
from w2v.formats import vectorfile
from w2v.formats.subwords import Subwords


def expected(word: str, own: np.ndarray | None, buckets: np.ndarray, minn: int, maxn: int) -> np.ndarray:
    parts = [buckets[fnv(part.encode()) % len(buckets)] for part in ngrams(word, minn, maxn)]
    return np.mean(([] if own is None else [own]) + parts, axis=0)


@pytest.mark.parametrize(("minn", "maxn"), [(3, 6), (1, 2), (2, 2), (5, 9)])
def test_fasttext_words_and_unseen_words_from_ngrams(tmp_path: Path, minn: int, maxn: int) -> None:
    words, own = sample(40, 6)
    buckets = np.random.default_rng(3).normal(size=(97, 6)).astype(np.float32)
    kv = w2v.load(put(tmp_path, {"m.bin": vector_files.fasttext(words, own, buckets, minn, maxn)}))
    for i, word in enumerate(words):
        assert np.allclose(kv.vectors[i], expected(word, own[i], buckets, minn, maxn), atol=1e-6), word
    for word in ("unseen", "Größenwahn", "日本語東京", "I'm", "😀😀😀"):
        if ngrams(word, minn, maxn):
            assert np.allclose(kv.get_vector(word), expected(word, None, buckets, minn, maxn), atol=1e-6), word
            assert abs(np.linalg.norm(kv.get_vector(word, norm=True)) - 1) < 1e-6
    assert kv.get_vecattr(words[0], "count") == 1000


def test_fasttext_line_end_token_has_no_ngrams(tmp_path: Path) -> None:
    words, own = sample(2, 4)
    file = formats.read_vectors(put(tmp_path, {"m": vector_files.fasttext(["</s>", *words[1:]], own, own)}))
    assert np.array_equal(file.vectors[0], own[0]) and not np.array_equal(file.vectors[1], own[1])


def test_fasttext_without_ngrams_and_with_labels(tmp_path: Path) -> None:
    words, own = sample(5, 4)
    data = vector_files.fasttext(words, own, own[:0], 0, 0, labels=("__label__a", "__label__b"), model=3)
    kv = w2v.load(put(tmp_path, {"m": data}))
    assert kv.index_to_key == words and np.array_equal(kv.vectors, own) and kv.subwords is None
    with pytest.raises(KeyError):
        kv.get_vector("unseen")


def test_word_too_short_for_an_ngram_has_zeros_as_in_fasttext(tmp_path: Path) -> None:
    words, own = sample(5, 4)
    kv = w2v.load(put(tmp_path, {"m": vector_files.fasttext(words, own, own, 6, 6)}))
    for word in ("a", "zz", "", "\u00e9"):
        assert word in kv and not kv[word].any() and not kv.has_index_for(word)
    assert "long enough" in kv and kv["long enough"].any()


@pytest.mark.parametrize(("change", "message"), [
    ({"quantized": 1}, "quantized"), ({"version": 9}, "version 9"), ({"labels": ("",)}, "not a valid label"),
])
def test_fasttext_models_that_cannot_be_read_say_why(tmp_path: Path, change: dict, message: str) -> None:
    words, own = sample(5, 4)
    with pytest.raises(FormatError, match=message):
        formats.read_vectors(put(tmp_path, {"m": vector_files.fasttext(words, own, own, **change)}))


def test_subwords_survive_our_own_file(tmp_path: Path) -> None:
    words, own = sample(20, 6)
    kv = w2v.load(put(tmp_path, {"m.bin": vector_files.fasttext(words, own, own)}))
    kv.save(tmp_path / "m.safetensors")
    again = w2v.load(tmp_path / "m.safetensors")
    assert np.array_equal(again.get_vector("unseen"), kv.get_vector("unseen"))
    assert repr(again.subwords) == "<Subwords: 20 buckets of n-grams of 3 to 6 letters>"


def test_empty_subwords_know_no_word() -> None:
    with pytest.raises(KeyError):
        Subwords(np.zeros(0, dtype=np.uint8), 4, 3, 6).vector("word")


def test_numbers_are_read_on_a_machine_of_the_other_byte_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words, own = sample(40, 6)
    buckets = np.random.default_rng(3).normal(size=(97, 6)).astype(np.float32)
    path = put(tmp_path, {"m.bin": vector_files.fasttext(words, own, buckets.byteswap())})
    other = {"little": "big", "big": "little"}[sys.byteorder]
    monkeypatch.setattr(vectorfile, "sys", types.SimpleNamespace(byteorder=other))
    kv = w2v.load(path)
    assert np.allclose(kv.get_vector("unseen"), expected("unseen", None, buckets, 3, 6), atol=1e-6)
    assert np.allclose(kv.vectors[3], expected(words[3], own[3], buckets, 3, 6), atol=1e-6)
    assert kv.get_vecattr(words[0], "count") == int.from_bytes((1000).to_bytes(8, "little"), "big", signed=True)


def test_model_of_2016_is_read_like_one_with_a_magic_number(tmp_path: Path) -> None:
    words, own = sample(40, 6)
    buckets = np.random.default_rng(3).normal(size=(97, 6)).astype(np.float32)
    old = w2v.load(put(tmp_path, {"old": vector_files.fasttext_of_2016(words, own, buckets, 2, 4)}))
    new = w2v.load(put(tmp_path, {"new": vector_files.fasttext(words, own, buckets, 2, 4)}))
    assert old.index_to_key == words and np.array_equal(old.vectors, new.vectors)
    assert np.array_equal(old["unseen"], new["unseen"]) and old.get_vecattr(words[1], "count") == 999


@pytest.mark.parametrize(("minn", "maxn"), [(1, 2**31 - 1), (3, 1001), (2000, 6), (-3, 5)])
def test_impossible_lengths_of_ngrams_are_refused_before_work(tmp_path: Path, minn: int, maxn: int) -> None:
    """The n-grams of a word of 200 kB would be quadratic in its length."""
    _, rows = sample(1, 4)
    with pytest.raises(FormatError, match="impossible"):
        formats.read_vectors(put(tmp_path, {"m": vector_files.fasttext(["a" * 200_000], rows, rows, minn, maxn)}))
