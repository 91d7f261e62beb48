"""`w2v map`: a picture of words in two dimensions, of one space or of two."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from typing import TYPE_CHECKING

from w2v.cli.analysis.common import check_kept, load, show, spelled, vectors_arguments
from w2v.cli.common import UsageError, complain, known_words, positive, usage, whole
from w2v.system.fact_table import REPLACED
from w2v.system.files import local_path
from w2v.system.plain import printable

if TYPE_CHECKING:
    from w2v.analysis.maps.moved_result import MovedMap
    from w2v.analysis.maps.result import WordMap


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v map`."""
    vectors_arguments(sub, "VECTORS", output="required: the picture: .png, .svg or .pdf")
    sub.add_argument("other", metavar="OTHER", nargs="?", help="a second file: VECTORS are rotated to it, and the "
                     "words that moved most are drawn with arrows from their places in VECTORS to those in OTHER")
    which = sub.add_mutually_exclusive_group()
    which.add_argument("--words", metavar="FILE", help="show the words of FILE, one per line")
    which.add_argument("--top", type=positive, metavar="N", help="show the N most frequent words (default: 200); with "
                       "OTHER the N that moved most by the measure of w2v diff (default: 12)")
    which.add_argument("--near", metavar="WORD", help="show WORD and its nearest neighbours")
    sub.add_argument("--neighbors", type=whole, metavar="N", help="number of neighbours of --near (default: 50); with "
                     "OTHER of each word in each file (default: 3, and 12 of --near)")
    sub.add_argument("--clusters", type=positive, metavar="K", help="colour the words by K clusters; not with OTHER")
    sub.add_argument("--method", choices=("pca", "tsne", "umap"), default="pca", help="principal components (default), "
                     "or t-SNE or UMAP, which keep neighbours together and need the extras tsne and umap")
    two = sub.add_argument_group("with OTHER")
    two.add_argument("--shared", type=whole, metavar="N", help="show the N most frequent shared words too (default: 0)")
    two.add_argument("--by", choices=("cosine", "neighbors", "both"),
                     help="rank moves by cosines, by neighbors or by both, as w2v diff (default: both)")
    two.add_argument("--no-align", action="store_true",
                     help="draw the vectors as they are: for models of which one was trained further from the other")


def run(options: argparse.Namespace) -> None:
    """Draw a map of words, and print what it shows."""
    from w2v.analysis.maps.positions import library
    from w2v.system.figures import check_figure, font_families, missing_glyphs

    check_kept(options.output, options.vectors, options.other, options.words)
    if options.other is not None and os.path.realpath(options.vectors) == os.path.realpath(options.other):
        raise UsageError(f"{options.other} is given twice: no word moves between a space and itself")
    with usage(spelled=spelled(options)):
        check_figure(options.output)
        library(options.method)
    found: WordMap | MovedMap
    if options.other is None:
        found = _of_one(options)
        texts, what = [*found.words, found.model], f"{len(found):,} words"
    else:
        found = _of_two(options)
        texts, what = [*found.words, found.a, found.b], f"the ways of {len(found):,} words"
    if message := missing_glyphs(font_families(texts)[1]):
        complain(message)
    replaced = REPLACED if os.path.exists(local_path(options.output)) else ""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ ")  # of matplotlib, for each character; the message is above
        found.save(options.output)
    print(printable(f"map of {what} to {options.output}{replaced}"), file=sys.stderr)
    show(found, options)


def _of_one(options: argparse.Namespace) -> WordMap:
    import w2v

    kv = load(options, options.vectors)
    words = None if options.words is None else known_words(kv, options.words, "to show")
    with usage(spelled=spelled(options)):
        if options.shared is not None or options.by is not None or options.no_align:
            raise ValueError("--shared, --by and --no-align compare two spaces: give a second file (w2v map A B)")
        return w2v.map(kv, words=words, top=options.top, near=options.near, neighbors=options.neighbors,
                       clusters=options.clusters, method=options.method, seed=options.seed)


def _of_two(options: argparse.Namespace) -> MovedMap:
    import w2v
    from w2v.analysis.maps.moved_result import UNRELATED

    kv, other = load(options, options.vectors), load(options, options.other)
    words = None if options.words is None else known_words(kv, options.words, "to show", other)
    with usage(spelled=spelled(options)), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it is in the result
        found = w2v.map(kv, other, words=words, top=options.top, near=options.near, neighbors=options.neighbors,
                        clusters=options.clusters, method=options.method, seed=options.seed, shared=options.shared,
                        by=options.by, align=not options.no_align)
    if found.related is False:
        complain(f"warning: {UNRELATED}")
    return found
