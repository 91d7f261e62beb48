"""Bootstrap replicates and intervals: against plain resampling and exact distributions."""

import math

import numpy as np
import pytest

from w2v.evaluation.statistics import bootstrap
from w2v.evaluation.statistics.bootstrap import (
    mean_replicates,
    pearson_replicates,
    percentile_interval,
    proportion_interval,
    purity_replicates,
    resample_counts,
    spearman_replicates,
)
from w2v.evaluation.statistics.clusters import purity
from w2v.evaluation.statistics.correlation import pearson, spearman


def samples(n, draws, seed):
    """The indices in each resample, from the same counts."""
    return [np.repeat(np.arange(n), row.astype(int)) for counts in resample_counts(n, draws, seed) for row in counts]


def tied(n, seed, levels):
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, levels, n).astype(float)
    return gold, gold + rng.normal(size=n) * levels, np.round(rng.normal(size=n) * 2)


def test_counts_are_samples_with_replacement(monkeypatch):
    monkeypatch.setattr(bootstrap, "_BLOCK", 70)  # several blocks, the last one smaller
    counts = np.concatenate(list(resample_counts(20, 11, 5)))
    assert counts.shape == (11, 20) and (counts.sum(axis=1) == 20).all() and counts.max() > 1
    assert np.array_equal(counts, np.concatenate(list(resample_counts(20, 11, 5))))
    assert not np.array_equal(counts, np.concatenate(list(resample_counts(20, 11, 6))))


@pytest.mark.parametrize("levels", [4, 1000])
def test_spearman_replicates_equal_plain_resampling(levels):
    gold, x, y = tied(80, 0, levels)
    drawn = spearman_replicates(gold, [x, y], draws=40, seed=3)
    order = np.argsort(x, kind="stable")
    expected = [[spearman(gold[order][i], v[order][i]) for i in samples(80, 40, 3)] for v in (x, y)]
    assert drawn == pytest.approx(np.array(expected), abs=1e-12) and np.ptp(drawn[0]) > 0.01


def test_pearson_and_means_equal_plain_resampling():
    gold, x, y = tied(60, 1, 10)
    expected = [[pearson(gold[i], v[i]) for i in samples(60, 30, 4)] for v in (x, y)]
    assert pearson_replicates(gold, [x, y], draws=30, seed=4) == pytest.approx(np.array(expected), abs=1e-10)
    means = [[v[i].mean() for i in samples(60, 30, 4)] for v in (x, y)]
    assert mean_replicates(np.stack([x, y]), draws=30, seed=4) == pytest.approx(np.array(means))


def test_samples_without_variation_have_no_value():
    gold, x = np.array([1.0, 1, 1, 2]), np.array([0.1, 0.2, 0.3, 0.4])
    drawn = spearman_replicates(gold, [x], draws=200)[0]
    assert np.isnan(drawn).any() and np.isfinite(drawn).any()
    low, high = percentile_interval(drawn)
    assert -1 <= low <= high <= 1
    assert all(map(math.isnan, percentile_interval(np.array([np.nan]))))


def test_purity_replicates_share_their_resamples():
    rng = np.random.default_rng(0)
    classes, clusters = rng.integers(0, 4, 50), rng.integers(0, 5, 50)
    clusters[:30] = classes[:30]
    drawn = purity_replicates([clusters, clusters, classes], classes, draws=60)
    assert np.array_equal(drawn[0], drawn[1]) and (drawn[2] == 1).all()
    one = np.random.default_rng(bootstrap.SEED).integers(0, 50, size=(60, 50))
    assert drawn[0] == pytest.approx([purity(clusters[i], classes[i]) for i in one])


def test_interval_of_a_proportion_has_the_binomial_width():
    low, high = proportion_interval(300, 1000)
    assert (low, high) == proportion_interval(300, 1000)
    assert high - low == pytest.approx(2 * 1.96 * math.sqrt(0.3 * 0.7 / 1000), rel=0.05)
    assert low < 0.3 < high and proportion_interval(0, 0) is None and proportion_interval(1, 2, draws=0) is None
    # no right answer of ten: 1 - 0.025 ** (1 / 10) = 0.3085, as in tables of Clopper and Pearson
    assert proportion_interval(0, 10) == (0, pytest.approx(0.3085, abs=1e-4))
    assert proportion_interval(10, 10) == (pytest.approx(0.6915, abs=1e-4), 1)


def test_coverage_of_the_interval_is_near_its_level():
    """Of the intervals of 200 samples of 60 pairs, about 95 % contain the true correlation."""
    rng = np.random.default_rng(7)
    inside = 0
    for i in range(200):
        x = rng.normal(size=60)
        y = 0.6 * x + 0.8 * rng.normal(size=60)
        low, high = percentile_interval(pearson_replicates(x, [y], draws=300, seed=i)[0])
        inside += low <= 0.6 <= high
    assert 0.87 <= inside / 200 <= 0.99
