"""`w2v cluster`: clusters of words by spherical k-means."""

from __future__ import annotations

import argparse
import os
import sys

from w2v.cli.analysis.common import check_kept, load, show, spelled, vectors_arguments
from w2v.cli.common import known_words, positive, usage, whole
from w2v.system.fact_table import REPLACED
from w2v.system.files import check_writable, local_path
from w2v.system.plain import printable


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v cluster`."""
    vectors_arguments(sub, "VECTORS", output="write each word and its class, as word2vec.c does with -classes; .tsv "
                      "and .json have more")
    sub.add_argument("-k", "--k", metavar="K", required=True, help="number of clusters; or auto, a range such as "
                     "10-500, or a list such as 20,50,100, to choose it by silhouettes (a heuristic)")
    sub.add_argument("--words", metavar="FILE", help="cluster only the words of FILE, one per line")
    sub.add_argument("-n", "--topn", type=positive, default=10, help="number of words nearest to each centre to show "
                     "(default: 10)")
    sub.add_argument("--peripheral", type=whole, default=0, metavar="N", help="also show the N words farthest from "
                     "each centre")
    sub.add_argument("--restarts", type=positive, metavar="N", help="number of starts, of which the best is kept "
                     "(default: 10, and fewer for more than 50 clusters)")
    sub.add_argument("--sample", type=positive, default=20_000, metavar="N", help="number of random words by which "
                     "numbers of clusters are compared (default: 20000)")
    sub.add_argument("--all", action="store_true", help="compare numbers of clusters by all words")
    sub.add_argument("--no-chance", dest="chance", action="store_false", help="do not cluster random vectors to "
                     "compare with; takes half the time")


def run(options: argparse.Namespace) -> None:
    """Cluster words, print the clusters, and write the classes."""
    import w2v

    if options.output is not None:
        check_kept(options.output, options.vectors, options.words)
        check_writable(options.output)
    kv = load(options, options.vectors)
    words = None if options.words is None else known_words(kv, options.words, "to cluster")
    with usage(spelled=spelled(options)):
        if options.output is not None:
            from w2v.analysis.clusters.result import check_classes

            check_classes(options.output, kv.index_to_key)
        found = w2v.cluster(
            kv, options.k, words=words, topn=options.topn, peripheral=options.peripheral, restarts=options.restarts,
            sample=None if options.all else options.sample, chance=options.chance, seed=options.seed)
    if options.output is not None:
        replaced = REPLACED if os.path.exists(local_path(options.output)) else ""
        found.save(options.output)
        print(printable(f"classes of {found.words:,} words to {options.output}{replaced}"), file=sys.stderr)
    show(found, options)
