"""Progress display: a bar on a terminal and in a notebook, a line every 30 seconds elsewhere; lines for `logging`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TextIO

from w2v.system import log
from w2v.system.plain import printable

LINE_SECONDS = 30.0  # between two lines if no bar is shown
LOG_SECONDS = 1.0  # between two lines for `logging`; gensim's default


@contextmanager
def reading(enabled: bool, what: str = "reading") -> Iterator[Callable[[int, int | None, int], None]]:
    """Show the progress of reading a text, as a context manager.

    Parameters
    ----------
    enabled : False shows nothing.
    what : name of the phase.

    Returns
    -------
    A function for the parameter `progress` of `w2v.corpus.encode.encode`: it takes bytes read, total bytes (None if
    unknown) and words.
    """
    with Display(what, None, "B", enabled=enabled) as display:

        def show(done: int, total: int | None, words: int) -> None:
            display.resize(total)
            display.update(done, words=f"{words:,}")

        yield show


class Display:
    """Progress of one phase of a run, as a context manager around it.

    Parameters
    ----------
    phase : name of the phase: "reading", "training", "fetching men".
    total : amount of work, None if unknown.
    unit : unit of the amounts: "B" (bytes) or "word".
    initial : amount that was done before.
    enabled : False shows only warnings. Lines for `logging` do not depend on it.
    stream : where to write, stderr by default; nothing is shown if there is no stderr.
    """

    phase: str
    unit: str
    initial: int
    started: float
    last_line: float
    last_log: float

    def __init__(self, phase: str, total: int | None, unit: str, *, initial: int = 0, enabled: bool = True,
                 stream: TextIO | None = None) -> None:
        self.phase, self.total, self.unit, self.initial = phase, total, unit, initial
        self.stream: TextIO | None = sys.stderr if stream is None else stream  # None under pythonw, for example
        self.enabled = enabled
        self.started = self.last_line = self.last_log = time.monotonic()
        self.bar: Any = None

    def __enter__(self) -> Self:
        if self.enabled and (bar := _bar_class(self.stream)) is not None:
            self.bar = bar(total=self.total, initial=self.initial, desc=self.phase, unit=self.unit, unit_scale=True,
                           file=self.stream, dynamic_ncols=True, smoothing=0.05, leave=False)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self.bar is not None:
            self.bar.close()

    def resize(self, total: int | None) -> None:
        """Set the total amount of work."""
        self.total = total
        if self.bar is not None:
            self.bar.total = total

    def update(self, done: int, **numbers: str) -> None:
        """Show that the amount `done` is done, and current numbers by name."""
        if time.monotonic() - self.last_log >= LOG_SECONDS:
            self.last_log = time.monotonic()
            if log.logger() is not None:
                log.info(self.line(done, **numbers))
        if self.bar is not None:
            self.bar.set_postfix(numbers, refresh=False)
            self.bar.update(done - self.bar.n)
        elif self.enabled and time.monotonic() - self.last_line >= LINE_SECONDS:
            self.last_line = time.monotonic()
            self._print(self.line(done, **numbers))

    def note(self, text: str) -> None:
        """Print a line, unless the display is disabled."""
        if self.enabled:
            self.warn(text)

    def warn(self, text: str) -> None:
        """Print a line, also if the display is disabled."""
        text = printable(text)
        if self.bar is not None:
            self.bar.write(text, file=self.stream)
        else:
            self._print(text)

    def _print(self, text: str) -> None:
        if self.stream is not None:
            print(text, file=self.stream, flush=True)

    def line(self, done: int, **numbers: str) -> str:
        """Return a line with percent, amount, rate by wall clock, the numbers, and the time left."""
        seconds = max(time.monotonic() - self.started, 1e-9)
        rate = max(done - self.initial, 0) / seconds
        parts = [f"{self.phase}:"]
        if self.total:
            parts.append(f"{100 * done / self.total:5.1f}%")
        parts.append(f"{done:,} {self.unit}{'' if done == 1 or self.unit == 'B' else 's'}, {rate:,.0f}/s")
        parts += [f"{name} {value}" for name, value in numbers.items()]
        if self.total and rate:
            parts.append(f"{max(self.total - done, 0) / rate:,.0f} s left")
        return "  ".join(parts)


def _bar_class(stream: TextIO | None) -> Any:
    """Return the class of the bar for a stream, None where no bar can be shown.

    tqdm takes 50 ms to import, so it is imported only where a bar is drawn.
    """
    if _in_notebook():
        from tqdm.auto import tqdm as notebook_bar

        return notebook_bar
    is_terminal = getattr(stream, "isatty", None)  # streams of programs may have no such method
    if is_terminal is None or not is_terminal():
        return None
    from tqdm import tqdm

    return tqdm


def _in_notebook() -> bool:
    """Return whether the program runs in the kernel of a notebook, whose streams are not terminals."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and hasattr(shell, "kernel")
