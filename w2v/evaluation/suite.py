"""Several sets at once.

Place in the data flow: vectors + names or paths of sets -> `Evaluation`: the results, what is missing, what failed. The
sets are read first and the vocabulary is gone through once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from w2v.errors import FormatError, W2VError
from w2v.evaluation.measures.analogies import score_sections
from w2v.evaluation.measures.categories import score_categories
from w2v.evaluation.measures.choices import score_choices, score_degrees
from w2v.evaluation.measures.lookup import OWN_RESTRICT, Lookup
from w2v.evaluation.measures.outliers import score_outliers
from w2v.evaluation.measures.similarity import score_pairs
from w2v.evaluation.results import Evaluation, Failure, Result
from w2v.evaluation.sets.datasets import LoadedSet, MissingSet, load_set
from w2v.evaluation.sets.registry import STANDARD
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED
from w2v.types import StrPath

if TYPE_CHECKING:
    from w2v.vectors.queries import Queries

Source = StrPath | tuple[StrPath, str]  # a name or path, or one with its kind


@dataclass(frozen=True)
class Settings:
    """How sets are evaluated; `restrict_vocab` is for analogies alone, which look for a word among all."""

    methods: tuple[str, ...] = ("3cosadd",)
    restrict_vocab: int | None = OWN_RESTRICT
    case_insensitive: bool = True
    draws: int = DRAWS
    seed: int = SEED


@dataclass(frozen=True)
class Suite:
    """Sets that were read, and those that could not be."""

    sets: tuple[LoadedSet, ...]
    missing: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


def read_suite(sources: Iterable[Source], datasets: StrPath | None = None) -> Suite:
    """Read all sets. "standard" among the sources stands for all that are known by name; of these, the ones that are
    not found are `missing`. A set that was named itself and is not found, or is broken, is a failure."""
    sets, missing, failures = [], [], []
    for source in sources:
        path, kind = source if isinstance(source, tuple) else (source, None)
        for name in STANDARD if path == "standard" else (path,):
            try:
                sets.append(load_set(name, kind, datasets))
            except W2VError as error:
                if isinstance(error, MissingSet) and path == "standard":
                    missing.append(str(name))
                else:
                    failures.append(Failure(str(name), str(error)))
    return Suite(tuple(sets), tuple(missing), tuple(failures))


def evaluate_suite(kv: Queries, suite: Suite, settings: Settings, source: str = "") -> Evaluation:
    """Evaluate the vectors on all sets that were read. A set of which nothing is known is a failure."""
    lookup = Lookup(kv, {word for one in suite.sets for word in one.words}, settings.case_insensitive)
    results: list[Result] = []
    failures = list(suite.failures)
    for one in suite.sets:
        found = evaluate_set(lookup, one, settings)
        results += found
        if all(result.nothing_known for result in found):
            failures.append(Failure(one.name, str(nothing_known(one))))
    unknown = {one.name: tuple(sorted(word for word in one.words if lookup.row(word) < 0)) for one in suite.sets}
    return Evaluation(tuple(results), suite.missing, tuple(failures), source,
                      {one.name: len(one.words) for one in suite.sets}, unknown)


def nothing_known(one: LoadedSet) -> FormatError:
    first = sorted(one.words)[:3]
    return FormatError(one.path, f"the vectors know too few of the {len(one.words)} words of this set "
                       f"({', '.join(map(repr, first))}, ...): nothing was measured", line=1)


def evaluate_set(lookup: Lookup, one: LoadedSet, settings: Settings) -> Sequence[Result]:
    """The results of one set: one a method for analogies, one for the other kinds."""
    draws, seed = settings.draws, settings.seed
    if one.kind == "analogies":
        return score_sections(lookup, one.name, one.content, restrict_vocab=settings.restrict_vocab,
                              methods=settings.methods, draws=draws, seed=seed)
    if one.kind == "similarity":
        return [score_pairs(lookup, one.name, one.content, draws=draws, seed=seed)]
    if one.kind == "categories":
        return [score_categories(lookup, one.name, one.content, draws=draws, seed=seed)]
    if one.kind == "outliers":
        return [score_outliers(lookup, one.name, one.content, draws=draws, seed=seed)]
    if one.kind == "choices":
        return [score_choices(lookup, one.name, one.content, draws=draws, seed=seed)]
    return [score_degrees(lookup, one.name, one.content, draws=draws, seed=seed)]
