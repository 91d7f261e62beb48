"""Scores during training: the vectors are evaluated as epochs end.

Place in the data flow: rows of a model in training -> scores, and a line to print. An `EpochScores` is passed to
`w2v.train` as `on_epoch_end`.

Training should lose less than 5 % of its speed. So the training threads continue meanwhile, only the rows that the sets
need are copied, analogy sets are reduced to a fixed sample of their questions, and epochs are skipped while the last
evaluation took more than that share of the time since. The first epoch and the last one are never skipped.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from w2v.errors import W2VError
from w2v.evaluation.kinds import KINDS
from w2v.evaluation.loading import LoadedSet, with_words_of
from w2v.evaluation.measures.word_rows import WordRows, asked_forms
from w2v.evaluation.output.record import record
from w2v.evaluation.results import Measure
from w2v.evaluation.sets.analogies import Question, Section
from w2v.evaluation.settings import RESTRICT_VOCAB, Settings
from w2v.evaluation.suite import Source, evaluate_set, read_suite
from w2v.keyedvectors import KeyedVectors
from w2v.training.status import EpochStats, ModelView
from w2v.types import Indices

QUESTIONS = 2000  # of an analogy set at most
SHARE = 0.03  # of the time for the work of this thread; its use of caches slows training further


class EpochScores:
    """Evaluator of a model as its epochs end.

    Parameters
    ----------
    sources : names or paths of sets, as for `w2v.evaluate`.
    settings : None for the defaults; intervals are never computed, and sentences have the method "mean", which needs no
        counts.

    Attributes
    ----------
    history : a dict for each evaluated epoch: epoch, loss, seconds (of training), scores (by set), and
        seconds_evaluation (processor time).

    Raises
    ------
    W2VError : a set cannot be read, or there is none. This happens before training, when the object is made.
    """

    sets: list[LoadedSet]
    settings: Settings

    def __init__(self, sources: Iterable[Source], settings: Settings | None = None) -> None:
        suite = read_suite(sources)
        if suite.failures:
            raise W2VError("; ".join(failure.message for failure in suite.failures))
        if not suite.sets:
            raise W2VError("none of the sets to evaluate was found: see w2v datasets list")
        self.sets = [sample(one, QUESTIONS) for one in suite.sets]
        self._whole = {one.name: question_count(one) for one, part in zip(suite.sets, self.sets, strict=True)
                       if part is not one and question_count(one) > question_count(part)}
        self._last_measures: list[Measure] = []
        self.settings = replace(settings or Settings(), draws=0, sentence_methods=("mean",))
        self.history: list[dict[str, Any]] = []
        self._rows: Indices | None = None
        self._words: list[str] = []  # of these rows
        self._cost, self._last = 0.0, 0.0

    def __call__(self, view: ModelView, stats: EpochStats) -> str | None:
        """Evaluate at the end of an epoch; return the line to print, or None if this epoch is skipped."""
        last = stats.epoch == stats.epochs
        if not last and self._cost > SHARE * (stats.seconds - self._last):
            return None
        # Training loses the processor time of this thread, not its waiting time. BLAS may use as many threads as there
        # are cores, each for at most as long, so the share of all cores is the same.
        start = time.thread_time()
        measures = self._last_measures = self.measures(view)
        self._cost, self._last = time.thread_time() - start, stats.seconds
        self.history.append({
            "epoch": stats.epoch, "loss": stats.loss, "seconds": stats.seconds, "seconds_evaluation": self._cost,
            "scores": {measure.set: measure.value for measure in measures}})
        return line(stats, measures)

    def as_metadata(self) -> str:
        """Return the last scores as the "evaluation" of a saved file."""
        return record(self._last_measures, self.settings.restrict_vocab, whole=self._whole)

    def measures(self, view: ModelView) -> list[Measure]:
        """Return the first measure of each set, from copies of the rows that the sets need."""
        if self._rows is None:
            self.sets = [with_words_of(one, view.text_options) for one in self.sets]
            self._rows = self._needed(view)
            self._words = [view.words[int(row)] for row in self._rows]
        kv = KeyedVectors(self._words, view.rows(self._rows))
        kv.text_options = view.text_options
        words = WordRows(kv, {word for one in self.sets for word in one.words}, self.settings.case_insensitive)
        return [next(result.measures()) for one in self.sets for result in evaluate_set(words, one, self.settings)]

    def _needed(self, view: ModelView) -> Indices:
        """Return the rows of the candidates of analogies and of the other words of the sets, in rising order."""
        n = len(view.words)
        searched = any(KINDS[one.kind].searches_vocabulary for one in self.sets)
        candidates = min(n, self.settings.restrict_vocab or RESTRICT_VOCAB) if searched else 0
        fold = str.upper if self.settings.case_insensitive else str
        asked = asked_forms({word for one in self.sets for word in one.words}, fold, view.text_options)
        more = [row for row, word in enumerate(map(fold, view.words)) if row >= candidates and word in asked]
        return np.concatenate([np.arange(candidates), np.array(more, dtype=np.int64)]).astype(np.int64)


def question_count(one: LoadedSet) -> int:
    """Return the number of questions of an analogy set."""
    return sum(len(section.questions) for section in one.content)


def sample(one: LoadedSet, most: int) -> LoadedSet:
    """Return an analogy set reduced to at most `most` questions; a set of another kind as it is.

    Every k-th pair of each relation is kept, with all questions between these pairs: few words for many questions,
    because the time depends on the number of words. If questions do not share pairs, every k-th question is kept.
    """
    if one.kind != "analogies":
        return one
    sections: Sequence[Section] = one.content
    total = question_count(one)
    step = 1
    kept = list(sections)
    while (found := sum(len(section.questions) for section in kept)) > most:
        step += 1
        kept = [_among_pairs(section, step) for section in sections]
    if found < min(most, total) / 8:
        step, at, kept = -(-total // most), 0, []
        for section in sections:
            kept.append(_part(section, section.questions[-at % step::step]))
            at += len(section.questions)
    kept = [section for section in kept if section.questions]
    words = frozenset(word for section in kept for question in section.questions for word in question)
    return replace(one, content=kept, words=words)


def _among_pairs(section: Section, step: int) -> Section:
    """Return the section with the questions that consist of two of every `step`-th pair."""
    pairs = {(a, b[0]) for a, b in section.pairs[::step]}
    return _part(section, [question for question in section.questions
                           if question[:2] in pairs and question[2:4] in pairs])


def _part(section: Section, questions: list[Question]) -> Section:
    return Section(section.name, section.line, questions, section.group)


def line(stats: EpochStats, measures: Sequence[Measure]) -> str:
    """Return the line to print after an epoch: the loss and the score of each set."""
    parts = [f"epoch {stats.epoch}/{stats.epochs}", f"loss {stats.loss:.4f}"]
    for measure in measures:
        value = ("-" if measure.value is None else f"{100 * measure.value:.1f} %" if measure.kind == "analogies"
                 else f"{measure.value:.4f}")
        parts.append(f"{measure.set} {value}")
    return "  ".join(parts)
