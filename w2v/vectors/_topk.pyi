import numpy as np
import numpy.typing as npt

_Floats = npt.NDArray[np.float32]
_Rows = npt.NDArray[np.int64]

class Best:
    scores: _Floats
    rows: _Rows
    sizes: _Rows
    def __init__(self, k: int, topn: int) -> None: ...
    def add(
        self, numbers: _Floats, query: int, scale: _Floats | None, shift: _Floats | None, first: int,
        rows: _Rows | None, skip_from: _Rows, skip: _Rows,
    ) -> None: ...
    def sorted(self) -> tuple[_Rows, _Floats, _Rows]: ...

def cosmul(
    numbers: _Floats, scale: _Floats, weights: _Floats, begin: _Rows, epsilon: float, out: _Floats
) -> None: ...
