"""Log probabilities of sentences under hierarchical softmax, as gensim's `Word2Vec.score`.

Place in the data flow: sentences, vectors, nodes of the tree -> scores, for `Word2Vec.score`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

from w2v.config import TrainConfig
from w2v.corpus.sentences import checked_sentence
from w2v.corpus.vocabulary import Vocabulary
from w2v.keyedvectors import KeyedVectors
from w2v.training.objectives.hierarchical_softmax import huffman_tree
from w2v.types import Indices, Matrix, Scores


def scores_of(
    wv: KeyedVectors, nodes: Matrix, vocabulary: Vocabulary, config: TrainConfig, sentences: Iterable[Sequence[str]],
    limit: int,
) -> Scores:
    """Return the log probability of each of the first `limit` sentences, (n,) float32.

    Parameters
    ----------
    wv, nodes : input vectors, and the vectors (n_words, d) of the nodes of the tree of `vocabulary`.
    config : `sg`, `cbow_mean` and the window, which is not shrunk.
    sentences : lists of words; unknown ones are left out.

    Raises
    ------
    TypeError : a sentence is not a list of words.
    """
    tree, rows_of = huffman_tree(vocabulary), wv.key_to_index
    paths: dict[int, tuple[Indices, Indices]] = {}
    scores = []
    for index, sentence in enumerate(islice(sentences, limit)):
        words = [rows_of[word] for word in checked_sentence(sentence, index) if word in rows_of]
        total = 0.0
        for place, word in enumerate(words):
            context = _context(words, place, config)
            if word not in paths:
                path = np.array(tree.path(word), dtype=np.int64).reshape(-1, 2)
                paths[word] = path[:, 0], 2 * path[:, 1] - 1  # the label is 1 or 0, the sign of the exponent 1 or -1
            points, signs = paths[word]
            hidden = wv.rows[np.array(context, dtype=np.int64)].astype(np.float64)
            if not config.sg:  # without a context the sum is zero, and each decision has the probability 1/2
                hidden = hidden.sum(axis=0, keepdims=True) / (len(context) if config.cbow_mean and context else 1)
            total -= float(np.logaddexp(0.0, -signs * (hidden @ nodes[points].T)).sum())
        scores.append(total)
    return np.array(scores, dtype=np.float32)


def _context(words: list[int], place: int, config: TrainConfig) -> list[int]:
    """Return the words of the full window around a place, without the word there."""
    left, right = (len(words), len(words)) if config.whole_lines else config.sides
    return words[max(0, place - left):place] + words[place + 1:place + 1 + right]
