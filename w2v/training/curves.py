"""Curves of runs, from the logs that `w2v train --log-json` writes.

Place in the data flow: lines of JSON (w2v/system/jsonlog.py) -> `RunCurve`s -> `curve_figure` -> axes.

A log has several runs if several runs added to it. A "start" line that resumes a run continues it; the points after the
checkpoint, and those after the place to which a diverged run was set back, are replaced by what the run did then.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2v.errors import W2VError
from w2v.system.fact_table import Fact, FactTable
from w2v.system.figures import differing_names, new_axes
from w2v.system.files import local_path
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, number
from w2v.training.curve_figure import draw, figure
from w2v.types import StrPath

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

_NUMBERS = ("words_done", "total_words", "epoch", "seconds", "words_per_second", "alpha")  # of a point
_MAYBE = ("loss", "loss_held_out")  # null if there is none
_ENDS = ("end", "error", "interrupted", "terminated")
_PLOT, _LINE = 3.6, 0.17  # inches: a plot, and a line of its legend
_NAMED = 5  # lines without a meaning that a message names


@dataclass(frozen=True)
class RunCurve:
    """One run.

    Attributes
    ----------
    name : its file and, if the file has several runs, its seed or number.
    path : the log.
    seed : None if the log does not say it.
    points : values at each interval, as in the log: words_done, total_words, epoch, seconds (of training),
        words_per_second, alpha (the learning rate), loss (mean since the point before), loss_held_out (of the model at
        this point); the losses are None where there is none.
    scores : for each evaluated epoch: epoch, words_done, seconds and scores (by set, None for nothing known).
    end : event of the last line: "end", "error", "interrupted" or "terminated"; None if the run has not ended.
    """

    name: str
    path: str
    seed: int | None
    points: list[dict[str, Any]]
    scores: list[dict[str, Any]]
    end: str | None


@dataclass(frozen=True)
class Skipped:
    """A line of a log that is left out: `line` counts from 1, and `problem` says why."""

    path: str
    line: int
    problem: str


@dataclass(frozen=True, repr=False)
class Curves(Report):
    """Curves of one or several runs.

    Attributes
    ----------
    runs : in the order of the files.
    skipped : lines that are broken or are not of a log of training.
    """

    runs: tuple[RunCurve, ...]
    skipped: tuple[Skipped, ...] = ()

    def brief(self) -> str:
        problem = self.problem()
        runs = "; ".join(f"{run.name}: {len(run.points)} points, {_last(run)}" for run in self.runs)
        return runs + (f"; {problem}" if problem else "")

    def problem(self) -> str:
        """Return one sentence about the lines that are left out; "" for none."""
        if not self.skipped:
            return ""
        named = "; ".join(f"{one.path}, line {one.line}: {one.problem}" for one in self.skipped[:_NAMED])
        n = len(self.skipped)
        return f"{n:,} {'line is' if n == 1 else 'lines are'} left out: {named}{'; ...' if n > _NAMED else ''}"

    def tables(self) -> list[TextTable | FactTable]:
        rows = [(run.name, str(len(run.points)), f"{run.points[-1]['words_done']:,}", number(run.points[-1]["loss"]),
                 number(run.points[-1]["loss_held_out"]), run.end or "running") for run in self.runs]
        table = TextTable(("run", "points", "words", "last loss", "held out", "end"), rows)
        return [table, *([FactTable([Fact("left out", note=self.problem())])] if self.skipped else [])]

    def to_dict(self) -> dict[str, Any]:
        return {"runs": [asdict(run) for run in self.runs], "skipped": [asdict(one) for one in self.skipped]}

    def to_frame(self) -> DataFrame:
        """Return a `pandas.DataFrame` with a row for each point and each evaluated epoch, in the order of the words.

        The score of a set has the column "score.SET"."""
        rows = []
        for run in self.runs:
            scores = [{**{key: value for key, value in one.items() if key != "scores"},
                       **{f"score.{name}": value for name, value in one["scores"].items()}} for one in run.scores]
            rows += [{"run": run.name, **row} for row in sorted([*run.points, *scores],
                                                                key=lambda row: float(row["words_done"]))]
        return frame(rows)

    def plot(self, axes: Axes | None = None, *, value: str = "loss", by: str = "words") -> Axes:
        """Draw one value of all runs, and return matplotlib's axes.

        Parameters
        ----------
        axes : where to draw; None makes a figure, which is `axes.figure`.
        value : "loss", "loss_held_out", "alpha", "words_per_second", or the name of a set of scores.
        by : "words" or "hours" of training; with "words", the horizontal axis of scores is the epoch.

        Raises
        ------
        ValueError : no run has such a value, or `by` is another word.
        W2VError : matplotlib is not installed.
        """
        axes = new_axes(_PLOT + _LINE * len(self.runs)) if axes is None else axes
        draw(self.to_dict(), axes, value=value, by=by)
        return axes

    def figure(self, *, by: str = "words") -> Figure:
        """Return a figure with a panel for each value that a run has; the parameters and errors are those of `plot`."""
        return figure(self.to_dict(), by=by)


def curves(*paths: StrPath) -> Curves:
    """Read the logs of runs, which `w2v train --log-json` or `w2v.train(..., log_json=...)` wrote.

    Parameters
    ----------
    paths : the files; a file may have several runs, and may be of a run that has not ended.

    Returns
    -------
    The runs, and the lines that are left out: those that are broken (a killed run may leave one), or of other programs.

    Raises
    ------
    W2VError : a file cannot be read, or has no point of a run.
    TypeError : there is no path.
    """
    if not paths:
        raise TypeError("curves needs at least one log")
    names = differing_names([str(local_path(path)) for path in paths])
    logs = [_Log(str(local_path(path)), name) for path, name in zip(paths, names, strict=True)]
    return Curves(tuple(run for log in logs for run in log.curves()), tuple(one for log in logs for one in log.skipped))


class _Run:
    """A run while its lines are read."""

    def __init__(self, seed: int | None, epoch_words: float | None = None) -> None:
        self.seed, self.epoch_words = seed, epoch_words  # words of one epoch; None until a line says it
        self.points: list[dict[str, Any]] = []
        self.scores: list[dict[str, Any]] = []
        self.end: str | None = None

    def cut(self, words_done: float) -> None:
        """Leave out what was trained after this point and was lost."""
        self.points = [one for one in self.points if one["words_done"] <= words_done]
        self.scores = [one for one in self.scores if one["words_done"] <= words_done]

    def add_point(self, event: Mapping[str, Any]) -> None:
        """Add the values of an interval; ValueError if they are wrong."""
        point: dict[str, Any] = {name: _number(event, name) for name in _NUMBERS}
        point |= {name: None if event.get(name) is None else _number(event, name) for name in _MAYBE}
        if self.points and point["words_done"] < self.points[-1]["words_done"]:
            raise ValueError("words_done goes back; did two runs write to this log at the same time?")
        self.epoch_words = point["total_words"] / max(_number(event, "epochs"), 1)
        self.points.append(point)

    def add_scores(self, event: Mapping[str, Any]) -> None:
        """Add the scores of an epoch; ValueError if they are wrong."""
        scores, epoch = event.get("scores"), _number(event, "epoch")
        if not isinstance(scores, dict):
            raise ValueError("an evaluation without scores")
        if self.epoch_words is None:
            raise ValueError("an evaluation of a run whose start is not in the log")
        self.scores.append({"epoch": epoch, "words_done": round(epoch * self.epoch_words),
                            "seconds": _number(event, "seconds"),
                            "scores": {name: None if value is None else _number(scores, name)
                                       for name, value in scores.items()}})


class _Log:
    """The runs and the skipped lines of one file."""

    def __init__(self, path: str, name: str) -> None:
        self.path, self.name = path, name
        self.runs: list[_Run] = []
        self.skipped: list[Skipped] = []
        for line, text in _lines(path):
            try:
                self._add(_event(text))
            except (KeyError, TypeError, ValueError) as error:
                self.skipped.append(Skipped(path, line, str(error)))

    def curves(self) -> list[RunCurve]:
        """Return the runs that have points."""
        runs = [run for run in self.runs if run.points]
        if not runs:
            about = Curves((), tuple(self.skipped)).problem()
            raise W2VError(f"{self.path}: the log has no interval of a run, so there is nothing to draw; w2v train "
                           f"--log-json writes such logs{f' ({about})' if about else ''}")
        seeds = [run.seed for run in runs]
        found = []
        for i, run in enumerate(runs, 1):
            part = f"seed {run.seed}" if None not in seeds and len(set(seeds)) == len(seeds) else f"run {i}"
            name = self.name if len(runs) == 1 else f"{self.name}, {part}"
            found.append(RunCurve(name, self.path, run.seed, run.points, run.scores, run.end))
        return found

    def _add(self, event: Mapping[str, Any]) -> None:
        kind = event["event"]
        if kind == "start":
            self._start(event)
            return
        if kind not in ("interval", "evaluation", "rollback", "warning", *_ENDS):
            raise ValueError(f"no event of training: {kind!r}")
        if kind in _ENDS and (not self.runs or self.runs[-1].end is not None):
            return  # of a run that failed before its start
        if not self.runs:
            self.runs.append(_Run(None))  # the log has lost its beginning
        run = self.runs[-1]
        if kind in _ENDS:
            run.end = kind
        elif run.end is not None:
            raise ValueError("after the end of the run")
        elif kind == "interval":
            run.add_point(event)
        elif kind == "evaluation":
            run.add_scores(event)
        elif kind == "rollback":
            run.cut(_number(event, "words_done"))

    def _start(self, event: Mapping[str, Any]) -> None:
        config = event.get("config")
        if not isinstance(config, dict):
            raise ValueError("a start without config")
        seed, words_done = config.get("seed"), _number(event, "words_done")
        old = [run for run in self.runs if run.seed == seed and run.end != "end"]
        if event.get("resumed_from") is None or not old:
            self.runs.append(_Run(seed, _number(event, "words") / max(_number(config, "epochs"), 1)))
            return
        run = old[-1]
        self.runs.remove(run)
        self.runs.append(run)  # the following lines are its own
        run.end = None
        run.cut(words_done)


def _lines(path: str) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not empty, with their numbers."""
    try:
        with Path(path).open("rb") as file:
            for line, text in enumerate(file, 1):
                if text.strip():
                    yield line, text
    except OSError as error:
        raise W2VError(f"cannot read {path}: {error.strerror or error}") from error


def _event(text: bytes) -> Mapping[str, Any]:
    """Return the event of a line; ValueError if it is none."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(values, dict) or not isinstance(values.get("event"), str):
        raise ValueError("no event of a log")
    return values


def is_log(text: bytes) -> bool:
    """Whether the first line of a file is one of a log."""
    try:
        _event(text)
    except ValueError:
        return False
    return True


def _number(values: Mapping[str, Any], name: str) -> float:
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} is {value!r}, not a number")
    return value


def _last(run: RunCurve) -> str:
    loss = run.points[-1]["loss"]
    return "no loss" if loss is None else f"loss {loss:.4f}"
