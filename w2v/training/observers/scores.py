"""Scores on the way: the vectors as each epoch of training ends.

Place in the data flow: rows of a model under training -> one line an epoch; `EpochScores` is what `w2v.train` takes as
`on_epoch_end`.

Training is to lose less than 5 % of its time by it: the threads go on meanwhile, only the rows that are needed are
copied, an analogy set is asked for a sample of its questions, always the same, and epochs are passed over when looking
took longer than that share of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from w2v.errors import W2VError
from w2v.evaluation.measures.lookup import OWN_RESTRICT, Lookup, Rows
from w2v.evaluation.output.record import record
from w2v.evaluation.results import Measure
from w2v.evaluation.sets.datasets import LoadedSet
from w2v.evaluation.sets.lines import Question, Section
from w2v.evaluation.suite import Settings, Source, evaluate_set, read_suite
from w2v.keyedvectors import KeyedVectors
from w2v.training.status import EpochStats, ModelView

QUESTIONS = 2000  # of an analogy set at most
SHARE = 0.03  # of the time, at most, that this thread is busy; what it takes from the cache comes on top
FIRST = 0.1  # seconds that the first evaluation is taken to cost: runs of a few seconds have no time for it


class EpochScores:
    """Evaluates a model as its epochs end; a call returns the line to show.

    Attributes
    ----------
    history : a dict an evaluated epoch: epoch, loss, seconds (of training), scores (by set), and seconds_evaluation
        (of processor time).

    Raises
    ------
    W2VError : a set cannot be read (when the object is made: before any training).
    """

    def __init__(self, sources: Iterable[Source], settings: Settings | None = None) -> None:
        suite = read_suite(sources)
        if suite.failures:
            raise W2VError("; ".join(failure.message for failure in suite.failures))
        if not suite.sets:
            raise W2VError("no set to evaluate was found: see w2v datasets list")
        self.sets = [sample(one, QUESTIONS) for one in suite.sets]
        self._whole = {one.name: questions(one) for one, part in zip(suite.sets, self.sets, strict=True)
                       if part is not one and questions(one) > questions(part)}
        self._last_measures: list[Measure] = []
        self.settings = replace(settings or Settings(), draws=0)
        self.history: list[dict[str, Any]] = []
        self._rows: Rows | None = None
        self._words: list[str] = []
        self._cost, self._last = FIRST, 0.0

    def __call__(self, view: ModelView, stats: EpochStats) -> str | None:
        last = stats.epoch == stats.epochs
        if not last and self._cost > SHARE * (stats.seconds - self._last):
            return None
        # What the threads of training lose is this thread's work, not its waiting. BLAS may put as many threads to work
        # as there are cores, each for as long at most: of all cores together the share is the same.
        start = time.thread_time()
        measures = self._last_measures = self.measures(view)
        self._cost, self._last = time.thread_time() - start, stats.seconds
        self.history.append({
            "epoch": stats.epoch, "loss": stats.loss, "seconds": stats.seconds, "seconds_evaluation": self._cost,
            "scores": {measure.set: measure.value for measure in measures}})
        return line(stats, measures)

    def as_metadata(self) -> str:
        """The last scores, for the "evaluation" of a saved file."""
        return record(self._last_measures, self.settings.restrict_vocab, whole=self._whole)

    def measures(self, view: ModelView) -> list[Measure]:
        """The first measure of each set, on copies of the rows that it needs."""
        if self._rows is None:
            self._rows = self._needed(view)
            self._words = [view.words[row] for row in self._rows.tolist()]
        kv = KeyedVectors(self._words, view.rows(self._rows))
        lookup = Lookup(kv, {word for one in self.sets for word in one.words}, self.settings.case_insensitive)
        return [next(result.measures()) for one in self.sets for result in evaluate_set(lookup, one, self.settings)]

    def _needed(self, view: ModelView) -> Rows:
        """The candidates of analogies, and the words of the sets behind them, by rising row."""
        n = len(view.words)
        candidates = min(n, self.settings.restrict_vocab or OWN_RESTRICT) if any(
            one.kind == "analogies" for one in self.sets) else 0
        fold = str.upper if self.settings.case_insensitive else str
        wanted = {fold(word) for one in self.sets for word in one.words}
        more = [row for row, word in enumerate(map(fold, view.words)) if row >= candidates and word in wanted]
        return np.concatenate([np.arange(candidates), np.array(more, dtype=np.int64)]).astype(np.int64)


def questions(one: LoadedSet) -> int:
    """How many questions an analogy set has."""
    return sum(len(section.questions) for section in one.content)


def sample(one: LoadedSet, most: int) -> LoadedSet:
    """An analogy set with so many questions at most; any other set as it is.

    All questions between every k-th pair of a relation: few words for many questions, and words are what costs. Where a
    set is not made of pairs in this way, every k-th question.
    """
    if one.kind != "analogies":
        return one
    sections: Sequence[Section] = one.content
    total = questions(one)
    step = 1
    kept = list(sections)
    while (found := sum(len(section.questions) for section in kept)) > most:
        step += 1
        kept = [_among(section, step) for section in sections]
    if found < min(most, total) / 8:
        step, at, kept = -(-total // most), 0, []
        for section in sections:
            kept.append(_part(section, section.questions[-at % step::step]))
            at += len(section.questions)
    kept = [section for section in kept if section.questions]
    words = frozenset(word for section in kept for question in section.questions for word in question)
    return replace(one, content=kept, words=words)


def _among(section: Section, step: int) -> Section:
    pairs = {(a, b[0]) for a, b in section.pairs[::step]}
    return _part(section, [question for question in section.questions
                           if question[:2] in pairs and question[2:4] in pairs])


def _part(section: Section, questions: list[Question]) -> Section:
    return Section(section.name, section.line, questions, section.group)


def line(stats: EpochStats, measures: Sequence[Measure]) -> str:
    """One line for people."""
    parts = [f"epoch {stats.epoch}/{stats.epochs}", f"loss {stats.loss:.4f}"]
    for measure in measures:
        value = ("-" if measure.value is None else f"{100 * measure.value:.1f} %" if measure.kind == "analogies"
                 else f"{measure.value:.4f}")
        parts.append(f"{measure.set} {value}")
    return "  ".join(parts)
