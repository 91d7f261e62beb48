"""`align`: the map of one space into another, and how well it works on words that it was not fitted to.

Place in the data flow: two vector files, perhaps a dictionary -> anchors -> `LinearMap` -> `Alignment`.

Sources
-------
Schönemann 1966, orthogonal Procrustes; Smith et al. 2017 (1702.03859), of unit vectors with a dictionary; Conneau et
al. 2018 (1710.04087), CSLS, refinement and precision@k.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from w2v.analysis.alignment.anchors import Fitter, frequent_rows, induced, most_frequent, split, stable_half
from w2v.analysis.alignment.csls import Retrieval
from w2v.analysis.alignment.dictionary import LEAST, Dictionary, Pairs, dictionary_pairs, shared_pairs
from w2v.analysis.alignment.result import Alignment, Refinement
from w2v.analysis.alignment.scores import SAMPLE, SHUFFLES, Cosines, HeldOut, length_kept, precisions, words_of
from w2v.analysis.arguments import check_vectors
from w2v.analysis.linear_map import LinearMap, Vectors
from w2v.analysis.samples import drawn_rows, usable_rows
from w2v.errors import W2VError
from w2v.evaluation.statistics.bootstrap import DRAWS
from w2v.types import Indices
from w2v.vectors.queries import Queries
from w2v.vectors.search import Space

_RELATED_P, _UNRELATED_P = 0.001, 0.05  # p of related spaces, and of unrelated ones; between them it is unclear
_LEAST_GAIN = 0.05  # over chance, of related spaces
_LEAST_HELD_OUT = 10  # words; with fewer, spaces are never called unrelated


def align(
    a: Vectors, b: Queries, *, dictionary: Dictionary | None = None, anchors: int | None = None,
    stable: bool = False, center: bool = False, refine: int = 0, refine_words: int = 10_000,
    test: Dictionary | None = None, held_out: int = 1500, candidates: int = 200_000, draws: int = DRAWS, seed: int = 1,
) -> Alignment[Vectors]:
    """Bring the vectors of A into the space of B by orthogonal Procrustes, and measure the result.

    The map is a rotation, perhaps with a reflection: lengths and cosines within A stay as they are, except with
    `center` or if A has more dimensions than B. It is fitted to unit vectors of pairs of words, the anchors. A part of
    the pairs is held out, and all numbers except `Alignment.anchors_after` are of these.

    Parameters
    ----------
    a, b : vectors. If their dimensions differ, a dictionary is needed.
    dictionary : pairs of a word of A and a word of B: a file with two words per line (TAB or white space between them),
        a dict from words to a translation or a list of them, or a list of pairs. None takes the words that both
        vocabularies have, each paired with itself.
    anchors : fit only to the pairs with the lowest mean of the frequency ranks of both words; None for all.
    stable : fit only to the half of the anchors that agrees best, found by least trimmed squares.
    center : subtract the mean of the anchors from both spaces before the fit. The map then moves the mean of A to that
        of B too, which changes cosines within A.
    refine : most rounds of refinement: fit again to the words that are each other's nearest by CSLS, as long as the
        mean cosine of held-out pairs rises.
    refine_words : most frequent words of each space among which refinement looks for pairs.
    test : pairs to measure with, in the forms of `dictionary`, in place of a part of the pairs. Their words of A are
        not anchors.
    held_out : most words of A to measure with. A fifth of the words is held out at most; 0 measures nothing.
    candidates : the most frequent words of B, among which the translation of a word is searched. Held-out pairs with
        rarer words of B are not used.
    draws : bootstrap replicates of the intervals; 0 for none.
    seed : of all that is drawn: held-out words, shuffles, the sample of words for CSLS.

    Raises
    ------
    W2VError : fewer than two pairs; the dictionary cannot be read.
    FormatError : (a W2VError) a line of the dictionary does not have two words.
    ValueError : the dimensions differ and there is no dictionary; an option is out of range.

    Warns
    -----
    UserWarning : there are fewer anchors than dimensions, or the spaces seem to be unrelated.

    Example
    -------
    >>> found = w2v.align(old, new, refine=5)
    >>> found.after, found.precision_at(1, "csls")
    >>> found.kv.save("old.aligned.bin")
    >>> w2v.align(english, spanish, dictionary="en-es.txt").translate(["house"])
    """
    check_vectors("align", a, b)
    _check(a, b, dictionary, anchors=anchors, refine=refine, refine_words=refine_words, held_out=held_out,
           candidates=candidates)
    spaces = Fitter(a, b, center)
    pairs, given = shared_pairs(a, b) if dictionary is None else dictionary_pairs(a, b, dictionary)
    rows_b = frequent_rows(b, candidates)
    chosen, tested, left_out = _sides(spaces, pairs, test, rows_b, held_out, seed)
    chosen = most_frequent(spaces, chosen, len(chosen) if anchors is None else anchors)
    if stable:
        chosen = stable_half(spaces, chosen)
    change, chosen, rounds = _refined(spaces, chosen, tested, refine, refine_words)
    rows = drawn_rows(usable_rows(a), SAMPLE, seed)
    retrieval = Retrieval(Space(b.rows, b.fill_norms(), "cosine", 0, len(b), rows_b), spaces.images(rows, change))
    cosines = Cosines.measure(spaces, chosen, tested, change, seed)
    before, after, gain, anchors_after = cosines.estimates(draws, seed)
    precision, ranks = precisions(spaces, tested, change, retrieval, draws, seed)
    found = Alignment(
        a, b, change, retrieval, given, anchors=len(chosen), held_out=len(tested.words), left_out=left_out,
        candidates=len(rows_b), sample=len(rows), shuffles=SHUFFLES,
        keeps_cosines=not center and a.vector_size <= b.vector_size,
        length_kept=length_kept(spaces, change, rows, draws, seed), before=before, after=after, gain=gain,
        anchors_after=anchors_after, precision=precision, refinements=rounds, histogram=cosines.histogram(),
        words=words_of(spaces, tested, cosines, ranks), related=None, seed=seed,
        options={"most_frequent": anchors, "stable": stable, "center": center, "refine": refine})
    found = replace(found, related=_related(found))
    found = replace(found, warnings=tuple(_warnings(found)))
    for warning in found.warnings:
        warnings.warn(warning, stacklevel=2)
    return found


def _check(a: Queries, b: Queries, dictionary: Dictionary | None, *, anchors: int | None, **counts: int) -> None:
    """Check the arguments of `align`."""
    least = {"refine": 0, "held_out": 0, "refine_words": LEAST, "candidates": 1, "anchors": LEAST}
    for name, value in {**counts, "anchors": LEAST if anchors is None else anchors}.items():
        if value < least[name]:
            raise ValueError(f"{name} = {value} is out of range: it must be {least[name]} or more")
    if a.vector_size != b.vector_size and dictionary is None:
        raise ValueError(
            f"there is no rotation between vectors of dimension {a.vector_size} and {b.vector_size}; with a dictionary "
            "(--dictionary FILE) a map with orthonormal rows or columns is fitted to its pairs")


def _sides(spaces: Fitter, pairs: Pairs, test: Dictionary | None, candidates: Indices, most: int,
           seed: int) -> tuple[Pairs, HeldOut, int]:
    """Return the anchors, the held-out pairs, and how many pairs of the test are not used."""
    if test is None:
        anchors, held = split(pairs, np.flatnonzero(np.isin(pairs.b, candidates)), most, seed)
        return anchors, HeldOut.of(held), 0
    tested, _ = dictionary_pairs(spaces.a, spaces.b, test, least=1)
    anchors = pairs.take(np.flatnonzero(~np.isin(pairs.a, tested.a)))
    if len(anchors) < LEAST:
        raise W2VError(f"{len(anchors)} of {len(pairs):,} pairs are left as anchors without the words of the test, and "
                       f"{LEAST} are needed; the words of A in the test and in the dictionary must differ")
    usable = tested.take(np.flatnonzero(np.isin(tested.b, candidates)))
    words = np.unique(usable.a)
    drawn = drawn_rows(words, most, seed)
    held = usable.take(np.flatnonzero(np.isin(usable.a, drawn)))
    return anchors, HeldOut.of(held), len(tested) - len(held)


def _refined(spaces: Fitter, anchors: Pairs, test: HeldOut, rounds: int,
             words: int) -> tuple[LinearMap, Pairs, tuple[Refinement, ...]]:
    """Return the map, the pairs that it is fitted to, and the rounds of refinement.

    A round fits a map to the words that are each other's nearest by CSLS after the last one. Held-out words are left
    out, so that they remain words that the map is not fitted to. A round that does not raise the mean cosine of
    held-out pairs is the last one, and is dropped.
    """
    change, done = spaces.fit(anchors), list[Refinement]()
    if not rounds:
        return change, anchors, ()
    rows_a, rows_b = frequent_rows(spaces.a, words), frequent_rows(spaces.b, words)
    rows_a = rows_a[~np.isin(rows_a, test.words)]
    measured = len(test.words) > 0
    cosine = float(spaces.cosines(test.pairs, change).mean()) if measured else -1.0
    for _ in range(rounds):
        pairs = induced(spaces, change, rows_a, rows_b)
        if len(pairs) < LEAST:
            break
        new = spaces.fit(pairs)
        found = float(spaces.cosines(test.pairs, new).mean()) if measured else None
        kept = found is None or found > cosine
        done.append(Refinement(len(pairs), found, kept))
        if not kept:
            break
        change, anchors, cosine = new, pairs, cosine if found is None else found
    return change, anchors, tuple(done)


def _related(found: Alignment[Vectors]) -> bool | None:
    """Return whether held-out pairs are nearer than shuffled ones, with the map or without; None if that is unclear."""
    known = [one.p for one in (found.before, found.after)
             if one.p is not None and one.chance is not None and one.value - one.chance > _LEAST_GAIN]
    p = min(known, default=1.0)
    if p < _RELATED_P:
        return True
    return None if p < _UNRELATED_P or found.held_out < _LEAST_HELD_OUT else False


def _warnings(found: Alignment[Vectors]) -> list[str]:
    """Return what a user should know."""
    said, d = [], max(found.dimensions)
    if found.anchors < d:
        said.append(f"{found.anchors:,} anchors are fewer than the {d} dimensions: a map fits any such pairs, right or "
                    "wrong; use more pairs")
    if found.related is False:
        said.append("these spaces seem unrelated: after the alignment the mean cosine of held-out pairs is "
                    f"{found.after.value:.2f}, and that of shuffled pairs {found.after.chance:.2f}; are the pairs "
                    "right, and are there enough?")
    return said
