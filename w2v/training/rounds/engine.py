"""Where the work of a round is done: `Engine`, the interface, and `Threads`, the engine of one process.

An engine is given calls that may have results of earlier calls as arguments, so it can run them anywhere and again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol

from w2v.system.threads import Pool

Handle = Any
"""What an engine returns for a call: its result, now or later. It may be an argument of another call."""


class Engine(Protocol):
    """Runs the calls of a round.

    Attributes
    ----------
    at_once : calls that can run at the same time.
    """

    at_once: int

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Handle:
        """Start a call as soon as the handles among its arguments, also in lists, have results."""

    def gather(self, handles: Iterable[Handle]) -> list[Any]:
        """Return results in order; an exception of a call is raised."""
        ...

    def scatter(self, value: Any) -> Handle:
        """Return a handle of a value that many calls will use."""

    def close(self) -> None:
        """Wait for calls in progress and release everything."""


class Threads:
    """Engine of threads in this process. Values are passed as they are."""

    def __init__(self, threads: int) -> None:
        self.at_once = threads
        self._pool = Pool(threads, thread_name_prefix="w2v-round")

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Handle:
        # Calls begin in the order in which they were submitted, so what a call waits for has begun before it.
        return self._pool.submit(_resolved_call, call, arguments)

    def gather(self, handles: Iterable[Handle]) -> list[Any]:
        return [handle.result() for handle in list(handles)]

    def scatter(self, value: Any) -> Handle:
        return value

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def _resolved_call(call: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    return call(*map(_resolved, arguments))


def _resolved(value: Any) -> Any:
    if isinstance(value, Future):
        return value.result()
    return [_resolved(one) for one in value] if isinstance(value, list) else value
