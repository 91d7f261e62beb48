"""Chunks of text from the column of tables: from many row groups where the format allows it, otherwise from the start.

Place in the data flow: files -> `Chunk`s -> `w2v.corpus.estimate.sample`, as `chunks.py` for texts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from w2v.corpus.blocks import SourceCounts, load
from w2v.corpus.estimate.chunks import (
    CHUNK_BYTES,
    MOST_CHUNKS,
    MOST_FILES,
    OPEN_COMPRESSED,
    Chunk,
    CompressionRatio,
    at_random,
    spread,
)
from w2v.corpus.integers import IntegerBlock
from w2v.corpus.paths import CorpusInput
from w2v.corpus.positions import new_buffer
from w2v.corpus.sources.columns import marks_of
from w2v.corpus.strings import Place
from w2v.corpus.tables.base import TableFile
from w2v.corpus.tables.columns import ColumnReader
from w2v.corpus.tables.files import open_file
from w2v.corpus.tables.table import Table
from w2v.errors import W2VError

_SAMPLED_BYTES = 1 << 20  # that are read of a row group before another one


class TableChunks:
    """Chunks of the tables of a corpus.

    Attributes
    ----------
    table : the tables that were examined.
    """

    table: Table

    def __init__(self, corpus: CorpusInput, files: Sequence[str], counts: SourceCounts) -> None:
        if corpus.reading.group_by is not None:
            raise W2VError("a plan reads a sample of the rows, which does not show the lines that group_by makes of "
                           "all rows: plan without group_by for the number of words")
        self._files = {path: open_file(path) for path in files}
        self.table = Table(corpus.name, list(self._files.values()), corpus.reading, counts)
        self._reader = ColumnReader(self.table.kind, marks_of(self.table.kind), counts, CHUNK_BYTES)

    def at_random(self, files: list[tuple[str, int]], counts: SourceCounts) -> Iterator[Chunk]:
        """Yield chunks of row groups or record batches, some MB of each in turn."""
        parts = [(self._files[path], number) for path, _ in files for number in self._files[path].parts()]
        order = at_random(len(parts), MOST_CHUNKS)
        return _in_turn(self._part(*parts[index]) for index in order)

    def from_start(self, files: list[tuple[str, int]], counts: SourceCounts) -> Iterator[Chunk]:
        """Yield chunks from the start of some files, some MB of each in turn."""
        order = enumerate(spread(len(files), MOST_FILES))
        return _in_turn(self._stream(self._files[files[index][0]], guess=number == 0) for number, index in order)

    def _part(self, file: TableFile, number: int) -> Iterator[list[Chunk]]:
        for batch, share in file.part(number, [self.table.column], _SAMPLED_BYTES):
            texts = list(self._texts(file, batch))
            total = sum(map(len, texts))
            raw = [share * file.size * len(text) / total for text in texts] or [share * file.size]
            # Rounded so that the sum over all batches is exact within a byte for each.
            yield [Chunk(text, file.path, number, True, round(part), len(text))
                   for text, part in zip(texts or [b""], raw, strict=True)]

    def _stream(self, file: TableFile, guess: bool) -> Iterator[list[Chunk]]:
        ratio, text_read = CompressionRatio(guess), 0
        for batch in file.batches([self.table.column], [self.table.column]):
            chunks = []
            for text in self._texts(file, batch):
                added = ratio.add(file.position, text_read, text_read + len(text))
                chunks.append(Chunk(text, file.path, text_read, True, *added))
                text_read += len(text)
            yield chunks
        yield [Chunk(b"", file.path, text_read, True, file.size - ratio.raw_bytes, text_read - ratio.text_bytes)]

    def _texts(self, file: TableFile, batch: Any) -> Iterator[bytes]:
        """Yield the text of a batch, a chunk at a time."""
        for block in self._reader.blocks(batch.column(self.table.column), Place(file.path)):
            content = load(block, new_buffer)
            yield _digits(content) if isinstance(content, IntegerBlock) else bytes(content)


def _in_turn(streams: Iterator[Iterator[list[Chunk]]]) -> Iterator[Chunk]:
    """Yield the chunks of some streams in turn; the next stream takes the place of one that has ended."""
    current = deque(islice(streams, OPEN_COMPRESSED))
    while current:
        stream = current.popleft()
        if (chunks := next(stream, None)) is not None:
            yield from chunks
            current.append(stream)
        elif (following := next(streams, None)) is not None:
            current.append(following)


def _digits(block: IntegerBlock) -> bytes:
    """Return the numbers of a block as text."""
    return b"".join(b"\n" if value < 0 else b"%d " % value for value in block.flat().tolist())
