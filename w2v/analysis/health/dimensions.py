"""Checks of dimensions: isotropy, effective rank, frequency in the first components, single dominating dimensions.

Place in the data flow: moments of a `Subject` -> findings.

Sources
-------
Mu & Viswanath 2018 (1702.01417): partition ratio, frequency in the first components. Timkey & van Schijndel 2021
(2109.04404): dimensions that dominate cosines.
"""

from __future__ import annotations

import numpy as np

from w2v.analysis.health.chance import spearman_interval
from w2v.analysis.health.jackknife import estimated_rank, moments_of, partition_ratio
from w2v.analysis.health.subject import Subject, found, not_measured
from w2v.analysis.moments import Moments, participation_ratio
from w2v.evaluation.statistics.correlation import spearman
from w2v.system.diagnosis import Finding, Measure, Severity
from w2v.system.text_table import TextTable, percent
from w2v.types import Floats
from w2v.vectors.lengths import unit_rows

_COMPONENTS = 3


def isotropy(subject: Subject) -> Finding:
    """Partition ratio, as the vectors are and without their mean."""
    if not subject.measurable:
        return not_measured(subject)
    moments, by_chance = (moments_of(one, unit=False).whole for one in (subject.sample, subject.random_sample))
    plain = partition_ratio(subject.sample, moments, centred=False)
    centred = partition_ratio(subject.sample, moments, centred=True)
    chance = partition_ratio(subject.random_sample, by_chance, centred=False).value
    measures = (Measure("partition ratio", plain.value, plain.interval, chance),
                Measure("without the mean", centred.value, centred.interval, chance))
    if centred.value < 0.5 * chance and centred.interval[1] < chance:
        return found("warning" if centred.value < 0.05 * chance else "note", "A few directions hold far more than "
                     "others, also without the common direction, and dominate similarities.", *measures,
                     advice="w2v reduce --remove-top 1 (or 2, 3), and compare the scores: w2v evaluate")
    if plain.value < 0.5 * chance:
        return found("ok", "Most directions hold similar amounts (1 is even); what is uneven is the common direction.",
                     *measures)
    return found("ok", "All directions hold similar amounts (1 is even).", *measures)


def used_dimensions(subject: Subject) -> Finding:
    """Effective rank of the covariance of unit vectors."""
    if not subject.measurable:
        return not_measured(subject)
    rank = estimated_rank(subject.moments)
    ratio = subject.moments.estimate(lambda moments: participation_ratio(moments.covariance))
    null = subject.random_moments.whole
    chance = estimated_rank(subject.random_moments).value
    shares = subject.moments.whole.shares
    measures = (Measure("effective rank", rank.value, rank.interval, chance),
                Measure("participation ratio", ratio.value, ratio.interval,
                        participation_ratio(null.covariance)))
    data = {"spectrum": shares.tolist(), "spectrum_by_chance": null.shares.tolist()}
    needed = [int(np.searchsorted(np.cumsum(shares), level) + 1) for level in (0.5, 0.9, 0.99)]
    table = TextTable(("share of the variance", "dimensions"), [
        (f"{level} %", f"{count:,} of {subject.dim:,}") for level, count in zip((50, 90, 99), needed, strict=True)])
    severity: Severity = "ok"
    if subject.dim >= 8 and rank.value < 0.3 * chance:
        severity = "problem" if rank.value < 1.5 else "warning" if rank.value < 0.1 * chance else "note"
    if severity == "ok":
        return found("ok", f"The vectors use about {rank.value:.0f} of their {subject.dim} dimensions.", *measures,
                     data=data, table=table)
    return found(severity, f"The vectors use only about {rank.value:.0f} of their {subject.dim} dimensions; the others "
                 "hold little.", *measures, data=data, table=table,
                 advice=f"w2v reduce --dim {max(2, needed[1])} keeps 90 % of the variance in a smaller file; if they "
                        "were just trained, more text or a smaller --vector-size fits better")


def frequency_components(subject: Subject) -> Finding:
    """Rank correlation of the first components with frequency."""
    if not subject.measurable:
        return not_measured(subject)
    moment = subject.moments.whole
    directions = moment.axes[:, :_COMPONENTS]
    projections = _projections(subject, directions, moment.mean)
    ranks = subject.ranks[subject.sample.rows]
    n = len(ranks)
    shares = moment.shares[:_COMPONENTS]
    correlations = [abs(spearman(projection, ranks) or 0.0) for projection in projections.T]
    measures = [Measure(f"component {k + 1}", rho, _absolute(rho, n), 0.0)
                for k, rho in enumerate(correlations)]
    data = {"shares": shares.tolist(), "correlations": correlations}
    table = TextTable(("component", "share of the variance", "correlation with frequency"), [
        (str(k + 1), percent(float(share)), f"{rho:.3f}")
        for k, (share, rho) in enumerate(zip(shares.tolist(), correlations, strict=True))])
    most = max(correlations)
    if most < 0.4:
        return found("ok", "The largest components say little about how frequent a word is.", *measures, data=data,
                     table=table)
    first = correlations.index(most) + 1
    return found("warning" if most >= 0.7 else "note", f"Component {first} of the vectors says how frequent a word is, "
                 "not what it means: words of similar frequency look similar.", *measures, data=data, table=table,
                 advice=f"w2v reduce --remove-top {first}, and compare the scores: w2v evaluate")


def _absolute(rho: float, n: int) -> tuple[float, float] | None:
    """Return the interval of an absolute correlation."""
    if (ends := spearman_interval(rho, n)) is None:
        return None
    return max(0.0, ends[0]), ends[1]


def _projections(subject: Subject, directions: Floats, mean: Floats) -> Floats:
    """Return (m, k) projections of the sample, scaled to length 1 and centred, in the order of its rows."""
    parts = [(unit_rows(block) - mean.astype(np.float32)) @ directions.astype(np.float32)
             for group in range(subject.sample.n_groups) for block in subject.sample.blocks(group)]
    return np.concatenate(parts).astype(np.float64)


def _by_dimension(moments: Moments) -> Floats:
    """Return (d,) the share of each dimension in the squared lengths."""
    squares = np.diag(moments.covariance) + moments.mean ** 2
    shares: Floats = squares / squares.sum()
    return shares


def dominating_dimension(subject: Subject) -> Finding:
    """Share of the squared lengths in the largest dimension: that of the cosine of a vector with itself."""
    if not subject.measurable:
        return not_measured(subject)
    share = subject.moments.estimate(lambda moments: float(_by_dimension(moments).max()))
    moment = subject.moments.whole
    per_dimension = _by_dimension(moment)
    largest = int(per_dimension.argmax())
    chance = float(_by_dimension(subject.random_moments.whole).max())
    measures = Measure("largest share", share.value, share.interval, chance, share=True), \
        Measure("dimension", largest)
    data = {"shares": per_dimension.tolist(), "mean_squares": (moment.mean ** 2).tolist()}
    if share.value >= max(0.1, 4 / subject.dim):
        severity: Severity = "warning" if share.value >= 0.25 else "note"
        return found(severity, f"Dimension {largest} (from 0) has far more than its part of every vector, and decides "
                     "similarities almost alone.", *measures, data=data,
                     advice="w2v reduce --center if its values have one sign, else --remove-top 1; after a PCA the "
                            "first dimensions are large by design")
    return found("ok", "No single dimension dominates similarities.", *measures, data=data)
