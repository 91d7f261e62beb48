"""Methods of gensim 4 besides lookup and searches, and what gensim 4 removed."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.vector_oracle import oracle_units, random_vectors

from w2v.errors import W2VError
from w2v.keyedvectors import KeyedVectors

N = 1500


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    return random_vectors()


@pytest.mark.parametrize(("name", "hint"), [
    ("vocab", "key_to_index"), ("index2word", "index_to_key"), ("index2entity", "index_to_key"),
    ("vectors_norm", "get_normed_vectors"), ("syn0", "vectors"), ("syn0norm", "get_normed_vectors"),
])
def test_removed_attributes_have_the_hint_of_gensim(kv: KeyedVectors, name: str, hint: str) -> None:
    with pytest.raises(AttributeError, match=f"'{name}' since gensim 4: use .*{hint}"):
        getattr(kv, name)
    assert not hasattr(kv, name)


def test_renamed_methods_warn_and_work(kv: KeyedVectors) -> None:
    with pytest.warns(DeprecationWarning, match="use get_vector"):
        assert np.array_equal(kv.word_vec("w3", norm=True), kv.get_vector("w3", norm=True))
    with pytest.warns(DeprecationWarning, match="use closer_than"):
        assert kv.words_closer_than("w3", "w9") == kv.closer_than("w3", "w9")
    own = KeyedVectors(kv.index_to_key, kv.vectors.copy())
    with pytest.warns(DeprecationWarning, match="use fill_norms"):
        own.init_sims()
    assert np.array_equal(own.vectors, kv.vectors)
    with pytest.warns(DeprecationWarning):
        own.init_sims(replace=True)
    assert np.allclose(own.vectors, oracle_units(kv), atol=1e-6)


def test_similarity_of_unseen_documents_belongs_to_doc2vec(kv: KeyedVectors) -> None:
    with pytest.raises(NotImplementedError, match="Doc2Vec"):
        kv.similarity_unseen_docs(["a"], ["b"])


def test_relative_cosine_is_the_cosine_over_the_sum_of_the_nearest(kv: KeyedVectors) -> None:
    near = sum(score for _, score in kv.most_similar("w3", topn=5))
    assert kv.relative_cosine_similarity("w3", "w9", 5) == pytest.approx(kv.similarity("w3", "w9") / near)
    with pytest.raises(ValueError, match="topn must be 1 or more"):
        kv.relative_cosine_similarity("w3", "w9", 0)
    with pytest.raises(KeyError):
        kv.relative_cosine_similarity("w3", "nothing")


def test_word_movers_distance_of_simple_documents() -> None:
    pytest.importorskip("ot")
    kv = KeyedVectors(["a", "b", "c", "twin"], np.float32([[0, 0], [3, 4], [6, 8], [0, 0]]))
    assert kv.wmdistance(["a"], ["b"], norm=False) == pytest.approx(5)
    assert kv.wmdistance(["a", "a", "b", "b"], ["a", "b"], norm=False) == pytest.approx(0)
    assert kv.wmdistance(["a", "a", "a", "b"], ["c"], norm=False) == pytest.approx(0.75 * 10 + 0.25 * 5)
    assert kv.wmdistance(["a"], ["twin"], norm=False) == 0
    assert kv.wmdistance(["a", "unknown"], ["b"], norm=False) == pytest.approx(5)
    assert kv.wmdistance(["unknown"], ["b"]) == kv.wmdistance([], ["b"]) == float("inf")
    assert kv.wmdistance([0, 1], ["c"], norm=False) == kv.wmdistance(["c"], ["a", "b"], norm=False)
    with pytest.raises(TypeError, match="list of words"):
        kv.wmdistance("a b", ["b"])


def test_word_movers_distance_equals_gensims(kv: KeyedVectors) -> None:
    pytest.importorskip("ot")
    pytest.importorskip("gensim.models")
    theirs = kv.to_gensim()
    rng = np.random.default_rng(6)
    for norm in (True, False):
        for _ in range(5):
            one, other = ([f"w{i}" for i in rng.integers(0, 40, size)] for size in (12, 9))
            assert kv.wmdistance(one, other, norm) == pytest.approx(theirs.wmdistance(one, other, norm), abs=1e-6)


def test_word_movers_distance_without_pot_names_the_extra(kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ot", None)
    with pytest.raises(W2VError, match=r"w2v\[wmd\]"):
        kv.wmdistance(["w1"], ["w2"])
