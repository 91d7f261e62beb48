"""Prediction of links against slow loops, with drawn and given non-edges, and on a planted graph."""

from __future__ import annotations

import dataclasses
import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from helpers.evaluation import unit_rows, write
from helpers.graphs import planted

import w2v
from w2v.evaluation.measures.link_ranks import KnownRows, ranks_of_targets
from w2v.evaluation.measures.links import SCORES, LinkResult, score_links
from w2v.evaluation.measures.non_edges import codes_of, draw_non_edges
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.sets.links import LinkPairs, read_known_edges
from w2v.evaluation.settings import Settings
from w2v.evaluation.statistics.ranking import auc_and_precision
from w2v.keyedvectors import KeyedVectors

N = 60


@pytest.fixture
def kv() -> KeyedVectors:
    rng = np.random.default_rng(2)
    return KeyedVectors([f"n{i}" for i in range(N)], rng.normal(size=(N, 5)) * rng.uniform(0.2, 3, (N, 1)))


def marked(kv: KeyedVectors, count: int) -> LinkPairs:
    """Random pairs; those with a high first product are mostly edges."""
    rng = np.random.default_rng(5)
    pairs = rng.permutation(list(combinations(range(N), 2)))[:count]
    x = kv.rows[:]
    edges = (x[pairs[:, 0], 0] * x[pairs[:, 1], 0] + 0.3 * rng.normal(size=count) > 0.2).tolist()
    return LinkPairs([(f"n{a}", f"n{b}") for a, b in pairs], edges)


def naive_rank(scores: np.ndarray, own: int, target: int, known: set[int]) -> float:
    others = [i for i in range(len(scores)) if i not in {own, target} and i not in known]
    return 1 + sum(float(scores[i] > scores[target]) for i in others)


def score(kv: KeyedVectors, links: LinkPairs, **settings: object) -> list:
    return score_links(WordRows(kv, ()), "x", links, Settings(draws=0, **settings))


def test_scores_of_marked_pairs_are_those_of_slow_loops(kv):
    links = marked(kv, 300)
    cosine, dot, hadamard = score(kv, links)
    x, units, edges = kv.rows[:].astype(float), unit_rows(kv), np.array(links.edges)
    rows = np.array([(int(a[1:]), int(b[1:])) for a, b in links.pairs])
    for result, vectors in ((cosine, units), (dot, x)):
        pairs = np.array([vectors[a] @ vectors[b] for a, b in rows])
        assert (result.auc, result.ap) == pytest.approx(auc_and_precision(edges, pairs), abs=1e-4)
        ranks = np.array([naive_rank(vectors @ vectors[a], a, b, set()) for a, b in rows[edges]])
        assert (result.hits_at_10, result.hits_at_50) == ((ranks <= 10).mean(), (ranks <= 50).mean())
        assert 0 < result.hits_at_10 < result.hits_at_50 < 1
        assert (result.edges, result.non_edges) == (edges.sum(), (~edges).sum())
    assert hadamard.edges + hadamard.non_edges == pytest.approx(150, abs=1)
    assert hadamard.auc > 0.9 > cosine.auc  # it finds which product tells edges from others
    assert not np.isnan(hadamard.items.values).all() and np.isnan(hadamard.items.values).sum() >= 149


def test_known_neighbours_are_no_candidates(kv, tmp_path):
    rng = np.random.default_rng(7)
    known = {(a, b) for a, b in rng.integers(0, N, (400, 2)).tolist() if a != b}
    path = write(tmp_path / "e.txt", "".join(f"n{a} n{b}\n" for a, b in known) + "n1 elsewhere\n")
    near = {i: {b for a, b in known if a == i} | {a for a, b in known if b == i} for i in range(N)}
    edges = rng.integers(0, N, (50, 2))
    edges = np.concatenate([edges[edges[:, 0] != edges[:, 1]], np.array(sorted(known))[:20]])
    rows = KnownRows.of(kv, read_known_edges(path))
    x, units = kv.rows[:], unit_rows(kv)
    for scale, scores in ((None, units @ units.T), (np.ones(5), x @ x.T),
                          (np.arange(-2.0, 3), (x * range(-2, 3)) @ x.T)):
        expected = [naive_rank(scores[a], a, b, near[a]) for a, b in edges.tolist()]
        assert ranks_of_targets(kv, edges, scale, rows).tolist() == expected
        assert ranks_of_targets(kv, edges, scale, None).tolist() == [
            naive_rank(scores[a], a, b, set()) for a, b in edges.tolist()]


