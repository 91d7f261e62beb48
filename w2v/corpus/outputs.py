"""Check that no output of a run overwrites an input or another output.

Place in the data flow: called by `w2v.train`, `w2v train` and `w2v phrases` before any work. An output inside an input
folder is refused even if the file does not exist yet: the next run, or a resumed one, would read it as text.
"""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from w2v.corpus.paths import STDIN, CorpusInput
from w2v.types import StrPath


def check_outputs(outputs: Mapping[str, object], *inputs: object) -> None:
    """Raise if an output is an input file, lies in an input folder, matches an input pattern, or is named twice.

    Parameters
    ----------
    outputs : path of each output by the name of its option, which messages use. Values that are not paths are ignored.
    inputs : each a `CorpusInput` or a path (file, folder or pattern). Other values, such as a model that is already
        loaded, are ignored.

    Raises
    ------
    ValueError : names the option, the output and the input.
    """
    names: dict[tuple[str, ...], str] = {}
    for name, path in outputs.items():
        if not isinstance(path, (str, os.PathLike)):
            continue
        if (parts := _real_parts(path)) in names:
            other = names[parts].split()[0]
            raise ValueError(f"{other} and {name} both name {os.fspath(path)}; choose different paths")
        names[parts] = f"{name} {os.fspath(path)}"
    for path in (path for one in inputs for path in _paths_of(one) if path not in ("", STDIN)) if names else ():
        is_pattern = glob.has_magic(path) and not os.path.lexists(path)
        input_parts = _real_parts(path)
        for parts, name in names.items():
            if _includes(input_parts, parts, is_pattern):
                raise ValueError(_overlap(name, path, is_pattern, same=parts == input_parts))


def _overlap(output: str, path: str, is_pattern: bool, same: bool) -> str:
    if same:
        return f"{output} is also an input; choose another path"
    if is_pattern:
        return f"{output} matches the input pattern {path}; choose another path"
    return f"{output} lies inside {path}, which is an input; choose another path"


def _paths_of(one: object) -> Sequence[str]:
    if isinstance(one, CorpusInput):
        return one.paths or ()
    return (os.fspath(one),) if isinstance(one, (str, os.PathLike)) else ()


def _real_parts(path: StrPath) -> tuple[str, ...]:
    return Path(os.path.normcase(os.path.realpath(path))).parts


def _includes(input_parts: Sequence[str], output: Sequence[str], is_pattern: bool) -> bool:
    """Return whether reading an input would read an output file: the file itself, a match of the pattern, or a file at
    any depth below the folder. Hidden names count only where the input names them, as when a corpus is listed."""
    if not input_parts:
        return not any(part.startswith(".") for part in output)
    if is_pattern and input_parts[0] == "**":
        below = bool(output) and not output[0].startswith(".") and _includes(input_parts, output[1:], is_pattern)
        return below or _includes(input_parts[1:], output, is_pattern)
    if not output:
        return False
    same = output[0] == input_parts[0]
    if is_pattern and not same:
        hidden = output[0].startswith(".") and not input_parts[0].startswith(".")
        same = not hidden and fnmatch.fnmatch(output[0], input_parts[0])
    return same and _includes(input_parts[1:], output[1:], is_pattern)
