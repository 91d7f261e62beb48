"""Options that take several values: `--probe river king`, `--probe river --probe king`.

Such an option takes all words up to the next option, so that `--probe river king corpus.txt` would take the corpus.
`ListOption` gives it back.
"""

from __future__ import annotations

import argparse
import glob
import os
from collections.abc import Sequence
from typing import Any

from w2v.cli.common import UsageError, complain

INSTEAD = ("train", "resume", "compare")
"""Options that replace the positional argument, in the commands that have them."""


class ListOption(argparse.Action):
    """Action of an option with one or several values, which may be repeated.

    If a positional argument (`leaves`) has no value, the last values of the option that name files are given back to
    it: the last one, and those before it that look like paths, unless the option takes files itself.

    Parameters
    ----------
    leaves : name of a positional argument that takes several values.
    files : whether the values may be files.
    """

    leaves: str
    files: bool
    used: int

    def __init__(self, option_strings: Sequence[str], dest: str, *, leaves: str = "corpus", files: bool = False,
                 **settings: Any) -> None:
        super().__init__(option_strings, dest, nargs="+", default=[], **settings)
        self.leaves, self.files = leaves, files
        self._last: list[str] = []  # values of the last use of the option
        self.used = 0  # how many list options were used before its last use, and this one

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any,
                 option_string: str | None = None) -> None:
        """Add the values to those of earlier uses."""
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), *values])
        self._last = values
        self.used = max((action.used for action in parser._actions if isinstance(action, ListOption)), default=0) + 1

    def give_back(self, namespace: argparse.Namespace) -> None:
        """Move values that name files to the positional argument, if it has none; a line on stderr reports that.

        Raises
        ------
        UsageError : there are files among words, and the positional argument has values.
        """
        if getattr(namespace, self.leaves) or any(getattr(namespace, name, None) for name in INSTEAD):
            if names := [value for value in self._last[1:] if not self.files and _is_path(value)]:
                raise UsageError(f"{self.option_strings[0]} {' '.join(self._last)}: {names[0]} is a file; name all of "
                                 f"the {self.leaves} before this option")
            return
        most = 1 if self.files else len(self._last)
        count = 0
        while count < min(most, len(self._last) - 1):
            name = self._last[-1 - count]
            if not (_exists(name) if count == 0 else _is_path(name)):
                break
            count += 1
        if not count and len(self._last) > 1:
            raise UsageError(f"no {self.leaves}: {self.option_strings[0]} takes all words up to the next option, "
                             f"{' '.join(self._last)}, and the last of them is not a file")
        if count:
            values = getattr(namespace, self.dest)
            setattr(namespace, self.dest, values[:-count])
            setattr(namespace, self.leaves, values[-count:])
            complain(f"{self.leaves}: {' '.join(values[-count:])} (written after {self.option_strings[0]})")


def _is_path(name: str) -> bool:
    """Whether a name is that of a file or folder, and unlikely to be a word."""
    return (os.sep in name or "." in name) and _exists(name)


def _exists(name: str) -> bool:
    return name == "-" or os.path.exists(name) or bool(glob.glob(name))
