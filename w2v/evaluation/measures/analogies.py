"""Analogy sets: accuracy by section and in all, for one method or several.

Place in the data flow: sections of a set + vectors -> one `AnalogyResult` for each method.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from w2v.evaluation.measures import answers, relations
from w2v.evaluation.measures.answers import RIGHT, UNKNOWN, Outcomes
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.results import Items, Measure, Score
from w2v.evaluation.sets.analogies import Section
from w2v.evaluation.settings import DEFAULTS, Settings
from w2v.evaluation.statistics.bootstrap import SEED, proportion_interval
from w2v.system.text_table import TextTable, interval, percent

METHODS = (*answers.METHODS, *relations.METHODS)


def chosen_methods(methods: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of one method or several, all of METHODS for "all", the default for None.

    Raises
    ------
    ValueError : unknown method.
    """
    names = DEFAULTS.methods if methods is None else (methods,) if isinstance(methods, str) else tuple(methods)
    for name in names:
        if name not in METHODS and name != "all":
            raise ValueError(f"method must be one of {', '.join(METHODS)}, or all, not {name!r}")
    return METHODS if "all" in names else tuple(dict.fromkeys(names))


@dataclass(frozen=True, repr=False)
class AnalogyResult(Score):
    """Accuracy on an analogy set by one method.

    Attributes
    ----------
    sections : one score for each relation.
    groups : totals of the groups of sections: "semantic" and "syntactic" if the set has both, or the folders of BATS.
    method : one of METHODS. For 3CosAvg and LRCos a question is a pair of words, left out in turn.
    restrict_vocab : how many of the most frequent words were candidates, None for all.
    """

    kind: ClassVar[str] = "analogies"

    sections: tuple[Score, ...] = ()
    groups: tuple[Score, ...] = ()
    method: str = "3cosadd"
    restrict_vocab: int | None = None

    def _group(self, name: str) -> Score | None:
        return next((group for group in self.groups if group.name == name), None)

    @property
    def semantic(self) -> Score | None:
        """Total of the semantic sections, None if there are no syntactic ones."""
        return self._group("semantic")

    @property
    def syntactic(self) -> Score | None:
        """Total of the syntactic sections, None if there are no semantic ones."""
        return self._group("syntactic")

    @property
    def variant(self) -> str:
        return self.method

    def to_dict(self) -> dict[str, Any]:
        result = super().to_dict()
        result["sections"] = [section.to_dict() for section in self.sections]
        for kind in (self.semantic, self.syntactic):
            if kind is not None:
                result[kind.name] = kind.to_dict()
        return result | {"groups": [group.to_dict() for group in self.groups], "method": self.method,
                         "restrict_vocab": self.restrict_vocab}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        parts = {name: tuple(map(Score.from_dict, values[name])) for name in ("sections", "groups") if name in values}
        return super().from_dict({**values, **parts})

    @classmethod
    def tables_of(cls, results: Sequence[AnalogyResult]) -> list[TextTable]:
        return tables(results)

    def measures(self) -> Iterator[Measure]:
        for score in (self, *self.groups):
            name = self.name if score is self else f"{self.name}, {score.name}"
            yield score.measure(self.kind, name, self.method)

    def parts(self) -> Iterator[Measure]:
        for section in self.sections:
            yield section.measure(self.kind, f"{self.name}: {section.name}", self.method)


def score_analogies(
    words: WordRows, name: str, sections: Sequence[Section], settings: Settings = DEFAULTS
) -> list[AnalogyResult]:
    """Return one result for each method of the settings, in their order.

    Raises
    ------
    ValueError : unknown method, restrict_vocab < 1.
    """
    limit = words.limit(settings.restrict_vocab)
    by_method = outcomes(words, sections, limit, settings.methods, settings.seed)
    return [_result(name, sections, by_method[method], method, settings) for method in settings.methods]


def outcomes(
    words: WordRows, sections: Sequence[Section], limit: int, methods: Sequence[str], seed: int = SEED
) -> dict[str, list[Outcomes]]:
    """Return by method the outcomes of each section; ValueError for a method that is not one of METHODS.

    The methods that answer single questions share one pass over the first `limit` words.
    """
    for method in methods:
        if method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    single = [method for method in methods if method in answers.METHODS]
    found: dict[str, list[Outcomes]] = {}
    if single:
        questions = [question for section in sections for question in section.questions]
        ends = np.cumsum([len(section.questions) for section in sections])[:-1]
        for method, both in answers.answer(words, questions, limit, single).items():
            found[method] = [Outcomes(*pair) for pair in zip(np.split(both.usual, ends), np.split(both.honest, ends),
                                                             strict=True)]
    for method in methods:
        if method in relations.METHODS:
            found[method] = [relations.answer_pairs(words, section.pairs, limit, method, seed) for section in sections]
    return found


def _result(name: str, sections: Sequence[Section], by_section: Sequence[Outcomes], method: str,
            settings: Settings) -> AnalogyResult:
    scores = [_score(section.name, [both], settings) for section, both in zip(sections, by_section, strict=True)]
    groups = sorted({section.group for section in sections})
    totals = [_score(group, [both for section, both in zip(sections, by_section, strict=True)
                             if section.group == group], settings) for group in groups] if len(groups) > 1 else []
    whole = _score(name, by_section, settings)
    outcome = np.concatenate([both.usual for both in by_section]).astype(np.float64)
    outcome[outcome == UNKNOWN] = np.nan
    return AnalogyResult(name, whole.correct, whole.questions, whole.total, honest=whole.honest,
                         interval=whole.interval, sections=tuple(scores), groups=tuple(totals), method=method,
                         restrict_vocab=settings.restrict_vocab, items=Items(outcome))


def _score(name: str, parts: Sequence[Outcomes], settings: Settings) -> Score:
    """Return the score of several sections together."""
    usual = np.concatenate([part.usual for part in parts])
    honest = sum(int((part.honest == RIGHT).sum()) for part in parts)
    right, known = int((usual == RIGHT).sum()), int((usual != UNKNOWN).sum())
    return Score(name, right, known, len(usual), honest=honest,
                 interval=proportion_interval(right, known, settings.draws, settings.seed))


def tables(results: Sequence[AnalogyResult]) -> list[TextTable]:
    """Return one table for each result, with its sections."""
    return [_table(result) for result in results]


def _table(result: AnalogyResult) -> TextTable:
    scores = [(score.name, score) for score in (*result.sections, *result.groups)]
    rows = [(name, percent(score.accuracy), interval(score.interval), percent(score.honest_accuracy),
             percent(score.accuracy_all), f"{score.correct}/{score.questions}", percent(score.known))
            for name, score in (*scores, ("all", result))]
    among = "all words" if result.restrict_vocab is None else f"the first {result.restrict_vocab:,} words"
    notes = [f"{result.method} among {among}; of all: unknown questions are wrong"]
    if not result.questions:
        notes.append("no question has four known words: nothing was measured")
    head = (f"analogies: {result.name}", "accuracy", "95 %", "honest", "of all", "correct", "known")
    return TextTable(head, rows, 1 + len(result.groups), notes)
