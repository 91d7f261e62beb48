"""P values and Holm's correction: against exact distributions and worked examples."""

import math

import numpy as np
import pytest

from w2v.evaluation.statistics.significance import benjamini_hochberg, difference_p, holm, mcnemar_p


def test_mcnemar_is_the_binomial_test():
    assert mcnemar_p(0, 0) == 1 and mcnemar_p(5, 5) == 1
    assert mcnemar_p(1, 9) == pytest.approx(2 * (1 + 10) / 2**10)
    assert mcnemar_p(9, 1) == mcnemar_p(1, 9) and 0 < mcnemar_p(1000, 1400) < 1e-10


def test_difference_p_is_two_sided_and_never_zero():
    assert difference_p(np.ones(999)) == 2 / 1000
    assert difference_p(np.array([-1.0, 1.0] * 50)) == 1
    assert difference_p(-np.ones(999)) == difference_p(np.ones(999)) and math.isnan(difference_p(np.array([np.nan])))


def test_holm_is_the_worked_example():
    # 0.005 * 4, max(0.02, 0.01 * 3), max(0.03, 0.03 * 2), max(0.06, 0.04)
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    corrected = holm([0.5, math.nan, 0.9])
    assert corrected[0] == 1 and math.isnan(corrected[1]) and corrected[2] == 1
    assert holm([]) == []


def test_benjamini_hochberg_is_the_example_of_the_paper():
    """The 15 p values of section 3.2; the four smallest are found at 5 %, and three by Bonferroni."""
    values = np.array([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
                       0.6528, 0.7590, 1.0])
    order = np.random.default_rng(0).permutation(15)
    adjusted = benjamini_hochberg(values[order])
    assert sorted(values[order][adjusted <= 0.05]) == [0.0001, 0.0004, 0.0019, 0.0095]
    assert np.sort(adjusted)[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])
    assert (np.diff(adjusted[np.argsort(values[order])]) >= 0).all() and adjusted.max() == 1


def test_benjamini_hochberg_leaves_nan_out():
    adjusted = benjamini_hochberg(np.array([0.02, math.nan, 0.01]))
    assert adjusted[[0, 2]] == pytest.approx([0.02, 0.02]) and math.isnan(adjusted[1])
    assert len(benjamini_hochberg(np.empty(0))) == 0
