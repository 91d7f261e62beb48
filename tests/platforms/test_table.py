"""The table of platforms in tests/README.md, and what every check has in common."""

from __future__ import annotations

import runpy
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
TABLE = runpy.run_path(str(FOLDER / "table.py"))
BEGIN, END, HEADER = TABLE["BEGIN"], TABLE["END"], TABLE["HEADER"]
with_results: Callable[[str, list[str]], str] = TABLE["with_results"]
CHECKS = sorted(FOLDER.glob("check_*.sh"))


def test_lines_of_checks_replace_those_of_their_platform() -> None:
    empty = f"before\n{BEGIN}\n{END}\nafter\n"
    once = with_results(empty, ["some output", "b | yes | yes | no | 3 | 1", "a | yes | - | - | - | -"])
    assert once.splitlines() == [
        "before", BEGIN, f"| {' | '.join(HEADER)} |", "| --- | --- | --- | --- | --- | --- |",
        "| a | yes | - | - | - | - |", "| b | yes | yes | no | 3 | 1 |", END, "after"]
    twice = with_results(once, ["b | yes | yes | yes | 4 | 0"])
    assert twice == once.replace("| b | yes | yes | no | 3 | 1 |", "| b | yes | yes | yes | 4 | 0 |")
    assert with_results(twice, []) == twice


@pytest.mark.parametrize("line", ["", "skipped: no gcc", "a | b | c", "a | b | c | d | e | f | g", "a || c | d | e | f",
                                  "platform | compiles | links | runs | tests passed | tests skipped"])
def test_other_lines_are_left_out(line: str) -> None:
    empty = f"{BEGIN}\n{END}\n"
    assert with_results(empty, [line]) == with_results(empty, [])


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}\n", f"{BEGIN}\n{BEGIN}\n{END}\n"])
def test_text_without_both_markers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must have the lines"):
        with_results(text, [])


def test_readme_has_the_table() -> None:
    text = TABLE["README"].read_text(encoding="utf-8")
    assert with_results(text, []) == text
    missing = [check.name for check in CHECKS if check.name not in text]
    assert not missing, f"not described in tests/README.md: {missing}"


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("check", CHECKS, ids=lambda path: path.name)
def test_check_is_valid_and_stops_at_the_first_error(check: Path) -> None:
    assert "\nset -euo pipefail\n" in check.read_text(encoding="utf-8")
    done = subprocess.run(["bash", "-n", check], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
