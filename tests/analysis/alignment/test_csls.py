"""CSLS against an oracle that makes the matrix of all cosines; hubs; mutual neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.rotated_spaces import clustered

from w2v.analysis.alignment.csls import METHODS, Retrieval, densities, mutual_pairs, search, space_densities, space_of
from w2v.formats.rows import Rows
from w2v.vectors.lengths import row_lengths, unit_rows
from w2v.vectors.search import Space


def oracle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return (n, m) CSLS of all pairs, with K = 10."""
    cosines = a.astype(np.float64) @ b.astype(np.float64).T
    near_a = np.sort(cosines, axis=1)[:, -10:].mean(axis=1)
    near_b = np.sort(cosines, axis=0)[-10:].mean(axis=0)
    return 2 * cosines - near_a[:, None] - near_b


def units(n: int, d: int, seed: int) -> np.ndarray:
    return unit_rows(clustered(n, d, seed))


@pytest.mark.parametrize(("n", "m", "d"), [(40, 60, 5), (700, 500, 12), (4, 6, 3)])
def test_scores_are_those_of_all_pairs(n: int, m: int, d: int) -> None:
    a, b = units(n, d, 1), units(m, d, 2)
    rows, scores = Retrieval(space_of(b), a).nearest(a, 5, "csls")
    expected = oracle(a, b)
    assert np.allclose(scores, np.take_along_axis(expected, rows, axis=1), atol=1e-5)
    assert np.allclose(scores, -np.sort(-expected, axis=1)[:, :5], atol=1e-5)


def test_some_rows_of_a_space_of_any_lengths_can_be_searched() -> None:
    a, b = units(50, 6, 3), clustered(80, 6, 4)
    b[7], b[11] = 0, np.nan
    chosen = np.array([2, 7, 11, 30, 31, 32, 60, 79])
    space = Space(Rows(b), row_lengths(Rows(b)), "cosine", 0, len(b), chosen)
    good = np.setdiff1d(chosen, [11])
    rows, scores = Retrieval(space, a).nearest(a, 3, "csls")
    expected = oracle(a, unit_rows(b[good].copy()))  # with fewer than 10 rows r is the mean of all
    best = np.argsort(-expected, axis=1, kind="stable")[:, :3]
    assert np.array_equal(rows, good[best]) and np.allclose(scores, np.take_along_axis(expected, best, 1), atol=1e-5)


def test_densities_of_rows_are_those_of_their_unit_vectors() -> None:
    others = space_of(units(90, 5, 5))
    b = clustered(9000, 5, 6)  # more than one block
    assert np.allclose(space_densities(space_of(b), others), densities(unit_rows(b.copy()), others), atol=1e-6)


@pytest.mark.parametrize("n", [12, 30])
def test_hub_is_the_nearest_by_cosine_and_not_by_csls(n: int) -> None:
    """Each query has an answer of its own; one more word is a little nearer to all queries."""
    own, shared = np.eye(n, n + 1, dtype=np.float32), np.eye(n + 1, dtype=np.float32)[n:]
    queries = unit_rows(own + shared)
    answers = unit_rows(np.concatenate((own, own.mean(axis=0, keepdims=True) + 2 * shared)))
    found = {method: Retrieval(space_of(answers), queries).nearest(queries, 1, method)[0][:, 0] for method in METHODS}
    assert (found["cosine"] == n).all() and np.array_equal(found["csls"], np.arange(n))


@pytest.mark.parametrize(("n", "m"), [(60, 60), (30, 200)])
def test_mutual_pairs_are_those_of_all_pairs(n: int, m: int) -> None:
    a, b = units(n, 7, 8), units(m, 7, 9)
    scores = oracle(a, b)
    forward, back = scores.argmax(axis=1), scores.argmax(axis=0)
    expected = [(i, j) for i, j in enumerate(forward) if back[j] == i]
    assert expected and list(zip(*mutual_pairs(a, b), strict=True)) == expected


def test_nothing_to_search_gives_nothing() -> None:
    nothing, some = np.empty((0, 4), dtype=np.float32), units(5, 4, 1)
    for a, b in ((nothing, some), (some, nothing), (nothing, nothing)):
        assert [len(one) for one in mutual_pairs(a, b)] == [0, 0]
    assert search(space_of(some), nothing, 3)[0].shape == (0, 3)
    assert space_densities(space_of(some), space_of(nothing)).tolist() == [0] * 5


def test_unknown_method_is_an_error() -> None:
    with pytest.raises(ValueError, match="cosine, csls"):
        Retrieval(space_of(units(5, 4, 1)), units(5, 4, 2)).nearest(units(1, 4, 3), 1, "dot")
