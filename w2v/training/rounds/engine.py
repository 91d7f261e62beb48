"""Where the work of a round is done: `Engine`, the interface, and `Threads`, the engine of one process.

An engine is given calls that may have results of earlier calls as arguments, so it can run them anywhere and again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from w2v.errors import TrainingError
from w2v.system.report import Report
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

    def gather(self, handles: Iterable[Handle], each: Callable[[Any], None] | None = None) -> list[Any]:
        """Return results in order; an exception of a call is raised.

        Parameters
        ----------
        each : called with each result as soon as it is there, in any order.
        """
        ...

    def scatter(self, value: Any) -> Handle:
        """Return a handle of a value that calls will use."""

    def close(self) -> None:
        """Wait for calls in progress and release everything."""


class RemoteEngine(Engine, Protocol):
    """Engine whose calls run in other processes, so that results have to be sent.

    Attributes
    ----------
    workers : processes.
    threads_each : threads of the largest of them.
    stopped : asked while `gather` or `scatter` waits; once it returns True, they raise `Stopped`.
    warn : called with a line about workers that others wait for.
    """

    workers: int
    threads_each: int
    stopped: Callable[[], bool]
    warn: Callable[[str], None]

    def submit_all(self, call: Callable[..., Any], arguments: Sequence[tuple[Any, ...]],
                   spread: bool = False) -> list[Handle]:
        """Submit a call for each of these arguments.

        Parameters
        ----------
        spread : prefer a worker for each call, one after another, to another place in which the call may begin sooner.
        """
        ...

    def wait(self, handles: Iterable[Handle]) -> None:
        """Wait for results as `gather` does, without fetching them."""

    def everywhere(self, call: Callable[..., Any], *arguments: Any) -> None:
        """Run a call on all workers, as far as they can be reached."""

    def ask(self, call: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """Return what a call returns on each worker, or the exception that it raises, by the worker's address."""
        ...

    def about(self) -> EngineReport:
        """Return the name and the size of the engine."""
        ...


class Stopped(Exception):
    """The run was stopped while results were waited for."""


class WorkLost(Exception):
    """Workers are gone, and with them values that cannot be computed again from what the engine still has."""


class EngineLost(TrainingError):
    """The engine as a whole is gone."""


@dataclass(frozen=True, repr=False)
class EngineReport(Report):
    """Where the rounds of a run were done, and what they took since its start or its resumption.

    Attributes
    ----------
    name : of the engine.
    address : of its scheduler.
    workers, threads : processes at the start of the run, and their threads together.
    rounds : that were done; `repeated` rounds were begun again, because workers were lost.
    megabytes_sent : snapshots to the processes that trained, and changes to those that merged, also where they stay in
        a process; and what this process fetched of the model.
    seconds_training, seconds_merging : of waiting until the workers have trained, and until they have merged.
    """

    name: str
    address: str
    workers: int
    threads: int
    rounds: int = 0
    repeated: int = 0
    megabytes_sent: float = 0.0
    seconds_training: float = 0.0
    seconds_merging: float = 0.0

    def brief(self) -> str:
        return (f"{self.name}: {self.workers} workers, {self.threads} threads, {self.rounds} rounds, "
                f"{self.megabytes_sent:,.0f} MB")


class Threads:
    """Engine of threads in this process. Values are passed as they are."""

    def __init__(self, threads: int) -> None:
        self.at_once = threads
        self._pool = Pool(threads, thread_name_prefix="w2v-round")

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Handle:
        # Calls begin in the order in which they were submitted, so what a call waits for has begun before it.
        return self._pool.submit(_resolved_call, call, arguments)

    def gather(self, handles: Iterable[Handle], each: Callable[[Any], None] | None = None) -> list[Any]:
        found = []
        for handle in list(handles):
            found.append(handle.result())
            if each is not None:
                each(found[-1])
        return found

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
