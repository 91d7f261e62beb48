"""Initial vectors: an older model whose words keep their vectors as initial values, while new words are added.

Place in the data flow: a file of vectors, or a model -> `Initial` -> the matrices of `w2v.training.trainer`, before the
threads start. The counts, and so the noise distribution and the subsampling, are those of the new corpus. A word of the
old model that does not occur there has count 0: it is neither drawn nor trained, and keeps its vector.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from w2v.analysis.differences.drift import Drift, drift
from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import W2VError
from w2v.formats.subwords import Subwords
from w2v.keyedvectors import KeyedVectors
from w2v.system.report import Report
from w2v.training.matrices import allocate_rows
from w2v.types import Matrix, StrPath

_BLOCK = 1 << 18  # floats copied at a time


@dataclass(frozen=True)
class InitialReport(Report):
    """Initial vectors of a run.

    Attributes
    ----------
    source : description of the initial vectors.
    words_old : their words, all of which are in the vocabulary.
    words_old_seen : of these, words that occur in the corpus.
    words_new : other words of the vocabulary.
    output_vectors : whether the old output matrix was used; otherwise it started from zeros.
    frozen : words whose vectors are kept unchanged.
    anchor : strength with which the other old words are pulled back to their initial vectors.
    notes : messages for the user.
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
    """Initial vectors for a run.

    Parameters
    ----------
    old : words and vectors, of any stored type.
    output_vectors : (n, vector_size) float32, the output matrix; None if unknown.
    node_vectors : (n - 1, vector_size) float32, the nodes of hierarchical softmax; None if unknown.

    Attributes
    ----------
    frozen : (n,) bool, words whose vectors are kept unchanged; None for none.
    anchor : see `hold`.

    Raises
    ------
    W2VError : there are no words, or a vector is not finite; names the word.
    """

    old: KeyedVectors
    output: Matrix | None
    nodes: Matrix | None
    anchor: float
    source: str

    def __init__(self, old: KeyedVectors, output_vectors: Matrix | None, node_vectors: Matrix | None = None) -> None:
        self.old, self.output, self.nodes = old, output_vectors, node_vectors
        self.frozen: npt.NDArray[np.bool_] | None = None
        self.anchor = 0.0
        self._rows: tuple[Vocabulary, npt.NDArray[np.int64]] | None = None  # result of `rows_in`, and for what
        self.source = old.source or f"{len(old):,} words x {old.vector_size}"
        if not len(old):
            raise W2VError(f"{self.source}: there are no words; training cannot start from it")
        if "" in old.index_to_key:
            raise W2VError(f"{self.source}: one word is empty, which no text can have; start from a file without it "
                           "(w2v convert --keep)")
        for part in self._parts():
            finite = np.isfinite(old.rows[part]).all(axis=1)
            if output_vectors is not None:
                finite &= np.isfinite(output_vectors[part]).all(axis=1)
            if not finite.all():
                word = old.index_to_key[part.start + int(np.argmin(finite))]
                raise W2VError(f"{self.source}: the vectors of {word[:40]!r} are not finite; training cannot start "
                               "from them")

    @property
    def words(self) -> list[str]:
        """The words, in order."""
        return self.old.index_to_key

    def hold(self, freeze: str | None, anchor: float) -> None:
        """Freeze all words, or pull them back to their initial vectors.

        Parameters
        ----------
        freeze : "old" to freeze them, or None.
        anchor : at each occurrence of a word, its vector moves by learning rate * anchor of the way to its initial
            vector; 0 for not at all.

        The arguments must have passed `check_hold`.
        """
        if freeze is not None:
            self.frozen = np.ones(len(self.words), dtype=np.bool_)
        self.anchor = float(anchor)

    def __str__(self) -> str:
        held = "frozen" if self.frozen is not None else f"anchor {self.anchor:g}" if self.anchor else "free"
        return f"{len(self.old):,} words x {self.old.vector_size}, {held}"

    def held(self, vocabulary: Vocabulary, inputs: Matrix) -> dict[str, Any]:
        """Return the options of `_loop.TrainingLoop` for frozen and anchored words; to be called after `fill`.

        Parameters
        ----------
        vocabulary : of the run.
        inputs : the input matrix of the run, (n_words, padded).
        """
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
        """Return the configuration of a run with these initial vectors.

        Parameters
        ----------
        sized : whether the user chose `vector_size`; otherwise it is taken from the vectors.

        Raises
        ------
        ValueError : `vector_size` or the n-grams differ, `max_vocab` has no room for all words, or words cannot be
            frozen or anchored in this configuration.
        """
        if not sized:
            config = replace(config, vector_size=self.old.vector_size)
        if config.vector_size != self.old.vector_size:
            raise ValueError(f"vector_size = {config.vector_size}, but the initial vectors have "
                             f"{self.old.vector_size} dimensions ({self.source}); leave vector_size out to use theirs")
        if config.maxn and self._ngrams(config) is None:
            raise ValueError(f"minn = {config.minn}, maxn = {config.maxn}, bucket = {config.bucket}: the initial "
                             f"vectors have no n-grams of this kind ({self.old.subwords or self.source}); leave "
                             "maxn out to continue with whole words")
        if config.maxn and (self.frozen is not None or self.anchor):
            raise ValueError("freeze and anchor are not supported with n-grams (maxn), which words share")
        if self.frozen is not None and (config.add_outputs or config.center):
            name = f"add_outputs = {config.add_outputs:g}" if config.add_outputs else "center=True"
            raise ValueError(f"{name} changes all vectors at the end; it cannot be used with freeze")
        if self.anchor > 1 / config.alpha:
            raise ValueError(f"anchor = {self.anchor:g} is out of range: 0 to {1 / config.alpha:g} (1 / alpha), which "
                             "puts a word back at once")
        if config.max_vocab is not None and config.max_vocab < len(self.words):
            raise ValueError(f"max_vocab = {config.max_vocab} is less than the {len(self.words)} words of the initial "
                             f"vectors, which are all kept ({self.source})")
        return config

    def fill(
        self, vocabulary: Vocabulary, config: TrainConfig, inputs: Matrix, outputs: Matrix | None,
        nodes: Matrix | None = None
    ) -> None:
        """Write the initial vectors into the matrices of a run; rows of new words are left unchanged.

        Parameters
        ----------
        vocabulary : of the run; has all words of the initial vectors.
        config : of the run.
        inputs : (n_words, padded) float32, with n-grams followed by their rows.
        outputs : (n_words, padded) float32; None without negative sampling.
        nodes : (n_words - 1, padded) float32; None without hierarchical softmax.

        Raises
        ------
        ValueError : see `fit`, except for `max_vocab`.
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
        """Return the old n-grams if the configuration has n-grams of the same kind, else None."""
        ngrams = self.old.subwords
        kind = config.minn, config.maxn, config.bucket
        if not config.maxn or not isinstance(ngrams, Subwords):
            return None
        return ngrams if (ngrams.minn, ngrams.maxn, ngrams.buckets) == kind else None

    def _same_tree(self, vocabulary: Vocabulary) -> bool:
        """Whether the tree of hierarchical softmax, which follows from the counts, is the same."""
        counts = self.old.counts
        return counts is not None and np.array_equal(vocabulary.counts, counts) and vocabulary.words == self.words

    def rows_in(self, vocabulary: Vocabulary) -> npt.NDArray[np.int64]:
        """Return the row of each old word in a vocabulary that has them all, (n_old,) int64."""
        if self._rows is None or self._rows[0] is not vocabulary:
            row_of = {word: row for row, word in enumerate(vocabulary.words)}
            self._rows = vocabulary, np.array([row_of[word] for word in self.words], dtype=np.int64)
        return self._rows[1]

    def report(self, vocabulary: Vocabulary, config: TrainConfig) -> InitialReport:
        """Return the report for a run with this vocabulary and configuration."""
        seen = int((vocabulary.counts[self.rows_in(vocabulary)] > 0).sum())
        notes = []
        if self.output is None and config.negative:
            notes.append("the initial vectors have no output matrix: it started from zeros; w2v train "
                         "--save-output-vectors keeps it in a .safetensors file")
        if config.hs and (self.nodes is None or not self._same_tree(vocabulary)):
            notes.append("the tree of hierarchical softmax depends on the counts of this text: its nodes started from "
                         "zeros")
        if self.old.subwords is not None and not config.maxn:
            notes.append("the initial vectors are composed of n-grams: the vectors of words were used, without n-grams")
        return InitialReport(self.source, len(self.words), seen, len(vocabulary) - len(self.words),
                             self.output is not None and config.negative > 0,
                             0 if self.frozen is None else int(self.frozen.sum()), self.anchor, tuple(notes))

    def drift(self, new: KeyedVectors) -> Drift:
        """Return how far the old words have moved, counting those that occur in the corpus."""
        return drift(self.old, new)

    def _parts(self) -> Iterator[slice]:
        step = max(1, _BLOCK // self.old.vector_size)
        return (slice(start, min(start + step, len(self.old))) for start in range(0, len(self.old), step))


def check_hold(freeze: str | None, anchor: float) -> None:
    """Check the arguments of `Initial.hold`.

    Raises
    ------
    ValueError : an argument is invalid, or both are given.
    """
    if freeze not in (None, "old"):
        raise ValueError(f"freeze must be 'old' or None, not {freeze!r}")
    if isinstance(anchor, bool) or not isinstance(anchor, (int, float)) or not 0 <= anchor < float("inf"):
        raise ValueError(f"anchor must be a number of at least 0, not {anchor!r}")
    if freeze and anchor:
        raise ValueError("freeze and anchor exclude each other: a frozen word cannot be pulled back; leave out "
                         "one of them")


def _mask(n_words: int, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    mask = np.zeros(n_words, dtype=np.uint8)
    mask[rows] = 1
    return mask


class HasInitial(Protocol):
    """A model that provides initial vectors for another run."""

    def initial(self) -> Initial:
        """Return its vectors."""
        ...


def read_initial(init: StrPath | KeyedVectors | HasInitial) -> Initial:
    """Read initial vectors, as `w2v.train(init=)` takes them.

    Parameters
    ----------
    init : path of a file that `w2v.load` reads, vectors, or a model.

    Raises
    ------
    TypeError : `init` is none of these.
    FormatError, W2VError : the file cannot be read or is damaged.
    """
    if isinstance(init, (str, os.PathLike)):
        init = KeyedVectors.load(init)
    if not isinstance(init, KeyedVectors):
        if hasattr(init, "initial"):
            return init.initial()
        raise TypeError(f"init must be a file of vectors, KeyedVectors or a model, not {init!r:.80}")
    return Initial(init, init.output_vectors)


def initial_card(report: InitialReport, moved: Drift) -> str:
    """Return the entry "initial" of a model card: JSON, without drift if no old word occurs in the corpus."""
    return json.dumps({**asdict(report), "drift": asdict(moved) if moved.words else None})
