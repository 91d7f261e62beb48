"""Accuracy and time of plans, on real texts that are also read whole for the true numbers.

Vocabulary: of each text 1, 5, 10 and 20 % are taken in the order in which a plan reads chunks, from several beginnings.
The results are the error of the estimate and whether the truth lies within the bounds, for each min_count. Then the
plan itself: the seconds it takes for plain text, compressed text and many files; and its predictions next to the run
they are about, in turn: seconds of reading and training, and peak memory.
"""

from __future__ import annotations

import json
import lzma
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import common
import numpy as np

import w2v
from w2v.corpus.estimate import sample
from w2v.corpus.estimate.growth import Estimate, measure, vocabulary
from w2v.planning.plan import MIN_COUNTS

TEXTS = ("corpus", "raw", "multilingual")
SHARES = (0.01, 0.05, 0.1, 0.2)
FILES = 20_000
OPTIONS = {"d=100": {"epochs": 1}, "d=32, min_count 1": {"epochs": 1, "vector_size": 32, "min_count": 1}}
RUN = common.MEMORY + """
import json, sys
import w2v
before = memory("VmRSS")
report = w2v.train(sys.argv[1], progress=False, **json.loads(sys.argv[2])).report
print(json.dumps([report.seconds_vocabulary, report.seconds_training, memory("VmHWM") - before]))
"""


def unpacked(name: str, folder: Path) -> Path:
    path = folder / f"{name}.txt"
    if not path.exists():
        with lzma.open(common.DATA / f"{name}.txt.xz", "rb") as source, open(path, "wb") as file:
            while block := source.read(1 << 22):
                file.write(block)
    return path


def errors(path: Path, trials: int) -> dict[str, Any]:
    """Errors of the estimated vocabulary, by share of the text and min_count.

    These are the median and the largest error, the mean half width of the bounds, and the number of trials in which the
    truth was within them.
    """
    whole = sample.take_sample(path, sample_bytes=1 << 62, seconds=1e9)
    pieces, types = whole.chunks, len(whole.table)
    assert whole.complete, f"{path} is larger than what a sample can be"
    ids = np.concatenate(pieces)
    counts = np.bincount(ids[ids >= 0])
    tokens = Estimate(*[float(counts.sum())] * 3)
    found: dict[str, Any] = {}
    for share in SHARES:
        n = max(round(share * len(pieces)), 2)
        curves = [measure([pieces[(k + trial * len(pieces) // trials) % len(pieces)] for k in range(n)], types, trial)
                  for trial in range(trials)]
        for least in MIN_COUNTS:
            truth = int((counts >= least).sum())
            guesses = [vocabulary(curve, tokens, least, complete=False, from_start=False) for curve in curves]
            off = [guess.expected / truth - 1 for guess in guesses]
            found[f"{100 * share:g} %, min_count {least}"] = {
                "truth": truth, "median": statistics.median(off), "largest": max(off, key=abs),
                "half_width": statistics.mean((guess.high - guess.low) / 2 / guess.expected for guess in guesses),
                "held": sum(guess.low <= truth <= guess.high for guess in guesses), "trials": trials,
            }
    return found


def many_files(path: Path, folder: Path) -> Path:
    """Write the text as FILES files into a new folder."""
    folder.mkdir()
    text = path.read_bytes()
    for k in range(FILES):
        (folder / f"{k:06d}").write_bytes(text[k * len(text) // FILES : (k + 1) * len(text) // FILES])
    return folder


def against_runs(path: Path, repeats: int) -> dict[str, Any]:
    """Predictions of a plan and the run they are about, in turn."""
    found = {}
    for name, options in OPTIONS.items():
        rows = []
        for repeat in range(repeats):
            plan = w2v.plan(path, **options)
            ran = common.printed_json([sys.executable, "-c", RUN, path, json.dumps(options)])
            rows.append([(plan.seconds_reading, plan.seconds_training, plan.memory.peak), ran])
            print(f"  {repeat + 1}/{repeats} {name}: {rows[-1]}", file=sys.stderr, flush=True)
        found[name] = {
            what: {"plan": common.summary([row[0][k] for row in rows]),
                   "run": common.summary([row[1][k] for row in rows]),
                   "ratio": common.summary([row[0][k] / row[1][k] for row in rows])}
            for k, what in enumerate(("reading, s", "training, s", "peak, bytes"))
        }
    return found


def main() -> None:
    options = common.arguments(__doc__).parse_args()
    result: dict[str, Any] = {"vocabulary": {}}
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: unpacked(name, Path(folder)) for name in TEXTS}
        for name, path in paths.items():
            result["vocabulary"][name] = errors(path, max(options.repeats, 4))
        print(common.table(
            [[f"{name}, {case}", f"{s['truth']:,}", f"{100 * s['median']:+.1f} %", f"{100 * s['largest']:+.1f} %",
              common.percent(s["half_width"]), f"{s['held']}/{s['trials']}"]
             for name, cases in result["vocabulary"].items() for case, s in cases.items()],
            ["vocabulary", "truth", "median error", "largest", "bounds +-", "held"]), end="\n\n")
        several = many_files(paths["corpus"], Path(folder) / "files")
        plans: dict[str, Callable[[], float]] = {
            "101 MB, plain": lambda: w2v.plan(paths["corpus"]).seconds,
            "10 GB, plain": lambda: w2v.plan([paths["corpus"]] * 100).seconds,
            "25 MB of xz": lambda: w2v.plan(common.DATA / "corpus.txt.xz").seconds,
            f"{FILES:,} files": lambda: w2v.plan(several).seconds,
            "10 GB, d=1000, window 50, 50 negatives": lambda: w2v.plan(
                [paths["corpus"]] * 100, vector_size=1000, window=50, negative=50).seconds,
        }
        result["seconds"] = {name: common.summary(values)
                             for name, values in common.in_turn(plans, options.repeats).items()}
        result["runs"] = against_runs(paths["corpus"], options.repeats)
        result["corpus"] = {name: common.checksum(path) for name, path in paths.items()}
        result["load"] = os.getloadavg()  # seconds mean little if the machine is busy
        common.write("plan", options, result)
    print(common.table(
        [[name, f"{s['median']:.2f}", f"{max(s['values']):.2f}"] for name, s in result["seconds"].items()],
        ["a plan takes", "s", "longest"]), end="\n\n")
    print(common.table([[f"{name}: {what}", *(f"{s[key]['median']:.3g}" for key in ("plan", "run", "ratio"))]
                        for name, cases in result["runs"].items() for what, s in cases.items()],
                       ["a run", "plan", "run", "ratio"]))


if __name__ == "__main__":
    main()
