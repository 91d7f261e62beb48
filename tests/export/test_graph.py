"""The graph of neighbours: `w2v.export.graph`, and the files of `gexf` and `graphml` read by the standard library."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import tracemalloc
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files

import w2v
from w2v import formats
from w2v.cli import main
from w2v.export import TARGETS, export_vectors, graph, words_escaped
from w2v.export.common import ExportData
from w2v.formats.rows import STORED, Rows

GEXF, GRAPHML = "{http://www.gexf.net/1.2draft}", "{http://graphml.graphdrawing.org/xmlns}"
Nodes, Edges = list[tuple[str, int | None]], dict[tuple[int, int], np.float32]


def read(path: Path) -> tuple[Nodes, Edges]:
    """Return labels and counts of the nodes, and cosines by pair of rows; no pair is there twice."""
    content = path.read_bytes()
    root = ElementTree.fromstring(gzip.decompress(content) if path.suffix == ".gz" else content)
    nodes: Nodes = []
    edges: list[tuple[tuple[int, int], np.float32]] = []
    if root.tag == f"{GEXF}gexf":
        for i, node in enumerate(root.iter(f"{GEXF}node")):
            assert node.get("id") == str(i)
            count = node.find(f"{GEXF}attvalues/{GEXF}attvalue[@for='count']")
            nodes.append((node.get("label") or "", None if count is None else int(count.get("value") or "")))
        for edge in root.iter(f"{GEXF}edge"):
            edges.append(((int(edge.get("source") or ""), int(edge.get("target") or "")),
                          np.float32(edge.get("weight") or "")))
    else:
        for i, node in enumerate(root.iter(f"{GRAPHML}node")):
            values = {data.get("key"): data.text for data in node}
            assert node.get("id") == f"n{i}"
            nodes.append((values["label"] or "", int(values["count"] or "") if "count" in values else None))
        for edge in root.iter(f"{GRAPHML}edge"):
            source, target = (int((edge.get(end) or "").removeprefix("n")) for end in ("source", "target"))
            edges.append(((source, target), np.float32(edge[0].text or "")))
    pairs = [pair for pair, _ in edges]
    assert len(set(pairs)) == len(pairs) and all(first < second for first, second in pairs)
    return nodes, dict(edges)


def wanted(rows: np.ndarray, k: int = 10) -> Edges:
    """Return the edges by comparing all pairs in float64."""
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
    cosines = rows @ rows.T.astype(np.float64) / np.outer(lengths, lengths)
    np.fill_diagonal(cosines, -np.inf)
    return {(min(i, int(j)), max(i, int(j))): np.float32(cosines[i, j])
            for i in range(len(rows)) for j in np.argsort(-cosines[i])[:k] if cosines[i, j] > 0}


def random_rows(n: int, d: int, shift: float = 0.0) -> np.ndarray:
    return (np.random.default_rng(n * d).normal(size=(n, d)) + shift).astype(np.float32)


def close(got: Edges, expected: Edges) -> bool:
    return got.keys() == expected.keys() and all(abs(got[pair] - expected[pair]) < 1e-6 for pair in got)


@pytest.mark.parametrize("name", ["gexf", "graphml"])
@pytest.mark.parametrize(("n", "d", "shift"), [(1, 3, 0), (2, 3, 1), (11, 4, 1), (12, 4, 0), (300, 8, 0), (300, 50, 1)])
def test_edges_join_each_word_with_its_10_nearest(tmp_path: Path, name: str, n: int, d: int, shift: float) -> None:
    rows, words = random_rows(n, d, shift), [f"w{i}" for i in range(n)]
    counts = np.arange(n, 0, -1)
    assert export_vectors(name, tmp_path / "g", words, Rows(rows), counts) == 0
    nodes, edges = read(tmp_path / "g")
    assert nodes == list(zip(words, counts.tolist(), strict=True)) and close(edges, wanted(rows))


@pytest.mark.parametrize("dtype", STORED)
def test_edges_are_those_of_neighbor_graph(dtype: str) -> None:
    kv = w2v.KeyedVectors([f"w{i}" for i in range(200)], random_rows(200, 12))
    stored = Rows.encode(kv.rows, dtype)
    rows, cosines = w2v.KeyedVectors(kv.index_to_key, stored).neighbor_graph(10)
    expected = {(min(i, int(j)), max(i, int(j))): cosine
                for i in range(200) for j, cosine in zip(rows[i], cosines[i], strict=True) if cosine > 0}
    found = graph.edges("g", ExportData(kv.index_to_key, stored, None, "float32"))
    assert close({(a, b): np.float32(cosine) for a, b, cosine in found}, expected) and len(expected) > 1000


@pytest.mark.parametrize("zeros", [[0], [3, 4, 5], list(range(29)), list(range(30))])
def test_zero_vectors_are_nodes_without_edges(tmp_path: Path, zeros: list[int]) -> None:
    rows = random_rows(30, 2)
    rows[zeros] = 0
    export_vectors("gexf", tmp_path / "g", [f"w{i}" for i in range(30)], Rows(rows))
    nodes, edges = read(tmp_path / "g")
    used = [i for i in range(30) if i not in zeros]
    assert nodes == [(f"w{i}", None) for i in range(30)]
    assert close(edges, {(used[a], used[b]): cosine for (a, b), cosine in wanted(rows[used]).items()})


@pytest.mark.parametrize("rows", [[[1, 0], [-1, 0]], [[1, 0], [0, 1]]])
def test_a_cosine_of_0_or_less_is_no_edge(tmp_path: Path, rows: list[list[float]]) -> None:
    export_vectors("graphml", tmp_path / "g", ["a", "b"], Rows(np.float32(rows)))
    assert read(tmp_path / "g") == ([("a", None), ("b", None)], {})


def test_equal_vectors_have_edges_of_cosine_1(tmp_path: Path) -> None:
    export_vectors("gexf", tmp_path / "g", [f"w{i}" for i in range(40)], Rows(np.ones((40, 5), np.float32)))
    _, edges = read(tmp_path / "g")
    assert edges and all(abs(cosine - 1) < 1e-6 for cosine in edges.values())
    assert {row for pair in edges for row in pair} == set(range(40))


@pytest.mark.parametrize("name", ["gexf", "graphml"])
def test_file_is_not_held_in_memory(tmp_path: Path, name: str) -> None:
    words = [f"{i}" * 10_000 for i in range(100, 400)]
    rows = Rows(random_rows(300, 2))
    export_vectors(name, tmp_path / "g", words[:20], Rows(rows[:20]))  # imports
    tracemalloc.start()
    export_vectors(name, tmp_path / "g", words, rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 << 20 < 8 << 20 < (tmp_path / "g").stat().st_size


HOSTILE = ["<b>&amp;</b>", "\"both' quotes\"", "a\tb", "a\nb", "a\rb", "]]>", "&#0;", "größe", "東京", "😀",
           "\x85\u2028", " ", "</node><node id='x'>", "\\x07", "\ue000\ufffd\U0010ffff"]
NOT_IN_XML = {"bell\x07": "bell\\x07", "\0": "\\x00", "\x1f\x1b[0m": "\\x1f\\x1b[0m", "b\udcffd": "b\\udcffd",
              "\ud800": "\\ud800", "\ufffe": "\\ufffe", "\uffff<": "\\uffff<"}


@pytest.mark.parametrize("name", ["gexf", "graphml"])
def test_every_word_comes_back_and_characters_outside_xml_are_escaped(tmp_path: Path, name: str) -> None:
    words = [*HOSTILE, *NOT_IN_XML]
    export_vectors(name, tmp_path / "g", words, Rows(random_rows(len(words), 4)))
    assert [label for label, _ in read(tmp_path / "g")[0]] == [*HOSTILE, *NOT_IN_XML.values()]
    assert words_escaped(words, name) == len(NOT_IN_XML) and words_escaped(HOSTILE, name) == 0


@pytest.mark.parametrize("point", [*range(0x100), 0xD7FF, 0xD800, 0xDFFF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000,
                                   0x10FFFF])
def test_escaped_characters_are_those_that_the_parser_refuses(point: int) -> None:
    try:
        ElementTree.fromstring(f"<a>{chr(point).replace('&', '').replace('<', '')}</a>".encode())
        held = True
    except (ElementTree.ParseError, UnicodeEncodeError):
        held = False
    assert words_escaped([chr(point)], "gexf") == (not held or point in (0xFFFE, 0xFFFF))  # expat takes the last two


# --- w2v convert -----------------------------------------------------------------------------------------------------


def convert(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, object], str]:
    code = main(["convert", *map(str, arguments), "--json"])
    printed = capsys.readouterr()
    return code, json.loads(printed.out) if printed.out else {}, printed.err


@pytest.fixture
def source(tmp_path: Path) -> Path:
    words, rows = vector_files.sample(60, 8)
    words[3], words[50] = "bell\x07", "bell\x08"
    counts = np.arange(60, 0, -1)
    counts[55] = 100  # not in the order of the file
    formats.write_vectors(tmp_path / "in.safetensors", words, rows, counts)
    return tmp_path / "in.safetensors"


@pytest.fixture
def twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit the graph to 20 words in place of 20,000."""
    for name in ("gexf", "graphml"):
        monkeypatch.setitem(TARGETS, name, dataclasses.replace(TARGETS[name], most=20))


