"""Commands in messages, quoted for the shell in which the user would type them.

Place in the data flow: messages that name a command to run.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable

_PLAIN = re.compile(r"[\w@+=:,./\\~-]+", re.ASCII)


def quoted(argument: str) -> str:
    """Return one argument of a command: for `cmd.exe` and PowerShell on Windows, otherwise for a POSIX shell.

    Double quotes, which a name of a Windows file cannot have, are doubled.
    """
    if sys.platform != "win32":
        return shlex.quote(argument)
    if _PLAIN.fullmatch(argument):
        return argument
    end = re.search(r"\\*$", argument)
    return '"' + argument.replace('"', '""') + (end[0] if end else "") + '"'


def typed_option(name: str, value: object) -> list[str]:
    """Return an option of training as it is typed on the command line; nothing if its value is None."""
    switch = "--" + name.replace("_", "-")
    if value is None:
        return []
    if name == "sg":
        return ["--no-cbow" if value else "--cbow"]
    if isinstance(value, bool):
        return [switch if value else switch.replace("--", "--no-", 1)]
    if isinstance(value, tuple):
        return [switch, ",".join(map(str, value))]
    return [switch, f"{value:.12g}" if isinstance(value, float) else str(value)]


def command(arguments: Iterable[str]) -> str:
    """Return a command with its arguments quoted."""
    return " ".join(map(quoted, arguments))
