"""The installed package, the source distribution and the test extras."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import conftest
import pytest

import w2v

ROOT = Path(__file__).parent.parent
SOURCES = (".c", ".h", ".pyx", ".pxd", ".pxi", ".md")

# Packages of the modules that tests import if they are installed.
PACKAGES = {"backports": "backports.zstd", "fasttext": "fasttext-wheel",
            "sentence_transformers": "sentence-transformers"}


@pytest.fixture(scope="module")
def files():
    """Files of the installed package; skipped if w2v runs from its sources."""
    try:
        found = importlib.metadata.files("w2v")
    except importlib.metadata.PackageNotFoundError:
        found = None
    if not found or not any(str(f) == "w2v/__init__.py" for f in found):
        pytest.skip("w2v runs from its sources")
    return [Path(str(f.locate())) for f in found if str(f).startswith("w2v/") and "__pycache__" not in str(f)]


@pytest.fixture(scope="module")
def extras():
    """Names of the packages in each extra, extras within extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = project["optional-dependencies"]

    def packages(extra):
        found = set()
        for requirement in listed[extra]:
            if inner := re.match(r"w2v\[([\w-]+)\]", requirement):
                found |= packages(inner[1])
            else:
                found.add(re.match(r"[\w.-]+", requirement)[0])
        return found

    return {extra: packages(extra) for extra in listed}


def all_test_files():
    return sorted((ROOT / "tests").rglob("test_*.py"))


# ------------------------------------------------------------------------------------------------- what is installed


def test_installed_size_is_below_three_megabytes(files):
    assert len(files) > 15
    assert sum(f.stat().st_size for f in files) < 3_000_000


def test_every_extension_is_installed_and_uses_the_limited_api(files):
    natives = [f.name for f in files if f.suffix in (".so", ".pyd")]
    assert sorted(name.split(".")[0] for name in natives) == sorted(f.stem for f in (ROOT / "w2v").rglob("*.pyx"))
    if sys.implementation.name == "cpython" and not getattr(sys, "abiflags", "").count("t") and sys.platform != "win32":
        assert all(name.endswith(".abi3.so") for name in natives)
        assert "cp311-abi3" in importlib.metadata.distribution("w2v").read_text("WHEEL")


def test_package_is_typed_and_has_no_sources(files):
    names = {f.name for f in files}
    assert "py.typed" in names
    assert {f.name for f in (ROOT / "w2v").rglob("*.pyi")} <= names
    assert not [name for name in names if name.endswith(SOURCES)]


def test_command_and_module_report_one_version():
    shown = subprocess.run([sys.executable, "-m", "w2v", "--version"], capture_output=True, text=True, check=True,
                           cwd=Path(w2v.__file__).parent.parent)
    assert shown.stdout == f"w2v {w2v.__version__}\n"


def test_public_names_exist_and_are_documented():
    for name in w2v.__all__:
        assert hasattr(w2v, name)
        assert name == "__version__" or getattr(w2v, name).__doc__, f"w2v.{name} has no docstring"


# ------------------------------------------------------------------------------------------------- extras and marks


def test_every_optional_import_of_a_test_is_in_an_extra(extras):
    known = set().union(*(extras[extra] for extra in extras if extra.startswith("test")))
    for path in all_test_files():
        for function, modules in conftest.optional_imports(path).items():
            for module in modules:
                top = module.split(".")[0]
                if top not in sys.stdlib_module_names:
                    assert PACKAGES.get(top, top) in known, f"{path.name}::{function} needs {module}: in no extra"


def test_optional_imports_are_in_tests_and_fixtures():
    """conftest.py looks there to mark tests as `interop`; elsewhere an optional import would be missed."""
    for path in all_test_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        fixtures = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
                    and any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list)}
        for function in conftest.optional_imports(path):
            assert function.startswith("test_") or function in fixtures, f"{path.name}::{function}"


def test_continuous_integration_imports_every_package_of_the_interop_extra(extras):
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    imported = re.search(r"^for package in (.*); do$", script, re.MULTILINE)[1].split()
    assert {PACKAGES.get(name, name) for name in imported} == extras["test-interop"] - extras["test"]


def test_quick_tests_cover_every_folder():
    for folder in {path.parent for path in all_test_files()} - {ROOT / "tests"}:
        functions = [node for path in folder.glob("test_*.py")
                     for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)]
        quick = [node.name for node in functions if node.name.startswith("test_")
                 and not any("pytest.mark.slow" in ast.unparse(decorator) for decorator in node.decorator_list)]
        assert quick, f"all tests of {folder.name}/ are slow"
