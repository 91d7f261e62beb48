"""Files of word vectors: `read_vectors` and `write_vectors`, for all formats.

Place in the data flow: vectors <-> disk. `read_vectors` recognises the format from the content, not from the name of
the file; `write_vectors` follows the suffix. Each format is one module with a reader, for some a writer, and a record
of both, which is a row of the table in `w2v.formats.registry`. All readers take a `Content`, plain or compressed, and
fill a `Sink` or call `pick`. No more memory is allocated than the size of the file justifies, and no pickle is
executed. README.md lists the formats and says how to add one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from w2v.corpus_options import TextOptions
from w2v.errors import W2VError
from w2v.formats.archive import unpacked
from w2v.formats.content import Content
from w2v.formats.decoding import check_encoding
from w2v.formats.fileformat import FileFormat, VectorData
from w2v.formats.keys import word_of
from w2v.formats.own import read_metadata, update_metadata
from w2v.formats.registry import (
    FORMATS,
    OPTIONS,
    SUFFIXES,
    check_options,
    format_for,
    format_named,
    is_known,
    recognise,
    suffix_help,
)
from w2v.formats.rows import STORED, Rows
from w2v.formats.subwords import Subwords
from w2v.formats.vectorfile import LESS_MEMORY, PARTS, LoadOptions, VectorFile
from w2v.system import log
from w2v.system.files import atomic_write, local_path
from w2v.system.remote import check_local
from w2v.system.windows import open_shared
from w2v.types import Indices, Matrix, StrPath

__all__ = ["FORMATS", "OPTIONS", "SUFFIXES", "check_words", "folder_of_vectors", "format_for", "read_metadata",
           "read_vectors", "suffix_help", "update_metadata", "words_held", "write_vectors"]

_IN_FOLDERS = ("model.safetensors", os.path.join("0_StaticEmbedding", "model.safetensors"), "vectors.tsv")


def read_vectors(
    path: StrPath, *, limit: int | None = None, only: Iterable[str | int] | StrPath | None = None,
    dtype: str | None = None, mmap: bool | None = None, strict: bool = False, words: StrPath | None = None,
    tensor: str | None = None, part: str | None = None, encoding: str | None = None, unicode_errors: str | None = None,
) -> VectorFile:
    """Read word vectors; the format is recognised from the content; the suffix does not matter.

    Parameters
    ----------
    path : the file, plain, compressed with gzip, bzip2, xz or zstd, or alone in a `.zip` or `.tar`; or a pipe, or a
        folder of model2vec, sentence-transformers or the projector.
    limit : read only the first `limit` words of the file, >= 1; None for all.
    only : keep only these words, of those within `limit`: an iterable of str or integers, or the path of a file with
        one word per line. They keep the order of the file; reading stops when all are found.
    dtype : "float32", "float16", "bf16" or "int8" (with a scale per row); None for the type in the file, which is
        float32 in formats without a type.
    mmap : True maps the matrix from the disk and fails where that is impossible (only safetensors, npy and gensim's
        separate npy files can be mapped); False reads it into memory; None maps it where possible.
    strict : every flaw of `w2v.formats.vectorfile.FLAWS` is an error, such as duplicate words, words with blanks or
        invalid UTF-8, NaN and infinity; otherwise they are accepted and counted in `report`.
    words : word list of a matrix that has no words in its file; None looks next to the file (`w2v.formats.wordlist`).
    tensor : name of the tensor to read from a `.safetensors` of another program; None for the only matrix, or one of
        the usual names of a table of words (`w2v.formats.foreign`).
    part : of gensim's `Doc2Vec`: "words" or "docs"; None for the words.
    encoding : of the words, such as "latin-1", in formats whose words are bytes; None for UTF-8.
    unicode_errors : what to do with words that are not valid in the encoding: "strict" (a UnicodeDecodeError),
        "ignore", "replace" and others of `bytes.decode`; None keeps their bytes as surrogate escapes.

    Returns
    -------
    VectorFile : the words, their rows, and everything else that the file holds.

    Raises
    ------
    FormatError : the file is broken or of an unknown format; gives the byte or line.
    W2VError : the file is missing or unreadable, needs more memory than is free, cannot be mapped, or its format does
        not use an option that is given.
    ValueError : limit < 1, an unknown dtype, part or encoding, or `only` without words.

    Example
    -------
    >>> file = read_vectors("vectors.bin", limit=100_000, dtype="float16")
    >>> file.words[:2], file.rows.shape
    (['the', 'of'], (100000, 300))
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    if dtype is not None and dtype not in STORED:
        raise ValueError(f"dtype must be one of {', '.join(STORED)}, not {dtype!r}")
    if part not in (None, *PARTS):
        raise ValueError(f"part must be one of {', '.join(PARTS)}, not {part!r}")
    check_encoding(encoding, unicode_errors)
    check_local(path, "a model")
    path = _file_of_folder(local_path(path))
    options = LoadOptions(limit, None if only is None else _words_to_keep(only), dtype, mmap, strict,
                          None if words is None else local_path(words), tensor, part, encoding, unicode_errors)
    try:
        with open(path, "rb", opener=open_shared) as file:
            content = Content(file, path)
            content = unpacked(content, file, is_known)
            content.words_given = words is not None
            format = recognise(content)
            check_options(format, options, path)
            found = format.read(content, options)
    except MemoryError as error:
        raise W2VError(f"{path}: not enough memory; {LESS_MEMORY}") from error
    except OSError as error:
        raise W2VError(f"cannot read {path}: {error.strerror or error}") from error
    log.info(f"read {len(found.words):,} vectors of {found.rows.shape[1]} dimensions from {path} ({format.label})")
    return found


