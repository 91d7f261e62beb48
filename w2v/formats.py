"""Files of word vectors: word2vec binary and text, and our own `.safetensors`.

Place in the data flow: vectors <-> disk. `read_vectors` finds the format from the content; `write_vectors` follows the
suffix. Rows are parsed and written in `w2v._formats`; files are read in blocks, so a load needs the matrix, the words
and a few MB, and nothing is allocated that the size of the file does not justify.

The three layouts
-----------------
word2vec binary    `V D\\n`, then V rows of `word`, blank, D little-endian float32, newline. gensim writes no newline.
word2vec text      `V D\\n`, then V rows `word v1 ... vD \\n`. word2vec.c writes a blank before the newline, gensim does
                   not. We write the blank, and as many digits as bring back the same float32 instead of six decimals.
w2v safetensors    8 bytes: length N of the header, little-endian; N bytes: a JSON object, padded with blanks so that
                   the data begins at a multiple of 64 bytes; then the tensors, raw, little-endian, without holes:

    name            dtype  shape    what
    word_offsets    I64    (n + 1)  word i is words[word_offsets[i]:word_offsets[i + 1]]
    counts          I64    (n)      optional: how often each word stood in the corpus
    vectors         F32    (n, d)   one row a word, by falling count
    output_vectors  F32    (n, d)   optional: the second matrix of the training (syn1neg)
    words           U8     (bytes)  the words in UTF-8 one after the other; bytes that are no UTF-8 are kept

    `__metadata__` maps str to str; "format": "w2v" and "format_version": "1" are always there. Nothing is pickled, and
    any safetensors reader opens the file. 64-bit tensors stand first so that each tensor is aligned to its own size.
"""

from __future__ import annotations

import io
import json
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from w2v._formats import decode_words, read_binary_rows, read_text_rows, write_binary_rows, write_text_rows
from w2v.errors import FormatError, W2VError
from w2v.files import atomic_write

Matrix = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int64]
StrPath = str | os.PathLike[str]

WORD2VEC_BINARY = "word2vec-binary"
WORD2VEC_TEXT = "word2vec-text"
SAFETENSORS = "safetensors"
SUFFIXES = {".bin": WORD2VEC_BINARY, ".txt": WORD2VEC_TEXT, ".vec": WORD2VEC_TEXT, "": WORD2VEC_TEXT,
            ".safetensors": SAFETENSORS}

_BLOCK = 4 << 20
_SAMPLE = 1 << 16
_HEADER = re.compile(rb"[ \t]*([+-]?\d{1,100})[ \t]+([+-]?\d{1,100})[ \t]*\r?\n")
# control characters other than white space: hardly ever in text, soon in the bytes of floats
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_ASCII_SPACE = re.compile(r"[ \t\n\r\v\f]")
_DTYPES = {"F32": np.dtype("<f4"), "I64": np.dtype("<i8"), "U8": np.dtype("u1")}


@dataclass(frozen=True)
class VectorFile:
    """What a file of word vectors holds.

    Attributes
    ----------
    words : n distinct words; bytes that are no UTF-8 stand in them as surrogate escapes.
    vectors : (n, d) float32, C-contiguous; read-only and memory-mapped if the file is `.safetensors`.
    counts : (n,) int64 or None, if the file has none.
    format : one of WORD2VEC_BINARY, WORD2VEC_TEXT, SAFETENSORS.
    metadata : what the file says about itself.
    output_vectors : (n, d) float32 or None.
    report : what was met and mended: "duplicates" (rows left out, the first one counts), "words_with_blanks",
        "invalid_utf8"; only those that are not zero.
    source : one line for people.
    """

    words: list[str]
    vectors: Matrix
    counts: Counts | None
    format: str
    metadata: dict[str, str] = field(default_factory=dict)
    output_vectors: Matrix | None = None
    report: dict[str, int] = field(default_factory=dict)
    source: str = ""


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
                return _read_safetensors(path, file, size, limit)
            return _read_word2vec(path, file, size, head, limit)
    except OSError as error:
        raise W2VError(f"cannot read {path}: {error.strerror or error}") from error


def _sized(file: BinaryIO) -> tuple[BinaryIO, int]:
    """The file and its size; a pipe is read into memory first, because formats are found by looking twice."""
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode):
        return file, status.st_size
    content = file.read()
    return io.BytesIO(content), len(content)


