from typing import Any

import numpy as np
from numpy.typing import NDArray

_Bytes = NDArray[np.uint8] | memoryview
_Offsets = NDArray[np.int32] | NDArray[np.int64]

def copy_strings(
    data: _Bytes, starts: _Offsets, stops: _Offsets, ends: NDArray[np.uint8] | None, end: int, out: _Bytes
) -> int: ...
def count_from(data: _Bytes, least: int) -> int: ...
def join_integers(
    values: NDArray[Any], starts: NDArray[np.int64], stops: NDArray[np.int64], ends: NDArray[np.uint8] | None,
    out: NDArray[np.int64]
) -> int: ...
