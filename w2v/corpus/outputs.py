"""Check that no output of a run overwrites an input or another output.

Place in the data flow: called by `w2v.train`, `w2v train` and `w2v phrases` before any work. An output inside an input
folder is refused even if the file does not exist yet: the next run, or a resumed one, would read it as text.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence

from w2v.corpus.listing import STDIN, LinkedFolder, pattern_includes, real_parts
from w2v.corpus.paths import CorpusInput
from w2v.system.remote import address_of


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
    options: dict[tuple[str, ...], str] = {}
    for name, path in outputs.items():
        if not isinstance(path, (str, os.PathLike)):
            continue
        if (parts := real_parts(path)) in names:
            raise ValueError(f"{options[parts]} and {name} both name {os.fspath(path)}; choose different paths")
        names[parts], options[parts] = f"{name} {os.fspath(path)}", name
    for path in (path for one in inputs for path in _paths_of(one) if path not in ("", STDIN)) if names else ():
        is_pattern = glob.has_magic(path) and not os.path.lexists(path)
        input_parts = real_parts(path)
        for parts, name in names.items():
            if pattern_includes(input_parts, parts, is_pattern=is_pattern):
                raise ValueError(_overlap(name, path, is_pattern, same=parts == input_parts))
    for link in (link for one in inputs for link in _links_of(one)) if names else ():
        for parts, name in names.items():
            if link.includes(parts):
                raise ValueError(f"{name} lies inside {link.path}, a link in an input; choose another path")


def _overlap(output: str, path: str, is_pattern: bool, same: bool) -> str:
    if same:
        return f"{output} is also an input; choose another path"
    if is_pattern:
        return f"{output} matches the input pattern {path}; choose another path"
    return f"{output} lies inside {path}, which is an input; choose another path"


def _paths_of(one: object) -> Sequence[str]:
    if isinstance(one, CorpusInput):
        return [path for path in one.paths or () if address_of(path) is None]
    return (os.fspath(one),) if isinstance(one, (str, os.PathLike)) else ()


def _links_of(one: object) -> Sequence[LinkedFolder]:
    return one.linked_folders if isinstance(one, CorpusInput) else ()
