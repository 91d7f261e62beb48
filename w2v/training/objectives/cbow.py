"""CBOW: the mean (or sum) of the context words predicts the centre (Mikolov et al. 2013, "Efficient Estimation of Word
Representations in Vector Space")."""

from __future__ import annotations

from w2v.config import TrainConfig
from w2v.training import reference
from w2v.training.objectives.record import InputLayer, Settings
from w2v.types import Matrix


def _settings(config: TrainConfig) -> Settings:
    return {"cbow": True, "cbow_mean": config.cbow_mean, "cbow_undivided": config.cbow_undivided}


def _hidden(contexts: Matrix) -> Matrix:
    """Return the mean; the sum (`cbow_mean = False`) has no held-out loss."""
    mean: Matrix = contexts.mean(axis=0, keepdims=True)
    return mean


CBOW = InputLayer("CBOW", _settings, _hidden, reference.train_cbow)
