"""What the user is told about workers of Dask that others wait for: `Watch`.

Place in the data flow: `w2v.training.rounds.dask_engine`, while it waits -> `RemoteEngine.warn`.

A worker whose calls take much longer than those of others is slow. A worker that sends no heartbeats is stopped, or cut
off: then the calls that need its results wait too, wherever they are, and only the heartbeats tell which one it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any

SLOW = 3.0  # a call is a straggler if it takes so many times as long as half of the others
LEAST_SLOW_SECONDS = 10.0


class Watch:
    """Watches one wait. Each worker and each cause is named once.

    Parameters
    ----------
    client : of Dask.
    n : number of calls that are waited for.
    warn : called with each line.
    start_workers : called when no worker is left; None if only others can start workers.
    """

    def __init__(self, client: Any, n: int, warn: Callable[[str], None],
                 start_workers: Callable[[], None] | None = None) -> None:
        self._client, self._n, self._warn, self._start_workers = client, n, warn, start_workers
        self._started = time.monotonic()
        self._half = 0.0  # seconds after which half of the calls had ended
        self._named: set[str] = set()  # causes, and addresses
        self._looked = 0.0
        self._seen: dict[str, float] = {}  # when the scheduler had the last heartbeat of each worker

    def look(self, waiting: Collection[Any]) -> None:
        """Name what takes long.

        Parameters
        ----------
        waiting : futures of the calls that have not ended.
        """
        now = time.monotonic() - self._started
        if not self._half and len(waiting) <= self._n // 2:
            self._half = now
        if now > self._looked + LEAST_SLOW_SECONDS / 2:
            self._looked = now
            self._look_at_workers()
        if self._half and waiting and now > max(LEAST_SLOW_SECONDS, SLOW * self._half) and self._once("calls"):
            self._name_calls(waiting, now)

    def _once(self, cause: str) -> bool:
        new = cause not in self._named
        self._named.add(cause)
        return new

    def _look_at_workers(self) -> None:
        try:
            about = self._client.sync(self._client.scheduler.identity, callback_timeout=LEAST_SLOW_SECONDS / 2)
        except TimeoutError:
            if self._once("scheduler"):
                self._warn("dask: the scheduler does not answer, and the run waits for it")
            return
        found = about["workers"]
        if not found:
            if self._once("none"):
                self._warn("dask: no worker is left; "
                           + ("the run waits for one" if self._start_workers is None else "new ones are started"))
            if self._start_workers is not None:
                self._start_workers()
        before, self._seen = self._seen, {worker: facts["last_seen"] for worker, facts in found.items()}
        for worker, seen in self._seen.items():
            if before.get(worker) == seen and self._once(worker):
                self._warn(f"dask: the worker {worker} does not answer, and the others wait for it")

    def _name_calls(self, waiting: Collection[Any], seconds: float) -> None:
        keys = {future.key for future in waiting}
        where = sorted(worker for worker, tasks in self._client.processing().items() if keys & set(tasks))
        self._warn(f"dask: {len(keys)} of {self._n} calls are not done after {seconds:.0f} s, and the others wait for "
                   f"them; they are on {', '.join(where) or 'no worker'}")
