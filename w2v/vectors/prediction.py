"""Prediction of the word within a context: a softmax over the output matrix, as gensim's `predict_output_word`.

Place in the data flow: words of a context, input and output vectors -> words with their probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from w2v.errors import W2VError
from w2v.formats.keys import Key
from w2v.types import Matrix
from w2v.vectors.table import Table

_BLOCK = 1 << 20  # numbers of the output matrix read at a time


def predict_output_word(
    table: Table, output_vectors: Matrix | None, context: Sequence[Key], topn: int = 10, mean: bool = True
) -> list[tuple[str, float]] | None:
    """Return the most probable words in the middle of a context, for a model with negative sampling.

    Parameters
    ----------
    table : the words and their input vectors.
    output_vectors : (n_words, vector_size), one row per word.
    context : words or integers (`KeyedVectors.get_index`); unknown ones are left out.
    topn : number of answers, at least 1.
    mean : use the mean of the vectors of the context, as CBOW does; otherwise their sum.

    Returns
    -------
    list of (word, probability), most probable first; None if no word of the context is known.

    Raises
    ------
    W2VError : there is no output matrix.
    ValueError : `topn` is below 1.
    TypeError : the context is a str instead of a list.

    Source
    ------
    gensim 4, Word2Vec.predict_output_word: softmax of the outputs times the mean of the context. This is the formula of
    CBOW, also for other models. Negative sampling does not train a softmax, so the order of the answers means more than
    the probabilities.
    """
    if isinstance(context, (str, bytes)):
        raise TypeError(f"the context must be a list of words: [{context!r}], not {context!r}")
    if topn < 1:
        raise ValueError(f"topn = {topn} is out of range: it must be 1 or more")
    if output_vectors is None or len(output_vectors) != len(table):
        raise W2VError("predicting a word needs the output matrix, which these vectors do not have; it is kept by "
                       "Word2Vec.save, Model.save(..., output_vectors=True) and w2v train --save-output-vectors, and "
                       "does not exist with hierarchical softmax alone")
    rows = [table.get_index(key) for key in context if table.has_index_for(key)]
    if not rows:
        return None
    hidden = table.rows[np.array(rows, dtype=np.int64)].sum(axis=0, dtype=np.float64)
    if mean:
        hidden /= len(rows)
    scores = np.empty(len(table))
    step = max(1, _BLOCK // table.vector_size)
    for start in range(0, len(table), step):
        scores[start:start + step] = output_vectors[start:start + step] @ hidden
    scores -= scores.max()
    probabilities = np.exp(scores)
    probabilities /= probabilities.sum()
    topn = min(topn, len(table))
    best = np.argpartition(-probabilities, topn - 1)[:topn]
    best = best[np.lexsort((best, -probabilities[best]))]
    return [(table.index_to_key[row], float(probabilities[row])) for row in best]
