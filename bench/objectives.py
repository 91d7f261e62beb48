"""Speed and quality of CBOW, hierarchical softmax and n-grams against peers at the same settings, in turn (A B A B).

The speed is that of the training phase, one epoch on one thread over the first words of the development corpus. gensim
reports its own. fastText's is its whole run minus one in which subsampling drops nearly all words: reading and set-up,
mostly of the initial vectors of the n-grams. word2vec.c, if --word2vec names the program, is measured in the same way.
Quality (--seeds N) is measured after 5 epochs: Google analogies among the 30,000 most frequent words, WS-353,
SimLex-999, MEN, and the pairs of MEN with a rare or unknown word (at most --rare occurrences in the corpus).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import common

import w2v
from w2v import evaluate

SUBWORDS = {"minn": 3, "maxn": 6}
CASES: dict[str, dict[str, Any]] = {
    "CBOW": {"sg": False, "cbow_undivided": True, "alpha": 0.05},
    "hierarchical softmax": {"hs": True, "negative": 0},
    "CBOW, hierarchical softmax": {"sg": False, "cbow_undivided": True, "hs": True, "negative": 0, "alpha": 0.05},
    "subwords": {**SUBWORDS, "alpha": 0.05, "ns_exponent": 0.5},
    "CBOW, subwords": {"sg": False, "cbow_undivided": True, **SUBWORDS, "alpha": 0.05, "ns_exponent": 0.5},
}
DEFAULTS: dict[str, Any] = {"sg": True, "hs": False, "negative": 5, "alpha": 0.025}
COMMON: dict[str, Any] = {"vector_size": 100, "window": 5, "sample": 1e-3, "min_count": 5}

GENSIM = """
import json, sys, time
from gensim.models import Word2Vec
path, output, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[6])
epochs, threads, seed = map(int, sys.argv[3:6])
model = Word2Vec(min_alpha=1e-4, workers=threads, seed=seed, **options)
model.build_vocab(corpus_file=path)
start = time.perf_counter()
model.train(corpus_file=path, total_words=model.corpus_total_words, total_examples=model.corpus_count, epochs=epochs)
print(json.dumps({"training": time.perf_counter() - start}))
model.wv.save_word2vec_format(output, binary=True)
"""

FASTTEXT = """
import json, sys, time
import fasttext
path, output, o = sys.argv[1], sys.argv[2], json.loads(sys.argv[6])
epochs, threads, seed = map(int, sys.argv[3:6])

def train(sample):
    start = time.perf_counter()
    model = fasttext.train_unsupervised(
        path, model="skipgram" if o["sg"] else "cbow", loss="hs" if o["hs"] else "ns", dim=o["vector_size"],
        ws=o["window"], neg=o["negative"], t=sample, lr=o["alpha"], minCount=o["min_count"], minn=o["minn"],
        maxn=o["maxn"], epoch=epochs, thread=threads, verbose=0)
    return model, time.perf_counter() - start

