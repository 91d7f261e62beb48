"""From an encoded corpus to vectors: the two matrices, the threads, the learning rate, progress, stop, the report.

What happens inside of a thread is in `w2v/_sgns.pyx`; what one step computes is in `w2v/reference.py`.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v import _sgns, heldout
from w2v._version import __version__
from w2v.checkpoint import Checkpoint
from w2v.config import TrainConfig, resolve_threads
from w2v.corpus import CorpusReport, EncodedCorpus, encode
from w2v.divergence import Divergence
from w2v.errors import CorpusError
from w2v.interval import Interval
from w2v.jsonlog import JsonLog
from w2v.keyedvectors import KeyedVectors
from w2v.lifecycle import Checkpoints, Plan, plan
from w2v.matrices import allocate_rows, packed
from w2v.modelcard import model_card
from w2v.objective import Objective, objective_of, word_rows
from w2v.progress import Display
from w2v.run import EpochEnds, ModelView, Observer, OnEpochEnd, Run
from w2v.sharing import private_rows
from w2v.subwords import Subwords
from w2v.vectorfile import Matrix
from w2v.vocab import Vocabulary
from w2v.watch import Intervals, OnInterval, Watch

# What people from other tools may type: gensim 3, gensim 4, word2vec.c, fastText.
OTHER_NAMES = {
    "size": "vector_size", "dim": "vector_size", "iter": "epochs", "epoch": "epochs", "lr": "alpha", "ws": "window",
    "neg": "negative", "workers": "threads", "thread": "threads", "max_final_vocab": "max_vocab",
    "minCount": "min_count", "t": "sample",
}


@dataclass(frozen=True)
class TrainReport:
    """What a run did. The word counts are over all epochs: words_read = words_trained + words_subsampled +
    words_unknown + words_held_out, exactly. The known words of lines of weight 0 are among the subsampled ones.

    Of a run that a callback stopped early, words_trained and words_subsampled are what was done until then; unknown
    words and those held out, which have no place in the encoded corpus, are counted in proportion.
    """

    words_read: int
    words_trained: int
    words_subsampled: int
    words_unknown: int
    words_held_out: int
    vocabulary: int
    epochs: int
    seconds_vocabulary: float
    seconds_training: float
    words_per_second: float
    threads: int
    isa: str
    loss: float
    """Mean over pairs of a centre and a context word of -log sigmoid(centre) - sum of log sigmoid(-negative), natural
    logarithm, from the sampled windows of the whole run; NaN if there was no pair."""
    loss_held_out: float | None
    """The same mean of the finished model, over a fixed sample of windows of the lines that did not train (see
    `w2v.heldout`); None if there are none."""
    stopped_early: str | None
    """Why a callback ended the run before all words were done; None if it went to its end."""
    corpus: CorpusReport
    resumed_from: str | None = None
    """The checkpoint that the run went on from. All other numbers are of the whole run, what was done before included;
    seconds_vocabulary is not."""
    checkpoints: int = 0
    """Written so far."""
    seconds_paused: float = 0.0
    """Of seconds_training, while the threads waited for these."""
    rollbacks: int = 0
    """How often the run diverged and was set back, 0 or 1."""

    def as_dict(self) -> dict[str, Any]:
        """All fields as plain values, for JSON."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class Model:
    """A trained model.

    Attributes
    ----------
    wv : the word vectors (rows of the input matrix; syn0 elsewhere), with counts.
    output_vectors : (n_words, vector_size) float32, the output matrix (syn1neg elsewhere); of hierarchical softmax
        without negative sampling, `node_vectors`.
    config, report : what was asked for, and what was done.
    node_vectors : (n_words - 1, vector_size) float32, the inner nodes of the tree of hierarchical softmax (syn1
        elsewhere), by falling weight, the root first; or None.
    """

    wv: KeyedVectors
    output_vectors: Matrix
    config: TrainConfig
    report: TrainReport
    node_vectors: Matrix | None = None

    def save(self, path: str | os.PathLike[str], *, output_vectors: bool = False) -> None:
        """Write the word vectors; the suffix decides the format (`KeyedVectors.save`). `.safetensors` tells how they
        were trained, and with `output_vectors` has the output matrix too.

        Raises
        ------
        ValueError : `output_vectors` are asked for, and the words have none: see `config.negative`.
        """
        if output_vectors and not self.config.negative:
            raise ValueError("hierarchical softmax alone has no output vectors of words to save; train with negative "
                             "sampling too (negative=5), or leave them out")
        self.wv.save(path, output_vectors=self.output_vectors if output_vectors else None)

    def save_fasttext_format(self, path: str | os.PathLike[str]) -> None:
        """Write the model as fastText does, which loads it: words, n-grams and output matrix."""
        self.wv.save_fasttext_format(path, output_vectors=self.output_vectors)


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
    **options: Any,
) -> Model:
    """Train word vectors: skip-gram or CBOW with negative sampling (Mikolov et al. 2013), negatives shared in a window.

    Parameters
    ----------
    corpus : a file, directory or glob; "-" for standard input; a list of these; or any iterable of lists of str or
        of integers, or an array of integers; see `w2v.text.open_source`. Files may be compressed with gzip, bzip2 or
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
    options : hyper-parameters by name, see `TrainConfig`: vector_size, window, negative, sample, min_count, max_vocab,
        epochs, alpha, min_alpha, ns_exponent, shrink_windows, line_weights, held_out, seed.

    Raises
    ------
    ValueError, TypeError : a parameter or the kind of corpus is wrong.
    W2VError : the corpus cannot be read, has nothing to train on, lacks a probe word, or training diverged.
    """
    saved = Checkpoint.open(resume) if isinstance(resume, (str, os.PathLike)) else resume
    config = _make_config(config, options, saved)
    if corpus is None:
        if saved is None:
            raise TypeError("the corpus is missing: pass a path, or an iterable of lists of str")
        corpus = saved.corpus_paths()
    heldout.check(config)
    every = None if log_every is None else Interval.of(log_every, "log_every")
    words = (probe,) if isinstance(probe, str) else tuple(probe)
    threads = threads if threads is not None else saved.request.threads if saved is not None else "auto"
    n_threads, isa = resolve_threads(threads), _sgns.chosen_isa(isa)
    checkpoints = plan(checkpoint, checkpoint_every, saved, corpus=corpus, threads=threads,
                       notes=checkpoint_notes or {})
    with (nullcontext() if log_json is None else nullcontext(log_json) if isinstance(log_json, JsonLog)
          else JsonLog(log_json)) as log:
        watch = Watch(every, words, log, on_interval)
        watch.check(config.held_out, progress)
        try:
            start = time.perf_counter()
            encoded = _read(corpus, config, n_threads, progress)
            model = train_encoded(encoded, config, threads=n_threads, isa=isa, progress=progress, watch=watch,
                                  on_epoch_end=on_epoch_end, checkpoints=checkpoints,
                                  seconds_vocabulary=time.perf_counter() - start)
        except BaseException as error:
            if log is not None:
                problem = str(error) if isinstance(error, Exception) else ""
                log.write("error", error=problem or type(error).__name__)
            raise
        if log is not None and log.problem is not None and log is not log_json:
            warnings.warn(log.problem, RuntimeWarning, stacklevel=2)
    return model


