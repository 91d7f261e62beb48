"""Tables of facts: a name, a value and a note in each row, for reports.

Place in the data flow: results -> facts -> `FactTable` -> text for a terminal, or HTML.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from w2v.system.text_table import WIDTH, TextTable

REPLACED = ", in place of the file that was there"  # after the name of an output


class Fact(NamedTuple):
    """A row of a table of facts. Without a value the note takes the place of both."""

    name: str
    value: str = ""
    note: str = ""


@dataclass(frozen=True)
class FactTable:
    """Facts with names on the left, values on the right of their column, and notes on the left.

    Attributes
    ----------
    facts : the rows.
    widths : smallest widths of names and values, in characters.
    notes : lines of text below the table.
    """

    facts: Sequence[Fact]
    widths: tuple[int, int] = (0, 0)
    notes: Sequence[str] = ()

    def render(self, style: str = "text") -> str:
        """Return the table in a style, as `TextTable.render`."""
        if style == "text":
            return self._text()
        return TextTable((), self.facts, 0, self.notes, left=(0, 2)).render(style)

    def _text(self) -> str:
        """Return the rows in lines of 80 columns; a long note continues below its beginning."""
        names, values = (max([least, *(len(fact[k]) for fact in self.facts if fact.value)])
                         for k, least in enumerate(self.widths))
        lines = [f"{name:<{names}}  {value:>{values}}{'   ' + note if note else ''}" if value else
                 f"{name:<{names}}  {note}" for name, value, note in self.facts]
        return fit("\n".join([*lines, *self.notes]))


def fit(text: str) -> str:
    """Return text with lines of 80 columns at most, as far as there are blanks to break them at.

    The rest of a line begins below its last column: the part after its last wide gap.
    """
    return "\n".join(part for line in text.split("\n") for part in _folded(line))


def _folded(line: str) -> list[str]:
    if len(line) <= WIDTH:
        return [line]
    gaps = [gap.end() for gap in re.finditer(" {2,}", line[:WIDTH // 2])]
    indent = gaps[-1] if gaps else 2
    first, *rest = textwrap.wrap(line[indent:], WIDTH - indent, break_long_words=False,
                                 break_on_hyphens=False) or [""]
    return [line[:indent] + first, *(" " * indent + part for part in rest)]
