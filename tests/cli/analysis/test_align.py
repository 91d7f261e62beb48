"""`w2v align`: output, tables, JSON, translations, dictionaries, errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.rotated_spaces import clustered, random_rotation, vectors

import w2v
from w2v.keyedvectors import KeyedVectors

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A rotated copy of a space, and the space."""
    rows = clustered(300, 8, 1)
    vectors(rows @ random_rotation(8, 2)).save(tmp_path / "a.safetensors")
    vectors(rows).save(tmp_path / "b.safetensors")
    return tmp_path / "a.safetensors", tmp_path / "b.safetensors"


@pytest.fixture
def spanish(tmp_path: Path) -> Path:
    """The space of `files` with other words."""
    vectors(clustered(300, 8, 1), prefix="es_").save(tmp_path / "es.txt")
    return tmp_path / "es.txt"


@pytest.mark.parametrize("suffix", [".safetensors", ".bin", ".txt.gz"])
def test_output_is_a_in_the_space_of_b(run: Run, files: tuple[Path, Path], tmp_path: Path, suffix: str) -> None:
    code, out, err = run("align", *files, "-o", tmp_path / f"out{suffix}")
    assert code == 0 and f"300 words x 8 to {tmp_path}/out{suffix}" in err
    assert np.allclose(w2v.load(tmp_path / f"out{suffix}").vectors, w2v.load(files[1]).vectors, atol=1e-3)
    for part in ("shared words", "held-out words", "60", "precision@5, CSLS", "95 % interval", "by chance"):
        assert part in out, part
    assert max(map(len, out.splitlines())) <= 80


def test_info_shows_the_change(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    assert run("align", *files, "-o", tmp_path / "out.safetensors", "--anchors", "100")[0] == 0
    out = run("info", tmp_path / "out.safetensors")[1]
    assert '"change": "align"' in " ".join(out.split()) and str(tmp_path / "b") not in out.replace("\n", "")


def test_json_is_one_object(run: Run, files: tuple[Path, Path]) -> None:
    code, out, err = run("align", *files, "--json", "--refine", "2", "--translate", "w1", "w2", "--seed", "3")
    found = json.loads(out)
    assert code == 0 and err == "" and found["after"]["value"] == pytest.approx(1, abs=1e-5)
    assert found["seed"] == 3 and found["options"]["refine"] == 2 and found["refinements"]
    assert [near[0]["word"] for near in found["translations"].values()] == ["w1", "w2"]


def test_words_are_translated_with_a_dictionary(run: Run, files: tuple[Path, Path], spanish: Path,
                                                tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("".join(f"w{i} es_{i}\n" for i in range(150)) + "w1 es_1\nw2 nada\nnothing es_3\n")
    (tmp_path / "t.txt").write_text("".join(f"w{i}\tes_{i}\n" for i in range(150, 200)))
    code, out, err = run("align", files[0], spanish, "--dictionary", tmp_path / "d.txt", "--test", tmp_path / "t.txt",
                         "--translate", "w250")
    assert code == 0 and out.split("\nw250\n")[1].split()[1] == "es_250"
    assert "of 153: 1 duplicate, 1 unknown in A, 1 unknown in B" in " ".join(out.split())


def test_broken_line_of_a_dictionary_is_one_error(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("w1 w1\nw2\n")
    code, out, err = run("align", *files, "--dictionary", tmp_path / "d.txt", "-o", tmp_path / "out.bin")
    assert code == 1 and out == "" and "d.txt, line 2: expected a word of A and a word of B" in err
    assert err.count("\n") == 1 and not (tmp_path / "out.bin").exists()


def test_no_common_words_show_words_of_both(run: Run, files: tuple[Path, Path], spanish: Path) -> None:
    code, _, err = run("align", files[0], spanish)
    assert code == 1 and err.count("\n") == 1
    assert all(part in err for part in ("share 0 words", "w0, w1", "es_0, es_1"))


def test_other_dimension_needs_a_dictionary(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    vectors(clustered(300, 5, 1)).save(tmp_path / "small.bin")
    code, _, err = run("align", files[0], tmp_path / "small.bin")
    assert code == 2 and "dimension 8 and 5" in err and "--dictionary" in err
    (tmp_path / "d.txt").write_text("".join(f"w{i} w{i}\n" for i in range(300)))
    code, out, _ = run("align", files[0], tmp_path / "small.bin", "--dictionary", tmp_path / "d.txt", "-o",
                       tmp_path / "out.bin")
    assert code == 0 and w2v.load(tmp_path / "out.bin").vector_size == 5 and "keeps 5 of 8 dimensions" in out


def test_unrelated_spaces_are_one_line_on_stderr(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    vectors(clustered(300, 8, 9)).save(tmp_path / "other.bin")
    code, out, err = run("align", files[0], tmp_path / "other.bin", "--json")
    assert code == 0 and json.loads(out)["related"] is False
    assert err.startswith("w2v: warning: these spaces seem unrelated") and err.count("\n") == 1


def test_limit_reads_the_first_words(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    assert run("align", *files, "--limit", "100", "-o", tmp_path / "out.bin")[0] == 0
    assert len(w2v.load(tmp_path / "out.bin")) == 100


def test_broken_vectors_are_counted(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    lines = "".join(f"w{i} {' '.join(map(str, row))}\n" for i, row in enumerate(clustered(300, 8, 1)))
    (tmp_path / "broken.txt").write_text("300 8\n" + lines.replace(lines.split("\n")[5], "w5" + " nan" * 8))
    code, out, err = run("align", files[0], tmp_path / "broken.txt")
    assert code == 0 and "1 of 300 words have NaN" in err and "of 300: 1 with broken vectors" in out


def test_control_characters_of_words_are_printed_as_escapes(run: Run, tmp_path: Path) -> None:
    names = ["\x1b[2J", *(f"w{i}" for i in range(99))]
    KeyedVectors(names, clustered(100, 4, 1)).save(tmp_path / "a.safetensors")
    code, out, _ = run("align", tmp_path / "a.safetensors", tmp_path / "a.safetensors", "--translate", names[0])
    assert code == 0 and "\x1b" not in out and out.count("\\x1b[2J") == 2


@pytest.mark.parametrize(("options", "code", "message"), [
    (["--translate", "nothing"], 1, "nothing"), (["--anchors", "0"], 2, "1 or more"),
    (["--refine", "-2"], 2, "--refine -2"),
    (["-o", "missing/x.bin"], 1, "missing"), (["--test", "missing.txt"], 1, "missing.txt"),
    (["--anchor", "5"], 2, "--anchors")])
def test_wrong_options_are_one_error(run: Run, files: tuple[Path, Path], options: list[str], code: int,
                                     message: str) -> None:
    found, out, err = run("align", *files, *options)
    assert found == code and out == "" and message in err and err.count("\n") == 1


@pytest.mark.parametrize("name", ["procrustes", "translate"])
def test_other_names_lead_to_the_command(run: Run, name: str) -> None:
    code, _, err = run(name)
    assert code == 2 and "did you mean align?" in err
