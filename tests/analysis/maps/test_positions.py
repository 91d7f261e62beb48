"""Positions of words: principal components against scikit-learn, rotation, seeds, packages that are missing."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest

from w2v.analysis.maps.positions import library, positions, principal_positions
from w2v.errors import W2VError
from w2v.types import Floats, Indices


def units(n: int, d: int, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((n, d)) * np.linspace(2, 0.5, d) + rng.standard_normal(d)
    found: Floats = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return found


def nearest(points: Floats, k: int) -> Indices:
    """Return (n, k) the numbers of the nearest other points of each."""
    distances = np.linalg.norm(points[:, None] - points[None], axis=2) + np.diag(np.full(len(points), np.inf))
    found: Indices = distances.argsort(axis=1)[:, :k]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("n, d", [(3, 2), (3, 50), (40, 7), (300, 100)])
def test_principal_components_are_those_of_scikit_learn(n: int, d: int) -> None:
    decomposition = pytest.importorskip("sklearn.decomposition")
    vectors = units(n, d)
    fitted = decomposition.PCA(2).fit(vectors)
    expected = fitted.transform(vectors)
    found, shares = principal_positions(vectors)
    assert found.shape == (n, 2) and found.dtype == np.float64
    for axis in range(2):
        sign = np.sign(found[:, axis] @ expected[:, axis])
        np.testing.assert_allclose(found[:, axis], sign * expected[:, axis], atol=1e-9)
    np.testing.assert_allclose(shares, fitted.explained_variance_ratio_, atol=1e-12)


@pytest.mark.parametrize("n, d", [(3, 2), (20, 5), (200, 60)])
def test_rotation_and_reflection_change_nothing(n: int, d: int) -> None:
    vectors = units(n, d)
    before, shares = principal_positions(vectors)
    for seed in range(3):
        rotation, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))
        after, shares_after = principal_positions(vectors @ rotation)
        np.testing.assert_allclose(after, before, atol=1e-9)
        np.testing.assert_allclose(shares_after, shares, atol=1e-12)


def test_largest_coordinates_are_positive() -> None:
    found, _ = principal_positions(units(50, 9))
    assert (found.max(axis=0) >= -found.min(axis=0)).all()


def test_one_dimension_has_no_second_component() -> None:
    found, shares = principal_positions(np.array([[1.0], [1.0], [-1.0]]))
    assert shares == (1.0, 0.0) and not found[:, 1].any() and abs(found[2, 0] - found[0, 0]) == 2


@pytest.mark.parametrize("n", [3, 100])
def test_equal_vectors_are_an_error(n: int) -> None:
    one = units(1, 30).astype(np.float32).astype(np.float64)
    with pytest.raises(W2VError, match=f"all {n} words have the same direction"):
        principal_positions(np.repeat(one, n, axis=0))


@pytest.fixture(params=["scikit-learn", "openTSNE", "umap-learn"])
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A method that keeps neighbours together, by each of the packages."""
    if request.param == "scikit-learn":
        pytest.importorskip("sklearn.manifold")
        return "tsne"
    if request.param == "openTSNE":
        module = pytest.importorskip("openTSNE")
        monkeypatch.setattr("w2v.analysis.maps.positions._tsne_library", lambda n: module)
        return "tsne"
    pytest.importorskip("umap")
    return "umap"


@pytest.mark.slow
@pytest.mark.parametrize("n", [3, 4, 60])
def test_same_seed_gives_the_same_positions(method: str, n: int) -> None:
    vectors = units(n, 20)
    found, shares = positions(vectors, method, 1)
    again, _ = positions(vectors, method, 1)
    assert shares is None and found.shape == (n, 2) and found.dtype == np.float64 and np.isfinite(found).all()
    assert np.array_equal(found, again) and len(np.unique(found, axis=0)) == n


@pytest.mark.slow
def test_groups_stay_together(method: str) -> None:
    rng = np.random.default_rng(0)
    vectors = np.repeat(np.eye(12)[:4], 25, axis=0) + 0.1 * rng.standard_normal((100, 12))
    found, _ = positions(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), method, 1)
    assert (nearest(found, 1)[:, 0] // 25 == np.arange(100) // 25).all()


@pytest.mark.slow
def test_neighbours_are_kept_better_than_by_principal_components_and_by_chance(method: str) -> None:
    """By chance, 10 of 299 words are neighbours: a share of 3 %."""
    vectors = units(300, 30)
    expected = nearest(vectors, 10)

    def kept(found: Floats) -> float:
        return float(np.mean([len(set(one) & set(other)) / 10 for one, other in zip(nearest(found, 10).tolist(),
                                                                                    expected.tolist(), strict=True)]))

    found, _ = positions(vectors, method, 1)
    assert kept(found) > 1.5 * kept(principal_positions(vectors)[0]) > 1.5 * 10 / 299


@pytest.mark.parametrize("method, packages, missing", [
    ("tsne", "t-SNE needs scikit-learn or openTSNE", ("sklearn.manifold", "openTSNE")),
    ("umap", "UMAP needs umap-learn", ("umap",))])
def test_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch, method: str, packages: str,
                                                 missing: tuple[str, ...]) -> None:
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(W2VError, match=packages) as error:
        library(method)
    assert str(error.value).endswith(f": pip install 'w2v[{method}]'")


def test_open_tsne_is_taken_for_many_words_and_where_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    learn, other = ModuleType("sklearn.manifold"), ModuleType("openTSNE")
    monkeypatch.setitem(sys.modules, "sklearn", ModuleType("sklearn"))
    monkeypatch.setitem(sys.modules, "sklearn.manifold", learn)
    monkeypatch.setitem(sys.modules, "openTSNE", other)
    assert library("tsne", 5000) is learn and library("tsne", 5001) is other
    monkeypatch.setitem(sys.modules, "openTSNE", None)
    assert library("tsne", 20_000) is learn
    monkeypatch.setitem(sys.modules, "openTSNE", other)
    monkeypatch.setitem(sys.modules, "sklearn.manifold", None)
    assert library("tsne", 3) is other


def test_unknown_method_is_an_error_that_lists_them() -> None:
    with pytest.raises(ValueError, match="method = 'isomap': the methods are pca, tsne, umap"):
        library("isomap")
    assert library("pca") is None
