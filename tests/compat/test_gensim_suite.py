"""gensim's own tests, run on w2v by the script `tests/run_gensim_suite.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import run_gensim_suite

SCRIPT = Path(run_gensim_suite.__file__)


@pytest.mark.slow
def test_gensims_own_tests_pass_except_for_the_listed_ones() -> None:
    pytest.importorskip("gensim")
    pytest.importorskip("ot")
    pytest.importorskip("testfixtures")
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    passed = [line for line in done.stdout.splitlines() if line.startswith("test_") and " of " in line]
    assert [line.split()[0] for line in passed] == list(run_gensim_suite.IMPORTS)


@pytest.mark.parametrize("outcomes, listed, wrong", [
    ({"a": "passed"}, {}, []), ({"a": "failure"}, {"a": "why"}, []),
    ({"a": "failure"}, {}, ["a: failure"]), ({"a": "error"}, {}, ["a: error"]),
    ({"a": "passed"}, {"a": "why"}, ["a: passed, but it is in the list of tests that do not pass"]),
    ({"a": "passed"}, {"b": "why"}, ["b: in the list, but there is no such test"])])
def test_outcomes_that_are_not_those_of_the_list_are_found(
    outcomes: dict[str, str], listed: dict[str, str], wrong: list[str]
) -> None:
    assert run_gensim_suite.unexpected(outcomes, listed) == wrong


def test_each_listed_test_has_a_reason_and_a_file() -> None:
    assert set(run_gensim_suite.OUT) == set(run_gensim_suite.IMPORTS)
    assert all(reason for out in run_gensim_suite.OUT.values() for reason in out.values())


def test_a_gensim_without_the_expected_imports_is_refused(tmp_path: Path) -> None:
    for name in run_gensim_suite.IMPORTS:
        (tmp_path / name).write_text("import nothing\n")
    with pytest.raises(SystemExit, match="does not have this line once"):
        run_gensim_suite.copy_tests(tmp_path, tmp_path)
