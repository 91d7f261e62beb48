"""`w2v map`: a picture or page of words in two dimensions."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from typing import TYPE_CHECKING

from w2v.cli.analysis.common import check_kept, load, show, spelled, vectors_arguments
from w2v.cli.common import UsageError, complain, known_words, positive, usage
from w2v.system.fact_table import REPLACED
from w2v.system.files import local_path
from w2v.system.plain import printable

if TYPE_CHECKING:
    from w2v.analysis.maps.page.columns import Metadata
    from w2v.analysis.maps.result import WordMap


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v map`."""
    vectors_arguments(sub, "VECTORS", output="required: the picture (.png, .svg, .pdf), or a page to "
                      "explore in any browser, without network (.html)")
    which = sub.add_mutually_exclusive_group()
    which.add_argument("--words", metavar="FILE", help="show the words of FILE, one per line")
    which.add_argument("--top", type=positive, metavar="N", help="show the N most frequent words (default: 200; "
                       "for a page 20000)")
    which.add_argument("--near", metavar="WORD", help="show WORD and its nearest neighbours")
    sub.add_argument("--neighbors", type=positive, metavar="N", help="number of neighbours of --near (default: 50; "
                     "for a page 500)")
    sub.add_argument("--clusters", type=positive, metavar="K", help="colour the words by K clusters (a page: 20)")
    sub.add_argument("--metadata", metavar="FILE", help="of a page: columns to colour the words by, from a table "
                     "separated by tabs, whose first line names the columns and whose first column has the words")
    sub.add_argument("--method", choices=("pca", "tsne", "umap"), default="pca", help="principal components (default), "
                     "or t-SNE or UMAP, which keep neighbours together and need the extras tsne and umap")


def run(options: argparse.Namespace) -> None:
    """Draw a map of words, and print what it shows."""
    import w2v
    from w2v.analysis.maps.positions import library
    from w2v.analysis.maps.result import check_map, is_page

    check_kept(options.output, options.vectors, options.words, options.metadata)
    page = is_page(options.output)
    if options.metadata is not None and not page:
        raise UsageError("--metadata is for pages: give -o a name that ends in .html")
    with usage(spelled=spelled(options)):
        check_map(options.output)
        library(options.method)
    kv = load(options, options.vectors)
    words = None if options.words is None else known_words(kv, options.words, "to show")
    with usage(spelled=spelled(options)):
        found = w2v.map(kv, words=words, top=options.top, near=options.near, neighbors=options.neighbors,
                        clusters=options.clusters, method=options.method, metadata=options.metadata,
                        page=page, seed=options.seed)
    if found.metadata is not None:
        _complain_of(found.metadata, len(found))
    replaced = REPLACED if os.path.exists(local_path(options.output)) else ""
    if page:
        found.save(options.output)
    else:
        _save_picture(found, options.output)
    print(printable(f"map of {len(found):,} words to {options.output}{replaced}"), file=sys.stderr)
    show(found, options)


def _complain_of(metadata: Metadata, words: int) -> None:
    """Count on stderr the words of a file that have no vector, and those of the map that have no row in it."""
    if metadata.unknown:
        complain(f"{metadata.source}: {metadata.unknown:,} of {metadata.rows:,} words have no vector")
    if metadata.without:
        complain(f"{metadata.source}: {metadata.without:,} of the {words:,} words of the map have no row")


def _save_picture(found: WordMap, path: str) -> None:
    """Write a picture, and name on stderr the characters that no font has."""
    from w2v.system.figures import font_families, missing_glyphs

    if message := missing_glyphs(font_families([*found.words, found.model])[1]):
        complain(message)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ ")  # of matplotlib, for each character; the message is above
        found.save(path)
