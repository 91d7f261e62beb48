"""Logistic regression with an L2 penalty, by Newton's method.

Place in the data flow: examples of two classes -> a direction and a bias that separate them.

Source: Hastie, Tibshirani & Friedman 2009, section 4.4.1 (iteratively reweighted least squares).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from w2v.types import Floats

_STEPS = 20  # of Newton's method at most; no case that was measured needed more than 6


def logistic(x: Floats, positive: npt.NDArray[np.bool_], weights: Floats) -> tuple[Floats, Floats]:
    """Fit k logistic regressions to the same examples with different weights.

    Minimises |w|^2 / 2 + sum of weight x class weight x log loss over w and a bias without penalty; the class weights
    balance the classes. Uses Newton's method in coordinates of the span of the examples, of min(m, d) dimensions.

    Parameters
    ----------
    x : (m, d) examples.
    positive : (m,) whether an example belongs to the class.
    weights : (k, m) weights of the examples, 0 to leave one out.

    Returns
    -------
    w (k, d) and bias (k,).
    """
    basis, coordinates = np.linalg.qr(x.T)  # x.T = basis @ coordinates
    z = np.concatenate([coordinates.T, np.ones((len(x), 1))], axis=1)
    penalty = np.ones(z.shape[1])
    penalty[-1] = 0
    target = positive.astype(np.float64)
    found = np.zeros((len(weights), z.shape[1]))
    for w, weight in zip(found, weights, strict=True):
        of_class = np.array([weight[~positive].sum(), weight[positive].sum()])
        cost = weight * weight.sum() / 2 / np.maximum(of_class, 1e-300)[positive.astype(int)]
        for _ in range(_STEPS):
            p = 1 / (1 + np.exp(-np.clip(z @ w, -60, 60)))
            slope = penalty * w - z.T @ (cost * (target - p))
            curve = np.diag(penalty) + (z.T * (cost * p * (1 - p) + 1e-12)) @ z
            change = np.linalg.solve(curve, slope)
            w -= change
            if np.abs(change).max() < 1e-8:
                break
    return found[:, :-1] @ basis.T, found[:, -1]
