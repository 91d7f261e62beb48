import math

import numpy as np
import pytest
from helpers.spaces import gaussian

from w2v.analysis.health.chance import cosine_distribution, ks_test, spearman_interval


@pytest.mark.parametrize("x", [-0.9, -0.2, 0.0, 0.3, 0.95])
def test_cosine_distribution_in_two_three_and_five_dimensions_is_known(x):
    angle = math.asin(x)
    known = {2: 0.5 + angle / math.pi, 3: (1 + x) / 2, 5: 0.5 + 0.75 * (x - x ** 3 / 3)}
    for dim, value in known.items():
        assert cosine_distribution(dim, np.array([x]))[0] == pytest.approx(value, abs=1e-7)


@pytest.mark.parametrize("dim", [100, 1000, 10_000])
def test_cosine_distribution_becomes_normal_with_variance_one_over_d(dim):
    x = np.linspace(-3, 3, 13)
    normal = np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in x])
    assert cosine_distribution(dim, x / math.sqrt(dim)) == pytest.approx(normal, abs=0.3 / dim)


@pytest.mark.parametrize("dim", [2, 7, 100])
def test_cosines_of_random_vectors_follow_the_distribution(dim):
    a, b = gaussian(2000, dim, 1), gaussian(2000, dim, 2)
    cosines = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    distance, p = ks_test(cosine_distribution(dim, cosines.astype(np.float64)))
    assert p > 0.01 and distance < 0.04
    assert ks_test(cosine_distribution(dim, cosines + 0.3))[1] < 1e-6


@pytest.mark.parametrize("scaled, p", [(1.2239, 0.10), (1.3581, 0.05), (1.6276, 0.01)])
def test_ks_test_has_the_critical_values_of_kolmogorov(scaled, p):
    n = 100_000
    distance = scaled / (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n))
    distribution = np.clip((np.arange(n) + 0.5) / n + distance - 0.5 / n, 0, 1)
    found, probability = ks_test(distribution)
    assert found == pytest.approx(distance, rel=1e-6)
    assert probability == pytest.approx(p, rel=0.02)


def test_ks_test_of_the_expected_values_themselves_is_no_surprise():
    assert ks_test((np.arange(50) + 0.5) / 50) == (pytest.approx(0.01), 1.0)


@pytest.mark.parametrize("rho, n, ends", [(0.5, 100, (0.3259, 0.6413)), (0.0, 103, (-0.1936, 0.1936))])
def test_spearman_interval(rho, n, ends):
    assert spearman_interval(rho, n) == pytest.approx(ends, abs=2e-3)


def test_spearman_interval_of_few_pairs_and_of_one():
    assert spearman_interval(0.5, 9) is None
    assert spearman_interval(1.0, 50) == (1.0, 1.0)
