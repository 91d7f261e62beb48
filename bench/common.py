"""Helpers of all benchmarks: options, the machine, alternating runs, summaries, JSON files, data, other programs."""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import lzma
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import w2v
from w2v import evaluate
from w2v.config import TrainConfig
from w2v.corpus.encoded import EncodedCorpus
from w2v.system.threads import resolve_threads
from w2v.training.loop import _isa
from w2v.training.trainer import train_encoded

BENCH = Path(__file__).resolve().parent
RESULTS = BENCH / "results"
SETS = ("questions-words.txt", "ws353.tsv", "simlex999.tsv", "men.tsv")
DATA = Path(os.environ.get("W2V_DATA", BENCH.parent / "corpora"))
PEERS = BENCH / ".venv-peers"
PEER_PACKAGES = ("gensim", "fasttext-wheel")

# Source of a function for programs that run in another Python: a value of /proc/self/status, in bytes.
MEMORY = """
def memory(name):
    with open("/proc/self/status") as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith(name))
"""


# ------------------------------------------------------------------------------------------------- options and data


def arguments(about: str | None, *, repeats: int = 5) -> argparse.ArgumentParser:
    """Parser with the options that all scripts have."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=repeats, help=f"runs of each case, in turn (default {repeats})")
    parser.add_argument("--output", type=Path, help="JSON file (default bench/results/SCRIPT.json)")
    return parser


def corpus_path(words: int | None = None) -> Path:
    """Path of the development corpus as plain text in the temporary folder: its first `words` words, or all of it."""
    packed = DATA / "corpus.txt.xz"
    if not packed.exists():
        sys.exit(f"{packed} is missing: set W2V_DATA to the folder that holds corpus.txt.xz, or give --corpus")
    target = Path(tempfile.gettempdir()) / f"w2v-bench-{words or 'all'}.txt"
    if not target.exists():
        count = 0
        with lzma.open(packed, "rb") as source, open(f"{target}.part", "wb") as part:
            for line in source:
                count += len(line.split())
                if words and count > words:
                    break
                part.write(line)
        os.replace(f"{target}.part", target)
    return target


def count_words(path: Path) -> int:
    with open(path, "rb") as file:
        return sum(len(line.split()) for line in file)


def checksum(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def vectors_path(given: Path | None) -> Path:
    """Word2vec binary file: the one given, or vectors of one epoch over the development corpus."""
    if given is not None:
        return given
    path = Path(tempfile.gettempdir()) / "w2v-bench-vectors.bin"
    if not path.exists():
        w2v.train(corpus_path(), vector_size=100, epochs=1, progress=False).save(path)
    return path


# ------------------------------------------------------------------------------------------------- measuring


def machine() -> dict[str, Any]:
    """Description of this machine and this build, for the JSON files."""
    cpu = platform.processor() or platform.machine()
    try:
        facts = dict(re.findall(r"^([\w ]+?)\s*: (.*)$", Path("/proc/cpuinfo").read_text().split("\n\n")[0], re.M))
        cpu = f"{facts['model name']} (family {facts['cpu family']}, model {facts['model']})"
    except (OSError, KeyError):
        pass  # another operating system or another kind of processor
    compiler = shutil.which("cc") or "cc"
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout.splitlines()
    return {
        "cpu": cpu,
        "cores": cores(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "compiler": version[0] if version else "unknown",
        "isa": _isa.chosen_isa(),
        "isas": w2v.available_isas(),
        "w2v": w2v.__version__,
        "date": time.strftime("%Y-%m-%d"),
    }


def cores() -> int:
    return resolve_threads("auto")


def seconds(call: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def in_turn(runs: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, list[float]]:
    """Run all cases alternately, `repeats` times each; return the results of each case by its name.

    Every second turn is in reverse order (A B B A), because the first run of a turn is slower on some machines.
    """
    results: dict[str, list[float]] = {name: [] for name in runs}
    for repeat in range(repeats):
        for name, run in list(runs.items())[:: -1 if repeat % 2 else 1]:
            results[name].append(run())
            print(f"  {repeat + 1}/{repeats} {name}: {results[name][-1]:,.4g}", file=sys.stderr, flush=True)
    return results


def words_per_second(
    corpus: EncodedCorpus, config: TrainConfig, *, threads: int, isa: str | None = None, **options: Any
) -> float:
    """Corpus words a second of the training phase; the corpus is already encoded."""
    chosen = _isa.chosen_isa(isa)
    model = train_encoded(corpus, config, threads=threads, isa=chosen, progress=False, **options)
    return model.report.words_per_second


def scores(kv: w2v.KeyedVectors, *, kinds: bool = False) -> list[float]:
    """Scores in per cent: Google analogies among the 30,000 most frequent words, WS-353, SimLex-999, MEN; with `kinds`
    then its semantic and its syntactic analogies."""
    folder = DATA / "eval"
    analogies = evaluate.analogies(kv, folder / SETS[0], restrict_vocab=30_000, draws=0)
    answers = [analogies.accuracy]
    answers += [evaluate.similarity(kv, folder / name, draws=0).spearman for name in SETS[1:]]
    answers += [group.accuracy for group in analogies.groups] if kinds else []
    return [100 * (value or 0.0) for value in answers]


# ------------------------------------------------------------------------------------------------- other programs


def peer_python(given: Path | None = None) -> Path:
    """Python with gensim and fastText: the one given, or one in a virtual environment made for the benchmarks."""
    if given is not None:
        return given
    if not PEERS.exists():
        venv.create(PEERS, with_pip=True)
        subprocess.run([PEERS / "bin" / "pip", "install", "-q", *PEER_PACKAGES], check=True)
    return PEERS / "bin" / "python"


def printed_json(
    command: Sequence[object], *, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Any:
    """Run a program in `folder`; return the JSON value on the last line of its output. A failure ends the benchmark."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=folder,
                          env={**os.environ, **(environment or {})})
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        sys.exit(f"{Path(str(command[0])).name} failed: {reason}")
    return json.loads(done.stdout.strip().splitlines()[-1])


