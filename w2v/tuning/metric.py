"""What a search measures: sets of words, or the next item of held-out lines, each in two halves.

Place in the data flow: names of sets, held-out lines -> `Metric` -> the score of a model on the half that is searched
on, and its values with intervals on the half that is kept back.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from w2v.evaluation.kinds import KINDS
from w2v.evaluation.loading import LoadedSet, load_set
from w2v.evaluation.measures.sessions import ranks_of_last
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.sets.analogies import Section
from w2v.evaluation.sets.reading import TwoWords
from w2v.evaluation.settings import Settings
from w2v.evaluation.statistics.bootstrap import mean_replicates, percentile_interval, proportion_interval
from w2v.keyedvectors import KeyedVectors
from w2v.tuning.trial import Value
from w2v.types import Floats, StrPath

SEARCH, KEPT_BACK = 0, 1
"""The half of a set that is searched on, and the other one."""

DRAWS = 2000  # bootstrap replicates of the intervals

_NEXT = re.compile(r"hit@([1-9]\d{0,5})|mrr", re.IGNORECASE)


class Metric:
    """The mean of the values of several sets, or of several measures of next items.

    Parameters
    ----------
    names : as the caller gave them.
    sets : for each, the two halves of a set of words.
    next_items : measures of next items, "mrr" or "hit@10"; a metric has either these or sets.

    Attributes
    ----------
    pairs : of both halves: the last two items of held-out lines; set once the corpus is read.
    """

    names: tuple[str, ...]

    def __init__(self, names: Sequence[str], sets: Sequence[tuple[LoadedSet, LoadedSet]],
                 next_items: Sequence[str] = ()) -> None:
        self.names, self._sets, self._next = tuple(names), tuple(sets), tuple(next_items)
        self.pairs: tuple[list[TwoWords], list[TwoWords]] = [], []

    @property
    def of_sessions(self) -> bool:
        """Whether the next item of held-out lines is predicted."""
        return bool(self._next)

    def values(self, kv: KeyedVectors, half: int, draws: int = 0) -> list[Value]:
        """Return the values of a half. `kv` has the words that all models to be compared know."""
        if self.of_sessions:
            pairs = self.pairs[half]
            ranks = ranks_of_last(WordRows(kv, ()), pairs)
            return [_of_ranks(name, ranks, draws) for name in self._next]
        found = []
        words = WordRows(kv, {word for halves in self._sets for word in halves[half].words})
        for halves in self._sets:
            one = halves[half]
            result = KINDS[one.kind].measure(words, one.name, one.content, Settings(draws=draws))[0]
            measure = next(result.measures())
            found.append(Value(one.name, measure.value, measure.interval, measure.used, measure.total))
        return found

    def known(self, words: Sequence[str], text_options: Any = None) -> list[int]:
        """Return how many items of the half that is searched on have known words, for each set."""
        kv = KeyedVectors(words, np.zeros((len(words), 1), np.float32))
        kv.text_options = text_options
        return [one.used for one in self.values(kv, SEARCH)]

    def sizes(self, half: int = SEARCH) -> list[int]:
        """Return how many items each set of a half has."""
        if self.of_sessions:
            return [len(self.pairs[half])] * len(self._next)
        return [sum(len(one.questions) for one in halves[half].content) if halves[half].kind == "analogies"
                else len(halves[half].content) for halves in self._sets]


def score_of(values: Sequence[Value]) -> float | None:
    """Return the mean of the values; None if one of them is not known or not a number."""
    known = [one.value for one in values if one.value is not None and np.isfinite(one.value)]
    return sum(known) / len(known) if len(known) == len(values) and values else None


def read_metric(names: str | Sequence[StrPath], datasets: StrPath | None = None, seed: int = 1) -> Metric:
    """Return a metric by its names, and cut its sets into halves.

    Parameters
    ----------
    names : names or paths of sets of analogies or similarity; or "hit@K" and "mrr".
    datasets : folder in which names are looked for first.
    seed : of the halves.

    Raises
    ------
    ValueError : there is no name, a mixture of both, or a set of another kind.
    W2VError : a set cannot be read or found.
    """
    given = [names] if isinstance(names, str) or not isinstance(names, Sequence) else list(names)
    asked = list(dict.fromkeys(map(str, given)))
    if not asked:
        raise ValueError("metric is missing: pass the name or the path of a set of words, such as \"ws353\", or for "
                         "sessions \"hit@10\" or \"mrr\"")
    following = [name.lower() for name in asked if _NEXT.fullmatch(name)]
    if following and len(following) < len(asked):
        raise ValueError(f"metric: {following[0]} is measured on held-out lines, and "
                         f"{next(one for one in asked if not _NEXT.fullmatch(one))} on words: use one or the other")
    if following:
        return Metric(asked, (), following)
    return Metric(asked, [_halves(load_set(name, None, datasets), seed) for name in asked])


def _halves(one: LoadedSet, seed: int) -> tuple[LoadedSet, LoadedSet]:
    """Return the halves of a set."""
    if one.kind == "similarity":
        names = [tuple(sorted(pair[:2])) for pair in one.content]
        distinct = list(dict.fromkeys(names))  # copies of a pair are in the same half
        first = dict(zip(distinct, _chosen(len(distinct), seed), strict=True))
        contents = [[pair for pair, name in zip(one.content, names, strict=True) if first[name] == half]
                    for half in (True, False)]
    elif one.kind == "analogies":
        contents = [list(part) for part in zip(*(_section_halves(section, seed) for section in one.content),
                                               strict=True)]
        contents = [[section for section in part if section.questions] for part in contents]
    else:
        raise ValueError(f"metric: {one.name} is a set of {one.kind}; a search can use sets of analogies or similarity")
    if not all(contents):
        raise ValueError(f"metric: {one.name} has too few items to be cut into two halves")
    a, b = (dataclasses.replace(one, content=content, words=frozenset(KINDS[one.kind].words_of(content)))
            for content in contents)
    return a, b


def _section_halves(section: Section, seed: int) -> tuple[Section, Section]:
    """Cut a section by its pairs, so that no pair of words is in both halves. Questions with a pair of each half are in
    neither."""
    distinct = list(dict.fromkeys((word, answers[0]) for word, answers in section.pairs))
    pairs = dict(zip(distinct, _chosen(len(distinct), seed), strict=True))
    sides = [(pairs[words[0], words[1]], pairs[words[2], words[3]]) for words in section.questions]
    halves = [Section(section.name, section.line, [words for words, side in zip(section.questions, sides, strict=True)
                                                   if side == (inside, inside)], section.group)
              for inside in (True, False)]
    return halves[0], halves[1]


def _chosen(n: int, seed: int) -> list[bool]:
    """Return which of n things are in the first half."""
    order = np.random.default_rng([seed, n]).permutation(n)
    return [bool(place < (n + 1) // 2) for place in order]


def halves_of(pairs: Sequence[TwoWords], seed: int) -> tuple[list[TwoWords], list[TwoWords]]:
    """Return the halves of the last items of held-out lines."""
    first = _chosen(len(pairs), seed)
    return ([pair for pair, inside in zip(pairs, first, strict=True) if inside],
            [pair for pair, inside in zip(pairs, first, strict=True) if not inside])


def _of_ranks(name: str, ranks: Floats, draws: int) -> Value:
    """Return a measure of next items from the ranks of the items; NaN for unknown ones."""
    own = ranks[~np.isnan(ranks)]
    if not len(own):
        return Value(name, None, None, 0, len(ranks))
    if name == "mrr":
        reciprocal = 1 / own
        around = percentile_interval(mean_replicates(reciprocal[None], draws)[0]) if draws else None
        return Value(name, float(reciprocal.mean()), around, len(own), len(ranks))
    right = int((own <= int(name.removeprefix("hit@"))).sum())
    return Value(name, right / len(own), proportion_interval(right, len(own), draws), len(own), len(ranks))
