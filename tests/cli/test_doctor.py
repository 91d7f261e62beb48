import json

import pytest
from helpers.spaces import gaussian, space

from w2v.cli import main


@pytest.fixture
def trained(tmp_path):
    """Vectors that are not random: those of 8 classes."""
    vectors = gaussian(240, 16) / 2 + gaussian(8, 16, 3).repeat(30, axis=0)
    space(vectors).save(tmp_path / "v.safetensors")
    return str(tmp_path / "v.safetensors")


@pytest.fixture
def random(tmp_path):
    space(gaussian(240, 16)).save(tmp_path / "r.bin")
    return str(tmp_path / "r.bin")


def test_report_has_every_check_in_lines_of_80_columns(trained, capsys):
    assert main(["doctor", trained]) == 0
    out = capsys.readouterr().out
    assert "common direction:" in out and "hubs:" in out and out.rstrip().splitlines()[-1].startswith("summary")
    assert max(map(len, out.splitlines()[1:])) <= 80  # the first has the path


def test_details_add_tables(trained, capsys):
    assert main(["doctor", trained]) == 0
    short = capsys.readouterr().out
    assert main(["doctor", trained, "--details"]) == 0
    assert "by chance" in short and "median length" in capsys.readouterr().out.replace(short, "")


@pytest.mark.parametrize("options, code", [([], 1), (["--random"], 0)])
def test_random_vectors_fail_unless_they_are_meant_to_be(random, options, code, capsys):
    assert main(["doctor", random, *options]) == code
    assert "random" in capsys.readouterr().out


def test_trained_vectors_fail_if_they_are_meant_to_be_random(trained):
    assert main(["doctor", trained, "--random"]) == 1


def test_json_is_one_object_with_findings(trained, capsys):
    assert main(["doctor", trained, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kind"] == "vectors" and found["passed"] is True and found["facts"]["words"] == 240
    by_name = {one["check"]: one for one in found["findings"]}
    bins = by_name["random pairs"]["data"]
    assert len(bins["edges"]) == len(bins["counts"]) + 1 and sum(bins["counts"]) == bins["pairs"]
    assert sum(bins["expected"]) == pytest.approx(bins["pairs"], rel=1e-6)


def test_several_files_give_one_object_and_the_worst_code(trained, random, capsys):
    assert main(["doctor", trained, random, "--json"]) == 1
    assert [one["passed"] for one in json.loads(capsys.readouterr().out)["diagnoses"]] == [True, False]


def test_all_and_sample(trained, capsys):
    assert main(["doctor", trained, "--sample", "60", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["facts"]["sample"] == 60
    assert main(["doctor", trained, "--all", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["facts"]["nearest"] == 240
    assert main(["doctor", trained, "--all", "--sample", "60"]) == 2


def test_vectors_beside_a_corpus_are_wrong_usage(trained, tmp_path, capsys):
    (tmp_path / "c.txt").write_text("a text of words\n")
    assert main(["doctor", trained, str(tmp_path / "c.txt")]) == 2
    assert "one kind at a time" in capsys.readouterr().err


def test_kind_can_be_forced(tmp_path, capsys):
    (tmp_path / "ids.txt").write_text("".join(f"{i} {i % 7} {i % 5}\n" for i in range(60)))
    assert main(["doctor", str(tmp_path / "ids.txt"), "--vectors", "--json"]) in (0, 1)
    assert json.loads(capsys.readouterr().out)["facts"]["words"] == 60


def test_missing_file_of_vectors_is_one_clear_error(capsys):
    assert main(["doctor", "missing.bin", "--vectors"]) == 1
    assert "missing.bin" in capsys.readouterr().err


def test_seed_out_of_range_is_wrong_usage(trained):
    assert main(["doctor", trained, "--seed", "-1"]) == 2


@pytest.mark.parametrize("word", ["check", "diagnose", "health"])
def test_other_names_lead_to_it(word, capsys):
    assert main([word, "x"]) == 2
    assert "doctor" in capsys.readouterr().err


RAW = "".join(f"The wave, the ship and the sea. It was number {i}; a ship of the line.\n" for i in range(300))


@pytest.fixture
def text(tmp_path):
    (tmp_path / "raw.txt").write_text(RAW)
    return str(tmp_path / "raw.txt")


def test_corpus_is_recognised_and_checked(text, capsys):
    assert main(["doctor", text, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kind"] == "corpus" and found["severity"] == "warning" and found["facts"]["read"] == "all of it"
    severities = {one["check"]: one["severity"] for one in found["findings"]}
    assert severities["punctuation"] == "warning" and severities["encoding"] == "ok"


def test_options_of_reading_apply_to_a_corpus(text, capsys):
    assert main(["doctor", text, "--tokenize", "words", "--lowercase", "--json"]) == 0
    severities = {one["check"]: one["severity"] for one in json.loads(capsys.readouterr().out)["findings"]}
    assert severities["punctuation"] == severities["letter case"] == "ok"


def test_tables_are_checked_by_column(tmp_path, capsys):
    pytest.importorskip("pyarrow")
    rows = "".join(f'{i},"{line}"\n' for i, line in enumerate(["the wave and the ship of stone"] * 50))
    (tmp_path / "t.csv").write_text("id,text\n" + rows)
    assert main(["doctor", str(tmp_path / "t.csv"), "--column", "text", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    severities = {one["check"]: one["severity"] for one in found["findings"]}
    assert found["facts"]["words"] == f"{7 * 50}", "the words of the column, not of the id"
    assert severities["layout"] == severities["numbers"] == "ok" and severities["repeated lines"] == "warning"


def test_report_of_a_corpus_fits_80_columns(text, capsys):
    assert main(["doctor", text]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines()[1:])) <= 80


@pytest.mark.parametrize(("options", "code", "message"), [
    (["--sample-bytes", "0"], 2, "1 or more"), (["--column", "text", "--order-by", "x"], 2, "it needs group_by"),
    (["--max-words", "0"], 2, "--max-words 0 is out of range")])
def test_wrong_options_of_a_corpus_are_wrong_usage(text, options, code, message, capsys):
    assert main(["doctor", text, *options]) == code
    assert message in capsys.readouterr().err


def test_options_of_a_corpus_do_not_fit_vectors(trained, capsys):
    assert main(["doctor", trained, "--lowercase"]) == 2
    assert "--lowercase is an option of a corpus" in capsys.readouterr().err


def test_missing_corpus_is_one_clear_error(capsys):
    assert main(["doctor", "missing.txt"]) == 1
    assert "missing.txt" in capsys.readouterr().err
