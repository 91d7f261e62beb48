"""`drift`: how far words have moved between two models of the same space, before and after further training.

Place in the data flow: two `KeyedVectors` -> numbers, for the report of a run that began with existing vectors.
"""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2v.analysis.arguments import check_vectors
from w2v.analysis.differences.picture import FAR, draw_drift
from w2v.analysis.differences.relation import OTHER_SPACE, held_out, not_measured
from w2v.analysis.rotation import paired_cosines
from w2v.analysis.shared_words import shared_rows
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, number, percent
from w2v.vectors.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

@dataclass(frozen=True)
class Moved:
    """A word and the cosine of its new vector with its old one."""

    word: str
    cosine: float


@dataclass(frozen=True, repr=False)
class Drift(Report):
    """How far words have moved.

    Attributes
    ----------
    words : number of words compared: in both models, and with a count above 0 in the new one if it has counts.
    mean_cosine : mean cosine of the new vector with the old one; NaN if there are no such words.
    share_far : share of words with a cosine below `FAR`, 0 to 1.
    moved : the words that moved most, lowest cosine first.
    rotation_gain : by how much a rotation of the whole new space raises the mean cosine of words other than those it
        was fitted to (orthogonal Procrustes). About 0 if one model was trained further from the other; None if there
        are too few words to tell, or too many dimensions.
    """

    words: int
    mean_cosine: float
    share_far: float
    moved: tuple[Moved, ...]
    rotation_gain: float | None = None

    @property
    def same_space(self) -> bool:
        """Whether the two models have one space, so that the cosines have a meaning; True if that is not known."""
        return self.rotation_gain is None or self.rotation_gain <= OTHER_SPACE

    def brief(self) -> str:
        space = "" if self.same_space else ", same_space=False"
        return f"words={self.words}, mean_cosine={self.mean_cosine:.4f}, share_far={self.share_far:.4f}{space}"

    def tables(self) -> list[TextTable]:
        facts = [("words", f"{self.words:,}"), ("mean cosine", number(self.mean_cosine)),
                 (f"cosine below {FAR:g}", percent(self.share_far))]
        return [TextTable((), facts, notes=list(filter(None, [self._note()]))),
                TextTable(("word", "cosine"), [(one.word, number(one.cosine)) for one in self.moved])]

    def _note(self) -> str:
        if self.rotation_gain is None:
            return (f"whether the models have one space was not measured: {not_measured(self.words)}; of models that "
                    "were trained independently these cosines mean nothing")
        return "" if self.same_space else f"different spaces: {_ADVICE}"

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the cosines of the words that moved most, and the mean of all words.

        Parameters and errors as in `Report.plot`.
        """
        return draw_drift(self.to_dict(), axes)

    def to_frame(self) -> DataFrame:
        """Return the words that moved most as a `pandas.DataFrame` with the columns "word" and "cosine"."""
        return frame(asdict(one) for one in self.moved)


_ADVICE = ("the models seem to be trained independently, and then cosines between them mean nothing; train one further "
           "from the other: w2v.train(..., init=old)")


def drift(old: Table, new: Table, topn: int = 10) -> Drift:
    """Compare the words that two models share.

    Cosines between models are meaningful only if one was trained further from the other (`train(..., init=old)`):
    models that were trained independently have different spaces, which is recognised and reported (`Drift.same_space`).

    Parameters
    ----------
    old, new : vectors of the same dimension. If `new` has counts, only words that occurred in its corpus are compared.
    topn : number of the most moved words to name, at least 0.

    Raises
    ------
    ValueError : the dimensions differ, or `topn` is negative.

    Warns
    -----
    UserWarning : the models have different spaces.

    Source
    ------
    Schönemann 1966 (A generalized solution of the orthogonal Procrustes problem).

    Example
    -------
    >>> model = w2v.train("new.txt", init=old)
    >>> report = w2v.drift(old, model.wv)
    >>> report.mean_cosine, [moved.word for moved in report.moved]
    """
    check_vectors("drift", old, new)
    if old.vector_size != new.vector_size:
        raise ValueError(f"vectors of dimension {old.vector_size} and {new.vector_size} cannot be compared")
    if topn < 0:
        raise ValueError(f"topn = {topn} is out of range: it must be 0 or more")
    before, after = shared_rows([old, new])
    if new.counts is not None:
        occurred = new.counts[after] > 0
        before, after = before[occurred], after[occurred]
    cosines = paired_cosines(old, before, new, after)
    if not len(cosines):
        return Drift(0, float("nan"), 0.0, ())
    first = np.argsort(cosines, kind="stable")[:topn]
    moved = tuple(Moved(old.index_to_key[before[i]], float(cosines[i])) for i in first)
    measured = held_out(old, before, new, after)
    gain = None if measured is None else measured.gain
    found = Drift(len(cosines), float(cosines.mean()), float((cosines < FAR).mean()), moved, gain)
    if not found.same_space:
        warnings.warn(f"a rotation of the whole space raises the mean cosine by {gain:.2f}: {_ADVICE}", stacklevel=2)
    return found
