"""Words by their contexts, from the output matrix of the training."""
