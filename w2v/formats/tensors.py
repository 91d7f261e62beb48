"""The `.safetensors` container: its header and its tensors, checked before anything is trusted.

Place in the data flow: `Content` -> tensors -> `w2v.formats.own`, `w2v.formats.foreign`; and the bytes of a header for
the writers. 8 bytes: length N of the header, little-endian; N bytes: a JSON object of names with type, shape and place;
then the data. Source: the format description in github.com/huggingface/safetensors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError
from w2v.formats.content import Content
from w2v.formats.vectorfile import check_memory

# NumPy has no bf16: its bits are uint16
DTYPES: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "BF16": np.dtype("<u2"),
    "I64": np.dtype("<i8"), "I32": np.dtype("<i4"), "I16": np.dtype("<i2"), "I8": np.dtype("i1"),
    "U64": np.dtype("<u8"), "U32": np.dtype("<u4"), "U16": np.dtype("<u2"), "U8": np.dtype("u1"),
}

STORED_AS = {"float32": "F32", "float16": "F16", "bf16": "BF16", "int8": "I8"}
"""Type in the header, a key of DTYPES, by the name of the stored type (`w2v.formats.rows.STORED`)."""

_LONGEST_HEADER = 100 << 20  # as in the Rust library
_OBJECT_BYTES = 30  # at most, of Python objects for a byte of JSON: "{}," takes 72


def is_safetensors(content: Content) -> bool:
    """Return whether the content begins like a `.safetensors` file."""
    return content.head[8:9] == b"{" and b"\0" in content.head[:8]


def read_header(content: Content) -> tuple[dict[str, Any], int]:
    """Return the header as parsed JSON, and the byte at which the data begins.

    Raises
    ------
    FormatError : the file is truncated, or the header is not a JSON object.
    """
    path, size = content.path, content.size
    if size is not None and size < 8:
        raise FormatError(path, f"a .safetensors has at least 8 bytes, this file {size}: it is truncated", offset=0)
    length = int.from_bytes(content.head[:8], "little")
    if (size is not None and length > size - 8) or length > _LONGEST_HEADER:
        follow = "fewer" if size is None else size - 8
        raise FormatError(path, f"the header should be {length} bytes long, but {follow} follow: the file is "
                                "truncated or not a .safetensors", offset=0)
    text = content.peek(8, 8 + length)
    if len(text) < length:
        raise FormatError(path, f"the header should be {length} bytes long, but {len(text)} follow: the file is "
                                "truncated or not a .safetensors", offset=0)
    check_memory(path, _OBJECT_BYTES * length)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(path, f"the header is not valid JSON ({error})", offset=8) from error
    if not isinstance(header, dict):
        raise FormatError(path, "the header is not a JSON object", offset=8)
    return header, 8 + length


class Tensors:
    """The header of a file, and its tensors as views of the content.

    Parameters
    ----------
    content : the file.

    Attributes
    ----------
    metadata : `__metadata__`, str to str.
    header : "dtype", "shape" and "data_offsets" by the name of the tensor; the types are not yet checked.
    start : byte of the file at which the data begins.

    Raises
    ------
    FormatError : the header cannot be read, or the tensors overlap or are not all of the data.
    W2VError : the content does not fit into memory.
    """

    path: str
    header: dict[str, Any]
    start: int

    def __init__(self, content: Content) -> None:
        self.path = content.path
        self.header, self.start = read_header(content)
        metadata = self.header.pop("__metadata__", None)
        self.metadata: dict[str, str] = {} if metadata is None else metadata
        if not isinstance(self.metadata, dict) or not all(isinstance(text, str) for text in self.metadata.values()):
            raise FormatError(self.path, "`__metadata__` must map names to text", offset=8)
        end = self._end()
        self._data = content.whole(self.start + end + 1)[self.start:]
        if len(self._data) > end:
            raise FormatError(self.path, "bytes that belong to no tensor follow the last one: the header is wrong, or "
                                         "something was added to the file", offset=self.start + end)

    def _end(self) -> int:
        """Return the end of the data, in which the tensors lie one after the other, without gaps or overlap."""
        places = []
        for name in self.header:
            _, _, begin, end = self._entry(name)
            places.append((begin, end, name))
        at = 0
        for begin, end, name in sorted(places):
            if begin != at or end < begin:
                raise FormatError(self.path, f"tensor `{name:.80}` lies at bytes {begin} to {end} of the data, but "
                                             f"the one before it ends at {at}", offset=8)
            at = end
        return at

    @property
    def is_checkpoint(self) -> bool:
        """Whether the file is the checkpoint of a run (`w2v.training.checkpoint`). A converted one has no checksum, and
        is not."""
        return "checkpoint" in self.metadata and "sha256" in self.header

    def dtype(self, name: str) -> str:
        """Return the type that the header gives, "" if it gives none."""
        entry = self.header.get(name)
        found = entry.get("dtype") if isinstance(entry, dict) else None
        return found if isinstance(found, str) else ""

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape that the header gives, () if it gives none."""
        entry = self.header.get(name)
        found = entry.get("shape") if isinstance(entry, dict) else None
        return tuple(found) if isinstance(found, list) and all(type(n) is int and n >= 0 for n in found) else ()

    def place(self, name: str) -> int:
        """Return the byte of the file at which a tensor begins, after `read` has accepted the tensor."""
        begin: int = self.header[name]["data_offsets"][0]
        return self.start + begin

    def read(self, name: str) -> npt.NDArray[Any]:
        """Return a tensor as a view of the file, after a check of its type, shape and place.

        Other writers need not pad the header, so a tensor may begin at an unaligned address; such a one is copied.

        Raises
        ------
        FormatError : there is no such tensor, or it cannot be where the header places it.
        """
        code, shape, begin, end = self._entry(name)
        if code not in DTYPES:
            raise FormatError(self.path, f"tensor `{name:.80}` has numbers of type {code:.40}, which cannot be read; "
                                         f"the types are {', '.join(DTYPES)}", offset=8)
        dtype = DTYPES[code]
        size = dtype.itemsize
        for length in shape:
            size *= length
        if end - begin != size or end > len(self._data) or max(shape, default=0) >= 1 << 62:
            raise FormatError(
                self.path, f"tensor `{name}` of shape {list(shape)} should be {size} bytes from {begin} to {end}, but "
                f"there are {len(self._data)} bytes of data: the file is truncated or the header is wrong",
                offset=self.start + min(begin, len(self._data)))
        view = self._data[begin:end].view(dtype).reshape(shape)
        return np.require(view, dtype=dtype.newbyteorder("="), requirements=("C", "A"))

    def _entry(self, name: str) -> tuple[str, tuple[int, ...], int, int]:
        """Return type, shape, begin and end of a tensor from the header."""
        entry = self.header.get(name)
        if entry is None:
            raise FormatError(self.path, f"no tensor `{name:.80}`", offset=8)
        try:
            dtype, shape = entry["dtype"], tuple(entry["shape"])
            begin, end = entry["data_offsets"]
            if type(dtype) is str and all(type(value) is int and value >= 0 for value in (*shape, begin, end)):
                return dtype, shape, begin, end
        except (KeyError, TypeError, ValueError):
            pass
        raise FormatError(self.path, f"tensor `{name:.80}` has no valid type, shape and place", offset=8)


def header_bytes(layout: Sequence[tuple[str, str, tuple[int, ...]]], metadata: Mapping[str, str]) -> bytes:
    """Return the bytes before the data of a file whose tensors follow without gaps, from a multiple of 64 on.

    Parameters
    ----------
    layout : name, type (a key of DTYPES) and shape of each tensor, in the order of the data.
    metadata : becomes `__metadata__`.
    """
    header: dict[str, Any] = {"__metadata__": {str(key): str(value) for key, value in metadata.items()}}
    at = 0
    for name, dtype, shape in layout:
        size = DTYPES[dtype].itemsize * int(np.prod(shape, dtype=object))
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    return pack_header(header)


def pack_header(header: Mapping[str, Any]) -> bytes:
    """Return the bytes before the data, padded to a multiple of 64."""
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-(8 + len(text)) % 64)
    return len(text).to_bytes(8, "little") + text
