"""Parameter names in messages of the Python API -> names of command-line options.

Place in the data flow: a message of `w2v.training.request` -> a usage error that names what the user typed.
"""

from __future__ import annotations

import dataclasses
import re

from w2v.config import TrainConfig
from w2v.corpus_options import ReadOptions, TextOptions
from w2v.training.request import RunRequest

# Names that do not follow the rule `vector_size` -> `--vector-size`; callbacks and `config` have no option.
_OPTIONS = {"output": "-o", "binary": "-binary", "progress": "progress (no --quiet)", "on_interval": "",
            "on_epoch_end": "", "config": "", "isa": "W2V_ISA", "corpus": "CORPUS"}
_SWITCHES = {("sg", "True"): "--no-cbow", ("sg", "False"): "--cbow", ("progress", "False"): "--quiet"}
_NAMES = [field.name for kind in (TrainConfig, RunRequest, TextOptions, ReadOptions)
          for field in dataclasses.fields(kind)] + ["runs"]
_NAMES += ["budget", "trials", "rungs", "metric", "search"]  # of `w2v.tune`

_NAME = r"(?<![\w./'-])(?:{})(?![\w./'-])"  # not within a path or a quoted value
_ANY = _NAME.format("|".join(_NAMES))
_CLEAR = _NAME.format("|".join([name for name in _NAMES if "_" in name] + ["init", "hs", "sg"]))  # not English words
_ASSIGNED = re.compile(rf"({_ANY}) ?= ?(?:(True|False|PATH)\b)?")
_LISTED = re.compile(rf"(^|\bwith |\bwithout )({_ANY}(?:(?:, | or | and ){_ANY})*)")


def as_options(message: str) -> str:
    """Replace parameter names in a message by the options of the command line.

    A name is replaced where it has a value (`negative = 0`, `hs=True`), in a list of names at the start of the message
    or after "with" or "without", and everywhere if it is not an English word. Callbacks, which have no option, are
    dropped from lists.
    """
    message = _ASSIGNED.sub(lambda found: _assigned(found[1], found[2]), message)
    message = _LISTED.sub(lambda found: found[1] + _listed(found[2]), message)
    return re.sub(_CLEAR, lambda found: option(found[0]), message)


def option(name: str) -> str:
    """Return the command-line option of a parameter, "" if there is none."""
    return _OPTIONS.get(name, "--" + name.replace("_", "-"))


def _assigned(name: str, value: str | None) -> str:
    if value in (None, "PATH"):
        return option(name) + (" FILE" if value else " ")
    default = option(name) if value == "True" else option(name).replace("--", "--no-", 1)
    return _SWITCHES.get((name, value), default)


def _listed(names: str) -> str:
    """Translate a list such as "probe, log_json or on_interval"."""
    parts = re.split("(, | or | and )", names)
    options = [shown for name in parts[::2] if (shown := option(name))]
    return ", ".join(options[:-1]) + parts[-2] + options[-1] if len(options) > 1 else "".join(options) or names
