"""How fast is training, and what limits it? Words a second of the training phase, one epoch, by dimension, window,
negatives, vocabulary, instruction set and threads.

Vocabularies of 10,000 and 1,000,000 words are made with a Zipf law; the development corpus gives about 29,000 (its
first 3 million words) and 74,000. `of the peak` is the multiply-adds that the steps really do against what the core
can do.
`two processes` runs one thread in each of two processes, for the cost of sharing a model between threads.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
from pathlib import Path
from typing import Any

import common
import numpy as np

from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.training.loop import _isa, _slots
from w2v.training.loop.settings import shared_negatives
from w2v.training.trainer import train_encoded

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


def zipf_text(words: int, vocabulary: int) -> Path:
    """Text of so many words; each word of the vocabulary stands in it at least 5 times."""
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
    return encode(path, threads=common.machine()["cores"])


def words_per_second(corpus: EncodedCorpus, case: dict[str, Any]) -> float:
    options = {key: value for key, value in case.items() if key in TrainConfig.__dataclass_fields__}
    model = train_encoded(
        corpus,
        TrainConfig(epochs=1, **options),
        threads=case.get("threads", 1),
        isa=_isa.chosen_isa(case.get("isa")),
        progress=False,
    )
    return model.report.words_per_second


def _one_process(name: str, case: dict[str, Any], ready: Any, results: Any) -> None:
    corpus = open_corpus(name)
    ready.wait()
    results.put(words_per_second(corpus, case))


def with_processes(case: dict[str, Any]) -> float:
    """The sum over processes that train one model each at the same time."""
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
    """Vector multiply-adds for a word of the corpus, counted over a sample of lines as the loop would step."""
    window, negative, rng = case.get("window", 5), case.get("negative", 5), np.random.default_rng(1)
    shared = shared_negatives(negative)
    keep = corpus.vocabulary.keep_probabilities(1e-3)
    ids = corpus.ids[:300_000]
    lines = np.split(ids, np.flatnonzero(ids < 0))
    total, words = 0, 0
    for line in lines:
        line = line[line >= 0]
        words += len(line)
        n = int((rng.random(len(line)) < keep[line]).sum())
        reach = rng.integers(1, window + 1, n)
        step = 2 if case.get("shared_windows", 2) == 2 else 1
        for i in range(0, n, step):
            j = min(i + step - 1, n - 1)
            contexts = min(j + reach[i], n - 1) - max(i - reach[i], 0) + j - i  # a lone centre is not among its inputs
            total += contexts * (shared + 2 if j > i else negative + 1)
    return 3 * total * -(-case["vector_size"] // lanes) / words


def label(case: dict[str, Any]) -> str:
    return ", ".join(
        [case["corpus"], f"d={case['vector_size']}"]
        + [f"{key}={value}" for key, value in case.items() if key not in ("corpus", "vector_size")]
    )


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--only", help="only cases whose label holds this text")
    options: argparse.Namespace = parser.parse_args()
    cases = [
        case
        for case in CASES
        if case.get("isa", "scalar") in common.machine()["isas"] and (not options.only or options.only in label(case))
    ]
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
        cores = max(case.get("threads", 1), case.get("processes", 1))
        share = speed["median"] * fma / common.peak_fma(kernels.isa) / cores
        output[label(case)] = {
            **speed,
            "share_of_peak": share,
            "multiply_adds_a_word": fma,
            "isa": kernels.isa,
            "threads": case.get("threads", 1),
        }
        rows.append(
            [label(case), f"{speed['median'] / 1e6:.2f}", f"{100 * speed['spread']:.0f} %", f"{100 * share:.0f} %"]
        )
    print(common.table(rows, ["training", "M words/s", "spread", "of the peak"]))
    common.write("train", options, {"corpus": {"sha256": common.checksum(common.corpus_path())}, "train": output})


if __name__ == "__main__":
    main()
