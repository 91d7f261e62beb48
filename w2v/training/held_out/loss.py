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

from collections.abc import Callable
from dataclasses import fields

import numpy as np
import numpy.typing as npt

from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.training.held_out.lines import HeldOut, Lines, Places, Words
from w2v.training.held_out.streams import _KEEP, _NEGATIVES, _PART, _REACH, _WINDOWS, mix, uniform
from w2v.training.loop import _sampler
from w2v.training.objective import noise_words
from w2v.training.status import ModelView
from w2v.types import Matrix

PAIRS = 10_000  # of a centre and a context at most: about 15 ms a look with 100 dimensions
OUTPUTS = 32_768  # output rows of all windows at most, which are few windows where `negative` is large
MOST_WORDS = 1 << 22  # of lines that the windows are chosen from
REDRAWS = 16  # of negatives that repeat one of their window


SCORERS: dict[str, Callable[[Matrix, Matrix], Matrix]] = {
    "skip-gram with negative sampling": lambda contexts, outputs: contexts @ outputs.T,
    "CBOW with negative sampling": lambda contexts, outputs: contexts.mean(axis=0, keepdims=True) @ outputs.T,
}
"""By `TrainConfig.objective`: input rows of the contexts of a window (C, d), output rows of its centre and of its
negatives (S, d) -> scores (any number of pairs, S), whose loss is that of `w2v.training.reference.loss`, the first one seen."""

SUPPORTED_OPTIONS = frozenset({
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
        if spec.name not in SUPPORTED_OPTIONS and (value := getattr(config, spec.name)) != spec.default:
            raise ValueError(f"held_out = {config.held_out!r}: the loss on lines that do not train is not known for "
                             f"{spec.name} = {value!r}; leave one of the two out")
    if config.objective not in SCORERS:
        raise ValueError(f"held_out = {config.held_out!r}: the loss of {config.objective} on lines that do not train "
                         f"is not known, only that of {', '.join(SCORERS)}; leave held_out out")


















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

    def __init__(self, lines: Lines, vocabulary: Vocabulary, config: TrainConfig, sampler: _sampler.Sampler) -> None:
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


def _negatives(centres: Words, negative: int, sampler: _sampler.Sampler) -> tuple[Words, npt.NDArray[np.float64]]:
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




