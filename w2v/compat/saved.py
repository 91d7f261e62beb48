"""Saving and loading of models with their settings, for gensim's classes.

Place in the data flow: `Word2Vec` <-> a `.safetensors` file whose metadata has "word2vec", the settings as JSON.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from w2v.compat.vocabulary import VocabularyBuilder
from w2v.errors import FormatError, W2VError
from w2v.formats import read_vectors, write_vectors
from w2v.formats.gensim import GENSIM
from w2v.formats.subwords import Subwords
from w2v.formats.vectorfile import SAFETENSORS, VectorFile
from w2v.keyedvectors import KeyedVectors
from w2v.types import StrPath

_COUNTED = ("corpus_count", "corpus_total_words", "train_count", "total_train_time", "min_alpha_yet_reached")


if TYPE_CHECKING:
    on_class = classmethod
else:
    class on_class(classmethod):
        """A class method that cannot be called on an object, where its result is easily lost."""

        def __get__(self, instance, owner=None):
            if instance is not None:
                kind = type(instance).__name__
                raise AttributeError(f"load makes a new model, call it on the class: model = {kind}.load(path)")
            return super().__get__(None, owner)


class SavedModel(VocabularyBuilder):
    """Files of a model."""

    _settings: ClassVar[tuple[str, ...]]  # attributes that are saved

    def save(
        self, fname: StrPath, separately: object = None, sep_limit: int = 0, ignore: Iterable[str] = (),
        pickle_protocol: int = 0,
    ) -> None:
        """Write the matrices, the counts and all settings as one `.safetensors` file, with any suffix.

        Parameters
        ----------
        fname : the file.
        separately, sep_limit, ignore, pickle_protocol : accepted, no effect: there is one file, and no pickle.

        Raises
        ------
        W2VError : the vocabulary is empty, or the file cannot be written.
        """
        if not len(self.wv):
            raise W2VError("there is no word to save yet: call build_vocab first")
        settings, wv = {name: getattr(self, name) for name in (*self._settings, *_COUNTED)}, self.wv
        ngrams = wv.subwords if isinstance(wv.subwords, Subwords) else None
        write_vectors(fname, wv.index_to_key, wv.rows, wv.counts, format=SAFETENSORS, output_vectors=self._output,
                      node_vectors=self._nodes, subwords=ngrams, integer_keys=wv.integer_keys,
                      text_options=wv.text_options,
                      metadata={**wv.metadata, "word2vec": json.dumps(settings, default=np.generic.item)})

    @on_class
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
        model.corpus_count = model.corpus_total_words = None  # unless the file says more
        for name, value in counted.items():
            if type(value) in (int, float):
                setattr(model, name, value)
        model._wv, model._output = model._vectors(KeyedVectors.from_file(file)), file.output_vectors
        model._nodes = file.node_vectors
        if model.hs and model._nodes is None and file.format == GENSIM.name:
            warnings.warn(f"{path}: the nodes of hierarchical softmax belong to gensim's tree and are not read; they "
                          "start from zeros", stacklevel=3)
        return model
