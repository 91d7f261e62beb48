"""Positions of blocks in their files: where the errors of weights are, and which lines of a sample a block has.

Place in the data flow: blocks of a source -> `placed_blocks` -> `w2v.corpus.selection` and `w2v.corpus.line_weights`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from w2v.corpus._tokenizer import LINE_END_CLASS, WORD_CLASS
from w2v.corpus.blocks import Block, FileRange, SimpleBlock, SourceCounts, load, origin
from w2v.corpus.integers import IntegerBlock
from w2v.corpus.strings import StringBlock


class BlockSource(Protocol):
    """What the position of a block depends on, besides the blocks before it: a `w2v.corpus.sources.base.TextSource`."""

    classes: bytes
    counts: SourceCounts
    file: str | None
    numbers_lines: bool


@dataclass(frozen=True)
class Place:
    """Position of a block.

    Attributes
    ----------
    file : number of the file, from 0; 0 if lines have numbers.
    path : its name; None for an iterable or an array.
    offset : byte of the (decompressed) file, element of the array, or number of the line at which the block begins.
    at_line_start : whether no word of its first line comes before the block.
    """

    file: int
    path: str | None
    offset: int
    at_line_start: bool


def placed_blocks(blocks: Generator[Block, None, None], source: BlockSource,
                  classes: bytes | None = None) -> Generator[tuple[Place, Block], None, None]:
    """Yield the same blocks with their positions, each before the next block is read.

    Parameters
    ----------
    classes : of the bytes, for what ends a line; by default those of the source.
    """
    classes = source.classes if classes is None else classes
    file, path, offset, marks, at_line_start = 0, source.file, 0, 0, True
    for block in blocks:
        if not source.numbers_lines and (source.counts.files != file or source.file != path):
            file, path, at_line_start = source.counts.files, source.file, True
            offset, marks = 3 * (source.counts.utf8_boms - marks), source.counts.utf8_boms
        yield Place(file, path, offset, at_line_start), block
        read = origin(block)
        offset += line_ends_in(read, source.classes) if source.numbers_lines else size_of(read)
        at_line_start = is_at_line_start(read, classes, at_line_start)


def new_buffer(size: int) -> memoryview:
    """Return memory for the content of one block."""
    return memoryview(bytearray(size))


def text_of(block: bytes | FileRange | StringBlock,
            buffer: Callable[[int], memoryview] = new_buffer) -> bytes | memoryview:
    """Return the content of a block of text; `buffer` as for `w2v.corpus.blocks.load`."""
    content = load(block, buffer)
    assert not isinstance(content, IntegerBlock)
    return content


def size_of(block: SimpleBlock) -> int:
    """Return the bytes of a block of text, or the numbers of a block of integers."""
    if isinstance(block, IntegerBlock):
        return int(block.values.size)
    return len(block) if isinstance(block, bytes) else block.size


def line_ends_in(block: SimpleBlock, classes: bytes) -> int:
    """Return the number of line ends of a block."""
    if isinstance(block, IntegerBlock):
        return int(np.count_nonzero(block.flat() < 0))
    ends = block.ends if isinstance(block, StringBlock) and block.row_ends is not None else None
    if isinstance(block, StringBlock) and ends is not None:  # known without loading the block
        return int(np.count_nonzero(ends == block.end))
    return bytes(text_of(block)).count(_line_end(classes))


def is_at_line_start(block: SimpleBlock, classes: bytes, before: bool) -> bool:
    """Return whether what follows a block begins at the start of a line; `before` says this of the block itself."""
    if isinstance(block, IntegerBlock):
        values = block.values
        if values.ndim == 1:
            return bool(values[-1] < 0) if len(values) else before
        return (block.ends_line and len(values) > 0) or (before and not (values >= 0).any())
    if isinstance(block, StringBlock):
        if classes[block.last] == LINE_END_CLASS:
            return True
        block = bytes(text_of(block))
    step, size = 64, size_of(block)
    while True:
        tail = block.tail(step) if isinstance(block, FileRange) else block[-step:]
        for byte in reversed(tail):
            if classes[byte] in (WORD_CLASS, LINE_END_CLASS):
                return classes[byte] == LINE_END_CLASS
        if step >= size:
            return before
        step *= 16


def last_line(block: bytes | FileRange | IntegerBlock, classes: bytes, place: Place, line: int) -> int:
    """Return where the line that is open at the end of a block begins; `line` is where its first line does."""
    if isinstance(block, IntegerBlock):
        return _last_line_of_integers(block, place, line)
    step, size = 256, size_of(block)
    while True:
        tail = block.tail(step) if isinstance(block, FileRange) else block[-step:]
        if (found := tail.rfind(_line_end(classes))) >= 0:
            return place.offset + size - len(tail) + found + 1
        if step >= size:
            return line
        step *= 16


def _last_line_of_integers(block: IntegerBlock, place: Place, line: int) -> int:
    if block.values.ndim == 2:
        return place.offset + int(block.values.size) if block.ends_line and len(block.values) else line
    ends = np.flatnonzero(block.values < 0)
    return place.offset + int(ends[-1]) + 1 if len(ends) else line


def _line_end(classes: bytes) -> bytes:
    return bytes((classes.index(LINE_END_CLASS),))
