"""The container `.safetensors`: its header and its tensors, checked before anything is believed.

Place in the data flow: `Content` -> tensors -> `w2v.formats.own`, `w2v.formats.foreign`; and the bytes of a header for
the writers. 8 bytes length N of the header, little-endian; N bytes of a JSON object that maps names to type, shape and
place; then the data. Source: the description in github.com/huggingface/safetensors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError
from w2v.formats.content import Content

# bf16 has no type in NumPy: its bits stand as uint16
DTYPES: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "BF16": np.dtype("<u2"),
    "I64": np.dtype("<i8"), "I8": np.dtype("i1"), "U8": np.dtype("u1"),
}
_LONGEST = 100 << 20  # of a header, as in the Rust library


class Tensors:
    """The header of a file and its tensors as views of the content.

    Attributes
    ----------
    metadata : `__metadata__`, str to str.
    header : name to "dtype", "shape", "data_offsets", not yet checked.
    start : byte of the file at which the data begins.
    """

    def __init__(self, content: Content) -> None:
        self.path = content.path
        length = int.from_bytes(content.head[:8], "little")
        if content.size is not None and content.size < 8:
            raise FormatError(self.path, f"{content.size} bytes are no .safetensors: the file is cut", offset=0)
        if (content.size is not None and length > content.size - 8) or length > _LONGEST:
            raise FormatError(self.path, f"the header should be {length} bytes long, but "
                                         f"{'fewer' if content.size is None else content.size - 8} follow: the file is "
                                         "cut or no .safetensors", offset=0)
        data = content.whole()
        if len(data) < 8 + length:
            raise FormatError(self.path, f"the header should be {length} bytes long, but {len(data) - 8} follow: the "
                                         "file is cut or no .safetensors", offset=0)
        self._data = data[8 + length:]
        self.start = 8 + length
        self.header = self._parse(data[8:8 + length].tobytes())
        self.metadata: dict[str, str] = self.header.pop("__metadata__", {})
        if not isinstance(self.metadata, dict) or not all(isinstance(text, str) for text in self.metadata.values()):
            raise FormatError(self.path, "`__metadata__` must map names to text", offset=8)

    def _parse(self, text: bytes) -> dict[str, Any]:
        try:
            header = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise FormatError(self.path, f"the header is no JSON ({error})", offset=8) from error
        if not isinstance(header, dict):
            raise FormatError(self.path, "the header is no JSON object", offset=8)
        return header

    @property
    def is_checkpoint(self) -> bool:
        """Whether it is the checkpoint of a run (`w2v.training.checkpoint`). One that was converted has no checksum."""
        return "checkpoint" in self.metadata and "sha256" in self.header

    def dtype(self, name: str) -> str:
        """The type that the header gives, "" if it gives none."""
        entry = self.header.get(name)
        found = entry.get("dtype") if isinstance(entry, dict) else None
        return found if isinstance(found, str) else ""

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape that the header gives, () if it gives none."""
        entry = self.header.get(name)
        found = entry.get("shape") if isinstance(entry, dict) else None
        return tuple(found) if isinstance(found, list) and all(type(n) is int and n >= 0 for n in found) else ()

    def place(self, name: str) -> int:
        """Byte of the file at which a tensor begins that `read` has found possible."""
        begin: int = self.header[name]["data_offsets"][0]
        return self.start + begin

    def read(self, name: str) -> npt.NDArray[Any]:
        """The tensor as a view of the file, after its type, its shape and its place are found possible.

        Other writers need not pad the header, so a tensor may begin at an odd address; such a one is copied.

        Raises
        ------
        FormatError : there is no such tensor, or it cannot be where the header puts it.
        """
        entry = self.header.get(name)
        if entry is None:
            raise FormatError(self.path, f"no tensor `{name}`", offset=8)
        try:
            dtype = DTYPES[entry["dtype"]]
            shape = tuple(entry["shape"])
            begin, end = entry["data_offsets"]
            good = all(type(value) is int and value >= 0 for value in (*shape, begin, end))
        except (KeyError, TypeError, ValueError):
            good = False
        if not good:
            raise FormatError(self.path, f"tensor `{name}` has no type, shape and place that can be read: "
                                         f"{entry!r:.200}", offset=8)
        size = dtype.itemsize
        for length in shape:
            size *= length
        if end - begin != size or end > len(self._data) or max(shape, default=0) >= 1 << 62:
            raise FormatError(
                self.path, f"tensor `{name}` of shape {list(shape)} should be {size} bytes from {begin} to {end}, and "
                f"{len(self._data)} bytes of data are there: the file is cut or the header wrong",
                offset=self.start + min(begin, len(self._data)))
        view = self._data[begin:end].view(dtype).reshape(shape)
        return np.require(view, dtype=dtype.newbyteorder("="), requirements=("C", "A"))


def header_bytes(layout: Sequence[tuple[str, str, tuple[int, ...]]], metadata: Mapping[str, str]) -> bytes:
    """The first bytes of a file whose tensors (name, type, shape) follow without holes, from a multiple of 64 on."""
    header: dict[str, Any] = {"__metadata__": {str(key): str(value) for key, value in metadata.items()}}
    at = 0
    for name, dtype, shape in layout:
        size = DTYPES[dtype].itemsize * int(np.prod(shape, dtype=object))
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    return pack_header(header)


def pack_header(header: Mapping[str, Any]) -> bytes:
    """The bytes before the data, padded to a multiple of 64."""
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-(8 + len(text)) % 64)
    return len(text).to_bytes(8, "little") + text