def _file_of_folder(path: str) -> str:
    """Return the file of vectors in a folder of model2vec, sentence-transformers or the projector; a file as it is."""
    if not os.path.isdir(path):
        return path
    if (found := folder_of_vectors(path)) is not None:
        return found
    raise W2VError(f"{path} is a folder without {' or '.join(_IN_FOLDERS)}; name the file of vectors in it")


def folder_of_vectors(path: str) -> str | None:
    """Return the file of vectors in a folder of these programs; None if there is none."""
    return next((found for name in _IN_FOLDERS if os.path.isfile(found := os.path.join(path, name))), None)


def _words_to_keep(only: Iterable[str | int] | StrPath) -> frozenset[str]:
    """Return the words of an iterable, or of a file with one per line."""
    if isinstance(only, (str, os.PathLike)):
        try:
            lines = Path(local_path(only)).read_bytes().split(b"\n")
        except OSError as error:
            raise W2VError(f"cannot read the words to keep from {os.fspath(only)}: {error.strerror or error}; pass a "
                           "list of words, or the path of a file with one word per line") from error
        only = (line.removesuffix(b"\r").decode("utf-8", "surrogateescape") for line in lines)
    wanted = frozenset(word for word in map(word_of, only) if word)
    if not wanted:
        raise ValueError("only= contains no word")
    return wanted


