"""Where sets lie, and what is in them.

Place in the data flow: name or path -> questions, pairs, groups. A name is looked for in the folder given, in that of
`W2V_DATASETS`, and in the cache folder, in this order; nothing is fetched unless `fetch_set` is called.
"""

from __future__ import annotations

import difflib
import os
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from w2v.errors import FormatError, W2VError
from w2v.evaluation.sets import groups, lines, relations
from w2v.evaluation.sets.groups import CLASS, OUTLIER_COLUMNS, WORD, read_categories, read_outliers
from w2v.evaluation.sets.lines import (
    PAIR_COLUMNS,
    named_columns,
    numbered_lines,
    read_analogies,
    read_pairs,
    split_fields,
)
from w2v.evaluation.sets.registry import SETS, SUFFIXES, SetInfo
from w2v.evaluation.sets.relations import read_choices, read_degrees, read_pair_folder
from w2v.system.download import Show, cache_folder, fetch
from w2v.types import StrPath

KINDS = ("analogies", "similarity", "categories", "outliers", "choices", "degrees")


@dataclass(frozen=True)
class LoadedSet:
    """A set that was read: what `kind` says decides what `content` is."""

    name: str
    kind: str
    path: Path
    content: Any
    words: frozenset[str]


def known_set(name: str) -> SetInfo:
    """What is known of a set; W2VError, with the name that may be meant, if there is none of that name."""
    if info := SETS.get(name.lower()):
        return info
    near = difflib.get_close_matches(name.lower(), SETS, 1)
    meant = f"; is {near[0]} meant?" if near else ""
    raise W2VError(f"no set is named {name!r}{meant} `w2v datasets list` shows them" if near
                   else f"no set is named {name!r}: `w2v datasets list` shows them")


def folders(datasets: StrPath | None = None) -> list[Path]:
    """Where a name is looked for. W2VError if a folder that was named is none."""
    found = []
    for name, folder in (("--datasets", datasets), ("W2V_DATASETS", os.environ.get("W2V_DATASETS") or None)):
        if folder is not None:
            if not os.path.isdir(folder):
                raise W2VError(f"{name}: {os.fspath(folder)} is no folder")
            found.append(Path(folder))
    return [*found, _cache()]


def _cache() -> Path:
    return cache_folder() / "datasets"


def find_set(name: str, datasets: StrPath | None = None) -> Path | None:
    """The file or folder of a set by name, None if it is in none of the folders."""
    info = known_set(name)
    names = dict.fromkeys([*info.files, *(info.name + suffix for suffix in SUFFIXES)])
    for folder in folders(datasets):
        for file in names:
            if (path := folder / file).exists():
                return path
    return None


def fetch_set(name: str, *, show: Show | None = None) -> Path:
    """Bring a set into the cache folder, checked by its SHA-256; one that is there is not fetched again.

    Raises
    ------
    W2VError : no such set, one that cannot be fetched, or what `w2v.system.download.fetch` says.
    """
    info = known_set(name)
    if info.address is None or info.sha256 is None:
        raise W2VError(f"{info.name} cannot be fetched: {info.hint}. Put it, as {info.files[0]}, into a folder and "
                       "name the folder by --datasets or W2V_DATASETS")
    suffix = ".tar.gz" if info.address.endswith(".tar.gz") else Path(info.address).suffix
    return fetch(info.address, _cache() / f"{info.name}{suffix}", info.sha256, show=show)


# --------------------------------------------------------------------------------------------------- reading


def load_set(source: StrPath, kind: str | None = None, datasets: StrPath | None = None) -> LoadedSet:
    """Read a set by name or path; a path's kind is found from its content where it is not given. A str that is a name
    is taken for one, whatever lies in the working folder.

    Raises
    ------
    MissingSet : a name of the registry that was found in no folder.
    FormatError, W2VError : what the readers say.
    """
    text = os.fspath(source)
    if kind is None and isinstance(source, str) and text.lower() in SETS:
        info = known_set(text)
        if (path := find_set(text, datasets)) is None:
            how = f"`w2v datasets fetch {info.name}` brings it" if info.fetchable else info.hint
            raise MissingSet(f"the set {info.name} was not found: {how}")
        return _read(info.name, info.kind, path)
    if not os.path.exists(text):
        if os.sep not in text and not Path(text).suffix:
            known_set(text)
        raise W2VError(f"cannot read {text}: No such file or directory")
    path = Path(text)
    return _read(path.name if path.is_dir() else path.stem, kind or guess_kind(path), path)


class MissingSet(W2VError):
    """A set of the registry is in none of the folders."""


def _read(name: str, kind: str, path: Path) -> LoadedSet:
    reader, words = _READERS[kind]
    content = reader(path)
    return LoadedSet(name, kind, path, content, frozenset(words(content)))


def _read_any_analogies(path: Path) -> Any:
    return read_pair_folder(path) if path.is_dir() else read_analogies(path)


_READERS: dict[str, tuple[Callable[[Path], Any], Callable[[Any], Iterable[str]]]] = {
    "analogies": (_read_any_analogies, lines.words_of),
    "similarity": (read_pairs, lambda pairs: (word for a, b, _ in pairs for word in (a, b))),
    "categories": (read_categories, lambda members: (member.word for member in members)),
    "outliers": (read_outliers, groups.words_of),
    "choices": (read_choices, relations.choice_words),
    "degrees": (read_degrees, relations.degree_words),
}


_COLUMNS = {"outliers": OUTLIER_COLUMNS, "similarity": PAIR_COLUMNS, "categories": (WORD, CLASS)}


def guess_kind(path: Path) -> str:
    """What kind of set a file or folder is, from its first lines; FormatError if it looks like none."""
    if path.is_dir():
        return _kind_of_folder(path)
    if path.name.endswith(".questions"):
        return "analogies"
    if path.name.endswith(".data.txt"):
        return "similarity"
    if tarfile.is_tarfile(path):
        return "outliers"
    lines = [line for _, line in numbered_lines(path) if line.strip() and not line.startswith("#")][:3]
    if lines and lines[0].lstrip().startswith("{"):
        return "choices"
    for kind, columns in _COLUMNS.items():
        if lines and named_columns(path, columns) is not None:
            return kind
    fields = [split_fields(line) for line in lines]
    if lines and (lines[0].startswith(":") or all(len(row) == 4 and not _number(row[2]) for row in fields)):
        return "categories" if all(row[0].endswith("-n") for row in fields) else "analogies"
    if any(len(row) >= 3 and _number(row[2]) for row in fields):
        return "similarity"
    if fields and all(len(row) == 2 for row in fields):
        return "categories"
    raise FormatError(path, "this looks like no kind of set that is known; say the kind by --analogies or "
                      "--similarity, or see `w2v evaluate --help`", line=1)


def _kind_of_folder(path: Path) -> str:
    if next(path.rglob("Phase2Answers-*.txt"), None):
        return "degrees"
    for file in sorted(path.rglob("*.txt")):
        lines = [line.split() for _, line in numbered_lines(file)]
        while lines and not lines[-1]:
            lines.pop()
        if [] in lines:
            return "outliers"
        if lines and ":" in lines[0][0]:
            return "degrees"
        return "analogies" if lines and len(lines[0]) == 2 else "categories"
    raise W2VError(f"{path}: no .txt files in this folder")


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
