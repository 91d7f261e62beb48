"""Speed, memory and results of the analysis of vector spaces (w2v/analysis).

Speed: each command on vectors of the whole development corpus (74,078 words x 100), the cases in turn. Large: reduce,
align and diff of two mapped files with a million words x 300, each in a process of its own, with its peak memory.
Results: agreement of runs that differ in their seed, and scores of their average. Models are trained when they are
first needed, into --models.

--prefixes scores prefixes of rotated vectors against models that were trained with as many dimensions instead, for each
seed, and writes prefixes.json.

--maps measures whole commands of `w2v map` instead, on the same vectors, and writes maps.json. It needs a Python that
has w2v[plot,tsne]: matplotlib and scikit-learn.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import common
import numpy as np

import w2v

SEEDS = (1, 2, 3)
DIMENSION = 100
PREFIXES, ROTATED = (25, 50, 100), (100, 300)  # lengths, and dimensions of the models that are rotated
LARGE = (1_000_000, 300)
NOISE = 0.5  # of the second large space, relative to the first
TEXTS, TEXT_WORDS = 100_000, 10
CLUSTERS = 100
LARGE_CASES = {
    "reduce": "w2v.reduce(a).kv.save(out)",
    "align": "w2v.align(a, b).kv.save(out)",
    "diff": "w2v.diff(a, b)",
}
MAPS = {
    "500 words, PCA": ("pca.png", "--top", "500"),
    "500 words, t-SNE": ("tsne.png", "--top", "500", "--method", "tsne"),
    "20,000 words, a page": ("map.html", "--top", "20000"),
}
LARGE_PROGRAM = common.MEMORY + """
import json, sys, threading, time
import w2v

def watch():
    global anonymous
    while not done.wait(0.02):
        anonymous = max(anonymous, memory("RssAnon"))

anonymous, done = 0, threading.Event()
a, b = (w2v.load(path, mmap=True) for path in sys.argv[2:4])
out = sys.argv[4]
threading.Thread(target=watch, daemon=True).start()
start = time.perf_counter()
exec(sys.argv[1])
print(json.dumps({"seconds": time.perf_counter() - start, "peak": memory("VmHWM"), "anonymous": anonymous,
                  "matrix": a.rows.nbytes}))
