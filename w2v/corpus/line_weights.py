"""Weights of lines: where in a line each block of text begins, and what was read.

Between `w2v.corpus.source` and `w2v.corpus.encode`, for a corpus whose lines begin with a number. The tokenizer takes the first word of
each line for its weight (csrc/text/tokenizer.h), so it must know of each block whether that word is still to come.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias

from w2v.corpus._tokenizer import NO_WEIGHTS, WEIGHT_FIRST, WEIGHT_PASSED, BadWeight
from w2v.corpus.blocks import Block, FileRange
from w2v.corpus.integers import IntegerBlock
from w2v.corpus.source import LINE_END, SENTENCE_END_BYTE, WORD, TextSource
from w2v.errors import CorpusError, FormatError

BlockStats: TypeAlias = tuple[int, int, int, int, int, int, int, int, float, float, float]
"""What `BlockTokenizer.tokenize` counts in a block."""


@dataclass(frozen=True)
class LocatedBlock:
    """A block and where it stands: in a file from byte `offset` of its content on, or in an iterable (`path` is None)
    from sentence `offset` on. `weights` is for `BlockTokenizer.tokenize`."""

    block: Block
    weights: int
    path: str | None = None
    offset: int = 0

    def error(self, bad: BadWeight) -> FormatError | CorpusError:
        """What to tell the user about a line in this block."""
        word = bad.word[:40].decode("utf-8", "replace")
        problem = (f"the line begins with {word!r}, not with its weight, a finite number of 0 or more, which "
                   "line_weights asks for")
        if self.path is not None:
            return FormatError(self.path, problem, offset=self.offset + bad.offset)
        assert isinstance(self.block, bytes)
        sentence = self.offset + self.block.count(SENTENCE_END_BYTE, 0, bad.offset)
        return CorpusError(f"sentence {sentence}: {problem}")


@dataclass(frozen=True)
class LineWeights:
    """The weights of all lines; those of 0 are read and not trained on."""

    lines: int
    zeros: int
    lowest: float
    highest: float
    mean: float


def placed(blocks: Generator[Block, None, None], source: TextSource, line_weights: bool) -> Generator[
        LocatedBlock, None, None]:
    """The same blocks with their places, which are looked for only where lines have weights."""
    if not line_weights:
        for block in blocks:
            yield LocatedBlock(block, NO_WEIGHTS)
        return
    path, offset, marks, first = None, 0, 0, True
    for block in blocks:
        if isinstance(block, IntegerBlock):
            raise CorpusError(f"{source.file or source.name}: line_weights needs text or lists of tokens; integers "
                              "have no weights")
        if source.file != path:
            path, offset, first = source.file, 3 * (source.counts.utf8_boms - marks), True
            marks = source.counts.utf8_boms
        yield LocatedBlock(block, WEIGHT_FIRST if first else WEIGHT_PASSED, path, offset)
        offset += block.count(SENTENCE_END_BYTE) if isinstance(block, bytes) and path is None else _size(block)
        first = ends_before_line(block, source.classes, first)


def _size(block: bytes | FileRange) -> int:
    return block.size if isinstance(block, FileRange) else len(block)


def ends_before_line(block: bytes | FileRange, classes: bytes, first: bool) -> bool:
    """Whether what follows the block is the begin of a line; `first`: whether it began with one."""
    step, size = 64, _size(block)
    while True:
        tail = block.tail(step) if isinstance(block, FileRange) else block[-step:]
        for byte in reversed(tail):
            if classes[byte] in (WORD, LINE_END):
                return classes[byte] == LINE_END
        if step >= size:
            return first
        step *= 16


class WeightTally:
    """Adds up what the blocks say of their weights."""

    def __init__(self) -> None:
        self._lines = self._zeros = 0
        self._sum, self._lowest, self._highest = 0.0, float("inf"), 0.0

    def add(self, stats: BlockStats) -> None:
        lines, zeros, total, lowest, highest = stats[6:]
        if lines:
            self._lines, self._zeros, self._sum = self._lines + lines, self._zeros + zeros, self._sum + total
            self._lowest, self._highest = min(self._lowest, lowest), max(self._highest, highest)

    def result(self) -> LineWeights | None:
        """None if there was no weight."""
        if not self._lines:
            return None
        return LineWeights(self._lines, self._zeros, self._lowest, self._highest, self._sum / self._lines)

    @property
    def lines(self) -> int:
        return self._lines
