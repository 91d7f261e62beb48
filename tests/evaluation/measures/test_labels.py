"""Classification of nodes: F1 by slow loops and by scikit-learn, several labels, planted blocks, missing packages."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.evaluation import write
from helpers.graphs import planted

import w2v
from w2v.errors import W2VError
from w2v.evaluation.measures.labels import classifier, f1_scores, score_labels, top_labels
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.settings import Settings
from w2v.keyedvectors import KeyedVectors


def random_labels() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    truth, given = rng.random((2, 50, 6)) < 0.3
    truth[:, 5] = given[:, 5] = False  # a label that does not occur
    return truth, given


def test_f1_is_that_of_precision_and_recall():
    truth, given = random_labels()
    micro, macro = f1_scores(truth, given)
    of_labels = []
    for t, g in zip(truth.T[:5], given.T[:5], strict=True):
        precision, recall = (t & g).sum() / g.sum(), (t & g).sum() / t.sum()
        of_labels.append(2 * precision * recall / (precision + recall))
    precision, recall = (truth & given).sum() / given.sum(), (truth & given).sum() / truth.sum()
    assert micro == pytest.approx(2 * precision * recall / (precision + recall))
    assert macro == pytest.approx(np.mean(of_labels))


def test_f1_agrees_with_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    truth, given = random_labels()
    assert f1_scores(truth, given) == pytest.approx(
        [metrics.f1_score(truth, given, average=name, labels=range(5)) for name in ("micro", "macro")])


def test_nodes_get_as_many_labels_as_they_have():
    found = top_labels(np.array([[0.1, 0.9, 0.5], [0.3, 0.3, 0.1]]), np.array([2, 1]))
    assert found.tolist() == [[False, True, True], [True, False, False]]


def test_single_labels_agree_with_one_vs_rest_of_scikit_learn():
    linear, multiclass = pytest.importorskip("sklearn.linear_model"), pytest.importorskip("sklearn.multiclass")
    rng = np.random.default_rng(3)
    x, classes = rng.normal(size=(120, 4)), np.array(list("xyz"))
    own = classes[np.argmax(x[:, :3] + rng.normal(size=(120, 3)), axis=1)]
    kv = KeyedVectors([f"n{i}" for i in range(120)], x)
    labels = {f"n{i}": (str(label),) for i, label in enumerate(own)}
    result = score_labels(WordRows(kv, ()), "x", labels, Settings(splits=1, seed=9, train_share=0.25))
    order = np.random.default_rng(9).permutation(120)
    train, test = order[:30], order[30:]
    model = multiclass.OneVsRestClassifier(linear.LogisticRegression(C=1.0, max_iter=1000))
    given = model.fit(kv.rows[train].astype(float), own[train]).predict(kv.rows[test].astype(float))
    assert result.micro == pytest.approx((given == own[test]).mean()) and 0.4 < result.micro < 1
    assert (result.nodes, result.labels, result.several, result.interval) == (120, 3, 0, None)
    assert float(np.nanmean(result.items.values)) == pytest.approx(result.micro)


def test_several_labels_of_nodes_are_found():
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(4)
    x = rng.normal(size=(200, 3))
    labels = {f"n{i}": tuple(name for name, value in zip("abc", row, strict=True) if value > 0) or ("none",)
              for i, row in enumerate(x)}
    kv = KeyedVectors([f"n{i}" for i in range(200)], 10 * x)
    result = score_labels(WordRows(kv, ()), "x", labels | {"unknown": ("a",), "N1": ("b",)}, Settings(splits=2))
    assert result.micro > 0.93 and result.macro > 0.85 and result.several > 80
    assert (result.nodes, result.total, result.labels) == (200, 202, 4)
    assert "several labels; the number of labels of a node is taken as known" in str(result).replace("\n", " ")
    assert np.isnan(result.items.values[200:]).all()


@pytest.mark.slow
def test_planted_blocks_are_found(tmp_path: Path):
    pytest.importorskip("sklearn")
    _, edges, blocks = planted(tmp_path)
    kv = w2v.train(graph=edges, vector_size=16, epochs=2, walks=5, walk_length=20, threads=1, seed=1).wv
    found = w2v.evaluate(kv, labels=blocks, splits=5)
    result = found["blocks"]
    assert result.micro > 0.97 and result.macro > 0.97 and result.micro_deviation < 0.02
    assert found == w2v.evaluate(kv, labels=blocks, splits=5) and not found.failures
    assert w2v.evaluate(kv, labels=blocks, splits=5, train_share=0.02)["blocks"].micro < result.micro
    again = json.loads(json.dumps(found.to_dict()))["labels"]
    assert [type(result).from_dict(one) for one in again] == [result]
    random = KeyedVectors(kv.index_to_key, np.random.default_rng(1).normal(size=(len(kv), 16)))
    other = w2v.evaluate(random, labels=blocks, splits=5)
    assert other["blocks"].micro < 0.5 and other["blocks"].interval[0] < 0.25 < other["blocks"].interval[1] + 0.1
    assert other != w2v.evaluate(random, labels=blocks, splits=5, seed=2)
    [test] = w2v.evaluate.compare([found, other], draws=500)
    assert test.measure == "micro F1" and 190 < test.items <= 200 and test.second < test.first and not test.noise
    assert test.second == pytest.approx(other["blocks"].micro, abs=0.05)


def test_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    path = write(tmp_path / "k.txt", "a x\nb y\n")
    kv = KeyedVectors(["a", "b"], np.eye(2))
    [failure] = w2v.evaluate(kv, labels=path).failures
    assert "pip install 'w2v[labels]'" in failure.message
    with pytest.raises(W2VError, match="scikit-learn"):
        classifier()


@pytest.mark.parametrize("options", [{"train_share": 0.0}, {"train_share": 1.0}, {"splits": 0}])
def test_options_out_of_range_are_errors(options):
    with pytest.raises(ValueError, match="out of range"):
        w2v.evaluate(KeyedVectors(["a"], np.eye(1)), labels="x.txt", **options)


def test_too_few_known_nodes_are_a_failure(tmp_path: Path):
    pytest.importorskip("sklearn")
    kv = KeyedVectors(["a", "b"], np.eye(2))
    found = w2v.evaluate(kv, labels=write(tmp_path / "k.txt", "a x\nb y\nc x\n"))
    assert found.results[0].micro is None and "too few of the 3 words" in found.failures[0].message
