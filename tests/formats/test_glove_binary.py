"""GloVe's vectors.bin with vocab.txt."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from helpers.vector_files import file_bytes, put

import w2v
from w2v.errors import FormatError

N, D = 40, 7
MATRICES = np.random.default_rng(0).normal(size=(2, N, D + 1))
VECTORS = (MATRICES[0, :, :D] + MATRICES[1, :, :D]).astype(np.float32)
VOCABULARY = "".join(f"größe{i} {100 - i}\n" for i in range(N)).encode()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_vectors_are_the_sums_of_both_matrices_without_the_bias(tmp_path: Path, pack) -> None:
    path = put(tmp_path, {"vectors.bin": pack(file_bytes(MATRICES)), "vocab.txt": VOCABULARY})
    kv = w2v.load(path, words=tmp_path / "vocab.txt")
    assert kv.index_to_key == [f"größe{i}" for i in range(N)] and np.array_equal(kv.vectors, VECTORS)
    assert kv.get_vecattr("größe3", "count") == 97
    part = w2v.load(path, words=tmp_path / "vocab.txt", only=["größe30", "größe2"], limit=20)
    assert part.index_to_key == ["größe2"] and np.array_equal(part.vectors, VECTORS[2:3])
    assert w2v.load(path, words=tmp_path / "vocab.txt", dtype="int8").rows.dtype_name == "int8"


def test_words_without_counts_and_in_another_encoding(tmp_path: Path) -> None:
    words = "".join(f"größe{i}\n" for i in range(N)).encode("latin-1")
    path = put(tmp_path, {"vectors.bin": file_bytes(MATRICES), "v.txt": words})
    kv = w2v.load(path, words=tmp_path / "v.txt", encoding="latin-1")
    assert kv.index_to_key[5] == "größe5" and kv.counts is None


def test_a_file_that_does_not_fit_the_words_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, {"vectors.bin": file_bytes(MATRICES)[:-8], "vocab.txt": VOCABULARY})
    with pytest.raises(FormatError, match="40 words"):
        w2v.load(path, words=tmp_path / "vocab.txt")
    with pytest.raises(FormatError, match=r"words=vocab\.txt"):
        w2v.load(path)
