"""Files of text or integers as a source.

Place in the data flow: `w2v.corpus.source` -> `FileSource` -> blocks. Archives and addresses are files too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import IO, cast

from w2v.corpus.archives import texts
from w2v.corpus.blocks import (
    Block,
    Descriptor,
    SourceCounts,
    checked_content,
    cut,
    file_ranges,
    is_large_plain,
)
from w2v.corpus.byte_classes import TEXT_CLASSES
from w2v.corpus.integers import array_blocks, open_npy
from w2v.corpus.listing import STDIN
from w2v.corpus.paths import CorpusInput
from w2v.corpus.preparation import check_text_options, needs_whole_lines
from w2v.corpus.sources.base import TextSource, no_text
from w2v.errors import W2VError
from w2v.system.decompress import RawFile
from w2v.system.remote import address_of, shown_path
from w2v.system.remote_files import RemoteFile


def open_paths(corpus: CorpusInput, line_weights: bool, in_ranges: bool = False) -> TextSource:
    files = corpus.files
    sizes = [corpus.size(path) for path in files]
    check_text_options(corpus.text, integers=all(map(_is_npy, files)))
    for path in filter(_is_npy, files):
        if address_of(path) is not None:
            raise W2VError(f"{shown_path(path)}: arrays of integers are read only from files: save it to a file first")
        open_npy(path)
        if corpus.text.tokenizer is not None:
            raise no_text(f"{path} has integers")
    total = None if None in sizes else sum(size for size in sizes if size is not None)
    return FileSource(corpus.name, files, SourceCounts.of(corpus.listing), total,
                      corpus.reading.bootstrap or needs_whole_lines(corpus.text, line_weights), in_ranges)


def _is_npy(path: str) -> bool:
    return path.lower().endswith(".npy")


class FileSource(TextSource):
    """Files of text or integers, plain, compressed, in archives or at addresses, one after the other.

    `whole_lines`: blocks end at line ends. `in_ranges`: plain files of any size are read in ranges.
    """

    integers: bool
    file: str | None

    def __init__(self, name: str, files: list[str], counts: SourceCounts, total_bytes: int | None,
                 whole_lines: bool, in_ranges: bool = False) -> None:
        super().__init__(name, TEXT_CLASSES, counts, total_bytes)
        self._files = files
        self.integers = any(map(_is_npy, files))
        self._whole_lines, self._in_ranges = whole_lines, in_ranges
        self._finished_bytes = 0
        self._current: RawFile | None = None

    @property
    def bytes_read(self) -> int:
        return self._finished_bytes + (self._current.position if self._current else 0)

    def _blocks(self, block_size: int) -> Generator[Block, None, None]:
        for path in self._files:
            with _opened(path) as file:
                self.counts.remote_files += address_of(path) is not None
                name = "stdin" if path == STDIN else shown_path(path)
                self._current = raw = RawFile(file, name)
                if _is_npy(path):
                    yield from self._npy_blocks(path, raw, block_size)
                else:
                    yield from self._text_blocks(file, name, raw, block_size)
            self._finished_bytes += raw.position
            self._current = None

    def _npy_blocks(self, path: str, raw: RawFile, block_size: int) -> Iterator[Block]:
        self.file = path
        for block in array_blocks(open_npy(path), max(1, block_size // 4), path):
            raw.position += block.values.nbytes
            yield block
        raw.position = os.path.getsize(path)
        self.counts.files += 1

    def _text_blocks(self, file: IO[bytes], name: str, raw: RawFile, block_size: int) -> Iterator[Block]:
        for text, reader in texts(file, raw, name, self.counts):
            self.file = text
            if reader is raw and is_large_plain(file, raw, 0 if self._in_ranges else block_size):
                yield from file_ranges(Descriptor(file, text), raw, block_size, self.counts, self._whole_lines)
            else:
                content = checked_content(reader, text, block_size, self.counts)
                yield from cut(content, text, self.counts, self._whole_lines)
            self.counts.files += 1


def _opened(path: str) -> AbstractContextManager[IO[bytes]]:
    if (address := address_of(path)) is not None:
        return cast("IO[bytes]", RemoteFile(address))
    if path == STDIN:
        # Standard input stays open: the caller owns it. A replaced sys.stdin (notebooks) may have no binary buffer.
        stream = getattr(sys.stdin, "buffer", None)
        if stream is None:
            raise W2VError("stdin (-) is not a binary stream here")
        return nullcontext(stream)
    try:
        return open(path, "rb", buffering=0)
    except OSError as error:
        raise W2VError(f"{path}: cannot read: {error.strerror}") from error
