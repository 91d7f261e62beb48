from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8] | memoryview
Offsets = NDArray[np.int32] | NDArray[np.int64]

def copy_strings(
    data: Bytes, starts: Offsets, stops: Offsets, ends: NDArray[np.uint8] | None, end: int, out: Bytes
) -> int: ...
def count_from(data: Bytes, least: int) -> int: ...
def join_integers(
    values: NDArray[Any], starts: NDArray[np.int64], stops: NDArray[np.int64], ends: NDArray[np.uint8] | None,
    out: NDArray[np.int64]
) -> int: ...
