"""The result of a search.

Place in the data flow: trials -> `TuneResult` -> tables, JSON, a data frame, a picture.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from w2v.system.fact_table import Fact, FactTable
from w2v.system.report import Report, frame
from w2v.system.shell import command, typed_option
from w2v.system.text_table import TextTable, interval, number
from w2v.tuning.importance import Importance
from w2v.tuning.picture import draw
from w2v.tuning.trial import Trial, share_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

SHOWN = 10  # configurations of a table


@dataclass(frozen=True, repr=False)
class TuneResult(Report):
    """The best options that a search found, and all of its trials.

    Attributes
    ----------
    best : options for `w2v.train`: those that were given, and the best values of those that were searched.
    command : the command line that trains with them; a call of `w2v.train` if the corpus is not in files.
    name : of the best configuration: "defaults", a preset, or "random".
    score : its score on the half of the items that was searched on.
    share : of the lines, the largest sample that was trained on, to which `score` belongs.
    metric : what was measured; a score is the mean.
    shares : the samples, by rung.
    trials : all trials, in order.
    space : the values that were tried, by setting.
    importance : how much each setting matters, on the smallest sample.
    held_out : lines that were trained on without their last item; 0 with sets of words.
    words : words of the corpus.
    seconds : of the search.
    too_long : configurations that were left out, because the budget has no time for them on the largest sample.
    """

    best: dict[str, Any]
    command: str
    name: str
    score: float
    share: float
    metric: tuple[str, ...]
    shares: tuple[float, ...]
    trials: tuple[Trial, ...]
    space: dict[str, str]
    importance: tuple[Importance, ...]
    held_out: int
    words: int
    seconds: float
    too_long: int = 0

    @property
    def winner(self) -> Trial:
        """The best trial on the largest sample."""
        return max(self._at(self.share), key=lambda one: (one.score or 0, -one.number))

    @property
    def default(self) -> Trial | None:
        """The trial of the defaults on the same sample; None if there was no time for it, or it failed."""
        return next((one for one in self._at(self.share) if one.number == 0), None)

    def _at(self, share: float) -> list[Trial]:
        return [one for one in self.trials if one.share == share and one.score is not None]

    def brief(self) -> str:
        options = ", ".join(f"{name}={self.best[name]!r}" for name in self.space if name in self.best)
        return f"{', '.join(self.metric)} {self.score:.4f}: {options}"

    def to_dict(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "trials": [one.to_dict() for one in self.trials]}

    def to_frame(self) -> DataFrame:
        """Return a `pandas.DataFrame` with a row for each trial, and a column for each option."""
        return frame({**{name: value for name, value in one.to_dict().items()
                         if name not in ("options", "values", "kept_back")}, **one.options} for one in self.trials)

    def plot(self, axes: Axes | None = None) -> Axes:
        return draw(self.to_dict(), axes)

    def tables(self) -> list[TextTable | FactTable]:
        failed = [one for one in self.trials if one.score is None]
        facts = [Fact("search", f"{len(self.trials):,}", f"trials of {len({one.number for one in self.trials}):,} "
                      f"configurations in {self.seconds:.0f} s, {self.words:,} words")]
        facts += [Fact(f"{share_name(share)} of the lines", f"{len(self._at(share)):,}", "trials")
                  for share in self.shares]
        if self.held_out:
            facts.append(Fact("held out", f"{self.held_out:,}", "last items of lines: half to search on, half kept "
                              "back"))
        if self.too_long:
            facts.append(Fact("too long", f"{self.too_long:,}", "configurations that the budget has no time for"))
        if failed:
            facts.append(Fact("failed", f"{len(failed):,}", f"the first: {failed[0].problem:.120}"))
        return [FactTable(facts), self._scores(), *([self._matters()] if self.importance else []), self._kept_back()]

    def _scores(self) -> TextTable:
        """Return the best configurations with their scores by sample."""
        best = sorted(self._at(self.share), key=lambda one: (-(one.score or 0), one.number))
        seen = {one.number for one in best}
        for share in reversed(self.shares):
            best += [one for one in sorted(self._at(share), key=lambda one: (-(one.score or 0), one.number))
                     if one.number not in seen]
            seen |= {one.number for one in best}
        shown = best[:SHOWN]
        shown += [one for one in best[SHOWN:] if one.number == 0]
        by_key = {(one.number, one.share): one.score for one in self.trials}
        head = ["configuration", *map(share_name, self.shares), "seconds", *self.space]
        rows = [[f"{one.number} {one.name}", *(number(by_key.get((one.number, share))) for share in self.shares),
                 f"{one.seconds:.1f}", *(_shown(name, one.options.get(name)) for name in self.space)] for one in shown]
        return TextTable(head, rows, 0, [f"mean of {', '.join(self.metric)} on the half that is searched on, by share "
                                         "of the lines"])

    def _matters(self) -> TextTable:
        rows = [[one.name, f"{one.share:.1%}", f"{one.chance:.1%}", number(one.correlation), one.best.values,
                 number(one.best.mean)] for one in self.importance]
        note = (f"share of the variance of the scores that the setting explains by itself, on "
                f"{share_name(self.shares[0])} of the lines; near that by chance it does not matter there")
        return TextTable(("setting", "explains", "by chance", "correlation", "best values", "mean"), rows, 0, [note])

    def _kept_back(self) -> TextTable:
        """Return the values of the best configuration and of the defaults on the other half of the items."""
        best, default = self.winner, self.default
        rows = [[one.name, *_cells(default, place), *_cells(best, place), f"{one.used:,}/{one.total:,}"]
                for place, one in enumerate(best.kept_back)]
        notes = ["on the half that was not searched on: these values are not raised by the choice"]
        if best.number == 0:
            notes.append("no configuration was better than the defaults")
        return TextTable(("kept back", "defaults", "95 %", "best", "95 %", "known"), rows, 0, notes)


def _cells(trial: Trial | None, place: int) -> tuple[str, str]:
    if trial is None or place >= len(trial.kept_back):
        return number(None), ""
    one = trial.kept_back[place]
    return number(one.value), interval(one.interval, 4)


def _shown(name: str, value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def train_command(corpus: Sequence[str], options: Mapping[str, Any]) -> str:
    """Return the command line that trains on files with some options, quoted for the shell."""
    words = ["w2v", "train", *corpus, "-o", "vectors.safetensors"]
    for name, value in options.items():
        words += typed_option(name, value)
    return command(words)
