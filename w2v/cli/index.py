"""`w2v index`: build an approximate index of a file of vectors, for `--approximate`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING, Unpack

from w2v.cli.common import encoding_options, positive, print_json
from w2v.system.fact_table import REPLACED
from w2v.system.plain import printable
from w2v.vectors.search import METRICS

if TYPE_CHECKING:
    from pathlib import Path

    from w2v.keyedvectors import KeyedVectors
    from w2v.vectors.approximate import Index, IndexOptions

STORED = ("f32", "f16", "bf16", "i8")


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v index`."""
    sub.epilog = "Needs usearch: pip install 'w2v[ann]'. An existing index is replaced."
    sub.add_argument("vectors", metavar="VECTORS")
    encoding_options(sub)
    sub.add_argument("-o", "--output", metavar="FILE", help="file of the index (default: VECTORS.ann)")
    sub.add_argument("--metric", choices=METRICS, default="cosine", help="distance measure (default: cosine)")
    sub.add_argument("--connectivity", type=positive, default=16, metavar="N", help="edges per word (default: 16)")
    sub.add_argument("--expansion-add", type=positive, default=128, metavar="N",
                     help="candidates when a word is added: more is more accurate and slower (default: 128)")
    sub.add_argument("--expansion-search", type=positive, default=64, metavar="N",
                     help="candidates in a search: more is more accurate and slower (default: 64)")
    sub.add_argument("--stored", choices=STORED, default="f16", help="type of the numbers in the index (default: f16)")
    sub.add_argument("--sample", type=positive, default=1000, metavar="N",
                     help="words by which recall is measured (default: 1000)")


def run(options: argparse.Namespace) -> None:
    """Build an index, save it, and print its recall."""
    import w2v
    from w2v.system.files import check_writable
    from w2v.vectors.approximate import check_library, index_path

    path = options.output or index_path(options.vectors, options.metric)
    check_library()
    check_writable(path, compress=False)
    kv = w2v.load(options.vectors, encoding=options.encoding, unicode_errors=options.unicode_errors)
    settings: IndexOptions = {
        "metric": options.metric, "connectivity": options.connectivity, "expansion_add": options.expansion_add,
        "expansion_search": options.expansion_search, "stored": options.stored, "sample": options.sample}
    start = time.perf_counter()
    index = build_with_progress(kv, None, **settings)
    seconds = time.perf_counter() - start
    replaced = REPLACED if os.path.exists(path) else ""
    index.save(path)
    about = index.about
    size = os.path.getsize(path)
    if options.json:
        print_json({"index": str(path), "words": about.words, "vector_size": about.vector_size, "metric": about.metric,
                    "recall": about.recall, "sample": about.sample, "seconds": seconds, "bytes": size})
    else:
        print(printable(f"{about}\n{path}: {size / 1e6:.1f} MB, built in {seconds:.1f} s{replaced}"))


def build_with_progress(kv: KeyedVectors, path: Path | None, **settings: Unpack[IndexOptions]) -> Index:
    """Call `kv.index`, with progress on stderr while it builds."""
    from w2v.system.display import Display

    with Display("indexing", len(kv), "word", enabled=path is None or not path.exists()) as display:
        settings["show"] = display.update
        return kv.index(path, **settings)


def load_or_build(kv: KeyedVectors, vectors: str, metric: str) -> None:
    """Load the index of a file of vectors into `kv`; if there is none, build it and report that on stderr."""
    from w2v.vectors.approximate import index_path

    path = index_path(vectors, metric)
    existed = path.exists()
    index = build_with_progress(kv, path, metric=metric)
    if not existed:
        print(printable(f"w2v: built {path}: {index.about}"), file=sys.stderr)
