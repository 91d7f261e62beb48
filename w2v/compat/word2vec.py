"""`Word2Vec`: the class of those who come from gensim, over the same functions that `w2v.train` uses.

Place in the data flow: sentences -> vocabulary, vectors -> `wv`. Nothing is trained here: `train_encoded` is.

What differs from gensim 4, where a program might notice:
* counts are exact and lines are read whole: `max_vocab_size`, `batch_words` and `sorted_vocab` have no effect; words
  are always sorted by falling count, also after `build_vocab(update=True)`;
* a corpus is read once for each call, also for several epochs, so that generators will do; what changes from one epoch
  to the next is not seen;
* `train` needs neither `total_examples` nor `total_words`: the words are counted;
* the loss is a mean for a pair of words (of the last epoch), not a growing sum;
* `save` writes one `.safetensors`, whatever its suffix; `load` also takes any other file of vectors.
What would give another result than in gensim is refused: `trim_rule`, `null_word`, a `hashfxn` of one's own. `score`
(of hierarchical softmax) is not offered.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from w2v.compat.gensim import EpochCallbacks, by_count, call_back, frozen_words, one_of, rank, refuse, refuse_rules
from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import FormatError, W2VError
from w2v.formats import read_vectors, write_vectors
from w2v.formats.subwords import Subwords
from w2v.formats.vectorfile import SAFETENSORS, VectorFile
from w2v.keyedvectors import KeyedVectors
from w2v.system.threads import resolve_threads
from w2v.training.initial import Initial
from w2v.training.loop import _isa
from w2v.training.matrices import allocate_rows
from w2v.training.model import TrainReport
from w2v.training.objectives.layout import layout_of, untrained_rows
from w2v.training.trainer import train_encoded, vectors_of
from w2v.types import Matrix, StrPath
from w2v.vectors.lookup import Key
from w2v.vectors.prediction import predict_output_word

_COUNTED = ("corpus_count", "corpus_total_words", "train_count", "total_train_time")


class Word2Vec:
    """Word vectors with gensim 4's names and defaults (CBOW, 5 negatives).

    Parameters
    ----------
    sentences : what to train on at once: an iterable of lists of str, or a path (see `w2v.train`). Without it, and
        without `corpus_file`, the model waits for `build_vocab` and `train`.
    corpus_file : a path instead; compressed files will do.
    vector_size, alpha, window, min_count, sample, seed, min_alpha, negative, ns_exponent, epochs, shrink_windows : as
        in `w2v.TrainConfig`.
    workers : threads.
    sg, hs, cbow_mean : 1 or 0: skip-gram or CBOW, hierarchical softmax or negative sampling, mean or sum.
    max_final_vocab : keep exactly so many words at most.
    callbacks : objects with any of on_train_begin, on_train_end, on_epoch_begin, on_epoch_end, which get this model;
        the threads go on meanwhile. `wv` then has a copy of the vectors of that moment.
    comment : goes into the saved file.
    compute_loss, max_vocab_size, sorted_vocab, batch_words : accepted; the loss is always known.
    trim_rule, hashfxn, null_word : accepted as None or 0 (or the function `hash`).

    Attributes
    ----------
    wv : the vectors (untrained ones between `build_vocab` and `train`). Where `wv.vectors_lockf` is 0, `train` leaves
        them as they are.
    syn1neg : (n_words, vector_size) float32, the output matrix.
    report : `TrainReport` of the last training, None before.

    Raises
    ------
    TypeError : an unknown parameter; names of gensim 3 are told the new name.
    ValueError : a value is out of its range, or would have another meaning here.
    """

    _settings: tuple[str, ...] = (  # what is saved, and where TrainConfig has the same name, trained with
        "vector_size", "alpha", "window", "min_count", "max_vocab_size", "sample", "seed", "workers", "min_alpha", "sg",
        "hs", "negative", "ns_exponent", "cbow_mean", "epochs", "compute_loss", "comment", "max_final_vocab",
        "shrink_windows")

    def __init__(
        self, sentences: Any = None, corpus_file: StrPath | None = None, vector_size: int = 100, alpha: float = 0.025,
        window: int = 5, min_count: int = 5, max_vocab_size: int | None = None, sample: float = 1e-3, seed: int = 1,
        workers: int = 3, min_alpha: float = 0.0001, sg: int = 0, hs: int = 0, negative: int = 5,
        ns_exponent: float = 0.75, cbow_mean: int = 1, hashfxn: Any = None, epochs: int = 5, null_word: int = 0,
        trim_rule: Any = None, sorted_vocab: int = 1, batch_words: int = 10_000, compute_loss: bool = False,
        callbacks: Iterable[Any] = (), comment: str | None = None, max_final_vocab: int | None = None,
        shrink_windows: bool = True, **unknown: Any,
    ) -> None:
        refuse(unknown, type(self).__name__)
        refuse_rules(trim_rule=trim_rule, null_word=null_word, hashfxn=None if hashfxn is hash else hashfxn)
        self.vector_size, self.alpha, self.window, self.min_count = vector_size, alpha, window, min_count
        self.max_vocab_size, self.sample, self.seed, self.workers = max_vocab_size, sample, seed, workers
        self.min_alpha, self.sg, self.hs, self.negative = min_alpha, sg, hs, negative
        self.ns_exponent, self.cbow_mean, self.epochs, self.compute_loss = ns_exponent, cbow_mean, epochs, compute_loss
        self.comment, self.max_final_vocab, self.shrink_windows = comment, max_final_vocab, shrink_windows
        self.corpus_count = self.corpus_total_words = self.train_count = 0
        self.total_train_time = self.running_training_loss = 0.0
        self.report: TrainReport | None = None
        self._vocabulary: Vocabulary | None = None
        self._wv: KeyedVectors | None = None  # made when it is asked for, or by training
        self._output: Matrix | None = None
        self._nodes: Matrix | None = None
        self._config(), resolve_threads(workers)  # the errors of values come now
        if sentences is not None or corpus_file is not None:
            corpus = self._counted(one_of(sentences, corpus_file), update=False)
            self._train(corpus, self._config(), callbacks)

    # ------------------------------------------------------------------------------------------ the matrices

    @property
    def wv(self) -> KeyedVectors:
        if self._wv is None:
            self._begin(self._vocabulary)
        assert self._wv is not None
        return self._wv

    @wv.setter
    def wv(self, vectors: KeyedVectors) -> None:
        self._wv, self._vocabulary = vectors, None

    @property
    def syn1neg(self) -> Matrix:
        """The output matrix; zeros before any training.

        Raises
        ------
        AttributeError : there is none: `negative` is 0, or the model came from a file without one.
        """
        if len(self.wv) and self._output is None:
            raise AttributeError("this model has no output matrix: negative is 0, or its file had none")
        return np.empty((0, self.vector_size), dtype=np.float32) if self._output is None else self._output

    @syn1neg.setter
    def syn1neg(self, output: Matrix) -> None:
        self._output = output

    @property
    def syn1(self) -> Matrix:
        """(n_words - 1, vector_size) float32, the nodes of hierarchical softmax; AttributeError if there are none, as
        before any training. They go on from call to call of `train`, and begin anew when the counts change."""
        if self._nodes is None:
            raise AttributeError("this model has no nodes of hierarchical softmax: hs is 0, or it is not trained yet")
        return self._nodes

    @property
    def layer1_size(self) -> int:
        return self.vector_size

    def init_weights(self) -> None:
        """Forget what was learned, and keep the vocabulary."""
        self._begin(self._words())

    def reset_from(self, other_model: Word2Vec) -> None:
        """Take the vocabulary of another model, with untrained vectors."""
        self.corpus_count, self.corpus_total_words = other_model.corpus_count, other_model.corpus_total_words
        self._begin(other_model._words())

    def _words(self) -> Vocabulary:
        """The vocabulary with its counts, as `wv` has them if there is one."""
        if self._vocabulary is not None:
            return self._vocabulary
        if self._wv is None or not len(self._wv):
            raise RuntimeError("there is no vocabulary yet: call build_vocab first, or give sentences")
        if self._wv.counts is None:
            raise W2VError("these vectors have no counts, which training needs: call build_vocab(..., update=True) "
                           "with the text to go on with")
        return Vocabulary.from_words(self._wv.index_to_key, self._wv.counts)

    def _begin(self, vocabulary: Vocabulary | None, initial: Initial | None = None) -> None:
        """Untrained matrices, but for what is given to begin with."""
        if vocabulary is None:
            self._wv = KeyedVectors(vector_size=self.vector_size)
            return
        config = self._config()
        layout = layout_of(config, vocabulary)
        inputs = untrained_rows(config, vocabulary, layout)
        output = allocate_rows(len(vocabulary), self.vector_size)[:, :self.vector_size] if self.negative else None
        if initial is not None:
            initial.fill(vocabulary, config, inputs, output)
        self._wv, self._output = vectors_of(inputs, config, vocabulary, layout), output
        self._vocabulary = self._nodes = None

    # ------------------------------------------------------------------------------------------ the vocabulary

    def build_vocab(
        self, corpus_iterable: Any = None, corpus_file: StrPath | None = None, update: bool = False,
        progress_per: int = 10_000, keep_raw_vocab: bool = False, trim_rule: Any = None, **unknown: Any,
    ) -> None:
        """Count words and choose the vocabulary; the vectors are untrained then.

        Parameters
        ----------
        corpus_iterable, corpus_file : one of them, as in the constructor.
        update : keep all words with their vectors and add the new ones, whose counts add up; `train` then goes on.
        progress_per, keep_raw_vocab : accepted, no effect.

        Raises
        ------
        RuntimeError : `update` without a vocabulary.
        CorpusError : no word is left.
        """
        refuse(unknown, "build_vocab")
        refuse_rules(trim_rule=trim_rule)
        self._counted(one_of(corpus_iterable, corpus_file), update)

    def build_vocab_from_freq(
        self, word_freq: Mapping[str, int], keep_raw_vocab: bool = False, corpus_count: int | None = None,
        trim_rule: Any = None, update: bool = False,
    ) -> None:
        """As `build_vocab`, from counts that are known."""
        refuse_rules(trim_rule=trim_rule)
        counted = {word: count for word, count in word_freq.items() if count >= self.min_count}
        if update:
            counted.update({word: word_freq[word] for word in self.wv.index_to_key if word in word_freq})
        elif self.max_final_vocab is not None:
            counted = dict(sorted(counted.items(), key=rank)[:self.max_final_vocab])
        if not counted:
            raise ValueError(f"none of the {len(word_freq)} words has a count of min_count = {self.min_count} or more")
        self.corpus_count, self.corpus_total_words = corpus_count or 0, sum(word_freq.values())
        self._grow(counted) if update else self._start(by_count(counted))

    def _counted(self, corpus: Any, update: bool) -> EncodedCorpus:
        """Read a corpus and take its vocabulary."""
        known = self.wv.index_to_key if update else []
        if update and not known:
            raise RuntimeError("there is no vocabulary to update: call build_vocab without update first")
        limit = self.max_final_vocab
        encoded = encode(corpus, min_count=self.min_count, threads=self._threads(), known=known,
                         max_vocab=None if limit is None else max(limit, len(known)))
        self.corpus_count, self.corpus_total_words = encoded.report.lines, encoded.report.words
        if update:
            found = encoded.vocabulary
            self._grow(dict(zip(found.words, found.counts.tolist(), strict=True)))
        else:
            self._start(encoded.vocabulary)
        return encoded

    def _start(self, vocabulary: Vocabulary) -> None:
        self._vocabulary, self._wv, self._output, self._nodes = vocabulary, None, None, None

    def _grow(self, counted: Mapping[str, int]) -> None:
        """Add words and counts; the words that are there keep their rows, new ones start as in a new model."""
        old = self.wv
        before = [0] * len(old) if old.counts is None else old.counts.tolist()
        counts = dict(zip(old.index_to_key, before, strict=True))
        for word, count in counted.items():
            counts[word] = counts.get(word, 0) + count
        self._begin(by_count(counts), self.initial())

    # ------------------------------------------------------------------------------------------ training

    def train(
        self, corpus_iterable: Any = None, corpus_file: StrPath | None = None, total_examples: int | None = None,
        total_words: int | None = None, epochs: int | None = None, start_alpha: float | None = None,
        end_alpha: float | None = None, word_count: int = 0, queue_factor: int = 2, report_delay: float = 1.0,
        compute_loss: bool = False, callbacks: Iterable[Any] = (), **unknown: Any,
    ) -> tuple[int, int]:
        """Train on a corpus, with the vocabulary as it is; words that it does not have are passed over.

        Parameters
        ----------
        corpus_iterable, corpus_file, callbacks : as in the constructor.
        epochs, start_alpha, end_alpha : instead of the model's epochs, alpha and min_alpha, which they become, as in
            gensim; None and a rate of 0 leave these as they are.
        total_examples, total_words, word_count, queue_factor, report_delay, compute_loss : accepted, no effect.

        Returns
        -------
        Words trained and words read, over all epochs.

        Raises
        ------
        RuntimeError : there is no vocabulary yet.
        W2VError : as `w2v.train`.
        """
        refuse(unknown, "train")
        vocabulary, corpus = self._words(), one_of(corpus_iterable, corpus_file)
        before = self.epochs, self.alpha, self.min_alpha
        self.epochs = self.epochs if epochs is None else epochs
        self.alpha, self.min_alpha = start_alpha or self.alpha, end_alpha or self.min_alpha
        try:
            config = self._config()
        except (TypeError, ValueError):
            self.epochs, self.alpha, self.min_alpha = before
            raise
        return self._train(encode(corpus, vocabulary=vocabulary, threads=self._threads()), config, callbacks)

    def _train(self, corpus: EncodedCorpus, config: TrainConfig, callbacks: Iterable[Any]) -> tuple[int, int]:
        initial = None if self._wv is None else self.initial()
        callbacks, started = list(callbacks), time.perf_counter()
        told = EpochCallbacks(self, callbacks)
        call_back(callbacks, "on_train_begin", self)
        call_back(callbacks, "on_epoch_begin", self)
        model = train_encoded(corpus, config, threads=self._threads(), isa=_isa.chosen_isa(), progress=False,
                              on_epoch_end=told, initial=initial)
        if self._wv is None:
            self._wv = model.wv
        else:
            self._wv.vectors, self._wv.subwords = model.wv.rows, model.wv.subwords  # who holds `wv` sees the new ones
        self._wv.metadata = model.wv.metadata
        self._output = model.output_vectors if config.negative else None
        self._nodes, self._vocabulary, self.report = model.node_vectors, None, model.report
        self.train_count += 1
        self.total_train_time += time.perf_counter() - started
        call_back(callbacks, "on_train_end", self)
        return model.report.words_trained, model.report.words_read

    def initial(self) -> Initial:
        """What another run needs to go on from here, for `w2v.train(init=model)`."""
        initial = Initial(self.wv, self._output, self._nodes)
        initial.frozen = frozen_words(self.wv)
        return initial

    def get_latest_training_loss(self) -> float:
        """Mean loss for a pair of a centre and a context (natural logarithm), in the last epoch that has ended; 0
        before any. gensim's is the sum over all pairs of a call of `train`, whose differences say the same."""
        return self.running_training_loss

    def _config(self) -> TrainConfig:
        """The hyper-parameters as the attributes have them now."""
        names = [spec.name for spec in dataclasses.fields(TrainConfig)]
        values = {name: getattr(self, name) for name in self._settings if name in names}
        values |= {name: bool(values[name]) for name in ("sg", "hs", "cbow_mean")}
        return TrainConfig(**values, max_vocab=self.max_final_vocab,
                           cbow_undivided=not self.sg and bool(self.cbow_mean), **self._more())

    def _more(self) -> dict[str, Any]:
        """Hyper-parameters that gensim has under another name."""
        return {}

    def _threads(self) -> int:
        return resolve_threads(self.workers)

    # ------------------------------------------------------------------------------------------ use and files

    def predict_output_word(self, context_words_list: Sequence[Key], topn: int = 10) -> list[tuple[str, float]] | None:
        """The most probable words in the middle of a context: see `w2v.vectors.prediction`."""
        return predict_output_word(self.wv, self._output, context_words_list, topn, bool(self.cbow_mean))

    def __str__(self) -> str:
        words = self.wv if self._vocabulary is None else self._vocabulary
        return f"{type(self).__name__}<vocab={len(words)}, vector_size={self.vector_size}, alpha={self.alpha}>"

    def save(self, fname: StrPath) -> None:
        """Write both matrices, the counts and all settings as one `.safetensors`, whatever the suffix.

        Raises
        ------
        W2VError : there is no word yet, or the file cannot be written.
        """
        if not len(self.wv):
            raise W2VError("there is no word to save yet: call build_vocab first")
        settings = {name: getattr(self, name) for name in (*self._settings, *_COUNTED)}
        write_vectors(fname, self.wv.index_to_key, self.wv.rows, self.wv.counts, format=SAFETENSORS,
                      output_vectors=self._output, node_vectors=self._nodes,
                      subwords=ngrams if isinstance(ngrams := self.wv.subwords, Subwords) else None,
                      metadata={**self.wv.metadata, "word2vec": json.dumps(settings, default=np.generic.item)})

    @classmethod
    def load(cls, fname: StrPath, mmap: str | None = None) -> Self:
        """A model that `save` wrote, to use or to train further. Any other file of vectors will do: its settings are
        those of the training if `w2v train` wrote it, and the defaults otherwise.

        Parameters
        ----------
        mmap : "r" leaves the input vectors on the disk, read-only; training copies them.

        Raises
        ------
        FormatError, W2VError : the file is broken.
        """
        file = read_vectors(fname, mmap=None if mmap else False)
        return cls._from_file(file, fname)

    @classmethod
    def _from_file(cls, file: VectorFile, path: StrPath) -> Self:
        try:
            saved = json.loads(file.metadata.get("word2vec") or file.metadata.get("training", "{}"))
            if "word2vec" not in file.metadata and "training" in file.metadata:
                saved = {"sg": True, **saved}  # our own default
            counted = {name: saved.pop(name) for name in _COUNTED if name in saved}
            known = {name: value for name, value in saved.items() if name in cls._settings}
            model = cls(**{**known, "vector_size": file.rows.shape[1]})
        except (AttributeError, RecursionError, TypeError, ValueError) as error:
            raise FormatError(path, f"the settings of the model in it are broken: {error}") from None
        for name, value in counted.items():
            if type(value) in (int, float):
                setattr(model, name, value)
        model._wv, model._output = KeyedVectors.from_file(file), file.output_vectors
        model._nodes = file.node_vectors
        model._wv.output_vectors = None
        return model
