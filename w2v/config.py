"""Hyper-parameters of training: defaults, ranges and help texts.

Place in the data flow: options of a caller -> `TrainConfig`, which checks itself -> everything that trains. The command
line makes its options from the same fields (`describe`).
"""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypedDict, TypeVar, Unpack

from w2v.config_values import (
    MAX_WINDOW,
    MOST_CONTEXTS,
    WHOLE_LINE,
    at_least_one,
    checked_held_out,
    checked_window,
    is_whole,
    switch,
)
from w2v.corpus_options import CorpusOptions, ReadOptions, TextOptions
from w2v.presets import preset_options
from w2v.system.report import Report
from w2v.walk_options import GRAPH_DEFAULTS, GraphOptions, WalkOptions

MOST_SHARDS = 1024

ENGINES = ("threads", "dask")
"""Where a run is trained: by the threads of this process, or on a cluster of Dask."""

Function = TypeVar("Function", bound=Callable[..., object])


class HyperParameters(TypedDict, total=False):
    """Hyper-parameters as keyword arguments: the names and types of `TrainConfig`, none of them required."""

    vector_size: int
    window: int | tuple[int, int] | str
    line_contexts: int | None
    negative: int
    hs: bool
    sample: float
    min_count: int
    max_vocab: int | None
    epochs: int
    alpha: float
    min_alpha: float
    weight_decay: float
    ns_exponent: float
    sg: bool
    cbow_mean: bool
    cbow_undivided: bool
    minn: int
    maxn: int
    bucket: int
    add_outputs: float
    center: bool
    shrink_windows: bool
    harmonic_windows: bool
    line_weights: bool
    shared_windows: int
    shared_contexts: int
    private_rows: int | None
    reproducible: bool
    distributed: bool
    shards: int
    rounds: int
    held_out: int | str
    seed: int


class TrainOptions(HyperParameters, CorpusOptions, GraphOptions, total=False):
    """Hyper-parameters, options of the corpus and options of a graph as keyword arguments."""


def _parameter(default: Any, low: float, high: float, help: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "help": help})


