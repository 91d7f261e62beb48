"""`w2v walk`: random walks over a graph, written to a file."""

from __future__ import annotations

import argparse
import sys

from w2v.cli.common import UsageError, print_json, usage, whole
from w2v.cli.options import given_walking, walking_options
from w2v.system.fact_table import Fact, FactTable
from w2v.system.files import check_writable


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v walk`."""
    sub.epilog = ("Training does not need this: w2v train --graph makes its walks while it trains. The same graph, "
                  "options, seed and epoch give the same file with any number of threads.")
    sub.add_argument("graph", metavar="GRAPH", help="list of edges: text, CSV, TSV, Matrix Market, Parquet, .npz of "
                     "SciPy, .npy or GraphML")
    sub.add_argument("-o", "--output", metavar="FILE", required=True, help="file for the walks: .npy, integers (walks, "
                     "walk length) filled up with -1, for nodes that are integers; otherwise text, a walk on each line")
    walking_options(sub.add_argument_group("walks"))
    sub.add_argument("--seed", type=whole, default=1, metavar="N", help="seed of the walks (default 1)")
    sub.add_argument("--epoch", type=whole, default=0, metavar="N", help="the walks of this epoch, from 0 (default)")
    sub.add_argument("--threads", metavar="N", default="auto", help="number of threads, or auto (default)")


def run(options: argparse.Namespace) -> None:
    """Write the walks, and show what was read."""
    from w2v.corpus.outputs import check_outputs
    from w2v.corpus.paths import CorpusInput
    from w2v.graphs.graph import GraphReport, graph_facts
    from w2v.graphs.walk import walk

    if not options.output:
        raise UsageError("no output: name a file for the walks with -o")
    with usage():
        check_outputs({"-o": options.output}, CorpusInput.of_graph(options.graph, given_walking(options)))
        check_writable(options.output)
        found = walk(options.graph, seed=options.seed, epoch=options.epoch, threads=options.threads,
                     output=options.output, **given_walking(options))
    assert isinstance(found, GraphReport)
    if options.json:
        print_json({"graph": found.to_dict(), "output": options.output})
    else:
        facts = [*graph_facts(found.to_dict()), Fact("written to", note=options.output)]
        print(FactTable(facts, widths=(12, 16)).render(), file=sys.stderr)
