"""What a file of word vectors holds, and what the readers and writers of every format share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from w2v.errors import W2VError
from w2v.files import StrPath

Matrix = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int64]

WORD2VEC_BINARY = "word2vec-binary"
WORD2VEC_TEXT = "word2vec-text"
SAFETENSORS = "safetensors"


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


def describe(path: str, name: str, vectors: Matrix, report: Mapping[str, int]) -> str:
    """The `source` line of a file: what it is, how large, and what was mended."""
    kind = {WORD2VEC_BINARY: "word2vec binary", WORD2VEC_TEXT: "word2vec text", SAFETENSORS: "w2v safetensors"}[name]
    line = f"{path}: {kind}, {len(vectors):,} words x {vectors.shape[1]}"
    labels = {"duplicates": "duplicate words left out", "words_with_blanks": "words with blanks",
              "invalid_utf8": "words that are no UTF-8"}
    return "; ".join([line, *(f"{count:,} {labels[what]}" for what, count in report.items())])


def blocks_of_rows(path: StrPath, words: Sequence[str], vectors: Matrix) -> Iterator[tuple[int, Matrix]]:
    """Blocks of about a MB as contiguous, finite float32, each with the number of its first row.

    Raises
    ------
    W2VError : a number is not finite; names the word.
    """
    step = max(1, (1 << 18) // vectors.shape[1])
    for start in range(0, len(vectors), step):
        block = np.require(vectors[start:start + step], dtype=np.float32, requirements=("C", "A"))
        finite = np.isfinite(block).all(axis=1)
        if not finite.all():
            word = words[start + int(np.argmin(finite))]
            raise W2VError(f"cannot write {os.fspath(path)}: the vector of {word!r} has a number that is not finite")
        yield start, block


def little_endian(block: Matrix) -> Matrix:
    """The bytes as they stand in files."""
    return block.byteswap() if sys.byteorder == "big" else block
