"""`cluster`: clusters of words by spherical k-means, with their names, their separation, and the same by chance.

Place in the data flow: `KeyedVectors` -> unit vectors in blocks -> `w2v.evaluation.statistics.kmeans` -> `Clusters`.
"""

from __future__ import annotations

import numpy as np

from w2v.analysis.arguments import check_vectors
from w2v.analysis.clusters.groups import Groups, groups, random_units
from w2v.analysis.clusters.number import K, best_number, numbers
from w2v.analysis.clusters.result import Clusters, Names, WordCluster
from w2v.analysis.clusters.silhouette import group_means
from w2v.analysis.clusters.units import WordUnits
from w2v.errors import W2VError
from w2v.evaluation.statistics.kmeans import FULL
from w2v.types import Indices
from w2v.vectors.lookup import Oov
from w2v.vectors.queries import Queries
from w2v.vectors.search_options import Among

SAMPLE = 20_000
"""Words by which numbers of clusters are compared."""

_BLOCK = 8192  # rows at a time


def cluster(
    kv: Queries, k: K, *, words: Among | None = None, topn: int = 10, peripheral: int = 0, restarts: int | None = None,
    sample: int | None = SAMPLE, chance: bool = True, seed: int = 1, oov: Oov | None = None,
) -> Clusters:
    """Divide words into k clusters by the directions of their vectors (spherical k-means).

    Parameters
    ----------
    k : number of clusters; or "auto", a range such as "10-500", or a list of numbers (also as "20,50,100"), of which
        the one is taken whose silhouette exceeds that of random vectors most. That is a heuristic; `Clusters.tried` has
        all of them.
    words : only these words, given as keys or as a mask (n,); None for all.
    topn, peripheral : number of words nearest to each centre and farthest from it to name, at least 0.
    restarts : starts, of which the best is kept, at least 1; None for 10, and fewer for more than 50 clusters.
    sample : number of random words by which numbers of clusters are compared; None for all.
    chance : cluster random vectors too, for `chance` of the results; this takes about as long again. Without it the
        number of clusters is the one with the highest silhouette, which is mostly the lowest number.
    seed : of everything that is drawn; the same seed gives the same clusters.
    oov : policy for unknown words among `words` instead of the attribute `oov`: "skip" leaves them out.

    Returns
    -------
    Clusters : with the cluster of each word (`labels`), the words nearest the centres, and `save`.

    Raises
    ------
    ValueError : k is below 1 or above the number of words with a direction, another option is out of range, or there
        are none of `words`.
    UnknownWordError : (a KeyError) one of `words` is unknown.
    W2VError : no word has a vector with a direction.

    Source
    ------
    Dhillon & Modha 2001. Up to 200,000 words are all read in each iteration; of more, mini-batches (Sculley 2010), and
    all once at the end.

    Example
    -------
    >>> found = w2v.cluster(kv, 50)
    >>> print(found)
    >>> found.members(0)[:3], found.labels[kv.get_index("paris")]
    >>> found.save("classes.txt")
    """
    check_vectors("cluster", kv)
    for name, value, least in (("topn", topn, 0), ("peripheral", peripheral, 0), ("restarts", restarts, 1),
                               ("sample", sample, 1)):
        if value is not None and value < least:
            raise ValueError(f"{name} = {value} is out of range: it must be {least} or more")
    rows, broken, zero = _rows_with_a_direction(kv, words, kv.oov if oov is None else oov)
    units = WordUnits(kv.rows, kv.fill_norms().inverse, rows)
    choice = best_number(units, numbers(k, len(rows)), sample, restarts, chance, seed)
    found, random = groups(units, choice.k, restarts, seed), None
    if chance and choice.k <= FULL:
        random = groups(random_units(units, seed), choice.k, restarts, seed)
    labels = np.full(len(kv), -1, dtype=np.int64)
    cosines, own_silhouettes = np.full((2, len(kv)), np.nan, dtype=np.float32)
    labels[rows], cosines[rows], own_silhouettes[rows] = found.labels, found.cosines, found.silhouettes
    return Clusters(
        clusters=_described(kv, rows, found, topn, peripheral), k=choice.k, words=len(rows), broken=broken, zero=zero,
        cosine=found.cosine(random), silhouette=found.silhouette(random),
        chance_words=0 if random is None else len(random.labels), tried=choice.tried, sample=choice.sample,
        mini_batches=len(rows) > FULL, seed=seed, vocabulary=kv.index_to_key, labels=labels, cosines=cosines,
        silhouettes=own_silhouettes, centres=found.centres)


def _rows_with_a_direction(kv: Queries, words: Among | None, oov: Oov) -> tuple[Indices, int, int]:
    """Return the rows to cluster, rising, and the numbers of broken and of zero rows that are left out."""
    rows = np.arange(len(kv)) if words is None else np.unique(kv.rows_among(words, oov))
    if words is not None and not len(rows):
        raise ValueError("there are no words to cluster: " + (
            "none of the words is known" if len(words) and oov == "skip" else "the list of words is empty"))
    lengths = kv.fill_norms()
    usable = rows[~np.isin(rows, lengths.broken)]
    maybe_zero = usable[lengths.norms[usable] == 1]  # zero rows, and shorter ones than float32 has, see `Lengths`
    zero = [part[np.linalg.norm(kv.rows[part], axis=1) < 0.5]
            for start in range(0, len(maybe_zero), _BLOCK) if len(part := maybe_zero[start:start + _BLOCK])]
    zeros = np.concatenate(zero) if zero else np.empty(0, dtype=np.int64)
    found = usable[~np.isin(usable, zeros)]
    if not len(found):
        raise W2VError(f"{kv.source or 'vectors'}: there are no words to cluster: {len(rows) - len(usable):,} of "
                       f"{len(rows):,} have NaN, infinity or too large numbers, and {len(zeros):,} are zero")
    return found, len(rows) - len(usable), len(zeros)


def _described(kv: Queries, rows: Indices, found: Groups, topn: int, peripheral: int) -> tuple[WordCluster, ...]:
    """Return the clusters with their estimates and names."""
    k = len(found.centres)
    order = np.lexsort((-found.cosines, found.labels))
    ends = np.cumsum(np.bincount(found.labels, minlength=k)).tolist()

    def names(which: Indices) -> Names:
        return tuple((kv.index_to_key[rows[i]], float(found.cosines[i])) for i in which)

    clusters = []
    for number, (cosine, silhouette) in enumerate(zip(group_means(found.cosines, found.labels, k),
                                                      group_means(found.silhouettes, found.labels, k), strict=True)):
        members = order[ends[number - 1] if number else 0:ends[number]]
        clusters.append(WordCluster(number, len(members), cosine, silhouette, names(members[:topn]),
                                    names(members[::-1][:peripheral])))
    return tuple(clusters)
