"""Contents of a file of word vectors, and the options for reading one: shared by all formats.

Place in the data flow: `read_vectors(path, ...)` -> `LoadOptions` -> reader of the format -> `VectorFile`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.corpus_options import TextOptions
from w2v.errors import W2VError
from w2v.formats.rows import Rows
from w2v.formats.subwords import Subwords
from w2v.system.resources import require_memory
from w2v.types import Counts, Indices, Matrix, StrPath

# Names of the formats that other folders use; the names of all formats are in `w2v.formats.registry`.
WORD2VEC_BINARY = "word2vec-binary"
WORD2VEC_TEXT = "word2vec-text"
FASTTEXT_BINARY = "fasttext-binary"
SAFETENSORS = "safetensors"

INTEGER_KEYS = "integer_keys"
"""Name of `VectorFile.integer_keys` in the metadata of w2v's own format: "true", or left out."""

TEXT_OPTIONS = "text_options"
"""Name of `VectorFile.text_options` in the metadata of w2v's own format: JSON, or left out."""

# Flaws that are repaired and counted when a file is read; with strict=True each is an error.
FLAWS = {"duplicates": "duplicate words", "words_with_blanks": "words with blanks", "empty_words": "empty words",
         "invalid_utf8": "words that are not valid UTF-8",
         "invalid_encoding": "words that are not valid in the encoding",
         "crlf_lines": "lines that end in CR LF", "no_last_newline": "last line without a newline",
         "byte_order_mark": "byte order mark", "wrong_header": "header with a wrong number of words",
         "truncated": "truncated file",
         "not_finite": "words with NaN or infinity in their vectors", "negative_counts": "words with negative counts"}
_REPORT_LABELS = {**FLAWS, "duplicates": "duplicate words left out",
                  "invalid_utf8": "words that are not valid UTF-8 (encoding= names another encoding)",
                  "words_not_found": "of the words asked for not found",
                  "rows_without_word": "rows without a word left out",
                  "integers_as_text": "integer keys among others read as text"}

FORMAT_OPTIONS = {"words": "words= (a list of the words)", "tensor": "tensor= (the name of a tensor)",
                  "part": "part= (a part of a model)", "encoding": "encoding= (of the words)"}
"""Options that only some formats use (`FileFormat.takes`), with their names in messages; each is None unless given."""

ENCODED = frozenset({"encoding"})
"""`FileFormat.takes` of formats whose words are bytes."""

PARTS = ("words", "docs")
"""Values of the option `part`."""

LESS_MEMORY = ("read fewer words (limit=, only=), use a smaller type (dtype='float16', 'int8'), or convert the file to "
               ".safetensors on another machine and map it (mmap=True)")
"""What to do if memory is short, for messages."""


@dataclass(frozen=True)
class LoadOptions:
    """Options for reading a file.

    Attributes
    ----------
    limit : read only the first `limit` words of the file, >= 1; None for all.
    only : keep only these words (of the first `limit`); None for all.
    dtype : a key of `w2v.formats.rows.STORED`; None for the type in the file, float32 in formats without a type.
    mmap : True maps the matrix and fails where that is impossible; False reads it into memory; None maps it where
        possible.
    strict : every flaw in `FLAWS` is a FormatError.
    words : path of the word list of a matrix without words; None looks next to the file.
    tensor : name of the tensor to read; None for the only matrix, or a well-known name.
    part : "words" or "docs", the vectors to read of a model that has both; None for the words.
    encoding, unicode_errors : of the words, as in `bytes.decode`; None for UTF-8 with surrogate escapes.
    """

    limit: int | None = None
    only: frozenset[str] | None = None
    dtype: str | None = None
    mmap: bool | None = None
    strict: bool = False
    words: str | None = None
    tensor: str | None = None
    part: str | None = None
    encoding: str | None = None
    unicode_errors: str | None = None

    @property
    def decodes(self) -> bool:
        """Whether the words may be in another encoding than UTF-8, or have invalid bytes replaced."""
        return self.encoding is not None or self.unicode_errors is not None

    @property
    def whole_in_memory(self) -> bool:
        """Whether to read the whole stored matrix into memory as it is: that is cheaper than to map and copy it."""
        return self.mmap is False and self.only is None and self.dtype is None


