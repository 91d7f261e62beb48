"""`w2v debias`: vectors without a direction of bias."""

from __future__ import annotations

import argparse

from w2v.cli.analysis.bias import lookup_options
from w2v.cli.analysis.common import check_kept, check_output, load, not_negative, save, show, spelled, vectors_arguments
from w2v.cli.common import positive, usage


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v debias`."""
    sub.epilog = ("Hard debiasing (Bolukbasi et al. 2016): all vectors get length 1, and the direction of the pairs is "
                  "removed from all words but those to keep. Files of pairs have two words on each line. The published "
                  "lists for gender are gender-pairs, gender-equalize and gender-specific (w2v datasets fetch).")
    vectors_arguments(sub, "VECTORS", output="required: the new vectors; the suffix decides the format")
    sub.add_argument("--pairs", required=True, metavar="FILE", help="pairs of words that differ in the bias: a path or "
                     "a name, such as gender-pairs")
    sub.add_argument("--equalize", metavar="FILE", help="pairs to make equal except for the bias, or none (default: "
                     "those of --pairs)")
    sub.add_argument("--keep", metavar="FILE", help="words that keep the direction, such as mother: a path or a name")
    sub.add_argument("--components", type=positive, default=1, metavar="K",
                     help="principal components of the pairs to remove (default: 1)")
    sub.add_argument("--sets", nargs="+", action="extend", default=[], metavar="NAME",
                     help="association tests before and after, as in w2v bias")
    sub.add_argument("--suite", "--evaluate", nargs="+", action="extend", default=[], metavar="NAME",
                     help="benchmarks before and after, as in w2v evaluate: names or paths")
    sub.add_argument("--draws", type=not_negative, default=10_000, metavar="N",
                     help="bootstrap replicates, 0 for no intervals (default: 10000)")
    lookup_options(sub)


def run(options: argparse.Namespace) -> None:
    """Read all lists before the vectors, debias, save, and print."""
    from w2v.analysis.bias.debias import debias
    from w2v.analysis.bias.sets import read_sets
    from w2v.analysis.bias.word_lists import read_pairs, read_words

    check_output(options.output)
    check_kept(options.output, options.pairs, options.equalize, options.keep, *options.sets, *options.suite)
    with usage():
        pairs = read_pairs(options.pairs, options.datasets)
        equalize = (None if options.equalize is None else
                    [] if options.equalize == "none" else read_pairs(options.equalize, options.datasets))
        keep = read_words(options.keep, options.datasets) if options.keep else []
        sets = read_sets(options.sets, options.datasets) if options.sets else None
    kv = load(options, options.vectors)
    with usage(spelled=spelled(options)):
        found = debias(kv, pairs, equalize=equalize, keep=keep, components=options.components,
                       case_sensitive=options.case_sensitive, sets=sets, suite=options.suite or None,
                       datasets=options.datasets, draws=options.draws, seed=options.seed)
    save(found.vectors, options.output)
    show(found, options)
