"""The numbers of one run of the training loop, resolved from the configuration and the corpus.

Place in the data flow: `TrainConfig`, encoded corpus -> `LoopSettings` -> `_loop.TrainingLoop`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from w2v.config import TrainConfig
from w2v.config_values import MOST_CONTEXTS, WHOLE_LINE
from w2v.training.loop import _rows

LONGEST_WINDOW = _rows.LONGEST_WINDOW  # words of a line that is one window


@dataclass(frozen=True)
class LoopSettings:
    """What `_loop.TrainingLoop` needs to know besides the matrices and the corpus.

    Attributes
    ----------
    left, right : int
        Largest distances of a context before and after its centre, in words of one line.
    negative : int
        Negatives of a step with one centre; 0 for hierarchical softmax alone.
    shared_negative : int
        Negatives of a step with two centres.
    alpha, min_alpha : float
        Learning rate at the start, and after `total_words`; it falls linearly in between.
    total_words : int
        Words of all epochs.
    seed : int
        Of all random streams, with the epoch and the shard.
    isa : str
        Instruction set of the kernels, one of `available_isas()`.
    vector_size : int
        Floats of a row that are not padding; 0 for all.
    threads : int
        How many threads train at once; they merge their private rows.
    private_rows : int
        Leading rows of each matrix of which every thread works on a copy.
    whole_lines : bool
        Whether windows are whole lines; `left` and `right` are then the length of the longest line, or of the longest
        one without sampled contexts.
    line_contexts : int
        With whole lines: contexts drawn for each centre of a line of more than line_contexts + 1 words
        (`csrc/loop/long_line.h`); 0 for all words of the line.
    longest_line : int
        Words of the longest line to train on; only used with `line_contexts`.
    shrink_windows : bool
        Draw the size of each window from 1 to `left` and `right`.
    harmonic_windows : bool
        With `shrink_windows`: draw sizes so that at least d words are reached with probability 1 / d.
    shared_windows : int
        Neighbouring centres of a step, 1 or 2; 1 with hierarchical softmax.
    shared_contexts : int
        Contexts of a step, at most, that do not see each other's changes of the output rows; without effect on CBOW.
    cbow : bool
        The contexts of a centre are combined into one input; skip-gram otherwise.
    cbow_mean : bool
        As their mean; as their sum otherwise.
    cbow_undivided : bool
        With the mean, add the whole change to every context instead of its share.
    weight_decay : float
        Each time a word is a centre, its input row and its output row shrink by learning rate * weight_decay.
    anchor : float
        Each time an anchored word occurs in the text, its input row moves by learning rate * anchor of the way to its
        anchor.
    """

    left: int
    right: int
    negative: int
    shared_negative: int
    alpha: float
    min_alpha: float
    total_words: int
    seed: int
    isa: str
    vector_size: int = 0
    threads: int = 1
    private_rows: int = 0
    whole_lines: bool = False
    line_contexts: int = 0
    longest_line: int = 0
    shrink_windows: bool = True
    harmonic_windows: bool = False
    shared_windows: int = 2
    shared_contexts: int = MOST_CONTEXTS
    cbow: bool = False
    cbow_mean: bool = True
    cbow_undivided: bool = False
    weight_decay: float = 0.0
    anchor: float = 0.0

    @classmethod
    def of(cls, config: TrainConfig, longest_line: int, *, total_words: int, isa: str, threads: int,
           private_rows: int, anchor: float = 0.0, **objective: Any) -> LoopSettings:
        """Resolve the settings of a run.

        Parameters
        ----------
        longest_line : int
            Words of the longest line to train on; only used if windows are whole lines.
        objective : Any
            Settings of the objective (`w2v.training.objectives.record.Objective.loop_settings`).

        Raises
        ------
        ValueError
            Windows are whole lines and a line is longer than `LONGEST_WINDOW`.
        """
        contexts = config.line_contexts or 0
        left, right = window_sides(config.window, longest_line if not contexts else min(longest_line, contexts + 1))
        return cls(
            left=left, right=right, whole_lines=config.whole_lines, line_contexts=contexts, longest_line=longest_line,
            shrink_windows=config.shrink_windows and not config.whole_lines,
            harmonic_windows=config.harmonic_windows, shared_contexts=config.shared_contexts,
            weight_decay=config.weight_decay,
            alpha=config.alpha, min_alpha=config.min_alpha, total_words=total_words, seed=config.seed, isa=isa,
            vector_size=config.vector_size, threads=threads, private_rows=private_rows, anchor=anchor, **objective)


def window_sides(window: int | tuple[int, int] | str, longest_line: int) -> tuple[int, int]:
    """Return the largest distances of a context before and after its centre.

    Parameters
    ----------
    window : int, (int, int) or "line"
        As in `TrainConfig`.
    longest_line : int
        Words of the longest line to train on; only used if windows are whole lines.

    Raises
    ------
    ValueError
        Windows are whole lines and a line is longer than `LONGEST_WINDOW`.
    """
    if isinstance(window, tuple):
        return window
    if isinstance(window, int):
        return window, window
    if window != WHOLE_LINE:
        raise ValueError(f"window must be a number, a pair of numbers or {WHOLE_LINE!r}, not {window!r}")
    if longest_line > LONGEST_WINDOW:
        raise ValueError(f"a line has {longest_line:,} words; the longest window has {LONGEST_WINDOW:,}")
    return longest_line, longest_line


def shared_negatives(negative: int) -> int:
    """Return the negatives of a step with two centres where one centre has `negative`: a fifth more.

    With 5 for both, fewer analogies were right than with one window a step; with 6 slightly more (bench/NOTES.md).
    """
    return (6 * negative + 2) // 5
