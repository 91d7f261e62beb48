"""Finding and fetching of sets by name.

Place in the data flow: name -> path. A set is looked for in the folder that the caller names, then in the one of
`W2V_DATASETS`, then in the cache folder. Only `fetch_set` uses the network.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from w2v.errors import W2VError
from w2v.evaluation.sets.registry import SETS, SUFFIXES, SetInfo
from w2v.system.download import Show, cache_folder, fetch
from w2v.system.files import local_path
from w2v.types import StrPath


class MissingSet(W2VError):
    """A set of the registry is in none of the folders."""


def known_set(name: str) -> SetInfo:
    """Return the registry's entry for a set; W2VError, with a similar name if there is one, for an unknown name."""
    if info := SETS.get(name.lower()):
        return info
    near = difflib.get_close_matches(name.lower(), SETS, 1)
    hint = f"; did you mean {near[0]}? `w2v datasets list` shows" if near else "; `w2v datasets list` shows"
    raise W2VError(f"no set is named {name!r}{hint} the names")


def folders(datasets: StrPath | None = None) -> list[Path]:
    """Return the folders in which a set is looked for, in this order.

    Raises
    ------
    W2VError : `datasets` or the value of W2V_DATASETS is not a folder.
    """
    found = []
    for name, folder in (("--datasets", datasets), ("W2V_DATASETS", os.environ.get("W2V_DATASETS") or None)):
        if folder is not None:
            if not os.path.isdir(folder):
                raise W2VError(f"{name}: {os.fspath(folder)} is not a folder")
            found.append(Path(folder))
    return [*found, _cache()]


def _cache() -> Path:
    return cache_folder() / "datasets"


def find_set(name: str, datasets: StrPath | None = None) -> Path | None:
    """Return the file or folder of a set; None if it is in none of `folders(datasets)`.

    Raises
    ------
    W2VError : there is no set of this name, or as `folders`.
    """
    info = known_set(name)
    names = dict.fromkeys([*info.files, *(info.name + suffix for suffix in SUFFIXES)])
    for folder in folders(datasets):
        for file in names:
            if (path := folder / file).exists():
                return path
    return None


def named_path(name: str, datasets: StrPath | None = None) -> Path:
    """Return `find_set`, or raise a MissingSet that says how to obtain the set."""
    info = known_set(name)
    if (path := find_set(name, datasets)) is None:
        how = f"`w2v datasets fetch {info.name}` fetches it" if info.fetchable else info.hint
        raise MissingSet(f"the set {info.name} was not found: {how}")
    return path


def registered_path(source: StrPath, kind: str, datasets: StrPath | None = None) -> tuple[Path, str]:
    """Return the path of a set of one of OTHER_KINDS, and its name; a path is returned as it is, with an empty name.

    Parameters
    ----------
    source : the name of a set, in any case, or a path. A str that is a name is never taken for a path.

    Raises
    ------
    W2VError : the set is not found, or is of another kind.
    """
    if not isinstance(source, str) or source.lower() not in SETS:
        return Path(local_path(source)), ""
    info = known_set(source)
    if info.kind != kind:
        raise W2VError(f"{info.name} is a set of {info.kind}, and one of {kind} is needed; for a file of this name "
                       f"write .{os.sep}{source}")
    return named_path(source, datasets), info.name


def fetch_set(name: str, *, show: Show | None = None) -> Path:
    """Fetch a set into the cache folder, unless it is there already, and check its SHA-256.

    Parameters
    ----------
    show : is called with the bytes fetched so far and in all, as in `w2v.system.download.fetch`.

    Returns
    -------
    The path of the file in the cache folder.

    Raises
    ------
    W2VError : there is no set of this name, it cannot be fetched, or as `w2v.system.download.fetch`.
    """
    info = known_set(name)
    if info.address is None or info.sha256 is None:
        raise W2VError(f"{info.name} cannot be fetched: {info.hint}. Save it as {info.files[0]} in a folder and pass "
                       "that folder by --datasets or W2V_DATASETS")
    suffix = ".tar.gz" if info.address.endswith(".tar.gz") else Path(info.address).suffix
    return fetch(info.address, _cache() / f"{info.name}{suffix}", info.sha256, show=show)
