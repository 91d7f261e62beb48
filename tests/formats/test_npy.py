"""`.npy` matrices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import put, sample

from w2v import formats
from w2v.errors import FormatError


@pytest.mark.parametrize("array", ["f8", "f2", "fortran"])
def test_npy_of_other_types(tmp_path: Path, array: str) -> None:
    words, rows = sample(20, 5)
    made = np.asfortranarray(rows) if array == "fortran" else rows.astype(array)
    listed = "\n".join(words).encode()
    file = formats.read_vectors(put(tmp_path, {"v.npy": vector_files.npy(made), "v.vocab": listed}))
    assert np.allclose(file.vectors, rows, atol=1e-3) and file.words == words
    assert file.rows.dtype_name == ("float16" if array == "f2" else "float32")


def test_arrays_of_objects_are_never_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.array([{}, {}], dtype=object), allow_pickle=True)
    with pytest.raises(FormatError, match="never loaded"):
        formats.read_vectors(tmp_path / "v.npy")
