"""Checks of single vectors: zero, broken, equal, untrained; and of the output vectors.

Place in the data flow: `Subject` -> findings. All rows are read, so the numbers are exact.
"""

from __future__ import annotations

import numpy as np

from w2v.analysis.health.subject import Subject, found
from w2v.analysis.linear_map import BLOCK
from w2v.system.diagnosis import Finding, Measure, Severity
from w2v.types import Indices
from w2v.vectors.table import Table

_MANY = 0.1  # share of words from which a flaw is not an exception
_GROUPS_SHOWN = 3


def zero_vectors(subject: Subject) -> Finding:
    """Rows of zeros."""
    rows = np.flatnonzero(subject.scan.zero)
    measure = Measure("words", len(rows), whole=subject.n)
    if not len(rows):
        return found("ok", "Every word has a vector other than zero.", measure)
    return found(_by_share(len(rows), subject.n), "A zero vector has the cosine 0 with everything, so it is similar to "
                 "no word and a neighbour of none.", measure, examples=subject.words(rows),
                 advice="find out why they were not trained, or leave these words out: kv.subset(...)",
                 data={"rows": rows[:1000].tolist()})


def broken_vectors(subject: Subject) -> Finding:
    """Rows with NaN, infinity or numbers whose squares are too large."""
    rows = subject.table.fill_norms().broken
    measure = Measure("words", len(rows), whole=subject.n)
    if not len(rows):
        return found("ok", "All numbers are finite.", measure)
    nan = _count(subject.table, rows, "nan")
    infinite = _count(subject.table, rows, "infinite")
    return found("problem", "These vectors have NaN, infinity or too large numbers. w2v leaves them out of all "
                 "answers; other programs may answer every query with NaN.", measure, Measure("with NaN", nan),
                 Measure("with infinity", infinite), examples=subject.words(rows),
                 advice="w2v convert IN OUT leaves them out; if you trained them, use a lower learning rate (--alpha)",
                 data={"rows": rows[:1000].tolist()})


def _count(table: Table, rows: Indices, kind: str) -> int:
    total, step = 0, max(1, BLOCK // table.vector_size)
    for start in range(0, len(rows), step):
        block = table.rows[rows[start:start + step]]
        total += int((np.isnan(block) if kind == "nan" else np.isinf(block)).any(axis=1).sum())
    return total


def equal_vectors(subject: Subject) -> Finding:
    """Words that share one vector: found by hashes, confirmed number by number."""
    groups = _equal_groups(subject)
    extra = sum(len(group) - 1 for group in groups)
    measure = Measure("words with the vector of another word", extra, whole=subject.n)
    if not groups:
        return found("ok", "No two words have the same vector.", measure)
    shown = [" = ".join(subject.words(group, 3)) + (" = ..." if len(group) > 3 else "")
             for group in groups[:_GROUPS_SHOWN]]
    severity: Severity = "note" if extra < 0.01 * subject.n else _by_share(extra, subject.n)
    return found(severity, "Words with the same vector cannot be distinguished, and take each other's places among the "
                 "neighbours.", measure, Measure("groups", len(groups)), examples=shown,
                 advice="if it is not intended, look for words that were never trained, or rows that were copied",
                 data={"groups": [list(subject.words(group, 100)) for group in groups[:100]]})


def _equal_groups(subject: Subject) -> list[Indices]:
    """Return the rows of each group of equal vectors, zero and broken ones left out, in the order of the first rows."""
    rows = subject.usable
    order = rows[np.argsort(subject.scan.hashes[rows], kind="stable")]
    hashes = subject.scan.hashes[order]
    starts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1])))
    sizes = np.diff(np.append(starts, len(order)))
    groups = []
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        group = order[start:start + size]
        first = subject.table.rows[int(group[0])]
        step = max(1, BLOCK // subject.dim)
        same = np.concatenate([(subject.table.rows[group[at:at + step]] == first).all(axis=1)
                               for at in range(0, size, step)])
        if same.sum() > 1:
            groups.append(group[same])
    return sorted(groups, key=lambda group: int(group[0]))


def untrained_vectors(subject: Subject) -> Finding:
    """Rows that look like the random numbers with which training begins."""
    bound, rows = max(subject.scan.within.items(), key=lambda item: item[1])
    measure = Measure("words", rows, whole=subject.n)
    data = {"bound": bound}
    if not rows:
        return found("ok", "No vector looks like the random numbers with which training begins.", measure, data=data)
    if subject.settings.random:
        return found("ok", f"Vectors look like uniform random numbers up to {bound:.2g}.", measure, data=data)
    share = rows / subject.n
    severity: Severity = "note" if share < 0.01 else "warning" if share < 0.5 else "problem"
    return found(severity, f"Vectors look like the uniform random numbers up to {bound:.2g} with which word2vec "
                 "begins: they were hardly trained, and their neighbours mean nothing.", measure,
                 advice="train longer or on more text; a higher --min-count leaves rare words out", data=data)


def output_vectors(subject: Subject) -> Finding:
    """The output matrix: present, finite, trained."""
    outputs = subject.table.output_vectors
    if outputs is None:
        return found("ok", "There are no output vectors: similarity does not need them; w2v why, further training and "
                     "predict_output_word do.")
    broken = zero = 0
    step = max(1, BLOCK // max(1, outputs.shape[1]))
    for start in range(0, len(outputs), step):
        block = outputs[start:start + step]
        broken += int((~np.isfinite(block).all(axis=1)).sum())
        zero += int((~block.any(axis=1)).sum())
    measures = Measure("zero", zero, whole=len(outputs)), Measure("broken", broken, whole=len(outputs))
    if broken:
        return found("problem", "Output vectors have NaN or infinity: further training spreads them.", *measures,
                     advice="do not train further from this file; w2v.load without its output vectors is not affected")
    if zero:
        return found("note" if zero < _MANY * len(outputs) else "warning", "A zero output vector was never trained: "
                     "the word was not a context of any other.", *measures,
                     advice="train longer, or use a higher --min-count")
    return found("ok", "All output vectors are finite and trained.", *measures)


def _by_share(count: int, whole: int) -> Severity:
    return "problem" if count >= _MANY * whole else "warning"
