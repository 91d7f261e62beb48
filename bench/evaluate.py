"""Time and memory of evaluation, against gensim.

Google analogies among 30,000 words and among all, in turn with gensim's evaluate_word_analogies (which gets every 40th
question, and its time is scaled); the interval of MEN's correlation; the whole standard suite as a command; and the
peak memory beyond the vectors for a large vocabulary. Vectors: --vectors, or one epoch over the development corpus.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import common
import numpy as np

import w2v
from w2v import evaluate
from w2v.evaluation.loading import load_set
from w2v.evaluation.statistics.bootstrap import spearman_replicates
from w2v.training.observers.scores import sample

PART = 40  # gensim answers one question of this many


def gensim_run(file: Path, questions: Path, folder: Path, restrict: int) -> Callable[[], float] | None:
    """Function that returns the seconds gensim takes for all questions; None if gensim is not installed."""
    try:
        from gensim.models import KeyedVectors
    except ImportError:
        return None
    one = load_set(questions)
    total = sum(len(section.questions) for section in one.content)
    part = sample(one, total // PART).content
    asked = sum(len(section.questions) for section in part)
    path = folder / "part.txt"
    path.write_text("".join(f": {section.name}\n" + "".join(" ".join(question) + "\n" for question in section.questions)
                            for section in part))
    theirs = KeyedVectors.load_word2vec_format(str(file), binary=True)
    theirs.fill_norms()

    def run() -> float:
        took = common.seconds(lambda: theirs.evaluate_word_analogies(str(path), restrict_vocab=restrict))
        return total / asked * took

    return run


def command(*arguments: str) -> tuple[float, int]:
    """Seconds and peak bytes of one w2v command.

    The program reports its own peak: ru_maxrss would be at least that of the process which started it.
    """
    code = common.MEMORY + ("import sys; from w2v.cli import main; code = main(sys.argv[1:]); "
                            "print(memory('VmHWM'), file=sys.stderr); sys.exit(code)")
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return time.perf_counter() - start, int(done.stderr.split()[-1])


def large_memory(questions: Path, folder: Path, n: int, d: int = 50) -> dict[str, float]:
    """Peak memory in MB of evaluating a vocabulary of n words, and of only loading it."""
    known = sorted({word.lower() for section in load_set(questions).content for q in section.questions for word in q})
    words = [*known, *(f"word{i}" for i in range(n - len(known)))]
    rng = np.random.default_rng(0)
    w2v.KeyedVectors(words, rng.normal(size=(n, d)).astype(np.float32)).save(folder / "large.bin")
    _, load = command("info", str(folder / "large.bin"))
    both = [command("evaluate", str(folder / "large.bin"), "--analogies", str(questions), "--json", *more)
            for more in (("--restrict-vocab", "30000"), ("--restrict-vocab", "all"))]
    return {"words": n, "dimension": d, "load_mb": load / 1e6, "restricted_mb": both[0][1] / 1e6,
            "all_mb": both[1][1] / 1e6, "vectors_mb": 4 * n * d / 1e6,
            "beyond_vectors_mb": (max(peak for _, peak in both) - 4 * n * d) / 1e6,
            "beyond_load_mb": (max(peak for _, peak in both) - load) / 1e6,
            "restricted_seconds": both[0][0], "all_seconds": both[1][0]}


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--vectors", type=Path, help="word2vec binary file")
    parser.add_argument("--datasets", type=Path, default=common.DATA / "eval", help="folder with sets")
    parser.add_argument("--large", type=int, default=1_000_000, help="size of the large vocabulary; 0 leaves it out")
    options = parser.parse_args()
    questions = next(path for path in (options.datasets / "questions-words.txt", common.DATA / "eval" / common.SETS[0])
                     if path.exists())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = common.vectors_path(options.vectors)
        kv = w2v.load(file)
        runs = {"w2v, 30,000": lambda: common.seconds(lambda: evaluate.analogies(kv, questions)),
                "w2v, all words": lambda: common.seconds(
                    lambda: evaluate.analogies(kv, questions, restrict_vocab=None)),
                "w2v evaluate, the command": lambda: command("evaluate", str(file), "--analogies", str(questions))[0]}
        if (theirs := gensim_run(file, questions, folder, 30_000)) is not None:
            runs["gensim, 30,000"] = theirs
        times = common.in_turn(runs, options.repeats)
        items = evaluate.similarity(kv, common.DATA / "eval" / "men.tsv", draws=0).items
        known = ~np.isnan(items.values)
        times |= common.in_turn({"10,000 draws of MEN": lambda: common.seconds(
            lambda: spearman_replicates(items.gold[known], [items.values[known]]))}, options.repeats)
        suite = [command("evaluate", str(file), "--suite", "standard", "--datasets", str(options.datasets), "--json")
                 for _ in range(options.repeats)]
        times["standard suite, the command"] = [took for took, _ in suite]
        vectors_mb = os.path.getsize(file) / 1e6
        checksum = common.checksum(file) if options.vectors else "one epoch"
        large = large_memory(questions, folder, options.large) if options.large else None
    ratio = (common.times_faster(times["gensim, 30,000"], times["w2v, 30,000"])
             if "gensim, 30,000" in times else None)
    peak = max(memory for _, memory in suite)
    print(common.table([[label, f"{statistics.median(values):.3f}"] for label, values in times.items()],
                       ["what", "seconds"]))
    if ratio:
        print(f"gensim / w2v: {ratio:.0f}")
    print(f"peak of the suite: {peak / 1e6:.0f} MB, vectors {vectors_mb:.0f} MB; {json.dumps(large)}")
    common.write("evaluate", options, {
        "times": {label: common.summary(values) for label, values in times.items()}, "gensim_ratio": ratio,
        "gensim_part": PART, "words": len(kv), "dimension": kv.vector_size, "suite_peak_mb": peak / 1e6,
        "vectors_mb": vectors_mb, "large": large, "vectors": checksum, "questions": common.checksum(questions),
        "sets": sorted(path.name for path in options.datasets.iterdir())})


if __name__ == "__main__":
    main()
