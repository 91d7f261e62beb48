"""Text that is tokenized again, block by block: what has to be known of each block to get its ids without the others.

Place in the data flow: `w2v.corpus.source` -> `Worker` of `w2v.corpus.encode` -> `w2v.corpus.reread`.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_right
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import LINE_END, WordTable, remap
from w2v.corpus.block_text import BlockReader, blocks_of
from w2v.corpus.encode import EncodedBlock, Tally, Worker, encoded_blocks
from w2v.corpus.encoded import Ids
from w2v.corpus.line_weights import LocatedBlock
from w2v.corpus.paths import CorpusInput
from w2v.corpus.source import open_source
from w2v.corpus.sources.base import TextSource
from w2v.corpus.vocabulary import Vocabulary
from w2v.corpus_options import TextOptions


@dataclass(frozen=True)
class LineState:
    """State of the lines at the start of a block.

    Attributes
    ----------
    open_line : whether a line has begun that has words of the text.
    held_weight : entry of the weight of a line without words so far; 0 if there is none.
    after_line : whether the last id before the block is a line end, or there is none.
    """

    open_line: bool = False
    held_weight: int = 0
    after_line: bool = True


class IdsOfText:
    """Makes ids of blocks of text, in any number of threads.

    Parameters
    ----------
    classes, text : see `w2v.corpus.sources.base.TextSource`.
    blob, offsets : of the vocabulary.
    """

    def __init__(self, classes: bytes, text: TextOptions, blob: NDArray[np.uint8],
                 offsets: NDArray[np.int64]) -> None:
        self._classes, self._options = classes, text
        self._table, self._final = WordTable.closed(blob, offsets)
        self._idle: list[Worker] = []

    def _reader(self) -> BlockReader:
        return BlockReader(self._classes, self._options)

    def tokenize(self, block: LocatedBlock) -> EncodedBlock:
        """Tokenize a block; any number of threads may do so."""
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = Worker(self._table, self._reader())
        try:
            return worker.tokenize(block)
        finally:
            self._idle.append(worker)

    def ids(self, encoded: EncodedBlock, state: LineState) -> tuple[Ids, LineState]:
        """Return the final ids of a tokenized block, and the state after it."""
        held = np.array([state.held_weight], np.int32) if state.held_weight else None
        tally = Tally(open_line=int(state.open_line), held_weight=held)
        ids = tally.add(*encoded)
        n, last = remap(ids, self._final, out := np.empty(len(ids) + 1, np.int32), LINE_END if state.after_line else 0)
        held_weight = 0 if tally.held_weight is None else int(tally.held_weight[0])
        return out[:n], LineState(tally.open_line > 0, held_weight, last == LINE_END)


class TextAgain(IdsOfText):
    """Text that is read any number of times, as blocks of ids of a vocabulary.

    Parameters
    ----------
    in_ranges : see `w2v.corpus.source.open_source`.

    Attributes
    ----------
    name : of the corpus, for messages.
    threads, block_size : as for `w2v.corpus.encode.encode`.
    """

    threads: int
    block_size: int
    name: str

    def __init__(self, corpus: CorpusInput, vocabulary: Vocabulary, line_weights: bool, threads: int,
                 block_size: int, in_ranges: bool = False) -> None:
        self._corpus, self._line_weights, self.threads, self.block_size = corpus, line_weights, threads, block_size
        self._in_ranges = in_ranges
        self.name = corpus.name
        source = self.open()  # for its properties; it is not read
        super().__init__(source.classes, source.text, vocabulary.blob, vocabulary.offsets)

    def open(self) -> TextSource:
        """Open the text for one pass."""
        return open_source(self._corpus, line_weights=self._line_weights, in_ranges=self._in_ranges)

    def located(self, source: TextSource) -> Generator[LocatedBlock, None, None]:
        """Return the blocks of a pass, which any thread can turn into ids."""
        return blocks_of(source, self._line_weights, self.block_size)

    def encoded(self, source: TextSource) -> Generator[EncodedBlock, None, None]:
        """Yield the blocks of a pass, tokenized by all threads."""
        readers = [self._reader() for _ in range(self.threads)]
        return encoded_blocks(source, readers, self._table, None, line_weights=self._line_weights,
                              block_size=self.block_size)


class BlockIndex:
    """What is known of each block: its first id, the state of its lines, and a checksum of its ids.

    It takes 21 bytes for each block of half a megabyte.
    """

    def __init__(self) -> None:
        self._begins = array("q", [0])
        self._flags, self._held_weights, self._checksums = array("B"), array("i"), array("I")
        self._weights = array("f")

    def __len__(self) -> int:
        return len(self._flags)

    @property
    def n_ids(self) -> int:
        """Number of ids of all blocks."""
        return self._begins[-1]

    def append(self, ids: Ids, state: LineState, weight: float) -> None:
        """Add a block: its ids, the state before it, and the weight of the line that is open before it."""
        self._begins.append(self._begins[-1] + len(ids))
        self._flags.append(state.open_line + 2 * state.after_line)
        self._held_weights.append(state.held_weight)
        self._checksums.append(zlib.crc32(ids.data))
        self._weights.append(weight)

    def find(self, position: int) -> int:
        """Return the number of the block in which an id lies."""
        return bisect_right(self._begins, position) - 1

    def begin(self, number: int) -> int:
        """Return the position of the first id of a block; after the last block, the number of ids."""
        return self._begins[number]

    def state(self, number: int) -> LineState:
        """Return the state of the lines before a block."""
        flags = self._flags[number]
        return LineState(bool(flags & 1), self._held_weights[number], bool(flags & 2))

    def weight(self, number: int) -> float:
        """Return the weight of the line that is open before a block; 1 if none is open or lines have no weights."""
        return self._weights[number]

    def checksum(self, number: int) -> tuple[int, int]:
        """Return the number and the checksum of the ids of a block."""
        return self._begins[number + 1] - self._begins[number], self._checksums[number]

    def fits(self, number: int, ids: Ids) -> bool:
        """Return whether these are the ids of a block."""
        return (len(ids), zlib.crc32(ids.data)) == self.checksum(number)
