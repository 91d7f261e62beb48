"""Training in rounds: workers start from one snapshot of the model, and their changes are merged."""
