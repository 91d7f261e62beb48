"""Relational similarity: the choices of SAT, and the degrees of SemEval-2012 Task 2.

Place in the data flow: choices and relations + vectors -> `ChoiceResult`, `DegreesResult`.

How alike two pairs of words are is the cosine of their differences, cos(b - a, d - c), on unit vectors: Mikolov, Yih &
Zweig 2013 (N13-1090), section 4; for several paradigm pairs the mean of it, Zhila et al. 2013 (N13-1120), section 3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from w2v.evaluation.measures.lookup import Lookup
from w2v.evaluation.results import ChoiceResult, DegreesResult, Items, RelationScore
from w2v.evaluation.sets.relations import Choice, Degrees, TwoWords
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED, Floats, mean_draws, percentiles, proportion_interval
from w2v.evaluation.statistics.correlation import spearman

_EQUAL = 1e-6  # cosines nearer than this are no choice but rounding






def _offsets(lookup: Lookup, pairs: Sequence[TwoWords]) -> Floats:
    """(n, d) differences at length 1; NaN for a pair with an unknown word, zeros where both vectors are the same."""
    rows = np.array([[lookup.row(a), lookup.row(b)] for a, b in pairs], dtype=np.int64).reshape(-1, 2)
    known = (rows >= 0).all(axis=1)
    first, second = (lookup.kv.unit_vectors(rows[known, side]).astype(np.float64) for side in (0, 1))
    length = np.linalg.norm(second - first, axis=1, keepdims=True)
    offsets = np.full((len(pairs), lookup.kv.vector_size), np.nan)
    offsets[known] = (second - first) / np.where(length > 0, length, 1)
    return offsets


def score_choices(
    lookup: Lookup, name: str, questions: Sequence[Choice], *, draws: int = DRAWS, seed: int = SEED
) -> ChoiceResult:
    """Questions all of whose words are known; of equally good choices the first one."""
    outcome = np.full(len(questions), np.nan)
    for i, question in enumerate(questions):
        stem, *choices = _offsets(lookup, [question.stem, *question.choices])
        cosines = np.array(choices) @ stem
        if not np.isnan(cosines).any():
            outcome[i] = float(int((cosines > cosines.max() - _EQUAL).argmax()) == question.right)
    known = int((~np.isnan(outcome)).sum())
    right = int(np.nansum(outcome))
    return ChoiceResult(name, right, known, len(questions), interval=proportion_interval(right, known, draws, seed),
                        chance=float(np.mean([1 / len(question.choices) for question in questions])),
                        items=Items(outcome))


def score_degrees(
    lookup: Lookup, name: str, relations: Sequence[Degrees], *, draws: int = DRAWS, seed: int = SEED
) -> DegreesResult:
    """Means over the relations that have two known pairs and a known paradigm; intervals over relations."""
    scores = [_relation(lookup, relation) for relation in relations]
    known = [score for score in scores if score.spearman is not None]
    pairs, total = sum(score.pairs for score in scores), sum(score.total for score in scores)
    values = np.array([[math.nan if value is None else value for value in (score.spearman, score.maxdiff)]
                       for score in scores], dtype=np.float64)
    items = Items(values)
    if not known:
        return DegreesResult(name, None, None, 0, total, relations=tuple(scores), items=items)
    numbers: list[tuple[float, tuple[float, float] | None, float] | None] = []
    for column in values.T:
        used = column[~np.isnan(column)]
        interval = percentiles(mean_draws(used[None], draws, seed)[0]) if draws and len(used) else None
        numbers.append((float(used.mean()), interval, float(used.sum() / len(scores))) if len(used) else None)
    rank, choice = numbers[0] or (None, None, None), numbers[1] or (None, None, None)
    return DegreesResult(name, rank[0], choice[0], pairs, total, rank[1], choice[1], rank[2], choice[2], tuple(scores),
                         items)


def _relation(lookup: Lookup, relation: Degrees) -> RelationScore:
    pairs = [pair for pair, _ in relation.ratings]
    gold = np.array([rating for _, rating in relation.ratings])
    paradigms, offsets = _offsets(lookup, relation.paradigms), _offsets(lookup, pairs)
    paradigms = paradigms[~np.isnan(paradigms).any(axis=1)]
    cosines = (offsets @ paradigms.T).mean(axis=1) if len(paradigms) else np.full(len(pairs), np.nan)
    known = ~np.isnan(cosines)
    return RelationScore(relation.name, spearman(gold[known], cosines[known]),
                         _maxdiff(relation, dict(zip(pairs, cosines.tolist(), strict=True))), int(known.sum()),
                         len(pairs))


def _maxdiff(relation: Degrees, cosines: dict[TwoWords, float]) -> float | None:
    """Mean of how often the least and the most typical pair are those that most people chose (each of them if several
    are chosen equally often); over questions with four known pairs."""
    right = total = 0
    for question in relation.questions:
        four = [cosines[pair] for pair in question.pairs]
        if any(map(math.isnan, four)):
            continue
        for votes, answer in ((question.least, min(four)), (question.most, max(four))):
            total += max(votes) > 0
            right += votes[four.index(answer)] == max(votes) > 0
    return right / total if total else None
