"""Several runs of one training: how stable neighbours are, and their average."""
