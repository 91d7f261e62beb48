"""Policies for unknown words, and vectors made from parts of words."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.vector_oracle import random_vectors, rows_of

from w2v.formats.subwords import Subwords
from w2v.keyedvectors import KeyedVectors
from w2v.vectors.spelling import UnknownWordError

N, D = 1500, 20


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    return random_vectors()


class Parts:
    """A fake of fastText's n-grams."""

    def vector(self, word: str) -> np.ndarray:
        return np.full(D, len(word), dtype=np.float32)


def test_policies_for_unknown_words(kv: KeyedVectors) -> None:
    with pytest.raises(UnknownWordError):
        kv.most_similar(["w1", "nothing"])
    assert kv.most_similar(["w1", "nothing"], oov="skip") == kv.most_similar("w1")
    assert kv.most_similar(["w1", "nothing"], oov="zero") == kv.most_similar("w1")
    assert kv.most_similar("w12x", oov="nearest") == kv.most_similar("w12")
    assert kv.most_similar("nothing", oov=lambda word: "w7") == kv.most_similar("w7")
    assert kv.most_similar("nothing", oov=lambda word: kv["w7"])[0] == ("w7", pytest.approx(1))
    assert kv.most_similar(["w1", "nothing"], oov=lambda word: None) == kv.most_similar("w1")
    assert kv.most_similar("nothing", oov="skip") == []
    one, none, two = kv.most_similar_batch(["w1", "nothing", "w2"], oov="skip")
    assert none == [] and rows_of(one) == rows_of(kv.most_similar("w1")) and rows_of(two) == rows_of(
        kv.most_similar("w2"))
    with pytest.raises(UnknownWordError):
        kv.most_similar("!!!!!!!!", oov="nearest")
    with pytest.raises(UnknownWordError):
        kv.most_similar(N + 5, oov="skip")
    with pytest.raises(ValueError, match="oov returned a vector of shape"):
        kv.get_vector("nothing", oov=lambda word: [1, 2])


def test_policy_of_the_object_is_the_default_of_its_methods(kv: KeyedVectors) -> None:
    own = KeyedVectors(kv.index_to_key, kv.vectors)
    own.oov = "zero"
    assert not own["nothing"].any() and own.similarity("nothing", "w1") == 0
    assert own[["w1", "nothing"]].shape == (2, D) and own.get_vectors(["w1", "nothing"], oov="skip").shape == (1, D)
    assert np.allclose(own.get_mean_vector(["w1", "nothing"]), own.get_vector("w1", norm=True) / 2)
    with pytest.raises(UnknownWordError):
        own.get_vector("nothing", oov="skip")
    assert "nothing" not in own
    given = np.ones(D, np.float32)
    assert not own.get_vector("nothing", oov=lambda word: given).flags.writeable and given.flags.writeable
    with pytest.raises(TypeError, match="list of words"):
        own.get_vectors("w1")


def test_subwords_make_vectors_of_unknown_words(kv: KeyedVectors) -> None:
    own = KeyedVectors(kv.index_to_key, kv.vectors)
    own.subwords = Parts()
    assert "nothing" in own and not own.has_index_for("nothing") and own["nothing"].tolist() == [7.0] * D
    assert own.get_vector("ab", norm=True)[0] == pytest.approx(1 / np.sqrt(D))
    assert rows_of(own.most_similar("nothing")) == rows_of(own.most_similar(np.ones(D, np.float32)))
    made = own.vectors_for_all(["w3", "xyz", "w3"])
    assert made.index_to_key == ["w3", "xyz"] and made["xyz"].tolist() == [3.0] * D and made.subwords is own.subwords
    assert own.vectors_for_all(["w3", "xyz"], allow_inference=False).index_to_key == ["w3"]
    with pytest.raises(KeyError):
        own.get_index("nothing")


class Some(Parts):
    """Has vectors of long words only."""

    def vector(self, word: str) -> np.ndarray:
        if len(word) < 4:
            raise KeyError(word)
        return super().vector(word)


@pytest.mark.parametrize("kind", ["plain", "integers", "parts", "some", "fasttext", "no n-grams", "policy"])
@pytest.mark.parametrize("word", ["w3", "", "zz", "nothing", "é", 3, 10**9, "3"])
def test_in_and_brackets_agree_for_every_kind_of_model(kv: KeyedVectors, kind: str, word: str | int) -> None:
    own = KeyedVectors(range(N) if kind == "integers" else kv.index_to_key, kv.vectors)
    if kind == "parts":
        own.subwords = Parts()
    if kind == "some":
        own.subwords = Some()
    if kind in ("fasttext", "no n-grams"):
        buckets = 50 if kind == "fasttext" else 0
        own.subwords = Subwords(np.ones(buckets * D, dtype=np.float32).view(np.uint8), D, 5, 6)
    if kind == "policy":
        own.oov = "skip"
    if word in own:
        assert own[word].shape == (D,)
    else:
        with pytest.raises(UnknownWordError):
            own[word]
    if kind == "fasttext" and word in ("", "zz", "é", "3"):
        assert word in own and not own[word].any()
