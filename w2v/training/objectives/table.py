"""The table of training objectives."""

from __future__ import annotations

from w2v.config import TrainConfig
from w2v.training.objectives.cbow import CBOW
from w2v.training.objectives.hierarchical_softmax import HIERARCHICAL_SOFTMAX
from w2v.training.objectives.negative_sampling import NEGATIVE_SAMPLING
from w2v.training.objectives.record import Objective
from w2v.training.objectives.skip_gram import SKIP_GRAM

OBJECTIVES = {objective.name: objective for objective in (
    Objective(SKIP_GRAM, (NEGATIVE_SAMPLING,)),
    Objective(SKIP_GRAM, (HIERARCHICAL_SOFTMAX,)),
    Objective(SKIP_GRAM, (HIERARCHICAL_SOFTMAX, NEGATIVE_SAMPLING)),
    Objective(CBOW, (NEGATIVE_SAMPLING,)),
    Objective(CBOW, (HIERARCHICAL_SOFTMAX,)),
    Objective(CBOW, (HIERARCHICAL_SOFTMAX, NEGATIVE_SAMPLING)),
)}
"""All objectives, by `TrainConfig.objective`."""


def objective_of(config: TrainConfig) -> Objective:
    """Return the objective of a configuration."""
    return OBJECTIVES[config.objective]
