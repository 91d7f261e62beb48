"""Vectors that training begins with: those of an older model, whose words keep their rows while new words join.

Place in the data flow: a file of vectors, or a model -> `Initial` -> the matrices of `w2v/training/trainer.py`, before the
threads start. The text to go on with decides the counts, and so the sampler and the subsampling: an old word that is
not in it has count 0, is never drawn and never trained, and stays in the output as it was.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import W2VError
from w2v.formats.subwords import Subwords
from w2v.keyedvectors import KeyedVectors
from w2v.training.matrices import allocate_rows
from w2v.types import Matrix, StrPath
from w2v.vectors.drift import Drift, drift

_BLOCK = 1 << 18  # numbers copied at a time


@dataclass(frozen=True)
class InitialReport:
    """What a run began with.

    Attributes
    ----------
    source : the old vectors, in a line.
    frozen : words whose vectors were not to change.
    anchor : how strongly the others were pulled back to their old vectors.
    words_old : all of them, which the new vocabulary has too.
    words_old_seen : those that stood in the new text.
    words_new : words that the old vectors did not have.
    output_vectors : the old output matrix was there and taken; if not it began as zeros.
    notes : what else to know.
    """

    source: str
    words_old: int
    words_old_seen: int
    words_new: int
    output_vectors: bool
    frozen: int
    anchor: float
    notes: tuple[str, ...]


class Initial:
    """Old vectors to begin with.

    Parameters
    ----------
    old : the words and their vectors, of any stored type.
    output_vectors : (n, vector_size) float32, the output matrix; None if it is not known.
    node_vectors : (n - 1, vector_size) float32, the nodes of hierarchical softmax, or None.

    Raises
    ------
    W2VError : there is no word, or a number is not finite; names the word.
    """

    def __init__(self, old: KeyedVectors, output_vectors: Matrix | None, node_vectors: Matrix | None = None) -> None:
        self.old, self.output, self.nodes = old, output_vectors, node_vectors
        self.frozen: npt.NDArray[np.bool_] | None = None  # (n,) words whose vectors stay as they are
        self.anchor = 0.0  # each time another old word stands in the text: rate * anchor of the way back
        self._placed: tuple[Vocabulary, npt.NDArray[np.int64]] | None = None
        self.source = old.source or f"{len(old):,} words x {old.vector_size}"
        if not len(old):
            raise W2VError(f"{self.source}: there is no word to begin with")
        for part in self._parts():
            finite = np.isfinite(old.rows[part]).all(axis=1)
            if output_vectors is not None:
                finite &= np.isfinite(output_vectors[part]).all(axis=1)
            if not finite.all():
                word = old.index_to_key[part.start + int(np.argmin(finite))]
                raise W2VError(f"{self.source}: the vectors of {word[:40]!r} have a number that is not finite; "
                               "training cannot begin with it")

    @property
    def words(self) -> list[str]:
        return self.old.index_to_key

    def hold(self, freeze: str | None, anchor: float) -> None:
        """Keep the old words where they are: all of them entirely, or pulled back.

        Parameters
        ----------
        freeze : "old", or None.
        anchor : 0 for none; each time an old word stands in the text, its vector moves by rate * anchor of the way to
            where it was.

        Raises
        ------
        ValueError : there is no such `freeze`, `anchor` is no number of at least 0, or both are given.
        """
        check_hold(freeze, anchor)
        if freeze is not None:
            self.frozen = np.ones(len(self.words), dtype=np.bool_)
        self.anchor = float(anchor)

    def __str__(self) -> str:
        held = "frozen" if self.frozen is not None else f"anchor {self.anchor:g}" if self.anchor else "free"
        return f"{len(self.old):,} words x {self.old.vector_size}, {held}"

    def held(self, vocabulary: Vocabulary, inputs: Matrix) -> dict[str, Any]:
        """What the loop (`_loop.TrainingLoop`) needs for that, after `fill`."""
        rows, options = self.rows_in(vocabulary), dict[str, Any]()
        if self.frozen is not None and self.frozen.any():
            options["frozen"] = _mask(len(vocabulary), rows[self.frozen])
        free = rows if self.frozen is None else rows[~self.frozen]
        if self.anchor and len(free):
            anchors = allocate_rows(len(vocabulary), self.old.vector_size)
            for start in range(0, len(free), 1 << 16):
                part = free[start:start + (1 << 16)]
                anchors[part] = inputs[part]
            options |= {"anchors": (anchors, _mask(len(vocabulary), free)), "anchor": self.anchor}
        return options

    def fit(self, config: TrainConfig, sized: bool) -> TrainConfig:
        """The configuration of a run that begins with these vectors; unless `sized`, its dimension is theirs.

        Raises
        ------
        ValueError : the dimension or the kind of n-grams is another, `max_vocab` has no room for all words, or they
            cannot be held so.
        """
        if not sized:
            config = replace(config, vector_size=self.old.vector_size)
        if config.vector_size != self.old.vector_size:
            raise ValueError(f"vector_size = {config.vector_size}, and the vectors to begin with have "
                             f"{self.old.vector_size} dimensions ({self.source}); leave vector_size out to take theirs")
        if config.maxn and self._ngrams(config) is None:
            raise ValueError(f"minn = {config.minn}, maxn = {config.maxn}, bucket = {config.bucket}: the vectors to "
                             f"begin with have no n-grams of this kind ({self.old.subwords or self.source}); leave "
                             "maxn out to go on with whole words")
        if config.maxn and (self.frozen is not None or self.anchor):
            raise ValueError("with n-grams (maxn) no word can be frozen or anchored: words share them")
        if self.anchor > 1 / config.alpha:
            raise ValueError(f"anchor = {self.anchor:g} is out of range: 0 to {1 / config.alpha:g} (1 / alpha), with "
                             "which a word is put back at once")
        if config.max_vocab is not None and config.max_vocab < len(self.words):
            raise ValueError(f"max_vocab = {config.max_vocab} is less than the {len(self.words)} words to begin with, "
                             f"which all stay ({self.source})")
        return config

    def fill(
        self, vocabulary: Vocabulary, config: TrainConfig, inputs: Matrix, outputs: Matrix | None,
        nodes: Matrix | None = None
    ) -> None:
        """Write the old vectors into the matrices of a run, whose vocabulary has all old words.

        Parameters
        ----------
        inputs : (n_words, padded), and with n-grams their rows after them. Rows of new words are left as they are.
        outputs : (n_words, padded), or None without negative sampling.
        nodes : (n_words - 1, padded), or None without hierarchical softmax.

        Raises
        ------
        ValueError : as of `fit`, but for `max_vocab`, since there is a vocabulary.
        """
        self.fit(replace(config, max_vocab=None), sized=True)
        rows, size, ngrams = self.rows_in(vocabulary), self.old.vector_size, self._ngrams(config)
        if ngrams is not None:
            step = max(1, _BLOCK // size)
            numbers = ngrams.rows.view(np.float32).reshape(-1, size)
            for start in range(0, ngrams.buckets, step):
                begin = len(vocabulary) + start
                inputs[begin:begin + step, :size] = numbers[start:start + step]
        for part in self._parts():
            vectors = self.old.rows[part]
            inputs[rows[part], :size] = vectors if ngrams is None else ngrams.own_rows(self.words[part], vectors)
            if self.output is not None and outputs is not None:
                outputs[rows[part], :size] = self.output[part]
        if self.nodes is not None and nodes is not None and self._same_tree(vocabulary):
            nodes[:, :size] = self.nodes

    def _ngrams(self, config: TrainConfig) -> Subwords | None:
        """The old n-grams, if a run of this configuration has such."""
        ngrams = self.old.subwords
        wanted = config.minn, config.maxn, config.bucket
        if not config.maxn or not isinstance(ngrams, Subwords):
            return None
        return ngrams if (ngrams.minn, ngrams.maxn, ngrams.buckets) == wanted else None

    def _same_tree(self, vocabulary: Vocabulary) -> bool:
        """The tree of hierarchical softmax follows the counts: with others its nodes mean other words."""
        counts = self.old.counts
        return counts is not None and np.array_equal(vocabulary.counts, counts) and vocabulary.words == self.words

    def rows_in(self, vocabulary: Vocabulary) -> npt.NDArray[np.int64]:
        """(n_old,) the row of each old word in a vocabulary that has them all."""
        if self._placed is None or self._placed[0] is not vocabulary:
            place = {word: row for row, word in enumerate(vocabulary.words)}
            self._placed = vocabulary, np.array([place[word] for word in self.words], dtype=np.int64)
        return self._placed[1]

    def report(self, vocabulary: Vocabulary, config: TrainConfig) -> InitialReport:
        seen = int((vocabulary.counts[self.rows_in(vocabulary)] > 0).sum())
        notes = []
        if self.output is None and config.negative:
            notes.append("no output matrix in the old vectors: it began as zeros; w2v train --save-output-vectors "
                         "keeps it in a .safetensors")
        if config.hs and (self.nodes is None or not self._same_tree(vocabulary)):
            notes.append("the tree of hierarchical softmax follows the counts of this text: its nodes began as zeros")
        if self.old.subwords is not None and not config.maxn:
            notes.append("the old vectors were made of n-grams: the words' whole vectors were taken, no n-grams")
        return InitialReport(self.source, len(self.words), seen, len(vocabulary) - len(self.words),
                             self.output is not None and config.negative > 0,
                             0 if self.frozen is None else int(self.frozen.sum()), self.anchor, tuple(notes))

    def drift(self, new: KeyedVectors) -> Drift:
        """How far the old words that stood in the new text have moved."""
        return drift(self.old, new)

    def _parts(self) -> Iterator[slice]:
        step = max(1, _BLOCK // self.old.vector_size)
        return (slice(start, min(start + step, len(self.old))) for start in range(0, len(self.old), step))


def check_hold(freeze: str | None, anchor: float) -> None:
    """As `Initial.hold`, before there is anything to hold."""
    if freeze not in (None, "old"):
        raise ValueError(f"freeze is 'old' or None, not {freeze!r}")
    if isinstance(anchor, bool) or not isinstance(anchor, (int, float)) or not 0 <= anchor < float("inf"):
        raise ValueError(f"anchor must be a number of at least 0, not {anchor!r}")
    if freeze and anchor:
        raise ValueError("freeze and anchor are two ways to keep old vectors: what is frozen cannot be pulled back")


def _mask(n_words: int, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    mask = np.zeros(n_words, dtype=np.uint8)
    mask[rows] = 1
    return mask


class HasInitial(Protocol):
    """A model that another run may go on from."""

    def initial(self) -> Initial: ...


def read_initial(init: StrPath | KeyedVectors | HasInitial) -> Initial:
    """What `w2v.train(init=)` takes: a file in any format that `w2v.load` reads, vectors, or a model.

    Raises
    ------
    TypeError : none of these.
    FormatError, W2VError : the file cannot be read or is broken.
    """
    if isinstance(init, (str, os.PathLike)):
        init = KeyedVectors.load(init)
    if not isinstance(init, KeyedVectors):
        if hasattr(init, "initial"):
            return init.initial()
        raise TypeError(f"init is a file of vectors, KeyedVectors or a model, not {init!r:.80}")
    return Initial(init, init.output_vectors)


def initial_card(report: InitialReport, moved: Drift) -> str:
    """The entry "initial" of a model card: JSON, without a drift where no old word stood in the text."""
    return json.dumps({**asdict(report), "drift": asdict(moved) if moved.words else None})
