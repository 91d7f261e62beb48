"""What is installed: one abi3 wheel, small, typed, without sources; checked where w2v is really installed."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

import w2v


@pytest.fixture(scope="module")
def files():
    try:
        found = importlib.metadata.files("w2v")
    except importlib.metadata.PackageNotFoundError:
        found = None
    if not found or not any(str(f) == "w2v/__init__.py" for f in found):
        pytest.skip("w2v runs from its sources here")
    return [Path(str(f.locate())) for f in found if str(f).startswith("w2v/") and "__pycache__" not in str(f)]


def test_installed_size_is_below_three_megabytes(files):
    assert len(files) > 15
    assert sum(f.stat().st_size for f in files) < 3_000_000


def test_extensions_use_the_limited_api(files):
    natives = [f.name for f in files if f.suffix in (".so", ".pyd")]
    assert len(natives) == 4
    if sys.implementation.name == "cpython" and not getattr(sys, "abiflags", "").count("t") and sys.platform != "win32":
        assert all(name.endswith(".abi3.so") for name in natives)
        assert "cp311-abi3" in importlib.metadata.distribution("w2v").read_text("WHEEL")


def test_typed_and_without_sources(files):
    names = {f.name for f in files}
    assert "py.typed" in names and "_sgns.pyi" in names
    assert not [name for name in names if name.endswith((".c", ".h", ".pyx", ".pxd"))]


def test_version_is_one():
    shown = subprocess.run([sys.executable, "-m", "w2v", "--version"], capture_output=True, text=True, check=True,
                           cwd=Path(w2v.__file__).parent.parent)
    assert shown.stdout == f"w2v {w2v.__version__}\n"


def test_public_names_exist_and_are_documented():
    for name in w2v.__all__:
        assert hasattr(w2v, name)
        assert name == "__version__" or getattr(w2v, name).__doc__, f"w2v.{name} has no docstring"
