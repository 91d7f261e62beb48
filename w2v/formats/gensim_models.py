"""What a pickle of gensim's `Word2Vec` or `FastText` holds besides its vectors: the output matrix and the settings.

Place in the data flow: attributes of a pickled model -> `w2v.formats.gensim` -> `Word2Vec.load`. gensim 4 has them in
the model, gensim 3.3 to 3.8 also in `vocabulary` and `trainables`. The nodes of hierarchical softmax are not read: they
belong to gensim's tree, which differs from the one here where counts are equal.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from w2v.errors import FormatError
from w2v.formats.gensim_arrays import find_array
from w2v.formats.npy import matrix_of
from w2v.formats.pickled import Call
from w2v.types import Matrix

_SETTINGS = (
    "vector_size", "alpha", "window", "min_count", "max_vocab_size", "sample", "seed", "workers", "min_alpha", "sg",
    "hs", "negative", "ns_exponent", "cbow_mean", "epochs", "compute_loss", "comment", "max_final_vocab",
    "shrink_windows", "null_word", "sorted_vocab", "batch_words", "corpus_count", "corpus_total_words", "train_count",
    "total_train_time", "min_alpha_yet_reached")
_OLD_NAMES = {"iter": "epochs"}  # of gensim 1 to 3.2
_PARTS = ("vocabulary", "trainables")
_OUTPUT, _NODES = "syn1neg", "syn1"


def model_settings(model: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings of a model as metadata, in the form in which `Word2Vec.save` writes them.

    Parameters
    ----------
    model : attributes of the pickled object; nothing is returned for vectors alone.
    """
    states = [model, *(_state(model.get(part)) for part in _PARTS)]
    if not any(name in state for state in states for name in (_OUTPUT, _NODES, "negative")):
        return {}
    found: dict[str, Any] = {}
    for state in states:
        for name in (*_OLD_NAMES, *_SETTINGS):
            value = state.get(name)
            if type(value) in (int, float, bool, str) and name in state:
                found[_OLD_NAMES.get(name, name)] = value
    return {"word2vec": json.dumps(found)} if found else {}


def output_matrix(path: str, model: Mapping[str, Any], shape: tuple[int, int]) -> Matrix | None:
    """Return the output matrix of a model.

    Parameters
    ----------
    path : of the pickle.
    model : attributes of the pickled object.
    shape : of the vectors; the rows of the matrix are in the same order.

    Returns
    -------
    float32; None if the model has no such matrix, or if its separate file is missing.

    Raises
    ------
    FormatError, W2VError : the array cannot be read, or has another shape.
    """
    for part in ("", *_PARTS):
        state, prefix = (dict(model), path) if not part else (_state(model.get(part)), f"{path}.{part}")
        if _OUTPUT not in state and not any(os.path.exists(f"{prefix}.{_OUTPUT}.{kind}") for kind in ("npy", "npz")):
            continue
        array, _ = find_array(path, state, prefix, _OUTPUT)
        if array is not None:
            matrix = matrix_of(path, array)
            if matrix.shape != shape:
                raise FormatError(path, f"an output matrix of shape {matrix.shape} does not fit vectors of shape "
                                        f"{shape}", offset=0)
            return np.asarray(matrix, dtype=np.float32)
    return None


def _state(item: Any) -> dict[str, Any]:
    state = item.state if isinstance(item, Call) else None
    return state if isinstance(state, dict) else {}