@pytest.mark.parametrize("suffix", ["gexf", "graphml", "gexf.gz"])
def test_most_frequent_words_are_written_unless_there_is_a_limit(
    source: Path, twenty: None, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    words, output = formats.read_vectors(source).words, source.parent / f"g.{suffix}"
    code, result, _ = convert(capsys, source, output)
    labels = [label for label, _ in read(output)[0]]
    assert labels == [*words[:3], "bell\\x07", *words[4:19], words[55]]
    assert (code, result["words"], result["words_over_limit"], result["words_escaped"]) == (0, 20, 40, 1)
    assert result["words_left_out"] == 0 and result["not_written"] == ["metadata"]
    code, result, _ = convert(capsys, source, output, "--limit", 45)
    assert (code, result["words"], result["words_over_limit"]) == (0, 45, 0) and len(read(output)[0]) == 45
    formats.write_vectors(source, words, formats.read_vectors(source).vectors)  # without counts: the first ones
    convert(capsys, source, output)
    assert read(output)[0][-1] == (words[19], None)


def test_limit_and_escapes_are_reported(source: Path, twenty: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(source), str(source.parent / "g.gexf")]) == 0
    error = capsys.readouterr().err
    assert "40 words are left out: gexf compares all pairs, and takes the 20 most frequent words" in error
    assert "1 words have characters that gexf cannot hold; these are written as escapes, such as \\x07" in error


