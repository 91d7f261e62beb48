"""Parts that the commands which analyse vectors share: arguments, loading, saving, printing."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from w2v.cli.common import UsageError, complain, encoding_options, positive, print_json, whole
from w2v.errors import W2VError
from w2v.system.fact_table import REPLACED
from w2v.system.files import check_writable, local_path
from w2v.system.plain import printable
from w2v.system.report import Report
from w2v.system.run_files import sibling_runs as sibling_runs

if TYPE_CHECKING:
    from w2v.keyedvectors import KeyedVectors


def vectors_arguments(sub: argparse.ArgumentParser, *names: str, output: str | None = None,
                      seed: bool = True) -> None:
    """Add files of vectors as positional arguments, and the options that all these commands have.

    Parameters
    ----------
    names : of the files, such as "VECTORS".
    output : help text of `-o`; None for no output.
    seed : whether there is a `--seed`.
    """
    for name in names:
        sub.add_argument(name.lower(), metavar=name, help="file of vectors, in any format that w2v reads")
    if output is not None:
        sub.add_argument("-o", "--output", metavar="FILE", required=output.startswith("required"),
                         help=output.removeprefix("required: "))
    sub.add_argument("--limit", type=positive, metavar="N", help="read only the first N words")
    if seed:
        seed_option(sub)
    encoding_options(sub)


def seed_option(sub: argparse.ArgumentParser) -> None:
    """Add `--seed`."""
    sub.add_argument("--seed", type=not_negative, default=1, metavar="N",
                     help="seed of everything that is drawn (default: 1)")


def not_negative(text: str) -> int:
    """Argument type: a whole number of at least 0."""
    if (value := whole(text)) < 0:
        raise argparse.ArgumentTypeError(f"{value} is out of range: 0 or more")
    return value


def spelled(options: argparse.Namespace) -> Callable[[str], str]:
    """Return a function that gives messages the names of options for those of parameters: --held-out for held_out =."""
    def option(found: re.Match[str]) -> str:
        name = found[1]
        return f"--{name.replace('_', '-')} " if hasattr(options, name) else found[0]

    return lambda message: re.sub(r"\b([a-z]\w*) = ", option, message)


def check_kept(output: str | None, *inputs: str | None) -> None:
    """Refuse an output that would replace one of these inputs; None is no file.

    Raises
    ------
    UsageError : names the input.
    """
    if output is not None and os.path.realpath(local_path(output)) in {os.path.realpath(local_path(path))
                                                                      for path in inputs if path}:
        raise UsageError(f"-o {output} is also an input, which would be lost; choose another path")


def load(options: argparse.Namespace, path: str) -> KeyedVectors:
    """Return the vectors of a file, and say how many of them are broken."""
    import w2v

    kv = w2v.load(path, options.limit, encoding=options.encoding, unicode_errors=options.unicode_errors)
    if broken := len(kv.fill_norms().broken):
        complain(f"{path}: {broken:,} of {len(kv):,} words have NaN, infinity or too large numbers in their vectors, "
                 "and are left out")
    return kv


def words_of(values: Sequence[str]) -> list[str]:
    """Return the words of an option: its values, or the words of a file if the only value is the path of one.

    Raises
    ------
    W2VError : the file cannot be read, or has no words.
    UsageError : the only value looks like a path, and there is no such file.
    """
    if len(values) != 1 or not os.path.isfile(values[0]):
        if len(values) == 1 and (os.sep in values[0] or values[0].endswith(".txt")):
            raise UsageError(f"cannot read {values[0]}: No such file")
        return list(values)
    [path] = values
    try:
        with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
            words = list(dict.fromkeys(file.read().split()))
    except OSError as error:
        raise W2VError(f"cannot read {path}: {error.strerror or error}") from error
    if not words:
        raise W2VError(f"{path} has no words; expected words separated by white space")
    return words


def check_output(path: str | None) -> None:
    """Check before the work that vectors can be written to a path; None is not checked."""
    if path is not None:
        from w2v.formats.registry import format_to_save

        format_to_save(path)
        check_writable(path)


def save(kv: KeyedVectors, path: str) -> None:
    """Write vectors with all that their format keeps, and say so on stderr.

    Words that the format cannot hold, and broken vectors, which none can, are left out and counted.
    """
    from w2v.formats import FORMATS
    from w2v.formats.registry import format_to_save

    replaced = REPLACED if os.path.exists(local_path(path)) else ""
    name = format_to_save(path)
    kv = _held(kv, path, name)
    kv.save(path, output_vectors=kv.output_vectors if "output_vectors" in FORMATS[name].keeps else None)
    print(printable(f"{len(kv):,} words x {kv.vector_size} to {path}{replaced}"), file=sys.stderr)


def _held(kv: KeyedVectors, path: str, format: str) -> KeyedVectors:
    """Return the vectors without the words that a format cannot hold, and say how many are left out."""
    import numpy as np

    from w2v.formats import words_held
    from w2v.formats.vectorfile import finite_rows

    holds, held = finite_rows(kv.rows), words_held(kv.index_to_key, format)
    if held is not None:
        holds &= np.isin(np.arange(len(kv)), held)
    if holds.all():
        return kv
    complain(f"{path}: {int((~holds).sum()):,} of {len(kv):,} words are left out: {format} cannot hold them, or their "
             "vectors have NaN or infinity")
    kept = kv.subset([kv.index_to_key[row] for row in np.flatnonzero(holds)])
    kept.metadata = kv.metadata
    return kept


def show(result: Report, options: argparse.Namespace) -> None:
    """Print a result: its tables, or with --json its values."""
    if options.json:
        print_json(result.to_dict())
    else:
        print(result)
