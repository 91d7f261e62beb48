"""`w2v demo`: a first model, from text that every machine has."""

from __future__ import annotations

import argparse
import sys

from w2v.cli.common import isa, pairs, print_json, usage
from w2v.cli.report import format_report
from w2v.config import TrainConfig
from w2v.system.threads import resolve_threads

DEMO_CONFIG = TrainConfig(vector_size=100, epochs=10, min_count=5, sample=1e-3)
DEMO_NEIGHBORS = 5


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v demo`."""
    sub.add_argument("--threads", default="auto", help="number of threads, or auto (default): as many as the process "
                     "may use")


def run(options: argparse.Namespace) -> None:
    """Train the demo model and show neighbours of some words."""
    from w2v.cli.demo_text import PROBES, python_sentences, standard_library
    from w2v.training.train import train

    isa()
    with usage():
        threads = resolve_threads(options.threads)
    print(f"reading the docstrings, comments and manual of Python in {standard_library()}", file=sys.stderr)
    model = train(python_sentences(), threads=threads, config=DEMO_CONFIG)
    neighbors = {word: model.wv.most_similar(word, topn=DEMO_NEIGHBORS) for word in PROBES if word in model.wv}
    report = {**model.report.to_dict(), "text": str(standard_library()),
              "neighbors": {word: pairs(found) for word, found in neighbors.items()}}
    if options.json:
        print_json({**report, "output": None})
        return
    print(format_report(report), file=sys.stderr)
    print("\nword         nearest neighbours")
    for word, found in neighbors.items():
        print(f"{word:<12} {'  '.join(neighbor for neighbor, _ in found)}")
    print("\nFor your own text:  w2v train TEXT -o vectors.bin   and then   w2v neighbors vectors.bin WORD")
