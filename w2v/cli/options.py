"""Options that `w2v train` and `w2v plan` share: the corpus and all hyper-parameters, in the groups of their help."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, cast

from w2v.cli.common import UsageError, held_out, number, switch, whole, window
from w2v.config import ENGINES, TrainConfig, TrainOptions, describe
from w2v.corpus_options import CORPUS_OPTIONS, IDS, CorpusOptions, ReadOptions, TextOptions
from w2v.presets import PRESETS, preset_options
from w2v.system.remote import address_of
from w2v.system.shell import typed_option
from w2v.walk_options import WALK_OPTIONS, GraphOptions, WalkOptions

if TYPE_CHECKING:
    from w2v.corpus.paths import CorpusInput
    from w2v.types import StrPath

Group = argparse._ArgumentGroup

GROUPS = ("input", "graph", "model", "training", "output", "monitoring", "checkpoints", "continuing")
"""Groups of the help, in order."""

PARAMETERS: dict[str, tuple[str, ...]] = {
    "input": ("min_count", "max_vocab", "line_weights"),
    "model": ("vector_size", "window", "line_contexts", "shrink_windows", "harmonic_windows", "sg", "cbow_mean",
              "cbow_undivided", "negative", "ns_exponent", "hs", "minn", "maxn", "bucket", "add_outputs", "center"),
    "training": ("epochs", "alpha", "min_alpha", "weight_decay", "sample", "seed", "shared_windows", "shared_contexts",
                 "private_rows", "reproducible", "distributed", "shards", "rounds"),
    "monitoring": ("held_out",),
}
"""Fields of `TrainConfig` by group."""

WORD2VEC_C = {"vector_size": ["-size"], "epochs": ["-iter", "--iter"], "negative": ["-negative"], "sample": ["-sample"],
              "min_count": ["-min-count"], "alpha": ["-alpha"], "seed": ["-seed"], "window": ["-window"]}
"""word2vec.c's names of options."""


def groups(sub: argparse.ArgumentParser) -> dict[str, Group]:
    """Make the groups of the help; a group without options is not shown."""
    return {name: sub.add_argument_group(name) for name in GROUPS}


def corpus_options(group: Group, what: str) -> None:
    """Add the corpus: positional arguments, `-train` as in word2vec.c, or `-input` as in fastText."""
    group.add_argument("corpus", nargs="*", metavar="CORPUS", help=what)
    group.add_argument("-train", "--train", "-input", "--input", dest="train", metavar="FILE",
                       help="the corpus, as in word2vec.c and fastText")


def reading_options(group: Group) -> None:
    """Add the options of `w2v.corpus_options`; the default of each is None: not given."""
    for kind in (TextOptions, ReadOptions):
        _fields(group, kind)


def graph_options(group: Group) -> None:
    """Add a graph and the options of its walks; the default of each is None: not given."""
    group.add_argument("--graph", metavar="EDGES", help="train on random walks over this graph instead of a text: a "
                       "list of edges (text, CSV, TSV, Matrix Market, Parquet, .npz of SciPy, .npy, GraphML), two "
                       "nodes and perhaps a weight on each line")
    walking_options(group)


def walking_options(group: Group) -> None:
    """Add the options of `w2v.walk_options`; the default of each is None: not given."""
    _fields(group, WalkOptions)


def given_walking(options: argparse.Namespace) -> GraphOptions:
    """Return the options of a graph that were given on the command line."""
    found = {name: getattr(options, name, None) for name in WALK_OPTIONS}
    return cast(GraphOptions, {name: value for name, value in found.items() if value is not None})


def _fields(group: Group, kind: type[TextOptions] | type[ReadOptions] | type[WalkOptions]) -> None:
    """Add an option for each field of a kind of options."""
    for spec in dataclasses.fields(kind):
        switch, about = "--" + spec.name.replace("_", "-"), spec.metadata.get("help")
        if about is None:  # a function, from Python only
            continue
        if "bool" in str(spec.type):
            group.add_argument(switch, action=argparse.BooleanOptionalAction, default=None, help=about)
        elif choices := spec.metadata.get("choices"):
            group.add_argument(switch, choices=choices, default=None, help=about)
        else:
            parse = number if "float" in str(spec.type) else whole if "int" in str(spec.type) else str
            default = f" (default {spec.default:g})" if kind is WalkOptions and parse is not str else ""
            group.add_argument(switch, metavar=spec.metadata.get("metavar", "N"), type=parse, default=None,
                               help=about + default)


def engine_options(group: Group) -> None:
    """Add the options that say where a run is trained."""
    group.add_argument("--engine", choices=ENGINES, help="where to train: threads (default) of this process, or dask: "
                       "the processes of a cluster of Dask, in rounds, each shard by all threads of a process unless "
                       "the run is --reproducible; needs the extra w2v[dask]")
    group.add_argument("--scheduler", metavar="ADDRESS", help="with --engine dask: the scheduler, such as "
                       "tcp://10.0.0.1:8786; by default a cluster of --threads processes on this machine is started")


