"""The engine of Dask: rounds on the workers of a `distributed` cluster. The only module that imports `distributed`.

Place in the data flow: `--engine dask` or a client -> `opened`, which checks the workers -> `Rounds`.

Calls are never pinned to a worker, so that Dask computes again what a lost worker had. What it cannot compute again
(values that were sent from here) is reported as `WorkLost`, and the round begins again. Dask sends functions and values
between its own processes by pickle: who can reach the scheduler can run code, with or without w2v.
"""

from __future__ import annotations

import gc
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from w2v._version import __version__
from w2v.config import ENGINES
from w2v.errors import W2VError
from w2v.system import log
from w2v.system.plain import printable_line
from w2v.training.rounds import remote
from w2v.training.rounds.dask_watch import Watch
from w2v.training.rounds.engine import EngineLost, EngineReport, Handle, Stopped, WorkLost

POLL_SECONDS = 0.2  # between two looks at the stop flag while results are waited for
CONNECT_SECONDS = 15.0  # for the scheduler to answer, and for the first worker
EVERYWHERE_SECONDS = 1.0  # for workers to answer a call that none of them must answer
NO_PACKAGE = "No module named 'w2v"  # in an error of a call
HAS_NO_PACKAGE = f"has no package w2v: install w2v {__version__} in the environment in which the worker is started"
FOREVER = 1e9  # seconds, of waiting for a worker to send values to
LOCAL_CLUSTER: dict[str, bool | str | int] = {  # configuration of a cluster of this machine (bench/NOTES.md)
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
    with _client(distributed, engine, scheduler, threads) as (client, start_workers):
        found = Dask(distributed, client, start_workers)
        found.check(isa)
        yield found


@contextmanager
def _client(distributed: Any, engine: object, scheduler: str | None,
            threads: int) -> Iterator[tuple[Any, Callable[[], None] | None]]:
    """Give a client, and a function that starts workers again if the cluster is that of this run."""
    if is_client(engine):
        yield engine, None
    elif scheduler is not None:
        client, why = _connected(distributed, scheduler)
        if client is None:
            raise W2VError(f"no scheduler of Dask could be reached at {scheduler}: {why}; start one with: dask "
                           "scheduler. The address of one with TLS begins with tls://, and the certificates of this "
                           "process are those of Dask's configuration (distributed.comm.tls)")
        try:
            yield client, None
        finally:
            client.close()
    else:
        with (distributed.dask.config.set(LOCAL_CLUSTER),
              distributed.LocalCluster(n_workers=threads, threads_per_worker=1, host="127.0.0.1",
                                       dashboard_address="127.0.0.1:0", memory_limit=0, silence_logs=50,
                                       preload=[__name__]) as cluster,
              distributed.Client(cluster, set_as_default=False) as client):
            yield client, partial(cluster.scale, threads)


def _connected(distributed: Any, scheduler: str) -> tuple[Any, str]:
    """Return a client, or None and the reason."""
    try:
        return distributed.Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False), ""
    except (OSError, ValueError, TimeoutError, TypeError, RuntimeError, ImportError) as error:
        why = _line(error)  # TypeError, RuntimeError: TLS without a certificate, or none where it is required
    gc.collect()  # a client that is half made waits for half a minute if it is freed when the process ends
    return None, why


