"""A sample of a corpus: pieces from many places, in bounded time whatever the size; what `w2v plan` extrapolates from.

Place in the data flow: files -> `Sample` -> `w2v.corpus.estimate.growth` and `w2v.planning.plan`. Plain files are cut into pieces of 64 KiB,
of which some are read, spread evenly by the golden ratio, so that wherever time is up the pieces read are spread evenly
too. Compressed files can be read from the start only. Of very many files only some are looked at. A small corpus is
read whole, and then nothing is an estimate.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

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
from w2v.corpus.blocks import Descriptor, SourceCounts, checked_content, cut, text_before, words_between
from w2v.corpus.line_weights import LocatedBlock, ends_before_line
from w2v.corpus.paths import STDIN, Corpus, CorpusInput, checked_size
from w2v.corpus.source import TEXT_CLASSES
from w2v.errors import W2VError
from w2v.system.decompress import RawFile, content_reader

PIECE = 1 << 16  # bytes: some pages of one document each, and a disk head that moves loses less than it reads
SAMPLE_BYTES = 64 << 20  # of text, as far as time allows
READING_SECONDS = 1.2
LOOKING_SECONDS = 0.7  # at the sizes and the first bytes of files
MOST_FILES = 10_000  # looked at
MOST_PIECES = 1 << 15  # read, which no time allows
MOST_COMPRESSED = 16  # files of which the start is read, in turn
TURN = 32  # pieces
GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass
class Part:
    """Plain or compressed files of a corpus, and what was read of them.

    `bytes_on_disk` is that of all files (an estimate if only some were looked at); `unpacked` bytes of text came out of
    `raw_read` bytes of the disk (what a decompressor still holds back is in neither), and `text_read` were read in all.
    """

    compressed: bool
    bytes_on_disk: float = 0.0
    raw_read: int = 0
    unpacked: int = 0
    text_read: int = 0
    words: int = 0
    lines: int = 0
    seconds: float = 0.0
    complete: bool = True
    piece_words: list[int] = field(default_factory=list)
    piece_bytes: list[int] = field(default_factory=list)

    @property
    def text_bytes(self) -> float:
        """Expected bytes of text."""
        if self.complete or not self.raw_read:
            return float(self.text_read)
        return self.bytes_on_disk * self.unpacked / self.raw_read

    def scaled(self, amount: float) -> float:
        """What was counted in the text read, for all of the text."""
        return amount * self.text_bytes / self.text_read if self.text_read else 0.0


@dataclass(frozen=True)
class Sample:
    """What was read of a corpus.

    Attributes
    ----------
    name : of the corpus, for messages.
    files, files_looked_at : all of them, and those whose size is known.
    parts : the plain files and the compressed ones, those that there are.
    pieces : provisional int32 ids of each piece, -1 at line ends.
    table : the words of these ids.
    size_error : standard error of the bytes on disk, as a share; 0 if all sizes are known.
    counts : what was met in the files.
    """

    name: str
    files: int
    files_looked_at: int
    parts: list[Part]
    pieces: list[NDArray[np.int32]]
    table: WordTable
    size_error: float
    counts: SourceCounts

    @property
    def complete(self) -> bool:
        """Whether the whole text was read."""
        return self.files == self.files_looked_at and all(part.complete for part in self.parts)

    @property
    def from_start(self) -> bool:
        """Whether some of the text was read from its start only."""
        return any(part.compressed and not part.complete for part in self.parts)

    @property
    def words(self) -> int:
        return sum(part.words for part in self.parts)


def take_sample(corpus: Corpus, *, line_weights: bool = False, sample_bytes: int = SAMPLE_BYTES,
                seconds: float = READING_SECONDS) -> Sample:
    """Read a sample of a corpus of files; for `sample_bytes` bytes of text or `seconds` seconds. With `line_weights`
    each line begins with its weight, which is no word.

    Raises
    ------
    TypeError : `corpus` is no path and no list of paths.
    W2VError : it is standard input or a pipe, or a file cannot be read.
    FormatError : what was read is no text, or is damaged; a line has no weight.
    """
    corpus = CorpusInput.of(corpus)
    if corpus.paths is None:
        raise TypeError("a plan needs files, which can be read at many places and again; an iterable can be read only "
                        "once, by train")
    files = corpus.files
    counts = SourceCounts(hidden_skipped=corpus.listing.hidden_skipped)
    if STDIN in files:
        raise W2VError("a plan needs files: standard input can be read only once, by train; save it to a file first")
    looked_at, size_error = _look(files)
    share = sum(size for _, size, _ in looked_at) * (len(files) / len(looked_at))
    tokenizer = _Tokenizer(line_weights)
    parts = []
    for compressed in (False, True):
        chosen = [(path, size) for path, size, packed in looked_at if packed == compressed and size > 0]
        if not chosen:
            continue
        part = Part(compressed, sum(size for _, size in chosen) * (len(files) / len(looked_at)),
                    complete=len(files) == len(looked_at))
        budget = part.bytes_on_disk / share
        pieces = (_compressed_pieces if compressed else _plain_pieces)(chosen, counts)
        tokenizer.read(part, pieces, int(sample_bytes * budget), seconds * budget)
        parts.append(part)
    return Sample(corpus.name, len(files), len(looked_at), parts, tokenizer.pieces, tokenizer.table, size_error, counts)


def _look(files: list[str]) -> tuple[list[tuple[str, int, bool]], float]:
    """Path, size and whether it is compressed, of files spread evenly over all; and the standard error of the total,
    as a share."""
    started = time.perf_counter()
    found: list[tuple[str, int, bool]] = []
    for index in spread(len(files), MOST_FILES):
        path = files[index]
        size = checked_size(path)
        if size is None:
            raise W2VError(f"{path}: a plan needs files; a pipe or a device can be read only once, by train")
        try:
            with open(path, "rb", buffering=0) as file:
                raw = RawFile(file, path)
                found.append((path, size, content_reader(raw, path) is not raw))
        except OSError as error:
            raise W2VError(f"{path}: cannot read: {error.strerror or error}") from error
        if time.perf_counter() - started > LOOKING_SECONDS:
            break
    sizes = np.array([size for _, size, _ in found], np.float64)
    if len(found) == len(files) or not sizes.any():
        return found, 0.0
    left = math.sqrt(1 - len(found) / len(files))
    return found, float(left * sizes.std() / math.sqrt(len(found)) / sizes.mean())


def spread(n: int, most: int) -> Iterator[int]:
    """Numbers below n, each at most once, all of them if `most` >= n; those that come first are spread evenly."""
    if n <= 4 * most:
        order = np.argsort(np.arange(n) * GOLDEN % 1.0, kind="stable")
        yield from order[:most].tolist()
        return
    seen: set[int] = set()
    for k in range(2 * most):
        index = min(int((k * GOLDEN + 0.5) % 1.0 * n), n - 1)
        if index not in seen and len(seen) < most:
            seen.add(index)
            yield index


class Piece(NamedTuple):
    """Text from the content of the file `path`, from byte `offset` on; `begins_line`: no word of its first line stands
    before it. With it `raw` more bytes of the disk are done, which are `unpacked` bytes of text."""

    text: bytes
    path: str
    offset: int
    begins_line: bool
    raw: int
    unpacked: int


def _plain_pieces(files: list[tuple[str, int]], counts: SourceCounts) -> Iterator[Piece]:
    """Pieces of plain files in an even spread over all of them."""
    per_file = np.array([-(-size // PIECE) for _, size in files])
    ends = np.cumsum(per_file)
    opened: tuple[int, Descriptor] | None = None
    for index in spread(int(ends[-1]), max(MOST_FILES, MOST_PIECES)):
        number = int(np.searchsorted(ends, index, side="right"))
        path, size = files[number]
        begin = (index - int(ends[number] - per_file[number])) * PIECE
        if opened is None or opened[0] != number:
            try:
                with open(path, "rb", buffering=0) as file:
                    opened = number, Descriptor(file, path)
            except OSError as error:
                raise W2VError(f"{path}: cannot read: {error.strerror or error}") from error
        end = min(begin + PIECE, opened[1].size)
        if begin < end:
            text, place = words_between(opened[1], begin, end, counts)
            line = ends_before_line(text_before(opened[1], place), TEXT_CLASSES, True)
            yield Piece(text, path, place, line, end - begin, end - begin)


def _compressed_pieces(files: list[tuple[str, int]], counts: SourceCounts) -> Iterator[Piece]:
    """Pieces of the start of some compressed files, some MB from each in turn; when one ends, another one begins."""
    order = spread(len(files), MOST_FILES)
    waiting = deque(_stream(files[index][0], counts, number == 0)
                    for number, index in enumerate(islice(order, MOST_COMPRESSED)))
    while waiting:
        stream = waiting.popleft()
        for _ in range(TURN):
            if (piece := next(stream, None)) is None:
                if (index := next(order, None)) is not None:
                    waiting.append(_stream(files[index][0], counts, False))
                break
            yield piece
        else:
            waiting.append(stream)


def _stream(path: str, counts: SourceCounts, guess: bool) -> Iterator[Piece]:
    """Pieces of the start of one compressed file; each says by how much the rate of expansion is better known, also
    before anything is certain if that is better than nothing (`guess`)."""
    try:
        with open(path, "rb", buffering=0) as file:
            raw = RawFile(file, path)
            content = checked_content(content_reader(raw, path), path, PIECE, counts)
            rate, text_read, line, marks = _Expansion(guess), 0, True, counts.utf8_boms
            for text in cut(content, path, counts):
                if text_read == 0:
                    mark = 3 * (counts.utf8_boms - marks)
                yield Piece(text, path, mark + text_read, line,
                            *rate.step(raw.position, text_read, text_read + len(text)))
                text_read += len(text)
                line = ends_before_line(text, TEXT_CLASSES, line)
            yield Piece(b"", path, text_read, True, raw.position - rate.raw, text_read - rate.text)
    except OSError as error:
        raise W2VError(f"{path}: cannot read: {error.strerror or error}") from error


class _Expansion:
    """How much text comes out of how much of a file, though a decompressor holds back up to a block of it: between the
    first and the last time that it asked for more. Until it has asked twice nothing is told, or with `guess` as little
    as is certain."""

    def __init__(self, guess: bool) -> None:
        self._guess = guess
        self.raw = self.text = 0  # as told so far
        self._position = 0
        self._first: tuple[int, int] | None = None
        self._asked = 0

    def step(self, position: int, before: int, after: int) -> tuple[int, int]:
        """What to add to both sums; `position` is where the file is after a piece that the text now reaches `after`
        with."""
        raw, text = self.raw, self.text
        if position > self._position:
            if self._first is None and before:
                self._first = self._position, before
            elif self._first is not None:
                self._asked += 1
                raw, text = self._position - self._first[0], before - self._first[1]
            self._position = position
        if not self._asked and self._guess:
            raw, text = position, after
        added = raw - self.raw, text - self.text
        self.raw, self.text = raw, text
        return added


class _Tokenizer:
    """Pieces to ids and counts; weights of lines are passed over."""

    def __init__(self, line_weights: bool) -> None:
        self._line_weights = line_weights
        self.table = WordTable()
        self.pieces: list[NDArray[np.int32]] = []
        self._tokenizer = BlockTokenizer(self.table, TEXT_CLASSES)
        self._room = np.empty(2 * PIECE + 2, np.int32)

    def read(self, part: Part, pieces: Iterator[Piece], most_bytes: int, seconds: float) -> None:
        """Take pieces until there are no more, or enough bytes, or time is up; at least one."""
        started = time.perf_counter()
        for piece in pieces:
            if piece.text:
                self._add(part, piece)
            part.raw_read += piece.raw
            part.unpacked += piece.unpacked
            part.seconds = time.perf_counter() - started
            if part.text_read >= most_bytes or part.seconds > seconds:
                part.complete = part.complete and next(pieces, None) is None
                return

    def _add(self, part: Part, piece: Piece) -> None:
        size = len(piece.text)
        if len(self._room) < size + 2:
            self._room = np.empty(size + 2, np.int32)
        weights = NO_WEIGHTS
        if self._line_weights:
            weights = WEIGHT_FIRST if piece.begins_line else WEIGHT_PASSED
        try:
            n, (words, line_ends, head_words, *_) = self._tokenizer.tokenize(piece.text, self._room, weights)
        except BadWeight as bad:
            raise LocatedBlock(piece.text, weights, piece.path, piece.offset).error(bad) from None
        ids = self._room[:n]
        self.pieces.append(ids[ids >= LINE_END] if self._line_weights else ids.copy())
        part.words += words
        part.lines += line_ends - (line_ends > 0 and head_words == 0 and piece.begins_line)
        part.text_read += size
        part.piece_words.append(words)
        part.piece_bytes.append(size)


def words_error(sample: Sample) -> float:
    """Standard error of the expected number of words, as a share: of the words a byte, by how much pieces differ, and
    of the size of the files."""
    variance = sample.size_error**2
    total = sum(part.scaled(part.words) for part in sample.parts)
    for part in sample.parts:
        n = len(part.piece_words)
        if part.complete or n < 2 or not part.words:
            continue
        words, size = np.array(part.piece_words, np.float64), np.array(part.piece_bytes, np.float64)
        left = max(1 - part.text_read / max(part.text_bytes, 1.0), 0.0)
        residual = (words - size * (words.sum() / size.sum())).std(ddof=1) / words.mean() / math.sqrt(n)
        variance += left * (residual * part.scaled(part.words) / max(total, 1.0)) ** 2
    return math.sqrt(variance)


