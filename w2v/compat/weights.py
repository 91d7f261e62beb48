"""`Weights`: the matrices of a model of gensim's classes, before, during and after a run.

Place in the data flow: vocabulary and training -> `Weights`, the base of `Word2Vec` -> programs, callbacks, files.

The matrices are made on first use. While a callback runs, they are a read-only copy of the state of the run, made when
the callback first looks: a callback that does not look costs nothing, and one that changes a vector gets an error,
because the change would be lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.compat.vectors import ModelVectors, frozen_words
from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import ModelError
from w2v.formats.subwords import Subwords
from w2v.keyedvectors import KeyedVectors
from w2v.training.initial import Initial
from w2v.training.matrices import allocate_rows
from w2v.training.objectives.layout import layout_of, untrained_rows
from w2v.training.request import RunSettings
from w2v.training.status import ModelState, ModelView
from w2v.training.trainer import vectors_of
from w2v.types import Matrix


class Weights:
    """Vectors, output matrix and nodes of hierarchical softmax of one model."""

    vector_size: int
    hs: int
    negative: int
    ns_exponent: float

    def __init__(self) -> None:
        self._vocabulary: Vocabulary | None = None  # of matrices that are not made yet
        self._wv: KeyedVectors | None = None
        self._output: Matrix | None = None
        self._syn1: Matrix | None = None
        self._view: ModelView | None = None  # of the run that a callback may look at
        self._looked = self._training = False

    # --- what programs see -------------------------------------------------------------------------------------------

    @property
    def wv(self) -> KeyedVectors:
        """The word vectors; untrained ones before any training."""
        self._look()
        if self._wv is None:
            self._begin(self._vocabulary)
        assert self._wv is not None
        return self._wv

    @wv.setter
    def wv(self, vectors: KeyedVectors) -> None:
        self._refuse_while_training("wv")
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
        self._refuse_while_training("syn1neg")
        self._output = output

    @property
    def syn1(self) -> Matrix:
        """(n_words, vector_size) float32, the nodes of hierarchical softmax, the root first; the last row is not used.

        Calls of `train` continue from them. They are zeros before any training, and again when the counts change, since
        the tree depends on the counts.

        Raises
        ------
        AttributeError : `hs` is 0.
        """
        n_words = len(self.wv)
        if self._syn1 is None:
            if not self.hs:
                raise AttributeError("this model has no nodes of hierarchical softmax: hs is 0")
            self._syn1 = np.zeros((n_words, self.vector_size), dtype=np.float32)
        return self._syn1

    @property
    def cum_table(self) -> npt.NDArray[np.uint32]:
        """(n_words,) uint32, the distribution of the noise words as cumulative sums that end at 2**31 - 1."""
        words = self._words()
        return np.round(np.cumsum(words.noise_weights(self.ns_exponent)) * (2**31 - 1)).astype(np.uint32)

    @property
    def layer1_size(self) -> int:
        """gensim's other name for `vector_size`."""
        return self.vector_size

    def init_weights(self) -> None:
        """Reset all vectors to untrained ones, and keep the vocabulary."""
        self._refuse_while_training("init_weights")
        self._begin(self._words())

    def initial(self) -> Initial:
        """Return the vectors of this model as initial vectors of another run; called by `w2v.train(init=model)`."""
        wv = self.wv  # `Initial` keeps these rows, while `wv` may get others during the run
        old = KeyedVectors(list(wv.index_to_key), wv.rows, wv.counts, source=wv.source, distinct=True)
        old.subwords, old.integer_keys, old.text_options = wv.subwords, wv.integer_keys, wv.text_options
        initial = Initial(old, self._output, self._nodes)
        initial.frozen = frozen_words(wv)
        return initial

    # --- during a run ------------------------------------------------------------------------------------------------

    def show(self, view: ModelView | None) -> None:
        """Give the state of this run whenever the program looks at a matrix; None after the callbacks."""
        self._view, self._looked = view, False

    def _look(self) -> None:
        """Take the matrices of the run, if a callback is running and has not looked yet."""
        if self._view is not None and not self._looked:
            self._looked = True
            self._take(self._state_of(self._view))
            assert self._wv is not None
            ngrams = [self._wv.subwords.rows] if isinstance(self._wv.subwords, Subwords) else []
            for matrix in (self._wv.rows.data, self._output, self._syn1, *ngrams):
                if matrix is not None:
                    matrix.flags.writeable = False

    @staticmethod
    def _state_of(view: ModelView) -> ModelState:
        assert view.state is not None
        return view.state()

    def _take(self, state: ModelState) -> None:
        """Use these matrices. `wv` changes in place, because programs may hold it."""
        if self._wv is None:
            self._wv = self._vectors(state.wv)
        else:
            self._wv.vectors, self._wv.subwords = state.wv.rows, state.wv.subwords
        self._output, self._vocabulary = state.output_vectors, None
        self._syn1 = None if state.node_vectors is None else _with_unused_row(state.node_vectors)

    def _refuse_while_training(self, what: str) -> None:
        if self._training:
            raise RuntimeError(f"{what} cannot be used in a callback, while the model is being trained; wait until "
                               "train has returned")

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes, for copy and pickle; in a callback, with the present state of the run."""
        self._look()
        return {**self.__dict__, "_view": None, "_looked": False, "_training": False}

    # --- what a run needs --------------------------------------------------------------------------------------------

    @property
    def _nodes(self) -> Matrix | None:
        """(n_words - 1, vector_size), the nodes of hierarchical softmax, or None."""
        return None if self._syn1 is None else self._syn1[:-1]

    @_nodes.setter
    def _nodes(self, nodes: Matrix | None) -> None:
        self._syn1 = None if nodes is None else _with_unused_row(nodes)

    def _run_settings(self) -> RunSettings:
        raise NotImplementedError

    def _vectors(self, wv: KeyedVectors) -> KeyedVectors:
        """Return the same vectors as an object of the class that programs receive."""
        return ModelVectors.of(wv, huffman=bool(self.hs))

    def _words(self) -> Vocabulary:
        """Return the vocabulary with its counts; those of `wv` if it exists."""
        self._look()
        if self._vocabulary is not None:
            return self._vocabulary
        if self._wv is None or not len(self._wv):
            raise RuntimeError("there is no vocabulary yet: call build_vocab first, or pass sentences")
        if self._wv.counts is None:
            raise ModelError("these vectors have no counts; train counts their words in its text, and build_vocab("
                             "..., update=True) counts and adds words")
        return Vocabulary.from_words(self._wv.index_to_key, self._wv.counts, integer_keys=self._wv.integer_keys,
                                     text_options=self._wv.text_options)

    def _begin(self, vocabulary: Vocabulary | None, initial: Initial | None = None) -> None:
        """Make the matrices: untrained rows, except for the words of `initial`."""
        if vocabulary is None:
            self._wv = self._vectors(KeyedVectors(vector_size=self.vector_size))
            return
        config: TrainConfig = self._run_settings().config
        layout = layout_of(config, vocabulary)
        inputs = untrained_rows(config, vocabulary, layout)
        output = allocate_rows(len(vocabulary), self.vector_size)[:, :self.vector_size] if self.negative else None
        if initial is not None:
            initial.fill(vocabulary, config, inputs, output)
        self._wv, self._output = self._vectors(vectors_of(inputs, config, vocabulary, layout)), output
        self._vocabulary = self._syn1 = None


def _with_unused_row(nodes: Matrix) -> Matrix:
    """Return a copy of the nodes (n - 1, d) with one more row: gensim has as many rows as words."""
    return np.concatenate((nodes, np.zeros((1, nodes.shape[1]), dtype=np.float32)))
