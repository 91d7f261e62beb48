"""The parsers of the command line: one for each command, which know similar names and the names of other tools.

Place in the data flow: `sys.argv` -> `parse` -> the arguments of one command, for its function `run`.

Differences from `argparse`: options and positional arguments may come in any order; `--vector_size`, British spelling,
and the names that other tools have for an option are accepted; an unknown option is answered with the nearest one; an
option that takes several values leaves the positional arguments theirs (`w2v.cli.lists`).
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

from w2v._version import __version__
from w2v.cli.common import UsageError
from w2v.cli.lists import ListOption
from w2v.presets import OTHER_NAMES, hint
from w2v.system.fact_table import fit


class Command(NamedTuple):
    """A command: its module in this folder, and the names of two functions there."""

    name: str
    module: str
    help: str
    arguments: str = "arguments"
    run: str = "run"


GROUPS = {
    "Training": [
        Command("train", "train", "Learn word vectors from text, or node vectors from a graph."),
        Command("plan", "plan",
                "Estimate from a sample what training on a corpus needs: words, memory, disk space, time."),
        Command("tune", "tune",
                "Search for the options of train that suit a corpus and a benchmark, or the next item of sessions."),
        Command("phrases", "phrases", "Find phrases (new_york), for training or to join them in text."),
        Command("tokenize", "tokenize", "Print a text as the words that training would see."),
        Command("walk", "walk", "Write random walks over a graph, as w2v train --graph makes them."),
        Command("demo", "demo", "Train on the English text of your Python's documentation; no download."),
    ],
    "Queries": [
        Command("neighbors", "query", "Show the nearest neighbours of words.", "neighbors_arguments", "run_neighbors"),
        Command("analogy", "query",
                "Answer the question: A is to B as C is to what?", "analogy_arguments", "run_analogy"),
        Command("why", "analysis.why", "Show the contexts that make two words similar."),
        Command("sentences", "analysis.sentences",
                "Make vectors of sentences or other texts from those of their words."),
        Command("index", "index",
                "Build an approximate index of vectors, for neighbors --approximate, and measure its recall."),
    ],
    "Quality": [
        Command("evaluate", "evaluate",
                "Score vectors on the standard benchmarks, with confidence intervals; compare files of vectors."),
        Command("datasets", "datasets", "List and fetch the benchmarks that can be used by name."),
        Command("doctor", "analysis.doctor", "Check vectors or a corpus: what is wrong, what it means, what to do."),
        Command("stability", "analysis.stability",
                "Measure how much the neighbours of words agree in several runs; average the runs."),
        Command("plot", "plot", "Draw the logs of runs, or results as JSON, as a figure."),
    ],
    "Spaces and meaning": [
        Command("reduce", "analysis.reduce",
                "Reduce the dimensions of vectors, or rotate them so that they can be cut; measure what is kept."),
        Command("align", "analysis.align",
                "Bring vectors into the space of others, by shared words or a dictionary; translate words."),
        Command("diff", "analysis.diff",
                "Show which words moved between two files of vectors, and fail beyond a limit."),
        Command("cluster", "analysis.cluster", "Divide words into clusters, named by the words nearest their centres."),
        Command("map", "analysis.map", "Draw a map of words in two dimensions, with labels that do not overlap."),
        Command("axis", "analysis.axis",
                "Place words on an axis between two sets of words, such as from poor to rich."),
        Command("bias", "analysis.bias", "Test associations of words (WEAT), with effect size, p value and interval."),
        Command("debias", "analysis.debias", "Remove a direction of bias, and show what changed and what it cost."),
    ],
    "Files": [
        Command("convert", "vectors", "Write vectors in another format, chosen by the suffix of OUT.",
                "convert_arguments", "run_convert"),
        Command("info", "vectors", "Describe this installation, or a file of vectors.", "info_arguments", "run_info"),
        Command("completion", "completion", "Print a script that completes commands and options in a shell."),
    ],
}
"""The commands by group, in the order of the help."""

COMMANDS = [command for group in GROUPS.values() for command in group]

# Commands of word2vec.c, gensim and fastText, and other words for ours.
OTHER_COMMANDS = {
    "word2vec": "train", "skipgram": "train", "cbow": "train --cbow", "fit": "train", "learn": "train",
    "estimate": "plan", "word2phrase": "phrases", "phraser": "phrases", "distance": "neighbors", "nn": "neighbors",
    "similar": "neighbors", "similarity": "neighbors", "most-similar": "neighbors", "query": "neighbors",
    "print-word-vectors": "neighbors", "analogies": "analogy", "word-analogy": "analogy", "test": "evaluate",
    "score": "evaluate", "benchmark": "evaluate", "compute-accuracy": "evaluate", "download": "datasets",
    "export": "convert", "save": "convert", "describe": "info", "show": "info", "version": "--version",
    "print-sentence-vectors": "sentences", "sentence-vectors": "sentences", "embed": "sentences", "encode": "sentences",
    "reduce-model": "reduce", "pca": "reduce", "project": "reduce --method random", "explain": "why",
    "procrustes": "align", "alignment": "align", "translate": "align", "rotate": "align",
    "drift": "diff", "shift": "diff", "changes": "diff", "compare": "diff",
    "weat": "bias", "wefat": "bias", "association": "bias", "fairness": "bias", "projection": "axis",
    "semaxis": "axis", "hard-debias": "debias", "neutralize": "debias",
    "k-means": "cluster", "kmeans": "cluster", "clusters": "cluster", "classes": "cluster", "topics": "cluster",
    "tsne": "map --method tsne", "umap": "map --method umap", "visualize": "map",
    "node2vec": "train --graph", "deepwalk": "train --graph", "graph": "train --graph", "walks": "walk",
    "random-walks": "walk", "tokens": "tokenize", "words": "tokenize", "preprocess": "tokenize", "prepare": "tokenize",
    "check": "doctor", "diagnose": "doctor", "health": "doctor", "inspect": "doctor", "lint": "doctor",
    "validate": "doctor",
    "draw": "plot", "figure": "plot", "curves": "plot", "chart": "plot",
    "stable": "stability", "agreement": "stability", "consensus": "stability", "average": "stability -o",
}

_HELP = ("help", "--help", "-h", "-help", "?", "-?")
_VERSION = ("--version", "-version", "-V")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the arguments of one command, with its function as `run`.

    Raises
    ------
    UsageError : the arguments are wrong.
    SystemExit : help or the version was printed; code 2 if there were no arguments.
    """
    if not arguments:
        command_line().print_help(sys.stderr)
        raise SystemExit(2)
    first, *rest = arguments
    if first in _HELP:
        command_line([command_named(word) for word in rest[:1]]).parse_args([*rest[:1], "--help"])
    if first in _VERSION:
        command_line().parse_args(["--version"])
    command = command_named(first)
    if rest and rest[0] in _HELP and not os.path.exists(rest[0]):
        rest = ["--help"]
    return command_parser(command).parse_args(rest)


