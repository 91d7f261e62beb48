"""Files of word vectors: which format a file has, and the two of word2vec; our own is in `w2v.safetensors`.

Place in the data flow: vectors <-> disk. `read_vectors` finds the format from the content; `write_vectors` follows the
suffix. Rows are parsed and written in `w2v._formats`; files are read in blocks, so a load needs the matrix, the words
and a few MB, and nothing is allocated that the size of the file does not justify.

The layouts of word2vec
-----------------------
word2vec binary    `V D\\n`, then V rows of `word`, blank, D little-endian float32, newline. gensim writes no newline.
word2vec text      `V D\\n`, then V rows `word v1 ... vD \\n`. word2vec.c writes a blank before the newline, gensim does
                   not. We write the blank, and as many digits as bring back the same float32 instead of six decimals.
"""

from __future__ import annotations

import io
import os
import re
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from w2v._formats import read_binary_rows, read_text_rows, write_binary_rows, write_text_rows
from w2v.errors import FormatError, W2VError
from w2v.files import StrPath, atomic_write
from w2v.safetensors import read_safetensors, write_safetensors
from w2v.vectorfile import (
    SAFETENSORS,
    WORD2VEC_BINARY,
    WORD2VEC_TEXT,
    Counts,
    Matrix,
    VectorFile,
    blocks_of_rows,
    describe,
    little_endian,
)

SUFFIXES = {".bin": WORD2VEC_BINARY, ".txt": WORD2VEC_TEXT, ".vec": WORD2VEC_TEXT, "": WORD2VEC_TEXT,
            ".safetensors": SAFETENSORS}

_BLOCK = 4 << 20
_SAMPLE = 1 << 16
_HEADER = re.compile(rb"[ \t]*([+-]?\d{1,100})[ \t]+([+-]?\d{1,100})[ \t]*\r?\n")
# control characters other than white space: hardly ever in text, soon in the bytes of floats
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_ASCII_SPACE = re.compile(r"[\0 \t\n\r\v\f]")


# --------------------------------------------------------------------------------------------------- reading


