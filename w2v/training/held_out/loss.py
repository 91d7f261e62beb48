"""Loss on held-out lines, by which two runs over one text can be compared.

Place in the data flow: `w2v.training.held_out.lines` -> windows with negatives, drawn once -> their mean loss under a
model, at any moment of its training.

Lines, windows and negatives depend on the text, its vocabulary and the hyper-parameters `sample`, `window`,
`shrink_windows`, `negative` and `ns_exponent`, but not on the seed or the threads, so that runs that differ in these
can be compared. Words are subsampled and windows shrunk as in training: the held-out loss exceeds the training loss by
as much as the model is worse on unseen text, apart from sampling noise.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import numpy.typing as npt

from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.training.held_out.lines import HeldOut, Lines, Places, Words
from w2v.training.held_out.streams import KEEP, NEGATIVES, PART, REACH, WINDOWS, mix, uniform
from w2v.training.loop import _sampler
from w2v.training.objectives.negative_sampling import noise_words
from w2v.training.objectives.table import OBJECTIVES, objective_of
from w2v.training.status import ModelView

PAIRS = 10_000  # of a centre and a context, at most: about 15 ms per evaluation with 100 dimensions
OUTPUTS = 32_768  # output rows of all windows, at most; leaves few windows if `negative` is large
MOST_WORDS = 1 << 22  # words of the lines from which windows are chosen
REDRAWS = 16  # rounds of drawing again negatives that occur twice in a window

SUPPORTED_OPTIONS = frozenset({
    "vector_size", "window", "negative", "sample", "min_count", "max_vocab", "epochs", "alpha", "min_alpha",
    "sg", "cbow_undivided", "ns_exponent", "shrink_windows", "harmonic_windows", "weight_decay", "add_outputs",
    "center", "shared_windows", "shared_contexts", "private_rows", "held_out", "seed", "reproducible", "shards",
    "rounds"})
"""Hyper-parameters that the loss follows, or does not depend on. With any other one it might be a wrong number."""


def check(config: TrainConfig) -> None:
    """Check, before any work, that the held-out loss of this configuration can be computed.

    Raises
    ------
    ValueError : `held_out` is set and it cannot.
    """
    if not config.held_out:
        return
    for spec in fields(config):
        if spec.name not in SUPPORTED_OPTIONS and (value := getattr(config, spec.name)) != spec.default:
            raise ValueError(f"held_out = {config.held_out!r}: held-out loss is not supported with "
                             f"{spec.name}={value!r}; leave one of the two out")
    if not objective_of(config).held_out:
        supported = ", ".join(name for name, objective in OBJECTIVES.items() if objective.held_out)
        raise ValueError(f"held_out = {config.held_out!r}: held-out loss is not supported for {config.objective}, only "
                         f"for {supported}; leave held_out out")


class HeldOutLoss:
    """Loss of a fixed sample of windows.

    Parameters
    ----------
    lines : the held-out lines, from which the windows are chosen.
    vocabulary, config : of the run.
    sampler : noise distribution of the run.

    Attributes
    ----------
    windows, pairs : size of the sample.
    about : size of the held-out text and of the sample.
    """

    windows: int
    pairs: int
    about: HeldOut

    def __init__(self, lines: Lines, vocabulary: Vocabulary, config: TrainConfig, sampler: _sampler.Sampler) -> None:
        self._score = objective_of(config).scores
        file, unknown = None, 0
        if lines.text is not None:
            file, unknown = str(config.held_out), lines.text["words_unknown"]
        words, lengths = _part(lines)
        kept = uniform(np.arange(len(words)), KEEP) < vocabulary.keep_probabilities(config.sample)[words]
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
        """Return the mean loss of a model: over pairs of a centre and an input row (a context, or the mean of all
        contexts), -log sigmoid(centre) - sum of log sigmoid(-negative), as in `TrainReport.loss`.

        NaN if no line has two words, or if vectors are not finite.
        """
        if not self.pairs:
            return float("nan")
        inputs, outputs = view.rows(self._input_rows), view.output_rows(self._output_rows)
        with np.errstate(over="ignore", invalid="ignore"):
            scores = [self._score(inputs[self._contexts[self._begin[k]:self._begin[k + 1]]], outputs[self._outputs[k]])
                      for k in range(self.windows)]
            sizes = [len(one) for one in scores]
            x = np.concatenate(scores).astype(np.float64)
            x[:, 0] *= -1
            total, rows = float((np.logaddexp(0, x) * np.repeat(self._counts, sizes, axis=0)).sum()), sum(sizes)
        return total / rows


def _part(lines: Lines) -> tuple[Words, Places]:
    """Return words and lengths of all lines or, if they have more than `MOST_WORDS` words, of random lines with exactly
    that many, of which the last is cut. (Finding the windows takes about 80 bytes per word.)"""
    lengths = lines.lengths
    if len(lines.words) <= MOST_WORDS:
        return lines.words, lengths
    order = np.argsort(mix(np.arange(len(lengths)), PART))
    before = np.cumsum(lengths[order]) - lengths[order]
    rest = np.zeros_like(lengths)
    rest[order] = np.clip(MOST_WORDS - before, 0, lengths[order])
    begins = np.cumsum(lengths) - lengths
    chosen = np.flatnonzero(rest)
    return np.concatenate([lines.words[begins[i]:begins[i] + rest[i]] for i in chosen]), rest[chosen]


def _windows(line: Places, config: TrainConfig) -> tuple[Places, Places]:
    """Return the first and the last place in the window of each word, (n,) each; `line` is the number of its line."""
    n = len(line)
    place = np.arange(n)
    first, last = np.searchsorted(line, line, "left"), np.searchsorted(line, line, "right") - 1
    if config.whole_lines:
        return first, last
    if config.shrink_windows:
        drawn, harmonic = uniform(place, REACH), config.harmonic_windows
        left, right = (np.minimum(1 / (1 - drawn), side).astype(np.int64) if harmonic else
                       (side > 0) + (drawn * side).astype(np.int64) for side in config.sides)
    else:
        left, right = (np.full(n, side) for side in config.sides)
    return np.maximum(place - left, first), np.minimum(place + right, last)


def _sample(contexts: Places, most: int) -> Places:
    """Return the places of the sampled centres, rising: at most `most` places and `PAIRS` pairs, but at least one place
    if any has contexts.

    Parameters
    ----------
    contexts : number of contexts of each place.
    """
    places = np.flatnonzero(contexts)
    places = places[np.argsort(mix(places, WINDOWS))][:most]
    fit = int(np.searchsorted(np.cumsum(contexts[places]), PAIRS, "right"))
    return np.sort(places[:max(fit, 1)])


def _negatives(centres: Words, negative: int, sampler: _sampler.Sampler) -> tuple[Words, npt.NDArray[np.float64]]:
    """Return each centre with its negatives, (n, 1 + negative), and their weights: 1, or 0 for a negative that still
    repeats another output of its window after `REDRAWS` rounds, as can happen with few words."""
    outputs = np.concatenate([centres[:, None], np.zeros((len(centres), negative), np.int32)], axis=1)
    repeats = np.zeros(outputs.shape, bool)
    repeats[:, 1:] = True
    for turn in range(REDRAWS):
        drawn = np.empty(int(repeats.sum()), np.int32)
        if not len(drawn):
            break
        sampler.draw(drawn, int(mix(np.array([turn]), NEGATIVES)[0]))
        outputs[repeats] = drawn
        order = np.argsort(outputs, axis=1, kind="stable")
        ranked = np.take_along_axis(outputs, order, axis=1)
        np.put_along_axis(repeats, order[:, 1:], ranked[:, 1:] == ranked[:, :-1], axis=1)
        np.put_along_axis(repeats, order[:, :1], np.zeros((len(order), 1), bool), axis=1)
    return outputs, 1.0 - repeats
