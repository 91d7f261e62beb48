"""Estimates of a whole corpus from a sample of it."""
