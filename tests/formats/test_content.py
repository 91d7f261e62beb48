"""The window over the content of a file."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import put, sample

from w2v import formats
from w2v.formats import content


def test_window_is_never_much_larger_than_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "BLOCK", 4)
    monkeypatch.setattr(content, "SAMPLE", 64)
    words, rows = sample(40, 3)
    for made in (vector_files.binary(words, rows), vector_files.text(words, rows)):
        for data in (made, gzip.compress(made)):
            file = formats.read_vectors(put(tmp_path, {"v": data}))
            assert file.words == words and np.array_equal(file.vectors, rows)