def write_vectors(
    path: StrPath, words: Sequence[str], vectors: npt.ArrayLike | Rows, counts: npt.ArrayLike | None = None, *,
    format: str | None = None, metadata: Mapping[str, str] | None = None, output_vectors: Matrix | None = None,
    subwords: Subwords | None = None, dtype: str | None = None, node_vectors: Matrix | None = None,
    integer_keys: bool = False, header: bytes | None = None, append: bool = False,
    text_options: TextOptions | None = None,
) -> None:
    """Write word vectors; the file appears complete or not at all.

    Parameters
    ----------
    path : the file.
    words : n distinct words.
    vectors : (n, d) array or `Rows`, n and d >= 1; rows may be strided (padded). Written in blocks, and copied as a
        whole only if `dtype` differs from the stored type.
    counts : (n,) int64 or None; kept by `.safetensors` and fastText's format.
    format : "word2vec-binary", "word2vec-text", "fasttext-binary" or "safetensors"; None follows the suffix
        (`format_for`), where `.bin` is word2vec's format.
    metadata : text by name; kept by `.safetensors`.
    output_vectors : (n, d) float32 or None; kept by `.safetensors` and fastText's format, which also takes the
        (n - 1, d) nodes of hierarchical softmax here.
    subwords : n-gram vectors; kept by `.safetensors` and fastText's format.
    dtype : "float32", "float16", "bf16" or "int8", for `.safetensors`; None for the stored type. Other formats have
        float32 only.
    node_vectors : (n - 1, d) float32 or None; kept by `.safetensors`.
    integer_keys : whether words stand for integers (`VectorFile.integer_keys`); kept by `.safetensors`.
    header : first line of word2vec's formats instead of the usual one, or nothing; None for the usual one.
    append : write after the present content of the file.
    text_options : how the words were made of the text (`VectorFile.text_options`); kept by `.safetensors`.

    Raises
    ------
    ValueError : the shapes do not fit, the suffix or format is unknown, or a word cannot be written in the format.
    W2VError : a vector contains NaN or infinity (names the word), or the file cannot be written.

    Example
    -------
    >>> write_vectors("vectors.safetensors", ["the", "of"], np.eye(2, dtype=np.float32), counts=[7, 5])
    """
    chosen = format_named(format_for(path) if format is None else format)
    write = chosen.write
    if write is None:
        raise ValueError(f"{chosen.label} files are only read; they cannot be written")
    if dtype is not None and dtype not in chosen.dtypes:
        raise ValueError(f"dtype {dtype!r}: {chosen.label} has {' or '.join(chosen.dtypes)}; use .safetensors for "
                         "other types")
    if not isinstance(vectors, Rows):
        vectors = np.asarray(vectors)
        if vectors.ndim != 2:
            raise ValueError(f"vectors must be (words, dimension), not of shape {vectors.shape}")
    data = VectorData(
        path, words, Rows.of(vectors), None if counts is None else np.ascontiguousarray(counts, dtype="<i8"),
        metadata or {}, output_vectors, node_vectors, subwords, integer_keys, header, text_options)
    _check_shapes(data, chosen)
    check_words(words, chosen.name)
    if dtype not in (None, data.rows.dtype_name):
        data = replace(data, rows=Rows.encode(data.rows, dtype))
    with atomic_write(path, append=append) as file:
        write(file, data)
    log.info(f"wrote {len(words):,} vectors of {data.rows.shape[1]} dimensions to {os.fspath(path)} ({chosen.label})")


def _check_shapes(data: VectorData, format: FileFormat) -> None:
    n, dim = data.rows.shape
    if not n or not dim:
        raise ValueError(f"vectors must be (words, dimension) with at least one of each, not {data.rows.shape}")
    if len(data.words) != n:
        raise ValueError(f"{len(data.words)} words do not fit {n} vectors")
    if data.counts is not None and data.counts.shape != (n,):
        raise ValueError(f"counts of shape {data.counts.shape} do not fit {n} words")
    outputs = [(n, dim), (n - 1, dim)] if format.nodes_as_output else [(n, dim)]
    if data.output_vectors is not None and data.output_vectors.shape not in outputs:
        raise ValueError(f"output_vectors {data.output_vectors.shape} do not fit vectors {data.rows.shape}")
    if data.node_vectors is not None and data.node_vectors.shape != (n - 1, dim):
        raise ValueError(f"node_vectors {data.node_vectors.shape} do not fit vectors {data.rows.shape}")


def words_held(words: Sequence[str], format: str) -> Indices | None:
    """Return the indices of the words that a format can hold; None if it can hold all of them.

    Words end at ASCII white space or NUL in the formats of word2vec and fastText, and cannot be empty.
    """
    forbidden = format_named(format).forbidden
    if forbidden is None:
        return None
    held = [i for i, word in enumerate(words) if word and forbidden.search(word) is None]
    return None if len(held) == len(words) else np.array(held, dtype=np.int64)


def check_words(words: Sequence[str], format: str) -> None:
    """Check that `words` can be written in a format, for example before hours of training.

    Parameters
    ----------
    words : the words.
    format : name of the format, as in `write_vectors`.

    Raises
    ------
    ValueError : the format cannot hold a word (`words_held`), or is unknown.
    """
    held = words_held(words, format)
    if held is None:
        return
    first = int(np.argmin(np.append(held, -1) == np.arange(len(held) + 1)))
    label = format_named(format).label
    if not words[first]:
        raise ValueError(f"an empty word cannot be written to a {label} file; write .safetensors instead")
    raise ValueError(f"the word {words[first][:80]!r} contains white space or NUL, which a {label} file cannot hold; "
                     "write .safetensors instead")
