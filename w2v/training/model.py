"""What training gives: the vectors, the output matrix, and a report of what was done."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from w2v.config import TrainConfig
from w2v.corpus.encoded import CorpusReport
from w2v.keyedvectors import KeyedVectors
from w2v.training.held_out.lines import HeldOut
from w2v.training.initial import Initial, InitialReport
from w2v.types import Matrix
from w2v.vectors.drift import Drift
from w2v.vectors.lookup import Key
from w2v.vectors.prediction import predict_output_word


@dataclass(frozen=True)
class TrainReport:
    """What a run did. The word counts are over all epochs: words_read = words_trained + words_subsampled +
    words_unknown + words_held_out, exactly. The known words of lines of weight 0 are among the subsampled ones.

    Of a run that a callback stopped early, words_trained and words_subsampled are what was done until then; unknown
    words and those held out, which have no place in the encoded corpus, are counted in proportion.
    """

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
    logarithm, from the sampled windows of the whole run; NaN if there was no pair."""
    loss_held_out: float | None
    """The same mean of the finished model, over a fixed sample of windows of the lines that did not train (see
    `w2v.training.held_out.loss`); None if there are none."""
    held_out: HeldOut | None
    """These lines; if they are of a text of its own, their words are not among words_held_out."""
    stopped_early: str | None
    """Why a callback ended the run before all words were done; None if it went to its end."""
    corpus: CorpusReport
    resumed_from: str | None = None
    """The checkpoint that the run went on from. All other numbers are of the whole run, what was done before included;
    seconds_vocabulary is not."""
    checkpoints: int = 0
    """Written so far."""
    seconds_paused: float = 0.0
    """Of seconds_training, while the threads waited for these."""
    rollbacks: int = 0
    """How often the run diverged and was set back, 0 or 1."""

    initial: InitialReport | None = None
    """The vectors that the run began with, if it was given any."""
    drift: Drift | None = None
    """How far their words have moved, those that stood in the text."""

    def as_dict(self) -> dict[str, Any]:
        """All fields as plain values, for JSON."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class Model:
    """A trained model.

    Attributes
    ----------
    wv : the word vectors (rows of the input matrix; syn0 elsewhere), with counts.
    output_vectors : (n_words, vector_size) float32, the output matrix (syn1neg elsewhere); of hierarchical softmax
        without negative sampling, `node_vectors`.
    config, report : what was asked for, and what was done.
    node_vectors : (n_words - 1, vector_size) float32, the inner nodes of the tree of hierarchical softmax (syn1
        elsewhere), by falling weight, the root first; or None.
    """

    wv: KeyedVectors
    output_vectors: Matrix
    config: TrainConfig
    report: TrainReport
    node_vectors: Matrix | None = None

    def predict_output_word(self, context_words_list: Sequence[Key], topn: int = 10) -> list[tuple[str, float]] | None:
        """The most probable words in the middle of a context: see `w2v.vectors.prediction`."""
        return predict_output_word(self.wv, self.output_vectors if self.config.negative else None, context_words_list,
                                   topn, self.config.cbow_mean)

    def initial(self) -> Initial:
        """What another run needs to go on from here."""
        return Initial(self.wv, self.output_vectors if self.config.negative else None, self.node_vectors)

    def save(self, path: str | os.PathLike[str], *, output_vectors: bool = False) -> None:
        """Write the word vectors; the suffix decides the format (`KeyedVectors.save`). `.safetensors` tells how they
        were trained, and with `output_vectors` has the output matrix too.

        Raises
        ------
        ValueError : `output_vectors` are asked for, and the words have none: see `config.negative`.
        """
        if output_vectors and not self.config.negative:
            raise ValueError("hierarchical softmax alone has no output vectors of words to save; train with negative "
                             "sampling too (negative=5), or leave them out")
        self.wv.save(path, output_vectors=self.output_vectors if output_vectors else None)

    def save_fasttext_format(self, path: str | os.PathLike[str]) -> None:
        """Write the model as fastText does, which loads it: words, n-grams and output matrix."""
        self.wv.save_fasttext_format(path, output_vectors=self.output_vectors)
