"""`w2v demo --map`: which words are shown, files and messages, wrong use before any work."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v.cli import demo_text
from w2v.cli.demo import MAP_NEIGHBORS, demo_map

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def short_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A text that is read quickly, and an empty folder as the working folder."""
    groups = [["client", "server", "socket"], ["january", "february", "march"], ["thread", "lock", "daemon"]]
    monkeypatch.setattr(demo_text, "python_sentences", lambda: iter(groups * 1000))
    monkeypatch.chdir(tmp_path)


def clustered(groups: int, size: int) -> w2v.KeyedVectors:
    """Groups of words that are each other's neighbours, "g0.0", "g0.1", ..., and as many words without a group."""
    rng = np.random.default_rng(0)
    centres = np.repeat(np.eye(groups, 40), size, axis=0) + 0.05 * rng.standard_normal((groups * size, 40))
    words = [f"g{group}.{i}" for group in range(groups) for i in range(size)]
    others = rng.standard_normal((len(words), 40))
    return w2v.KeyedVectors([*words, *(f"other{i}" for i in range(len(words)))], np.vstack([centres, others]))


@pytest.mark.parametrize("groups", [1, 3])
def test_picture_shows_words_with_their_neighbours_and_the_page_all(groups: int) -> None:
    kv = clustered(groups, MAP_NEIGHBORS + 1)
    probes = [f"g{group}.0" for group in range(groups)]
    found = demo_map(kv, probes, page=False)
    assert set(found.words) == {word for word in kv.index_to_key if word.startswith("g")}
    assert [cluster.size for cluster in found.clusters] == [MAP_NEIGHBORS + 1] * groups and found.model == "w2v demo"
    page = demo_map(kv, probes, page=True)
    assert page.words == tuple(kv.index_to_key) and page.clusters and page.model == "w2v demo"


def test_picture_without_probes_shows_the_most_frequent_words() -> None:
    kv = clustered(2, 150)
    assert demo_map(kv, [], page=False).words == tuple(kv.index_to_key[:200])


@pytest.mark.slow
@pytest.mark.parametrize("suffix, start", [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_map_is_written_and_the_output_says_how_to_open_it(run: Run, short_text: None, suffix: str,
                                                           start: bytes) -> None:
    pytest.importorskip("matplotlib")
    code, out, _ = run("demo", "--map", f"m.{suffix}")
    assert code == 0 and Path(f"m.{suffix}").read_bytes().startswith(start)
    assert f"Map of 9 words:       open m.{suffix} in an image viewer\n" in out
    assert max(map(len, out.splitlines())) <= 80
    assert f"open m.{suffix} in an image viewer, in place of the file" in run("demo", "--map", f"m.{suffix}")[1]


def test_page_needs_no_extra_and_the_output_says_how_to_open_it(run: Run, short_text: None,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    code, out, _ = run("demo", "--map", "m.html")
    page = Path("m.html").read_text(encoding="utf-8")
    assert code == 0 and page.startswith("<!DOCTYPE html>") and "february" in page
    assert "Map of 9 words:       open m.html in a browser\n" in out


@pytest.mark.slow
def test_json_names_the_map(run: Run, short_text: None) -> None:
    pytest.importorskip("matplotlib")
    report = json.loads(run("demo", "--map", "m.svg", "--json")[1])
    assert (report["map"], report["map_words"], report["map_replaced"]) == ("m.svg", 9, False)
    report = json.loads(run("demo", "--json")[1])
    assert (report["map"], report["map_words"], report["map_replaced"]) == (None, None, False)


@pytest.mark.parametrize("arguments, code, message", [
    (["--map", "m.txt"], 2, "m.txt: the suffix"), (["--map", "none/m.png"], 1, "the folder"),
    (["--map", "m.svg", "-o", "./m.svg"], 2, "-o and --map both name m.svg; choose different paths")])
def test_wrong_map_is_found_before_the_text_is_read(
        run: Run, short_text: None, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, message: str,
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(demo_text, "python_sentences", lambda: pytest.fail("the text was read"))
    found, out, err = run("demo", *arguments)
    assert (found, out) == (code, "") and message in err and err.count("\n") == 1 and not list(Path().iterdir())


def test_missing_matplotlib_is_found_before_the_text_is_read(run: Run, short_text: None,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setattr(demo_text, "python_sentences", lambda: pytest.fail("the text was read"))
    code, _, err = run("demo", "--map", "m.png")
    assert code == 1 and err == "w2v: plots need matplotlib: pip install 'w2v[plot]'\n"


def test_python_without_the_sources_of_its_library_is_told(run: Run, tmp_path: Path,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_text.sysconfig, "get_path", lambda name: str(tmp_path))
    code, out, err = run("demo")
    assert (code, out) == (1, "") and "without the sources of its library" in err and err.count("\n") == 1
