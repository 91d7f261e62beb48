"""Names of the files of several runs: v.safetensors, v.run2.safetensors, v.run3.safetensors.

Place in the data flow: `w2v train --runs` writes them; commands that compare runs find the others by the first.
"""

from __future__ import annotations

import os
import re

from w2v.system.compress import without_compression
from w2v.types import StrPath

_NUMBER = re.compile(r"\.run([0-9]+)$")


def run_file(path: StrPath, number: int) -> str:
    """Return the file of a run, numbered from 1; the first has the name that was given. A compressed file keeps both
    suffixes.

    Examples
    --------
    >>> run_file("v.bin.gz", 2)
    'v.run2.bin.gz'
    """
    stem, suffix = _parts(path)
    return os.fspath(path) if number == 1 else f"{stem}.run{number}{suffix}"


def sibling_runs(path: StrPath) -> list[str]:
    """Return the files of the other runs in the folder of a file, by number; none if there are none or the folder
    cannot be read.

    Parameters
    ----------
    path : the file of any of the runs.
    """
    stem, suffix = _parts(path)
    first = _NUMBER.sub("", stem)
    folder, name = os.path.split(first)
    try:
        names = os.listdir(folder or os.curdir)
    except OSError:
        return []
    found = {1: first + suffix} if name + suffix in names else {}
    for one in names:
        inner = one[len(name):len(one) - len(suffix)] if len(one) > len(name) + len(suffix) else ""
        number = _NUMBER.fullmatch(inner) if one.startswith(name) and one.endswith(suffix) else None
        if number is not None and run_file(name + suffix, int(number[1])) == one and number[1] != "1":
            found[int(number[1])] = os.path.join(folder, one)
    own = os.path.normpath(os.fspath(path))
    return [file for _, file in sorted(found.items()) if os.path.normpath(file) != own]


def _parts(path: StrPath) -> tuple[str, str]:
    """Return a path without its suffixes, and the suffixes: that of the format and that of a compression."""
    plain = without_compression(path)
    stem, suffix = os.path.splitext(plain)
    if _NUMBER.fullmatch(suffix):  # a file without another suffix
        stem, suffix = plain, ""
    return stem, suffix + os.fspath(path)[len(plain):]
