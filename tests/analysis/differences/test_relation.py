"""Rotations that words which moved do not pull."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.moved_spaces import clustered, one_run, rotation, words

from w2v.analysis.differences.relation import held_out, robust_rotation
from w2v.analysis.rotation import fit_rotation
from w2v.keyedvectors import KeyedVectors


@pytest.mark.parametrize("share", [0.05, 0.15])
def test_robust_rotation_is_that_of_the_words_that_stayed(share: float) -> None:
    meanings, turn = clustered(1000, 10), rotation(10, 5)
    changed = meanings @ turn
    moved = np.arange(0, 1000, int(1 / share))
    changed[moved] = 3 * changed[moved, ::-1]
    rows = np.arange(1000)
    old, new = KeyedVectors(words(1000), meanings), KeyedVectors(words(1000), changed)
    error = np.abs(robust_rotation(old, rows, new, rows).matrix - turn).max()
    assert error < 1e-4 < np.abs(fit_rotation(old, rows, new, rows).matrix - turn).max()


def test_rotation_of_few_words_leaves_none_out() -> None:
    rng = np.random.default_rng(0)
    old, new = (KeyedVectors(words(20), rng.normal(size=(20, 10))) for _ in range(2))
    rows = np.arange(20)
    assert np.array_equal(robust_rotation(old, rows, new, rows).matrix, fit_rotation(old, rows, new, rows).matrix)


def test_held_out_words_are_not_those_of_the_fit() -> None:
    old, new = one_run(clustered(), 1), one_run(clustered(), 2)
    rows = np.arange(1200)
    found = held_out(old, rows, new, rows)
    assert found.before.tolist() == [*range(1, 1200, 2)] and found.related and found.gain > 0.5
    assert found.rotated.mean() > 0.9 and abs(found.plain.mean()) < 0.3 and abs(found.chance.mean()) < 0.3
    assert held_out(old, rows[:19], new, rows[:19]) is None
