"""Weights of lines: position of each block, errors of bad weights, and statistics of the weights.

Place in the data flow: between `w2v.corpus.source` and `w2v.corpus.encode`, for a corpus whose lines begin with a
weight. The tokenizer reads the first word of each line as its weight (csrc/text/tokenizer.h), so it has to know for
each block whether the block begins before or after that word.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from w2v.corpus._tokenizer import NO_WEIGHTS, WEIGHT_FIRST, WEIGHT_PASSED, BadWeight, BlockStats
from w2v.corpus.blocks import Block, origin
from w2v.corpus.byte_classes import SENTENCE_END_BYTE
from w2v.corpus.integers import IntegerBlock
from w2v.corpus.positions import placed_blocks
from w2v.corpus.source import TextSource
from w2v.corpus.strings import StringBlock
from w2v.errors import CorpusError, FormatError


@dataclass(frozen=True)
class LocatedBlock:
    """Block with its position in the corpus.

    Attributes
    ----------
    block : the block.
    weights : argument of `BlockTokenizer.tokenize`: NO_WEIGHTS, WEIGHT_FIRST or WEIGHT_PASSED.
    path : file of the block; None for an iterable.
    offset : byte of the (decompressed) file, or sentence of the iterable, at which the block begins.
    """

    block: Block
    weights: int
    path: str | None = None
    offset: int = 0

    def error(self, bad: BadWeight) -> FormatError | CorpusError:
        """Return the error for a line of this block that does not begin with a weight."""
        word = bad.word[:40].decode("utf-8", "replace")
        problem = (f"the line begins with {word!r}; with line_weights it must begin with its weight, a finite number "
                   "of at least 0")
        if self.path is not None:
            return FormatError(self.path, problem, offset=self.offset + bad.offset)
        text = origin(self.block)
        assert isinstance(text, bytes)
        sentence = self.offset + text.count(SENTENCE_END_BYTE, 0, bad.offset)
        return CorpusError(f"sentence {sentence}: {problem}")


@dataclass(frozen=True)
class LineWeights:
    """Statistics of the weights of a corpus.

    Attributes
    ----------
    lines : lines with a weight.
    zeros : lines of weight 0, which are read but not trained on.
    lowest, highest, mean : of the weights.
    """

    lines: int
    zeros: int
    lowest: float
    highest: float
    mean: float


def located_blocks(blocks: Generator[Block, None, None], source: TextSource,
                   line_weights: bool) -> Generator[LocatedBlock, None, None]:
    """Yield the same blocks with their positions, which are computed only for lines with weights.

    Raises
    ------
    CorpusError : a block of integers or of a table, which have no weights.
    """
    if not line_weights:
        for block in blocks:
            yield LocatedBlock(block, NO_WEIGHTS)
        return
    for place, block in placed_blocks(blocks, source):
        if isinstance(origin(block), (IntegerBlock, StringBlock)):
            raise CorpusError(f"{source.file or source.name}: line_weights needs text or lists of tokens; integers and "
                              "tables have no weights")
        yield LocatedBlock(block, WEIGHT_FIRST if place.at_line_start else WEIGHT_PASSED, place.path, place.offset)


class WeightTally:
    """Sum of the weight statistics of all blocks."""

    def __init__(self) -> None:
        self.lines = 0
        self._zeros = 0
        self._sum, self._lowest, self._highest = 0.0, float("inf"), 0.0

    def add(self, stats: BlockStats) -> None:
        """Add the statistics of a block."""
        if stats.weights:
            self.lines += stats.weights
            self._zeros += stats.zero_weights
            self._sum += stats.weight_sum
            self._lowest = min(self._lowest, stats.lowest_weight)
            self._highest = max(self._highest, stats.highest_weight)

    def result(self) -> LineWeights | None:
        """Return the statistics of all blocks; None if there was no weight."""
        if not self.lines:
            return None
        return LineWeights(self.lines, self._zeros, self._lowest, self._highest, self._sum / self.lines)
