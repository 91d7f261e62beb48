"""Held-out text: lines that are not trained on, and the loss on them."""
