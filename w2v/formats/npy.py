"""NumPy's `.npy` with a word list next to it: reader, also of the arrays that gensim keeps in such files.

Place in the data flow: `Content` -> `pick`. Arrays of Python objects are pickles and are refused.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError
from w2v.formats.content import Content
from w2v.formats.fileformat import FileFormat
from w2v.formats.rows import Rows
from w2v.formats.sink import pick
from w2v.formats.vectorfile import ENCODED, LoadOptions, VectorFile, check_memory
from w2v.formats.wordlist import list_words
from w2v.system.npy import read_header

_MAGIC = b"\x93NUMPY"


def _recognises(content: Content) -> bool:
    return content.head.startswith(_MAGIC)


def _read(content: Content, options: LoadOptions) -> VectorFile:
    if options.whole_in_memory:
        content.mappable = False
    matrix = Rows(matrix_of(content.path, read_array(content)))
    report: dict[str, int] = {}
    listed = list_words(content, len(matrix), options, report)
    return pick(content, listed.words, listed.select(content.path, matrix), options, NPY, report,
                mapped=content.mappable and listed.in_order, place=listed.place, counts=listed.counts)


def matrix_of(path: str, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a matrix as C-contiguous float32 or float16; float64 and Fortran order are converted to a copy.

    Raises
    ------
    FormatError : it is not a non-empty matrix of floats.
    """
    if array.ndim != 2 or 0 in array.shape or array.dtype.kind != "f" or array.dtype.itemsize > 8:
        raise FormatError(path, f"expected a matrix of floats (words, dimension), found {array.dtype} of shape "
                                f"{array.shape}", offset=0)
    dtype = np.float16 if array.dtype.itemsize == 2 else np.float32
    if array.dtype != dtype or not array.flags.c_contiguous:
        check_memory(path, array.size * np.dtype(dtype).itemsize)
    with np.errstate(over="ignore", invalid="ignore"):  # a number too large for float32 is infinite there
        return np.require(array, dtype=dtype, requirements=("C", "A"))


def read_array(content: Content) -> npt.NDArray[Any]:
    """Return the array as a view of the content, which stays mapped if it is a plain file.

    Raises
    ------
    FormatError : the header cannot be read, the array holds objects, or the file is truncated.
    """
    path, head = content.path, io.BytesIO(content.head)
    try:
        shape, fortran, dtype = read_header(head)
    except ValueError as error:
        raise FormatError(path, f"the header of the .npy file cannot be read ({error})", offset=6) from error
    if dtype.hasobject:
        raise FormatError(path, "an array of Python objects is a pickle, and pickles are never loaded", offset=10)
    start = head.tell()
    size = dtype.itemsize
    for length in shape:
        if type(length) is not int or length < 0:
            raise FormatError(path, f"impossible shape {shape!s:.80}", offset=10)
        size *= length
    if not size or dtype.subdtype is not None:
        raise FormatError(path, f"expected a matrix of floats (words, dimension), found {dtype!s:.80} of shape "
                                f"{shape!s:.80}", offset=10)
    data = content.whole(start + size)
    if start + size > len(data):
        raise FormatError(path, f"an array of shape {shape!s:.80} takes {size} bytes, but {len(data) - start} follow: "
                                "the file is truncated or its header is wrong", offset=start)
    flat = data[start:start + size].view(dtype)
    array: npt.NDArray[Any] = flat.reshape(shape[::-1]).T if fortran else flat.reshape(shape)
    return array


NPY = FileFormat("npy", "npy matrix", recognises=_recognises, read=_read, mappable=True, takes=ENCODED | {"words"})
