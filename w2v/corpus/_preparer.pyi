from typing import NamedTuple, Self

from w2v.corpus_options import TextOptions

class PreparationCounts(NamedTuple):
    stop_words: int = 0
    ideographs: int = 0

def unicode_version() -> str: ...

class Preparer:
    def __new__(cls, text: TextOptions, *, tokens: bool = False) -> Self: ...
    @property
    def counts(self) -> PreparationCounts: ...
    def prepare(self, block: bytes | memoryview, weights: int = 0) -> memoryview: ...