setup = train(1e-12)[1] if epochs == 1 else 0.0
model, whole = train(o["sample"])
print(json.dumps({"training": whole - setup}))
model.save_model(output)
"""


class Peer:
    """Program for another Python that trains and prints the seconds of its training phase."""

    def __init__(self, python: Path, code: str) -> None:
        self.python, self.code = python, code

    def __call__(
        self, path: Path, output: Path, epochs: int, threads: int, seed: int, options: dict[str, Any]
    ) -> float:
        values = [path, output, epochs, threads, seed, json.dumps({**DEFAULTS, **COMMON, **options})]
        return float(common.printed_json([self.python, "-c", self.code, *values])["training"])


class Word2VecC:
    """word2vec.c. Its training phase is a whole run minus one in which subsampling drops nearly all words."""

    def __init__(self, program: Path) -> None:
        self.program = program

    def __call__(
        self, path: Path, output: Path, epochs: int, threads: int, seed: int, options: dict[str, Any]
    ) -> float:
        o = {**DEFAULTS, **COMMON, **options}

        def seconds(sample: float) -> float:
            return common.seconds(lambda: subprocess.run([
                self.program, "-train", path, "-output", output, "-size", str(o["vector_size"]), "-iter", str(epochs),
                "-threads", str(threads), "-window", str(o["window"]), "-negative", str(o["negative"]), "-sample",
                str(sample), "-alpha", str(o["alpha"]), "-min-count", str(o["min_count"]), "-cbow",
                str(int(not o["sg"])), "-hs", str(int(o["hs"])), "-binary", "1", "-debug", "0",
            ], check=True, capture_output=True))

        setup = seconds(1e-12) if epochs == 1 else 0.0
        return seconds(COMMON["sample"]) - setup


def ours(path: Path, output: Path, epochs: int, threads: int, seed: int, options: dict[str, Any]) -> float:
    model = w2v.train(path, epochs=epochs, threads=threads, seed=seed, progress=False, **{**COMMON, **options})
    if options.get("maxn"):
        model.save_fasttext_format(output)
    else:
        model.save(output)
    return model.report.seconds_training


def scores(path: Path, output: Path, rare: int) -> list[float]:
    """`common.scores`, then Spearman's correlation and number of MEN's pairs with a rare word and two vectors."""
    kv = w2v.load(output)
    counts = Counter(path.read_bytes().split())
    lines = (common.DATA / "eval" / "men.tsv").read_text().splitlines()
    few = [line for line in lines if min(counts[word.encode()] for word in line.split("\t")[:2]) <= rare]
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
        file.write("\n".join(few) + "\n")
        file.flush()
        known = evaluate.similarity(kv, file.name, draws=0)
    return [*common.scores(kv), 100 * (known.spearman or 0.0), float(known.pairs)]


def measure(name: str, case: dict[str, Any], path: Path, output: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Speed and scores of w2v and its peers for one objective."""
    peers = common.peer_python(options.peers)
    runs: dict[str, Callable[..., float]] = {"w2v": ours}
    if "maxn" in case:
        runs["fastText"] = Peer(peers, FASTTEXT)
    else:
        runs["gensim"] = Peer(peers, GENSIM)
        if options.word2vec:
            runs["word2vec.c"] = Word2VecC(options.word2vec)
    theirs = {key: value for key, value in case.items() if key not in ("cbow_undivided", "ns_exponent")}
    settings = {trainer: case if trainer == "w2v" else theirs for trainer in runs}
    words = common.count_words(path)
    speed = common.in_turn({
        trainer: lambda run=run, own=settings[trainer]: words / max(run(path, output, 1, 1, 1, own), 1e-9)
        for trainer, run in runs.items()}, options.repeats)
    quality: dict[str, list[list[float]]] = {trainer: [] for trainer in runs}
    for seed in range(1, options.seeds + 1):
        for trainer, run in runs.items():
            run(path, output, 5, max(2, common.cores()), seed, settings[trainer])
            quality[trainer].append(scores(path, output, options.rare))
            print(f"  {name}, seed {seed}, {trainer}: {quality[trainer][-1]}", file=sys.stderr, flush=True)
    return {trainer: {"words_per_second": common.summary(speed[trainer]), "scores": quality[trainer]}
            for trainer in runs}


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--words", type=int, default=3_000_000, help="words of the corpus to use (default 3 million)")
    parser.add_argument("--peers", type=Path, metavar="PYTHON",
                        help="a Python with gensim and fasttext (default: made on first use)")
    parser.add_argument("--word2vec", type=Path, metavar="PROGRAM", help="word2vec.c, compiled")
    parser.add_argument("--seeds", type=int, default=0, help="runs for the quality (default 0: none)")
    parser.add_argument("--rare", type=int, default=20, help="most occurrences of a rare word (default 20)")
    parser.add_argument("--only", help="only the case of this name")
    options = parser.parse_args()
    path = common.corpus_path(options.words)
    with tempfile.TemporaryDirectory() as folder:
        result = {name: measure(name, case, path, Path(folder) / "vectors.bin", options)
                  for name, case in CASES.items() if options.only in (None, name)}
    rows = []
    for name, tools in result.items():
        first = tools["w2v"]["words_per_second"]["median"]
        for trainer, entry in tools.items():
            median = entry["words_per_second"]["median"]
            means = [statistics.mean(column) for column in zip(*entry["scores"], strict=True)]
            rows.append([f"{name}, {trainer}", f"{median / 1e6:.3f}", f"{first / median:.1f}",
                         *(f"{mean:.1f}" for mean in means), *(["-"] * (6 - len(means)))])
    print(common.table(rows, ["trainer", "M words/s", "w2v is faster by", "Google", "WS-353", "SimLex", "MEN", "rare",
                              "pairs"]))
    common.write("objectives", options, {"corpus": common.checksum(path), "settings": COMMON, "cases": CASES,
                                         "rare": options.rare, "load": os.getloadavg(), "objectives": result})


if __name__ == "__main__":
    main()
