"""Suites: evaluation of several sets at once.

Place in the data flow: names or paths of sets -> `Suite`; vectors + suite -> `Evaluation`: the results, the missing
sets, the failures. All sets are read first, so that one scan of the vocabulary serves them all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from w2v.errors import FormatError, W2VError
from w2v.evaluation.kinds import KINDS
from w2v.evaluation.loading import LoadedSet, load_set, with_words_of
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.results import Evaluation, Failure, Result
from w2v.evaluation.sets.finding import MissingSet
from w2v.evaluation.sets.registry import STANDARD
from w2v.evaluation.settings import Settings
from w2v.types import StrPath

if TYPE_CHECKING:
    from w2v.vectors.queries import Queries

Source: TypeAlias = StrPath | tuple[StrPath, str]  # name or path, or a path with its kind
Paths: TypeAlias = StrPath | Iterable[StrPath]


@dataclass(frozen=True)
class Suite:
    """Sets that were read, names that were not found, and what is broken: whole sets, or lines of them."""

    sets: tuple[LoadedSet, ...]
    missing: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


def sources_of(suite: Source | Iterable[Source] | None, by_kind: Mapping[str, Paths]) -> list[Source]:
    """Return all sets that were asked for; the suite "standard" if none was."""
    alone = isinstance(suite, (str, os.PathLike, tuple))
    found = [] if suite is None else [cast(Source, suite)] if alone else list(cast("Iterable[Source]", suite))
    for kind, paths in by_kind.items():
        found += [(path, kind) for path in ([paths] if isinstance(paths, (str, os.PathLike)) else paths)]
    return ["standard"] if suite is None and not found else found


def read_suite(sources: Iterable[Source], datasets: StrPath | None = None, delimiter: str | None = None) -> Suite:
    """Read several sets.

    Parameters
    ----------
    sources : names, paths, or paths with their kinds. "standard" means all sets of the registry; those of them that
        are not found are `missing`. Any other set that is not found is a failure, and so is every broken set. Broken
        lines and sections are failures too; the rest of their set is read.
    datasets : folder in which names are looked for first.
    delimiter : between the fields of the files of similarity, categories and sentences; None recognises it.

    Raises
    ------
    ValueError : an empty delimiter, or one for sets without fields; an unknown kind. W2VError : `datasets` is not a
        folder.
    """
    if delimiter == "":
        raise ValueError("delimiter must be text between two fields, not empty")
    sets: list[LoadedSet] = []
    missing, failures = [], []
    for source in sources:
        path, kind = source if isinstance(source, tuple) else (source, None)
        for name in STANDARD if path == "standard" else (path,):
            try:
                sets.append(one := load_set(name, kind, datasets, delimiter))
                if one.problem:
                    failures.append(Failure(one.name, one.problem, scored=True))
            except W2VError as error:
                if isinstance(error, MissingSet) and path == "standard":
                    missing.append(str(name))
                else:
                    failures.append(Failure(str(name), str(error)))
    if delimiter is not None and sets and not any(KINDS[one.kind].delimited for one in sets):
        kinds = " and ".join(name for name, kind in KINDS.items() if kind.delimited)
        raise ValueError(f"delimiter is for sets of {kinds}, and there is none of them")
    return Suite(tuple(sets), tuple(missing), tuple(failures))


def evaluate_suite(kv: Queries, suite: Suite, settings: Settings, source: str = "") -> Evaluation:
    """Evaluate the vectors on all sets of a suite; a set of which nothing is known is a result and also a failure."""
    results: list[Result] = []
    failures = list(suite.failures)
    sets: list[LoadedSet] = []
    for one in suite.sets:
        try:
            sets.append(with_words_of(one, kv.text_options))
        except W2VError as error:
            failures.append(Failure(one.name, str(error)))
    words = WordRows(kv, {word for one in sets for word in one.words}, settings.case_insensitive)
    for one in sets:
        found = evaluate_set(words, one, settings)
        results += found
        if all(result.nothing_known for result in found):
            failures.append(Failure(one.name, str(_nothing_known(one))))
    unknown = {one.name: tuple(sorted(word for word in one.words if words.row(word) < 0)) for one in sets}
    return Evaluation(tuple(results), suite.missing, tuple(failures), source,
                      {one.name: len(one.words) for one in sets}, unknown)


def _nothing_known(one: LoadedSet) -> FormatError:
    first = sorted(one.words)[:3]
    return FormatError(one.path, f"the vectors have too few of the {len(one.words)} words of this set "
                       f"({', '.join(map(repr, first))}, ...): nothing was measured", line=1)


def evaluate_set(words: WordRows, one: LoadedSet, settings: Settings) -> Sequence[Result]:
    """Return the results of one set: one for each method of analogies or of sentences and each score of
    links, one for other kinds."""
    results: Sequence[Result] = KINDS[one.kind].measure(words, one.name, one.content, settings)
    return results
