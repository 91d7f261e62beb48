"""`stability`: how much of a space is the same in runs with other seeds or other samples of the corpus.

Place in the data flow: vectors of several runs -> neighbours and aligned cosines of a sample of words -> `Stability`.

Sources
-------
Antoniak & Mimno 2018 (Q18-1008), Wendlandt et al. 2018 (N18-1190), Hellrich & Hahn 2016 (C16-1262): the share of common
neighbours between runs. The Jaccard index that the first uses is o / (2 - o) for sets with the overlap o.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from w2v.analysis.estimate import Estimate
from w2v.analysis.neighbour_sets import neighbours_among, overlap
from w2v.analysis.rotation import fit_rotation, paired_cosines
from w2v.analysis.samples import drawn_from_bands
from w2v.analysis.shared_words import band_name, frequency_bands, frequency_ranks, some_shared_rows
from w2v.analysis.stability.average import check_runs, rotations_to_mean
from w2v.analysis.stability.result import MEASURES, BandStability, Stability, WordStability
from w2v.errors import W2VError
from w2v.evaluation.statistics.bootstrap import DRAWS, mean_replicates, percentile_interval
from w2v.formats.keys import Key, as_key
from w2v.types import Floats, Indices
from w2v.vectors.lengths import unit_rows
from w2v.vectors.queries import Queries

SAMPLE = 2_000  # words
_FITTED = 50_000  # most frequent words by which spaces are aligned; a rotation of 300 dimensions has 45,000 numbers
_DRAWN = 5_000_000  # words drawn for an interval, over all of its replicates
_LEAST_DRAWS = 100
_BINS = 10


def stability(runs: Sequence[Queries], *, words: Sequence[Key] | None = None, topn: int = 10,
              sample: int | None = SAMPLE, seed: int = 1) -> Stability:
    """Measure how much several runs agree: on the neighbours of words, and on their vectors after alignment.

    Runs that differ only in their seed give the variation of the training; bootstrap samples of the corpus
    (`w2v.train_runs(..., bootstrap=True)`) also that of the text. Neighbours are searched among the words that all runs
    have.

    Parameters
    ----------
    runs : vectors of two or more runs; overlap needs no equal dimensions.
    words : measure these words, instead of a sample. Those that are not in all runs are named in the result.
    topn : number of neighbours, at least 1.
    sample : number of words to measure, drawn from each frequency band alike; means over all words weight the bands by
        their size. None for all words.
    seed : of the sample and the intervals.

    Returns
    -------
    Each number with a 95 % interval (bootstrap over words) and its value by chance: for neighbours of sets drawn at
    random, for cosines of runs whose words are shuffled and then aligned.

    Raises
    ------
    ValueError, TypeError : fewer than two runs, no vectors, or an option out of range.
    W2VError : the runs share fewer than three words, or none of `words`.

    Source
    ------
    Antoniak & Mimno 2018 (Q18-1008); Wendlandt et al. 2018 (N18-1190); Hellrich & Hahn 2016 (C16-1262).

    Examples
    --------
    >>> runs = [w2v.load(path) for path in ("v.safetensors", "v.run2.safetensors")]
    >>> w2v.stability(runs).overlap.value
    >>> w2v.stability(runs, words=["river", "bank"]).to_frame()
    """
    check_runs(runs)
    for name, value in (("topn", topn), ("sample", sample)):
        if value is not None and value < 1:
            raise ValueError(f"{name} = {value} is out of range: 1 or more")
    rows = some_shared_rows(runs, 3, zero=False)
    ranks = frequency_ranks(runs[0])[rows[0]]
    bands = frequency_bands(ranks)
    unknown: tuple[str, ...] = ()
    if words is None:
        chosen = drawn_from_bands(bands, sample, seed)
        sizes = np.bincount(bands, minlength=int(bands.max()) + 1)
    else:
        chosen, unknown = _numbers(runs[0], rows[0], words)
        sizes = np.bincount(bands[chosen], minlength=int(bands.max()) + 1)
    sets = [neighbours_among(run, own, chosen, topn) for run, own in zip(runs, rows, strict=True)]
    by_pair = {pair: overlap(sets[pair[0]], sets[pair[1]]) for pair in combinations(range(len(runs)), 2)}
    cosines, chance_of_cosine = _cosines(runs, rows, chosen, seed)
    values = np.stack((np.mean(list(by_pair.values()), axis=0), overlap(*sets), cosines))
    share = min(1.0, topn / (rows.shape[1] - 1))
    chances: dict[str, float] = dict(zip(MEASURES, (share, share ** (len(runs) - 1), chance_of_cosine), strict=True))
    by_band, overall = _estimates(values, bands[chosen], sizes, chances, seed)
    weights = sizes[bands[chosen]] / np.bincount(bands[chosen], minlength=len(sizes))[bands[chosen]]
    weights = weights / weights.sum()
    names = runs[0].index_to_key
    per_word = tuple(WordStability(names[rows[0, number]], int(ranks[number]) + 1, *map(float, measured))
                     for number, measured in zip(chosen, values.T, strict=True))
    histogram, _ = np.histogram(values[0], _BINS, (0, 1), weights=weights)
    return Stability(
        runs=len(runs), topn=topn, words=rows.shape[1], words_left_out=tuple(len(run) - rows.shape[1] for run in runs),
        words_measured=len(chosen), words_unknown=unknown, words_given=words is not None, seed=seed, **overall,
        by_band=by_band, pairs=tuple((i + 1, j + 1, float(one @ weights)) for (i, j), one in by_pair.items()),
        deciles=_deciles(values[0], weights), histogram=tuple(map(float, histogram)), per_word=per_word)


def _numbers(first: Queries, rows: Indices, words: Sequence[Key]) -> tuple[Indices, tuple[str, ...]]:
    """Return the numbers of given words among the shared ones, in their order, and the words that are not shared."""
    if isinstance(words, str):
        raise TypeError(f"words must be a list of words, not {words!r:.80}")
    number = np.full(len(first) + 1, -1, dtype=np.int64)  # the last one for words that the first run does not have
    number[rows] = np.arange(len(rows))
    keys = list(dict.fromkeys(map(as_key, words)))
    found = number[[first.get_index(key, -1) if first.has_index_for(key) else -1 for key in keys]]
    unknown = tuple(str(key) for key, one in zip(keys, found, strict=True) if one < 0)
    if len(unknown) == len(keys):
        shown = f" ({', '.join(unknown[:3])})" if unknown else ""
        raise W2VError(f"none of the {len(keys):,} words{shown} has a vector in all runs: there is nothing to measure")
    return np.array(list(dict.fromkeys(found[found >= 0].tolist())), dtype=np.int64), unknown


def _cosines(runs: Sequence[Queries], rows: Indices, chosen: Indices, seed: int) -> tuple[Floats, float]:
    """Return (q,) the mean over runs of the cosine of a word with the mean of the other runs, after all are aligned,
    and its mean by chance. NaN if the dimensions differ."""
    if len({run.vector_size for run in runs}) > 1:
        return np.full(len(chosen), np.nan), np.nan
    fitted = rows[:, np.sort(np.argsort(rows[0], kind="stable")[:_FITTED])]
    changes = rotations_to_mean(runs, fitted)
    spaces = [unit_rows(change(run.rows[own[chosen]])) for run, own, change in zip(runs, rows, changes, strict=True)]
    total = np.sum(spaces, axis=0, dtype=np.float64)
    cosines = []
    for space in spaces:
        others = total - space
        lengths = np.linalg.norm(others, axis=1)
        cosines.append((space * others).sum(axis=1) / np.where(lengths > 0, lengths, 1))
    first, second = runs[:2]
    shuffled = np.random.default_rng(seed).permutation(fitted[1])
    chance = paired_cosines(second, shuffled, first, fitted[0], fit_rotation(second, shuffled, first, fitted[0]))
    return np.mean(cosines, axis=0), float(chance.mean())


def _estimates(values: Floats, bands: Indices, sizes: Indices, chances: dict[str, float], seed: int,
               ) -> tuple[tuple[BandStability, ...], dict[str, Estimate]]:
    """Return the means (3, q) of the measures by band, and over all words, to which each band counts by its size."""
    draws = max(_LEAST_DRAWS, min(DRAWS, _DRAWN // len(bands)))
    total, replicates, found = np.zeros(len(values)), np.zeros((len(values), draws)), []
    for band in np.unique(bands):
        own = values[:, bands == band]
        drawn = mean_replicates(own, draws, seed + int(band)) if own.shape[1] > 1 else np.repeat(own, draws, axis=1)
        share = sizes[band] / sizes.sum()
        total += share * own.mean(axis=1)
        replicates += share * drawn
        means = {name: _estimate(float(mean), one, chances[name], own.shape[1])
                 for name, mean, one in zip(MEASURES, own.mean(axis=1), drawn, strict=True)}
        found.append(BandStability(band_name(int(band)), int(sizes[band]), own.shape[1], **means))
    overall = {name: _estimate(float(mean), one, chances[name], len(bands))
               for name, mean, one in zip(MEASURES, total, replicates, strict=True)}
    return tuple(found), overall


def _estimate(mean: float, replicates: Floats, chance: float, n: int) -> Estimate:
    known = np.isfinite(mean)
    interval = percentile_interval(replicates) if n > 1 and known else None
    return Estimate(mean, interval, chance if known else None)


def _deciles(values: Floats, weights: Floats) -> tuple[float, ...]:
    """Return the 11 values below which 0 %, 10 %, ..., 100 % of all words are."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    at = np.searchsorted(below, np.linspace(0, 1, 11) - 1e-12)
    return tuple(map(float, values[order][np.minimum(at, len(values) - 1)]))
