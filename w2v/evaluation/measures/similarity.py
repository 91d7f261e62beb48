"""Word similarity: how the cosines of pairs of words go with the scores that people gave them.

Place in the data flow: pairs with scores + vectors -> `SimilarityResult`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from w2v.evaluation.measures.lookup import Lookup, Rows
from w2v.evaluation.results import Items, SimilarityResult
from w2v.evaluation.sets.lines import Pair
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED, Floats, pearson_draws, percentiles, spearman_draws
from w2v.evaluation.statistics.correlation import pearson, spearman
from w2v.types import Interval


def pair_cosines(lookup: Lookup, first: Rows, second: Rows) -> Floats:
    """(n,) float64 cosines of rows, NaN where one of the two is -1.

    They are products in float32, pair by pair, as gensim computes them: products in float64 are nearer to the truth by
    1e-8, and can order two pairs the other way round.
    """
    cosines = np.full(len(first), np.nan)
    known = (first >= 0) & (second >= 0)
    a, b = (lookup.kv.unit_vectors(side[known]) for side in (first, second))
    cosines[known] = [float(np.dot(x, y)) for x, y in zip(a, b, strict=True)]
    return cosines


def score_pairs(
    lookup: Lookup, name: str, pairs: Sequence[Pair], *, restrict_vocab: int | None = None,
    unknown_as_zero: bool = False, draws: int = DRAWS, seed: int = SEED,
) -> SimilarityResult:
    """Correlations over the known pairs, and over all of them; `unknown_as_zero` makes the latter the result."""
    limit = lookup.limit(restrict_vocab)
    rows = np.array([(lookup.row(a, limit), lookup.row(b, limit)) for a, b, _ in pairs], dtype=np.int64)
    gold = np.array([score for _, _, score in pairs])
    cosines = pair_cosines(lookup, *rows.T)
    known = ~np.isnan(cosines)
    filled = np.nan_to_num(cosines)
    used = np.ones_like(known) if unknown_as_zero else known
    return SimilarityResult(
        name, spearman(gold[used], filled[used]), pearson(gold[used], filled[used]), int(used.sum()),
        int((~known).sum()), interval=_interval(gold[used], filled[used], "spearman", draws, seed),
        pearson_interval=_interval(gold[used], filled[used], "pearson", draws, seed),
        spearman_all=spearman(gold, filled), pearson_all=pearson(gold, filled), total=len(pairs),
        items=Items(cosines, gold))


def _interval(gold: Floats, cosines: Floats, which: str, draws: int, seed: int) -> Interval | None:
    if not draws or pearson(gold, cosines) is None:
        return None
    draw = spearman_draws if which == "spearman" else pearson_draws
    return percentiles(draw(gold, [cosines], draws, seed)[0])
