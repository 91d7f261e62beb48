"""Input lines for queries: from a prompt with commands, history and completion of words, or from a pipe."""

from __future__ import annotations

import contextlib
import heapq
import importlib
import io
import os
import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from w2v.system.plain import printable

PROMPT = "> "
LEAVE = ("exit", "quit")
HELP = ("?", "help")
"""Commands of the prompt. In a pipe they are words, as they are with a blank before them."""

HISTORY_LINES = 1000

_OFFERED = 50  # completions offered at most


class Completer:
    """Completion of words: they are found by bisection in the sorted words, and the most frequent ones are offered.

    Parameters
    ----------
    words : by falling count.
    rows : row of each word.
    """

    def __init__(self, words: Sequence[str], rows: Mapping[str, int]) -> None:
        self._words, self._rows = words, rows
        self._sorted: list[str] = []
        self._last: tuple[str, list[str]] | None = None

    def matches(self, prefix: str) -> list[str]:
        """Return about 50 words with this prefix at most, the most frequent first.

        If there are more words, the alphabetically first and last of them are included: the common prefix of the words
        that are offered is then that of all words.
        """
        if not self._sorted:
            self._sorted = sorted(self._words)
        low, high = self._range(prefix)
        frequent = (self._words[:_OFFERED] if not prefix
                    else heapq.nsmallest(_OFFERED, self._sorted[low:high], key=self._rows.__getitem__))
        edges = [self._sorted[low], self._sorted[high - 1]] if high - low > _OFFERED else []
        return [word for word in dict.fromkeys([*frequent, *edges]) if word.isprintable()]

    def _range(self, prefix: str) -> tuple[int, int]:
        """Return the range of sorted words with this prefix."""
        low = bisect_left(self._sorted, prefix)
        return low, bisect_left(self._sorted, True, low, key=lambda word: not word.startswith(prefix))

    def __call__(self, prefix: str, state: int) -> str | None:
        """Return completion number `state`: readline asks for 0, 1, 2 ... until it gets None."""
        if self._last is None or self._last[0] != prefix:
            sign = "-" if prefix.startswith("-") and prefix not in self._rows else ""
            self._last = prefix, [sign + word for word in self.matches(prefix[len(sign):])]
        return self._last[1][state] if state < len(self._last[1]) else None


class Lines:
    """Iterator over the input lines without blank ones, until the end of input (Ctrl-D).

    Parameters
    ----------
    words, rows : for completion, as in `Completer`.
    about : what the words are, for the first line of a prompt.
    queries : examples of queries with their meanings, for the help of a prompt.

    Attributes
    ----------
    interactive : whether the lines are typed in a terminal: there is then a prompt, with history and completion where
        Python has readline.
    """

    interactive: bool

    def __init__(self, words: Sequence[str], rows: Mapping[str, int], about: str = "",
                 queries: Mapping[str, str] | None = None) -> None:
        self.interactive = sys.stdin is not None and sys.stdin.isatty()
        self._completer = Completer(words, rows)
        self._about, self._queries = about, queries or {}

    def __iter__(self) -> Iterator[str]:
        source = self._typed() if self.interactive else self._piped()
        return (line for text in source if (line := text.strip()))

    def _piped(self) -> Iterator[str]:
        if sys.stdin is None:
            return
        if isinstance(sys.stdin, io.TextIOWrapper):
            utf8 = os.name == "nt" and not os.environ.get("PYTHONIOENCODING")  # as the output (w2v.cli)
            sys.stdin.reconfigure(encoding="utf-8-sig" if utf8 else None, errors="surrogateescape")
        yield from sys.stdin

    def _typed(self) -> Iterator[str]:
        print(printable(f"{self._about}\n? shows help, exit or Ctrl-D leaves"), file=sys.stderr)
        with _readline(self._completer):
            while True:
                try:
                    line = input(PROMPT)
                except EOFError:
                    print()
                    return
                if line.rstrip() in LEAVE:
                    return
                if line.rstrip() in HELP:
                    print(self._help(), file=sys.stderr)
                else:
                    yield line

    def _help(self) -> str:
        rows = {**self._queries, "Tab": "completes a word", "exit, quit, Ctrl-D": "leave",
                " exit": "with a blank before it, exit, quit, help or ? is a word"}
        return "\n".join(f"  {typed:<20}{meaning}" for typed, meaning in rows.items())


def history_path() -> Path:
    """Return the file with the lines of earlier sessions, by the XDG rules."""
    return Path(os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")) / "w2v" / "history"


@contextlib.contextmanager
def _readline(completer: Completer) -> Iterator[None]:
    """Set up history and completion, and save the history afterwards. Does nothing without readline, as on Windows,
    where only other packages have it."""
    try:
        readline = importlib.import_module("readline")
    except ImportError:
        yield
        return
    path = history_path()
    with contextlib.suppress(OSError):
        readline.read_history_file(path)
    readline.set_completer(completer)
    readline.set_completer_delims(" \t\n")
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
    try:
        yield
    finally:
        readline.set_completer(None)
        readline.set_history_length(HISTORY_LINES)
        with contextlib.suppress(OSError):  # the prompt works even if its history cannot be saved
            path.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(path)
