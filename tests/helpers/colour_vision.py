"""How much colours differ for people who see all colours, or no red or no green ones.

Sources: Machado et al. 2009, A physiologically-based model for simulation of color vision deficiency, matrices of
severity 1 for linear RGB; CIE 1976, distances in L*a*b* with white D65.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

SIGHTS = {
    "usual": np.eye(3),
    "protan": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                        [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                        [-0.011820, 0.042940, 0.968881]]),
}
_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                 [0.0193339, 0.1191920, 0.9503041]])
_EDGE = 6 / 29  # below it, L*a*b* is linear


def _lab(colour: str, sight: str) -> np.ndarray:
    """Return L*, a* and b* of a colour such as "#0072b2" as it is seen."""
    parts = np.array([int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    xyz = _XYZ @ np.clip(SIGHTS[sight] @ linear, 0, 1) / _XYZ.sum(axis=1)
    x, y, z = np.where(xyz > _EDGE ** 3, np.cbrt(xyz), xyz / (3 * _EDGE ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def least_difference(colours: Sequence[str], sight: str) -> tuple[float, str, str]:
    """Return the distance of the two most similar colours, and these."""
    return min((float(np.linalg.norm(_lab(a, sight) - _lab(b, sight))), a, b) for a, b in combinations(colours, 2))
