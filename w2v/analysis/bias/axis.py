"""`axis`: words on an axis of meaning between two sets of words, with intervals and a null model.

Place in the data flow: `KeyedVectors` + anchor words -> direction -> `Axis`: projections, validity of the axis.

Sources
-------
Kozlowski, Taddy & Evans 2019 (American Sociological Review 84, 905); Grand et al. 2022 (Nature Human Behaviour 6, 975).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from w2v.analysis.arguments import check_vectors
from w2v.analysis.bias.anchors import Anchors, accuracy, coherence, projection_replicates
from w2v.analysis.bias.association import interval_of
from w2v.analysis.bias.known_words import known_words, row_of, unit_vectors
from w2v.analysis.bias.picture import draw_axis
from w2v.analysis.bias.word_lists import Words, read_words
from w2v.analysis.estimate import Estimate
from w2v.analysis.linear_map import BLOCK
from w2v.analysis.shared_words import frequency_ranks
from w2v.errors import W2VError
from w2v.evaluation.settings import RESTRICT_VOCAB
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED
from w2v.formats.keys import Key
from w2v.system.plain import printable_line
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, interval, number, p_text
from w2v.types import Floats, Indices, Matrix, Scores, StrPath
from w2v.vectors.queries import Queries

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

COMPARED = 1000
"""Words of similar frequency that a projection is compared with."""

_PERMUTATIONS = 1000  # of the anchors
_LEVEL = 0.05
_BINS = 40
_WORDS = 64  # words at a time
_SHOWN = 8


@dataclass(frozen=True)
class Projection:
    """A word on the axis.

    Attributes
    ----------
    word : in the vocabulary.
    projection : cosine with the axis, -1 to 1, above 0 towards the end. `interval` is from resampled anchors, `chance`
        the mean of words of similar frequency, and `p` the two-sided share of those that are as far from the middle.
    percentile : share of words of similar frequency with a smaller cosine, 0 to 1.
    z : distance from their mean in standard deviations.
    """

    word: str
    projection: Estimate
    percentile: float
    z: float


@dataclass(frozen=True, repr=False)
class Axis(Report):
    """An axis of meaning, and words on it.

    Attributes
    ----------
    start, end : anchor words that are known, by their spelling in the vocabulary.
    pairs : whether the anchors are pairs.
    words : projections, in the order of the words asked for; without such words the most extreme ones, from the start
        to the end.
    extremes : whether the words are the most extreme ones; then their p values are of chosen words and mean nothing.
    unknown, unknown_anchors : words without a vector.
    accuracy : share of anchors on their own side of the axis of the other anchors; None if too few.
    coherence : mean cosine between the differences of pairs; None without pairs.
    mean, deviation : of the cosines of the most frequent words with the axis.
    searched : number of these words.
    bins, histogram : edges (m + 1) and numbers (m) of their histogram.
    vector : (d,) float32 of length 1, from the start to the end; not in `to_dict`.
    """

    start: tuple[str, ...]
    end: tuple[str, ...]
    pairs: bool
    words: tuple[Projection, ...]
    extremes: bool
    unknown: tuple[str, ...]
    unknown_anchors: tuple[str, ...]
    accuracy: Estimate | None
    coherence: Estimate | None
    mean: float
    deviation: float
    searched: int
    bins: tuple[float, ...]
    histogram: tuple[int, ...]
    vector: Scores = field(compare=False)

    def brief(self) -> str:
        return (f"{', '.join(self.start[:2])}, ... to {', '.join(self.end[:2])}, ...; {len(self.words)} words, "
                f"accuracy={number(self.accuracy.value if self.accuracy else None)}")

    def to_dict(self) -> dict[str, Any]:
        values = {spec.name: getattr(self, spec.name) for spec in dataclasses.fields(self) if spec.name != "vector"}
        return values | {
            "words": [{**dataclasses.asdict(one), "projection": one.projection.to_dict()} for one in self.words],
            "accuracy": self.accuracy and self.accuracy.to_dict(),
            "coherence": self.coherence and self.coherence.to_dict()}

    def to_frame(self) -> DataFrame:
        """Return the words as a `pandas.DataFrame`, one row each."""
        return frame({"word": one.word, "projection": one.projection.value,
                      "low": (one.projection.interval or (None, None))[0],
                      "high": (one.projection.interval or (None, None))[1], "chance": one.projection.chance,
                      "p": one.projection.p, "percentile": one.percentile, "z": one.z} for one in self.words)

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the words on the axis with their intervals, and their values by chance.

        Parameters and errors as in `Report.plot`.
        """
        return draw_axis(self.to_dict(), axes)

    def tables(self) -> list[TextTable]:
        rows = [("anchors on their own side", *_cells(self.accuracy))] if self.accuracy else []
        if self.coherence:
            rows.append(("cosine between the differences of pairs", *_cells(self.coherence)))
        validity = [TextTable(("axis", "value", "95 %", "chance", "p"), rows, notes=self._notes())] if rows else [
            TextTable((), [("axis", self.brief())], notes=self._notes())]
        head = ("word", "cosine", "95 %", "chance", "z", "percentile", *(() if self.extremes else ("p",)))
        words = [(printable_line(one.word), number(one.projection.value), interval(one.projection.interval, 3),
                  number(one.projection.chance), f"{one.z:+.1f}", f"{100 * one.percentile:.1f}",
                  *(() if self.extremes else (p_text(one.projection.p if one.projection.p is not None else 1.0),)))
                 for one in self.words]
        if words or self.unknown:
            return [*validity, TextTable(head if words else (), words, notes=self._word_notes())]
        return validity

    def _notes(self) -> list[str]:
        start, end = (f"{', '.join(words[:_SHOWN])}{', ...' if len(words) > _SHOWN else ''} ({len(words)} words)"
                      for words in (self.start, self.end))
        notes = [f"from {start} to {end}"]
        if self.unknown_anchors:
            notes.append(f"unknown anchors: {', '.join(self.unknown_anchors)}")
        if self.accuracy is not None and self.accuracy.p is not None and self.accuracy.p > _LEVEL:
            more = "more pairs" if self.pairs else "more words, or pairs (--pairs)"
            notes.append(f"The share of anchors on their own side may be due to chance: use {more}.")
        if self.accuracy is None:
            notes.append("with one anchor at an end nothing can be left out, so the axis is not checked")
        return list(map(printable_line, notes))

    def _word_notes(self) -> list[str]:
        if not self.words:
            return [printable_line(f"no word is known: {', '.join(self.unknown)}")]
        notes = ["Above 0 is towards the end. 95 %: over the anchor words. chance, z, percentile: against the "
                 f"{COMPARED:,} words of most similar frequency."]
        if self.extremes:
            notes.append(f"The most extreme of the {self.searched:,} most frequent words.")
        if self.unknown:
            notes.append(f"unknown words: {', '.join(self.unknown)}")
        return list(map(printable_line, notes))


