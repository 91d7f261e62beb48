from typing import Self

import numpy as np
import numpy.typing as npt

class HuffmanTree:
    n_words: int
    longest: int
    def __new__(cls, counts: npt.NDArray[np.int64], order: npt.NDArray[np.int32]) -> Self: ...
    def path(self, word: int) -> list[tuple[int, int]]: ...
    def add_rates(self, words: npt.NDArray[np.float64], nodes: npt.NDArray[np.float64]) -> None: ...
