"""The number of clusters: k as a number, or the best of several by their silhouettes.

Place in the data flow: `k` as it was given + unit vectors -> k, and the table of the numbers that were tried.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from w2v.analysis.clusters.groups import groups, random_units
from w2v.analysis.estimate import Estimate
from w2v.analysis.samples import drawn_rows
from w2v.evaluation.statistics.kmeans import FULL, Units
from w2v.formats.keys import integer_of

K = int | str | Sequence[int]
"""Number of clusters; "auto", a range such as "10-500", or several numbers to choose from, as a list or "20,50,100"."""

_TRIED = 8  # numbers in a range
_MOST = 500  # of "auto"


@dataclass(frozen=True)
class Tried:
    """A number of clusters that was tried.

    Attributes
    ----------
    k : the number.
    silhouette : mean over the words of the sample.
    cosine : mean cosine of these words with their centres, which rises with k.
    """

    k: int
    silhouette: Estimate
    cosine: Estimate

    @property
    def gain(self) -> float:
        """By how much the silhouette exceeds that of random vectors, or 0 if they were not clustered."""
        value = self.silhouette.value - (self.silhouette.chance or 0.0)
        return -math.inf if math.isnan(value) else value


def numbers(k: K, words: int) -> list[int]:
    """Return the numbers of clusters to try, rising; one if k is a number.

    Parameters
    ----------
    words : number of words to cluster.

    Raises
    ------
    ValueError : not a number of clusters, or one that is below 1, below 2 in a choice, or above the number of words.
    """
    one = integer_of(k)
    if one is None and isinstance(k, str) and re.fullmatch(r"\s*[+-]?\d+\s*", k):
        one = int(k)
    if one is not None:
        if not 1 <= one <= words:
            raise ValueError(f"k = {one:,} is out of range: there can be 1 to {words:,} clusters of {words:,} words")
        return [one]
    if k == "auto":
        return _spaced(2, max(2, min(_MOST, words // 10))) if words > 2 else _refuse(k, words)
    several = (_of_text(k) if isinstance(k, str) else _of_list(k)) or _unknown(k)
    return several if several[0] >= 2 and several[-1] < words else _refuse(k, words)


def _of_text(text: str) -> list[int]:
    """Return the numbers of a range or of a list such as "2,5,9", rising; none if it is neither."""
    if found := re.fullmatch(r"\s*(\d+)\s*(?:-|\.\.)\s*(\d+)\s*", text):
        low, high = int(found[1]), int(found[2])
        if low > high:
            raise ValueError(f'k = {text!r}: the range falls from {low:,} to {high:,}; write it as "{high}-{low}"')
        return _spaced(low, high)
    return sorted(set(map(int, text.split(",")))) if re.fullmatch(r"\s*\d+\s*(,\s*\d+\s*)+", text) else []


def _of_list(listed: object) -> list[int]:
    """Return the numbers of a list, rising; none if it has something else."""
    found = [integer_of(each) for each in listed] if isinstance(listed, Iterable) else []
    known = {each for each in found if each is not None}
    return [] if None in found else sorted(known)


def _unknown(k: object) -> NoReturn:
    raise ValueError(f'k = {k!r}: give a number, "auto", a range such as "10-500", or a list of numbers such as '
                     '"20,50,100"')


def _refuse(k: object, words: int) -> list[int]:
    if words < 3:
        raise ValueError(f"k = {k!r} needs 3 words or more, to compare numbers of clusters; there are {words} words")
    raise ValueError(f"k = {k!r} is out of range: silhouettes are compared for 2 to {words - 1:,} clusters of "
                     f"{words:,} words")


def _spaced(low: int, high: int) -> list[int]:
    """Return at most `_TRIED` numbers from low to high, with equal ratios."""
    return sorted({round(low * (high / low) ** (i / (_TRIED - 1))) for i in range(_TRIED)}) if low > 0 else [low]


@dataclass(frozen=True)
class Choice:
    """A number of clusters; the numbers that were compared, none if there was only one; on how many words."""

    k: int
    tried: tuple[Tried, ...] = ()
    sample: int = 0


def best_number(units: Units, tried: Sequence[int], sample: int | None, restarts: int | None, chance: bool,
                seed: int) -> Choice:
    """Return the number of clusters whose mean silhouette exceeds that of random vectors most, the smallest of equals.

    The silhouette alone falls with the number of clusters in a space without gaps. Tibshirani, Walther & Hastie 2001
    compare the sum of distances with that of random vectors in the same way (gap statistic).

    Parameters
    ----------
    sample : number of random words that are clustered for it; None for all.
    chance : whether to compare with random vectors; otherwise the highest silhouette is best.
    """
    if len(tried) == 1:
        return Choice(tried[0])
    n, least = len(units), max(tried) + 1
    if sample is not None and (size := max(sample, least)) < n:
        units = units[drawn_rows(np.arange(n), size, seed)]
    drawn = random_units(units, seed) if chance and max(tried) <= FULL else None
    found = []
    for k in tried:
        one = groups(units, k, restarts, seed)
        random = None if drawn is None else groups(drawn, k, restarts, seed)
        found.append(Tried(k, one.silhouette(random), one.cosine(random)))
    return Choice(max(found, key=lambda one: one.gain).k, tuple(found), len(units))
