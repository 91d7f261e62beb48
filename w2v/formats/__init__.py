"""Files of word vectors: which format a file has, its reader, and the writers.

Place in the data flow: vectors <-> disk. `read_vectors` finds the format from the content, whatever the name says;
`write_vectors` follows the suffix. A module a format: `word2vec` (also GloVe), `fasttext`, `own` and `foreign`
(safetensors, on `tensors`), `npy`, `gensim` (on `pickled`); all read a `Content`, plain or compressed, and fill a
`Sink` or go through `pick`. Nothing is allocated that the size of the file does not justify, and no pickle is run.

The layouts of word2vec
-----------------------
word2vec binary    `V D\\n`, then V rows of `word`, blank, D little-endian float32, newline. gensim writes no newline.
word2vec text      `V D\\n`, then V rows `word v1 ... vD \\n`. word2vec.c writes a blank before the newline, gensim does
                   not. We write the blank, and as many digits as bring back the same float32 instead of six decimals.
                   fastText's `.vec` is the same. GloVe's text is the same without the first line.

Our own layout: `.safetensors`, version 1
-----------------------------------------
8 bytes: length N of the header, little-endian; N bytes: a JSON object, padded with blanks so that the data begins at a
multiple of 64 bytes; then the tensors, raw, little-endian, without holes, longer numbers first:

    name             dtype             shape    what
    word_offsets     I64               (n + 1)  word i is words[word_offsets[i]:word_offsets[i + 1]]
    counts           I64               (n)      optional: how often each word stood in the corpus
    scales           F32               (n)      only with I8: row i is scales[i] * vectors[i]
    vectors          F32 F16 BF16 I8   (n, d)   one row a word, by falling count
    output_vectors   F32               (n, d)   optional: the second matrix of the training (syn1neg)
    node_vectors     F32               (n-1, d) optional: the nodes of hierarchical softmax (syn1)
    subword_vectors  F32               (b, d)   optional: rows of hashed n-grams, see `w2v.formats.subwords`
    words            U8                (bytes)  the words in UTF-8 one after the other; bytes that are no UTF-8 are kept
    sha256           U8                (32)     in checkpoints only: of all bytes before it, see `w2v.training.checkpoint`

    `__metadata__` maps str to str; "format": "w2v" and "format_version": "1" are always there. Others by convention,
    values that are no plain text as JSON: "version" (of this program), "isa", "training" (all options), "corpus"
    (name, words, sha256), "report" (of the training), "evaluation" (results by set, then by measure: see
    `w2v.evaluation.output.record`), "subwords" (minn, maxn). Nothing is pickled, and any safetensors reader opens the file. A
    reader refuses what it does not know of these tensors and ignores other names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError, W2VError
from w2v.formats import fasttext, gensim, npy, word2vec
from w2v.formats._formats import write_binary_rows, write_text_rows
from w2v.formats.content import Content
from w2v.formats.fasttext import write_fasttext
from w2v.formats.foreign import read_foreign
from w2v.formats.own import is_own, read_metadata, read_own, update_metadata, write_own
from w2v.formats.rows import STORED, Rows
from w2v.formats.subwords import Subwords
from w2v.formats.tensors import Tensors
from w2v.formats.vectorfile import (
    FASTTEXT_BINARY,
    SAFETENSORS,
    WORD2VEC_BINARY,
    WORD2VEC_TEXT,
    LoadOptions,
    Matrix,
    VectorFile,
    blocks_of_rows,
    little_endian,
)
from w2v.system.files import atomic_write
from w2v.types import Counts, StrPath

__all__ = ["SUFFIXES", "check_words", "format_for", "read_metadata", "read_vectors", "update_metadata",
           "write_vectors"]

SUFFIXES = {".bin": WORD2VEC_BINARY, ".txt": WORD2VEC_TEXT, ".vec": WORD2VEC_TEXT, "": WORD2VEC_TEXT,
            ".safetensors": SAFETENSORS}

_ASCII_SPACE = re.compile(r"[\0 \t\n\r\v\f]")

Reader = Callable[[Content, LoadOptions], VectorFile]

# --------------------------------------------------------------------------------------------------- reading


def read_vectors(
    path: StrPath, *, limit: int | None = None, only: Iterable[str] | StrPath | None = None, dtype: str | None = None,
    mmap: bool | None = None, strict: bool = False, words: StrPath | None = None,
) -> VectorFile:
    """Read word vectors; the format is found from the content, whatever the suffix says.

    Parameters
    ----------
    path : the file, plain or compressed with gzip, bzip2, xz or zstd; or a pipe.
    limit : look only at the first `limit` words of the file, >= 1; None for all.
    only : keep only these words, of those that `limit` leaves: an iterable of str, or the path of a file with one a
        line. They keep the order of the file; reading ends when all are found.
    dtype : "float32", "float16", "bf16" or "int8" (with a scale a row); None for what the file has, which is float32
        in formats without a type.
    mmap : True maps the matrix from the disk, an error where that cannot be (only safetensors, npy and gensim's npy
        can); False reads it into memory; None maps where that can be.
    strict : duplicate words, words with blanks or that are no UTF-8, CR LF and a missing last newline are errors; if
        not, they are read and counted in `report`.
    words : the word list of a matrix that has none in its file; None looks beside the file (`w2v.formats.wordlist`).

    Raises
    ------
    FormatError : the file is broken or of no known format; says at which byte or line.
    W2VError : the file is missing or cannot be read, or needs more memory than there is.
    ValueError : limit < 1, or there is no such dtype.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    if dtype is not None and dtype not in STORED:
        raise ValueError(f"dtype is one of {', '.join(STORED)}, not {dtype!r}")
    path = os.fspath(path)
    options = LoadOptions(limit, None if only is None else _wanted_words(only), dtype, mmap, strict,
                          None if words is None else os.fspath(words))
    try:
        with open(path, "rb") as file:
            content = Content(file, path)
            reader = _reader_for(content)
            if mmap and reader in (word2vec.read_with_header, word2vec.read_glove):
                raise W2VError(f"{path}: the rows of word2vec and GloVe files stand between words and cannot be "
                               "memory-mapped; convert the file to .safetensors, or leave out mmap")
            if mmap is False and only is None and dtype is None and reader in (_read_safetensors, npy.read_npy):
                content.mappable = False  # one read of all, instead of a map and a copy beside it
            return reader(content, options)
    except OSError as error:
        raise W2VError(f"cannot read {path}: {error.strerror or error}") from error


