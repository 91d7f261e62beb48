"""`w2v map`: a picture or page of words in two dimensions, of one space or of two."""

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
    from w2v.analysis.maps.page.columns import Metadata
    from w2v.analysis.maps.result import WordMap


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v map`."""
    vectors_arguments(sub, "VECTORS", output="required: the picture (.png, .svg, .pdf), or a page to "
                      "explore in any browser, without network (.html)")
    sub.add_argument("other", metavar="OTHER", nargs="?", help="a second file: VECTORS are rotated to it, and the "
                     "words that moved most are drawn with arrows from their places in VECTORS to those in OTHER")
    which = sub.add_mutually_exclusive_group()
    which.add_argument("--words", metavar="FILE", help="show the words of FILE, one per line")
    which.add_argument("--top", type=positive, metavar="N", help="show the N most frequent words (default: 200; for a "
                       "page 20000); with OTHER the N that moved most by the measure of w2v diff (12; 200)")
    which.add_argument("--near", metavar="WORD", help="show WORD and its nearest neighbours")
    sub.add_argument("--neighbors", type=whole, metavar="N", help="number of neighbours of --near (default: 50; for a "
                     "page 500); with OTHER of each word in each file (3; of --near 12, for a page 100)")
    sub.add_argument("--clusters", type=positive, metavar="K", help="colour the words by K clusters (a page: 20); not "
                     "with OTHER")
    sub.add_argument("--metadata", metavar="FILE", help="of a page: columns to colour the words by, from a table "
                     "separated by tabs, whose first line names the columns and whose first column has the words")
    sub.add_argument("--method", choices=("pca", "tsne", "umap"), default="pca", help="principal components (default), "
                     "or t-SNE or UMAP, which keep neighbours together and need the extras tsne and umap")
    two = sub.add_argument_group("with OTHER")
    two.add_argument("--shared", type=whole, metavar="N", help="show the N most frequent shared words too "
                     "(default: 0; for a page 2000 unless --words or --near)")
    two.add_argument("--by", choices=("cosine", "neighbors", "both"),
                     help="rank moves by cosines, by neighbors or by both, as w2v diff (default: both)")
    two.add_argument("--no-align", action="store_true",
                     help="draw the vectors as they are: for models of which one was trained further from the other")


def run(options: argparse.Namespace) -> None:
    """Draw a map of words, and print what it shows."""
    from w2v.analysis.maps.positions import library
    from w2v.analysis.maps.result import check_map, is_page

    check_kept(options.output, options.vectors, options.other, options.words, options.metadata)
    if options.other is not None and os.path.realpath(options.vectors) == os.path.realpath(options.other):
        raise UsageError(f"{options.other} is given twice: no word moves between a space and itself")
    page = is_page(options.output)
    if options.metadata is not None and not page:
        raise UsageError("--metadata is for pages: give -o a name that ends in .html")
    with usage(spelled=spelled(options)):
        check_map(options.output)
        library(options.method)
    found = _of_one(options, page) if options.other is None else _of_two(options, page)
    if found.metadata is not None:
        _complain_of(found.metadata, len(found.words))
    replaced = REPLACED if os.path.exists(local_path(options.output)) else ""
    if page:
        found.save(options.output)
    else:
        _save_picture(found, options.output)
    what = "the ways of " if options.other is not None else ""
    print(printable(f"map of {what}{len(found):,} words to {options.output}{replaced}"), file=sys.stderr)
    show(found, options)


def _of_one(options: argparse.Namespace, page: bool) -> WordMap:
    import w2v

    kv = load(options, options.vectors)
    words = None if options.words is None else known_words(kv, options.words, "to show")
    with usage(spelled=spelled(options)):
        if options.shared is not None or options.by is not None or options.no_align:
            raise ValueError("--shared, --by and --no-align compare two spaces: give a second file (w2v map A B)")
        return w2v.map(kv, words=words, top=options.top, near=options.near, neighbors=options.neighbors,
                       clusters=options.clusters, method=options.method, metadata=options.metadata, page=page,
                       seed=options.seed)


def _of_two(options: argparse.Namespace, page: bool) -> MovedMap:
    import w2v
    from w2v.analysis.maps.moved_result import UNRELATED

    kv, other = load(options, options.vectors), load(options, options.other)
    words = None if options.words is None else known_words(kv, options.words, "to show", other)
    with usage(spelled=spelled(options)), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it is in the result
        found = w2v.map(kv, other, words=words, top=options.top, near=options.near, neighbors=options.neighbors,
                        clusters=options.clusters, method=options.method, metadata=options.metadata, page=page,
                        seed=options.seed, shared=options.shared, by=options.by, align=not options.no_align)
    if found.related is False:
        complain(f"warning: {UNRELATED}")
    return found


def _complain_of(metadata: Metadata, words: int) -> None:
    """Count on stderr the words of a file that have no vector, and those of the map that have no row in it."""
    if metadata.unknown:
        complain(f"{metadata.source}: {metadata.unknown:,} of {metadata.rows:,} words have no vector")
    if metadata.without:
        complain(f"{metadata.source}: {metadata.without:,} of the {words:,} words of the map have no row")


def _save_picture(found: WordMap | MovedMap, path: str) -> None:
    """Write a picture, and name on stderr the characters that no font has."""
    from w2v.system.figures import font_families, missing_glyphs

    if message := missing_glyphs(font_families([*found.words, *found.models])[1]):
        complain(message)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ ")  # of matplotlib, for each character; the message is above
        found.save(path)
