"""Which part of a corpus is read: `sample_lines`, `bootstrap` and `max_words` of `w2v.corpus_options.ReadOptions`.

Place in the data flow: blocks of a source -> `Selection.blocks` -> `TextSource.blocks`, so every reader meets the same
part. How often a line is in the sample depends on the seed, the number of its file and the position of the line in it:
not on the size of blocks, the threads or the compression. Lines that are left out become empty lines of the same size,
in the thread that tokenizes the block, so that positions stay right. For `bootstrap` blocks are made of whole lines,
and that thread repeats them. `max_words` is applied to the blocks in their order, which are then loaded here.

Source
------
Chamandy et al. 2012 (Estimating uncertainty for massive data streams): a Poisson(1) number of copies of each item for
the bootstrap, where the number of items is not known in advance.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._selection import LineSample, count_words
from w2v.corpus._tokenizer import LINE_END_CLASS
from w2v.corpus.blocks import MAX_WORD, Block, PartBlock, SimpleBlock, origin
from w2v.corpus.integers import IntegerBlock
from w2v.corpus.positions import (
    BlockSource,
    Place,
    is_at_line_start,
    last_line,
    new_buffer,
    placed_blocks,
    size_of,
    text_of,
)
from w2v.corpus.strings import StringBlock
from w2v.corpus_options import ReadOptions
from w2v.errors import CorpusError

MAX_LINE = MAX_WORD  # bytes of a line that is drawn as a whole


@dataclass(frozen=True)
class Selection:
    """The part of a corpus that is read.

    Attributes
    ----------
    sample : of the lines; None for all.
    max_words : words to read; None for all.
    line_weights : whether the first word of each line of text is its weight, and not counted.
    """

    sample: LineSample | None
    max_words: int | None
    line_weights: bool = False

    @classmethod
    def of(cls, reading: ReadOptions, seed: int, line_weights: bool = False) -> Selection | None:
        """Return the selection that the options ask for; None if all is read."""
        share = reading.sample_lines or 1.0
        sample = LineSample(share, seed, reading.bootstrap) if reading.bootstrap or share < 1 else None
        if sample is None and reading.max_words is None:
            return None
        return cls(sample, reading.max_words, line_weights)

    def blocks(self, blocks: Generator[Block, None, None], source: BlockSource) -> Generator[Block, None, None]:
        """Yield the selected part of the blocks of a source."""
        if self.sample is not None and self.sample.bootstrap:
            blocks = _whole_lines(blocks, source)
        with closing(blocks):
            sampled = self._sampled(blocks, source)
            yield from sampled if self.max_words is None else self._first_words(sampled, source, self.max_words)

    def _sampled(self, blocks: Generator[Block, None, None], source: BlockSource) -> Generator[_Part, None, None]:
        file, line = -1, 0
        for place, block in placed_blocks(blocks, source):
            read = origin(block)
            if source.numbers_lines or place.file != file:
                file, line = place.file, place.offset
            yield _Part(read, self.sample, place, line, source)
            if self.sample is not None and not isinstance(read, StringBlock) and not source.numbers_lines:
                line = last_line(read, source.classes, place, line)

    def _first_words(self, parts: Generator[_Part, None, None], source: BlockSource,
                     left: int) -> Generator[Block, None, None]:
        """Yield the blocks up to the last word that is read, whose line ends there."""
        complete = source.counts.no_final_newline
        for part in parts:
            content, n_words, left_out = part.first_words(left, self.line_weights)
            left -= n_words
            source.counts.leave_out(left_out)
            yield content
            if left == 0:
                # The source counts only files that it reads to their end.
                source.counts.files += source.file is not None
                source.counts.no_final_newline = complete
                return
            complete = source.counts.no_final_newline


def _whole_lines(blocks: Generator[Block, None, None], source: BlockSource) -> Generator[Block, None, None]:
    """Yield the same blocks, those that do not end with a line joined to the next ones.

    Raises
    ------
    CorpusError : a line is too long to be drawn as a whole.
    """
    carried: list[Block] = []
    with closing(blocks):
        for block in blocks:
            read = origin(block)
            if not is_at_line_start(read, source.classes, not carried):
                carried.append(block)
                if sum(size_of(origin(one)) for one in carried) > MAX_LINE:
                    raise CorpusError(f"{source.file or 'the corpus'}: a line of more than 64 MiB, and bootstrap draws "
                                      "whole lines; pass a text with shorter lines, such as one sentence a line")
            elif carried:
                yield _joined([*map(origin, carried), read])
                carried = []
            else:
                yield block
        if carried:
            yield _joined(list(map(origin, carried)))


def _joined(parts: list[SimpleBlock]) -> SimpleBlock:
    first = parts[0]
    if not isinstance(first, IntegerBlock):
        return b"".join(bytes(text_of(part)) for part in parts if not isinstance(part, IntegerBlock))
    values = [part.values for part in parts if isinstance(part, IntegerBlock)]
    return replace(first, values=np.concatenate(values, axis=first.values.ndim - 1), ends_line=True)


class _Part(PartBlock):
    """Block of which some lines may be left out or repeated.

    Parameters
    ----------
    origin : the block.
    sample : of the lines; None for all.
    place, line : positions of the block and of its first line.
    """

    def __init__(self, origin: SimpleBlock, sample: LineSample | None, place: Place, line: int,
                 source: BlockSource) -> None:
        self.origin = origin
        self._sample, self._place, self._line = sample, place, line
        self._classes, self._numbered, self._counts = source.classes, source.numbers_lines, source.counts

    def load(self, buffer: Callable[[int], memoryview]) -> bytes | memoryview | IntegerBlock:
        """Return the bytes or the integers as they are in the sample; lines that are left out or repeated are counted.
        """
        content: bytes | memoryview | IntegerBlock
        repeated = 0
        if self._sample is not None and self._sample.bootstrap:
            content, left_out, repeated = self._repeated(self._sample, self.origin, buffer)
        elif isinstance(self.origin, IntegerBlock):
            content, _, left_out = self._integers(self.origin, None)
        else:
            content, left_out = self._text(text_of(self.origin, buffer), buffer)
        self._counts.leave_out(left_out, repeated)
        return content

    def position(self, offset: int) -> int:
        """Return the position in the block of a byte of its loaded text; found by reading the block again."""
        if self._sample is None or not self._sample.bootstrap or isinstance(self.origin, IntegerBlock):
            return offset
        text = np.frombuffer(bytes(text_of(self.origin)), np.uint8)
        begins, sizes = _lines_of_text(text, self._classes.index(LINE_END_CLASS))
        copies = self._sample.copies(self._place.file, self._positions(begins))
        written = np.where(copies == 0, 1, sizes * copies)
        line = int(np.searchsorted(np.cumsum(written), offset, side="right"))
        return int(begins[line]) + (offset - int(written[:line].sum())) % int(sizes[line])

    def first_words(self, most: int, line_weights: bool) -> tuple[bytes | IntegerBlock, int, int]:
        """Return the block up to word `most`, whose line ends there, the number of words, and that of the lines left
        out up to there."""
        if isinstance(self.origin, IntegerBlock):
            return self._integers(self.origin, most)
        raw = bytes(text_of(self.origin, new_buffer))
        text, left_out = self._text(raw, new_buffer)
        n_words, end = count_words(text, self._classes, most, line_weights,
                                   line_weights and self._place.at_line_start)
        if n_words < most:
            return bytes(text), n_words, left_out
        _, left_out = self._text(raw[:end], new_buffer)
        return bytes(text[:end]) + bytes((self._classes.index(LINE_END_CLASS),)), n_words, left_out

    def _text(self, text: bytes | memoryview,
              buffer: Callable[[int], memoryview]) -> tuple[bytes | memoryview, int]:
        """Return a text without the lines that are left out, and their number."""
        if self._sample is None:
            return text, 0
        if isinstance(text, bytes):
            writable = buffer(len(text))
            writable[:] = text
            text = writable
        place = self._place
        left_out = self._sample.leave_out(text, self._classes, place.file, place.offset, self._line, self._numbered,
                                          place.at_line_start)
        return text, left_out

    def _repeated(self, sample: LineSample, block: SimpleBlock, buffer: Callable[[int], memoryview],
                  ) -> tuple[memoryview | IntegerBlock, int, int]:
        """Return a block of whole lines, each as often as it is in the sample, and the numbers of lines left out and of
        further copies."""
        place = self._place
        if not isinstance(block, IntegerBlock):
            text, left_out, repeated = sample.repeat(text_of(block, buffer), self._classes, place.file, place.offset,
                                                     self._line, self._numbered, place.at_line_start)
            return memoryview(text), left_out, repeated
        values = block.checked()
        begins, sizes, words = _lines_of(values)
        copies = sample.copies(place.file, self._positions(begins)).astype(np.int64)
        filled = copies[words > 0]
        if values.ndim == 2:
            chosen = np.repeat(values, copies, axis=0)
        else:
            lines, lengths = np.repeat(begins, copies), np.repeat(sizes, copies)
            starts = np.cumsum(lengths) - lengths
            chosen = values[np.repeat(lines - starts, lengths) + np.arange(lengths.sum())]
        return (replace(block, values=chosen), int(np.count_nonzero(filled == 0)),
                int(np.maximum(filled - 1, 0).sum()))

    def _positions(self, begins: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the positions of lines in their file, of those that begin at these places of the block."""
        positions = self._place.offset + (np.arange(len(begins)) if self._numbered else begins)
        positions[:1] = self._line
        return positions

    def _integers(self, block: IntegerBlock, most: int | None) -> tuple[IntegerBlock, int, int]:
        """Return the integers without the lines that are left out, up to word `most`; the number of words; and the
        number of lines left out."""
        values = block.checked()
        begins, sizes, words = _lines_of(values)
        kept = np.ones(len(begins), np.bool_)
        if self._sample is not None:
            kept = self._sample.copies(self._place.file, self._positions(begins)) > 0
        first_word_here = np.ones(len(begins), np.bool_)
        first_word_here[:1] = self._place.at_line_start
        left_out = ~kept & (words > 0) & first_word_here
        total = np.cumsum(words * kept)
        n_words = int(total[-1]) if len(total) else 0
        if most is None or n_words < most:
            chosen = values[kept] if values.ndim == 2 else values[np.repeat(kept, sizes)]
            return replace(block, values=chosen), n_words, int(left_out.sum())
        last = int(np.searchsorted(total, most))  # the line with word `most`
        rest = most - (int(total[last]) - int(words[last]))
        before = values[:last][kept[:last]] if values.ndim == 2 else values[np.repeat(kept, sizes)]
        flat = IntegerBlock(before).flat()
        if values.ndim == 1:
            flat = flat[:int((sizes * kept)[:last].sum())]
        line = values.ravel()[begins[last]:begins[last] + sizes[last]]
        ended = np.concatenate((flat, line[line >= 0][:rest].astype(np.int64), [-1]))
        return replace(block, values=ended), most, int(left_out[:last].sum())


def _lines_of_text(text: NDArray[np.uint8], line_end: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each line of a text its first byte, and its size with its end."""
    ends = np.flatnonzero(text == line_end) + 1
    begins = np.concatenate((np.zeros(1, np.int64), ends[ends < len(text)]))
    return begins, np.diff(begins, append=len(text))


def _lines_of(values: NDArray[np.integer[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return for each line of a block of integers its first element, its size with its end, and its words."""
    if values.ndim == 2:
        n_rows, n_columns = values.shape
        return (np.arange(n_rows) * n_columns, np.full(n_rows, n_columns),
                np.count_nonzero(values >= 0, axis=1).astype(np.int64))
    ends = np.flatnonzero(values < 0)
    begins = np.concatenate((np.zeros(1, np.int64), ends + 1))
    sizes = np.diff(np.append(begins, len(values)))
    words = sizes.copy()
    words[:-1] -= 1
    return begins, sizes, words
