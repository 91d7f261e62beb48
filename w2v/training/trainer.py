"""From an encoded corpus to a model: the matrices, the loop over them, and all that looks at it.

What happens inside of a thread is in `w2v/training/loop/_loop.pyx`; what one step computes is in `w2v/training/reference.py`; the threads are
those of `w2v/training/run.py`.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v._version import __version__
from w2v.config import TrainConfig
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import CorpusError
from w2v.formats.subwords import Subwords
from w2v.keyedvectors import KeyedVectors
from w2v.training.held_out import lines as held_out_lines
from w2v.training.held_out import loss as held_out_loss
from w2v.training.initial import Initial, initial_card
from w2v.training.loop import _loop, _rows, _sampler
from w2v.training.loop.settings import LoopSettings
from w2v.training.matrices import allocate_rows, packed
from w2v.training.model import Model, TrainReport
from w2v.training.modelcard import model_card
from w2v.training.needs import Output, check_fits
from w2v.training.objective import Objective, objective_of, untrained_rows, word_rows
from w2v.training.observers.checkpoints import Checkpoints, Schedule
from w2v.training.observers.divergence import Divergence
from w2v.training.observers.epochs import EpochEnds
from w2v.training.observers.intervals import Intervals, Watch
from w2v.training.private_rows import private_rows
from w2v.training.run import Observer, Run
from w2v.training.status import ModelView, OnEpochEnd
from w2v.types import Matrix


def train_encoded(corpus: EncodedCorpus, config: TrainConfig, *, threads: int, isa: str, progress: bool = True,
                  seconds_vocabulary: float = 0.0, on_epoch_end: OnEpochEnd | None = None,
                  checkpoints: Schedule | None = None, watch: Watch | None = None, initial: Initial | None = None,
                  output: Output | None = None, held_out: held_out_lines.HeldOutText | None = None) -> Model:
    """Train on a corpus that is already encoded, whose vocabulary has all words of `initial`; parameters as in
    `w2v.train`, whose options `checkpoints`, `watch`, `initial` and `held_out` are made of."""
    held_out_loss.check(config)
    check_fits(corpus, config, threads, output)
    with held_out_lines.held_out(corpus, config, held_out) as (kept, lines):
        training = _Training(kept, lines, config, threads, isa, checkpoints, watch or Watch(), initial)
        training.work(progress, on_epoch_end)
        return training.model(seconds_vocabulary)


class _Training:
    """One run, from its matrices to its model. `lines` are held out: the corpus has none of them."""

    def __init__(self, corpus: EncodedCorpus, lines: held_out_lines.Lines | None, config: TrainConfig, threads: int, isa: str,
                 checkpoints: Schedule | None, watch: Watch, initial: Initial | None) -> None:
        self.corpus, self.lines, self.config, self.threads, self.isa = corpus, lines, config, threads, isa
        self.checkpoints, self.watch, self.initial = checkpoints, watch, initial
        self.saved = None if checkpoints is None else checkpoints.resumed
        self.sha256 = None if self.saved is None else self.saved.check_corpus(corpus)
        _check_lines(corpus, config)
        vocabulary = corpus.vocabulary
        self.objective = objective_of(config, vocabulary)
        self.inputs = untrained_rows(config, vocabulary, self.objective)
        self.outputs = allocate_rows(self.objective.output_rows, config.vector_size)
        self.parts = self.objective.parts(self.inputs, self.outputs)
        held = {}
        if initial is not None:
            initial.fill(vocabulary, config, self.inputs, self.parts.get("output_vectors"), self.parts.get("nodes"))
            held = initial.held(vocabulary, self.inputs)
        if self.saved is not None:
            self.saved.load(self.parts)
            self.saved.release()
        sampler = _sampler.Sampler(vocabulary.noise_weights(config.ns_exponent))
        self.shards = self._shards(sampler, held)
        self.view = ModelView(vocabulary.words, self._word_rows, self._output_rows)
        self.held_out = None if lines is None else held_out_loss.HeldOutLoss(lines, vocabulary, config, sampler)
        self.run = Run(self.shards, corpus, config, threads, self.view)
        if self.saved is not None:
            self.run.restore(self.saved.state)

    def _shards(self, sampler: _sampler.Sampler, held: dict[str, Any]) -> _loop.TrainingLoop:
        corpus, config, objective = self.corpus, self.config, self.objective
        keep = _keep_thresholds(corpus.vocabulary.keep_probabilities(config.sample))
        settings = LoopSettings.of(
            config, corpus.ids, total_words=corpus.n_words * config.epochs, isa=self.isa, threads=self.threads,
            private_rows=private_rows(corpus.vocabulary, config, self.threads, objective.tree),
            anchor=held.pop("anchor", 0.0))
        return _loop.TrainingLoop(self.inputs, self.outputs, corpus.ids, keep, sampler, settings, tree=objective.tree,
                                  ngrams=objective.ngrams, **held)

    def _word_rows(self, rows: npt.NDArray[np.int64]) -> Matrix:
        return word_rows(self.inputs, self.objective, rows)[:, :self.config.vector_size]

    def _output_rows(self, rows: npt.NDArray[np.int64]) -> Matrix:
        return self.outputs[self.objective.nodes + rows, :self.config.vector_size]

    def work(self, progress: bool, on_epoch_end: OnEpochEnd | None) -> None:
        """Train, while everything that was asked for looks on."""
        divergence = Divergence(self.parts, self.objective.untrained_loss)
        observers: list[Observer] = [divergence]
        if on_epoch_end is not None:
            observers.append(EpochEnds(on_epoch_end))
        if self.held_out is not None or self.watch != Watch():
            observers.append(Intervals(self.watch, self.run, self.held_out))
        if self.watch.log is not None:
            self.watch.log.write("start", **self._about(), resumed_from=self.saved and self.saved.path)
        if self.checkpoints is None:
            self.run.wait(observers, progress)
        else:
            keeper = Checkpoints(self.checkpoints, self.config, self.isa, self.parts, divergence, self.sha256,
                                 self._text_held_out)
            with keeper.signals():
                self.run.wait([*observers, keeper], progress)

    def model(self, seconds_vocabulary: float) -> Model:
        """The trained model with its report and its model card."""
        config, nodes, size = self.config, self.objective.nodes, self.config.vector_size
        wv = vectors_of(self.inputs, config, self.corpus.vocabulary, self.objective)
        report = self._report(seconds_vocabulary, wv)
        if self.watch.log is not None:
            self.watch.log.write("end", **report.as_dict())
        wv.metadata = model_card(config, self.corpus, isa=self.isa, threads=self.threads, loss=report.loss,
                                 rollbacks=self.run.rollbacks, stopped_early=self.run.stopped_early, sha256=self.sha256,
                                 held_out=self._text_held_out)
        if report.initial is not None and report.drift is not None:
            wv.metadata["initial"] = initial_card(report.initial, report.drift)
        outputs, tree = self.outputs[nodes:, :size], self.outputs[:nodes, :size]
        return Model(wv, outputs if config.negative else tree, config, report, tree if config.hs else None)

    def _report(self, seconds_vocabulary: float, wv: KeyedVectors) -> TrainReport:
        run, initial, vocabulary = self.run, self.initial, self.corpus.vocabulary
        loss_sum, pairs = self.shards.progress.loss
        return TrainReport(
            **self._words(), vocabulary=len(vocabulary), epochs=self.config.epochs,
            seconds_vocabulary=seconds_vocabulary, seconds_training=run.seconds, threads=self.threads, isa=self.isa,
            loss=loss_sum / pairs if pairs else float("nan"),
            loss_held_out=None if self.held_out is None else self.held_out.mean(self.view),
            held_out=None if self.held_out is None else self.held_out.about,
            stopped_early=run.stopped_early, corpus=self.corpus.report,
            resumed_from=None if self.saved is None else self.saved.path, checkpoints=run.checkpoints,
            seconds_paused=run.seconds_paused, rollbacks=len(run.rollbacks),
            initial=None if initial is None else initial.report(vocabulary, self.config),
            drift=None if initial is None else initial.drift(wv))

    def _about(self) -> dict[str, Any]:
        """What a log says of a run as it begins."""
        about = {"version": __version__, "config": dataclasses.asdict(self.config), "threads": self.threads,
                 "isa": self.isa,
                 "words": self.run.total_words, "corpus": dataclasses.asdict(self.corpus.report)}
        if self.held_out is not None:
            about["held_out"] = dataclasses.asdict(self.held_out.about)
        return about

    @property
    def _text_held_out(self) -> dict[str, Any] | None:
        """What the model card says of a text of its own that is held out."""
        return None if self.lines is None else self.lines.text

    def _words(self) -> dict[str, Any]:
        """The word counts of a report, and its rate."""
        run, report, lines, epochs = self.run, self.corpus.report, self.lines, self.config.epochs
        taken_out = 0 if lines is None or lines.text is not None else len(lines.words)
        unknown, held_out = report.words_unknown * epochs, taken_out * epochs
        if run.stopped_early is None:
            words_read = report.words * epochs
        else:
            done = run.trained + run.subsampled
            unknown, held_out = (round(count * done / run.total_words) for count in (unknown, held_out))
            words_read = done + unknown + held_out
        return {"words_read": words_read, "words_trained": run.trained, "words_subsampled": run.subsampled,
                "words_unknown": unknown, "words_held_out": held_out,
                "words_per_second": words_read / max(run.seconds, 1e-9)}


def vectors_of(input_vectors: Matrix, config: TrainConfig, vocabulary: Vocabulary,
               objective: Objective) -> KeyedVectors:
    """The words with their vectors, which are rows of the input matrix (a view), or made of these and of n-grams."""
    size, n = config.vector_size, len(vocabulary)
    vectors, subwords = input_vectors[:, :size], None
    if objective.ngrams is not None:
        vectors = word_rows(input_vectors, objective, np.arange(n))[:, :size]
        subwords = Subwords(packed(input_vectors[n:], size), size, config.minn, config.maxn)
    wv = KeyedVectors(vocabulary.words, vectors, vocabulary.counts, source="trained by w2v", distinct=True)
    wv.subwords = subwords
    return wv


def _check_lines(corpus: EncodedCorpus, config: TrainConfig) -> None:
    """Raise CorpusError if a line is too long to be one window. No line has more known words than the longest had words
    of any kind when it was read, so the ids are looked through only where that is too many."""
    if not config.whole_lines or corpus.report.longest_line <= _rows.LONGEST_WINDOW:
        return
    if (longest := _rows.longest_line(corpus.ids)) > _rows.LONGEST_WINDOW:
        raise CorpusError(
            f"window = line trains all pairs of the words of a line, but the longest line has {longest:,} known words, "
            f"which is {longest / 1e6 * longest:,.0f} million pairs; the limit is {_rows.LONGEST_WINDOW:,} words: cut "
            "the lines, or give a window in words, for example 5")


def _keep_thresholds(probabilities: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.uint32]:
    """A word is kept if 32 random bits are not above its threshold."""
    scaled = np.floor(np.asarray(probabilities, np.float64) * 2.0**32) - 1
    thresholds: npt.NDArray[np.uint32] = np.clip(scaled, 0, 2.0**32 - 1).astype(np.uint32)
    return thresholds
