"""Bad and unusual input of every command that analyses vectors: one clear line and exit code 1 or 2, or an answer."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

import w2v
from w2v import cli

WORDS = [f"w{i}" for i in range(60)]
RNG = np.random.default_rng(1)
GOOD = RNG.normal(size=(60, 6)).astype(np.float32)

COMMANDS = {
    "reduce": "reduce {v} --pairs 100 -o out.bin",
    "reduce, random": "reduce {v} --pairs 100 --method random --dim 2 -o out.txt",
    "why": "why {v} w0 w1 --pairs 20",
    "align": "align {v} good.safetensors --translate w1 -o out.bin",
    "align, second": "align good.safetensors {v} -o out.bin",
    "diff": "diff {v} good.safetensors -n 3 -o out.tsv",
    "diff, runs": "diff good.safetensors {v} --runs fourth.safetensors --new-runs third.safetensors -n 3",
    "stability": "stability {v} good.safetensors -o out.bin",
    "cluster": "cluster {v} -k 2 -o out.tsv",
    "cluster, auto": "cluster {v} -k auto",
    "doctor": "doctor --vectors {v} --details",
    "bias": "bias {v} --sets sets.txt --permutations 50 --draws 20",
    "axis": "axis {v} w5 --from w0,w1 --to w2,w3 --draws 20",
    "axis, extremes": "axis {v} --from w0,w1 --to w2,w3 --draws 20",
    "debias": "debias {v} --pairs pairs.txt --sets sets.txt --draws 20 -o out.bin",
    "sentences": "sentences {v} lines.txt -o out.npy",
    "sentences, query": "sentences {v} lines.txt --query w0",
    "neighbors": "neighbors good.safetensors w0 --runs {v}",
}
WRITING = [name for name, command in COMMANDS.items() if " -o " in command]

Run = Callable[..., tuple[int, str, str]]


def binary(path: Path, words: list[bytes], rows: np.ndarray) -> None:
    """Write a file of word2vec's format, also what `KeyedVectors` refuses."""
    rows = rows.astype("<f4")
    path.write_bytes(b"%d %d\n" % rows.shape + b"".join(
        word + b" " + row.tobytes() + b"\n" for word, row in zip(words, rows, strict=True)))


def named(*first: bytes) -> list[bytes]:
    return [*first, *(f"w{i}".encode() for i in range(60 - len(first)))]


