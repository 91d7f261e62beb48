"""`w2v map`: files, JSON, unknown words, missing glyphs, wrong use."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.two_spaces import PLANTED, planted

import w2v

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    drawn = np.random.default_rng(0).standard_normal((40, 6)).astype(np.float32)
    drawn[7] = np.nan
    words = [*(f"w{i}" for i in range(39)), "\U0010fffd"]
    path = tmp_path / "v.txt"
    path.write_text("40 6\n" + "".join(f"{word} {' '.join(map(str, row))}\n"
                                       for word, row in zip(words, drawn.tolist(), strict=True)), encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix, start", [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_picture_is_written_in_the_format_of_its_suffix(run: Run, vectors: Path, tmp_path: Path, suffix: str,
                                                        start: bytes) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / f"map.{suffix}"
    code, out, err = run("map", vectors, "-o", path, "--top", 20, "--clusters", 3)
    assert code == 0 and path.read_bytes().startswith(start)
    assert f"map of 19 words to {path}\n" in err and "1 of 40 words have NaN" in err
    assert "principal components" in out and "cluster 2" in out and "left out" in out


def test_json_has_the_values_of_python(run: Run, vectors: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    code, out, _ = run("map", vectors, "-o", tmp_path / "m.svg", "--near", "w3", "--neighbors", 8, "--json")
    assert code == 0 and json.loads(out) == w2v.map(w2v.load(vectors), near="w3", neighbors=8).to_dict()


def test_unknown_words_of_a_file_are_counted_and_named(run: Run, vectors: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    words = tmp_path / "words.txt"
    words.write_text("w1\nw2\nnothing\nw30\nnever\n")
    code, out, err = run("map", vectors, "-o", tmp_path / "m.png", "--words", words)
    assert code == 0 and "2 of 5 words have no vector: nothing, never\n" in err and "map of 3 words" in err
    words.write_text("nothing\n")
    code, _, err = run("map", vectors, "-o", tmp_path / "n.png", "--words", words)
    assert code == 1 and "none of its 1 words has a vector" in err and not (tmp_path / "n.png").exists()


def test_characters_without_a_font_are_named(run: Run, vectors: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    code, _, err = run("map", vectors, "-o", tmp_path / "m.png")
    assert code == 0 and "no font on this machine has 1 of the characters (\U0010fffd)" in err


@pytest.mark.slow
def test_missing_glyphs_give_one_line(vectors: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    done = subprocess.run([sys.executable, "-m", "w2v", "map", vectors, "-o", tmp_path / "m.png"], capture_output=True,
                          text=True, check=True, cwd=tmp_path)
    assert "Warning" not in done.stderr and len(done.stderr.splitlines()) <= 3


def test_page_needs_no_matplotlib_and_has_its_own_defaults(run: Run, vectors: Path, tmp_path: Path,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("matplotlib", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    path = tmp_path / "m.html"
    code, out, err = run("map", vectors, "-o", path)
    assert code == 0 and f"map of 39 words to {path}\n" in err and "cluster 2" in out
    content = path.read_text(encoding="utf-8")
    assert content.startswith("<!DOCTYPE html>") and '"w38"' in content
    assert run("map", vectors, "-o", path, "--clusters", 2)[1].count("cluster ") == 2


def test_words_without_metadata_and_unknown_words_are_counted(run: Run, vectors: Path, tmp_path: Path) -> None:
    table, path = tmp_path / "m.tsv", tmp_path / "m.html"
    table.write_text("word\tkind\nw0\ta\nw1\tb\nnothing\ta\nw7\ta\n")
    code, out, err = run("map", vectors, "-o", path, "--metadata", table)
    assert code == 0 and '"labels":["a","b"]' in path.read_text(encoding="utf-8")
    assert f"{table}: 1 of 4 words have no vector\n" in err
    assert f"{table}: 37 of the 39 words of the map have no row\n" in err
    assert "columns: kind" in out and "unknown words" in out and "without metadata" in out


@pytest.mark.parametrize("name, text, code, message", [
    ("m.html", "word\tkind\nw0\ta\tb\n", 1, "m.tsv, line 2: 3 columns separated by tabs, but the first line has 2"),
    ("m.html", None, 1, "cannot read"), ("m.png", "word\tkind\n", 2, "--metadata is for pages"),
    ("m.tsv", "word\tkind\n", 2, "is also an input")])
def test_wrong_metadata_is_one_line(run: Run, vectors: Path, tmp_path: Path, name: str, text: str | None, code: int,
                                    message: str) -> None:
    table = tmp_path / "m.tsv"
    if text is not None:
        table.write_text(text)
    found, _, err = run("map", vectors, "-o", tmp_path / name, "--metadata", table)
    assert found == code and message in err.splitlines()[-1] and not (tmp_path / "m.html").exists()


@pytest.mark.parametrize("arguments, code, message", [
    (["--near", "nothing"], 1, "nothing"), (["--top", 2], 2, "--top 2 is out of range"),
    (["--top", 5, "--near", "w1"], 2, "not allowed with"), (["--neighbors", 5], 2, "needs near"),
    (["--clusters", 25], 2, "--clusters 25"), (["--method", "mds"], 2, "invalid choice"),
    (["--words", "missing.txt"], 1, "cannot read missing.txt")])
def test_wrong_use_is_one_line(run: Run, vectors: Path, tmp_path: Path, arguments: list[object], code: int,
                               message: str) -> None:
    pytest.importorskip("matplotlib")
    found, _, err = run("map", vectors, "-o", tmp_path / "m.png", *arguments)
    assert found == code and message in err.splitlines()[-1] and not (tmp_path / "m.png").exists()


@pytest.mark.parametrize("name, code, message", [
    ("m.gif", 2, "must be one of .html, .png, .svg, .pdf"), ("missing/m.png", 1, "missing"),
    ("v.txt", 2, "is also an input")])
def test_wrong_output_is_an_error_before_the_work(run: Run, vectors: Path, tmp_path: Path, name: str, code: int,
                                                  message: str) -> None:
    pytest.importorskip("matplotlib")
    before = vectors.read_bytes()
    found, _, err = run("map", vectors, "-o", tmp_path / name)
    assert found == code and message in err and len(err.splitlines()) == 1 and vectors.read_bytes() == before


def test_missing_package_is_named(run: Run, vectors: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setitem(sys.modules, "umap", None)
    code, _, err = run("map", vectors, "-o", tmp_path / "m.png", "--method", "umap")
    assert code == 1 and err == "w2v: UMAP needs umap-learn: pip install 'w2v[umap]'\n"


def test_output_is_required(run: Run, vectors: Path) -> None:
    code, _, err = run("map", vectors)
    assert code == 2 and "-o" in err


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    a, b, _ = planted()
    paths = tmp_path / "old.txt", tmp_path / "new.txt"
    for kv, path in zip((a, b), paths, strict=True):
        kv.save(path)
    return paths


@pytest.mark.parametrize("suffix, start", [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_ways_of_two_spaces_are_drawn(run: Run, two: tuple[Path, Path], tmp_path: Path, suffix: str, start: bytes,
                                      ) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / f"moved.{suffix}"
    code, out, err = run("map", *two, "-o", path, "--top", len(PLANTED))
    assert code == 0 and path.read_bytes().startswith(start)
    assert err == f"map of the ways of {len(PLANTED)} words to {path}\n"
    assert all(f"\n{word} " in out for word in PLANTED) and "near it in old" in out and "320   of 400 shared" in out


@pytest.mark.parametrize("arguments, options", [
    ([], {}), (["--near", "w57", "--neighbors", 5], {"near": "w57", "neighbors": 5}),
    (["--top", 3, "--by", "cosine", "--shared", 20, "--seed", 4], {"top": 3, "by": "cosine", "shared": 20, "seed": 4}),
    (["--no-align"], {"align": False})])
def test_json_of_two_spaces_has_the_values_of_python(run: Run, two: tuple[Path, Path], tmp_path: Path,
                                                     arguments: list[object], options: dict[str, Any]) -> None:
    pytest.importorskip("matplotlib")
    code, out, _ = run("map", *two, "-o", tmp_path / "m.svg", *arguments, "--json")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        assert code == 0 and json.loads(out) == w2v.map(*map(w2v.load, two), **options).to_dict()


@pytest.mark.parametrize("files", [1, 2])
def test_plot_draws_the_json_of_a_map(run: Run, two: tuple[Path, Path], tmp_path: Path, files: int) -> None:
    pytest.importorskip("matplotlib")
    _, out, _ = run("map", *two[:files], "-o", tmp_path / "m.svg", "--top", 4, "--json")
    (tmp_path / "m.json").write_text(out)
    code, _, err = run("plot", tmp_path / "m.json", "-o", tmp_path / "again.svg")
    assert code == 0, err
    assert (tmp_path / "again.svg").read_bytes() == (tmp_path / "m.svg").read_bytes()


def test_words_without_a_vector_in_one_of_two_files_are_counted(run: Run, two: tuple[Path, Path], tmp_path: Path,
                                                                ) -> None:
    pytest.importorskip("matplotlib")
    b = w2v.load(two[1])
    w2v.KeyedVectors(b.index_to_key[:399], b.vectors[:399]).save(two[1])
    words = tmp_path / "words.txt"
    words.write_text("w57\nw399\nnothing\nw3\n")
    code, out, err = run("map", *two, "-o", tmp_path / "m.png", "--words", words)
    assert code == 0 and "2 of 4 words have no vector in both files: w399, nothing\n" in err
    assert "map of the ways of 2 words" in err and "chosen" in out


def test_unrelated_files_give_a_warning(run: Run, two: tuple[Path, Path], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    a = w2v.load(two[0])
    drawn = np.random.default_rng(5).standard_normal(a.vectors.shape).astype(np.float32)
    w2v.KeyedVectors(a.index_to_key, drawn).save(two[1])
    code, out, err = run("map", *two, "-o", tmp_path / "m.png", "--near", "w1")
    assert code == 0 and "warning: The spaces are UNRELATED" in err and "UNRELATED" in out


@pytest.mark.parametrize("arguments, code, message", [
    (["--clusters", 3], 2, "--clusters 3 is not for two spaces"), (["--near", "nothing"], 1, "nothing"),
    (["--neighbors", -1], 2, "--neighbors -1 is out of range"), (["--shared", -1], 2, "--shared -1 is out of range"),
    (["--by", "size"], 2, "invalid choice")])
def test_wrong_use_of_two_files_is_one_line(run: Run, two: tuple[Path, Path], tmp_path: Path, arguments: list[object],
                                            code: int, message: str) -> None:
    pytest.importorskip("matplotlib")
    found, _, err = run("map", *two, "-o", tmp_path / "m.png", *arguments)
    assert found == code and message in err.splitlines()[-1] and not (tmp_path / "m.png").exists()


@pytest.mark.parametrize("arguments", [["--shared", 3], ["--by", "both"], ["--no-align"]])
def test_options_of_two_files_need_the_second(run: Run, two: tuple[Path, Path], tmp_path: Path,
                                              arguments: list[object]) -> None:
    pytest.importorskip("matplotlib")
    code, _, err = run("map", two[0], "-o", tmp_path / "m.png", *arguments)
    assert code == 2 and "give a second file" in err


def test_second_file_that_is_the_first_or_the_output_is_an_error(run: Run, two: tuple[Path, Path], tmp_path: Path,
                                                                 ) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "link.txt").symlink_to(two[0])
    code, _, err = run("map", two[0], tmp_path / "link.txt", "-o", tmp_path / "m.png")
    assert code == 2 and "is given twice" in err
    code, _, err = run("map", *two, "-o", two[1])
    assert code == 2 and "is also an input" in err


def test_page_of_two_files_needs_no_matplotlib(run: Run, two: tuple[Path, Path], tmp_path: Path,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    table = tmp_path / "groups.tsv"
    table.write_text("word\tgroup\nw3\tx\nnever\ty\n")
    code, out, err = run("map", *two, "-o", tmp_path / "moved.html", "--top", 5, "--metadata", table, "--json")
    found = w2v.map(*map(w2v.load, two), top=5, page=True)
    assert code == 0 and json.loads(out) == found.to_dict()
    assert "1 of 2 words have no vector" in err and f"of the {len(found.words)} words of the map have no row" in err
    assert (tmp_path / "moved.html").read_bytes().startswith(b"<!DOCTYPE html>")
