"""Tables of text: rows of cells as plain text, Markdown, LaTeX or HTML, and the notation of numbers in them.

Place in the data flow: results -> cells -> `TextTable` -> text. The rows and cells are the same in every style.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from w2v.types import Interval

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
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    totals: int = 0
    notes: Sequence[str] = ()

    def render(self, style: str = "text") -> str:
        """Return the table in a style: "text", "markdown", "latex" or "html"."""
        styles = {"text": self._text, "markdown": self._markdown, "latex": self._latex, "html": self._html}
        return styles[style]()

    def _text(self) -> str:
        """Align the first column to the left and the others to the right."""
        rows = [self.head, *self.rows] if self.head else self.rows
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.rjust(width) if i else cell.ljust(width)
                           for i, (cell, width) in enumerate(zip(row, widths, strict=True))) for row in rows]
        if self.totals:
            lines.insert(len(lines) - self.totals, "-" * len(lines[0]))
        return "\n".join([*lines, *self.notes])

    def _markdown(self) -> str:
        rows = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in (self.head, *self.rows)]
        rows.insert(1, "| --- |" + " ---: |" * (len(self.head) - 1))
        return "\n".join([*rows, *(f"\n{note}" for note in self.notes)])

    def _latex(self) -> str:
        rows = [" & ".join(map(latex, row)) + r" \\" for row in self.rows]
        if self.totals:
            rows.insert(len(rows) - self.totals, r"\midrule")
        return "\n".join([
            r"\begin{tabular}{l" + "r" * (len(self.head) - 1) + "}  % \\usepackage{booktabs}", r"\toprule",
            " & ".join(map(latex, self.head)) + r" \\", r"\midrule", *rows, r"\bottomrule", r"\end{tabular}",
            *(f"% {note}" for note in self.notes)])

    def _html(self) -> str:
        """Align the first column to the left and the others to the right; words are data and never become markup."""
        from html import escape  # not needed by the command line

        def line(cells: Sequence[str], tag: str) -> str:
            return "<tr>" + "".join(
                f'<{tag} style="text-align: {"right" if i else "left"}">{escape(cell)}</{tag}>'
                for i, cell in enumerate(cells)) + "</tr>"

        head = [f"<thead>{line(self.head, 'th')}</thead>"] if self.head else []
        body = [line(row, "td") for row in self.rows]
        notes = [f"<p>{escape(note)}</p>" for note in self.notes]
        return "\n".join(["<table>", *head, "<tbody>", *body, "</tbody>", "</table>", *notes])


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


def p_text(value: float) -> str:
    """Return a p value with four decimals, "-" for NaN."""
    return "-" if math.isnan(value) else "<0.0001" if value < 0.0001 else f"{value:.4f}"
