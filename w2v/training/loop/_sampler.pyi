from typing import Self

import numpy as np
import numpy.typing as npt

class Sampler:
    n_words: int
    def __new__(cls, weights: npt.NDArray[np.float64]) -> Self: ...
    def draw(self, out: npt.NDArray[np.int32], seed: int) -> None: ...
