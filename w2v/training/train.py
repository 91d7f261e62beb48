"""`w2v.train`: from a text to a model; all that can be asked of a run, checked before any work."""

from __future__ import annotations

import dataclasses
import difflib
import os
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from w2v.config import TrainConfig
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.outputs import check_outputs
from w2v.corpus.paths import CorpusInput
from w2v.keyedvectors import KeyedVectors
from w2v.phrases import Phrases, encode_joined, load_phrases
from w2v.system.display import reading
from w2v.system.interval import Interval
from w2v.system.jsonlog import JsonLog
from w2v.system.threads import resolve_threads
from w2v.training.checkpoint import Checkpoint
from w2v.training.held_out import lines as held_out_lines
from w2v.training.held_out import loss as held_out_loss
from w2v.training.initial import HasInitial, initial_of
from w2v.training.loop import _isa
from w2v.training.model import Model
from w2v.training.needs import Output, check_early
from w2v.training.observers.checkpoints import schedule
from w2v.training.observers.intervals import OnInterval, Watch
from w2v.training.status import OnEpochEnd
from w2v.training.trainer import train_encoded
from w2v.types import StrPath

# What people from other tools may type: gensim 3, gensim 4, word2vec.c, fastText.
OTHER_NAMES = {
    "size": "vector_size", "dim": "vector_size", "iter": "epochs", "epoch": "epochs", "lr": "alpha", "ws": "window",
    "neg": "negative", "workers": "threads", "thread": "threads", "max_final_vocab": "max_vocab",
    "minCount": "min_count", "t": "sample",
}


def train(
    corpus: str | os.PathLike[str] | Iterable[Any] | None = None,
    *,
    threads: int | str | None = None,
    isa: str | None = None,
    progress: bool = True,
    config: TrainConfig | None = None,
    on_epoch_end: OnEpochEnd | None = None,
    on_interval: OnInterval | None = None,
    log_every: str | float | None = None,
    log_json: str | os.PathLike[str] | JsonLog | None = None,
    probe: str | Sequence[str] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: str | float | None = None,
    checkpoint_notes: Mapping[str, Any] | None = None,
    resume: str | os.PathLike[str] | Checkpoint | None = None,
    init: StrPath | KeyedVectors | HasInitial | None = None,
    freeze: str | None = None,
    anchor: float = 0.0,
    preset: str | None = None,
    phrases: Phrases | StrPath | None = None,
    output: Output | None = None,
    **options: Any,
) -> Model:
    """Train word vectors: skip-gram or CBOW with negative sampling (Mikolov et al. 2013), negatives shared in a window.

    Parameters
    ----------
    corpus : a file, directory or glob; "-" for standard input; a list of these; or any iterable of lists of str or
        of integers, or an array of integers; see `w2v.corpus.source.open_source`. Files may be compressed with gzip, bzip2 or
        xz, or be arrays of integers (.npy). A line is a sentence; words are split at ASCII white space. It is read
        once, so that all epochs see the same text, whatever becomes of the files.
    threads : number of threads, or "auto" (default) for what the affinity mask and the cgroup allow.
    isa : kernels to use instead of the best that this machine has; one of `w2v.available_isas()`.
    progress : a bar on a terminal, a line every 30 seconds elsewhere, both on stderr.
    config : all hyper-parameters at once, instead of `options`.
    on_epoch_end : called on this thread with a `ModelView` and `EpochStats` as each epoch ends; the threads go on
        meanwhile, and epochs that end during a call are not told one by one. What it returns is shown as a line.
        Raising `StopTraining` ends the run early with the model so far; any other exception reaches the caller.
    on_interval : called in the same way with a `ModelView` and `IntervalStats` at intervals, and once at the end.
    log_every : how long these are: "30s", "10m", "2h", or "5%" of the words; a number is seconds. By default the longer
        of 10 seconds and 1 % of the words; they become longer where looking would take 5 % of the time.
    log_json : a file that gets a line of JSON for the start, each interval, and the end or the error; it is continued
        if it exists.
    probe : words whose nearest neighbours, among the 50,000 most frequent words, are looked for at each interval.
    checkpoint : file that the state of the run is written to, atomically, every `checkpoint_every`; it stays when the
        run is over. On the main thread the first Ctrl-C or SIGTERM writes it too, and then does what it did before;
        the second does that at once. A run that diverges goes on from it once, with half of alpha.
    checkpoint_every : "90s", "10m" (default), "2h", "5%" of the words, or a number of seconds.
    checkpoint_notes : plain values that are kept in it.
    resume : checkpoint to go on from, with its hyper-parameters and, if they are not given again, its corpus (where
        that was in files), threads, file and interval of checkpoints. With one thread the result is that of the run
        without a stop, byte by byte.
    init : what to begin with: a file that `w2v.load` reads, vectors, or a model. Its words keep their vectors as a
        start and stay in the vocabulary whatever `min_count` says; `vector_size` is theirs. `w2v/training/initial.py` has more.
    freeze : "old": the vectors of the words of `init` are read and do not change.
    anchor : pull them back, 0 to 1 / alpha: each time such a word stands in the text, its vector moves by rate * anchor
        of the way to where it began.
    preset : take the defaults of "word2vec" (word2vec.c), "gensim" or "fasttext"; `options` go before them.
    phrases : a phrase model (`w2v.phrases.Phrases`) or its file: phrases are joined on the way, before `min_count`.
    output : where the vectors will go, if that is known (`w2v.training.needs.Output`): training does not begin if its disk is
        too small.
    options : hyper-parameters by name, see `TrainConfig`: vector_size, window, negative, sample, min_count, max_vocab,
        epochs, alpha, min_alpha, ns_exponent, shrink_windows, line_weights, held_out (a number of lines, or the path
        of a text of its own), seed.

    Raises
    ------
    ValueError, TypeError : a parameter or the kind of corpus is wrong.
    W2VError : the corpus cannot be read, has nothing to train on, lacks a probe word, or training diverged; or memory
        or disk do not suffice (`w2v.training.needs`), which is found out before any long work.
    """
    saved = Checkpoint.open(resume) if isinstance(resume, (str, os.PathLike)) else resume
    sized = config is not None or "vector_size" in options or saved is not None
    config = make_config(config, options, preset, saved)
    if corpus is None:
        if saved is None:
            raise TypeError("the corpus is missing: pass a path, or an iterable of lists of str")
        corpus = saved.corpus_paths()
    source = CorpusInput.of(corpus)
    initial = initial_of(init, freeze, anchor)
    if initial is not None:
        config = initial.fit(config, sized)
    held_out_loss.check(config)
    every = None if log_every is None else Interval.of(log_every, "log_every")
    words = (probe,) if isinstance(probe, str) else tuple(probe)
    threads = threads if threads is not None else saved.request.threads if saved is not None else "auto"
    n_threads, isa = resolve_threads(threads), _isa.chosen_isa(isa)
    checkpoints = schedule(checkpoint, checkpoint_every, saved, corpus=source, threads=threads,
                           notes=checkpoint_notes or {}, initial=None if initial is None else str(initial),
                           held_out=config.held_out if isinstance(config.held_out, str) else None)
    written = {"checkpoint": None if checkpoints is None else checkpoints.path, "log_json": log_json}
    check_outputs(written, source, config.held_out, phrases, init)
    if saved is not None:
        check_outputs({"log_json": log_json}, saved.path)
        saved.check_phrases(phrases is not None)
    with (nullcontext() if log_json is None else nullcontext(log_json) if isinstance(log_json, JsonLog)
          else JsonLog(log_json)) as log:
        watch = Watch(every, words, log, on_interval)
        watch.check(bool(config.held_out), progress)
        try:
            check_early(source, config, n_threads, output)
            phrases = None if phrases is None else load_phrases(phrases)
            held_out = held_out_lines.read_text(source, config, phrases, threads=n_threads, progress=progress)
            if held_out is not None and saved is not None:
                saved.check_held_out(held_out.path, held_out.sha256)
            start = time.perf_counter()
            encoded = _read(source, phrases, config, n_threads, progress, () if initial is None else initial.words)
            model = train_encoded(encoded, config, threads=n_threads, isa=isa, progress=progress, watch=watch,
                                  on_epoch_end=on_epoch_end, checkpoints=checkpoints, initial=initial, output=output,
                                  held_out=held_out, seconds_vocabulary=time.perf_counter() - start)
        except BaseException as error:
            if log is not None:
                problem = str(error) if isinstance(error, Exception) else ""
                log.write("error", error=problem or type(error).__name__)
            raise
        if log is not None and log.problem is not None and log is not log_json:
            warnings.warn(log.problem, RuntimeWarning, stacklevel=2)
    return model