def _wanted_words(only: Iterable[str] | StrPath) -> frozenset[str]:
    """The words themselves, or those that stand one a line in a file."""
    if isinstance(only, (str, os.PathLike)):
        try:
            lines = Path(only).read_bytes().split(b"\n")
        except OSError as error:
            raise W2VError(f"cannot read the words to keep from {os.fspath(only)}: {error.strerror or error}; a list "
                           "of words is given as a list") from error
        only = (line.removesuffix(b"\r").decode("utf-8", "surrogateescape") for line in lines)
    wanted = frozenset(word for word in only if word)
    if not wanted:
        raise ValueError("only= has no word in it")
    return wanted


def _reader_for(content: Content) -> Reader:
    """Find the format from the first bytes.

    Raises
    ------
    FormatError : it is none that can be read; says what it is where that is known.
    """
    head, path = content.head, content.path
    if not head:
        raise FormatError(path, "the file is empty", offset=0)
    if head.startswith(fasttext.MAGIC):
        return fasttext.read_fasttext
    if head.startswith(npy.MAGIC):
        return npy.read_npy
    if head[8:9] == b"{" and b"\0" in head[:8]:
        return _read_safetensors
    if head[:1] == b"\x80" and b"\2" <= head[1:2] <= b"\5":
        return gensim.read_gensim
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise FormatError(path, f"{what} cannot be read here; write its vectors as word2vec text, .npy or "
                                    ".safetensors", offset=0)
    if word2vec.HEADER.match(head):
        return word2vec.read_with_header
    if word2vec.glove_dimension(content) is not None:
        return word2vec.read_glove
    raise FormatError(path, "no known format of word vectors: it begins neither with a word2vec header (`words "
                            "dimension`), nor with rows `word numbers`, nor as fastText, .safetensors, .npy or gensim",
                      offset=0)


_OTHERS = {b"SQLite format 3\0": "Magnitude (SQLite)", b"PK\x03\x04": "a zip archive (.npz, torch, or a folder)",
           b"\x89HDF": "HDF5", b"FiFu": "finalfusion", b"PAR1": "Parquet", b"ARROW1": "Arrow"}