def with_rows(rows: dict[int, float]) -> np.ndarray:
    found = GOOD.copy()
    for row, value in rows.items():
        found[row] = value
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of vectors, good and bad, and the lists that the commands need."""
    place = tmp_path_factory.mktemp("vectors")
    for seed, name in enumerate(("good", "second", "third", "fourth")):
        rows = GOOD + np.float32(0.1) * np.random.default_rng(seed).normal(size=GOOD.shape).astype(np.float32)
        w2v.KeyedVectors(WORDS, rows, counts=np.arange(60, 0, -1)).save(
            place / f"{name}.safetensors", output_vectors=np.abs(rows))
    plain = named()
    for name, words, rows in (
        ("no words", [], np.zeros((0, 6))), ("one word", plain[:1], GOOD[:1]), ("two words", plain[:2], GOOD[:2]),
        ("zeros", plain, np.zeros((60, 6))), ("broken rows", plain, with_rows({7: np.nan, 20: np.inf})),
        ("all broken", plain, np.full((60, 6), np.nan)), ("equal rows", plain, np.ones((60, 6))),
        ("other words", [f"x{i}".encode() for i in range(60)], GOOD), ("one dimension", plain, GOOD[:, :1]),
        ("other dimension", plain, GOOD[:, :4]), ("huge numbers", plain, GOOD * 1e30),
        ("control characters", named(b"\x1b[31mred", b"<b>", "\u202eabc".encode(), b"a\x07"), GOOD),
        ("latin-1", named(b"caf\xe9"), GOOD)):
        binary(place / f"{name}.bin".replace(" ", "_"), words, rows)
    (place / "a_text.bin").write_text("hello world, this is text\n" * 20)
    (place / "empty_file.bin").touch()
    w2v.KeyedVectors(list(range(60)), GOOD).save(place / "integers.safetensors")
    for dtype in ("int8", "float16", "bf16"):
        kv = w2v.load(place / "good.safetensors")
        kv.save(place / f"{dtype}.safetensors", dtype=dtype, output_vectors=kv.output_vectors)
    (place / "sets.txt").write_text(
        ": t\ntargets A: w10 w11 w12\ntargets B: w13 w14 w15\nattributes C: w6 w7 w8\nattributes D: w9 w16 w17\n")
    (place / "pairs.txt").write_text("".join(f"w{2 * i} w{2 * i + 1}\n" for i in range(5)))
    (place / "lines.txt").write_text("w0 w1 w2\nw3 w4\nw5 unknown\n")
    return place


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in the folder without outputs of others; return its exit code, output and errors."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")

    def run(command: str, *options: str) -> tuple[int, str, str]:
        for path in folder.glob("out.*"):
            path.unlink()
        code = cli.main([*command.split(), *options])
        assert not list(folder.glob(".*")), "a temporary file is left"
        return code, *capsys.readouterr()

    return run


def not_a_number(name: str) -> NoReturn:
    raise ValueError(f"{name} in JSON")


BAD = ["missing.bin", "a_text.bin", "empty_file.bin", "no_words.bin", "all_broken.bin", "huge_numbers.bin"]


@pytest.mark.parametrize("vectors", BAD)
@pytest.mark.parametrize("command", COMMANDS)
def test_unusable_vectors_are_one_line_that_names_the_file(run: Run, command: str, vectors: str) -> None:
    code, out, err = run(COMMANDS[command].format(v=vectors), "--json")
    if vectors in BAD[4:] and command in ("doctor", "sentences"):
        pytest.skip("these describe what is broken")
    last = err.splitlines()[-1]
    assert (code, out) == (1, "") and last.startswith("w2v: ") and vectors in err
    if vectors not in BAD[4:]:
        assert err.count("\n") == 1


UNUSUAL = ["one_word.bin", "two_words.bin", "zeros.bin", "broken_rows.bin", "equal_rows.bin", "other_words.bin",
           "one_dimension.bin", "other_dimension.bin", "control_characters.bin", "latin-1.bin", "integers.safetensors",
           "int8.safetensors", "float16.safetensors", "bf16.safetensors"]


@pytest.mark.parametrize("vectors", UNUSUAL)
@pytest.mark.parametrize("command", COMMANDS)
def test_unusual_vectors_give_an_answer_or_one_error(run: Run, command: str, vectors: str) -> None:
    line = COMMANDS[command].format(v=vectors)
    code, out, err = run(line)
    assert code in (0, 1, 2) and (out or code)
    assert not any(mark in out + err for mark in ("\x1b", "\x07", "\u202e", "Traceback", "Warning"))
    assert max(map(len, out.splitlines()), default=0) <= 80 and " nan" not in out
    code_of_json, out, _ = run(line, "--json")
    assert code_of_json == code
    if out:
        assert isinstance(json.loads(out, parse_constant=not_a_number), dict) and out.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("vectors", ["float16.safetensors", "bf16.safetensors", "int8.safetensors"])
def test_small_types_work(run: Run, command: str, vectors: str) -> None:
    assert run(COMMANDS[command].format(v=vectors))[0] == (1 if command == "doctor" else 0)


@pytest.mark.parametrize("command", ["align", "diff", "stability", "neighbors"])
def test_no_common_words_are_shown(run: Run, command: str) -> None:
    code, _, err = run(COMMANDS[command].format(v="other_words.bin").replace("--translate w1", ""))
    assert code == 1 and "share 0 words" in err and "x0" in err and "w0" in err and err.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_broken_vectors_are_counted(run: Run, command: str) -> None:
    code, out, err = run(COMMANDS[command].format(v="broken_rows.bin"))
    assert "2 of 60" in out + err or code == 0 and command == "neighbors"


# -------------------------------------------------------------------------------------------------------- lists


LISTS = {"bom": "\ufeffw0\nw1\nw2\n".encode(), "crlf": b"w0\r\nw1\r\nw2\r\n", "blank lines": b"\n\nw0\n \nw1\n\nw2\n",
         "duplicates": b"w0\nw0\nw1\nw2\nw1\n"}
WITH_LIST = ["cluster good.safetensors -k 2 --words {f} --json",
             "stability good.safetensors second.safetensors --json --words {f}",
             "axis good.safetensors w9 --from {f} --to w7,w8 --draws 20 --json",
             "debias good.safetensors --pairs pairs.txt --keep {f} --draws 20 -o out.bin --json",
             "sentences good.safetensors {f} --query w0 --json"]


@pytest.mark.parametrize("command", WITH_LIST)
@pytest.mark.parametrize("kind", LISTS)
def test_lists_are_read_in_every_layout(run: Run, folder: Path, command: str, kind: str) -> None:
    (folder / "list.txt").write_bytes(LISTS[kind])
    (folder / "plain.txt").write_bytes(b"w0\nw1\nw2\n")
    code, out, err = run(command.format(f="list.txt"))
    assert code == 0 and "unknown" not in err and "no vector" not in err
    if not command.startswith("sentences") or kind in ("bom", "crlf"):  # of these the lines are the result
        assert json.loads(out) == json.loads(run(command.format(f="plain.txt"))[1])


@pytest.mark.parametrize("command", WITH_LIST)
def test_unknown_words_of_a_list_are_counted_or_named(run: Run, folder: Path, command: str) -> None:
    (folder / "list.txt").write_bytes(b"w0\nzz\nw1\ncaf\xe9\nw2\n")
    code, out, err = run(command.format(f="list.txt").replace(" --json", ""))
    assert code == 0 and ("zz" in out or "2 of 5" in err)


@pytest.mark.parametrize("command", WITH_LIST[:4])
@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_empty_list_is_one_error_that_names_it(run: Run, folder: Path, command: str, content: bytes) -> None:
    (folder / "list.txt").write_bytes(content)
    code, out, err = run(command.format(f="list.txt"))
    assert (code, out) == (1, "") and "list.txt" in err and err.count("\n") == 1


@pytest.mark.parametrize("command", [*WITH_LIST, "bias good.safetensors --sets {f}",
                                     "align good.safetensors second.safetensors --dictionary {f}",
                                     "debias good.safetensors --pairs {f} -o out.bin"])
def test_missing_list_is_one_error_that_names_it(run: Run, command: str) -> None:
    code, out, err = run(command.format(f="missing.txt"))
    assert code in (1, 2) and out == "" and "cannot read missing.txt" in err and err.count("\n") == 1


def test_axis_names_unknown_words_also_without_known_ones(run: Run) -> None:
    code, out, _ = run("axis good.safetensors zz yy --from w0,w1 --to w2,w3")
    assert code == 0 and "no word is known: zz, yy" in out


# -------------------------------------------------------------------------------------------------------- options


@pytest.mark.parametrize("command", [name for name in COMMANDS if not name.startswith(("sentences", "neighbors"))])
def test_negative_seed_is_refused(run: Run, command: str) -> None:
    code, out, err = run(COMMANDS[command].format(v="good.safetensors"), "--seed", "-1")
    assert (code, out) == (2, "") and "--seed: -1 is out of range: 0 or more" in err


@pytest.mark.parametrize("command, option", [
    *((name, "--limit") for name in COMMANDS), *((name, "--topn") for name in COMMANDS if not name.startswith("diff"))])
def test_zero_is_refused(run: Run, command: str, option: str) -> None:
    code, out, err = run(COMMANDS[command].format(v="second.safetensors"), option, "0")
    assert (code, out) == (2, "") and err.count("\n") == 1
    assert "0 is out of range: 1 or more" in err or f"unknown option {option}" in err


@pytest.mark.parametrize("line, message", [
    ("align second.safetensors good.safetensors --held-out -1", "--held-out -1 is out of range"),
    ("diff second.safetensors good.safetensors --threshold 7", "--threshold 7.0 is out of range"),
    ("diff second.safetensors good.safetensors --threshold nan", "--threshold nan is out of range"),
    ("cluster good.safetensors -k 61", "--k 61 is out of range"),
    ("bias good.safetensors --sets sets.txt --min-known nan", "--min-known nan is out of range"),
    ("axis good.safetensors --from w0 --to w1 --draws -1", "--draws: -1 is out of range"),
    ("sentences good.safetensors lines.txt --query w0 --remove 7", "--remove 7 is out of range"),
    ("sentences good.safetensors lines.txt --query w0 --a 1", "--a is an option of --weights sif"),
    ("stability good.safetensors good.safetensors", "good.safetensors is given twice"),
])
def test_wrong_values_are_named_as_options(run: Run, line: str, message: str) -> None:
    code, out, err = run(line)
    assert (code, out) == (2, "") and message in err and err.count("\n") == 1


# -------------------------------------------------------------------------------------------------------- outputs


@pytest.mark.parametrize("place", ["missing/{}", "a_folder", "/dev/null", ""])
@pytest.mark.parametrize("command", WRITING)
def test_output_that_cannot_be_written_is_found_before_the_work(
        run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, place: str) -> None:
    (folder / "a_folder").mkdir(exist_ok=True)
    monkeypatch.setattr("w2v.load", lambda *a, **k: pytest.fail("the vectors were read"))
    line = COMMANDS[command].format(v="second.safetensors").split()
    at = line.index("-o") + 1
    line[at] = place.format(line[at])
    code, out, err = run(" ".join(line[:at]), *line[at:])
    assert code in (1, 2) and out == "" and err.count("\n") == 1 and "Traceback" not in err


@pytest.mark.parametrize("command", ["reduce", "align", "stability", "debias"])
def test_vectors_can_be_replaced_by_the_result(run: Run, folder: Path, command: str) -> None:
    (folder / "own.safetensors").write_bytes((folder / "third.safetensors").read_bytes())
    line = COMMANDS[command].format(v="own.safetensors")
    assert run(line)[0] == 0
    expected = w2v.load(folder / "out.bin").vectors
    code, _, err = run(line.replace("out.bin", "own.safetensors"))
    assert code == 0 and "in place of" in err
    np.testing.assert_allclose(w2v.load(folder / "own.safetensors").vectors, expected, atol=1e-6)


@pytest.mark.parametrize("line", [
    "cluster own.safetensors -k 2 -o own.safetensors", "diff good.safetensors own.safetensors -o ./own.safetensors",
    "diff own.safetensors good.safetensors -o own.safetensors",
    "sentences own.safetensors lines.txt -o own.safetensors",
    "debias good.safetensors --pairs own.safetensors -o own.safetensors",
    "align good.safetensors second.safetensors --dictionary own.safetensors -o own.safetensors"])
def test_input_that_would_be_lost_is_kept(run: Run, folder: Path, line: str) -> None:
    (folder / "own.safetensors").write_bytes((folder / "third.safetensors").read_bytes())
    code, out, err = run(line)
    assert (code, out) == (2, "") and "own.safetensors is also an input" in err
    assert (folder / "own.safetensors").read_bytes() == (folder / "third.safetensors").read_bytes()


@pytest.mark.parametrize("command", WRITING)
def test_output_is_written_although_the_reader_of_stdout_has_gone(
        run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    class Closed:
        encoding = "utf-8"

        def write(self, text: str) -> NoReturn:
            raise BrokenPipeError

        def flush(self) -> None:
            pass

        def fileno(self) -> int:
            raise OSError

    monkeypatch.setattr("sys.stdout", Closed())
    monkeypatch.setattr("w2v.cli.drop_output", lambda: None)
    line = COMMANDS[command].format(v="second.safetensors")
    assert run(line)[0] == 1
    assert os.path.getsize(folder / line.split()[line.split().index("-o") + 1]) > 0


# ------------------------------------------------------------------------------------------------------ same seed


@pytest.mark.parametrize("command", COMMANDS)
def test_same_seed_gives_the_same_json(run: Run, command: str) -> None:
    line = COMMANDS[command].format(v="second.safetensors")
    seed = () if command.startswith(("sentences", "neighbors")) else ("--seed", "5")
    first, second = (run(line, "--json", *seed)[1] for _ in range(2))
    assert first and first == second
