"""Files of our own format as first written, kept in tests/formats/data: every later version reads them, and writes them so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from w2v import formats
from w2v.formats.rows import Rows
from w2v.formats.subwords import Subwords

DATA = Path(__file__).parent / "data"
WORDS = ["the", "größe", "日本語", "New York", "b\udcffd"]
ROWS = np.array([[0.5, -1.0, 2.0], [0.25, 3.0, -4.0], [-0.125, 1.0, 0.0], [1.5, -2.5, 8.0], [0.0, 0.0, -127.0]],
                dtype=np.float32)
NGRAMS = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)
METADATA = {"version": "0.1", "isa": "scalar", "training": '{"window": 5}'}
FILES = {"own-1-float32": "float32", "own-1-float16": "float16", "own-1-bf16": "bf16", "own-1-int8": "int8"}


def write(path: Path, dtype: str) -> None:
    whole = dtype == "float32"
    formats.write_vectors(
        path, WORDS, Rows.encode(ROWS, dtype), [50, 40, 30, 20, 10], metadata=METADATA,
        output_vectors=ROWS[::-1] if whole else None,
        subwords=Subwords(NGRAMS.reshape(-1).view(np.uint8), 3, 3, 6) if whole else None)


@pytest.mark.parametrize("name", FILES)
def test_golden_file_is_read(name: str) -> None:
    file = formats.read_vectors(DATA / f"{name}.safetensors")
    assert file.words == WORDS and file.counts is not None and file.counts.tolist() == [50, 40, 30, 20, 10]
    assert file.rows.dtype_name == FILES[name] and file.metadata.items() >= METADATA.items()
    assert file.metadata["format"] == "w2v" and file.metadata["format_version"] == "1"
    if name == "own-1-int8":
        assert np.abs(file.vectors - ROWS).max() <= 8 / 127
    else:
        assert np.array_equal(file.vectors, ROWS)  # numbers that every type has
    if name == "own-1-float32":
        assert np.array_equal(file.output_vectors, ROWS[::-1])
        ngrams = file.subwords
        assert ngrams is not None and (ngrams.buckets, ngrams.minn, ngrams.maxn) == (2, 3, 6)
        assert np.array_equal(ngrams.rows.view(np.float32).reshape(2, 3), NGRAMS)


@pytest.mark.parametrize("name", FILES)
def test_golden_file_is_written_byte_for_byte(tmp_path: Path, name: str) -> None:
    write(tmp_path / "v.safetensors", FILES[name])
    assert (tmp_path / "v.safetensors").read_bytes() == (DATA / f"{name}.safetensors").read_bytes()
