"""`w2v.evaluate`: an object that can be called, under every way of importing it, and for type checkers."""

from __future__ import annotations

import argparse
import inspect
import subprocess
import sys
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from helpers.evaluation import cased_vectors, make_questions, write_questions

import w2v
from w2v import evaluate
from w2v.cli import evaluate as command
from w2v.errors import W2VError

IMPORTS = {
    "package": "import w2v", "module": "import w2v.evaluate", "function": "from w2v.evaluate import analogies",
    "object": "from w2v import evaluate",
}
CALLS = """
import sys, w2v
kv = w2v.KeyedVectors(["a", "b", "c", "d"], [[1, 0], [1, 1], [0, 1], [1, 2]])
open("pairs.tsv", "w").write("a\\tb\\t1\\nc\\td\\t2\\na\\td\\t0\\n")
found = w2v.evaluate(kv, "pairs.tsv", draws=0)
assert found.results == w2v.evaluate.run(kv, "pairs.tsv", draws=0).results
assert found["pairs"] == w2v.evaluate.similarity(kv, "pairs.tsv", draws=0)
assert isinstance(found, w2v.evaluate.Evaluation)
assert w2v.evaluate is sys.modules.get("w2v.evaluate", w2v.evaluate)
from w2v.evaluate import Evaluation, similarity
import w2v.evaluate
assert similarity is w2v.evaluate.similarity and sys.modules["w2v.evaluate"] is w2v.evaluate
assert w2v.evaluate(kv, "pairs.tsv", draws=0).results == found.results
"""
TYPED = """
import w2v
from w2v import evaluate
from w2v.evaluate import AnalogyResult, analogies

kv = w2v.load("vectors.bin")
whole = w2v.evaluate(kv)
several = w2v.evaluate(kv, suite=["google", ("my-pairs.tsv", "similarity")], draws=0)
one: AnalogyResult = w2v.evaluate.analogies(kv, "questions-words.txt", method=w2v.evaluate.METHODS[0])
same: AnalogyResult = analogies(kv, "questions-words.txt")
rho: float | None = w2v.evaluate.similarity(kv, "ws353.tsv").spearman
text: str = w2v.evaluate.format_table(w2v.evaluate.run(kv, suite="standard").results)
right = (evaluate.answer(kv, [("a", "b", "c", "d")]) == evaluate.RIGHT).sum()
names: list[str] = evaluate(kv, suite="standard").as_dict()["missing"]
"""
WRONG = """
import w2v
w2v.evaluate(3)
w2v.evaluate.analogies(w2v.load("vectors.bin"))
w2v.evaluate(w2v.load("vectors.bin"), replicates=3)
"""


@pytest.mark.parametrize("order", list(permutations(IMPORTS, 2)), ids=" then ".join)
@pytest.mark.slow
def test_evaluate_can_be_called_after_imports_in_any_order(order: tuple[str, str], tmp_path: Path) -> None:
    code = "\n".join(IMPORTS[name] for name in order) + CALLS
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env={"PYTHONPATH": _root()})


def _root() -> str:
    return str(Path(w2v.__file__).parent.parent)


def test_every_public_name_is_an_attribute_and_can_be_imported() -> None:
    names: dict[str, object] = {}
    exec("from w2v.evaluate import *", names)
    public = set(names) - {"__builtins__"}
    assert {"run", "analogies", "similarity", "answer", "answer_file", "format_table", "METHODS"} <= public
    assert all(getattr(evaluate, name) is names[name] for name in public)


def test_evaluate_has_the_signature_of_run() -> None:
    assert inspect.signature(evaluate) == inspect.signature(evaluate.run)
    assert list(inspect.signature(evaluate).parameters)[:2] == ["kv", "suite"]


@pytest.mark.slow
def test_type_checker_accepts_right_calls_and_rejects_wrong_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = pytest.importorskip("mypy.api")
    for name, text in (("right.py", TYPED), ("wrong.py", WRONG)):
        (tmp_path / name).write_text(text)
    if Path(_root()).name != "site-packages":
        monkeypatch.setenv("MYPYPATH", _root())
    out, err, _ = api.run(["--strict", "--config-file=", "--follow-imports=silent", f"--cache-dir={tmp_path / 'cache'}",
                           str(tmp_path / "right.py"), str(tmp_path / "wrong.py")])
    places = [line.split(": ")[0].rpartition("/")[2] for line in out.splitlines() if " error: " in line]
    assert not err and places == ["wrong.py:3", "wrong.py:4", "wrong.py:5"], out


def test_wrong_parameters_are_refused(tmp_path: Path) -> None:
    kv = cased_vectors()
    path = write_questions(tmp_path / "q.txt", {"a": [("w1", "w2", "w3", "w4")]})
    with pytest.raises(ValueError, match="method"):
        evaluate.analogies(kv, path, method="best")
    with pytest.raises(ValueError, match="method"):
        evaluate.answer(kv, [("w1", "w2", "w3", "w4")], method="lrcos")  # of whole relations, not of questions
    with pytest.raises(ValueError, match="restrict_vocab"):
        evaluate.analogies(kv, path, restrict_vocab=0)
    with pytest.raises(W2VError, match="missing"):
        evaluate.analogies(kv, tmp_path / "missing.txt")
    with pytest.raises(ValueError, match="kind must be one of"):
        evaluate(kv, [(str(path), "analogy")])


def test_parameters_have_the_names_of_the_options() -> None:
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    options = {action.dest for action in parser._actions if action.option_strings}
    printed = {"help", "compare", "markdown", "latex", "save_results", "plot"}
    reading = {"encoding", "unicode_errors"}  # of the vectors, for `w2v.load`
    assert options - printed - reading <= set(inspect.signature(evaluate).parameters)


def test_methods_and_case_have_two_names(tmp_path: Path) -> None:
    kv = cased_vectors()
    path = write_questions(tmp_path / "q.txt", {"a": make_questions(kv, 60)})

    def found(**options: Any) -> list[Any]:
        return [(one.method, one.questions, one.correct) for one in evaluate(
            kv, analogies=path, draws=0, **options).results]

    assert found(method="3cosmul") == found(methods=["3cosmul"]) == found(methods="3cosmul") != found()
    assert [one[0] for one in found(method="all")] == list(evaluate.METHODS)
    assert [one[0] for one in found(method=["3cosadd", "3cosmul", "3cosadd"])] == ["3cosadd", "3cosmul"]
    assert found(case_sensitive=True) == found(case_insensitive=False) != found()
    for wrong in ({"method": "3cosadd", "methods": "3cosmul"}, {"method": "best"}, {"methods": ["3cosadd", "best"]}):
        with pytest.raises(ValueError, match="method"):
            found(**wrong)


def test_evaluation_shows_the_sets_that_failed(tmp_path: Path) -> None:
    found = evaluate(cased_vectors(), similarity=tmp_path / "missing.tsv")
    assert "missing.tsv" in str(found) and "missing.tsv" in found._repr_html_() and "1 failed" in repr(found)
