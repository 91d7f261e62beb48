"""`w2v demo`: a first model, from text that every machine has."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from w2v.cli.common import isa, pairs, print_json, usage
from w2v.config import TrainConfig
from w2v.system.plain import printable
from w2v.system.shell import quoted
from w2v.system.threads import resolve_threads

if TYPE_CHECKING:
    from w2v.analysis.maps.result import WordMap
    from w2v.keyedvectors import KeyedVectors

DEMO_CONFIG = TrainConfig(vector_size=100, epochs=10, min_count=5, sample=1e-3)
DEMO_NEIGHBORS = 5
MAP_NEIGHBORS = 14  # more labels have no place


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v demo`."""
    sub.add_argument("-o", "--output", metavar="FILE", help="keep the vectors in this file, for w2v neighbors; its "
                     "suffix determines the format")
    sub.add_argument("--map", metavar="FILE", help="draw a map of words: a picture (.png, .svg or .pdf; needs the "
                     "extra plot), or a page to explore (.html)")
    sub.add_argument("--threads", default="auto", help="number of threads, or auto (default): as many as the process "
                     "may use")


def run(options: argparse.Namespace) -> None:
    """Train the demo model, show neighbours of some words, and draw a map."""
    from w2v.analysis.maps.result import is_page
    from w2v.cli.demo_text import PROBES, python_sentences, standard_library
    from w2v.training.train import train

    isa()
    threads = _checked(options)
    print("reading the docstrings, comments and manual of Python in\n"
          f"{printable(str(standard_library()))}", file=sys.stderr)
    model = train(python_sentences(), threads=threads, config=DEMO_CONFIG)
    neighbors = {word: model.wv.most_similar(word, topn=DEMO_NEIGHBORS) for word in PROBES if word in model.wv}
    replaced, map_replaced = _exists(options.output), _exists(options.map)
    if options.output:
        model.save(options.output)
    drawn = None
    if options.map is not None:
        drawn = demo_map(model.wv, list(neighbors), page=is_page(options.map))
        drawn.save(options.map)
    report = {**model.report.to_dict(), "text": str(standard_library()), "output": options.output,
              "output_replaced": replaced, "map": options.map, "map_replaced": map_replaced,
              "map_words": None if drawn is None else len(drawn),
              "neighbors": {word: pairs(found) for word, found in neighbors.items()}}
    if options.json:
        print_json(report)
    else:
        _print(report)


def _print(report: dict[str, Any]) -> None:
    """Print the neighbours and what to do next on stdout, and the report of the training on stderr."""
    from w2v.analysis.maps.result import is_page
    from w2v.system.fact_table import REPLACED
    from w2v.training.report_facts import report_table

    print(printable(report_table(report).render()), file=sys.stderr)
    print("\nword         nearest neighbours")
    for word, found in report["neighbors"].items():
        print(f"{word:<12} {'  '.join(neighbor['word'] for neighbor in found)}")
    if report["output"]:
        print(f"\nAsk for other words:  w2v neighbors {printable(quoted(report['output']))} thread")
    else:
        print("\nAsk for other words:  w2v demo -o demo.bin && w2v neighbors demo.bin thread")
    if (path := report["map"]) is not None:
        words = f"{report['map_words']:,} words:"
        print(f"Map of {words:<15}open {printable(path)} in {'a browser' if is_page(path) else 'an image viewer'}"
              f"{REPLACED if report['map_replaced'] else ''}")
    print("Train on your text:   w2v train TEXT -o vectors.bin")


def demo_map(kv: KeyedVectors, probes: Sequence[str], *, page: bool) -> WordMap:
    """Return a map of the demo's words: all of them on a page, some words with their neighbours in a picture.

    The most frequent words, which other maps show, are mostly function words.

    Parameters
    ----------
    probes : the words whose neighbours are shown; none of them shows the most frequent words.
    """
    import w2v

    if page:
        found = w2v.map(kv, page=True)
    else:
        words = list(probes)
        for probe in probes:
            words += [word for word, _ in kv.most_similar(probe, topn=MAP_NEIGHBORS)]
        found = w2v.map(kv, words=words or None, clusters=max(1, len(probes)))
    return replace(found, model="w2v demo")


def _checked(options: argparse.Namespace) -> int:
    """Check the options before any work, and return the number of threads."""
    from w2v.analysis.maps.result import check_map
    from w2v.corpus.outputs import check_outputs
    from w2v.formats import format_for
    from w2v.system.files import check_writable

    with usage():
        threads = resolve_threads(options.threads)
        check_outputs({"-o": options.output, "--map": options.map})
        if options.output:
            format_for(options.output)
        if options.map is not None:
            check_map(options.map)
    if options.output:
        check_writable(options.output)
    return threads


def _exists(path: str | None) -> bool:
    from w2v.system.files import local_path

    return path is not None and os.path.exists(local_path(path))
