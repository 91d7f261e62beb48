"""What this process may still take of the machine: memory and disk. The one place that asks the system.

Used by whatever would otherwise fail late: the ids of a corpus, the loader of vectors, the checks before training.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from w2v.errors import W2VError

FALLBACK_MEMORY = 4 << 30
"""Taken for the available memory where the system does not say."""


def available_memory() -> int:
    """Bytes that this process may still take: the least of what the system has, what the cgroup's limit leaves and
    what the limit of the address space (`ulimit -v`) leaves."""
    amounts = [amount for amount in (_system_memory(), *_cgroup_rests(), _address_space()) if amount is not None]
    return max(0, min(amounts, default=FALLBACK_MEMORY))


def free_disk(folder: str | os.PathLike[str]) -> int:
    """Bytes that may still be written below `folder`.

    Raises
    ------
    W2VError : there is no such folder.
    """
    try:
        return shutil.disk_usage(folder).free
    except OSError as error:
        raise W2VError(f"{os.fspath(folder)}: cannot use this folder: {error.strerror}") from error


def require_memory(who: str, n_bytes: float, instead: str) -> None:
    """Refuse what cannot fit; amounts below 64 MiB are let through, since what is free changes by as much.

    Parameters
    ----------
    who : what needs it, for the message.
    instead : what the user can do.

    Raises
    ------
    W2VError : says how many GB are needed and how many are free.
    """
    if n_bytes > (1 << 26) and n_bytes > (free := available_memory()):
        raise W2VError(f"{who}: {n_bytes / 1e9:.1f} GB of memory are needed and {free / 1e9:.1f} GB are free; "
                       f"{instead}")


def require_disk(who: str, folder: str | os.PathLike[str], n_bytes: float, instead: str) -> None:
    """As `require_memory`, for what is to be written below `folder`.

    Raises
    ------
    W2VError : says how many GB are needed and how many are free; or there is no such folder.
    """
    if n_bytes > (free := free_disk(folder)):
        raise W2VError(f"{who}: {n_bytes / 1e9:.2f} GB are needed on the disk of {os.fspath(folder)} and "
                       f"{free / 1e9:.2f} GB are free; {instead}")


def _system_memory() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:  # macOS: half of what is built in
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, OSError, ValueError):
        return None


def _address_space() -> int | None:
    """What RLIMIT_AS leaves; None without such a limit, or where the system does not say how much is taken."""
    try:
        import resource  # not on Windows

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit == resource.RLIM_INFINITY:
            return None
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (ImportError, OSError, ValueError):
        return None
    return limit - taken


def _cgroup_rests() -> list[int | None]:
    """What each limit above this process leaves, for cgroup v2 (all levels) and v1 (as seen in a container)."""
    root = Path("/sys/fs/cgroup")
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    own = next((line[3:].strip("/") for line in lines if line.startswith("0::")), "")
    folders = [root / own, *(parent for parent in (root / own).parents if parent.is_relative_to(root))]
    rests = [_rest(folder / "memory.max", folder / "memory.current") for folder in folders]
    return [*rests, _rest(root / "memory/memory.limit_in_bytes", root / "memory/memory.usage_in_bytes")]


def _rest(limit: Path, usage: Path) -> int | None:
    try:
        return int(limit.read_text()) - int(usage.read_text())
    except (OSError, ValueError):  # no such limit, or "max"
        return None
