from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from w2v.training.loop._copies import Copies
from w2v.training.loop._sampler import Sampler

PULL: float

_Floats = npt.NDArray[np.float32]
_Rows = Sequence[int] | npt.NDArray[np.integer[Any]]

class Kernels:
    isa: str
    lanes: int
    vector_size: int
    def __new__(cls, isa: str | None, vector_size: int = 0) -> Self: ...
    def sigmoid(self, values: _Floats, times: int = 1) -> None: ...
    def scores(
        self, input_vectors: _Floats, output_vectors: _Floats, inputs: _Rows, outputs: _Rows, out: _Floats,
        times: int = 1,
    ) -> None: ...
    def rank_update(
        self, input_vectors: _Floats, output_vectors: _Floats, inputs: _Rows, outputs: _Rows, g: _Floats,
        times: int = 1,
    ) -> None: ...
    def window_update(
        self, input_vectors: _Floats, output_vectors: _Floats, inputs: _Rows, outputs: _Rows, alpha: float,
        kinds: Sequence[int] | None = None, hidden: bool = False, squares: tuple[_Floats, _Floats] | None = None,
        times: int = 1,
    ) -> None: ...
    def gather(
        self, rows: _Floats, common: _Rows, own: Sequence[_Rows], factors: Sequence[float] | _Floats,
        hidden: _Floats, masses: _Floats | None = None, times: int = 1,
    ) -> None: ...
    def scatter(
        self, rows: _Floats, common: _Rows, own: Sequence[_Rows], factors: Sequence[float] | _Floats,
        hidden: _Floats, masses: _Floats | None = None, times: int = 1,
    ) -> None: ...
    def rotate(self, rows: _Floats, basis: _Floats, out: _Floats, times: int = 1) -> None: ...
    def add_change(
        self, row: _Floats, base: _Floats | None, h: float, total: _Floats, weighted: _Floats, times: int = 1,
    ) -> None: ...
    def correct(
        self, row: _Floats, weighted: _Floats, eigenvalues: _Floats, total: float, mean: float, times: int = 1,
    ) -> None: ...
    def add_outer(self, row: _Floats, weight: float, sums: _Floats, times: int = 1) -> None: ...
    def draw(self, sampler: Sampler, state: int, count: int) -> tuple[list[int], int]: ...

class PrivateRows:
    def __new__(cls, shared: _Floats, n_private: int) -> Self: ...
    def add(self, row: int, change: _Floats) -> None: ...
    def merge(self, min_touches: int, other_threads: int) -> None: ...

def touch(copies: Copies, outputs: bool, row: int, change: _Floats, curvature: float) -> None: ...
