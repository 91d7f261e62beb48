"""The command line `w2v`: arguments and printing; results go to stdout, progress and messages to stderr.

Place in the data flow: `sys.argv` -> `parser` -> a module per command, or per family of commands, with `arguments` and
`run` -> the public functions of the package. README.md of this folder shows how to add a command.

Exit codes: 0 success, 1 failure (one line says why), 2 wrong usage, 130 interrupted, 143 terminated.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import stat
import sys
from collections.abc import Sequence

from w2v.cli.common import UsageError, complain
from w2v.cli.parser import COMMANDS, command_line, parse
from w2v.errors import W2VError
from w2v.system.signals import INTERRUPTED, TERMINATED, Terminated, raising


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    argv : arguments; None for `sys.argv[1:]`.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    _prepare_streams()
    try:
        return _run(arguments)
    except UsageError as error:
        return _complain(error, 2)
    except KeyboardInterrupt as error:
        return _complain("; ".join(["interrupted", *_notes(error)]), INTERRUPTED)
    except Terminated as error:
        return _complain("; ".join(["terminated", *_notes(error)]), TERMINATED)
    except MemoryError as error:
        return _complain(f"not enough memory: {error}" if str(error) else "not enough memory", 1)
    except OSError as error:
        if _reader_has_gone(error):
            drop_output()
            return 1
        return _complain(error, 1)
    except (W2VError, ValueError) as error:
        return _complain(error, 1)


def _run(arguments: Sequence[str]) -> int:
    try:
        options = parse(arguments)
    except SystemExit as end:  # help or the version was printed
        sys.stdout.flush()
        return end.code if isinstance(end.code, int) else 0
    with raising():
        try:
            code: int | None = options.run(options)
        finally:
            if not isinstance(sys.exception(), (KeyboardInterrupt, Terminated)):  # the reader may have stopped reading
                sys.stdout.flush()
    return code or 0


def _reader_has_gone(error: OSError) -> bool:
    """Return whether stdout is a pipe that nobody reads any more, which Windows reports as an invalid argument."""
    if os.name != "nt" or isinstance(error, BrokenPipeError):
        return isinstance(error, BrokenPipeError)
    try:
        is_pipe = stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):  # it is closed, or no file
        return False
    return is_pipe and error.errno == errno.EINVAL and error.filename is None


def drop_output() -> None:
    """Drop what is still to be written to stdout, and all that follows."""
    with contextlib.suppress(OSError, ValueError):  # it is closed, or no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _notes(error: BaseException) -> list[str]:
    """Return the notes of an exception: how to continue an interrupted run."""
    return getattr(error, "__notes__", [])


def _prepare_streams() -> None:
    """Replace missing streams, and print characters that the encoding of a stream lacks as "?".

    Files and pipes are UTF-8 on Windows too, whose code page has few characters, unless PYTHONIOENCODING is set.
    """
    utf8 = os.name == "nt" and not os.environ.get("PYTHONIOENCODING")
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        elif isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8" if utf8 and not stream.isatty() else None, errors="replace")


def _complain(problem: object, code: int) -> int:
    complain(problem)
    return code


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line, with the options of all commands."""
    return command_line(COMMANDS)
