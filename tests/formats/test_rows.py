"""Stored rows against the definition of their types, number by number."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from w2v.errors import W2VError
from w2v.formats.rows import STORED, Rows
from w2v.keyedvectors import KeyedVectors

N, D = 500, 33


@pytest.fixture(scope="module")
def numbers() -> np.ndarray:
    rng = np.random.default_rng(3)
    rows = (rng.normal(size=(N, D)) * 10.0 ** rng.integers(-3, 3, (N, 1))).astype(np.float32)
    rows[7] = 0
    return rows


def bf16_by_hand(number: float) -> float:
    """Return the bf16 nearest to a float32, ties to even, chosen from its two neighbours."""
    bits = struct.unpack("<I", struct.pack("<f", number))[0]
    low, high = (struct.unpack("<f", struct.pack("<I", part << 16))[0] for part in (bits >> 16, (bits >> 16) + 1))
    below, above = abs(number - low), abs(high - number)
    return low if below < above or (below == above and not (bits >> 16) & 1) else high


def test_bf16_rounds_to_nearest_ties_to_even(numbers: np.ndarray) -> None:
    ties = np.float32([[1 + 2 ** -8, 1 + 3 * 2 ** -8, -(1 + 2 ** -8), 0.0, -0.0, np.inf, -np.inf]])
    assert Rows.encode(ties, "bf16")[:].tolist() == [[1, 1 + 2 ** -6, -1, 0, 0, np.inf, -np.inf]]
    got = Rows.encode(numbers, "bf16")[:]
    assert got.tolist() == [[bf16_by_hand(float(x)) for x in row] for row in numbers]
    assert np.isnan(Rows.encode(np.float32([[np.nan]]), "bf16")[0]).all()


def test_float16_and_float32_equal_numpys(numbers: np.ndarray) -> None:
    assert np.array_equal(Rows.encode(numbers, "float16")[:], numbers.astype(np.float16).astype(np.float32))
    assert np.array_equal(Rows.encode(numbers, "float32")[:], numbers)


def test_int8_is_within_half_a_step(numbers: np.ndarray) -> None:
    rows = Rows.encode(numbers, "int8")
    step = np.abs(numbers).max(axis=1, keepdims=True) / 127
    assert (np.abs(rows[:] - numbers) <= step * 0.5001).all() and not rows[7].any()
    assert np.abs(rows.data).max(axis=1)[[0, 1, 2]].tolist() == [127, 127, 127]


def test_int8_row_with_nan_or_infinity_is_read_as_nan_and_changes_no_other() -> None:
    block = np.float32([[1, 2], [np.nan, 1], [np.inf, 1], [3, 4]])
    got = Rows.encode(block, "int8")[:]
    assert np.isnan(got[1:3]).all() and np.allclose(got[[0, 3]], block[[0, 3]], atol=0.02)


@pytest.mark.parametrize("dtype", STORED)
def test_every_way_of_reading_gives_the_same_float32(numbers: np.ndarray, dtype: str) -> None:
    rows = Rows.encode(numbers, dtype)
    whole = np.asarray(rows)
    assert whole.dtype == np.float32 and whole.shape == rows.shape == (N, D) and rows.dtype_name == dtype
    assert np.array_equal(rows[10:20], whole[10:20]) and np.array_equal(rows[[5, 3, 3]], whole[[5, 3, 3]])
    assert np.array_equal(rows[np.int64(9)], whole[9]) and np.array_equal(rows[-1], whole[-1])
    assert np.array_equal(rows.take([4, 2])[:], whole[[4, 2]]) and rows.take(slice(0, 3)).dtype_name == dtype
    assert np.array_equal(np.stack(list(rows)), whole)
    assert Rows.size(N, D, dtype) == rows.nbytes == rows.data.nbytes + (4 * N if dtype == "int8" else 0)


@pytest.mark.parametrize("dtype", STORED)
def test_encoding_in_blocks_equals_encoding_at_once(numbers: np.ndarray, dtype: str) -> None:
    rows = Rows.empty(N, D, dtype)
    for start in range(0, N, 77):
        rows[start:start + 77] = numbers[start:start + 77]
    assert np.array_equal(rows[:], Rows.encode(numbers, dtype)[:])
    rows[[3, 5]] = numbers[[8, 9]]
    assert np.array_equal(rows[[3, 5]], rows[[8, 9]])
    assert np.array_equal(Rows.encode(rows, dtype)[:], rows[:]) or dtype == "int8"


@pytest.mark.parametrize(("dtype", "number"), [("float16", 1e6), ("bf16", 3.4e38)])
def test_number_too_large_for_the_type_is_refused(dtype: str, number: float) -> None:
    with pytest.raises(W2VError, match=f"too large for {dtype}"):
        Rows.encode(np.float32([[1, number]]), dtype)


@pytest.mark.parametrize(("data", "scale"), [
    (np.zeros(3, np.float32), None), (np.zeros((3, 2)), None), (np.zeros((3, 2), np.int8), None),
    (np.zeros((3, 2), np.int8), np.zeros(2, np.float32)), (np.zeros((3, 2), np.float32), np.zeros(3, np.float32)),
])
def test_wrong_types_and_shapes_are_refused(data: np.ndarray, scale: np.ndarray | None) -> None:
    with pytest.raises(ValueError):
        Rows(data, scale)
    with pytest.raises(ValueError, match="float64"):
        Rows.encode(np.zeros((1, 1), np.float32), "float64")


def test_float32_slices_are_views_and_a_memory_map_is_kept(tmp_path: Path, numbers: np.ndarray) -> None:
    np.save(tmp_path / "m.npy", numbers)
    mapped = np.load(tmp_path / "m.npy", mmap_mode="r")
    rows = Rows.of(mapped)
    assert np.shares_memory(rows.data, mapped) and np.shares_memory(rows[3:9], mapped)
    kv = KeyedVectors([f"w{i}" for i in range(N)], rows)
    assert np.shares_memory(kv.vectors, rows.data)


@pytest.mark.parametrize("dtype", STORED)
def test_keyed_vectors_answer_from_every_stored_type(numbers: np.ndarray, dtype: str) -> None:
    rows = Rows.encode(numbers, dtype)
    words = [f"w{i}" for i in range(N)]
    kv, plain = KeyedVectors(words, rows), KeyedVectors(words, rows[:])
    assert isinstance(kv.vectors, np.ndarray) == (dtype in ("float32", "float16"))
    assert kv.vectors.shape == (N, D) and kv.rows.dtype_name == dtype
    assert kv["w3"].dtype == np.float32 and np.array_equal(kv["w3"], plain["w3"])
    assert np.array_equal(kv[["w3", "w4"]], plain[["w3", "w4"]]) and np.allclose(kv.norms, plain.norms)
    assert kv.most_similar("w5") == plain.most_similar("w5")
    assert np.array_equal(kv.distances("w5"), plain.distances("w5"))
    assert not kv["w3"].flags.writeable


def test_float16_vectors_are_kept_as_they_are() -> None:
    half = np.eye(3, dtype=np.float16)
    kv = KeyedVectors(["a", "b", "c"], half)
    assert kv.vectors is half
