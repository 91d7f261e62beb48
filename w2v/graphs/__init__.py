"""Graphs as a corpus: edges from any input, compressed rows, and random walks that training reads."""