@dataclass(frozen=True)
class VectorFile:
    """Contents of a file of word vectors.

    Attributes
    ----------
    words : n distinct words; bytes that are not valid UTF-8 are kept as surrogate escapes.
    rows : (n, d) as stored, memory-mapped and read-only where the format and the options allow it.
    counts : (n,) int64, occurrences of each word, or None if the file has none.
    format : name of the format, a key of `w2v.formats.FORMATS`.
    metadata : text by name that the file holds about itself.
    output_vectors : (n, d) float32 or None.
    node_vectors : (n - 1, d) float32, the inner nodes of hierarchical softmax; None if the file has none or only some
        words were read.
    subwords : the n-gram vectors of a fastText model, for words outside the vocabulary; or None.
    report : number of flaws that were repaired, by the keys of `FLAWS`, "words_not_found", "rows_without_word" of
        matrices with more rows than words, and "integers_as_text" of keys; without zeros.
    source : one line that describes the file.
    integer_keys : whether words stand for integers, which then are keys (`w2v.vectors.lookup`).
    text_options : how the words were made of the text; None if the file does not say, or if they are what is between
        white space.
    """

    words: list[str]
    rows: Rows
    counts: Counts | None
    format: str
    metadata: dict[str, str] = field(default_factory=dict)
    output_vectors: Matrix | None = None
    node_vectors: Matrix | None = None
    subwords: Subwords | None = None
    report: dict[str, int] = field(default_factory=dict)
    source: str = ""
    integer_keys: bool = False
    text_options: TextOptions | None = None

    @property
    def vectors(self) -> Matrix:
        """(n, d) float32: a view of float32 rows, a copy of others."""
        return self.rows[:]

    def take(self, index: Indices) -> VectorFile:
        """Return the file with a copy of some of its words, without the nodes of a tree of all words."""
        return replace(
            self, words=[self.words[i] for i in index], rows=self.rows.take(index),
            counts=None if self.counts is None else self.counts[index],
            output_vectors=None if self.output_vectors is None else self.output_vectors[index], node_vectors=None)


def describe(path: str, label: str, rows: Rows, report: Mapping[str, int], packed: str = "") -> str:
    """Return the `source` line of a file: format, compression, size and repaired flaws."""
    line = f"{path}: {label}{f' in {packed}' if packed else ''}, {len(rows):,} words x {rows.shape[1]}"
    if rows.dtype_name != "float32":
        line += f" as {rows.dtype_name}"
    return "; ".join([line, *(f"{count:,} {_REPORT_LABELS[flaw]}" for flaw, count in report.items())])


def finite_rows(rows: Rows) -> npt.NDArray[np.bool_]:
    """Return (n,), whether each row is without NaN and infinity; all rows are read."""
    finite = np.empty(len(rows), dtype=np.bool_)
    step = max(1, (1 << 18) // rows.shape[1])
    for start in range(0, len(rows), step):
        np.isfinite(rows[start:start + step]).all(axis=1, out=finite[start:start + step])
    return finite


def check_memory(path: str, n_bytes: int) -> None:
    """Refuse an allocation that cannot fit into memory.

    Raises
    ------
    W2VError : says how many GB are needed and how many are free.
    """
    require_memory(path, n_bytes, LESS_MEMORY)


def blocks_of_rows(path: StrPath, words: Sequence[str], rows: Rows | Matrix) -> Iterator[tuple[int, Matrix]]:
    """Yield blocks of about 1 MB as contiguous, finite float32, each with the index of its first row.

    Raises
    ------
    W2VError : a number is not finite; names the word.
    """
    step = max(1, (1 << 18) // rows.shape[1])
    for start in range(0, len(rows), step):
        block = np.require(rows[start:start + step], dtype=np.float32, requirements=("C", "A"))
        finite = np.isfinite(block).all(axis=1)
        if not finite.all():
            word = words[start + int(np.argmin(finite))]
            raise W2VError(f"cannot write {os.fspath(path)}: the vector of {word[:80]!r} contains NaN or infinity")
        yield start, block


def little_endian(block: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the numbers in the byte order of files; of a block in that order, in the order of this machine."""
    return block.byteswap() if sys.byteorder == "big" else block
