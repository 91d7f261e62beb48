"""What a terminal gets: no control characters of others, and lines of 80 columns."""

import json
import re

import numpy as np
import pytest

import w2v
from w2v import cli
from w2v.system.fact_table import fit
from w2v.system.text_table import WIDTH
from w2v.training.report_facts import report_table

TITLE, CLEAR, C1, REORDER = "\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "\u202eb\u2066"
BAD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture
def hostile(tmp_path):
    """Vectors whose words and metadata have control characters, in a file with such a name."""
    path = tmp_path / f"v{CLEAR}.safetensors"
    kv = w2v.KeyedVectors([f"a{TITLE}", f"b{CLEAR}", f"c{C1}", f"d{REORDER}", "e\nw2v: fake line", "f\udcff"],
                          np.eye(6, 4) + 1)
    kv.metadata = {f"key{CLEAR}": f"value{TITLE}", "nested": json.dumps({f"k{C1}": [f"x{CLEAR}", {"y": REORDER}]})}
    kv.save(path)
    return path


def test_words_files_and_metadata_are_printed_without_control_characters(run, hostile, tmp_path):
    outputs = []
    for arguments in (["neighbors", hostile, f"a{TITLE}", f"c{C1}"], ["info", hostile], ["neighbors", hostile, CLEAR],
                      ["analogy", hostile, f"a{TITLE}", f"b{CLEAR}", f"c{C1}"], [f"foo{CLEAR}"],
                      ["train", hostile, "-o", tmp_path / f"x{TITLE}.bin"], ["info", f"none{TITLE}"],
                      ["convert", hostile, tmp_path / f"y{C1}.safetensors"], ["info", "x", f"y{CLEAR}"]):
        _, out, err = run(*arguments)
        outputs.append(out + err)
        assert not BAD.search(out + err), arguments
    assert "\\x1b]0;owned\\x07" in outputs[0] and "e\\x0aw2v: fake line" in outputs[0] and "\\x9b31m" in outputs[0]
    assert "value\\x1b]0;owned" in outputs[1] and "x\\u001b[2J" in outputs[1]


def test_json_has_no_control_characters_and_the_same_words(run, hostile):
    code, out, _ = run("neighbors", hostile, f"a{TITLE}", "--json")
    assert code == 0 and not BAD.search(out) and out.count("\n") == 1
    words = [answer["word"] for answer in json.loads(out)["neighbors"][f"a{TITLE}"]]
    assert {f"b{CLEAR}", f"c{C1}", f"d{REORDER}", "e\nw2v: fake line"} <= set(words)


def test_report_of_training_has_no_control_characters(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = f"c{CLEAR}.txt"
    for text in (name, f"held{C1}.txt"):
        (tmp_path / text).write_text(f"a{TITLE} b{C1} c d\n" * 50)
    code, _, err = run("train", name, "-o", f"o{TITLE}.bin", "--probe", f"a{TITLE}", "--log-json", "log",
                       "--held-out", f"held{C1}.txt", "--epochs", 2)
    assert code == 0 and not BAD.search(err) and "written to" in err
    assert run("train", name, "-o", "second.bin", "--init", f"o{TITLE}.bin", "-q")[0] == 0
    code, out, _ = run("plan", name)
    assert code == 0 and not BAD.search(out)


# ------------------------------------------------------------------------------------------------- 80 columns


def test_long_lines_are_folded_below_their_last_column():
    note = "estimated: 5 epochs at 1,234,567 words/s, as measured now; 2 threads, avx512"
    [first, second] = fit(f"time, training            10.5 min   {note}").split("\n")
    assert len(first) <= WIDTH and first.index("estimated") == len(second) - len(second.lstrip())
    assert " ".join([first, second]).split() == f"time, training 10.5 min {note}".split()


def test_words_longer_than_a_line_stay_whole():
    path = "/folder" * 20
    assert fit(f"written to    {path}") == f"written to    {path}"
    assert fit("short\n\nlines") == "short\n\nlines"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A report with large numbers in every place."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "c.txt").write_text("a b c d e f\n" * 100)
    assert cli.main(["train", str(folder / "c.txt"), "-o", str(folder / "v.bin"), "-q", "--epochs", "1"]) == 0
    found = w2v.train(str(folder / "c.txt"), epochs=1, init=str(folder / "v.bin"), progress=False).report.to_dict()
    return {**found, "words_read": 10**12, "words_held_out": 10**9, "words_per_second": 123_456_789.0, "threads": 128,
            "seconds_training": 123456.7, "loss_held_out": 2.5, "checkpoints": 1000, "rollbacks": 3, "output": "v.bin",
            "held_out": {"file": "/folder/of/held/out/text.txt", "words": 10**9, "lines": 10**8, "words_unknown": 9**6},
            "stopped_early": "the loss did not fall for three epochs, and somebody asked for an early end of the run",
            "corpus": {**found["corpus"], "crlf_lines": 10**9, "hidden_files_skipped": 10**6, "utf8_boms": 10**6}}


def test_report_of_training_fits_80_columns(report):
    lines = report_table(report).render().splitlines()
    assert max(len(line) for line in lines if "/" not in line) <= 80, "only a path may be longer"
    assert any(line.startswith("speed ") and "128 threads" in line for line in lines)


def test_info_fits_80_columns_and_shows_nested_values(run, tmp_path):
    w2v.train([["a", "b", "c"]] * 50, min_count=1, progress=False).save(tmp_path / "v.safetensors")
    code, out, _ = run("info", tmp_path / "v.safetensors")
    assert code == 0 and re.search("^    shrink_windows +True$", out, re.MULTILINE)
    assert not [line for line in out.splitlines() if len(line) > 80 and "sha256" not in line and "/" not in line]
    facts = json.loads(run("info", tmp_path / "v.safetensors", "--json")[1])
    assert facts["metadata"]["training"]["shrink_windows"] is True


def test_plan_fits_80_columns(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.txt").write_text("a b c d e f\n" * 1000)
    code, out, _ = run("plan", "c.txt", "--vector-size", 300, "-o", "v.bin")
    assert code == 0 and max(map(len, out.splitlines())) <= 80
