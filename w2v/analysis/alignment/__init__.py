"""Alignment of two spaces by orthogonal Procrustes."""
