"""`Rows`: a matrix stored as float32, float16, bf16, or int8 with a scale per row, and read as float32.

Place in the data flow: files and the trainer -> `Rows` -> `KeyedVectors`. No float32 copy of the whole matrix is made:
computations read one tile at a time, and a tile of float32 rows is a view. The stored arrays may be memory-mapped.

bf16 is the upper half of a float32, rounded to nearest, ties to even. An int8 row is scale * (-127..127) with
scale = max |x| / 127, so the error is at most scale / 2; a row with NaN or infinity is read as NaN.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.errors import W2VError
from w2v.types import Matrix

Where = slice | Sequence[int] | npt.NDArray[Any]
"""A selection of rows."""

STORED: dict[str, npt.DTypeLike] = {"float32": np.float32, "float16": np.float16, "bf16": np.uint16, "int8": np.int8}
"""NumPy type of the stored numbers by the name of the type."""

_BLOCK = 1 << 18  # numbers encoded at a time


class Rows:
    """n rows of d numbers, indexed like an array and read as float32.

    Parameters
    ----------
    data : (n, d) float32, float16, uint16 (the bits of bf16) or int8. Kept, not copied; may be strided or read-only.
    scale : (n,) float32 for int8, None for other types.

    Attributes
    ----------
    data, scale : as given.
    shape : (n, d).
    dtype_name : a key of STORED.

    Raises
    ------
    ValueError : wrong type or shape.
    """

    data: npt.NDArray[Any]
    scale: npt.NDArray[Any] | None
    dtype_name: str

    def __init__(self, data: npt.NDArray[Any], scale: npt.NDArray[Any] | None = None) -> None:
        if data.ndim != 2:
            raise ValueError(f"rows need an array of two dimensions, not one of shape {data.shape}")
        names = [name for name, dtype in STORED.items() if data.dtype == dtype]
        if not names:
            raise ValueError(f"rows must be float32, float16, uint16 (the bits of bf16) or int8, not {data.dtype}")
        if (scale is not None) != (names[0] == "int8") or (scale is not None and scale.shape != data.shape[:1]):
            raise ValueError("int8 rows, and no others, need one float32 scale per row")
        self.data, self.scale, self.dtype_name = data, scale, names[0]
        self.shape: tuple[int, int] = (data.shape[0], data.shape[1])

    @classmethod
    def of(cls, vectors: npt.ArrayLike | Rows) -> Rows:
        """Make rows of an array: `Rows` and float16 are kept, everything else becomes float32 (n, d)."""
        if isinstance(vectors, Rows):
            return vectors
        array = np.asarray(vectors)
        return cls(array if array.dtype == np.float16 else np.asarray(array, dtype=np.float32))

    @classmethod
    def empty(cls, n: int, d: int, dtype_name: str = "float32") -> Rows:
        """Return uninitialised rows to be filled block by block: `rows[start:stop] = float32 block`."""
        data = np.empty((n, d), dtype=_stored(dtype_name))
        return cls(data, np.zeros(n, dtype=np.float32) if dtype_name == "int8" else None)

    @classmethod
    def encode(cls, source: Matrix | Rows, dtype_name: str) -> Rows:
        """Return a copy of (n, d) rows stored as `dtype_name`, made in blocks."""
        n, d = source.shape
        rows = cls.empty(n, d, dtype_name)
        step = max(1, _BLOCK // max(d, 1))
        for start in range(0, n, step):
            rows[start:start + step] = source[start:start + step]
        return rows

    @staticmethod
    def size(n: int, d: int, dtype_name: str) -> int:
        """Return the size of n rows of d numbers in bytes."""
        return n * (d * np.dtype(_stored(dtype_name)).itemsize + (4 if dtype_name == "int8" else 0))

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.size(*self.shape, self.dtype_name)

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<Rows: {self.shape[0]:,} x {self.shape[1]} {self.dtype_name}>"

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return all rows as float32, for `np.asarray`; other types than float32 are copied."""
        if copy is False and self.dtype_name != "float32":
            raise ValueError(f"{self.dtype_name} rows cannot be read as float32 without a copy")
        return np.array(self[:], dtype=dtype, copy=True) if copy else np.asarray(self[:], dtype=dtype)

    def __iter__(self) -> Iterator[Matrix]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, where: Where | int | np.integer[Any]) -> Matrix:
        """Return a row (d,), or the rows (k, d) of a slice or array of indices, as float32.

        Only float32 slices are views.
        """
        if isinstance(where, (int, np.integer)):
            return self._decode(self.data[where], None if self.scale is None else self.scale[where])
        where = where if isinstance(where, slice) else np.asarray(where)
        return self._decode(self.data[where], None if self.scale is None else self.scale[where, None])

    def __setitem__(self, where: Where, block: Matrix) -> None:
        """Store float32 rows (k, d).

        Raises
        ------
        W2VError : a finite number is too large for float16 or bf16.
        """
        where = where if isinstance(where, slice) else np.asarray(where)
        if self.dtype_name == "float32":
            self.data[where] = block
            return
        block = np.asarray(block, dtype=np.float32)
        if self.scale is not None:
            self.scale[where], self.data[where] = _to_int8(block)
            return
        with np.errstate(over="ignore"):
            coded = _to_bf16(block) if self.dtype_name == "bf16" else block.astype(np.float16)
        lost = np.isfinite(block) & ~np.isfinite(self._decode(coded, None))
        if lost.any():
            raise W2VError(f"{block[lost][0]:g} is too large for {self.dtype_name}; store these vectors as float32")
        self.data[where] = coded

    def take(self, where: Where) -> Rows:
        """Return a copy of some rows, in the same stored type."""
        where = where if isinstance(where, slice) else np.asarray(where, dtype=np.int64)
        return Rows(self.data[where].copy() if isinstance(where, slice) else self.data[where],
                    None if self.scale is None else self.scale[where].copy())

    def _decode(self, stored: npt.NDArray[Any], scale: Any) -> Matrix:
        if self.dtype_name == "bf16":
            bits = stored.astype(np.uint32, order="C")
            bits <<= 16
            return bits.view(np.float32)
        numbers: Matrix = stored.astype(np.float32, copy=False)
        if scale is not None:
            with np.errstate(invalid="ignore"):
                numbers *= scale
        return numbers


def _stored(dtype_name: str) -> npt.DTypeLike:
    if dtype_name not in STORED:
        raise ValueError(f"dtype must be one of {', '.join(STORED)}, not {dtype_name!r}")
    return STORED[dtype_name]


def _to_bf16(block: Matrix) -> npt.NDArray[np.uint16]:
    """Return the upper halves of float32 numbers, rounded to nearest, ties to even."""
    bits = np.ascontiguousarray(block).view(np.uint32)
    rounded = (bits + (np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1)))) >> np.uint32(16)
    return np.where(np.isnan(block), np.uint32(0x7FC0), rounded).astype(np.uint16)


def _to_int8(block: Matrix) -> tuple[Matrix, npt.NDArray[np.int8]]:
    """Return scales (k,) and numbers (k, d); the scale of a row with NaN or infinity is NaN."""
    scale = np.abs(block).max(axis=1, initial=0) / np.float32(127)
    scale[~np.isfinite(scale)] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        numbers = np.nan_to_num(np.rint(block / scale[:, None]), nan=0, posinf=0, neginf=0)
    return scale, np.clip(numbers, -127, 127).astype(np.int8)
