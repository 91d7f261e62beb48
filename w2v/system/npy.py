"""Header of a `.npy` file."""

from __future__ import annotations

from typing import IO, Any

import numpy as np


def read_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return the shape, whether the array is in Fortran order, and its type; the file is then at the first number.

    Raises
    ------
    ValueError : the header cannot be read; says why in one line.
    OSError : the file cannot be read.
    """
    try:
        version = np.lib.format.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"version {version}")
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(file)
    except OSError:
        raise
    except Exception as error:  # NumPy's parser of the header, a Python literal, raises many kinds of errors
        raise ValueError(" ".join(str(error).split())[:200]) from error
    return shape, fortran, dtype
