"""Layers of the package: imports go one way, without circles; no forbidden modules; C independent of Python."""

import ast
import functools
import re
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "w2v"

# Folders of w2v/ and the modules next to them. Each imports only from those listed before it.
ORDER = [
    "_version", "errors", "types", "system", "presets", "corpus_options", "walk_options", "config_values", "config",
    "corpus", "graphs", "formats", "phrases", "vectors", "evaluation", "evaluate", "analysis", "export", "keyedvectors",
    "training", "planning", "tuning", "compat", "models", "cli",
]
DEPENDENCIES = {"numpy", "tqdm"}
OPTIONAL = {"aiohttp", "backports", "compression", "distributed", "fsspec", "gensim", "matplotlib", "networkx",
            "openTSNE", "ot", "pandas", "shtab", "sklearn", "threadpoolctl", "umap", "usearch"}
NETWORK = {"aiohttp", "distributed", "fsspec", "fsspec.core", "http.client", "socket", "urllib.request"}
ONLINE = {"w2v.system.download": {"http.client", "socket", "urllib.request"},
          "w2v.training.rounds.dask_engine": {"distributed"},
          "w2v.system.remote_store": {"aiohttp", "fsspec", "fsspec.core"}}  # the only modules that may import these
UNSAFE = {"pickle", "shelve", "marshal"}


# ------------------------------------------------------------------------------------------------- what imports what


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def files(suffix: str) -> dict[str, Path]:
    """Paths of the files with this suffix, by module name."""
    return {module_name(path): path for path in PACKAGE.rglob(f"*{suffix}")}


@functools.cache
def modules() -> dict[str, Path]:
    """Python modules, without the package's own face: `w2v` imports from everywhere."""
    return {name: path for name, path in files(".py").items() if name not in ("w2v", "w2v.__main__")}


@functools.cache
def extensions() -> dict[str, Path]:
    return files(".pyx")


def python_imports(path: Path) -> Iterator[str]:
    """Modules that a Python file imports at any place in it."""
    ours = {*modules(), *extensions()}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path.name}, line {node.lineno}: a relative import"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in ours or node.module == "w2v" else node.module


def cython_imports(path: Path) -> Iterator[str]:
    """Modules of the package that a Cython file cimports."""
    text = path.read_text(encoding="utf-8")
    for match in re.finditer(r"^\s*(?:from (w2v[\w.]*) cimport|cimport (w2v[\w.]*))", text, re.MULTILINE):
        yield match[1] or match[2]


@functools.cache
def imports() -> dict[str, set[str]]:
    """Modules of the package that each module imports."""
    found = {name: {other for other in python_imports(path) if other.startswith("w2v.")}
             for name, path in modules().items()}
    found |= {name: set(cython_imports(path)) for name, path in extensions().items()}
    unknown = set().union(*found.values()) - {*modules(), *extensions(), *files(".pxd")}
    assert not unknown, f"imported, but there is no such module: {unknown}"
    return found


def child(name: str, folder: str) -> str | None:
    """Name, directly below a folder, of the file or folder that contains a module."""
    if name == folder:
        return "__init__"
    return name.removeprefix(f"{folder}.").split(".")[0] if name.startswith(f"{folder}.") else None


def edges(folder: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Imports between the children of a folder, each with one pair of modules that has it."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for name, others in imports().items():
        for other in others:
            source, target = child(name, folder), child(other, folder)
            if source and target and source != target:
                found.setdefault((source, target), (name, other))
    return found


def folders() -> list[str]:
    return sorted(name for name, path in files(".py").items() if path.name == "__init__.py")


# ------------------------------------------------------------------------------------------------- layers


def test_order_lists_every_folder_and_module():
    assert {child(name, "w2v") for name in (*modules(), *extensions())} == set(ORDER)


def test_imports_go_only_to_earlier_folders():
    found = edges("w2v")
    back = [f"{name} imports {other}" for (source, target), (name, other) in found.items()
            if ORDER.index(target) > ORDER.index(source)]
    assert len(found) > 20 and not back, "\n".join(back)


@pytest.mark.parametrize("folder", folders())
def test_folder_has_no_import_circle(folder):
    found = edges(folder)
    graph: dict[str, set[str]] = {}
    for source, target in found:
        graph.setdefault(source, set()).add(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]
        pairs = zip(circle[1:], circle, strict=False)
        pytest.fail(f"{folder}: " + "; ".join("{} imports {}".format(*found[pair]) for pair in pairs))


def test_map_in_the_readme_follows_the_order():
    text = (PACKAGE / "README.md").read_text(encoding="utf-8").split("\n## Map of the code\n")[1].split("\n## ")[0]
    first_cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")]
    names = [name.removesuffix(".py").rstrip("/") for cell in first_cells for name in re.findall(r"`([^`]+)`", cell)]
    shown = [name for name in names if not name.startswith("..")]
    assert shown == [name for name in ORDER if name != "_version"]


# ------------------------------------------------------------------------------------------------- single modules


def test_only_declared_packages_are_imported():
    for path in [*modules().values(), PACKAGE / "__init__.py"]:
        for name in python_imports(path):
            top = name.split(".")[0]
            assert top in sys.stdlib_module_names | DEPENDENCIES | OPTIONAL | {"w2v"}, f"{path.name} imports {name}"


def test_no_module_imports_pickle_or_the_network():
    for name, path in modules().items():
        forbidden = UNSAFE | (NETWORK - ONLINE.get(name, set()))
        forbidden &= {part for found in python_imports(path) for part in (found, found.rpartition(".")[0])}
        assert not forbidden, f"{path.name} imports {forbidden}"


def test_c_files_are_independent_of_python_and_never_print_or_exit():
    found = sorted((ROOT / "csrc").rglob("*.[ch]"))
    assert len(found) > 10
    for path in found:
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"Python\.h|\b(printf|fprintf|exit|abort|assert)\s*\(", code), path.name
        assert not re.search(r"march=native", code), path.name


def test_command_line_has_every_hyper_parameter_and_no_defaults():
    from w2v.cli import _parser
    from w2v.config import TrainConfig

    options = _parser().parse_args(["train", "x", "-o", "y"])
    for name in TrainConfig().__dataclass_fields__:
        assert getattr(options, name) is None, name
