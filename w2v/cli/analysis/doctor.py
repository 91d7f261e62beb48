"""`w2v doctor`: checks of vectors and of a corpus, with what they mean and what to do."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from w2v.cli.analysis.common import load, seed_option, spelled
from w2v.cli.common import UsageError, encoding_options, positive, print_json, usage
from w2v.cli.options import given_corpus, given_reading, reading_options
from w2v.system.plain import printable

if TYPE_CHECKING:
    from w2v.system.diagnosis import Diagnosis


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v doctor`."""
    sub.epilog = "Exit code 1 if there is a problem; notes and warnings give 0."
    sub.add_argument("corpus", nargs="+", metavar="PATH",
                     help="files of vectors, or a corpus: recognised by the content")
    kind = sub.add_mutually_exclusive_group()
    kind.add_argument("--vectors", dest="kind", action="store_const", const="vectors", help="PATH are vectors")
    kind.add_argument("--corpus", dest="kind", action="store_const", const="corpus", help="PATH are a corpus")
    sub.add_argument("--details", action="store_true", help="print tables: lengths by frequency, histogram, hubs, ...")
    seed_option(sub)
    vectors = sub.add_argument_group("vectors")
    vectors.add_argument("--random", action="store_true",
                         help="the vectors are meant to be random: a problem if they are not")
    vectors.add_argument("--sample", type=positive, metavar="N",
                         help="words drawn for lengths and dimensions, and most frequent words whose neighbours are "
                         "searched (default: 50000 and 20000)")
    vectors.add_argument("--all", action="store_true", help="measure all words; neighbours take time with the square "
                         "of their number")
    vectors.add_argument("--limit", type=positive, metavar="N", help="read only the first N words")
    encoding_options(sub)
    sub.set_defaults(train=None)
    corpus = sub.add_argument_group("corpus")
    corpus.add_argument("--sample-bytes", type=positive, metavar="N",
                        help="bytes of text to read at most (default: 64 MiB); a smaller corpus is read completely")
    corpus.add_argument("--line-weights", action="store_true", help="each line begins with its weight")
    reading_options(corpus)


def run(options: argparse.Namespace) -> int:
    """Check, print the diagnosis, and return 1 if there is a problem."""
    kind = options.kind or kind_of(options.corpus)
    if kind == "vectors" and (given := given_reading(options)):
        raise UsageError(f"--{next(iter(given)).replace('_', '-')} is an option of a corpus, and these are vectors")
    found = _vectors(options) if kind == "vectors" else [_corpus(options)]
    if options.json:
        values = [one.to_dict() for one in found]
        print_json(values[0] if len(values) == 1 else {"diagnoses": values})
    else:
        print("\n\n".join(printable("\n\n".join(table.render() for table in one.tables(details=options.details)))
                          for one in found))
    return 0 if all(one.passed for one in found) else 1


def kind_of(paths: list[str]) -> str:
    """Return "vectors" or "corpus", by the content of the paths.

    Raises
    ------
    UsageError : there are both.
    """
    from w2v.analysis.health.kind import is_vectors

    are = [is_vectors(path) for path in paths]
    if any(are) and not all(are):
        raise UsageError(f"{paths[are.index(True)]} has vectors and {paths[are.index(False)]} is a corpus: check one "
                         "kind at a time")
    return "vectors" if all(are) else "corpus"


def _vectors(options: argparse.Namespace) -> list[Diagnosis]:
    import w2v

    drawn: dict[str, Any] = {"sample": None, "nearest": None} if options.all else {}
    if options.sample is not None:
        if options.all:
            raise UsageError("--all and --sample exclude each other")
        drawn = {"sample": options.sample, "nearest": options.sample}
    found = []
    for path in options.corpus:
        kv = load(options, path)
        with usage(spelled=spelled(options)):
            found.append(w2v.doctor(kv, seed=options.seed, random=options.random, **drawn))
    return found


def _corpus(options: argparse.Namespace) -> Diagnosis:
    import w2v

    size = {} if options.sample_bytes is None else {"sample_bytes": options.sample_bytes}
    with usage(spelled=spelled(options)):
        return w2v.doctor(given_corpus(options), kind="corpus", seed=options.seed,
                          line_weights=options.line_weights, **size, **given_reading(options))
