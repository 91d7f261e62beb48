"""Several runs that differ in their seed: `w2v.train_runs`, and `--runs` of the command line.

Place in the data flow: `RunRequest` -> one `ResolvedRun` for each seed -> the corpus is read once -> models.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Unpack

from w2v.config import TrainConfig, TrainOptions, with_options
from w2v.corpus.outputs import check_outputs
from w2v.corpus.paths import Corpus, CorpusInput
from w2v.keyedvectors import KeyedVectors
from w2v.phrases import FrozenPhrases
from w2v.system.files import check_writable
from w2v.system.jsonlog import JsonLog
from w2v.system.run_files import run_file
from w2v.training.initial import HasInitial
from w2v.training.model import Model
from w2v.training.needs import Output
from w2v.training.request import RunRequest
from w2v.training.resolved import ResolvedRun
from w2v.training.rounds.engine import RemoteEngine
from w2v.training.status import OnEpochEnd
from w2v.training.train import ReadCorpus, end_logged, opened_engine, read_corpus, train_on, train_resolved
from w2v.types import StrPath

MOST_RUNS = 1000


@with_options
def train_runs(
    corpus: Corpus,
    runs: int = 3,
    *,
    threads: int | str | None = None,
    isa: str | None = None,
    progress: bool = True,
    config: TrainConfig | None = None,
    on_epoch_end: OnEpochEnd | None = None,
    preset: str | None = None,
    init: StrPath | KeyedVectors | HasInitial | None = None,
    freeze: str | None = None,
    anchor: float = 0.0,
    phrases: FrozenPhrases | StrPath | None = None,
    ids: str | None = None,
    **options: Unpack[TrainOptions],
) -> list[Model]:
    """Train several runs with the seeds `seed`, `seed` + 1, ..., for `w2v.stability` and `w2v.average`.

    Each model is the one that `w2v.train` gives with its seed. The corpus is read once, except with `bootstrap` or
    `sample_lines`: then each run reads a sample of its own.

    Parameters
    ----------
    corpus : as for `w2v.train`; with `bootstrap` or `sample_lines` it must be readable more than once.
    runs : number of runs, 1 to 1000.
    threads, isa, progress, config, on_epoch_end, preset, init, freeze, anchor, phrases, ids : as for `w2v.train`.
    options : hyper-parameters and options of the corpus, as for `w2v.train`. `bootstrap=True` trains every run, the
        first too, on a bootstrap sample of the lines, so that the runs also differ by the text.

    Returns
    -------
    The models, by rising seed. All are in memory: two matrices each.

    Raises
    ------
    ValueError, TypeError, W2VError : as for `w2v.train`.

    Source
    ------
    Antoniak & Mimno 2018 (Q18-1008): bootstrap samples of the documents show which neighbours depend on single texts.

    Examples
    --------
    >>> models = w2v.train_runs("corpus.txt", runs=5, bootstrap=True)
    >>> print(w2v.stability([model.wv for model in models]))
    """
    request = RunRequest(
        corpus=CorpusInput.of(corpus, options), options=options, config=config, preset=preset, threads=threads, isa=isa,
        progress=progress, on_epoch_end=on_epoch_end, init=init, freeze=freeze, anchor=anchor, phrases=phrases, ids=ids)
    return [_with_own_words(model) for model in train_each(prepare_runs(resolve_runs(request, runs)), None)]


def resolve_runs(request: RunRequest, runs: int) -> list[ResolvedRun]:
    """Return a request as several runs, each with its seed and its output, whose options are checked.

    The file of the vocabulary is written by the first run if all have the same words. With samples of the corpus each
    run has a vocabulary of its own, and a file with its number.

    Raises
    ------
    ValueError, TypeError : as `RunRequest.resolve`; the number of runs is out of range; an option needs a single run.
    """
    if isinstance(runs, bool) or not isinstance(runs, int):
        raise TypeError(f"runs must be a whole number, not {runs!r}")
    if not 1 <= runs <= MOST_RUNS:
        raise ValueError(f"runs = {runs} is out of range: 1 to {MOST_RUNS}")
    for name in ("checkpoint", "resume"):
        if runs > 1 and getattr(request, name) is not None:
            raise ValueError(f"{name} cannot be used with runs = {runs}: a checkpoint holds one run; train each run by "
                             "itself, with a seed, an output and a checkpoint of its own")
    first = request.resolve()
    if runs == 1:
        return [first]
    shared = _shares_corpus(first)
    if not shared and (why := first.corpus.read_once):
        raise ValueError(f"{why}, but each run reads a sample of its own (bootstrap or sample_lines): pass a file or a "
                         "list")
    found = [first]
    for number in range(2, runs + 1):
        seed = first.config.seed + number - 1
        if seed >= 2**64:
            raise ValueError(f"seed = {first.config.seed} is too large for {runs} runs: their seeds follow it, and the "
                             "largest is 2^64 - 1")
        words = None if shared or request.save_vocab is None else run_file(request.save_vocab, number)
        own = replace(request, output=_output(request.output, number), save_vocab=words)
        if request.config is None:
            own = replace(own, options={**request.options, "seed": seed})
        else:
            own = replace(own, config=replace(request.config, seed=seed))
        found.append(own.resolve())
    _check_distinct(found)
    return found


def _check_distinct(runs: Sequence[ResolvedRun]) -> None:
    """Raise ValueError if two runs would write the same file."""
    written: dict[str, StrPath | None] = {}
    for number, run in enumerate(runs, 1):
        written[f"output of run {number}"] = None if run.output is None else run.output.path
        written[f"save_vocab of run {number}"] = run.request.save_vocab
    check_outputs(written)


def prepare_runs(runs: Sequence[ResolvedRun]) -> list[ResolvedRun]:
    """Return the runs ready to train: all files can be written, and the vectors to start from are read once.

    Raises
    ------
    ValueError, W2VError : as `ResolvedRun.prepare`.
    """
    first = runs[0].prepare()
    found = [first]
    for run in runs[1:]:
        for path in (None if run.output is None else run.output.path, run.request.save_vocab):
            if path is not None:
                check_writable(path)
        seed = run.config.seed
        found.append(replace(first, request=run.request, output=run.output, config=replace(first.config, seed=seed),
                             corpus=replace(first.corpus, seed=seed)))
    return found


def train_each(runs: Sequence[ResolvedRun], log: JsonLog | None) -> Generator[Model, None, None]:
    """Train prepared runs one after the other, and yield each model, which is not kept here. Close it to close the
    corpus.

    Raises
    ------
    W2VError : as for `w2v.train`.
    """
    if len(runs) == 1 or not _shares_corpus(runs[0]):
        for run in runs:
            yield train_resolved(run, log)
        return
    with ExitStack() as open_corpus:
        with end_logged(log):
            engine = open_corpus.enter_context(opened_engine(runs[0]))
            text = open_corpus.enter_context(read_corpus(runs[0], engine))
        for run in runs:
            yield _train_logged(run, text, log, engine)


def _train_logged(run: ResolvedRun, text: ReadCorpus, log: JsonLog | None, engine: RemoteEngine | None) -> Model:
    with end_logged(log):
        return train_on(run, text, log, engine)


def _shares_corpus(run: ResolvedRun) -> bool:
    """Whether runs with other seeds read the same text."""
    reading = run.corpus.reading
    return not reading.bootstrap and reading.sample_lines in (None, 1) and run.request.fresh is None


def _output(output: Output | StrPath | None, number: int) -> Output | StrPath | None:
    """Return the output of a run."""
    if isinstance(output, Output):
        return replace(output, path=run_file(output.path, number))
    return None if output is None else run_file(output, number)


def _with_own_words(model: Model) -> Model:
    """Return a model that shares no list of words and no counts with the other runs, so that it can be changed."""
    wv = model.wv.with_rows(model.wv.rows, output_vectors=model.wv.output_vectors, subwords=model.wv.subwords)
    return replace(model, wv=wv)
