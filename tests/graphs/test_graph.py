"""Compressed rows against a twin: targets, weights, statistics."""

import numpy as np
import pytest
from helpers.graph_twin import alias_shares, rows_of

import w2v
from w2v.corpus.paths import CorpusInput
from w2v.graphs.graph import Graph
from w2v.graphs.reading import read_graph
from w2v.walk_options import WalkOptions


def graph_of(edges: object, threads: int = 2, **options: object) -> Graph:
    corpus = CorpusInput.of_graph(edges, options)
    assert corpus.walking == WalkOptions(**options)
    return read_graph(corpus, corpus.walking, threads=threads).graph


def random_edges(seed, n, m, kind):
    rng = np.random.default_rng(seed)
    nodes = rng.integers(0, n, (m, 2))
    nodes[rng.random(m) < 0.05, 1] = 0  # a row that is not short
    weights = {"no": np.ones(m), "small": rng.integers(1, 5, m).astype(float),
               "wide": np.exp(rng.normal(0, 5, m)).astype(np.float32).astype(float)}[kind]
    return [(int(a), int(b), float(w)) for (a, b), w in zip(nodes, weights, strict=True)]


CASES = [(seed, n, m, kind, directed) for seed, (n, m) in enumerate([(1, 3), (2, 9), (10, 40), (300, 200), (200, 3000)])
         for kind in ("no", "small", "wide") for directed in (False, True)]


@pytest.mark.parametrize(("seed", "n", "m", "kind", "directed"), CASES)
def test_rows_are_those_of_the_twin(seed, n, m, kind, directed):
    edges = random_edges(seed, n, m, kind)
    given = [edge[:2] for edge in edges] if kind == "no" else edges
    graph = graph_of(given, directed=directed)
    rows, names = rows_of(edges, not directed), graph.nodes.words
    assert {int(name) for name in names} == {node for edge in edges for node in edge[:2]}
    weights = [weight for row in rows.values() for weight in row.values()]
    weighted = len({np.float32(weight) for weight in weights}) > 1
    assert (graph.weights is not None) == graph.report.weighted == weighted
    for number, name in enumerate(names):
        row, (begin, end) = rows.get(int(name), {}), graph.offsets[number:number + 2]
        targets = graph.targets[begin:end]
        assert (np.diff(targets) > 0).all()
        assert {int(names[target]) for target in targets} == set(row)
        if graph.weights is not None and len(row):
            expected = np.array([row[int(names[target])] for target in targets])
            np.testing.assert_allclose(alias_shares(graph.weights[begin:end]), expected / expected.sum(), atol=1e-6)
    check_report(graph.report, edges, rows, directed, weights, weighted)


def check_report(report, edges, rows, directed, weights, weighted):
    nodes = {node for edge in edges for node in edge[:2]}
    different = {(a, b) if directed else (min(a, b), max(a, b)) for a, b, _ in edges}
    symmetric = all(rows.get(b, {}).get(a) == weight for a, row in rows.items() for b, weight in row.items())
    reached = {target for row in rows.values() for target in row}
    assert report.nodes == len(nodes) and report.edges == len(edges)
    assert report.entries == sum(map(len, rows.values()))
    assert report.repeated == len(edges) - len(different)
    assert report.loops == sum(a == b for a, b, _ in edges)
    assert report.dead_ends == len(reached - set(rows)) and report.isolated == 0
    assert report.directed == (directed and not symmetric)
    if weighted:
        assert np.isclose(report.lowest_weight, min(weights)) and np.isclose(report.highest_weight, max(weights))


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("kind", ["no", "wide"])
def test_rows_do_not_depend_on_threads_or_the_order_of_edges(kind, directed, monkeypatch):
    monkeypatch.setattr("w2v.graphs.inputs.EDGES_AT_ONCE", 100)
    edges = random_edges(7, 50, 2000, kind)
    shuffled = [edges[i] for i in np.random.default_rng(1).permutation(len(edges))]
    first = graph_of(edges, 1, directed=directed)
    for threads, given in ((1, shuffled), (2, edges), (3, shuffled), (4, edges)):
        again = graph_of(given, threads, directed=directed)
        assert again.nodes.words == first.nodes.words
        for name in ("offsets", "targets", "weights"):
            mine, other = getattr(first, name), getattr(again, name)
            assert (mine is None and other is None) or mine.tobytes() == other.tobytes()


def test_each_node_is_numbered_by_falling_number_of_edges_then_by_name():
    graph = graph_of([("b", "x"), ("a", "x"), ("x", "c"), ("c", "a")])
    assert graph.nodes.words == ["x", "a", "c", "b"]
    assert graph.degrees().tolist() == [3, 2, 2, 1]


@pytest.mark.parametrize(("edges", "symmetric"), [
    ([(0, 1, 2.0), (1, 0, 2.0)], True), ([(0, 1, 2.0), (1, 0, 3.0)], False), ([(0, 1, 2.0)], False),
    ([(0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0)], False), ([(0, 0, 5.0), (0, 1, 1.0), (1, 0, 1.0)], True)])
def test_edges_that_lead_both_ways_are_noticed(edges, symmetric):
    graph = graph_of(edges, directed=True)
    assert graph.symmetric == symmetric and graph.report.directed != symmetric


def test_weights_that_add_up_beyond_float32_are_refused():
    with pytest.raises(w2v.CorpusError, match="add up to more than a float32 holds"):
        graph_of([("a", "b", 3e38), ("a", "b", 3e38)])


def test_a_weight_far_below_the_others_is_kept():
    graph = graph_of([(0, 1, 1e-38), (0, 2, 1e38), (0, 3, 1e-38)])
    hub = graph.nodes.words.index("0")
    shares = alias_shares(graph.weights[graph.offsets[hub]:graph.offsets[hub + 1]])
    assert np.isclose(max(shares), 1, atol=1e-6)
    assert graph.report.lowest_weight == np.float32(1e-38)


def test_rows_of_types_divide_the_targets():
    edges = [(a, b) for a, b, _ in random_edges(3, 30, 200, "no")]
    kinds = {node: "xyz"[node % 3] for node in range(30)}
    graph = graph_of(edges, metapath="x,y,x", node_types=kinds)
    names, rows = graph.nodes.words, rows_of([(*edge, 1.0) for edge in edges], True)
    assert graph.type_names == ("x", "y", "")
    for number, name in enumerate(names):
        for kind in range(3):
            begin, end = graph.offsets[3 * number + kind:3 * number + kind + 2]
            assert {int(names[target]) for target in graph.targets[begin:end]} == {
                node for node in rows[int(name)] if node % 3 == kind}