def _switch(default: bool, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, repr=False)
class TrainConfig(Report):
    """Hyper-parameters of skip-gram or CBOW, with negative sampling, hierarchical softmax or both.

    The defaults are those of word2vec.c for skip-gram and of gensim. Ranges include both ends.

    Parameters
    ----------
    vector_size : dimensions of a word vector, 1 to 65536.
    window : largest distance between a context word and the centre word, 1 to 10000; a pair (left, right) for different
        distances on the two sides; "line" for all words of the line.
    line_contexts : with window "line", contexts of each word of a line of more than `line_contexts` + 1 words, drawn at
        random from its line, 1 to 10000; None for all words of the line. With it the cost of a line grows with its
        length instead of the square of its length, and so does its weight against other lines.
    negative : noise words for each window, 0 to 1000; 0 only with `hs`.
    hs : train with hierarchical softmax: alone if `negative` is 0, otherwise together with negative sampling.
    sample : subsampling threshold for frequent words, as a share of the text, 0 to 1; 0 turns subsampling off.
    min_count : leave out words that occur fewer times; 0 means 1, as in other tools.
    max_vocab : keep at most this many words, the most frequent ones; None for all.
    epochs : passes over the corpus, 1 to 1,000,000.
    alpha : initial learning rate, 1e-9 to 10. Default 0.025; for CBOW with the mean 0.2, or 0.05 with `hs` or
        `cbow_undivided`.
    min_alpha : final learning rate, 0 to `alpha`; the rate falls linearly with the words read.
    weight_decay : each time a word is a centre, its input and its output vector shrink by learning rate *
        `weight_decay`, 0 to 1 / `alpha`; only with negative sampling of whole words.
    ns_exponent : noise words are drawn in proportion to count ** ns_exponent, -4 to 4.
    sg : True for skip-gram, False for CBOW.
    cbow_mean : CBOW takes the mean of the context vectors (True) or their sum (False).
    cbow_undivided : CBOW with the mean adds the whole error to each context vector, as word2vec.c, gensim and fastText
        do; otherwise each gets its share, which is the gradient.
    minn, maxn : shortest and longest character n-gram that word vectors are built from; `maxn` 0 for whole words only.
    bucket : number of n-gram vectors; n-grams are assigned to them by hash.
    add_outputs : at the end, add this share of each word's output vector to its vector, 0 to 1; only with negative
        sampling of whole words.
    center : at the end, subtract the mean of all vectors; not with n-grams.
    shrink_windows : draw the size of each window from 1 to `window`; not with window "line".
    harmonic_windows : draw small windows more often, so that a word at distance d counts 1 / d, as in GloVe, and not
        1 - (d - 1) / window; only with `shrink_windows`.
    line_weights : each line starts with a number of 0 or more that multiplies its learning rate.
    shared_windows : neighbouring windows that share their size and noise words, 1 or 2; with 2 a fifth more noise words
        are drawn (6 for 5).
    shared_contexts : contexts of a step, at most, whose changes of an output vector are added up before it changes, 1
        to 12; fewer take longer, and are better where the same words occur together again and again, as in walks over
        a graph. Only with skip-gram.
    private_rows : number of the most frequent words of which each thread keeps a copy, merged often, 0 to 65536; None
        for a number that depends on the threads and the text.
    reproducible : train in rounds, so that the result has the same bytes with any number of threads; not with `hs` and
        not with n-grams.
    distributed : train in rounds on a cluster, with each shard by all threads of a worker; not with `hs` and not with
        n-grams. `engine` sets it unless the run is `reproducible`.
    shards : of rounds: parts of the text that are trained at the same time, 1 to 1024; more threads than shards are of
        no use.
    rounds : how often the changes of all shards are merged in the whole run, 1 to 1,000,000.
    held_out : number of lines to leave out of training, or the path of another text, on which the loss is reported.
    seed : seed of all random numbers, 0 to 2**64 - 1.

    Raises
    ------
    ValueError : a value is out of range, or two values contradict each other; the message names parameter and range.
    TypeError : a value has the wrong type.
    """

    vector_size: int = _parameter(100, 1, 65536, "dimensions of a word vector")
    window: int | tuple[int, int] | str = field(default=5, metadata={
        "help": "largest distance between a context word and the centre word; L,R for different distances on the left "
                "and on the right; line for all words of the line, at a cost that grows with the square of its length"})
    line_contexts: int | None = _parameter(
        None, 1, MAX_WINDOW, "with window line: contexts of each word of a longer line, drawn at random from its "
        "line, so that the cost grows with the length of the line; by default all words of the line")
    negative: int = _parameter(5, 0, 1000, "noise words for each window; 0 only with hierarchical softmax")
    hs: bool = _switch(False, "train with hierarchical softmax: alone with negative 0, otherwise together with "
                              "negative sampling")
    sample: float = _parameter(1e-3, 0.0, 1.0, "subsampling threshold for frequent words, 0 for no subsampling")
    min_count: int = _parameter(5, 0, 2**62, "leave out words that occur fewer times; 0 means 1")
    max_vocab: int | None = _parameter(None, 1, 2**31 - 2, "keep at most this many words, the most frequent ones")
    epochs: int = _parameter(5, 1, 1_000_000, "passes over the corpus")
    alpha: float = _parameter(None, 1e-9, 10.0, "initial learning rate (default 0.025; CBOW with the mean: 0.2, or "
                              "0.05 with hs or cbow_undivided)")
    min_alpha: float = _parameter(1e-4, 0.0, 10.0, "final learning rate; the rate falls linearly with the words read")
    weight_decay: float = _parameter(0.0, 0.0, 1e9, "each time a word is a centre, its two vectors shrink by learning "
                                     "rate * weight decay (0: not at all); good values for many epochs are 0.03 to "
                                     "0.06")
    ns_exponent: float = _parameter(0.75, -4.0, 4.0, "noise words are drawn in proportion to count^exponent")
    sg: bool = _switch(True, "skip-gram: predict from each context word separately; otherwise CBOW: from all words of "
                             "a window together")
    cbow_mean: bool = _switch(True, "CBOW takes the mean of the context vectors; otherwise their sum")
    cbow_undivided: bool = _switch(False, "CBOW adds the whole error to each context vector, as in word2vec.c, gensim "
                                          "and fastText; otherwise each gets its share, which is the gradient")
    minn: int = _parameter(0, 0, 1000, "letters of the shortest n-gram that word vectors are built from; at least 1 "
                           "with maxn")
    maxn: int = _parameter(0, 0, 1000, "letters of the longest n-gram, 0 for whole words only")
    bucket: int = _parameter(2_000_000, 1, 2**31 - 1, "number of n-gram vectors; n-grams are assigned to them by hash")
    add_outputs: float = _parameter(0.0, 0.0, 1.0, "at the end, add this share of each word's output vector to its "
                                    "vector: more similar are then also words that occur together (0: none)")
    center: bool = _switch(False, "at the end, subtract the mean of all vectors")
    shrink_windows: bool = _switch(True, "draw the size of each window from 1 to window (never with window line)")
    harmonic_windows: bool = _switch(False, "draw small windows more often, so that a word at distance d counts 1 / d, "
                                            "as in GloVe")
    line_weights: bool = _switch(False, "each line starts with a number of 0 or more that multiplies its learning rate")
    shared_windows: int = _parameter(2, 1, 2, "neighbouring windows that share their size and noise words; with 2 a "
                                     "fifth more noise words are drawn (6 for 5)")
    shared_contexts: int = _parameter(MOST_CONTEXTS, 1, MOST_CONTEXTS, "contexts, at most, whose changes of an output "
                                      "vector are added up; fewer take longer, and are better where the same words "
                                      f"occur together again and again (walks over a graph: "
                                      f"{GRAPH_DEFAULTS['shared_contexts']})")
    private_rows: int | None = _parameter(None, 0, 65536, "number of the most frequent words of which each thread "
                                          "keeps a copy, merged often; by default it depends on threads and text")
    reproducible: bool = _switch(False, "train in rounds, so that the result has the same bytes with any number of "
                                        "threads")
    distributed: bool = _switch(False, "train in rounds on a cluster, each shard by all threads of a worker: the "
                                       "engine dask without reproducible")
    shards: int = _parameter(16, 1, MOST_SHARDS, "with reproducible or engine dask: parts of the text that are trained "
                             "at the same time; without reproducible by default one for each worker of the cluster")
    rounds: int = _parameter(50, 1, 1_000_000, "with reproducible or engine dask: how often the shards are merged in "
                             "the whole run")
    held_out: int | str = field(default=0, metadata={
        "help": "lines to leave out of training, or a file with another text; the loss on them is reported"})
    seed: int = _parameter(1, 0, 2**64 - 1, "seed of all random numbers")

    @classmethod
    def preset(cls, name: str, **options: Unpack[HyperParameters]) -> TrainConfig:
        """Return the settings that w2v recommends, or the defaults of another trainer, overridden by `options`.

        Parameters
        ----------
        name : "best" or "fast"; "word2vec", "gensim" or "fasttext" (`w2v.presets.PRESETS`).
        options : hyper-parameters that override the preset.

        Raises
        ------
        ValueError, TypeError : there is no such preset, or as for `TrainConfig`.
        """
        return cls(**preset_options(name, options))

    def __post_init__(self) -> None:
        for spec in dataclasses.fields(self):
            if "low" in spec.metadata:
                self._check(spec)
            elif isinstance(spec.default, bool):
                object.__setattr__(self, spec.name, switch(spec.name, getattr(self, spec.name)))
        for name in _PLAIN:
            object.__setattr__(self, name, plain_value(name, getattr(self, name)))
        if self.alpha is None:
            object.__setattr__(self, "alpha", self._default_alpha)
        _check_together(self)

    @property
    def _default_alpha(self) -> float:
        mean = not self.sg and self.cbow_mean
        return (0.05 if self.cbow_undivided or self.hs else 0.2) if mean else 0.025

    def __repr__(self) -> str:
        """Return an expression with the values that are not defaults."""
        defaults = {spec.name: spec.default for spec in dataclasses.fields(self)} | {"alpha": self._default_alpha}
        given = [f"{name}={value!r}" for name, default in defaults.items() if (value := getattr(self, name)) != default]
        return f"TrainConfig({', '.join(given)})"

    @property
    def whole_lines(self) -> bool:
        """Whether the window is the whole line."""
        return self.window == WHOLE_LINE

    @property
    def in_rounds(self) -> bool:
        """Whether the run is trained in rounds (`w2v.training.rounds`)."""
        return self.reproducible or self.distributed

    @property
    def sides(self) -> tuple[int, int]:
        """Largest distances of a context word on the left and on the right.

        Raises
        ------
        ValueError : the window is the whole line.
        """
        if isinstance(self.window, str):
            raise ValueError("a window of the whole line has no distances")
        return self.window if isinstance(self.window, tuple) else (self.window, self.window)

    @property
    def mean_contexts(self) -> float:
        """Mean number of contexts of a word in a long line.

        Raises
        ------
        ValueError : the window is the whole line.
        """
        if self.harmonic_windows:
            return math.fsum(1 / distance for side in self.sides for distance in range(1, side + 1))
        left, right = self.sides
        return (left + right + (left > 0) + (right > 0)) / 2 if self.shrink_windows else float(left + right)

    @property
    def objective(self) -> str:
        """Name of the objective, a key of `w2v.training.objectives.table.OBJECTIVES`."""
        losses = (["hierarchical softmax"] if self.hs else []) + (["negative sampling"] if self.negative else [])
        return f"{'skip-gram' if self.sg else 'CBOW'} with {' and '.join(losses)}"

    def _check(self, spec: dataclasses.Field[Any]) -> None:
        value: Any = getattr(self, spec.name)
        whole = "float" not in str(spec.type)
        if value is None and spec.default is None:
            return
        valid = is_whole(value) if whole else hasattr(value, "__float__") and not isinstance(value, bool)
        if value is None or not valid:
            kind = "a whole number" if whole else "a number"
            raise TypeError(f"{spec.name} must be {kind}, not {value!r}")
        low, high = spec.metadata["low"], spec.metadata["high"]
        if not low <= value <= high:  # false for NaN too
            raise ValueError(f"{spec.name} = {value!r} is out of range: {low:g} to {high:g}")
        object.__setattr__(self, spec.name, int(value) if whole else float(value))  # JSON cannot hold NumPy's numbers


