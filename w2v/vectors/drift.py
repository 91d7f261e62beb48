"""`drift`: how far words have moved between two models of the same space, before and after further training.

Place in the data flow: two `KeyedVectors` -> numbers, for the report of a run that began with existing vectors.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, number, percent
from w2v.types import Indices
from w2v.vectors.table import Table

if TYPE_CHECKING:
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

FAR = 0.5
"""A word whose cosine with its own old vector is below this has moved far: it is used differently."""

_BLOCK = 1 << 18  # numbers compared at a time


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
    """

    words: int
    mean_cosine: float
    share_far: float
    moved: tuple[Moved, ...]

    def brief(self) -> str:
        return f"words={self.words}, mean_cosine={self.mean_cosine:.4f}, share_far={self.share_far:.4f}"

    def tables(self) -> list[TextTable]:
        facts = [("words", f"{self.words:,}"), ("mean cosine", number(self.mean_cosine)),
                 (f"cosine below {FAR:g}", percent(self.share_far))]
        return [TextTable((), facts), TextTable(("word", "cosine"), [(one.word, number(one.cosine))
                                                                     for one in self.moved])]

    def to_frame(self) -> DataFrame:
        """Return the words that moved most as a `pandas.DataFrame` with the columns "word" and "cosine"."""
        return frame(asdict(one) for one in self.moved)


def drift(old: Table, new: Table, topn: int = 10) -> Drift:
    """Compare the words that two models share.

    Cosines between models are meaningful only if one was trained further from the other (`train(..., init=old)`):
    models that were trained independently have different spaces.

    Parameters
    ----------
    old, new : vectors of the same dimension. If `new` has counts, only words that occurred in its corpus are compared.
    topn : number of the most moved words to name, at least 0.

    Raises
    ------
    ValueError : the dimensions differ, or `topn` is negative.

    Example
    -------
    >>> model = w2v.train("new.txt", init=old)
    >>> report = w2v.drift(old, model.wv)
    >>> report.mean_cosine, [moved.word for moved in report.moved]
    """
    if old.vector_size != new.vector_size:
        raise ValueError(f"vectors of dimension {old.vector_size} and {new.vector_size} cannot be compared")
    if topn < 0:
        raise ValueError(f"topn = {topn} is out of range: it must be 0 or more")
    rows = np.array([-1 if (row := new.key_to_index.get(word)) is None else row for word in old.index_to_key],
                    dtype=np.int64)
    compared = rows >= 0
    if new.counts is not None:
        compared[compared] = new.counts[rows[compared]] > 0
    before = np.flatnonzero(compared)
    cosines = _cosines(old, before, new, rows[before])
    if not len(cosines):
        return Drift(0, float("nan"), 0.0, ())
    first = np.argsort(cosines, kind="stable")[:topn]
    moved = tuple(Moved(old.index_to_key[before[i]], float(cosines[i])) for i in first)
    return Drift(len(cosines), float(cosines.mean()), float((cosines < FAR).mean()), moved)


def _cosines(old: Table, before: Indices, new: Table, after: Indices) -> npt.NDArray[np.float64]:
    """Return the cosine of each pair of rows, in blocks; 1 for equal rows, 0 if one of two different rows is zero."""
    cosines = np.empty(len(before))
    step = max(1, _BLOCK // old.vector_size)
    for start in range(0, len(before), step):
        part = slice(start, start + step)
        a, b = (table.rows[rows[part]].astype(np.float64) for table, rows in ((old, before), (new, after)))
        lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        same = (a == b).all(axis=1)
        cosines[part] = np.where(same, 1.0, (a * b).sum(axis=1) / np.where(lengths > 0, lengths, 1.0))
    return np.clip(cosines, -1.0, 1.0)