def read_vectors(path: StrPath, *, limit: int | None = None) -> VectorFile:
    """Read word vectors; the format is found from the content, whatever the suffix says.

    Parameters
    ----------
    path : the file.
    limit : read only the first `limit` words, >= 1; None reads all.

    Raises
    ------
    FormatError : the file is broken or of no known format; says at which byte or line.
    W2VError : the file is missing or cannot be read.
    ValueError : limit < 1.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    path = os.fspath(path)
    try:
        with open(path, "rb") as opened:
            file, size = _sized(opened)
            head = file.read(_SAMPLE)
            file.seek(0)
            if head[8:9] == b"{" and b"\0" in head[:8]:
                return read_safetensors(path, file, size, limit)
            return _read_word2vec(path, file, size, head, limit)
    except OSError as error:
        raise W2VError(f"cannot read {path}: {error.strerror or error}") from error


def _sized(file: io.BufferedReader) -> tuple[io.BufferedReader | io.BytesIO, int]:
    """The file and its size; a pipe is read into memory first, because formats are found by looking twice."""
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode):
        return file, status.st_size
    content = file.read()
    return io.BytesIO(content), len(content)


def _read_word2vec(
    path: str, file: io.BufferedReader | io.BytesIO, size: int, head: bytes, limit: int | None
) -> VectorFile:
    header = _HEADER.match(head)
    if not header:
        if size == 0:
            raise FormatError(path, "the file is empty", offset=0)
        raise FormatError(path, "no known format of word vectors: it begins neither with a word2vec header "
                                "(`words dimension`) nor as .safetensors", offset=0)
    n_words, dim = int(header[1]), int(header[2])
    _check_header(path, n_words, dim, size - header.end())
    binary = _is_binary(head, header.end(), n_words, dim, size)
    vectors = np.empty((min(n_words, limit or n_words), dim), dtype=np.float32)
    report: dict[str, int] = {}
    file.seek(header.end())
    blocks = _Blocks(file, header.end())
    words = (_binary_words if binary else _text_words)(path, blocks, vectors, report)
    if len(words) == n_words:
        _check_end(path, blocks, n_words, None if binary else n_words + 2)
    if binary and sys.byteorder == "big":
        vectors.byteswap(inplace=True)
    name = WORD2VEC_BINARY if binary else WORD2VEC_TEXT
    words, vectors = _drop_duplicates(words, vectors, report)
    return VectorFile(words, vectors, None, name, {}, None, report, describe(path, name, vectors, report))


def _check_header(path: str, n_words: int, dim: int, body: int) -> None:
    """Refuse sizes that the file cannot hold before anything is allocated by them."""
    for value, what in ((n_words, "words"), (dim, "dimension")):
        if value < 0:
            raise FormatError(path, f"wrong header: {what} is {value}", line=1)
    if n_words == 0:
        raise FormatError(path, "no words: the header says 0", line=1)
    if dim == 0:
        raise FormatError(path, "wrong header: dimension is 0", line=1)
    # a row of text is at least a letter, and a blank and a digit a number; binary rows are longer
    least = n_words * (2 * dim + 1)
    if least > body:
        raise FormatError(path, f"the header says {n_words} words of dimension {dim}, which is at least {least} bytes, "
                                f"but only {body} follow: the header is wrong or the file is cut", line=1)


def _is_binary(head: bytes, start: int, n_words: int, dim: int, size: int) -> bool:
    """Whether rows are binary; text that begins with a good row is text, whatever bytes come later."""
    first = head[start:].split(b"\n", 1)[0].split()
    if len(first) == dim + 1 and all(map(_is_number, first[1:])):
        return False
    if _CONTROL.search(head, start):
        return True
    # short files may by chance have no control byte in their floats; then the lengths must fit exactly
    return len(head) == size and _walks_to_end(head, start, n_words, 4 * dim)


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _walks_to_end(head: bytes, at: int, n_words: int, width: int) -> bool:
    for _ in range(n_words):
        blank = head.find(b" ", at)
        if blank < 0 or blank + 1 + width > len(head):
            return False
        at = blank + 1 + width
    return not head[at:].strip()


class _Blocks:
    """A file as a window of bytes that moves: take what is understood, then ask for more.

    `data[:size]` are the bytes at `offset` of the file. The window grows if one row does not fit; it never exceeds the
    bytes that are there by more than a factor of two.
    """

    def __init__(self, file: io.BufferedReader | io.BytesIO, offset: int) -> None:
        self.file = file
        self.data = bytearray(_BLOCK)
        self.size = 0
        self.offset = offset
        self.more()

    def take(self, count: int) -> None:
        """Forget the first `count` bytes."""
        self.data[:self.size - count] = self.data[count:self.size]
        self.size -= count
        self.offset += count

    def more(self) -> bool:
        """Read on; False at the end of the file."""
        if self.size == len(self.data):
            self.data = self.data + bytearray(len(self.data))
        with memoryview(self.data) as view:
            got = self.file.readinto(view[self.size:])
        self.size += got
        return got > 0


def _text_words(path: str, blocks: _Blocks, vectors: Matrix, report: dict[str, int]) -> list[str]:
    words: list[str] = []
    ended = False
    while True:
        row = len(words)
        _, used = read_text_rows(blocks.data, blocks.size, vectors, row, words, report, path, row + 2)
        blocks.take(used)
        if len(words) == len(vectors):
            return words
        if ended:
            raise FormatError(path, f"the file ends after {len(words)} rows: it is cut, or the header is wrong",
                              line=len(words) + 2)
        if not blocks.more():
            ended = True  # the last line may lack its newline; a row cut inside it will have too few numbers
            if blocks.size:
                blocks.data[blocks.size:blocks.size + 1] = b"\n"
                blocks.size += 1


def _binary_words(path: str, blocks: _Blocks, vectors: Matrix, report: dict[str, int]) -> list[str]:
    words: list[str] = []
    while True:
        _, used = read_binary_rows(blocks.data, blocks.size, vectors, len(words), words, report, path, blocks.offset)
        blocks.take(used)
        if len(words) == len(vectors):
            return words
        if not blocks.more():
            raise FormatError(path, f"the file ends inside row {len(words) + 1}: it is cut, or the header is wrong",
                              offset=blocks.offset + blocks.size)


def _check_end(path: str, blocks: _Blocks, n_words: int, line: int | None) -> None:
    """Only white space may follow the last row."""
    while True:
        if bytes(blocks.data[:blocks.size]).strip():
            raise FormatError(path, f"more rows follow the {n_words} that the header says",
                              line=line, offset=blocks.offset)
        blocks.take(blocks.size)
        if not blocks.more():
            return


def _drop_duplicates(words: list[str], vectors: Matrix, report: dict[str, int]) -> tuple[list[str], Matrix]:
    """Keep the first row of each word. Rows move up in place: a second matrix might not fit into memory."""
    if len(set(words)) == len(words):
        return words, vectors
    first = {word: i for i, word in reversed(list(enumerate(words)))}
    keep = sorted(first.values())
    for to, row in enumerate(keep):
        if to != row:
            vectors[to] = vectors[row]
    report["duplicates"] = len(words) - len(keep)
    return [words[row] for row in keep], vectors[:len(keep)]


# --------------------------------------------------------------------------------------------------- writing


def format_for(path: StrPath) -> str:
    """The format that the suffix of `path` asks for.

    Raises
    ------
    ValueError : the suffix is not one of SUFFIXES.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"cannot tell the format of {os.fspath(path)} from its suffix {suffix!r}: use .bin (word2vec "
                         "binary), .txt or .vec (word2vec text) or .safetensors")
    return SUFFIXES[suffix]


