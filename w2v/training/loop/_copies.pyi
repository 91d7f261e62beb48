import numpy as np
import numpy.typing as npt

_Matrix = npt.NDArray[np.float32]

class Copies:
    def __init__(self, snapshot: tuple[_Matrix, _Matrix], rows: tuple[_Matrix, _Matrix]) -> None: ...
    def clear(self) -> None: ...
    @property
    def touched(self) -> tuple[int, int]: ...
