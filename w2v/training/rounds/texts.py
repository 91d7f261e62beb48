"""How the ids of a part of the text reach a worker: it reads them where they are, or they are sent.

Place in the data flow: `Shards` -> `Texts` -> arguments of the calls of a round -> `ids_of`, in a worker.

What a worker reads itself needs no network through the process of the run, and is read again if a worker is lost. What
was sent is lost with the worker that has it, and then the round begins again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from w2v.corpus.elsewhere import Elsewhere, first_problem
from w2v.corpus.encoded import Ids
from w2v.errors import W2VError
from w2v.system import log
from w2v.training.pieces import Shards
from w2v.training.rounds.engine import Handle, RemoteEngine
from w2v.training.rounds.setup import Task, Text

INLINE_BYTES = 1 << 20  # of ids that are sent inside a call


class Texts:
    """Parts of the text for the workers of an engine.

    Raises
    ------
    W2VError : the workers have to read the files of the text, and one cannot.
    """

    def __init__(self, engine: RemoteEngine, shards: Shards) -> None:
        self._engine, self._shards = engine, shards
        self._elsewhere = shards.corpus.elsewhere()
        self._sent: Handle = None
        if self._elsewhere is None:
            return
        for worker, found in engine.ask(first_problem, self._elsewhere.files).items():
            if found is None:
                continue
            if self._elsewhere.required:
                raise W2VError(cannot_read(worker, str(found)))
            self._elsewhere = None
            log.info(f"the ids are sent to the workers: {worker} cannot read them itself: {found}; with TMPDIR on a "
                     "file system that all workers share they would be read there")
            return

    def arguments(self, task: Task, text: Text | None = None) -> tuple[Handle, list[Handle], list[float]]:
        """Return what `ids_of` needs for each part of the text, and the weights of the lines in which the parts begin.
        `text` is sent in place of the parts of the task."""
        shards = self._shards
        if self._elsewhere is not None and text is None:
            ranges = [(corpus, begin, end) for corpus, begin, end in
                      (shards.range_of(task.epoch, shard) for shard in task.shards) if corpus is not None]
            if len(ranges) == len(task.shards):
                if self._sent is None:
                    self._sent = self._engine.scatter(self._elsewhere)
                return (self._sent, [corpus.part(begin, end) for corpus, begin, end in ranges],
                        [shards.line_weight(corpus, begin) for corpus, begin, _ in ranges])
        texts = [shards.ids_of(task.epoch, shard) for shard in task.shards] if text is None else [text]
        return None, [self._handle(ids) for ids, _ in texts], [weight for _, weight in texts]

    def _handle(self, ids: Ids) -> Handle:
        return self._engine.scatter(ids) if ids.nbytes > INLINE_BYTES else np.array(ids)

    def reset(self) -> None:
        """Forget what was sent; the workers that had it may be lost."""
        self._sent = None


def cannot_read(worker: str, problem: str) -> str:
    """Return the message for a worker that cannot read a text that others read."""
    return (f"the worker {worker} cannot read the text as other workers do: {problem}; give it the same file at the "
            "same path, or use ids=\"memory\" or ids=\"disk\" (--ids), with which this process reads the text and "
            "sends it")


# --- in a worker ---------------------------------------------------------------------------------------------------


def ids_of(elsewhere: Elsewhere | None, part: Any) -> Ids:
    """Return the ids of a part: those that were sent, or those that are read here."""
    if elsewhere is None:
        sent: Ids = part
        return sent
    return elsewhere.read(part)
