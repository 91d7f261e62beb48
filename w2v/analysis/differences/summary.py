"""Computes the parts of a `Difference`: values of words, bands of frequency, the fit of the spaces, words that moved.

Place in the data flow: `Moves` of all words -> the parts of the result.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import nan

import numpy as np

from w2v.analysis.differences.moves import Moves
from w2v.analysis.differences.parts import Alignment, Band, Mover, WordMoves
from w2v.analysis.differences.relation import held_out
from w2v.analysis.estimate import Estimate
from w2v.analysis.shared_words import band_name, frequency_bands
from w2v.evaluation.statistics.significance import benjamini_hochberg
from w2v.evaluation.statistics.student import NORMAL, student_interval
from w2v.types import Counts, Floats, Indices
from w2v.vectors.queries import Queries

_SHOWN = 3  # neighbours lost and gained of a word
_DRAWS = 1000  # bootstrap replicates of the mean over a sample


def is_of_bootstrap(kv: Queries) -> bool:
    """Whether vectors were trained on a bootstrap sample of a text, by their model card."""
    try:
        about = json.loads(kv.metadata.get("corpus", "{}"))
    except ValueError:
        return False
    return isinstance(about, dict) and bool(about.get("bootstrap"))


def each_word(old: Queries, new: Queries, rows: Indices, cosine: Moves | None, kept: Moves, queries: Indices,
              order: Indices, by: str) -> WordMoves:
    """Return the values of all words.

    Parameters
    ----------
    rows : (2, m) rows of the words in the old and the new vectors.
    cosine : of all words; None if there are no cosines.
    kept : overlap of the words with the places `queries`.
    by : the ranking; "neighbors" takes the p value of the overlap, the others that of the cosine.
    """
    m = rows.shape[1]

    def everywhere(values: Floats) -> Floats:
        found = np.full(m, nan)
        found[queries] = values
        return found

    if cosine is None:
        unknown = np.full(m, nan)
        cosine = Moves(unknown, unknown, unknown, unknown)
    p = everywhere(kept.p) if by == "neighbors" else cosine.p
    return WordMoves(
        old.index_to_key, rows[0], rows[1], _counts(old, rows[0]), _counts(new, rows[1]),
        cosine.similarity, cosine.expected, cosine.z, everywhere(kept.similarity), everywhere(kept.expected),
        everywhere(kept.z), p, benjamini_hochberg(p), order)


def alignment(old: Queries, new: Queries, rows: Indices, applied: bool, seed: int) -> Alignment | None:
    """Return how the spaces fit each other; None if there are too few words or too many dimensions to measure it."""
    found = held_out(old, rows[0], new, rows[1])
    if found is None:
        return None
    before = Estimate.mean(found.plain, draws=_DRAWS, seed=seed)
    after = Estimate.mean(found.rotated, chance=float(found.chance.mean()), draws=_DRAWS, seed=seed)
    return Alignment(applied, before, after, found.related)


def bands(each: WordMoves, sampled: Indices, fit: Alignment | None, tested: bool, neighbors: int, threshold: float,
          seed: int) -> list[Band]:
    """Return all words as one band, and the bands of frequency.

    Parameters
    ----------
    sampled : rising places of the words of the sample.
    tested : whether there are runs.
    """
    m = len(each.order)
    numbers = frequency_bands(np.arange(m))
    chance = None if fit is None or not fit.applied else fit.after.chance
    found: list[Band] = []
    for band in range(int(numbers.max()) + 1):
        start, stop = np.searchsorted(numbers, [band, band + 1]).tolist()
        own = sampled[(sampled >= start) & (sampled < stop)]
        found.append(_band(each, slice(start, stop), own, band_name(band), chance, tested, neighbors, threshold, seed))
    total = _band(each, slice(0, m), sampled, "all", chance, tested, neighbors, threshold, seed)
    kept, within = _weighted(found, total.overlap.chance)
    return [Band(total.name, m, total.cosine, total.cosine_within, total.below, kept, within, len(sampled)), *found]


def _band(each: WordMoves, part: slice, own: Indices, name: str, chance: float | None, tested: bool, neighbors: int,
          threshold: float, seed: int) -> Band:
    """Return the words of a range of places, with those of the sample, `own`."""
    cosines, m = each.cosine[part], len(each.order)
    known = cosines[~np.isnan(cosines)]
    by_chance = min(1.0, neighbors / (m - 1)) if m > 1 else None
    return Band(
        name, len(cosines), Estimate.mean(known, chance=chance, draws=_DRAWS, seed=seed),
        float(each.expected_cosine[part].mean()) if tested else None,
        Estimate.share(int((known < threshold).sum()), len(known), seed=seed),
        Estimate.mean(each.overlap[own], chance=by_chance, draws=_DRAWS, seed=seed),
        _known_mean(each.expected_overlap[own]) if tested else None, len(own))


def _weighted(parts: list[Band], chance: float | None) -> tuple[Estimate, float | None]:
    """Return the mean overlap of all words, from a sample that has about as many of each band: bands by their words.

    The interval adds the variances of the bands, as of a stratified sample (Cochran 1977, equation 5.6).
    """
    known = [band for band in parts if not np.isnan(band.overlap.value)]
    words = sum(band.words for band in known)
    if not words:
        return Estimate(nan, None, chance), None
    weights = [band.words / words for band in known]
    mean = sum(w * band.overlap.value for w, band in zip(weights, known, strict=True))
    error = sum((w * _error(band.overlap)) ** 2 for w, band in zip(weights, known, strict=True)) ** 0.5
    within = [band.overlap_within for band in known if band.overlap_within is not None]
    low, high = student_interval(mean, error)
    return (Estimate(mean, (max(0.0, low), min(1.0, high)), chance),
            sum(w * value for w, value in zip(weights, within, strict=True)) if within else None)


def _error(value: Estimate) -> float:
    """Return the standard error of an estimate, from its interval."""
    return 0.0 if value.interval is None else (value.interval[1] - value.interval[0]) / (2 * NORMAL)


def movers(each: WordMoves, places: Indices, queries: Indices, before: Indices, after: Indices) -> Iterator[Mover]:
    """Yield the words with these places.

    Parameters
    ----------
    queries : rising places of the words whose neighbours are known.
    before, after : (q, k) their old and new neighbours, as places.
    """
    at = np.searchsorted(queries, places)
    for place, i in zip(places.tolist(), at.tolist(), strict=True):
        old, new = before[i].tolist(), after[i].tolist()
        yield Mover(
            each.word(place), place + 1, _count(each.old_count, place), _count(each.new_count, place),
            _at(each.cosine, place), _at(each.expected_cosine, place), _at(each.z, place), _at(each.overlap, place),
            _at(each.expected_overlap, place), _at(each.overlap_z, place), _at(each.p, place), _at(each.q, place),
            _only(each, old, new), _only(each, new, old))


def _only(each: WordMoves, places: list[int], others: list[int]) -> tuple[str, ...]:
    """Return the first words that are not among the others."""
    known = set(others)
    found = [place for place in places if place >= 0 and place not in known]
    return tuple(each.word(place) for place in found[:_SHOWN])


def _counts(kv: Queries, rows: Indices) -> Counts | None:
    return None if kv.counts is None else kv.counts[rows]


def _count(counts: Counts | None, place: int) -> int | None:
    return None if counts is None else int(counts[place])


def _at(values: Floats, place: int) -> float | None:
    return None if np.isnan(values[place]) else float(values[place])


def _known_mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else nan
