"""SIGINT and SIGTERM of the command line: exit codes 130 and 143, one line on stderr at most, never a traceback.

Windows has no SIGTERM from other processes: `terminate` ends a process at once. Ctrl-Break takes its place, which other
programs send as CTRL_BREAK_EVENT.

Place in the data flow: `w2v.__main__` calls `begin` before it imports anything else; `w2v.cli` works inside `raising`.

Before the work and after it nothing can be lost, so that a signal ends the process at once. During the work a signal
raises an exception, by which temporary files are removed and threads end. It waits until an import is over, where C
code may clear an exception or Python may print it, and until an `uninterrupted` function is over.

This module imports only what is built into Python, because a signal has Python's own effect until `begin` has run. The
module `signal` would import `enum`, which takes 3 ms.
"""

from __future__ import annotations

import _thread
import atexit
import os
import sys
import time

TYPE_CHECKING = False  # importing `typing` takes 3 ms
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable
    from types import CodeType, FrameType, TracebackType
    from typing import Any, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])
    Handler = Callable[[int, FrameType | None], object] | int | None
else:
    import _signal

INTERRUPTED, TERMINATED = 130, 143
"""Exit codes: 128 and the number of the signal."""

_AGAIN = 0.01  # seconds until a signal that has to wait is handled again
_UNINTERRUPTED: set[CodeType] = set()
_WORDS: dict[int, bytes] = {_signal.SIGINT: b"interrupted", _signal.SIGTERM: b"terminated"}
if (_BREAK := getattr(_signal, "SIGBREAK", None)) is not None:
    _WORDS[_BREAK] = b"terminated"
NUMBERS = tuple(_WORDS)
"""Signals that end a command."""


class Terminated(SystemExit):
    """The process got SIGTERM; the exit code is 143."""

    def __init__(self) -> None:
        super().__init__(TERMINATED)


def begin() -> None:
    """From now on, let signals end the process; at the very end of the process, ignore them."""
    _handle(_exit)
    sys.excepthook = _uncaught
    atexit.register(_handle, _signal.SIG_IGN)  # registered first, so it runs last; nothing that can block follows


def _handle(handler: Handler) -> None:
    for number in _WORDS:
        if _signal.getsignal(number) != _signal.SIG_IGN:  # a signal that the caller ignores stays ignored
            _signal.signal(number, handler)


def _exit(number: int, frame: FrameType | None) -> None:
    try:
        os.write(2, b"w2v: " + _WORDS[number] + b"\n")
    except OSError:
        pass  # there is no stderr
    os._exit(_code(number))


def _exit_silently(number: int, frame: FrameType | None) -> None:
    os._exit(_code(number))


def _code(number: int) -> int:
    return INTERRUPTED if number == _signal.SIGINT else TERMINATED


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """End the process quietly if a second signal came while the first one was handled."""
    if issubclass(kind, KeyboardInterrupt):
        os._exit(INTERRUPTED)
    sys.__excepthook__(kind, error, trace)


def _set_timer(seconds: float) -> bool:
    """Let SIGALRM come in `seconds` (0: not at all). Return False where there are no timers, as on Windows."""
    if sys.platform == "win32" or not hasattr(_signal, "setitimer"):
        return False
    _signal.setitimer(_signal.ITIMER_REAL, seconds)
    return True


def uninterrupted(function: Function) -> Function:
    """Let signals wait while a function runs, a decorator: it makes files that would be left behind.

    In a generator for `contextlib.contextmanager`, signals wait during its own statements, not during the block of its
    user.
    """
    _UNINTERRUPTED.add(function.__code__)
    return function


class raising:
    """Context in which SIGINT raises KeyboardInterrupt, and SIGTERM `Terminated`, in the main thread.

    A signal also ends the context if its exception was replaced by another one on the way. Afterwards the handlers are
    the former ones; those of `begin` then print nothing, because the command has printed its line. In other threads
    the context has no effect.
    """

    def __enter__(self) -> None:
        self._former: dict[int, Handler] = {}
        self._waiting: int | None = None  # a signal that is handled when the timer ends
        self._raised: int | None = None
        self._repeated = False  # the signal that comes next is the one that waits
        self._hook = sys.unraisablehook
        self._base: FrameType | None = sys._getframe(1)  # it may itself run in an import
        timer = getattr(_signal, "SIGALRM", None)  # not on Windows
        try:
            for number in (*_WORDS, *([] if timer is None else [timer])):
                former: Handler = _signal.getsignal(number)
                if number == timer or former not in (_signal.SIG_IGN, None):
                    _signal.signal(number, self._again if number == timer else self._receive)
                    self._former[number] = former
        except ValueError:
            return  # not the main thread
        sys.unraisablehook = self._unraisable

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        number, self._waiting = self._waiting, None  # without it, the timer has no effect
        for one, former in self._former.items():
            if one in _WORDS:
                _signal.signal(one, _exit_silently if former is _exit else former)
            else:
                _set_timer(0)
                _signal.signal(one, former)
        sys.unraisablehook = self._hook
        self._base = None
        if number is None and kind is not None and not issubclass(kind, (KeyboardInterrupt, Terminated)):
            number = self._raised
        if number is not None:
            raise _exception(number)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self._repeated:
            self._repeated, self._waiting = False, None
        if self._waiting is None and self._has_to_wait(frame) and self._wait(number):
            return
        self._waiting, self._raised = None, number
        raise _exception(number)

    def _has_to_wait(self, frame: FrameType | None) -> bool:
        while frame is not None and frame is not self._base:
            if frame.f_code in _UNINTERRUPTED or frame.f_code.co_filename.startswith("<frozen importlib"):
                return True
            frame = frame.f_back
        return False

    def _wait(self, number: int) -> bool:
        """Handle this signal later, by a timer, or by a thread where there are no timers; False without either."""
        self._waiting = number
        if _set_timer(_AGAIN):
            return True
        try:
            _thread.start_new_thread(self._repeat, (number,))
        except RuntimeError:
            self._waiting = None
        return self._waiting is not None

    def _repeat(self, number: int) -> None:
        time.sleep(_AGAIN)
        if self._waiting == number:
            self._repeated = True
            _thread.interrupt_main(number)  # type: ignore[arg-type]  # `Signals` is in the module `signal`

    def _again(self, timer: int, frame: FrameType | None) -> None:
        number, self._waiting = self._waiting, None
        if number is not None:
            self._receive(number, frame)

    def _unraisable(self, report: sys.UnraisableHookArgs) -> None:
        """Handle a signal again whose exception was raised in a finalizer, where Python would print and forget it."""
        if self._raised is not None and issubclass(report.exc_type, (KeyboardInterrupt, Terminated)):
            self._wait(self._raised)
        else:
            self._hook(report)


def _exception(number: int) -> BaseException:
    return KeyboardInterrupt() if number == _signal.SIGINT else Terminated()
