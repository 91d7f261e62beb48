"""Against the peers: the same text and settings, in turn (A B A B), the training phase apart from set-up, and quality.

gensim and fastText come from their packages, in a virtual environment that this script makes. Any other trainer with
word2vec.c's command line is added by --external NAME=PATH. gensim tells its training time; of the others, training is
the whole run less a run with one dimension that drops nearly all words by subsampling, which is reading and set-up.
(Two epochs less one would not do: word2vec.c on one thread never resets its end-of-file flag and trains one epoch.)

Speed is measured on the first 3 million words, quality (--seeds N) on the whole corpus with 5 epochs, by `w2v
evaluate`: Google analogies among the 30,000 most frequent words, WS-353, SimLex-999, MEN. Settings: d=100
(--vector-size), window 5, 5 negatives, sample 1e-3, alpha 0.025, min_count 5; fastText without subwords.
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
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import common

import w2v

PEERS = common.BENCH / ".venv-peers"
PACKAGES = {"gensim": "gensim", "fastText": "fasttext-wheel"}

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
    """One peer, or w2v itself."""

    def __init__(self, name: str, command: Callable[..., list[str]], environment: dict[str, str] | None = None) -> None:
        self.name, self.command, self.environment = name, command, {**os.environ, **(environment or {})}

    def run(self, path: Path, output: Path, size: int, epochs: int, threads: int, seed: int = 1) -> dict[str, float]:
        """Train; returns seconds of the whole command, and of its training phase where the trainer tells it."""
        command = self.command(path, output, size, epochs, threads, seed)
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment)
        whole = time.perf_counter() - start
        if done.returncode:
            sys.exit(f"{self.name} failed: {done.stderr.strip().splitlines()[-1:] or done.returncode}")
        last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
        told = json.loads(last) if last.startswith("{") else {}
        return {"whole": whole, "training": told.get("training", told.get("seconds_training", 0.0))}

    def words_per_second(self, path: Path, output: Path, words: int, options: argparse.Namespace) -> float:
        """Of the training phase, one epoch."""
        once = self.run(path, output, options.vector_size, 1, options.threads)
        if not once["training"]:
            once["training"] = once["whole"] - self.run(path, output, 1, 1, options.threads)["whole"]
        return words / max(once["training"], 1e-9)


def ours(path: Path, output: Path, size: int, epochs: int, threads: int, seed: int) -> list[str]:
    return (
        f"{sys.executable}|-m|w2v|train|{path}|-o|{output}|--vector-size|{size}|--epochs|{epochs}"
        f"|--threads|{threads}|--seed|{seed}|--json"
    ).split("|")


def in_python(code: str) -> Callable[..., list[str]]:
    """A program for the peers' own Python; the values are its arguments."""
    return lambda *values: [str(PEERS / "bin" / "python"), "-c", code, *map(str, values)]


def external(binary: str) -> Callable[..., list[str]]:
    """A program with word2vec.c's command line."""

    def command(path: Path, output: Path, size: int, epochs: int, threads: int, seed: int) -> list[str]:
        sample = "1e-12" if size == 1 else "1e-3"
        return (
            f"{binary}|-train|{path}|-output|{output}|-size|{size}|-iter|{epochs}|-threads|{threads}|-window|5"
            f"|-negative|5|-sample|{sample}|-alpha|0.025|-min-count|5|-cbow|0|-hs|0|-binary|1|-debug|0"
        ).split("|")

    return command


def trainers(options: argparse.Namespace) -> list[Trainer]:
    found = [Trainer("w2v", ours)]
    if "avx2" in common.machine()["isas"] and options.avx2:
        found.append(Trainer("w2v, AVX2", ours, {"W2V_ISA": "avx2"}))
    packages = {"gensim": GENSIM, "fastText": FASTTEXT}
    found += [Trainer(name, in_python(code)) for name, code in packages.items() if name not in options.without]
    return found + [Trainer(name, external(binary)) for name, binary in options.external]


def make_peers(names: Sequence[str]) -> None:
    packages = [PACKAGES[name] for name in names]
    if not PEERS.exists() and packages:
        venv.create(PEERS, with_pip=True)
        subprocess.run([PEERS / "bin" / "pip", "install", "-q", *packages], check=True)


def named(text: str) -> tuple[str, str]:
    name, _, path = text.partition("=")
    if not path or not Path(path).exists():
        raise argparse.ArgumentTypeError(f"{text!r}: give NAME=PATH of a program")
    return name, path


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1, help="for the speed (default 1)")
    parser.add_argument(
        "--seeds", type=int, default=0, help="runs on the whole corpus for the quality (default 0: none)"
    )
    parser.add_argument("--external", type=named, action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--without", action="append", default=[], choices=list(PACKAGES), help="leave this peer out")
    parser.add_argument("--name", default="", help="added to the name of the JSON file")
    parser.add_argument("--avx2", action="store_true", help="also w2v with its AVX2 kernels")
    options = parser.parse_args()
    make_peers([name for name in PACKAGES if name not in options.without])
    peers = trainers(options)
    small = common.corpus_path(3_000_000)
    words = sum(len(line.split()) for line in open(small, "rb"))
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "vectors.bin"
        speed = common.in_turn(
            {peer.name: lambda peer=peer: peer.words_per_second(small, output, words, options) for peer in peers},
            options.repeats,
        )
        quality: dict[str, list[list[float]]] = {peer.name: [] for peer in peers}
        whole: dict[str, list[float]] = {peer.name: [] for peer in peers}
        cores = common.machine()["cores"]
        for seed in range(1, options.seeds + 1):
            for peer in peers:
                whole[peer.name].append(
                    peer.run(common.corpus_path(), output, options.vector_size, 5, cores, seed)["whole"]
                )
                quality[peer.name].append(common.scores(w2v.load(output)))
                print(f"  seed {seed} {peer.name}: {quality[peer.name][-1]}", file=sys.stderr, flush=True)
    result: dict[str, Any] = {}
    for peer in peers:
        result[peer.name] = {
            "words_per_second": common.summary(speed[peer.name]),
            "scores": quality[peer.name],
            "whole_command_seconds": whole[peer.name],
        }
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


def print_table(result: dict[str, Any]) -> None:
    first = result["w2v"]["words_per_second"]["values"]
    rows = []
    for name, entry in result.items():
        speed = entry["words_per_second"]
        row = [name, f"{speed['median'] / 1e6:.3f}", f"{common.times_faster(first, speed['values']):.1f}",
               f"{100 * speed['spread']:.0f} %"]
        columns = list(zip(*entry["scores"], strict=True)) or [()] * len(common.SETS)
        rows.append(
            row
            + [
                f"{statistics.mean(c):.1f} ± {statistics.stdev(c) if len(c) > 1 else 0:.1f}" if c else "-"
                for c in columns
            ]
        )
    print(
        common.table(rows, ["trainer", "M words/s", "w2v is faster by", "spread", "Google", "WS-353", "SimLex", "MEN"])
    )


if __name__ == "__main__":
    main()
