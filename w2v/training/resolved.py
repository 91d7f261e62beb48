"""A training run whose options are checked: `ResolvedRun`, and the files and vectors that it needs before it starts.

Place in the data flow: `RunRequest.resolve` -> `ResolvedRun` -> `prepare` -> `w2v.training.train.train_resolved`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from w2v.config import MOST_SHARDS, TrainConfig
from w2v.corpus.paths import CorpusInput
from w2v.errors import W2VError
from w2v.formats import check_words
from w2v.system.files import check_writable
from w2v.system.interval import Interval
from w2v.system.jsonlog import JsonLog
from w2v.system.log import info
from w2v.training.checkpoint import Checkpoint, Request
from w2v.training.initial import Initial, read_initial
from w2v.training.needs import Output
from w2v.training.observers.checkpoints import Schedule
from w2v.training.run_options import RunOptions

# Options that `ResolvedRun.storing_options` stores in a checkpoint: paths, as absolute paths, and plain values.
STORED_PATHS = ("output", "save_vocab", "log_json", "init", "phrases")
STORED_VALUES = ("binary", "format", "probe", "log_every", "save_output_vectors", "freeze", "anchor", "engine",
                  "scheduler")


@dataclass(frozen=True)
class ResolvedRun:
    """A training run whose options are complete and checked.

    Attributes
    ----------
    request : the request, with its checkpoint open.
    corpus, config, threads, isa : what to train on, and how.
    saved : the checkpoint to resume from.
    output : the file of the vectors, if it is known.
    ids, places : where the ids are to be, one of `w2v.corpus_options.IDS`, and the places that this stands for.
    log_every : None for the default interval.
    checkpoint, checkpoint_every : file of checkpoints, None for none; time between them.
    initial, schedule : old vectors to start from, and what checkpoints store of the request; set by `prepare`.
    """

    request: RunOptions
    corpus: CorpusInput
    config: TrainConfig
    threads: int
    isa: str
    saved: Checkpoint | None
    output: Output | None
    log_every: Interval | None
    checkpoint: str | None
    checkpoint_every: Interval
    ids: str
    places: tuple[str, ...]
    initial: Initial | None = None
    schedule: Schedule | None = None

    @property
    def in_process(self) -> bool:
        """Whether the run is trained by the threads of this process."""
        return self.request.in_process

    def with_workers(self, workers: int) -> ResolvedRun:
        """Return the run on a cluster of so many workers: if it is not reproducible, each has a shard."""
        given = self.request.config is not None or "shards" in self.request.options or self.saved is not None
        if given or not self.config.distributed:
            return self
        return replace(self, config=replace(self.config, shards=min(workers, MOST_SHARDS)))

    @property
    def processes(self) -> int:
        """How many processes of a cluster on this machine train the run; 0 if none does."""
        return self.threads if self.request.engine == "dask" and self.request.scheduler is None else 0

    def storing_options(self, notes: Mapping[str, Any]) -> ResolvedRun:
        """Store the options that a checkpoint does not store otherwise in its notes, for `RunRequest.continued`.

        Parameters
        ----------
        notes : further plain values to store.
        """
        request = self.request
        if request.is_text_by_default():
            request = replace(request, binary=0)
        paths = {name: os.path.abspath(path) for name in STORED_PATHS if (path := getattr(request, name))}
        values = {name: getattr(request, name) for name in STORED_VALUES}
        if not isinstance(request.engine, str):  # a client
            values["engine"] = None
        return replace(self, request=replace(request, threads=self.threads,
                                             checkpoint_notes={**paths, **values, **notes}))

    def prepare(self) -> ResolvedRun:
        """Check that the files can be written, and read the vectors to start from; before any long work.

        Raises
        ------
        ValueError : the vectors do not fit the options or the format of the output.
        W2VError : a file cannot be written or read, or would overwrite a checkpoint.
        """
        request = self.request
        self._check_moved()
        for path in (None if self.output is None else self.output.path, request.save_vocab):
            if path is not None:
                check_writable(path)
        initial, config = self._initial()
        run = replace(self, corpus=self._corpus_as(initial), config=config, initial=initial)
        return replace(run, schedule=run._schedule(initial, config))

    def _corpus_as(self, initial: Initial | None) -> CorpusInput:
        """The corpus; if no option says how its text becomes words, it is read as the text of the old vectors was."""
        text = None if initial is None else initial.old.text_options
        if text is None or self.corpus.array is not None or self.corpus.text.changes_text:
            return self.corpus
        info(f"the text is read as that of the initial vectors: {text.to_dict()}")
        return replace(self.corpus, text=text, stored=True)

    def _check_moved(self) -> None:
        """Check that the files of the corpus are where the checkpoint says, unless the corpus was given again.

        Raises
        ------
        W2VError : one is missing; says how to give the new place.
        """
        if self.saved is None or self.request.corpus is not None or self.corpus.paths is None:
            return
        try:
            for path in self.corpus.files:
                self.corpus.size(path)
        except W2VError as error:
            raise W2VError(f"{error}; if the corpus of the run has moved: {self.saved.how_to_move()}") from error

    @contextmanager
    def log(self) -> Iterator[JsonLog | None]:
        """Open the JSON log, if there is one; a log that the caller opened stays open."""
        log = self.request.log_json
        if log is None or isinstance(log, JsonLog):
            yield log
        else:
            with JsonLog(log) as opened:
                yield opened

    def _initial(self) -> tuple[Initial | None, TrainConfig]:
        """The vectors to start from, and the configuration, whose dimension is theirs unless it was given."""
        request = self.request
        if request.init is None:
            return None, self.config
        initial = read_initial(request.init)
        initial.hold(request.freeze, request.anchor or 0.0)
        if self.output is not None:
            check_words(initial.words, self.output.format)
        sized = request.config is not None or "vector_size" in request.options or self.saved is not None
        return initial, initial.fit(self.config, sized)

    def _schedule(self, initial: Initial | None, config: TrainConfig) -> Schedule | None:
        """The place and the time of checkpoints, if there are any.

        Raises
        ------
        ValueError : the resumed run started from other vectors, or from none.
        W2VError : the checkpoint cannot be written, or would overwrite another one.
        """
        saved, path, request = self.saved, self.checkpoint, self.request
        if path is None:
            return None
        started = None if initial is None else str(initial)
        if saved is not None and saved.request.initial != started:
            raise ValueError(f"the run in {saved.path} began with {saved.request.initial or 'no initial vectors'}, "
                             f"not with {started or 'none'}: pass the same init, freeze and anchor again")
        if not request.replace_checkpoint and os.path.exists(path) and not (
                saved is not None and os.path.samefile(path, saved.path)):
            raise W2VError(f"{path} already exists; continue the run in it with --resume, or remove it first")
        check_writable(path, compress=False)
        held_out = config.held_out if isinstance(config.held_out, str) else None
        stored = Request(self.corpus.absolute_paths(), request.threads or self.threads, self.checkpoint_every.text,
                         dict(request.checkpoint_notes), started, held_out, self.corpus.options, self.ids)
        return Schedule(path, self.checkpoint_every, stored, saved)
