"""Number of threads that the machine and the process limits allow."""

from __future__ import annotations

import math
import os
from pathlib import Path


def resolve_threads(threads: int | str) -> int:
    """Return a number of threads.

    Parameters
    ----------
    threads : a number from 1 to 1024, also as text, or "auto": the number that the affinity mask and the cgroup quota
        allow.

    Raises
    ------
    ValueError : any other value.
    """
    if threads == "auto":
        return max(1, min(_affinity(), _cgroup_quota(Path("/sys/fs/cgroup"), Path("/proc/self/cgroup"))))
    try:
        count = int(threads) if isinstance(threads, str) or type(threads) is int else 0
    except ValueError:
        count = 0
    if not 1 <= count <= 1024:
        raise ValueError(f"threads = {threads!r} is out of range: expected 1 to 1024, or auto")
    return count


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cgroup_quota(root: Path, membership: Path) -> int:
    """Return the whole processors that the cgroup (v1 or v2) and its parents allow; 1024 if there is no limit."""
    limit = 1024.0
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return int(limit)
    for line in lines:
        _, controllers, path = line.split(":", 2)
        base = root if not controllers else root / "cpu" if "cpu" in controllers.split(",") else None
        if base is None:
            continue
        folder = base / path.lstrip("/")
        for level in (folder, *folder.parents):
            limit = min(limit, _quota_of(level))
            if level == base:
                break
    return max(1, math.ceil(limit))


def _quota_of(folder: Path) -> float:
    """Return the processors that one cgroup may use (CPU time per second); infinity if there is no limit."""
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text().split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text().strip()
            period = (folder / "cpu.cfs_period_us").read_text().strip()
        return math.inf if quota in ("max", "-1") else int(quota) / int(period)
    except (OSError, ValueError):
        return math.inf