def _cells(value: Estimate) -> tuple[str, str, str, str]:
    return (*value.cells(), p_text(value.p))


def axis(kv: Queries, start: Words, end: Words, words: Iterable[Key] | None = None, *, pairs: bool = False,
         topn: int = 10, restrict_vocab: int | None = RESTRICT_VOCAB, case_sensitive: bool = False,
         draws: int = DRAWS, seed: int = SEED, datasets: StrPath | None = None) -> Axis:
    """Project words on the axis from one set of words to another, such as from poor to rich.

    Parameters
    ----------
    kv : the vectors.
    start, end : the anchor words at both ends: lists, or paths of files with a word on each line.
    words : words to project; None for the most extreme ones.
    pairs : start[i] and end[i] belong together: both are resampled and left out together. The axis is the same.
    topn : number of extreme words at each end.
    restrict_vocab : extreme words, mean and histogram are of this many of the most frequent words; None for all.
    case_sensitive : whether words that are unknown as they are written are not looked up in lower case.
    draws : bootstrap replicates for the intervals, 0 for none.
    seed : of these and of the permutations of anchors.
    datasets : folder for names of the registry.

    Returns
    -------
    Axis : projections with intervals and their place among words of similar frequency; how well the anchors fit.

    Raises
    ------
    W2VError : no anchor of an end is known, the ends have the same direction, or a file is not found.
    ValueError : a word is at both ends, the ends of pairs differ in number, or a parameter is out of range.

    Example
    -------
    >>> found = w2v.axis(kv, ["poor", "cheap"], ["rich", "expensive"], ["opera", "bowling"])
    >>> [(one.word, one.projection.value, one.projection.interval) for one in found.words]
    """
    check_vectors("axis", kv)
    if topn < 0 or draws < 0 or seed < 0 or (restrict_vocab is not None and restrict_vocab < 1):
        raise ValueError(f"topn = {topn}, draws = {draws} and seed = {seed} must be 0 or more, and restrict_vocab = "
                         f"{restrict_vocab} 1 or more, or None")
    rows, unknown_anchors = _anchor_rows(kv, read_words(start, datasets), read_words(end, datasets), pairs,
                                         case_sensitive)
    anchors = Anchors(unit_vectors(kv, rows[0]), unit_vectors(kv, rows[1]), pairs)
    length = float(np.linalg.norm(anchors.direction))
    if length < 1e-9:
        raise W2VError("the words at both ends of the axis have the same mean vector: there is no axis")
    direction = anchors.direction / length
    ranks = frequency_ranks(kv)
    by_rank = np.argsort(ranks, kind="stable")
    cosines = _cosines(kv, direction)[by_rank]
    usable = np.isfinite(cosines)
    searched = usable & (np.arange(len(kv)) < (len(kv) if restrict_vocab is None else restrict_vocab))
    unknown: tuple[str, ...] = ()
    if words is None:
        asked = _extremes(cosines, searched, ranks[np.concatenate(rows)], topn, by_rank)
    else:
        known = known_words(kv, words, case_sensitive=case_sensitive)
        asked, unknown = known.rows, known.unknown
    values = cosines[searched].astype(np.float64)
    counted, edges = np.histogram(values, bins=_BINS)
    named = [tuple(kv.index_to_key[row] for row in one) for one in rows]
    return Axis(
        named[0], named[1], pairs, _projections(kv, anchors, asked, cosines, ranks, draws, seed), words is None,
        unknown, unknown_anchors, accuracy(anchors, _PERMUTATIONS, draws, seed),
        coherence(anchors, _PERMUTATIONS, draws, seed),
        float(values.mean()) if len(values) else math.nan, float(values.std()) if len(values) else math.nan,
        len(values), tuple(edges.tolist()), tuple(counted.tolist()), direction.astype(np.float32))


