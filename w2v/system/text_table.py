"""Tables of text: rows of cells as plain text, Markdown, LaTeX or HTML, and the notation of numbers in them.

Place in the data flow: results -> cells -> `TextTable` -> text. The rows and cells are the same in every style.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from w2v.types import Interval  # imports numpy

WIDTH = 80  # of a terminal; text is wider only if a cell of the first column or a word of a note needs it

_MARKDOWN = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "\\|"}
_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
          **{mark: "\\" + mark for mark in "&%$#_{}"}}


@dataclass(frozen=True)
class TextTable:
    """Rows of cells below a heading.

    Attributes
    ----------
    head : heading of each column; empty for a table without headings.
    rows : one cell for each column.
    totals : how many of the last rows are totals, separated from the others by a line.
    notes : lines of text below the table.
    left : the columns that are aligned to the left in Markdown, LaTeX and HTML; the others to the right.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    totals: int = 0
    notes: Sequence[str] = ()
    left: Sequence[int] = (0,)

    def render(self, style: str = "text") -> str:
        """Return the table in a style: "text", "markdown", "latex" or "html"."""
        styles = {"text": self._text, "markdown": self._markdown, "latex": self._latex, "html": self._html}
        return styles[style]()

    def _text(self) -> str:
        """Align the first column to the left and the others to the right.

        A table that is too wide has one blank instead of two between its columns. If that is not enough, it is printed
        in several blocks, each with the first column.
        """
        rows = [self.head, *self.rows] if self.head else self.rows
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        gap = 2 if sum(widths) + 2 * (len(widths) - 1) <= WIDTH else 1
        lines: list[str] = []
        for columns in _blocks(widths, gap):
            lines += [""] if lines else []
            lines += [(" " * gap).join(row[i].rjust(widths[i]) if i else row[i].ljust(widths[i]) for i in columns)
                      for row in rows]
            if self.totals:
                lines.insert(len(lines) - self.totals, "-" * len(lines[-1]))
        return "\n".join([*lines, *map(wrapped, self.notes)])

    def _markdown(self) -> str:
        head = self.head or [""] * len(self.rows[0])
        rows = ["| " + " | ".join(map(markdown, row)) + " |" for row in (head, *self.rows)]
        rows.insert(1, "|" + "".join(" --- |" if i in self.left else " ---: |" for i in range(len(head))))
        return "\n".join([*rows, *(f"\n{markdown(note)}" for note in self.notes)])

    def _latex(self) -> str:
        rows = [" & ".join(map(latex, row)) + r" \\" for row in self.rows]
        if self.totals:
            rows.insert(len(rows) - self.totals, r"\midrule")
        columns = "".join("l" if i in self.left else "r" for i in range(len(self.head or self.rows[0])))
        head = [" & ".join(map(latex, self.head)) + r" \\", r"\midrule"] if self.head else []
        return "\n".join([
            rf"\begin{{tabular}}{{{columns}}}  % \usepackage{{booktabs}}", r"\toprule", *head, *rows, r"\bottomrule",
            r"\end{tabular}",
            *(f"% {' '.join(note.split())}" for note in self.notes)])

    def _html(self) -> str:
        """Return HTML in which all cells are escaped: words are data and never become markup."""
        from html import escape  # not needed by the command line

        def line(cells: Sequence[str], tag: str) -> str:
            return "<tr>" + "".join(
                f'<{tag} style="text-align: {"left" if i in self.left else "right"}">{escape(cell)}</{tag}>'
                for i, cell in enumerate(cells)) + "</tr>"

        head = [f"<thead>{line(self.head, 'th')}</thead>"] if self.head else []
        body = [line(row, "td") for row in self.rows]
        notes = [f"<p>{escape(note)}</p>" for note in self.notes]
        return "\n".join(["<table>", *head, "<tbody>", *body, "</tbody>", "</table>", *notes])


def _blocks(widths: Sequence[int], gap: int) -> list[list[int]]:
    """Return the columns of each block, the first column in all of them."""
    blocks = [[0]]
    for i in range(1, len(widths)):
        if len(blocks[-1]) > 1 and sum(widths[j] + gap for j in blocks[-1]) + widths[i] > WIDTH:
            blocks.append([0])
        blocks[-1].append(i)
    return blocks


def wrapped(text: str) -> str:
    """Return a paragraph in lines of at most WIDTH characters, longer only for a single word."""
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def markdown(text: str) -> str:
    """Return the text in one line, with the characters of HTML and of tables escaped."""
    return " ".join("".join(_MARKDOWN.get(mark, mark) for mark in text).splitlines())


def latex(text: str) -> str:
    """Return the text with the special characters of LaTeX escaped."""
    return "".join(_LATEX.get(mark, mark) for mark in text)


def percent(value: float | None) -> str:
    """Return a fraction in per cent with one decimal, "-" for None."""
    return "-" if value is None else f"{100 * value:.1f} %"


def number(value: float | None) -> str:
    """Return a number with four decimals, "-" for None and NaN."""
    return "-" if value is None or math.isnan(value) else f"{value:.4f}"


def interval(value: Interval | None, digits: int = 0) -> str:
    """Return both bounds, in per cent with one decimal, or as plain numbers with `digits` decimals."""
    if value is None or math.isnan(value[0]):
        return "-"
    return " - ".join(f"{end:.{digits}f}" if digits else f"{100 * end:.1f}" for end in value)


def p_text(value: float | None) -> str:
    """Return a p value with four decimals, "-" for None and NaN."""
    return "-" if value is None or math.isnan(value) else "<0.0001" if value < 0.0001 else f"{value:.4f}"
