"""Paths of a corpus."""

from __future__ import annotations

import fnmatch
import glob
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, TypeGuard

from w2v.corpus.blocks import (
    SourceCounts,
)
from w2v.errors import W2VError
from w2v.types import StrPath

Corpus: TypeAlias = StrPath | list[StrPath] | tuple[StrPath, ...] | Iterable[Iterable[str]] | Iterable[Iterable[int]]
STDIN = "-"


def _refuse_tokens(paths: list[StrPath] | tuple[StrPath, ...]) -> None:
    """A list of str is a list of paths; if not one of them is there, it is more likely a list of tokens or lines."""
    if not all(isinstance(path, str) for path in paths):
        return
    if not any(path == STDIN or os.path.lexists(path) or any(glob.iglob(str(path))) for path in paths):
        raise TypeError(f"the corpus is a list of str of which none is a file, the first is {_short(str(paths[0]))}; a "
                        "sentence is a list of tokens: pass e.g. [s.split() for s in lines], or the path of a file")


def _short(name: str, limit: int = 80) -> str:
    return repr(name if len(name) <= limit else name[:limit] + "...")


def list_files(corpus: StrPath | list[StrPath] | tuple[StrPath, ...], counts: SourceCounts) -> tuple[str, list[str]]:
    """The name of a corpus for messages, and all files that it stands for; none is opened yet.

    Raises
    ------
    TypeError : a list of str of which none is a path.
    W2VError : a folder is empty, a pattern matches nothing, stdin is given twice.
    """
    if isinstance(corpus, (list, tuple)):
        _refuse_tokens(corpus)
    given = [os.fspath(path) for path in (corpus if isinstance(corpus, (list, tuple)) else [corpus])]
    files: list[str] = []
    for path in given:
        files += _expand(path, counts)
    if files.count(STDIN) > 1:
        raise W2VError("stdin (-) is given more than once, but can be read only once")
    name = "stdin" if given == [STDIN] else given[0] if len(given) == 1 else f"{given[0]} and {len(given) - 1} more"
    return name, files


def is_large(corpus: Corpus, least: int) -> bool:
    """Whether a corpus is of regular files of together at least so many bytes; none of them is opened."""
    if not is_paths(corpus):
        return False
    total = 0
    try:
        for path in list_files(corpus, SourceCounts())[1]:
            status = os.stat(path)
            if not stat.S_ISREG(status.st_mode):
                return False
            total += status.st_size
            if total >= least:
                return True
    except (OSError, TypeError, ValueError, W2VError):
        pass  # whoever reads it will say so
    return False


def is_paths(corpus: object) -> TypeGuard[StrPath | list[StrPath] | tuple[StrPath, ...]]:
    """Whether a corpus is a path or a list of paths, and no iterable of sentences."""
    if isinstance(corpus, (list, tuple)):
        return len(corpus) > 0 and all(isinstance(item, (str, os.PathLike)) for item in corpus)
    return isinstance(corpus, (str, os.PathLike))


def _expand(path: str, counts: SourceCounts) -> list[str]:
    """The files that one path of the user stands for."""
    if path == STDIN:
        return [STDIN]
    if os.path.isdir(path):
        files = _files_below(path, counts)
        if not files:
            raise W2VError(f"{path}: no files in this folder")
        return files
    if os.path.lexists(path) or not glob.has_magic(path):
        return [path]
    matches = sorted(glob.glob(path, recursive=True))
    files = [file for match in matches for file in (_files_below(match, counts) if os.path.isdir(match) else [match])]
    if not files:
        raise W2VError(f"{path}: no file matches this pattern")
    return list(dict.fromkeys(files))  # with ** a folder and its files match both


def _files_below(folder: str, counts: SourceCounts) -> list[str]:
    """All files below, sorted by path; names that begin with a dot are skipped and counted (a folder as one)."""
    files: list[str] = []

    def fail(error: OSError) -> None:
        raise W2VError(f"{error.filename}: cannot read: {error.strerror}") from error

    for parent, folders, names in os.walk(folder, onerror=fail):
        counts.hidden_skipped += sum(name.startswith(".") for name in (*folders, *names))
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [os.path.join(parent, name) for name in names if not name.startswith(".")]
    return sorted(files)


def checked_size(path: str) -> int | None:
    """Size of a file that can be opened; None for stdin and pipes."""
    if path == STDIN:
        return None
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            return None
        with open(path, "rb", buffering=0):
            return status.st_size
    except (OSError, ValueError) as error:
        raise W2VError(f"{path}: cannot read: {getattr(error, 'strerror', None) or error}") from error


def check_apart(written: Mapping[str, object], *read: object) -> None:
    """What is written is no file that is read, stands in no folder and fits no pattern that is read, where a run that
    goes on would find it, or the next one; and no two of what is written are one file.

    Parameters
    ----------
    written : files by the names of their options, for messages; what is no path is passed over.
    read : each a path (file, folder, pattern), several, or something else, as a corpus is given (`w2v.corpus.source`).

    Raises
    ------
    ValueError : names the file and where it stands.
    """
    targets: dict[tuple[str, ...], str] = {}
    for name, path in written.items():
        if isinstance(path, (str, os.PathLike)):
            if (place := _parts(path)) in targets:
                raise ValueError(f"{os.fspath(path)} is given twice, with {targets[place].split()[0]} and {name}: it "
                                 "would be overwritten")
            targets[place] = f"{name} {os.fspath(path)}"
    for one in read if targets else ():
        if not is_paths(one):
            continue
        for path in map(os.fspath, one if isinstance(one, (list, tuple)) else [one]):
            if path in ("", STDIN):
                continue
            place, pattern = _parts(path), glob.has_magic(path) and not os.path.lexists(path)
            for target, name in targets.items():
                if _is_read(target, place, pattern):
                    raise ValueError(f"{name} stands among the files of {path}, which are read: it must stand "
                                     "elsewhere")


def _parts(path: str | os.PathLike[str]) -> tuple[str, ...]:
    return Path(os.path.normcase(os.path.realpath(path))).parts


def _is_read(target: Sequence[str], place: Sequence[str], pattern: bool) -> bool:
    """Whether a file is what a path stands for: itself, what it matches, or what is in such a folder, at any depth,
    but for hidden names."""
    if not place:
        return not any(part.startswith(".") for part in target)
    if pattern and place[0] == "**":
        below = bool(target) and not target[0].startswith(".") and _is_read(target[1:], place, pattern)
        return below or _is_read(target, place[1:], pattern)
    if not target:
        return False
    same = target[0] == place[0]
    if pattern and not same:
        hidden = target[0].startswith(".") and not place[0].startswith(".")
        same = not hidden and fnmatch.fnmatch(target[0], place[0])
    return same and _is_read(target[1:], place[1:], pattern)
