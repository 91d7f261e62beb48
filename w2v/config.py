"""Every hyper-parameter of training: its default, its range, where it comes from.

`TrainConfig` checks itself when it is made; the command line builds its options from the same table (`describe`).
"""

from __future__ import annotations

import dataclasses
import operator
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from w2v.presets import preset_options

WHOLE_LINE = "line"  # as window: all words of the line
MAX_WINDOW = 10_000  # on either side
MAX_HELD_OUT = 2**31  # lines


def _parameter(default: Any, low: float, high: float, help: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "help": help})


def _switch(default: bool, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class TrainConfig:
    """Hyper-parameters of skip-gram or CBOW, with negative sampling or hierarchical softmax.

    The defaults are those of word2vec.c (skip-gram) and gensim; every range is inclusive.

    Raises
    ------
    ValueError : a value is out of its range; the message names parameter, value and range.
    TypeError : a value is not a number.
    """

    vector_size: int = _parameter(100, 1, 65536, "dimensions of a word vector")
    window: int | tuple[int, int] | str = field(default=5, metadata={
        "help": "largest distance of a context word from the centre word; L,R for other distances on the left and on "
                "the right; line for all words of the line, at a cost that grows with the square of its length"})
    negative: int = _parameter(5, 0, 1000, "noise words drawn for each window; 0 only with hierarchical softmax")
    hs: bool = _switch(False, "hierarchical softmax; with negative 0 alone, else beside negative sampling")
    sample: float = _parameter(1e-3, 0.0, 1.0, "subsampling threshold of frequent words, 0 for none")
    min_count: int = _parameter(5, 1, 2**62, "rarer words are left out")
    max_vocab: int | None = _parameter(None, 1, 2**31 - 2, "keep this many words at most, the most frequent ones")
    epochs: int = _parameter(5, 1, 1_000_000, "passes over the corpus")
    alpha: float = _parameter(None, 1e-9, 10.0, "learning rate at the start (default 0.025; CBOW with the mean: "
                              "0.2, or 0.05 with hs or cbow_undivided)")
    min_alpha: float = _parameter(1e-4, 0.0, 10.0, "learning rate at the end, falling linearly with the words read")
    ns_exponent: float = _parameter(0.75, -4.0, 4.0, "noise words are drawn in proportion to count^exponent")
    sg: bool = _switch(True, "skip-gram: each context word by itself; otherwise CBOW, all words of a window as one")
    cbow_mean: bool = _switch(True, "CBOW with the mean of a window's words; otherwise with their sum")
    cbow_undivided: bool = _switch(False, "each word of CBOW's mean learns with the whole error, as in word2vec.c, "
                                          "gensim and fastText; otherwise with its share of it, which is the gradient")
    minn: int = _parameter(0, 0, 1000, "letters of the shortest n-grams whose vectors make up a word's, 1 or more "
                           "with maxn")
    maxn: int = _parameter(0, 0, 1000, "letters of the longest ones, 0 for whole words only")
    bucket: int = _parameter(2_000_000, 1, 2**31 - 1, "vectors that all n-grams share, by their hash")
    shrink_windows: bool = _switch(True, "draw each window's size from 1..window (never with window = line)")
    line_weights: bool = _switch(False, "each line begins with a number of 0 or more that multiplies its learning rate")
    shared_windows: int = _parameter(2, 1, 2, "neighbouring windows that share their size and their noise words, of "
                                     "which there are then a fifth more (6 for 5)")
    private_rows: int | None = _parameter(None, 0, 65536, "most frequent words of which each thread keeps a copy of "
                                          "its own, merged often; by default as many as the threads would fight for")
    held_out: int | str = field(default=0, metadata={
        "help": "lines of the text that do not train, or a file of other text; the loss on them is reported"})
    seed: int = _parameter(1, 0, 2**64 - 1, "seed of all random numbers")

    @classmethod
    def preset(cls, name: str, **options: Any) -> TrainConfig:
        """The defaults of another trainer (one of `w2v.presets.PRESETS`), with other values where they are given.

        Raises
        ------
        ValueError, TypeError : there is no such preset, or as above.
        """
        return cls(**preset_options(name, options))

    def __post_init__(self) -> None:
        for spec in dataclasses.fields(self):
            if "low" in spec.metadata:
                self._check(spec)
            elif isinstance(spec.default, bool) and not isinstance(getattr(self, spec.name), bool):
                raise TypeError(f"{spec.name} must be True or False, not {getattr(self, spec.name)!r}")
        for name in _PLAIN:
            object.__setattr__(self, name, plain_value(name, getattr(self, name)))
        if self.negative == 0 and not self.hs:
            raise ValueError("negative = 0 leaves nothing to learn from: give 1 or more, or hs=True for hierarchical "
                             "softmax")
        if self.maxn and not 1 <= self.minn <= self.maxn:
            raise ValueError(f"minn = {self.minn} and maxn = {self.maxn}: n-grams need 1 <= minn <= maxn (fastText has "
                             "3 and 6), or maxn=0 for words without n-grams")
        if self.cbow_undivided and (self.sg or not self.cbow_mean):
            raise ValueError("cbow_undivided is about the mean of CBOW: it needs sg=False and cbow_mean=True")
        if self.alpha is None:
            mean = not self.sg and self.cbow_mean
            object.__setattr__(self, "alpha", (0.05 if self.cbow_undivided or self.hs else 0.2) if mean else 0.025)
        if self.min_alpha > self.alpha:
            raise ValueError(f"min_alpha = {self.min_alpha:g} is above alpha = {self.alpha:g}; the learning rate falls")

    @property
    def whole_lines(self) -> bool:
        """Whether a window is all of its line."""
        return self.window == WHOLE_LINE

    @property
    def sides(self) -> tuple[int, int]:
        """Largest distances of a context on the left and on the right, where a window is not all of its line."""
        if isinstance(self.window, str):
            raise ValueError("a whole line has no distances")
        return self.window if isinstance(self.window, tuple) else (self.window, self.window)

    @property
    def objective(self) -> str:
        """What is trained, in words: who computes a loss outside of the loop asks here which formula it has."""
        losses = (["hierarchical softmax"] if self.hs else []) + (["negative sampling"] if self.negative else [])
        return f"{'skip-gram' if self.sg else 'CBOW'} with {' and '.join(losses)}"

    def _check(self, spec: dataclasses.Field[Any]) -> None:
        value, whole = getattr(self, spec.name), "float" not in str(spec.type)
        if value is None and spec.default is None:
            return
        if isinstance(value, bool) or not hasattr(value, "__index__" if whole else "__float__"):
            kind = "a whole number" if whole else "a number"
            raise TypeError(f"{spec.name} must be {kind}, not {value!r}")
        low, high = spec.metadata["low"], spec.metadata["high"]
        if not low <= value <= high:  # not a number is in no range
            raise ValueError(f"{spec.name} = {value!r} is out of range: {low:g} to {high:g}")
        object.__setattr__(self, spec.name, int(value) if whole else float(value))  # NumPy's numbers are not for JSON


def _checked_window(window: Any) -> int | tuple[int, int] | str:
    """A window in its plain form: a distance, two of them where they differ, or "line"."""
    if isinstance(window, str) and window == WHOLE_LINE:
        return window
    sides = list(window) if isinstance(window, (tuple, list)) else [window]
    if len(sides) not in (1, 2) or any(isinstance(side, bool) or not hasattr(side, "__index__") for side in sides):
        raise TypeError(f"window must be a whole number, a pair of them (left, right) or {WHOLE_LINE!r}, "
                        f"not {window!r}")
    sides = [operator.index(side) for side in sides]
    if not all(0 <= side <= MAX_WINDOW for side in sides) or not any(sides):
        problem = "1 to 10000" if len(sides) == 1 else "0 to 10000 on either side, and not 0 on both"
        raise ValueError(f"window = {window!r} is out of range: {problem}")
    return sides[0] if sides[0] == sides[-1] else (sides[0], sides[1])


def _checked_held_out(held_out: Any) -> int | str:
    """A number of lines, or the path of a text, absolute."""
    if isinstance(held_out, (str, os.PathLike)) and isinstance(path := os.fspath(held_out), str):
        if path in ("", "-"):
            raise ValueError(f"held_out = {path!r} names no file: text that is held out is read again where a run is "
                             "resumed")
        return os.path.abspath(path)
    if isinstance(held_out, bool) or not hasattr(held_out, "__index__"):
        raise TypeError(f"held_out must be a whole number of lines or the path of a text, not {held_out!r}")
    if not 0 <= operator.index(held_out) <= MAX_HELD_OUT:
        raise ValueError(f"held_out = {held_out!r} is out of range: 0 to {MAX_HELD_OUT} lines")
    return operator.index(held_out)


_PLAIN: dict[str, Callable[[Any], Any]] = {"window": _checked_window, "held_out": _checked_held_out}


def plain_value(name: str, value: Any) -> Any:
    """A hyper-parameter in the one form in which `TrainConfig` keeps it, where it may be given in several.

    Raises
    ------
    ValueError, TypeError : as for `TrainConfig`.
    """
    return _PLAIN[name](value) if name in _PLAIN else value


def describe(name: str) -> str:
    """One line on a hyper-parameter, for help texts."""
    spec = {spec.name: spec for spec in dataclasses.fields(TrainConfig)}[name]
    return str(spec.metadata["help"])








