"""Files that a path of a corpus names: a file, a folder with everything below it, or a glob pattern.

Place in the data flow: called by `CorpusInput.listing`. Links to folders are followed, but each folder is read once, so
links that form a circle end. Pipes, sockets and devices in a folder are skipped, because reading them can wait for
ever; a path that names one itself is read. What is skipped is counted.
"""

from __future__ import annotations

import fnmatch
import glob
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from w2v.corpus.remote import check_local
from w2v.errors import W2VError
from w2v.types import StrPath

STDIN = "-"

ANY_DEPTH = "**"  # component of a pattern: any number of folders

_Below: TypeAlias = tuple[str, tuple[str, ...]]  # a folder, and its components below the first folder

_EVERYTHING = ((ANY_DEPTH,), (ANY_DEPTH, "*"))


class LinkedFolder(NamedTuple):
    """Folder that a link below another folder leads to.

    Attributes
    ----------
    path : the link.
    below : components of its path below the first folder.
    pattern : components of the pattern that selects the files below the first folder.
    """

    path: str
    below: tuple[str, ...]
    pattern: tuple[str, ...]

    def includes(self, parts: Sequence[str]) -> bool:
        """Return whether a file, given by the components of its real path, is selected through this link."""
        folder = real_parts(self.path)
        return (tuple(parts[:len(folder)]) == folder
                and pattern_includes(self.pattern, (*self.below, *parts[len(folder):])))


class Listing(NamedTuple):
    """Files of a corpus, and what was skipped in its folders.

    Attributes
    ----------
    files : paths, in the order in which they are read.
    hidden_skipped : hidden files and folders.
    dangling_links : links to files or folders that do not exist.
    special_skipped : pipes, sockets and devices.
    linked_folders : links to folders that were followed.
    """

    files: list[str]
    hidden_skipped: int = 0
    dangling_links: int = 0
    special_skipped: int = 0
    linked_folders: tuple[LinkedFolder, ...] = ()


def list_files(path: str) -> Listing:
    """List the files that one path names. No file is opened.

    Raises
    ------
    W2VError : the path is an address on the network, a folder has no files or cannot be read, or no file matches.
    """
    if path == STDIN:
        return Listing([STDIN])
    if os.path.isdir(path):
        walk = _Walk()
        walk.add(path)
        return walk.listing(f"{path}: no files in this folder")
    if os.path.lexists(path):
        return Listing([path])
    check_local(path)
    return _matches(path) if glob.has_magic(path) else Listing([path])


def real_parts(path: StrPath) -> tuple[str, ...]:
    """Return the components of the real path of a file, which need not exist."""
    return Path(os.path.normcase(os.path.realpath(path))).parts


def pattern_includes(pattern: Sequence[str], parts: Sequence[str], *, is_pattern: bool = True) -> bool:
    """Return whether a pattern names a file: the file itself, or a folder above it.

    Parameters
    ----------
    pattern, parts : components of the pattern and of the path of the file, below the same folder.
    is_pattern : False takes the components of the pattern literally.

    Hidden names match only where the pattern names them, as when a corpus is listed.
    """
    if not pattern:
        return not any(part.startswith(".") for part in parts)
    if is_pattern and pattern[0] == ANY_DEPTH:
        below = (bool(parts) and not parts[0].startswith(".")
                 and pattern_includes(pattern, parts[1:], is_pattern=is_pattern))
        return below or pattern_includes(pattern[1:], parts, is_pattern=is_pattern)
    if not parts:
        return False
    same = parts[0] == pattern[0]
    if is_pattern and not same:
        hidden = parts[0].startswith(".") and not pattern[0].startswith(".")
        same = not hidden and fnmatch.fnmatch(parts[0], pattern[0])
    return same and pattern_includes(pattern[1:], parts[1:], is_pattern=is_pattern)


def _matches(path: str) -> Listing:
    """List the files that match a pattern, and those below the folders that match it."""
    walk = _Walk()
    parts = Path(path).parts
    if ANY_DEPTH in parts:  # `glob` would follow a circle of links 40 times, and several circles for ever
        depth = parts.index(ANY_DEPTH)
        above, pattern = os.path.join("", *parts[:depth]), parts[depth:]
        for folder in sorted(glob.glob(above)) if glob.has_magic(above) else [above]:
            if os.path.isdir(folder or os.curdir):
                walk.add(folder, pattern)
    else:
        found = sorted(glob.glob(path))
        for match in found:
            if not os.path.isdir(match):
                walk.add_file(match)
        for match in found:
            if os.path.isdir(match):
                walk.add(match)
    return walk.listing(f"{path}: no file matches this pattern")


