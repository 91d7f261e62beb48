"""Logistic regression against scikit-learn; its minimum is tested with the analogies that use it."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.evaluation.statistics.logistic import logistic


@pytest.mark.parametrize("strength", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("separable", [False, True])
def test_regression_agrees_with_scikit_learn(strength, separable):
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 6))
    positive = x[:, 0] + (0 if separable else 1) * rng.normal(size=300) > 0.5
    model = linear.LogisticRegression(C=strength, class_weight="balanced", tol=1e-10, max_iter=10_000).fit(x, positive)
    directions, bias = logistic(x, positive, np.full((1, 300), strength))
    assert directions[0] == pytest.approx(model.coef_[0], abs=2e-4, rel=1e-3)
    assert bias[0] == pytest.approx(model.intercept_[0], abs=2e-4, rel=1e-3)
