"""An option for each hyper-parameter, for all commands that train; what was given on the command line, and what not."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from w2v.cli.common import held_out, number, switch, whole, window
from w2v.config import TrainConfig, describe
from w2v.presets import PRESETS, preset_options

WORD2VEC_C = {"vector_size": ["-size"], "epochs": ["-iter", "--iter"], "negative": ["-negative"], "sample": ["-sample"],
              "min_count": ["-min-count"], "alpha": ["-alpha"], "seed": ["-seed"]}


def hyper_parameters(sub: argparse.ArgumentParser) -> None:
    """An option for each of `TrainConfig`, and the number of threads. The default of each is None, so that what was
    given is known."""
    for spec in dataclasses.fields(TrainConfig):
        name = "--" + spec.name.replace("_", "-")
        if "low" in spec.metadata:
            default = "" if spec.default is None else f" (default {spec.default:g})"
            sub.add_argument(name, *WORD2VEC_C.get(spec.name, []), dest=spec.name, metavar="N",
                             help=describe(spec.name) + default,
                             type=number if "float" in str(spec.type) else whole)
        elif isinstance(spec.default, bool) and spec.name != "sg":
            sub.add_argument(name, action=argparse.BooleanOptionalAction, default=None,
                             help=describe(spec.name) + (" (default)" if spec.default else ""))
    sub.add_argument("--window", "-window", type=window, metavar="N|L,R|line", help=describe("window") + " (default 5)")
    sub.add_argument("--held-out", type=held_out, metavar="N|FILE", help=describe("held_out") + " (default 0)")
    sub.add_argument("--cbow", dest="sg", action="store_false", default=None,
                     help="CBOW, all words of a window as one input; otherwise skip-gram")
    sub.add_argument("--no-cbow", dest="sg", action="store_true", default=None, help="skip-gram (default)")
    sub.add_argument("-cbow", dest="sg", type=lambda text: not switch(text), metavar="0|1", default=argparse.SUPPRESS,
                     help=argparse.SUPPRESS)
    sub.add_argument("-hs", dest="hs", type=switch, metavar="0|1", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    sub.add_argument("--preset", choices=PRESETS, help="the defaults of this trainer, which are shown; options given "
                     "beside it go before")
    sub.add_argument("--threads", "-threads", help="a number, or auto (default)")


def given(options: argparse.Namespace) -> dict[str, Any]:
    """The hyper-parameters that were on the command line."""
    return {spec.name: value for spec in dataclasses.fields(TrainConfig)
            if (value := getattr(options, spec.name)) is not None}


def configured(options: argparse.Namespace) -> TrainConfig:
    """All hyper-parameters: those given, then those of the preset.

    Raises
    ------
    ValueError, TypeError : one is out of range, or two do not go together.
    """
    found = given(options)
    return TrainConfig.preset(options.preset, **found) if options.preset else TrainConfig(**found)


def shown_preset(options: argparse.Namespace) -> str:
    """The options that a preset set, as they would be typed."""
    words, found, config = [], given(options), configured(options)
    for option in preset_options(options.preset, found):
        value, name = getattr(config, option), "--" + option.replace("_", "-")
        if option in found or value is None:
            continue
        if option == "sg":
            words.append("--no-cbow" if value else "--cbow")
        elif isinstance(value, bool):
            words.append(name if value else name.replace("--", "--no-", 1))
        else:
            words.append(f"{name} {value:.12g}")
    return f"preset {options.preset}: {' '.join(words)}"
