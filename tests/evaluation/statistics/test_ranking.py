"""AUC and average precision: the definitions by slow loops, scikit-learn, and replicates by real resampling."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.evaluation.statistics.bootstrap import resample_counts
from w2v.evaluation.statistics.paired import compare_rankings, compare_ratios
from w2v.evaluation.statistics.ranking import auc_and_precision, ranking_intervals, ranking_replicates


def naive(positive: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """Share of pairs in the right order; precision at each threshold times the recall that it adds."""
    high, low = scores[positive], scores[~positive]
    auc = np.mean([(a > b) + (a == b) / 2 for a in high for b in low])
    precision, before = 0.0, 0.0
    for threshold in sorted(set(scores.tolist()), reverse=True):
        chosen = scores >= threshold
        recall = (positive & chosen).sum() / positive.sum()
        precision += (recall - before) * (positive & chosen).sum() / chosen.sum()
        before = recall
    return float(auc), float(precision)


def made(n: int, ties: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    positive = rng.random(n) < 0.4
    positive[:2] = [True, False]
    scores = rng.normal(size=n) + positive
    return positive, np.round(scores) if ties else scores


@pytest.mark.parametrize("n", [2, 7, 60])
@pytest.mark.parametrize("ties", [False, True])
def test_values_are_those_of_the_definitions(n, ties):
    positive, scores = made(n, ties)
    assert auc_and_precision(positive, scores) == pytest.approx(naive(positive, scores))


@pytest.mark.parametrize("ties", [False, True])
def test_values_agree_with_scikit_learn(ties):
    metrics = pytest.importorskip("sklearn.metrics")
    positive, scores = made(500, ties)
    assert auc_and_precision(positive, scores) == pytest.approx(
        (metrics.roc_auc_score(positive, scores), metrics.average_precision_score(positive, scores)))


def test_known_values():
    positive = np.array([True, True, False, False])
    assert auc_and_precision(positive, np.array([4.0, 3, 2, 1])) == (1, 1)
    assert auc_and_precision(positive, np.array([1.0, 2, 3, 4])) == pytest.approx((0, (1 / 3 + 2 / 4) / 2))
    assert auc_and_precision(positive, np.zeros(4)) == (0.5, 0.5)
    assert auc_and_precision(positive[:2], np.zeros(2)) is None is auc_and_precision(positive[2:], np.zeros(2))


@pytest.mark.parametrize("ties", [False, True])
def test_replicates_are_values_of_resamples(ties):
    positive, scores = made(25, ties)
    other = -scores[::-1]
    found = ranking_replicates(positive, [scores, other], draws=50, seed=3)
    assert found.shape == (2, 2, 50)
    counts = np.concatenate(list(resample_counts(25, 50, 3))).astype(int)
    for i, own in enumerate(counts):
        for one, values in zip((scores, other), found[:, :, i], strict=True):
            assert values.tolist() == pytest.approx(naive(np.repeat(positive, own), np.repeat(one, own)))


@pytest.mark.parametrize("ties", [False, True])
def test_intervals_of_cells_are_those_of_items(ties, monkeypatch):
    positive, scores = made(900, ties)
    whole = ranking_intervals(positive, scores, draws=2000)
    monkeypatch.setattr("w2v.evaluation.statistics.ranking._CELLS", 300)
    monkeypatch.setattr("w2v.evaluation.statistics.ranking._ITEMS", 300)
    found = ranking_intervals(positive, scores, draws=2000)
    assert found != whole and found == ranking_intervals(positive, scores, draws=2000)
    assert np.array(found) == pytest.approx(np.array(whole), abs=0.006)
    for value, (low, high) in zip(auc_and_precision(positive, scores), found, strict=True):
        assert low < value < high and high - low > 0.03


def test_resamples_without_one_class_are_nan():
    found = ranking_replicates(np.array([True, False]), [np.array([1.0, 0.0])], draws=100)
    assert np.isnan(found[0, 0]).any() and (np.isnan(found[0, 0]) == np.isnan(found[0, 1])).all()
    assert set(found[0, 0][~np.isnan(found[0, 0])].tolist()) == {1.0}


def test_better_ranking_is_found():
    positive, scores = made(400, False)
    worse = np.random.default_rng(1).normal(size=400)
    test = compare_rankings(worse, scores, positive.astype(float), 500, 1)
    assert test is not None and test.second > test.first and test.p < 0.01 and test.interval[0] > 0
    same = compare_rankings(scores, scores, positive.astype(float), 500, 1)
    assert same is not None and same.interval == (0, 0) and same.p == 1
    assert compare_rankings(scores, worse, np.ones(400), 500, 1) is None


def test_ratios_are_of_sums():
    found = compare_ratios(np.array([1.0, 0, 2]), np.array([1.0, 1, 2]), np.array([1.0, 1, 3]), 500, 1)
    assert (found.first, found.second) == (3 / 5, 4 / 5) and found.interval[0] >= 0
