"""Models of one space and of different spaces; the cosines themselves are in tests/training/test_initial.py."""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict

import numpy as np
import pytest

import w2v
from w2v.analysis.differences import relation
from w2v.keyedvectors import KeyedVectors


def model(rows: np.ndarray) -> KeyedVectors:
    return KeyedVectors([f"w{i}" for i in range(len(rows))], rows)


def rotated(rows: np.ndarray, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    q, _ = np.linalg.qr(rng.normal(size=(rows.shape[1], rows.shape[1])))
    return rows @ q + rng.normal(size=rows.shape) * 0.3


@pytest.mark.parametrize(("n", "d"), [(40, 4), (300, 10), (2000, 50)])
def test_models_of_different_spaces_are_recognised(n: int, d: int) -> None:
    rows = np.random.default_rng(1).normal(size=(n, d))
    with pytest.warns(UserWarning, match="a rotation of the whole space raises the mean cosine by .*independently"):
        found = w2v.drift(model(rows), model(rotated(rows, 2)))
    assert not found.same_space and found.rotation_gain > 0.3
    assert "different spaces" in str(found) and "same_space=False" in repr(found)
    json.dumps(asdict(found))


@pytest.mark.parametrize(("n", "d", "noise"), [(40, 4, 0.3), (300, 10, 1.0), (2000, 50, 2.0), (30, 25, 0.5),
                                             (15, 4, 2)])
def test_words_that_moved_within_one_space_are_no_other_space(n: int, d: int, noise: float) -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(n, d))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = w2v.drift(model(rows), model(rows + rng.normal(size=rows.shape) * noise))
    assert found.same_space and "different spaces" not in str(found)
    assert (found.rotation_gain is None) == (n < 20) == ("15 shared words are too few" in str(found))


def test_relation_that_is_not_measured_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relation, "_LARGEST", 9)
    rows = np.random.default_rng(1).normal(size=(300, 10))
    found = w2v.drift(model(rows), model(rotated(rows, 2)))
    assert found.rotation_gain is None and "measured for at most 9 dimensions" in " ".join(str(found).split())


@pytest.mark.slow
def test_different_spaces_of_many_dimensions_are_recognised() -> None:
    rows = np.random.default_rng(1).normal(size=(600, 1100))
    with pytest.warns(UserWarning, match="independently"):
        assert not w2v.drift(model(rows), model(rotated(rows, 2))).same_space


def test_zero_and_broken_vectors_do_not_matter() -> None:
    rows = np.random.default_rng(4).normal(size=(100, 5))
    old, new = rows.copy(), rows.copy()
    old[3], new[4] = 0, np.nan
    assert w2v.drift(model(old), model(new)).rotation_gain == pytest.approx(0, abs=1e-6)


def test_independent_trainings_are_recognised_and_a_further_one_is_not() -> None:
    sentences = [[f"w{(i * j) % 37}" for j in range(12)] for i in range(3000)]
    options = {"vector_size": 16, "min_count": 1, "threads": 1, "progress": False, "epochs": 2}
    first = w2v.train(sentences, seed=1, **options)
    with pytest.warns(UserWarning, match="independently"):
        assert not w2v.drift(first.wv, w2v.train(sentences, seed=2, **options).wv).same_space
    assert w2v.train(sentences, init=first, **options).report.drift.same_space
