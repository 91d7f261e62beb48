"""The settings that a search varies, and the values that it tries.

Place in the data flow: the default space of a kind of measure, and `search` of the caller -> `Space` -> random values.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from w2v.config import TrainConfig
from w2v.config_values import MAX_WINDOW, WHOLE_LINE
from w2v.presets import OTHER_NAMES, hint

Value: TypeAlias = int | float | bool | str
Values: TypeAlias = "str | Sequence[Value]"
"""Values to try, as a caller gives them: a range (low, high), a list of single values, or either as text."""

SEARCHED = ("window", "negative", "sample", "alpha", "min_alpha", "ns_exponent", "epochs", "vector_size", "sg",
            "shrink_windows", "harmonic_windows", "weight_decay", "add_outputs", "center", "min_count", "cbow_mean",
            "cbow_undivided", "line_contexts", "shared_windows", "shared_contexts")
"""Settings that can be searched."""

_FIELDS = {spec.name: spec for spec in dataclasses.fields(TrainConfig)}
_SWITCHES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_DIGITS = 3  # of a number that is drawn, so that a command line can be read
_SIZE_STEP = 4  # of vector sizes: rows are padded, so that sizes between cost as much


@dataclass(frozen=True)
class Range:
    """Numbers between two bounds, which are included; even in their logarithms where `low` is above 0 and the setting
    is no exponent.

    Attributes
    ----------
    times : whether a number is multiplied by the default that the other settings give.
    """

    low: float
    high: float
    whole: bool = False
    log: bool = True
    times: bool = False

    def draw(self, rng: np.random.Generator, step: int = 1) -> int | float:
        """Return a random number."""
        u = float(rng.random())
        if self.log:
            value = math.exp(math.log(self.low) + u * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + u * (self.high - self.low)
        if not self.whole:
            return min(max(rounded(value), self.low), self.high)
        return int(min(max(step * round(value / step), self.low), self.high))

    def __contains__(self, value: object) -> bool:
        return isinstance(value, (int, float)) and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}{' times the default' if self.times else ''}"


@dataclass(frozen=True)
class Choice:
    """Single values, all equally likely."""

    values: tuple[Value, ...]

    def draw(self, rng: np.random.Generator, step: int = 1) -> Value:
        """Return a random value."""
        return self.values[int(rng.integers(len(self.values)))]

    def __contains__(self, value: object) -> bool:
        return value in self.values

    def __str__(self) -> str:
        return ", ".join(map(str, self.values))


Setting: TypeAlias = Range | Choice
Space: TypeAlias = dict[str, Setting]

WORDS: Space = {
    "window": Range(2, 20, whole=True), "negative": Range(3, 20, whole=True), "sample": Range(1e-5, 1e-2),
    "alpha": Range(0.4, 3, times=True), "ns_exponent": Range(0, 1, log=False), "epochs": Range(3, 20, whole=True),
    "vector_size": Range(50, 200, whole=True), "sg": Choice((True, False)), "shrink_windows": Choice((True, False)),
    "harmonic_windows": Choice((True, False)), "weight_decay": Range(0, 0.1, log=False),
    "add_outputs": Range(0, 0.5, log=False), "center": Choice((True, False)),
}
"""Space for sets of words."""

SESSIONS: Space = {
    **WORDS, "sample": Range(1e-5, 1e-1), "ns_exponent": Range(-1, 1, log=False), "epochs": Range(3, 60, whole=True),
}
"""Space for the next item of sessions. Source of the bounds: Caselles-Dupré, Lesaint & Royo-Letelier 2018 (1804.04212):
negative exponents, more epochs and weaker subsampling than for text were best for some data."""


def rounded(value: float) -> float:
    """Return a number with three digits."""
    return float(f"{value:.{_DIGITS}g}")


def chosen_space(default: Space, search: Mapping[str, Values] | None, fixed: Mapping[str, Any]) -> Space:
    """Return the space of a search.

    Parameters
    ----------
    default : the space where the caller says nothing.
    search : values by setting, which replace those of the default.
    fixed : options that the caller gave, which are not searched.

    Raises
    ------
    ValueError, TypeError : an unknown setting, values out of range, a setting that is both fixed and searched, or
        nothing is left to search.
    """
    own = {name: _setting(name, values) for name, values in (search or {}).items()}
    for name in own:
        if name in fixed:
            raise ValueError(f"{name} = {fixed[name]!r} is given, and search has {name} too: leave one of them out")
    space = {name: one for name, one in {**default, **own}.items() if name not in fixed}
    unused: set[str] = set()
    if fixed.get("window") == WHOLE_LINE:
        unused |= {"shrink_windows", "harmonic_windows"}
    if fixed.get("shrink_windows") is False:
        unused |= {"harmonic_windows"}
    if fixed.get("negative") == 0:
        unused |= {"ns_exponent", "add_outputs"}
    if fixed.get("hs") or fixed.get("maxn"):
        unused |= {"weight_decay"}
    if fixed.get("maxn"):
        unused |= {"add_outputs", "center"}
    space = {name: one for name, one in space.items() if name not in unused or name in own}
    if not space:
        raise ValueError(f"nothing is left to search: all of {', '.join(default)} are given")
    return space


def read_search(texts: Sequence[str]) -> dict[str, Values]:
    """Return what the texts `NAME=LOW..HIGH` and `NAME=A,B,C` of a command line say.

    Raises
    ------
    ValueError : a text has no name, or a name occurs twice.
    """
    found: dict[str, Values] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        name = name.strip().lstrip("-").replace("-", "_")
        if not equals or not name or not values.strip():
            raise ValueError(f"search = {text!r}: expected NAME=LOW..HIGH or NAME=A,B,C, such as window=2..20")
        if name in found:
            raise ValueError(f"search has {name} twice: {text!r}")
        found[name] = values
    return found


def _setting(name: str, values: Values) -> Setting:
    """Return the values of a setting, checked."""
    if name not in SEARCHED:
        raise ValueError(f"search: {name!r} cannot be searched{hint(name, SEARCHED, OTHER_NAMES)}; what can be is "
                         f"{', '.join(SEARCHED)}")
    if isinstance(values, str):
        low, dots, high = values.partition("..")
        given: Sequence[Value] = ((_value(name, low), _value(name, high)) if dots else
                                  [_value(name, one) for one in values.split(",")])
    elif isinstance(values, Sequence) and len(values) > 0:
        given = values
    else:
        raise TypeError(f"search: {name} must be a range (low, high), a list of values, or text such as '2..20', not "
                        f"{values!r}")
    for one in given:
        _check(name, one)
    is_range = isinstance(given, tuple) and len(given) == 2 and not any(isinstance(one, (bool, str)) for one in given)
    if not is_range:
        return Choice(tuple(given))
    bottom, top = (float(one) for one in given)
    if not bottom < top:
        raise ValueError(f"search: {name} = {bottom:g}..{top:g} is empty: the first number must be the lower one")
    return Range(bottom, top, _is_whole(name), bottom > 0 and name != "ns_exponent")


def _is_whole(name: str) -> bool:
    return "float" not in str(_FIELDS[name].type)


def _value(name: str, text: str) -> Value:
    """Return a value of a setting that was typed."""
    text = text.strip()
    if isinstance(_FIELDS[name].default, bool):
        if text.lower() not in _SWITCHES:
            raise ValueError(f"search: {name} = {text!r} is neither true nor false")
        return _SWITCHES[text.lower()]
    if name == "window" and text == WHOLE_LINE:
        return text
    try:
        return int(text) if _is_whole(name) else float(text)
    except ValueError:
        kind = "a whole number" if _is_whole(name) else "a number"
        raise ValueError(f"search: {name} = {text!r} is not {kind}") from None


def _check(name: str, value: Value) -> None:
    """Raise ValueError or TypeError for a value that `TrainConfig` would refuse."""
    spec = _FIELDS[name]
    if isinstance(spec.default, bool):
        if not isinstance(value, bool):
            raise TypeError(f"search: {name} = {value!r} is neither True nor False")
        return
    if name == "window" and value == WHOLE_LINE:
        return
    kinds = (int, np.integer) if _is_whole(name) else (int, float, np.integer, np.floating)
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise TypeError(f"search: {name} = {value!r} is not a{' whole' if _is_whole(name) else ''} number")
    low, high = (1, MAX_WINDOW) if name == "window" else (spec.metadata["low"], spec.metadata["high"])
    if not low <= float(value) <= high:
        raise ValueError(f"search: {name} = {value!r} is out of range: {low:g} to {high:g}")


def nearest(setting: Setting, value: Any) -> Value:
    """Return the value of a setting that is nearest to another value, in the logarithm if both are above 0."""
    if value in setting:
        return value  # type: ignore[no-any-return]
    if isinstance(setting, Range):
        bound = setting.high if isinstance(value, (int, float)) and value > setting.high else setting.low
        return int(bound) if setting.whole else bound
    numbers = [one for one in setting.values if isinstance(one, (int, float)) and not isinstance(one, bool)]
    if not numbers or not isinstance(value, (int, float)):
        return setting.values[0]
    if min(*numbers, value) > 0:
        return min(numbers, key=lambda one: abs(math.log(one / value)))
    return min(numbers, key=lambda one: abs(one - value))


def step_of(name: str) -> int:
    """Return the step between the whole numbers that are drawn for a setting."""
    return _SIZE_STEP if name == "vector_size" else 1