def _read(corpus: str | os.PathLike[str] | Iterable[Any], config: TrainConfig, threads: int,
          progress: bool) -> EncodedCorpus:
    with Display("reading", None, "B", enabled=progress) as display:

        def show(done: int, total: int | None, words: int) -> None:
            display.resize(total)
            display.update(done, words=f"{words:,}")

        return encode(corpus, min_count=config.min_count, max_vocab=config.max_vocab,
                      line_weights=config.line_weights, threads=threads, progress=show)


def train_encoded(corpus: EncodedCorpus, config: TrainConfig, *, threads: int, isa: str, progress: bool = True,
                  seconds_vocabulary: float = 0.0, on_epoch_end: OnEpochEnd | None = None,
                  checkpoints: Plan | None = None, watch: Watch | None = None) -> Model:
    """Train on a corpus that is already encoded; parameters as in `train`, `watch` from its options."""
    heldout.check(config)
    with heldout.without_lines(corpus, config.held_out) as (kept, lines):
        return _train_kept(kept, lines, config, threads, isa, progress, seconds_vocabulary, on_epoch_end, checkpoints,
                           watch or Watch())


def _train_kept(corpus: EncodedCorpus, lines: heldout.Lines | None, config: TrainConfig, threads: int, isa: str,
                progress: bool, seconds_vocabulary: float, on_epoch_end: OnEpochEnd | None, checkpoints: Plan | None,
                watch: Watch) -> Model:
    """Train on what is left of a corpus without these lines."""
    saved = None if checkpoints is None else checkpoints.resumed
    sha256 = None if saved is None else saved.check_corpus(corpus)
    vocabulary = corpus.vocabulary
    _check_lines(corpus, config)
    objective = objective_of(config, vocabulary)
    input_vectors = allocate_rows(objective.input_rows, config.vector_size)
    output_vectors = allocate_rows(objective.output_rows, config.vector_size)
    matrices = objective.parts(input_vectors, output_vectors)
    if saved is None:
        _init_vectors(input_vectors, objective, vocabulary, config)
    else:
        saved.load(matrices)
    sampler = _sgns.Sampler(vocabulary.noise_weights(config.ns_exponent))
    shards = _sgns.Shards(
        input_vectors, output_vectors, corpus.ids, _keep_thresholds(vocabulary.keep_probabilities(config.sample)),
        sampler, window=config.window, negative=config.negative, shrink_windows=config.shrink_windows,
        shared_windows=config.shared_windows, alpha=config.alpha,
        min_alpha=config.min_alpha, total_words=corpus.n_words * config.epochs, seed=config.seed, isa=isa,
        private_rows=private_rows(vocabulary, config, threads), threads=threads, line_weights=config.line_weights,
        cbow=not config.sg, cbow_mean=config.cbow_mean, cbow_undivided=config.cbow_undivided, tree=objective.tree,
        ngrams=objective.ngrams,
    )
    size = config.vector_size
    view = ModelView(vocabulary.words, lambda rows: word_rows(input_vectors, objective, rows)[:, :size],
                     lambda rows: output_vectors[objective.nodes + rows, :size])
    held_out = None if lines is None else heldout.HeldOutLoss(lines, vocabulary, config, sampler)
    run = Run(shards, corpus, config, threads, view)
    if saved is not None:
        run.restore(saved.state)
    divergence = Divergence(matrices, objective.untrained_loss)
    observers: list[Observer] = [divergence]
    if on_epoch_end is not None:
        observers.append(EpochEnds(on_epoch_end))
    if held_out is not None or watch != Watch():
        observers.append(Intervals(watch, run, held_out))
    if watch.log is not None:
        watch.log.write("start", **_about(config, run, lines, held_out, isa), resumed_from=saved and saved.path)
    if checkpoints is None:
        run.wait(observers, progress)
    else:
        keeper = Checkpoints(checkpoints, config, isa, matrices, divergence, sha256)
        with keeper.signals():
            run.wait([*observers, keeper], progress)
    loss_sum, pairs = shards.progress.loss
    report = TrainReport(
        **_words(run, corpus, lines), vocabulary=len(vocabulary), epochs=config.epochs,
        seconds_vocabulary=seconds_vocabulary, seconds_training=run.seconds, threads=threads, isa=isa,
        loss=loss_sum / pairs if pairs else float("nan"),
        loss_held_out=None if held_out is None else held_out.mean(view), stopped_early=run.stopped_early,
        corpus=corpus.report,
        resumed_from=None if saved is None else saved.path, checkpoints=run.checkpoints,
        seconds_paused=run.seconds_paused, rollbacks=len(run.rollbacks),
    )
    if watch.log is not None:
        watch.log.write("end", **report.as_dict())
    vectors, subwords = input_vectors[:, :size], None
    if objective.ngrams is not None:
        vectors = word_rows(input_vectors, objective, np.arange(len(vocabulary)))[:, :size]
        subwords = Subwords(packed(input_vectors[len(vocabulary):], size), size, config.minn, config.maxn)
    wv = KeyedVectors(vocabulary.words, vectors, vocabulary.counts, source="trained by w2v")
    wv.subwords = subwords
    wv.metadata = model_card(config, corpus, isa=isa, threads=threads, loss=report.loss, rollbacks=run.rollbacks,
                             stopped_early=run.stopped_early, sha256=sha256)
    outputs, nodes = output_vectors[objective.nodes:, :size], output_vectors[:objective.nodes, :size]
    return Model(wv, outputs if config.negative else nodes, config, report, nodes if config.hs else None)


