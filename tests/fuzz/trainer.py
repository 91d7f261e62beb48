"""Fuzzer of training: random corpora and options.

    python tests/fuzz/trainer.py --seconds 60

A run is refused with one of the package's errors, or its model is finite and its word counts add up. With one thread,
or in rounds with any number of threads, the same run again, and a run that was stopped and resumed, give the same
bytes.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from helpers import stops  # noqa: E402

import w2v  # noqa: E402
from fuzz import driver  # noqa: E402
from w2v.errors import W2VError  # noqa: E402
from w2v.training.rounds import rounds  # noqa: E402
from w2v.training.run import paced  # noqa: E402


def random_lines(rng: random.Random) -> list[list[str]]:
    """Return lines of any length with words whose frequencies are far apart."""
    words = [f"w{k}" for k in range(rng.choice((1, 2, 5, 30, 300)))]
    weights = [1 / (k + 1) ** rng.choice((0, 0.5, 1, 2)) for k in range(len(words))]
    lengths = rng.choice(((0, 1), (1, 1), (2, 2), (1, 12), (0, 100), (500, 500)))
    return [rng.choices(words, weights, k=rng.randint(*lengths)) for _ in range(rng.choice((1, 3, 50, 400)))]


def random_options(rng: random.Random) -> dict[str, Any]:
    """Return some options; half of the values are defaults."""
    values: dict[str, list[Any]] = {
        "vector_size": [1, 2, 7, 16, 33, 100], "window": [1, 2, 9, (0, 3), (4, 1), "line", 10_000],
        "negative": [0, 1, 2, 20], "hs": [True], "sample": [0, 1e-5, 1e-2, 1], "min_count": [0, 1, 2, 30],
        "max_vocab": [1, 2, 50], "epochs": [1, 2, 3], "alpha": [1e-9, 0.01, 0.05], "min_alpha": [0, 0.005],
        "ns_exponent": [-1, 0, 1, 4], "sg": [False], "cbow_mean": [False], "cbow_undivided": [True],
        "minn": [1, 2, 3], "maxn": [1, 3, 6], "bucket": [1, 7, 1000], "shrink_windows": [False],
        "shared_windows": [1], "shared_contexts": [1, 5], "private_rows": [0, 1, 3, 100], "held_out": [1, 5],
        "seed": [0, 2**64 - 1]}
    found = {name: rng.choice(some) for name, some in values.items() if rng.random() < 0.3}
    if rng.random() < 0.3:
        found |= {"reproducible": True, "shards": rng.choice((1, 2, 5, 16, 1024)), "rounds": rng.choice((1, 3, 8, 40))}
        for name in ("hs", "minn", "maxn", "bucket", "private_rows"):
            found.pop(name, None)
    return {"vector_size": 16, "min_count": 1, "epochs": 2, **({"bucket": 100} if "maxn" in found else {}), **found}


def write_text(rng: random.Random, lines: list[list[str]], path: Path, weighted: bool) -> Path:
    end = rng.choice(("\n", "\n", "\r\n"))
    texts = [" ".join(([f"{rng.choice((0, 0.5, 1, 3))}"] if weighted else []) + line) for line in lines]
    path.write_bytes((end.join(texts) + rng.choice(("", end))).encode())
    return path


def content(model: w2v.Model) -> bytes:
    return np.ascontiguousarray(model.wv.vectors).tobytes() + np.ascontiguousarray(model.output_vectors).tobytes()


def check(model: w2v.Model) -> None:
    """Raise `Finding` for a model that cannot be right."""
    report = model.report
    if report.words_read != (report.words_trained + report.words_subsampled + report.words_unknown
                             + report.words_held_out):
        raise driver.Finding(f"word counts do not add up: {report.to_dict()}")
    if report.words_read != report.corpus.words * model.config.epochs:
        raise driver.Finding(f"{report.words_read} words read of {report.corpus.words} x {model.config.epochs}")
    for name, matrix in (("vectors", model.wv.vectors), ("output", model.output_vectors)):
        if not np.isfinite(np.asarray(matrix)).all():
            raise driver.Finding(f"{name}: not finite")
    if model.wv.counts is None or int(model.wv.counts.sum()) + report.corpus.words_unknown != report.corpus.words:
        raise driver.Finding("the counts of the words do not add up")


def resumed(rng: random.Random, corpus: Path, common: dict[str, Any], folder: Path, shard: int) -> w2v.Model | None:
    """Stop a run after some shards and resume it; None if it was over before its first checkpoint."""
    checkpoint = folder / "run.w2v"
    try:
        with paced(shard_ids=shard, after_shard=stops.stop_after(rng.choice((1, 2, 5)))):
            w2v.train(corpus, checkpoint=checkpoint, checkpoint_every="1%", **common)
    except stops.Stop:
        pass
    if not checkpoint.exists():
        return None
    threads = rng.choice((1, 2, 5)) if "reproducible" in common else 1
    return w2v.train(resume=checkpoint, threads=threads, isa=common["isa"], progress=False)


def case(rng: random.Random, folder: Path) -> None:
    """Train on a random text with random options."""
    options, threads = random_options(rng), rng.choice((1, 1, 2, 5))
    weighted = rng.random() < 0.1
    corpus = write_text(rng, random_lines(rng), folder / "c.txt", weighted)
    common = {**options, **({"line_weights": True} if weighted else {}), "threads": threads,
              "isa": rng.choice(w2v.available_isas()), "progress": False}
    shard, rounds.LEAST_WORDS = rng.choice((10, 100, 1 << 17)), rng.choice((1, 10, 1000))
    try:
        with paced(shard_ids=shard):
            model = w2v.train(corpus, **common)
    except (W2VError, ValueError) as error:
        if type(error) is not ValueError and not isinstance(error, W2VError):
            raise
        return
    check(model)
    exact = "reproducible" in common
    if (threads > 1 and not exact) or rng.random() < 0.5:
        return
    with paced(shard_ids=shard):
        again = w2v.train(corpus, **common | ({"threads": rng.choice((1, 2, 7))} if exact else {}))
    if content(again) != content(model):
        raise driver.Finding(f"the same run twice gives different bytes: {common}")
    continued = resumed(rng, corpus, common, folder, shard)
    if continued is not None and content(continued) != content(model):
        raise driver.Finding(f"a resumed run gives different bytes: {common}")


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    sys.exit(driver.main(case, __doc__))
