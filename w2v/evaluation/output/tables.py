"""Text of an evaluation: the tables of its results, and its unknown words.

Place in the data flow: results -> `TextTable`s -> text.
"""

from __future__ import annotations

from collections.abc import Sequence

from w2v.evaluation.results import Evaluation, Result


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
    return "\n\n".join(table.render(style) for table in Evaluation(tuple(results)).tables())


def unknown_line(evaluation: Evaluation) -> str:
    """Return a line that says how many words of each set have no vector; empty if all have one."""
    parts = [f"{name} {len(words)} of {evaluation.words[name]}" for name, words in evaluation.unknown_words.items()
             if words]
    return f"words without a vector (--json lists them): {', '.join(parts)}" if parts else ""
