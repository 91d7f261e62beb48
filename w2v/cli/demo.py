"""`w2v demo`: a first model, from text that every machine has."""

from __future__ import annotations

import argparse
import os
import shlex
import sys

from w2v.cli.common import isa, pairs, print_json, usage
from w2v.config import TrainConfig
from w2v.system.plain import printable
from w2v.system.threads import resolve_threads

DEMO_CONFIG = TrainConfig(vector_size=100, epochs=10, min_count=5, sample=1e-3)
DEMO_NEIGHBORS = 5


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v demo`."""
    sub.add_argument("-o", "--output", metavar="FILE", help="keep the vectors in this file, for w2v neighbors; its "
                     "suffix determines the format")
    sub.add_argument("--threads", default="auto", help="number of threads, or auto (default): as many as the process "
                     "may use")


def run(options: argparse.Namespace) -> None:
    """Train the demo model and show neighbours of some words."""
    from w2v.cli.demo_text import PROBES, python_sentences, standard_library
    from w2v.formats import format_for
    from w2v.system.files import check_writable
    from w2v.training.report_facts import report_table
    from w2v.training.train import train

    isa()
    with usage():
        threads = resolve_threads(options.threads)
        if options.output:
            format_for(options.output)
    if options.output:
        check_writable(options.output)
    print("reading the docstrings, comments and manual of Python in\n"
          f"{printable(str(standard_library()))}", file=sys.stderr)
    model = train(python_sentences(), threads=threads, config=DEMO_CONFIG)
    neighbors = {word: model.wv.most_similar(word, topn=DEMO_NEIGHBORS) for word in PROBES if word in model.wv}
    replaced = options.output is not None and os.path.exists(options.output)
    if options.output:
        model.save(options.output)
    report = {**model.report.to_dict(), "text": str(standard_library()), "output": options.output,
              "output_replaced": replaced,
              "neighbors": {word: pairs(found) for word, found in neighbors.items()}}
    if options.json:
        print_json(report)
        return
    print(printable(report_table(report).render()), file=sys.stderr)
    print("\nword         nearest neighbours")
    for word, found in neighbors.items():
        print(f"{word:<12} {'  '.join(neighbor for neighbor, _ in found)}")
    if options.output:
        print(f"\nAsk for other words:  w2v neighbors {printable(shlex.quote(options.output))} thread")
    else:
        print("\nAsk for other words:  w2v demo -o demo.bin && w2v neighbors demo.bin thread")
    print("Train on your text:   w2v train TEXT -o vectors.bin")
