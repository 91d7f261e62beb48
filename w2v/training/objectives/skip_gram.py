"""Skip-gram: each context word predicts the centre by itself (Mikolov et al. 2013, "Efficient Estimation of Word
Representations in Vector Space")."""

from __future__ import annotations

from w2v.config import TrainConfig
from w2v.training import reference
from w2v.training.objectives.record import InputLayer, Settings
from w2v.types import Matrix


def _settings(config: TrainConfig) -> Settings:
    return {"cbow": False}


def _hidden(contexts: Matrix) -> Matrix:
    return contexts


SKIP_GRAM = InputLayer("skip-gram", _settings, _hidden, reference.train_window)
