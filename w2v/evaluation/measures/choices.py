"""Multiple-choice analogies: which of several pairs is most like the stem (SAT).

Place in the data flow: questions with choices + vectors -> `ChoiceResult`. The answer is the pair whose offset has the
highest cosine with the offset of the stem (`offsets`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from w2v.evaluation.measures.offsets import unit_offsets
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.results import Items, Measure, Score
from w2v.evaluation.sets.choices import Choice
from w2v.evaluation.settings import DEFAULTS, Settings
from w2v.evaluation.statistics.bootstrap import proportion_interval
from w2v.system.text_table import TextTable, interval, percent

_EQUAL = 1e-6  # smaller differences of cosines are rounding errors


@dataclass(frozen=True, repr=False)
class ChoiceResult(Score):
    """Accuracy on multiple-choice analogies; `chance` is the expected accuracy of guessing."""

    kind: ClassVar[str] = "choices"

    chance: float = 0.2

    def to_dict(self) -> dict[str, Any]:
        return super().to_dict() | {"chance": self.chance}

    @classmethod
    def tables_of(cls, results: Sequence[ChoiceResult]) -> list[TextTable]:
        return tables(results)

    def measures(self) -> Iterator[Measure]:
        yield self.measure(self.kind, self.name, "accuracy")


def score_choices(
    words: WordRows, name: str, questions: Sequence[Choice], settings: Settings = DEFAULTS
) -> ChoiceResult:
    """Measure the accuracy over the questions whose words are all known; of equally good choices the first is taken."""
    outcome = np.full(len(questions), np.nan)
    for i, question in enumerate(questions):
        stem, *choices = unit_offsets(words, [question.stem, *question.choices])
        cosines = np.array(choices) @ stem
        if not np.isnan(cosines).any():
            outcome[i] = float(int((cosines > cosines.max() - _EQUAL).argmax()) == question.right)
    known = int((~np.isnan(outcome)).sum())
    right = int(np.nansum(outcome))
    return ChoiceResult(name, right, known, len(questions),
                        interval=proportion_interval(right, known, settings.draws, settings.seed),
                        chance=float(np.mean([1 / len(question.choices) for question in questions])),
                        items=Items(outcome))


def tables(results: Sequence[ChoiceResult]) -> list[TextTable]:
    """Return one table with a row for each result."""
    return [TextTable(("choices", "accuracy", "95 %", "of all", "chance", "correct", "known"),
                      [(r.name, percent(r.accuracy), interval(r.interval), percent(r.accuracy_all),
                        percent(r.chance), f"{r.correct}/{r.questions}", percent(r.known)) for r in results])]
