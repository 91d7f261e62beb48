"""Text in plain files as byte ranges that other processes count, encode and read again.

Place in the data flow: blocks of a `FileSource` in the process of the run -> `TextRange` -> `count_ranges`,
`encode_ranges`, `TextRanges.read`, in any process that has the files. They use the tokenizer of `w2v.corpus.encode`.
The process of the run puts their results together in the order of the text (`Passes`), so the words and the ids are
those of a single process.
"""

from __future__ import annotations

import os
import platform
import threading
import zlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import NO_WEIGHTS, BlockStats, WordTable
from w2v.corpus.archives import texts
from w2v.corpus.block_text import BlockReader
from w2v.corpus.blocks import Descriptor, FileRange, SourceCounts
from w2v.corpus.elsewhere import FileMark, first_problem
from w2v.corpus.encode import Counting, EncodedBlock, Worker
from w2v.corpus.encoded import Ids
from w2v.corpus.line_weights import LocatedBlock
from w2v.corpus.paths import CorpusInput
from w2v.corpus.preparation import PreparationCounts
from w2v.corpus.source import open_source
from w2v.corpus.sources.base import TextSource
from w2v.corpus.sources.files import FileSource
from w2v.corpus.text_again import IdsOfText, LineState
from w2v.corpus_options import TextOptions
from w2v.errors import W2VError
from w2v.system.decompress import RawFile
from w2v.system.remote import address_of

MOST_FILES = 10_000  # of which each process reads samples


class TextRange(NamedTuple):
    """Bytes [begin, end) of a file, by its number, and the line end that is added if the file lacks it."""

    file: int
    begin: int
    end: int
    line_end: bytes


@dataclass(frozen=True)
class TextFiles:
    """Plain files of a text.

    Attributes
    ----------
    marks : of the files.
    classes, text : see `w2v.corpus.sources.base.TextSource`.
    """

    marks: tuple[FileMark, ...]
    classes: bytes
    text: TextOptions

    def blocks(self, ranges: Sequence[TextRange]) -> Iterator[LocatedBlock]:
        """Yield ranges as blocks, each file opened once.

        Raises
        ------
        W2VError : a file cannot be read in this process.
        """
        opened: dict[int, Descriptor] = {}
        for one in ranges:
            if one.file not in opened:
                opened[one.file] = _descriptor(self.marks[one.file].path)
            yield LocatedBlock(FileRange(opened[one.file], one.begin, one.end, one.line_end), NO_WEIGHTS)

    def check(self, ranges: Sequence[TextRange]) -> None:
        """Check that this process has the files of ranges.

        Raises
        ------
        W2VError : it has not.
        """
        if problem := first_problem([self.marks[number] for number in sorted({one.file for one in ranges})]):
            raise W2VError(f"on {platform.node()}: {problem}")


def _descriptor(path: str) -> Descriptor:
    try:
        with open(path, "rb", buffering=0) as file:
            return Descriptor(file, path)
    except OSError as error:
        raise W2VError(f"on {platform.node()}: {path}: cannot read: {error.strerror or error}") from error


def plain_files(corpus: CorpusInput, line_weights: bool) -> TextFiles | str:
    """Return the files of a corpus if other processes can read ranges of them; otherwise why they cannot.

    Raises
    ------
    W2VError : a file cannot be read here.
    """
    if corpus.paths is None:
        return f"{corpus.name} is not in files"
    if once := corpus.read_once:
        return once
    if corpus.reading != type(corpus.reading)(download=corpus.reading.download) or line_weights:
        return "a column of a table, a part of the lines, or lines with weights are read in one process"
    if corpus.text.tokenizer is not None:
        return "the tokenizer is a function of this process"
    if len(corpus.files) > MOST_FILES:
        return f"{corpus.name} has more than {MOST_FILES:,} files"
    source = open_source(corpus)
    if not isinstance(source, FileSource) or source.integers:
        return f"{corpus.name} has integers or tables"
    for path in corpus.files:
        if not _is_plain(path):
            return f"{path} is compressed, an archive, or on the network"
    return TextFiles(tuple(map(FileMark.of, corpus.files)), source.classes, corpus.text)


def _is_plain(path: str) -> bool:
    if address_of(path) is not None:
        return False
    with open(path, "rb", buffering=0) as file:
        raw = RawFile(file, path)
        return all(reader is raw for _, reader in texts(file, raw, path, SourceCounts()))


