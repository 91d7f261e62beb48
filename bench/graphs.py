"""Graphs: random walks and whole runs against PecanPy and gensim, memory, and the quality of node vectors.

    python bench/graphs.py --pecanpy PYTHON

--pecanpy names a Python that has pecanpy, gensim and scikit-learn. The graph for speed has a million edges, 100,000
nodes and degrees that fall as a power (--edges, --nodes). All programs read the same file and run in turn, each in a
process of its own that prints its seconds. Walks: w2v makes those of an epoch; PecanPy those of all nodes, without its
reading and its compilation, in the mode that is fastest: first-order for p = q = 1, otherwise SparseOTF (--modes names
more). Whole run: from the file to vectors, with PecanPy's walks in memory and gensim's skip-gram of one epoch over
them, at the same dimension, window and negatives; without the compilation of PecanPy. Quality: three graphs with
planted blocks, --seeds seeds: micro F1 of logistic regression from half of the nodes, and ROC AUC of the cosine on a
fifth of the edges, which were removed before training.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import common
import numpy as np

WALKS = """
import json, sys, time
import w2v
from w2v.corpus.paths import CorpusInput
from w2v.graphs.walks import walk_text
path, options = sys.argv[1], json.loads(sys.argv[2])
threads = options.pop("threads")
text = walk_text(CorpusInput.of_graph(path, options), seed=1, threads=threads)
from concurrent.futures import ThreadPoolExecutor
epoch = text.of_epoch(1)
ranges = epoch.shards(64 * threads)
start = time.perf_counter()
with ThreadPoolExecutor(threads) as pool:
    steps = sum(pool.map(lambda one: len(epoch.read(*one)), ranges))
print(json.dumps({"seconds": time.perf_counter() - start, "walks": epoch.n_walks, "steps": steps}))
"""
PECANPY_WALKS = """
import json, sys, time
from pecanpy import pecanpy
path, options = sys.argv[1], json.loads(sys.argv[2])
graph = getattr(pecanpy, options["mode"])(p=options["p"], q=options["q"], workers=options["threads"], random_state=1)
graph.read_edg(path, weighted=False, directed=False)
start = time.perf_counter()
graph.preprocess_transition_probs()
prepared = time.perf_counter() - start
graph.simulate_walks(num_walks=1, walk_length=3)  # compiles
start = time.perf_counter()
walks = graph.simulate_walks(num_walks=options["walks"], walk_length=options["walk_length"])
print(json.dumps({"seconds": time.perf_counter() - start, "walks": len(walks), "preparing": prepared}))
"""
RUN = """
import json, resource, sys, time
start = time.perf_counter()
import w2v
path, options = sys.argv[1], json.loads(sys.argv[2])
vectors = options.pop("vectors", None)
model = w2v.train(graph=path, progress=False, **options)
if vectors:
    model.save(vectors)
