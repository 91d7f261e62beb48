"""`Word2Vec`: gensim's class of that name over the training functions of `w2v.train`.

Place in the data flow: sentences -> vocabulary and vectors -> `wv`. The training itself is `train_encoded`.

Differences from gensim 4 that a program may notice:
* counts are exact and lines are read whole, so `max_vocab_size`, `batch_words` and `sorted_vocab` have no effect; words
  are always sorted by falling count, also after `build_vocab(update=True)`;
* each call reads its corpus once, even for several epochs, so generators are enough; changes between epochs are not
  seen;
* `train` needs neither `total_examples` nor `total_words`, since words are counted;
* the loss is the mean for a pair of words in the last epoch, not a growing sum;
* `save` writes one `.safetensors` file with any suffix; `load` also reads any other file of vectors.
Parameters that would change the result are refused: `trim_rule`, `null_word`, a custom `hashfxn`. `score` is missing.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar, cast

import numpy as np

from w2v.compat.gensim import (
    EpochCallbacks,
    call_all,
    chosen_corpus,
    frequency_order,
    frozen_words,
    refuse_unknown,
    refuse_unsupported,
    vocabulary_of,
)
from w2v.compat.saved import SavedModel
from w2v.config import TrainConfig, TrainOptions
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.paths import Corpus, CorpusInput
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import W2VError
from w2v.formats.keys import Key, words_of
from w2v.keyedvectors import KeyedVectors
from w2v.training.initial import Initial
from w2v.training.matrices import allocate_rows
from w2v.training.model import TrainReport
from w2v.training.objectives.layout import layout_of, untrained_rows
from w2v.training.request import RunRequest, RunSettings
from w2v.training.trainer import train_encoded, vectors_of
from w2v.types import Matrix, StrPath
from w2v.vectors.prediction import predict_output_word


class Word2Vec(SavedModel):
    """Word vectors with gensim 4's names and defaults (CBOW, 5 negatives).

    Parameters
    ----------
    sentences : corpus to train on at once: an iterable of lists of str, or a path (see `w2v.train`). Without it and
        without `corpus_file` the model is empty until `build_vocab` and `train` are called.
    corpus_file : a path instead of `sentences`; it may be compressed.
    vector_size : dimensions of a word vector.
    alpha, min_alpha : learning rate at the start and at the end.
    window : largest distance between a context word and the centre word.
    min_count : leave out words that occur fewer times.
    sample : subsampling threshold for frequent words, as a share of the corpus; 0 keeps all words.
    seed : seed of all random numbers.
    workers : number of threads.
    sg : 1 for skip-gram, 0 for CBOW.
    hs : 1 for hierarchical softmax, in addition to negative sampling unless `negative` is 0.
    negative : noise words for each window.
    ns_exponent : noise words are drawn in proportion to count ** ns_exponent.
    cbow_mean : 1 for the mean of the context vectors in CBOW, 0 for their sum.
    epochs : passes over the corpus.
    max_final_vocab : keep at most this many words, the most frequent ones.
    shrink_windows : draw the size of each window from 1 to `window`.
    callbacks : objects with any of the methods on_train_begin, on_train_end, on_epoch_begin and on_epoch_end, which
        receive this model while training continues; `wv` then has a copy of the current vectors.
    comment : text that is stored in the saved file.
    compute_loss, max_vocab_size, sorted_vocab, batch_words : accepted, no effect; the loss is always computed.
    trim_rule, hashfxn, null_word : accepted only as None or 0 (`hashfxn` also as the function `hash`).

    Attributes
    ----------
    wv : the vectors (untrained ones between `build_vocab` and `train`). `train` does not change vectors where
        `wv.vectors_lockf` is 0.
    syn1neg : (n_words, vector_size) float32, the output matrix.
    report : `TrainReport` of the last training; None before.

    Raises
    ------
    TypeError : an unknown parameter; for names of gensim 3 the message has the new name.
    ValueError : a value is out of range, or not supported.

    Examples
    --------
    >>> model = Word2Vec([["a", "river"], ["a", "stream"]] * 50, vector_size=8, min_count=1, workers=1)
    >>> model.wv["river"].shape
    (8,)
    """

    _settings: ClassVar[tuple[str, ...]] = (  # saved, and used for training if TrainConfig has the name
        "vector_size", "alpha", "window", "min_count", "max_vocab_size", "sample", "seed", "workers", "min_alpha", "sg",
        "hs", "negative", "ns_exponent", "cbow_mean", "epochs", "compute_loss", "comment", "max_final_vocab",
        "shrink_windows")

    def __init__(
        self, sentences: Corpus | None = None, corpus_file: StrPath | None = None, vector_size: int = 100,
        alpha: float = 0.025, window: int = 5, min_count: int = 5, max_vocab_size: int | None = None,
        sample: float = 1e-3, seed: int = 1, workers: int = 3, min_alpha: float = 0.0001, sg: int = 0, hs: int = 0,
        negative: int = 5, ns_exponent: float = 0.75, cbow_mean: int = 1, hashfxn: Callable[..., int] | None = None,
        epochs: int = 5, null_word: int = 0, trim_rule: object = None, sorted_vocab: int = 1,
        batch_words: int = 10_000, compute_loss: bool = False, callbacks: Iterable[object] = (),
        comment: str | None = None, max_final_vocab: int | None = None, shrink_windows: bool = True, **unknown: object,
    ) -> None:
        refuse_unknown(unknown, type(self).__name__)
        refuse_unsupported(trim_rule=trim_rule, null_word=null_word, hashfxn=None if hashfxn is hash else hashfxn)
        self.vector_size, self.alpha, self.window, self.min_count = vector_size, alpha, window, min_count
        self.max_vocab_size, self.sample, self.seed, self.workers = max_vocab_size, sample, seed, workers
        self.min_alpha, self.sg, self.hs, self.negative = min_alpha, sg, hs, negative
        self.ns_exponent, self.cbow_mean, self.epochs, self.compute_loss = ns_exponent, cbow_mean, epochs, compute_loss
        self.comment, self.max_final_vocab, self.shrink_windows = comment, max_final_vocab, shrink_windows
        self.corpus_count = self.corpus_total_words = self.train_count = 0
        self.total_train_time = self.running_training_loss = 0.0
        self.report: TrainReport | None = None
        self._vocabulary: Vocabulary | None = None
        self._wv: KeyedVectors | None = None  # made on first use, or by training
        self._output: Matrix | None = None
        self._nodes: Matrix | None = None
        self._run_settings()  # raises the errors of values now
        if sentences is not None or corpus_file is not None:
            corpus = self._counted(chosen_corpus(sentences, corpus_file), update=False)
            self._train(corpus, self._run_settings(), callbacks)

    # ------------------------------------------------------------------------------------------ the matrices

    @property
    def wv(self) -> KeyedVectors:
        """The word vectors; untrained ones before any training."""
        if self._wv is None:
            self._begin(self._vocabulary)
        assert self._wv is not None
        return self._wv

    @wv.setter
    def wv(self, vectors: KeyedVectors) -> None:
        self._wv, self._vocabulary = vectors, None

    @property
    def syn1neg(self) -> Matrix:
        """(n_words, vector_size) float32, the output matrix; zeros before any training.

        Raises
        ------
        AttributeError : `negative` is 0, or the model was loaded from a file without an output matrix.
        """
        if len(self.wv) and self._output is None:
            raise AttributeError("this model has no output matrix: negative is 0, or its file had none")
        return np.empty((0, self.vector_size), dtype=np.float32) if self._output is None else self._output

    @syn1neg.setter
    def syn1neg(self, output: Matrix) -> None:
        self._output = output

    @property
    def syn1(self) -> Matrix:
        """(n_words - 1, vector_size) float32, the nodes of hierarchical softmax.

        Calls of `train` continue from them; they start from zeros again when the counts change.

        Raises
        ------
        AttributeError : `hs` is 0, or the model is not trained yet.
        """
        if self._nodes is None:
            raise AttributeError("this model has no nodes of hierarchical softmax: hs is 0, or it is not trained yet")
        return self._nodes

    @property
    def layer1_size(self) -> int:
        """gensim's other name for `vector_size`."""
        return self.vector_size

    def init_weights(self) -> None:
        """Reset all vectors to untrained ones, and keep the vocabulary."""
        self._begin(self._words())

    def reset_from(self, other_model: Word2Vec) -> None:
        """Use the vocabulary of another model, with untrained vectors."""
        self.corpus_count, self.corpus_total_words = other_model.corpus_count, other_model.corpus_total_words
        self._begin(other_model._words())

    def _words(self) -> Vocabulary:
        """Return the vocabulary with its counts; those of `wv` if it exists."""
        if self._vocabulary is not None:
            return self._vocabulary
        if self._wv is None or not len(self._wv):
            raise RuntimeError("there is no vocabulary yet: call build_vocab first, or pass sentences")
        if self._wv.counts is None:
            raise W2VError("these vectors have no counts, which training needs: call build_vocab(..., update=True) "
                           "with the text to continue on")
        return Vocabulary.from_words(self._wv.index_to_key, self._wv.counts, integer_keys=self._wv.integer_keys)

    def _begin(self, vocabulary: Vocabulary | None, initial: Initial | None = None) -> None:
        """Make the matrices: untrained rows, except for the words of `initial`."""
        if vocabulary is None:
            self._wv = KeyedVectors(vector_size=self.vector_size)
            return
        config = self._run_settings().config
        layout = layout_of(config, vocabulary)
        inputs = untrained_rows(config, vocabulary, layout)
        output = allocate_rows(len(vocabulary), self.vector_size)[:, :self.vector_size] if self.negative else None
        if initial is not None:
            initial.fill(vocabulary, config, inputs, output)
        self._wv, self._output = vectors_of(inputs, config, vocabulary, layout), output
        self._vocabulary = self._nodes = None

    # ------------------------------------------------------------------------------------------ the vocabulary

    def build_vocab(
        self, corpus_iterable: Corpus | None = None, corpus_file: StrPath | None = None, update: bool = False,
        progress_per: int = 10_000, keep_raw_vocab: bool = False, trim_rule: object = None, **unknown: object,
    ) -> None:
        """Count words and choose the vocabulary; the vectors are untrained afterwards.

        Parameters
        ----------
        corpus_iterable, corpus_file : one of them, as in the constructor.
        update : keep all words with their vectors, add new words, and add up the counts; `train` then continues.
        progress_per, keep_raw_vocab : accepted, no effect.
        trim_rule : accepted only as None.

        Raises
        ------
        RuntimeError : `update` without a vocabulary.
        CorpusError : no word is left.
        """
        refuse_unknown(unknown, "build_vocab")
        refuse_unsupported(trim_rule=trim_rule)
        self._counted(chosen_corpus(corpus_iterable, corpus_file), update)

    def build_vocab_from_freq(
        self, word_freq: Mapping[Key, int], keep_raw_vocab: bool = False, corpus_count: int | None = None,
        trim_rule: object = None, update: bool = False,
    ) -> None:
        """Choose the vocabulary from known counts; otherwise like `build_vocab`.

        Parameters
        ----------
        word_freq : count of each word or integer.
        corpus_count : number of sentences, for `self.corpus_count`.
        update : as for `build_vocab`.
        keep_raw_vocab, trim_rule : accepted, no effect; `trim_rule` only as None.

        Raises
        ------
        RuntimeError : `update` without a vocabulary.
        ValueError : no word has a count of `min_count` or more.
        """
        refuse_unsupported(trim_rule=trim_rule)
        words, integer_keys = words_of(word_freq)
        given = dict(zip(words, word_freq.values(), strict=True))
        counted = {word: count for word, count in given.items() if count >= self.min_count}
        if update:
            counted.update({word: given[word] for word in self.wv.index_to_key if word in given})
        elif self.max_final_vocab is not None:
            counted = dict(sorted(counted.items(), key=frequency_order)[:self.max_final_vocab])
        if not counted:
            raise ValueError(f"none of the {len(word_freq)} words has a count of min_count = {self.min_count} or more")
        self.corpus_count, self.corpus_total_words = corpus_count or 0, sum(word_freq.values())
        if update:
            self._grow(counted, integer_keys)
        else:
            self._start(vocabulary_of(counted, integer_keys))

    def _counted(self, corpus: Corpus, update: bool) -> EncodedCorpus:
        """Read a corpus and take over its vocabulary."""
        known = self.wv.index_to_key if update else []
        if update and not known:
            raise RuntimeError("there is no vocabulary to update: call build_vocab without update first")
        limit = self.max_final_vocab
        encoded = encode(CorpusInput.of(corpus), min_count=self.min_count, known=known,
                         threads=self._run_settings().threads,
                         max_vocab=None if limit is None else max(limit, len(known)))
        self.corpus_count, self.corpus_total_words = encoded.report.lines, encoded.report.words
        if update:
            found = encoded.vocabulary
            self._grow(dict(zip(found.words, found.counts.tolist(), strict=True)), found.integer_keys)
        else:
            self._start(encoded.vocabulary)
        return encoded

    def _start(self, vocabulary: Vocabulary) -> None:
        self._vocabulary, self._wv, self._output, self._nodes = vocabulary, None, None, None

    def _grow(self, counted: Mapping[str, int], integer_keys: bool) -> None:
        """Add words and counts; old words keep their rows, new ones start as in a new model."""
        old = self.wv
        before = [0] * len(old) if old.counts is None else old.counts.tolist()
        counts = dict(zip(old.index_to_key, before, strict=True))
        for word, count in counted.items():
            counts[word] = counts.get(word, 0) + count
        self._begin(vocabulary_of(counts, old.integer_keys or integer_keys), self.initial())

    # ------------------------------------------------------------------------------------------ training

    def train(
        self, corpus_iterable: Corpus | None = None, corpus_file: StrPath | None = None,
        total_examples: int | None = None, total_words: int | None = None, epochs: int | None = None,
        start_alpha: float | None = None, end_alpha: float | None = None, word_count: int = 0, queue_factor: int = 2,
        report_delay: float = 1.0, compute_loss: bool = False, callbacks: Iterable[object] = (), **unknown: object,
    ) -> tuple[int, int]:
        """Train on a corpus with the present vocabulary; other words are skipped.

        Parameters
        ----------
        corpus_iterable, corpus_file, callbacks : as in the constructor.
        epochs, start_alpha, end_alpha : new values of the attributes epochs, alpha and min_alpha, as in gensim; None,
            and a rate of 0, keep the present value.
        total_examples, total_words, word_count, queue_factor, report_delay, compute_loss : accepted, no effect.

        Returns
        -------
        Number of words trained and number of words read, over all epochs.

        Raises
        ------
        RuntimeError : there is no vocabulary yet.
        W2VError : as `w2v.train`.
        """
        refuse_unknown(unknown, "train")
        vocabulary, corpus = self._words(), CorpusInput.of(chosen_corpus(corpus_iterable, corpus_file))
        before = self.epochs, self.alpha, self.min_alpha
        self.epochs = self.epochs if epochs is None else epochs
        self.alpha, self.min_alpha = start_alpha or self.alpha, end_alpha or self.min_alpha
        try:
            settings = self._run_settings()
        except (TypeError, ValueError):
            self.epochs, self.alpha, self.min_alpha = before
            raise
        return self._train(encode(corpus, vocabulary=vocabulary, threads=settings.threads), settings, callbacks)

    def _train(self, corpus: EncodedCorpus, settings: RunSettings, callbacks: Iterable[object]) -> tuple[int, int]:
        config, threads, isa = settings
        initial = None if self._wv is None else self.initial()
        callbacks, started = list(callbacks), time.perf_counter()
        call_all(callbacks, "on_train_begin", self)
        call_all(callbacks, "on_epoch_begin", self)
        model = train_encoded(corpus, config, threads=threads, isa=isa, progress=False,
                              on_epoch_end=EpochCallbacks(self, callbacks), initial=initial)
        if self._wv is None:
            self._wv = model.wv
        else:
            self._wv.vectors, self._wv.subwords = model.wv.rows, model.wv.subwords  # in place: callers may hold `wv`
        self._wv.metadata = model.wv.metadata
        self._output = model.output_vectors if config.negative else None
        self._nodes, self._vocabulary, self.report = model.node_vectors, None, model.report
        self.train_count += 1
        self.total_train_time += time.perf_counter() - started
        call_all(callbacks, "on_train_end", self)
        return model.report.words_trained, model.report.words_read

    def initial(self) -> Initial:
        """Return the vectors of this model as initial vectors of another run; called by `w2v.train(init=model)`."""
        initial = Initial(self.wv, self._output, self._nodes)
        initial.frozen = frozen_words(self.wv)
        return initial

    def get_latest_training_loss(self) -> float:
        """Return the mean loss for a pair of centre and context word in the last complete epoch; 0 before the first.

        The loss is in natural logarithms. gensim returns the sum over all pairs of a call of `train` instead.
        """
        return self.running_training_loss

    def _run_settings(self) -> RunSettings:
        """Check the attributes as they are now."""
        names = [spec.name for spec in dataclasses.fields(TrainConfig)]
        values = {name: getattr(self, name) for name in self._settings if name in names}
        values |= {name: bool(values[name]) for name in ("sg", "hs", "cbow_mean")}
        values |= {"max_vocab": self.max_final_vocab, "cbow_undivided": not self.sg and bool(self.cbow_mean)}
        return RunRequest(options=cast(TrainOptions, values | self._more_options()), threads=self.workers).settings()

    def _more_options(self) -> TrainOptions:
        """Hyper-parameters that gensim names differently."""
        return {}

    # ------------------------------------------------------------------------------------------ use and files

    def predict_output_word(self, context_words_list: Sequence[Key], topn: int = 10) -> list[tuple[str, float]] | None:
        """Return the most probable centre words of a context, with probabilities; see `w2v.vectors.prediction`."""
        return predict_output_word(self.wv, self._output, context_words_list, topn, bool(self.cbow_mean))

    def __str__(self) -> str:
        words = self.wv if self._vocabulary is None else self._vocabulary
        return f"{type(self).__name__}<vocab={len(words)}, vector_size={self.vector_size}, alpha={self.alpha}>"
