"""Speed of training in corpus words a second, one epoch, and what limits it.

The cases differ in dimension, window, negatives, vocabulary, instruction set and threads. Vocabularies of 10,000 and
1,000,000 words are made with Zipf's law; the development corpus has 74,000 words, its first 3 million words about
29,000. `of the peak` compares the multiply-adds that the steps really do with those that the cores can do. The case
with two processes trains one model in each; it shows what it costs two threads to share a model.

With --against TREE, this tree is compared with another checkout instead. Both trees train on the same text, alternately
(A B B A), each by `python -m w2v train` of its own environment (TREE/.venv/bin/python), with one thread:

    python bench/train.py --against ../other-checkout --turns 15
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np

from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.training.loop import _slots
from w2v.training.loop.settings import shared_negatives

CASES: list[dict[str, Any]] = [
    {"corpus": "29k", "vector_size": 100},
    {"corpus": "29k", "vector_size": 300},
    {"corpus": "29k", "vector_size": 100, "isa": "avx2"},
    {"corpus": "29k", "vector_size": 300, "isa": "avx2"},
    {"corpus": "29k", "vector_size": 100, "shared_windows": 1},
    {"corpus": "29k", "vector_size": 200},
    {"corpus": "29k", "vector_size": 100, "window": 10},
    {"corpus": "29k", "vector_size": 100, "negative": 15},
    {"corpus": "10k Zipf", "vector_size": 100},
    {"corpus": "74k", "vector_size": 100},
    {"corpus": "74k", "vector_size": 100, "threads": 2},
    {"corpus": "74k", "vector_size": 100, "processes": 2},
    {"corpus": "74k", "vector_size": 300},
    {"corpus": "1M Zipf", "vector_size": 300},
]
# Options of `w2v train` that two trees are compared with; any tree understands them.
TREE_CASES: dict[str, list[str]] = {
    f"{name}, d={size}": [*switches, "--vector-size", str(size)]
    for name, switches in (("skip-gram", []), ("CBOW", ["--cbow"])) for size in (100, 300)
}


# ------------------------------------------------------------------------------------------------- cases of this tree


def zipf_text(words: int, vocabulary: int) -> Path:
    """Text of `words` words by Zipf's law; each word of the vocabulary occurs at least 5 times."""
    path = Path(tempfile.gettempdir()) / f"w2v-bench-zipf-{words}-{vocabulary}.txt"
    if not path.exists():
        rng = np.random.default_rng(1)
        p = 1 / (np.arange(vocabulary) + 2.7)
        ids = np.concatenate(
            [np.repeat(np.arange(vocabulary), 5), rng.choice(vocabulary, words - 5 * vocabulary, p=p / p.sum())]
        )
        rng.shuffle(ids)
        with open(f"{path}.part", "w") as part:
            for line in np.array_split(ids, len(ids) // 25):
                part.write(" ".join(f"w{i}" for i in line) + "\n")
        os.replace(f"{path}.part", path)
    return path


def open_corpus(name: str) -> EncodedCorpus:
    path = {
        "29k": lambda: common.corpus_path(3_000_000),
        "74k": common.corpus_path,
        "10k Zipf": lambda: zipf_text(3_000_000, 10_000),
        "1M Zipf": lambda: zipf_text(20_000_000, 1_000_000),
    }[name]()
    return encode(path, threads=common.cores())


def words_per_second(corpus: EncodedCorpus, case: dict[str, Any]) -> float:
    options = {key: value for key, value in case.items() if key in TrainConfig.__dataclass_fields__}
    config = TrainConfig(epochs=1, **options)
    return common.words_per_second(corpus, config, threads=case.get("threads", 1), isa=case.get("isa"))


def _one_process(name: str, case: dict[str, Any], ready: Any, results: Any) -> None:
    corpus = open_corpus(name)
    ready.wait()
    results.put(words_per_second(corpus, case))


def with_processes(case: dict[str, Any]) -> float:
    """Sum of the speeds of processes that train one model each at the same time."""
    context = multiprocessing.get_context("spawn")
    ready, results = context.Barrier(case["processes"]), context.Queue()
    children = [
        context.Process(target=_one_process, args=(case["corpus"], case, ready, results))
        for _ in range(case["processes"])
    ]
    for child in children:
        child.start()
    total = sum(results.get() for _ in children)
    for child in children:
        child.join()
    return total


def multiply_adds(corpus: EncodedCorpus, case: dict[str, Any], lanes: int) -> float:
    """Vector multiply-adds for each word of the corpus, counted over a sample of lines in the steps of the loop."""
    window, negative, rng = case.get("window", 5), case.get("negative", 5), np.random.default_rng(1)
    shared = shared_negatives(negative)
    keep = corpus.vocabulary.keep_probabilities(1e-3)
    ids = corpus.ids[:300_000]
    total, words = 0, 0
    for line in np.split(ids, np.flatnonzero(ids < 0)):
        line = line[line >= 0]
        words += len(line)
        n = int((rng.random(len(line)) < keep[line]).sum())
        reach = rng.integers(1, window + 1, n)
        step = 2 if case.get("shared_windows", 2) == 2 else 1
        for i in range(0, n, step):
            j = min(i + step - 1, n - 1)
            # The centre of a step with one window is not among its contexts.
            contexts = min(j + reach[i], n - 1) - max(i - reach[i], 0) + j - i
            total += contexts * (shared + 2 if j > i else negative + 1)
    return 3 * total * -(-case["vector_size"] // lanes) / words


def label(case: dict[str, Any]) -> str:
    return ", ".join(
        [case["corpus"], f"d={case['vector_size']}"]
        + [f"{key}={value}" for key, value in case.items() if key not in ("corpus", "vector_size")]
    )


def measure_cases(options: argparse.Namespace) -> None:
    isas = common.machine()["isas"]
    cases = [case for case in CASES
             if case.get("isa", "scalar") in isas and (not options.only or options.only in label(case))]
    corpora = {name: open_corpus(name) for name in dict.fromkeys(case["corpus"] for case in cases)}
    results = common.in_turn(
        {
            label(case): (lambda case=case: with_processes(case))
            if "processes" in case
            else (lambda case=case: words_per_second(corpora[case["corpus"]], case))
            for case in cases
        },
        options.repeats,
    )
    rows, output = [], {}
    for case in cases:
        kernels = _slots.Kernels(case.get("isa"))
        speed = common.summary(results[label(case)])
        fma = multiply_adds(corpora[case["corpus"]], case, kernels.lanes)
        busy = max(case.get("threads", 1), case.get("processes", 1))
        share = speed["median"] * fma / common.peak_fma(kernels.isa) / busy
        output[label(case)] = {**speed, "share_of_peak": share, "multiply_adds_a_word": fma, "isa": kernels.isa,
                               "threads": case.get("threads", 1)}
        rows.append([label(case), f"{speed['median'] / 1e6:.2f}", common.percent(speed["spread"]),
                     common.percent(share)])
    print(common.table(rows, ["training", "M words/s", "spread", "of the peak"]))
    common.write("train", options, {"corpus": {"sha256": common.checksum(common.corpus_path())}, "train": output})


# ------------------------------------------------------------------------------------------------- two trees


def python_of(tree: Path) -> Path:
    """Python of a tree's own environment; it must import w2v from that tree or have it installed."""
    python = tree / ".venv" / "bin" / "python"
    if not python.exists():
        sys.exit(f"{python} is missing: create the environment and install w2v there (pip install -e {tree})")
    return python


def imported_package(python: Path, folder: Path) -> str:
    """Folder from which this Python imports w2v."""
    code = "import json, os, w2v; print(json.dumps(os.path.dirname(w2v.__file__)))"
    return str(common.printed_json([python, "-c", code], folder=folder))


def train_once(python: Path, corpus: Path, switches: Sequence[str], folder: Path) -> dict[str, Any]:
    """Report of one run of `w2v train` with one thread and one epoch."""
    command = [python, "-m", "w2v", "train", corpus, "-o", folder / "vectors.bin", "--epochs", "1", "--threads", "1",
               "--seed", "1", "--json", *switches]
    report: dict[str, Any] = common.printed_json(command, folder=folder)  # not the sources: Python would import those
    return report


def quartiles(values: Sequence[float]) -> list[float]:
    """First quartile, median and third quartile."""
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3


def compare_trees(options: argparse.Namespace) -> None:
    """Print the ratio of the speeds of this tree and another one: above 1, this tree is faster."""
    corpus = (options.corpus or common.corpus_path(3_000_000)).resolve()
    pythons = {"this tree": Path(sys.executable), "the other": python_of(options.against.absolute())}
    cases = {name: case for name, case in TREE_CASES.items() if not options.only or options.only in name}
    rows, output = [], {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packages = {tree: imported_package(python, folder) for tree, python in pythons.items()}
        for tree, package in packages.items():
            print(f"{tree}: {package}", file=sys.stderr)
        if len(set(packages.values())) == 1:
            sys.exit("both environments import the same w2v")
        for case, switches in cases.items():
            seen: set[tuple[Any, ...]] = set()
            print(case, file=sys.stderr)

            def run(tree: str, switches: list[str] = switches, seen: set[tuple[Any, ...]] = seen) -> float:
                report = train_once(pythons[tree], corpus, switches, folder)
                seen.add((report["words_read"], report["vocabulary"], report["isa"]))
                return float(report["words_read"]) / float(report["seconds_training"])

            speeds = common.in_turn({tree: (lambda tree=tree: run(tree)) for tree in pythons}, options.turns)
            if len(seen) > 1:
                sys.exit(f"the trees differ in words read, vocabulary or instruction set: {sorted(seen)}")
            ours, theirs = speeds["this tree"], speeds["the other"]
            low, middle, high = quartiles([a / b for a, b in zip(ours, theirs, strict=True)])
            output[case] = {"ratio": middle, "quartiles": [low, high], "this": common.summary(ours),
                            "other": common.summary(theirs)}
            rows.append([case, f"{statistics.median(ours) / 1e6:.2f}", f"{statistics.median(theirs) / 1e6:.2f}",
                         f"{middle:.3f}", f"{low:.3f}", f"{high:.3f}"])
    print(common.table(rows, ["", "this, M words/s", "other", "median ratio", "1st quartile", "3rd quartile"]))
    if options.output:
        result = {"corpus": common.checksum(corpus), "turns": options.turns, "against": output}
        common.write("against", options, result)


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--only", help="only cases whose label contains this text")
    parser.add_argument("--against", type=Path, metavar="TREE", help="compare this tree with another checkout")
    parser.add_argument("--turns", type=int, default=15, help="with --against: runs of each tree (default 15)")
    parser.add_argument("--corpus", type=Path,
                        help="with --against: plain text (default: 3 million words of the development corpus)")
    options = parser.parse_args()
    if options.against:
        compare_trees(options)
    else:
        measure_cases(options)


if __name__ == "__main__":
    main()