def dask_setup(worker: object) -> None:
    """Let a process of a cluster of this machine ignore Ctrl-C, which its terminal sends to all processes: the run
    writes a checkpoint first. Dask calls this function by its name, as the module is a "preload" of the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _set_answer(answer: Future[Any], ask: Callable[[], Any]) -> None:
    try:
        answer.set_result(ask())
    except BaseException as error:  # raised again by who waits
        answer.set_exception(error)


class Dask:
    """Engine of a client of Dask.

    Parameters
    ----------
    distributed : the module.
    client : stays open.
    start_workers : see `Watch`.
    """

    at_once: int
    workers: int
    threads_each: int

    def __init__(self, distributed: Any, client: Any, start_workers: Callable[[], None] | None = None) -> None:
        self._distributed, self._client, self._start_workers = distributed, client, start_workers
        self.stopped: Callable[[], bool] = bool
        self.warn: Callable[[str], None] = log.warning
        self._address = str(client.scheduler.address)
        self._take_size()

    def _take_size(self) -> None:
        threads = self._client.nthreads().values()
        self.workers, self.threads_each, self.at_once = len(threads), max(threads, default=1), max(1, sum(threads))

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
        self._take_size()
        for worker, found in self.ask(remote.facts).items():
            if isinstance(found, BaseException):  # a copy, of the type Exception
                problem: str | None = f"cannot work: {_line(found)}"
                if NO_PACKAGE in str(found):
                    problem = HAS_NO_PACKAGE
            else:
                problem = remote.disagreement(found, __version__, isa)
            if problem is not None:
                raise W2VError(f"the worker {worker} {problem}")

    def about(self) -> EngineReport:
        return EngineReport("dask", self._address, self.workers, self.at_once)

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Handle:
        with self._lost():
            return self._client.submit(call, *arguments, pure=False)

    def submit_all(self, call: Callable[..., Any], arguments: Sequence[tuple[Any, ...]],
                   spread: bool = False) -> list[Handle]:
        if not arguments:
            return []
        with self._lost():
            workers = sorted(self._client.nthreads()) if spread else []
            if not workers:  # none is preferred, or none is left
                found: list[Handle] = self._client.map(call, *zip(*arguments, strict=True), pure=False)  # one message
                return found
            return [self._client.submit(call, *one, pure=False, workers=[workers[k % len(workers)]],
                                        allow_other_workers=True) for k, one in enumerate(arguments)]

    def scatter(self, value: Any) -> Handle:
        # Without Dask's broadcast, which waits for ever, or fails with a KeyError, if a worker ends meanwhile. A value
        # is sent to one worker; those that need it get it from there, and keep it.
        return self._answer(partial(self._client.scatter, value, hash=False, timeout=FOREVER))

    def everywhere(self, call: Callable[..., Any], *arguments: Any) -> None:
        if self._client.status != "running":
            return
        thread = threading.Thread(target=self._run_everywhere, args=(call, arguments), daemon=True)
        thread.start()
        thread.join(EVERYWHERE_SECONDS)

    def ask(self, call: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        with self._lost():
            found: dict[str, Any] = self._client.run(call, *arguments, on_error="return")
            return found

    def _run_everywhere(self, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        try:
            self._client.run(call, *arguments, on_error="ignore")
        except Exception as error:  # workers that cannot be reached do nothing either
            log.info(f"dask: {_line(error)}")

    def gather(self, handles: Iterable[Handle], each: Callable[[Any], None] | None = None) -> list[Any]:
        futures = list(handles)
        self._wait(futures, each)
        found: list[Any] = []
        for first in range(0, len(futures), GATHERED_AT_ONCE):
            found += self._answer(partial(self._client.gather, futures[first:first + GATHERED_AT_ONCE]))
        return found

    def wait(self, handles: Iterable[Handle]) -> None:
        self._wait(list(handles), None)

    def close(self) -> None:
        """The client is closed by who made it."""

    def _watch(self, n: int) -> Watch:
        return Watch(self._client, n, self.warn, self._start_workers)

    def _wait(self, futures: list[Any], each: Callable[[Any], None] | None) -> None:
        """Wait until all calls have results.

        Raises
        ------
        Stopped, WorkLost, EngineLost : see there. Or what a call has raised.
        """
        watch = self._watch(len(futures))
        waiting = dict.fromkeys(futures)
        while waiting:
            self._look(waiting, each)
            self._check_connection()
            if self.stopped():
                with suppress(Exception):  # of a client that is not connected
                    self._client.cancel(list(waiting), force=True)
                raise Stopped
            with self._lost():
                watch.look(waiting)

    def _answer(self, ask: Callable[[], Any]) -> Any:
        """Return what the client returns, who may have to wait for a worker that does not answer.

        Raises
        ------
        Stopped, WorkLost, EngineLost : see there.
        """
        answer: Future[Any] = Future()
        threading.Thread(target=_set_answer, args=(answer, ask), daemon=True).start()
        watch = self._watch(1)
        with self._lost():
            while not wait([answer], POLL_SECONDS).done:
                if self.stopped():
                    raise Stopped
                watch.look([None])
            return answer.result()

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
                    each(self._answer(future.result))
                del waiting[future]

    @contextmanager
    def _lost(self) -> Iterator[None]:
        """Turn errors of a cluster that has lost workers or its scheduler into those of an engine.

        Raises
        ------
        WorkLost, EngineLost : the workers, or the scheduler.
        W2VError : a worker does not have the package.
        """
        distributed = self._distributed
        try:
            yield
        except distributed.KilledWorker as error:
            raise WorkLost(f"the worker {error.last_worker} and others before it ended during one call") from error
        except distributed.CancelledError as error:
            self._check_connection()
            raise WorkLost("workers are gone with what this process had sent to them") from error
        except (OSError, TimeoutError) as error:
            self._check_connection()
            raise WorkLost(_line(error)) from error
        except (RuntimeError, ValueError):  # of a client that is not connected
            self._check_connection()
            raise
        except Exception as error:
            if NO_PACKAGE in str(error):
                raise W2VError(f"a worker that joined during the run {HAS_NO_PACKAGE}") from error
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
