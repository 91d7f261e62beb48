"""`Word2Vec.score`: log probabilities of sentences under hierarchical softmax."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import w2v

LINES = [["a", "b", "c", "d"], ["a", "c"], ["b", "d", "d"], ["e", "a", "f", "b"]] * 30
OPTIONS: dict[str, Any] = {"vector_size": 6, "min_count": 1, "workers": 1, "hs": 1, "negative": 0, "epochs": 3,
                           "window": 2}
KINDS = pytest.mark.parametrize("options", [{"sg": 1}, {"sg": 0}, {"sg": 0, "cbow_mean": 0}])


def score(model: Any, words: list[str]) -> float:
    """The definition: for each centre, a decision at each node on its path, for each context word or for their mean."""
    total = 0.0
    for place, word in enumerate(words):
        around = words[max(0, place - 2):place] + words[place + 1:place + 3]
        hidden = [model.wv[word].astype(float) for word in around]
        if not model.sg:
            hidden = [np.sum(hidden, axis=0) / (len(hidden) if model.cbow_mean else 1) if hidden else np.zeros(6)]
        for vector in hidden:
            for bit, node in zip(model.wv.get_vecattr(word, "code"), model.wv.get_vecattr(word, "point"), strict=True):
                total -= np.log1p(np.exp(-(-1.0) ** int(bit) * (vector @ model.syn1[node])))
    return total


@KINDS
def test_scores_are_the_sums_of_the_log_probabilities_of_all_decisions(options: dict[str, Any]) -> None:
    model = w2v.Word2Vec(LINES, **OPTIONS, **options)
    sentences = [["a", "b", "c"], ["a"], [], ["unknown", "a", "c"], ["f", "e", "d", "c", "b", "a"], ("a", "a")]
    found = model.score(sentences, len(sentences))
    assert found.dtype == np.float32 and found.shape == (6,)
    expected = [score(model, [word for word in sentence if word != "unknown"]) for sentence in sentences]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert found[2] == 0 and (found[1] == 0) == bool(model.sg) and (np.delete(found, [1, 2]) < 0).all()
    assert model.score(iter(sentences), total_sentences=2).tolist() == found[:2].tolist()


def test_probabilities_of_all_words_after_a_vector_sum_to_one() -> None:
    model = w2v.Word2Vec(LINES, **OPTIONS, sg=1)
    vector, total = model.wv["a"].astype(float), 0.0
    for word in model.wv.index_to_key:
        signs = (-1.0) ** model.wv.get_vecattr(word, "code")
        total += float(np.prod(1 / (1 + np.exp(-signs * (model.syn1[model.wv.get_vecattr(word, "point")] @ vector)))))
    assert total == pytest.approx(1)


@KINDS
def test_scores_are_those_of_gensim_for_the_same_vectors_and_nodes(options: dict[str, Any]) -> None:
    """With these counts the tree is a chain, so only numbers of nodes and the sides of decisions may differ."""
    gensim = pytest.importorskip("gensim.models")
    theirs, ours = (kind(**OPTIONS, **options) for kind in (gensim.Word2Vec, w2v.Word2Vec))
    rng = np.random.default_rng(3)
    for model in (theirs, ours):
        model.build_vocab_from_freq({"a": 16, "b": 8, "c": 4, "d": 2, "e": 1})
    theirs.wv.vectors[:] = rng.normal(size=theirs.wv.vectors.shape, scale=0.6)
    theirs.syn1[:] = rng.normal(size=theirs.syn1.shape, scale=0.6)  # no product reaches 6, where gensim leaves it out
    for word in ours.wv.index_to_key:
        ours.wv.vectors[ours.wv.get_index(word)] = theirs.wv[word]
        parts = [ours.wv.get_vecattr(word, name) for name in ("point", "code")]
        for node, bit, other, other_bit in zip(*parts, theirs.wv.get_vecattr(word, "point"),
                                               theirs.wv.get_vecattr(word, "code"), strict=True):
            ours.syn1[node] = theirs.syn1[other] * (1 if bit == other_bit else -1)
    lines = [["a", "b", "c"], ["e", "d", "a", "b", "c"], ["a", "x", "e"], ["b"]]
    expected = theirs.score(lines, len(lines))
    np.testing.assert_allclose(ours.score(lines, len(lines)), expected, rtol=0.03)  # gensim looks logarithms up
    assert len(set(expected.tolist())) == 4


def test_models_that_cannot_score_say_why() -> None:
    with pytest.raises(RuntimeError, match="hs=1, negative=0"):
        w2v.Word2Vec(LINES, min_count=1, vector_size=4).score([["a"]])
    with pytest.raises(RuntimeError, match="no vocabulary"):
        w2v.Word2Vec(hs=1).score([["a"]])
    with pytest.raises(TypeError, match="sentence 0 is a str"):
        w2v.Word2Vec(LINES, **OPTIONS).score(["a"])
