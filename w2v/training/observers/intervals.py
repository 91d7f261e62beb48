"""Reports of a run at intervals: loss, loss on held-out text, neighbours of probe words.

Place in the data flow: counters and rows of a model under training -> `IntervalStats` -> log, display and callback. All
of this runs on the main thread while the threads of the run continue; intervals become longer where a report would take
more than `SHARE` of the time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from w2v.corpus_options import TextOptions
from w2v.errors import W2VError
from w2v.system.interval import Interval
from w2v.system.jsonlog import JsonLog
from w2v.system.report import Report
from w2v.training.held_out.loss import HeldOutLoss
from w2v.training.run import Run
from w2v.training.status import ModelView, Status
from w2v.vectors._topk import Best
from w2v.vectors.lengths import row_lengths, unit_rows
from w2v.vectors.lookup import prepared_word
from w2v.vectors.spelling import near_spellings

TOP = 5  # neighbours of a probe word
CANDIDATES = 50_000  # most frequent words, among which neighbours are searched: 10 ms with 100 dimensions, 30 with 300
SHARE = 0.05  # largest share of the time that reports may take
DEFAULT = (Interval.of("10s", "default"), Interval.of("1%", "default"))  # the longer of the two, and at most
LONGEST = Interval.of("20%", "default")  # so that a run of a few seconds has some reports too

_TILE = 1 << 18  # numbers of the rows that are copied at a time


@dataclass(frozen=True)
class Probe:
    """Nearest neighbours of a word among the `CANDIDATES` most frequent words.

    Attributes
    ----------
    word : the probe word.
    neighbours : (word, cosine), nearest first, at most `TOP`.
    new : number of neighbours that the previous report did not have; None in the first report.
    """

    word: str
    neighbours: tuple[tuple[str, float], ...]
    new: int | None


@dataclass(frozen=True)
class IntervalStats(Report):
    """State of a run, and what happened in it since the previous report.

    Attributes
    ----------
    words_done, total_words : words of all epochs, without unknown and held-out words.
    epoch, epochs : epochs done, as a fraction, and all epochs.
    seconds : training time so far.
    words_per_second : speed in this interval, in the words that `words_done` counts.
    alpha : current learning rate.
    loss, pairs : mean loss of this interval, in the unit of `TrainReport.loss`, and the number of sampled pairs that it
        is the mean of; NaN if there was none.
    loss_held_out : loss of the current model on held-out text; None without such text.
    probes : neighbours of the probe words.
    ended : whether this is the last report, which every run makes.
    """

    _instead = "w2v.curves(log).plot() draws the log that training writes with log_json"

    words_done: int
    total_words: int
    epoch: float
    epochs: int
    seconds: float
    words_per_second: float
    alpha: float
    loss: float
    pairs: int
    loss_held_out: float | None
    probes: tuple[Probe, ...]
    ended: bool

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as plain values for JSON; `probes` becomes a dict by word."""
        probes = {one.word: {"neighbours": list(one.neighbours), "new": one.new} for one in self.probes}
        return {**asdict(self), "probes": probes}


OnInterval = Callable[[ModelView, IntervalStats], "str | None"]
"""Callback of an interval; a returned str is shown."""


@dataclass(frozen=True)
class Watch:
    """Contents, time and receivers of interval reports.

    Attributes
    ----------
    every : time between reports; None for the longer of 1 % of the words and 10 seconds, but at most 20 % of the words.
    probes : words whose neighbours are reported.
    log : receives one line per report.
    call : called with the model and the numbers of each report.
    """

    every: Interval | None = None
    probes: tuple[str, ...] = ()
    log: JsonLog | None = None
    call: OnInterval | None = None


