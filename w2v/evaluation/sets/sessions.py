"""Sessions: lines of items in the order in which they were used, baskets or any other sequences.

Place in the data flow: files -> the last two items of each line.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from w2v.errors import FormatError
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.reading import Reading, TwoWords, numbered_lines


def read_sessions(path: Path, reading: Reading) -> list[TwoWords]:
    """Read the last two items of each line; items are separated by white space, as in a corpus.

    Raises
    ------
    FormatError : a line with a single item, if `reading` does not leave it out; or no line has two.
    """
    found: list[TwoWords] = []
    for number, line in numbered_lines(path, encoding=reading.encoding):
        items = line.split()
        if len(items) > 1:
            found.append((items[-2], items[-1]))
        elif items:
            reading.problem(path, f"a session has two items or more, this one only {items[0]!r:.80}", number)
    if not found:
        raise FormatError(path, "no line has two items", line=1)
    return found


def words_of(pairs: Sequence[TwoWords]) -> set[str]:
    """Return all items that are asked for."""
    return {item for pair in pairs for item in pair}


def evidence(excerpt: Excerpt) -> Evidence:
    """Any text may be a line of items, so the kind is never recognised."""
    return Evidence.NONE
