from typing import NamedTuple

from w2v.corpus_options import TextOptions

class PreparationCounts(NamedTuple):
    stop_words: int = 0
    ideographs: int = 0

def unicode_version() -> str: ...

class Preparer:
    def __init__(self, text: TextOptions, *, tokens: bool = False) -> None: ...
    @property
    def counts(self) -> PreparationCounts: ...
    def prepare(self, block: bytes | memoryview, weights: int = 0) -> memoryview: ...
