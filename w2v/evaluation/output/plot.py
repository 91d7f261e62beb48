"""Plot of an evaluation: a bar with its confidence interval for each set and section.

Place in the data flow: evaluations -> .png, .svg or .pdf. Needs matplotlib (the extra "plot"). It is imported nowhere
else, and only when a plot is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from w2v.errors import W2VError
from w2v.evaluation.comparison import short_names
from w2v.evaluation.results import Evaluation, Measure
from w2v.system.files import atomic_write
from w2v.types import StrPath

SUFFIXES = (".png", ".svg", ".pdf")

_BAR, _WIDTH = 0.28, 8.0  # inches


def check_plot(path: StrPath) -> None:
    """Check that a plot can be made, before any work.

    Raises
    ------
    ValueError : the suffix is not one of SUFFIXES. W2VError : matplotlib is not installed.
    """
    if Path(path).suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: the suffix of a plot must be one of {', '.join(SUFFIXES)}")
    _figure_class()


def _figure_class() -> Any:
    try:
        from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise W2VError("plots need matplotlib: pip install 'w2v[plot]'") from error
    return Figure


def plot(evaluations: Sequence[Evaluation], path: StrPath) -> None:
    """Write one plot of all evaluations.

    Parameters
    ----------
    path : its suffix, one of SUFFIXES, decides the format.

    Raises
    ------
    ValueError, W2VError : as `check_plot`; W2VError also if nothing was measured or the file cannot be written.
    """
    check_plot(path)
    rows = [bars(one) for one in evaluations]
    labels = list(dict.fromkeys(label for row in rows for label in row))
    if not labels:
        raise W2VError(f"{path}: nothing was measured, so there is nothing to plot")
    names = short_names([one.source for one in evaluations])
    height = _BAR * len(labels) * (0.4 + 0.6 * len(rows)) + 1.2
    figure = _figure_class()(figsize=(_WIDTH, height), layout="constrained")
    axes = figure.subplots()
    thick = 0.8 / len(rows)
    for i, (row, name) in enumerate(zip(rows, names, strict=True)):
        at = [k + (i - (len(rows) - 1) / 2) * thick for k, label in enumerate(labels) if label in row]
        found = [row[label] for label in labels if label in row]
        values = [one.value or 0.0 for one in found]
        errors = [[max(0.0, value - one.interval[0]) if one.interval else 0.0
                   for value, one in zip(values, found, strict=True)],
                  [max(0.0, one.interval[1] - value) if one.interval else 0.0
                   for value, one in zip(values, found, strict=True)]]
        axes.barh(at, values, height=0.9 * thick, xerr=errors, label=name, error_kw={"elinewidth": 0.8, "capsize": 2})
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.margins(y=0.01)
    axes.invert_yaxis()
    axes.set_xlabel("accuracy, correlation, purity (bars: 95 % bootstrap interval)", fontsize=8)
    axes.axvline(0, color="black", linewidth=0.6)
    if len(rows) > 1:
        axes.legend(fontsize=8)
    suffix = Path(path).suffix.lower()[1:]
    with atomic_write(path, compress=False) as file:
        figure.savefig(file, format=suffix, dpi=150)


def bars(evaluation: Evaluation) -> dict[str, Measure]:
    """Return the bars by their labels: the measures of parts of the sets, and of the sets, that have a value."""
    return {f"{measure.set} ({measure.name})": measure for result in evaluation.results
            for measure in (*result.parts(), *result.measures()) if measure.value is not None}
