"""Records that describe a training objective: `InputLayer`, `OutputLayer` and `Objective`.

An objective is one input layer (what a window's context words become) with one or more output layers (how the centre
word is predicted from it). The step itself runs in `w2v.training.loop`; the records say which rows it needs, how to
configure it, and which loss it minimises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.training.loop import _tree
from w2v.types import Matrix

Settings: TypeAlias = dict[str, Any]
"""Values of `w2v.training.loop.settings.LoopSettings`, by name."""


@dataclass(frozen=True)
class InputLayer:
    """How the context words of a window become input rows of a step.

    Attributes
    ----------
    name : first part of the name of the objective.
    settings : configuration -> settings of the hot loop.
    hidden : (C, d) vectors of the C context words of a centre -> (H, d) rows, each of which predicts the centre; d is
        the vector size.
    reference : the same step in NumPy, a function of `w2v.training.reference`.
    """

    name: str
    settings: Callable[[TrainConfig], Settings]
    hidden: Callable[[Matrix], Matrix]
    reference: Callable[..., None]


@dataclass(frozen=True)
class OutputLayer:
    """How the centre word is predicted: rows of the output matrix, and the loss.

    Attributes
    ----------
    name : part of the name of the objective after "with".
    matrix : name of its rows in checkpoints.
    rows : number of words -> rows of the output matrix, at most one per word.
    tree : vocabulary -> Huffman tree; None for a layer without one.
    decisions : configuration, vocabulary, tree -> mean number of binary decisions of a pair. Each costs log 2 while all
        scores are 0, which is the loss of an untrained model.
    settings : configuration -> settings of the hot loop.
    held_out : whether `w2v.training.held_out.loss` computes its loss: that of a centre and of drawn negatives.
    """

    name: str
    matrix: str
    rows: Callable[[int], int]
    tree: Callable[[Vocabulary], _tree.HuffmanTree] | None
    decisions: Callable[[TrainConfig, Vocabulary, _tree.HuffmanTree | None], float]
    settings: Callable[[TrainConfig], Settings]
    held_out: bool


@dataclass(frozen=True)
class Objective:
    """A training objective.

    Attributes
    ----------
    inputs : the input layer.
    outputs : the output layers, in the order of their rows in the output matrix.
    """

    inputs: InputLayer
    outputs: tuple[OutputLayer, ...]

    @property
    def name(self) -> str:
        """The value of `TrainConfig.objective`."""
        return f"{self.inputs.name} with {' and '.join(layer.name for layer in self.outputs)}"

    @property
    def held_out(self) -> bool:
        """Whether its loss on held-out text can be computed."""
        return all(layer.held_out for layer in self.outputs)

    def loop_settings(self, config: TrainConfig) -> Settings:
        """Return the settings of the hot loop that depend on the objective."""
        settings = {"negative": 0, "shared_negative": 0, "shared_windows": 1, **self.inputs.settings(config)}
        for layer in self.outputs:
            settings |= layer.settings(config)
        return settings

    def scores(self, contexts: Matrix, outputs: Matrix) -> Matrix:
        """Return the scores (H, S) of one window for the held-out loss.

        Parameters
        ----------
        contexts : (C, d) vectors of the context words.
        outputs : (S, d) output vectors of the centre and of its negatives.
        """
        scores: Matrix = self.inputs.hidden(contexts) @ outputs.T
        return scores