def _init_vectors(input_vectors: Matrix, objective: Objective, vocabulary: Vocabulary, config: TrainConfig) -> None:
    """Random rows for all words, and for all n-grams that there are."""
    n = len(vocabulary)
    _sgns.init_vectors(input_vectors[:n], config.vector_size, config.seed, vocabulary.blob, vocabulary.offsets)
    if objective.ngrams is not None:
        objective.ngrams.init_vectors(input_vectors[n:], config.vector_size, config.seed)


def _about(config: TrainConfig, run: Run, lines: heldout.Lines | None, held_out: heldout.HeldOutLoss | None,
           isa: str) -> dict[str, Any]:
    """What a log says of a run as it begins."""
    about = {"version": __version__, "config": dataclasses.asdict(config), "threads": run.threads, "isa": isa,
             "words": run.total_words, "corpus": dataclasses.asdict(run.corpus.report)}
    if lines is not None and held_out is not None:
        about["held_out"] = {"lines": len(lines.lengths), "words": len(lines.words), "windows": held_out.windows,
                             "pairs": held_out.pairs}
    return about


def _words(run: Run, corpus: EncodedCorpus, lines: heldout.Lines | None) -> dict[str, Any]:
    """The word counts of a report, and its rate; `lines` did not train."""
    epochs = run.config.epochs
    unknown, held_out = corpus.report.words_unknown * epochs, 0 if lines is None else len(lines.words) * epochs
    if run.stopped_early is None:
        words_read = corpus.report.words * epochs
    else:
        done = run.trained + run.subsampled
        unknown, held_out = (round(count * done / run.total_words) for count in (unknown, held_out))
        words_read = done + unknown + held_out
    return {"words_read": words_read, "words_trained": run.trained, "words_subsampled": run.subsampled,
            "words_unknown": unknown, "words_held_out": held_out,
            "words_per_second": words_read / max(run.seconds, 1e-9)}


