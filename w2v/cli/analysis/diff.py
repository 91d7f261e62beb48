"""`w2v diff`: how two files of vectors differ, and an exit code for tests of new vectors."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from w2v.cli.analysis.common import check_kept, load, not_negative, show, sibling_runs, spelled, vectors_arguments
from w2v.cli.common import UsageError, number, positive, usage
from w2v.errors import W2VError
from w2v.system.files import atomic_write, check_writable

if TYPE_CHECKING:
    from w2v.analysis.differences.result import Difference


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v diff`."""
    sub.epilog = ("Exit code 1 if --max-share or --min-overlap is exceeded; the tables are printed all the same.")
    vectors_arguments(sub, "OLD", "NEW")
    sub.add_argument("-n", "--topn", type=not_negative, default=20,
                     help="number of words that moved most, 0 for none (default: 20)")
    sub.add_argument("--by", choices=["cosine", "neighbors", "both"], default="both",
                     help="rank words by the cosine of their vectors after alignment, by the nearest neighbors that "
                          "they kept, or by the mean of both ranks (default: both)")
    sub.add_argument("--no-align", action="store_true",
                     help="compare the vectors as they are: for models of which one was trained further from the other")
    sub.add_argument("--runs", nargs="*", metavar="FILE",
                     help="further runs on the old text, with other seeds or on other parts of it: shows which words "
                          "moved more than between runs; without FILE those that w2v train --runs wrote, for OLD and "
                          "for NEW")
    sub.add_argument("--new-runs", nargs="+", metavar="FILE", help="further runs on the new text")
    sub.add_argument("--neighbors", type=positive, default=10, metavar="K",
                     help="number of nearest neighbors that are compared (default: 10)")
    sub.add_argument("--sample", type=positive, default=2000, metavar="N",
                     help="words for the mean overlap of neighbors (default: 2000)")
    sub.add_argument("--candidates", type=not_negative, metavar="N",
                     help="words that are ranked by their neighbors (default: the 2000 that moved most by cosine; with "
                          "--by neighbors the 10000 most frequent ones)")
    sub.add_argument("--all", action="store_true", help="compare the neighbors of all words")
    sub.add_argument("-o", "--output", metavar="FILE.tsv", help="write the values of every word, separated by tabs")
    limits = sub.add_argument_group("limits")
    limits.add_argument("--threshold", type=number, default=0.5, metavar="COSINE",
                        help="cosine below which a word has moved far (default: 0.5)")
    limits.add_argument("--max-share", type=number, metavar="S",
                        help="fail if more than this share of the words has moved far, 0 to 1")
    limits.add_argument("--min-overlap", type=number, metavar="S",
                        help="fail if the mean overlap of neighbors is smaller, 0 to 1")


def run(options: argparse.Namespace) -> None:
    """Compare, print the result, write the values of every word, and fail if a limit is exceeded."""
    import w2v

    for name in ("max_share", "min_overlap"):
        value = getattr(options, name)
        if value is not None and not 0 <= value <= 1:
            raise UsageError(f"--{name.replace('_', '-')} {value:g} is out of range: 0 to 1")
    old_runs, new_runs = _run_files(options)
    if options.output is not None:
        check_kept(options.output, options.old, options.new, *old_runs, *new_runs)
        check_writable(options.output)
    old, new, *others = (load(options, path) for path in (options.old, options.new, *old_runs, *new_runs))
    sizes = sorted({kv.vector_size for kv in (old, new, *others)})
    if options.max_share is not None and len(sizes) > 1:
        raise UsageError("--max-share is a share of cosines, and vectors of the dimensions "
                         f"{', '.join(map(str, sizes))} have none: limit their neighbors with --min-overlap")
    with usage(spelled=spelled(options)):
        found = w2v.diff(
            old, new, options.topn, by=options.by, align=not options.no_align, runs=others[:len(old_runs)],
            new_runs=others[len(old_runs):], neighbors=options.neighbors, threshold=options.threshold,
            sample=None if options.all else options.sample, candidates=options.candidates, seed=options.seed)
    if options.output is not None:
        _write(found, options.output)
    show(found, options)
    if exceeded := found.exceeded(options.max_share, options.min_overlap):
        raise W2VError("limit exceeded: " + "; ".join(exceeded))


def _run_files(options: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Return the files of further runs on the old and on the new text."""
    old, new = options.runs or [], options.new_runs or []
    if options.runs == []:
        old, new = sibling_runs(options.old), new or sibling_runs(options.new)
        if not old and not new:
            raise UsageError(f"--runs without files: there are no other runs next to {options.old} and {options.new}, "
                             "such as NAME.run2.SUFFIX, which w2v train --runs writes")
    files = [os.path.realpath(path) for path in (options.old, *old, options.new, *new)]
    twice = sorted({path for path in files if files.count(path) > 1})
    if twice and (old or new):
        raise UsageError(f"{twice[0]} is given twice: a run agrees with itself, and is on one of the two texts only")
    return old, new


def _write(found: Difference, path: str) -> None:
    with atomic_write(path) as file:
        for line in found.lines():
            file.write(line.encode())