def _read_word2vec(path: str, file: BinaryIO, size: int, head: bytes, limit: int | None) -> VectorFile:
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
    return VectorFile(words, vectors, None, name, {}, None, report, _describe(path, name, vectors, report))


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

    def __init__(self, file: BinaryIO, offset: int) -> None:
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
            got = self.file.readinto(view[self.size:])  # type: ignore[attr-defined]
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


def _describe(path: str, name: str, vectors: Matrix, report: Mapping[str, int]) -> str:
    kind = {WORD2VEC_BINARY: "word2vec binary", WORD2VEC_TEXT: "word2vec text", SAFETENSORS: "w2v safetensors"}[name]
    line = f"{path}: {kind}, {len(vectors):,} words x {vectors.shape[1]}"
    labels = {"duplicates": "duplicate words left out", "words_with_blanks": "words with blanks",
              "invalid_utf8": "words that are no UTF-8"}
    return "; ".join([line, *(f"{count:,} {labels[what]}" for what, count in report.items())])


# ------------------------------------------------------------------------------- reading safetensors


def _read_safetensors(path: str, file: BinaryIO, size: int, limit: int | None) -> VectorFile:
    length = int.from_bytes(file.read(8), "little")
    if length > size - 8:
        raise FormatError(path, f"the header should be {length} bytes long, but {size - 8} follow: the file is cut or "
                                "no .safetensors", offset=0)
    header = _parse_header(path, file.read(length))
    file.seek(0)
    data = (np.frombuffer(file.read(), dtype=np.uint8) if isinstance(file, io.BytesIO)
            else np.asarray(np.memmap(file, dtype=np.uint8, mode="r")))
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise FormatError(path, "`__metadata__` must map names to text", offset=8)
    tensors = {name: _tensor(path, name, header, data, 8 + length) for name in
               ("vectors", "words", "word_offsets", "counts", "output_vectors") if name in header}
    vectors, blob, offsets = _checked_tensors(path, tensors)
    n = min(len(vectors), limit or len(vectors))
    report: dict[str, int] = {}
    words = decode_words(blob, offsets[:n + 1], report)
    if len(set(words)) != n:
        raise FormatError(path, "the same word twice: not written by this program", offset=8)
    counts = tensors["counts"][:n].copy() if "counts" in tensors else None
    outputs = tensors["output_vectors"][:n] if "output_vectors" in tensors else None
    return VectorFile(words, vectors[:n], counts, SAFETENSORS, metadata, outputs, report,
                      _describe(path, SAFETENSORS, vectors[:n], report))


