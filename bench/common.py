"""What every benchmark shares: the machine in words, runs in turn, medians, JSON, and the development data."""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import w2v
from w2v import evaluate
from w2v.system.threads import resolve_threads
from w2v.training.loop import _isa

BENCH = Path(__file__).resolve().parent
RESULTS = BENCH / "results"
SETS = ("questions-words.txt", "ws353.tsv", "simlex999.tsv", "men.tsv")
DATA = Path(os.environ.get("W2V_DATA", BENCH.parent.parent / "shared" / "data"))


def arguments(about: str | None, *, repeats: int = 5) -> argparse.ArgumentParser:
    """The options that all scripts have."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=repeats, help=f"runs of each, in turn (default {repeats})")
    parser.add_argument("--output", type=Path, help="JSON file (default bench/results/SCRIPT.json)")
    return parser


def corpus_path(words: int | None = None) -> Path:
    """The development corpus as plain text (its first lines, up to so many words), in the temporary folder."""
    packed = DATA / "corpus.txt.xz"
    if not packed.exists():
        sys.exit(f"{packed} is missing: set W2V_DATA to the folder that holds corpus.txt.xz, or give --corpus")
    target = Path(tempfile.gettempdir()) / f"w2v-bench-{words or 'all'}.txt"
    if not target.exists():
        import lzma

        count = 0
        with lzma.open(packed, "rb") as source, open(f"{target}.part", "wb") as part:
            for line in source:
                count += len(line.split())
                if words and count > words:
                    break
                part.write(line)
        os.replace(f"{target}.part", target)
    return target


def checksum(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def scores(kv: w2v.KeyedVectors) -> list[float]:
    """Google analogies among the 30,000 most frequent words, WS-353, SimLex-999, MEN, in percent."""
    folder = DATA / "eval"
    answers = [evaluate.analogies(kv, folder / SETS[0], restrict_vocab=30_000, draws=0).accuracy]
    answers += [evaluate.similarity(kv, folder / name, draws=0).spearman for name in SETS[1:]]
    return [100 * (value or 0.0) for value in answers]


def times_faster(speeds: Sequence[float], others: Sequence[float]) -> float:
    """Median over the turns: what runs next to each other shares the state of a shared machine."""
    return statistics.median(ours / theirs for ours, theirs in zip(speeds, others, strict=True))


def machine() -> dict[str, Any]:
    """Where the numbers come from."""
    cpu = platform.processor() or platform.machine()
    try:
        facts = dict(re.findall(r"^([\w ]+?)\s*: (.*)$", Path("/proc/cpuinfo").read_text().split("\n\n")[0], re.M))
        cpu = f"{facts['model name']} (family {facts['cpu family']}, model {facts['model']})"
    except (OSError, KeyError):
        pass  # another system or another processor
    compiler = shutil.which("cc") or "cc"
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout.splitlines()
    return {
        "cpu": cpu,
        "cores": resolve_threads("auto"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "compiler": version[0] if version else "unknown",
        "isa": _isa.chosen_isa(),
        "isas": w2v.available_isas(),
        "w2v": w2v.__version__,
        "date": time.strftime("%Y-%m-%d"),
    }


def in_turn(runs: dict[str, Callable[[], float]], repeats: int) -> dict[str, list[float]]:
    """Run each in turn, A B A B, `repeats` times; returns the results of each by name."""
    results: dict[str, list[float]] = {name: [] for name in runs}
    for repeat in range(repeats):
        for name, run in runs.items():
            results[name].append(run())
            print(f"  {repeat + 1}/{repeats} {name}: {results[name][-1]:,.4g}", file=sys.stderr, flush=True)
    return results


def summary(values: Sequence[float]) -> dict[str, Any]:
    """Median, spread (largest minus smallest, as a share of the median) and all values."""
    median = statistics.median(values)
    return {"median": median, "spread": (max(values) - min(values)) / median if median else 0.0, "values": list(values)}


def write(name: str, options: argparse.Namespace, result: dict[str, Any]) -> None:
    """The result as JSON, with the machine in it."""
    path = options.output or RESULTS / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"machine": machine(), "repeats": options.repeats, **result}, indent=1) + "\n")
    print(f"written to {path}", file=sys.stderr)


def table(rows: Sequence[Sequence[Any]], head: Sequence[str]) -> str:
    """Aligned columns, the first to the left, the others to the right."""
    cells = [list(map(str, head)), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    )


def limits_library() -> ctypes.CDLL:
    """bench/limits.c, compiled for this run."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "limits.so"
        subprocess.run(
            [
                os.environ.get("CC", "cc"),
                "-O3",
                "-std=gnu11",
                "-shared",
                "-fPIC",
                f"-I{BENCH.parent / 'csrc'}",
                "-o",
                library,
                BENCH / "limits.c",
            ],
            check=True,
        )
        loaded = ctypes.CDLL(str(library))
    for name in ("random_rows", "streaming"):
        getattr(loaded, name).restype = ctypes.c_double
    loaded.random_rows.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_int, ctypes.c_int, ctypes.c_double]
    loaded.streaming.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_double]
    return loaded


def peak_fma(isa: str, seconds: float = 0.3) -> float:
    """Vector fused multiply-adds a second that one core can do; the scalar kernels are measured by no peak."""
    function = getattr(limits_library(), f"fma_peak_{isa}")
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double, ctypes.c_void_p]
    return float(function(seconds, ctypes.addressof(ctypes.c_float())))
