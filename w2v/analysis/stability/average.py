"""`average`: one space from several runs, by generalised Procrustes.

Place in the data flow: runs with other seeds or bootstrap samples -> rotation of each -> vectors of their average.

Sources
-------
Gower 1975 (Generalized Procrustes analysis); ten Berge 1977 (Orthogonal Procrustes rotation for two or more matrices):
each space is rotated to the mean of the others, which never lowers the sum of the products of all pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from w2v.analysis.arguments import check_vectors
from w2v.analysis.card import record_change
from w2v.analysis.linear_map import BLOCK, LinearMap, Vectors
from w2v.analysis.rotation import cross_moment, rotation_of
from w2v.analysis.shared_words import some_shared_rows
from w2v.formats.rows import Rows
from w2v.formats.subwords import Subwords
from w2v.types import Counts, Floats, Indices, Matrix
from w2v.vectors.table import Table

TOLERANCE = 1e-6
"""The rotations are final when a round raises the sum of products by less than this share."""

MOST_ROUNDS = 100


def average(runs: Sequence[Vectors]) -> Vectors:
    """Return the average of several spaces, in the space of the first.

    Each run is rotated to the mean of the others (generalised Procrustes on vectors of length 1), then the vectors are
    averaged as they are. Words that are not in all runs are left out, and so are words with NaN or infinity. Output
    vectors and n-grams are averaged by the same rotations if all runs have them. Counts are those of the first run if
    all are equal, otherwise the mean over the runs that have counts, by which words are then ordered. Memory: the new
    matrix and one block.

    Parameters
    ----------
    runs : two or more, of the same dimension: trained with other seeds, or on other samples of a corpus.

    Returns
    -------
    Vectors of the type and stored type of the first run.

    Raises
    ------
    ValueError : fewer than two runs, or dimensions that differ.
    W2VError : the runs share no word.

    Source
    ------
    Gower 1975 (Generalized Procrustes analysis); ten Berge 1977.

    Examples
    --------
    >>> runs = [model.wv for model in w2v.train_runs("corpus.txt", runs=5)]
    >>> w2v.average(runs).save("average.safetensors")
    """
    check_runs(runs)
    first = runs[0]
    if len({run.vector_size for run in runs}) > 1:
        sizes = ", ".join(str(run.vector_size) for run in runs)
        raise ValueError(f"vectors of dimensions {sizes} have no average: it needs runs of one dimension")
    rows = some_shared_rows(runs)
    counts = _counts(runs, rows)
    if counts is not None and (first.counts is None or (counts != first.counts[rows[0]]).any()):
        order = np.argsort(-counts, kind="stable")
        rows, counts = rows[:, order], counts[order]
    changes = rotations_to_mean(runs, rows)
    outputs = [Rows.of(run.output_vectors) for run in runs if run.output_vectors is not None]
    mean_outputs = _mean_rows(outputs, rows, changes, "float32")[:] if len(outputs) == len(runs) else None
    words = _words(first, rows[0])
    result = words.with_rows(
        _mean_rows([run.rows for run in runs], rows, changes, first.rows.dtype_name), output_vectors=mean_outputs,
        subwords=_subwords(runs, changes), source=f"average of {len(runs)} runs")
    result.counts = counts
    record_change(result, "average", {
        "runs": len(runs), "words": rows.shape[1], "words_left_out": [len(run) - rows.shape[1] for run in runs],
        "n_grams_left_out": result.subwords is None and any(run.subwords is not None for run in runs)})
    return result


def check_runs(runs: Sequence[Table]) -> None:
    """Raise for anything but two or more objects with vectors."""
    if isinstance(runs, Table):
        raise TypeError("runs must be a list of vectors, such as [a, b]")
    check_vectors("a comparison of runs", *runs)
    if len(runs) < 2:
        raise ValueError(f"{len(runs)} run cannot be compared: pass two or more")


def rotations_to_mean(runs: Sequence[Table], rows: Indices) -> list[LinearMap]:
    """Return the rotations of k spaces that bring each nearest to the mean of the others; that of the first is the
    identity.

    The spaces are read once, for the products of each pair: (k - 1) k / 2 matrices (d, d).

    Parameters
    ----------
    rows : (k, m) rows of the same words, without broken ones.
    """
    k, d = len(runs), runs[0].vector_size
    moments: dict[tuple[int, int], Floats] = {}
    for i in range(k):
        for j in range(i):
            moments[i, j] = cross_moment(runs[i], rows[i], runs[j], rows[j])
            moments[j, i] = moments[i, j].T
    found = [np.eye(d), *(rotation_of(moments[i, 0]).matrix.astype(np.float64) for i in range(1, k))]
    total = -np.inf
    for _ in range(MOST_ROUNDS if k > 2 else 0):
        before, total = total, 0.0
        for i in range(1, k):
            mean = sum((moments[i, j] @ found[j] for j in range(k) if j != i), np.zeros((d, d)))
            found[i] = rotation_of(mean).matrix.astype(np.float64)
        total = sum(float((found[i] * (moments[i, j] @ found[j])).sum()) for i in range(k) for j in range(i))
        if total - before <= TOLERANCE * abs(total):
            break
    return [LinearMap(matrix.astype(np.float32), is_rotation=True) for matrix in found]


def _mean_rows(sources: Sequence[Rows], rows: Indices, changes: Sequence[Callable[[Matrix], Matrix]],
               dtype_name: str) -> Rows:
    """Return the means (m, d) of rows (k, m) of k matrices, each after its map."""
    means = Rows.empty(rows.shape[1], sources[0].shape[1], dtype_name)
    step = max(1, BLOCK // max(1, sources[0].shape[1]))
    for start in range(0, rows.shape[1], step):
        part = slice(start, start + step)
        total = np.zeros((min(step, rows.shape[1] - start), sources[0].shape[1]))
        for source, own, change in zip(sources, rows, changes, strict=True):
            total += change(source[own[part]])
        means[part] = (total / len(sources)).astype(np.float32)
    return means


def _counts(runs: Sequence[Table], rows: Indices) -> Counts | None:
    """Return the mean counts of words, rounded, over the runs that have counts; None if none has."""
    known = [run.counts[own] for run, own in zip(runs, rows, strict=True) if run.counts is not None]
    if not known:
        return None
    counts: Counts = np.rint(np.mean(known, axis=0)).astype(np.int64)
    return counts


def _words(first: Vectors, rows: Indices) -> Vectors:
    """Return an object with these words and their values, and vectors without numbers."""
    words = first.with_rows(np.empty((len(first), 0), np.float32))
    if len(rows) == len(first) and (rows == np.arange(len(rows))).all():
        return words
    found = words.subset([first.index_to_key[row] for row in rows])
    found.metadata = dict(words.metadata)
    return found


def _subwords(runs: Sequence[Table], changes: Sequence[LinearMap]) -> Subwords | None:
    """Return the mean n-grams; None if a run has none, or others."""
    known = [run.subwords for run in runs if isinstance(run.subwords, Subwords)]
    if len(known) < len(runs) or len({(one.buckets, one.minn, one.maxn) for one in known}) > 1:
        return None
    first = known[0]
    matrices = [Rows(one.rows.view(np.float32).reshape(one.buckets, one.vector_size)) for one in known]
    same = np.broadcast_to(np.arange(first.buckets), (len(known), first.buckets))
    mean = _mean_rows(matrices, same, changes, "float32")[:]
    return Subwords(mean.reshape(-1).view(np.uint8), first.vector_size, first.minn, first.maxn)
