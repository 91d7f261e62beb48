"""What a file of word vectors holds and how it is to be read: shared by the readers and writers of every format."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.errors import W2VError
from w2v.formats.rows import Rows
from w2v.formats.subwords import Subwords
from w2v.system.resources import require_memory
from w2v.types import Counts, StrPath

Matrix = npt.NDArray[np.float32]

WORD2VEC_BINARY = "word2vec-binary"
WORD2VEC_TEXT = "word2vec-text"
GLOVE_TEXT = "glove-text"
FASTTEXT_BINARY = "fasttext-binary"
SAFETENSORS = "safetensors"
FOREIGN_SAFETENSORS = "foreign-safetensors"
NPY = "npy"
GENSIM = "gensim"

KINDS = {WORD2VEC_BINARY: "word2vec binary", WORD2VEC_TEXT: "word2vec text", GLOVE_TEXT: "GloVe text (no header)",
         FASTTEXT_BINARY: "fastText binary", SAFETENSORS: "w2v safetensors",
         FOREIGN_SAFETENSORS: "safetensors of another program", NPY: "npy matrix", GENSIM: "gensim save()"}

# what is met in files and read all the same; with strict=True each is an error
FLAWS = {"duplicates": "duplicate words", "words_with_blanks": "words with blanks",
         "invalid_utf8": "words that are no UTF-8", "crlf_lines": "lines that end in CR LF",
         "no_last_newline": "last line without its newline", "byte_order_mark": "byte order mark"}
_LABELS = {**FLAWS, "duplicates": "duplicate words left out", "words_not_found": "of the words asked for not found"}


@dataclass(frozen=True)
class LoadOptions:
    """How a file is to be read.

    Attributes
    ----------
    limit : look only at the first so many words of the file, >= 1; None for all.
    only : keep only these words (those among the first `limit`); None for all.
    dtype : a key of `w2v.formats.rows.STORED`; None as the file has it, float32 for all formats that have no type.
    mmap : True: map the matrix, an error where that cannot be; False: read it into memory; None: map where it can be.
    strict : anything in `FLAWS` is a FormatError.
    words : the word list of a matrix that has none; None looks beside the file.
    """

    limit: int | None = None
    only: frozenset[str] | None = None
    dtype: str | None = None
    mmap: bool | None = None
    strict: bool = False
    words: str | None = None


@dataclass(frozen=True)
class VectorFile:
    """What a file of word vectors holds.

    Attributes
    ----------
    words : n distinct words; bytes that are no UTF-8 stand in them as surrogate escapes.
    rows : (n, d) as stored, memory-mapped and read-only where the format allows it and nothing else was asked for.
    counts : (n,) int64 or None, if the file has none.
    format : a key of KINDS.
    metadata : what the file says about itself.
    output_vectors : (n, d) float32 or None.
    node_vectors : (n - 1, d) float32, the nodes of hierarchical softmax, where all words of a file are read; or None.
    subwords : the n-grams of fastText models, which make vectors for unknown words; None for the others.
    report : what was met and mended, see FLAWS; "words_not_found" among those of `only`. Only what is not zero.
    source : one line for people.
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

    @property
    def vectors(self) -> Matrix:
        """(n, d) float32: a view if they are stored so, a copy if not."""
        return self.rows[:]


def describe(path: str, name: str, rows: Rows, report: Mapping[str, int], packed: str = "") -> str:
    """The `source` line of a file: what it is, how large, and what was mended."""
    line = f"{path}: {KINDS[name]}{f' in {packed}' if packed else ''}, {len(rows):,} words x {rows.shape[1]}"
    if rows.dtype_name != "float32":
        line += f" as {rows.dtype_name}"
    return "; ".join([line, *(f"{count:,} {_LABELS[what]}" for what, count in report.items())])


def check_memory(path: str, n_bytes: int) -> None:
    """Refuse to allocate what cannot fit.

    Raises
    ------
    W2VError : says how many GB are needed and how many are free.
    """
    require_memory(path, n_bytes, "take fewer words (limit=, only=), smaller numbers (dtype='float16', 'int8'), or "
                                  "convert the file to .safetensors elsewhere and map it (mmap=True)")


def blocks_of_rows(path: StrPath, words: Sequence[str], rows: Rows | Matrix) -> Iterator[tuple[int, Matrix]]:
    """Blocks of about a MB as contiguous, finite float32, each with the number of its first row.

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
            raise W2VError(f"cannot write {os.fspath(path)}: the vector of {word!r} has a number that is not finite")
        yield start, block


def little_endian(block: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The bytes as they stand in files."""
    return block.byteswap() if sys.byteorder == "big" else block