def _read(corpus: CorpusInput, phrases: Phrases | None, config: TrainConfig,
          threads: int, progress: bool, known: Sequence[str]) -> EncodedCorpus:
    with reading(progress) as show:
        return encode_joined(corpus, phrases, min_count=config.min_count, max_vocab=config.max_vocab, known=known,
                             line_weights=config.line_weights, threads=threads, progress=show)


def make_config(config: TrainConfig | None, options: dict[str, Any], preset: str | None = None,
                saved: Checkpoint | None = None) -> TrainConfig:
    """The hyper-parameters that are given all at once, or by name, before those of a preset or of a checkpoint."""
    if config is not None:
        if not isinstance(config, TrainConfig):
            raise TypeError(f"config must be a TrainConfig, not {config!r}")
        if options or preset is not None:
            raise TypeError(f"give either config or options, not both: {', '.join(options) or f'preset {preset}'}")
        if saved is not None:
            saved.agree(dataclasses.asdict(config))
        return config
    known = [spec.name for spec in dataclasses.fields(TrainConfig)]
    for name in options:
        if name not in known:
            near = [OTHER_NAMES[name]] if name in OTHER_NAMES else difflib.get_close_matches(name, known, 1)
            hint = f"; here it is {near[0]}" if near else f"; there are {', '.join(known)}"
            raise TypeError(f"unknown option {name!r}{hint}")
    if saved is not None:
        if preset is not None:
            raise ValueError(f"preset = {preset!r} beside resume: a run goes on as it began; leave it out")
        return saved.agree(options)
    return TrainConfig(**options) if preset is None else TrainConfig.preset(preset, **options)
