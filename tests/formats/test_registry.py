"""The table of formats: recognition, suffixes, and records that fit together."""

from __future__ import annotations

import dataclasses
import gzip
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import put, sample

from w2v import formats
from w2v.errors import FormatError
from w2v.formats import content
from w2v.formats.fileformat import VectorData
from w2v.formats.registry import FORMATS, SUFFIXES, suffix_help
from w2v.formats.rows import STORED
from w2v.formats.vectorfile import WORD2VEC_BINARY


@pytest.mark.parametrize(("data", "what"), [
    (b"SQLite format 3\0" + b"\0" * 100, "Magnitude"), (b"PK\3\4" + b"\0" * 50, "zip"),
    (b"PAR1" + b"\0" * 50, "Parquet"), (b"\x89HDF\r\n", "HDF5"),
    (b"FiFu" + b"\0" * 50, "finalfusion"), (b"\x80", "no known format"),
])
def test_unsupported_formats_are_named(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(FormatError, match=what):
        formats.read_vectors(put(tmp_path, {"v": data}))


def test_unknown_suffix_or_format_is_refused(tmp_path: Path) -> None:
    words, rows = sample(3, 2)
    with pytest.raises(ValueError, match=r"\.pickle"):
        formats.write_vectors(tmp_path / "v.pickle", words, rows)
    with pytest.raises(ValueError, match="unknown format"):
        formats.write_vectors(tmp_path / "v.bin", words, rows, format="glove")
    formats.write_vectors(tmp_path / "v.pickle", words, rows, format=WORD2VEC_BINARY)
    assert (tmp_path / "v.pickle").read_bytes() == vector_files.binary(words, rows)


def test_format_that_is_only_read_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="GloVe text .* only read"):
        formats.write_vectors(tmp_path / "v.txt", *sample(3, 2), format="glove-text")
    assert not (tmp_path / "v.txt").exists()


def test_every_record_is_consistent() -> None:
    assert list(FORMATS) == [format.name for format in FORMATS.values()]
    suffixes = [suffix for format in FORMATS.values() for suffix in format.suffixes]
    assert len(set(suffixes)) == len(suffixes) == len(SUFFIXES)
    fields = {field.name for field in dataclasses.fields(VectorData)} - {"path", "words", "rows"}
    for format in FORMATS.values():
        assert set(format.dtypes) <= set(STORED) and format.keeps <= fields
        if format.write is None:
            assert not (format.suffixes or format.option or format.keeps or format.forbidden)
        else:
            assert format.suffixes or format.option, f"nothing selects {format.name} for writing"
        assert bool(format.option) == bool(format.about)
    for suffix in filter(None, SUFFIXES):
        assert suffix in suffix_help()


@pytest.mark.parametrize("name", [format.name for format in FORMATS.values() if format.write is not None])
def test_what_a_format_writes_is_recognised_as_that_format(tmp_path: Path, name: str) -> None:
    words, rows = sample(30, 5)
    formats.write_vectors(tmp_path / "v", words, rows, format=name)
    file = formats.read_vectors(tmp_path / "v")
    assert file.format == name and file.words == words and np.array_equal(file.vectors, rows)
    assert FORMATS[name].label in file.source


def test_a_long_header_does_not_hide_our_own_format(tmp_path: Path) -> None:
    """The header is longer than the beginning that recognition looks at first; also compressed."""
    words, rows = sample(3, 2)
    path = tmp_path / "v.safetensors"
    formats.write_vectors(path, words, rows, metadata={"notes": "x" * 3 * content.SAMPLE})
    assert formats.read_vectors(path).format == "safetensors"
    (tmp_path / "v.gz").write_bytes(gzip.compress(path.read_bytes()))
    file = formats.read_vectors(tmp_path / "v.gz")
    assert file.format == "safetensors" and file.words == words and len(file.metadata["notes"]) == 3 * content.SAMPLE
