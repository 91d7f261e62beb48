"""The window over the content of a file."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import put, sample

from w2v import formats
from w2v.errors import W2VError
from w2v.formats import content
from w2v.system import resources


def test_window_is_never_much_larger_than_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "BLOCK", 4)
    monkeypatch.setattr(content, "SAMPLE", 64)
    words, rows = sample(40, 3)
    for made in (vector_files.binary(words, rows), vector_files.text(words, rows)):
        for data in (made, gzip.compress(made)):
            file = formats.read_vectors(put(tmp_path, {"v": data}))
            assert file.words == words and np.array_equal(file.vectors, rows)


def zeros(start: bytes, size: int = 64 << 20, fill: bytes = b"\0") -> bytes:
    """Return a gzip file a thousand times smaller than its content."""
    return gzip.compress(start + fill * size, 1)


def array_header(rows: int) -> bytes:
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, 4)}}\n".encode()
    return b"\x93NUMPY\x01\0" + len(text).to_bytes(2, "little") + text


@pytest.mark.slow
@pytest.mark.parametrize(("start", "fill"), [
    (array_header(1 << 22), b"\0"), (b"\x80\x04\x8e" + (64 << 20).to_bytes(8, "little"), b"\0"), (b"2 3\na ", b"1"),
    (b"a 1 2 3\nb ", b"1"), (b"0.5\t1\n", b"1"), (b"2 3\n\1", b"a"),
], ids=["npy", "pickle", "word2vec text", "GloVe", "projector", "word2vec binary"])
def test_content_larger_than_memory_is_one_error(
    tmp_path: Path, start: bytes, fill: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is said to be short from the first check on; less than the 64 MB of the content are read until then."""
    monkeypatch.setattr(content, "_CHECK_EVERY", 16 << 20)
    monkeypatch.setattr(resources, "available_memory", lambda: 1 << 20)
    monkeypatch.setattr(content, "check_memory", lambda path, n: resources.require_memory(path, n + (64 << 20), "wait"))
    path = put(tmp_path, {"v.gz": zeros(start, fill=fill), "v.words": b"a\n"})
    tracemalloc.start()
    with pytest.raises(W2VError, match="GB of memory are needed"):
        formats.read_vectors(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 48 << 20


def test_bytes_after_the_end_of_an_array_are_not_decompressed(tmp_path: Path) -> None:
    words, rows = sample(40, 4)
    files = {"v.npy.gz": zeros(vector_files.npy(rows), 16 << 20), "v.words": "\n".join(words).encode()}
    tracemalloc.start()
    file = formats.read_vectors(put(tmp_path, files))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.array_equal(file.vectors, rows) and peak < 6 << 20
