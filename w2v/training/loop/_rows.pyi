import numpy as np
import numpy.typing as npt

LONGEST_WINDOW: int

def init_vectors(
    vectors: npt.NDArray[np.float32], vector_size: int, seed: int, words: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
) -> None: ...
def longest_line(ids: npt.NDArray[np.int32]) -> int: ...
def first_nonfinite_row(matrix: npt.NDArray[np.float32]) -> int: ...