"""


def model(folder: Path, size: int, seed: int) -> w2v.KeyedVectors:
    """Vectors of the development corpus, trained when they are first needed."""
    path = folder / f"d{size}.seed{seed}.safetensors"
    if not path.exists():
        trained = w2v.train(common.corpus_path(), vector_size=size, seed=seed, progress=False)
        trained.save(path, output_vectors=size == DIMENSION)
    return w2v.load(path)


def word_lists(kv: w2v.KeyedVectors, size: int = 8) -> list[list[str]]:
    """Four lists of frequent words, for the speed of tests that take lists."""
    return [kv.index_to_key[start:start + size] for start in range(100, 100 + 4 * size, size)]


def speed_cases(folder: Path) -> dict[str, Callable[[], object]]:
    """Each command as a function."""
    first, second, third = (model(folder, DIMENSION, seed) for seed in SEEDS)
    one, two, three, four = word_lists(first)
    rng = np.random.default_rng(1)
    chosen = rng.integers(0, 20_000, (TEXTS, TEXT_WORDS))
    texts = [" ".join(first.index_to_key[i] for i in row) for row in chosen]
    return {
        "reduce": lambda: w2v.reduce(first),
        "reduce --method random --dim 50": lambda: w2v.reduce(first, 50, method="random"),
        "align": lambda: w2v.align(first, second).kv,
        "diff": lambda: w2v.diff(first, second),
        "diff --runs (3 files)": lambda: w2v.diff(first, second, runs=[third]),
        "stability (3 files)": lambda: w2v.stability([first, second, third]),
        "stability -o (average of 3 files)": lambda: w2v.average([first, second, third]),
        f"cluster -k {CLUSTERS}": lambda: w2v.cluster(first, CLUSTERS),
        "cluster -k auto": lambda: w2v.cluster(first, "auto"),
        "doctor": lambda: w2v.doctor(first),
        "bias": lambda: w2v.bias(first, w2v.BiasSet("lists", {"one": one, "two": two}, {"three": three, "four": four})),
        "axis": lambda: w2v.axis(first, one, two, three),
        "debias": lambda: w2v.debias(first, list(zip(one, two, strict=True))),
        "why": lambda: w2v.why(first, *one[:2]),
        f"sentences, {TEXTS:,} texts": lambda: first.sentence_vectors(texts, "sif", remove=1),
        "kv.nearest, 10,000 words": lambda: first.nearest(first.index_to_key[:10_000]),
    }


def large_files(folder: Path) -> tuple[Path, Path]:
    """Two files of a million words x 300: clusters, and the same after a rotation, with noise."""
    paths = folder / "large.a.safetensors", folder / "large.b.safetensors"
    if all(path.exists() for path in paths):
        return paths
    n, d = LARGE
    rng = np.random.default_rng(1)
    centres = rng.standard_normal((n // 100, d), dtype=np.float32)
    words = [f"w{i}" for i in range(n)]
    counts = (1e9 / np.arange(1, n + 1)).astype(np.int64) + 1
    vectors = centres[np.arange(n) % len(centres)] + rng.standard_normal((n, d), dtype=np.float32)
    w2v.KeyedVectors(words, vectors, counts).save(paths[0])
    rotation = np.linalg.qr(rng.standard_normal((d, d)))[0].astype(np.float32)
    step = 50_000
    for start in range(0, n, step):
        part = vectors[start:start + step]
        part += NOISE * rng.standard_normal(part.shape, dtype=np.float32)
        vectors[start:start + step] = part @ rotation
    w2v.KeyedVectors(words, vectors, counts).save(paths[1])
    return paths


def large(folder: Path) -> dict[str, Any]:
    """Seconds and memory of the commands on the large files."""
    first, second = large_files(folder)
    found = {}
    with tempfile.TemporaryDirectory() as temporary:
        for name, code in LARGE_CASES.items():
            output = Path(temporary) / "out.safetensors"
            found[name] = common.printed_json([sys.executable, "-c", LARGE_PROGRAM, code, first, second, output],
                                              folder=Path(temporary))
            output.unlink(missing_ok=True)
            print(f"  {name}: {found[name]}", file=sys.stderr)
    return found


def prefixes(options: argparse.Namespace) -> None:
    """Score prefixes of rotated vectors and models trained with as many dimensions, and write prefixes.json."""
    folder: Path = options.models
    scores: dict[str, list[list[float]]] = {}
    kept: dict[str, float] = {}

    def add(dim: int, of: int, kv: w2v.KeyedVectors) -> None:
        scores.setdefault(f"{dim} of {of}", []).append(common.scores(kv))
        print(f"  {dim} of {of}: {scores[f'{dim} of {of}'][-1]}", file=sys.stderr, flush=True)

    for seed in SEEDS:
        for size in PREFIXES:
            add(size, size, model(folder, size, seed))
        for size in ROTATED:
            rotated = w2v.reduce(model(folder, size, seed), sample=0).kv
            for dim in (one for one in PREFIXES if one < size):
                add(dim, size, rotated.with_rows(np.ascontiguousarray(rotated.rows[:][:, :dim])))
    for size in ROTATED:
        for dim in (one for one in PREFIXES if one < size):
            near = w2v.reduce(model(folder, size, SEEDS[0]), dim).prefixes[-1].neighbours
            kept[f"{dim} of {size}"] = near.value if near else 0.0
    common.write("prefixes", options, {
        "corpus": {"sha256": common.checksum(common.corpus_path())}, "prefixes": PREFIXES, "rotated": ROTATED,
        "seeds": len(SEEDS), "scores": scores, "neighbours": kept})


def runs(folder: Path) -> dict[str, Any]:
    """Agreement of runs with other seeds, and scores of each and of their average."""
    models = [model(folder, DIMENSION, seed) for seed in SEEDS]
    average = w2v.average(models)
    return {"stability": w2v.stability(models).to_dict(),
            "unseen": w2v.stability([w2v.average(models[:2]), models[2]]).overlap.to_dict(),
            "single": [common.scores(kv) for kv in models], "average": common.scores(average)}


def maps(options: argparse.Namespace) -> None:
    """Measure the whole commands of `MAPS`, and write maps.json."""
    for module in ("matplotlib", "sklearn"):
        if importlib.util.find_spec(module) is None:
            sys.exit(f"{module} is missing: run this script with a Python that has w2v[plot,tsne]")
    kv = model(options.models, DIMENSION, 1)
    vectors = Path(kv.source.partition(": ")[0]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        def command(output: str, *switches: str) -> None:
            common.printed_json([sys.executable, "-m", "w2v", "map", vectors, "-o", output, *switches, "--json"],
                                environment={"PYTHONPATH": str(Path(w2v.__file__).parents[1])}, folder=Path(folder))

        found = common.in_turn({name: lambda case=case: common.seconds(lambda: command(*case))
                                for name, case in MAPS.items()}, options.repeats)
        sizes = {name: (Path(folder) / case[0]).stat().st_size for name, case in MAPS.items()}
    common.write("maps", options, {
        "words": len(kv), "vector_size": kv.vector_size, "bytes": sizes,
        "seconds": {name: common.summary(values) for name, values in found.items()}})


def main() -> None:
    parser: argparse.ArgumentParser = common.arguments(__doc__)
    parser.add_argument("--models", type=Path, default=Path(tempfile.gettempdir()) / "w2v-bench-analysis",
                        help="folder of the models, which are kept")
    parser.add_argument("--maps", action="store_true", help="measure only the commands of w2v map")
    parser.add_argument("--prefixes", action="store_true", help="score only prefixes of rotated vectors")
    options = parser.parse_args()
    options.models.mkdir(exist_ok=True, parents=True)
    if options.maps or options.prefixes:
        (maps if options.maps else prefixes)(options)
        return
    cases = speed_cases(options.models)
    for case in cases.values():
        case()  # the first runs use memory that the machine has to provide anew
    found = common.in_turn({name: lambda case=case: common.seconds(case) for name, case in cases.items()},
                           options.repeats)
    first = model(options.models, DIMENSION, 1)
    common.write("analysis", options, {
        "corpus": {"sha256": common.checksum(common.corpus_path())}, "words": len(first),
        "vector_size": first.vector_size, "seconds": {name: common.summary(values) for name, values in found.items()},
        "large": {"words": LARGE[0], "vector_size": LARGE[1], "results": large(options.models)},
        "runs": runs(options.models)})


if __name__ == "__main__":
    main()
