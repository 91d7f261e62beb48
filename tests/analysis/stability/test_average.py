"""The average of runs: the same space for equal runs, and nearer to the truth than each noisy run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v.analysis.rotation import cross_moment, fit_rotation, paired_cosines
from w2v.analysis.stability.average import rotations_to_mean
from w2v.formats.rows import Rows
from w2v.formats.subwords import Subwords
from w2v.keyedvectors import KeyedVectors
from w2v.vectors.lengths import unit_rows


def space(n: int = 300, d: int = 10, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def rotation(d: int, seed: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0].astype(np.float32)


def model(rows: np.ndarray | Rows, counts: np.ndarray | None = None) -> KeyedVectors:
    return KeyedVectors([f"w{i}" for i in range(len(rows))], rows, counts)


@pytest.mark.parametrize("k", [2, 3, 6])
def test_average_of_rotated_copies_is_the_first(k: int) -> None:
    rows = space() * np.linspace(0.1, 5, 300, dtype=np.float32)[:, None]
    found = w2v.average([model(rows @ rotation(10, seed)) for seed in range(k)])
    assert np.allclose(found.vectors, rows @ rotation(10, 0), atol=2e-5)
    assert w2v.stability([found, model(rows)]).overlap.value > 0.999


@pytest.mark.parametrize("noise", [0.2, 0.7])
@pytest.mark.parametrize("k", [2, 4, 8])
def test_average_of_noisy_runs_is_nearer_to_the_truth(noise: float, k: int) -> None:
    rows = space(600, 15)
    runs = [model((rows + noise * space(600, 15, 10 + seed)) @ rotation(15, seed)) for seed in range(k)]
    truth, all_rows = model(rows), np.arange(600)

    def nearness(run: KeyedVectors) -> float:
        change = fit_rotation(run, all_rows, truth, all_rows)
        return float(paired_cosines(run, all_rows, truth, all_rows, change).mean())

    found = nearness(w2v.average(runs))
    assert found > max(map(nearness, runs)) + 0.1 * (1 - max(map(nearness, runs)))
    expected = 1 / np.sqrt(1 + noise**2 / k)  # cosine of a vector with its mean, for many dimensions
    assert found == pytest.approx(expected, abs=0.02)


def test_rotations_cannot_be_improved_pair_by_pair() -> None:
    """At the end each rotation is the best one to the mean of the others, and the sum of products is above that of the
    rotations to the first run (ten Berge 1977)."""
    rows = space(200, 6)
    runs = [model((rows + 0.9 * space(200, 6, 10 + seed)) @ rotation(6, seed)) for seed in range(4)]
    same = np.tile(np.arange(200), (4, 1))
    matrices = [change.matrix for change in rotations_to_mean(runs, same)]
    units = [unit_rows(run.rows[:].copy()) for run in runs]
    assert np.array_equal(matrices[0], np.eye(6))

    def total(changes: list[np.ndarray]) -> float:
        return float(sum((units[i] @ changes[i] * (units[j] @ changes[j])).sum() for i in range(4) for j in range(i)))

    to_first = [np.eye(6), *(fit_rotation(runs[i], same[i], runs[0], same[0]).matrix for i in range(1, 4))]
    assert total(matrices) > total(to_first) + 1
    for i in range(4):
        others = sum(units[j] @ matrices[j] for j in range(4) if j != i)
        left, _, right = np.linalg.svd(units[i].T @ others)
        best = [left @ right if place == i else one for place, one in enumerate(matrices)]
        assert total(best) == pytest.approx(total(matrices), rel=1e-5)
    for change in matrices:
        assert np.allclose(change @ change.T, np.eye(6), atol=1e-5)
    assert cross_moment(runs[1], same[1], runs[0], same[0]) == pytest.approx(units[1].T @ units[0], rel=1e-4, abs=1e-3)


def test_words_of_all_runs_keep_their_values() -> None:
    rows = space(30, 4)
    first = model(rows, np.arange(30, 0, -1))
    first.metadata = {"training": "{}", "evaluation": "[]"}
    first.set_vecattr("w5", "topic", 3.0)
    second = KeyedVectors([f"w{i}" for i in range(29, 3, -1)] + ["new"], np.vstack((rows[:3:-1], rows[:1])),
                          np.arange(27, 0, -1))
    found = w2v.average([first, second])
    assert set(found.index_to_key) == {f"w{i}" for i in range(4, 30)}
    assert np.allclose(found.get_vectors(["w4", "w17", "w29"]), rows[[4, 17, 29]], atol=1e-5)
    expected = {f"w{i}": round(((30 - i) + (i - 2)) / 2) for i in range(4, 30)}
    assert {word: found.get_vecattr(word, "count") for word in found} == expected
    assert found.get_vecattr("w5", "topic") == 3.0 and found.get_vecattr("w6", "topic") == 0
    [change] = json.loads(found.metadata["changes"])
    assert change["change"] == "average" and change["runs"] == 2
    assert change["words"] == 26 and change["words_left_out"] == [4, 1]
    assert found.metadata["training"] == "{}" and "evaluation" not in found.metadata
    assert np.array_equal(first.vectors, rows), "the runs are not changed"


@pytest.mark.parametrize("counts", [[5, 4, 3], [3, 4, 5], None])
def test_equal_counts_and_their_order_stay(counts: list[int] | None) -> None:
    given = None if counts is None else np.array(counts)
    found = w2v.average([model(space(3, 3), given)] * 2)
    assert found.index_to_key == ["w0", "w1", "w2"]
    assert found.counts is None if counts is None else found.counts.tolist() == counts


def test_other_counts_are_averaged_and_order_the_words() -> None:
    runs = [model(space(3, 3), np.array([9, 8, 1])), model(space(3, 3), np.array([2, 8, 5]))]
    found = w2v.average(runs)
    assert found.index_to_key == ["w1", "w0", "w2"] and found.counts.tolist() == [8, 6, 3]
    assert np.allclose(found["w2"], runs[0]["w2"], atol=1e-5)
    assert w2v.average([runs[0], model(space(3, 3))]).counts.tolist() == [9, 8, 1]


def test_output_vectors_are_averaged_by_the_same_rotations() -> None:
    rows, outputs = space(200, 8), space(200, 8, 5)
    runs = [model(rows @ rotation(8, seed)) for seed in (1, 2, 3)]
    for seed, run in zip((1, 2, 3), runs, strict=True):
        run.output_vectors = outputs @ rotation(8, seed)
    found = w2v.average(runs)
    assert np.allclose(found.vectors @ found.output_vectors.T, rows @ outputs.T, atol=1e-3)
    runs[2].output_vectors = None
    assert w2v.average(runs).output_vectors is None


@pytest.mark.slow
def test_n_grams_are_averaged_by_the_same_rotations() -> None:
    options = {"vector_size": 8, "min_count": 1, "threads": 1, "progress": False, "epochs": 1, "minn": 2, "maxn": 3,
               "bucket": 50}
    sentences = [[f"word{(i * j) % 31}" for j in range(10)] for i in range(200)]
    first = w2v.train(sentences, **options).wv
    second = first.with_rows(first.vectors @ rotation(8, 1))
    grams = first.subwords.rows.view(np.float32).reshape(-1, 8) @ rotation(8, 1)
    second.subwords = Subwords(grams.reshape(-1).view(np.uint8), 8, 2, 3)
    found = w2v.average([first, second])
    assert np.allclose(found["wordnew"], first["wordnew"], atol=1e-5)
    second.subwords = None
    found = w2v.average([first, second])
    assert found.subwords is None and json.loads(found.metadata["changes"])[0]["n_grams_left_out"]


@pytest.mark.parametrize("dtype", ["float32", "float16", "bf16", "int8"])
def test_the_stored_type_is_that_of_the_first_run(dtype: str) -> None:
    rows = space(100, 16)
    found = w2v.average([model(Rows.encode(rows, dtype)), model(rows @ rotation(16, 2))])
    assert found.rows.dtype_name == dtype
    assert np.abs(found.rows[:] - rows).max() < 0.05


def test_broken_words_are_left_out_and_zeros_stay() -> None:
    rows, broken = space(50), space(50)
    broken[3], rows[4], broken[4] = np.inf, 0, 0
    found = w2v.average([model(rows), model(broken)])
    assert len(found) == 49 and "w3" not in found and not found["w4"].any()


def test_mapped_files_and_integer_keys(tmp_path: Path) -> None:
    rows = space(40)
    for seed in (1, 2):
        KeyedVectors(list(range(100, 140)), rows @ rotation(10, seed)).save(tmp_path / f"{seed}.safetensors")
    found = w2v.average([w2v.load(tmp_path / f"{seed}.safetensors", mmap=True) for seed in (1, 2)])
    assert found.integer_keys and np.allclose(found[120], (rows @ rotation(10, 1))[20], atol=1e-5)


def test_same_runs_give_the_same_average() -> None:
    runs = [model(space(200, 12, seed)) for seed in (1, 2, 3)]
    assert np.array_equal(w2v.average(runs).vectors, w2v.average(runs).vectors)


def test_bad_input_is_one_clear_error() -> None:
    one = model(space(10))
    with pytest.raises(ValueError, match="vectors of dimensions 10, 7 have no average"):
        w2v.average([one, model(space(10, 7))])
    with pytest.raises(ValueError, match="1 run cannot be compared"):
        w2v.average([one])
    with pytest.raises(w2v.W2VError, match="share 0 words"):
        w2v.average([one, KeyedVectors(["a"], space(1))])
    with pytest.raises(TypeError, match="pass model.wv of a model"):
        w2v.average([one, "file"])  # type: ignore[list-item]
