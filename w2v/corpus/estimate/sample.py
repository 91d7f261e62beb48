"""Sample of a corpus, read in bounded time for a corpus of any size.

Place in the data flow: files -> `w2v.corpus.estimate.chunks` -> `Sample` -> `w2v.corpus.estimate.growth` and
`w2v.planning.plan`. If there are very many files, only some of them are examined. A small corpus is read completely,
and nothing is then estimated.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import (
    LINE_END,
    NO_WEIGHTS,
    WEIGHT_FIRST,
    WEIGHT_PASSED,
    BadWeight,
    BlockTokenizer,
    WordTable,
)
from w2v.corpus.archives import is_archive
from w2v.corpus.block_text import BlockReader, blocks_of
from w2v.corpus.blocks import SourceCounts, origin
from w2v.corpus.byte_classes import TEXT_CLASSES
from w2v.corpus.encode import Tally, Worker
from w2v.corpus.estimate.chunks import CHUNK_BYTES, MOST_FILES, Chunk, compressed_chunks, plain_chunks, spread
from w2v.corpus.estimate.tables import TableChunks
from w2v.corpus.line_weights import LocatedBlock
from w2v.corpus.listing import STDIN
from w2v.corpus.paths import Corpus, CorpusInput, checked_size
from w2v.corpus.positions import size_of
from w2v.corpus.preparation import PreparationCounts, check_text_options, needs_whole_lines
from w2v.corpus.selection import Selection
from w2v.corpus.source import open_source
from w2v.corpus.sources.base import TextSource
from w2v.corpus.sources.columns import classes_of
from w2v.corpus.tables.files import open_file
from w2v.corpus.tables.table import table_files
from w2v.corpus.traits import TextTraits
from w2v.corpus_options import TextOptions
from w2v.errors import W2VError
from w2v.system.decompress import RawFile, content_reader
from w2v.system.remote import address_of, redacted

SAMPLE_BYTES = 64 << 20  # of text, if time allows
READING_SECONDS = 1.2
EXAMINING_SECONDS = 0.7  # for the sizes and first bytes of files


@dataclass
class Part:
    """The plain files of a corpus, or the compressed ones, and what was read of them.

    Attributes
    ----------
    compressed : whether these are the compressed files, and the tables that can be read only from their start.
    from_start : whether the text is read from its start, and not from many positions.
    bytes_on_disk : size of all files; estimated if only some were examined.
    raw_read, unpacked : bytes read from disk, and the bytes of text in them, without input that a decompressor still
        buffers.
    text_read : bytes of text read.
    words, lines : counts in the text read.
    seconds : time of reading.
    complete : whether all text was read.
    chunk_words, chunk_bytes : words and bytes of each chunk.
    """

    compressed: bool
    from_start: bool
    bytes_on_disk: float = 0.0
    raw_read: int = 0
    unpacked: int = 0
    text_read: int = 0
    words: int = 0
    lines: int = 0
    seconds: float = 0.0
    complete: bool = True
    chunk_words: list[int] = field(default_factory=list)
    chunk_bytes: list[int] = field(default_factory=list)

    @property
    def text_bytes(self) -> float:
        """Expected bytes of text in all files."""
        if self.complete or not self.raw_read:
            return float(self.text_read)
        return self.bytes_on_disk * self.unpacked / self.raw_read

    def scaled(self, amount: float) -> float:
        """Scale an amount from the text that was read to all text."""
        return amount * self.text_bytes / self.text_read if self.text_read else 0.0


@dataclass(frozen=True)
class Sample:
    """Sample of a corpus, or of its part that is selected (`w2v.corpus.selection`): its ids, words and counts.

    Attributes
    ----------
    name : name of the corpus, for messages.
    files, files_looked_at : number of files, and of those whose size is known.
    parts : the plain files and the compressed files, if there are any.
    chunks : provisional int32 ids of each chunk, -1 at line ends.
    places, packed : file and byte (of a table, the row group or the bytes of text before it) of each chunk, and whether
        the file is compressed.
    is_table : whether the text is the column of tables.
    table : words of these ids.
    size_error : standard error of the bytes on disk, as a share; 0 if all sizes are known.
    counts : properties of the files that were read.
    prepared : what the preparation of the text did.
    """

    name: str
    files: int
    files_looked_at: int
    parts: list[Part]
    chunks: list[NDArray[np.int32]]
    table: WordTable
    size_error: float
    counts: SourceCounts
    places: list[tuple[str, int]]
    packed: list[bool]
    prepared: PreparationCounts = PreparationCounts()
    is_table: bool = False

    @property
    def complete(self) -> bool:
        """Whether all of the text was read."""
        return self.files == self.files_looked_at and all(part.complete for part in self.parts)

    @property
    def from_start(self) -> bool:
        """Whether some of the text was read only from the start of a file."""
        return any(part.from_start and not part.complete for part in self.parts)

    @property
    def words(self) -> int:
        """Words read."""
        return sum(part.words for part in self.parts)

    @cached_property
    def traits(self) -> TextTraits:
        """Measures of the text that was read."""
        oddities = self.table.oddities(self.table.counts())
        return TextTraits.of(oddities, self.words, sum(part.lines for part in self.parts), self.counts.heads,
                             ideographs=self.prepared.ideographs)


def take_sample(corpus: Corpus, *, line_weights: bool = False, sample_bytes: int = SAMPLE_BYTES,
                seconds: float | None = None) -> Sample:
    """Read a sample of a corpus on disk.

    Parameters
    ----------
    corpus : a path or a list of paths.
    line_weights : each line begins with its weight, which is not a word.
    sample_bytes : stop after this many bytes of text.
    seconds : stop after this time; by default READING_SECONDS.

    Raises
    ------
    TypeError : the corpus is not a path or a list of paths.
    ValueError : an option of the text does not suit the corpus.
    W2VError : it is standard input or a pipe, or a file cannot be read.
    FormatError : a file is not text or is damaged; a line has no weight.
    """
    corpus = CorpusInput.of(corpus)
    files = _checked_files(corpus, line_weights)
    counts = SourceCounts.of(corpus.listing)
    seconds = READING_SECONDS if seconds is None else seconds
    column = corpus.reading.column
    examined, size_error = _examine(files, _is_compressed if column is None else _is_from_start)
    factor = len(files) / len(examined)
    total = sum(size for _, size, _ in examined) * factor
    if (selection := Selection.of(corpus.reading, corpus.seed, line_weights)) is not None:
        reader = _SampleReader(line_weights, corpus.text)
        part = Part(any(packed for _, _, packed in examined), True, total)
        source = reader.read_selected(part, corpus, selection, sample_bytes, seconds)
        return Sample(corpus.name, len(files), len(files), [part], reader.chunks, reader.table, size_error,
                      source.counts, reader.places, reader.packed, reader.prepared, column is not None)
    tables = None if column is None else TableChunks(corpus, [path for path, _, _ in examined], counts)
    if tables is not None:
        at_random, from_start = tables.at_random, tables.from_start
    else:
        whole_lines = needs_whole_lines(corpus.text, line_weights)
        at_random = partial(plain_chunks, whole_lines=whole_lines)
        from_start = partial(compressed_chunks, whole_lines=whole_lines)
    reader = _SampleReader(line_weights, corpus.text, TEXT_CLASSES if tables is None else classes_of(tables.table.kind))
    parts = []
    for compressed in (False, True):
        chosen = [(path, size) for path, size, packed in examined if packed == compressed and size > 0]
        if not chosen:
            continue
        part = Part(compressed, compressed, sum(size for _, size in chosen) * factor,
                    complete=len(files) == len(examined))
        share = part.bytes_on_disk / total
        chunks = (from_start if compressed else at_random)(chosen, counts)
        reader.read(part, chunks, int(sample_bytes * share), seconds * share)
        parts.append(part)
    return Sample(corpus.name, len(files), len(examined), parts, reader.chunks, reader.table, size_error, counts,
                  reader.places, reader.packed, reader.prepared, tables is not None)


def _checked_files(corpus: CorpusInput, line_weights: bool) -> list[str]:
    """Return the files of a corpus that can be sampled; raises the errors of `take_sample`."""
    if corpus.paths is None:
        raise TypeError("a sample needs files, which can be read at any position and more than once; an iterable can "
                        "be read only once, by train")
    if address := next(filter(None, map(address_of, corpus.paths)), None):
        raise W2VError(f"a sample needs files, and {redacted(address)} is an address: save one of its files and use "
                       "that")
    check_text_options(corpus.text, line_weights=line_weights)
    if STDIN in corpus.files:
        raise W2VError("a sample needs files: standard input can be read only once, by train; save it to a file first")
    return corpus.files if corpus.reading.column is None else table_files(corpus.paths, corpus.files)


def _examine(files: list[str], is_packed: Callable[[str], bool]) -> tuple[list[tuple[str, int, bool]], float]:
    """Examine files that are spread evenly over all files, until time is up.

    Parameters
    ----------
    is_packed : returns whether a file can be read only from its start, as compressed files.

    Returns
    -------
    Path, size in bytes and whether it is compressed, of each; and the standard error of the total size, as a share.
    """
    started = time.perf_counter()
    found: list[tuple[str, int, bool]] = []
    for index in spread(len(files), MOST_FILES):
        path = files[index]
        size = checked_size(path)
        if size is None:
            raise W2VError(f"{path}: a sample needs files; a pipe or a device can be read only once, by train")
        found.append((path, size, is_packed(path)))
        if time.perf_counter() - started > EXAMINING_SECONDS:
            break
    sizes = np.array([size for _, size, _ in found], np.float64)
    if len(found) == len(files) or not sizes.any():
        return found, 0.0
    finite_population = math.sqrt(1 - len(found) / len(files))
    return found, float(finite_population * sizes.std() / math.sqrt(len(found)) / sizes.mean())


def _is_compressed(path: str) -> bool:
    try:
        with open(path, "rb", buffering=0) as file:
            raw = RawFile(file, path)
            reader = content_reader(raw, path)
            return reader is not raw or is_archive(raw, reader)
    except OSError as error:
        raise W2VError(f"{path}: cannot read: {error.strerror or error}") from error


def _is_from_start(path: str) -> bool:
    """Return whether a table can be read only from its start."""
    return open_file(path).from_start


class _SampleReader:
    """Tokenizes chunks and counts them; weights of lines are skipped."""

    def __init__(self, line_weights: bool, text: TextOptions, classes: bytes = TEXT_CLASSES) -> None:
        self._line_weights = line_weights
        self._text = BlockReader(classes, text)
        self.table = WordTable()
        self.chunks: list[NDArray[np.int32]] = []
        self.places: list[tuple[str, int]] = []
        self.packed: list[bool] = []
        self._tokenizer = BlockTokenizer(self.table, self._text.classes)
        self._buffer = np.empty(2 * CHUNK_BYTES + 2, np.int32)

    def read(self, part: Part, chunks: Iterator[Chunk], most_bytes: int, seconds: float) -> None:
        """Read chunks, at least one, until there are no more, `most_bytes` are read, or the time is up."""
        started = time.perf_counter()
        for chunk in chunks:
            if chunk.text:
                self._add(part, chunk)
            part.raw_read += chunk.raw_bytes
            part.unpacked += chunk.text_bytes
            part.seconds = time.perf_counter() - started
            if part.text_read >= most_bytes or part.seconds > seconds:
                part.complete = part.complete and next(chunks, None) is None
                return

    @property
    def prepared(self) -> PreparationCounts:
        """What the preparation of the text did so far."""
        return self._text.counts

    def read_selected(self, part: Part, corpus: CorpusInput, selection: Selection, most_bytes: int,
                      seconds: float) -> TextSource:
        """Read the selected part of a corpus from its start, as `w2v.corpus.encode` reads it, until `most_bytes` of it
        are read or the time is up. The part and its size are then expected to be like its start."""
        started = time.perf_counter()
        source = open_source(corpus, line_weights=self._line_weights)
        self._text = BlockReader(source.classes, source.text)
        worker, tally = Worker(self.table, self._text), Tally()
        share = corpus.reading.sample_lines or 1.0
        with closing(blocks_of(source, self._line_weights, CHUNK_BYTES)) as blocks:
            for located in blocks:
                stats, ids = worker.tokenize(located)
                ids = tally.add(stats, ids)
                size = size_of(origin(located.block))
                self.chunks.append(ids[ids >= LINE_END])
                self.places.append(("", len(self.places)))  # in the order of the text
                self.packed.append(True)
                part.text_read += size
                part.chunk_words.append(stats.words)
                part.chunk_bytes.append(size)
                part.seconds = time.perf_counter() - started
                if part.text_read * share >= most_bytes or part.seconds > seconds:
                    part.complete = False
                    break
        part.words, part.lines = tally.words, tally.lines
        part.raw_read, part.unpacked = source.bytes_read, part.text_read
        if selection.max_words is not None:
            needed = part.raw_read * (selection.max_words / part.words if part.words and not part.complete else 1.0)
            part.bytes_on_disk = min(part.bytes_on_disk, needed)
        return source

    def _add(self, part: Part, chunk: Chunk) -> None:
        size = len(chunk.text)
        weights = NO_WEIGHTS
        if self._line_weights:
            weights = WEIGHT_FIRST if chunk.begins_line else WEIGHT_PASSED
        located = LocatedBlock(chunk.text, weights, chunk.path, chunk.offset)
        text = self._text.text(located)
        if len(self._buffer) < len(text) + 2:
            self._buffer = np.empty(len(text) + 2, np.int32)
        try:
            n, stats = self._tokenizer.tokenize(text, self._buffer, weights)
        except BadWeight as bad:
            raise self._text.weight_error(located, bad) from None
        ids = self._buffer[:n]
        self.chunks.append(ids[ids >= LINE_END] if self._line_weights else ids.copy())
        self.places.append((chunk.path, chunk.offset))
        self.packed.append(part.compressed)
        begins_with_line_end = stats.line_ends > 0 and stats.head_words == 0 and chunk.begins_line
        part.words += stats.words
        part.lines += stats.line_ends - begins_with_line_end  # the end of an empty line
        part.text_read += size
        part.chunk_words.append(stats.words)
        part.chunk_bytes.append(size)


def words_error(sample: Sample) -> float:
    """Return the standard error of the expected number of words, as a share.

    It combines the error of the words per byte, from the differences between chunks, and of the size of the files.
    """
    variance = sample.size_error**2
    total = sum(part.scaled(part.words) for part in sample.parts)
    for part in sample.parts:
        n = len(part.chunk_words)
        if part.complete or n < 2 or not part.words:
            continue
        words, size = np.array(part.chunk_words, np.float64), np.array(part.chunk_bytes, np.float64)
        unread = max(1 - part.text_read / max(part.text_bytes, 1.0), 0.0)
        residual = (words - size * (words.sum() / size.sum())).std(ddof=1) / words.mean() / math.sqrt(n)
        variance += unread * (residual * part.scaled(part.words) / max(total, 1.0)) ** 2
    return math.sqrt(variance)
