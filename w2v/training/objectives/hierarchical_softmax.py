"""Hierarchical softmax: the path to the centre in a Huffman tree of the words (Mikolov et al. 2013, "Distributed
Representations of Words and Phrases and their Compositionality", equation 3)."""

from __future__ import annotations

import numpy as np

from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.training.loop import _tree
from w2v.training.objectives.record import OutputLayer, Settings
from w2v.types import Counts


def huffman_tree(vocabulary: Vocabulary) -> _tree.HuffmanTree:
    """Return the Huffman tree of the words by count."""
    return huffman_tree_of(vocabulary.counts)


def huffman_tree_of(counts: Counts) -> _tree.HuffmanTree:
    """Return the Huffman tree of words with these counts (n_words,)."""
    return _tree.HuffmanTree(counts, np.argsort(-counts, kind="stable").astype(np.int32))


def _rows(n_words: int) -> int:
    return n_words - 1


def _decisions(config: TrainConfig, vocabulary: Vocabulary, tree: _tree.HuffmanTree | None) -> float:
    """Return the mean length of a path, over the words that subsampling keeps."""
    kept = vocabulary.counts * vocabulary.keep_probabilities(config.sample).astype(np.float64)
    passed = np.zeros(len(vocabulary) - 1)
    (tree or huffman_tree(vocabulary)).add_rates(kept / max(kept.sum(), 1.0), passed)
    return float(passed.sum())


def _settings(config: TrainConfig) -> Settings:
    return {}


HIERARCHICAL_SOFTMAX = OutputLayer("hierarchical softmax", "nodes", _rows, huffman_tree, _decisions, _settings,
                                   held_out=False)
