"""P values and Holm's correction: against exact distributions and worked examples."""

import math

import numpy as np
import pytest

from w2v.evaluation.statistics.significance import difference_p, holm, mcnemar_p


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
