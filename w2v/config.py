"""Hyper-parameters of training: defaults, ranges and help texts.

Place in the data flow: options of a caller -> `TrainConfig`, which checks itself -> everything that trains. The command
line makes its options from the same fields (`describe`).
"""

from __future__ import annotations

import dataclasses
import inspect
import operator
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, SupportsIndex, TypedDict, TypeGuard, TypeVar, Unpack

from w2v.corpus_options import CorpusOptions, ReadOptions, TextOptions
from w2v.presets import preset_options
from w2v.system.remote import redacted
from w2v.system.report import Report

WHOLE_LINE = "line"  # as window: all words of the line
MAX_WINDOW = 10_000  # words on either side
MAX_HELD_OUT = 2**31  # lines
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
    ns_exponent: float
    sg: bool
    cbow_mean: bool
    cbow_undivided: bool
    minn: int
    maxn: int
    bucket: int
    shrink_windows: bool
    line_weights: bool
    shared_windows: int
    private_rows: int | None
    reproducible: bool
    distributed: bool
    shards: int
    rounds: int
    held_out: int | str
    seed: int


class TrainOptions(HyperParameters, CorpusOptions, total=False):
    """Hyper-parameters and options of the corpus as keyword arguments."""


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
    ns_exponent : noise words are drawn in proportion to count ** ns_exponent, -4 to 4.
    sg : True for skip-gram, False for CBOW.
    cbow_mean : CBOW takes the mean of the context vectors (True) or their sum (False).
    cbow_undivided : CBOW with the mean adds the whole error to each context vector, as word2vec.c, gensim and fastText
        do; otherwise each gets its share, which is the gradient.
    minn, maxn : shortest and longest character n-gram that word vectors are built from; `maxn` 0 for whole words only.
    bucket : number of n-gram vectors; n-grams are assigned to them by hash.
    shrink_windows : draw the size of each window from 1 to `window`; not with window "line".
    line_weights : each line starts with a number of 0 or more that multiplies its learning rate.
    shared_windows : neighbouring windows that share their size and noise words, 1 or 2; with 2 a fifth more noise words
        are drawn (6 for 5).
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
    shrink_windows: bool = _switch(True, "draw the size of each window from 1 to window (never with window line)")
    line_weights: bool = _switch(False, "each line starts with a number of 0 or more that multiplies its learning rate")
    shared_windows: int = _parameter(2, 1, 2, "neighbouring windows that share their size and noise words; with 2 a "
                                     "fifth more noise words are drawn (6 for 5)")
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
        """Return the defaults of another trainer, overridden by `options`.

        Parameters
        ----------
        name : "word2vec", "gensim" or "fasttext" (`w2v.presets.PRESETS`).
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
        if self.negative == 0 and not self.hs:
            raise ValueError("negative = 0 leaves nothing to learn from; use 1 or more, or hs=True for hierarchical "
                             "softmax")
        if self.line_contexts is not None and not self.whole_lines:
            raise ValueError(f"line_contexts = {self.line_contexts} has no effect with window = {self.window!r}: it "
                             f"limits the contexts of a whole line and needs window={WHOLE_LINE}")
        if self.maxn and not 1 <= self.minn <= self.maxn:
            raise ValueError(f"minn = {self.minn} and maxn = {self.maxn}: n-grams need 1 <= minn <= maxn (fastText "
                             "uses 3 and 6); use maxn=0 for whole words only")
        if self.cbow_undivided and (self.sg or not self.cbow_mean):
            raise ValueError("cbow_undivided=True applies to CBOW with the mean only: it needs sg=False and "
                             "cbow_mean=True")
        if self.in_rounds and (self.hs or self.maxn):
            raise ValueError(f"{'reproducible' if self.reproducible else 'distributed'}=True needs negative sampling "
                             f"of whole words; it cannot be used with {'hs=True' if self.hs else 'n-grams (maxn)'}")
        if self.reproducible and self.distributed:
            raise ValueError("distributed=True is not reproducible: leave it out, or reproducible=True")
        if self.alpha is None:
            object.__setattr__(self, "alpha", self._default_alpha)
        if self.min_alpha > self.alpha:
            raise ValueError(f"min_alpha = {self.min_alpha:g} is above alpha = {self.alpha:g}; the learning rate can "
                             "only fall")

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
    def objective(self) -> str:
        """Name of the objective, a key of `w2v.training.objectives.table.OBJECTIVES`."""
        losses = (["hierarchical softmax"] if self.hs else []) + (["negative sampling"] if self.negative else [])
        return f"{'skip-gram' if self.sg else 'CBOW'} with {' and '.join(losses)}"

    def _check(self, spec: dataclasses.Field[Any]) -> None:
        value: Any = getattr(self, spec.name)
        whole = "float" not in str(spec.type)
        if value is None and spec.default is None:
            return
        valid = _is_whole(value) if whole else hasattr(value, "__float__") and not isinstance(value, bool)
        if value is None or not valid:
            kind = "a whole number" if whole else "a number"
            raise TypeError(f"{spec.name} must be {kind}, not {value!r}")
        low, high = spec.metadata["low"], spec.metadata["high"]
        if not low <= value <= high:  # false for NaN too
            raise ValueError(f"{spec.name} = {value!r} is out of range: {low:g} to {high:g}")
        object.__setattr__(self, spec.name, int(value) if whole else float(value))  # JSON cannot hold NumPy's numbers


def _is_whole(value: object) -> TypeGuard[SupportsIndex]:
    return hasattr(value, "__index__") and not isinstance(value, bool)


def _checked_window(window: object) -> int | tuple[int, int] | str:
    """Return a window in its plain form: a distance, a pair of different distances, or "line"."""
    if isinstance(window, str) and window == WHOLE_LINE:
        return window
    given = list(window) if isinstance(window, (tuple, list)) else [window]
    sides = [operator.index(side) for side in given if _is_whole(side)]
    if len(given) not in (1, 2) or len(sides) < len(given):
        raise TypeError(f"window must be a whole number, a pair of whole numbers (left, right) or "
                        f"{WHOLE_LINE!r}, not {window!r}")
    if not all(0 <= side <= MAX_WINDOW for side in sides) or not any(sides):
        problem = "1 to 10000" if len(sides) == 1 else "0 to 10000 on either side, and not 0 on both"
        hint = f"; for all words of the line use window={WHOLE_LINE!r}" if max(sides) > MAX_WINDOW else ""
        raise ValueError(f"window = {window!r} is out of range: {problem}{hint}")
    return sides[0] if sides[0] == sides[-1] else (sides[0], sides[1])


def _checked_held_out(held_out: object) -> int | str:
    """Return a number of lines, or the absolute path of a text."""
    if isinstance(held_out, (str, os.PathLike)) and isinstance(path := os.fspath(held_out), str):
        if "://" in path and not os.path.lexists(path):
            raise ValueError(f"held_out = {redacted(path)!r} is an address; save the text to a file first")
        if path in ("", "-"):
            raise ValueError(f"held_out = {path!r} is not a file; held-out text must be in a file, because a resumed "
                             "run reads it again")
        return os.path.abspath(path)
    if not _is_whole(held_out):
        raise TypeError(f"held_out must be a whole number of lines or the path of a text, not {held_out!r}")
    if not 0 <= operator.index(held_out) <= MAX_HELD_OUT:
        raise ValueError(f"held_out = {held_out!r} is out of range: 0 to {MAX_HELD_OUT} lines")
    return operator.index(held_out)


def _at_least_one(min_count: object) -> object:
    """Return a least count that changes nothing else: every word of a text occurs once."""
    return 1 if _is_whole(min_count) and operator.index(min_count) == 0 else min_count


def switch(name: str, value: object) -> bool:
    """Return a switch as a bool; 1 and 0 stand for True and False, as in other tools.

    Raises
    ------
    TypeError : it is neither.
    """
    if isinstance(value, bool) or str(getattr(value, "dtype", "")) == "bool":
        return bool(value)
    if _is_whole(value) and operator.index(value) in (0, 1):
        return operator.index(value) == 1
    raise TypeError(f"{name} must be True or False, not {value!r}")


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "window": _checked_window, "held_out": _checked_held_out, "min_count": _at_least_one}


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
               for kind in (TrainConfig, TextOptions, ReadOptions) for spec in dataclasses.fields(kind)]
    function.__signature__ = signature.replace(parameters=[*named, *options])  # type: ignore[attr-defined]
    return function