def _read_safetensors(content: Content, options: LoadOptions) -> VectorFile:
    tensors = Tensors(content)
    return (read_own if is_own(tensors) else read_foreign)(content, tensors, options)


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
    path: StrPath, words: Sequence[str], vectors: npt.ArrayLike | Rows, counts: npt.ArrayLike | None = None, *,
    format: str | None = None, metadata: Mapping[str, str] | None = None, output_vectors: Matrix | None = None,
    subwords: Subwords | None = None, dtype: str | None = None, node_vectors: Matrix | None = None,
) -> None:
    """Write word vectors; the file appears whole or not at all.

    Parameters
    ----------
    path : the file.
    words : n distinct words.
    vectors : (n, d) array or `Rows`, n and d >= 1; rows may stand apart (padded). Written in blocks, never copied
        whole unless `dtype` asks for another type than they are stored in.
    counts : (n,) int64 or None; kept by `.safetensors` only.
    format : WORD2VEC_BINARY, WORD2VEC_TEXT, FASTTEXT_BINARY or SAFETENSORS of `w2v.formats.vectorfile`; None goes by the suffix
        (`format_for`), where `.bin` is word2vec's.
    metadata, output_vectors, subwords : kept by `.safetensors` and by fastText's format only.
    node_vectors : kept by `.safetensors` only.
    dtype : a key of `w2v.formats.rows.STORED`, for `.safetensors`; None as stored. word2vec's formats have float32 only.

    Raises
    ------
    ValueError : the shapes do not fit, the suffix is unknown, or a word cannot go into the format.
    W2VError : a number is not finite (names the word), or the file cannot be written.

    Source
    ------
    word2vec.c, end of TrainModel, for the layout of binary and text.
    """
    format = format_for(path) if format is None else format
    if format not in (known := {*SUFFIXES.values(), FASTTEXT_BINARY}):
        raise ValueError(f"unknown format {format!r}; one of {', '.join(sorted(known))}")
    if dtype not in (None, "float32") and format != SAFETENSORS:
        raise ValueError(f"dtype {dtype!r} is kept by .safetensors; word2vec's formats have float32")
    counts = None if counts is None else np.ascontiguousarray(counts, dtype="<i8")
    if not isinstance(vectors, Rows):
        vectors = np.asarray(vectors)
        if vectors.ndim != 2:
            raise ValueError(f"vectors must be (words, dimension), not of shape {vectors.shape}")
    rows = Rows.of(vectors)
    nodes = format == FASTTEXT_BINARY and output_vectors is not None and len(output_vectors) == len(words) - 1
    _check_shapes(words, rows, counts, None if nodes else output_vectors)
    if node_vectors is not None and node_vectors.shape != (len(rows) - 1, rows.shape[1]):
        raise ValueError(f"node_vectors {node_vectors.shape} do not fit vectors {rows.shape}")
    check_words(words, format)
    if dtype not in (None, rows.dtype_name):
        rows = Rows.encode(rows, dtype)
    with atomic_write(path) as file:
        if format == SAFETENSORS:
            write_own(file, path, words, rows, counts, metadata or {}, output_vectors, subwords, node_vectors)
        elif format == FASTTEXT_BINARY:
            write_fasttext(file, path, words, rows, counts, metadata or {}, output_vectors, subwords)
        else:
            binary = format == WORD2VEC_BINARY
            file.write(b"%d %d\n" % rows.shape)
            for start, block in blocks_of_rows(path, words, rows):
                names = [word.encode("utf-8", "surrogateescape") for word in words[start:start + len(block)]]
                file.write(write_binary_rows(names, little_endian(block)) if binary else write_text_rows(names, block))


def _check_shapes(
    words: Sequence[str], vectors: Rows, counts: Counts | None, output_vectors: Matrix | None
) -> None:
    if 0 in vectors.shape:
        raise ValueError(f"vectors must be (words, dimension) with at least one of each, not {vectors.shape}")
    if len(words) != len(vectors):
        raise ValueError(f"{len(words)} words do not fit {len(vectors)} vectors")
    if counts is not None and counts.shape != (len(words),):
        raise ValueError(f"counts of shape {counts.shape} do not fit {len(words)} words")
    if output_vectors is not None and output_vectors.shape != vectors.shape:
        raise ValueError(f"output_vectors {output_vectors.shape} do not fit vectors {vectors.shape}")
