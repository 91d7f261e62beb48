"""`w2v reduce`: vectors with fewer dimensions, or rotated so that each prefix of a vector can be used."""

from __future__ import annotations

import argparse
import re

from w2v.cli.analysis.common import check_output, load, save, show, vectors_arguments
from w2v.cli.common import UsageError, number, positive, usage, whole


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v reduce`."""
    from w2v.analysis.reduction.projection import MATRICES
    from w2v.analysis.reduction.reduce import METHODS
    from w2v.formats.rows import STORED

    sub.epilog = ("Without options the vectors are rotated to their principal components and keep all dimensions: "
                  "cosines stay the same, and vectors can be cut after any number of dimensions.")
    vectors_arguments(sub, "VECTORS", output="the reduced vectors; without it only the measurements are printed")
    sub.add_argument("--dim", type=whole, metavar="K", help="dimensions of the new vectors (default: all)")
    sub.add_argument("--method", choices=METHODS, default="pca",
                     help="principal components (default), or a random projection")
    sub.add_argument("--center", action="store_true", help="subtract the mean vector first")
    sub.add_argument("--remove-top", type=whole, default=0, metavar="N",
                     help="subtract the mean, and leave out the first N components (all-but-the-top; rule of thumb: a "
                     "hundredth of the dimensions)")
    sub.add_argument("--eps", type=number, metavar="E", help="with --method random: as many dimensions as keep squared "
                     "distances within 1 - E to 1 + E by the bound of Johnson and Lindenstrauss")
    sub.add_argument("--matrix", choices=MATRICES, help="with --method random: its numbers (default: gaussian)")
    sub.add_argument("--dtype", choices=STORED, help="type of the numbers (default: as in VECTORS)")
    sub.add_argument("--sample", type=whole, default=1000, metavar="N",
                     help="words whose neighbours are compared, 0 for none (default: 1000)")
    sub.add_argument("--all", action="store_true", help="compare the neighbours of all words")
    sub.add_argument("--pairs", type=positive, default=10_000, metavar="N",
                     help="random pairs whose cosines and distances are compared (default: 10000)")
    sub.add_argument("-n", "--topn", type=positive, default=10, help="neighbours of each word (default: 10)")


def run(options: argparse.Namespace) -> None:
    """Reduce vectors, write them, and print what they keep."""
    import w2v
    from w2v.analysis.reduction.reduce import Options

    choice = {name: getattr(options, name) for name in (
        "dim", "method", "center", "remove_top", "eps", "matrix", "dtype", "pairs", "topn",
        "seed")}
    choice["sample"] = None if options.all else options.sample
    with usage(spelled=_spelled):
        Options(**choice)
        check_output(options.output)
        _check_dtype(options)
    kv = load(options, options.vectors)
    with usage(spelled=_spelled):
        found = w2v.reduce(kv, **choice)
    if options.output is not None:
        save(found.kv, options.output)
    show(found, options)


def _check_dtype(options: argparse.Namespace) -> None:
    """Refuse a type that the format of the output cannot hold."""
    from w2v.formats import FORMATS
    from w2v.formats.registry import format_to_save

    if options.output is None or options.dtype is None:
        return
    format = FORMATS[format_to_save(options.output)]
    if options.dtype not in format.dtypes:
        raise UsageError(f"--dtype {options.dtype}: {format.label} has {' or '.join(format.dtypes)}; write "
                         ".safetensors for other types")


def _spelled(message: str) -> str:
    """Return a message with the names of options for those of parameters."""
    message = re.sub(r"\b(dim|method|remove_top|eps|sample|pairs|topn|seed) = ", lambda found: f"--{found[1]} ",
                     message)
    message = re.sub(r"^(center|remove_top|eps|matrix|method)\b|(?<=either )dim|(?<=or )eps(?=, which)",
                     lambda found: f"--{found[0]}", message)
    return message.replace("remove_top", "remove-top").replace('"', "")
