from typing import Self

import numpy as np
from numpy.typing import NDArray

CONNECTOR: int
SPELLED: int
NO_RUN: int

class Spelling:
    def __new__(cls, blob: NDArray[np.uint8], offsets: NDArray[np.int64], separator: bytes) -> Self: ...

class GramCounter:
    full: bool
    def __new__(
        cls, kinds: NDArray[np.uint8], counts: NDArray[np.int64], first: int, share: int, max_log2_slots: int,
        spelling: Spelling | None,
    ) -> Self: ...
    def scan(self, ids: NDArray[np.int32]) -> int: ...
    def finish(
        self, least: int
    ) -> tuple[int, NDArray[np.int32], NDArray[np.uint32], NDArray[np.int32], NDArray[np.int64]] | None: ...
    def run_words(self, run: int) -> tuple[int, ...]: ...

class Joiner:
    def __new__(
        cls, kinds: NDArray[np.uint8], words: NDArray[np.int32], offsets: NDArray[np.int64],
        joined: NDArray[np.int32],
    ) -> Self: ...
    def cut(self, ids: NDArray[np.int32], at: int) -> int: ...
    def apply(self, ids: NDArray[np.int32], occurrences: NDArray[np.int64]) -> int: ...

def render(
    ids: NDArray[np.int32], begin: int, end: int, blob: NDArray[np.uint8], offsets: NDArray[np.int64]
) -> NDArray[np.uint8]: ...
