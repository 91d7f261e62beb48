"""`w2v align`: bring one space of vectors into another, and measure how well that works."""

from __future__ import annotations

import argparse
import warnings

from w2v.cli.analysis.common import check_kept, check_output, load, save, spelled, vectors_arguments
from w2v.cli.common import complain, pairs, positive, print_answers, print_json, usage, whole
from w2v.system.plain import printable_line


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v align`."""
    sub.epilog = ("A is rotated to bring its words near to the same words of B, or to their translations "
                  "(orthogonal Procrustes); neighbours within A stay the same. All numbers except those of the anchors "
                  "are of held-out pairs, which the rotation was not fitted to. By chance is what shuffled pairs give.")
    vectors_arguments(sub, "A", "B", output="write A in the space of B to this file; the suffix selects the format")
    sub.add_argument("--dictionary", metavar="FILE", help="pairs to fit to, a word of A and a word of B in each line "
                     "(default: the words that both files have); needed for different dimensions")
    sub.add_argument("--anchors", type=positive, metavar="N", help="fit only to the N most frequent pairs, by the mean "
                     "of the ranks of both words")
    sub.add_argument("--stable", action="store_true", help="fit only to the half of the anchors that agrees best")
    sub.add_argument("--center", action="store_true", help="move the mean of A to that of B too; this changes cosines "
                     "within A")
    sub.add_argument("--refine", type=whole, default=0, metavar="N", help="at most N rounds of refinement: fit again "
                     "to words that are each other's nearest by CSLS (default: 0)")
    sub.add_argument("--test", metavar="FILE", help="pairs to measure with, like those of --dictionary (default: a "
                     "fifth of the words, held out)")
    sub.add_argument("--held-out", type=whole, default=1500, metavar="N",
                     help="measure with N words of A at most (default: 1500)")
    sub.add_argument("--candidates", type=positive, default=200_000, metavar="N",
                     help="search translations among the N most frequent words of B (default: 200000)")
    sub.add_argument("--translate", nargs="+", default=[], metavar="WORD",
                     help="show the words of B that are nearest to these words of A, by CSLS")


def run(options: argparse.Namespace) -> None:
    """Align, print the numbers, and write the vectors."""
    import w2v

    check_output(options.output)
    check_kept(options.output, options.dictionary, options.test)
    a, b = load(options, options.a), load(options, options.b)
    a.get_vectors(options.translate)  # an unknown word is an error before the work
    with usage(spelled=spelled(options)), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # they are in the result
        found = w2v.align(a, b, dictionary=options.dictionary, anchors=options.anchors, stable=options.stable,
                          center=options.center, refine=options.refine, test=options.test, held_out=options.held_out,
                          candidates=options.candidates, seed=options.seed)
    for warning in found.warnings:
        complain(f"warning: {warning}")
    words = options.translate
    answers = list(zip(words, found.translate(words), strict=True)) if words else []
    if options.output is not None:  # before printing: the reader of stdout may have gone
        save(found.kv, options.output)
    if options.json:
        print_json(found.to_dict() | {"translations": {word: pairs(near, "csls") for word, near in answers}})
    else:
        print(found)
        if answers:
            print("\nNearest words of B, by CSLS (which may be below 0):")
        for word, near in answers:
            print(f"\n{printable_line(word)}")
            print_answers(near)
