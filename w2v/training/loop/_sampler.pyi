import numpy as np
import numpy.typing as npt

class Sampler:
    n_words: int
    def __init__(self, weights: npt.NDArray[np.float64]) -> None: ...
    def draw(self, out: npt.NDArray[np.int32], seed: int) -> None: ...
