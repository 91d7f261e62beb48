"""`w2v.tune`: from a corpus and a measure to the options for `w2v.train`.

Place in the data flow: arguments -> `w2v.training.request` (checks) -> corpus read and encoded -> `Halving` ->
`TuneResult`.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Unpack

from w2v.config import TrainOptions, with_options
from w2v.config_values import WHOLE_LINE
from w2v.corpus.encoded import EncodedText, corpus_checksum
from w2v.corpus.paths import Corpus, CorpusInput
from w2v.corpus_options import CORPUS_OPTIONS
from w2v.errors import W2VError
from w2v.phrases import FrozenPhrases
from w2v.system.interval import Interval
from w2v.system.plain import printable
from w2v.training.option_names import checked_names
from w2v.training.request import RunRequest
from w2v.training.resolved import ResolvedRun
from w2v.training.train import read_corpus
from w2v.tuning.candidates import Candidates
from w2v.tuning.halving import ETA, Halving
from w2v.tuning.importance import importances
from w2v.tuning.metric import Metric, halves_of, read_metric
from w2v.tuning.result import TuneResult, train_command
from w2v.tuning.samples import Samples
from w2v.tuning.space import SESSIONS, WORDS, Choice, Range, Space, Values, chosen_space
from w2v.tuning.state import State
from w2v.tuning.trial import Trial, share_name
from w2v.tuning.trials import Trials
from w2v.types import StrPath

LEAST_WORDS = 300_000  # of the smallest sample: smaller ones are mostly noise
LEAST_ITEMS = 30  # of a set that have known words in the smallest sample
LEAST_KNOWN = 0.3  # share of the items known in the whole text that have known words in the smallest sample
MOST_RUNGS = 9

_UNUSED = {
    "held_out": "the search holds lines out by itself where it needs them",
    "line_weights": "samples of lines with weights are not supported",
}
"""Options of training that a search does not take, and why."""

OnTrial = Callable[[Trial], object]


@with_options
def tune(
    corpus: Corpus,
    *,
    metric: str | Sequence[StrPath] = (),
    budget: str | float | None = None,
    trials: int | None = None,
    search: Mapping[str, Values] | None = None,
    rungs: int | None = None,
    datasets: StrPath | None = None,
    state: StrPath | None = None,
    resume: bool = False,
    threads: int | str | None = None,
    isa: str | None = None,
    progress: bool = True,
    on_trial: OnTrial | None = None,
    preset: str | None = None,
    phrases: FrozenPhrases | StrPath | None = None,
    ids: str | None = None,
    **options: Unpack[TrainOptions],
) -> TuneResult:
    """Search for the hyper-parameters that suit a corpus, by successive halving.

    Configurations - the defaults, the presets, and random ones - are trained on a small sample of the lines; the best
    third of them on three times as many lines, and so on up to the whole text. Half of the items of a metric decide;
    the other half measures the winner and the defaults at the end.

    Parameters
    ----------
    corpus : as for `w2v.train`; it is read once.
    metric : name or path of a set of analogies or similarity that `w2v.evaluate` knows; or, for lines of items, "hit@K"
        (such as "hit@10") or "mrr": the last item of held-out lines is predicted from the one before, and these lines
        are trained on without it. Of a list the mean is maximised.
    budget : time of the whole search with reading: "20m", "90s", "2h", or seconds. It decides how many configurations
        are tried, and how large the largest sample is; a trial that is too long for it is cut off.
    trials : number of configurations of the first rung, instead of the budget, or at most so many within it. With
        `threads=1`, or with `reproducible` and any number of threads, the same search gives the same result.
    search : values to try by setting, in place of the default ones: a range (low, high), a list, or text such as
        "2..20" or "5,10,line". `w2v.tuning.space.SEARCHED` are the settings.
    rungs : number of samples, 1 to 9; each has a third of the lines of the next one, and the last has all of them. None
        for as many as the corpus and the metric allow.
    datasets : folder in which names of sets are looked for first.
    state : file that receives a line of JSON after each trial.
    resume : continue the search in `state`; all but `budget`, `trials`, `rungs` and `threads` must be the same.
    threads, isa, preset, phrases, ids : as for `w2v.train`; `preset` replaces the defaults.
    progress : show the progress on stderr: reading, and a line for each trial.
    on_trial : called with each new `Trial`.
    options : hyper-parameters and options of the corpus, as for `w2v.train`. Those that are given are not searched;
        `seed` is also that of the search.

    Returns
    -------
    TuneResult : `best`, the options for `w2v.train`; `command`, the command line; all `trials`; what mattered.

    Raises
    ------
    ValueError, TypeError : an option, the metric or the space is wrong; names it.
    W2VError : the corpus or a set cannot be read or is too small, the budget is too small for one trial, all trials of
        the first rung failed, or the state file cannot be used.

    Source
    ------
    Jamieson & Talwalkar 2016 (1502.07943); Li et al. 2018 (1603.06560); samples for the settings of word2vec:
    Chamberlain, Rossi, Shiebler, Sedhain & Bronstein 2020 (2009.12192).

    Examples
    --------
    >>> found = w2v.tune("corpus.txt", metric="ws353", budget="20m")
    >>> model = w2v.train("corpus.txt", **found.best)
    >>> w2v.tune("sessions.txt", metric="hit@10", budget="1h", search={"window": (1, 50)}, vector_size=100)
    """
    started = time.monotonic()
    fixed = dict(checked_names({name: value for name, value in options.items() if name not in CORPUS_OPTIONS}))
    limits = _Limits.of(budget, trials, rungs, started)
    for name, why in _UNUSED.items():
        if fixed.get(name):
            raise ValueError(f"{name} = {fixed[name]!r} cannot be used with tune: {why}")
    if resume and state is None:
        raise ValueError("resume needs state, the file of the search")
    request = RunRequest(corpus=CorpusInput.of(corpus, options), options=options, preset=preset, threads=threads,
                         isa=isa, progress=progress, phrases=phrases, ids=ids)
    run = request.resolve()
    measured = read_metric(metric, datasets, run.config.seed)
    space = chosen_space(SESSIONS if measured.of_sessions else WORDS, search, fixed)
    candidates = Candidates(space, fixed, search or (), preset, run.config.seed)
    task = _Task(run.prepare(), measured, space, candidates, limits, fixed,
                 {name: value for name, value in options.items() if name in CORPUS_OPTIONS})
    shown = [one for one in (_show if progress else None, on_trial) if one is not None]
    with ExitStack() as stack:
        file = None if state is None else stack.enter_context(State(state, resume))
        return task.searched(file, shown)


@dataclass(frozen=True)
class _Limits:
    """How much is searched: seconds, configurations, samples; and when the search began."""

    budget: float | None
    trials: int | None
    rungs: int | None
    started: float

    @classmethod
    def of(cls, budget: str | float | None, trials: int | None, rungs: int | None, started: float) -> _Limits:
        """Check the limits.

        Raises
        ------
        ValueError, TypeError : one is wrong, or there is neither a budget nor a number of trials.
        """
        for name, value, high in (("trials", trials, 1_000_000), ("rungs", rungs, MOST_RUNGS)):
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int):
                raise TypeError(f"{name} must be a whole number, not {value!r}")
            if not 1 <= value <= high:
                raise ValueError(f"{name} = {value} is out of range: 1 to {high}")
        seconds = None
        if budget is not None:
            seconds = Interval.of(budget, "budget").seconds
            if seconds is None:
                raise ValueError(f"budget = {budget!r} is a share; expected a time, such as 20m")
        elif trials is None:
            raise ValueError("budget is missing: pass the time of the search, such as budget=\"20m\", or a number of "
                             "trials")
        return cls(seconds, trials, rungs, started)


@dataclass(frozen=True)
class _Task:
    """A search whose options are checked."""

    run: ResolvedRun
    metric: Metric
    space: Space
    candidates: Candidates
    limits: _Limits
    fixed: dict[str, Any]
    reading: dict[str, Any]

    def searched(self, file: State | None, on_trial: Sequence[OnTrial]) -> TuneResult:
        """Read the corpus, search, and return the result."""
        least, most = self._min_counts()
        run = replace(self.run, config=replace(self.run.config, min_count=least))
        with read_corpus(run) as text:
            samples = Samples(text.encoded, self.metric.of_sessions, self._cut_lines(), run.config.seed)
            self.metric.pairs = halves_of(samples.pairs, run.config.seed)
            shares = self._shares(samples, most)
            if file is not None:
                file.begin(self._header(text.encoded))

            def note(trial: Trial) -> None:
                if file is not None:
                    file.add(trial)
                for call in on_trial:
                    call(trial)

            halving = Halving(self.candidates, Trials(samples, self.metric, run.threads, run.isa, most).run, shares,
                              trials=self.limits.trials, budget=self.limits.budget, started=self.limits.started,
                              done=None if file is None else file.done, on_trial=note)
            try:
                halving.run()
            except (KeyboardInterrupt, SystemExit) as stop:
                kept = "with --state FILE they would have been kept" if file is None else (
                    f"continue with --state {file.path} --resume")
                stop.__notes__ = [f"{len(halving.found)} trials were done; {kept}"]  # a trial has no checkpoint
                raise
            result = self._result(halving, text.encoded, len(samples.pairs))
        if file is not None:
            file.end(result.to_dict())
        return result

    def _min_counts(self) -> tuple[int, int]:
        """Return the smallest and the largest `min_count` of all configurations."""
        values = [self.candidates[number].config.min_count for number in range(self.candidates.named)]
        setting = self.space.get("min_count")
        if isinstance(setting, Range):
            values += [int(setting.low), int(setting.high)]
        elif isinstance(setting, Choice):
            values += [int(one) for one in setting.values]
        return max(min(values), 1), max(values)

    def _cut_lines(self) -> bool:
        window = self.space.get("window")
        lines = isinstance(window, Choice) and WHOLE_LINE in window.values
        return not lines and self.run.config.window != WHOLE_LINE

    def _shares(self, samples: Samples, min_count: int) -> tuple[float, ...]:
        """Return the samples of the rungs, the smallest first.

        Raises
        ------
        W2VError : in the whole text too few items of the metric have known words.
        """
        vocabulary = samples.at(1.0, min_count).vocabulary
        whole = self.metric.known(vocabulary.words, vocabulary.text_options)
        for name, known, size in zip(self.metric.names, whole, self.metric.sizes(), strict=True):
            if known < 2:
                raise W2VError(f"the corpus is too small for {name}: {known} of {size} items, in the half to search "
                               f"on, have words that occur {min_count} times or more; use more text, a smaller "
                               "min_count, or another metric")
        if self.limits.rungs is not None:
            return tuple(float(ETA) ** -k for k in reversed(range(self.limits.rungs)))
        most = MOST_RUNGS
        if self.limits.budget is None and self.limits.trials is not None:
            most = 1 + int(math.log(self.limits.trials, ETA) + 1e-9)
        found = [1.0]
        while len(found) < most and samples.text.n_words * found[-1] / ETA >= LEAST_WORDS:
            share = float(ETA) ** -len(found)
            vocabulary = samples.at(share, min_count).vocabulary
            here = self.metric.known(vocabulary.words, vocabulary.text_options)
            if any(own < max(LEAST_ITEMS, LEAST_KNOWN * best) for own, best in zip(here, whole, strict=True)):
                break
            found.append(share)
        return tuple(reversed(found))

    def _header(self, text: EncodedText) -> dict[str, Any]:
        """Return what a resumed search must have in common with the first part."""
        return {"corpus": text.sha256 or corpus_checksum(text), "metric": list(self.metric.names),
                "items": self.metric.sizes(), "search": {name: str(one) for name, one in self.space.items()},
                "options": {**self.fixed, "seed": self.run.config.seed}, "preset": self.run.request.preset}

    def _result(self, halving: Halving, text: EncodedText, held_out: int) -> TuneResult:
        share = next(share for share in reversed(halving.shares) if halving.at(share))
        best = halving.at(share)[0]
        options = {**self.reading, **best.options}
        return TuneResult(
            best=options, command=self._command(options), name=best.name, score=best.score or 0.0, share=share,
            metric=self.metric.names, shares=halving.shares, trials=tuple(halving.found),
            space={name: str(one) for name, one in self.space.items()},
            importance=importances([one for one in halving.at(halving.shares[0])
                                    if one.number >= self.candidates.named], self.space), held_out=held_out,
            words=text.report.words, seconds=halving.elapsed, too_long=halving.too_long)

    def _command(self, options: Mapping[str, Any]) -> str:
        paths, phrases = self.run.corpus.paths, self.run.request.phrases
        typed = all(isinstance(one, (bool, int, float, str, os.PathLike, tuple, type(None)))
                    for one in options.values())
        if paths is None or not typed or isinstance(phrases, FrozenPhrases):
            return f"w2v.train(corpus, {', '.join(f'{name}={value!r}' for name, value in options.items())})"
        return train_command([os.fspath(path) for path in paths],
                             {**options, **({} if phrases is None else {"phrases": os.fspath(phrases)})})


def _show(trial: Trial) -> None:
    """Print a line about a trial on stderr."""
    if sys.stderr is None:
        return
    score = f"{trial.score:.4f}" if trial.score is not None else "failed"
    rest = f"{trial.words_per_second:,.0f} words/s" if trial.score is not None else f"{trial.problem:.120}"
    print(printable(f"{trial.elapsed:7.0f} s  configuration {trial.number} ({trial.name}) on {share_name(trial.share)} "
                    f"of the lines: {score}, {trial.seconds:.1f} s, {rest}"), file=sys.stderr)
