"""Checks of neighbourhoods: hubs, near duplicates, intrinsic dimension, among the most frequent words.

Place in the data flow: `Nearest` of a `Subject` -> findings. Random vectors, as many and of as many dimensions, are the
null model: in many dimensions they have hubs too, and their intrinsic dimension is underestimated.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from w2v.analysis.health.nearest import skewness, two_nn
from w2v.analysis.health.subject import Subject, found, not_measured
from w2v.evaluation.statistics.bootstrap import percentile_interval, proportion_interval, resample_counts
from w2v.system.diagnosis import Finding, Measure, Severity
from w2v.system.text_table import TextTable
from w2v.types import Floats, Interval

DRAWS = 200  # bootstrap replicates
_NEAR = 0.99  # cosine of near duplicates
_HUBS_SHOWN = 10


def hubs(subject: Subject) -> Finding:
    """How unevenly words are neighbours of others."""
    if not subject.measurable:
        return not_measured(subject)
    near, null = subject.nearest, subject.random_nearest
    occurrences, seed, m = near.occurrences, subject.settings.seed, len(subject.frequent)
    skew, chance = skewness(occurrences), skewness(null.occurrences)
    replicates = np.array([skewness(occurrences, counts) for block in resample_counts(m, DRAWS, seed)
                           for counts in block])
    nobody = int((occurrences == 0).sum())
    order = np.argsort(-occurrences, kind="stable")[:_HUBS_SHOWN]
    names = subject.words(subject.frequent[order], _HUBS_SHOWN)
    measures = (Measure("skewness of k-occurrence", skew, percentile_interval(replicates), chance),
                Measure("nobody's neighbour", nobody / m, proportion_interval(nobody, m, DRAWS, seed),
                        float((null.occurrences == 0).mean()), share=True),
                Measure("lists contain the largest hub", int(occurrences.max()), None, int(null.occurrences.max()),
                        whole=m))
    most = min(int(occurrences.max()), 1000)
    data = {"k": near.k, "words": m, "hubs": [{"word": word, "occurrences": int(occurrences[i])}
                                             for word, i in zip(names, order.tolist(), strict=True)],
            "occurrences": np.bincount(np.minimum(occurrences, most), minlength=most + 1).tolist(),
            "occurrences_by_chance": np.bincount(null.occurrences).tolist()}
    table = TextTable(("hub", "neighbour of"), [(one["word"], f"{one['occurrences']:,}") for one in data["hubs"]])
    severity: Severity = "warning" if skew - chance >= 6 else "note" if skew - chance >= 3 else "ok"
    if severity == "ok":
        return found("ok", f"No word is the neighbour of far more others than usual (each word is in {near.k} lists "
                     f"of {near.k} neighbours on average).", *measures, examples=names[:3], data=data, table=table)
    return found(severity, "A few words (hubs) are in the neighbour lists of many others without being similar in "
                 "meaning, and many words are in none.", *measures, examples=names[:5], data=data, table=table,
                 advice="look at the hubs; try w2v reduce --center; for translation use CSLS (w2v align)")


def near_duplicates(subject: Subject) -> Finding:
    """Words whose nearest neighbour is almost equal."""
    if not subject.measurable:
        return not_measured(subject)
    near, null = subject.nearest.cosines >= _NEAR, subject.random_nearest.cosines >= _NEAR
    count, m = int(near.sum()), len(near)
    chance = float(null.mean())
    measure = Measure(f"words with a neighbour of cosine {_NEAR} or more", count / m,
                      proportion_interval(count, m, DRAWS, subject.settings.seed), chance, share=True)
    if count / m < 0.05 + 2 * chance:
        return found("ok", "Few words have almost the same vector as another.", measure)
    rows = subject.frequent[np.flatnonzero(near)]
    return found("note", "Many words have almost the same vector as another, as after training on a text with many "
                 "repeated lines, or with too few dimensions.", measure, examples=subject.words(rows),
                 advice="look for repeated text: w2v doctor CORPUS")


def intrinsic_dimension(subject: Subject) -> Finding:
    """Dimension of the surface on which neighbours lie (TwoNN)."""
    if not subject.measurable:
        return not_measured(subject)
    ratios, null = subject.nearest.ratios, subject.random_nearest.ratios
    value, chance = two_nn(ratios), two_nn(null)
    measure = Measure("TwoNN", value, _interval(ratios, subject.settings.seed, two_nn), chance)
    data = {"ratios": np.percentile(ratios, np.arange(0, 101)).tolist() if len(ratios) else []}
    if np.isnan(value):
        return found("note", "not measured: too many words have the same vector", measure)
    if value < 8 and value < 0.5 * chance:
        return found("warning" if value < 4 else "note", f"Near a word, the vectors vary in only about {value:.0f} "
                     "ways: they lie on a surface of few dimensions, as when a few features made them.", measure,
                     advice="more text, or a smaller --vector-size; w2v reduce --dim shows how few dimensions suffice",
                     data=data)
    return found("ok", f"Near a word, the vectors vary in about {value:.0f} independent ways; trained vectors in fewer "
                 "than random ones.", measure, data=data)


def _interval(values: Floats, seed: int, statistic: Callable[[Floats], float]) -> Interval | None:
    if len(values) < 10:
        return None
    rng = np.random.default_rng(seed)
    return percentile_interval(np.array([statistic(rng.choice(values, len(values))) for _ in range(DRAWS)]))