def hyper_parameters(groups: dict[str, Group]) -> None:
    """Add an option for each hyper-parameter, the options of the corpus, the preset and the number of threads.

    The default of each is None, so that options that were given can be told from others.
    """
    groups["model"].add_argument("--preset", choices=PRESETS, help="best: the best vectors, in about 10 times "
                                 "the time of the defaults; fast: the scores of the defaults in about half the time; "
                                 "or the defaults of another trainer. They are shown; explicit options override them")
    reading_options(groups["input"])
    groups["input"].add_argument("--ids", choices=IDS, help="where the encoded text is kept, 4 bytes a word: memory; "
                                 "disk, in a temporary file; none: each epoch reads the text again; auto (default): "
                                 "the first of these that has room")
    for name, parameters in PARAMETERS.items():
        for parameter in parameters:
            _hyper_parameter(groups[name], parameter)
    groups["training"].add_argument("--threads", "-threads", metavar="N", help="number of threads, or auto (default): "
                                    "as many as the process may use")


def _hyper_parameter(group: Group, name: str) -> None:
    spec = {spec.name: spec for spec in dataclasses.fields(TrainConfig)}[name]
    switches = ["--" + name.replace("_", "-"), *WORD2VEC_C.get(name, [])]
    if name == "sg":
        _architecture(group)
    elif name == "window":
        group.add_argument(*switches, type=window, metavar="N|L,R|line", help=describe(name) + " (default 5)")
    elif name == "held_out":
        group.add_argument(*switches, type=held_out, metavar="N|FILE", help=describe(name) + " (default 0)")
    elif isinstance(spec.default, bool):
        group.add_argument(*switches, action=argparse.BooleanOptionalAction, default=None,
                           help=describe(name) + (" (default)" if spec.default else ""))
        if name == "hs":
            group.add_argument("-hs", dest="hs", type=switch, metavar="0|1", default=argparse.SUPPRESS,
                               help=argparse.SUPPRESS)
    else:
        default = "" if spec.default is None else f" (default {spec.default})"
        group.add_argument(*switches, dest=name, metavar="N", help=describe(name) + default,
                           type=number if "float" in str(spec.type) else whole)


def _architecture(group: Group) -> None:
    """Add the choice of skip-gram or CBOW, under its usual name `cbow`."""
    group.add_argument("--cbow", dest="sg", action="store_false", default=None,
                       help="CBOW: predict from all words of a window together")
    group.add_argument("--no-cbow", dest="sg", action="store_true", default=None,
                       help="skip-gram (default): predict from each context word separately")
    group.add_argument("-cbow", dest="sg", type=lambda text: not switch(text), metavar="0|1", default=argparse.SUPPRESS,
                       help=argparse.SUPPRESS)


def given(options: argparse.Namespace) -> TrainOptions:
    """Return the hyper-parameters and options of the corpus that were given on the command line."""
    found = {spec.name: getattr(options, spec.name) for spec in dataclasses.fields(TrainConfig)}
    return cast(TrainOptions, {**{name: value for name, value in found.items() if value is not None},
                               **given_reading(options), **given_walking(options)})


def given_reading(options: argparse.Namespace) -> CorpusOptions:
    """Return the options of the corpus that were given on the command line."""
    found = {name: getattr(options, name, None) for name in CORPUS_OPTIONS}
    return cast(CorpusOptions, {name: value for name, value in found.items() if value is not None})


def given_input(options: argparse.Namespace, hint: str = "") -> CorpusInput | None:
    """Return the corpus or the graph of the command line; None if there is none.

    Raises
    ------
    UsageError : both are given, or a path is empty.
    ValueError, TypeError : an option of it is wrong.
    """
    from w2v.corpus.paths import CorpusInput

    corpus, walking = given_corpus(options, hint), given_walking(options)
    if options.graph is None:
        if walking and getattr(options, "resume", None) is None:
            raise UsageError(f"--{next(iter(walking)).replace('_', '-')} is an option of walks over a graph: it needs "
                             "--graph")
        return CorpusInput.of(corpus, given(options)) if corpus else None
    if corpus:
        raise UsageError("give either a corpus or --graph, not both")
    return CorpusInput.of_graph(options.graph, {**given_reading(options), **walking})


def given_corpus(options: argparse.Namespace, hint: str = "") -> list[StrPath]:
    """Return the paths of the corpus; an empty list if none was given.

    Raises
    ------
    UsageError : a path is empty.
    """
    names = [*([options.train] if options.train else []), *options.corpus]
    if "" in names:
        raise no_corpus(hint)
    return [name if name == "-" else address_of(name) or Path(name) for name in names]


def no_corpus(hint: str = "") -> UsageError:
    """Return the error for a missing corpus."""
    return UsageError(f"no corpus: name a file, a folder or a glob{hint}")


def shown_preset(options: argparse.Namespace, config: TrainConfig) -> str:
    """Return the options that the preset sets, as they would be typed.

    Parameters
    ----------
    options : the command line, with a preset.
    config : the hyper-parameters that result from it.
    """
    words, found = list[str](), given(options)
    for name in preset_options(options.preset, found):
        if name not in found:
            words += typed_option(name, getattr(config, name))
    return f"preset {options.preset}: {' '.join(words)}"
