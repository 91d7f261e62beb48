"""Our own files of word vectors: the `.safetensors` layout, its reader and its writer.

Place in the data flow: vectors <-> disk, called by `w2v.formats`. Reading maps the file: only the words take memory.

The layout
----------
8 bytes: length N of the header, little-endian; N bytes: a JSON object, padded with blanks so that the data begins at a
multiple of 64 bytes; then the tensors, raw, little-endian, without holes:

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
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from w2v._formats import decode_words
from w2v.errors import FormatError
from w2v.files import StrPath
from w2v.vectorfile import SAFETENSORS, Counts, Matrix, VectorFile, blocks_of_rows, describe, little_endian

_DTYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "I64": np.dtype("<i8"), "U8": np.dtype("u1")}


def read_safetensors(
    path: str, file: io.BufferedReader | io.BytesIO, size: int, limit: int | None
) -> VectorFile:
    """Read an open file of `size` bytes, of it the first `limit` words; the matrices stay mapped, pipes are in memory.

    Raises
    ------
    FormatError : the file is broken, or no file of this layout; says at which byte.
    """
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
    tensors: dict[str, Any] = {name: _tensor(path, name, header, data, 8 + length) for name in
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
                      describe(path, SAFETENSORS, vectors[:n], report))


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


def write_safetensors(
    file: BinaryIO, path: StrPath, words: Sequence[str], vectors: Matrix, counts: Counts | None,
    metadata: Mapping[str, str], output_vectors: Matrix | None,
) -> None:
    """Write what `w2v.formats.write_vectors` has checked; `counts` are (n,) little-endian int64."""
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
    file.write(_header_bytes(layout, {**metadata, "format": "w2v", "format_version": "1"}))
    file.write(offsets.tobytes())
    if counts is not None:
        file.write(counts.tobytes())
    for matrix in (vectors, output_vectors):
        if matrix is not None:
            for _, block in blocks_of_rows(path, words, matrix):
                file.write(little_endian(block).data.cast("B"))
    file.write(b"".join(names))


def _header_bytes(layout: Sequence[tuple[str, str, tuple[int, ...]]], metadata: Mapping[str, str]) -> bytes:
    header: dict[str, Any] = {"__metadata__": {str(key): str(value) for key, value in metadata.items()}}
    at = 0
    for name, dtype, shape in layout:
        size = _DTYPES[dtype].itemsize * int(np.prod(shape, dtype=object))
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-(8 + len(text)) % 64)
    return len(text).to_bytes(8, "little") + text
