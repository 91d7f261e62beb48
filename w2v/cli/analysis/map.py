"""`w2v map`: a picture of words in two dimensions."""

from __future__ import annotations

import argparse
import os
import sys
import warnings

from w2v.cli.analysis.common import check_kept, load, show, spelled, vectors_arguments
from w2v.cli.common import complain, known_words, positive, usage
from w2v.system.fact_table import REPLACED
from w2v.system.files import local_path
from w2v.system.plain import printable


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v map`."""
    vectors_arguments(sub, "VECTORS", output="required: the picture: .png, .svg or .pdf")
    which = sub.add_mutually_exclusive_group()
    which.add_argument("--words", metavar="FILE", help="show the words of FILE, one per line")
    which.add_argument("--top", type=positive, metavar="N", help="show the N most frequent words (default: 200)")
    which.add_argument("--near", metavar="WORD", help="show WORD and its nearest neighbours")
    sub.add_argument("--neighbors", type=positive, metavar="N", help="number of neighbours of --near (default: 50)")
    sub.add_argument("--clusters", type=positive, metavar="K", help="colour the words by K clusters")
    sub.add_argument("--method", choices=("pca", "tsne", "umap"), default="pca", help="principal components (default), "
                     "or t-SNE or UMAP, which keep neighbours together and need the extras tsne and umap")


def run(options: argparse.Namespace) -> None:
    """Draw a map of words, and print what it shows."""
    import w2v
    from w2v.analysis.maps.positions import library
    from w2v.system.figures import check_figure, font_families, missing_glyphs

    check_kept(options.output, options.vectors, options.words)
    with usage(spelled=spelled(options)):
        check_figure(options.output)
        library(options.method)
    kv = load(options, options.vectors)
    words = None if options.words is None else known_words(kv, options.words, "to show")
    with usage(spelled=spelled(options)):
        found = w2v.map(kv, words=words, top=options.top, near=options.near, neighbors=options.neighbors,
                        clusters=options.clusters, method=options.method, seed=options.seed)
    if message := missing_glyphs(font_families([*found.words, found.model])[1]):
        complain(message)
    replaced = REPLACED if os.path.exists(local_path(options.output)) else ""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ ")  # of matplotlib, for each character; the message is above
        found.save(options.output)
    print(printable(f"map of {len(found):,} words to {options.output}{replaced}"), file=sys.stderr)
    show(found, options)
