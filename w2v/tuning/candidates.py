"""Configurations that a search tries: the defaults, the presets, then random ones.

The defaults of settings whose values the caller gave are the nearest of these.

Place in the data flow: `Space`, options of the caller -> `Candidates` -> `w2v.tuning.halving`. The configuration of a
number depends on the seed and the number only, so that a resumed search has the same ones.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from w2v.config import TrainConfig
from w2v.presets import PRESETS
from w2v.training.unused import check_used
from w2v.tuning.space import Range, Space, nearest, rounded, step_of

_ATTEMPTS = 1000  # random draws of which each contradicts itself, until the space is taken to have no configuration
_LINE, _PATH = 10, 15  # words of a line, and length of a path of hierarchical softmax, where `work` needs a number
_NO_OPTIONS = ("seed", "distributed")  # of each configuration: the same in all, or not chosen by the caller


@dataclass(frozen=True)
class Candidate:
    """A configuration.

    Attributes
    ----------
    number : from 0.
    name : "defaults", the name of a preset, or "random".
    options : those that differ from the defaults of `TrainConfig`, and all that are searched.
    """

    number: int
    name: str
    options: dict[str, Any]

    @property
    def config(self) -> TrainConfig:
        """The hyper-parameters."""
        return TrainConfig(**self.options)

    @property
    def work(self) -> float:
        """About how long training takes, in a unit of its own: operations for each word, of all epochs."""
        config = self.config
        reach = _LINE if config.whole_lines else config.mean_contexts
        outputs = config.negative + 1 + (_PATH if config.hs else 0)
        operations = reach * outputs if config.sg else reach + outputs
        return config.epochs * config.vector_size * operations


class Candidates:
    """Configurations by number.

    Parameters
    ----------
    space : what is searched.
    fixed : hyper-parameters that the caller gave, which all configurations have.
    restricted : settings whose values the caller gave. Presets with other values are left out; those outside of the
        default space are not.
    preset : the preset whose values the other settings have; None for the defaults.
    seed : of the random configurations.

    Raises
    ------
    ValueError, TypeError : the options contradict each other, or no configuration of the space is valid.
    """

    def __init__(self, space: Space, fixed: Mapping[str, Any], restricted: Collection[str] = (),
                 preset: str | None = None, seed: int = 1) -> None:
        self._space, self._fixed, self._seed = space, dict(fixed), seed
        self._restricted = {name: space[name] for name in restricted}
        first = self._moved(preset)
        self._base = self._options(first)
        self._named = [Candidate(0, "defaults" if preset is None else preset, self._base)]
        for name in PRESETS:
            if (options := self._preset(name)) is not None and options not in [one.options for one in self._named]:
                self._named.append(Candidate(len(self._named), name, options))

    @property
    def named(self) -> int:
        """Number of configurations that are not random; they come first."""
        return len(self._named)

    def __getitem__(self, number: int) -> Candidate:
        if number < len(self._named):
            return self._named[number]
        rng = np.random.default_rng([self._seed, number])
        problem: Exception | None = None
        for _ in range(_ATTEMPTS):
            try:
                return Candidate(number, "random", self._draw(rng))
            except (ValueError, TypeError) as error:
                problem = error
        raise ValueError(f"no configuration of the search is valid: {problem}")

    def _moved(self, preset: str | None) -> TrainConfig:
        """Return the defaults, or those of a preset, with values that the caller's ranges have."""
        make = TrainConfig if preset is None else partial(TrainConfig.preset, preset)
        first = make(**self._fixed)
        check_used(first, self._fixed)
        own: dict[str, Any] = {
            name: near for name, setting in self._restricted.items()
            if (near := nearest(setting, getattr(first, name))) != getattr(first, name)}
        return make(**{**self._fixed, **own}) if own else first

    def _draw(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return the options of a random configuration; ValueError if they contradict each other."""
        drawn = {name: one.draw(rng, step_of(name)) for name, one in self._space.items()}
        base = {name: value for name, value in self._base.items() if name in self._fixed or name not in drawn}
        if drawn.get("sg"):
            base = {name: value for name, value in base.items()
                    if name in self._fixed or name not in ("cbow_mean", "cbow_undivided")}
        alpha = self._space.get("alpha")
        times = float(drawn.pop("alpha")) if isinstance(alpha, Range) and alpha.times else None
        options = {**base, **drawn}
        config = TrainConfig(**options)
        if times is not None:
            options["alpha"] = rounded(config.alpha * times)
            config = TrainConfig(**options)
        check_used(config, {name: options[name] for name in {*self._space, *self._fixed} if name in options})
        return options

    def _options(self, config: TrainConfig) -> dict[str, Any]:
        """Return the options of a configuration: what differs from the defaults, was given, or is searched."""
        plain = dataclasses.asdict(TrainConfig(sg=config.sg))
        return {name: value for name, value in dataclasses.asdict(config).items()
                if (value != plain[name] or name in self._fixed or name in self._space)
                and (name in self._fixed or name not in _NO_OPTIONS) and not (name == "alpha" and self._own(config))}

    def _own(self, config: TrainConfig) -> bool:
        """Whether the learning rate is the default one, which the options then need not say."""
        default = dataclasses.replace(config, alpha=None, min_alpha=0.0)  # type: ignore[arg-type]
        return "alpha" not in self._fixed and "alpha" not in self._space and config.alpha == default.alpha

    def _preset(self, name: str) -> dict[str, Any] | None:
        """Return the options of a preset; None if it has n-grams that the caller did not ask for, contradicts what the
        caller gave, or has values that the caller's ranges exclude."""
        try:
            config = TrainConfig.preset(name, **self._fixed)
            check_used(config, self._fixed)
        except (ValueError, TypeError):
            return None
        if config.maxn and "maxn" not in self._fixed:
            return None
        values = dataclasses.asdict(config)
        inside = all(values[one] in setting for one, setting in self._restricted.items())
        return self._options(config) if inside else None