# ------------------------------------------------------------------------------------------------- results


def summary(values: Sequence[float]) -> dict[str, Any]:
    """Median, spread and all values. The spread is the largest minus the smallest value, divided by the median."""
    median = statistics.median(values)
    return {"median": median, "spread": (max(values) - min(values)) / median if median else 0.0, "values": list(values)}


def times_faster(speeds: Sequence[float], others: Sequence[float]) -> float:
    """Median of the ratios of each turn. Runs next to each other find a shared machine in the same state."""
    return statistics.median(ours / theirs for ours, theirs in zip(speeds, others, strict=True))


def write(name: str, options: argparse.Namespace, result: dict[str, Any]) -> None:
    """Write a result, with the machine, as JSON."""
    path = options.output or RESULTS / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"machine": machine(), "repeats": options.repeats, **result}, indent=1) + "\n")
    print(f"written to {path}", file=sys.stderr)


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def count(number: int, noun: str) -> str:
    """A number with its noun: 1 thread, 2 threads."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def mean_and_deviation(values: Iterable[float]) -> str:
    """Mean and standard deviation, with one decimal place."""
    found = list(values)
    return f"{statistics.mean(found):.1f} ± {statistics.stdev(found) if len(found) > 1 else 0:.1f}"


def table(rows: Sequence[Sequence[Any]], head: Sequence[str]) -> str:
    """Text table: the first column is aligned to the left, the others to the right."""
    cells = [list(map(str, head)), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    )


# ------------------------------------------------------------------------------------------------- limits


def limits_library() -> ctypes.CDLL:
    """Compile bench/limits.c and load it."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "limits.so"
        compiler = [os.environ.get("CC", "cc"), "-O3", "-std=gnu11", "-shared", "-fPIC", f"-I{BENCH.parent / 'csrc'}"]
        subprocess.run([*compiler, "-o", library, BENCH / "limits.c"], check=True)
        loaded = ctypes.CDLL(str(library))
    for name in ("random_rows", "streaming"):
        getattr(loaded, name).restype = ctypes.c_double
    loaded.random_rows.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_int, ctypes.c_int, ctypes.c_double]
    loaded.streaming.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_double]
    return loaded


def peak_fma(isa: str, seconds: float = 0.3) -> float:
    """Vector fused multiply-adds a second that one core can do. There is no such peak for the scalar kernels."""
    function = getattr(limits_library(), f"fma_peak_{isa}")
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double, ctypes.c_void_p]
    return float(function(seconds, ctypes.addressof(ctypes.c_float())))
