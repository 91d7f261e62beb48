"""How far words have moved between two models of the same space: before and after training went on.

Place in the data flow: two `KeyedVectors` -> numbers, for the report of a run that began with old vectors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from w2v.vectors.queries import Queries

FAR = 0.5  # a cosine with its own old vector below this: the word has become another one
_BLOCK = 1 << 18  # numbers compared at a time


@dataclass(frozen=True)
class Moved:
    """A word and the cosine of its new vector with its old one."""

    word: str
    cosine: float


@dataclass(frozen=True)
class Drift:
    """How far words have moved.

    Attributes
    ----------
    words : compared: in both models, and counted in the new one where that has counts.
    mean_cosine : mean over them of the cosine of the new vector with the old one; NaN if there are none.
    share_far : share of them with a cosine below `FAR`.
    moved : the most moved words, least cosine first.
    """

    words: int
    mean_cosine: float
    share_far: float
    moved: tuple[Moved, ...]


def drift(old: Queries, new: Queries, topn: int = 10) -> Drift:
    """Compare the words that both models have; of the new one, where it has counts, those that occurred in its text.

    Cosines between models say something only where one went on from the other (`train(..., init=old)`): two models that
    each began by themselves have spaces of their own.

    Parameters
    ----------
    topn : how many of the most moved words to name, at least 0.

    Raises
    ------
    ValueError : the dimensions differ, or `topn` is negative.
    """
    if old.vector_size != new.vector_size:
        raise ValueError(f"vectors of dimension {old.vector_size} and {new.vector_size} cannot be compared")
    if topn < 0:
        raise ValueError(f"topn = {topn} is out of range: 0 or more")
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


def _cosines(
    old: Queries, before: npt.NDArray[np.int64], new: Queries, after: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Cosine of each pair of rows, in blocks; 1 where neither has a length, 0 where one has none."""
    cosines = np.empty(len(before))
    step = max(1, _BLOCK // old.vector_size)
    for start in range(0, len(before), step):
        part = slice(start, start + step)
        a, b = (kv.rows[rows[part]].astype(np.float64) for kv, rows in ((old, before), (new, after)))
        lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        same = (a == b).all(axis=1)
        cosines[part] = np.where(same, 1.0, (a * b).sum(axis=1) / np.where(lengths > 0, lengths, 1.0))
    return np.clip(cosines, -1.0, 1.0)
