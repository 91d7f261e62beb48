"""Lists of edges in text: their columns, and the lines that are refused."""

import gzip
import re

import numpy as np
import pytest

import w2v
from w2v.corpus.paths import CorpusInput
from w2v.graphs import reading
from w2v.graphs.reading import read_graph

TRIANGLE = {("a", "b"), ("b", "c"), ("c", "a")}


def read(path, threads=2, **options):
    corpus = CorpusInput.of_graph(path, options)
    return read_graph(corpus, corpus.walking, threads=threads).graph


def edges_of(graph):
    """Edges of a directed graph by name."""
    names = graph.nodes.words
    return {(names[source], names[target]) for source in range(len(names))
            for target in graph.targets[graph.offsets[source]:graph.offsets[source + 1]]}


def written(tmp_path, text, name="edges.txt"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("text", [
    "a b\nb c\nc a\n", "a b\nb c\nc a", "a\tb\nb\tc\nc\ta\n", "a,b\nb,c\nc,a\n", "a;b\nb;c\nc;a\n", "a|b\nb|c\nc|a\n",
    "  a   b \n\tb \t c\nc a\t\n", "a, b\nb ,c\n c , a\n", '"a","b"\n"b",c\nc,"a"\n', "a b\r\nb c\r\nc a\r\n",
    "a b\rb c\rc a\r", "source,target\ra,b\rb,c\r\rc,a",
    "# a comment\n% another\na b\n\n   \nb c\n # c a\nc a\n", "\ufeffa b\nb c\nc a\n", "source target\na b\nb c\nc a\n",
    "Source,Target\r\na,b\r\nb,c\r\nc,a\r\n", "target,id,source\nb,1,a\nc,2,b\na,3,c\n", "src dst\na b\nb c\nc a",
    "# source target\nsource target\na b\nb c\nc a\n", "\ufeffsource,target\na,b\nb,c\nc,a\n",
    "a b {}\nb c {}\nc a {}\n", "a b {'color': 'red, blue'}\nb c {}\nc a {'x': 1}\n",
    "source,target,when\na,b,2001\nb,c,2002\nc,a,2003\n", "a\tb\t\nb\tc\t\nc\ta\t\n".replace("\t\n", "\n")])
def test_a_triangle_in_many_forms(tmp_path, text):
    graph = read(written(tmp_path, text), directed=True)
    assert edges_of(graph) == TRIANGLE and graph.weights is None and graph.report.edges == 3


@pytest.mark.parametrize("block_size", [1, 7, 64])
@pytest.mark.parametrize("text", [
    "# 1\n# 2\n\n" + "#\n" * 200 + "a b {}\n# 4\nb c {}\nc a {}\n",
    "# 1\n# 2\n" + "#\n" * 200 + "% 3\nsource,what,target\na,,b\n# 4\nb,,c\nc,,a\n"])
def test_columns_and_comments_do_not_depend_on_the_blocks(tmp_path, text, block_size, monkeypatch):
    path = written(tmp_path, text)
    whole = read(path, directed=True)
    monkeypatch.setattr(reading, "BLOCK_SIZE", block_size)
    graph = read(path, directed=True)
    assert edges_of(graph) == edges_of(whole) == TRIANGLE
    assert graph.report == whole.report and graph.report.comments == text.count("#") + text.count("%")


@pytest.mark.parametrize("text", [
    "a b 1\nb c 2\nc a 3.5\n", "a,b,1\nb,c,2e0\nc,a,+3.5\n",
    "a\tb\t1.0\nb\tc\t2\nc\ta\t3.5", "a b 1 x\nb c 2 y z\nc a 3.5\n",
    "from to weight\na b 1\nb c 2\nc a 3.5\n", "weight;from;to\n1;a;b\n2;b;c\n3.5;c;a\n",
    "x y count\na b 1\nb c 2\nc a 3.5\n",
    "a b {'weight': 1.0}\nb c {'x': 'weight', 'weight': 2}\nc a {\"weight\":3.5}\n",
    '"a","b","1"\n"b","c","2"\n"c","a","3.5"\n',
    "a b {}\nb c {'weight': 2}\nc a {'weight': 3.5, 'color': 'a, b'}\n",
    "a b 1.000000000000000000000000000001\nb c 2\nc a 3.5\n"])
def test_weights_in_many_forms(tmp_path, text):
    path = written(tmp_path, text)
    graph = read(path, directed=True)
    assert edges_of(graph) == TRIANGLE and graph.report.weighted
    assert (graph.report.lowest_weight, graph.report.highest_weight) == (1, 3.5)
    plain = read(path, directed=True, unweighted=True)
    assert edges_of(plain) == TRIANGLE and plain.weights is None


@pytest.mark.parametrize("comment", ["", "% 3 3 3\n"])
@pytest.mark.parametrize(("kind", "lines"), [("real general", "1 2 1\n2 3 2\n3 1 3.5\n"),
                                             ("pattern symmetric", "1 2\n2 3\n3 1\n")])
def test_matrix_market(tmp_path, kind, lines, comment):
    graph = read(written(tmp_path, f"%%MatrixMarket matrix coordinate {kind}\n{comment}3 3 3\n{lines}"), directed=True)
    assert edges_of(graph) == {("1", "2"), ("2", "3"), ("3", "1")} and graph.nodes.integer_keys
    assert graph.report.weighted == ("real" in kind)


def test_first_edge_that_looks_like_a_header_is_an_edge(tmp_path):
    assert edges_of(read(written(tmp_path, "u v\nv w\nw u\n"), directed=True)) == {("u", "v"), ("v", "w"), ("w", "u")}
    assert edges_of(read(written(tmp_path, "u v\n1 2\n"), directed=True)) == {("1", "2")}


@pytest.mark.parametrize("weights", [("", ""), (",2", ",3")])
def test_quoted_names_may_have_delimiters(tmp_path, weights):
    text = f'"Smith, J","Doe, A"{weights[0]}\n"Doe, A",Roe{weights[1]}\n'
    graph = read(written(tmp_path, text), directed=True)
    assert edges_of(graph) == {("Smith, J", "Doe, A"), ("Doe, A", "Roe")} and graph.report.weighted == bool(weights[0])


@pytest.mark.parametrize("weights", [("", ""), (" 2", " 3")])
def test_names_may_begin_with_a_brace(tmp_path, weights):
    graph = read(written(tmp_path, f"{{a b}}{weights[0]}\nb}} {{c{weights[1]}\n"), directed=True)
    assert edges_of(graph) == {("{a", "b}"), ("b}", "{c")} and graph.report.weighted == bool(weights[0])


def test_names_keep_their_bytes(tmp_path):
    graph = read(written(tmp_path, "é 日本\n日本 ".encode() + b"\xff\n"), directed=True)
    assert edges_of(graph) == {("é", "日本"), ("日本", "\udcff")}


@pytest.mark.parametrize(("text", "line", "message"), [
    ("a b\n\n# c\nc\n", 4, "fewer than two names"), ("a,b\nb,\n", 2, "fewer than two names"), ("a,b\n,b\n", 2, "fewer"),
    ("x,y\na,b\nb\n", 3, "fewer than two names"), ("a b 1\nb c\n", 2, "no weight, which other lines have"),
    ("source target weight\na b\nb c 1\n", 2, "no weight"), ("a,b,1\nb,c,\n", 2, "no weight"),
    ("a b 1\nb c nan\n", 2, "not a finite number"), ("a b 1\nb c inf\n", 2, "not a finite number"),
    ("a b 1\nb c 1e999\n", 2, "not a finite number"), ("a b 1\nb c x\n", 2, "not a finite number"),
    ("a b friend\nb c foe\n", 1, "not a finite number"), ("a b 1\nb c 0\n", 2, "must be above 0"),
    ("a b 1\nb c -2\n", 2, "must be above 0"), ("a b\nb c 3\n", 2, "more fields than the first line has"),
    ('a,b\n"b,c\n', 2, "a quote that does not end"), ('a,b\n"b"x,c\n', 2, "a quote that does not end"),
    ("source,target\na,b\nb\n", 3, "fewer"), ("\ufeffa b\nb\n", 2, "fewer"),
    ("a b {'weight': 1}\nb c {'weight': 'x'}\n", 2, "not a finite number")])
@pytest.mark.parametrize("compressed", [False, True])
def test_errors_name_the_line(tmp_path, text, line, message, compressed):
    path = written(tmp_path, text)
    if compressed:
        path = written(tmp_path, gzip.compress(text.encode()), "edges.txt.gz")
    with pytest.raises(w2v.FormatError, match=f"{re.escape(str(path))}, line {line}: this is no edge: .*{message}"):
        read(path)


def test_error_far_into_a_file_names_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr("w2v.graphs.reading.BLOCK_SIZE", 4096)
    lines = [f"{i} {i + 1} 2" for i in range(5000)]
    lines[4321] = "x y zero"
    lines[4700] = "bad"
    with pytest.raises(w2v.FormatError, match="line 4322: this is no edge: 'x y zero'"):
        read(written(tmp_path, "\n".join(lines)), 4)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "source target\n"])
