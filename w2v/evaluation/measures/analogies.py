"""Analogy sets: sections, totals, methods, intervals.

Place in the data flow: sections of a set + vectors -> `AnalogyResult`s, one a method.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from w2v.evaluation.measures import answers, classes
from w2v.evaluation.measures.answers import RIGHT, UNKNOWN, Outcomes
from w2v.evaluation.measures.lookup import Lookup
from w2v.evaluation.results import AnalogyResult, Items, Score
from w2v.evaluation.sets.lines import Section
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED, proportion_interval

METHODS = (*answers.METHODS, *classes.METHODS)




def score_sections(
    lookup: Lookup, name: str, sections: Sequence[Section], *, restrict_vocab: int | None, methods: Sequence[str],
    draws: int = DRAWS, seed: int = SEED,
) -> list[AnalogyResult]:
    """One result a method, in their order; the methods by single questions share one pass over the vocabulary."""
    limit = lookup.limit(restrict_vocab)
    by_section = outcomes(lookup, sections, limit, methods, seed)
    return [_result(name, sections, by_section[method], method, restrict_vocab, draws, seed) for method in methods]


def outcomes(
    lookup: Lookup, sections: Sequence[Section], limit: int, methods: Sequence[str], seed: int = SEED
) -> dict[str, list[Outcomes]]:
    """Outcomes of each section by method; ValueError for a method that is not one of METHODS."""
    for method in methods:
        if method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    single = [method for method in methods if method in answers.METHODS]
    found: dict[str, list[Outcomes]] = {}
    if single:
        questions = [question for section in sections for question in section.questions]
        ends = np.cumsum([len(section.questions) for section in sections])[:-1]
        for method, both in answers.answer(lookup, questions, limit, single).items():
            found[method] = [Outcomes(*pair) for pair in zip(np.split(both.usual, ends), np.split(both.honest, ends),
                                                             strict=True)]
    for method in methods:
        if method in classes.METHODS:
            found[method] = [classes.answer_pairs(lookup, section.pairs, limit, method, seed) for section in sections]
    return found


def _result(name: str, sections: Sequence[Section], by_section: Sequence[Outcomes], method: str,
            restrict_vocab: int | None, draws: int, seed: int) -> AnalogyResult:
    scores = [_score(section.name, [both], draws, seed) for section, both in zip(sections, by_section, strict=True)]
    groups = dict.fromkeys(section.group for section in sections)
    totals = [_score(group, [both for section, both in zip(sections, by_section, strict=True)
                             if section.group == group], draws, seed)
              for group in sorted(groups)] if len(groups) > 1 else []
    whole = _score(name, by_section, draws, seed)
    outcome = np.concatenate([both.usual for both in by_section]).astype(np.float64)
    outcome[outcome == UNKNOWN] = np.nan
    return AnalogyResult(name, whole.correct, whole.questions, whole.total, honest=whole.honest,
                         interval=whole.interval, sections=tuple(scores), groups=tuple(totals), method=method,
                         restrict_vocab=restrict_vocab, items=Items(outcome))


def _score(name: str, parts: Sequence[Outcomes], draws: int, seed: int) -> Score:
    usual = np.concatenate([part.usual for part in parts])
    honest = sum(int((part.honest == RIGHT).sum()) for part in parts)
    right, known = int((usual == RIGHT).sum()), int((usual != UNKNOWN).sum())
    return Score(name, right, known, len(usual), honest=honest,
                 interval=proportion_interval(right, known, draws, seed))
