"""Bias of vectors: association tests, projections on an axis of meaning, removal of a direction."""
