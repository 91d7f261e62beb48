"""Estimates of a corpus from a sample."""
