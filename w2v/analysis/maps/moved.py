"""`map` of two spaces: the places of words in both, and around them words that give these places a meaning.

Place in the data flow: two `KeyedVectors` -> `diff`, its rotation -> unit vectors of both -> positions -> `MovedMap`.

Source: Hamilton, Leskovec & Jurafsky 2016 (1605.09096), figure 1. There the words around have their place in the newer
space; here it is the mean of both, so that neither space is preferred.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from w2v.analysis.differences.diff import diff
from w2v.analysis.differences.relation import robust_rotation, words_fitted
from w2v.analysis.differences.result import Difference
from w2v.analysis.linear_map import LinearMap
from w2v.analysis.maps.moved_result import AroundWord, MovedMap, MovedWord
from w2v.analysis.maps.page.columns import Table, metadata_of
from w2v.analysis.maps.page.page import check_page_words
from w2v.analysis.maps.positions import LEAST, library, positions
from w2v.analysis.neighbour_sets import neighbours_among
from w2v.analysis.shared_words import zero_vectors
from w2v.errors import W2VError
from w2v.formats.keys import Key
from w2v.system.figures import differing_names
from w2v.types import Floats, Indices
from w2v.vectors.lookup import Oov
from w2v.vectors.queries import Queries
from w2v.vectors.search_options import Among


class _Numbers(NamedTuple):
    """Default numbers: words that moved most, neighbours of each and of a single word, shared words."""

    top: int
    neighbors: int
    of_one: int
    shared: int


PICTURE, PAGE = _Numbers(12, 3, 12, 0), _Numbers(200, 3, 100, 2000)


def map_moved(
    a: Queries, b: Queries, *, words: Among | None, top: int | None, near: Key | None, neighbors: int | None,
    shared: int | None, by: str | None, align: bool, method: str, metadata: Table | None, page: bool, seed: int,
    oov: Oov | None,
) -> MovedMap:
    """Place words of two spaces in two dimensions; parameters as in `w2v.map`, which has checked them."""
    library(method)
    names = _names(a, b)
    _check(a, b)
    wanted = _wanted(a, b, words, near, oov)
    few = PAGE if page else PICTURE
    found = diff(a, b, (top or few.top) if wanted is None else 0, by=by or "both", align=align, seed=seed)
    rows = np.stack((found.each.old_rows, found.each.new_rows))
    usable = np.flatnonzero(~(zero_vectors(a, rows[0]) | zero_vectors(b, rows[1])))
    chosen = _moved(found, usable) if wanted is None else _chosen(found, usable, wanted)
    asked = len(found.moved) if wanted is None else len(wanted)
    if not len(chosen):
        raise W2VError(f"none of the {asked:,} words has a usable vector in both spaces ({names[0]}, {names[1]}): one "
                       "that is not zero or broken, and a count above 0")
    k = neighbors if neighbors is not None else few.neighbors if near is None else few.of_one
    if shared is None:
        shared = few.shared if wanted is None else 0
    in_a, in_b = (usable[neighbours_among(kv, own[usable], np.searchsorted(usable, chosen), k)] if k else
                  np.empty((len(chosen), 0), dtype=np.int64) for kv, own in zip((a, b), rows, strict=True))
    around = _around(chosen, in_a, in_b, usable[:shared])
    everything = np.concatenate((chosen, around.places))
    if page:
        check_page_words(len(everything))
    shown = [found.each.word(place) for place in everything.tolist()]
    change = robust_rotation(a, rows[0], b, rows[1]) if align else None
    moved_a, moved_b = _units(a, rows[0][chosen], change), _units(b, rows[1][chosen])
    still = _means(_units(a, rows[0][around.places], change), _units(b, rows[1][around.places]))
    if 2 * len(chosen) + len(still) < LEAST:
        raise W2VError("one word with its places in both spaces makes no map: show neighbours too (neighbors=, "
                       "--neighbors)")
    places, variance = positions(np.concatenate((moved_a, moved_b, still)), method, seed)
    at_a, at_b, at = np.split(places, [len(chosen), 2 * len(chosen)])
    return MovedMap(
        moved=tuple(_words(found, chosen, in_a, in_b)), positions_a=at_a, positions_b=at_b,
        around=tuple(AroundWord(found.each.word(place), side)
                     for place, side in zip(around.places.tolist(), around.sides, strict=True)),
        positions_around=at, variance=variance, method=method, a=names[0], b=names[1],
        choice="moved" if wanted is None else "words" if near is None else "near", left_out=asked - len(chosen),
        fitted=words_fitted(found.words, a.vector_size) if align else None, difference=found, seed=seed,
        vectors_a=a, vectors_b=b, places=everything,
        metadata=None if metadata is None else metadata_of(metadata, shown, a.index_to_key))


def _check(a: Queries, b: Queries) -> None:
    """Check that two spaces can be drawn in one picture."""
    if a is b:
        raise ValueError("the same vectors are given twice: no word moves between them")
    if a.vector_size != b.vector_size:
        raise ValueError(f"vectors of the dimensions {a.vector_size} and {b.vector_size} have no places in one "
                         "picture: map one space into the other with w2v.align (w2v align)")


def _wanted(a: Queries, b: Queries, words: Among | None, near: Key | None, oov: Oov | None) -> Indices | None:
    """Return the rows of A of the words that are asked for, None for those that moved most.

    Raises
    ------
    UnknownWordError : a word is unknown in A or in B. Words of a mask may be unknown in B.
    """
    if near is not None:
        row = a.get_index(near)
        b.get_index(a.index_to_key[row])
        return np.array([row], dtype=np.int64)
    if words is None:
        return None
    policy = a.oov if oov is None else oov
    rows = np.unique(a.rows_among(words, policy))
    if not (isinstance(words, np.ndarray) and words.dtype == bool):
        b.rows_among([a.index_to_key[row] for row in rows.tolist()], policy)
    if not len(rows):
        raise W2VError("there are no words to show")
    return rows


def _moved(found: Difference, usable: Indices) -> Indices:
    """Return the places of the words that moved most; errors if there are none."""
    if not found.moved:
        raise W2VError(f"none of the {found.words:,} shared words moved further than is usual for words of its "
                       "frequency: are these the same vectors? Choose the words: words=, near= (--words, --near)")
    places = np.array([one.rank - 1 for one in found.moved], dtype=np.int64)
    return places[np.isin(places, usable)]


def _chosen(found: Difference, usable: Indices, wanted: Indices) -> Indices:
    """Return the places of those of the wanted rows of A that are usable, the words that moved most first."""
    places = usable[np.isin(found.each.old_rows[usable], wanted)]
    return places[np.argsort(found.each.moved_rank[places], kind="stable")]


class _Around(NamedTuple):
    """Words around those that moved: their places in the order of frequency, and whose neighbours they are."""

    places: Indices
    sides: list[str | None]


def _around(chosen: Indices, in_a: Indices, in_b: Indices, frequent: Indices) -> _Around:
    """Return the neighbours of the chosen words, the nearest first, and then the frequent words."""
    nearest = np.stack((in_a, in_b), axis=2).transpose(1, 0, 2).ravel()  # the first neighbours of all words, ...
    near_a, near_b, own = (set(places.ravel().tolist()) for places in (in_a, in_b, chosen))
    order = [place for place in dict.fromkeys([*nearest.tolist(), *frequent.tolist()]) if place not in own]
    sides = {(True, True): "both", (True, False): "a", (False, True): "b"}
    return _Around(np.array(order, dtype=np.int64), [sides.get((place in near_a, place in near_b)) for place in order])


def _units(kv: Queries, rows: Indices, change: LinearMap | None = None) -> Floats:
    """Return (m, d) vectors of length 1, after a map."""
    vectors = kv.rows[rows]
    placed = (vectors if change is None else change(vectors)).astype(np.float64)
    found: Floats = placed / np.linalg.norm(placed, axis=1, keepdims=True)
    return found


def _means(first: Floats, second: Floats) -> Floats:
    """Return (m, d) the directions half way between unit vectors; the second one where these are opposite."""
    total = first + second
    lengths = np.linalg.norm(total, axis=1, keepdims=True)
    return np.where(lengths > 1e-6, total / np.maximum(lengths, 1e-6), second)


def _words(found: Difference, chosen: Indices, in_a: Indices, in_b: Indices) -> list[MovedWord]:
    each = found.each
    return [MovedWord(
        each.word(place), place + 1, float(each.cosine[place]), float(each.expected_cosine[place]),
        float(each.z[place]), tuple(map(each.word, near_a)), tuple(map(each.word, near_b)))
        for place, near_a, near_b in zip(chosen.tolist(), in_a.tolist(), in_b.tolist(), strict=True)]


def _names(a: Queries, b: Queries) -> tuple[str, str]:
    """Return short names of both files: the parts in which their paths differ."""
    paths = [kv.source.partition(": ")[0] for kv in (a, b)]
    first, second = differing_names(paths) if all(paths) else (Path(path).name for path in paths)
    return (first or "A", second or "B") if first != second else ("A", "B")
