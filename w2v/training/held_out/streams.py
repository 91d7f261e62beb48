"""Random streams of the held-out loss, independent of the seed of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

LINES, KEEP, REACH, WINDOWS, NEGATIVES, PART = range(1, 7)
Random = npt.NDArray[np.uint64]


def mix(numbers: npt.NDArray[Any], stream: int) -> Random:
    """Return a random number for each number: splitmix64, as in `csrc/loop/rng.h`."""
    z = (numbers.astype(np.uint64) + np.uint64(stream << 40)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def uniform(numbers: npt.NDArray[Any], stream: int) -> npt.NDArray[np.float64]:
    """Return a random number in [0, 1) for each number."""
    return (mix(numbers, stream) >> np.uint64(11)).astype(np.float64) * 2.0**-53
