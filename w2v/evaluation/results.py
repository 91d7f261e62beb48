"""What comes out of an evaluation: plain dataclasses, the same from Python and from the command line.

Place in the data flow: outcomes -> results -> tables, JSON, comparisons. Shares are fractions, not per cent; an
interval is the middle 95 % of a bootstrap, None where nothing was resampled. Every number has its two policies for
unknown words: left out, and (`..._all`) counted as wrong.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from w2v.types import Interval

Floats = npt.NDArray[np.float64]
Names = npt.NDArray[Any]


@dataclass(frozen=True)
class Measure:
    """One number of a result, for tables and pictures: `used` of `total` items are what it was measured on."""

    kind: str
    set: str
    name: str
    value: float | None
    interval: Interval | None
    all: float | None
    """The value with what is unknown counted as wrong."""
    used: int
    total: int


@dataclass(frozen=True)
class Items:
    """Outcomes of the single items of a set, for paired tests.

    Attributes
    ----------
    values : (n,) float64, or (n, k); NaN where the item is unknown. Right (1) and wrong (0), cosines, clusters.
    gold : (n,) what it is correlated with, or the classes; None for right and wrong.
    """

    values: Floats
    gold: Floats | None = None


@dataclass(frozen=True)
class Result:
    """What every result has. `items` are for comparisons, and no part of `as_dict`."""

    kind: ClassVar[str] = ""

    name: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {spec.name: getattr(self, spec.name) for spec in dataclasses.fields(self) if spec.name != "items"}

    def measures(self) -> Iterator[Measure]:
        """The numbers of the result, the one that it is known by first."""
        yield from ()

    @property
    def nothing_known(self) -> bool:
        """Nothing was measured: every item has an unknown word."""
        return not any(measure.used for measure in self.measures())


# --------------------------------------------------------------------------------------------------- right or wrong


@dataclass(frozen=True)
class Score(Result):
    """Questions of one section or of several: `questions` are those whose words are known, `total` all.

    `honest` of them are right with the words of the question as candidates too (None where that has no meaning).
    """

    correct: int
    questions: int
    total: int
    honest: int | None = field(default=None, kw_only=True)
    interval: Interval | None = field(default=None, kw_only=True)

    @property
    def accuracy(self) -> float | None:
        """Fraction of the known questions that are right; None if no question is known."""
        return self.correct / self.questions if self.questions else None

    @property
    def accuracy_all(self) -> float | None:
        """Fraction of all questions that are right: unknown ones count as wrong."""
        return self.correct / self.total if self.total else None

    @property
    def honest_accuracy(self) -> float | None:
        return None if self.honest is None or not self.questions else self.honest / self.questions

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "correct": self.correct, "questions": self.questions, "total": self.total,
                "accuracy": self.accuracy, "interval": self.interval, "accuracy_all": self.accuracy_all,
                "honest": self.honest, "honest_accuracy": self.honest_accuracy}

    def measure(self, kind: str, set: str, name: str) -> Measure:
        return Measure(kind, set, name, self.accuracy, self.interval, self.accuracy_all, self.questions, self.total)


@dataclass(frozen=True)
class AnalogyResult(Score):
    """All sections of an analogy set by one method.

    `groups` are totals: "semantic" and "syntactic" if the set has sections of both kinds, or the folders of BATS. For
    3CosAvg and LRCos a question is a pair of words, left out in turn.
    """

    kind: ClassVar[str] = "analogies"

    sections: tuple[Score, ...] = ()
    groups: tuple[Score, ...] = ()
    method: str = "3cosadd"
    restrict_vocab: int | None = None
    items: Items | None = field(default=None, repr=False, compare=False)

    def _group(self, name: str) -> Score | None:
        return next((group for group in self.groups if group.name == name), None)

    @property
    def semantic(self) -> Score | None:
        return self._group("semantic")

    @property
    def syntactic(self) -> Score | None:
        return self._group("syntactic")

    def as_dict(self) -> dict[str, Any]:
        result = super().as_dict()
        result["sections"] = [section.as_dict() for section in self.sections]
        for kind in (self.semantic, self.syntactic):
            if kind is not None:
                result[kind.name] = kind.as_dict()
        return result | {"groups": [group.as_dict() for group in self.groups], "method": self.method,
                         "restrict_vocab": self.restrict_vocab}

    def measures(self) -> Iterator[Measure]:
        for score in (self, *self.groups):
            name = self.name if score is self else f"{self.name}, {score.name}"
            yield score.measure(self.kind, name, self.method)


@dataclass(frozen=True)
class ChoiceResult(Score):
    """Questions that ask which of some pairs is most like the stem; the chance is that of guessing."""

    kind: ClassVar[str] = "choices"

    chance: float = 0.2
    items: Items | None = field(default=None, repr=False, compare=False)

    def as_dict(self) -> dict[str, Any]:
        return super().as_dict() | {"chance": self.chance}

    def measures(self) -> Iterator[Measure]:
        yield self.measure(self.kind, self.name, "accuracy")


# --------------------------------------------------------------------------------------------------- correlations


@dataclass(frozen=True)
class SimilarityResult(Result):
    """Correlation with human scores over `pairs` pairs of known words; `unknown` pairs have an unknown word.

    `spearman` and `pearson` are None if they are not defined: fewer than two pairs, or no variation. The `..._all` ones
    are over all pairs, unknown ones with the cosine 0.
    """

    kind: ClassVar[str] = "similarity"

    spearman: float | None
    pearson: float | None
    pairs: int
    unknown: int
    interval: Interval | None = None
    pearson_interval: Interval | None = None
    spearman_all: float | None = None
    pearson_all: float | None = None
    total: int = 0
    items: Items | None = field(default=None, repr=False, compare=False)

    def measures(self) -> Iterator[Measure]:
        yield Measure(self.kind, self.name, "Spearman", self.spearman, self.interval, self.spearman_all, self.pairs,
                      self.total)


@dataclass(frozen=True)
class RelationScore(Result):
    """One relation of SemEval-2012: its correlation and MaxDiff accuracy over known pairs."""

    spearman: float | None
    maxdiff: float | None
    pairs: int
    total: int


@dataclass(frozen=True)
class DegreesResult(Result):
    """Means over relations of Spearman's correlation with the ratings and of the accuracy on MaxDiff questions.

    `..._all` count a relation of which nothing is known as 0; `pairs` of `total` pairs of words are known.
    """

    kind: ClassVar[str] = "degrees"

    spearman: float | None
    maxdiff: float | None
    pairs: int
    total: int
    interval: Interval | None = None
    maxdiff_interval: Interval | None = None
    spearman_all: float | None = None
    maxdiff_all: float | None = None
    relations: tuple[RelationScore, ...] = ()
    items: Items | None = field(default=None, repr=False, compare=False)

    def as_dict(self) -> dict[str, Any]:
        return super().as_dict() | {"relations": [one.as_dict() for one in self.relations]}

    def measures(self) -> Iterator[Measure]:
        yield Measure(self.kind, self.name, "Spearman", self.spearman, self.interval, self.spearman_all, self.pairs,
                      self.total)
        if self.maxdiff is not None:
            yield Measure(self.kind, self.name, "MaxDiff", self.maxdiff, self.maxdiff_interval, self.maxdiff_all,
                          self.pairs, self.total)


# --------------------------------------------------------------------------------------------------- groups of words


@dataclass(frozen=True)
class CategoryResult(Result):
    """How pure clusters of the words are, as many clusters as classes: by k-means, and by average linkage (None for
    more than 8,000 words).

    `..._all` counts unknown words as in the wrong cluster.
    """

    kind: ClassVar[str] = "categories"

    purity: float | None
    agglomerative: float | None
    words: int
    unknown: int
    classes: int
    interval: Interval | None = None
    agglomerative_interval: Interval | None = None
    purity_all: float | None = None
    agglomerative_all: float | None = None
    items: Items | None = field(default=None, repr=False, compare=False)

    def measures(self) -> Iterator[Measure]:
        total = self.words + self.unknown
        yield Measure(self.kind, self.name, "k-means purity", self.purity, self.interval, self.purity_all, self.words,
                      total)
        if self.agglomerative is not None:
            yield Measure(self.kind, self.name, "linkage purity", self.agglomerative, self.agglomerative_interval,
                          self.agglomerative_all, self.words, total)


@dataclass(frozen=True)
class OutlierResult(Result):
    """How often the outlier is found among the words of its group, and at which place it stands (OPP, 0 to 1).

    `cases` of `total` cases (a group with one of its outliers) are known; intervals are over groups.
    """

    kind: ClassVar[str] = "outliers"

    accuracy: float | None
    opp: float | None
    cases: int
    total: int
    groups: int
    interval: Interval | None = None
    opp_interval: Interval | None = None
    accuracy_all: float | None = None
    opp_all: float | None = None
    items: Items | None = field(default=None, repr=False, compare=False)

    def measures(self) -> Iterator[Measure]:
        yield Measure(self.kind, self.name, "accuracy", self.accuracy, self.interval, self.accuracy_all, self.cases,
                      self.total)
        yield Measure(self.kind, self.name, "OPP", self.opp, self.opp_interval, self.opp_all, self.cases, self.total)


# --------------------------------------------------------------------------------------------------- several sets


@dataclass(frozen=True)
class Failure:
    """A set that could not be evaluated; the message names the file and the line."""

    name: str
    message: str


@dataclass(frozen=True)
class Evaluation:
    """Results of several sets on one file of vectors.

    Attributes
    ----------
    source : where the vectors come from.
    missing : sets of the suite that were not found.
    failures : sets that were found but are broken, or of which no word is known.
    words, unknown_words : by set, how many words it asks for, and those among them that the vectors do not have.
    """

    results: tuple[Result, ...]
    missing: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    source: str = ""
    words: dict[str, int] = field(default_factory=dict)
    unknown_words: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Result:
        """The first result of the set of this name."""
        for result in self.results:
            if result.name == name:
                return result
        raise KeyError(f"no result {name!r}; there are {', '.join(result.name for result in self.results) or 'none'}")

    def of_kind(self, kind: str) -> list[Any]:
        return [result for result in self.results if result.kind == kind]

    def measures(self) -> list[Measure]:
        return [measure for result in self.results for measure in result.measures()]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; `analogies` and `similarity` always, the other kinds where there are any."""
        kinds = dict.fromkeys(["analogies", "similarity", *(result.kind for result in self.results)])
        found: dict[str, Any] = {kind: [result.as_dict() for result in self.of_kind(kind)] for kind in kinds}
        found["unknown_words"] = {name: list(words) for name, words in self.unknown_words.items()}
        if self.missing:
            found["missing"] = list(self.missing)
        if self.failures:
            found["failed"] = [dataclasses.asdict(failure) for failure in self.failures]
        return found


def mean_and_deviation(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean, and standard deviation (n - 1) of two values or more."""
    array = np.asarray(values, dtype=np.float64)
    return float(array.mean()), float(array.std(ddof=1)) if len(array) > 1 else None
