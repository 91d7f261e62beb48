"""Result of training: `Model`, with the vectors, the output matrix and a `TrainReport`."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from w2v.analysis.differences.drift import Drift
from w2v.config import TrainConfig
from w2v.corpus.encoded import CorpusReport
from w2v.formats.keys import Key
from w2v.keyedvectors import KeyedVectors
from w2v.system.fact_table import FactTable
from w2v.system.report import Report
from w2v.training.held_out.lines import HeldOut
from w2v.training.initial import Initial, InitialReport
from w2v.training.report_facts import report_table
from w2v.training.rounds.engine import EngineReport
from w2v.types import Matrix
from w2v.vectors.prediction import predict_output_word


@dataclass(frozen=True, repr=False)
class TrainReport(Report):
    """Report of a run.

    The word counts are over all epochs, and words_read = words_trained + words_subsampled + words_unknown +
    words_held_out exactly. Known words of lines with weight 0 are counted as subsampled.

    If a callback ended the run early, words_trained and words_subsampled count what was done until then. Unknown and
    held-out words have no place in the encoded corpus and are then counted in proportion.
    """

    _instead = "w2v.curves(log).plot() draws the log that training writes with log_json"

    words_read: int
    words_trained: int
    words_subsampled: int
    words_unknown: int
    words_held_out: int
    vocabulary: int
    epochs: int
    seconds_vocabulary: float
    seconds_training: float
    words_per_second: float
    threads: int
    isa: str
    loss: float
    """Mean over pairs of a centre and a context word of -log sigmoid(centre) - sum of log sigmoid(-negative), natural
    logarithm, from a sample of windows of the whole run; NaN if there was no pair."""
    loss_held_out: float | None
    """The same mean for the finished model, over a fixed sample of windows of the held-out lines (see
    `w2v.training.held_out.loss`); None if no lines are held out."""
    held_out: HeldOut | None
    """The held-out lines. Those of a separate text are not counted in words_held_out."""
    stopped_early: str | None
    """Why a callback ended the run early; None for a complete run."""
    corpus: CorpusReport
    resumed_from: str | None = None
    """The checkpoint that the run was resumed from. All numbers except seconds_vocabulary then include the part of the
    run before it."""
    checkpoints: int = 0
    """Checkpoints written."""
    seconds_paused: float = 0.0
    """Part of seconds_training in which the threads were paused for checkpoints."""
    rollbacks: int = 0
    """How often the run diverged and was set back, 0 or 1."""

    ids: str = "memory"
    """Where the encoded text was: "memory", "disk", or "none" if it was not stored."""
    initial: InitialReport | None = None
    """The initial vectors, if any."""
    drift: Drift | None = None
    """How far the words of the initial vectors have moved, counting those that occur in the corpus."""
    warnings: list[str] = field(default_factory=list)
    """What shows that the text may not be what training needs, a sentence each (see `w2v.corpus.warnings`)."""
    engine: EngineReport | None = None
    """Where the rounds were trained; None if in this process."""

    def brief(self) -> str:
        stopped = "" if self.stopped_early is None else f", stopped early: {self.stopped_early}"
        return (f"words_read={self.words_read}, vocabulary={self.vocabulary}, epochs={self.epochs}, "
                f"loss={self.loss:.4f}, {self.seconds_training:.1f} s{stopped}")

    def tables(self) -> list[FactTable]:
        return [report_table(self.to_dict())]


@dataclass(frozen=True, repr=False)
class Model(Report):
    """A trained model.

    Attributes
    ----------
    wv : the word vectors with counts (rows of the input matrix; syn0 in word2vec.c).
    output_vectors : (n_words, vector_size) float32, the output matrix (syn1neg in word2vec.c). With hierarchical
        softmax alone, the same as `node_vectors`.
    config : hyper-parameters of the run.
    report : report of the run.
    node_vectors : (n_words - 1, vector_size) float32, the inner nodes of the tree of hierarchical softmax (syn1 in
        word2vec.c), by falling weight, the root first; None without hierarchical softmax.

    Examples
    --------
    >>> model = w2v.train("corpus.txt", vector_size=100)
    >>> model.wv.most_similar("river")
    >>> model.save("vectors.safetensors")
    """

    _instead = "w2v.curves(log).plot() draws the log that training writes with log_json"

    wv: KeyedVectors
    output_vectors: Matrix
    config: TrainConfig
    report: TrainReport
    node_vectors: Matrix | None = None

    def brief(self) -> str:
        return (f"vocab={len(self.wv)}, vector_size={self.wv.vector_size}, {self.config.objective}, "
                f"epochs={self.config.epochs}, loss={self.report.loss:.4f}")

    def tables(self) -> list[FactTable]:
        """Return the tables of the report."""
        return self.report.tables()

    def to_dict(self) -> dict[str, Any]:
        """Return the hyper-parameters ("config") and the report ("report") as plain values."""
        return {"config": dataclasses.asdict(self.config), "report": self.report.to_dict()}

    def predict_output_word(self, context_words_list: Sequence[Key], topn: int = 10) -> list[tuple[str, float]] | None:
        """Return the most probable centre words of a context, with probabilities; None if no context word is known.

        See `w2v.vectors.prediction`.
        """
        return predict_output_word(self.wv, self.output_vectors if self.config.negative else None, context_words_list,
                                   topn, self.config.cbow_mean)

    def initial(self) -> Initial:
        """Return the initial vectors for another run, `w2v.train(init=model)`."""
        return Initial(self.wv, self.output_vectors if self.config.negative else None, self.node_vectors)

    def save(self, path: str | os.PathLike[str], *, output_vectors: bool = False) -> None:
        """Write the word vectors.

        Parameters
        ----------
        path : its suffix decides the format (`KeyedVectors.save`). `.safetensors` includes the model card.
        output_vectors : include the output matrix; only in `.safetensors`.

        Raises
        ------
        ValueError : `output_vectors` is set, but hierarchical softmax alone has no output vectors of words.
        W2VError : the file cannot be written.
        """
        if output_vectors and not self.config.negative:
            raise ValueError("hierarchical softmax alone has no output vectors of words to save; train with negative "
                             "sampling as well (negative=5), or leave them out")
        self.wv.save(path, output_vectors=self.output_vectors if output_vectors else None)

    def save_fasttext_format(self, path: str | os.PathLike[str]) -> None:
        """Write words, n-grams and output matrix in fastText's own format, which fastText can load."""
        self.wv.save_fasttext_format(path, output_vectors=self.output_vectors)
