"""Observer that detects divergence: by the loss and some rows at each call, by all rows at the end.

Place in the data flow: `w2v.training.run` -> `Divergence` -> `TrainingError`, or a rollback by
`w2v.training.observers.checkpoints`. With a learning rate that is too large, rows grow without bound. Their loss
exceeds that of an untrained model by far and is soon not finite, which the hot loop notices within a block of words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from w2v.errors import TrainingError
from w2v.training.loop import _progress, _rows
from w2v.training.run import Run
from w2v.types import Matrix

EXPLODED = 2.0  # mean loss, in multiples of an untrained model's, that only divergence explains
LEAST_PAIRS = 2000  # pairs of a reliable mean, before the end: about 0.1 s of one slow thread
ROWS_A_LOOK = 128  # rows of each matrix checked per call: 20 us, ten times a second


class Divergence:
    """Detects divergence; then sets the run back or raises TrainingError.

    Parameters
    ----------
    matrices : everything that is trained, by name, (n, padded) float32. `vectors` and `output_vectors` have a row for
        each word, in order.
    untrained : loss of an untrained model.
    rollback : called with the run and a message; sets the run back and returns True, or returns False.
    """

    matrices: Mapping[str, Matrix]
    untrained: float
    rollback: Callable[[Run, str], bool] | None

    def __init__(self, matrices: Mapping[str, Matrix], untrained: float,
                 rollback: Callable[[Run, str], bool] | None = None) -> None:
        self.matrices, self.untrained, self.rollback = matrices, untrained, rollback
        self._start = self._loss = (0.0, 0)  # sum and pairs of the loss: at the start, at the last call with enough
        self._row = 0

    def restarted(self, run: Run) -> None:
        now = run.status()
        self._start = self._loss = now.loss_sum, now.loss_pairs

    def observe(self, run: Run, ended: bool) -> None:
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
            raise TrainingError(f"{what}; start again with a smaller alpha (it was {run.loop.alpha:g})")

    def problem(self, run: Run, whole: bool) -> str | None:
        """Return what is wrong with the model, or None.

        Parameters
        ----------
        whole : check all rows, and the loss since the last call however few its pairs are; no thread may train.
        """
        now = run.status()
        if run.loop.progress.stopped == _progress.STOP_NOT_FINITE:
            return "the loss is no longer finite"
        loss, pairs = now.loss_sum - self._loss[0], now.loss_pairs - self._loss[1]
        if pairs >= (1 if whole else LEAST_PAIRS):
            if pairs >= LEAST_PAIRS:
                self._loss = now.loss_sum, now.loss_pairs
            else:
                loss, pairs = now.loss_sum - self._start[0], now.loss_pairs - self._start[1]
            if not loss / pairs <= EXPLODED * self.untrained:
                return f"the loss is {loss / pairs:.4g}, where an untrained model has {self.untrained:.3g},"
        for name, matrix in self.matrices.items():
            first = 0 if whole else self._row % len(matrix)
            row = _rows.first_nonfinite_row(matrix if whole else matrix[first:first + ROWS_A_LOOK])
            if row >= 0:
                return f"{_row_name(name, first + row, run.view.words)} is no longer finite"
        self._row += ROWS_A_LOOK
        return None

    def _largest(self, words: Sequence[str]) -> str:
        """Return a description of the row with the largest norm in all matrices; NaN counts as infinite."""
        best, where = -1.0, ""
        for name, matrix in self.matrices.items():
            step = max(1, (1 << 20) // matrix.shape[1])
            for start in range(0, len(matrix), step):
                with np.errstate(all="ignore"):
                    block = matrix[start:start + step].astype(np.float64)
                    norms = np.sqrt(np.einsum("ij,ij->i", block, block))
                norms[np.isnan(norms)] = np.inf
                if (norm := float(norms.max())) > best:
                    best, where = norm, _row_name(name, start + int(norms.argmax()), words)
        return f"the largest row is {where}, of norm {best:.3g}"


def _row_name(matrix: str, row: int, words: Sequence[str]) -> str:
    kind = matrix.removesuffix("s").replace("_", " ")
    of_word = matrix in ("vectors", "output_vectors") and row < len(words)
    return f"the {kind} of {words[row][:40]!r}" if of_word else f"the {kind} number {row}"
