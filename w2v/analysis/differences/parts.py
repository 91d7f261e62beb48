"""Parts of a `Difference`: words that moved, bands of frequency, the fit of the spaces, values of each word.

Place in the data flow: `summary.py` -> parts -> `Difference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from w2v.analysis.differences.relation import OTHER_SPACE
from w2v.analysis.estimate import Estimate
from w2v.types import Counts, Floats, Indices


@dataclass(frozen=True)
class Mover:
    """A word that moved.

    Attributes
    ----------
    word : the word.
    rank : its frequency rank among the words compared, from 1.
    old_count, new_count : its counts; None where they are not known.
    cosine : of its old and its new vector after alignment; with runs the mean over all pairs of an old and a new run.
    expected_cosine : median of words of similar frequency; with runs the mean over the pairs of runs of one text.
    z : by how many robust standard deviations expected_cosine - cosine exceeds that of words of similar frequency.
    overlap, expected_overlap, overlap_z : the same for the share of nearest neighbours that it kept; None if its
        neighbours were not compared.
    p, q : probability of such a move between runs of one text, and adjusted for the number of words
        (Benjamini-Hochberg); of the overlap if words are ranked by neighbours only, otherwise of the cosine. None
        without runs.
    lost, gained : the nearest of the old neighbours that are not among the new ones, and the reverse.
    """

    word: str
    rank: int
    old_count: int | None
    new_count: int | None
    cosine: float | None
    expected_cosine: float | None
    z: float | None
    overlap: float | None
    expected_overlap: float | None
    overlap_z: float | None
    p: float | None
    q: float | None
    lost: tuple[str, ...]
    gained: tuple[str, ...]


@dataclass(frozen=True)
class Band:
    """Words of one range of frequency.

    Attributes
    ----------
    name : such as "rank 101 - 1,000", of ranks among the words compared.
    words : number of words compared.
    cosine : mean cosine, with its value by chance: of words with other words of the same frequency.
    cosine_within : mean cosine between runs of one text; None without runs.
    below : share of words with a cosine below the threshold.
    overlap : mean share of neighbours kept, from the sample, with its value by chance.
    overlap_within : between runs of one text; None without runs.
    sampled : number of words of the sample.
    """

    name: str
    words: int
    cosine: Estimate
    cosine_within: float | None
    below: Estimate
    overlap: Estimate
    overlap_within: float | None
    sampled: int


@dataclass(frozen=True)
class Alignment:
    """How the spaces fit each other, measured with words that the rotation was not fitted to.

    Attributes
    ----------
    applied : whether the old space was rotated.
    before, after : mean cosine without and with a rotation; `after.chance` is that of words with other words of about
        the same frequency.
    related : whether words are nearer to themselves than to other words; None if that cannot be told.
    """

    applied: bool
    before: Estimate
    after: Estimate
    related: bool | None

    @property
    def same_space(self) -> bool:
        """Whether the spaces are aligned already, because one model was trained further from the other."""
        return self.after.value - self.before.value <= OTHER_SPACE

    def to_dict(self) -> dict[str, Any]:
        return {"applied": self.applied, "before": self.before.to_dict(), "after": self.after.to_dict(),
                "same_space": self.same_space, "related": self.related}


@dataclass(frozen=True, eq=False, repr=False)
class WordMoves:
    """Values of all m words compared, most frequent word first; names and meanings are those of `Mover`.

    Attributes
    ----------
    words : of all rows of the old vectors.
    old_rows, new_rows : (m,) rows of each word.
    order : (m,) places of the words, those that moved most first.
    """

    words: Sequence[str]
    old_rows: Indices
    new_rows: Indices
    old_count: Counts | None
    new_count: Counts | None
    cosine: Floats
    expected_cosine: Floats
    z: Floats
    overlap: Floats
    expected_overlap: Floats
    overlap_z: Floats
    p: Floats
    q: Floats
    order: Indices

    def word(self, place: int) -> str:
        """Return the word with a place in the order of frequency."""
        return self.words[int(self.old_rows[place])]

    @cached_property
    def moved_rank(self) -> Indices:
        """(m,) rank of each word by how far it moved, from 1."""
        ranks = np.empty(len(self.order), dtype=np.int64)
        ranks[self.order] = np.arange(1, len(self.order) + 1)
        return ranks

    def columns(self) -> dict[str, Any]:
        """Return the values by name, each (m,), without those that are not known of any word."""
        found: dict[str, Any] = {"rank": np.arange(1, len(self.order) + 1), "moved_rank": self.moved_rank}
        found |= {name: values for name in ("old_count", "new_count") if (values := getattr(self, name)) is not None}
        return found | {name: values for name in _NUMBERS if not np.isnan(values := getattr(self, name)).all()}


_NUMBERS = ("cosine", "expected_cosine", "z", "overlap", "expected_overlap", "overlap_z", "p", "q")
