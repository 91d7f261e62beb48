"""Type aliases shared by several folders."""

from __future__ import annotations

import os

import numpy as np
import numpy.typing as npt

StrPath = str | os.PathLike[str]

Matrix = npt.NDArray[np.float32]
"""(n, d), one row per word."""

Counts = npt.NDArray[np.int64]
"""(n,), number of occurrences of each word."""

Floats = npt.NDArray[np.float64]
Scores = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

Interval = tuple[float, float]
"""Lower and upper bound of a confidence interval."""
