"""Files that a path or an address of a corpus names: a file, a folder with everything below it, or a glob pattern.

Place in the data flow: called by `CorpusInput.listing`. Links to folders are followed, but each folder is read once, so
links that form a circle end. Pipes, sockets and devices in a folder are skipped, because reading them can wait for
ever; a path that names one itself is read. What is skipped is counted.
"""

from __future__ import annotations

import fnmatch
import glob
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from w2v.errors import W2VError
from w2v.system.remote import address_of, check_allowed, redacted
from w2v.system.remote_store import find_files
from w2v.types import StrPath

STDIN = "-"

ANY_DEPTH = "**"  # component of a pattern: any number of folders

EVERYTHING = (ANY_DEPTH,)


class LinkedFolder(NamedTuple):
    """Folder that a link below another folder leads to.

    Attributes
    ----------
    path : the link.
    pattern : components of the pattern that selects the files below the first folder.
    states : places in the pattern that the path of the link reaches (see `_advance`).
    """

    path: str
    pattern: tuple[str, ...]
    states: frozenset[int]

    def includes(self, parts: Sequence[str]) -> bool:
        """Return whether a file, given by the components of its real path, is selected through this link."""
        folder = real_parts(self.path)
        if tuple(parts[:len(folder)]) != folder:
            return False
        states = self.states
        for part in parts[len(folder):]:
            states = _advance(self.pattern, states, part)
        return len(self.pattern) in states


class Listing(NamedTuple):
    """Files of a corpus, and what was skipped in its folders.

    Attributes
    ----------
    files : paths and addresses, in the order in which they are read.
    hidden_skipped : hidden files and folders.
    dangling_links : links to files or folders that do not exist.
    special_skipped : pipes, sockets and devices.
    linked_folders : links to folders that were followed.
    remote_sizes : bytes of each file that is an address; None if unknown.
    """

    files: list[str]
    hidden_skipped: int = 0
    dangling_links: int = 0
    special_skipped: int = 0
    linked_folders: tuple[LinkedFolder, ...] = ()
    remote_sizes: Mapping[str, int | None] = MappingProxyType({})


def list_files(path: str, *, download: bool = False) -> Listing:
    """List the files that one path or address names. No file is opened.

    Parameters
    ----------
    download : whether addresses may be listed, which uses the network.

    Raises
    ------
    W2VError : an address that may not be read, a folder has no files or cannot be read, or no file matches.
    """
    if path == STDIN:
        return Listing([STDIN])
    if (address := address_of(path)) is not None:
        check_allowed(address, download)
        return _remote(address)
    if os.path.isdir(path):
        walk = _Walk()
        walk.add(path)
        return walk.listing(f"{path}: no files in this folder")
    if os.path.lexists(path):
        return Listing([path])
    return _matches(path) if glob.has_magic(path) else Listing([path])


def _remote(address: str) -> Listing:
    """List the files at an address; as in folders, hidden names are skipped unless a pattern asks for them."""
    asked = any(part.startswith(".") for part in address.split("/"))
    files: dict[str, int | None] = {}
    hidden: set[str] = set()
    for entry in find_files(address):
        parts = entry.below.split("/")
        first = next((number for number, part in enumerate(parts, 1) if part.startswith(".")), None)
        if first is None or asked:
            files[entry.address] = entry.size
        else:
            hidden.add("/".join(parts[:first]))
    if not files:
        skipped = f" (skipped: {len(hidden):,} hidden)" if hidden else ""
        raise W2VError(f"{redacted(address)}: no files there{skipped}")
    return Listing(list(files), hidden_skipped=len(hidden), remote_sizes=files)


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
    states = _closure(pattern, {0}) if is_pattern else frozenset({0})
    for part in parts:
        states = _advance(pattern, states, part, is_pattern)
    return len(pattern) in states


def _advance(pattern: Sequence[str], states: frozenset[int], name: str, is_pattern: bool = True) -> frozenset[int]:
    """Return the places in a pattern, 0 to its length, that are reached by one more component of a path.

    At the end of the pattern a folder has matched, and everything below it does, unless it is hidden.
    """
    reached = set()
    for state in states:
        if state == len(pattern) or (is_pattern and pattern[state] == ANY_DEPTH):
            reached |= set() if name.startswith(".") else {state}
        elif pattern[state] == name or (is_pattern and _matches_name(name, pattern[state])):
            reached.add(state + 1)
    return _closure(pattern, reached) if is_pattern else frozenset(reached)


