"""Options of phrases, and the checks of their ranges."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from w2v.phrases.file import MAX_PASSES
from w2v.phrases.grams import DEFAULT_THRESHOLD, Scorer, check_scorer

CUSTOM = "custom"
"""`scoring` of a model that was scored by a function and loaded from a file."""


def check_options(min_count: float, threshold: float, scoring: str | Scorer, delimiter: str,
                  connector_words: Iterable[str], passes: int = 1, *, loaded: bool = False) -> None:
    """Raise ValueError for an option that is out of range; the message names it.

    Parameters
    ----------
    loaded : the options are those of a file, whose phrases are scored.
    """
    if callable(scoring):
        check_scorer(scoring)
    elif scoring not in DEFAULT_THRESHOLD and not (loaded and scoring == CUSTOM):
        raise ValueError(f"scoring = {scoring!r:.80} is unknown; choose one of {', '.join(DEFAULT_THRESHOLD)}, or a "
                         "function")
    whole = isinstance(min_count, (int, np.integer)) or isinstance(min_count, float) and min_count.is_integer()
    if isinstance(min_count, bool) or not whole or not 1 <= min_count < 2**62:
        raise ValueError(f"min_count = {min_count!r} is out of range: expected a whole number of at least 1")
    _check_threshold(threshold, scoring)
    if isinstance(passes, bool) or not isinstance(passes, int) or not 1 <= passes <= MAX_PASSES:
        raise ValueError(f"passes = {passes!r} is out of range: expected 1 to {MAX_PASSES}")
    if not isinstance(delimiter, str):
        raise ValueError(f"the separator {delimiter!r} must be text")
    if not all(isinstance(word, str) and word for word in connector_words):
        raise ValueError("connector_words must be words of at least one letter")


def _check_threshold(threshold: float, scoring: str | Scorer) -> None:
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float, np.number)):
        raise ValueError(f"threshold = {threshold!r} must be a number")
    if callable(scoring) or scoring == CUSTOM:
        fits, bounds = math.isfinite(threshold), "a finite number"
    elif scoring == "npmi":
        fits, bounds = -1 <= threshold <= 1, "-1 to 1"
    else:
        fits, bounds = 0 < threshold < math.inf, "above 0"
    if not fits:
        name = "a function" if callable(scoring) else repr(scoring)
        raise ValueError(f"threshold = {threshold!r} is out of range for scoring {name}: expected {bounds}")


def check_delimiter(delimiter: str) -> None:
    """Raise ValueError for a delimiter with white space, between which and other blanks a text does not tell."""
    if any(letter in " \t\n\v\f\r" for letter in delimiter):
        raise ValueError(f"the separator {delimiter!r} must be text without white space: in a text with its phrases "
                         "joined, blanks separate words")
