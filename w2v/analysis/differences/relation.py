"""The rotation between two spaces that robustly fits their shared words, and whether it shows that they are related.

Place in the data flow: rows of shared words in two spaces -> rotation, and cosines of words it was not fitted to.

Sources: see `w2v.analysis.rotation` (Procrustes) and `w2v.analysis.trimmed`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from w2v.analysis.linear_map import LinearMap
from w2v.analysis.rotation import fit_rotation, paired_cosines
from w2v.analysis.trimmed import agreeing
from w2v.types import Floats, Indices
from w2v.vectors.table import Table

FITTED = 20_000
"""Most frequent words to which a rotation is fitted: their vectors have the least noise."""

OTHER_SPACE = 0.1
"""Gain of a rotation above which two models have different spaces.

A rotation of the whole space leaves all cosines within a model as they are. Measured with 20 and 100 dimensions,
skip-gram and CBOW, on 2 million words: it raises the mean cosine by 0.004 at most between a model and one trained
further from it, for 3 and for 20 epochs, and by 0.22 to 1.08 between models trained independently, also from the same
seed."""

_SAMPLE = 10_000  # first words by which the relation is measured
_LEAST_SAMPLE = 20  # words; with fewer the relation is not measured
_LARGEST = 2048  # dimensions; the singular value decomposition takes 10 s
_TRIMMED = 0.2  # share of the words, those that moved most, that the rotation is not fitted to
_STEPS = 2
_SHIFTS = 5  # words that each word is compared with by chance
_RELATED = 0.05  # least gain over chance of related spaces; and
_ERRORS = 4  # by how many standard errors it must be above 0
_WEAKEST = 0.1  # spaces are unrelated if the gain is below this by two standard errors, and
_DIMENSIONS = 2  # if there are words for a half of the dimensions: related spaces then have a larger gain


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Words that a rotation was not fitted to.

    Attributes
    ----------
    old, new : the vectors.
    before, after : (k,) rows of the words in each, most frequent first.
    rotation : of the old space.
    """

    old: Table
    before: Indices
    new: Table
    after: Indices
    rotation: LinearMap

    @cached_property
    def plain(self) -> Floats:
        """(k,) cosines of the two vectors of each word, as they are."""
        return paired_cosines(self.old, self.before, self.new, self.after)

    @cached_property
    def rotated(self) -> Floats:
        """(k,) cosines after the rotation."""
        return paired_cosines(self.old, self.before, self.new, self.after, self.rotation)

    @cached_property
    def chance(self) -> Floats:
        """(k,) mean cosines after the rotation of each word with other words of about the same frequency."""
        return self._with_others(self.rotation)

    def _with_others(self, change: LinearMap | None) -> Floats:
        shifted = (np.roll(self.after, shift) for shift in range(1, _SHIFTS + 1))
        found: Floats = np.mean([paired_cosines(self.old, self.before, self.new, other, change) for other in shifted],
                                axis=0)
        return found

    @property
    def gain(self) -> float:
        """By how much the rotation raises the mean cosine."""
        return float((self.rotated - self.plain).mean())

    @property
    def related(self) -> bool | None:
        """Whether words are nearer to themselves than to other words: the two spaces have something in common.

        This is measured with the rotation, and without it for spaces that are aligned already. None if it cannot be
        told: the rotation is fitted to as many words as are held out, and too few do not find one that is there.
        """
        mean, error = _mean_and_error(self.rotated - self.chance)
        if mean > max(_RELATED, _ERRORS * error):
            return True
        plain, plain_error = _mean_and_error(self.plain - self._with_others(None))
        if plain > max(_RELATED, _ERRORS * plain_error):
            return True
        enough = _DIMENSIONS * len(self.before) >= self.old.vector_size
        return False if enough and mean + 2 * error < _WEAKEST else None


def _mean_and_error(values: Floats) -> tuple[float, float]:
    """Return the mean of some values and its standard error."""
    return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))


def held_out(old: Table, before: Indices, new: Table, after: Indices) -> HeldOut | None:
    """Fit a rotation to every second of the first words, and return the others.

    Parameters
    ----------
    before, after : (m,) rows of the same words, most frequent first.

    Returns
    -------
    None if there are too few words or too many dimensions.
    """
    before, after = before[:_SAMPLE], after[:_SAMPLE]
    if len(before) < _LEAST_SAMPLE or old.vector_size > _LARGEST:
        return None
    return HeldOut(old, before[1::2], new, after[1::2], fit_rotation(old, before[::2], new, after[::2]))


def not_measured(words: int) -> str:
    """Return why `held_out` measures nothing, for this number of shared words."""
    if words < _LEAST_SAMPLE:
        return f"{words:,} shared {'word is' if words == 1 else 'words are'} too few, {_LEAST_SAMPLE} are needed"
    return f"it is measured for at most {_LARGEST:,} dimensions"


def words_fitted(shared: int, dimension: int) -> int:
    """Return the number of shared words that `robust_rotation` fits: all of them if few would be left."""
    first = min(shared, FITTED)
    kept = int((1 - _TRIMMED) * first)
    return kept if kept >= 2 * dimension else first


def robust_rotation(old: Table, before: Indices, new: Table, after: Indices) -> LinearMap:
    """Return the rotation of the old space that fits the most frequent words, except those that moved most.

    Words that moved would pull the rotation towards them, and all other words away from their places.

    Parameters
    ----------
    before, after : (m,) rows of the same words, most frequent first.
    """
    before, after = before[:FITTED], after[:FITTED]
    kept = words_fitted(len(before), old.vector_size)

    def fit(chosen: Indices) -> LinearMap:
        return fit_rotation(old, before[chosen], new, after[chosen])

    return fit(agreeing(fit, lambda rotation: paired_cosines(old, before, new, after, rotation), len(before), kept,
                        _STEPS))
