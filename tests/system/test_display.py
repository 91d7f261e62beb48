"""Progress display: its lines, and what it prints when it is disabled."""

import io
import sys
from types import ModuleType, SimpleNamespace

import pytest

from w2v.system import display
from w2v.system.display import Display, reading


def test_lines_show_percent_amount_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display.time, "monotonic", lambda: 100.0)
    shown = Display("training", 1000, "word", initial=100, stream=io.StringIO())
    monkeypatch.setattr(display.time, "monotonic", lambda: 110.0)
    assert shown.line(300, loss="1.5") == "training:   30.0%  300 words, 20/s  loss 1.5  35 s left"
    shown.resize(None)
    assert shown.line(300) == "training:  300 words, 20/s"


def test_line_is_printed_every_thirty_seconds_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(display.time, "monotonic", lambda: now)
    stream = io.StringIO()
    with Display("reading", None, "B", stream=stream) as shown:
        for now in (10.0, 29.0, 31.0, 60.0, 62.0):
            shown.update(int(now))
    assert [line.split("  ")[1] for line in stream.getvalue().splitlines()] == ["31 B, 1/s", "62 B, 1/s"]


def test_disabled_display_prints_only_warnings() -> None:
    stream = io.StringIO()
    with Display("reading", None, "B", enabled=False, stream=stream) as shown:
        shown.update(5)
        shown.note("a note")
        shown.warn("a warning")
    assert stream.getvalue() == "a warning\n"


def test_reading_passes_bytes_and_words_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(display, "LINE_SECONDS", -1.0)
    with reading(True, "reading text") as show:
        show(50, 100, 1234)
    line = capsys.readouterr().err
    assert line.startswith("reading text:   50.0%  50 B, ") and "words 1,234" in line


class Logger:
    """A stream as programs put it in the place of stderr, with nothing but `write` and `flush`."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


def test_stream_without_isatty_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "LINE_SECONDS", -1.0)
    logger = Logger()
    monkeypatch.setattr("sys.stderr", logger)
    with Display("training", 10, "word") as shown:
        shown.update(5)
    assert "training:   50.0%" in logger.text


def test_nothing_is_shown_without_a_stream(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(display, "LINE_SECONDS", -1.0)
    monkeypatch.setattr("sys.stderr", None)
    with Display("training", 10, "word") as shown:
        shown.update(5)
        shown.warn("a warning")
    assert capsys.readouterr().out == ""


class Bar:
    """A bar that notes the options that it gets."""

    def __init__(self, **options: object) -> None:
        self.options, self.n = options, 0

    def close(self) -> None:
        pass


def test_notebook_gets_the_bar_of_tqdm_auto(monkeypatch: pytest.MonkeyPatch) -> None:
    """The streams of a notebook are not terminals; its kernel is recognised by the shell of IPython."""
    ipython, auto = ModuleType("IPython"), ModuleType("tqdm.auto")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=None)  # type: ignore[attr-defined]
    auto.tqdm = Bar  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "tqdm.auto", auto)
    with Display("training", 10, "word", stream=io.StringIO()) as shown:
        assert isinstance(shown.bar, Bar) and shown.bar.options["total"] == 10
    with Display("training", 10, "word", stream=io.StringIO(), enabled=False) as shown:
        assert shown.bar is None


def test_ipython_in_a_pipe_is_not_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    ipython = ModuleType("IPython")
    ipython.get_ipython = lambda: None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    with Display("training", 10, "word", stream=io.StringIO()) as shown:
        assert shown.bar is None