def test_strict_refuses_escapes(source: Path, twenty: None, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, error = convert(capsys, source, source.parent / "g.gexf", "--strict")
    assert code == 1 and "only with escapes (not allowed with --strict)" in error
    assert os.listdir(source.parent) == ["in.safetensors"]


@pytest.mark.parametrize("name", ["gexf", "graphml", "atlas"])
def test_targets_that_compare_all_pairs_take_20000_words(name: str) -> None:
    assert TARGETS[name].most == 20_000


@pytest.mark.parametrize("name", ["gexf", "graphml"])
def test_bad_vectors_and_places_leave_the_file_as_it_was(tmp_path: Path, name: str) -> None:
    (tmp_path / "g").write_text("old")
    with pytest.raises(w2v.W2VError, match="the vector of 'b' contains NaN or infinity"):
        export_vectors(name, tmp_path / "g", ["a", "b"], Rows(np.float32([[1, 2], [np.nan, 1]])))
    with pytest.raises(w2v.W2VError, match="can hold none of the words"):
        export_vectors(name, tmp_path / "g", [], Rows(np.zeros((0, 2), np.float32)))
    assert (tmp_path / "g").read_text() == "old" and os.listdir(tmp_path) == ["g"]
    with pytest.raises(w2v.W2VError, match="no such folder|does not exist|No such file"):
        export_vectors(name, tmp_path / "missing" / "g", ["a"], Rows(np.ones((1, 2), np.float32)))
