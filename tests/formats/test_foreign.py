"""`.safetensors` files of other programs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import put, sample

from w2v import formats
from w2v.errors import FormatError
from w2v.formats.rows import Rows


def test_bf16_is_read_and_several_matrices_are_refused(tmp_path: Path) -> None:
    words, rows = sample(4, 3)
    bits = Rows.encode(rows, "bf16").data
    files = {"v.safetensors": vector_files.safetensors({"w": ("BF16", bits), "b": ("F32", rows[0])}),
             "v.txt": "\n".join(words).encode()}
    file = formats.read_vectors(put(tmp_path, files))
    assert file.rows.dtype_name == "bf16" and np.allclose(file.vectors, rows, rtol=0.01)
    two = vector_files.safetensors({"a": ("F32", rows), "b": ("F32", rows)})
    with pytest.raises(FormatError, match=r"2 matrices in this \.safetensors: a 4x3, b 4x3; .*tensor=NAME"):
        formats.read_vectors(put(tmp_path, {"v.safetensors": two}))