class Probes:
    """Neighbours of probe words, searched in a model under training.

    Raises
    ------
    W2VError : a word is not in the vocabulary.
    """

    words: list[str]

    def __init__(
        self, words: Sequence[str], vocabulary: Sequence[str], text_options: TextOptions | None = None
    ) -> None:
        asked = list(dict.fromkeys(words))
        forms = {word: word if text_options is None else prepared_word(word, text_options) for word in asked}
        row = {word: i for i, word in enumerate(vocabulary) if word in {*asked, *forms.values()}}
        self.words = list(dict.fromkeys(word if word in row else forms[word] for word in asked))
        if missing := [word for word in self.words if word not in row]:
            known = {word: i for i, word in enumerate(vocabulary)}
            near = {near: None for word in missing for near in near_spellings(word, known, 1)}
            hint = f"; did you mean {', '.join(map(repr, near))}?" if near else ""
            raise W2VError(f"probe words that are not among the {len(known):,} words of the vocabulary: "
                           f"{', '.join(map(repr, missing))}{hint}")
        self._n = min(CANDIDATES, len(vocabulary))
        self._rows = np.array([row[word] for word in self.words], dtype=np.int64)
        self._last: list[set[str]] = []

    def look(self, view: ModelView) -> tuple[Probe, ...]:
        """Return the current neighbours; a word whose vector is not finite has none."""
        vectors = unit_rows(view.rows(self._rows))
        best = Best(len(self.words), TOP)
        step = max(1, _TILE // vectors.shape[1])
        for start in range(0, self._n, step):
            rows = view.rows(np.arange(start, min(start + step, self._n)))
            with np.errstate(over="ignore", invalid="ignore"):
                # BLAS is 7 times slower: its threads wait for each other while the training threads hold the cores
                scores = np.einsum("kd,nd->kn", vectors, rows)
                best.add(scores, 0, row_lengths(rows).inverse, None, start, None,
                         np.arange(len(self.words) + 1), self._rows)
        found, cosines, sizes = best.sorted()
        probes = []
        for k, word in enumerate(self.words):
            near = tuple((view.words[int(i)], float(cosine)) for i, cosine in
                         zip(found[k, :sizes[k]].tolist(), cosines[k, :sizes[k]], strict=True))
            new = sum(one not in self._last[k] for one, _ in near) if self._last else None
            probes.append(Probe(word, near, new))
        self._last = [{one for one, _ in probe.neighbours} for probe in probes]
        return tuple(probes)


class Intervals:
    """Observer that reports on a run at intervals; made before the threads of the run start.

    Raises
    ------
    W2VError : a probe word is not in the vocabulary.
    """

    watch: Watch
    held_out: HeldOutLoss | None
    every: tuple[Interval, Interval] | tuple[Interval]
    probes: Probes | None

    def __init__(self, watch: Watch, run: Run, held_out: HeldOutLoss | None) -> None:
        self.watch, self.held_out = watch, held_out
        self.every = DEFAULT if watch.every is None else (watch.every,)
        self.probes = Probes(watch.probes, run.view.words, run.view.text_options) if watch.probes else None
        self._seconds = 0.0  # at the previous report, as the next two
        self._words, self._loss = 0, (0.0, 0)
        self._cost = 0.0  # processor time of the previous report, in seconds

    def restarted(self, run: Run) -> None:
        """Count from the state in which the run starts; see `w2v.training.run.Observer`."""
        now = run.status()
        self._words, self._loss = now.words_done, (now.loss_sum, now.loss_pairs)
        self._seconds = max(self._seconds, now.seconds)
        if run.rollbacks and self.watch.log is not None:
            self.watch.log.write("rollback", words_done=now.words_done, problem=run.rollbacks[-1])

    def observe(self, run: Run, ended: bool) -> None:
        """Report on the run if it is time to; see `w2v.training.run.Observer`."""
        now = run.status()
        if not ended and not self._due(now):
            return
        start = time.thread_time()  # this thread's work slows down training; its waiting does not
        stats = self._stats(run, now, ended)
        self._cost = time.thread_time() - start
        self._seconds, self._words, self._loss = now.seconds, now.words_done, (now.loss_sum, now.loss_pairs)
        self._send(run, stats)

    def _due(self, now: Status) -> bool:
        seconds, total = now.seconds - self._seconds, max(now.total_words, 1)
        if now.words_done >= now.total_words or seconds < self._cost / SHARE:
            return False

        def passed(interval: Interval) -> bool:
            return interval.passed(seconds, self._words / total, now.words_done / total)

        return all(map(passed, self.every)) or (self.watch.every is None and passed(LONGEST))

    def _stats(self, run: Run, now: Status, ended: bool) -> IntervalStats:
        pairs = now.loss_pairs - self._loss[1]
        return IntervalStats(
            words_done=now.words_done, total_words=now.total_words, epochs=run.config.epochs,
            epoch=now.words_done * run.config.epochs / max(now.total_words, 1), seconds=now.seconds,
            words_per_second=(now.words_done - self._words) / max(now.seconds - self._seconds, 1e-9), alpha=now.alpha,
            loss=(now.loss_sum - self._loss[0]) / pairs if pairs else math.nan, pairs=pairs,
            loss_held_out=None if self.held_out is None else self.held_out.mean(run.view),
            probes=() if self.probes is None else self.probes.look(run.view),
            ended=ended)

    def _send(self, run: Run, stats: IntervalStats) -> None:
        """Send a report to its receivers: the held-out loss goes to the progress display, and so do new neighbours."""
        if stats.loss_held_out is not None:
            run.shown["held out"] = f"{stats.loss_held_out:.4f}"
        for probe in stats.probes:
            if probe.new != 0:
                run.display.note(line(stats, probe))
        log = self.watch.log
        if log is not None:
            problem = log.problem
            log.write("interval", **stats.to_dict())
            if log.problem != problem:
                run.display.note(f"{log.problem}; training continues")
        note = None if self.watch.call is None else self.watch.call(run.view, stats)
        if note is not None:
            run.display.note(note)


def line(stats: IntervalStats, probe: Probe) -> str:
    """Return one line about a probe word, for the display."""
    done = 100 * stats.words_done / max(stats.total_words, 1)
    change = "" if probe.new is None else f"  ({probe.new} new)"
    return f"{done:5.1f}%  {probe.word}: {', '.join(word for word, _ in probe.neighbours) or '-'}{change}"
