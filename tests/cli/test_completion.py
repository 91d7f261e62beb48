"""`w2v completion`: the scripts complete commands, options, choices and files."""

import json
import shutil
import subprocess
import sys

import pytest

from w2v.cli.completion import FILES, SHELLS, documented
from w2v.cli.parser import COMMANDS

NO_FILES = {"0|1", "30s|5%", "A", "A B C", "ADDRESS", "B", "DIR", "HOW", "K", "METHOD", "N", "NAME",
            "NAME=VALUES", "SET", "T", "T,T", "TEXT", "TIME", "WORD", None}
"""Names in the help of values that are neither numbers nor files; A and B of `align` are files."""

COMPLETE = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
[[ "$(complete -p w2v)" =~ -F\\ ([^ ]+) ]]
"${BASH_REMATCH[1]}" w2v "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """Function that writes the script for a shell and returns its path."""
    pytest.importorskip("shtab")

    def script(shell):
        path = tmp_path_factory.mktemp("completion") / f"w2v.{shell}"
        done = subprocess.run([sys.executable, "-m", "w2v", "completion", shell], capture_output=True, check=True,
                              cwd=path.parent)
        path.write_bytes(done.stdout)
        return path

    return script


@pytest.fixture(scope="module")
def complete(script, tmp_path_factory):
    """Function that returns what bash proposes for the last of the words, in a folder with two files and a folder."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    path, folder = script("bash"), tmp_path_factory.mktemp("files")
    (folder / "vectors.bin").touch()
    (folder / "my corpus.txt").touch()
    (folder / "data").mkdir()

    def complete(*words):
        done = subprocess.run(["bash", "--norc", "-c", COMPLETE, "bash", path, "w2v", *words], cwd=folder,
                              capture_output=True, text=True, check=True, encoding="utf-8")
        return {line for line in done.stdout.splitlines() if line}

    return complete


@pytest.mark.parametrize("words, found", [
    (["tr"], {"train"}),
    (["d"], {"datasets", "debias", "demo", "diff", "doctor"}),
    (["train", "--neg"], {"--negative"}),
    (["plot", "--"], {"--help", "--json", "--output", "--by"}),
    (["train", "corpus.txt", "--preset", ""], {"best", "fast", "word2vec", "gensim", "fasttext"}),
    (["index", "v.bin", "--metric", "c"], {"cosine"}),
    (["completion", ""], set(SHELLS)),
    (["train", "my"], {"my corpus.txt"}),
    (["train", "corpus.txt", "-o", "v"], {"vectors.bin"}),
    (["neighbors", "v"], {"vectors.bin"}),
    (["align", "a.bin", "v"], {"vectors.bin"}),
    (["why", "vectors.bin", "v"], set()),
    (["evaluate", "--datasets", ""], {"data"}),
    (["train", "--seed", "v"], set()),
])
def test_bash_completes(complete, words, found):
    assert complete(*words) == found


def test_bash_completes_every_command(complete):
    assert complete("") == {command.name for command in COMMANDS}


@pytest.mark.parametrize("shell", SHELLS)
def test_script_is_valid(script, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([shell, "-n", script(shell)], check=True)


@pytest.mark.parametrize("shell", SHELLS)
def test_script_names_every_command(script, shell):
    text = script(shell).read_text(encoding="utf-8")
    assert not [command.name for command in COMMANDS if command.name not in text]


def test_json_has_the_script(run):
    pytest.importorskip("shtab")
    code, out, err = run("completion", "bash", "--json")
    assert (code, err) == (0, "") and "complete -o" in json.loads(out)["script"]


def test_missing_library_is_an_error_that_names_the_extra(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    code, out, err = run("completion", "bash")
    assert (code, out) == (1, "") and err == "w2v: completion needs shtab: pip install 'w2v[completion]'\n"


def test_unknown_shell_is_wrong_usage(run):
    code, out, err = run("completion", "tcsh")
    assert (code, out) == (2, "") and "'bash', 'zsh', 'fish'" in err.replace("bash, zsh, fish", "'bash', 'zsh', 'fish'")


def test_every_value_of_any_text_is_a_file_or_known_to_be_none():
    for command in COMMANDS:
        parser = documented()._subparsers._group_actions[0].choices[command.name]
        for action in parser._actions:
            if action.nargs != 0 and action.choices is None and action.type in (None, str):
                assert action.metavar in FILES | NO_FILES, f"{command.name}: is {action.metavar} a file?"
