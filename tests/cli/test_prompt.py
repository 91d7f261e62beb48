"""`w2v neighbors` and `w2v analogy`: several words, metrics, subsets, lines from a pipe, the prompt in a terminal."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v import cli
from w2v.cli import prompt

Run = Callable[..., tuple[int, str, str]]
WORDS = ["king", "queen", "man", "woman", "new york", "-x", "knight", "kin", "zebra"]


@pytest.fixture(scope="module")
def kv(tmp_path_factory: pytest.TempPathFactory) -> w2v.KeyedVectors:
    rows = np.random.default_rng(2).normal(size=(len(WORDS), 6)).astype(np.float32)
    kv = w2v.KeyedVectors(WORDS, rows, np.arange(len(WORDS), 0, -1))
    kv.source = str(tmp_path_factory.mktemp("prompt") / "v.safetensors")
    kv.save(kv.source)
    return kv


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, kv: w2v.KeyedVectors) -> Run:
    """Run a command on these vectors, with lines on standard input; returns exit code, stdout and stderr."""

    def run(command: str, *arguments: object, lines: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines), encoding="utf-8"))
        code = cli.main([command, kv.source, *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def printed(found: list[tuple[str, float]]) -> str:
    return "".join(f"{score:8.4f}  {word}\n" for word, score in found)


def test_words_together_and_minus_are_one_query(run: Run, kv: w2v.KeyedVectors) -> None:
    expected = kv.most_similar(["king", "woman"], ["man"], topn=3)
    arguments = ("king", "woman", "--together", "--minus", "man", "-n", 3)
    assert run("neighbors", *arguments) == (0, printed(expected), "")
    answers = json.loads(run("neighbors", *arguments, "--json")[1])
    assert [a["word"] for a in answers["neighbors"]["king woman"]] == [word for word, _ in expected]
    assert run("neighbors", "--together")[0] == 2


@pytest.mark.parametrize(("metric", "name"), [("cosine", "similarity"), ("dot", "dot"), ("euclidean", "distance")])
def test_metric_determines_order_and_key_of_the_scores(run: Run, kv: w2v.KeyedVectors, metric: str, name: str) -> None:
    expected = kv.most_similar("king", topn=4, metric=metric)
    code, out, _ = run("neighbors", "king", "-n", 4, "--metric", metric, "--json")
    assert code == 0 and [(a["word"], a[name]) for a in json.loads(out)["neighbors"]["king"]] == expected
    code, out, _ = run("analogy", "man", "king", "woman", "-n", 2, "--metric", metric)
    assert (code, out) == (0, printed(kv.most_similar(["king", "woman"], ["man"], topn=2, metric=metric)))


def test_among_is_a_file_of_words(run: Run, kv: w2v.KeyedVectors, tmp_path: Path) -> None:
    few = tmp_path / "few.txt"
    few.write_bytes(b"\xef\xbb\xbfqueen\r\nnew york\nnothing\n\nqueen\nzebra")
    code, out, err = run("neighbors", "king", "--among", few)
    assert code == 0 and out == printed(kv.most_similar("king", among=["queen", "new york", "zebra"]))
    assert err == f"w2v: {few}: 1 of 4 words have no vector: nothing\n"
    assert run("analogy", "man", "king", "woman", "--among", few, "--method", "3cosmul")[1].count("\n") == 3
    few.write_text("nothing\n")
    code, out, err = run("neighbors", "king", "--among", few)
    assert code == 1 and out == "" and "nothing to search among" in err
    assert "cannot read" in run("neighbors", "king", "--among", tmp_path / "none")[2]


def test_several_analogies(run: Run, kv: w2v.KeyedVectors) -> None:
    code, out, _ = run("analogy", *"man king woman king queen man".split(), "--json")
    both = json.loads(out)["analogies"]
    assert [one["analogy"] for one in both] == [["man", "king", "woman"], ["king", "queen", "man"]]
    assert both[0] == json.loads(run("analogy", "man", "king", "woman", "--json")[1])
    assert run("analogy", *"man king woman king queen man".split())[1].startswith("man king woman\n")
    for wrong in (("man", "king"), ("man", "king", "woman", "queen")):
        code, out, err = run("analogy", *wrong)
        assert code == 2 and "three words" in err
    assert run("analogy", "man", "king", "woman", "--method", "3cosmul", "--metric", "dot")[0] == 2


def test_lines_of_a_pipe_are_queries(run: Run, kv: w2v.KeyedVectors) -> None:
    code, out, err = run("neighbors", "-n", 2, lines=b"king woman -man\n\n  new york \r\n-x king\nking -new\n-x")
    blocks = [("king woman -man", kv.most_similar(["king", "woman"], "man", topn=2)),
              ("new york", kv.most_similar("new york", topn=2)), ("-x king", kv.most_similar(["-x", "king"], topn=2)),
              ("-x", kv.most_similar("-x", topn=2))]
    assert out == "".join(f"{line}\n{printed(found)}" for line, found in blocks)
    assert code == 1 and "no vector for 'new'" in err and "1 of 5 queries have no answer" in err
    code, out, err = run("analogy", "-n", 1, lines=b"man king woman\nman king\n")
    assert code == 1 and out == "man king woman\n" + printed(kv.most_similar(["king", "woman"], ["man"], topn=1))


def test_lines_of_a_pipe_as_json_are_one_object(run: Run, kv: w2v.KeyedVectors) -> None:
    code, out, err = run("neighbors", "--json", lines=b"king\nnothing\nqueen\n\xff\n")
    assert code == 1 and list(json.loads(out)["neighbors"]) == ["king", "queen"] and out.count("\n") == 1
    assert err.count("\n") == 3
    code, out, err = run("analogy", "--json", lines=b"man king woman\n")
    assert code == 0 and json.loads(out)["analogies"][0]["analogy"] == ["man", "king", "woman"]
    assert run("neighbors", "--json") == (0, '{"neighbors": {}}\n', "")


def test_completion_offers_frequent_words_with_the_common_prefix_of_all() -> None:
    words = [f"ab{i:04d}" for i in range(500, 900)] + ["abz", "b", "a\udcff", "ab c"]
    completer = prompt.Completer(words, {word: i for i, word in enumerate(words)})
    assert completer.matches("ab05") == [*words[:50], "ab0599"]
    offered = completer.matches("ab")
    assert offered[:50] == words[:50] and "abz" in offered and len(offered) <= 52
    assert os.path.commonprefix(offered) == os.path.commonprefix([w for w in words if w.startswith("ab")]) == "ab"
    assert completer.matches("b") == ["b"] and completer.matches("q") == [] and len(completer.matches("")) <= 52
    assert "a\udcff" not in completer.matches("a\udcff")
    assert [completer("-b", 0), completer("-b", 1)] == ["-b", None]


class CountedWord(str):
    """A str that counts how often words are compared."""

    compared = 0

    def __lt__(self, other: str) -> bool:
        CountedWord.compared += 1
        return super().__lt__(other)

    def __gt__(self, other: str) -> bool:
        CountedWord.compared += 1
        return super().__gt__(other)

    def startswith(self, prefix: str, *bounds: int) -> bool:
        CountedWord.compared += 1
        return super().startswith(prefix, *bounds)


def test_completion_looks_at_few_words_of_a_large_vocabulary() -> None:
    """Two bisections: their steps grow with the logarithm of the vocabulary."""
    words = [CountedWord(f"{i % 1000:03d}w{i}") for i in range(100_000)]
    completer = prompt.Completer(words, {word: i for i, word in enumerate(words)})
    completer.matches("000")  # sorts
    CountedWord.compared = 0
    for i in range(0, 1000, 10):
        assert completer.matches(f"{i:03d}w{i}")[0] == f"{i:03d}w{i}"
    assert 100 * 10 < CountedWord.compared < 100 * 2 * 20


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_prompt_in_a_terminal_completes_words_and_keeps_history(kv: w2v.KeyedVectors, tmp_path: Path) -> None:
    """Completion, an unknown word after which the session continues, history across sessions, and Ctrl-D."""
    pytest.importorskip("readline")
    import pty

    # python -m looks for the package in the working directory first, so the folder `w2v` of the history is elsewhere
    state, folder = tmp_path / "state", tmp_path / "folder"
    folder.mkdir()

    def session(keys: list[bytes]) -> tuple[int, str]:
        parent, child = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "w2v", "neighbors", kv.source, "-n", "2"], stdin=child, stdout=child, stderr=child,
            cwd=folder,
            env={**os.environ, "XDG_STATE_HOME": str(state), "TERM": "dumb", "INPUTRC": os.devnull})
        os.close(child)
        seen = b""

        def wait_for(text: bytes) -> None:
            nonlocal seen
            start = len(seen)
            while text not in seen[start:]:
                try:
                    part = os.read(parent, 4096)
                except OSError:  # the other end is closed
                    part = b""
                if not part:
                    break
                seen += part

        wait_for(b"> ")
        for key in keys:
            os.write(parent, key)
            wait_for(b"\n> ")  # not a prompt that is only drawn again
        os.write(parent, b"\x04")
        wait_for(b"nothing more")
        os.close(parent)
        return process.wait(30), seen.decode().replace("\r\n", "\n")

    def shown(positive: str) -> str:
        return printed(kv.most_similar(positive, topn=2))

    code, seen = session([b"que\t\n", b"kingg\n", b"zebra\n"])
    assert code == 0 and shown("queen") in seen and shown("zebra") in seen
    assert "w2v: no vector for 'kingg'; did you mean 'king', 'kin'?\n" in seen
    history = (state / "w2v" / "history").read_text().splitlines()
    assert [line.strip() for line in history[-3:]] == ["queen", "kingg", "zebra"]
    code, seen = session([b"\x10\n"])  # Ctrl-P: the previous line
    assert code == 0 and shown("zebra") in seen
    assert f"{kv.source.partition(':')[0]}" in seen and "? shows help, exit or Ctrl-D leaves" in seen


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[list[str], str]]:
    """Function that types lines at a prompt and returns the queries among them, and stderr."""

    def typed(*lines: str) -> tuple[list[str], str]:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        monkeypatch.setattr("sys.stdin", Terminal())
        monkeypatch.setitem(sys.modules, "readline", None)
        answers = iter(lines)
        monkeypatch.setattr("builtins.input", lambda prompt: next(answers))
        queries = list(prompt.Lines(["a"], {"a": 0}, "v.bin: 1 word", {"king woman": "a sum"}))
        return queries, capsys.readouterr().err

    return typed


@pytest.mark.parametrize("leave", ["exit", "quit", "exit ", "quit\t"])
def test_prompt_ends_at_exit_and_quit(typed: Callable[..., tuple[list[str], str]], leave: str) -> None:
    queries, err = typed("river", leave, "never read")
    assert queries == ["river"] and err.startswith("v.bin: 1 word\n? shows help")


def test_prompt_shows_help_and_takes_its_commands_as_words_after_a_blank(
        typed: Callable[..., tuple[list[str], str]]) -> None:
    queries, err = typed("?", "help", " help", " exit", "exit sign", "  quit", " ?", "exit")
    assert queries == ["help", "exit", "exit sign", "quit", "?"]
    assert err.count("king woman          a sum") == 2 and "Ctrl-D" in err and max(map(len, err.splitlines())) <= 80


def test_commands_of_the_prompt_are_words_in_a_pipe(run: Run, kv: w2v.KeyedVectors) -> None:
    code, out, err = run("neighbors", lines=b"exit\nhelp\nking\n?\n")
    assert code == 1 and out.startswith("king\n") and "no vector for 'exit'" in err and "no vector for '?'" in err
    assert "shows help" not in err
