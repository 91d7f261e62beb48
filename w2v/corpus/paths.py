"""Paths of a corpus."""

from __future__ import annotations

import fnmatch
import glob
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, cast

from w2v.corpus.blocks import SourceCounts
from w2v.errors import W2VError
from w2v.types import StrPath

Corpus: TypeAlias = ("CorpusInput | StrPath | list[StrPath] | tuple[StrPath, ...] | Iterable[Iterable[str]] | "
                     "Iterable[Iterable[int]]")
"""What can be passed as a corpus."""

STDIN = "-"


@dataclass(frozen=True, eq=False)
class CorpusInput:
    """What a user gave as a corpus, interpreted once, by `CorpusInput.of`, and passed on from there.

    Attributes
    ----------
    given : the corpus as the user gave it.
    paths : the paths that the user named, as text; None if the corpus is not a path or a list of paths.
    """

    given: Any
    paths: tuple[str, ...] | None

    @classmethod
    def of(cls, corpus: Corpus) -> CorpusInput:
        """Interpret a corpus; one that is interpreted already is returned unchanged. Nothing is opened or listed.

        Raises
        ------
        TypeError : `corpus` is bytes, or is neither a path, an array nor an iterable.
        """
        if isinstance(corpus, CorpusInput):
            return corpus
        if isinstance(corpus, (bytes, bytearray, memoryview)):
            raise TypeError("the corpus is bytes; pass a path, or a list of lists of str")
        if isinstance(corpus, (str, os.PathLike)):
            return cls(corpus, (os.fspath(corpus),))
        if isinstance(corpus, (list, tuple)) and corpus and all(isinstance(one, (str, os.PathLike)) for one in corpus):
            return cls(corpus, tuple(os.fspath(cast("StrPath", path)) for path in corpus))
        if not isinstance(corpus, Iterable):
            raise TypeError(f"the corpus is {a_or_an(corpus)}; pass a path, or an iterable of lists of str")
        return cls(corpus, None)

    @property
    def name(self) -> str:
        """The corpus in messages: its first path and how many more there are."""
        if self.paths is None:
            return "the iterable"
        if self.paths == (STDIN,):
            return "stdin"
        return self.paths[0] if len(self.paths) == 1 else f"{self.paths[0]} and {len(self.paths) - 1} more"

    @cached_property
    def listing(self) -> Listing:
        """All files that the paths stand for, listed once; none is opened.

        Raises
        ------
        TypeError : a list of str of which none is a path, or no paths at all.
        W2VError : a folder is empty, a pattern matches nothing, stdin is given twice.
        """
        if self.paths is None:
            raise TypeError(f"the corpus is {a_or_an(self.given)}, not files")
        if isinstance(self.given, (list, tuple)) and all(isinstance(path, str) for path in self.given):
            _refuse_tokens(self.paths)
        counts = SourceCounts()
        files = [file for path in self.paths for file in _expand(path, counts)]
        if files.count(STDIN) > 1:
            raise W2VError("stdin (-) is given more than once, but can be read only once")
        return Listing(files, counts.hidden_skipped)

    @property
    def files(self) -> list[str]:
        """All files that the paths stand for; errors as for `listing`."""
        return self.listing.files

    def is_large(self, least: int) -> bool:
        """Whether the corpus consists of regular files of together at least `least` bytes; none of them is opened."""
        if self.paths is None:
            return False
        total = 0
        try:
            for path in self.files:
                status = os.stat(path)
                if not stat.S_ISREG(status.st_mode):
                    return False
                total += status.st_size
                if total >= least:
                    return True
        except (OSError, TypeError, ValueError, W2VError):
            pass  # reading the corpus will report it
        return False

    def absolute_paths(self) -> list[str] | None:
        """The paths in a form that is valid in any folder; None if the corpus is not on disk."""
        if self.paths is None:
            return None
        return [path if path == STDIN else os.path.abspath(path) for path in self.paths]


class Listing(NamedTuple):
    """The files of a corpus, and how many hidden files and folders were skipped."""

    files: list[str]
    hidden_skipped: int


def a_or_an(value: object) -> str:
    """The type of a value with its article, for messages."""
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def _refuse_tokens(paths: Sequence[str]) -> None:
    """A list of str is a list of paths; if none of them exists, it is more likely a list of tokens or lines."""
    if not any(path == STDIN or os.path.lexists(path) or any(glob.iglob(path)) for path in paths):
        raise TypeError(f"the corpus is a list of str of which none is a file, the first is {_short(paths[0])}; a "
                        "sentence is a list of tokens: pass e.g. [s.split() for s in lines], or the path of a file")


def _short(name: str, limit: int = 80) -> str:
    return repr(name if len(name) <= limit else name[:limit] + "...")


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
    read : each a path (file, folder, pattern) or a `CorpusInput`; anything else is passed over.

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
        paths = one.paths if isinstance(one, CorpusInput) else [os.fspath(one)] if isinstance(
            one, (str, os.PathLike)) else None
        for path in paths or ():
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
