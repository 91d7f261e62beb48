"""`map`: words in two dimensions, near each other where their vectors have similar directions.

Place in the data flow: `KeyedVectors` -> rows of words -> unit vectors -> positions and clusters -> `WordMap`; with
two spaces see `moved.py`.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, overload

import numpy as np

from w2v.analysis.arguments import check_vectors
from w2v.analysis.clusters.clustering import cluster
from w2v.analysis.maps.moved import map_moved
from w2v.analysis.maps.moved_result import UNRELATED, MovedMap
from w2v.analysis.maps.page.columns import Table, metadata_of
from w2v.analysis.maps.page.page import check_page_words
from w2v.analysis.maps.positions import LEAST, library, positions
from w2v.analysis.maps.result import MOST_CLUSTERS, MapCluster, WordMap
from w2v.errors import W2VError
from w2v.formats.keys import Key
from w2v.types import Floats, Indices
from w2v.vectors.lookup import Oov
from w2v.vectors.queries import Queries
from w2v.vectors.search_options import Among

TOP, PAGE_TOP = 200, 20_000
NEIGHBORS, PAGE_NEIGHBORS = 50, 500
PAGE_CLUSTERS, _LEAST_SIZE = 20, 10  # clusters of a page, and words for each of them
_NAMES = 3  # words that name a cluster


@overload
def map(
    kv: Queries, other: None = None, *, words: Among | None = None, top: int | None = None, near: Key | None = None,
    neighbors: int | None = None, clusters: int | None = None, method: str = "pca", metadata: Table | None = None,
    page: bool = False, seed: int = 1, oov: Oov | None = None,
) -> WordMap: ...


@overload
def map(
    kv: Queries, other: Queries, *, words: Among | None = None, top: int | None = None, near: Key | None = None,
    neighbors: int | None = None, clusters: int | None = None, method: str = "pca", metadata: Table | None = None,
    page: bool = False, seed: int = 1, oov: Oov | None = None, shared: int | None = None, by: str | None = None,
    align: bool | None = None,
) -> MovedMap: ...


def map(
    kv: Queries, other: Queries | None = None, *, words: Among | None = None, top: int | None = None,
    near: Key | None = None, neighbors: int | None = None, clusters: int | None = None, method: str = "pca",
    metadata: Table | None = None, page: bool = False, seed: int = 1, oov: Oov | None = None,
    shared: int | None = None, by: str | None = None, align: bool | None = None,
) -> WordMap | MovedMap:
    """Place words in two dimensions, by the directions of their vectors; with `other`, words of two spaces.

    With `other` the space of `kv` is rotated to it as by `w2v.diff`, and the words that moved most have a place in
    both, with their nearest neighbours around them.

    Parameters
    ----------
    other : a second space of the same dimension, such as that of a later time.
    words : these words, given as keys or as a mask (n,), the most frequent first; with `other`, those that moved most.
    top : the most frequent words, 3 or more; 200 if neither `words` nor `near` is given. With `other` the words that
        moved most by the measure of `w2v.diff`, 1 or more; 12.
    near : a word and its nearest neighbours, the nearest first; with `other`, of both spaces.
    neighbors : number of neighbours of `near`, 2 or more; None for 50. With `other`, of each word in each space, 0 or
        more; None for 3, and for 12 of `near`.
    clusters : divide the words into so many clusters, 1 to 24, which have colours; None for one colour. Not with
        `other`.
    method : "pca": the plane with the most variance. "tsne" (needs scikit-learn or openTSNE) and "umap" (needs
        umap-learn) keep neighbours together; the distances of groups that lie apart mean little. With `other` they
        place the vectors of both spaces together.
    metadata : columns by which a page can colour the words: the path of a TSV file, whose first line names the columns
        and whose first column has the words, or a mapping of column to a mapping of word to a number or text.
    page : choose more for a page (`.html`), which one can zoom: the 20,000 most frequent words, 500 neighbours, and
        20 clusters, fewer for fewer than 200 words. With `other` 200 words, 100 neighbours of `near`, and 2,000 shared
        words unless `words` or `near` is given.
    seed : of what is drawn; the same seed gives the same positions.
    oov : policy for unknown words among `words` instead of the attribute `oov`: "skip" leaves them out.
    shared : only with `other`: the most frequent shared words are around too; 0.
    by : only with `other`: rank moves by "cosine", "neighbors" or "both" (the default), as `w2v.diff`.
    align : only with `other`: False does not rotate, for models of which one was trained further from the other.

    Returns
    -------
    WordMap : with `words`, `positions` (n, 2), `plot` and `save`. Vectors are scaled to length 1 first, so that
        distances go with cosines. Zero and broken vectors have no direction: they are left out, and counted.
    MovedMap : with `other`: `moved`, `positions_a` and `positions_b` (n, 2), `around`, `plot` and `save`.

    Raises
    ------
    ValueError : more than one of `words`, `top` and `near`, an option is out of range, or does not go with `other` or
        needs it; the dimensions of both spaces differ.
    UnknownWordError : (a KeyError) a word is unknown.
    W2VError : fewer than 3 words have a direction, all have the same one, or the method needs a package; both spaces
        share no words, or none that moved further than usual.
    FormatError : a line of the file of metadata has another number of columns than the first, or a word twice.

    Warns
    -----
    UserWarning : both spaces seem unrelated.

    Example
    -------
    >>> found = w2v.map(kv, near="king", clusters=4)
    >>> found.save("king.svg")
    >>> w2v.map(kv, page=True).save("map.html")
    >>> w2v.map(old, new, top=10).save("moved.svg")
    """
    check_vectors("map", kv, *(() if other is None else (other,)))
    _check_choice(words, top, near)
    if other is not None:
        return _of_two(kv, other, clusters, words=words, top=top, near=near, neighbors=neighbors, shared=shared, by=by,
                       align=align is not False, method=method, metadata=metadata, page=page, seed=seed, oov=oov)
    for name, given in (("shared", shared), ("by", by), ("align", align)):
        if given is not None:
            raise ValueError(f"{name} = {given} needs a second space to compare with (w2v map A B)")
    _check_options(top, near, neighbors, clusters)
    library(method)
    if near is not None:
        row = kv.get_index(near)
        if row in kv.fill_norms().broken or not np.any(kv.rows[[row]]):
            raise W2VError(f"{kv.source or 'vectors'}: the vector of {str(near)[:80]!r} is zero or broken, so it has "
                           "no neighbours")
        topn = neighbors or (PAGE_NEIGHBORS if page else NEIGHBORS)
        wanted = np.array([kv.get_index(key) for key in (near, *(
            word for word, _ in kv.most_similar([near], topn=topn)))], dtype=np.int64)
    elif words is not None:
        wanted = np.unique(kv.rows_among(words, kv.oov if oov is None else oov))
    else:
        wanted = np.arange(min(len(kv), top or (PAGE_TOP if page else TOP)))
    if page:
        check_page_words(len(wanted))
    rows, units = _with_a_direction(kv, wanted)
    shown = tuple(str(kv.index_to_key[row]) for row in rows.tolist())
    described = None if metadata is None else metadata_of(metadata, shown, kv.index_to_key)
    found, variance = positions(units, method, seed)
    if page and clusters is None:
        clusters = min(PAGE_CLUSTERS, len(rows) // _LEAST_SIZE) or None
    groups, labels = _clusters(kv, rows, clusters, seed)
    return WordMap(
        words=shown, positions=found, clusters=groups,
        labels=labels, variance=variance, method=method, model=_name(kv.source),
        choice="near" if near is not None else "words" if words is not None else "top",
        left_out=len(wanted) - len(rows), seed=seed, vectors=kv, rows=rows, metadata=described)


def _check_choice(words: Among | None, top: int | None, near: Key | None) -> None:
    if sum(given is not None for given in (words, top, near)) > 1:
        raise ValueError("words, top and near exclude each other: give one of them")


def _check_options(top: int | None, near: Key | None, neighbors: int | None, clusters: int | None) -> None:
    if neighbors is not None and near is None:
        raise ValueError("neighbors needs near: the word whose neighbours to show")
    for name, value, least in (("top", top, LEAST), ("neighbors", neighbors, LEAST - 1), ("clusters", clusters, 1)):
        if value is not None and value < least:
            raise ValueError(f"{name} = {value} is out of range: it must be {least} or more")
    if clusters is not None and clusters > MOST_CLUSTERS:
        raise ValueError(f"clusters = {clusters} is out of range: {MOST_CLUSTERS} at most can be told apart in a map")


def _of_two(kv: Queries, other: Queries, clusters: int | None, **options: Any) -> MovedMap:
    """Return the map of two spaces, after a check of the options that have other ranges."""
    if clusters is not None:
        raise ValueError(f"clusters = {clusters} is not for two spaces: a word can be in another cluster in each; draw "
                         "each space alone, or leave it out")
    for name, least in (("top", 1), ("neighbors", 0), ("shared", 0)):
        value = options[name]
        if value is not None and value < least:
            raise ValueError(f"{name} = {value} is out of range: it must be {least} or more")
    found = map_moved(kv, other, **options)
    if found.related is False:
        warnings.warn(UNRELATED, stacklevel=3)
    return found


def _with_a_direction(kv: Queries, wanted: Indices) -> tuple[Indices, Floats]:
    """Return the rows whose vectors have a direction, in the same order, and the vectors (m, d) of length 1."""
    rows = wanted[~np.isin(wanted, kv.fill_norms().broken)]
    vectors = kv.rows[rows].astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=1)
    usable = lengths > 0
    if np.count_nonzero(usable) < LEAST:
        raise W2VError(f"{kv.source or 'vectors'}: {np.count_nonzero(usable)} of the {len(wanted):,} words have a "
                       f"vector with a direction; a map needs {LEAST} or more")
    return rows[usable], vectors[usable] / lengths[usable, None]


def _clusters(kv: Queries, rows: Indices, k: int | None, seed: int) -> tuple[tuple[MapCluster, ...], Indices]:
    """Return the clusters of some rows, and the number (m,) of that of each; none, and -1, for None."""
    if k is None:
        return (), np.full(len(rows), -1, dtype=np.int64)
    if k > len(rows):
        raise ValueError(f"clusters = {k} is out of range: there are {len(rows):,} words")
    shown = np.zeros(len(kv), dtype=np.bool_)
    shown[rows] = True
    found = cluster(kv, k, words=shown, topn=_NAMES, chance=False, seed=seed)
    groups = tuple(MapCluster(one.number, one.size, tuple(str(word) for word, _ in one.nearest))
                   for one in found.clusters)
    return groups, found.labels[rows]


def _name(source: str) -> str:
    """Return the name of the file of vectors, from the line that says where they come from."""
    return Path(source.partition(": ")[0]).name or "vectors"
