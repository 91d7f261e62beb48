"""A run whose numbers run away, found while it runs: the loss at each look, some rows at each look, all at the end.

Place in the data flow: `w2v.training.run` -> `Divergence` -> `TrainingError`, or a rollback by `w2v.training.observers.checkpoints`. A rate that is
too large makes rows grow without bound; their loss is far above that of a model that knows nothing, and soon not
finite, which the loop itself notices within a block of words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from w2v.errors import TrainingError
from w2v.training.loop import _progress, _rows
from w2v.training.run import Run
from w2v.types import Matrix

EXPLODED = 2.0  # a mean loss so many times that of an untrained model comes from divergence only
LEAST_PAIRS = 2000  # of a mean that is believed before the end: about a tenth of a second of one slow thread
ROWS_A_LOOK = 128  # of each matrix: their finding takes 20 us ten times a second


class Divergence:
    """Looks for it.

    Parameters
    ----------
    matrices : all that is trained, by name, (n, padded) float32; the vectors and the output vectors have a row
        for each word, in order.
    untrained : the loss of a model that knows nothing.
    rollback : called once with the run and the problem; sets the run back and returns True if it can.
    """

    def __init__(self, matrices: Mapping[str, Matrix], untrained: float,
                 rollback: Callable[[Run, str], bool] | None = None) -> None:
        self.matrices, self.untrained, self.rollback = matrices, untrained, rollback
        self._loss = (0.0, 0)  # at the last look with enough pairs
        self._row = 0
        self._origin: object = None

    def look(self, run: Run, ended: bool) -> None:
        if self._origin is not run.origin:
            self._origin, self._loss = run.origin, (run.origin.loss_sum, run.origin.loss_pairs)
        if (problem := self.problem(run, ended)) is not None:
            self.act(run, problem)

    def act(self, run: Run, problem: str) -> None:
        """Set the run back, or raise TrainingError."""
        run.halt()
        now = run.status()
        epoch = min(now.words_done // max(run.corpus.n_words, 1) + 1, run.config.epochs)
        what = (f"training diverged: {problem} in epoch {epoch} at learning rate {now.alpha:.3g}; "
                f"{self._largest(run.view.words)}")
        if self.rollback is None or not self.rollback(run, what):
            raise TrainingError(f"{what}; start again with a smaller alpha (it was {run.shards.alpha:g})")

    def problem(self, run: Run, whole: bool) -> str | None:
        """What is wrong with the model now, None if nothing is. `whole`: all rows and the loss since the last look
        however few its pairs; no thread may work."""
        now = run.status()
        loss, pairs = now.loss_sum - self._loss[0], now.loss_pairs - self._loss[1]
        if run.shards.progress.stopped == _progress.STOP_NOT_FINITE:
            return "the loss is no longer finite"
        if pairs >= (1 if whole else LEAST_PAIRS):
            if pairs >= LEAST_PAIRS:
                self._loss = now.loss_sum, now.loss_pairs
            else:
                loss, pairs = now.loss_sum - run.origin.loss_sum, now.loss_pairs - run.origin.loss_pairs
            if not loss / pairs <= EXPLODED * self.untrained:
                return f"the loss is {loss / pairs:.4g}, where an untrained model has {self.untrained:.3g},"
        for name, matrix in self.matrices.items():
            first = 0 if whole else self._row % len(matrix)
            row = _rows.first_nonfinite_row(matrix if whole else matrix[first:first + ROWS_A_LOOK])
            if row >= 0:
                return f"{_the_row(name, first + row, run.view.words)} is no longer finite"
        self._row += ROWS_A_LOOK
        return None

    def _largest(self, words: Sequence[str]) -> str:
        """The row with the largest norm of all matrices, for people; what is not finite is larger than anything."""
        best, where = -1.0, ""
        for name, matrix in self.matrices.items():
            step = max(1, (1 << 20) // matrix.shape[1])
            for start in range(0, len(matrix), step):
                with np.errstate(all="ignore"):
                    block = matrix[start:start + step].astype(np.float64)
                    norms = np.sqrt(np.einsum("ij,ij->i", block, block))
                norms[np.isnan(norms)] = np.inf
                if (norm := float(norms.max())) > best:
                    best, where = norm, _the_row(name, start + int(norms.argmax()), words)
        return f"the largest row is {where}, of norm {best:.3g}"


def _the_row(name: str, row: int, words: Sequence[str]) -> str:
    kind = name.removesuffix("s").replace("_", " ")
    of_word = name in ("vectors", "output_vectors") and row < len(words)
    return f"the {kind} of {words[row][:40]!r}" if of_word else f"the {kind} number {row}"
