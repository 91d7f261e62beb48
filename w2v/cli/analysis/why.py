"""`w2v why`: the contexts that make two words similar."""

from __future__ import annotations

import argparse
import re

from w2v.cli.analysis.common import load, show, vectors_arguments
from w2v.cli.common import number, positive, usage, whole


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v why`."""
    sub.epilog = ("Needs the output vectors of the training: w2v train --save-output-vectors -o FILE.safetensors. The "
                  "similarity that is explained is the correlation of the two words' scores with all contexts.")
    vectors_arguments(sub, "VECTORS")
    sub.add_argument("a", metavar="A", help="a word")
    sub.add_argument("b", metavar="B", help="another word")
    sub.add_argument("-n", "--topn", type=positive, default=10, help="contexts in each list (default: 10)")
    sub.add_argument("--exponent", type=number, metavar="E", help="weight contexts by count^E: a smaller E "
                     "shows rarer contexts, 0 weights all alike (default: that of the training, usually 0.75)")
    sub.add_argument("--pairs", type=whole, default=200, metavar="N",
                     help="random pairs of words for the values by chance (default: 200)")


def run(options: argparse.Namespace) -> None:
    """Print the contexts of two words."""
    import w2v

    kv = load(options, options.vectors)
    with usage(spelled=lambda message: re.sub(r"\b(exponent|pairs|seed) = ", lambda name: f"--{name[1]} ", message)):
        found = w2v.why(kv, options.a, options.b, options.topn, exponent=options.exponent, pairs=options.pairs,
                        seed=options.seed)
    show(found, options)
