"""Progress display on stderr: a bar on a terminal, a line every 30 seconds elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TextIO

LINE_SECONDS = 30.0  # between two lines if stderr is not a terminal


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
    enabled : False shows only warnings.
    stream : where to write, stderr by default; nothing is shown if there is no stderr.
    """

    def __init__(self, phase: str, total: int | None, unit: str, *, initial: int = 0, enabled: bool = True,
                 stream: TextIO | None = None) -> None:
        self.phase, self.total, self.unit, self.initial = phase, total, unit, initial
        self.stream: TextIO | None = sys.stderr if stream is None else stream  # None under pythonw, for example
        self.enabled = enabled
        self.started = self.last_line = time.monotonic()
        self.bar: Any = None

    def __enter__(self) -> Self:
        is_terminal = getattr(self.stream, "isatty", None)  # streams of programs may have no such method
        if self.enabled and is_terminal is not None and is_terminal():
            from tqdm import tqdm  # costs 50 ms to import, so only where a bar is drawn

            self.bar = tqdm(total=self.total, initial=self.initial, desc=self.phase, unit=self.unit, unit_scale=True,
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
