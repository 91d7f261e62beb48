"""The command line: arguments and printing, nothing else. Results on stdout, progress and messages on stderr.

A module a family of commands, each with its arguments and its `run`; what they share is in `common`.

Exit codes: 0 done, 1 failed (one line says why), 2 wrong usage, 130 interrupted, 143 terminated.
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
Run = Callable[[argparse.Namespace], None]

# name, arguments, what runs it, help
COMMANDS: list[tuple[str, Arguments, Run, str]] = [
    ("train", train.arguments, train.run, "Learn word vectors from text."),
    ("plan", plan.arguments, plan.run,
     "What training on a corpus will need: words, memory, disk, time; from a sample, in seconds."),
    ("phrases", phrases.arguments, phrases.run,
     "Find words that stand together (new_york), for training and in text."),
    ("neighbors", query.neighbors_arguments, query.run_neighbors, "The words nearest to each of the words given."),
    ("analogy", query.analogy_arguments, query.run_analogy, "A is to B as C is to what?"),
    ("index", index.arguments, index.run,
     "Build an approximate index beside vectors, for neighbors --approximate; tells what it finds."),
    ("evaluate", evaluate.arguments, evaluate.run,
     "Score vectors on the standard benchmarks, with intervals; compare files of vectors."),
    ("datasets", datasets.arguments, datasets.run, "The benchmarks that go by a name: list, fetch."),
    ("convert", vectors.convert_arguments, vectors.run_convert,
     "Write vectors in another format, chosen by the suffix of OUT."),
    ("info", vectors.info_arguments, vectors.run_info,
     "What this installation can do, or what is in a file of vectors."),
    ("demo", demo.arguments, demo.run,
     "Learn from the English in your own Python's documentation; no download."),
]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. `argv` is `sys.argv[1:]` by default."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _mend_streams()
    try:
        signal.signal(signal.SIGTERM, _terminate)
    except ValueError:
        pass  # not the main thread, which alone gets signals
    try:
        options = _parser().parse_args(arguments)
        options.run(options)
        sys.stdout.flush()
        return 0
    except UsageError as error:
        return _complain(error, 2)
    except KeyboardInterrupt as error:
        return _complain("; ".join(["interrupted", *_notes(error)]), 130)
    except SystemExit as end:
        if notes := _notes(end):
            complain("; ".join(["terminated", *notes]))
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: nobody to tell
        return 1
    except MemoryError as error:
        return _complain(f"not enough memory: {error}" if str(error) else "not enough memory", 1)
    except (W2VError, OSError, ValueError) as error:
        return _complain(error, 1)


def _terminate(number: int, frame: object) -> NoReturn:
    """Leave as by an exception, so that temporary files go and threads end."""
    sys.exit(128 + number)


def _notes(error: BaseException) -> list[str]:
    """What was added to an exception on its way: how a run that was stopped goes on."""
    return getattr(error, "__notes__", [])


def _mend_streams() -> None:
    """A program started without stdout or stderr has None there; and words may not fit into the terminal's encoding."""
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
