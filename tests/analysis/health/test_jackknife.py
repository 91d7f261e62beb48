"""Moments and what follows from them, against plain computations in float64."""

import numpy as np
import pytest
from helpers.spaces import gaussian, rotation, space

from w2v.analysis.health.jackknife import estimated_rank, jackknife, moments_of, partition_ratio
from w2v.analysis.health.samples import RandomSample, Sample
from w2v.analysis.moments import participation_ratio


def sample_of(vectors, seed=1):
    return Sample(space(vectors), np.arange(len(vectors)), seed)


def skewed(n, d):
    return (gaussian(n, d) * np.linspace(0.2, 2, d) + 0.3).astype(np.float32)


@pytest.mark.parametrize("n, d", [(7, 3), (500, 20)])
@pytest.mark.parametrize("unit", [True, False])
def test_moments_equal_plain_sums(n, d, unit):
    vectors = skewed(n, d).astype(np.float64)
    moment = moments_of(sample_of(vectors), unit=unit).whole
    if unit:
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert moment.mean == pytest.approx(vectors.mean(axis=0), abs=1e-6)
    assert moment.covariance == pytest.approx(np.cov(vectors.T, bias=True), abs=1e-5)
    assert moment.second == pytest.approx(vectors.T @ vectors / n, abs=1e-5)


@pytest.mark.parametrize("offset", [0, 1000])
def test_a_common_mean_takes_no_digits_from_the_covariance(offset):
    vectors = (skewed(3000, 6) + np.float32(offset)).astype(np.float32)
    exact = np.cov(vectors.astype(np.float64).T, bias=True)
    groups = moments_of(sample_of(vectors), unit=False)
    assert groups.whole.covariance == pytest.approx(exact, abs=1e-4)
    for rest in groups.without:
        assert rest.covariance == pytest.approx(exact, abs=0.1)


@pytest.mark.parametrize("shares", [[1, 1, 1, 1], [4, 1, 1, 1], [1, 0, 0, 0], [8, 4, 2, 1]])
def test_effective_rank_and_participation_of_known_spectra(shares):
    n = 4000
    values = np.array(shares, dtype=float)
    vectors = np.repeat(np.eye(4), n // 4, axis=0) * np.sqrt(values)[:, None].repeat(n // 4, 0).reshape(n, 1)
    vectors = np.concatenate((vectors, -vectors)) @ rotation(4)
    moments = moments_of(sample_of(vectors.astype(np.float32)), unit=False)
    p = values / values.sum()
    p = p[p > 0]
    assert estimated_rank(moments).value == pytest.approx(np.exp(-(p * np.log(p)).sum()), rel=1e-3)
    assert participation_ratio(moments.whole.covariance) == pytest.approx(1 / (p ** 2).sum(), rel=1e-3)


def test_interval_of_the_effective_rank_is_that_of_exact_values():
    """The first-order values without a group against eigenvalue decompositions, and the spread over new samples."""
    moments = moments_of(sample_of(skewed(2000, 12)), unit=True)
    found = estimated_rank(moments)

    def exact(moment):
        p = np.linalg.eigvalsh(moment.covariance)
        p = p / p.sum()
        return float(np.exp(-(p * np.log(p)).sum()))

    assert found.interval == pytest.approx(moments.estimate(exact).interval, rel=1e-3)
    others = [estimated_rank(moments_of(sample_of((gaussian(2000, 12, seed) * np.linspace(0.2, 2, 12) + 0.3)
                                                  .astype(np.float32)), unit=True)).value for seed in range(1, 13)]
    half = (found.interval[1] - found.interval[0]) / 2
    assert 0.5 < half / (1.96 * np.std(others)) < 2


@pytest.mark.parametrize("centred", [True, False])
def test_partition_ratio_equals_its_definition(centred):
    vectors = skewed(400, 6)
    found = partition_ratio(sample_of(vectors), moments_of(sample_of(vectors), unit=False).whole, centred=centred)
    plain = vectors.astype(np.float64) - (vectors.mean(axis=0) if centred else 0)
    plain *= min(1, np.sqrt(6 / (plain ** 2).sum(axis=1).mean()))
    _, directions = np.linalg.eigh(plain.T @ plain)
    sums = [np.exp(sign * plain @ directions[:, k]).sum() for k in range(6) for sign in (1, -1)]
    assert found.value == pytest.approx(min(sums) / max(sums), rel=1e-4)
    assert found.interval[0] < found.value < found.interval[1]


def test_partition_ratio_of_huge_vectors_is_finite():
    vectors = gaussian(100, 5) * np.float32(1e6)
    found = partition_ratio(sample_of(vectors), moments_of(sample_of(vectors), unit=False).whole, centred=False)
    assert 0 < found.value <= 1


def test_random_sample_has_the_lengths_of_the_sample_and_the_same_blocks_again():
    sample = sample_of(skewed(100, 7))
    null = RandomSample(sample, 3)
    for group in range(sample.n_groups):
        [real], [drawn], [again] = (list(one.blocks(group)) for one in (sample, null, null))
        assert (drawn == again).all()
        assert np.linalg.norm(drawn, axis=1) == pytest.approx(np.linalg.norm(real, axis=1), rel=1e-5)


def test_groups_hold_every_row_once():
    sample = sample_of(gaussian(103, 4))
    assert sorted(sample.rows.tolist()) == list(range(103))


def test_jackknife_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(1).normal(size=20)
    without = [(values.sum() - value) / 19 for value in values]
    low, high = jackknife(float(values.mean()), without).interval
    assert (high - low) / 2 == pytest.approx(2.093 * values.std(ddof=1) / np.sqrt(20), rel=1e-4)
