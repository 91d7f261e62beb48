"""`w2v bias`: association tests (WEAT) of vectors."""

from __future__ import annotations

import argparse

from w2v.cli.analysis.common import load, not_negative, show, spelled, vectors_arguments
from w2v.cli.common import number, positive, usage


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v bias`."""
    sub.epilog = ("A file of tests is text, ': name', 'targets NAME: word word ...' and 'attributes NAME: word word "
                  "...' on lines of their own, or JSON as published. Two sets of targets are a WEAT, one set is the "
                  "one-word form (WEFAT). The published tests are weat1 to weat10: w2v datasets fetch weat6.")
    vectors_arguments(sub, "VECTORS")
    sub.add_argument("--sets", nargs="+", action="extend", required=True, metavar="NAME",
                     help="tests by name or path; weat: all published ones that are found")
    sub.add_argument("--words", action="store_true", help="show each target word, also of tests with two sets")
    sub.add_argument("--min-known", type=number, default=0.8, metavar="SHARE",
                     help="leave out tests of which a set has a smaller share of known words (default: 0.8)")
    sub.add_argument("--permutations", type=positive, default=100_000, metavar="N",
                     help="partitions for p where they are too many to try all (default: 100000)")
    sub.add_argument("--draws", type=not_negative, default=10_000, metavar="N",
                     help="bootstrap replicates, 0 for no intervals (default: 10000)")
    lookup_options(sub)


def lookup_options(sub: argparse.ArgumentParser) -> None:
    """Add the options by which words and sets are found; `bias`, `axis` and `debias` share them."""
    sub.add_argument("--case-sensitive", action="store_true",
                     help="do not look up unknown words in lower case")
    sub.add_argument("--datasets", metavar="DIR",
                     help="folder in which names are looked for before that of W2V_DATASETS")


def run(options: argparse.Namespace) -> None:
    """Read the tests before the vectors, test, and print."""
    from w2v.analysis.bias.bias import bias, word_table
    from w2v.analysis.bias.sets import read_sets
    from w2v.system.plain import printable

    sets = read_sets(options.sets, options.datasets)
    kv = load(options, options.vectors)
    with usage(spelled=spelled(options)):
        found = bias(kv, sets, min_known=options.min_known, case_sensitive=options.case_sensitive,
                     permutations=options.permutations, draws=options.draws, seed=options.seed)
    show(found, options)
    if options.words and not options.json:
        for test in found.tests:
            if len(test.targets) == 2:  # the others are shown anyway
                print(f"\n{printable(word_table(test).render())}")
