"""The engine of Dask: rounds on the workers of a `distributed` cluster. The only module that imports `distributed`.

Place in the data flow: `--engine dask` or a client -> `opened`, which checks the workers -> `Rounds`.

Calls are never pinned to a worker, so that Dask computes again what a lost worker had. What it cannot compute again
(values that were sent from here) is reported as `WorkLost`, and the round begins again. Dask sends functions and values
between its own processes by pickle: who can reach the scheduler can run code, with or without w2v.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from w2v._version import __version__
from w2v.config import ENGINES
from w2v.errors import W2VError
from w2v.system import log
from w2v.system.plain import printable_line
from w2v.training.rounds import remote
from w2v.training.rounds.engine import EngineLost, EngineReport, Handle, Stopped, WorkLost

POLL_SECONDS = 0.2  # between two looks at the stop flag while results are waited for
CONNECT_SECONDS = 15.0  # for the scheduler to answer, and for the first worker
EVERYWHERE_SECONDS = 1.0  # for workers to answer a call that none of them must answer
SLOW = 3.0  # a call is a straggler if it takes so many times as long as half of the others
LEAST_SLOW_SECONDS = 10.0
LOCAL_CLUSTER = {  # configuration of a cluster of this machine (bench/NOTES.md)
    "distributed.worker.profile.enabled": False,  # takes 2 % of a core for each worker,
    "distributed.admin.tick.interval": "1s",  # and this 1 %, and 3 % in the process of the run
    # By default memory goes back to the system at once, and a quarter of all time is spent on getting it again.
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 1 << 30,
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2 << 30,
}
GATHERED_AT_ONCE = 8  # results of at most 64 MB each


def import_distributed() -> Any:
    """Return the module `distributed`.

    Raises
    ------
    W2VError : it is not installed.
    """
    try:
        import distributed
    except ImportError as error:
        raise W2VError(f"engine='dask' needs the package distributed: pip install 'w2v[dask]' ({error})") from error
    return distributed


def is_this_process(engine: object) -> bool:
    """Whether this value of the option `engine` stands for the threads of this process."""
    return engine is None or (isinstance(engine, str) and engine == "threads")


def check_options(engine: object, scheduler: object) -> None:
    """Check the options `engine` and `scheduler` of a run.

    Raises
    ------
    ValueError, TypeError : one of them is wrong.
    W2VError : the engine is not installed.
    """
    names = " or ".join(map(repr, ENGINES))
    if isinstance(engine, str) and engine not in ENGINES:
        raise ValueError(f"engine = {engine!r} does not exist; pass {names}, or a distributed.Client")
    if not (engine is None or isinstance(engine, str) or is_client(engine)):
        raise TypeError(f"engine must be {names} or a distributed.Client, not {engine!r:.80}")
    if scheduler is not None:
        if not isinstance(scheduler, str) or not scheduler:
            raise TypeError(f"scheduler must be the address of a scheduler, not {scheduler!r}")
        if engine != "dask":
            why = "" if is_this_process(engine) else ": a client has its scheduler"
            raise ValueError(f"scheduler = {scheduler!r} needs engine='dask'{why}")
    if getattr(engine, "asynchronous", False):
        raise ValueError("engine is an asynchronous client: pass one that was made with asynchronous=False")
    if not is_this_process(engine):
        import_distributed()


def is_client(engine: object) -> bool:
    """Whether this is a client of Dask; does not import it."""
    return any(kind.__module__.split(".")[0] == "distributed" and kind.__name__ == "Client"
               for kind in type(engine).__mro__)


def _line(error: BaseException) -> str:
    return printable_line(str(error) or type(error).__name__)


@contextmanager
def opened(engine: object, scheduler: str | None, threads: int, isa: str) -> Iterator[Dask]:
    """Connect to a cluster, or start one on this machine, and check its workers; for the duration of the block.

    Parameters
    ----------
    engine : "dask", or a client, which stays open.
    scheduler : address; None for a cluster of this machine.
    threads : processes of such a cluster, each with one thread.
    isa : instruction set of the run.

    Raises
    ------
    W2VError : there is no scheduler, no worker, or a worker that cannot work on the run.
    """
    distributed = import_distributed()
    with _client(distributed, engine, scheduler, threads) as client:
        found = Dask(distributed, client)
        found.check(isa)
        yield found


@contextmanager
def _client(distributed: Any, engine: object, scheduler: str | None, threads: int) -> Iterator[Any]:
    if is_client(engine):
        yield engine
    elif scheduler is not None:
        try:
            client = distributed.Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise W2VError(f"no scheduler of Dask could be reached at {scheduler}: {_line(error)}; start one with: "
                           "dask scheduler") from error
        try:
            yield client
        finally:
            client.close()
    else:
        with (distributed.dask.config.set(LOCAL_CLUSTER),
              distributed.LocalCluster(n_workers=threads, threads_per_worker=1, host="127.0.0.1",
                                       dashboard_address="127.0.0.1:0", memory_limit=0, silence_logs=50,
                                       preload=[__name__]) as cluster,
              distributed.Client(cluster, set_as_default=False) as client):
            yield client


def dask_setup(worker: object) -> None:
    """Let a process of a cluster of this machine ignore Ctrl-C, which its terminal sends to all processes: the run
    writes a checkpoint first. Dask calls this function by its name, as the module is a "preload" of the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Dask:
    """Engine of a client of Dask.

    Parameters
    ----------
    distributed : the module.
    client : stays open.
    """

    def __init__(self, distributed: Any, client: Any) -> None:
        self._distributed, self._client = distributed, client
        self.stopped: Callable[[], bool] = bool
        self._address = str(client.scheduler.address)
        self.at_once = max(1, sum(client.nthreads().values()))

    def check(self, isa: str) -> None:
        """Check that every worker can work on a run with this instruction set.

        Raises
        ------
        W2VError : one cannot, or there is none; names its address.
        """
        address = self._address
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise W2VError(f"the scheduler at {address} has no workers: start some with: dask worker "
                           f"{address}") from None
        self.at_once = max(1, sum(self._client.nthreads().values()))
        for worker, found in self._client.run(remote.facts, on_error="return").items():
            if isinstance(found, BaseException):  # a copy, of the type Exception
                problem: str | None = f"cannot work: {_line(found)}"
                if "No module named 'w2v" in str(found):
                    problem = (f"has no package w2v: install w2v {__version__} in the environment in which the worker "
                               "is started")
            else:
                problem = remote.disagreement(found, __version__, isa)
            if problem is not None:
                raise W2VError(f"the worker {worker} {problem}")

    def about(self) -> EngineReport:
        threads = self._client.nthreads()
        return EngineReport("dask", self._address, len(threads), sum(threads.values()))

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Handle:
        with self._lost():
            return self._client.submit(call, *arguments, pure=False)

    def scatter(self, value: Any, everywhere: bool = True) -> Handle:
        self._wait_for_worker()
        with self._lost():
            return self._client.scatter(value, broadcast=everywhere, hash=False)

    def everywhere(self, call: Callable[..., Any], *arguments: Any) -> None:
        if self._client.status != "running":
            return
        thread = threading.Thread(target=self._run_everywhere, args=(call, arguments), daemon=True)
        thread.start()
        thread.join(EVERYWHERE_SECONDS)

    def _run_everywhere(self, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        try:
            self._client.run(call, *arguments, on_error="ignore")
        except Exception as error:  # workers that cannot be reached do nothing either
            log.info(f"dask: {_line(error)}")

    def gather(self, handles: Iterable[Handle], each: Callable[[Any], None] | None = None) -> list[Any]:
        futures = list(handles)
        self._wait(futures, each)
        found: list[Any] = []
        with self._lost():
            for first in range(0, len(futures), GATHERED_AT_ONCE):
                found += self._client.gather(futures[first:first + GATHERED_AT_ONCE])
        return found

    def wait(self, handles: Iterable[Handle]) -> None:
        self._wait(list(handles), None)

    def close(self) -> None:
        """The client is closed by who made it."""

    def _wait(self, futures: list[Any], each: Callable[[Any], None] | None) -> None:
        """Wait until all calls have results.

        Raises
        ------
        Stopped, WorkLost, EngineLost : see there. Or what a call has raised.
        """
        started, half, warned, told = time.monotonic(), 0.0, False, 0.0
        waiting = dict.fromkeys(futures)
        while waiting:
            self._look(waiting, each)
            self._check_connection()
            now = time.monotonic() - started
            if self.stopped():
                with suppress(Exception):  # of a client that is not connected
                    self._client.cancel(list(waiting), force=True)
                raise Stopped
            if not half and len(waiting) <= len(futures) // 2:
                half = now
            if half and not warned and waiting and now > max(LEAST_SLOW_SECONDS, SLOW * half):
                warned = True
                self._name_stragglers(list(waiting), len(futures), now)
            if waiting and now > told + CONNECT_SECONDS:
                told = now
                with self._lost():
                    if not self._client.nthreads():
                        log.warning("dask: no worker is left; the run waits for one")

    def _wait_for_worker(self) -> None:
        """Wait until there is a worker; a nanny starts one again within seconds.

        Raises
        ------
        Stopped, WorkLost, EngineLost : see there.
        """
        told = False
        while True:
            self._check_connection()
            with self._lost():
                if self._client.nthreads():
                    return
            if self.stopped():
                raise Stopped
            if not told:
                log.warning("dask: no worker is left; the run waits for one")
            told = True
            time.sleep(POLL_SECONDS)

    def _look(self, waiting: dict[Any, None], each: Callable[[Any], None] | None) -> None:
        """Wait for a short time, and take the calls that have ended out of those that are waited for."""
        distributed = self._distributed
        with self._lost(), self._client.as_current():
            try:
                distributed.wait(list(waiting), timeout=POLL_SECONDS, return_when="FIRST_COMPLETED")
            except (TimeoutError, distributed.CancelledError):
                pass
            for future in [one for one in waiting if one.status != "pending"]:
                if future.status in ("error", "cancelled", "lost"):
                    future.result()  # raises
                elif each is not None:
                    each(future.result())
                del waiting[future]

    def _name_stragglers(self, futures: list[Any], n: int, seconds: float) -> None:
        keys = {future.key for future in futures}
        with self._lost():
            where = sorted(worker for worker, tasks in self._client.processing().items() if keys & set(tasks))
        log.warning(f"dask: {len(keys)} of {n} calls are not done after {seconds:.0f} s, and the others wait for them; "
                    f"they are on {', '.join(where) or 'no worker'}")

    @contextmanager
    def _lost(self) -> Iterator[None]:
        """Turn errors of a cluster that has lost workers or its scheduler into those of an engine.

        Raises
        ------
        WorkLost, EngineLost : the workers, or the scheduler.
        """
        distributed = self._distributed
        try:
            yield
        except distributed.KilledWorker as error:
            raise WorkLost(f"the worker {error.last_worker} and others before it ended during one call") from error
        except (distributed.CancelledError, OSError, TimeoutError) as error:
            self._check_connection()
            raise WorkLost(_line(error)) from error
        except (RuntimeError, ValueError):  # of a client that is not connected
            self._check_connection()
            raise

    def _check_connection(self) -> None:
        """Do nothing if the client is connected; otherwise wait until it has connected again, or gives up.

        Raises
        ------
        WorkLost, EngineLost : it is connected again, and the scheduler has forgotten its work; or it has given up.
        """
        if self._client.status == "running":
            return
        while self._client.status not in ("running", "closed") and not self.stopped():
            time.sleep(POLL_SECONDS)
        if self._client.status == "running":
            raise WorkLost("the connection to the scheduler broke")
        raise EngineLost(f"the scheduler of Dask at {self._address} is gone")
