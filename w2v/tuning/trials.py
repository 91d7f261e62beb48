"""Training and scoring of configurations.

Place in the data flow: `Candidate`, share of the lines -> `Trials.run` -> `Trial`, for `w2v.tuning.halving`.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any, Protocol

from w2v.errors import StopTraining, W2VError
from w2v.keyedvectors import KeyedVectors
from w2v.system.interval import Interval
from w2v.training.model import Model
from w2v.training.observers.intervals import IntervalStats, Watch
from w2v.training.status import ModelView
from w2v.training.trainer import train_encoded
from w2v.tuning.candidates import Candidate
from w2v.tuning.metric import DRAWS, KEPT_BACK, SEARCH, Metric, score_of
from w2v.tuning.samples import Samples
from w2v.tuning.trial import OUT_OF_TIME, Trial

_LOOK = Interval.of("1s", "interval")  # between two looks at the clock


class Train(Protocol):
    """Trains on an encoded corpus: `w2v.training.trainer.train_encoded`, or what a test has in its place."""

    def __call__(self, corpus: Any, config: Any, *, threads: int, isa: str, progress: bool, watch: Watch) -> Model: ...


class Trials:
    """Trains and scores configurations.

    Parameters
    ----------
    samples, metric : what to train on, and what to measure.
    threads, isa : as for `train_encoded`.
    most_min_count : the largest `min_count` of all configurations. Models are compared on the words that occur so
        often, which all of them have.
    clock : returns seconds.
    train : trains a model.
    """

    def __init__(self, samples: Samples, metric: Metric, threads: int, isa: str, most_min_count: int, *,
                 clock: Callable[[], float] = time.monotonic, train: Train = train_encoded) -> None:
        self._samples, self._metric, self._threads, self._isa = samples, metric, threads, isa
        self._most_min_count, self._clock, self._train = most_min_count, clock, train

    def run(self, candidate: Candidate, share: float, deadline: float | None,
            keep_back: Callable[[float], bool]) -> Trial:
        """Train a configuration on a sample, and score it.

        Parameters
        ----------
        deadline : when training ends early; None for never. Such a trial has no score, and the problem OUT_OF_TIME.
        keep_back : says for a score whether the half that is kept back is measured too.

        Returns
        -------
        The trial. One that diverges or does not fit in memory has no score, but a `problem`.
        """
        begun = self._clock()
        failed = Trial(candidate.number, candidate.name, candidate.options, share, None)
        try:
            config = candidate.config
            text = self._samples.at(share, config.min_count)
            begun = self._clock()  # the first trial of a sample makes it
            if deadline is not None and begun >= deadline:
                return dataclasses.replace(failed, problem=OUT_OF_TIME)
            model = self._train(text, config, threads=self._threads, isa=self._isa, progress=False,
                                watch=self._watch(deadline))
        except (W2VError, MemoryError) as error:
            return dataclasses.replace(failed, problem=str(error) or "not enough memory",
                                       seconds=self._clock() - begun)
        if model.report.stopped_early is not None:
            return dataclasses.replace(failed, problem=OUT_OF_TIME, seconds=self._clock() - begun)
        kv = self._common(model.wv)
        values = self._metric.values(kv, SEARCH)
        score = score_of(values)
        seconds = self._clock() - begun
        kept = self._metric.values(kv, KEPT_BACK, DRAWS) if score is not None and keep_back(score) else []
        return dataclasses.replace(failed, score=score, values=tuple(values), kept_back=tuple(kept), seconds=seconds,
                                   seconds_training=model.report.seconds_training,
                                   words_per_second=model.report.words_per_second,
                                   problem="" if score is not None else "no item of the metric has known words")

    def _watch(self, deadline: float | None) -> Watch:
        """Return what looks at the clock while a model is trained."""
        if deadline is None:
            return Watch()

        def look(view: ModelView, stats: IntervalStats) -> None:
            if self._clock() > deadline and not stats.ended:
                raise StopTraining(OUT_OF_TIME)

        return Watch(_LOOK, call=look)

    def _common(self, kv: KeyedVectors) -> KeyedVectors:
        """Return the words that all configurations have."""
        assert kv.counts is not None
        n = int((kv.counts >= self._most_min_count).sum())
        if n == len(kv):
            return kv
        found = KeyedVectors(kv.index_to_key[:n], kv.vectors[:n], kv.counts[:n])
        found.integer_keys, found.text_options = kv.integer_keys, kv.text_options
        return found
