"""From an encoded corpus to vectors: the two matrices, the threads, the learning rate, progress, stop, the report.

What happens inside of a thread is in `w2v/_sgns.pyx`; what one step computes is in `w2v/reference.py`.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v import _sgns
from w2v.config import TrainConfig, resolve_threads
from w2v.corpus import CorpusReport, EncodedCorpus, encode
from w2v.errors import CorpusError, TrainingError
from w2v.keyedvectors import KeyedVectors
from w2v.matrices import allocate_rows
from w2v.modelcard import model_card
from w2v.objective import Objective, objective_of
from w2v.progress import Display
from w2v.run import EpochEnds, ModelView, OnEpochEnd, Run
from w2v.sharing import private_rows
from w2v.vectorfile import Matrix

EXPLODED = 2.0  # a mean loss so many times that of an untrained model comes from divergence only

# What people from other tools may type: gensim 3, gensim 4, word2vec.c, fastText.
OTHER_NAMES = {
    "size": "vector_size", "dim": "vector_size", "iter": "epochs", "epoch": "epochs", "lr": "alpha", "ws": "window",
    "neg": "negative", "workers": "threads", "thread": "threads", "max_final_vocab": "max_vocab",
    "minCount": "min_count", "t": "sample",
}


@dataclass(frozen=True)
class TrainReport:
    """What a run did. The word counts are over all epochs: words_read = words_trained + words_subsampled +
    words_unknown, exactly. The known words of lines of weight 0 are among the subsampled ones."""

    words_read: int
    words_trained: int
    words_subsampled: int
    words_unknown: int
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
    corpus: CorpusReport

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


def train(
    corpus: str | os.PathLike[str] | Iterable[Any],
    *,
    threads: int | str = "auto",
    isa: str | None = None,
    progress: bool = True,
    config: TrainConfig | None = None,
    on_epoch_end: OnEpochEnd | None = None,
    **options: Any,
) -> Model:
    """Train word vectors: skip-gram or CBOW with negative sampling (Mikolov et al. 2013), negatives shared in a window.

    Parameters
    ----------
    corpus : a file, directory or glob; "-" for standard input; a list of these; or any iterable of lists of str or
        of integers, or an array of integers; see `w2v.text.open_source`. Files may be compressed with gzip, bzip2 or
        xz, or be arrays of integers (.npy). A line is a sentence; words are split at ASCII white space.
    threads : number of threads, or "auto" for what the affinity mask and the cgroup allow.
    isa : kernels to use instead of the best that this machine has; one of `w2v.available_isas()`.
    progress : a bar on a terminal, a line every 30 seconds elsewhere, both on stderr.
    config : all hyper-parameters at once, instead of `options`.
    on_epoch_end : called on this thread with a `ModelView` and `EpochStats` as each epoch ends; the threads go on
        meanwhile, and epochs that end during a call are not told one by one. What it returns is shown as a line.
    options : hyper-parameters by name, see `TrainConfig`: vector_size, window, negative, sample, min_count, max_vocab,
        epochs, alpha, min_alpha, ns_exponent, shrink_windows, line_weights, seed.

    Raises
    ------
    ValueError, TypeError : a parameter or the kind of corpus is wrong.
    W2VError : the corpus cannot be read, has nothing to train on, or training diverged.
    """
    config = _make_config(config, options)
    n_threads, isa = resolve_threads(threads), _sgns.chosen_isa(isa)
    start = time.perf_counter()
    with Display("reading", None, "B", enabled=progress) as display:

        def show(done: int, total: int | None, words: int) -> None:
            if display.bar is not None:
                display.bar.total = total
            display.total = total
            display.update(done, words=f"{words:,}")

        encoded = encode(corpus, min_count=config.min_count, max_vocab=config.max_vocab,
                         line_weights=config.line_weights, threads=n_threads, progress=show)
    return train_encoded(encoded, config, threads=n_threads, isa=isa, progress=progress, on_epoch_end=on_epoch_end,
                         seconds_vocabulary=time.perf_counter() - start)


def train_encoded(corpus: EncodedCorpus, config: TrainConfig, *, threads: int, isa: str, progress: bool = True,
                  seconds_vocabulary: float = 0.0, on_epoch_end: OnEpochEnd | None = None) -> Model:
    """Train on a corpus that is already encoded; parameters as in `train`."""
    vocabulary = corpus.vocabulary
    _check_lines(corpus, config)
    objective = objective_of(config, vocabulary)
    input_vectors = allocate_rows(objective.input_rows, config.vector_size)
    output_vectors = allocate_rows(objective.output_rows, config.vector_size)
    _sgns.init_vectors(input_vectors, config.vector_size, config.seed, vocabulary.blob, vocabulary.offsets)
    shards = _sgns.Shards(
        input_vectors, output_vectors, corpus.ids, _keep_thresholds(vocabulary.keep_probabilities(config.sample)),
        _sgns.Sampler(vocabulary.noise_weights(config.ns_exponent)),
        window=config.window, negative=config.negative, shrink_windows=config.shrink_windows,
        shared_windows=config.shared_windows, alpha=config.alpha,
        min_alpha=config.min_alpha, total_words=corpus.n_words * config.epochs, seed=config.seed, isa=isa,
        private_rows=private_rows(vocabulary, config, threads), threads=threads, line_weights=config.line_weights,
        cbow=not config.sg, cbow_mean=config.cbow_mean, cbow_undivided=config.cbow_undivided, tree=objective.tree,
    )
    view = ModelView(vocabulary.words, lambda rows: input_vectors[rows, :config.vector_size])
    run = Run(shards, corpus, config, threads, view)
    run.wait([] if on_epoch_end is None else [EpochEnds(on_epoch_end)], progress)
    seconds = run.seconds
    _check_finite(shards, corpus, config, objective, input_vectors, output_vectors)
    loss_sum, pairs = shards.progress.loss
    unknown = corpus.report.words_unknown * config.epochs
    words_read = corpus.report.words * config.epochs
    report = TrainReport(
        words_read=words_read, words_trained=run.trained, words_subsampled=run.subsampled, words_unknown=unknown,
        vocabulary=len(vocabulary), epochs=config.epochs, seconds_vocabulary=seconds_vocabulary,
        seconds_training=seconds, words_per_second=words_read / max(seconds, 1e-9), threads=threads, isa=isa,
        loss=loss_sum / pairs if pairs else float("nan"), corpus=corpus.report,
    )
    size = config.vector_size
    wv = KeyedVectors(vocabulary.words, input_vectors[:, :size], vocabulary.counts, source="trained by w2v")
    wv.metadata = model_card(config, corpus, isa=isa, threads=threads, loss=report.loss)
    outputs, nodes = output_vectors[objective.nodes:, :size], output_vectors[:objective.nodes, :size]
    return Model(wv, outputs if config.negative else nodes, config, report, nodes if config.hs else None)


def _make_config(config: TrainConfig | None, options: dict[str, Any]) -> TrainConfig:
    if config is not None:
        if not isinstance(config, TrainConfig):
            raise TypeError(f"config must be a TrainConfig, not {config!r}")
        if options:
            raise TypeError(f"give either config or options, not both: {', '.join(options)}")
        return config
    known = [spec.name for spec in dataclasses.fields(TrainConfig)]
    for name in options:
        if name not in known:
            near = [OTHER_NAMES[name]] if name in OTHER_NAMES else difflib.get_close_matches(name, known, 1)
            hint = f"; here it is {near[0]}" if near else f"; there are {', '.join(known)}"
            raise TypeError(f"unknown option {name!r}{hint}")
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


def _check_finite(shards: _sgns.Shards, corpus: EncodedCorpus, config: TrainConfig, objective: Objective,
                  input_vectors: Matrix, output_vectors: Matrix) -> None:
    """Raise TrainingError if a number of the model is no longer finite, or the sampled loss was not or has exploded."""
    row = _sgns.first_nonfinite_row(input_vectors)
    if row < 0 and (row := _sgns.first_nonfinite_row(output_vectors)) >= objective.nodes:
        row -= objective.nodes
    loss_sum, pairs = shards.progress.loss
    if row >= 0:
        word = corpus.vocabulary.words[row]
        problem = f"the vector of {word[:40]!r} is no longer finite"
    elif shards.progress.stopped == _sgns.STOP_NOT_FINITE:
        problem = "the loss is no longer finite"
    elif pairs and loss_sum / pairs > EXPLODED * objective.untrained_loss:
        untrained = objective.untrained_loss
        problem = f"the loss is {loss_sum / pairs:.4g}, where an untrained model has {untrained:.3g},"
    else:
        return
    done = shards.progress.words_done
    raise TrainingError(
        f"training diverged: {problem} in epoch {min(done // corpus.n_words + 1, config.epochs)} at "
        f"learning rate {shards.alpha_at(done):.3g}; start again with a smaller alpha (it was {config.alpha:g})"
    )
