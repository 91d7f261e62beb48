"""Scripts in bench/: they import, agree with the package, and the documents show what is in bench/results."""

import argparse
import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from w2v.corpus.encode import encode
from w2v.training.loop import _isa, _slots

BENCH = Path(__file__).parent.parent / "bench"
SCRIPTS = sorted(path.stem for path in BENCH.glob("*.py"))


@pytest.fixture(autouse=True)
def bench_on_the_path(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    yield
    for name in SCRIPTS:  # common names that other modules may have
        sys.modules.pop(name, None)


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_imports_and_is_documented(name):
    assert importlib.import_module(name).__doc__
    assert f"{name}.py`" in (BENCH / "README.md").read_text()


def test_kernels_measures_every_slot():
    kernels = importlib.import_module("kernels")
    for isa in _isa.available_isas():
        for slot in kernels.SLOTS:
            assert kernels.seconds_a_call(_slots.Kernels(isa), slot, 100, 6, 5, 2) > 0
    assert kernels.outputs_of("two", 5) == 8 and kernels.outputs_of("window", 5) == 6


def test_multiply_adds_depend_on_the_number_of_centres(tmp_path):
    path = tmp_path / "text"
    lines = np.random.default_rng(1).integers(0, 50, (300, 20))
    path.write_text("\n".join(" ".join(f"w{i}" for i in line) for line in lines))
    corpus = encode([path], threads=1, min_count=1)
    train = importlib.import_module("train")
    one, two = (train.multiply_adds(corpus, {"vector_size": 100, "shared_windows": k}, 16) for k in (1, 2))
    assert 0.6 * one < two < one


def test_documents_show_the_results():
    for path, text in importlib.import_module("report").documents().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date: run bench/report.py"


def test_results_that_vary_too_much_are_not_printed():
    report, tables, common = map(importlib.import_module, ("report", "tables", "common"))
    calm, wild = common.summary([10.0, 11.0, 12.0]), common.summary([10.0, 11.0, 16.0])
    assert report.cell("11", calm) == "11" and report.cell("11", calm, wild) == tables.MEASURE_AGAIN
    assert report.unsteady({"a": calm, "b": {"c": wild}}, "file") == ["file / b / c: spread 55 %"]


def test_two_trees_are_compared_by_the_ratio_of_each_turn():
    train = importlib.import_module("train")
    assert train.quartiles([1.0, 2.0, 3.0, 4.0, 5.0]) == [2.0, 3.0, 4.0] and train.quartiles([2.0]) == [2.0] * 3
    assert {name.split(",")[0] for name in train.TREE_CASES} == {"skip-gram", "CBOW"} and len(train.TREE_CASES) == 4


@pytest.mark.slow
def test_two_trees_train_through_the_command_line(tmp_path):
    """One arm of the comparison, with the Python of the tests."""
    train = importlib.import_module("train")
    (tmp_path / "text").write_text("a b c d e f g h\n" * 200)
    for switches in train.TREE_CASES.values():
        report = train.train_once(Path(sys.executable), tmp_path / "text", switches, tmp_path)
        assert report["words_read"] == 1600 and report["seconds_training"] > 0 and report["isa"]


def test_program_of_another_python_prints_json(tmp_path):
    common = importlib.import_module("common")
    code = "import json, sys; print('first'); print(json.dumps(sys.argv[1:]))"
    assert common.printed_json([sys.executable, "-c", code, 1, Path("a")]) == ["1", "a"]
    with pytest.raises(SystemExit, match="failed: ZeroDivisionError"):
        common.printed_json([sys.executable, "-c", "1 / 0"])


@pytest.mark.parametrize("path", sorted((BENCH / "results").glob("*.json")), ids=lambda path: path.stem)
def test_results_name_their_machine(path):
    machine = json.loads(path.read_text())["machine"]
    assert {"cpu", "cores", "compiler", "isa", "w2v", "date"} <= set(machine)


GLOVE = {
    "vocab_count": "wc -w",
    "cooccur": 'cat > overflow_0000.bin; sleep 0.1; rm overflow_0000.bin; echo "$@"',
    "shuffle": "cat",
    "glove": 'echo the 1.5 2.5 > vectors.txt; cp shuffled.bin "$KEPT"; echo "$@" >> "$KEPT"',
}


def glove_programs(folder, monkeypatch, **changed):
    """Stand-ins for GloVe's programs; that for glove keeps the switches of two programs in `folder/kept`."""
    monkeypatch.setenv("KEPT", str(folder / "kept"))
    for name, code in {**GLOVE, **changed}.items():
        (folder / name).write_text(f"#!/bin/sh\n{code}\n")
        (folder / name).chmod(0o755)
    return importlib.import_module("glove").programs(str(folder))


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")
class TestGlove:
    def test_chain_gives_vectors_time_of_each_program_and_disk_space(self, tmp_path, monkeypatch):
        folder = glove_programs(tmp_path, monkeypatch)
        (tmp_path / "text").write_text("a b c\n" * 20_000)
        peer = importlib.import_module("glove").Glove(folder, 15)
        whole = peer.run(tmp_path / "text", tmp_path / "vectors", 300, 5, threads=2, seed=7)["whole"]
        assert (tmp_path / "vectors").read_text() == "the 1.5 2.5\n"
        assert list(peer.parts) == ["vocab_count", "cooccur", "shuffle", "glove"]
        assert 0.1 < sum(peer.parts.values()) <= whole and peer.parts["cooccur"] > 0.1
        assert 120_000 <= peer.disk_bytes < 130_000  # the temporary file of cooccur, and small ones
        cooccur, glove = (line.split() for line in (tmp_path / "kept").read_text().splitlines())
        assert dict(zip(cooccur[::2], cooccur[1::2], strict=True))["-window-size"] == "5"
        switches = dict(zip(glove[::2], glove[1::2], strict=True))
        assert switches["-vector-size"] == "300" and switches["-threads"] == "2" and switches["-seed"] == "7"
        assert switches["-iter"] == "15" and switches["-model"] == "2" and switches["-x-max"] == "10"

    @pytest.mark.parametrize(("name", "code", "reason"), [
        ("cooccur", "echo 'Out of memory' >&2; exit 3", "cooccur failed: Out of memory"),
        ("shuffle", "exit 4", "shuffle failed: exit code 4"),
        ("vocab_count", "true", "vocab_count failed: exit code 0"),
        ("glove", "true", "glove failed: exit code 0"),
    ])
    def test_failure_names_the_program_and_its_reason(self, tmp_path, monkeypatch, name, code, reason):
        folder = glove_programs(tmp_path, monkeypatch, **{name: code})
        (tmp_path / "text").write_text("a b c\n")
        with pytest.raises(SystemExit, match=f"GloVe, 25 iterations: {reason}"):
            importlib.import_module("glove").Glove(folder, 25).run(tmp_path / "text", tmp_path / "vectors", 2, 5, 1)

    def test_folder_without_the_programs_is_refused(self, tmp_path, monkeypatch):
        glove_programs(tmp_path, monkeypatch)
        (tmp_path / "shuffle").unlink()
        with pytest.raises(argparse.ArgumentTypeError, match="has no program shuffle"):
            importlib.import_module("glove").programs(str(tmp_path))

    def test_without_seeds_there_is_nothing_to_compare(self, tmp_path, monkeypatch, capsys):
        folder = glove_programs(tmp_path, monkeypatch)
        monkeypatch.setattr(sys, "argv", ["compare.py", "--glove", str(folder)])
        with pytest.raises(SystemExit):
            importlib.import_module("compare").main()
        assert "give --seeds N" in capsys.readouterr().err

    def test_report_shows_programs_and_disk_space(self):
        report, common = map(importlib.import_module, ("report", "common"))
        chain = {"whole_command_seconds": [10.0, 12.0], "scores": [[1.0, 2.0, 3.0, 4.0]] * 2, "disk_bytes": [1e9, 2e9],
                 "parts_seconds": [{"cooccur": 3.0, "glove": 7.0}, {"cooccur": 4.0, "glove": 8.0}]}
        ours = {"words_per_second": common.summary([1e6, 1e6]), **{key: chain[key] for key in list(chain)[:2]}}
        result = {"vector_size": 100, "threads": 1, "repeats": 2, "trainers": {"w2v": ours, "GloVe": chain}}
        assert "* GloVe, seconds: cooccur 4, glove 8; its files take up to 2.0 GB." in report.quality(result)
        assert not any("GloVe" in line for line in report.comparison(result))
        assert report.chains({"trainers": {"w2v": ours}}) == []


MEASURED = {"vocabulary": 74_000, "vector_size": 100, "shards": 8, "epochs": 1, "words": 9e6, "workers": 3,
            "not_training": {"median": 0.5, "spread": 0.1, "values": [0.5]},
            "runs": [{"rounds": 10, "seconds_a_call": 0.001, "bytes_received": 5e8, "not_training": 0.5, "seconds": {
                "training": 9.0, "packing": 4.0, "merging": 12.0, "sending": 2.0, "process of the run": 1.0}}]}


def test_model_of_machines_follows_from_its_assumptions():
    machines = importlib.import_module("machines")
    a = machines.assumptions(MEASURED)
    assert a.seconds_a_float == pytest.approx(16 / 10 / (2 * 74_000 * 8 * 100)) and a.seconds_a_call == 0.001
    eight, more = (machines.seconds_of(a, 1e10, n) for n in (8, 64))
    assert eight["training"] == pytest.approx(1e10 * 5 / 8 / 1e7) and more["training"] == eight["training"] / 8
    # 2.4 GB in each of 40 rounds and both directions at 1 GB/s, without what stays on a machine
    assert eight["snapshots"] == pytest.approx(40 * 2.4 * 7 / 8) and eight["changes"] == eight["snapshots"] / 2
    assert eight["calls"] == pytest.approx(40 * 8 * (64 + 2) * 0.001)
    assert eight["merging"] == pytest.approx(40 * 6e8 * a.seconds_a_float / 8)  # 64 parts: 8 for each machine
    small, large = (machines.seconds_of(a, words, 8) for words in (1e9, 1e11))
    assert sum(small.values()) > 1e9 * 5 / 1e7 / 2 and sum(large.values()) < 1e11 * 5 / 1e7 / 6


def test_tables_of_machines_show_all_cases():
    machines, report = importlib.import_module("machines"), importlib.import_module("report")
    lines = report.many_machines(machines.model(MEASURED))
    assert sum(line.startswith("| 10^") for line in lines) == len(machines.WORDS) * len(machines.MACHINES)
    assert any("training | 9.0 | 32 %" in line for line in report.cluster({**MEASURED, "repeats": 1}))
