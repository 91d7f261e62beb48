"""The house: a module imports only what stands above it and only what is declared; the C files know no Python."""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

# From top to bottom: data goes one way. Modules of one row do not import each other.
LAYERS = [
    {"_version", "errors", "_text", "_sgns", "_formats", "_search", "reference", "progress", "demo", "report",
     "interval", "presets", "growth", "evaluation", "evaluation.correlation", "evaluation.bootstrap",
     "evaluation.registry"},
    {"jsonlog", "files", "config", "resources", "decompress", "integers", "spelling", "rows", "subwords",
     "evaluation.clusters", "evaluation.results"},
    {"blocks", "idstore", "vocab", "lookup", "search", "download", "phrases.file",
     "evaluation.sets", "evaluation.compare"},
    {"text", "vectorfile", "neighbours", "addresses", "matrices", "phrases.grams",
     "evaluation.relations", "evaluation.groups", "evaluation.tables", "evaluation.record"},
    {"lineweights", "objective", "places"},
    {"corpus", "sharing", "sample", "formats.strict", "evaluation.plot"},
    {"run", "formats.content", "formats.sink", "formats.wordlist", "formats.pickled", "table", "ann", "modelcard",
     "estimate", "phrases.text"},
    {"formats.word2vec", "formats.fasttext", "formats.tensors", "formats.npy", "divergence", "needs", "advice",
     "phrases"},
    {"heldout"},
    {"watch", "formats.own", "formats.foreign", "formats.gensim", "checkpoint"},
    {"formats", "lifecycle", "export.common", "cosines", "prediction"},
    {"export.projector", "export.pgvector", "export.parquet", "export.spacy", "export.torch", "export.model2vec"},
    {"keyedvectors", "export"},
    {"drifting", "gensim4", "evaluation.lookup"},
    {"initial"},
    {"model"},
    {"trainer"},
    {"training", "models", "speed"},
    {"fasttext", "planning"},
    {"evaluation.answers", "evaluation.similarity", "evaluation.categories", "evaluation.outliers",
     "evaluation.choices"},
    {"evaluation.classes"},
    {"evaluation.analogies"},
    {"evaluation.datasets", "evaluation.gensim"},
    {"evaluation.suite"},
    {"evaluate", "evaluation.epochs"},
    {"cli.common", "cli.prompt"},
    {"cli.index", "cli.options"},
    {"cli.resume"},
    {"cli.train", "cli.query", "cli.evaluate", "cli.datasets", "cli.vectors", "cli.demo"},
    {"cli.plan", "cli.phrases"},
    {"cli"},
]
ROW = {name: row for row, names in enumerate(LAYERS) for name in names}
# The looks downward, inside of the methods that users expect on the class.
DOWNWARD = {("keyedvectors", "evaluate"), ("keyedvectors", "evaluation.gensim")}
DEPENDENCIES = {"numpy", "tqdm"}
OPTIONAL = {"compression", "backports", "usearch", "gensim", "matplotlib"}  # exports name theirs in `optional`


def modules():
    """Path of each module by its name below `w2v`; a package goes by the name of its folder."""
    found = {path.relative_to(ROOT / "w2v").with_suffix("").as_posix().replace("/", "."): path
             for path in (ROOT / "w2v").rglob("*.py")}
    return {name.removesuffix(".__init__"): path for name, path in found.items()
            if name not in ("__init__", "__main__")}


def imported(path):
    """Every module that a file imports anywhere, w2v's own as "w2v.name"."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}, line {node.lineno}: a relative import"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name.removeprefix("w2v.") in ROW or node.module == "w2v" else node.module


def test_every_module_has_its_place():
    assert set(modules()) <= set(ROW), "a new module needs a row here"
    assert {name for name in ROW if not (ROOT / "w2v" / f"{name}.pyx").exists()} == set(modules())


def test_modules_import_only_what_stands_above():
    seen = 0
    for name, path in modules().items():
        for other in imported(path):
            other = other.removeprefix("w2v.") if other.startswith("w2v.") else None
            if other is None or (name, other) in DOWNWARD:
                continue
            seen += 1
            assert ROW[other] < ROW[name], f"w2v/{name}.py imports w2v.{other}, which stands below it or beside it"
    assert seen > 20


def test_only_declared_packages_are_imported():
    for path in [*modules().values(), ROOT / "w2v" / "__init__.py"]:
        for name in imported(path):
            top = name.split(".")[0]
            assert top in sys.stdlib_module_names | DEPENDENCIES | OPTIONAL | {"w2v"}, f"{path.name} imports {name}"


def test_no_pickle_and_no_network():
    network = {"socket", "urllib.request", "http.client"}
    for name, path in modules().items():
        forbidden = {"pickle", "shelve", "marshal"} | (set() if name == "download" else network)
        forbidden &= {one for found in imported(path) for one in (found, found.rpartition(".")[0])}
        assert not forbidden, f"{path.name} imports {forbidden}"


def test_c_files_know_no_python_and_never_print_or_exit():
    files = sorted((ROOT / "csrc").iterdir())
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
