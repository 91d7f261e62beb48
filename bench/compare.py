"""Speed and quality against other trainers: the same text and settings, in turn (A B A B).

gensim and fastText come from their packages, in a virtual environment that is made on first use. Any other trainer with
word2vec.c's command line is added by --external NAME=PATH. gensim reports its training time. For the others it is the
time of the whole run minus that of a run with one dimension in which subsampling drops nearly all words: reading and
set-up. (The difference of two epochs and one is no use: word2vec.c on one thread never resets its end-of-file flag and
trains one epoch, whatever -iter says.)

Speed is measured on the first 3 million words. Quality (--seeds N) is measured on the whole corpus after 5 epochs:
Google analogies among the 30,000 most frequent words, WS-353, SimLex-999 and MEN. Settings: d=100 (--vector-size),
window 5, 5 negatives, sample 1e-3, alpha 0.025, min_count 5; fastText without n-grams. --presets adds w2v with its
presets, which have settings of their own, to the quality.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import common
import glove

import w2v

GENSIM = """
import json, sys, time
from gensim.models import Word2Vec
path, output, size, epochs, threads, seed = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
model = Word2Vec(vector_size=size, window=5, negative=5, hs=0, sg=1, sample=1e-3, alpha=0.025, min_alpha=1e-4,
                 min_count=5, workers=threads, seed=seed)
start = time.perf_counter()
model.build_vocab(corpus_file=path)
setup = time.perf_counter() - start
start = time.perf_counter()
model.train(corpus_file=path, total_words=model.corpus_total_words, total_examples=model.corpus_count, epochs=epochs)
seconds = time.perf_counter() - start
model.wv.save_word2vec_format(output, binary=True)
print(json.dumps({"training": seconds, "setup": setup}))
"""

FASTTEXT = """
import sys
import fasttext
path, output, size, epochs, threads, seed = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
sample = 1e-12 if size == 1 else 1e-3
model = fasttext.train_unsupervised(path, model="skipgram", dim=size, ws=5, neg=5, t=sample, lr=0.025, minCount=5,
                                    minn=0, maxn=0, epoch=epochs, thread=threads, verbose=0)
words = model.get_words()
with open(output, "w") as file:
    file.write(f"{len(words)} {size}\\n")
    for word in words:
        file.write(word + " " + " ".join(map(repr, map(float, model.get_word_vector(word)))) + "\\n")
"""


class Trainer:
    """One trainer: w2v or a peer."""

    def __init__(self, name: str, command: Callable[..., list[str]], environment: dict[str, str] | None = None) -> None:
        self.name, self.command, self.environment = name, command, {**os.environ, **(environment or {})}

    def run(self, path: Path, output: Path, size: int, epochs: int, threads: int, seed: int = 1) -> dict[str, float]:
        """Train; return the seconds of the whole command and, if the trainer reports them, of its training phase."""
        command = self.command(path, output, size, epochs, threads, seed)
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment)
        whole = time.perf_counter() - start
        if done.returncode:
            sys.exit(f"{self.name} failed: {done.stderr.strip().splitlines()[-1:] or done.returncode}")
        last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
        report = json.loads(last) if last.startswith("{") else {}
        return {"whole": whole, "training": report.get("training", report.get("seconds_training", 0.0))}

    def words_per_second(self, path: Path, output: Path, words: int, options: argparse.Namespace) -> float:
        """Speed of the training phase, one epoch."""
        once = self.run(path, output, options.vector_size, 1, options.threads)
        if not once["training"]:
            once["training"] = once["whole"] - self.run(path, output, 1, 1, options.threads)["whole"]
        return words / max(once["training"], 1e-9)


def ours(path: Path, output: Path, size: int, epochs: int, threads: int, seed: int) -> list[str]:
    return (
        f"{sys.executable}|-m|w2v|train|{path}|-o|{output}|--vector-size|{size}|--epochs|{epochs}"
        f"|--threads|{threads}|--seed|{seed}|--json"
    ).split("|")


def preset(name: str) -> Callable[..., list[str]]:
    """Command that trains with a preset, which has its own dimensions and epochs."""
    return lambda path, output, size, epochs, threads, seed: [
        sys.executable, "-m", "w2v", "train", str(path), "-o", str(output), "--preset", name, "--threads", str(threads),
        "--seed", str(seed), "--json"]


def in_python(code: str) -> Callable[..., list[str]]:
    """Command that runs a program in the peers' Python; the values become its arguments."""
    return lambda *values: [str(common.peer_python()), "-c", code, *map(str, values)]


def external(binary: str) -> Callable[..., list[str]]:
    """Command of a program with word2vec.c's options."""

    def command(path: Path, output: Path, size: int, epochs: int, threads: int, seed: int) -> list[str]:
        sample = "1e-12" if size == 1 else "1e-3"
        return (
            f"{binary}|-train|{path}|-output|{output}|-size|{size}|-iter|{epochs}|-threads|{threads}|-window|5"
            f"|-negative|5|-sample|{sample}|-alpha|0.025|-min-count|5|-cbow|0|-hs|0|-binary|1|-debug|0"
        ).split("|")

    return command


