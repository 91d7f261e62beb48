"""Single values of hyper-parameters that are not plain numbers, checked and in the form in which they are stored."""

from __future__ import annotations

import operator
import os
from typing import SupportsIndex, TypeGuard

from w2v.system.remote import redacted

WHOLE_LINE = "line"  # as window: all words of the line
MAX_WINDOW = 10_000  # words on either side
MAX_HELD_OUT = 2**31  # lines
MOST_CONTEXTS = 12  # whose changes are added up: two windows of 5 have 12; with more of them training diverges


def is_whole(value: object) -> TypeGuard[SupportsIndex]:
    return hasattr(value, "__index__") and not isinstance(value, bool)


def checked_window(window: object) -> int | tuple[int, int] | str:
    """Return a window in its plain form: a distance, a pair of different distances, or "line"."""
    if isinstance(window, str) and window == WHOLE_LINE:
        return window
    given = list(window) if isinstance(window, (tuple, list)) else [window]
    sides = [operator.index(side) for side in given if is_whole(side)]
    if len(given) not in (1, 2) or len(sides) < len(given):
        raise TypeError(f"window must be a whole number, a pair of whole numbers (left, right) or "
                        f"{WHOLE_LINE!r}, not {window!r}")
    if not all(0 <= side <= MAX_WINDOW for side in sides) or not any(sides):
        problem = "1 to 10000" if len(sides) == 1 else "0 to 10000 on either side, and not 0 on both"
        hint = f"; for all words of the line use window={WHOLE_LINE!r}" if max(sides) > MAX_WINDOW else ""
        raise ValueError(f"window = {window!r} is out of range: {problem}{hint}")
    return sides[0] if sides[0] == sides[-1] else (sides[0], sides[1])


def checked_held_out(held_out: object) -> int | str:
    """Return a number of lines, or the absolute path of a text."""
    if isinstance(held_out, (str, os.PathLike)) and isinstance(path := os.fspath(held_out), str):
        if "://" in path and not os.path.lexists(path):
            raise ValueError(f"held_out = {redacted(path)!r} is an address; save the text to a file first")
        if path in ("", "-"):
            raise ValueError(f"held_out = {path!r} is not a file; held-out text must be in a file, because a resumed "
                             "run reads it again")
        return os.path.abspath(path)
    if not is_whole(held_out):
        raise TypeError(f"held_out must be a whole number of lines or the path of a text, not {held_out!r}")
    if not 0 <= operator.index(held_out) <= MAX_HELD_OUT:
        raise ValueError(f"held_out = {held_out!r} is out of range: 0 to {MAX_HELD_OUT} lines")
    return operator.index(held_out)


def at_least_one(min_count: object) -> object:
    """Return a least count that changes nothing else: every word of a text occurs once."""
    return 1 if is_whole(min_count) and operator.index(min_count) == 0 else min_count


def switch(name: str, value: object) -> bool:
    """Return a switch as a bool; 1 and 0 stand for True and False, as in other tools.

    Raises
    ------
    TypeError : it is neither.
    """
    if isinstance(value, bool) or str(getattr(value, "dtype", "")) == "bool":
        return bool(value)
    if is_whole(value) and operator.index(value) in (0, 1):
        return operator.index(value) == 1
    raise TypeError(f"{name} must be True or False, not {value!r}")
