"""`w2v plot`: a figure of what other commands wrote, logs of runs and results as JSON.

Place in the data flow: files -> values -> the kind that `KINDS` recognises by their keys -> axes -> .png, .svg or .pdf.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from w2v.analysis.alignment.picture import draw_all as draw_alignment
from w2v.analysis.bias.picture import draw_axis, draw_bias, draw_debiased
from w2v.analysis.clusters.picture import draw as draw_clusters
from w2v.analysis.contexts.picture import draw as draw_why
from w2v.analysis.differences.picture import draw as draw_difference
from w2v.analysis.differences.picture import draw_drift
from w2v.analysis.maps.draw import draw as draw_map
from w2v.analysis.maps.moved_draw import draw as draw_moved
from w2v.analysis.reduction.picture import draw as draw_reduction
from w2v.analysis.stability.picture import draw as draw_stability
from w2v.analysis.stability.picture import draw_neighbors, draw_neighbors_of_words
from w2v.cli.common import UsageError, complain, print_json, usage
from w2v.errors import FormatError, W2VError
from w2v.evaluation.output.plot import figure as evaluation_figure
from w2v.evaluation.output.saved import is_evaluation, saved_evaluations
from w2v.evaluation.picture import draw_comparisons, draw_spreads
from w2v.planning.picture import draw as draw_plan
from w2v.system.diagnosis_picture import draw as draw_diagnosis
from w2v.system.diagnosis_picture import draw_several
from w2v.system.figures import SUFFIXES, check_figure, differing_names, save_figure, whole_figure
from w2v.system.files import local_path
from w2v.training.curve_figure import BY
from w2v.training.curves import curves, is_log
from w2v.tuning.picture import draw as draw_tune
from w2v.tuning.state import is_state, result_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]

    from w2v.evaluation.comparison import Comparison
    from w2v.evaluation.results import Evaluation

LOG = "w2v train --log-json"
EVALUATION = "w2v evaluate --json"

Values = dict[str, Any]
"""The JSON object of a file."""


class Kind(NamedTuple):
    """What a JSON file can be.

    Attributes
    ----------
    name : what wrote it, for messages.
    recognises : whether an object is of this kind, by its keys.
    draw : draws one object on the axes of a new figure.
    """

    name: str
    recognises: Callable[[Mapping[str, Any]], bool]
    draw: Callable[[Values], Axes]


def _has(*keys: str) -> Callable[[Mapping[str, Any]], bool]:
    """Return a function that says whether an object has all these keys."""
    return lambda values: all(key in values for key in keys)


def _only(key: str) -> Callable[[Mapping[str, Any]], bool]:
    """Return a function that says whether an object has this key and no other."""
    return lambda values: set(values) == {key}


def _of_words(values: Mapping[str, Any]) -> bool:
    """Whether an object has neighbours in runs by word."""
    found = values.get("neighbors")
    return isinstance(found, dict) and all(isinstance(one, dict) and "found" in one for one in found.values())


KINDS = (
    Kind("w2v diff --json", _has("moved", "all_words", "neighbors"), draw_difference),
    Kind("w2v stability --json", _has("by_band", "deciles", "overlap"), draw_stability),
    Kind("w2v doctor --json", _has("kind", "findings", "severity"), draw_diagnosis),
    Kind("w2v bias --json", _has("tests", "left_out", "draws"), draw_bias),
    Kind("w2v axis --json", _has("start", "end", "extremes", "searched"), draw_axis),
    Kind("w2v cluster --json", _has("clusters", "silhouette", "chance_words"), draw_clusters),
    Kind("w2v map --json", _has("choice", "method", "clusters", "words"), draw_map),
    Kind("w2v reduce --json", _has("prefixes", "distortion", "old_dim"), draw_reduction),
    Kind("w2v align --json", _has("anchors", "precision", "histogram"), draw_alignment),
    Kind("w2v debias --json", _has("neutralized", "before", "after"), draw_debiased),
    Kind("w2v why --json", _has("only_a", "only_b", "contexts"), draw_why),
    Kind("w2v doctor --json of several files", _has("diagnoses"), draw_several),
    Kind("w2v plan --json", _has("vocabulary", "memory", "disk", "config"), draw_plan),
    Kind("w2v neighbors --runs --json", _of_words, draw_neighbors_of_words),
    Kind("NeighborsInRuns.to_dict", _has("word", "runs", "found", "neighbors"), draw_neighbors),
    Kind("Drift.to_dict", _has("moved", "mean_cosine", "share_far"), draw_drift),
    Kind("Comparisons.to_dict", _only("comparisons"), draw_comparisons),
    Kind("Spreads.to_dict", _only("spread"), draw_spreads),
    Kind("w2v tune --json", _has("trials", "importance", "shares"), draw_tune),
    Kind("w2v map A B --json", _has("moved", "around", "choice"), draw_moved),
)
"""Kinds that are drawn one file at a time, on one pair of axes; the first that recognises an object draws it."""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v plot`."""
    sub.epilog = (f"FILEs are what one of these wrote: {', '.join(kind_names())}. Several logs share the "
                  "panels. Several files of evaluate are runs of one setting: a point for each, and their means. Other "
                  "files are drawn alone.")
    sub.add_argument("files", metavar="FILE", nargs="+")
    sub.add_argument("-o", "--output", metavar="FIGURE", required=True,
                     help=f"the figure, by its suffix: {', '.join(SUFFIXES)} (needs matplotlib)")
    sub.add_argument("--by", choices=BY, default=BY[0],
                     help=f"the horizontal axis of logs, words or time of training (default: {BY[0]})")


