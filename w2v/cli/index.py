"""`w2v index`: an approximate index beside a file of vectors, for `--approximate`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from w2v.cli.common import positive, print_json
from w2v.system.plain import printable

if TYPE_CHECKING:
    from pathlib import Path

    from w2v.keyedvectors import KeyedVectors
    from w2v.vectors.approximate import Index

METRICS = ("cosine", "dot", "euclidean")
STORED = ("f32", "f16", "bf16", "i8")


def arguments(sub: argparse.ArgumentParser) -> None:
    sub.epilog = "Needs usearch: pip install 'w2v[ann]'. An index that is there is built anew."
    sub.add_argument("vectors", metavar="VECTORS")
    sub.add_argument("-o", "--output", metavar="FILE", help="where the index goes (default: VECTORS.ann)")
    sub.add_argument("--metric", choices=METRICS, default="cosine", help="what near means (default cosine)")
    sub.add_argument("--connectivity", type=positive, default=16, metavar="N", help="edges a word (default 16)")
    sub.add_argument("--expansion-add", type=positive, default=128, metavar="N",
                     help="how far is searched when a word is added: more is better and slower (default 128)")
    sub.add_argument("--expansion-search", type=positive, default=64, metavar="N",
                     help="how far is searched when a word is asked for (default 64)")
    sub.add_argument("--stored", choices=STORED, default="f16", help="numbers in the index (default f16)")
    sub.add_argument("--sample", type=positive, default=1000, metavar="N",
                     help="words whose neighbours are compared with the exact ones (default 1000)")


def run(options: argparse.Namespace) -> None:
    import w2v
    from w2v.system.files import check_writable
    from w2v.vectors.approximate import beside, check_library

    path = options.output or beside(options.vectors, options.metric)
    check_library()
    check_writable(path)
    kv = w2v.load(options.vectors)
    settings = {name: getattr(options, name)
                for name in ("metric", "connectivity", "expansion_add", "expansion_search", "stored", "sample")}
    start = time.perf_counter()
    index = build_shown(kv, None, **settings)
    seconds = time.perf_counter() - start
    index.save(path)
    about = index.about
    size = os.path.getsize(path)
    if options.json:
        print_json({"index": str(path), "words": about.words, "vector_size": about.vector_size, "metric": about.metric,
                    "recall": about.recall, "sample": about.sample, "seconds": seconds, "bytes": size})
    else:
        print(printable(f"{about}\n{path}: {size / 1e6:.1f} MB, built in {seconds:.1f} s"))


def build_shown(kv: KeyedVectors, path: Path | None, **settings: Any) -> Index:
    """`kv.index` with its progress on stderr."""
    from w2v.system.display import Display

    with Display("indexing", len(kv), "word", enabled=path is None or not path.exists()) as display:
        return kv.index(path, show=display.update, **settings)


def load_beside(kv: KeyedVectors, vectors: str, metric: str) -> None:
    """Use the index beside the vectors; if there is none, build it and say so."""
    from w2v.vectors.approximate import beside

    path = beside(vectors, metric)
    there = path.exists()
    index = build_shown(kv, path, metric=metric)
    if not there:
        print(printable(f"w2v: built {path}: {index.about}"), file=sys.stderr)
