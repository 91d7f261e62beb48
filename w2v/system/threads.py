"""Threads: how many the machine and the process limits allow, and a pool that does with fewer than it was made for."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from w2v.errors import W2VError

MOST_THREADS = 1024

P = ParamSpec("P")
T = TypeVar("T")


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
    if not 1 <= count <= MOST_THREADS:
        raise ValueError(f"threads = {threads!r} is out of range: expected 1 to {MOST_THREADS}, or auto")
    return count


def no_thread(error: RuntimeError) -> W2VError:
    """Return the error for a system that refuses to start a single thread."""
    return W2VError(f"no thread could be started ({error}): the limit of processes or of memory is reached (ulimit -u, "
                    "ulimit -v, or that of the container)")


class Pool(ThreadPoolExecutor):
    """Thread pool that works with fewer threads if the system refuses to start more.

    Raises
    ------
    W2VError : in `submit`, if there is no thread at all.
    """

    def _adjust_thread_count(self) -> None:  # called by `submit` after the work was queued
        try:
            super()._adjust_thread_count()
        except RuntimeError as error:
            if not self._threads:
                raise no_thread(error) from error

    def start(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Submit a call; without any thread it is done at once, by the caller."""
        try:
            return self.submit(call, *args, **kwargs)
        except W2VError:
            self.shutdown(wait=False, cancel_futures=True)
        except RuntimeError:  # it was shut down before
            pass
        done: Future[T] = Future()
        done.set_result(call(*args, **kwargs))
        return done


def read_ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """Yield the same items; a thread makes the next one while the caller works on an item. Close it to end the
    thread."""
    pool = Pool(1, thread_name_prefix="w2v-ahead")
    try:
        waiting = pool.start(_next, items)
        while (found := waiting.result()) is not None:
            waiting = pool.start(_next, items)
            yield found[0]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        if isinstance(items, Generator):
            items.close()


def _next(items: Iterator[T]) -> tuple[T] | None:
    for item in items:
        return (item,)
    return None


def _affinity() -> int:
    if sys.platform != "win32" and sys.platform != "darwin" and hasattr(os, "sched_getaffinity"):
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