Peer = Trainer | glove.Glove


def trainers(options: argparse.Namespace) -> list[Trainer]:
    found = [Trainer("w2v", ours)]
    if "avx2" in common.machine()["isas"] and options.avx2:
        found.append(Trainer("w2v, AVX2", ours, {"W2V_ISA": "avx2"}))
    programs = {"gensim": GENSIM, "fastText": FASTTEXT}
    found += [Trainer(name, in_python(code)) for name, code in programs.items() if name not in options.without]
    return found + [Trainer(name, external(binary)) for name, binary in options.external]


def named(text: str) -> tuple[str, str]:
    name, _, path = text.partition("=")
    if not path or not Path(path).exists():
        raise argparse.ArgumentTypeError(f"{text!r}: give NAME=PATH of a program")
    return name, path


def measure_speed(peers: list[Trainer], corpus: Path, options: argparse.Namespace) -> dict[str, list[float]]:
    words = common.count_words(corpus)
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "vectors.bin"
        return common.in_turn(
            {peer.name: lambda peer=peer: peer.words_per_second(corpus, output, words, options) for peer in peers},
            options.repeats,
        )


def measure_quality(peers: Sequence[Peer], options: argparse.Namespace) -> dict[str, dict[str, list[Any]]]:
    """Scores and seconds of the whole command for each seed, with all cores; of GloVe also those of each program."""
    found: dict[str, dict[str, list[Any]]] = {peer.name: {"scores": [], "whole_command_seconds": []} for peer in peers}
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "vectors.bin"
        for seed in range(1, options.seeds + 1):
            for peer in peers:
                took = peer.run(common.corpus_path(), output, options.vector_size, 5, common.cores(), seed)["whole"]
                scores = common.scores(w2v.load(output))
                found[peer.name]["whole_command_seconds"].append(took)
                found[peer.name]["scores"].append(scores)
                if isinstance(peer, glove.Glove):
                    found[peer.name].setdefault("parts_seconds", []).append(peer.parts)
                    found[peer.name].setdefault("disk_bytes", []).append(peer.disk_bytes)
                print(f"  seed {seed} {peer.name}: {scores}", file=sys.stderr, flush=True)
    return found


def print_table(result: dict[str, Any]) -> None:
    first = result["w2v"]["words_per_second"]["values"]
    rows = []
    for name, entry in result.items():
        speed = entry.get("words_per_second")
        cells = ["-"] * 3 if speed is None else [
            f"{speed['median'] / 1e6:.3f}", f"{common.times_faster(first, speed['values']):.1f}",
            common.percent(speed["spread"])]
        scores = [common.mean_and_deviation(column) for column in zip(*entry["scores"], strict=True)]
        whole = entry["whole_command_seconds"]
        rows.append([name, *cells, *(scores or ["-"] * len(common.SETS)),
                     f"{statistics.median(whole):.0f}" if whole else "-"])
    print(common.table(rows, ["trainer", "M words/s", "w2v is faster by", "spread", "Google", "WS-353", "SimLex", "MEN",
                              "whole, s"]))


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1, help="for the speed (default 1)")
    parser.add_argument(
        "--seeds", type=int, default=0, help="runs on the whole corpus for the quality (default 0: none)"
    )
    parser.add_argument("--presets", nargs="+", default=[], choices=["best", "fast"], help="needs --seeds")
    parser.add_argument("--external", type=named, action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--glove", type=glove.programs, metavar="FOLDER",
                        help="GloVe's programs vocab_count, cooccur, shuffle and glove; needs --seeds")
    parser.add_argument("--glove-iterations", type=int, nargs="+", default=list(glove.ITERATIONS), metavar="N",
                        help="each number of iterations is a trainer (default 15 25)")
    parser.add_argument("--without", action="append", default=[], choices=["gensim", "fastText"],
                        help="leave this peer out")
    parser.add_argument("--name", default="", help="added to the name of the JSON file")
    parser.add_argument("--avx2", action="store_true", help="also w2v with its AVX2 kernels")
    options = parser.parse_args()
    if (options.glove or options.presets) and options.seeds < 1:
        parser.error("--glove and --presets are measured on the whole corpus: give --seeds N")
    peers, small = trainers(options), common.corpus_path(3_000_000)
    others: list[Peer] = [Trainer(f"w2v, preset {name}", preset(name)) for name in options.presets]
    others += [glove.Glove(options.glove, iterations) for iterations in options.glove_iterations if options.glove]
    speed, quality = measure_speed(peers, small, options), measure_quality([*peers, *others], options)
    result: dict[str, Any] = {name: {"words_per_second": common.summary(values)} for name, values in speed.items()}
    result = {name: {**result.get(name, {}), **entry} for name, entry in quality.items()}
    print_table(result)
    common.write(
        f"compare-d{options.vector_size}{options.name}",
        options,
        {
            "vector_size": options.vector_size,
            "threads": options.threads,
            "corpus": common.checksum(common.corpus_path()),
            "speed_corpus": common.checksum(small),
            "trainers": result,
        },
    )


if __name__ == "__main__":
    main()
