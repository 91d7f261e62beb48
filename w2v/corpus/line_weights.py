"""Weights of lines: position of each block, errors of bad weights, and statistics of the weights.

Place in the data flow: between `w2v.corpus.source` and `w2v.corpus.encode`, for a corpus whose lines begin with a
weight. The tokenizer reads the first word of each line as its weight (csrc/text/tokenizer.h), so it has to know for
each block whether the block begins before or after that word.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from dataclasses import dataclass
from itertools import islice

from w2v.corpus._tokenizer import (
    LINE_END_CLASS,
    NO_WEIGHTS,
    WEIGHT_FIRST,
    WEIGHT_PASSED,
    WORD_CLASS,
    BadWeight,
    BlockStats,
)
from w2v.corpus.blocks import Block, origin, position
from w2v.corpus.byte_classes import SENTENCE_END_BYTE, TEXT_CLASSES
from w2v.corpus.integers import IntegerBlock
from w2v.corpus.positions import placed_blocks, text_of
from w2v.corpus.preparation import ends_lines_at_cr
from w2v.corpus.sources.base import TextSource
from w2v.corpus.strings import StringBlock
from w2v.corpus_options import TextOptions
from w2v.errors import CorpusError, FormatError, W2VError
from w2v.system.decompress import RawFile, content_reader, read_full

NEWLINE = b"\n"
_LINE_END = re.compile(rb"\n")
_UNICODE_LINE_END = re.compile(rb"\n|\r(?!\n)|\xc2\x85|\xe2\x80[\xa8\xa9]")


@dataclass(frozen=True)
class LocatedBlock:
    """Block with its position in the corpus.

    Attributes
    ----------
    block : the block.
    weights : argument of `BlockTokenizer.tokenize`: NO_WEIGHTS, WEIGHT_FIRST or WEIGHT_PASSED.
    path : file of the block; None for an iterable.
    offset : byte of the (decompressed) file, or sentence or line of the iterable, at which the block begins.
    line_end : byte that ends a sentence or line of an iterable.
    """

    block: Block
    weights: int
    path: str | None = None
    offset: int = 0
    line_end: bytes = SENTENCE_END_BYTE

    def place(self, offset: int) -> str:
        """Return the place of a byte of this block, for messages; to count its lines, a file is read again."""
        offset = position(self.block, offset)
        if self.path is None:
            read = origin(self.block)
            assert not isinstance(read, IntegerBlock)
            return self._sentence(bytes(text_of(read)).count(self.line_end, 0, offset))
        line = line_number(self.path, self.offset + offset)
        return f"{self.path}, byte {self.offset + offset}" if line is None else f"{self.path}, line {line}"

    def _sentence(self, number: int) -> str:
        return f"{'line' if self.line_end == NEWLINE else 'sentence'} {self.offset + number}"

    def error(self, bad: BadWeight, given: bytes | memoryview, prepared: bytes | memoryview, text: TextOptions,
              line_end: bytes) -> FormatError | CorpusError:
        """Return the error for a line of this block that does not begin with a weight.

        Parameters
        ----------
        given, prepared : the text of the block, and what `text` made of it.
        line_end : byte that ends a line in `prepared`.
        """
        word = bad.word[:40].decode("utf-8", "replace")
        problem = (f"the line begins with {word!r}; with line_weights it must begin with its weight, a finite number "
                   "of at least 0")
        line = bytes(prepared[:bad.offset]).count(line_end)  # preparation keeps the number of lines with weights
        if self.path is not None:
            offset = bad.offset if prepared is given else _line_begin(bytes(given), line, text)
            return FormatError(self.path, problem, offset=self.offset + position(self.block, offset))
        if self.line_end == SENTENCE_END_BYTE:
            sentences = bytes(given).split(SENTENCE_END_BYTE)[:line]
            return CorpusError(f"{self.place(sum(map(len, sentences)) + line)}: {problem}")
        return CorpusError(f"{self._sentence(line)}: {problem}")


def _line_begin(block: bytes, line: int, text: TextOptions) -> int:
    """Return the position of the first word of a line of a block."""
    ends = (_UNICODE_LINE_END if ends_lines_at_cr(text) else _LINE_END).finditer(block)
    begin = next(islice(ends, line - 1, None)).end() if line else 0
    return begin + len(block[begin:]) - len(block[begin:].lstrip(b" \t\v\f\r"))


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
    """Yield the same blocks, with their positions for lines with weights and for a tokenizer.

    Raises
    ------
    CorpusError : a block of integers or of a table, which have no weights.
    """
    if not line_weights and source.text.tokenizer is None:
        for block in blocks:
            yield LocatedBlock(block, NO_WEIGHTS)
        return
    line_end = NEWLINE if source.classes == TEXT_CLASSES else SENTENCE_END_BYTE
    classes = bytearray(source.classes)
    if classes[ord("\r")] != WORD_CLASS and ends_lines_at_cr(source.text):
        classes[ord("\r")] = LINE_END_CLASS
    for place, block in placed_blocks(blocks, source, bytes(classes)):
        if line_weights and isinstance(origin(block), (IntegerBlock, StringBlock)):
            raise CorpusError(f"{source.file or source.name}: line_weights needs text or lists of tokens; integers and "
                              "tables have no weights")
        weights = NO_WEIGHTS if not line_weights else WEIGHT_FIRST if place.at_line_start else WEIGHT_PASSED
        yield LocatedBlock(block, weights, place.path, place.offset, line_end)


def line_number(path: str, offset: int) -> int | None:
    """Return the number of the line, from 1, of a byte of a (decompressed) file; None if it cannot be read again."""
    if not os.path.isfile(path):
        return None
    lines, done = 1, 0
    try:
        with open(path, "rb", buffering=0) as file:
            reader = content_reader(RawFile(file, path), path)
            while done < offset and (chunk := read_full(reader, 1 << 20, path, done)):
                lines += chunk.count(NEWLINE, 0, offset - done)
                done += len(chunk)
    except (OSError, W2VError):
        return None
    return lines


class WeightTally:
    """Sum of the weight statistics of all blocks."""

    lines: int

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