def _anchor_rows(kv: Queries, start: list[Key], end: list[Key], pairs: bool,
                 case_sensitive: bool) -> tuple[list[Indices], tuple[str, ...]]:
    """Return the rows of the anchors at both ends, and the unknown ones; a pair with an unknown word is left out."""
    unknown: tuple[str, ...] = ()
    if pairs:
        if len(start) != len(end):
            raise ValueError(f"pairs need as many words at both ends, not {len(start)} and {len(end)}")
        ends = [known_words(kv, words, case_sensitive=case_sensitive) for words in (start, end)]
        missing = {word for one in ends for word in one.unknown}
        unknown = tuple(sorted(missing))
        both = [(a, b) for a, b in zip(start, end, strict=True) if str(a) not in missing and str(b) not in missing]
        rows = [np.array([row_of(kv, pair[i], case_sensitive=case_sensitive) for pair in both], dtype=np.int64)
                for i in (0, 1)]
    else:
        ends = [known_words(kv, words, case_sensitive=case_sensitive) for words in (start, end)]
        unknown, rows = ends[0].unknown + ends[1].unknown, [one.rows for one in ends]
    for name, one, words in zip(("start", "end"), rows, (start, end), strict=True):
        if not len(one):
            what = "pair" if pairs else f"word at the {name} of the axis"
            raise W2VError(f"no {what} is known (of {', '.join(map(str, words[:_SHOWN])) or 'none'})")
    if len(both_ends := np.intersect1d(rows[0], rows[1])):
        raise ValueError(f"{kv.index_to_key[both_ends[0]]!r} is at both ends of the axis")
    return rows, unknown


def _cosines(kv: Queries, direction: Floats) -> Scores:
    """Return (n,) cosines of all words with a direction, read in blocks; NaN for broken rows."""
    found = np.empty(len(kv), dtype=np.float32)
    inverse, column = kv.fill_norms().inverse, direction.astype(np.float32)
    step = max(1, BLOCK // max(1, kv.vector_size))
    for start in range(0, len(kv), step):
        part = slice(start, start + step)
        block: Matrix = kv.rows[part]
        with np.errstate(invalid="ignore", over="ignore"):
            found[part] = (block @ column) * inverse[part]
    return found


def _extremes(cosines: Scores, searched: npt.NDArray[np.bool_], anchor_ranks: Indices, topn: int,
              by_rank: Indices) -> Indices:
    """Return the rows of the words nearest to both ends, anchors left out."""
    candidates = searched.copy()
    candidates[anchor_ranks] = False
    places = np.flatnonzero(candidates)
    order = places[np.argsort(cosines[places], kind="stable")]
    low = order[:topn]
    return by_rank[np.concatenate((low, order[max(len(low), len(order) - topn):]))]


def _projections(kv: Queries, anchors: Anchors, rows: Indices, cosines: Scores, ranks: Indices, draws: int,
                 seed: int) -> tuple[Projection, ...]:
    """Return the projections of words.

    Parameters
    ----------
    cosines : (n,) with the axis, in the order of ranks.
    """
    found = []
    for start in range(0, len(rows), _WORDS):
        part = rows[start:start + _WORDS]
        replicates = projection_replicates(anchors, unit_vectors(kv, part), draws if anchors.resampled else 0, seed)
        for row, replicated in zip(part, replicates, strict=True):
            own = float(cosines[ranks[row]])
            null = _similar(cosines, int(ranks[row]))
            below = int((null < own).sum())
            side = min(below, int((null > own).sum()))
            p = min(1.0, 2 * (side + 1) / (len(null) + 1))
            spread = float(null.std()) if len(null) else 0.0
            centre = float(null.mean()) if len(null) else 0.0
            estimate = Estimate(own, interval_of(replicated), centre, p)
            found.append(Projection(kv.index_to_key[row], estimate, below / max(1, len(null)),
                                    (own - centre) / spread if spread else 0.0))
    return tuple(found)


def _similar(cosines: Scores, rank: int) -> Floats:
    """Return the cosines of the COMPARED words whose ranks are nearest to a rank, without that word."""
    start = max(0, min(rank - COMPARED // 2, len(cosines) - COMPARED - 1))
    window = np.delete(cosines[start:start + COMPARED + 1], rank - start).astype(np.float64)
    return window[np.isfinite(window)]
