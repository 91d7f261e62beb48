"""Checks of the lengths (norms) of vectors: against frequency, and single ones that are unusual.

Place in the data flow: `Subject` -> findings. A sample of words is measured.
"""

from __future__ import annotations

import numpy as np

from w2v.analysis.health.chance import spearman_interval
from w2v.analysis.health.subject import Subject, found, not_measured
from w2v.analysis.shared_words import band_name, frequency_bands
from w2v.evaluation.statistics.correlation import spearman
from w2v.system.diagnosis import Finding, Measure
from w2v.system.text_table import TextTable, number
from w2v.types import Floats, Indices

_STRONG = 0.5  # rank correlation with frequency
_FAR = 8.0  # standard deviations, estimated from the median deviation: random vectors stay below in any dimension
_SHORT = 0.01  # of the median; a length that only vectors of less than 3 dimensions have by chance


def norms_and_frequency(subject: Subject) -> Finding:
    """Rank correlation of length and frequency."""
    if len(subject.usable) < 10:
        return not_measured(subject)
    rows = subject.sample.rows
    norms, ranks = _norms(subject, rows), subject.ranks[rows]
    rho = spearman(norms, -ranks)
    bands = frequency_bands(ranks)
    lines = [(band, norms[bands == band]) for band in np.unique(bands).tolist()]
    table = TextTable(("frequency", "words", "median length", "5 % - 95 %"), [
        (band_name(band), f"{len(part):,}", number(float(np.median(part))),
         " - ".join(map(number, np.percentile(part, [5, 95]).tolist()))) for band, part in lines])
    data = {"bands": [{"band": band_name(band), "words": len(part), "median": float(np.median(part)),
                       "low": float(np.percentile(part, 5)), "high": float(np.percentile(part, 95))}
                      for band, part in lines]}
    if rho is None or np.ptp(norms) <= 1e-5 * norms.max():
        return found("ok", "All vectors have the same length.", Measure("median length", float(np.median(norms))),
                     data=data, table=table)
    measures = (Measure("rank correlation", rho, spearman_interval(rho, len(rows)), 0.0),
                Measure("median length", float(np.median(norms))))
    if abs(rho) < _STRONG:
        return found("ok", "The length of a vector depends little on how frequent its word is.", *measures, data=data,
                     table=table)
    return found("note", f"{'Frequent' if rho > 0 else 'Rare'} words have longer vectors, as is usual after training. "
                 "Cosines ignore it; dot products, distances and sums of vectors do not.", *measures, data=data,
                 advice="scale vectors to length 1 before other programs use them (kv.unit_normalize_all())",
                 table=table)


def unusual_norms(subject: Subject) -> Finding:
    """Vectors that are far longer or shorter than others."""
    if len(subject.usable) < 10:
        return not_measured(subject)
    norms = _norms(subject, subject.usable)
    middle = float(np.median(norms))
    spread = 1.4826 * float(np.median(np.abs(norms - middle)))
    long = subject.usable[norms > middle + max(_FAR * spread, 1e-3 * middle)]
    short = subject.usable[norms < _SHORT * middle] if subject.dim > 2 else long[:0]
    by_length = [*long[np.argsort(-subject.table.norms[long])], *short]
    measures = (Measure("far longer", len(long), whole=len(norms)),
                Measure("far shorter", len(short), whole=len(norms)),
                Measure("largest / median", float(norms.max()) / middle))
    if not by_length:
        return found("ok", "No vector is far longer or shorter than the others.", *measures)
    share = len(by_length) / len(norms)
    return found("warning" if share >= 0.01 else "note", "Some vectors are far longer or shorter than the others, "
                 "often of markup, separators or untrained words.", *measures, examples=subject.words(by_length),
                 advice="look at these words; kv.subset(...) leaves them out",
                 data={"rows": [int(row) for row in by_length[:1000]]})


def _norms(subject: Subject, rows: Indices) -> Floats:
    return subject.table.norms[rows].astype(np.float64)
