"""Random walks: their probabilities, and that they are a function of seed, epoch and number alone."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from helpers.graph_twin import assert_drawn_from, rows_of, step_shares

import w2v
from w2v.corpus.paths import CorpusInput
from w2v.graphs._graph import Walker
from w2v.graphs.walks import walk_text

EDGES = [(0, 1, 1.0), (0, 2, 4.0), (1, 2, 0.5), (2, 3, 2.0), (3, 4, 1.0), (3, 0, 3.0), (4, 5, 2.0), (5, 3, 0.25),
         (1, 4, 1.5), (4, 4, 1.0), (2, 0, 2.5), (5, 0, 1.0)]


def walks_of(edges, directed, weighted, **options):
    given = [(a, b, w) if weighted else (a, b) for a, b, w in edges]
    return w2v.walk(given, directed=directed, threads=2, **options).array


def rows_for(directed, weighted):
    rows = rows_of([(a, b, w if weighted else 1.0) for a, b, w in EDGES], not directed)
    if not weighted:  # weights of repeated edges still add up
        assert directed or rows[0][2] == 2
    return rows


@pytest.mark.parametrize(("p", "q"), [(1, 1), (0.5, 2), (4, 0.25), (0.25, 0.25), (0.1, 4), (0.25, 0.5)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("directed", [False, True])
def test_steps_have_the_probabilities_of_node2vec(p, q, weighted, directed):
    rows = rows_for(directed, weighted)
    walks = walks_of(EDGES, directed, weighted, p=p, q=q, walks=8000, walk_length=4)
    check_steps(walks, rows, p, q)


@pytest.mark.parametrize(("p", "q"), [(0.5, 2), (0.25, 0.5), (0.1, 4), (0.001, 0.5), (4, 0.25)])
def test_steps_where_all_weights_are_equal(p, q):
    """The step back is then drawn beforehand, and again after each refusal."""
    edges = [(0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (3, 0), (4, 5), (5, 3), (1, 4), (4, 4), (5, 0)]
    found = w2v.walk(edges, p=p, q=q, walks=10000, walk_length=4)
    assert not found.graph.weighted and not found.graph.directed
    check_steps(found.array, rows_of([(*edge, 1.0) for edge in edges], True), p, q)


def check_steps(walks, rows, p, q):
    first, second, third = defaultdict(Counter), defaultdict(Counter), defaultdict(Counter)
    for a, b, c, d in walks.tolist():
        first[a][b] += 1
        second[a, b][c] += 1
        third[a, b, c][d] += 1
    assert len(second) == sum(map(len, rows.values()))
    for node, drawn in first.items():
        assert_drawn_from(step_shares(rows, None, node, p, q), drawn)
    for (before, node), drawn in second.items():
        assert_drawn_from(step_shares(rows, before, node, p, q), drawn)
    for (_, before, node), drawn in third.items():
        shares = step_shares(rows, before, node, p, q)
        if sum(drawn.values()) * min(shares.values()) > 5:
            assert_drawn_from(shares, drawn)


def random_edges(n, m, seed=1):
    return np.random.default_rng(seed).integers(0, n, (m, 2))


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize(("p", "q"), [(1.0, 1.0), (0.25, 2.0)])
def test_walks_use_edges_and_end_only_where_none_leads_on(directed, p, q):
    edges = random_edges(60, 90)
    walks = w2v.walk(edges, directed=directed, p=p, q=q, walks=5, walk_length=7).array
    rows = rows_of([(a, b, 1.0) for a, b in edges.tolist()], not directed)
    ends = 0
    for walk in walks.tolist():
        nodes = [node for node in walk if node >= 0]
        assert walk == nodes + [-1] * (7 - len(nodes)) and nodes
        assert all(b in rows[a] for a, b in zip(nodes, nodes[1:], strict=False))
        if len(nodes) < 7:
            ends += 1
            assert nodes[-1] not in rows
    assert (ends > 0) == directed


@pytest.mark.parametrize("n", [*range(1, 301), 1023, 1024, 1025, 4096, 5000, 65537])
def test_each_node_begins_a_walk_once_in_each_round(n):
    offsets = np.zeros(n + 1, np.int64)
    walker = Walker(offsets, np.empty(0, np.int32), None, n_types=1, symmetric=True, starts=None, length=1, path=None,
                    p=1.0, q=1.0, seed=n, names=None)
    out = np.empty(6 * n, np.int32)
    assert walker.make(3, 0, 3 * n, out) == 6 * n
    assert (out[1::2] == -1).all()
    rounds = out[::2].reshape(3, n)
    assert (np.sort(rounds) == np.arange(n)).all()
    if n > 20:
        assert len({tuple(one) for one in rounds.tolist()}) == 3, "each round has an order of its own"
        assert not (rounds[0] == np.arange(n)).all()


def test_places_in_the_order_are_uniform():
    n, counts = 5, defaultdict(Counter)
    walker = Walker(np.zeros(n + 1, np.int64), np.empty(0, np.int32), None, n_types=1, symmetric=True, starts=None,
                    length=1, path=None, p=1.0, q=1.0, seed=1, names=None)
    out = np.empty(2 * n * 4000, np.int32)
    walker.make(0, 0, n * 4000, out)
    for order in out[::2].reshape(-1, n).tolist():
        for place, node in enumerate(order):
            counts[place][node] += 1
    for drawn in counts.values():
        assert_drawn_from(dict.fromkeys(range(n), 1 / n), drawn)


@pytest.mark.parametrize(("p", "q", "directed"), [(1.0, 1.0, False), (0.5, 2.0, False), (4.0, 0.25, True)])
def test_walks_are_the_same_for_any_threads_and_any_cut(p, q, directed):
    options = {"walks": 3, "walk_length": 9, "p": p, "q": q, "directed": directed}
    corpus = CorpusInput.of_graph(random_edges(100, 200), options)
    texts = [walk_text(corpus, seed=5, threads=threads) for threads in (1, 2, 4)]
    whole = np.concatenate(list(texts[0].scan()))
    assert len({text.sha256 for text in texts}) == 1
    for text in texts:
        for n in (1, 2, 3, 7, 64, 1000):
            parts = [text.read(*part) for part in text.shards(n)]
            assert np.concatenate(parts).tobytes() == whole.tobytes()
    later = texts[0].of_epoch(1)
    assert later.of_epoch(1) is later and np.concatenate(list(later.scan())).tobytes() != whole.tobytes()
    assert np.concatenate(list(later.of_epoch(0).scan())).tobytes() == whole.tobytes()
    other = walk_text(corpus, seed=6, threads=1)
    assert other.sha256 != texts[0].sha256
    assert np.concatenate(list(other.scan())).tobytes() != whole.tobytes()


def test_counts_are_the_visits_of_the_first_epoch():
    text = walk_text(CorpusInput.of_graph(random_edges(50, 80), {"walks": 4, "walk_length": 6, "directed": True}),
                     seed=1, threads=2)
    ids = np.concatenate(list(text.scan()))
    counts = np.bincount(ids[ids >= 0], minlength=len(text.vocabulary))
    assert counts.tolist() == text.vocabulary.counts.tolist() == sorted(counts.tolist(), reverse=True)
    assert text.report.words == counts.sum() and text.report.lines == (ids < 0).sum() == text.n_walks
    assert text.report.longest_line <= 6
    assert text.words_read(3) is None, "walks that end early differ between epochs"


def test_isolated_nodes_give_walks_of_one_node():
    walks = w2v.walk({0: [1], 1: [0], 2: []}, walks=2, walk_length=3)
    assert walks.graph.isolated == 1
    alone = [walk for walk in walks.array.tolist() if 2 in walk]
    assert alone == [[2, -1, -1]] * 2
    dropped = w2v.walk({0: [1], 1: [0], 2: []}, walks=2, walk_length=3, drop_isolated=True)
    assert dropped.graph.nodes == 2 and dropped.graph.isolated_dropped == 1 and 2 not in dropped.array


def test_loops_can_be_all_there_is():
    assert w2v.walk([("a", "a")], walks=2, walk_length=3, p=0.5, q=2).array.tolist() == [[0] * 3] * 2


TYPES = {"a1": "author", "a2": "author", "p1": "paper", "p2": "paper", "v1": "venue", "x": "other"}
TYPED = [("a1", "p1"), ("a2", "p1"), ("a2", "p2"), ("p1", "v1"), ("p2", "v1"), ("a1", "a2"), ("a1", "x"), ("v1", "x")]


@pytest.mark.parametrize("path", ["author,paper,author", "author, paper, venue, paper, author"])
def test_walks_follow_the_types_of_a_metapath(path, tmp_path):
    found = w2v.walk(TYPED, metapath=path, node_types=TYPES, walks=50, walk_length=9)
    kinds = [kind.strip() for kind in path.split(",")][:-1]
    assert len(found) == 100 and {walk[0] for walk in found} == {"a1", "a2"}
    linked = {frozenset(edge) for edge in TYPED}
    for walk in found:
        assert len(walk) == 9 and [TYPES[node] for node in walk] == [kinds[i % len(kinds)] for i in range(9)]
        assert all(frozenset(pair) in linked for pair in zip(walk, walk[1:], strict=False))
    file = tmp_path / "types.txt"
    file.write_text("# node type\n" + "".join(f"{node}\t{kind}\n" for node, kind in TYPES.items()))
    again = w2v.walk(TYPED, metapath=path, node_types=file, walks=50, walk_length=9)
    assert again.array.tobytes() == found.array.tobytes()


def test_steps_along_types_have_the_weights_of_the_edges():
    edges = [("a1", "p1", 1.0), ("a1", "p2", 3.0), ("a1", "x", 50.0), ("a2", "p1", 1.0)]
    types = {"a1": "a", "a2": "a", "p1": "p", "p2": "p", "x": "x"}
    found = w2v.walk(edges, metapath="a,p,a", node_types=types, walks=4000, walk_length=2)
    drawn = Counter(walk[1] for walk in found if walk[0] == "a1")
    assert_drawn_from({"p1": 0.25, "p2": 0.75}, drawn)


@pytest.mark.parametrize(("types", "path", "message"), [
    ({"a": "x"}, "x,y,x", "1 of 2 nodes have no type in node_types, such as 'b'"),
    ({"a": "x", "b": "x"}, "x,y,x", "no node has the type 'y' of the metapath; the types are x")])
def test_types_that_do_not_fit_are_refused(types, path, message):
    with pytest.raises(w2v.CorpusError, match=message):
        w2v.walk([("a", "b")], metapath=path, node_types=types)


def test_metapath_without_edges_is_refused():
    with pytest.raises(w2v.CorpusError, match="no walk has a second node; no edge of the metapath exists"):
        w2v.walk([("a", "b"), ("b", "c")], metapath="x,z,x", node_types={"a": "x", "b": "y", "c": "z"})


@pytest.mark.parametrize("options", [
    {"walks": 0}, {"walks": 1.5}, {"walks": True}, {"walk_length": 1}, {"p": 0}, {"p": float("nan")}, {"q": 1e9},
    {"q": "1"}, {"directed": 1}, {"metapath": "a,b,a"}, {"metapath": "a,b", "node_types": {}},
    {"metapath": "a", "node_types": {}}, {"metapath": "a,,a", "node_types": {}},
    {"metapath": "a,b,a", "node_types": {}, "p": 2}, {"seed": -1}, {"seed": 2**64}, {"epoch": -1}, {"epoch": 2**64},
    {"threads": 0}, {"min_count": 3}, {"walk_lenght": 3}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises((ValueError, TypeError), match=next(iter(options))):
        w2v.walk([("a", "b")], **options)


def test_walks_iterate_as_sentences():
    walks = w2v.walk([("a", "b"), ("b", "c")], walks=1, walk_length=4)
    assert len(walks) == 3 and sorted(walk[0] for walk in walks) == ["a", "b", "c"]
    assert all(len(walk) == 4 for walk in walks)
    assert all(isinstance(node, int) for walk in w2v.walk([(1, 2)], walks=1, walk_length=4) for node in walk)
