"""Successive halving: many configurations on small samples, the best third of them on three times as much text.

Place in the data flow: `Candidates`, `Trials` -> `Halving.run` -> all trials, for `w2v.tuning.result`.

Sources: Jamieson & Talwalkar 2016 (1502.07943), algorithm 1; Li et al. 2018 (1603.06560) for the factor 3. There is one
bracket, since the defaults and the presets are in it. A configuration is trained anew on each sample: its learning rate
falls to the end of a run, so that a run cannot be continued on more text.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from w2v.errors import W2VError
from w2v.tuning.candidates import Candidate, Candidates
from w2v.tuning.trial import OUT_OF_TIME, Key, Trial, share_name

ETA = 3
"""Factor between the samples of two rungs, and between their numbers of configurations."""

MOST = 500  # configurations of the first rung; of more, the best by chance are promoted
_LOOKED_AT = 20  # configurations for each one that is tried, until the others are taken to be too long too
_COSTLIER = 2.0  # how much longer than the defaults the best configuration is taken to need, in a plan


class RunTrial(Protocol):
    """Trains and scores a configuration: `w2v.tuning.trials.Trials.run`."""

    def __call__(self, candidate: Candidate, share: float, deadline: float | None,
                 keep_back: Callable[[float], bool]) -> Trial: ...


class Halving:
    """A search.

    Parameters
    ----------
    candidates : the configurations.
    run : trains and scores one.
    shares : of the lines, by rung, rising; with a budget the last ones are left out if they do not fit in it.
    trials : number of configurations of the first rung; None for as many as fit in the budget.
    budget : seconds of the whole search; None for no limit.
    started : time of the clock at which the search began.
    done : trials of the search that is resumed.
    on_trial : called after each new trial.
    clock : returns seconds.

    Attributes
    ----------
    found : the trials in order, without those that ran out of time.
    shares : of the rungs that fit in the budget.
    too_long : number of configurations that were left out: each would take longer on the largest sample than that has
        time for.
    """

    shares: tuple[float, ...]
    found: list[Trial]
    too_long: int

    def __init__(self, candidates: Candidates, run: RunTrial, shares: Sequence[float], *, trials: int | None,
                 budget: float | None, started: float = 0.0, done: Mapping[Key, Trial] | None = None,
                 on_trial: Callable[[Trial], object] = bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._candidates, self._run, self.shares = candidates, run, tuple(shares)
        self._trials, self._budget = MOST if trials is None else trials, budget
        self._done, self._on_trial, self._clock = dict(done or {}), on_trial, clock
        self._base, self._since = 0.0, started
        self.found = []
        self.too_long = 0
        self._works: dict[int, tuple[float, bool]] = {}

    @property
    def elapsed(self) -> float:
        """Seconds of the search, of all its parts if it was resumed."""
        return self._base + self._clock() - self._since

    def run(self) -> list[Trial]:
        """Search, and return all trials.

        Raises
        ------
        W2VError : the budget is too small for one trial, or all configurations of the first rung failed.
        """
        begun = self.elapsed
        first = self._trial(0, self.shares[0])
        if first is None:
            raise W2VError(f"budget = {self._budget:g} seconds is too small for one trial: reading took {begun:.1f} "
                           "seconds, and the rest was over before the defaults were trained on "
                           f"{share_name(self.shares[0])} of the lines; pass a larger budget")
        self._plan(first)
        self._first_rung()
        for rung in range(1, len(self.shares)):
            if not self._next_rung(rung):
                break
        return self.found

    def at(self, share: float) -> list[Trial]:
        """Return the trials on a sample that have a score, the best first."""
        scored = [(-one.score, one.number, one) for one in self.found if one.share == share and one.score is not None]
        return [one for *_, one in sorted(scored, key=lambda row: row[:2])]

    def _plan(self, first: Trial) -> None:
        """Leave out the largest samples, if the defaults and another configuration do not fit in their time."""
        if self._budget is None:
            return
        left = self._budget - self.elapsed
        while len(self.shares) > 1:
            needed = (1 + _COSTLIER) * _scaled(first, self.shares[-1])
            if needed <= left / len(self.shares):
                break
            self.shares = self.shares[:-1]

    def _first_rung(self) -> None:
        until, share = self._end_of(0), self.shares[0]
        longest = None if until is None else (until - self.elapsed) * share / self.shares[-1]
        number = tried = 1
        while tried < self._trials and number < _LOOKED_AT * self._trials:
            expected = 0.0 if until is None or (number, share) in self._done else self._expected(number)
            if longest is not None and expected > longest:
                self.too_long += 1
            else:
                if until is not None and expected and self.elapsed + expected > until:
                    break
                if self._trial(number, share) is None:
                    break
                tried += 1
            number += 1
        if not self.at(share):
            raise W2VError(f"all {len(self.found)} configurations failed; the first one: {self.found[0].problem}")

    def _expected(self, number: int) -> float:
        """Return the seconds that a configuration is expected to take on the smallest sample: the median of what the
        others take for their work, of those of the same architecture if there are any."""
        work, sg = self._work(number)
        done = [(one, self._work(one.number)) for one in self.found if one.score is not None]
        same = [(one, other[0]) for one, other in done if other[1] == sg] or [(one, other[0]) for one, other in done]
        if not same:
            return self.found[0].seconds
        rate = statistics.median(one.seconds_training / other for one, other in same)
        return rate * work + statistics.median(one.seconds - one.seconds_training for one, _ in same)

    def _work(self, number: int) -> tuple[float, bool]:
        """Return the work of a configuration, and whether it is skip-gram."""
        if number not in self._works:
            candidate = self._candidates[number]
            self._works[number] = candidate.work, candidate.config.sg
        return self._works[number]

    def _next_rung(self, rung: int) -> bool:
        """Train the best configurations of the rung before, and the defaults; return whether any was trained."""
        before, share, until = self.at(self.shares[rung - 1]), self.shares[rung], self._end_of(rung)
        best = before[:math.ceil(len(before) / ETA)]
        if until is not None and share == self.shares[-1]:
            best = before  # what time is left over goes to the next ones
        order = list(dict.fromkeys([best[0].number, 0, *(one.number for one in best)]))
        seconds = {one.number: _scaled(one, share) for one in self.found if one.share < share}
        for place, number in enumerate(order):
            limit = self._budget if place < 2 else until
            done = (number, share) in self._done
            if limit is not None and not done and self.elapsed + seconds[number] > limit:
                if place == 0:
                    return False
                continue
            if self._trial(number, share) is None:
                break
        return bool(self.at(share))

    def _end_of(self, rung: int) -> float | None:
        """Return when a rung should end: the time that is left is divided evenly among the rungs that are left."""
        if self._budget is None:
            return None
        return self.elapsed + (self._budget - self.elapsed) / (len(self.shares) - rung)

    def _trial(self, number: int, share: float) -> Trial | None:
        """Run a trial, or take it from the search that is resumed; None if it ran out of time."""
        if (old := self._done.get((number, share))) is not None:
            self.found.append(old)
            self._base, self._since = max(self.elapsed, old.elapsed), self._clock()
            return old
        best = self.at(share)

        def keep_back(score: float) -> bool:
            return number == 0 or not best or score > (best[0].score or 0)

        deadline = None if self._budget is None else self._clock() + self._budget - self.elapsed
        new = self._run(self._candidates[number], share, deadline, keep_back)
        if new.problem == OUT_OF_TIME:
            return None
        new = dataclasses.replace(new, elapsed=self.elapsed)
        self.found.append(new)
        self._on_trial(new)
        return new


def _scaled(trial: Trial, share: float) -> float:
    """Return the seconds that a trial is expected to take on another sample. The words to compare grow with the square
    root of the text (Heaps' law)."""
    more = share / trial.share
    return trial.seconds_training * more + (trial.seconds - trial.seconds_training) * math.sqrt(more)
