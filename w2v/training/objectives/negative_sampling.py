"""Negative sampling: the centre against words drawn from a noise distribution (Mikolov et al. 2013, "Distributed
Representations of Words and Phrases and their Compositionality", equation 4)."""

from __future__ import annotations

from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.training.loop import _tree
from w2v.training.loop.settings import shared_negatives
from w2v.training.objectives.record import OutputLayer, Settings


def noise_words(config: TrainConfig) -> int:
    """Return the number of negatives of most steps: more than `config.negative` where two windows share them."""
    shared = config.shared_windows == 2 and not config.hs
    return shared_negatives(config.negative) if shared else config.negative


def _rows(n_words: int) -> int:
    return n_words


def _decisions(config: TrainConfig, vocabulary: Vocabulary, tree: _tree.HuffmanTree | None) -> float:
    return 1 + noise_words(config)


def _settings(config: TrainConfig) -> Settings:
    return {"negative": config.negative, "shared_negative": shared_negatives(config.negative),
            "shared_windows": 1 if config.hs else config.shared_windows}


NEGATIVE_SAMPLING = OutputLayer("negative sampling", "output_vectors", _rows, None, _decisions, _settings,
                                held_out=True)
