"""Analogy methods that learn from a whole relation: each pair is left out in turn and answered from the others.

Place in the data flow: relations + vectors -> right, wrong or unknown, for each pair. All words are candidates except
the first word of the pair.

Sources
-------
Drozd, Gladkova & Matsuoka 2016 (C16-1332), section 3, and vecto (benchmarks/analogy/solvers.py), for the pair c : x
and all other pairs a_i : b_i of the relation, on unit vectors:
3cosavg : cos(x, c + mean b_i - mean a_i).
lrcos : P(x) cos(x, c). P is a logistic regression (L2 penalty with C = 1, balanced classes) that separates the b_i from
    the a_i, which have four times the weight, and from as many random words. In relations of more than 50 pairs,
    each of 50 groups of pairs is left out in turn.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from w2v.evaluation.measures.answers import RIGHT, UNKNOWN, WRONG, BestCandidates, Outcomes, excluded_rows
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.sets.analogies import WordPair
from w2v.evaluation.statistics.bootstrap import SEED
from w2v.evaluation.statistics.logistic import logistic
from w2v.types import Indices

METHODS = ("3cosavg", "lrcos")

_TILE = 1 << 18  # scores at a time
_WEIGHT_OF_A = 4
_FOLDS = 50


def answer_pairs(words: WordRows, pairs: Sequence[WordPair], limit: int, method: str, seed: int = SEED) -> Outcomes:
    """Return the outcomes (len(pairs),) of one relation by a method of METHODS.

    A pair is known if its word and one of its right answers are; the others learn from the first known answer. With
    fewer than two known pairs there is nothing to learn from, and all pairs are unknown.
    """
    usual = np.full(len(pairs), UNKNOWN, dtype=np.int8)
    honest = usual.copy()
    known, rows, right = [], [], []
    for i, (word, answers) in enumerate(pairs):
        found = [row for answer in answers if (row := words.row(answer, limit)) >= 0]
        if (row := words.row(word, limit)) >= 0 and found:
            known.append(i)
            rows.append((row, found[0]))
            right.append({r for answer in answers for r in words.rows(answer, limit)})
    if len(known) < 2:
        return Outcomes(usual, honest)
    ab = np.array(rows, dtype=np.int64)
    best = _by_offset(words, ab, limit) if method == "3cosavg" else _by_class(words, ab, limit, seed)
    for outcome, found_rows in zip((usual, honest), best.found, strict=True):
        outcome[known] = [RIGHT if row in good else WRONG for row, good in zip(found_rows.tolist(), right, strict=True)]
    return Outcomes(usual, honest)


def _candidates(words: WordRows, rows: Indices, limit: int) -> BestCandidates:
    """Return an empty collection of candidates, from which the words of the rows (n,) are excluded."""
    others = {row: words.rows(words.kv.index_to_key[row], limit) for row in set(rows.tolist())}
    return BestCandidates(len(rows), *excluded_rows(rows[:, None], others))


def _by_offset(words: WordRows, ab: Indices, limit: int) -> BestCandidates:
    """Return the best candidates of pairs of rows `ab` (n, 2) by 3CosAvg."""
    a, b = (words.kv.unit_vectors(ab[:, side]).astype(np.float64) for side in (0, 1))
    offset = b - a
    targets = a + (offset.sum(axis=0) - offset) / (len(ab) - 1)
    best = _candidates(words, ab[:, 0], limit)
    step = max(1, _TILE // len(ab))
    for start in range(0, limit, step):
        scores = words.kv.cosines(targets.astype(np.float32), start, min(start + step, limit))
        best.tile(start, start + scores.shape[1])
        best.add(0, scores)
    return best


def _by_class(words: WordRows, ab: Indices, limit: int, seed: int) -> BestCandidates:
    """Return the best candidates of pairs of rows `ab` (n, 2) by LRCos."""
    n = len(ab)
    noise = np.random.default_rng(seed).integers(0, limit, n)
    examples = words.kv.unit_vectors(np.concatenate([ab[:, 1], ab[:, 0], noise]))
    is_b = np.repeat([True, False, False], n)
    weight = np.repeat([1.0, _WEIGHT_OF_A, 1.0], n)
    fold = np.arange(n) % _FOLDS  # pairs that are left out together; each alone if there are at most _FOLDS
    without = np.tile(fold == np.arange(min(n, _FOLDS))[:, None], (1, 3))
    without[:, 2 * n:] = False  # random words are never left out
    found = logistic(examples.astype(np.float64), is_b, np.where(without, 0.0, weight))
    directions, bias = found[0][fold].astype(np.float32), found[1][fold]
    units = words.kv.unit_vectors(ab[:, 0])
    best = _candidates(words, ab[:, 0], limit)
    step = max(1, _TILE // n)
    for start in range(0, limit, step):
        stop = min(start + step, limit)
        logits = words.kv.cosines(directions, start, stop) + bias[:, None]
        with np.errstate(over="ignore"):  # exp of words that are certainly not in the class
            scores = words.kv.cosines(units, start, stop) / (1 + np.exp(-logits))
        best.tile(start, stop)
        best.add(0, scores.astype(np.float32))
    return best
