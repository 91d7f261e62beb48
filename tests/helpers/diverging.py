"""Runs that diverge at a chosen place."""

import numpy as np

from w2v.training.observers import divergence


def explode(monkeypatch, share, how, times=1):
    """Change the input matrix with `how` once more than this share of the words is done, `times` times."""
    observe, left = divergence.Divergence.observe, [times]

    def spoiled(self, run, ended):
        if left[0] and run.status().words_done > share * run.total_words:
            left[0] -= 1
            with run.paused():
                how(self.matrices["vectors"])
        observe(self, run, ended)

    monkeypatch.setattr(divergence.Divergence, "observe", spoiled)


def nan_everywhere(vectors):
    vectors[:] = np.nan


def inf_in_a_rare_row(vectors):
    vectors[-1, 3] = np.inf


def huge(vectors):
    vectors[:, :24] *= 300