def kind_names() -> list[str]:
    """Return the names of all kinds of files that can be drawn."""
    return [LOG, EVALUATION, *(kind.name for kind in KINDS)]


def run(options: argparse.Namespace) -> None:
    """Draw the files and write the figure."""
    with usage():
        check_figure(options.output)
    contents = {path: read(path) for path in options.files}
    logs = [path for path, values in contents.items() if values is None]
    results = {path: values for path, values in contents.items() if values is not None}
    shown: dict[str, Any] = {"output": options.output, "files": list(contents)}
    if logs and results:
        raise UsageError(f"{logs[0]} is a log and {next(iter(results))} is not: draw them in two figures")
    if logs:
        found = curves(*logs)
        if problem := found.problem():
            complain(problem)
        figure = found.figure(by=options.by)
        shown |= found.to_dict()
        save_figure(figure, options.output)
    else:
        with _one_line_each():
            save_figure(drawn(results), options.output)
    if options.json:
        print_json(shown)


@contextlib.contextmanager
def _one_line_each() -> Iterator[None]:
    """Print warnings as lines of this program; that of the missing glyphs takes the place of matplotlib's own."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    texts = list(dict.fromkeys(str(one.message) for one in caught))
    named = any(text.startswith("no font") for text in texts)
    for text in texts:
        if not (named and text.startswith("Glyph ")):
            complain(f"warning: {text}")


def read(path: str) -> Values | None:
    """Return the JSON object of a file; None for a log.

    Raises
    ------
    W2VError : the file cannot be read.
    FormatError : it is neither a log nor one JSON object.
    """
    try:
        data = Path(local_path(path)).read_bytes()
    except OSError as error:
        raise W2VError(f"cannot read {path}: {error.strerror or error}") from error
    if not data.strip():
        raise FormatError(path, f"the file is empty; {_drawable()}")
    first = data.split(b"\n", 1)[0]
    if is_state(first):
        return result_of(path)
    if path.endswith(".jsonl") or is_log(first):
        return None
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(path, f"this is not JSON ({getattr(error, 'msg', error)}); {_drawable()}",
                          line=getattr(error, "lineno", None)) from None
    if not isinstance(values, dict):
        raise FormatError(path, f"this is JSON, but not an object; {_drawable()}")
    return values


def drawn(results: Mapping[str, Values]) -> Figure:
    """Return the figure of these objects, by their files.

    Raises
    ------
    FormatError : an object is of no known kind, or has other values than its kind.
    UsageError : there are several files of a kind that is drawn one at a time.
    W2VError : nothing was measured.
    """
    path, values = next(iter(results.items()))
    evaluated = [is_evaluation(one) for one in results.values()]
    if all(evaluated):
        return _evaluations(results)
    if len(results) > 1:
        other = list(results)[evaluated.index(False)]
        kind = kind_of(other, results[other])
        raise UsageError(f"{other} is a result of {kind.name}, which is drawn alone: one figure for each file")
    kind = kind_of(path, values)
    try:
        return whole_figure(kind.draw(values))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(path, f"these are not the values of {kind.name}: {type(error).__name__} {error}") from error


def _evaluations(results: Mapping[str, Values]) -> Figure:
    """Return the figure of results of `w2v evaluate`."""
    evaluations: list[Evaluation] = []
    comparisons: list[Comparison] = []
    for (path, values), name in zip(results.items(), differing_names(list(results)), strict=True):
        try:
            found, compared = saved_evaluations(values, name)
        except ValueError as error:
            raise FormatError(path, str(error)) from None
        if compared and len(results) > 1:
            raise UsageError(f"{path} compares vectors, so it is drawn alone: one figure for each file")
        evaluations += found
        comparisons += compared
    return evaluation_figure(evaluations, comparisons)


def kind_of(path: str, values: Mapping[str, Any]) -> Kind:
    """Return the kind of an object; FormatError if there is none."""
    for kind in KINDS:
        if kind.recognises(values):
            return kind
    keys = ", ".join(list(map(str, values))[:6]) or "none"
    raise FormatError(path, f"nothing to draw is known by these keys: {keys}; {_drawable()}")


def _drawable() -> str:
    return f"w2v plot draws what these write: {', '.join(kind_names())}"
