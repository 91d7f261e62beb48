"""Checks of similarities: cosines of random pairs against those of random vectors, and the direction that all share.

Place in the data flow: `Subject` -> findings.
"""

from __future__ import annotations

import math

import numpy as np

from w2v.analysis.health.chance import cosine_distribution, ks_test
from w2v.analysis.health.subject import Subject, found, not_measured
from w2v.analysis.moments import Moments
from w2v.analysis.rotation import paired_cosines
from w2v.evaluation.statistics.student import student_interval
from w2v.system.diagnosis import Finding, Measure, Severity
from w2v.system.text_table import TextTable, interval
from w2v.types import Floats, Interval

ALPHA = 0.001
"""Probability with which random vectors are taken for trained ones."""

_BINS = 40
_PAIRS_PER_WORD = 10  # more pairs of few words repeat the same information
_SHARED: tuple[tuple[float, Severity], ...] = ((0.8, "problem"), (0.4, "warning"), (0.15, "note"))
"""Least share of the common direction for each severity. Skip-gram on 17 million words has about 0.3."""


def random_pairs(subject: Subject) -> Finding:
    """Cosines of random pairs against their distribution for random directions."""
    if not subject.measurable:
        return not_measured(subject)
    cosines = _cosines(subject)
    distance, p = ks_test(cosine_distribution(subject.dim, cosines))
    mean, variance, n = float(cosines.mean()), float(cosines.var()), len(cosines)
    fourth = float(((cosines - mean) ** 4).mean())
    spread = student_interval(variance, math.sqrt(max(0.0, fourth - variance ** 2) / n))
    measures = (
        Measure("mean cosine", mean, student_interval(mean, math.sqrt(variance / n)), 0.0),
        Measure("variance x dimensions", variance * subject.dim, _times(spread, subject.dim), 1.0),
        Measure("effective dimensions (1 / variance)", 1 / variance if variance else math.nan, _inverse(spread),
                float(subject.dim)),
        Measure("distance from chance", distance, None, 0.0, p))
    is_random = p >= ALPHA
    bins = _histogram(cosines, subject.dim)
    data = {"random": is_random, "pairs": n, **bins}
    severity, meaning, advice = _verdict(is_random, subject.settings.random)
    return found(severity, meaning, *measures, advice=advice, data=data, table=_table(bins))


def _verdict(is_random: bool, meant: bool) -> tuple[Severity, str, str]:
    if is_random and meant:
        return "ok", "Similarities are those of random vectors, as they should be.", ""
    if is_random:
        return "problem", ("Similarities do not differ from those of random vectors: these vectors hold no "
                           "information that cosines show. They look untrained."), \
            "check that the right matrix was saved, and train longer or on more text (--random if it is intended)"
    if meant:
        return "problem", "Similarities differ from those of random vectors: these vectors are not random.", \
            "leave out --random if they were trained"
    return "ok", ("Similarities differ from those of random vectors, as they should after training. A random pair has "
                  "about the mean cosine, so only cosines above it show similarity."), ""


def _cosines(subject: Subject) -> Floats:
    """Return the cosines of distinct random pairs."""
    words, n = subject.usable, len(subject.usable)
    wanted = min(subject.settings.pairs, _PAIRS_PER_WORD * n, n * (n - 1) // 2)
    rng = np.random.default_rng(subject.settings.seed)
    chosen = np.empty(0, dtype=np.int64)
    while len(chosen) < wanted:  # at most half of all pairs of LEAST words, so few rounds
        first, second = rng.integers(0, n, (2, wanted))
        codes = np.minimum(first, second) * n + np.maximum(first, second)
        chosen = np.unique(np.concatenate((chosen, codes[first != second])))
    chosen = np.sort(rng.choice(chosen, wanted, replace=False))
    table = subject.table
    return paired_cosines(table, words[chosen // n], table, words[chosen % n])


def _histogram(cosines: Floats, dim: int) -> dict[str, list[float]]:
    """Return edges, counts and expected counts of bins that hold all cosines and those of random vectors."""
    wide = 5 / math.sqrt(dim)
    low, high = max(-1.0, min(float(cosines.min()), -wide)), min(1.0, max(float(cosines.max()), wide))
    edges = np.linspace(low, high, _BINS + 1)
    counts = np.histogram(np.clip(cosines, low, high), edges)[0]
    expected = np.diff(cosine_distribution(dim, edges)) * len(cosines)
    return {"edges": edges.tolist(), "counts": counts.tolist(), "expected": expected.tolist()}


def _table(data: dict[str, list[float]]) -> TextTable:
    """Return the histogram with four bins in one row."""
    counts = np.add.reduceat(data["counts"], range(0, _BINS, 4))
    expected = np.add.reduceat(data["expected"], range(0, _BINS, 4))
    edges = data["edges"][::4]
    return TextTable(("cosine", "pairs", "by chance"), [
        (interval((edges[i], edges[i + 1]), 2), f"{counts[i]:,}", f"{expected[i]:,.0f}") for i in range(len(counts))])


def _times(ends: Interval, factor: float) -> Interval:
    return ends[0] * factor, ends[1] * factor


def _inverse(ends: Interval) -> Interval | None:
    return (1 / ends[1], 1 / ends[0]) if ends[0] > 0 else None


def common_direction(subject: Subject) -> Finding:
    """Squared length of the mean of the vectors, scaled to length 1."""
    if not subject.measurable:
        return not_measured(subject)
    share = subject.moments.estimate(_mean_share)
    measure = Measure("share", share.value, share.interval, _mean_share(subject.random_moments.whole), share=True)
    severity = _severity(share.value)
    if severity == "ok":
        return found("ok", "The vectors have little of a common direction.", measure)
    nearly = ("Nearly all of every vector is the same: the space has collapsed to one direction." if
              severity == "problem" else "All vectors share one direction, so unrelated words have cosines above 0. "
              "Some of it is usual after training.")
    return found(severity, nearly, measure,
                 advice="w2v reduce --center subtracts the mean vector; compare the scores (w2v evaluate)")


def _mean_share(moments: Moments) -> float:
    """Return the squared length of the mean: of unit vectors their mean cosine, each with itself included."""
    return float(moments.mean @ moments.mean)


def _severity(share: float) -> Severity:
    for least, severity in _SHARED:
        if share >= least:
            return severity
    return "ok"
