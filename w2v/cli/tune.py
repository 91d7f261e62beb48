"""`w2v tune`: a search for the options of `w2v train`; ends with the command line to use.

Place in the data flow: command line -> `w2v.tuning.tuner.tune` -> tables and a command, or one JSON object.
"""

from __future__ import annotations

import argparse
from typing import Any, cast

from w2v.cli.common import UsageError, print_json, usage, whole
from w2v.cli.lists import ListOption
from w2v.cli.options import corpus_options, given, given_corpus, groups, hyper_parameters, no_corpus
from w2v.system.plain import printable


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v tune`, and those of `w2v train` in its groups."""
    sub.epilog = ("Example: w2v tune corpus.txt --metric ws353 --budget 20m --search window=2..15 --vector-size 100. "
                  "Options of training that are given are not searched. The last line of the output is the command "
                  "line that trains with the best options on the whole text.")
    search = sub.add_argument_group("search")
    group = groups(sub)
    corpus_options(group["input"], "file, folder or glob, also compressed (gzip, bzip2, xz or zstd), .zip or .tar; - "
                                   "for standard input")
    group["input"].add_argument("--phrases", metavar="FILE", help="join the phrases of this file (see w2v phrases)")
    search.add_argument("--metric", action=ListOption, files=True, metavar="SET", help="what to maximise: the name or "
                        "path of a set of similarity or analogies (see w2v evaluate); for lines of items hit@K, such "
                        "as hit@10, or mrr: the last item of held-out lines is predicted from the one before; of "
                        "several the mean")
    search.add_argument("--budget", metavar="TIME", help="time of the whole search: 90s, 20m or 2h")
    search.add_argument("--trials", type=whole, metavar="N", help="number of configurations to begin with, instead of "
                        "a budget, or at most so many within it; with --threads 1 or --reproducible the same "
                        "search gives the same result")
    search.add_argument("--search", action="append", default=[], metavar="NAME=VALUES",
                        help="values to try for an option of training: LOW..HIGH or A,B,C, such as window=2..20 or "
                        "window=5,10,line; may be repeated")
    search.add_argument("--rungs", type=whole, metavar="N", help="number of samples, each with a third of the lines "
                        "of the next; by default as many as the corpus and the metric allow")
    search.add_argument("--datasets", metavar="DIR",
                        help="folder in which sets are looked for before that of W2V_DATASETS")
    search.add_argument("--state", metavar="FILE", help="write a line of JSON after each trial, to continue with "
                        "--resume and for w2v plot")
    search.add_argument("--resume", action="store_true", help="continue the search in the file of --state; all but "
                        "the budget, the trials, the rungs and the threads must be the same")
    search.add_argument("--plot", metavar="FIGURE", help="also draw what mattered: .png, .svg or .pdf (needs "
                        "matplotlib)")
    hyper_parameters(group)
    sub.add_argument("--quiet", "-q", action="store_true", help="show no progress")


def run(options: argparse.Namespace) -> None:
    """Search, print the result, and draw it if asked."""
    from w2v.cli.names import as_options
    from w2v.system.figures import check_figure, save_figure, whole_figure
    from w2v.tuning.space import read_search
    from w2v.tuning.tuner import tune

    corpus = given_corpus(options, ", or - for standard input")
    if not corpus:
        raise no_corpus(", or - for standard input")
    if not options.metric:
        raise UsageError("--metric is missing: what is to be maximised? A set of words, such as --metric ws353, or for "
                         "lines of items --metric hit@10")
    if options.plot:
        with usage():
            check_figure(options.plot)
    with usage((ValueError, TypeError), as_options):
        found = tune(corpus, metric=options.metric, budget=_budget(options.budget), trials=options.trials,
                     search=read_search(options.search), rungs=options.rungs, datasets=options.datasets,
                     state=options.state, resume=options.resume, threads=options.threads, progress=not options.quiet,
                     preset=options.preset, phrases=options.phrases, ids=options.ids, **cast(Any, given(options)))
    if options.json:
        print_json(found.to_dict())
    else:
        print(found)
        print(f"\n{printable(found.command)}")
    if options.plot:
        save_figure(whole_figure(found.plot()), options.plot)


def _budget(text: str | None) -> str | float | None:
    """Return a budget; a plain number is one of seconds."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text
