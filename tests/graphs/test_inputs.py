"""Graphs in memory, and files that are no text."""

import io
import re
from types import SimpleNamespace

import numpy as np
import pytest

import w2v
from w2v.corpus.paths import CorpusInput
from w2v.graphs.reading import read_graph


def read(graph, **options):
    corpus = CorpusInput.of_graph(graph, options)
    return read_graph(corpus, corpus.walking, threads=2).graph


def links(graph):
    """Names of the nodes that each node leads to."""
    names = graph.nodes.words
    return {name: {names[target] for target in graph.targets[graph.offsets[i]:graph.offsets[i + 1]]}
            for i, name in enumerate(names)}


PATH = {"1": {"2"}, "2": {"1", "3"}, "3": {"2"}}
ONE_WAY = {"1": {"2"}, "2": {"3"}, "3": set()}
MATRIX = np.array([[0, 2, 0, 0], [0, 0, 3, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
OF_MATRIX = {"0": {"1"}, "1": {"2"}, "2": set(), "3": set()}


@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u4", "i8", "u8", "f4", "f8", ">i4", ">i8", "<u2"])
def test_arrays_of_any_numbers(kind):
    assert links(read(np.array([[1, 2], [2, 3]], kind))) == PATH
    graph = read(np.array([[1, 2, 1], [2, 3, 5]], kind))
    assert links(graph) == PATH and graph.report.weighted and graph.nodes.integer_keys
    assert (graph.report.lowest_weight, graph.report.highest_weight) == (1, 5)


def test_array_file_may_have_weights_that_are_no_integers(tmp_path):
    np.save(tmp_path / "edges.npy", np.array([[1, 2, 0.5], [2, 3, 2.5]]))
    report = read(tmp_path / "edges.npy").report
    assert (report.lowest_weight, report.highest_weight) == (0.5, 2.5)


def test_arrays_in_any_layout():
    array = np.zeros((4, 6), np.int32)
    array[::2, ::3] = [[1, 2], [2, 3]]
    assert links(read(array[::2, ::3])) == links(read(np.asfortranarray([[1, 2], [2, 3]]))) == PATH


def test_large_integers_are_keys():
    graph = read(np.array([[0, 2**63 - 1], [2**63 - 1, 17]]))
    assert set(graph.nodes.words) == {"0", "17", str(2**63 - 1)} and graph.nodes.integer_keys


@pytest.mark.parametrize(("array", "message"), [
    (np.array([[1, -2]]), "the node -2 is out of range"),
    (np.array([[1, 2**63]], np.uint64), "the node 9223372036854775808 is out of range"),
    (np.array([[1, 2.5]]), "nodes must be integers"), (np.array([[1, np.nan]]), "nodes must be integers"),
    (np.array([[1, 1e30]]), "nodes must be integers"), (np.array([[1, np.inf, 1]]), "nodes must be integers"),
    (np.array([[1, 2, 0]]), "the edge 1 - 2 has the weight 0"), (np.array([[1, 2, -1.5]]), "has the weight -1.5"),
    (np.array([[1, 2, np.nan]]), "has the weight nan"), (np.array([[1, 2, 1e300]]), "has the weight 1e[+]300"),
    (np.empty((0, 2), int), "the graph is empty")])
@pytest.mark.filterwarnings("error")
def test_wrong_numbers_are_refused(array, message, tmp_path):
    with pytest.raises(w2v.CorpusError, match=message):
        read(array)
    np.save(tmp_path / "edges.npy", array)
    with pytest.raises(w2v.CorpusError, match=message):
        read(tmp_path / "edges.npy")


@pytest.mark.parametrize("array", [
    np.zeros(3, int), np.zeros((3, 4), int), np.zeros((3, 1), int), np.zeros((2, 2), bool), np.array([["a", "b"]]),
    np.zeros((1, 2, 2), int), np.zeros((2, 2), complex)])
def test_wrong_shapes_and_types_are_refused(array, tmp_path):
    with pytest.raises(TypeError, match=r"expected \(n, 2\) integers, or \(n, 3\)"):
        read(array)
    np.save(tmp_path / "edges.npy", array)
    with pytest.raises(w2v.FormatError, match="edges.npy: "):
        read(tmp_path / "edges.npy")


def test_unweighted_does_not_look_at_weights():
    assert read(np.array([[1, 2, 0.0], [2, 3, np.nan]]), unweighted=True).weights is None
    assert read([("a", "b", 0), ("b", "c", float("nan")), ("c", "d", None)], unweighted=True).weights is None


@pytest.mark.parametrize("edges", [
    [(1, 2), (2, 3)], ((1, 2), (2, 3)), [[1, 2], [2, 3]], [("1", "2"), ("2", "3")], iter([(1, 2), (2, 3)]),
    {1: [2], 2: [3]}, {(1, 2): 1, (2, 3): 1}, {1: {2: 1.0}, 2: {3: 1.0}}, [(np.int64(1), np.uint8(2)), (2, 3)]])
def test_edges_as_python_objects(edges):
    assert links(read(edges)) == PATH


@pytest.mark.parametrize(("edges", "keys"), [([(1, 2)], True), ([("1", "2")], False), ([("a", "b")], False),
                                             ([(-1, 2)], False), ({1: [2]}, True), ({"1": ["2"]}, False)])
def test_only_integers_are_keys(edges, keys):
    assert read(edges).nodes.integer_keys == keys


def test_weights_of_python_objects():
    for edges in ([("a", "b", 2), ("b", "c", 3.5)], {("a", "b"): 2, ("b", "c"): 3.5}, {"a": {"b": 2}, "b": {"c": 3.5}},
                  [("a", "b", {"weight": 2}), ("b", "c", {"weight": 3.5})],
                  [("a", "b", "2"), ("b", "c", np.float32(3.5))]):
        report = read(edges).report
        assert (report.lowest_weight, report.highest_weight) == (2, 3.5)


def test_nodes_of_a_mapping_may_lack_edges():
    graph = read({"a": ["b"], "z": []})
    assert links(graph) == {"a": {"b"}, "b": {"a"}, "z": set()} and graph.report.isolated == 1


@pytest.mark.parametrize("edges", [["ab", 5], [5], [("a",)], [("a", "b", 1, 2)], [("a", "b"), "cd"], [("a", "b"), 5], 5,
                                   object()])
def test_what_is_no_edge_is_refused(edges):
    with pytest.raises(TypeError, match="an edge must be a pair|the graph is a"):
        read(edges)


@pytest.mark.parametrize(("edges", "message"), [
    ([("a\tb", "c")], r"the node 'a\\tb' cannot be a word"), ([("a\n", "c")], "cannot be a word"),
    ([("", "c")], "empty"),
    ([(" a", "c")], "cannot be a word"), ([("#a", "c")], "cannot be a word"), ([('"a', "c")], "cannot be a word"),
    ([("\ud800", "c")], "half of a pair of surrogates"), ([(None, "c")], "lacks a node"),
    ([("a", "b", 1), ("b", "c")], "edge 1: .* has 2 parts"), ([("a", "b"), ("b", "c", 1)], "edge 1: .* has 3 parts"),
    ([(1, 2), ("a", 3)], "edge 1: .* has a node that is no integer"), ([("a", "b", None)], "weight must be a number"),
    ([("a", "b", "x")], "weight must be a number"), ([("a", "b", 0)], "must be a finite number above 0"),
    ([("a", "b", float("inf"))], "must be a finite number above 0"), ([], "the graph is empty"),
    ({}, "the graph is empty"),
    ({"a": []}, "1 nodes and no edge")])
def test_wrong_edges_are_refused(edges, message):
    with pytest.raises(w2v.CorpusError, match=message):
        read(edges)


@pytest.mark.parametrize("names", [["{a", "b}", "{c d}"], ["a b", "b,c", "é"], ["%", "b", "c"][1:] + ["d%"],
                                   ["x" * 70000, "y", "z"], ["\udcff", "b", "c"]])
def test_names_of_objects_are_kept(names):
    a, b, c = names
    assert links(read([(a, b), (b, c)], directed=True)) == {a: {b}, b: {c}, c: set()}
    assert read([(a, b, 2), (b, c, 3)]).report.weighted


class Igraph:
    """What igraph offers."""

    vs = es = None

    def __init__(self, edges, n, directed=False, names=None, weights=None):
        self.edges, self.n, self.directed = edges, n, directed
        self.vs = Attributes({} if names is None else {"name": names})
        self.es = Attributes({} if weights is None else {"weight": weights})

    def get_edgelist(self):
        return self.edges

    def vcount(self):
        return self.n

    def is_directed(self):
        return self.directed


class Attributes(dict):
    def attributes(self):
        return list(self)


def test_graph_of_igraph():
    plain = read(Igraph([(0, 1), (1, 2)], 4))
    assert links(plain) == {"0": {"1"}, "1": {"0", "2"}, "2": {"1"}, "3": set()} and plain.nodes.integer_keys
    named = read(Igraph([(0, 1), (1, 2)], 4, True, ["a", "b", "c", "d"], [1.0, 2.5]))
    assert links(named) == {"a": {"b"}, "b": {"c"}, "c": set(), "d": set()} and named.report.highest_weight == 2.5
    weighted = read(Igraph([(0, 1), (1, 2)], 3, weights=[1.0, 2.5]))
    assert weighted.report.weighted and not weighted.report.directed
    with pytest.raises(w2v.CorpusError, match="two nodes with the same name"):
        read(Igraph([(0, 1)], 2, names=["a", "a"]))
    with pytest.raises(w2v.CorpusError, match="4 nodes and no edge|3 nodes and no edge"):
        read(Igraph([], 3))


def test_data_of_pytorch_geometric():
    index = np.array([[0, 1], [1, 2]])
    graph = read(SimpleNamespace(edge_index=index, num_nodes=4))
    assert links(graph) == OF_MATRIX and graph.report.directed and graph.report.isolated == 1
    both = np.concatenate([index, index[::-1]], axis=1)
    assert not read(SimpleNamespace(edge_index=both)).report.directed
    weighted = read(SimpleNamespace(edge_index=index, edge_weight=np.array([[1.0], [2.0]]), num_nodes=3))
    assert weighted.report.highest_weight == 2


@pytest.mark.parametrize("kind", ["csr_array", "csc_array", "coo_array", "csr_matrix", "lil_array", "dok_array"])
def test_sparse_matrix(kind):
    sparse = pytest.importorskip("scipy.sparse")
    graph = read(getattr(sparse, kind)(MATRIX))
    assert links(graph) == OF_MATRIX and graph.report.directed and graph.report.isolated == 1
    assert (graph.report.lowest_weight, graph.report.highest_weight) == (2, 3)
    symmetric = read(getattr(sparse, kind)(MATRIX + MATRIX.T))
    assert not symmetric.report.directed and symmetric.symmetric
    assert read(getattr(sparse, kind)(MATRIX > 0)).weights is None
    with pytest.raises(w2v.CorpusError, match="as many rows as columns"):
        read(getattr(sparse, kind)(MATRIX[:2]))


def saved(form, **changes):
    """Bytes of a matrix as scipy.sparse.save_npz writes it; a change to None leaves a part out."""
    row, column = np.nonzero(MATRIX)
    parts = {"format": np.array(form.encode()), "shape": np.array(MATRIX.shape), "data": MATRIX[row, column] * 1.0}
    if form == "coo":
        parts |= {"row": row.astype("i4"), "col": column.astype("i4")}
    else:
        major, minor = (row, column) if form == "csr" else (column, row)
        parts |= {"indices": minor.astype("i4"), "indptr": np.searchsorted(major, np.arange(5)).astype("i4")}
    file = io.BytesIO()
    np.savez_compressed(file, **{name: part for name, part in (parts | changes).items() if part is not None})
    return file.getvalue()


@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
def test_matrix_files(tmp_path, form):
    path = tmp_path / "m.npz"
    path.write_bytes(saved(form))
    graph = read(path)
    assert links(graph) == OF_MATRIX and graph.report.directed and graph.report.highest_weight == 3
    path.write_bytes(saved(form, data=np.array([True, True])))
    assert read(path).weights is None
    path.write_bytes(saved(form, data=np.array([0.0, 2.0])))
    assert read(path).report.edges == 1, "an entry of 0 is no edge"


@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
def test_matrix_files_of_scipy(tmp_path, form):
    sparse = pytest.importorskip("scipy.sparse")
    sparse.save_npz(tmp_path / "m.npz", sparse.coo_array(MATRIX).asformat(form))
    assert links(read(tmp_path / "m.npz")) == OF_MATRIX


@pytest.mark.parametrize(("form", "changes"), [
    ("csr", {"indptr": np.array([0, 1, 5, 2, 2])}), ("csr", {"indptr": np.array([0, 1])}), ("csr", {"indices": None}),
    ("csr", {"indices": np.array([1, 9])}), ("csr", {"indices": np.array([1, -1])}), ("csr", {"data": np.array([1.0])}),
    ("csr", {"indptr": np.array([0.0, 1, 2, 2, 2])}), ("csr", {"shape": np.array(4)}),
    ("csr", {"shape": np.array([4, 5])}),
    ("csr", {"shape": np.array([[4, 4]])}), ("coo", {"row": np.array([0])}), ("coo", {"row": np.array([[0, 1]])}),
    ("csr", {"data": np.array(["a", "b"])}), ("csr", {"data": np.array([1j, 1])}), ("csr", {"format": np.array("xyz")}),
    ("csr", {"format": np.array([1, 2])}), ("csr", {"format": None}), ("coo", {"shape": np.array([2**40, 2**40])}),
    ("coo", {"shape": np.array([-1, -1])}), ("csr", {"data": np.array([{}, 1], object)})])
def test_matrix_files_that_are_damaged(tmp_path, form, changes):
    path = tmp_path / "m.npz"
    path.write_bytes(saved(form, **changes))
    with pytest.raises((w2v.FormatError, w2v.CorpusError), match=re.escape(str(path))):
        read(path)


def test_changed_bytes_of_a_matrix_file_give_errors_of_the_package(tmp_path):
    path, good, rng = tmp_path / "m.npz", saved("csr"), np.random.default_rng(1)
    for i in range(300):
        data = bytearray(good[:rng.integers(len(good))] if i % 3 == 0 else good)
        for _ in range(i % 3):
            if data:
                data[rng.integers(len(data))] = rng.integers(256)
        path.write_bytes(data)
        try:
            read(path)
        except w2v.W2VError as error:
            assert str(path) in str(error)


def test_tables(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = arrow.table({"n": [7, 8], "target": ["b", "c"], "source": ["a", "b"], "Weight": [1.5, 2.5]})
    parquet.write_table(table, tmp_path / "t.parquet")
    for given in (table, tmp_path / "t.parquet"):
        graph = read(given, directed=True)
        assert links(graph) == {"a": {"b"}, "b": {"c"}, "c": set()} and graph.report.highest_weight == 2.5
    numbers = arrow.table({"x": [1, 2], "y": [2, 3]})
    assert links(read(numbers)) == PATH and read(numbers).nodes.integer_keys
    assert read(arrow.table({"x": [1, 2], "y": [2, 3], "z": [1.0, 2.0]})).report.weighted
    for column in ([1, None], ["a", None]):
        with pytest.raises(w2v.CorpusError, match="a value is missing|has no value"):
            read(arrow.table({"source": column, "target": column}))
    with pytest.raises(w2v.CorpusError, match="columns for source and target"):
        read(arrow.table({"x": [1]}))


def test_graphs_of_networkx(tmp_path):
    networkx = pytest.importorskip("networkx")
    edges = [(1, 2), (2, 3)]
    for kind in (networkx.Graph, networkx.MultiGraph):
        assert links(read(kind(edges))) == PATH
    for kind in (networkx.DiGraph, networkx.MultiDiGraph):
        assert links(read(kind(edges))) == ONE_WAY
        assert links(read(kind(edges), directed=False)) == PATH
    assert read(networkx.MultiGraph([(1, 2), (1, 2), (2, 3)])).report.weighted, "edges between two nodes add up"
    assert links(read(networkx.Graph(edges).edges)) == links(read(networkx.Graph(edges).adj)) != {}
    alone = networkx.Graph(edges)
    alone.add_node(9)
    assert read(alone).report.isolated == 1 and read(alone).nodes.integer_keys
    assert not read(networkx.Graph([("1", "2")])).nodes.integer_keys
    with pytest.raises(w2v.CorpusError, match="two nodes whose name is '1'"):
        read(networkx.Graph([(1, 2), ("1", 3)]))
    with pytest.raises(w2v.CorpusError, match="cannot be a word"):
        read(networkx.Graph([("a\tb", "c")]))
    networkx.write_graphml(networkx.DiGraph([("a", "b")]), tmp_path / "g.graphml")
    assert links(read(tmp_path / "g.graphml")) == {"a": {"b"}, "b": set()}
    (tmp_path / "g.graphml").write_text("<graphml")
    with pytest.raises(w2v.FormatError, match="no GraphML, or it is damaged"):
        read(tmp_path / "g.graphml")


def test_a_late_weight_of_networkx_counts():
    networkx = pytest.importorskip("networkx")
    graph = networkx.path_graph(300)
    graph.edges[250, 251]["weight"] = 7
    assert read(graph).report.highest_weight == 7


def test_files_of_several_kinds_are_one_graph(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[1, 2]]))
    (tmp_path / "b.txt").write_text("2 3\n")
    (tmp_path / "m.npz").write_bytes(saved("coo"))
    graph = read([tmp_path / "a.npy", tmp_path / "b.txt"])
    assert links(graph) == PATH
    mixed = read([tmp_path / "a.npy", tmp_path / "m.npz"])
    assert mixed.report.edges == 3 and mixed.report.directed
    assert (mixed.report.lowest_weight, mixed.report.highest_weight) == (2, 4), "an edge without a weight has 1"
