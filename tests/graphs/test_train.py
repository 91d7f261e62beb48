"""Training on the walks of a graph."""

import json

import numpy as np
import pytest
from helpers.stops import Stop, each_shard, stop_after

import w2v
from w2v.training.run import paced

OPTIONS = {"vector_size": 16, "epochs": 3, "walks": 4, "walk_length": 12, "progress": False}


def two_blocks(n=60, seed=1):
    """Edges of two groups of nodes: many within each, few between."""
    rng = np.random.default_rng(seed)
    edges = {(a, b) for a in range(n) for b in range(a) if rng.random() < (0.25 if a % 2 == b % 2 else 0.01)}
    return sorted(edges)


def one_way(n=80, seed=1):
    """Edges with dead ends, so that walks differ in length."""
    return np.random.default_rng(seed).integers(0, n, (2 * n, 2))


def content(model):
    card = repr(sorted(model.wv.metadata.items()))
    return model.wv.vectors.tobytes() + model.output_vectors.tobytes() + card.encode()


@pytest.fixture
def short_shards():
    with paced(shard_ids=500, poll_seconds=0.001):
        yield


@pytest.mark.parametrize("options", [{}, {"p": 0.5, "q": 2}, {"directed": True}, {"sg": False}, {"hs": True}])
def test_one_thread_gives_the_same_bytes_twice(options):
    first, second = (w2v.train(graph=one_way(), threads=1, **OPTIONS, **options) for _ in range(2))
    assert content(first) == content(second)
    assert first.report.words_read == first.report.words_trained + first.report.words_subsampled
    other = w2v.train(graph=one_way(), threads=1, seed=2, **OPTIONS, **options)
    assert content(other) != content(first)


@pytest.mark.parametrize("directed", [False, True])
def test_rounds_give_the_same_bytes_with_any_threads(directed):
    made = [w2v.train(graph=one_way(), reproducible=True, directed=directed, threads=threads, **OPTIONS)
            for threads in (1, 3)]
    assert content(made[0]) == content(made[1])


def test_neighbors_are_of_the_same_block():
    kv = w2v.train(graph=two_blocks(), threads=2, **OPTIONS | {"epochs": 10, "walks": 10}).wv
    assert len(kv) == 60
    same = [int(near) % 2 == node % 2 for node in range(60) for near, _ in kv.most_similar(node, topn=10)]
    assert np.mean(same) > 0.95


def test_integers_are_keys_and_names_are_not():
    kv = w2v.train(graph=[(17, 4), (4, 2)], **OPTIONS).wv
    assert kv[17].shape == (16,) and set(kv.index_to_key) in ({17, 4, 2}, {"17", "4", "2"})
    named = w2v.train(graph=[("17", "4"), ("4", "2")], **OPTIONS).wv
    assert named["17"].shape == (16,)


@pytest.mark.usefixtures("short_shards")
@pytest.mark.parametrize("options", [{}, {"directed": True}, {"p": 0.5, "q": 2, "directed": True}])
def test_resumed_run_gives_the_same_bytes(tmp_path, options):
    path = tmp_path / "edges.txt"
    np.savetxt(path, one_way(), "%d")
    whole = w2v.train(graph=path, threads=1, **OPTIONS, **options)
    with paced(after_shard=stop_after(5)), pytest.raises(Stop):
        w2v.train(graph=path, threads=1, checkpoint=tmp_path / "run.w2v", checkpoint_every=1e-6, **OPTIONS, **options)
    saved = w2v.load(tmp_path / "run.w2v")
    assert set(saved.index_to_key) == set(whole.wv.index_to_key)
    again = w2v.train(resume=tmp_path / "run.w2v", threads=1, progress=False)
    assert again.wv.vectors.tobytes() == whole.wv.vectors.tobytes()
    assert again.output_vectors.tobytes() == whole.output_vectors.tobytes()
    assert again.report.words_read == whole.report.words_read
    assert again.report.words_trained == whole.report.words_trained


@pytest.mark.usefixtures("short_shards")
def test_resumed_run_needs_the_same_graph(tmp_path):
    path = tmp_path / "edges.txt"
    np.savetxt(path, one_way(), "%d")
    with paced(after_shard=stop_after(5)), pytest.raises(Stop):
        w2v.train(graph=path, threads=1, checkpoint=tmp_path / "run.w2v", checkpoint_every=1e-6, **OPTIONS)
    np.savetxt(path, one_way(seed=2), "%d")
    with pytest.raises((w2v.W2VError, ValueError)):
        w2v.train(resume=tmp_path / "run.w2v", threads=1, progress=False)


def test_words_read_are_those_of_all_epochs():
    for directed in (False, True):
        report = w2v.train(graph=one_way(), directed=directed, threads=2, **OPTIONS).report
        per_epoch = [w2v.walk(one_way(), directed=directed, walks=4, walk_length=12, epoch=epoch).array >= 0
                     for epoch in range(3)]
        assert report.words_read == sum(int(one.sum()) for one in per_epoch)


