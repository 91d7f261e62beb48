"""Chunks of text from many positions of a corpus, read until the caller stops.

Place in the data flow: files -> `Chunk`s -> `w2v.corpus.estimate.sample`. Plain files are divided into chunks of 64
KiB, which are read at random: of a text that repeats itself, evenly spread chunks need not have anything in common, and
the repetition would not be seen. Compressed files can be read only from the start.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from w2v.corpus.archives import texts
from w2v.corpus.blocks import Descriptor, SourceCounts, checked_content, cut, text_before, words_between
from w2v.corpus.byte_classes import TEXT_CLASSES
from w2v.corpus.positions import is_at_line_start
from w2v.errors import W2VError
from w2v.system.decompress import RawFile

CHUNK_BYTES = 1 << 16  # a document or a few; large enough that a disk spends less time seeking than reading
MOST_FILES = 10_000  # to examine
MOST_CHUNKS = 1 << 15  # more than time allows
OPEN_COMPRESSED = 16  # compressed files that are read at the same time, in turn
CHUNKS_A_TURN = 32
GOLDEN_RATIO = (math.sqrt(5) - 1) / 2


class Chunk(NamedTuple):
    """Text from a file.

    Attributes
    ----------
    text : whole words.
    path, offset : file, and byte of its (decompressed) content at which the text begins.
    begins_line : whether no word of the first line precedes the text.
    raw_bytes, text_bytes : bytes on disk that this chunk adds to the amount read, and the bytes of text they contain.
    """

    text: bytes
    path: str
    offset: int
    begins_line: bool
    raw_bytes: int
    text_bytes: int


def spread(n: int, most: int) -> Iterator[int]:
    """Yield min(n, most) different numbers below `n`, such that the first k of them are spread evenly, for any k."""
    if n <= 4 * most:
        order = np.argsort(np.arange(n) * GOLDEN_RATIO % 1.0, kind="stable")
        yield from order[:most].tolist()
        return
    seen: set[int] = set()
    for k in range(2 * most):
        index = min(int((k * GOLDEN_RATIO + 0.5) % 1.0 * n), n - 1)
        if index not in seen and len(seen) < most:
            seen.add(index)
            yield index


def at_random(n: int, most: int) -> Iterator[int]:
    """Yield min(n, most) different numbers below `n` at random, the same ones each time."""
    chance = np.random.default_rng(1)
    if n <= 4 * most:
        yield from chance.permutation(n)[:most].tolist()
        return
    seen: set[int] = set()
    for index in chance.integers(n, size=2 * most).tolist():
        if index not in seen and len(seen) < most:
            seen.add(index)
            yield index


def plain_chunks(files: list[tuple[str, int]], counts: SourceCounts, whole_lines: bool = False) -> Iterator[Chunk]:
    """Yield chunks of plain files, from all over them.

    Parameters
    ----------
    files : path and size in bytes of each.
    counts : receives the properties of the text.
    whole_lines : chunks consist of lines, except for very long ones.
    """
    n_chunks = np.array([-(-size // CHUNK_BYTES) for _, size in files])
    ends = np.cumsum(n_chunks)
    opened: tuple[int, Descriptor] | None = None
    for index in at_random(int(ends[-1]), MOST_CHUNKS):
        number = int(np.searchsorted(ends, index, side="right"))
        path, _ = files[number]
        begin = (index - int(ends[number] - n_chunks[number])) * CHUNK_BYTES
        if opened is None or opened[0] != number:
            try:
                with open(path, "rb", buffering=0) as file:
                    opened = number, Descriptor(file, path)
            except OSError as error:
                raise W2VError(f"{path}: cannot read: {error.strerror or error}") from error
        end = min(begin + CHUNK_BYTES, opened[1].size)
        if begin < end:
            text, offset = words_between(opened[1], begin, end, counts, whole_lines)
            begins_line = is_at_line_start(text_before(opened[1], offset), TEXT_CLASSES, True)
            yield Chunk(text, path, offset, begins_line, end - begin, end - begin)


def compressed_chunks(
    files: list[tuple[str, int]], counts: SourceCounts, whole_lines: bool = False
) -> Iterator[Chunk]:
    """Yield chunks from the start of some compressed files, some MB from each in turn; another file follows one that
    ends.

    Parameters are those of `plain_chunks`.
    """
    order = spread(len(files), MOST_FILES)
    streams = deque(_stream(files[index][0], counts, whole_lines, guess=number == 0)
                    for number, index in enumerate(islice(order, OPEN_COMPRESSED)))
    while streams:
        stream = streams.popleft()
        for _ in range(CHUNKS_A_TURN):
            if (chunk := next(stream, None)) is None:
                if (index := next(order, None)) is not None:
                    streams.append(_stream(files[index][0], counts, whole_lines, guess=False))
                break
            yield chunk
        else:
            streams.append(stream)


def _stream(path: str, counts: SourceCounts, whole_lines: bool, guess: bool) -> Iterator[Chunk]:
    """Yield chunks from the start of one compressed file or archive, with the compression ratio as far as it is known
    (see `CompressionRatio`)."""
    try:
        with open(path, "rb", buffering=0) as file:
            raw = RawFile(file, path)
            ratio, text_read = CompressionRatio(guess), 0
            for name, reader in texts(file, raw, path, counts):
                start, mark_bytes, begins_line = text_read, 0, True
                marks_before = counts.utf8_boms
                content = checked_content(reader, name, CHUNK_BYTES, counts)
                for text in cut(content, name, counts, whole_lines):
                    if text_read == start:
                        mark_bytes = 3 * (counts.utf8_boms - marks_before)
                    added = ratio.add(raw.position, text_read, text_read + len(text))
                    yield Chunk(text, name, mark_bytes + text_read - start, begins_line, *added)
                    text_read += len(text)
                    begins_line = is_at_line_start(text, TEXT_CLASSES, begins_line)
            yield Chunk(b"", path, text_read, True, raw.position - ratio.raw_bytes, text_read - ratio.text_bytes)
    except OSError as error:
        raise W2VError(f"{path}: cannot read: {error.strerror or error}") from error


class CompressionRatio:
    """Bytes of a compressed file and the bytes of text they contain.

    A decompressor buffers up to a block, so the ratio is measured between its first and its last request for more
    input. Before the second request both are 0; with `guess` they are then all bytes so far, which is better than
    nothing.
    """

    raw_bytes: int
    text_bytes: int

    def __init__(self, guess: bool) -> None:
        self._guess = guess
        self.raw_bytes = self.text_bytes = 0  # as reported so far
        self._position = 0
        self._first: tuple[int, int] | None = None
        self._measured = False

    def add(self, position: int, before: int, after: int) -> tuple[int, int]:
        """Return what a chunk adds to both numbers.

        Parameters
        ----------
        position : position in the compressed file after the chunk was read.
        before, after : bytes of text before the chunk and up to its end.
        """
        raw, text = self.raw_bytes, self.text_bytes
        if position > self._position:
            if self._first is None and before:
                self._first = self._position, before
            elif self._first is not None:
                self._measured = True
                raw, text = self._position - self._first[0], before - self._first[1]
            self._position = position
        if not self._measured and self._guess:
            raw, text = position, after
        added = raw - self.raw_bytes, text - self.text_bytes
        self.raw_bytes, self.text_bytes = raw, text
        return added
