"""One trial: a configuration trained on a sample, and its score.

Place in the data flow: `Candidate`, share of the lines -> `Trials.run` -> `Trial`, for `w2v.tuning.halving`.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from w2v.errors import StopTraining, W2VError
from w2v.keyedvectors import KeyedVectors
from w2v.system.interval import Interval
from w2v.training.model import Model
from w2v.training.observers.intervals import IntervalStats, Watch
from w2v.training.status import ModelView
from w2v.training.trainer import train_encoded
from w2v.tuning.candidates import Candidate
from w2v.tuning.metric import DRAWS, KEPT_BACK, SEARCH, Metric, Value, score_of
from w2v.tuning.samples import Samples

OUT_OF_TIME = "out of time"  # problem of a trial that the end of the budget cut off

_LOOK = Interval.of("1s", "interval")  # between two looks at the clock


@dataclass(frozen=True)
class Trial:
    """A configuration that was trained.

    Attributes
    ----------
    number, name, options : see `Candidate`.
    share : of the lines that it was trained on.
    score : mean of the values on the half that is searched on; None if it failed.
    values : of each set or measure on that half.
    kept_back : values with intervals on the other half; empty if they were not measured.
    seconds : of training and scoring.
    words_per_second : of training.
    elapsed : seconds of the search at the end of the trial.
    problem : why it failed; empty if it did not.
    """

    number: int
    name: str
    options: dict[str, Any]
    share: float
    score: float | None
    values: tuple[Value, ...] = ()
    kept_back: tuple[Value, ...] = ()
    seconds: float = 0.0
    words_per_second: float = 0.0
    elapsed: float = 0.0
    problem: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Trial:
        """Return the trial that has these values.

        Raises
        ------
        KeyError, TypeError, ValueError : a value is missing or of another type.
        """
        own = {spec.name: values[spec.name] for spec in dataclasses.fields(cls)}
        for name in ("values", "kept_back"):
            own[name] = tuple(_value(one) for one in own[name])
        score = own["score"]
        if not isinstance(own["options"], dict) or not isinstance(own["number"], int) or not (
                score is None or isinstance(score, (int, float))):
            raise ValueError("no trial")
        window = own["options"].get("window")
        own["options"] = {**own["options"], **({"window": tuple(window)} if isinstance(window, list) else {})}
        return cls(**own)


def share_name(share: float) -> str:
    """Return the share of a sample as a fraction: "1/9", or "all"."""
    return "all" if share >= 1 else f"1/{round(1 / share)}"


def _value(values: Mapping[str, Any]) -> Value:
    around = values["interval"]
    return Value(values["name"], values["value"], None if around is None else (float(around[0]), float(around[1])),
                 values["used"], values["total"])


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
