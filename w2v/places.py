"""Where a run may write: over nothing that it reads, and to no place where it would be read as text.

Place in the data flow: before any work, the command line and `w2v.train` look here at all that is written and read.
"""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from w2v.text import STDIN, is_paths


def check_apart(written: Mapping[str, object], *read: object) -> None:
    """What is written is no file that is read, stands in no folder and fits no pattern that is read, where a run that
    goes on would find it, or the next one; and no two of what is written are one file.

    Parameters
    ----------
    written : files by the names of their options, for messages; what is no path is passed over.
    read : each a path (file, folder, pattern), several, or something else, as a corpus is given (`w2v.text`).

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
