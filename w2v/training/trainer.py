"""Training on an encoded corpus: matrices, hot loop, observers and report of one run.

Place in the data flow: encoded corpus, configuration -> `train_encoded` -> `Model`. The arithmetic of a step is shown
in `w2v.training.reference`, a thread's work is in `w2v.training.loop`, the threads are in `w2v.training.run`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v._version import __version__
from w2v.config import TrainConfig
from w2v.corpus.encoded import EncodedText, whole_lines
from w2v.corpus.vocabulary import Vocabulary
from w2v.corpus.warnings import check_learnable, text_warnings
from w2v.formats.subwords import Subwords
from w2v.keyedvectors import KeyedVectors
from w2v.system import log
from w2v.system.checksums import FileChecksum
from w2v.training.checkpoint import Checkpoint
from w2v.training.finished import finish_vectors
from w2v.training.held_out import lines as held_out_lines
from w2v.training.held_out import loss as held_out_loss
from w2v.training.initial import Initial, initial_card
from w2v.training.loop import _loop, _rows, _sampler
from w2v.training.loop.settings import LoopSettings
from w2v.training.matrices import allocate_rows, packed
from w2v.training.model import Model, TrainReport
from w2v.training.modelcard import model_card
from w2v.training.needs import Output, check_fits, check_longest_line
from w2v.training.objectives.layout import ModelLayout, layout_of, untrained_rows, word_rows
from w2v.training.observers.checkpoints import Checkpoints, Schedule
from w2v.training.observers.divergence import Divergence
from w2v.training.observers.epochs import EpochEnds
from w2v.training.observers.intervals import Intervals, Watch
from w2v.training.observers.log_lines import LogLines
from w2v.training.observers.warnings import Warnings
from w2v.training.pieces import Pieces, Shards
from w2v.training.private_rows import private_rows
from w2v.training.rounds.engine import EngineLost, RemoteEngine
from w2v.training.rounds.moments import Meetings
from w2v.training.rounds.rounds import Rounds
from w2v.training.rounds.setup import Setup
from w2v.training.run import Observer, Run
from w2v.training.status import ModelState, ModelView, OnEpochEnd
from w2v.types import Matrix

SUBSAMPLED = 0.9  # share of the known words that subsampling may leave out without a warning


def train_encoded(corpus: EncodedText, config: TrainConfig, *, threads: int, isa: str, progress: bool = True,
                  seconds_vocabulary: float = 0.0, on_epoch_end: OnEpochEnd | None = None,
                  checkpoints: Schedule | None = None, watch: Watch | None = None, initial: Initial | None = None,
                  output: Output | None = None, held_out: held_out_lines.HeldOutText | None = None,
                  file_checksums: Callable[[], list[FileChecksum]] = list, separate_epochs: bool = False,
                  engine: RemoteEngine | None = None, processes: int = 0) -> Model:
    """Train on an encoded corpus, which is not changed.

    Parameters
    ----------
    corpus : its vocabulary has all words of `initial`.
    config, threads, isa, progress, on_epoch_end : as for `w2v.train`, checked (`w2v.training.request`).
    seconds_vocabulary : time that reading the corpus took, for the report.
    checkpoints, watch, initial, output, held_out : made from the options of `w2v.train`.
    file_checksums : returns those of the files of the corpus, for the model card; called after training.
    separate_epochs : call `on_epoch_end` exactly at the end of each epoch; the threads wait meanwhile.
    engine : where the rounds of a run are trained, if not in this process.
    processes : of the engine that are on this machine and need its memory (`w2v.training.needs.rounds_bytes`).

    Returns
    -------
    The trained model with its report.

    Raises
    ------
    CorpusError : too many lines are held out, a line is too long for window = line, or no line has two words of the
        vocabulary.
    W2VError : memory or disk do not suffice, a probe word is unknown, the corpus is not that of the checkpoint, or
        training diverged.
    """
    check_fits(corpus, config, threads if engine is None else 0, output, processes)
    kept, lines = held_out_lines.split(corpus, config, held_out)
    check_learnable(kept, config.min_count)
    training = Training(kept, lines, config, threads, isa, checkpoints, watch or Watch(), initial, engine)
    training.work(progress, on_epoch_end, separate_epochs)
    return training.model(seconds_vocabulary, file_checksums())


class Training:
    """One run, from its matrices to its model.

    Parameters
    ----------
    corpus, lines : the corpus to train on, and the lines held out of it (`w2v.training.held_out.lines.split`).
    config, threads, isa, checkpoints, watch, initial, engine : see `train_encoded`.
    """

    corpus: EncodedText
    lines: held_out_lines.Lines | None
    config: TrainConfig
    threads: int
    isa: str
    checkpoints: Schedule | None
    watch: Watch
    initial: Initial | None
    saved: Checkpoint | None
    sha256: str | None
    layout: ModelLayout
    inputs: Matrix
    outputs: Matrix
    parts: dict[str, Matrix]
    loop: _loop.TrainingLoop
    view: ModelView
    held_out: held_out_loss.HeldOutLoss | None
    pieces: Pieces
    run: Run

    def __init__(self, corpus: EncodedText, lines: held_out_lines.Lines | None, config: TrainConfig, threads: int,
                 isa: str, checkpoints: Schedule | None, watch: Watch, initial: Initial | None,
                 engine: RemoteEngine | None = None) -> None:
        self.corpus, self.lines, self.config, self.threads, self.isa = corpus, lines, config, threads, isa
        self.checkpoints, self.watch, self.initial = checkpoints, watch, initial
        self.saved = None if checkpoints is None else checkpoints.resumed
        self.sha256 = None if self.saved is None else self.saved.check_corpus(corpus)
        longest_line = _longest_line(corpus, config) if config.whole_lines else 0
        vocabulary = corpus.vocabulary
        self.layout = layout_of(config, vocabulary)
        self.inputs = untrained_rows(config, vocabulary, self.layout)
        self.outputs = allocate_rows(self.layout.output_rows, config.vector_size)
        self.parts = self.layout.parts(self.inputs, self.outputs)
        held = {}
        if initial is not None:
            initial.fill(vocabulary, config, self.inputs, self.parts.get("output_vectors"), self.parts.get("nodes"))
            held = initial.held(vocabulary, self.inputs)
        if self.saved is not None:
            self.saved.load(self.parts)
            self.saved.release()
        noise = vocabulary.noise_weights(config.ns_exponent)
        sampler = _sampler.Sampler(noise)
        settings = self._settings(longest_line, held.pop("anchor", 0.0))
        keep = _keep_thresholds(vocabulary.keep_probabilities(config.sample))
        self.loop = _loop.TrainingLoop(self.inputs, self.outputs, keep, sampler, settings, tree=self.layout.tree,
                                       ngrams=self.layout.ngrams, **held)
        self.view = ModelView(vocabulary.words, self._word_rows, self._output_rows, self.state,
                              vocabulary.text_options)
        self.held_out = None if lines is None else held_out_loss.HeldOutLoss(lines, vocabulary, config, sampler)
        elsewhere = None if engine is None else (engine, Setup(
            "", settings, keep, noise, held.get("frozen"), Meetings.of(corpus, config), config.vector_size,
            config.shards, engine.threads_each if config.distributed else 1, __version__))
        self.pieces = self._pieces(elsewhere)
        self.run = Run(self.loop, corpus, config, threads, self.pieces, self.view)
        if self.saved is not None:
            self.run.restore(self.saved.state)

    def _settings(self, longest_line: int, anchor: float) -> LoopSettings:
        corpus, config, layout = self.corpus, self.config, self.layout
        return LoopSettings.of(
            config, longest_line, total_words=corpus.n_words * config.epochs, isa=self.isa, threads=self.threads,
            private_rows=private_rows(corpus.vocabulary, config, self.threads, layout.tree), anchor=anchor,
            **layout.objective.loop_settings(config))

    def _pieces(self, elsewhere: tuple[RemoteEngine, Setup] | None) -> Pieces:
        if self.config.in_rounds:
            return Rounds(self.loop, self.corpus, self.config, (self.inputs, self.outputs), self.isa, self.threads,
                          elsewhere)
        return Shards(self.loop, self.corpus, self.config, self.threads)

    def _word_rows(self, rows: npt.NDArray[np.int64]) -> Matrix:
        self.pieces.fetch()
        return word_rows(self.inputs, self.layout, rows)[:, :self.config.vector_size]

    def _output_rows(self, rows: npt.NDArray[np.int64]) -> Matrix:
        self.pieces.fetch()
        return self.outputs[self.layout.outputs["output_vectors"].start + rows, :self.config.vector_size]

    def state(self) -> ModelState:
        """Return a copy of the model between two shards, where private rows are merged; the threads wait meanwhile."""
        with self.run.paused():
            self.pieces.fetch()
            return self._state(self.inputs.copy(), self.outputs.copy())

    def _state(self, inputs: Matrix, outputs: Matrix) -> ModelState:
        """Return the model of these matrices, which must not be used afterwards (`vectors_of`)."""
        matrices = {name: outputs[rows, :self.config.vector_size] for name, rows in self.layout.outputs.items()}
        return ModelState(vectors_of(inputs, self.config, self.corpus.vocabulary, self.layout),
                          matrices.get("output_vectors"), matrices.get("nodes"))

    def work(self, progress: bool, on_epoch_end: OnEpochEnd | None, separate_epochs: bool = False) -> None:
        """Train, and call the observers that were asked for."""
        divergence = Divergence(self.parts, self.layout.untrained_loss)
        observers: list[Observer] = [divergence]
        if on_epoch_end is not None:
            observers.append(EpochEnds(on_epoch_end, separate_epochs))
        if isinstance(self.pieces, Rounds):
            observers.append(Warnings(self.pieces.messages, self.watch.log))
        if log.logger() is not None:
            observers.append(LogLines())
        if self.held_out is not None or self.watch != Watch():
            observers.append(Intervals(self.watch, self.run, self.held_out))
        if self.watch.log is not None:
            self.watch.log.write("start", **self._about(), words_done=self.run.status().words_done,
                                 resumed_from=self.saved and self.saved.path)
        try:
            self._wait(observers, divergence, progress)
        finally:
            self.pieces.close()

    def _wait(self, observers: list[Observer], divergence: Divergence, progress: bool) -> None:
        """Train to the end, with checkpoints if they were asked for."""
        if self.checkpoints is None:
            try:
                self.run.wait(observers, progress)
            except (KeyboardInterrupt, SystemExit) as stop:
                stop.add_note(f"the training so far, {self.run.share_done:.1%} of the words, is lost; with "
                              "--checkpoint FILE it would have been kept")
                raise
        else:
            keeper = Checkpoints(self.checkpoints, self.config, self.isa, self.parts, divergence, self.sha256,
                                 self._held_out_card)
            with keeper.signals():
                try:
                    self.run.wait([*observers, keeper], progress)
                except EngineLost as error:
                    raise EngineLost(f"{error}; {keeper.how_to_resume()}") from error

    def model(self, seconds_vocabulary: float, files: Sequence[FileChecksum] = ()) -> Model:
        """Return the trained model with its report and its model card, which has the checksums of `files`."""
        held_out = None if self.held_out is None else self.held_out.mean(self.view)
        finish_vectors(self.parts["vectors"], self.parts.get("output_vectors"), self.config)
        config, state = self.config, self._state(self.inputs, self.outputs)
        wv = state.wv
        report = self._report(seconds_vocabulary, wv, held_out)
        if self.watch.log is not None:
            self.watch.log.write("end", **report.to_dict())
        wv.metadata = model_card(config, self.corpus, isa=self.isa, threads=self.threads, loss=report.loss,
                                 rollbacks=self.run.rollbacks, stopped_early=self.run.stopped_early, sha256=self.sha256,
                                 held_out=self._held_out_card, files=files)
        if report.initial is not None and report.drift is not None:
            wv.metadata["initial"] = initial_card(report.initial, report.drift)
        of_words = state.node_vectors if state.output_vectors is None else state.output_vectors
        assert of_words is not None, "an objective has an output layer"
        return Model(wv, of_words, config, report, state.node_vectors)

    def _report(self, seconds_vocabulary: float, wv: KeyedVectors, loss_held_out: float | None) -> TrainReport:
        run, initial, vocabulary = self.run, self.initial, self.corpus.vocabulary
        loss_sum, pairs = self.loop.progress.loss
        return TrainReport(
            **self._words(), vocabulary=len(vocabulary), epochs=self.config.epochs,
            seconds_vocabulary=seconds_vocabulary, seconds_training=run.seconds, threads=self.threads, isa=self.isa,
            loss=loss_sum / pairs if pairs else float("nan"),
            loss_held_out=loss_held_out,
            held_out=None if self.held_out is None else self.held_out.about,
            stopped_early=run.stopped_early, corpus=self.corpus.report,
            resumed_from=None if self.saved is None else self.saved.path, checkpoints=run.checkpoints,
            seconds_paused=run.seconds_paused, rollbacks=len(run.rollbacks), ids=self.corpus.place,
            initial=None if initial is None else initial.report(vocabulary, self.config),
            drift=None if initial is None else initial.drift(wv), warnings=self._warnings(),
            engine=self.pieces.report if isinstance(self.pieces, Rounds) else None)

    def _warnings(self) -> list[str]:
        corpus, run = self.corpus.report, self.run
        too_strong = (f"sample = {self.config.sample:g} is too strong for a vocabulary of "
                      f"{len(self.corpus.vocabulary):,} words; use sample = 0")
        found = text_warnings(corpus.traits, unknown=corpus.words_unknown / max(corpus.words, 1),
                              min_count=self.config.min_count)
        share = run.subsampled / max(run.trained + run.subsampled, 1)
        nothing = self.initial is None and not self.loop.progress.loss[1] and not self.outputs.any()
        if nothing and run.stopped_early is None:  # the output rows begin as zeros
            found.append("no window had two words, so the vectors are not trained: subsampling left out "
                         f"{100 * share:.0f} % of the known words; {too_strong}")
        elif share > SUBSAMPLED:
            found.append(f"subsampling left out {100 * share:.0f} % of the known words: {too_strong}"
                         + ("" if corpus.graph else " or a smaller min_count"))
        return found

    def _about(self) -> dict[str, Any]:
        """Return the fields of the "start" line of the log."""
        about = {"version": __version__, "config": dataclasses.asdict(self.config), "threads": self.threads,
                 "isa": self.isa, "words": self.run.total_words, "corpus": dataclasses.asdict(self.corpus.report)}
        if self.held_out is not None:
            about["held_out"] = dataclasses.asdict(self.held_out.about)
        return about

    @property
    def _held_out_card(self) -> dict[str, Any] | None:
        """Entry of the model card for a separate held-out text."""
        return None if self.lines is None else self.lines.text

    def _words(self) -> dict[str, Any]:
        """Return the word counts and the rate of the report."""
        run, lines, epochs = self.run, self.lines, self.config.epochs
        taken_out = 0 if lines is None or lines.text is not None else len(lines.words)
        words_read, unknown = self.corpus.words_read(epochs) or (run.trained + run.subsampled, 0)
        held_out = taken_out * epochs
        if run.stopped_early is not None:
            done = run.trained + run.subsampled
            unknown, held_out = (round(count * done / run.total_words) for count in (unknown, held_out))
            words_read = done + unknown + held_out
        return {"words_read": words_read, "words_trained": run.trained, "words_subsampled": run.subsampled,
                "words_unknown": unknown, "words_held_out": held_out,
                "words_per_second": (run.trained + run.subsampled) / max(run.seconds, 1e-9)}


def vectors_of(input_vectors: Matrix, config: TrainConfig, vocabulary: Vocabulary, layout: ModelLayout) -> KeyedVectors:
    """Return the words with their vectors: a view of the input matrix or, with n-grams, composed from it.

    With n-grams, `input_vectors` must not be used afterwards: the rows of the n-grams are packed in place.
    """
    size, n = config.vector_size, len(vocabulary)
    vectors, subwords = input_vectors[:, :size], None
    if layout.ngrams is not None:
        vectors = word_rows(input_vectors, layout, np.arange(n))[:, :size]
        subwords = Subwords(packed(input_vectors[n:], size), size, config.minn, config.maxn)
    wv = KeyedVectors(vocabulary.words, vectors, vocabulary.counts, source="trained by w2v", distinct=True)
    wv.subwords, wv.integer_keys = subwords, vocabulary.integer_keys
    wv.text_options = vocabulary.text_options
    return wv


def _longest_line(corpus: EncodedText, config: TrainConfig) -> int:
    """Return the number of known words of the longest line to train on, without held-out lines.

    Raises
    ------
    CorpusError : it is too long (`check_longest_line`).
    """
    longest = max(map(_rows.longest_line, whole_lines(corpus.scan())), default=0)
    check_longest_line(longest, config)
    return longest


def _keep_thresholds(probabilities: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.uint32]:
    """Return a threshold for each word, which is kept if 32 random bits do not exceed it."""
    scaled = np.floor(np.asarray(probabilities, np.float64) * 2.0**32) - 1
    thresholds: npt.NDArray[np.uint32] = np.clip(scaled, 0, 2.0**32 - 1).astype(np.uint32)
    return thresholds