def _parse_header(path: str, text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(path, f"the header is no JSON ({error})", offset=8) from error
    if not isinstance(header, dict):
        raise FormatError(path, "the header is no JSON object", offset=8)
    for name in ("vectors", "words", "word_offsets"):
        if name not in header:
            raise FormatError(path, f"no tensor `{name}`: this .safetensors holds no word vectors of this program",
                              offset=8)
    return header


def _tensor(path: str, name: str, header: Mapping[str, Any], data: npt.NDArray[np.uint8], start: int) -> Any:
    """The tensor as a view of the file, after its type, its shape and its place are found possible.

    Other writers need not pad the header, so a tensor may begin at an odd address; such a one is copied.
    """
    entry = header[name]
    try:
        dtype = _DTYPES[entry["dtype"]]
        shape = tuple(entry["shape"])
        begin, end = entry["data_offsets"]
        good = all(type(value) is int and value >= 0 for value in (*shape, begin, end))
    except (KeyError, TypeError, ValueError):
        good = False
    if not good:
        raise FormatError(path, f"tensor `{name}` has no type, shape and place that can be read: {entry!r:.200}",
                          offset=8)
    size = dtype.itemsize
    for length in shape:
        size *= length
    if end - begin != size or start + end > len(data):
        raise FormatError(path, f"tensor `{name}` of shape {list(shape)} should be {size} bytes from {begin} to {end}, "
                                f"and {len(data) - start} bytes of data are there: the file is cut or the header wrong",
                          offset=min(start + begin, len(data)))
    view = data[start + begin:start + end].view(dtype).reshape(shape)
    return np.require(view, dtype=dtype.newbyteorder("="), requirements=("C", "A"))


def _checked_tensors(
    path: str, tensors: Mapping[str, Any]
) -> tuple[Matrix, npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """`vectors`, `words` and `word_offsets`, after all tensors are found to belong together."""
    vectors, blob, offsets = tensors["vectors"], tensors["words"], tensors["word_offsets"]
    if vectors.ndim != 2 or 0 in vectors.shape or vectors.dtype != np.float32:
        raise FormatError(path, f"no words: `vectors` must be F32 (words, dimension), not {list(vectors.shape)}",
                          offset=8)
    expected = {"words": (np.uint8, blob.shape[:1]), "word_offsets": (np.int64, (len(vectors) + 1,)),
                "counts": (np.int64, (len(vectors),)), "output_vectors": (np.float32, vectors.shape)}
    for name, (dtype, shape) in expected.items():
        tensor = tensors.get(name)
        if tensor is not None and (tensor.dtype != dtype or tensor.shape != shape or tensor.ndim == 0):
            raise FormatError(path, f"`{name}` of shape {list(tensor.shape)} does not fit {len(vectors)} words of "
                                    f"dimension {vectors.shape[1]}", offset=8)
    if offsets[0] != 0 or offsets[-1] != len(blob) or (np.diff(offsets) < 1).any():
        raise FormatError(path, "`word_offsets` do not cut `words` into words", offset=8)
    return vectors, blob, offsets


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
    ValueError : a word is empty, or it has ASCII white space and the format is word2vec's, whose fields end at blanks.
    """
    for word in words:
        if not word:
            raise ValueError("an empty word cannot be written")
        if format != SAFETENSORS and _ASCII_SPACE.search(word):
            raise ValueError(f"the word {word!r} has white space in it and cannot go into a word2vec file; "
                             "write .safetensors instead")


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
    format : WORD2VEC_BINARY, WORD2VEC_TEXT or SAFETENSORS; None goes by the suffix (`format_for`).
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
            _write_safetensors(file, path, words, vectors, counts, metadata or {}, output_vectors)
        else:
            write_rows = write_binary_rows if format == WORD2VEC_BINARY else write_text_rows
            file.write(b"%d %d\n" % vectors.shape)
            for start, block in _blocks_of_rows(path, words, vectors):
                names = [word.encode("utf-8", "surrogateescape") for word in words[start:start + len(block)]]
                file.write(write_rows(names, _little_endian(block) if format == WORD2VEC_BINARY else block))


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


def _blocks_of_rows(path: StrPath, words: Sequence[str], vectors: Matrix) -> Iterator[tuple[int, Matrix]]:
    """Blocks of about a MB as contiguous little-endian float32 with the number of their first row."""
    step = max(1, (1 << 18) // vectors.shape[1])
    for start in range(0, len(vectors), step):
        block = np.require(vectors[start:start + step], dtype=np.float32, requirements=("C", "A"))
        finite = np.isfinite(block).all(axis=1)
        if not finite.all():
            word = words[start + int(np.argmin(finite))]
            raise W2VError(f"cannot write {os.fspath(path)}: the vector of {word!r} has a number that is not finite")
        yield start, block


def _little_endian(block: Matrix) -> Matrix:
    return block.byteswap() if sys.byteorder == "big" else block


def _write_safetensors(
    file: BinaryIO, path: StrPath, words: Sequence[str], vectors: Matrix, counts: Counts | None,
    metadata: Mapping[str, str], output_vectors: Matrix | None,
) -> None:
    names = [word.encode("utf-8", "surrogateescape") for word in words]
    offsets = np.zeros(len(names) + 1, dtype="<i8")
    np.cumsum(np.fromiter(map(len, names), dtype=np.int64, count=len(names)), out=offsets[1:])
    layout: list[tuple[str, str, tuple[int, ...]]] = [("word_offsets", "I64", offsets.shape)]
    if counts is not None:
        layout.append(("counts", "I64", counts.shape))
    layout.append(("vectors", "F32", vectors.shape))
    if output_vectors is not None:
        layout.append(("output_vectors", "F32", output_vectors.shape))
    layout.append(("words", "U8", (int(offsets[-1]),)))
    file.write(_safetensors_header(layout, {**metadata, "format": "w2v", "format_version": "1"}))
    file.write(offsets.tobytes())
    if counts is not None:
        file.write(counts.tobytes())
    for matrix in (vectors, output_vectors):
        if matrix is not None:
            for _, block in _blocks_of_rows(path, words, matrix):
                file.write(memoryview(_little_endian(block)).cast("B"))
    file.write(b"".join(names))


def _safetensors_header(layout: Sequence[tuple[str, str, tuple[int, ...]]], metadata: Mapping[str, str]) -> bytes:
    header: dict[str, Any] = {"__metadata__": {str(key): str(value) for key, value in metadata.items()}}
    at = 0
    for name, dtype, shape in layout:
        size = _DTYPES[dtype].itemsize * int(np.prod(shape, dtype=object))
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-(8 + len(text)) % 64)
    return len(text).to_bytes(8, "little") + text
