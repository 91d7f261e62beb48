from typing import Self

import numpy as np
import numpy.typing as npt

_Floats = npt.NDArray[np.float32]

class Ngrams:
    n_words: int
    buckets: int
    max_rows: int
    def __new__(
        cls, words: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], minn: int, maxn: int, buckets: int
    ) -> Self: ...
    def of(self, word: int) -> list[int]: ...
    def init_vectors(self, vectors: _Floats, vector_size: int, seed: int) -> None: ...
    def compose(
        self, vectors: _Floats, words: npt.NDArray[np.int64], out: _Floats, isa: str | None = None
    ) -> None: ...
