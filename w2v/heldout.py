"""The loss on lines that do not train, by which two runs over one text can be compared.

Place in the data flow: encoded corpus -> the same corpus without some lines, for the trainer; and those lines, or those
of a text of its own -> windows with negatives, drawn once -> their mean loss under a model, at any moment of its
training.

Which lines, which windows and which negatives depends on the text, its vocabulary and the hyper-parameters `sample`,
`window`, `shrink_windows`, `negative` and `ns_exponent`; not on seed or threads, so that runs with other ones can be
compared. Words are subsampled and windows shrunk as in training: the two losses differ by what a model does worse on
text that it has not seen, and by chance.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v import _sgns
from w2v._text import LINE_END, WordTable
from w2v.blocks import SourceCounts
from w2v.config import TrainConfig
from w2v.corpus import EncodedCorpus
from w2v.errors import CorpusError, FormatError, W2VError
from w2v.idstore import rewrite
from w2v.modelcard import corpus_checksum, text_card
from w2v.objective import noise_words
from w2v.phrases import Phrases, encode_joined
from w2v.progress import reading
from w2v.rows import Matrix
from w2v.run import ModelView
from w2v.text import Corpus, is_paths, list_files
from w2v.vocab import Vocabulary, map_words

PAIRS = 10_000  # of a centre and a context at most: about 15 ms a look with 100 dimensions
OUTPUTS = 32_768  # output rows of all windows at most, which are few windows where `negative` is large
MOST_WORDS = 1 << 22  # of lines that the windows are chosen from
REDRAWS = 16  # of negatives that repeat one of their window
_IDS = 1 << 22  # ids looked at a time
_LINES, _KEEP, _REACH, _WINDOWS, _NEGATIVES, _PART = range(1, 7)  # streams of random numbers

Words = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]
Random = npt.NDArray[np.uint64]

SCORERS: dict[str, Callable[[Matrix, Matrix], Matrix]] = {
    "skip-gram with negative sampling": lambda contexts, outputs: contexts @ outputs.T,
    "CBOW with negative sampling": lambda contexts, outputs: contexts.mean(axis=0, keepdims=True) @ outputs.T,
}
"""By `TrainConfig.objective`: input rows of the contexts of a window (C, d), output rows of its centre and of its
negatives (S, d) -> scores (any number of pairs, S), whose loss is that of `w2v.reference.loss`, the first one seen."""

UNDERSTOOD = frozenset({
    "vector_size", "window", "negative", "sample", "min_count", "max_vocab", "epochs", "alpha", "min_alpha",
    "sg", "cbow_undivided", "ns_exponent", "shrink_windows", "shared_windows", "private_rows", "held_out", "seed"})
"""Hyper-parameters that the loss follows or does not depend on. With another one the loss might be a wrong number."""


def check(config: TrainConfig) -> None:
    """Find out before any work whether the loss asked for is known.

    Raises
    ------
    ValueError : it is not.
    """
    if not config.held_out:
        return
    for spec in fields(config):
        if spec.name not in UNDERSTOOD and (value := getattr(config, spec.name)) != spec.default:
            raise ValueError(f"held_out = {config.held_out!r}: the loss on lines that do not train is not known for "
                             f"{spec.name} = {value!r}; leave one of the two out")
    if config.objective not in SCORERS:
        raise ValueError(f"held_out = {config.held_out!r}: the loss of {config.objective} on lines that do not train "
                         f"is not known, only that of {', '.join(SCORERS)}; leave held_out out")


@dataclass(frozen=True)
class Lines:
    """Lines that do not train.

    Attributes
    ----------
    words : (n,) int32 ids, all lines one after the other.
    lengths : (lines,) int64, words of each, 1 or more.
    text : where they are of a text of its own, what a model card says of that; None if they are of the corpus.
    """

    words: Words
    lengths: Places
    text: dict[str, Any] | None = None


@dataclass(frozen=True)
class HeldOut:
    """What is held out, and how much of it the loss looks at.

    Attributes
    ----------
    file : the text of its own; None for lines of the corpus.
    lines, words : lines with known words, and these words.
    words_unknown : of that text; they are skipped.
    windows, pairs : of the fixed sample.
    """

    file: str | None
    lines: int
    words: int
    words_unknown: int
    windows: int
    pairs: int


@dataclass(frozen=True)
class HeldOutText:
    """A text of its own that is held out, as it was read: all its words, in a vocabulary of its own."""

    path: str
    corpus: EncodedCorpus
    sha256: str

    def lines(self, vocabulary: Vocabulary) -> Lines:
        """Those with words of the vocabulary, and no other words; to be called once, since it takes the ids.

        Raises
        ------
        CorpusError : there are none.
        """
        own, ids = self.corpus.vocabulary, self.corpus.ids
        table = WordTable()
        table.add_all(own.blob, own.offsets)
        known, final = map_words(table, own.counts, vocabulary, name=f"held_out: {self.path}")
        ids = ids[:rewrite(iter((ids,)), final, ids, 1)]
        lengths = np.diff(np.flatnonzero(ids == LINE_END), prepend=-1) - 1
        read = replace(self.corpus.report, words_unknown=own.total - known)
        return Lines(ids[ids >= 0], lengths, text_card(read, self.sha256))


def read_text(corpus: Corpus, config: TrainConfig, phrases: Phrases | None, *, threads: int, progress: bool,
              ) -> HeldOutText | None:
    """Read the text of its own that is to be held out, as the corpus will be; None if that is no text of its own.

    Raises
    ------
    W2VError : it cannot be read, has no words, or is a file of the corpus.
    """
    path = config.held_out
    if isinstance(path, int):
        return None
    try:
        _check_untrained(path, corpus)
        with reading(progress, "reading text held out") as show:
            text = encode_joined(path, phrases, min_count=1, max_vocab=None, threads=threads, progress=show)
    except CorpusError:
        raise CorpusError(f"held_out: there is no word in {path}") from None
    except FormatError:
        raise  # which begins with the file's name
    except W2VError as error:
        raise W2VError(f"held_out: {error}") from error
    return HeldOutText(path, text, corpus_checksum(text))


def _check_untrained(path: str, corpus: Corpus) -> None:
    """Raise W2VError if a file of the text held out is one of the corpus too."""
    if not is_paths(corpus):
        return
    _, held = list_files(path, SourceCounts())
    places = set(map(os.path.realpath, held))
    try:
        _, files = list_files(corpus, SourceCounts())
    except (TypeError, W2VError):
        return  # whoever reads it will say so
    for file in files:
        if os.path.realpath(file) in places:
            raise W2VError(f"{file} is a file of the corpus too; text that is held out must not train")


@contextmanager
def held_out(corpus: EncodedCorpus, config: TrainConfig, text: HeldOutText | None,
             ) -> Iterator[tuple[EncodedCorpus, Lines | None]]:
    """What is to be trained on and what is held out, if anything: lines of the corpus (`without_lines`), or the text of
    its own, which `read_text` has read.

    Raises
    ------
    CorpusError : as `without_lines` and `HeldOutText.lines`.
    ValueError : that text was not read.
    """
    if isinstance(config.held_out, int):
        with without_lines(corpus, config.held_out) as parts:
            yield parts
    elif text is None:
        raise ValueError(f"held_out = {config.held_out!r}: this text is to be read beforehand")
    else:
        yield corpus, text.lines(corpus.vocabulary)


@contextmanager
def without_lines(corpus: EncodedCorpus, n: int) -> Iterator[tuple[EncodedCorpus, Lines | None]]:
    """The corpus without `n` of its lines, and these. Inside of the block their ids are overwritten by line ends, which
    training passes over, so that nothing as large as the corpus is copied; afterwards it is as it was. The vocabulary's
    counts are those of the whole text.

    Raises
    ------
    CorpusError : that would be more than half of its lines, or all of its words.
    """
    if n == 0:
        yield corpus, None
        return
    begins, ends = _choose(corpus.ids, n)
    lines = [corpus.ids[begin:end].copy() for begin, end in zip(begins, ends, strict=True)]
    held = Lines(np.concatenate(lines), ends - begins)
    if len(held.words) >= corpus.n_words:
        raise CorpusError(f"held_out = {n} lines hold all words of the corpus: nothing is left to train on")
    try:
        for begin, end in zip(begins, ends, strict=True):
            corpus.ids[begin:end] = LINE_END
        yield replace(corpus, n_words=corpus.n_words - len(held.words)), held
    finally:
        for begin, line in zip(begins, lines, strict=True):
            corpus.ids[begin:begin + len(line)] = line


def _choose(ids: Words, n: int) -> tuple[Places, Places]:
    """(n,) where each chosen line begins and where it ends, rising: those with the smallest of a random number that
    each line has by its place among the lines with known words."""
    begin = number = 0
    best: tuple[Random, Places, Places] = np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64)
    for start in range(0, len(ids), _IDS):
        ends = np.flatnonzero(ids[start:start + _IDS] == LINE_END) + start
        begins = np.concatenate([[begin], ends + 1])
        found = mix(np.arange(number, number + len(ends)), _LINES), begins[:-1], ends
        number, begin = number + len(ends), int(begins[-1])
        keys, begins, ends = (np.concatenate(pair) for pair in zip(best, found, strict=True))
        smallest = np.argpartition(keys, n)[:n] if len(keys) > n else np.arange(len(keys))
        best = keys[smallest], begins[smallest], ends[smallest]
    if n > number // 2:
        raise CorpusError(f"held_out = {n} lines of {number} with known words: at most half of them can be held out")
    order = np.argsort(best[1])
    return best[1][order], best[2][order]


class HeldOutLoss:
    """The loss of a fixed sample of windows.

    Parameters
    ----------
    lines : what the windows are from.
    vocabulary, config : those of the run.
    sampler : noise words, as in training.

    Attributes
    ----------
    about : what is held out, and how many windows and pairs there are.
    """

    def __init__(self, lines: Lines, vocabulary: Vocabulary, config: TrainConfig, sampler: _sgns.Sampler) -> None:
        self._score = SCORERS[config.objective]
        file, unknown = None, 0
        if lines.text is not None:
            file, unknown = str(config.held_out), lines.text["words_unknown"]
        words, lengths = _part(lines)
        kept = uniform(np.arange(len(words)), _KEEP) < vocabulary.keep_probabilities(config.sample)[words]
        line = np.repeat(np.arange(len(lengths)), lengths)[kept]
        words = words[kept]
        low, high = _windows(line, config)
        negative = noise_words(config)
        chosen = _sample(high - low, max(1, OUTPUTS // (1 + negative)))
        contexts = [np.delete(words[low[i]:high[i] + 1], i - low[i]) for i in chosen]
        self.windows, self.pairs = len(chosen), sum(map(len, contexts))
        self.about = HeldOut(file, len(lines.lengths), len(lines.words), unknown, self.windows, self.pairs)
        outputs, self._counts = _negatives(words[chosen], min(negative, len(vocabulary) - 1), sampler)
        self._begin = np.cumsum([0, *map(len, contexts)])
        flat = np.concatenate([*contexts, np.empty(0, np.int32)])
        self._input_rows, self._contexts = np.unique(flat.astype(np.int64), return_inverse=True)
        self._output_rows, places = np.unique(outputs.astype(np.int64), return_inverse=True)
        self._outputs = places.reshape(outputs.shape)

    def mean(self, view: ModelView) -> float:
        """Mean over pairs of a centre and an input (a context, or the mean of all) of -log sigmoid(centre) - sum of
        log sigmoid(-negative): the unit of `TrainReport.loss`. NaN if no line has two words, or if the model is no
        longer finite."""
        if not self.pairs:
            return float("nan")
        inputs, outputs = view.rows(self._input_rows), view.output_rows(self._output_rows)
        total, rows = 0.0, 0
        with np.errstate(over="ignore", invalid="ignore"):
            scores = [self._score(inputs[self._contexts[self._begin[k]:self._begin[k + 1]]], outputs[self._outputs[k]])
                      for k in range(self.windows)]
            sizes = [len(one) for one in scores]
            x = np.concatenate(scores).astype(np.float64)
            x[:, 0] *= -1
            total, rows = float((np.logaddexp(0, x) * np.repeat(self._counts, sizes, axis=0)).sum()), sum(sizes)
        return total / rows


def _part(lines: Lines) -> tuple[Words, Places]:
    """Words and lengths of all lines or, of very many, of some: together `MOST_WORDS`, for which the last one chosen is
    cut. To look at all windows takes some 80 bytes a word."""
    lengths = lines.lengths
    if len(lines.words) <= MOST_WORDS:
        return lines.words, lengths
    order = np.argsort(mix(np.arange(len(lengths)), _PART))
    before = np.cumsum(lengths[order]) - lengths[order]
    rest = np.zeros_like(lengths)
    rest[order] = np.clip(MOST_WORDS - before, 0, lengths[order])
    begins = np.cumsum(lengths) - lengths
    chosen = np.flatnonzero(rest)
    return np.concatenate([lines.words[begins[i]:begins[i] + rest[i]] for i in chosen]), rest[chosen]


def _windows(line: Places, config: TrainConfig) -> tuple[Places, Places]:
    """(n,) the first and the last place that the window of each word reaches; `line` is the number of its line."""
    n = len(line)
    place = np.arange(n)
    first, last = np.searchsorted(line, line, "left"), np.searchsorted(line, line, "right") - 1
    if config.whole_lines:
        return first, last
    if config.shrink_windows:
        drawn = uniform(place, _REACH)
        left, right = ((side > 0) + (drawn * side).astype(np.int64) for side in config.sides)
    else:
        left, right = (np.full(n, side) for side in config.sides)
    return np.maximum(place - left, first), np.minimum(place + right, last)


def _sample(contexts: Places, most: int) -> Places:
    """Places of the centres of the sample, rising: at most so many, at most `PAIRS` pairs, but one at least where there
    is any; `contexts` are those of each place."""
    places = np.flatnonzero(contexts)
    places = places[np.argsort(mix(places, _WINDOWS))][:most]
    fit = int(np.searchsorted(np.cumsum(contexts[places]), PAIRS, "right"))
    return np.sort(places[:max(fit, 1)])


def _negatives(centres: Words, negative: int, sampler: _sgns.Sampler) -> tuple[Words, npt.NDArray[np.float64]]:
    """(n, 1 + negative) each centre with its negatives, and what each counts: 1, or 0 where one still repeats another
    of its window after some redraws, as with few words it may."""
    outputs = np.concatenate([centres[:, None], np.zeros((len(centres), negative), np.int32)], axis=1)
    repeats = np.zeros(outputs.shape, bool)
    repeats[:, 1:] = True
    for turn in range(REDRAWS):
        drawn = np.empty(int(repeats.sum()), np.int32)
        if not len(drawn):
            break
        sampler.draw(drawn, int(mix(np.array([turn]), _NEGATIVES)[0]))
        outputs[repeats] = drawn
        order = np.argsort(outputs, axis=1, kind="stable")
        ranked = np.take_along_axis(outputs, order, axis=1)
        np.put_along_axis(repeats, order[:, 1:], ranked[:, 1:] == ranked[:, :-1], axis=1)
        np.put_along_axis(repeats, order[:, :1], np.zeros((len(order), 1), bool), axis=1)
    return outputs, 1.0 - repeats


def mix(numbers: npt.NDArray[Any], stream: int) -> Random:
    """A random number for each number: splitmix64, see `csrc/rng.h`."""
    z = (numbers.astype(np.uint64) + np.uint64(stream << 40)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def uniform(numbers: npt.NDArray[Any], stream: int) -> npt.NDArray[np.float64]:
    """The same in [0, 1)."""
    return np.asarray((mix(numbers, stream) >> np.uint64(11)) * 2.0**-53)
