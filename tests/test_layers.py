"""Imports run one way: from folder to folder in the order below, and without a circle at any level."""

import ast
import functools
import re
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "w2v"

# The folders of w2v/, and the modules between them; each imports only from those above it.
ORDER = [
    "_version", "errors", "types", "system", "presets", "config", "corpus", "formats", "phrases", "vectors", "export",
    "evaluation", "evaluate", "keyedvectors", "training", "planning", "compat", "models", "cli",
]
# Methods that gensim's users expect on `KeyedVectors`... are allowed to look ahead, inside of a function.
DEPENDENCIES = {"numpy", "tqdm"}
OPTIONAL = {"compression", "backports", "usearch", "gensim", "matplotlib"}  # exports name theirs in `optional`


def module_name(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def modules():
    """Path of each module of the package by its dotted name."""
    found = {module_name(path): path for path in PACKAGE.rglob("*.py")}
    return {name: path for name, path in found.items() if name not in ("w2v", "w2v.__main__")}


@functools.cache
def extensions():
    return {module_name(path): path for path in PACKAGE.rglob("*.pyx")}


def headers():
    return {module_name(path) for path in PACKAGE.rglob("*.pxd")}


def imported(path):
    """Every module that a file imports anywhere, w2v's own by their full names."""
    known = {*modules(), *extensions()}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}, line {node.lineno}: a relative import"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in known or node.module == "w2v" else node.module


def cimported(path):
    """The modules of the package that a Cython file cimports."""
    for match in re.finditer(r"^from (w2v[\w.]*) cimport|^cimport (w2v[\w.]*)", path.read_text(encoding="utf-8"), re.M):
        yield match[1] or match[2]


@functools.cache
def dependencies():
    """Every module of the package with those that it imports."""
    graph = {name: {other for other in imported(path) if other.startswith("w2v.")} for name, path in modules().items()}
    for name, path in extensions().items():
        graph[name] = set(cimported(path))
    unknown = {other for others in graph.values() for other in others} - {*modules(), *extensions(), *headers()}
    assert not unknown, f"imported, but not there: {unknown}"
    return graph


def child(name, folder):
    """The file or folder right below `folder` that a module belongs to; None for what is elsewhere."""
    if not name.startswith(folder + "."):
        return None
    return name.removeprefix(folder + ".").split(".")[0]


def edges(folder):
    """Which children of a folder import which others, by way of their modules; the folder's own __init__ is one."""
    found = {}
    for name, others in dependencies().items():
        source = "__init__" if name == folder else child(name, folder)
        for other in others:
            target = "__init__" if other == folder else child(other, folder)
            if source and target and source != target:
                found.setdefault((source, target), (name, other))
    return found


def folders():
    return ["w2v", *sorted(module_name(path.parent / "__init__.py") for path in PACKAGE.rglob("__init__.py")
                           if path.parent != PACKAGE)]


def test_every_folder_and_module_is_in_the_order():
    children = {child(name, "w2v") for name in (*modules(), *extensions())}
    assert children == set(ORDER)


def test_imports_run_one_way():
    found = edges("w2v")
    back = [f"{name} imports {other}" for (source, target), (name, other) in found.items()
            if ORDER.index(target) > ORDER.index(source)]
    assert len(found) > 20 and not back, "\n".join(back)


@pytest.mark.parametrize("folder", folders())
def test_no_circle(folder):
    graph = {}
    for source, target in edges(folder):
        graph.setdefault(source, set()).add(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]
        pytest.fail(f"{folder}: {' <- '.join(circle)}: " + "; ".join(
            f"{edges(folder)[b, a]}" for a, b in zip(circle, circle[1:], strict=False)))


def test_only_declared_packages_are_imported():
    for path in [*modules().values(), PACKAGE / "__init__.py"]:
        for name in imported(path):
            top = name.split(".")[0]
            assert top in sys.stdlib_module_names | DEPENDENCIES | OPTIONAL | {"w2v"}, f"{path.name} imports {name}"


def test_no_pickle_and_no_network():
    network = {"socket", "urllib.request", "http.client"}
    for name, path in modules().items():
        forbidden = {"pickle", "shelve", "marshal"} | (set() if name == "w2v.system.download" else network)
        forbidden &= {one for found in imported(path) for one in (found, found.rpartition(".")[0])}
        assert not forbidden, f"{path.name} imports {forbidden}"


def test_c_files_know_no_python_and_never_print_or_exit():
    files = sorted(path for path in (ROOT / "csrc").rglob("*.[ch]"))
    assert len(files) > 10
    for path in files:
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"Python\.h|\b(printf|fprintf|exit|abort|assert)\s*\(", code), path.name
        assert not re.search(r"march=native", code), path.name


def test_the_command_line_has_every_hyper_parameter_and_no_defaults_of_its_own():
    from w2v.cli import _parser
    from w2v.config import TrainConfig

    options = _parser().parse_args(["train", "x", "-o", "y"])
    for name in TrainConfig().__dataclass_fields__:
        assert getattr(options, name) is None, name
