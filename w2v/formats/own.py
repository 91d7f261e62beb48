"""w2v's own files, `.safetensors` with the words inside: reader, writer, and updates of the metadata.

Place in the data flow: vectors <-> disk, called by `w2v.formats`. Reading maps the file: only the words take memory.
The metadata can be extended later, for example by results of evaluations.

Layout, version 1
-----------------
8 bytes: length N of the header, little-endian; N bytes: a JSON object, padded with blanks so that the data begins at a
multiple of 64 bytes; then the tensors, raw, little-endian, without gaps, larger number types first:

    name             dtype             shape    content
    word_offsets     I64               (n + 1)  word i is words[word_offsets[i]:word_offsets[i + 1]]
    counts           I64               (n)      optional: occurrences of each word in the corpus
    scales           F32               (n)      only with I8: row i is scales[i] * vectors[i]
    vectors          F32 F16 BF16 I8   (n, d)   one row per word, by falling count
    output_vectors   F32               (n, d)   optional: output matrix of the training (syn1neg)
    node_vectors     F32               (n-1, d) optional: inner nodes of hierarchical softmax (syn1)
    subword_vectors  F32               (b, d)   optional: rows of hashed n-grams, see `w2v.formats.subwords`
    words            U8                (bytes)  the words in UTF-8, concatenated; invalid UTF-8 is kept as it is
    sha256           U8                (32)     only in checkpoints (`w2v.training.checkpoint`): of all bytes before it

`__metadata__` maps str to str; "format": "w2v" and "format_version": "1" are always present. "integer_keys": "true"
says that the words are integers, which are keys (`w2v.vectors.lookup`). "text_options" (JSON) says how the words were
made of the text (`w2v.corpus_options.TextOptions`), unless they are what is between white space. Other names by
convention, with values that are not plain text as JSON: "version" (of w2v), "isa", "training" (all options), "corpus"
(name, words, sha256), "report" (of the training), "evaluation" (results by set, then by measure, see
`w2v.evaluation.output.record`), "subwords" (minn, maxn). Nothing is pickled, and every safetensors reader opens the
file. The reader refuses unknown variants of these tensors and ignores other names.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from w2v.corpus_options import TextOptions
from w2v.errors import FormatError, W2VError
from w2v.formats._words import decode_words, words_differ
from w2v.formats.content import Content
from w2v.formats.decoding import decoded
from w2v.formats.fileformat import FileFormat, VectorData
from w2v.formats.rows import Rows
from w2v.formats.sink import pick
from w2v.formats.subwords import Subwords
from w2v.formats.tensors import (
    DTYPES,
    STORED_AS,
    Tensors,
    header_bytes,
    is_safetensors,
    pack_header,
    read_header,
)
from w2v.formats.vectorfile import (
    ENCODED,
    INTEGER_KEYS,
    SAFETENSORS,
    TEXT_OPTIONS,
    LoadOptions,
    VectorFile,
    blocks_of_rows,
    check_memory,
    little_endian,
)
from w2v.system.files import atomic_write, local_path
from w2v.system.windows import open_shared
from w2v.types import Matrix, StrPath

_RESERVED = ("format", "format_version", "subwords", INTEGER_KEYS, TEXT_OPTIONS)  # metadata that the reader depends on
_NEEDED = ("vectors", "words", "word_offsets")


def _recognises(content: Content) -> bool:
    """Return whether the file is a `.safetensors` with the words in it."""
    if not is_safetensors(content):
        return False
    try:
        header, _ = read_header(content)
    except FormatError:
        return False
    return all(name in header for name in _NEEDED)


def _read(content: Content, options: LoadOptions) -> VectorFile:
    """Read the first `options.limit` words; the matrices stay mapped, those of pipes and compressed files are in
    memory."""
    if options.whole_in_memory:
        content.mappable = False
    tensors, path = Tensors(content), content.path
    found = {name: tensors.read(name) for name in (*_NEEDED, "scales", "counts", "output_vectors", "node_vectors")
             if name in tensors.header}
    _check_tensors(path, found, {name: tensors.dtype(name) for name in found})
    vectors, blob, offsets = (found[name] for name in _NEEDED)
    n = min(len(vectors), options.limit or len(vectors))
    report: dict[str, int] = {}
    words = decode_words(blob, offsets[:n + 1], report)
    counts = found["counts"][:n].copy() if "counts" in found else None
    scales = found["scales"][:n].copy() if "scales" in found else None
    outputs = found["output_vectors"][:n] if "output_vectors" in found else None
    first = tensors.place("words")
    nodes = found.get("node_vectors") if n == len(vectors) and options.only is None else None
    vectors, subwords, computed = vectors[:n], _read_subwords(path, tensors, vectors.shape[1]), False
    if subwords is not None and tensors.is_checkpoint:  # a checkpoint has the words' own rows, without their n-grams
        check_memory(path, vectors.nbytes)
        vectors, computed = np.array(vectors, dtype=np.float32), True
        subwords.average_into(words, vectors)
    words = decoded(words, options, report, path)
    distinct = not options.decodes and words_differ(blob, offsets[:n + 1])
    file = pick(content, words, Rows(vectors, scales), options, OWN, report, mapped=content.mappable and not computed,
                place=lambda i: (path, None, first + int(offsets[i])), distinct=distinct,
                empty=int((offsets[1:n + 1] == offsets[:n]).sum()), counts=counts, output_vectors=outputs,
                node_vectors=nodes, metadata=tensors.metadata, subwords=subwords)
    return replace(file, integer_keys=tensors.metadata.get(INTEGER_KEYS) == "true",
                   text_options=_read_text_options(path, tensors.metadata))


def _check_tensors(path: str, found: Mapping[str, npt.NDArray[Any]], types: Mapping[str, str]) -> None:
    """Raise a FormatError if the tensors do not fit together."""
    vectors, blob, offsets = (found[name] for name in _NEEDED)
    if vectors.ndim != 2 or 0 in vectors.shape or types["vectors"] not in STORED_AS.values():
        raise FormatError(path, "`vectors` must be F32, F16, BF16 or I8 (words, dimension) and not empty, not "
                                f"{types['vectors']} {list(vectors.shape)}", offset=8)
    if ("scales" in found) != (types["vectors"] == "I8"):
        raise FormatError(path, "I8 vectors, and no others, need `scales`", offset=8)
    n = len(vectors)
    expected = {"words": ("U8", blob.shape[:1]), "word_offsets": ("I64", (n + 1,)), "scales": ("F32", (n,)),
                "counts": ("I64", (n,)), "output_vectors": ("F32", vectors.shape),
                "node_vectors": ("F32", (n - 1, vectors.shape[1]))}
    for name, (dtype, shape) in expected.items():
        if name in found and (types[name] != dtype or found[name].shape != shape or found[name].ndim == 0):
            raise FormatError(path, f"`{name}` of type {types[name]} and shape {list(found[name].shape)} does not fit "
                                    f"{n} words of dimension {vectors.shape[1]}", offset=8)
    # an offset may have any value: neighbours are compared, since a difference could overflow
    if offsets[0] != 0 or offsets[-1] != len(blob) or (offsets[1:] < offsets[:-1]).any():
        raise FormatError(path, "`word_offsets` do not divide `words` into words", offset=8)


def _read_subwords(path: str, tensors: Tensors, dim: int) -> Subwords | None:
    if "subword_vectors" not in tensors.header:
        return None
    rows = tensors.read("subword_vectors")
    lengths = _ngram_lengths(tensors.metadata)
    if lengths is None or rows.ndim != 2 or rows.shape[1] != dim or tensors.dtype("subword_vectors") != "F32":
        raise FormatError(path, f"`subword_vectors` must be F32 rows of dimension {dim}, with minn and maxn in the "
                                "metadata", offset=8)
    return Subwords(rows.reshape(-1).view(np.uint8), dim, *lengths)


def _ngram_lengths(metadata: Mapping[str, str]) -> tuple[int, int] | None:
    """Return the shortest and the longest n-gram; None if the metadata has no valid ones."""
    try:
        lengths = json.loads(metadata["subwords"])
        minn, maxn = lengths["minn"], lengths["maxn"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    valid = type(minn) is int and type(maxn) is int and 0 <= minn <= 1000 and 0 < maxn <= 1000
    return (minn, maxn) if valid else None


def _read_text_options(path: str, metadata: Mapping[str, str]) -> TextOptions | None:
    if (text := metadata.get(TEXT_OPTIONS)) is None:
        return None
    try:
        options = json.loads(text)
        if not isinstance(options, dict):
            raise TypeError(f"expected an object, not {text:.80}")
        return TextOptions.from_dict(options)
    except (TypeError, ValueError, RecursionError) as error:
        raise FormatError(path, f"`{TEXT_OPTIONS}` in the metadata is broken, or of a later version: {error}",
                          offset=8) from error


def _write(file: BinaryIO, data: VectorData) -> None:
    names = [word.encode("utf-8", "surrogateescape") for word in data.words]
    offsets = np.zeros(len(names) + 1, dtype="<i8")
    np.cumsum(np.fromiter(map(len, names), dtype=np.int64, count=len(names)), out=offsets[1:])
    rows, subwords = data.rows, data.subwords
    metadata = {**data.metadata, "format": "w2v", "format_version": "1"}
    for name in (INTEGER_KEYS, TEXT_OPTIONS):
        metadata.pop(name, None)
    if data.integer_keys:
        metadata[INTEGER_KEYS] = "true"
    if data.text_options is not None:
        metadata[TEXT_OPTIONS] = json.dumps(data.text_options.to_dict())
    layout: list[tuple[str, str, tuple[int, ...]]] = [("word_offsets", "I64", offsets.shape)]
    if data.counts is not None:
        layout.append(("counts", "I64", data.counts.shape))
    if rows.scale is not None:
        layout.append(("scales", "F32", rows.scale.shape))
    layout.append(("vectors", STORED_AS[rows.dtype_name], rows.shape))
    matrices = {"output_vectors": data.output_vectors, "node_vectors": data.node_vectors}
    layout += [(name, "F32", matrix.shape) for name, matrix in matrices.items() if matrix is not None]
    if subwords is not None:
        layout.append(("subword_vectors", "F32", (subwords.buckets, subwords.vector_size)))
        metadata["subwords"] = json.dumps({"minn": subwords.minn, "maxn": subwords.maxn})
    layout.append(("words", "U8", (int(offsets[-1]),)))
    # larger number types first: after rows of 2 or 1 bytes per number others would be unaligned
    layout.sort(key=lambda entry: -DTYPES[entry[1]].itemsize)
    file.write(header_bytes(layout, metadata))
    for name, _, _ in layout:
        if name == "vectors":
            _write_rows(file, data)
        elif (matrix := matrices.get(name)) is not None:
            _write_matrix(file, data, matrix)
        elif name == "subword_vectors" and subwords is not None:
            file.write(little_endian(subwords.rows.view(np.float32)).data.cast("B"))
        elif name == "words":
            file.write(b"".join(names))
        else:
            small = {"word_offsets": offsets, "counts": data.counts, "scales": rows.scale}[name]
            file.write(np.asarray(small, dtype="<f4" if name == "scales" else "<i8").tobytes())


def _write_rows(file: BinaryIO, data: VectorData) -> None:
    """Write the stored numbers block by block; `blocks_of_rows` checks that they are read as finite numbers."""
    for start, block in blocks_of_rows(data.path, data.words, data.rows):
        stored = data.rows.data[start:start + len(block)]
        file.write(little_endian(np.ascontiguousarray(stored)).data.cast("B"))


def _write_matrix(file: BinaryIO, data: VectorData, matrix: Matrix) -> None:
    for _, block in blocks_of_rows(data.path, data.words, matrix):
        file.write(little_endian(block).data.cast("B"))


OWN = FileFormat(
    SAFETENSORS, "w2v safetensors", recognises=_recognises, read=_read, write=_write,
    suffixes=(".safetensors", ".kv", ".model", ".wordvectors"),  # after the first, those that gensim's users choose
    takes=ENCODED, mappable=True, dtypes=tuple(STORED_AS),
    keeps=frozenset({"counts", "metadata", "output_vectors", "node_vectors", "subwords", "integer_keys",
                     "text_options"}),
    word_overhead=16)


# --- metadata --------------------------------------------------------------------------------------------------------


def read_metadata(path: StrPath) -> dict[str, str]:
    """Return the metadata of a file of w2v; no vectors are read.

    Parameters
    ----------
    path : an uncompressed `.safetensors` written by w2v.

    Raises
    ------
    FormatError, W2VError : it is not a plain file of w2v, is a checkpoint, is broken, or cannot be read.
    """
    return _open(path).metadata


def update_metadata(path: StrPath, changes: Mapping[str, str]) -> None:
    """Add to the metadata of a file of w2v, or replace values of it.

    The tensors are copied byte for byte, and the new file replaces the old one in one step.

    Parameters
    ----------
    path : an uncompressed `.safetensors` written by w2v.
    changes : text by name.

    Raises
    ------
    FormatError, W2VError : as `read_metadata`, or the file cannot be written.
    ValueError : a name that the reader of the file depends on.
    """
    if reserved := [name for name in changes if name in _RESERVED]:
        raise ValueError(f"{', '.join(reserved)}: the reader depends on this metadata, which cannot be changed")
    tensors = _open(path)
    header = {"__metadata__": {**tensors.metadata, **{str(key): str(text) for key, text in changes.items()}},
              **tensors.header}
    start = tensors.start
    del tensors  # Windows cannot replace a mapped file
    with open(local_path(path), "rb", opener=open_shared) as old, atomic_write(path) as new:
        old.seek(start)
        new.write(pack_header(header))
        shutil.copyfileobj(old, new, 1 << 20)


def _open(path: StrPath) -> Tensors:
    name = local_path(path)
    try:
        with open(name, "rb", opener=open_shared) as file:
            content = Content(file, name)
            tensors = Tensors(content) if content.mappable and content.head[8:9] == b"{" else None
    except OSError as error:
        raise W2VError(f"cannot read {name}: {error.strerror or error}") from error
    if tensors is None or not all(needed in tensors.header for needed in _NEEDED):
        raise W2VError(f"{name} has no place for metadata: only uncompressed .safetensors files of w2v do; write one "
                       "with w2v convert")
    if tensors.is_checkpoint:
        raise W2VError(f"{name} is the checkpoint of a run, which could not be resumed if it were changed; write a "
                       "file of vectors from it with w2v convert")
    return tensors
