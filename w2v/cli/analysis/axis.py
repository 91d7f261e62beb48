"""`w2v axis`: words on an axis between two sets of words."""

from __future__ import annotations

import argparse
import os

from w2v.cli.analysis.bias import lookup_options
from w2v.cli.analysis.common import load, not_negative, show, spelled, vectors_arguments
from w2v.cli.common import UsageError, positive, positive_or_all, usage
from w2v.evaluation.settings import DEFAULTS
from w2v.system.files import local_path
from w2v.system.plain import printable_line


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v axis`."""
    sub.epilog = ("FILE has one word on each line; WORDS are separated by commas: --from poor,cheap --to "
                  "rich,expensive. A single word that is also a file is the file.")
    vectors_arguments(sub, "VECTORS")
    sub.add_argument("words", nargs="*", metavar="WORD", help="words to place on the axis; without any, the most "
                     "extreme ones of the most frequent words")
    sub.add_argument("--from", dest="start", required=True, metavar="FILE|WORDS", help="words at the start of the axis")
    sub.add_argument("--to", dest="end", required=True, metavar="FILE|WORDS", help="words at its end")
    sub.add_argument("--pairs", action="store_true",
                     help="the words at both ends are pairs, in this order: they are resampled and left out together")
    sub.add_argument("-n", "--topn", type=positive, default=10, metavar="N",
                     help="extreme words at each end (default: 10)")
    sub.add_argument("--restrict-vocab", type=positive_or_all, default=DEFAULTS.restrict_vocab, metavar="N",
                     help="extreme words are of the N most frequent words, or all (default: "
                          f"{DEFAULTS.restrict_vocab})")
    sub.add_argument("--draws", type=not_negative, default=10_000, metavar="N",
                     help="bootstrap replicates, 0 for no intervals (default: 10000)")
    lookup_options(sub)


def run(options: argparse.Namespace) -> None:
    """Read the anchors before the vectors, project, and print."""
    from w2v.analysis.bias.axis import axis

    start, end = anchors(options.start, options.datasets), anchors(options.end, options.datasets)
    if options.pairs and len(start) != len(end):
        raise UsageError(f"--pairs needs as many words at both ends, not {len(start)} and {len(end)}")
    kv = load(options, options.vectors)
    with usage(spelled=spelled(options)):
        found = axis(kv, start, end, options.words or None, pairs=options.pairs, topn=options.topn,
                     restrict_vocab=options.restrict_vocab, case_sensitive=options.case_sensitive,
                     draws=options.draws, seed=options.seed)
    show(found, options)


def anchors(value: str, datasets: str | None) -> list[str]:
    """Return the words of --from or --to: of a file, or separated by commas.

    Raises
    ------
    UsageError : there are none, or a path does not exist.
    """
    from w2v.analysis.bias.word_lists import read_words

    if os.path.isfile(local_path(value)):
        return [str(word) for word in read_words(os.path.join(".", local_path(value)), datasets)]
    found = [word.strip() for word in value.split(",") if word.strip()]
    if not found:
        raise UsageError(f"{printable_line(value)!r} has no words; give a file, or words with commas between them")
    if len(found) == 1 and (os.sep in value or value.endswith(".txt")):
        raise UsageError(f"cannot read {printable_line(value)}: No such file")
    return found