report = model.report
print(json.dumps({"seconds": time.perf_counter() - start, "nodes": report.vocabulary, "words": report.words_read,
                  "rows": report.corpus.graph.bytes,
                  "peak": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""
PECANPY_RUN = """
import json, sys, time
from gensim.models import Word2Vec
from pecanpy import pecanpy
path, options = sys.argv[1], json.loads(sys.argv[2])
mode = getattr(pecanpy, options["mode"])
def graph():
    made = mode(p=options["p"], q=options["q"], workers=options["threads"], random_state=options["seed"])
    made.read_edg(path, weighted=False, directed=False)
    made.preprocess_transition_probs()
    return made
compiled = graph()
compiled.simulate_walks(num_walks=1, walk_length=3)
start = time.perf_counter()
walks = graph().simulate_walks(num_walks=options["walks"], walk_length=options["walk_length"])
walked = time.perf_counter() - start
model = Word2Vec(walks, vector_size=options["vector_size"], window=options["window"], min_count=0, sg=1,
                 workers=options["threads"], epochs=options["epochs"], seed=options["seed"])
seconds = time.perf_counter() - start
if options.get("vectors"):
    model.wv.save_word2vec_format(options["vectors"], binary=True)
print(json.dumps({"seconds": seconds, "walking": walked}))
"""
SCORE = """
import json, sys
import numpy as np
from gensim.models import KeyedVectors
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import train_test_split
kv = KeyedVectors.load_word2vec_format(sys.argv[1], binary=True)
task = json.load(open(sys.argv[2]))
if "labels" in task:
    known = [(node, label) for node, label in task["labels"] if node in kv]
    x, y = np.array([kv[node] for node, _ in known]), np.array([label for _, label in known])
    found = []
    for seed in range(5):
        a, b, c, d = train_test_split(x, y, test_size=.5, random_state=seed, stratify=y)
        found.append(f1_score(d, LogisticRegression(max_iter=1000).fit(a, c).predict(b), average="micro"))
    score = float(np.mean(found))
else:
    score = roc_auc_score([mark for _, _, mark in task["links"]],
                          [kv.similarity(a, b) if a in kv and b in kv else 0 for a, b, _ in task["links"]])
print(json.dumps(score))
"""

SETTINGS = {"p = q = 1": (1.0, 1.0, "FirstOrderUnweighted"), "p = 0.5, q = 2": (0.5, 2.0, "SparseOTF")}
BLOCKS = {"8 blocks of 50": (8, 50, 0.12, 0.02), "10 blocks of 200": (10, 200, 0.03, 0.004),
          "20 blocks of 100": (20, 100, 0.06, 0.003)}


def power_law(path: Path, nodes: int, edges: int) -> None:
    """Write a graph whose degrees fall as a power; no edge twice."""
    rng = np.random.default_rng(1)
    names, found = rng.permutation(nodes), np.empty((0, 2), np.int64)
    while len(found) < edges:
        ends = (nodes * rng.random((edges, 2)) ** 2.2).astype(np.int64)
        ends = np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1)
        found = np.unique(np.concatenate([found, ends]), axis=0)
    found = names[found[np.sort(rng.permutation(len(found))[:edges])]]
    np.savetxt(path, found, fmt="%d", delimiter="\t")


def blocks(folder: Path, name: str) -> dict[str, Any]:
    """Write a planted graph, the same without a fifth of its edges, and the two tasks; return their paths."""
    count, size, within, between = BLOCKS[name]
    rng, n = np.random.default_rng(7), count * size
    label = np.repeat(np.arange(count), size)
    a, b = np.triu_indices(n, 1)
    there = rng.random(len(a)) < np.where(label[a] == label[b], within, between)
    edges, missing = np.stack([a[there], b[there]], 1), np.stack([a[~there], b[~there]], 1)
    held = rng.permutation(len(edges)) < len(edges) // 5
    others = missing[rng.choice(len(missing), int(held.sum()), replace=False)]
    base = folder / name.replace(" ", "-")
    paths = {kind: base.with_suffix(f".{kind}") for kind in ("all", "part", "labels", "links")}
    np.savetxt(paths["all"], edges, fmt="%d", delimiter="\t")
    np.savetxt(paths["part"], edges[~held], fmt="%d", delimiter="\t")
    paths["labels"].write_text(json.dumps({"labels": [[str(i), int(label[i])] for i in range(n)]}))
    links = [[str(u), str(v), 1] for u, v in edges[held]] + [[str(u), str(v), 0] for u, v in others]
    paths["links"].write_text(json.dumps({"links": links}))
    return {"nodes": n, "edges": len(edges), "paths": paths}


def walking(graph: Path, peer: Path, options: Any) -> dict[str, Any]:
    """Walks a second of w2v and PecanPy, by p and q."""
    found: dict[str, Any] = {}
    for name, (p, q, mode) in SETTINGS.items():
        ours = {"p": p, "q": q, "walks": 10, "walk_length": 80, "threads": options.threads}
        theirs = {**ours, "walks": 1}
        modes = [mode, *(options.modes if p != 1 else ())]

        def speed(python: str | Path, code: str, given: dict[str, Any]) -> float:
            made = common.printed_json([python, "-c", code, graph, json.dumps(given)])
            return float(made["walks"] / made["seconds"])

        runs: dict[str, Any] = {"w2v": lambda ours=ours: speed(sys.executable, WALKS, ours)}
        runs |= {f"PecanPy, {one}": lambda one=one, theirs=theirs: speed(peer, PECANPY_WALKS, {**theirs, "mode": one})
                 for one in modes}
        print(f"walks, {name}", file=sys.stderr)
        found[name] = {case: common.summary(values) for case, values in common.in_turn(runs, options.repeats).items()}
    return found


def whole_runs(graph: Path, peer: Path, options: Any) -> dict[str, Any]:
    """Seconds from the file to vectors, and the memory of w2v."""
    settings = {"vector_size": 128, "window": 10, "epochs": 1, "walks": options.walks, "walk_length": 80, "p": 1.0,
                "q": 1.0, "threads": options.threads, "seed": 1}
    ours: list[dict[str, Any]] = []

    def run() -> float:
        ours.append(common.printed_json([sys.executable, "-c", RUN, graph, json.dumps(settings)]))
        return float(ours[-1]["seconds"])

    def peer_run() -> float:
        given = {**settings, "mode": "FirstOrderUnweighted"}
        return float(common.printed_json([peer, "-c", PECANPY_RUN, graph, json.dumps(given)])["seconds"])

    print("whole runs", file=sys.stderr)
    turns = common.in_turn({"w2v": run, "PecanPy and gensim": peer_run}, options.run_repeats)
    matrices = 2 * ours[-1]["nodes"] * settings["vector_size"] * 4
    return {"settings": settings, "seconds": {name: common.summary(values) for name, values in turns.items()},
            "peak": max(one["peak"] for one in ours), "rows": ours[-1]["rows"], "matrices": matrices}


def quality(peer: Path, options: Any) -> dict[str, Any]:
    """Scores of node vectors on planted graphs."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in BLOCKS:
            made = blocks(Path(folder), name)
            scores: dict[str, dict[str, list[float]]] = {who: {"labels": [], "links": []} for who in ("w2v", "peer")}
            for seed in range(1, options.seeds + 1):
                for task, graph in (("labels", "all"), ("links", "part")):
                    for who in scores:
                        vectors = Path(folder) / f"{who}.bin"
                        given = {"vector_size": 64, "window": 10, "epochs": 1, "walks": 10, "walk_length": 80, "p": 1.0,
                                 "q": 1.0, "threads": 1, "seed": seed, "vectors": str(vectors)}
                        python, code = (sys.executable, RUN) if who == "w2v" else (peer, PECANPY_RUN)
                        given |= {} if who == "w2v" else {"mode": "FirstOrderUnweighted"}
                        common.printed_json([python, "-c", code, made["paths"][graph], json.dumps(given)])
                        scores[who][task].append(common.printed_json(
                            [peer, "-c", SCORE, vectors, made["paths"][task]]))
            found[name] = {"nodes": made["nodes"], "edges": made["edges"], "scores": scores}
            print(name, {who: {task: round(statistics.mean(values), 4) for task, values in tasks.items()}
                         for who, tasks in scores.items()}, file=sys.stderr)
    return found


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--pecanpy", type=Path, required=True, help="Python with pecanpy, gensim and scikit-learn")
    parser.add_argument("--nodes", type=int, default=100_000)
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--walks", type=int, default=2, help="walks from each node in whole runs (default 2)")
    parser.add_argument("--run-repeats", type=int, default=3, help="whole runs of each program (default 3)")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--modes", nargs="*", default=[], help="further modes of PecanPy for p = 0.5, q = 2")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        graph = Path(folder) / "graph.tsv"
        power_law(graph, options.nodes, options.edges)
        result = {"nodes": options.nodes, "edges": options.edges, "threads": options.threads, "seeds": options.seeds,
                  "checksum": common.checksum(graph), "walks": walking(graph, options.pecanpy, options),
                  "run": whole_runs(graph, options.pecanpy, options)}
    result["quality"] = quality(options.pecanpy, options)
    common.write("graphs", options, result)


if __name__ == "__main__":
    main()
