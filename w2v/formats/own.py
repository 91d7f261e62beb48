"""Our own files of word vectors: the tensors in a `.safetensors`, their reader and their writer.

Place in the data flow: vectors <-> disk, called by `w2v.formats`, where the layout is written down. Reading maps the
file: only the words take memory. What a file says of itself can be added to later, as results of evaluations are.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError, W2VError
from w2v.formats._formats import decode_words, words_differ
from w2v.formats.content import Content
from w2v.formats.rows import Rows
from w2v.formats.sink import pick
from w2v.formats.subwords import Subwords
from w2v.formats.tensors import Tensors, header_bytes, pack_header
from w2v.formats.vectorfile import (
    SAFETENSORS,
    LoadOptions,
    Matrix,
    VectorFile,
    blocks_of_rows,
    check_memory,
    little_endian,
)
from w2v.system.files import atomic_write
from w2v.types import Counts, StrPath

STORED = {"float32": "F32", "float16": "F16", "bf16": "BF16", "int8": "I8"}
_RESERVED = ("format", "format_version", "subwords")  # metadata that the reader goes by
_NEEDED = ("vectors", "words", "word_offsets")


def is_own(tensors: Tensors) -> bool:
    """Whether the words stand in the file itself."""
    return all(name in tensors.header for name in _NEEDED)


def read_own(content: Content, tensors: Tensors, options: LoadOptions) -> VectorFile:
    """The first `options.limit` words of an open file; the matrices stay mapped, pipes are in memory.

    Raises
    ------
    FormatError : the file is broken; says at which byte.
    """
    path = content.path
    found = {name: tensors.read(name) for name in (*_NEEDED, "scales", "counts", "output_vectors", "node_vectors")
             if name in tensors.header}
    types = {name: tensors.dtype(name) for name in found}
    _check_tensors(path, found, types)
    vectors, blob, offsets = (found[name] for name in _NEEDED)
    n = min(len(vectors), options.limit or len(vectors))
    report: dict[str, int] = {}
    words = decode_words(blob, offsets[:n + 1], report)
    counts = found["counts"][:n].copy() if "counts" in found else None
    scales = found["scales"][:n].copy() if "scales" in found else None
    outputs = found["output_vectors"][:n] if "output_vectors" in found else None
    first = tensors.place("words")
    nodes = found.get("node_vectors") if n == len(vectors) and options.only is None else None
    vectors, subwords, composed = vectors[:n], _read_subwords(path, tensors, vectors.shape[1]), False
    if subwords is not None and tensors.is_checkpoint:  # which has the words' own rows
        check_memory(path, vectors.nbytes)
        vectors, composed = np.array(vectors, dtype=np.float32), True
        subwords.average_into(words, vectors)
    return pick(path, words, Rows(vectors, scales), options, SAFETENSORS, report, content.packed,
                mapped=content.mappable and not composed, place=lambda i: (path, None, first + int(offsets[i])),
                distinct=words_differ(blob, offsets[:n + 1]), counts=counts, output_vectors=outputs, node_vectors=nodes,
                metadata=tensors.metadata, subwords=subwords)


def _check_tensors(path: str, found: Mapping[str, npt.NDArray[Any]], types: Mapping[str, str]) -> None:
    """All tensors belong together, or FormatError."""
    vectors, blob, offsets = (found[name] for name in _NEEDED)
    if vectors.ndim != 2 or 0 in vectors.shape or types["vectors"] not in STORED.values():
        raise FormatError(path, f"no words: `vectors` must be F32, F16, BF16 or I8 (words, dimension), not "
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
    # an offset may be anything: compared by neighbours, not subtracted, which could overflow
    if offsets[0] != 0 or offsets[-1] != len(blob) or (offsets[1:] <= offsets[:-1]).any():
        raise FormatError(path, "`word_offsets` do not cut `words` into words", offset=8)


def _read_subwords(path: str, tensors: Tensors, dim: int) -> Subwords | None:
    if "subword_vectors" not in tensors.header:
        return None
    rows = tensors.read("subword_vectors")
    try:
        lengths = json.loads(tensors.metadata["subwords"])
        minn, maxn = lengths["minn"], lengths["maxn"]
        good = type(minn) is int and type(maxn) is int and 0 <= minn <= 1000 and 0 < maxn <= 1000
    except (KeyError, TypeError, ValueError, RecursionError):
        good = False
    if not good or rows.ndim != 2 or rows.shape[1] != dim or tensors.dtype("subword_vectors") != "F32":
        raise FormatError(path, "`subword_vectors` are no F32 rows with the lengths of n-grams in the metadata",
                          offset=8)
    return Subwords(rows.reshape(-1).view(np.uint8), dim, minn, maxn)


def write_own(
    file: BinaryIO, path: StrPath, words: Sequence[str], rows: Rows, counts: Counts | None,
    metadata: Mapping[str, str], output_vectors: Matrix | None, subwords: Subwords | None,
    node_vectors: Matrix | None,
) -> None:
    """Write what `w2v.formats.write_vectors` has checked; `counts` are (n,) little-endian int64."""
    names = [word.encode("utf-8", "surrogateescape") for word in words]
    offsets = np.zeros(len(names) + 1, dtype="<i8")
    np.cumsum(np.fromiter(map(len, names), dtype=np.int64, count=len(names)), out=offsets[1:])
    layout: list[tuple[str, str, tuple[int, ...]]] = [("word_offsets", "I64", offsets.shape)]
    if counts is not None:
        layout.append(("counts", "I64", counts.shape))
    if rows.scale is not None:
        layout.append(("scales", "F32", rows.scale.shape))
    layout.append(("vectors", STORED[rows.dtype_name], rows.shape))
    if output_vectors is not None:
        layout.append(("output_vectors", "F32", output_vectors.shape))
    if node_vectors is not None:
        layout.append(("node_vectors", "F32", node_vectors.shape))
    metadata = {**metadata, "format": "w2v", "format_version": "1"}
    if subwords is not None:
        layout.append(("subword_vectors", "F32", (subwords.buckets, subwords.vector_size)))
        metadata["subwords"] = json.dumps({"minn": subwords.minn, "maxn": subwords.maxn})
    layout.append(("words", "U8", (int(offsets[-1]),)))
    # rows of 2 or 1 bytes a number would leave what follows at odd addresses: longer numbers stand first
    layout.sort(key=lambda entry: -{"I64": 8, "F32": 4, "F16": 2, "BF16": 2}.get(entry[1], 1))
    file.write(header_bytes(layout, metadata))
    for name, _, _ in layout:
        if name == "vectors":
            _write_rows(file, path, words, rows)
        elif (matrix := {"output_vectors": output_vectors, "node_vectors": node_vectors}.get(name)) is not None:
            for _, block in blocks_of_rows(path, words, matrix):
                file.write(little_endian(block).data.cast("B"))
        elif name == "subword_vectors" and subwords is not None:
            file.write(little_endian(subwords.rows.view(np.float32)).data.cast("B"))
        elif name == "words":
            file.write(b"".join(names))
        else:
            small = {"word_offsets": offsets, "counts": counts, "scales": rows.scale}[name]
            file.write(np.asarray(small, dtype="<f4" if name == "scales" else "<i8").tobytes())


def _write_rows(file: BinaryIO, path: StrPath, words: Sequence[str], rows: Rows) -> None:
    """The stored numbers, block by block, each checked to be finite by what it is read as."""
    for start, block in blocks_of_rows(path, words, rows):
        stored = rows.data[start:start + len(block)]
        file.write(little_endian(np.ascontiguousarray(stored)).data.cast("B"))


def read_metadata(path: StrPath) -> dict[str, str]:
    """What a file of ours says of itself; no vectors are read.

    Raises
    ------
    FormatError, W2VError : it is no plain file of ours, is a checkpoint, is broken, or cannot be read.
    """
    return _open(path).metadata


def update_metadata(path: StrPath, changes: Mapping[str, str]) -> None:
    """Add to the metadata of a file of ours; the tensors are copied byte for byte, and the file is whole at any time.

    Raises
    ------
    FormatError, W2VError : as `read_metadata`, or it cannot be written.
    ValueError : a name that the reader goes by.
    """
    if reserved := [name for name in changes if name in _RESERVED]:
        raise ValueError(f"{', '.join(reserved)}: this name says how the file is to be read, and cannot be changed")
    tensors = _open(path)
    header = {"__metadata__": {**tensors.metadata, **{str(key): str(text) for key, text in changes.items()}},
              **tensors.header}
    start = tensors.start
    del tensors  # a file that is mapped cannot be replaced everywhere
    with open(path, "rb") as old, atomic_write(path) as new:
        old.seek(start)
        new.write(pack_header(header))
        shutil.copyfileobj(old, new, 1 << 20)


def _open(path: StrPath) -> Tensors:
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            content = Content(file, name)
            tensors = Tensors(content) if content.mappable and content.head[8:9] == b"{" else None
    except OSError as error:
        raise W2VError(f"cannot read {name}: {error.strerror or error}") from error
    if tensors is None or not is_own(tensors):
        raise W2VError(f"{name} has no place for metadata: only w2v's own .safetensors files do, uncompressed; write "
                       "one with w2v convert")
    if tensors.is_checkpoint:
        raise W2VError(f"{name} is the checkpoint of a run, which could not go on if it were changed; convert it (w2v "
                       "convert) to have a file of vectors with metadata")
    return tensors
