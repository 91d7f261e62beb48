"""Suites: evaluation of several sets at once.

Place in the data flow: names or paths of sets -> `Suite`; vectors + suite -> `Evaluation`: the results, the missing
sets, the failures. All sets are read first, so that one scan of the vocabulary serves them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from w2v.errors import FormatError, W2VError
from w2v.evaluation.kinds import KINDS
from w2v.evaluation.loading import LoadedSet, MissingSet, load_set
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.results import Evaluation, Failure, Result
from w2v.evaluation.sets.registry import STANDARD
from w2v.evaluation.settings import Settings
from w2v.types import StrPath

if TYPE_CHECKING:
    from w2v.vectors.queries import Queries

Source = StrPath | tuple[StrPath, str]  # name or path, or a path with its kind


@dataclass(frozen=True)
class Suite:
    """Sets that were read, names that were not found, and sets that are broken."""

    sets: tuple[LoadedSet, ...]
    missing: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


def read_suite(sources: Iterable[Source], datasets: StrPath | None = None) -> Suite:
    """Read several sets.

    Parameters
    ----------
    sources : names, paths, or paths with their kinds. "standard" means all sets of the registry; those of them that
        are not found are `missing`. Any other set that is not found is a failure, and so is every broken set.
    datasets : folder in which names are looked for first.
    """
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
    """Evaluate the vectors on all sets of a suite; a set of which nothing is known is a result and also a failure."""
    words = WordRows(kv, {word for one in suite.sets for word in one.words}, settings.case_insensitive)
    results: list[Result] = []
    failures = list(suite.failures)
    for one in suite.sets:
        found = evaluate_set(words, one, settings)
        results += found
        if all(result.nothing_known for result in found):
            failures.append(Failure(one.name, str(_nothing_known(one))))
    unknown = {one.name: tuple(sorted(word for word in one.words if words.row(word) < 0)) for one in suite.sets}
    return Evaluation(tuple(results), suite.missing, tuple(failures), source,
                      {one.name: len(one.words) for one in suite.sets}, unknown)


def _nothing_known(one: LoadedSet) -> FormatError:
    first = sorted(one.words)[:3]
    return FormatError(one.path, f"the vectors have too few of the {len(one.words)} words of this set "
                       f"({', '.join(map(repr, first))}, ...): nothing was measured", line=1)


def evaluate_set(words: WordRows, one: LoadedSet, settings: Settings) -> Sequence[Result]:
    """Return the results of one set: one for each method of analogies, one for other kinds."""
    results: Sequence[Result] = KINDS[one.kind].measure(words, one.name, one.content, settings)
    return results