def test_batches_do_not_matter(kv, tmp_path, monkeypatch):
    path = write(tmp_path / "e.txt", "".join(f"n{i} n{j}\n" for i in range(20) for j in range(20, 40)))
    rows = KnownRows.of(kv, read_known_edges(path))
    edges = np.stack([np.arange(50), np.arange(1, 51)], axis=1)
    whole, both = ranks_of_targets(kv, edges, None, rows), score(kv, marked(kv, 200))
    monkeypatch.setattr("w2v.evaluation.measures.link_ranks._SKIPPED", 30)
    monkeypatch.setattr("w2v.evaluation.measures.link_ranks._BATCH", 7)
    monkeypatch.setattr("w2v.evaluation.measures.links._BLOCK", 20)
    assert ranks_of_targets(kv, edges, None, rows).tolist() == whole.tolist()
    assert score(kv, marked(kv, 200)) == both


@pytest.mark.parametrize("n, count", [(20, 60), (3000, 500)])
def test_non_edges_are_free_pairs_and_follow_from_the_seed(n, count):
    pairs = np.random.default_rng(1).integers(0, n, (n * 3, 2))
    taken = codes_of(pairs[pairs[:, 0] != pairs[:, 1]], n)
    found = draw_non_edges(n, count, taken, 4)
    codes = codes_of(found, n)
    assert len(np.unique(codes)) == count == len(found) and not np.isin(codes, taken).any()
    assert (found[:, 0] < found[:, 1]).all() and found.max() < n
    assert (draw_non_edges(n, count, taken, 4) == found).all()
    assert (draw_non_edges(n, count, taken, 5) != found).any()


def test_non_edges_are_drawn_uniformly():
    taken = codes_of(np.array([[0, 1]]), 5)
    counts = np.zeros((5, 5))
    for seed in range(1500):
        a, b = draw_non_edges(5, 1, taken, seed)[0]
        counts[a, b] += 1
    assert (counts > 0).sum() == 9 and counts[0, 1] == 0 and counts[counts > 0].min() > 110


def test_all_that_is_free_is_drawn_at_most():
    assert draw_non_edges(4, 100, codes_of(np.array([[1, 0], [2, 3]]), 4), 1).shape == (4, 2)
    assert draw_non_edges(1, 5, np.empty(0, np.int64), 1).shape == draw_non_edges(
        0, 5, np.empty(0, np.int64), 1).shape == (0, 2)


def test_as_many_non_edges_as_edges_are_drawn(kv, tmp_path):
    links = LinkPairs([(f"n{i}", f"n{i + 1}") for i in range(40)], [True] * 40)
    known = read_known_edges(write(tmp_path / "e.txt", "".join(f"n{i} n{j}\n" for i in range(N) for j in range(i % 3))))
    first, second = (score(kv, links, seed=seed, known_edges=known) for seed in (1, 2))
    assert first == score(kv, links, seed=1, known_edges=known) and first[0].auc != second[0].auc
    assert (first[0].edges, first[0].non_edges, first[0].drawn, first[0].filtered) == (40, 40, True, True)


