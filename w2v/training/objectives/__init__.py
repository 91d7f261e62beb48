"""Training objectives: one record each, in one table (`w2v.training.objectives.table`)."""
