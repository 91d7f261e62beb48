"""`w2v plan`: the needs of a training run, as a table for people or as one JSON object."""

from __future__ import annotations

import argparse

from w2v.cli.common import UsageError, print_json, usage
from w2v.cli.options import (
    corpus_options,
    engine_options,
    given,
    given_input,
    graph_options,
    groups,
    hyper_parameters,
    no_corpus,
)


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v plan`, in the groups of `w2v train`."""
    sub.epilog = ("Takes a few seconds for a corpus of any size. Numbers about the whole text are estimates with "
                  "bounds. The exit code is 1 if w2v train would refuse the run.")
    group = groups(sub)
    corpus_options(group["input"], "file, folder or glob, also compressed (gzip, bzip2, xz or zstd), .zip or .tar")
    group["output"].add_argument("-o", "--output", "-output", metavar="FILE", help="file for the vectors, if known")
    graph_options(group["graph"])
    hyper_parameters(group)
    engine_options(group["training"])


def run(options: argparse.Namespace) -> int:
    """Plan, and print the plan; return 1 if `w2v train` would refuse the run."""
    from w2v.cli.names import as_options
    from w2v.planning.plan import plan
    from w2v.training.request import RunRequest

    with usage((ValueError, TypeError), as_options):
        corpus = given_input(options)
    if corpus is None:
        raise no_corpus()
    if "-" in (corpus.paths or ()):
        raise UsageError("standard input can be read only once, by w2v train; save it to a file to plan for it")
    with usage((ValueError, TypeError), as_options):
        asked = RunRequest(corpus=corpus, options=given(options), preset=options.preset,
                           threads=options.threads, ids=options.ids, output=options.output or None,
                           engine=options.engine, scheduler=options.scheduler).resolve()
    found = plan(asked.corpus, output=options.output, config=asked.config, threads=asked.threads, isa=asked.isa,
                 ids=asked.ids, engine=options.engine, scheduler=options.scheduler)
    if options.json:
        print_json(found.to_dict())
    else:
        print(found)
    return 0 if found.fits else 1