def command_named(word: str) -> Command:
    """Return a command by its name, also in British spelling.

    Raises
    ------
    UsageError : there is no such command; names the nearest one.
    """
    plain = _plain(word)
    for command in COMMANDS:
        if command.name == plain:
            return command
    if word.startswith("-"):
        raise UsageError(f"the command comes before its options: w2v COMMAND {word} (see w2v --help)")
    names = [command.name for command in COMMANDS]
    near = OTHER_COMMANDS.get(plain) or _nearest(plain, names)
    found = f"did you mean {near}?" if near else f"the commands are {', '.join(names)}"
    raise UsageError(f"there is no command {word!r}; {found} (see w2v --help)")


def command_line(filled: Sequence[Command] = ()) -> argparse.ArgumentParser:
    """Return the parser of the whole command line.

    Parameters
    ----------
    filled : commands whose options are added; the others have only their names and help texts.
    """
    parser = argparse.ArgumentParser(
        prog="w2v", usage="w2v COMMAND ...", description="Train, query, evaluate and analyse word vectors.",
        epilog=f"{_command_list()}\n\nw2v COMMAND --help describes the options of a command.",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"w2v {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=CommandParser,
                                     help=argparse.SUPPRESS, prog="w2v")
    for command in COMMANDS:
        sub = commands.add_parser(command.name, description=command.help, help=command.help)
        if command in filled:
            _fill(sub, command)
    return parser


def _command_list() -> str:
    """Return the commands by group, each with its help text."""
    widest = max(len(command.name) for command in COMMANDS)
    lines: list[str] = []
    for group, commands in GROUPS.items():
        lines += ["", f"{group}:", *(f"  {command.name:<{widest}}  {command.help}" for command in commands)]
    return fit("\n".join(lines[1:]))


def command_parser(command: Command) -> CommandParser:
    """Return the parser of one command."""
    parser = CommandParser(prog=f"w2v {command.name}", description=command.help)
    _fill(parser, command)
    return parser


def _fill(parser: argparse.ArgumentParser, command: Command) -> None:
    module = import_module(f"w2v.cli.{command.module}")  # here, so that each command starts without the others
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on stdout")
    getattr(module, command.arguments)(parser)
    parser.set_defaults(run=getattr(module, command.run))


