"""Arrays in files of gensim's `save()`: in the pickle, or above 10 MB in separate files.

Place in the data flow: attributes of a pickled object, and files next to the pickle -> arrays, for
`w2v.formats.gensim`. The files are `NAME.ATTRIBUTE.npy`, or `NAME.ATTRIBUTE.npz` if the name of the pickle ends in .gz
or .bz2.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError, W2VError
from w2v.formats.archive import zip_member
from w2v.formats.content import Content
from w2v.formats.npy import read_array
from w2v.formats.pickled import Call, Name
from w2v.system.windows import open_shared

_TYPES = {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"}
_SCALARS = [Name(module, "scalar") for module in ("numpy._core.multiarray", "numpy.core.multiarray")]


def find_array(
    path: str, state: dict[str, Any], prefix: str, name: str
) -> tuple[npt.NDArray[Any] | None, bool]:
    """Return an array attribute, from the pickle or from its own file, and whether it is mapped.

    Parameters
    ----------
    path : of the pickle.
    state : the attributes of the object.
    prefix : beginning of the names of the separate files.
    name : of the attribute.

    Returns
    -------
    None if the object has no such array.

    Raises
    ------
    FormatError, W2VError : the array or its file cannot be read, or the file is missing.
    """
    if isinstance(state.get(name), Call):
        return inline_array(path, state[name]), False
    for list_name in ("__numpys", "_SaveLoad__numpys"):
        names = state.get(list_name)
        if isinstance(names, list) and any(type(other) is str and other == name for other in names):
            return _separate(path, f"{prefix}.{name}")
    return None, False


def _separate(path: str, stem: str) -> tuple[npt.NDArray[Any], bool]:
    for name in (f"{stem}.npy", f"{stem}.npz"):
        if not os.path.exists(name):
            continue
        try:
            with open(name, "rb", opener=open_shared) as file:
                if name.endswith(".npy"):
                    content = Content(file, name)
                    return read_array(content), content.mappable
                return read_array(zip_member(file, name, "val.npy")), False
        except OSError as error:
            raise W2VError(f"cannot read {name}: {error.strerror or error}") from error
    raise W2VError(f"{path}: gensim's save() put the vectors into {stem}.npy, which is missing: keep both files "
                   "together")


def inline_array(path: str, made: Call) -> npt.NDArray[Any]:
    """Return an array from its pickled state: version, shape, type, Fortran order, bytes.

    Raises
    ------
    FormatError : the state is not that of an array of numbers.
    """
    try:
        if isinstance(made.what, Name) and made.what.name == "_frombuffer":
            raw, dtype, shape, order = made.arguments
            fortran = isinstance(order, str) and order == "F"
        else:
            _, shape, dtype, fortran, raw = made.state
        if not isinstance(shape, tuple) or not all(type(length) is int for length in shape) or len(shape) > 32:
            raise ValueError("its shape is not a tuple of whole numbers")
        array = np.frombuffer(_raw_bytes(raw), dtype=_dtype(dtype))
        array = array.reshape(shape[::-1]).T if fortran is True else array.reshape(shape)
        return array
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise FormatError(path, f"an array in this pickle cannot be read ({error!s:.200})", offset=0) from error


def integer_scalar(made: Any) -> int | None:
    """Return the value of a pickled NumPy integer, such as `np.int64(5)`; None if it is something else."""
    if not isinstance(made, Call) or made.what not in _SCALARS:
        return None
    try:
        dtype, raw = made.arguments
        value = np.frombuffer(_raw_bytes(raw), dtype=_dtype(dtype))
    except (ValueError, TypeError, AttributeError, IndexError):
        return None
    return int(value[0]) if len(value) == 1 and value.dtype.kind in "iu" else None


def _raw_bytes(raw: Any) -> Any:
    """Return the bytes of an array; protocol 2 writes them as an encoded str, Python 2 few of them as a str."""
    if isinstance(raw, str):
        return raw.encode("utf-8", "surrogateescape")
    if isinstance(raw, Call) and raw.what in (Name("_codecs", "encode"), Name("codecs", "encode")):
        return raw.arguments[0].encode("latin-1")
    return raw


def _dtype(made: Any) -> np.dtype[Any]:
    code, order = made.arguments[0], made.state[1]
    if not (isinstance(code, str) and isinstance(order, str)):  # never hash or print a nested tuple: that recurses
        raise ValueError("the type of its numbers is not text")
    if code not in _TYPES or order not in ("<", ">", "=", "|"):
        raise ValueError(f"numbers of type {code!r:.40}")
    return np.dtype(f"{order}{code}")
