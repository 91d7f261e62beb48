"""Corpora whose best hyper-parameters are known, and trials without training, for the tests of `w2v.tune`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from w2v.tuning.candidates import Candidate
from w2v.tuning.trial import OUT_OF_TIME, Trial, Value

PAIRS = 20


def far_lines(n: int, distance: int = 4, seed: int = 1) -> list[list[str]]:
    """Lines in which `a3` and `b3` both meet the word `m3`, but only `distance` words away; all words between are
    random. Smaller windows cannot see what a3 and b3 have in common."""
    rng = np.random.default_rng(seed)
    lines = []
    for _ in range(n):
        i, side = int(rng.integers(PAIRS)), "ab"[int(rng.integers(2))]
        between = [f"f{k}" for k in rng.integers(0, 40, distance - 1)]
        lines.append([f"{side}{i}", *between, f"m{i}"])
    return lines


def write_pairs(path: Path) -> Path:
    """Write the set of similarity that says so: a3 is like b3, and like no other b."""
    path.write_text("".join(f"a{i}\tb{j}\t{int(i == j)}\n" for i in range(PAIRS) for j in range(PAIRS)
                            if i == j or (i + j) % 5 == 0))
    return path


def sessions(n: int, seed: int = 1) -> list[list[str]]:
    """Sessions of four items of one of 25 groups of 8."""
    rng = np.random.default_rng(seed)
    return [[f"g{group}i{k}" for k in rng.permutation(8)[:4]] for group in rng.integers(0, 25, n).tolist()]


def write_lines(path: Path, lines: list[list[str]]) -> Path:
    path.write_text("".join(" ".join(line) + "\n" for line in lines))
    return path


class FakeTrials:
    """Trials that take the time and have the score that functions of the candidate and the share say.

    Attributes
    ----------
    now : what the clock shows.
    ran : (number, share) of the trials, in order.
    """

    def __init__(self, seconds: Callable[[Candidate, float], float] = lambda one, share: share,
                 score: Callable[[Candidate, float], float | None] = lambda one, share: float(one.number % 7)) -> None:
        self._seconds, self._score = seconds, score
        self.now = 0.0
        self.ran: list[tuple[int, float]] = []

    def clock(self) -> float:
        return self.now

    def __call__(self, candidate: Candidate, share: float, deadline: float | None,
                 keep_back: Callable[[float], bool]) -> Trial:
        seconds, score = self._seconds(candidate, share), self._score(candidate, share)
        self.ran.append((candidate.number, share))
        if deadline is not None and self.now + seconds > deadline:
            self.now = deadline
            return Trial(candidate.number, candidate.name, candidate.options, share, None, problem=OUT_OF_TIME)
        self.now += seconds
        kept = (Value("x", score, None, 1, 1),) if score is not None and keep_back(score) else ()
        return Trial(candidate.number, candidate.name, candidate.options, share, score, kept_back=kept,
                     seconds=seconds, seconds_training=0.9 * seconds, problem="" if score is not None else "diverged")
