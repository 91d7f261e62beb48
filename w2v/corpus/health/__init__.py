"""Checks of a corpus before training: what is unusual about a text, and what to do."""