class CommandParser(argparse.ArgumentParser):
    """Parser of one command."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)
        self._within = False  # a call of `parse_known_intermixed_args`, which calls `parse_known_args`

    def parse_known_args(self, args: Sequence[str] | None = None,  # type: ignore[override]
                         namespace: argparse.Namespace | None = None) -> tuple[argparse.Namespace, list[str]]:
        """Parse all arguments; the list of unknown ones is always empty.

        Raises
        ------
        UsageError : the arguments are wrong.
        """
        namespace = argparse.Namespace() if namespace is None else namespace
        if self._within:
            return super().parse_known_args(args, namespace)
        words = list(self._spelled(sys.argv[1:] if args is None else args))
        options = words[:words.index("--")] if "--" in words else words
        if "-h" in options or "--help" in options:  # `parse_known_intermixed_args` fails at "%" in the usage
            self.print_help()
            self.exit()
        for action in self._actions:
            if action.nargs == "*":
                action.required = False  # for the message about missing arguments
        self._within = True
        try:
            found, extra = self.parse_known_intermixed_args(words, namespace)
        finally:
            self._within = False
        if extra:
            self.error(f"too many arguments: {' '.join(extra)}")
        lists = [action for action in self._actions if isinstance(action, ListOption)]
        for action in sorted(lists, key=lambda action: -action.used):  # the positional argument was likely last
            action.give_back(found)
        return found, []

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with a pointer to the help of this command."""
        raise UsageError(f"{message} (see {self.prog} --help)")

    def _spelled(self, arguments: Iterable[str]) -> Iterator[str]:
        """Yield the arguments, with options as this parser spells them; complain about unknown options."""
        options = [option for option in self._option_string_actions if len(option) > 2]
        known = {_plain(option): option for option in sorted(options, reverse=True)}  # --name rather than -name
        words = iter(arguments)
        for word in words:
            name, equals, value = word.partition("=")
            if word == "--":
                yield from (word, *words)
            elif not name.startswith("-") or name == "-" or name in self._option_string_actions or _is_number(word):
                yield word
            elif (option := self._same(name, known)) is not None:
                yield option + equals + value
            elif self._is_short_with_value(name, known):
                yield word
            else:
                self.error(f"unknown option {name}{self._hint(name, known)}")

    def _same(self, name: str, known: dict[str, str]) -> str | None:
        """Return the option that an unknown one stands for: another spelling, or the name in another tool.

        A switch with a single dash is none: `-hs 1` of word2vec.c has a value.
        """
        plain = _plain(name)
        option = known.get(plain)
        if option is None and "vector-size" in known:  # a command that trains
            ours = {_plain(other): ours for other, ours in OTHER_NAMES.items()}.get(plain)
            option = None if ours is None else known.get(_plain(ours))
        is_switch = option is not None and self._option_string_actions[option].nargs == 0
        return None if is_switch and not name.startswith("--") else option

    def _is_short_with_value(self, word: str, known: dict[str, str]) -> bool:
        """Whether a word such as -n5 is a short option with its value, and not a long one with a single dash."""
        if word.startswith("--") or word[:2] not in self._option_string_actions:
            return False
        return len(word) == 3 or _nearest(_plain(word), known, 0.8) is None

    def _hint(self, name: str, known: dict[str, str]) -> str:
        """Return the end of the message about an unknown option."""
        shown = {plain.replace("-", "_"): option for plain, option in known.items()
                 if self._option_string_actions[option].help != argparse.SUPPRESS}
        found = hint(_plain(name).replace("-", "_"), shown)
        if found.startswith(":"):
            from w2v.cli.names import as_options

            return as_options(found)
        return re.sub(r"mean (\w+)", lambda found: f"mean {shown[found[1]]}", found)


def _plain(name: str) -> str:
    """Return a name without leading dashes, in lower case and American spelling, with `-` for `_`."""
    name = name.lstrip("-").replace("_", "-").lower()
    return re.sub(r"is(?=e[ds]?\b|ing\b)", "iz", re.sub(r"our(?=s?\b|ed\b|ing\b)", "or", name))


def _nearest(name: str, known: Iterable[str], similarity: float = 0.6) -> str | None:
    """Return the name that begins with this text, or the most similar name."""
    import difflib  # here, because it takes 1 ms

    names = list(known)
    found = [one for one in names if len(name) > 2 and one.startswith(name)]
    found = found or difflib.get_close_matches(name, names, 1, similarity)
    return found[0] if found else None


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
