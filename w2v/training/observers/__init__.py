"""Observers of a training run: checkpoints, divergence, epoch ends, intervals, scores."""