def check_words(words: Sequence[str], format: str) -> None:
    """Find out whether `words` can be written in `format`; call it before hours of training, not only after.

    Raises
    ------
    ValueError : a word is empty, or it has ASCII white space or a NUL in it and the format is word2vec's, whose fields
        end at blanks.
    """
    for word in words:
        if not word:
            raise ValueError("an empty word cannot be written")
        if format != SAFETENSORS and _ASCII_SPACE.search(word):
            raise ValueError(f"the word {word[:80]!r} has white space or a NUL in it and cannot go into a word2vec "
                             "file; write .safetensors instead")


def write_vectors(
    path: StrPath, words: Sequence[str], vectors: Matrix, counts: npt.ArrayLike | None = None, *,
    format: str | None = None, metadata: Mapping[str, str] | None = None, output_vectors: Matrix | None = None,
) -> None:
    """Write word vectors; the file appears whole or not at all.

    Parameters
    ----------
    path : the file.
    words : n distinct words.
    vectors : (n, d) float32, n and d >= 1; rows may stand apart (padded). Written in blocks, never copied whole.
    counts : (n,) int64 or None; kept by `.safetensors` only.
    format : WORD2VEC_BINARY, WORD2VEC_TEXT or SAFETENSORS of `w2v.vectorfile`; None goes by the suffix (`format_for`).
    metadata, output_vectors : kept by `.safetensors` only.

    Raises
    ------
    ValueError : the shapes do not fit, the suffix is unknown, or a word cannot go into the format.
    W2VError : a number is not finite (names the word), or the file cannot be written.

    Source
    ------
    word2vec.c, end of TrainModel, for the layout of binary and text.
    """
    format = format_for(path) if format is None else format
    if format not in SUFFIXES.values():
        raise ValueError(f"unknown format {format!r}; one of {', '.join(sorted(set(SUFFIXES.values())))}")
    counts = None if counts is None else np.ascontiguousarray(counts, dtype="<i8")
    _check_shapes(words, vectors, counts, output_vectors)
    check_words(words, format)
    with atomic_write(path) as file:
        if format == SAFETENSORS:
            write_safetensors(file, path, words, vectors, counts, metadata or {}, output_vectors)
        else:
            write_rows = write_binary_rows if format == WORD2VEC_BINARY else write_text_rows
            file.write(b"%d %d\n" % vectors.shape)
            for start, block in blocks_of_rows(path, words, vectors):
                names = [word.encode("utf-8", "surrogateescape") for word in words[start:start + len(block)]]
                file.write(write_rows(names, little_endian(block) if format == WORD2VEC_BINARY else block))


def _check_shapes(
    words: Sequence[str], vectors: Matrix, counts: Counts | None, output_vectors: Matrix | None
) -> None:
    if vectors.ndim != 2 or 0 in vectors.shape:
        raise ValueError(f"vectors must be (words, dimension) with at least one of each, not {vectors.shape}")
    if len(words) != len(vectors):
        raise ValueError(f"{len(words)} words do not fit {len(vectors)} vectors")
    if counts is not None and counts.shape != (len(words),):
        raise ValueError(f"counts of shape {counts.shape} do not fit {len(words)} words")
    if output_vectors is not None and output_vectors.shape != vectors.shape:
        raise ValueError(f"output_vectors {output_vectors.shape} do not fit vectors {vectors.shape}")