def test_graph_without_edges_is_refused(tmp_path, text):
    with pytest.raises(w2v.CorpusError, match="the graph is empty: there is no edge in it"):
        read(written(tmp_path, text))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("size", [64, 500, 4096, 1 << 16])
def test_blocks_cut_anywhere_give_the_same_graph(tmp_path, monkeypatch, size, weighted):
    rng = np.random.default_rng(size)
    pairs = rng.integers(0, 300, (3000, 2)).tolist()
    text = "x y w\n" if weighted else "source target\n"
    text += "".join(f"n{a} n{b}{f' {rng.integers(1, 9)}' if weighted else ''}\n" for a, b in pairs)
    path = written(tmp_path, text)
    whole = read(path, 1)
    monkeypatch.setattr("w2v.graphs.reading.BLOCK_SIZE", size)
    cut = read(path, 3)
    assert cut.nodes.words == whole.nodes.words and cut.report == whole.report
    assert cut.targets.tobytes() == whole.targets.tobytes() and cut.offsets.tobytes() == whole.offsets.tobytes()
    assert not weighted or cut.weights.tobytes() == whole.weights.tobytes()


def test_folder_of_files_each_with_a_header(tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    written(folder, "source,target\na,b\n", "1.csv")
    written(folder, "weight\ttarget\tsource\n1\tc\tb\n", "2.tsv")
    written(folder, gzip.compress(b"c a\n"), "3.txt.gz")
    graph = read(folder, directed=True)
    assert edges_of(graph) == TRIANGLE
    assert edges_of(read([folder / "1.csv", folder / "3.txt.gz"], directed=True)) == {("a", "b"), ("c", "a")}


def test_comments_and_further_fields_are_counted(tmp_path):
    report = read(written(tmp_path, "# one\na b 1 x\n% two\nb c 2\nc a 3 z\n")).report
    assert (report.comments, report.further_fields) == (2, 2)


def test_networkx_lists_of_edges(tmp_path):
    networkx = pytest.importorskip("networkx")
    graph = networkx.DiGraph([("a", "b"), ("b", "c"), ("c", "a")])
    graph.edges["b", "c"]["weight"] = 3.0
    networkx.write_edgelist(graph, tmp_path / "data.txt")
    networkx.write_edgelist(graph, tmp_path / "plain.txt", data=False)
    networkx.write_weighted_edgelist(networkx.DiGraph([(*edge, {"weight": 2.5}) for edge in graph.edges]),
                                     tmp_path / "weighted.txt")
    for name, weights in (("data", (1, 3)), ("plain", (1, 1)), ("weighted", (1, 1))):
        found = read(tmp_path / f"{name}.txt", directed=True)
        assert edges_of(found) == TRIANGLE
        assert (found.report.lowest_weight, found.report.highest_weight) == weights


@pytest.mark.parametrize("name", ["x.csv", "nowhere/"])
def test_missing_file_is_an_error_of_the_package(tmp_path, name):
    with pytest.raises(w2v.W2VError, match="No such file|not exist|not found"):
        read(tmp_path / name)
