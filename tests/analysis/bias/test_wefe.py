"""Statistic, effect size and debiased vectors are those of WEFE; it needs NumPy 1 and SciPy < 1.13 (`test-wefe`)."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import biased

import w2v


@pytest.fixture(scope="module")
def wefe_model():
    """Function that makes WEFE's model of vectors."""
    pytest.importorskip("wefe")
    from wefe.word_embedding_model import WordEmbeddingModel

    return lambda kv: WordEmbeddingModel(kv.to_gensim(), "test")


def query(asked: w2v.BiasSet, targets, attributes):
    from wefe.query import Query

    return Query([list(asked.targets[name]) for name in targets], [list(asked.attributes[name]) for name in attributes],
                 list(targets), list(attributes))


@pytest.mark.parametrize(("strength", "n", "seed"), [(0, 8, 1), (0.2, 8, 2), (1, 5, 3), (0.1, 12, 4)])
def test_weat_is_that_of_wefe(wefe_model, strength, n, seed):
    from wefe.metrics import WEAT

    kv, asked = biased.planted(strength, n=n, seed=seed), biased.asked(n)
    theirs = WEAT().run_query(query(asked, ("x", "y"), ("a", "b")), wefe_model(kv))
    [ours] = w2v.bias(kv, asked, draws=0, permutations=100).tests
    assert ours.statistic == pytest.approx(theirs["weat"], abs=1e-6)
    assert ours.effect.value == pytest.approx(theirs["effect_size"], abs=1e-6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("equalized", "keep"), [(None, []), (3, ["a0", "w5"])])
def test_debiased_vectors_are_those_of_wefe(wefe_model, equalized, keep):
    from wefe.debias.hard_debias import HardDebias

    kv = biased.planted(0.5)
    pairs = [list(pair) for pair in zip(biased.words("y"), biased.words("x"), strict=True)]
    equalize = None if equalized is None else pairs[:equalized]
    fitted = HardDebias(pca_args={"n_components": 8}).fit(wefe_model(kv), definitional_pairs=pairs,
                                                          equalize_pairs=equalize)
    theirs = fitted.transform(wefe_model(kv), ignore=keep, copy=True)
    found = w2v.debias(kv, pairs, equalize=equalize, keep=keep, draws=0)
    expected = np.array([theirs[word] for word in kv.index_to_key])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)  # WEFE 1.0.1 scales the equalized words by old lengths
    assert np.abs(found.vectors.vectors - expected).max() < 1e-6
    ours = w2v.bias(found.vectors, biased.asked(), draws=0, permutations=100).tests[0]
    from wefe.metrics import WEAT

    result = WEAT().run_query(query(biased.asked(), ("x", "y"), ("a", "b")), theirs)
    assert ours.statistic == pytest.approx(result["weat"], abs=1e-6)
