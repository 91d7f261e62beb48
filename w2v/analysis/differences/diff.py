"""`diff`: which words differ between two files of vectors, and by how much more than words like them.

Place in the data flow: two `KeyedVectors`, and further runs of each -> `Difference`.

Sources
-------
Hamilton, Leskovec & Jurafsky 2016 (1605.09096), cosine after orthogonal Procrustes; Gonen et al. 2020
(2020.acl-main.51), neighbours in common; Dubossarsky, Weinshall & Grossman 2017 (D17-1118), rare words move more, so
that moves need a control.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from w2v.analysis.arguments import check_vectors
from w2v.analysis.differences.compared import compared_words
from w2v.analysis.differences.moves import Moves, moves, neighbours_in_each, pair_cosines, pair_overlaps, ranked
from w2v.analysis.differences.parts import WordMoves
from w2v.analysis.differences.result import LEVEL, Difference
from w2v.analysis.differences.summary import alignment, bands, each_word, is_of_bootstrap, movers
from w2v.analysis.samples import drawn_from_bands
from w2v.analysis.shared_words import frequency_bands
from w2v.types import Indices
from w2v.vectors.queries import Queries

BY = ("cosine", "neighbors", "both")
SAMPLE = 2000
CANDIDATES = {"cosine": 0, "both": 2000, "neighbors": 10_000}
"""Words whose neighbours are compared besides the sample: for "both" those that moved most by cosine, for "neighbors"
the most frequent ones."""

_EXAMPLES = 10  # lost and new words
_LEAST_COSINE = 1e-6  # rounding of float32


def diff(
    old: Queries, new: Queries, topn: int = 20, *, by: str = "both", align: bool = True, runs: Sequence[Queries] = (),
    new_runs: Sequence[Queries] = (), neighbors: int = 10, threshold: float = 0.5, sample: int | None = SAMPLE,
    candidates: int | None = None, seed: int = 1,
) -> Difference:
    """Compare two files of vectors: words that moved most, new and lost words, and overall numbers by frequency.

    A rotation of the old space is fitted to the most frequent shared words, without those that moved most. Rare words
    move more between any two trainings, so each word is compared with words of similar frequency, and with `runs` with
    its own moves between runs of one text.

    Parameters
    ----------
    old, new : vectors, of the same dimension unless `by` is "neighbors".
    topn : number of the most moved words to name, of those that moved further than is usual.
    by : rank words by the "cosine" of their old and new vector, by the share of nearest "neighbors" that they kept, or
        by the mean of "both" ranks.
    align : rotate the old space; False for models of which one was trained further from the other.
    runs, new_runs : further runs of the old and of the new text, with other seeds or on other parts of the text. Then a
        p value says how often words move as far between runs of one text. Three files or more are needed in all.
    neighbors : number of nearest neighbours that are compared, among the shared words.
    threshold : cosine below which a word counts as moved far, -1 to 1.
    sample : number of words for the mean share of neighbours, about as many of each frequency band; None compares the
        neighbours of all words, for the ranking too.
    candidates : number of words whose neighbours count in the ranking: for "both" those that moved most by cosine
        (default 2,000), for "neighbors" the most frequent ones (default 10,000).
    seed : of the sample.

    Raises
    ------
    W2VError : the files share no words.
    ValueError : the dimensions differ, the same vectors are given twice with `runs`, or a parameter is out of range.

    Example
    -------
    >>> found = w2v.diff(w2v.load("2019.safetensors"), w2v.load("2024.safetensors"))
    >>> [(one.word, one.z, one.gained) for one in found.moved]
    """
    olds, news = [old, *runs], [new, *new_runs]
    check_vectors("diff", *olds, *news)
    _check(topn, by, neighbors, threshold, sample, candidates)
    tested = len(olds) + len(news) > 2
    if tested and len(set(map(id, (*olds, *news)))) < len(olds) + len(news):
        raise ValueError("the same vectors are given twice: a run agrees with itself, and p would mean nothing")
    one_size = len({kv.vector_size for kv in (*olds, *news)}) == 1
    if not one_size and by != "neighbors":
        sizes = ", ".join(str(kv.vector_size) for kv in (*olds, *news))
        raise ValueError(f"vectors of the dimensions {sizes} have no cosines: compare their neighbours with "
                         'by="neighbors" (--by neighbors), or map one space into the other with w2v.align (w2v align)')
    words = compared_words(olds, news)
    rows, m = words.rows, words.rows.shape[1]
    places = np.arange(m, dtype=np.int64)
    cosine = moves(pair_cosines([*olds, *news], rows, len(olds), align), len(olds), len(news), places, places,
                   _LEAST_COSINE, seed) if one_size else None
    sampled = drawn_from_bands(frequency_bands(places), sample, seed)
    usually = m if sample is None else CANDIDATES[by]
    judged = _judged(cosine, by, m, max(topn, usually if candidates is None else candidates))
    queries = np.union1d(sampled, judged)
    near = neighbours_in_each([*olds, *news], rows, queries, neighbors)
    if by == "neighbors":
        judged = queries  # none of them was chosen because it moved
    reference = np.searchsorted(queries, judged if by == "neighbors" else sampled)
    kept = moves(pair_overlaps(near, len(olds)), len(olds), len(news), queries, reference, 0.5 / neighbors, seed)
    order = ranked(cosine, kept, queries, np.searchsorted(queries, judged), by, m)
    each = each_word(old, new, rows[[0, len(olds)]], cosine, kept, queries, order, by)
    fit = alignment(old, new, rows[[0, len(olds)]], align, seed) if one_size else None
    total, *parts = bands(each, sampled, fit, tested, neighbors, threshold, seed)
    return Difference(
        words=m, lost=len(words.lost), new=len(words.new), unseen=words.unseen, broken=words.broken,
        missing=words.missing, lost_words=_words(old, words.lost), new_words=_words(new, words.new),
        old_runs=len(olds), new_runs=len(news), bootstrap=any(map(is_of_bootstrap, (*olds, *news))), by=by,
        neighbors=neighbors, judged=len(judged), threshold=threshold, vector_size=old.vector_size,
        aligned=align and one_size, alignment=fit, all_words=total, bands=tuple(parts),
        significant=int((each.q <= LEVEL).sum()) if tested else None,
        moved=tuple(movers(each, _moved(each, order[:topn], by), queries, near[0], near[len(olds)])), each=each)


def _judged(cosine: Moves | None, by: str, m: int, count: int) -> Indices:
    """Return the rising places of the words that are ranked by their neighbours, or whose neighbours are shown."""
    if by == "neighbors" or cosine is None:
        return np.arange(min(m, count), dtype=np.int64)
    return np.sort(np.argsort(-cosine.z, kind="stable")[:count])


def _moved(each: WordMoves, places: Indices, by: str) -> Indices:
    """Return those of the places whose words moved further than is usual by one standard deviation."""
    cosine, kept = np.nan_to_num(each.z[places]), np.nan_to_num(each.overlap_z[places])
    return places[{"cosine": cosine, "neighbors": kept, "both": np.maximum(cosine, kept)}[by] >= 1]


def _words(kv: Queries, rows: Indices) -> tuple[str, ...]:
    return tuple(kv.index_to_key[row] for row in rows[:_EXAMPLES].tolist())


def _check(topn: int, by: str, neighbors: int, threshold: float, sample: int | None, candidates: int | None) -> None:
    if by not in BY:
        raise ValueError(f"by must be one of {', '.join(BY)}, not {by!r}")
    for name, value, least in (("topn", topn, 0), ("neighbors", neighbors, 1), ("sample", sample, 1),
                               ("candidates", candidates, 0)):
        if value is not None and value < least:
            raise ValueError(f"{name} = {value} is out of range: it must be {least} or more")
    if not -1 <= threshold <= 1:
        raise ValueError(f"threshold = {threshold} is out of range: -1 to 1")