def _matches_name(name: str, pattern: str) -> bool:
    return (pattern.startswith(".") or not name.startswith(".")) and fnmatch.fnmatch(name, pattern)


def _closure(pattern: Sequence[str], states: set[int]) -> frozenset[int]:
    """Add the places that are reached without another component, since ** also stands for no folder."""
    for state in sorted(states):
        while state < len(pattern) and pattern[state] == ANY_DEPTH:
            state += 1
            states.add(state)
    return frozenset(states)


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
        folders = [match for match in sorted(glob.glob(path)) if not walk.add_file(match)]
        for folder in folders:
            walk.add(folder)
    return walk.listing(f"{path}: no file matches this pattern")


class _Walk:
    """Files below folders. Each file is listed once, whichever links lead to it."""

    def __init__(self) -> None:
        self._files: list[str] = []
        self._named: set[tuple[int, int, str]] = set()  # the files that a pattern matches: folder and name
        self._parents: dict[str, tuple[int, int]] = {}  # the folders of these files
        self._seen: set[tuple[int, int, frozenset[int]]] = set()  # folders, with the places in the pattern
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

    def add_file(self, path: str) -> bool:
        """Add a file that a pattern matches, unless it was added under another name of its folder; return False for a
        folder."""
        parent = os.path.dirname(path)
        try:
            status = os.stat(path)
            if stat.S_ISDIR(status.st_mode):
                return False
            if parent not in self._parents:
                folder = os.stat(parent or os.curdir)
                self._parents[parent] = folder.st_dev, folder.st_ino
        except OSError:
            self._dangling += 1
            return True
        key = *self._parents[parent], os.path.basename(path)
        if key not in self._named:
            self._named.add(key)
            self._add_kind(path, stat.S_ISREG(status.st_mode))
        return True

    def add(self, folder: str, pattern: tuple[str, ...] = EVERYTHING) -> None:
        """Add the files below a folder that match a pattern.

        The folders that links lead to come last, so that a folder which can also be reached without a link keeps its
        own path.
        """
        waiting = [LinkedFolder(folder, pattern, _closure(pattern, {0}))]
        for number, top in enumerate(waiting):
            if number:
                self._links.append(top)
            waiting += self._add_tree(top)

    def _add_tree(self, top: LinkedFolder) -> list[LinkedFolder]:
        """Add the files below a folder; return the links to folders, not followed."""
        links: list[LinkedFolder] = []
        stack, pattern = [top], top.pattern
        while stack:
            folder, _, states = stack.pop()
            try:
                status = os.stat(folder or os.curdir)
                place = status.st_dev, status.st_ino
                if (*place, states) in self._seen:
                    continue
                self._seen.add((*place, states))
                with os.scandir(folder or os.curdir) as scan:
                    entries = sorted(scan, key=lambda entry: entry.name)
            except OSError as error:
                raise W2VError(f"{error.filename}: cannot read: {error.strerror}") from error
            for entry in entries:
                inner = states if pattern == EVERYTHING else _advance(pattern, states, entry.name)
                path = os.path.join(folder, entry.name)
                if self._is_hidden(entry.name, pattern) or not inner:
                    continue
                if _is_folder(entry):
                    (links if entry.is_symlink() else stack).append(LinkedFolder(path, pattern, inner))
                elif len(pattern) in inner and (*place, entry.name) not in self._named:
                    self._add_entry(entry, path)
                    if pattern != EVERYTHING:  # a folder may be seen again at another place in the pattern
                        self._named.add((*place, entry.name))
        return links

    def _is_hidden(self, name: str, pattern: tuple[str, ...]) -> bool:
        """Whether a name is hidden and the pattern does not ask for such names."""
        if not name.startswith(".") or any(part.startswith(".") for part in pattern):
            return False
        self._hidden += pattern[-1] in (ANY_DEPTH, "*")
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
