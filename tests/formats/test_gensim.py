"""Files of gensim's save(), whose pickles are never executed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import put, sample

from w2v import formats
from w2v.errors import FormatError, W2VError
from w2v.formats.gensim_arrays import inline_array
from w2v.formats.pickled import Call, Name


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("dtype", ["f4", "f8", ">f4"])
def test_gensim_pickles_of_every_protocol(tmp_path: Path, protocol: int, dtype: str) -> None:
    words, rows = sample(500, 7)
    data = vector_files.gensim(words, rows.astype(dtype), protocol)
    file = formats.read_vectors(put(tmp_path, {"v.kv": data}))
    assert file.words == words and np.array_equal(file.vectors, rows) and file.source.count("gensim save()") == 1
    assert file.counts is not None and file.counts[0] == 500


def test_gensim_models_and_old_names(tmp_path: Path) -> None:
    words, rows = sample(50, 7)
    data = vector_files.gensim(words, rows, index2word=words).replace(b"index_to_key", b"index_to_xxx")
    assert formats.read_vectors(put(tmp_path, {"v.kv": data})).words == words


def test_missing_separate_file_of_gensim_is_named(tmp_path: Path) -> None:
    words, _ = sample(5, 7)
    with pytest.raises(W2VError, match=r"v\.kv\.vectors\.npy, which is missing"):
        formats.read_vectors(put(tmp_path, {"v.kv": vector_files.gensim(words, None)}))


class Spy:
    """An object that would create a folder if its pickle were executed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", [2, 4])
def test_pickles_are_not_executed(tmp_path: Path, protocol: int) -> None:
    words, rows = sample(5, 7)
    data = vector_files.gensim(words, rows, protocol, spy=Spy(tmp_path / "made"))
    assert formats.read_vectors(put(tmp_path, {"v.kv": data})).words == words
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("width, depth", [(1, 1_000_000), (2, 60)])
def test_nested_type_of_numbers_is_refused_without_recursion(width: int, depth: int) -> None:
    """Hashing or printing it would overflow the stack, or take 2^60 steps."""
    nested: tuple[Any, ...] = ()
    for _ in range(depth):
        nested = (nested,) * width
    for made in (Call(Name("numpy", "dtype"), (nested,), (3, "<")), Call(Name("numpy", "dtype"), ("f4",), (3, nested))):
        array = Call(Name("numpy.core.multiarray", "_reconstruct"), (), (1, (1,), made, False, b"1234"))
        with pytest.raises(FormatError, match="an array in this pickle cannot be read"):
            inline_array("v.kv", array)
