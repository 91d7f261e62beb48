"""Graphs on the command line: `w2v walk`, `w2v train --graph` and `w2v plan --graph`."""

import gzip
import json

import numpy as np
import pytest

import w2v

EDGES = "1 2 2.5\n2 3 1\n3 1 1\n3 4 1\n4 9 1\n"
TRAIN = ("--vector-size", 8, "--epochs", 2, "--walks", 3, "--walk-length", 8)


@pytest.fixture
def edges(tmp_path):
    path = tmp_path / "edges.txt"
    path.write_text(EDGES)
    return path


def options(**named):
    return [part for name, value in named.items() for part in (f"--{name.replace('_', '-')}", value)]


def test_walks_are_those_of_python_in_every_format(run, edges, tmp_path):
    given = {"walks": 3, "walk_length": 7, "p": 0.5, "q": 2.0, "seed": 4, "epoch": 1}
    expected = w2v.walk(edges, **given)
    for name in ("w.npy", "w.txt", "w.txt.gz"):
        code, out, err = run("walk", edges, "-o", tmp_path / name, *options(**given))
        assert (code, out) == (0, "") and "5 edges, weights 1 to 2.5" in err and str(tmp_path / name) in err
    array = np.load(tmp_path / "w.npy")
    assert array.dtype == np.int64 and array.tobytes() == expected.array.tobytes()
    lines = "".join(" ".join(map(str, walk)) + "\n" for walk in expected)
    assert (tmp_path / "w.txt").read_text() == lines
    assert gzip.decompress((tmp_path / "w.txt.gz").read_bytes()).decode() == lines


def test_walks_that_end_early_are_filled_up_or_short(run, tmp_path):
    path = tmp_path / "edges.csv"
    path.write_text("source,target\n1,2\n2,3\n")
    for threads in (1, 3):
        assert run("walk", path, "-o", tmp_path / "w.npy", "--directed", "--walks", 1, "--walk-length", 3, "--threads",
                   threads)[0] == 0
        assert sorted(np.load(tmp_path / "w.npy").tolist()) == [[1, 2, 3], [2, 3, -1], [3, -1, -1]]
    assert run("walk", path, "-o", tmp_path / "w.txt", "--directed", "--walks", 1)[0] == 0
    assert sorted((tmp_path / "w.txt").read_text().split("\n")) == ["", "1 2 3", "2 3", "3"]


def test_json_has_the_graph(run, edges, tmp_path):
    code, out, err = run("walk", edges, "-o", tmp_path / "w.txt", "--json", "--walks", 2, "--unweighted")
    found = json.loads(out)
    assert code == 0 and out.count("\n") == 1 and err == ""
    assert found["output"] == str(tmp_path / "w.txt")
    assert (found["graph"]["nodes"], found["graph"]["edges"], found["graph"]["weighted"]) == (5, 5, False)
    assert found["graph"]["walks"] == {"walks": 2, "walk_length": 80, "unweighted": True}


@pytest.mark.parametrize(("arguments", "code", "problem"), [
    (("-o", "edges.txt"), 2, "is also an input"), (("-o", "none/w.txt"), 1, "does not exist"),
    (("-o", ""), 2, "no output"),
    ((), 2, "-o"), (("-o", "w.txt", "--p", "0"), 2, "p = 0"), (("-o", "w.txt", "--walks", "0"), 2, "walks = 0"),
    (("-o", "w.txt", "--walk-length", "x"), 2, "walk-length"), (("-o", "w.txt", "--seed", "-1"), 2, "seed"),
    (("-o", "w.txt", "--epoch", "-1"), 2, "epoch"), (("-o", "w.txt", "--threads", "0"), 2, "threads"),
    (("-o", "w.txt", "--metapath", "a,b,a"), 2, "node_types"),
    (("-o", "w.txt", "--metapath", "a,b,a", "--node-types", "none.txt"), 1, "none.txt")])
def test_wrong_arguments_are_one_line(run, edges, tmp_path, monkeypatch, arguments, code, problem):
    monkeypatch.chdir(tmp_path)
    found, out, err = run("walk", "edges.txt", *arguments)
    assert found == code and out == "" and problem in err and err.count("\n") == 1
    assert edges.read_text() == EDGES and not (tmp_path / "w.txt").exists()


@pytest.mark.parametrize(("text", "output", "problem"), [
    ("a b\nb\n", "w.txt", "edges.txt, line 2: this is no edge: 'b'"), ("", "w.txt", "the graph is empty"),
    ("a b\n", "w.npy", "an array holds integers"), ('"a b",c\n', "w.txt", "has white space"),
    (None, "w.txt", "no.txt")])
