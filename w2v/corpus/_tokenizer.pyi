from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

LINE_END: int
DROPPED: int
WORD_CLASS: int
SEPARATOR_CLASS: int
LINE_END_CLASS: int
NO_WEIGHTS: int
WEIGHT_FIRST: int
WEIGHT_PASSED: int
EDGES_WITHOUT_WEIGHTS: int
EDGES_WITH_WEIGHTS: int
EDGE_WEIGHTS_IGNORED: int

class EdgeStats(NamedTuple):
    edges: int
    comments: int
    further: int

class BlockStats(NamedTuple):
    words: int
    line_ends: int
    head_words: int
    tail_words: int
    longest_inner: int
    crlf_lines: int
    weights: int
    zero_weights: int
    weight_sum: float
    lowest_weight: float
    highest_weight: float

class Oddities(NamedTuple):
    invalid_words: int
    invalid_bytes: int
    longest_word: int
    punctuated: int
    markup: int
    wiki: int
    unspaced: int
    unspaced_chars: int
    unicode_spaces: int
    blanks: int
    capitalized: int

class BadWeight(Exception):
    word: bytes
    offset: int
    def __init__(self, word: bytes, offset: int) -> None: ...

class BadEdge(Exception):
    reason: int
    line: bytes
    offset: int
    def __init__(self, reason: int, line: bytes, offset: int) -> None: ...

class WordTable:
    def __new__(cls) -> Self: ...
    def __len__(self) -> int: ...
    def add(self, word: bytes, count: int = 1) -> int: ...
    def add_all(
        self, blob: NDArray[np.uint8], offsets: NDArray[np.int64], counts: NDArray[np.int64] | None = None
    ) -> None: ...
    @staticmethod
    def closed(blob: NDArray[np.uint8], offsets: NDArray[np.int64]) -> tuple[WordTable, NDArray[np.int32]]: ...
    def find(self, word: bytes) -> int: ...
    def counts(self) -> NDArray[np.int64]: ...
    def oddities(self, counts: NDArray[np.int64]) -> Oddities: ...
    def select(
        self, counts: NDArray[np.int64], min_count: int, max_words: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]: ...

class BlockTokenizer:
    def __new__(cls, table: WordTable, classes: bytes) -> Self: ...
    def tokenize(
        self, block: bytes | memoryview, out: NDArray[np.int32], weights: int = 0
    ) -> tuple[int, BlockStats]: ...
    def tokenize_integers(
        self, values: NDArray[np.integer[Any]], out: NDArray[np.int32], ends_rows: bool = True
    ) -> tuple[int, BlockStats]: ...
    def read_edges(
        self, block: bytes | memoryview, delimiter: int, source: int, target: int, weight: int, weights: int
    ) -> tuple[NDArray[np.int32], NDArray[np.float32] | None, EdgeStats]: ...

def find_nul(block: bytes | memoryview) -> int: ...
def remap(ids: NDArray[np.int32], final: NDArray[np.int32], out: NDArray[np.int32], last: int) -> tuple[int, int]: ...
