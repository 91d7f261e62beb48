"""`w2v map`: files, JSON, unknown words, missing glyphs, wrong use."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

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
