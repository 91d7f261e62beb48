"""Saving and loading of models with their settings, for gensim's classes.

Place in the data flow: `Word2Vec` <-> a `.safetensors` file whose metadata has "word2vec", the settings as JSON.
"""

from __future__ import annotations

import json
from typing import ClassVar, Self

import numpy as np

from w2v.errors import FormatError, W2VError
from w2v.formats import read_vectors, write_vectors
from w2v.formats.subwords import Subwords
from w2v.formats.vectorfile import SAFETENSORS, VectorFile
from w2v.keyedvectors import KeyedVectors
from w2v.types import Matrix, StrPath

_COUNTED = ("corpus_count", "corpus_total_words", "train_count", "total_train_time")


class SavedModel:
    """Base class of models that are saved as one file."""

    _settings: ClassVar[tuple[str, ...]]  # attributes that are saved
    _wv: KeyedVectors | None
    _output: Matrix | None
    _nodes: Matrix | None

    @property
    def wv(self) -> KeyedVectors:
        """The word vectors."""
        raise NotImplementedError

    def save(self, fname: StrPath) -> None:
        """Write the matrices, the counts and all settings as one `.safetensors` file, with any suffix.

        Raises
        ------
        W2VError : the vocabulary is empty, or the file cannot be written.
        """
        if not len(self.wv):
            raise W2VError("there is no word to save yet: call build_vocab first")
        settings = {name: getattr(self, name) for name in (*self._settings, *_COUNTED)}
        write_vectors(fname, self.wv.index_to_key, self.wv.rows, self.wv.counts, format=SAFETENSORS,
                      output_vectors=self._output, node_vectors=self._nodes,
                      subwords=ngrams if isinstance(ngrams := self.wv.subwords, Subwords) else None,
                      integer_keys=self.wv.integer_keys,
                      metadata={**self.wv.metadata, "word2vec": json.dumps(settings, default=np.generic.item)})

    @classmethod
    def load(cls, fname: StrPath, mmap: str | None = None) -> Self:
        """Load a model, to use it or to train it further.

        Parameters
        ----------
        fname : a file that `save` wrote, or any other file of vectors. The settings are those of the training if
            `w2v train` wrote the file, and the defaults otherwise.
        mmap : "r" maps the input vectors from the disk, read-only; training copies them.

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
                saved = {"sg": True, **saved}  # the default of w2v train
            counted = {name: saved.pop(name) for name in _COUNTED if name in saved}
            known = {name: value for name, value in saved.items() if name in cls._settings}
            model = cls(**{**known, "vector_size": file.rows.shape[1]})
        except (AttributeError, RecursionError, TypeError, ValueError) as error:
            raise FormatError(path, f"the settings of the model in this file are broken: {error}") from None
        for name, value in counted.items():
            if type(value) in (int, float):
                setattr(model, name, value)
        model._wv, model._output = KeyedVectors.from_file(file), file.output_vectors
        model._nodes = file.node_vectors
        model._wv.output_vectors = None
        return model