def test_wrong_graphs_are_one_line(run, tmp_path, text, output, problem):
    path = tmp_path / ("no.txt" if text is None else "edges.txt")
    if text is not None:
        path.write_text(text)
    code, out, err = run("walk", path, "-o", tmp_path / output)
    assert code == 1 and out == "" and problem in err and err.count("\n") == 1
    assert not (tmp_path / output).exists()


def test_damaged_array_is_one_line(run, tmp_path):
    np.save(tmp_path / "e.npy", np.zeros((3, 5), int))
    code, _, err = run("walk", tmp_path / "e.npy", "-o", tmp_path / "w.txt")
    assert code == 1 and "e.npy" in err and err.count("\n") == 1


def test_train_learns_the_vectors_of_python(run, edges, tmp_path):
    code, out, err = run("train", "--graph", edges, "-o", tmp_path / "v.safetensors", *TRAIN, "--threads", 1,
                         "--p", 0.5)
    assert (code, out) == (0, "") and "5 edges, weights 1 to 2.5" in err and "in 15 walks, 2 epochs" in err
    model = w2v.train(graph=edges, vector_size=8, epochs=2, walks=3, walk_length=8, threads=1, p=0.5, progress=False)
    assert w2v.load(tmp_path / "v.safetensors").vectors.tobytes() == model.wv.vectors.tobytes()


def test_train_writes_json_a_log_and_scores(run, tmp_path):
    path = tmp_path / "edges.txt"
    path.write_text("king queen\nqueen man\nman woman\nwoman king\n")
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("king\tqueen\t9\nqueen\tman\t3\nman\twoman\t8\nking\twoman\t1\n")
    code, out, err = run("train", "--graph", path, "-o", tmp_path / "v.txt", *TRAIN, "--json", "--evaluate", pairs,
                         "--log-json", tmp_path / "log.jsonl")
    assert code == 0, err
    report = json.loads(out)
    assert report["corpus"]["graph"]["edges"] == 4 and report["words_read"] == 2 * 4 * 3 * 8
    assert [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(("arguments", "problem"), [
    (("--graph", "edges.txt", "corpus.txt"), "either a corpus or --graph"), (("corpus.txt", "--walks", "3"), "--graph"),
    (("--graph", "edges.txt", "--min-count", "5"), "--min-count 5"),
    (("--graph", "edges.txt", "--lowercase"), "lowercase"),
    (("--graph", "edges.txt", "--held-out", "10"), "--held-out"), (("--graph", "edges.txt", "--q", "-1"), "q = -1"),
    (("--graph", ""), "")])
@pytest.mark.parametrize("command", ["train", "plan"])
def test_options_that_do_not_apply_are_one_line(run, edges, tmp_path, monkeypatch, command, arguments, problem):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus.txt").write_text("a b c\n" * 100)
    output = ("-o", "v.txt") if command == "train" else ()
    code, out, err = run(command, *arguments, *output)
    assert code in ((1, 2) if arguments[1] == "" else (2,)) and out == "" and problem in err and err.count("\n") == 1
    assert not (tmp_path / "v.txt").exists() and edges.read_text() == EDGES


def test_train_does_not_overwrite_the_graph(run, edges):
    code, _, err = run("train", "--graph", edges, "-o", edges)
    assert code == 2 and "is also an input" in err and edges.read_text() == EDGES


def test_plan_of_a_graph_is_exact(run, edges):
    code, out, err = run("plan", "--graph", edges, *TRAIN, "--json")
    assert code == 0, err
    plan = json.loads(out)
    assert plan["graph"]["nodes"] == 5 and plan["n_words"]["expected"] == 5
    assert plan["words"]["expected"] == 5 * 3 * 8 and plan["lines"]["expected"] == 15
    code, out, err = run("plan", "--graph", edges, *TRAIN)
    assert code == 0 and "5 edges, weights 1 to 2.5" in out + err and "walks" in out + err


def test_plan_of_a_graph_in_memory():
    plan = w2v.plan(graph=[("a", "b"), ("b", "c")], walks=2, walk_length=5, epochs=3)
    assert plan.graph.edges == 2 and plan.words.expected == 3 * 2 * 5
    with pytest.raises(TypeError, match="either corpus or graph"):
        w2v.plan("x.txt", graph=[("a", "b")])