def test_vectors_continue_from_older_ones_whose_nodes_may_be_gone(tmp_path):
    old = w2v.train(graph=[("a", "b"), ("b", "c"), ("gone", "a")], **OPTIONS).wv
    old.save(tmp_path / "old.w2v")
    model = w2v.train(graph=[("a", "b"), ("b", "new")], init=tmp_path / "old.w2v", **OPTIONS | {"epochs": 1})
    assert {"a", "b", "new"} <= set(model.wv.index_to_key)
    assert "gone" in model.wv and np.allclose(model.wv["gone"], old["gone"]), "it is in no walk with another node"


def test_report_and_model_card_tell_of_the_graph():
    model = w2v.train(graph=[("a", "b", 2.0), ("b", "c", 1.0), ("c", "c", 1.0)], p=0.5, **OPTIONS)
    graph = model.report.corpus.graph
    assert (graph.nodes, graph.edges, graph.loops, graph.weighted) == (3, 3, 1, True)
    assert graph.walks == {"walks": 4, "walk_length": 12, "p": 0.5}
    card = json.loads(model.wv.metadata["training"]) | json.loads(model.wv.metadata.get("corpus", "{}"))
    assert card["graph"]["edges"] == 3 and "graph" in card["sha256_is_of"]
    table = str(model.report)
    assert "nodes, 3 edges, weights 1 to 2" in table and "edges from a node to itself" in table
    assert "in 12 walks, 3 epochs" in table


def test_defaults_of_a_graph_yield_to_options():
    plain, given, preset = (w2v.train(graph=two_blocks(), threads=1, **OPTIONS, **options)
                            for options in ({}, {"shared_contexts": 12}, {"preset": "gensim"}))
    assert [model.config.shared_contexts for model in (plain, given, preset)] == [2, 12, 2]
    assert plain.config.min_count == preset.config.min_count == 1 and content(plain) != content(given)
    assert w2v.TrainConfig().shared_contexts == 12


def test_report_of_a_small_graph_gives_no_hint_about_rare_words():
    report = w2v.train(graph=[("a", "b"), ("b", "c")], **OPTIONS).report
    assert any("use sample = 0" in text and "min_count" not in text for text in report.warnings)


@pytest.mark.parametrize(("options", "message"), [
    ({"min_count": 5}, "min_count"), ({"ids": "disk"}, "ids"), ({"ids": "memory"}, "ids"), ({"phrases": 2}, "phrases"),
    ({"lowercase": True}, "lowercase"), ({"tokenize": "words"}, "tokenize"), ({"held_out": 100}, "held_out"),
    ({"max_vocab": 10}, "max_vocab"), ({"line_weights": True}, "line_weights"), ({"walk_lenght": 3}, "walk_length"),
    ({"p": 0}, "p = 0"), ({"walks": "3"}, "walks")])
def test_options_that_do_not_apply_are_refused(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        w2v.train(graph=[("a", "b")], progress=False, **options)


def test_corpus_and_graph_exclude_each_other():
    with pytest.raises(TypeError, match="either corpus or graph"):
        w2v.train([["a", "b"]], graph=[("a", "b")])
    for options in ({"walks": 3}, {"p": 2}, {"directed": True}):
        with pytest.raises(TypeError, match=f"{next(iter(options))} is an option of walks over a graph"):
            w2v.train([["a", "b"]], **options)


@pytest.mark.parametrize(("graph", "error"), [
    ([], w2v.CorpusError), ({"a": []}, w2v.CorpusError), (5, TypeError), ([("a", "b", 0)], w2v.CorpusError),
    ("/no/such/file", w2v.W2VError)])
def test_wrong_graphs_are_refused(graph, error):
    with pytest.raises(error):
        w2v.train(graph=graph, progress=False)


def test_small_graphs_train():
    for edges in ([("a", "a"), ("b", "b")], [("a", "b")], {"a": ["a"], "z": []}):
        kv = w2v.train(graph=edges, **OPTIONS).wv
        assert np.isfinite(kv.vectors).all() and "a" in kv
    with pytest.raises(w2v.CorpusError, match="the graph has only one node"):
        w2v.train(graph=[("a", "a")], **OPTIONS)


@pytest.mark.usefixtures("short_shards")
def test_checkpoints_of_an_object_need_it_again(tmp_path):
    edges = one_way()
    with paced(after_shard=each_shard):
        model = w2v.train(graph=edges, threads=1, checkpoint=tmp_path / "k", checkpoint_every="30%", **OPTIONS)
    with pytest.raises((TypeError, ValueError, w2v.W2VError)):
        w2v.train(resume=tmp_path / "k", threads=1, progress=False)
    again = w2v.train(graph=edges, resume=tmp_path / "k", threads=1, progress=False)
    assert again.wv.vectors.tobytes() == model.wv.vectors.tobytes()