# --- calls in other processes --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """Words of some ranges.

    Attributes
    ----------
    stats : of each range.
    blob, offsets, counts : of the distinct words; see `w2v.corpus.vocabulary.Vocabulary`.
    prepared : what the preparation of the text counted.
    """

    stats: list[BlockStats]
    blob: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    counts: NDArray[np.int64]
    prepared: PreparationCounts


def count_ranges(files: TextFiles, ranges: Sequence[TextRange]) -> Counted:
    """Count the words of ranges.

    Raises
    ------
    FormatError, W2VError : as for `w2v.corpus.encode.encode`; or the files are not those of the run.
    """
    files.check(ranges)
    table = WordTable()
    worker = Worker(table, BlockReader(files.classes, files.text))
    stats = [worker.tokenize(block)[0] for block in files.blocks(ranges)]
    blob, offsets, counts, _ = table.select(table.counts(), 0, len(table))
    return Counted(stats, blob, offsets, counts, worker.reader.counts)


class TextPart(NamedTuple):
    """Ids of a part of a text, which begin in a range and end in another one.

    Attributes
    ----------
    ranges : that have the ids.
    states : of the lines at the start of each range.
    checksums : number and checksum of the ids of each range (`w2v.corpus.text_again.BlockIndex`).
    skipped, n : ids of the first range before the part, and ids of the part.
    """

    ranges: list[TextRange]
    states: list[LineState]
    checksums: list[tuple[int, int]]
    skipped: int
    n: int


@dataclass(frozen=True)
class TextRanges:
    """Ids that each process makes of the text itself, with the words of a vocabulary (`Elsewhere`).

    Attributes
    ----------
    text : the files.
    blob, offsets : of the vocabulary.
    """

    text: TextFiles
    blob: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    _made: list[IdsOfText] = field(default_factory=list, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_made": []}

    @property
    def files(self) -> Sequence[FileMark]:
        """Files of the text."""
        return self.text.marks

    @property
    def required(self) -> bool:
        """True: the process of the run does not have the ids."""
        return True

    def encoder(self) -> IdsOfText:
        """Return what makes ids of blocks; the same one for all threads of a process."""
        with _LOCK:
            if not self._made:
                self._made.append(IdsOfText(self.text.classes, self.text.text, self.blob, self.offsets))
            return self._made[0]

    def read(self, part: TextPart) -> Ids:
        """Return the ids of a part.

        Raises
        ------
        W2VError : a file cannot be read here, or gives other ids.
        """
        encoder, found = self.encoder(), []
        for number, block in enumerate(self.text.blocks(part.ranges)):
            ids, _ = encoder.ids(encoder.tokenize(block), part.states[number])
            if (len(ids), zlib.crc32(ids.data)) != part.checksums[number]:
                one = part.ranges[number]
                raise W2VError(f"on {platform.node()}: {self.files[one.file].path}: other words near byte "
                               f"{one.begin} than when they were counted: the text must not change during a run")
            found.append(ids)
        return np.concatenate([*found, np.empty(0, np.int32)])[part.skipped:part.skipped + part.n]


_LOCK = threading.Lock()


def encode_ranges(elsewhere: TextRanges, ranges: Sequence[TextRange]) -> list[EncodedBlock]:
    """Return the blocks of ranges for `IdsOfText.ids`; errors as for `count_ranges`."""
    elsewhere.text.check(ranges)
    encoder = elsewhere.encoder()
    return [encoder.tokenize(block) for block in elsewhere.text.blocks(ranges)]


# --- in the process of the run -------------------------------------------------------------------------------------


class Passes(Counting, Protocol):
    """The two passes of `w2v.corpus.reread.encode_again` over a text, in other processes.

    Attributes
    ----------
    files : of the text.
    """

    files: TextFiles

    def encoded(self, source: TextSource, text: TextRanges,
                block_size: int) -> Generator[tuple[TextRange, EncodedBlock], None, None]:
        """Yield all blocks in order."""
        ...


def ranges_of(source: TextSource, files: TextFiles, block_size: int, group_bytes: int
              ) -> Generator[list[TextRange], None, None]:
    """Yield the blocks of a source that is read in ranges, in groups of at least `group_bytes`.

    Raises
    ------
    W2VError : a file is not plain any more.
    """
    numbers = {mark.path: number for number, mark in enumerate(files.marks)}
    group: list[TextRange] = []
    size = 0
    for block in source.blocks(block_size):
        if not isinstance(block, FileRange):
            raise W2VError(f"{source.file}: the file was replaced while it was read")
        path, begin, end, line_end = block.place
        group.append(TextRange(numbers[os.path.abspath(path)], begin, end, line_end))
        size += block.size
        if size >= group_bytes:
            yield group
            group, size = [], 0
    if group:
        yield group
