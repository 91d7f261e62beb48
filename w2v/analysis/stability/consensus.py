"""`neighbors_in_runs`: the neighbours of a word with the number of runs in which each occurs.

Place in the data flow: vectors of several runs, a word -> neighbours of all runs -> `NeighborsInRuns`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v.analysis.neighbour_sets import neighbours_among
from w2v.analysis.shared_words import some_shared_rows
from w2v.analysis.stability.average import check_runs
from w2v.analysis.stability.picture import draw_neighbors
from w2v.errors import W2VError
from w2v.formats.keys import Key
from w2v.system.plain import printable_line
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, number
from w2v.types import Floats, Indices
from w2v.vectors.lengths import unit_rows
from w2v.vectors.queries import Queries

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]


@dataclass(frozen=True)
class NeighborInRuns:
    """A neighbour: the number of runs in which it is one of the nearest words, and its mean, lowest and highest cosine
    over all runs."""

    word: str
    runs: int
    cosine: float
    lowest: float
    highest: float


@dataclass(frozen=True, repr=False)
class NeighborsInRuns(Report):
    """Neighbours of a word over several runs.

    Attributes
    ----------
    word : the word.
    runs, topn : number of runs, and of the neighbours in each.
    words : words that all runs have, among which neighbours were searched.
    chance : share of the runs in which a word drawn at random is a neighbour.
    neighbors : those of all runs, those of most runs first; at most `topn`.
    found : distinct neighbours over all runs: `topn` if all runs agree.
    """

    word: str
    runs: int
    topn: int
    words: int
    chance: float
    neighbors: tuple[NeighborInRuns, ...]
    found: int

    def brief(self) -> str:
        return f"{printable_line(self.word)}: " + ", ".join(f"{printable_line(one.word)} {one.runs}/{self.runs}"
                                                            for one in self.neighbors[:3])

    def tables(self) -> list[TextTable]:
        rows = [(printable_line(one.word), f"{one.runs}/{self.runs}", number(one.cosine),
                 f"{number(one.lowest)} - {number(one.highest)}") for one in self.neighbors]
        notes = [f"{self.found:,} words are among the {self.topn} nearest in at least one run; a word drawn at random "
                 f"is one of them in a run with probability {self.chance:.2g}"]
        return [TextTable((printable_line(self.word), "runs", "mean cosine", "lowest - highest"), rows, notes=notes)]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"neighbors": [asdict(one) for one in self.neighbors]}

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the cosine of each neighbour with its range over the runs.

        Parameters and errors as in `Report.plot`.
        """
        return draw_neighbors(self.to_dict(), axes)

    def to_frame(self) -> DataFrame:
        """Return a `pandas.DataFrame` with a row for each neighbour."""
        return frame(asdict(one) for one in self.neighbors)


def neighbors_in_runs(runs: Sequence[Queries], word: Key, topn: int = 10) -> NeighborsInRuns:
    """Return the nearest words of a word over several runs, and in how many of the runs each occurs.

    Neighbours are searched among the words that all runs have. A neighbour in only one of many runs is due to
    the seed or the sample.

    Parameters
    ----------
    runs : vectors of two or more runs.
    word : a key that all runs have.
    topn : number of neighbours in each run, and most of the answer.

    Raises
    ------
    ValueError, TypeError : fewer than two runs, or `topn` below 1.
    UnknownWordError : (a KeyError) the first run does not have the word.
    W2VError : another run does not have it, or its vector is broken or zero in one of them.

    Source
    ------
    Antoniak & Mimno 2018 (Q18-1008).

    Examples
    --------
    >>> runs = [model.wv for model in w2v.train_runs("corpus.txt", runs=10, bootstrap=True)]
    >>> print(w2v.neighbors_in_runs(runs, "river"))
    """
    return neighbors_of_words(runs, [word], topn)[0]


def neighbors_of_words(runs: Sequence[Queries], words: Sequence[Key], topn: int = 10) -> list[NeighborsInRuns]:
    """Return `neighbors_in_runs` of each word; the words that runs share are found once."""
    check_runs(runs)
    if topn < 1:
        raise ValueError(f"topn = {topn} is out of range: 1 or more")
    rows = some_shared_rows(runs, 2, zero=False)
    queries = np.array([_shared(runs, rows, key) for key in words], dtype=np.int64)
    sets = [neighbours_among(run, own, queries, topn) for run, own in zip(runs, rows, strict=True)]
    return [_counted(runs, rows, int(query), [one[at] for one in sets], topn) for at, query in enumerate(queries)]


def _shared(runs: Sequence[Queries], rows: Indices, key: Key) -> int:
    """Return the number of a key among the shared words."""
    row = runs[0].get_index(key)
    word = runs[0].index_to_key[row]
    for place, run in enumerate(runs, 1):
        if word not in run.key_to_index:
            where = f"run {place}" + (f" ({run.source})" if run.source else "")
            raise W2VError(f"the word {word!r:.80} is not in all runs: it has no vector in {where}")
    found = np.flatnonzero(rows[0] == row)
    if not len(found):
        raise W2VError(f"the word {word!r:.80} has NaN, infinity, too large numbers or only zeros in its "
                       "vector in one of the runs, and so no neighbours there")
    return int(found[0])


def _counted(runs: Sequence[Queries], rows: Indices, query: int, sets: list[Indices], topn: int) -> NeighborsInRuns:
    """Return the neighbours of one word, from their numbers in each run."""
    found, counts = np.unique(np.concatenate(sets), return_counts=True)
    known = found >= 0
    found, counts = found[known], counts[known]
    cosines: Floats = np.stack([_cosines(run, own[query], own[found]) for run, own in zip(runs, rows, strict=True)])
    names = runs[0].index_to_key
    order = np.lexsort((-cosines.mean(axis=0), -counts))[:topn]
    neighbors = tuple(NeighborInRuns(names[rows[0, found[at]]], int(counts[at]), float(cosines[:, at].mean()),
                                     float(cosines[:, at].min()), float(cosines[:, at].max())) for at in order)
    return NeighborsInRuns(names[rows[0, query]], len(runs), topn, rows.shape[1],
                           min(1.0, topn / (rows.shape[1] - 1)), neighbors, len(found))


def _cosines(run: Queries, row: int, others: Indices) -> Floats:
    """Return (u,) the cosines of a row with others."""
    one, rest = unit_rows(run.rows[np.array([row])]), unit_rows(run.rows[others])
    cosines: Floats = np.clip((rest @ one[0]).astype(np.float64), -1, 1)
    return cosines
