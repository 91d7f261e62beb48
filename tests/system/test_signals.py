"""Signals of the command line: what they raise during the work, and what they do before and after it."""

import ast
import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from w2v.system.signals import Terminated, raising, uninterrupted

NUMBERS = [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)]


def wait():
    """Give a signal that waits the time to be raised."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        time.sleep(0.01)


@pytest.mark.parametrize("number, kind", NUMBERS)
def test_signal_raises_during_the_work_and_the_old_handler_returns(number, kind):
    former = signal.signal(number, lambda *_: None)
    mine = signal.getsignal(number)
    try:
        with pytest.raises(kind), raising():
            signal.raise_signal(number)
            wait()
        assert signal.getsignal(number) is mine
    finally:
        signal.signal(number, former)


def test_ignored_signal_stays_ignored():
    former = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with raising():
            signal.raise_signal(signal.SIGTERM)
            assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, former)


@pytest.mark.parametrize("number, kind", NUMBERS)
def test_signal_during_an_import_is_raised_after_it(number, kind, tmp_path, monkeypatch):
    (tmp_path / "interrupted_module.py").write_text(
        f"import signal\nsignal.raise_signal({int(number)})\ntext = 'complete'\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "interrupted_module", raising=False)
    with pytest.raises(kind), raising():
        import interrupted_module

        assert interrupted_module.text == "complete"
        wait()


def test_signal_is_raised_in_work_that_runs_in_an_import(tmp_path, monkeypatch):
    (tmp_path / "working_module.py").write_text(
        "import signal, time\nfrom w2v.system.signals import raising\nwith raising():\n"
        "    signal.raise_signal(signal.SIGINT)\n    time.sleep(10)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "working_module", raising=False)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        import working_module  # noqa: F401
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("number, kind", NUMBERS)
def test_signal_that_waits_at_the_end_of_the_work_is_raised_there(number, kind, tmp_path, monkeypatch):
    (tmp_path / "last_module.py").write_text(f"import signal\nsignal.raise_signal({int(number)})\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "last_module", raising=False)
    with pytest.raises(kind), raising():
        import last_module  # noqa: F401


@pytest.mark.parametrize("number, kind", NUMBERS)
def test_signal_waits_until_an_uninterrupted_function_is_over(number, kind):
    steps = []

    @uninterrupted
    def make():
        signal.raise_signal(number)
        time.sleep(0.03)  # longer than the time between two tries
        steps.append("made")

    with pytest.raises(kind), raising():
        make()
        wait()
    assert steps == ["made"]


@pytest.mark.parametrize("number, kind", NUMBERS)
def test_signal_waits_for_the_own_statements_of_a_context_only(number, kind):
    steps = []

    @contextlib.contextmanager
    @uninterrupted
    def context(early):
        if early:
            signal.raise_signal(number)
        steps.append("begun")
        try:
            yield
        finally:
            steps.append("cleaned up")

    for early in (True, False):
        with pytest.raises(kind), raising(), context(early):
            if not early:
                signal.raise_signal(number)
                steps.append("never")
            wait()
        assert steps == ["begun", "cleaned up"]
        steps.clear()


@pytest.mark.parametrize("number, kind", NUMBERS)
def test_signal_in_a_finalizer_is_raised_afterwards_and_not_printed(number, kind, capsys):
    class Final:
        def __del__(self):
            signal.raise_signal(number)

    with pytest.raises(kind), raising():
        Final()
        wait()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("number, kind", NUMBERS)
def test_signal_whose_exception_is_replaced_still_counts(number, kind):
    with pytest.raises(kind), raising():
        try:
            signal.raise_signal(number)
        finally:
            raise AttributeError("another error on the way")


def test_other_errors_and_their_reports_are_left_alone(capsys, monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: seen.append(report.exc_type))

    class Final:
        def __del__(self):
            raise ZeroDivisionError

    with pytest.raises(ValueError, match="x"), raising():
        Final()
        raise ValueError("x")
    assert seen == [ZeroDivisionError]


@pytest.mark.parametrize("number, line", [(signal.SIGINT, "w2v: interrupted\n"), (signal.SIGTERM, "w2v: terminated\n")])
def test_signal_before_the_work_ends_the_process_with_one_line(number, line, tmp_path):
    code = ("import signal\nfrom w2v.system import signals\nsignals.begin()\n"
            f"signal.raise_signal({int(number)})\nprint('still running')")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, "", line)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_at_the_end_of_the_process_is_ignored(number, tmp_path):
    code = ("import atexit, signal\nfrom w2v.system import signals\n"
            f"atexit.register(signal.raise_signal, {int(number)})\n"  # registered first, so it runs last
            "signals.begin()\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_handlers_are_set_before_anything_else_is_imported(tmp_path):
    """The command is without its handlers for as long as these imports take."""
    code = ("import os, sys\nbefore = set(sys.modules)\nimport w2v.__main__\n"
            "print(sorted(name for name in set(sys.modules) - before))")
    shown = subprocess.check_output([sys.executable, "-S", "-c", code], text=True, cwd=tmp_path,
                                    env={**os.environ, "PYTHONPATH": _sources()})
    assert set(ast.literal_eval(shown)) <= {
        "__future__", "_contextvars", "_py_warnings", "_signal", "atexit", "importlib", "importlib._abc",
        "importlib._bootstrap", "importlib._bootstrap_external", "importlib.machinery", "warnings", "w2v",
        "w2v.__main__", "w2v._version", "w2v.system", "w2v.system.signals"}


def _sources():
    import w2v

    return os.path.dirname(os.path.dirname(w2v.__file__))