def _make_config(config: TrainConfig | None, options: dict[str, Any], saved: Checkpoint | None = None) -> TrainConfig:
    if config is not None:
        if not isinstance(config, TrainConfig):
            raise TypeError(f"config must be a TrainConfig, not {config!r}")
        if options:
            raise TypeError(f"give either config or options, not both: {', '.join(options)}")
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
        saved.agree(options)
        return saved.config
    return TrainConfig(**options)


def _check_lines(corpus: EncodedCorpus, config: TrainConfig) -> None:
    """Raise CorpusError if a line is too long to be one window."""
    longest = _sgns.longest_line(corpus.ids) if config.whole_lines else 0
    if longest > _sgns.LONGEST_WINDOW:
        raise CorpusError(
            f"window = line trains all pairs of the words of a line, but the longest line has {longest:,} known words, "
            f"which is {longest / 1e6 * longest:,.0f} million pairs; the limit is {_sgns.LONGEST_WINDOW:,} words: cut "
            "the lines, or give a window in words, for example 5")


def _keep_thresholds(probabilities: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.uint32]:
    """A word is kept if 32 random bits are not above its threshold."""
    scaled = np.floor(np.asarray(probabilities, np.float64) * 2.0**32) - 1
    thresholds: npt.NDArray[np.uint32] = np.clip(scaled, 0, 2.0**32 - 1).astype(np.uint32)
    return thresholds
