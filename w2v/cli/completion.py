"""`w2v completion`: a script that completes commands, options, choices and names of files in a shell, made by shtab."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from w2v.cli.common import print_json
from w2v.errors import W2VError

SHELLS = ("bash", "zsh", "fish")
FILES = {"CORPUS", "EDGES", "FIGURE", "FILE", "FILE.tsv", "IN", "NEW", "N|FILE", "FILE|WORDS", "GRAPH", "OLD", "OTHER",
         "OUT", "PATH", "VECTORS"}
"""Names in the help of arguments that are files; `DIR` is a folder."""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v completion`."""
    sub.formatter_class = argparse.RawDescriptionHelpFormatter
    sub.epilog = """Needs shtab: pip install 'w2v[completion]'. To install (make the folder if it
is missing), and then open a new shell:

  w2v completion bash > ~/.local/share/bash-completion/completions/w2v
  w2v completion fish > ~/.config/fish/completions/w2v.fish
  w2v completion zsh > ~/.zfunc/_w2v

zsh needs this line before `compinit` in ~/.zshrc: fpath+=~/.zfunc"""
    sub.add_argument("shell", choices=SHELLS)


def run(options: argparse.Namespace) -> None:
    """Print the script."""
    try:
        import shtab
    except ImportError:
        raise W2VError("completion needs shtab: pip install 'w2v[completion]'") from None

    parser = documented()
    for command, action in _values(parser):
        if action.metavar == "DIR":
            action.complete = shtab.DIR  # type: ignore[attr-defined]
        elif action.metavar in FILES or (command, action.dest) in {("align", "a"), ("align", "b")}:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    script = shtab.complete(parser, options.shell)
    if options.json:
        print_json({"shell": options.shell, "script": script})
    else:
        print(script, end="")


def documented() -> argparse.ArgumentParser:
    """Return the parser of the whole command line, with all options and the help texts of all commands."""
    from w2v.cli.parser import COMMANDS, command_line

    parser = command_line(COMMANDS)
    _commands(parser).help = None  # the help of `w2v` lists them by group instead
    return parser


def _commands(parser: argparse.ArgumentParser) -> argparse._SubParsersAction[argparse.ArgumentParser]:
    [found] = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return found


def _values(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    """Yield the arguments that take values of any text, each with the name of its command."""
    for name, command in _commands(parser).choices.items():
        yield from ((name, action) for action in command._actions if action.nargs != 0 and action.choices is None)
