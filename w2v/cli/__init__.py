"""The command line `w2v`: arguments and printing; results go to stdout, progress and messages to stderr.

Place in the data flow: `sys.argv` -> a module per command, or per family of commands, with `arguments` and `run` -> the
public functions of the package. README.md of this folder shows how to add a command.

Exit codes: 0 success, 1 failure (one line says why), 2 wrong usage, 130 interrupted, 143 terminated.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from w2v._version import __version__
from w2v.cli import datasets, demo, evaluate, index, phrases, plan, query, train, vectors
from w2v.cli.common import UsageError, complain
from w2v.errors import W2VError

Arguments = Callable[[argparse.ArgumentParser], None]
Run = Callable[[argparse.Namespace], int | None]

# name, function that adds the arguments, function that runs the command, help
COMMANDS: list[tuple[str, Arguments, Run, str]] = [
    ("train", train.arguments, train.run, "Learn word vectors from text."),
    ("plan", plan.arguments, plan.run,
     "Estimate from a sample what training on a corpus needs: words, memory, disk space, time."),
    ("phrases", phrases.arguments, phrases.run,
     "Find phrases (new_york), for training or to join them in text."),
    ("neighbors", query.neighbors_arguments, query.run_neighbors, "Show the nearest neighbours of words."),
    ("analogy", query.analogy_arguments, query.run_analogy, "Answer the question: A is to B as C is to what?"),
    ("index", index.arguments, index.run,
     "Build an approximate index of vectors, for neighbors --approximate, and measure its recall."),
    ("evaluate", evaluate.arguments, evaluate.run,
     "Score vectors on the standard benchmarks, with confidence intervals; compare files of vectors."),
    ("datasets", datasets.arguments, datasets.run, "List and fetch the benchmarks that can be used by name."),
    ("convert", vectors.convert_arguments, vectors.run_convert,
     "Write vectors in another format, chosen by the suffix of OUT."),
    ("info", vectors.info_arguments, vectors.run_info,
     "Describe this installation, or a file of vectors."),
    ("demo", demo.arguments, demo.run,
     "Train on the English text of your Python's documentation; no download."),
]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    argv : arguments; None for `sys.argv[1:]`.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    _prepare_streams()
    try:
        signal.signal(signal.SIGTERM, _terminate)
    except ValueError:
        pass  # signals can be handled on the main thread only
    try:
        options = _parser().parse_args(arguments)
        code: int | None = options.run(options)
        sys.stdout.flush()
        return code or 0
    except UsageError as error:
        return _complain(error, 2)
    except KeyboardInterrupt as error:
        return _complain("; ".join(["interrupted", *_notes(error)]), 130)
    except SystemExit as end:
        if notes := _notes(end):
            complain("; ".join(["terminated", *notes]))
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone
        return 1
    except MemoryError as error:
        return _complain(f"not enough memory: {error}" if str(error) else "not enough memory", 1)
    except (W2VError, OSError, ValueError) as error:
        return _complain(error, 1)


def _terminate(number: int, frame: object) -> NoReturn:
    """Exit by an exception, so that temporary files are removed and threads end."""
    sys.exit(128 + number)


def _notes(error: BaseException) -> list[str]:
    """Return the notes of an exception: how to continue an interrupted run."""
    return getattr(error, "__notes__", [])


def _prepare_streams() -> None:
    """Replace missing streams, and print characters that the encoding of a stream lacks as "?"."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))
        elif isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _complain(problem: object, code: int) -> int:
    complain(problem)
    return code


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="w2v", description="Train, query and evaluate word vectors.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"w2v {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    for name, arguments, run, help in COMMANDS:
        sub = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
        sub.add_argument("--json", action="store_true", help="print one JSON object and nothing else on stdout")
        arguments(sub)
        sub.set_defaults(run=run)
    return parser
