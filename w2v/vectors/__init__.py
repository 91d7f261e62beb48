"""Queries on vectors."""
