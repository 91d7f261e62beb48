"""Positions of words in two dimensions: principal components, t-SNE and UMAP.

Place in the data flow: unit vectors (n, d) -> positions (n, 2). scikit-learn, openTSNE and umap-learn are optional, and
are imported when their method is asked for.

Sources
-------
Pearson 1901 (principal components); van der Maaten & Hinton 2008 (t-SNE), started from principal components as Kobak &
Berens 2019 advise; McInnes et al. 2018 (1802.03426, UMAP).
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from w2v.analysis.moments import Sums
from w2v.errors import W2VError
from w2v.types import Floats

METHODS = {"pca": "principal components", "tsne": "t-SNE", "umap": "UMAP"}
"""Methods with their names for people."""

LEAST = 3
"""Words of a map: two points always lie on a line."""

_PACKAGES = {"tsne": "scikit-learn or openTSNE", "umap": "umap-learn"}
_MANY = 5000  # words from which on openTSNE is faster
_PERPLEXITY, _NEIGHBOURS = 30.0, 15  # defaults of t-SNE and UMAP; smaller for few words
_START = 1e-4  # standard deviation of the positions at which t-SNE starts
_EXTENT = 10.0  # largest coordinate of those at which UMAP starts, as in umap-learn
_SPREAD = 1e-12  # sum of the variances of unit vectors below which they are equal up to rounding of float32
_EQUAL = 1e-6  # coordinates that differ by less, relative to the largest, are equal up to rounding


def library(method: str, n: int = 0) -> ModuleType | None:
    """Return the module of a method for n words, None for the one that needs NumPy alone.

    Raises
    ------
    ValueError : there is no such method.
    W2VError : its package is not installed; names the extra.
    """
    if method not in METHODS:
        raise ValueError(f"method = {method!r}: the methods are {', '.join(METHODS)}")
    try:
        if method == "tsne":
            return _tsne_library(n)
        if method == "umap":
            import umap  # pyright: ignore[reportMissingImports]

            found: ModuleType = umap
            return found
    except ImportError as error:
        raise W2VError(f"{METHODS[method]} needs {_PACKAGES[method]}: pip install 'w2v[{method}]'") from error
    return None


def _tsne_library(n: int) -> ModuleType:
    """Return scikit-learn's module, or openTSNE if it is installed and faster: its time grows with n, that of
    scikit-learn with n log n and a larger factor."""
    names = ["sklearn.manifold", "openTSNE"]
    if n > _MANY:
        names.reverse()
    try:
        return import_module(names[0])
    except ImportError:
        return import_module(names[1])


def principal_positions(units: Floats) -> tuple[Floats, tuple[float, float]]:
    """Return (n, 2) the first two principal components, and their shares of the variance.

    The sign of a component is free. Here the largest coordinate is positive, and the first one of several that are
    equal, so that a rotation of the vectors changes nothing.

    Raises
    ------
    W2VError : all vectors are equal.
    """
    n, d = units.shape
    moments = Sums.of([units], d).moments
    if np.trace(moments.covariance) < _SPREAD:
        raise W2VError(f"the vectors of all {n:,} words have the same direction: there is no map of them")
    found = np.zeros((n, 2))
    found[:, :d] = (units - moments.mean) @ moments.axes[:, :2]
    sizes = np.abs(found)
    first = np.argmax(sizes >= sizes.max(axis=0) * (1 - _EQUAL), axis=0)
    found *= np.where(np.take_along_axis(found, first[None], axis=0) < 0, -1.0, 1.0)
    shares = moments.shares
    return found, (float(shares[0]), float(shares[1]) if d > 1 else 0.0)


def positions(units: Floats, method: str, seed: int) -> tuple[Floats, tuple[float, float] | None]:
    """Return (n, 2) positions of unit vectors (n, d), and for principal components their shares of the variance.

    Parameters
    ----------
    method : one of `METHODS`.
    seed : of what t-SNE and UMAP draw; both run in one thread, because several add numbers in a free order.

    Raises
    ------
    ValueError, W2VError : as `library` and `principal_positions`.
    """
    module = library(method, len(units))
    start, shares = principal_positions(units)
    if module is None:
        return start, shares
    if method == "umap":
        return _umap(module, units, start, seed), None
    return _tsne(module, units, start, seed), None


def _tsne(module: ModuleType, units: Floats, start: Floats, seed: int) -> Floats:
    start = start * (_START / start[:, 0].std())
    options: dict[str, Any] = {"perplexity": min(_PERPLEXITY, (len(units) - 1) / 3), "random_state": seed, "n_jobs": 1}
    if module.__name__ == "openTSNE":
        return np.array(module.TSNE(initialization=start, **options).fit(units), dtype=np.float64)
    from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingImports]  # scikit-learn needs it

    with threadpool_limits(1):
        made = module.TSNE(init=start.astype(np.float32), **options)
        return np.array(made.fit_transform(units.astype(np.float32)), dtype=np.float64)


def _umap(module: ModuleType, units: Floats, start: Floats, seed: int) -> Floats:
    start = start * (_EXTENT / np.abs(start).max())
    made = module.UMAP(n_neighbors=min(_NEIGHBOURS, len(units) - 1), metric="cosine", init=start.astype(np.float32),
                       random_state=seed, n_jobs=1)
    return np.array(made.fit_transform(units.astype(np.float32)), dtype=np.float64)
