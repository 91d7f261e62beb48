"""Differences between two versions of a space: which words moved."""
