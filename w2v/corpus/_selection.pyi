from typing import Self

import numpy as np
from numpy.typing import NDArray

class LineSample:
    bootstrap: bool
    def __new__(cls, share: float, seed: int, bootstrap: bool = False) -> Self: ...
    def copies(self, file: int, positions: NDArray[np.int64]) -> NDArray[np.uint8]: ...
    def leave_out(
        self, text: memoryview, classes: bytes, file: int, begin: int, line: int, numbered: bool, first_word: bool
    ) -> int: ...
    def repeat(
        self, text: bytes | memoryview, classes: bytes, file: int, begin: int, line: int, numbered: bool,
        first_word: bool
    ) -> tuple[bytearray, int, int]: ...

def count_words(
    text: bytes | memoryview, classes: bytes, most: int, weighted: bool = False, weight_next: bool = False
) -> tuple[int, int]: ...
