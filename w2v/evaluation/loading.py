"""Loading of sets by name or path, with or without a given kind.

Place in the data flow: name or path -> file -> `LoadedSet`: its content, and the words that it asks for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from w2v.corpus_options import TextOptions
from w2v.errors import FormatError, W2VError
from w2v.evaluation.kinds import KINDS
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.finding import known_set, named_path
from w2v.evaluation.sets.reading import LeftOut, Reading, column_places
from w2v.evaluation.sets.registry import OTHER_KINDS, SETS
from w2v.system.files import local_path
from w2v.types import StrPath

Content = TypeVar("Content")


@dataclass(frozen=True)
class LoadedSet:
    """Content of a set, and the words that it asks for.

    Attributes
    ----------
    kind : a key of KINDS, on which the type of `content` depends.
    problem : says which lines or sections are broken and left out; empty if there are none.
    """

    name: str
    kind: str
    path: Path
    content: Any
    words: frozenset[str]
    problem: str = ""


def load_set(source: StrPath, kind: str | None = None, datasets: StrPath | None = None,
             delimiter: str | None = None) -> LoadedSet:
    """Load a set.

    Parameters
    ----------
    source : the name of a set, in any case, or a path. A str that is a name is never taken for a path, even if there is
        such a file in the working directory.
    kind : a key of KINDS; `source` is then a path. None recognises the kind of a path from its content.
    datasets : folder in which names are looked for first.
    delimiter : between the fields of the files of some kinds; None recognises it.

    Returns
    -------
    The set; what is broken in it is left out and named by its `problem`.

    Raises
    ------
    MissingSet : a name of the registry that is in none of the folders.
    FormatError, W2VError : nothing of the file can be used, it cannot be read, its kind is not recognised, or a package
        that its kind needs is not installed.
    ValueError : unknown kind.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    text = local_path(source)
    if kind is None and isinstance(source, str) and text.lower() in SETS:
        info = known_set(text)
        if info.kind in OTHER_KINDS:
            raise W2VError(f"{info.name} is not a benchmark: it is for {OTHER_KINDS[info.kind]}")
        return _load(info.name, info.kind, named_path(text, datasets), delimiter)
    if not os.path.exists(text):
        if os.sep not in text and not Path(text).suffix:
            known_set(text)
        raise W2VError(f"cannot read {text}: No such file or directory")
    path = Path(text)
    return _load(path.name if path.is_dir() else path.stem, kind or guess_kind(path, delimiter), path, delimiter)


def _load(name: str, kind: str, path: Path, delimiter: str | None) -> LoadedSet:
    if (check := KINDS[kind].check) is not None:
        check()
    content, problem = usable(KINDS[kind].read, path, delimiter)
    return LoadedSet(name, kind, path, content, frozenset(KINDS[kind].words_of(content)), problem)


def with_words_of(one: LoadedSet, options: TextOptions | None) -> LoadedSet:
    """Return a set with the words that the text options of vectors make of its texts; sets of words as they are.

    Raises
    ------
    W2VError : the options have a tokenizer that fails, or of which only the name is known.
    """
    kind = KINDS[one.kind]
    if kind.tokenized is None:
        return one
    try:
        content = kind.tokenized(one.content, options)
    except (ValueError, TypeError) as error:
        raise W2VError(f"{one.path}: its sentences cannot be split into words: {error}, with kv.text_options = "
                       "TextOptions(tokenizer=...)") from error
    return replace(one, content=content, words=frozenset(kind.words_of(content)))


def usable(read: Callable[[Path, Reading], Content], path: StrPath, delimiter: str | None = None,
           encoding: str = "utf-8") -> tuple[Content, str]:
    """Read a set without its broken lines.

    Returns
    -------
    The content, and a sentence about what is left out; empty if nothing is.

    Raises
    ------
    FormatError : nothing can be used; names the first broken line. W2VError : the file cannot be read.
    """
    left_out = LeftOut()
    try:
        content = read(Path(path), Reading(delimiter, encoding, left_out.add))
    except W2VError as error:
        raise left_out.first or error from None
    return content, left_out.message()


def guess_kind(path: Path, delimiter: str | None = None) -> str:
    """Return the kind of a file or folder, a key of KINDS.

    It is the kind with the best evidence, the first one of equal evidence. Without certain evidence a CSV header
    decides: of the kinds whose columns it has, the one with the most columns.

    Raises
    ------
    FormatError : the content is of no known kind. W2VError : it cannot be read.
    """
    excerpt = Excerpt.of(path, delimiter)
    best = max(KINDS.values(), key=lambda kind: kind.evidence(excerpt))
    with_columns = [kind for kind in KINDS.values()
                    if kind.columns and column_places(excerpt.header, kind.columns) is not None]
    if with_columns and best.evidence(excerpt) < Evidence.CERTAIN:
        best = max(with_columns, key=lambda kind: len(kind.columns))
    elif not best.evidence(excerpt):
        raise FormatError(path, "the kind of this set is not recognised; name it by an option such as --analogies or "
                          "--similarity, see `w2v evaluate --help`", line=1)
    return best.name