def _check_together(config: TrainConfig) -> None:
    """Check that hyper-parameters go together.

    Raises
    ------
    ValueError : two of them do not; the message names both and says what to do.
    """
    _check_objective(config)
    _check_windows(config)
    _check_rounds(config)
    _check_weights(config)


def _check_objective(config: TrainConfig) -> None:
    if config.negative == 0 and not config.hs:
        raise ValueError("negative = 0 leaves nothing to learn from; use 1 or more, or hs=True for hierarchical "
                         "softmax")
    if config.maxn and not 1 <= config.minn <= config.maxn:
        raise ValueError(f"minn = {config.minn} and maxn = {config.maxn}: n-grams need 1 <= minn <= maxn (fastText "
                         "uses 3 and 6); use maxn=0 for whole words only")
    if config.cbow_undivided and (config.sg or not config.cbow_mean):
        raise ValueError("cbow_undivided=True applies to CBOW with the mean only: it needs sg=False and "
                         "cbow_mean=True")
    if config.min_alpha > config.alpha:
        raise ValueError(f"min_alpha = {config.min_alpha:g} is above alpha = {config.alpha:g}; the learning rate can "
                         "only fall")


def _check_windows(config: TrainConfig) -> None:
    if config.line_contexts is not None and not config.whole_lines:
        raise ValueError(f"line_contexts = {config.line_contexts} has no effect with window = {config.window!r}: it "
                         f"limits the contexts of a whole line and needs window={WHOLE_LINE}")
    if config.harmonic_windows and not config.shrink_windows:
        raise ValueError("harmonic_windows=True draws the sizes of windows; it cannot be used with "
                         "shrink_windows=False")


