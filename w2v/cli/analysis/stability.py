"""`w2v stability`: how much several runs agree, and their average."""

from __future__ import annotations

import argparse
import os

from w2v.cli.analysis.common import check_output, load, save, show, sibling_runs, vectors_arguments, words_of
from w2v.cli.common import UsageError, number, positive
from w2v.cli.lists import ListOption
from w2v.errors import W2VError
from w2v.system.files import local_path


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v stability`."""
    sub.epilog = ("w2v train --runs N writes the files of N runs: w2v stability v.safetensors v.run*.safetensors")
    sub.add_argument("vectors", nargs="*", metavar="VECTORS", help="files of two or more runs, which differ in their "
                     "seed or in their sample of the corpus")
    vectors_arguments(sub, output="write the average of the runs (generalised Procrustes) to FILE")
    sub.add_argument("-n", "--topn", type=positive, default=10, help="number of neighbours (default: 10)")
    which = sub.add_mutually_exclusive_group()
    which.add_argument("--sample", type=positive, metavar="N", help="measure N words, drawn from each frequency band "
                       "alike (default: 2000)")
    which.add_argument("--all", action="store_true", help="measure all words")
    sub.add_argument("--words", action=ListOption, leaves="vectors", files=True, metavar="WORD", help="measure these "
                     "words, or those in a file, separated by white space")
    sub.add_argument("--min-overlap", type=number, metavar="X", help="exit with code 1 if the mean overlap is below X, "
                     "0 to 1")


def run(options: argparse.Namespace) -> None:
    """Measure, print, and write the average."""
    if len(options.vectors) < 2:
        others = " ".join(sibling_runs(options.vectors[0])[:3]) if options.vectors else ""
        raise UsageError("stability compares runs: name two or more files" + (f", such as {others}" if others else ""))
    files = [os.path.realpath(local_path(path)) for path in options.vectors]
    if twice := [path for path, file in zip(options.vectors, files, strict=True) if files.count(file) > 1]:
        raise UsageError(f"{twice[0]} is given twice: a run agrees with itself")
    if options.words and (options.all or options.sample):
        raise UsageError("--words measures these words: it cannot be combined with --sample or --all")
    if options.min_overlap is not None and not 0 <= options.min_overlap <= 1:
        raise UsageError(f"--min-overlap {options.min_overlap:g} is out of range: 0 to 1")
    check_output(options.output)
    words = words_of(options.words) if options.words else None

    import w2v
    from w2v.analysis.stability.stability import SAMPLE

    runs = [load(options, path) for path in options.vectors]
    sizes = {run.vector_size for run in runs}
    if options.output and len(sizes) > 1:
        raise W2VError(f"vectors of dimensions {', '.join(map(str, sorted(sizes)))} have no average: leave out -o")
    sample = None if options.all else options.sample or SAMPLE
    found = w2v.stability(runs, words=words, topn=options.topn, sample=sample, seed=options.seed)
    if options.output:
        save(w2v.average(runs), options.output)
    show(found, options)
    if options.min_overlap is not None and not found.overlap.value >= options.min_overlap:
        raise W2VError(f"the mean overlap is {found.overlap.value:.4f}, below --min-overlap {options.min_overlap:g}")
