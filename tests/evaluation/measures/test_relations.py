"""Analogy methods that learn from whole relations: 3CosAvg against a naive loop, LRCos and its regressions."""

import numpy as np
import pytest
from helpers.evaluation import related_vectors, unit_rows

from w2v.evaluation.measures import analogies, relations
from w2v.evaluation.measures.answers import UNKNOWN
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.sets.analogies import PairSection, words_of
from w2v.evaluation.settings import Settings
from w2v.evaluation.statistics.logistic import logistic
from w2v.keyedvectors import KeyedVectors


@pytest.fixture(scope="module")
def kv():
    return related_vectors()


def test_3cosavg_matches_a_naive_loop(kv):
    pairs = [(f"w{i}", (f"w{50 + i}",)) for i in range(20)]
    x = unit_rows(kv)
    usual, honest = [], []
    for i in range(20):
        rest = [j for j in range(20) if j != i]
        scores = x @ (x[i] + np.mean(x[[50 + j for j in rest]] - x[rest], axis=0))
        honest.append(int(scores.argmax() == 50 + i))
        scores[[i, 149] if i == 3 else i] = -np.inf
        usual.append(int(scores.argmax() == 50 + i))
    words = WordRows(kv, {word for a, b in pairs for word in (a, *b)})
    found = relations.answer_pairs(words, pairs, len(kv), "3cosavg")
    assert found.usual.tolist() == usual and found.honest.tolist() == honest and 5 < sum(usual)


def test_pairs_with_unknown_words_are_unknown_and_not_learned_from(kv):
    pairs = [("w0", ("no", "w50")), ("nowhere", ("w51",)), ("w2", ("no",)), ("w3", ("w53", "w99")), ("w4", ("w54",))]
    words = WordRows(kv, {word for a, b in pairs for word in (a, *b)})
    for method in relations.METHODS:
        found = relations.answer_pairs(words, pairs, len(kv), method)
        assert [value == UNKNOWN for value in found.usual.tolist()] == [False, True, True, False, False]
        assert (relations.answer_pairs(words, pairs[:3], len(kv), method).usual == UNKNOWN).all()


def test_logistic_regressions_are_at_the_minimum():
    rng = np.random.default_rng(3)
    x, positive = rng.normal(size=(40, 6)), rng.random(40) < 0.4
    x[positive] += 0.7
    weights = np.ones((3, 40))
    weights[1, 5:9] = 0
    weights[2] = rng.integers(1, 4, 40)
    directions, biases = logistic(x, positive, weights)
    for w, b, weight in zip(directions, biases, weights, strict=True):
        total = weight.sum()
        cost = weight * np.where(positive, total / 2 / weight[positive].sum(), total / 2 / weight[~positive].sum())
        p = 1 / (1 + np.exp(-(x @ w + b)))
        assert np.abs(w - x.T @ (cost * (positive - p))).max() < 1e-6  # the gradient of the penalised loss
        assert abs((cost * (positive - p)).sum()) < 1e-6
    assert np.abs(directions[0]).max() > 0.1 and np.abs(directions[0] - directions[1]).max() > 1e-3
    wide, bias = logistic(np.concatenate([x, np.zeros((40, 60))], axis=1), positive, weights)  # m < d
    assert wide[:, :6] == pytest.approx(directions, abs=1e-6) and bias == pytest.approx(biases, abs=1e-6)


def test_lrcos_finds_a_class_that_offsets_do_not():
    """The b are close to each other and to their a, but the offsets differ."""
    rng = np.random.default_rng(5)
    n, d = 30, 60
    a = rng.normal(size=(n, d))
    place = 3 * rng.normal(size=d) / np.sqrt(d) * 2
    b = 0.6 * a + place + 0.7 * rng.normal(size=(n, d))
    noise = 0.75 * np.repeat(a, 4, axis=0) + 0.8 * rng.normal(size=(4 * n, d))
    kv = KeyedVectors([f"a{i}" for i in range(n)] + [f"b{i}" for i in range(n)] + [f"n{i}" for i in range(4 * n)],
                      np.concatenate([a, b, noise]).astype(np.float32))
    section = PairSection("x", 1, own_pairs=tuple((f"a{i}", (f"b{i}",)) for i in range(n)))
    words = WordRows(kv, words_of([section]))
    found = {result.method: result for result in analogies.score_analogies(
        words, "planted", [section], Settings(analogies.METHODS, restrict_vocab=None))}
    assert found["lrcos"].accuracy > 0.6 and found["lrcos"].accuracy > found["pairdistance"].accuracy
    again = analogies.score_analogies(words, "planted", [section], Settings(("lrcos",), restrict_vocab=None))
    assert again == [found["lrcos"]]
    assert found["3cosadd"].total == n * (n - 1) and found["3cosavg"].total == n
    assert found["3cosadd"].groups == ()
