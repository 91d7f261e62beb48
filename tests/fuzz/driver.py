"""Driver of the fuzzers: runs numbered cases in a worker process, and notes crashes, hangs and wrong results.

A fuzzer is a function of a random generator and an empty folder. It raises `Finding` for a wrong result; any other
exception is a finding too. A case depends on its number alone, so that `--only N` repeats it.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

Case = Callable[[random.Random, Path], object]

CASE_SECONDS = 20.0  # limit for a case; under sanitizers everything is up to 10 times slower
CASES_OF_A_WORKER = 5000  # a fresh process after so many cases keeps leaks from adding up
MEMORY = 3 << 30  # bytes of address space that a worker may add


class Finding(Exception):
    """A case with a wrong result."""


def sanitized() -> bool:
    """Return whether the process runs under a sanitizer, which reserves terabytes of addresses."""
    return "san" in os.environ.get("LD_PRELOAD", "")


def run(case: Case, number: int) -> str | None:
    """Run one case; return its finding, None if all is well."""
    folder = Path(tempfile.mkdtemp(prefix="w2v-fuzz-"))
    try:
        case(random.Random(number), folder)
    except Finding as finding:
        return str(finding)
    except BaseException:
        return traceback.format_exc()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return None


def _work(case: Case, start: int, pipe: Connection) -> None:
    """Body of a worker: announce each case before it runs, and its finding after it."""
    if not sanitized():
        size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in range(start, start + CASES_OF_A_WORKER):
        pipe.send((number, None))
        if (finding := run(case, number)) is not None:
            pipe.send((number, finding))
        if number % 100 == 0:
            gc.collect()
    pipe.send((None, None))


def findings(case: Case, start: int, seconds: float, cases: int | None = None) -> Iterator[tuple[int, str]]:
    """Run cases from the number `start` on; yield the number and the text of each finding.

    Parameters
    ----------
    seconds : how long to run.
    cases : run at most this many.

    Returns
    -------
    The number of cases that ran, as the value of the generator.
    """
    end, number, limit = time.monotonic() + seconds, start, CASE_SECONDS * (10 if sanitized() else 1)
    context = multiprocessing.get_context("fork")
    done = lambda: time.monotonic() >= end or (cases is not None and number >= start + cases)  # noqa: E731
    while not done():
        ours, theirs = context.Pipe(False)
        worker = context.Process(target=_work, args=(case, number, theirs), daemon=True)
        worker.start()
        theirs.close()
        while True:
            try:
                if not ours.poll(limit):
                    yield number, f"hangs: not done after {limit:.0f} s"
                    break
                announced, finding = ours.recv()
            except EOFError:
                worker.join()
                yield number, f"crash: the process ended with {worker.exitcode}"
                break
            if announced is None:
                break
            number = announced
            if finding is not None:
                yield number, finding
            elif done():
                number -= 1  # announced, but not run to its end
                break
        number += 1
        worker.kill()
        worker.join()
    return number - start


def main(case: Case, description: str | None) -> int:
    """Run a fuzzer as a program; return 1 if there are findings."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="how long to run (60)")
    parser.add_argument("--cases", type=int, help="run at most this many cases")
    parser.add_argument("--start", type=int, default=0, help="number of the first case (0)")
    parser.add_argument("--only", type=int, help="run this case alone, in this process")
    options = parser.parse_args()
    if options.only is not None:
        finding = run(case, options.only)
        print(finding or "nothing found")
        return 0 if finding is None else 1
    count, found = 0, findings(case, options.start, options.seconds, options.cases)
    while True:
        try:
            number, text = next(found)
        except StopIteration as end:
            print(f"{end.value:,} cases from number {options.start}, {count} findings")
            return 1 if count else 0
        count += 1
        print(f"--- case {number} (repeat it with --only {number}):\n{text[-3000:]}", file=sys.stderr, flush=True)