def test_vectors_in_another_order_get_the_same_non_edges(kv):
    links = LinkPairs([(f"n{i}", f"n{i + 1}") for i in range(40)], [True] * 40)
    turned = KeyedVectors(kv.index_to_key[::-1], kv.rows[:][::-1])
    first, second = score(kv, links), score(turned, links)
    assert first[0].items.drawn == second[0].items.drawn != ""
    assert first[0].items.values == pytest.approx(second[0].items.values)
    fewer = KeyedVectors(kv.index_to_key[:50], kv.rows[:][:50])
    assert score(fewer, links)[0].items.drawn != first[0].items.drawn


def test_unknown_and_broken_nodes_are_counted(kv):
    rows = kv.rows[:].copy()
    rows[3] = np.nan
    links = LinkPairs([("n1", "n2"), ("n1", "n3"), ("n4", "none"), ("n5", "n6"), ("n7", "N8")],
                      [True, True, True, False, False])
    found = score(KeyedVectors(kv.index_to_key, rows), links)
    assert [(one.edges, one.non_edges, one.total_edges, one.total_non_edges) for one in found[:2]] == [(1, 1, 3, 2)] * 2
    assert found[2].auc is None and found[2].nothing_known  # one edge cannot be learned from and measured on
    [used] = {measure.used for measure in found[0].measures() if measure.name.startswith("AUC")}
    assert used == 2


@pytest.mark.parametrize("pairs", [[("n1", "x")], [("n1", "n2")]])
def test_sets_without_a_known_edge_or_non_edge_are_failures(tmp_path, pairs):
    kv = KeyedVectors(["n1", "n2"], np.eye(2))
    path = write(tmp_path / "l.txt", "".join(f"{a} {b}\n" for a, b in pairs))
    found = w2v.evaluate(kv, links=path)
    assert "line 1" in found.failures[0].message and all(result.auc is None for result in found.results)


def test_planted_blocks_are_found(tmp_path: Path):
    held, edges, _ = planted(tmp_path)
    kv = w2v.train(graph=edges, vector_size=16, epochs=2, walks=5, walk_length=20, threads=1, seed=1).wv
    found = w2v.evaluate(kv, links=held, known_edges=edges, draws=500)
    assert [result.score for result in found.results] == list(SCORES) and not found.failures
    for result in found.results:
        assert result.auc > 0.75 and result.ap > 0.65 and result.hits_at_50 > 0.7 > result.hits_at_10 > 0.1
        for value, ends in ((result.auc, result.interval), (result.ap, result.ap_interval),
                            (result.hits_at_10, result.hits_at_10_interval)):
            assert ends[0] < value < ends[1]
    unfiltered = w2v.evaluate(kv, links=held, draws=0).results[0]
    assert unfiltered.hits_at_10 < found.results[0].hits_at_10 and "--known-edges" in str(unfiltered)
    again = json.loads(json.dumps(found.to_dict()))["links"]
    assert [LinkResult.from_dict(one) for one in again] == list(found.results)
    random = KeyedVectors(kv.index_to_key, np.random.default_rng(1).normal(size=(len(kv), 16)))
    for result in w2v.evaluate(random, links=held, known_edges=edges, draws=0).results:
        assert 0.35 < result.auc < 0.65


def test_files_are_compared_by_auc(tmp_path: Path):
    held, edges, _ = planted(tmp_path)
    kv = w2v.train(graph=edges, vector_size=16, epochs=2, walks=5, walk_length=20, threads=1, seed=1).wv
    random = KeyedVectors(kv.index_to_key, np.random.default_rng(1).normal(size=(len(kv), 16)))
    first, second = (w2v.evaluate(one, links=held, draws=0) for one in (kv, random))
    found = w2v.evaluate.compare([first, second], draws=500)
    assert [one.measure for one in found] == ["AUC, cosine", "AUC, dot", "AUC, hadamard"]
    assert all(one.second < one.first and not one.noise for one in found)
    other = dataclasses.replace(second, results=w2v.evaluate(
        KeyedVectors(kv.index_to_key[:-1], random.rows[:-1]), links=held, draws=0).results)
    assert not w2v.evaluate.compare([first, other], draws=500)  # other non-edges were drawn
