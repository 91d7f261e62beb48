"""Counting and encoding of a text by the workers of an engine: `WorkerPasses`.

Place in the data flow: engine, corpus -> `worker_passes`, which decides who reads -> `w2v.corpus.reread.encode_again`.

The process of the run finds where blocks of the text begin, and puts the results of the workers together in the order
of the text. Calls are functions of byte ranges, so an engine may run them anywhere, and again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import Any

import numpy as np

from w2v.corpus._tokenizer import WordTable
from w2v.corpus.elsewhere import first_problem
from w2v.corpus.encode import EncodedBlock
from w2v.corpus.paths import CorpusInput
from w2v.corpus.preparation import PreparationCounts
from w2v.corpus.ranges import TextFiles, TextRange, TextRanges, count_ranges, encode_ranges, plain_files, ranges_of
from w2v.corpus.sources.base import TextSource
from w2v.errors import W2VError
from w2v.system import log
from w2v.training.rounds.engine import Handle, RemoteEngine, WorkLost
from w2v.training.rounds.texts import cannot_read

COUNTED_BYTES = 64 << 20  # of text in a call that counts; the more, the fewer words are sent twice
ENCODED_BYTES = 16 << 20  # of text in a call that encodes; its ids take about as much
AHEAD = 2  # calls in flight in addition to one a thread
TRIES = 5  # of calls whose workers are lost


def worker_passes(engine: RemoteEngine, corpus: CorpusInput, line_weights: bool) -> WorkerPasses | None:
    """Return the passes over a text by workers; None if this process has to read it, which the log explains.

    Raises
    ------
    W2VError : some workers have the files, and one has not.
    """
    files = plain_files(corpus, line_weights)
    if isinstance(files, str):
        log.info(f"this process reads the text and sends it to the workers: {files}")
        return None
    answers = engine.ask(first_problem, files.marks)
    problems = {worker: str(found) for worker, found in answers.items() if found is not None}
    for worker, problem in problems.items():
        if len(problems) < len(answers):
            raise W2VError(cannot_read(worker, problem))
        log.info("this process reads the text and sends it to the workers, none of which has it at this path: "
                 f"{worker}: {problem}")
        return None
    log.info(f"the workers read the text: {len(files.marks):,} files")
    return WorkerPasses(engine, files)


class WorkerPasses:
    """Passes over a text by the workers of an engine; see `w2v.corpus.ranges.Passes`."""

    files: TextFiles
    counts: PreparationCounts

    def __init__(self, engine: RemoteEngine, files: TextFiles) -> None:
        self._engine, self.files, self.counts = engine, files, PreparationCounts()

    def counted(self, source: TextSource, table: WordTable,
                block_size: int) -> Generator[EncodedBlock, None, None]:
        nothing = np.empty(0, np.int32)
        self.counts = PreparationCounts()
        for _, found in self._in_order(source, count_ranges, self.files, block_size, COUNTED_BYTES):
            table.add_all(found.blob, found.offsets, found.counts)
            self.counts = PreparationCounts(*map(sum, zip(self.counts, found.prepared, strict=True)))
            for stats in found.stats:
                yield stats, nothing

    def encoded(self, source: TextSource, text: TextRanges,
                block_size: int) -> Generator[tuple[TextRange, EncodedBlock], None, None]:
        for ranges, blocks in self._in_order(source, encode_ranges, text, block_size, ENCODED_BYTES):
            yield from zip(ranges, blocks, strict=True)

    def _in_order(self, source: TextSource, call: Callable[..., Any], shared: Any, block_size: int,
                  n_bytes: int) -> Generator[tuple[list[TextRange], Any], None, None]:
        """Yield the ranges of each call, and its result, in the order of the text.

        Parameters
        ----------
        shared : first argument of all calls.
        n_bytes : of the text of a call.
        """
        calls = _Calls(self._engine, call, shared)
        for ranges in ranges_of(source, self.files, block_size, n_bytes):
            calls.add(ranges)
            if len(calls) >= self._engine.at_once + AHEAD:
                yield calls.next()
        while len(calls):
            yield calls.next()


class _Calls:
    """Calls in flight, in order."""

    def __init__(self, engine: RemoteEngine, call: Callable[..., Any], shared: Any) -> None:
        self._engine, self._call, self._shared = engine, call, shared
        self._sent: Handle = None
        self._waiting: deque[tuple[list[TextRange], Handle]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, ranges: list[TextRange]) -> None:
        """Start a call; if it cannot be started, `next` does."""
        self._waiting.append((ranges, None))
        try:
            self._start()
        except WorkLost as lost:
            log.info(f"reading continues: {lost}")
            self._forget()

    def next(self) -> tuple[list[TextRange], Any]:
        """Return the ranges and the result of the next call; it is started again if its workers are lost.

        Raises
        ------
        W2VError : they were lost each time.
        """
        for number in range(TRIES):
            try:
                self._start()
                ranges, handle = self._waiting[0]
                found, = self._engine.gather([handle])
                self._waiting.popleft()
                return ranges, found
            except WorkLost as lost:
                self._forget()
                if number == TRIES - 1:
                    raise W2VError(f"workers that read the text were lost {TRIES} times: {lost}; see their logs, they "
                                   "may lack memory") from lost
                log.warning(f"workers that read the text were lost, and others read it again: {lost}")
        raise AssertionError

    def _start(self) -> None:
        if self._sent is None:
            self._sent = self._engine.scatter(self._shared)
        for number, (ranges, handle) in enumerate(self._waiting):
            if handle is None:
                self._waiting[number] = ranges, self._engine.submit(self._call, self._sent, ranges)

    def _forget(self) -> None:
        self._sent = None
        self._waiting = deque((ranges, None) for ranges, _ in self._waiting)
