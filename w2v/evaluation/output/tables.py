"""Tables of an evaluation: results by kind, comparisons, spreads.

Place in the data flow: results -> `TextTable`s -> text.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from w2v.evaluation.comparison import Comparison, Spread
from w2v.evaluation.kinds import KINDS
from w2v.evaluation.results import Evaluation, Result
from w2v.evaluation.text_table import TextTable, interval, number, p_text


def format_table(results: Sequence[Result], style: str = "text") -> str:
    """Return the results as text, with empty lines between the tables.

    Parameters
    ----------
    results : of one or several sets.
    style : "text", "markdown" or "latex".

    Returns
    -------
    One table for each analogy result, with its sections, and one for all sets of each other kind.
    """
    return "\n\n".join(table.render(style) for table in tables(results))


def tables(results: Sequence[Result]) -> list[TextTable]:
    """Return the tables of the results, by kind in the order of KINDS."""
    found: list[TextTable] = []
    for name, kind in KINDS.items():
        if own := [result for result in results if result.kind == name]:
            found += kind.tables(own)
    return found


def unknown_line(evaluation: Evaluation) -> str:
    """Return a line that says how many words of each set have no vector; empty if all have one."""
    parts = [f"{name} {len(words)} of {evaluation.words[name]}" for name, words in evaluation.unknown_words.items()
             if words]
    return f"words without a vector (--json lists them): {', '.join(parts)}" if parts else ""


def comparison_tables(comparisons: Sequence[Comparison]) -> list[TextTable]:
    """Return one table for each file that is compared with the first one."""
    found = []
    for second in dict.fromkeys(one.second_file for one in comparisons):
        own = [one for one in comparisons if one.second_file == second]
        names = short_names([own[0].first_file, second])
        rows = [(one.set, one.measure, number(one.first), number(one.second), f"{one.difference:+.4f}",
                 interval(one.interval, 4), p_text(one.p), p_text(one.p_holm),
                 "noise" if one.noise else names[one.difference > 0], str(one.items)) for one in own]
        head = ("set", "measure", *names, "difference", "95 %", "p", "p (Holm)", "better", "items")
        found.append(TextTable(head, rows, 0, [
            "on the items that both files know; noise: not significant at 5 % after Holm's correction over "
            f"{len(comparisons)} tests"]))
    return found


def spread_table(spreads: Sequence[Spread]) -> TextTable:
    """Return a table with the mean and deviation of each measure."""
    rows = [(one.set, one.measure, number(one.mean), number(one.deviation), str(len(one.values))) for one in spreads]
    return TextTable(("set", "measure", "mean", "deviation", "files"), rows)


def short_names(sources: Sequence[str]) -> list[str]:
    """Return the file names without folders if they all differ, the whole paths otherwise."""
    names = [Path(source).name or source for source in sources]
    return names if len(set(names)) == len(names) else list(sources)
