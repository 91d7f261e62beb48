"""Memory and disk space that this process can still use.

Place in the data flow: asked before work that would otherwise fail late: the ids of a corpus, the loading of vectors,
and the checks before training.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from w2v.errors import W2VError
from w2v.system import windows

FALLBACK_MEMORY = 4 << 30
"""Available memory in bytes if the system does not report it."""


def available_memory() -> int:
    """Return the bytes of memory that this process can still use: the minimum of the available memory of the system and
    the rest of the limits of the cgroup and of the address space (`ulimit -v`)."""
    amounts = [amount for amount in (_system_memory(), *_cgroup_rests(), _address_space()) if amount is not None]
    return max(0, min(amounts, default=FALLBACK_MEMORY))


def free_disk(folder: str | os.PathLike[str]) -> int:
    """Return the bytes that can still be written below a folder.

    Raises
    ------
    W2VError : the folder does not exist.
    """
    try:
        return shutil.disk_usage(folder).free
    except OSError as error:
        raise W2VError(f"{os.fspath(folder)}: cannot use this folder: {error.strerror}") from error


def require_memory(who: str, n_bytes: float, instead: str) -> None:
    """Raise if an amount of memory is not available. Amounts up to 64 MiB are accepted, since free memory fluctuates by
    as much.

    Parameters
    ----------
    who : what needs the memory, for the message.
    n_bytes : bytes needed.
    instead : what the user can do, for the message.

    Raises
    ------
    W2VError : says how many GB are needed and how many are free.
    """
    if n_bytes > (1 << 26) and n_bytes > (free := available_memory()):
        raise W2VError(f"{who}: {n_bytes / 1e9:.1f} GB of memory are needed and {free / 1e9:.1f} GB are free; "
                       f"{instead}")


def require_disk(who: str, folder: str | os.PathLike[str], n_bytes: float, instead: str) -> None:
    """Raise if an amount of disk space is not available below a folder; parameters are those of `require_memory`.

    Raises
    ------
    W2VError : says how many GB are needed and how many are free; or the folder does not exist.
    """
    if n_bytes > (free := free_disk(folder)):
        raise W2VError(f"{who}: {n_bytes / 1e9:.2f} GB are needed on the disk of {os.fspath(folder)} and "
                       f"{free / 1e9:.2f} GB are free; {instead}")


def _system_memory() -> int | None:
    if sys.platform == "win32":
        return windows.free_memory()
    if sys.platform == "darwin" and (free := _macos_memory()) is not None:
        return free
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:  # half of the installed memory
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, OSError, ValueError):
        return None


def _macos_memory() -> int | None:
    """Return the memory that macOS can give at once: pages that are free, read ahead, or kept only in case they are
    used again. None if `vm_stat` does not tell."""
    try:
        told = subprocess.run(["/usr/bin/vm_stat"], capture_output=True, text=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    size = re.search(r"page size of (\d+) bytes", told)
    pages = [int(count) for count in re.findall(r"^Pages (?:free|inactive|speculative): +(\d+)", told, re.MULTILINE)]
    return int(size[1]) * sum(pages) if size and pages else None


def _address_space() -> int | None:
    """Return the rest of RLIMIT_AS; None if there is no such limit, or the system does not report the memory in use."""
    if sys.platform == "win32":
        return None
    import resource

    try:
        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit == resource.RLIM_INFINITY:
            return None
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return None
    return limit - taken


def _cgroup_rests() -> list[int | None]:
    """Return the rest of each memory limit of this process: cgroup v2 (all levels) and v1 (as seen in a container)."""
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
    except (OSError, ValueError):  # no such file, or "max"
        return None