class _Walk:
    """Files below folders, each folder once, whichever links lead to it."""

    def __init__(self) -> None:
        self._files: list[str] = []
        self._named: set[tuple[int, int, str]] = set()  # the files that a pattern matches: folder and name
        self._seen: set[tuple[int, int]] = set()
        self._links: list[LinkedFolder] = []
        self._hidden = self._dangling = self._special = 0

    def listing(self, if_empty: str) -> Listing:
        """Return what was found.

        Raises
        ------
        W2VError : there are no files; the message is `if_empty` and what was skipped.
        """
        if not self._files:
            skipped = [f"{n:,} {what}" for n, what in ((self._hidden, "hidden"), (self._dangling, "dangling links"),
                                                      (self._special, "pipes, sockets or devices")) if n]
            raise W2VError(if_empty + (f" (skipped: {', '.join(skipped)})" if skipped else ""))
        return Listing(sorted(self._files), self._hidden, self._dangling, self._special, tuple(self._links))

    def add_file(self, path: str) -> None:
        """Add a file that a pattern matches, unless it was added under another name of its folder."""
        try:
            folder = os.stat(os.path.dirname(path) or os.curdir)
            status = os.stat(path)
        except OSError:
            self._dangling += 1
            return
        key = folder.st_dev, folder.st_ino, os.path.basename(path)
        if key not in self._named:
            self._named.add(key)
            self._add_kind(path, stat.S_ISREG(status.st_mode))

    def add(self, folder: str, pattern: tuple[str, ...] = _EVERYTHING[0]) -> None:
        """Add the files below a folder that match a pattern.

        The folders that links lead to come last, so that a folder which can also be reached without a link keeps its
        own path.
        """
        waiting: list[_Below] = [(folder, ())]
        for top, below in waiting:
            if below:
                self._links.append(LinkedFolder(top, below, pattern))
            waiting += self._add_tree(top, below, pattern)

    def _add_tree(self, top: str, below: tuple[str, ...], pattern: tuple[str, ...]) -> list[_Below]:
        """Add the files below `top`, which lies `below` the first folder; return the links to folders, not followed."""
        links: list[_Below] = []
        stack = [(top, below)]
        while stack:
            folder, parts = stack.pop()
            try:
                status = os.stat(folder or os.curdir)
                if (status.st_dev, status.st_ino) in self._seen:
                    continue
                self._seen.add((status.st_dev, status.st_ino))
                with os.scandir(folder or os.curdir) as scan:
                    entries = sorted(scan, key=lambda entry: entry.name)
            except OSError as error:
                raise W2VError(f"{error.filename}: cannot read: {error.strerror}") from error
            for entry in entries:
                inner = (*parts, entry.name)
                path = os.path.join(folder, entry.name)
                if self._is_hidden(entry.name, pattern):
                    continue
                if _is_folder(entry):
                    (links if entry.is_symlink() else stack).append((path, inner))
                elif pattern in _EVERYTHING or pattern_includes(pattern, inner):
                    if (status.st_dev, status.st_ino, entry.name) not in self._named:
                        self._add_entry(entry, path)
        return links

    def _is_hidden(self, name: str, pattern: tuple[str, ...]) -> bool:
        """Whether a name is hidden and the pattern does not ask for such names."""
        if not name.startswith(".") or any(part.startswith(".") for part in pattern):
            return False
        self._hidden += pattern in _EVERYTHING
        return True

    def _add_entry(self, entry: os.DirEntry[str], path: str) -> None:
        try:
            if entry.is_symlink() and not os.path.exists(path):
                self._dangling += 1
            else:
                self._add_kind(path, entry.is_file())
        except OSError:  # a link to itself
            self._dangling += 1

    def _add_kind(self, path: str, is_regular: bool) -> None:
        if is_regular:
            self._files.append(path)
        else:
            self._special += 1


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
