"""What a run tells at intervals: its loss, the loss on lines that do not train, the neighbours of chosen words.

Place in the data flow: counters and rows of a model under training -> `IntervalStats`, for the log, the display and a
callback. All of it is done on the main thread while the threads of the run go on; intervals become longer where looking
would take more than `SHARE` of the time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from w2v.errors import W2VError
from w2v.system.interval import Interval
from w2v.system.jsonlog import JsonLog
from w2v.training.held_out.loss import HeldOutLoss
from w2v.training.run import Run
from w2v.training.status import ModelView, Status
from w2v.vectors._topk import Best
from w2v.vectors.lengths import row_lengths, unit_rows
from w2v.vectors.spelling import near_spellings

TOP = 5  # neighbours of a probe word
CANDIDATES = 50_000  # most frequent words that they are looked for among: 10 ms with 100 dimensions, 30 with 300
SHARE = 0.05  # of the time, at most
DEFAULT = (Interval.of("10s", "default"), Interval.of("1%", "default"))  # the longer of them

_TILE = 1 << 18  # numbers of the rows that are copied at a time


@dataclass(frozen=True)
class Probe:
    """The nearest of the `CANDIDATES` most frequent words to a word.

    Attributes
    ----------
    neighbours : (word, cosine), nearest first.
    new : how many of them were not among the neighbours before; None when looked at for the first time.
    """

    word: str
    neighbours: tuple[tuple[str, float], ...]
    new: int | None


@dataclass(frozen=True)
class IntervalStats:
    """What happened since the last call, and where the run is.

    Attributes
    ----------
    words_done, total_words : over all epochs, without unknown words and those held out.
    epoch, epochs : epochs done, with a fraction, and all of them.
    seconds : of training so far.
    words_per_second : of this interval, as words_done counts them.
    alpha : the learning rate now.
    loss, pairs : of this interval, the mean over so many sampled pairs, in the unit of `TrainReport.loss`; NaN if
        there was none.
    loss_held_out : the loss on lines that do not train, by the model as it is now; None if there are none.
    probes : neighbours of the words asked for.
    ended : is this the end of the run? The last one always comes.
    """

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

    def as_dict(self) -> dict[str, Any]:
        """All fields as plain values, for JSON; the probes by their word."""
        probes = {one.word: {"neighbours": list(one.neighbours), "new": one.new} for one in self.probes}
        return {**asdict(self), "probes": probes}


OnInterval = Callable[[ModelView, IntervalStats], "str | None"]  # what it returns is shown


@dataclass(frozen=True)
class Watch:
    """What to look at, how often, and whom to tell.

    Attributes
    ----------
    every : None for the longer of 1 % of the words and 10 seconds.
    probes : words whose neighbours are looked for.
    log : gets a line an interval.
    call : is called with the model and the numbers.
    """

    every: Interval | None = None
    probes: tuple[str, ...] = ()
    log: JsonLog | None = None
    call: OnInterval | None = None

    def check(self, held_out: bool, progress: bool) -> None:
        """Raise ValueError for an interval without anything to tell, and for probes that nobody would see."""
        if self.probes and not (self.log or self.call or progress):
            raise ValueError("probe: the neighbours would be shown nowhere; ask for progress or log_json, or give a "
                             "callback on_interval")
        if self.every is not None and not (self.probes or self.log or self.call or held_out):
            raise ValueError("log_every: nothing is told at intervals; ask for log_json, probe or held_out, or give a "
                             "callback on_interval")


class Probes:
    """Neighbours of some words, time and again.

    Raises
    ------
    W2VError : a word is not in the vocabulary.
    """

    def __init__(self, words: Sequence[str], vocabulary: Sequence[str]) -> None:
        self.words = list(dict.fromkeys(words))
        row = {word: i for i, word in enumerate(vocabulary) if word in set(self.words)}
        if missing := [word for word in self.words if word not in row]:
            known = {word: i for i, word in enumerate(vocabulary)}
            near = {near: None for word in missing for near in near_spellings(word, known, 1)}
            hint = f"; did you mean {', '.join(map(repr, near))}?" if near else ""
            raise W2VError(f"probe words that are not in the vocabulary of {len(known):,}: "
                           f"{', '.join(map(repr, missing))}{hint}")
        self._n = min(CANDIDATES, len(vocabulary))
        self._rows = np.array([row[word] for word in self.words], dtype=np.int64)
        self._last: list[set[str]] = []

    def look(self, view: ModelView) -> tuple[Probe, ...]:
        """The neighbours now; none where a vector is no longer finite."""
        vectors = unit_rows(view.rows(self._rows))
        best = Best(len(self.words), TOP)
        step = max(1, _TILE // vectors.shape[1])
        for start in range(0, self._n, step):
            rows = view.rows(np.arange(start, min(start + step, self._n)))
            with np.errstate(over="ignore", invalid="ignore"):
                # not by BLAS, whose threads wait for each other while those of training have the cores: 7 times slower
                scores = np.einsum("kd,nd->kn", vectors, rows)
                best.add(scores, 0, row_lengths(rows).inverse, None, start, None,
                         np.arange(len(self.words) + 1), self._rows)
        found, cosines, sizes = best.sorted()
        probes = []
        for k, word in enumerate(self.words):
            near = tuple((view.words[i], float(cosine)) for i, cosine in
                         zip(found[k, :sizes[k]].tolist(), cosines[k, :sizes[k]], strict=True))
            new = sum(one not in self._last[k] for one, _ in near) if self._last else None
            probes.append(Probe(word, near, new))
        self._last = [{one for one, _ in probe.neighbours} for probe in probes]
        return tuple(probes)


class Intervals:
    """Looks at a run at intervals; made before its threads work.

    Raises
    ------
    W2VError : a probe word is not in the vocabulary.
    """

    def __init__(self, watch: Watch, run: Run, held_out: HeldOutLoss | None) -> None:
        self.watch, self.held_out = watch, held_out
        self.every = DEFAULT if watch.every is None else (watch.every,)
        self.probes = Probes(watch.probes, run.view.words) if watch.probes else None
        self._seconds = 0.0  # at the last look, as the next two
        self._words, self._loss = 0, (0.0, 0)
        self._cost = 0.0  # seconds of processor time that the last look took

    def restarted(self, run: Run) -> None:
        now = run.status()
        self._words, self._loss = now.words_done, (now.loss_sum, now.loss_pairs)
        self._seconds = max(self._seconds, now.seconds)
        if run.rollbacks and self.watch.log is not None:
            self.watch.log.write("rollback", words_done=now.words_done, problem=run.rollbacks[-1])

    def observe(self, run: Run, ended: bool) -> None:
        now = run.status()
        if not ended and not self._due(now):
            return
        start = time.thread_time()  # what the threads of training lose is this thread's work, not its waiting
        stats = self._stats(run, now, ended)
        self._cost = time.thread_time() - start
        self._seconds, self._words, self._loss = now.seconds, now.words_done, (now.loss_sum, now.loss_pairs)
        self._tell(run, stats)

    def _due(self, now: Status) -> bool:
        seconds, total = now.seconds - self._seconds, max(now.total_words, 1)
        return (now.words_done < now.total_words and seconds >= self._cost / SHARE
                and all(one.passed(seconds, self._words / total, now.words_done / total) for one in self.every))

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

    def _tell(self, run: Run, stats: IntervalStats) -> None:
        """The held-out loss stands beside the progress; a probe word gets a line when it has new neighbours."""
        if stats.loss_held_out is not None:
            run.shown["held out"] = f"{stats.loss_held_out:.4f}"
        for probe in stats.probes:
            if probe.new != 0:
                run.display.note(line(stats, probe))
        log = self.watch.log
        if log is not None:
            told = log.problem
            log.write("interval", **stats.as_dict())
            if log.problem != told:
                run.display.note(f"{log.problem}; training goes on")
        answer = None if self.watch.call is None else self.watch.call(run.view, stats)
        if answer is not None:
            run.display.note(answer)


def line(stats: IntervalStats, probe: Probe) -> str:
    """One line for people."""
    done = 100 * stats.words_done / max(stats.total_words, 1)
    change = "" if probe.new is None else f"  ({probe.new} new)"
    return f"{done:5.1f}%  {probe.word}: {', '.join(word for word, _ in probe.neighbours) or '-'}{change}"
