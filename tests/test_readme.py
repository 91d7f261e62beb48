"""The READMEs: short, with links that lead somewhere, commands that parse and Python that type-checks."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from w2v import cli

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
READMES = sorted(path for path in [*ROOT.glob("*.md"), *ROOT.glob("[!.]*/**/*.md")] if "build" not in path.parts)
# READMEs whose Python lines must pass type checkers.
TYPED = [README, ROOT / "w2v" / "README.md", ROOT / "w2v" / "evaluation" / "README.md"]
LONGEST = 120
PICTURES = ROOT / "bench" / "pictures"  # not in source distributions


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_lines(path: Path) -> list[str]:
    """Lines of shell commands: those indented by four spaces outside of fences, and those in ```shell fences."""
    found, fence = [], None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fence = None if fence is not None else line.strip("`").strip()
        elif (fence is None and line.startswith("    ")) or fence in ("shell", "sh", "bash", "console"):
            found.append(line.strip().removeprefix("$ "))
    return found


def python_blocks(path: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def anchors(path: Path) -> set[str]:
    """Names of the headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_readme_is_short():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", READMES, ids=name)
def test_links_lead_to_files(path):
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if not re.match(r"\w+:", link):
            target, _, anchor = link.partition("#")
            file = (path.parent / target).resolve() if target else path
            present = file.exists() or (file.parent == PICTURES and not PICTURES.exists())
            assert present and file.is_relative_to(ROOT), f"{name(path)} links to {link}, which is missing"
            assert not anchor or file.suffix != ".md" or anchor in anchors(file), f"{name(path)}: no heading for {link}"


def test_readme_shows_the_commands_of_continuous_integration():
    shown = [line.split(" && ") for line in code_lines(README)]
    demo, tests = (commands for commands in shown if commands[0] == "python3 -m venv .venv")
    assert demo == ["python3 -m venv .venv", ".venv/bin/pip install .", ".venv/bin/w2v demo"]
    [interop] = [commands for commands in shown if "[test-interop]" in commands[0]]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for commands in (tests, interop):
        places = [re.search(f"^{re.escape(command)}$", script, re.MULTILINE) for command in commands]
        assert all(places), f"not in .ci/run: {commands}"
        assert [place.start() for place in places if place] == sorted(place.start() for place in places if place)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert {"test", "test-interop"} <= set(extras)


def test_continuous_integration_stops_at_the_first_failure():
    """With `set -e`, a command joined to others by && may fail unseen; pytest fails when it runs no test."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "set -euo pipefail" in script
    runs = re.findall(r"^.*bin/pytest.*$", script, re.MULTILINE)
    assert len(runs) == 2 and not [line for line in runs if re.search(r"\||&&|;", line)]


@pytest.mark.parametrize("path", READMES, ids=name)
def test_commands_parse(path):
    parser = cli._parser()
    for line in code_lines(path):
        if line.startswith("w2v ") or line.startswith(".venv/bin/w2v "):
            words = shlex.split(re.split(r" [|>] ", line)[0], comments=True)[1:]
            if words and words[0] not in ("COMMAND", "--help", "--version") and "--help" not in words:
                try:
                    parser.parse_args(words)
                except cli.UsageError as error:
                    pytest.fail(f"{name(path)}: {line}: {error}")


@pytest.mark.parametrize("path", READMES, ids=name)
def test_python_compiles(path):
    for block in python_blocks(path):
        compile(block, name(path), "exec")


def test_readme_has_python_and_commands():
    assert len(python_blocks(README)) == 1
    assert len([line for line in code_lines(README) if line.startswith("w2v ")]) >= 4


def test_readmes_contain_no_absolute_path():
    for path in READMES:
        assert not re.search(r"(?<![\w.:/})])/\w+/\S*", path.read_text(encoding="utf-8")), name(path)


@pytest.fixture
def examples(tmp_path):
    """Python examples of the READMEs as modules."""
    for path in TYPED:
        for number, block in enumerate(python_blocks(path)):
            (tmp_path / f"example_{name(path).replace('/', '_').removesuffix('.md')}_{number}.py").write_text(block)
    return sorted(tmp_path.glob("*.py"))


@pytest.mark.slow
def test_python_passes_mypy(examples, tmp_path):
    pytest.importorskip("mypy")
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", *examples],
                          capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_python_passes_pyright(examples):
    pytest.importorskip("pyright")
    done = subprocess.run([sys.executable, "-m", "pyright", "--pythonpath", sys.executable, *examples],
                          capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
