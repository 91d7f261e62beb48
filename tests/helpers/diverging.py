"""Runs that diverge when a test wants it."""

import numpy as np

from w2v.training.observers import divergence


def explode(monkeypatch, share, how, times=1):
    """From `share` of the words on the run diverges, as often as `times`: `how` changes the input matrix."""
    look, left = divergence.Divergence.look, [times]

    def spoiled(self, run, ended):
        if left[0] and run.status().words_done > share * run.total_words:
            left[0] -= 1
            with run.paused():
                how(self.matrices["vectors"])
        look(self, run, ended)

    monkeypatch.setattr(divergence.Divergence, "look", spoiled)


def nan_everywhere(vectors):
    vectors[:] = np.nan


def nan_in_a_rare_row(vectors):
    vectors[-1, 3] = np.inf


def huge(vectors):
    vectors[:, :24] *= 300
