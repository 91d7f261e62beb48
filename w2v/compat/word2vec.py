"""`Word2Vec`: gensim's class of that name over the training functions of `w2v.train`.

Place in the data flow: sentences -> vocabulary and vectors -> `wv`. Its parts, each a class on top of the one before:
`w2v.compat.weights` (matrices), `w2v.compat.vocabulary` (words), `w2v.compat.saved` (files), and here training. The
training itself is `train_encoded`.

Differences from gensim 4 that a program may notice:
* counts are exact and lines are read whole, so `max_vocab_size` and `sorted_vocab` have no effect; words are always
  sorted by falling count, also after `build_vocab(update=True)`;
* `max_final_vocab` keeps exactly that many words;
* each call reads its corpus once, even for several epochs, so generators are enough; changes between epochs are not
  seen;
* `train` needs neither `total_examples` nor `total_words` nor `epochs`, and vectors without counts are trained with
  those of the text;
* the loss is the mean for a pair of words in the last epoch, not a growing sum;
* `save` writes one `.safetensors` file with any suffix; `load` also reads any other file of vectors;
* in a callback, matrices are read-only copies, and neither the vocabulary nor the matrices can be replaced.
"""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, cast

from w2v.compat.callbacks import EpochCallbacks, call_all
from w2v.compat.gensim import chosen_corpus, parameters, refuse_unknown
from w2v.compat.options import Word2VecOptions
from w2v.compat.saved import SavedModel
from w2v.compat.score import scores_of
from w2v.compat.utils import TrimRule
from w2v.config import TrainConfig, TrainOptions
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.line_sentences import LineSentence as LineSentence
from w2v.corpus.line_sentences import PathLineSentences as PathLineSentences
from w2v.corpus.paths import Corpus, CorpusInput
from w2v.corpus_options import CORPUS_OPTIONS, corpus_options
from w2v.errors import ModelError, W2VError
from w2v.formats.keys import Key
from w2v.system import log
from w2v.training.model import TrainReport
from w2v.training.request import RunRequest, RunSettings
from w2v.training.status import ModelState
from w2v.training.trainer import train_encoded
from w2v.types import Scores, StrPath
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
    min_count : leave out words that occur fewer times; 0 means 1.
    sample : subsampling threshold for frequent words, as a share of the corpus; 0 keeps all words.
    seed : seed of all random numbers.
    workers : number of threads.
    sg : 1 for skip-gram, 0 for CBOW.
    hs : 1 for hierarchical softmax, in addition to negative sampling unless `negative` is 0.
    negative : noise words for each window.
    ns_exponent : noise words are drawn in proportion to count ** ns_exponent.
    cbow_mean : 1 for the mean of the context vectors in CBOW, 0 for their sum.
    epochs : passes over the corpus.
    trim_rule : function of (word, count, min_count) that returns RULE_DISCARD, RULE_KEEP or RULE_DEFAULT, which is
        `min_count` (the constants of `gensim.utils`, or of `w2v.compat.utils`). It is not kept: `build_vocab` has a
        parameter of its own.
    null_word : 1 adds the word "\\0", which never occurs.
    max_final_vocab : keep at most this many words, the most frequent ones.
    shrink_windows : draw the size of each window from 1 to `window`.
    callbacks : objects with any of the methods on_train_begin, on_train_end, on_epoch_begin and on_epoch_end, which
        receive this model; training waits meanwhile. All that they see and save (`wv`, `syn1neg`, `syn1`, `save`,
        `copy.deepcopy(model)`) is the whole state of the model at the end of the epoch, as read-only copies that are
        made at the first look. After an exception in a callback the model keeps this state.
    comment : text that is stored in the saved file.
    batch_words : fewer threads are used if each would have less than this many words of an epoch. So small corpora are
        trained by one thread and give the same vectors each time, as in gensim.
    progress : show the progress on stderr: a bar in a terminal or a notebook, otherwise a line every 30 seconds. It is
        also logged, by the logger "w2v".
    lowercase, tokenize, and the other options of a corpus : as for `w2v.train`, for all texts that this model reads. A
        model that was loaded uses those that its words were made with.
    compute_loss, max_vocab_size, sorted_vocab, hashfxn : accepted, no effect; the loss is always computed.

    Attributes
    ----------
    wv : the vectors (untrained ones between `build_vocab` and `train`). `train` does not change vectors where
        `wv.vectors_lockf` is 0.
    syn1neg, syn1 : the output matrix, and the nodes of hierarchical softmax; see `Weights`.
    min_alpha_yet_reached : the learning rate that training has reached.
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

    vector_size: int
    alpha: float
    window: int
    min_count: int
    max_vocab_size: int | None
    sample: float
    seed: int
    workers: int
    min_alpha: float
    sg: int
    hs: int
    negative: int
    ns_exponent: float
    cbow_mean: int
    epochs: int
    compute_loss: bool
    comment: str | None
    max_final_vocab: int | None
    shrink_windows: bool
    null_word: int
    sorted_vocab: int
    batch_words: int
    train_count: int
    min_alpha_yet_reached: float
    total_train_time: float
    running_training_loss: float

    _settings: ClassVar[tuple[str, ...]] = (  # saved, and used for training if TrainConfig has the name
        "vector_size", "alpha", "window", "min_count", "max_vocab_size", "sample", "seed", "workers", "min_alpha", "sg",
        "hs", "negative", "ns_exponent", "cbow_mean", "epochs", "compute_loss", "comment", "max_final_vocab",
        "shrink_windows", "null_word", "sorted_vocab", "batch_words")
    _parameters: ClassVar[tuple[str, ...]] = ("sentences", "corpus_file", "sg", "hs", *Word2VecOptions.__annotations__)

    def __init__(
        self, sentences: Corpus | None = None, corpus_file: StrPath | None = None, vector_size: int = 100,
        alpha: float = 0.025, window: int = 5, min_count: int = 5, max_vocab_size: int | None = None,
        sample: float = 1e-3, seed: int = 1, workers: int = 3, min_alpha: float = 0.0001, sg: int = 0, hs: int = 0,
        negative: int = 5, ns_exponent: float = 0.75, cbow_mean: int = 1, hashfxn: Callable[..., int] | None = None,
        epochs: int = 5, null_word: int = 0, trim_rule: TrimRule | None = None, sorted_vocab: int = 1,
        batch_words: int = 10_000, compute_loss: bool = False, callbacks: Iterable[object] = (),
        comment: str | None = None, max_final_vocab: int | None = None, shrink_windows: bool = True,
        progress: bool = True, **unknown: object,
    ) -> None:
        self._corpus_options: dict[str, Any] = {name: unknown.pop(name) for name in CORPUS_OPTIONS if name in unknown}
        corpus_options(self._corpus_options)  # raises the errors of values now
        refuse_unknown(unknown, type(self).__name__, self._parameters)
        self.vector_size, self.alpha, self.window, self.min_count = vector_size, alpha, window, min_count
        self.max_vocab_size, self.sample, self.seed, self.workers = max_vocab_size, sample, seed, workers
        self.min_alpha, self.sg, self.hs, self.negative = min_alpha, sg, hs, negative
        self.ns_exponent, self.cbow_mean, self.epochs, self.compute_loss = ns_exponent, cbow_mean, epochs, compute_loss
        self.comment, self.max_final_vocab, self.shrink_windows = comment, max_final_vocab, shrink_windows
        self.null_word, self.sorted_vocab, self.batch_words = null_word, sorted_vocab, batch_words
        self.progress = progress
        super().__init__()
        self.train_count, self.min_alpha_yet_reached = 0, alpha
        self.total_train_time = self.running_training_loss = 0.0
        self.report: TrainReport | None = None
        self._run_settings()  # raises the errors of values now
        if sentences is not None or corpus_file is not None:
            corpus = self._counted(chosen_corpus(sentences, corpus_file), False, trim_rule)
            self._train(corpus, self._run_settings(), callbacks)
        elif trim_rule is not None:
            warnings.warn("trim_rule has no effect without sentences: pass it to build_vocab", stacklevel=2)

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
        refuse_unknown(unknown, "train", parameters(self.train))
        self._refuse_while_training("train")
        corpus = self._corpus(chosen_corpus(corpus_iterable, corpus_file))
        before = self.epochs, self.alpha, self.min_alpha
        self.epochs = self.epochs if epochs is None else epochs
        self.alpha, self.min_alpha = start_alpha or self.alpha, end_alpha or self.min_alpha
        try:
            settings = self._run_settings()
            encoded = self._encoded(corpus)
        except BaseException:
            self.epochs, self.alpha, self.min_alpha = before
            raise
        return self._train(encoded, settings, callbacks)

    def _encoded(self, corpus: CorpusInput) -> EncodedCorpus:
        """Read a corpus with the present vocabulary; words without counts get those of the corpus."""
        if self._vocabulary is None and self._wv is not None and len(self._wv) and self._wv.counts is None:
            encoded = self._read(corpus, known=self._wv.index_to_key, keep=lambda word, count, least: False)
            counts = encoded.vocabulary.counts.tolist()
            self._grow(dict(zip(encoded.vocabulary.words, counts, strict=True)), encoded.vocabulary.integer_keys)
            return encoded
        return self._read(corpus, vocabulary=self._words())

    def _train(self, corpus: EncodedCorpus, settings: RunSettings, callbacks: Iterable[object]) -> tuple[int, int]:
        self._warn()
        callbacks, started = list(callbacks), time.perf_counter()
        calls = EpochCallbacks(self, callbacks)
        self._training = True
        try:
            call_all(callbacks, "on_train_begin", self)
            call_all(callbacks, "on_epoch_begin", self)
            report = self._trained(corpus, settings, calls)
        finally:
            self._training = False
        self.report, self.min_alpha_yet_reached = report, self.min_alpha
        self.train_count += 1
        self.total_train_time += time.perf_counter() - started
        call_all(callbacks, "on_train_end", self)
        return report.words_trained, report.words_read

    def _trained(self, corpus: EncodedCorpus, settings: RunSettings, calls: EpochCallbacks) -> TrainReport:
        """Train and take over the matrices; those at the moment of an exception in a callback too."""
        config, threads, isa = settings
        threads = min(threads, max(1, -(-corpus.n_words // max(1, self.batch_words))))
        initial = None if self._wv is None else self.initial()
        before = self._wv, self._output, self._syn1, self._vocabulary
        rows = None if self._wv is None else (self._wv.rows, self._wv.subwords)
        try:
            model = train_encoded(corpus, config, threads=threads, isa=isa, progress=self.progress, on_epoch_end=calls,
                                  initial=initial, separate_epochs=bool(calls.callbacks))
        except BaseException as error:
            if calls.view is not None and not isinstance(error, W2VError):
                self._take(self._state_of(calls.view))
            else:  # the run itself failed, for example by numbers that are not finite
                self._wv, self._output, self._syn1, self._vocabulary = before
                if self._wv is not None and rows is not None:
                    self._wv.vectors, self._wv.subwords = rows
            raise
        self._take(ModelState(model.wv, model.output_vectors if config.negative else None, model.node_vectors))
        self.wv.metadata = model.wv.metadata
        return model.report

    def _warn(self) -> None:
        """Log what gensim warns of."""
        if self.hs and self.negative:
            log.warning("Both hierarchical softmax and negative sampling are activated. If that is not intended, set "
                        "negative=0 or hs=0.")
        if self.alpha > self.min_alpha_yet_reached:
            log.warning(f"Effective 'alpha' higher than previous training cycles: {self.alpha:g} after "
                        f"{self.min_alpha_yet_reached:g}. Pass start_alpha to continue with that rate.")

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
        """Return the most probable centre words of a context, with probabilities; see `w2v.vectors.prediction`.

        Raises
        ------
        ModelError : (a RuntimeError) there is no output matrix.
        """
        wv = self.wv
        try:
            return predict_output_word(wv, self._output, context_words_list, topn, bool(self.cbow_mean))
        except W2VError as error:
            raise ModelError(str(error)) from None

    def score(
        self, sentences: Iterable[Sequence[str]], total_sentences: int = 1_000_000, chunksize: int = 100,
        queue_factor: int = 2, report_delay: float = 1,
    ) -> Scores:
        """Return the log probability of each sentence, for models with hierarchical softmax.

        Parameters
        ----------
        sentences : an iterable of lists of words; unknown words are left out.
        total_sentences : score at most this many.
        chunksize, queue_factor, report_delay : accepted, no effect.

        Returns
        -------
        (n,) float32, natural logarithms: the sum over all pairs of a window (skip-gram) or all centre words (CBOW).

        Raises
        ------
        RuntimeError : there is no vocabulary.
        ModelError : (a RuntimeError) `hs` is 0.

        Source
        ------
        Taddy 2015, "Document Classification by Inversion of Distributed Language Representations"; gensim's
        `Word2Vec.score`, which leaves out factors whose exponent is above 6, though.
        """
        words = self._words()
        if not self.hs:
            raise ModelError("only models with hierarchical softmax can score sentences: train with hs=1, negative=0")
        return scores_of(self.wv, self.syn1, words, self._run_settings().config, sentences, total_sentences)

    def __str__(self) -> str:
        words = self.wv if self._vocabulary is None else self._vocabulary
        return f"{type(self).__name__}<vocab={len(words)}, vector_size={self.vector_size}, alpha={self.alpha}>"

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """Return the report of the last training as tables, or the short text if there was none."""
        from html import escape

        title = f"<p>{escape(str(self))}</p>"
        return title if self.report is None else f"{title}\n{self.report._repr_html_()}"
