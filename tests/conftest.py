"""Fixtures that several test files use, and the mark `interop`."""

import ast
import functools
import inspect
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from w2v.phrases import Phrases

# A shell starts background jobs with SIGINT ignored, which programs inherit; tests send it to this one and to others.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Test processes side by side, and the commands that they start, share the cores: threads of BLAS that wait for each
# other would make matrix products several times slower. NumPy reads this when it is first imported.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Modules that tests import if they are there, but that are not other programs to compare with.
NOT_INTEROP = {"argparse_manpage", "hypothesis", "shtab"} | sys.stdlib_module_names


@functools.cache
def optional_imports(path: Path) -> dict[str, set[str]]:
    """Modules that each function of a test file asks for by `pytest.importorskip`, by the name of the function."""
    found: dict[str, set[str]] = {}
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef):
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)
                     and isinstance(node.func, ast.Attribute) and node.func.attr == "importorskip"]
            if calls:
                found[function.name] = {str(ast.literal_eval(call.args[0])) for call in calls}
    return found


def needs_other_programs(path: Path, names: set[str]) -> bool:
    """Whether one of these functions, a test or its fixtures, imports another program."""
    modules = set().union(*(optional_imports(path).get(name, set()) for name in names))
    return any(module.split(".")[0] not in NOT_INTEROP for module in modules)


@functools.cache
def makes_links() -> bool:
    """Whether this system makes symbolic links: Windows needs a privilege."""
    with tempfile.TemporaryDirectory() as folder:
        link = os.path.join(folder, "link")
        try:
            os.symlink("target", link)
        except OSError:
            return False
        return os.path.islink(link)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function):
            if needs_other_programs(item.path, {item.originalname, *item.fixturenames}):
                item.add_marker("interop")
            if not makes_links() and "symlink" in inspect.getsource(item.function):
                item.add_marker(pytest.mark.skip(reason="this system makes no symbolic links"))


if os.name == "nt":
    @pytest.fixture(autouse=True)
    def texts_as_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
        """Let tests write and read texts as UTF-8 with \\n."""
        write, read = Path.write_text, Path.read_text

        def write_text(path: Path, text: str, encoding: str = "utf-8", errors: str | None = None,
                       newline: str | None = "") -> int:
            return write(path, text, encoding, errors, newline)

        def read_text(path: Path, encoding: str = "utf-8", errors: str | None = None) -> str:
            return read(path, encoding, errors)

        monkeypatch.setattr(Path, "write_text", write_text)
        monkeypatch.setattr(Path, "read_text", read_text)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Function that runs one w2v command and returns its exit code, stdout and stderr."""
    from w2v import cli

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture(scope="session")
def phrase_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[list[str]], "Phrases"]:
    """A text, its phrase model, its sentences, and the model as an object."""
    from helpers import phrases_twin

    return phrases_twin.files_in(tmp_path_factory.mktemp("phrases"))


@pytest.fixture
def few_threads(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Function after whose call only so many further threads can be started, as under a limit of processes."""
    start = threading.Thread.start

    def limit(allowed: int) -> None:
        left = [allowed]

        def limited(thread: threading.Thread) -> None:
            if left[0] == 0:
                raise RuntimeError("can't start new thread")
            left[0] -= 1
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", limited)

    return limit
