"""`w2v stability`, `w2v neighbors --runs` and `w2v train --runs`: files, outputs, exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import planted

import w2v
from w2v.cli.analysis.common import sibling_runs

TRAIN = ("--vector-size", "16", "--epochs", "2", "--threads", "1", "--min-count", "1")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted.write_corpus(tmp_path_factory.mktemp("runs") / "corpus.txt", 2000)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("vectors")
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(300, 10))
    found = []
    for name in ("v.safetensors", "v.run2.safetensors", "v.run3.safetensors"):
        rotation = np.linalg.qr(rng.normal(size=(10, 10)))[0]
        kv = w2v.KeyedVectors([f"w{i}" for i in range(300)], (rows + 0.3 * rng.normal(size=rows.shape)) @ rotation,
                              np.arange(300, 0, -1))
        kv.save(folder / name)
        found.append(folder / name)
    return found


# --- stability --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_stability_as_tables_and_as_json(run: Any, files: list[Path]) -> None:
    code, out, err = run("stability", *files)
    assert code == 0 and err == "" and "overlap of 10 neighbours" in out and "by chance" in out
    assert all(len(line) <= 80 for line in out.splitlines())
    code, out, _ = run("stability", *files, "--json", "-n", 5, "--all")
    values = json.loads(out)
    expected = w2v.stability([w2v.load(path) for path in files], topn=5, sample=None).to_dict()
    assert code == 0 and values == json.loads(json.dumps(expected))


def test_words_on_the_command_line_and_in_a_file(run: Any, files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("\ufeffw3 w4\n\nnothing w3\n", encoding="utf-8")
    for given in (("w3", "w4", "nothing"), (tmp_path / "words.txt",)):
        code, out, _ = run("stability", *files, "--json", "--words", *given)
        values = json.loads(out)
        assert code == 0 and [one["word"] for one in values["per_word"]] == ["w3", "w4"]
        assert values["words_unknown"] == ["nothing"]
    (tmp_path / "empty.txt").write_text("\n")
    code, _, err = run("stability", *files, "--words", tmp_path / "empty.txt")
    assert code == 1 and "has no words" in err


def test_an_average_is_written(run: Any, files: list[Path], tmp_path: Path) -> None:
    output = tmp_path / "average.safetensors"
    code, _, err = run("stability", *files, "-o", output)
    assert code == 0 and f"300 words x 10 to {output}" in err
    found = w2v.load(output)
    assert np.allclose(found.vectors, w2v.average([w2v.load(path) for path in files]).vectors)
    assert json.loads(found.metadata["changes"])[0]["change"] == "average"


@pytest.mark.slow
def test_a_low_overlap_is_exit_code_1(run: Any, files: list[Path], tmp_path: Path) -> None:
    overlap = w2v.stability([w2v.load(path) for path in files]).overlap.value
    assert run("stability", *files, "--min-overlap", overlap - 0.01)[0] == 0
    code, out, err = run("stability", *files, "--min-overlap", overlap + 0.01, "-o", tmp_path / "a.bin")
    assert code == 1 and "overlap of 10" in out and f"the mean overlap is {overlap:.4f}, below --min-overlap" in err
    assert (tmp_path / "a.bin").exists()


@pytest.mark.parametrize(("arguments", "code", "problem"), [
    ((), 2, "name two or more files"), (("FIRST",), 2, "name two or more files, such as .*run2.*run3"),
    (("FIRST", "missing.bin"), 1, "missing.bin"),
    (("FIRST", "SECOND", "--words", "a", "--all"), 2, "cannot be combined"),
    (("FIRST", "SECOND", "--sample", "5", "--all"), 2, "not allowed with"),
    (("FIRST", "SECOND", "--sample", "0"), 2, "out of range"),
    (("FIRST", "SECOND", "--min-overlap", "40"), 2, "out of range: 0 to 1"),
    (("FIRST", "SECOND", "-o", "missing/a.bin"), 1, "missing"),
    (("FIRST", "SECOND", "--words", "x"), 1, "none of the 1")])
def test_wrong_usage(run: Any, files: list[Path], arguments: tuple[str, ...], code: int, problem: str) -> None:
    named = {"FIRST": files[0], "SECOND": files[1]}
    found, out, err = run("stability", *(named.get(one, one) for one in arguments))
    assert found == code and out == ""
    assert re.search(problem, err), err


def test_other_dimensions_have_no_average(run: Any, files: list[Path], tmp_path: Path) -> None:
    kv = w2v.load(files[0])
    kv.with_rows(kv.vectors[:, :7].copy()).save(tmp_path / "other.bin")
    assert run("stability", files[0], tmp_path / "other.bin")[0] == 0
    code, out, err = run("stability", files[0], tmp_path / "other.bin", "-o", tmp_path / "a.bin")
    assert code == 1 and out == "" and "vectors of dimensions 7, 10 have no average" in err


def test_names_of_other_tools(run: Any) -> None:
    assert "did you mean stability" in run("agreement", "a", "b")[2]


# --- neighbors --runs -------------------------------------------------------------------------------------------------


def test_neighbours_with_the_runs_that_have_them(run: Any, files: list[Path]) -> None:
    code, out, _ = run("neighbors", files[0], "w3", "w5", "--runs", "-n", 4)
    assert code == 0 and out.count("/3 ") == 8 and "mean cosine" in out
    expected = w2v.neighbors_in_runs([w2v.load(path) for path in files], "w5", 4)
    code, out, _ = run("neighbors", files[0], "w3", "w5", "--runs", files[1], files[2], "-n", 4, "--json")
    assert code == 0 and json.loads(out)["neighbors"]["w5"] == json.loads(json.dumps(expected.to_dict()))


@pytest.mark.parametrize(("arguments", "problem"), [
    (("--runs",), "--runs needs words"), (("w1", "w2", "--together", "--runs"), "cannot be combined with --together"),
    (("w1", "--metric", "dot", "--runs"), "--metric"), (("w1", "--minus", "w2", "--runs"), "--minus")])
def test_wrong_usage_of_runs(run: Any, files: list[Path], arguments: tuple[str, ...], problem: str) -> None:
    code, _, err = run("neighbors", files[0], *arguments)
    assert code == 2 and problem in err


def test_a_file_without_other_runs(run: Any, files: list[Path], tmp_path: Path) -> None:
    w2v.load(files[0]).save(tmp_path / "alone.bin")
    code, _, err = run("neighbors", tmp_path / "alone.bin", "w1", "--runs")
    assert code == 2 and "such as" in err and "alone.run2.bin" in err


# --- train --runs -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".safetensors", ".bin.gz"])
@pytest.mark.parametrize("options", [(), ("--bootstrap",), ("--cbow", "--seed", "9")])
def test_runs_equal_single_trainings_byte_for_byte(
    run: Any, corpus: Path, tmp_path: Path, suffix: str, options: tuple[str, ...]
) -> None:
    output = tmp_path / f"v{suffix}"
    assert run("train", corpus, "-o", output, "--runs", 2, *TRAIN, *options, "-q")[0] == 0
    [second] = map(Path, sibling_runs(output))
    first_seed = 9 if "9" in options else 1
    rest = [one for one in options if one not in ("--seed", "9")]
    for seed, path in ((first_seed, output), (first_seed + 1, second)):
        single = tmp_path / f"single{suffix}"
        assert run("train", corpus, "-o", single, "--seed", seed, *TRAIN, *rest, "-q")[0] == 0
        assert single.read_bytes() == path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(("options", "names"), [
    ((), ["v", "v"]), (("--bootstrap",), ["v", "v.run2"])])
def test_each_vocabulary_is_in_a_file(
    run: Any, corpus: Path, tmp_path: Path, options: tuple[str, ...], names: list[str]
) -> None:
    output = tmp_path / "v.safetensors"
    code, _, _ = run("train", corpus, "-o", output, "--runs", 2, *TRAIN, *options, "-q", "--save-vocab",
                     tmp_path / "v.txt")
    assert code == 0 and {path.stem for path in tmp_path.glob("*.txt")} == set(names)
    for path, name in zip((output, *sibling_runs(output)), names, strict=True):
        kv = w2v.load(path)
        assert (tmp_path / f"{name}.txt").read_text() == "".join(
            f"{word} {kv.get_vecattr(word, 'count')}\n" for word in kv.index_to_key)


@pytest.mark.slow
def test_report_of_runs(run: Any, corpus: Path, tmp_path: Path) -> None:
    code, out, err = run("train", corpus, "-o", tmp_path / "v.bin", "--runs", 3, *TRAIN)
    assert code == 0 and out == "" and "run 3 of 3, seed 3" in err and "v.run3.bin" in err
    assert "of the 10 nearest neighbours of a word are the same in another run" in " ".join(err.split())
    code, out, err = run("train", corpus, "-o", tmp_path / "v.bin", "--runs", 2, *TRAIN, "--json", "-q")
    report = json.loads(out)
    assert [one["seed"] for one in report["runs"]] == [1, 2] and all(one["output_replaced"] for one in report["runs"])
    assert [Path(one["output"]).name for one in report["runs"]] == ["v.bin", "v.run2.bin"]
    assert report["loss"] == report["runs"][0]["loss"] != report["runs"][1]["loss"]
    expected = w2v.stability([w2v.load(tmp_path / name) for name in ("v.bin", "v.run2.bin")])
    assert report["stability"]["overlap"]["value"] == expected.overlap.value
    assert "v.run3.bin: not of these runs" in err


def test_a_single_run_reports_as_before(run: Any, corpus: Path, tmp_path: Path) -> None:
    code, out, _ = run("train", corpus, "-o", tmp_path / "v.bin", *TRAIN, "--json", "-q")
    assert code == 0 and not {"runs", "stability", "seed"} & set(json.loads(out))


def test_all_outputs_are_checked_before_the_work(run: Any, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "v.run2.bin").mkdir()
    code, _, err = run("train", corpus, "-o", tmp_path / "v.bin", "--runs", 2, *TRAIN, "-q")
    assert code == 1 and "v.run2.bin" in err and not (tmp_path / "v.bin").exists()
    own = tmp_path / "text.run2.txt"
    own.write_text(corpus.read_text())
    code, _, err = run("train", own, "-o", tmp_path / "text.txt", "--runs", 2, *TRAIN, "-q")
    assert code == 2 and "text.run2.txt" in err and own.read_text() == corpus.read_text()


def test_log_and_evaluation_of_each_run(run: Any, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("".join(
        f"class{i}word{i % 3}\tclass{j}word1\t{5 * (i == j)}\n" for i in range(6) for j in range(6)))
    code, out, _ = run("train", corpus, "-o", tmp_path / "v.safetensors", "--runs", 2, *TRAIN, "--json", "-q",
                       "--evaluate", tmp_path / "pairs.tsv", "--log-json", tmp_path / "log")
    events = [json.loads(line)["event"] for line in (tmp_path / "log").read_text().splitlines()]
    assert code == 0 and [event for event in events if event in ("start", "end")] == ["start", "end"] * 2
    runs = json.loads(out)["runs"]
    assert all(one["evaluations"] for one in runs)
    assert runs[0]["evaluations"][-1] != runs[1]["evaluations"][-1]


@pytest.mark.parametrize(("options", "problem"), [
    (("--checkpoint", "k"), "--checkpoint cannot be used with --runs 2"), (("--runs", "0"), "out of range: 1 to 1000")])
def test_wrong_usage_of_train_runs(
    run: Any, corpus: Path, tmp_path: Path, options: tuple[str, ...], problem: str
) -> None:
    code, _, err = run("train", corpus, "-o", tmp_path / "v.bin", "--runs", 2, *options)
    assert code == 2 and problem in err