def _check_rounds(config: TrainConfig) -> None:
    if config.in_rounds and (config.hs or config.maxn):
        raise ValueError(f"{'reproducible' if config.reproducible else 'distributed'}=True needs negative sampling "
                         f"of whole words; it cannot be used with {_other_objective(config)}")
    if config.reproducible and config.distributed:
        raise ValueError("distributed=True is not reproducible: leave it out, or reproducible=True")


def _check_weights(config: TrainConfig) -> None:
    """Check what shrinks vectors, and what changes them at the end."""
    decay = f"weight_decay = {config.weight_decay:g}"
    if config.weight_decay and (config.hs or config.maxn):
        raise ValueError(f"{decay} needs negative sampling of whole words; it cannot be used with "
                         f"{_other_objective(config)}")
    if config.weight_decay * config.alpha > 1:
        raise ValueError(f"{decay} is out of range: 0 to {1 / config.alpha:g} (1 / alpha), which shrinks a vector to "
                         "nothing at once")
    added = f"add_outputs = {config.add_outputs:g}"
    if config.add_outputs and not config.negative:
        raise ValueError(f"{added} adds the output vectors of negative sampling; it needs negative=5")
    if config.maxn and (config.add_outputs or config.center):
        raise ValueError(f"{added if config.add_outputs else 'center=True'} cannot be used with n-grams (maxn): "
                         "unknown words, which are composed of n-grams, would have other vectors")


def _other_objective(config: TrainConfig) -> str:
    return "hs=True" if config.hs else "n-grams (maxn)"


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "window": checked_window, "held_out": checked_held_out, "min_count": at_least_one}


_SWITCHES = {spec.name for spec in dataclasses.fields(TrainConfig) if isinstance(spec.default, bool)}


def plain_value(name: str, value: Any) -> Any:
    """Return the value of a hyper-parameter in the form in which `TrainConfig` stores it.

    Raises
    ------
    ValueError, TypeError : as for `TrainConfig`.
    """
    if name in _SWITCHES:
        return switch(name, value)
    return _PLAIN[name](value) if name in _PLAIN else value


def describe(name: str) -> str:
    """Return the help text of a hyper-parameter."""
    spec = {spec.name: spec for spec in dataclasses.fields(TrainConfig)}[name]
    return str(spec.metadata["help"])


def with_options(function: Function) -> Function:
    """Name the `**options: Unpack[TrainOptions]` of a function in its signature, for `help` and completion."""
    signature = inspect.signature(function)
    named = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    options = [inspect.Parameter(spec.name, inspect.Parameter.KEYWORD_ONLY, default=spec.default, annotation=spec.type)
               for kind in (TrainConfig, TextOptions, ReadOptions, WalkOptions) for spec in dataclasses.fields(kind)]
    function.__signature__ = signature.replace(parameters=[*named, *options])  # type: ignore[attr-defined]
    return function
