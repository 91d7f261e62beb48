"""`w2v sentences`: vectors of the lines of a text, cosines of pairs of lines, and the lines nearest to a query."""

from __future__ import annotations

import argparse
import sys
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from w2v.cli.analysis.common import check_kept, load, show, spelled, vectors_arguments
from w2v.cli.common import UsageError, complain, number, positive, print_json, usage, whole
from w2v.errors import FormatError, W2VError
from w2v.system.fact_table import REPLACED
from w2v.system.files import check_writable, local_path
from w2v.system.plain import printable_line
from w2v.system.text_table import number as decimals

if TYPE_CHECKING:
    from w2v.keyedvectors import KeyedVectors
    from w2v.types import Matrix
    from w2v.vectors.sentence_encoder import SentenceEncoder, SentenceVectors

SUFFIXES = (".npy", ".safetensors", ".tsv")
_UNKNOWN = 0.1  # share of unknown words from which a hint is printed


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v sentences`."""
    sub.epilog = ("Each line of FILE is a text. Its vector is the weighted mean of the vectors of its words; unknown "
                  "words are left out and counted. sif with --remove 1 is the method of Arora et al. 2017.")
    vectors_arguments(sub, "VECTORS", seed=False, output="write the vectors, one row for each line: .npy (float32), "
                      ".safetensors (one tensor named sentences) or .tsv")
    sub.add_argument("file", metavar="FILE", nargs="?", default="-", help="text, one sentence on each line; - is "
                     "standard input (default)")
    sub.add_argument("--weights", choices=("mean", "sif"), default="mean",
                     help="mean: all words count the same; sif: frequent words count less (default: mean)")
    sub.add_argument("--a", type=number, metavar="X",
                     help="of sif: a word of probability p has the weight X / (X + p) (default: 0.001)")
    sub.add_argument("--frequencies", choices=("zipf",), help="of sif, for vectors without counts: estimate them from "
                     "the order of the words")
    sub.add_argument("--remove", type=whole, default=0, metavar="N",
                     help="remove the first N components of all lines, or of those of --fit (default: 0)")
    sub.add_argument("--fit", metavar="FILE", help="compute the components of --remove from the lines of this text")
    sub.add_argument("--tokenize", choices=("whitespace", "words"), help="how lines become words, for vectors that do "
                     "not store it")
    sub.add_argument("--lowercase", action="store_true", help="convert lines to lower case, for vectors that do not "
                     "store it")
    sub.add_argument("--pairs", action="store_true", help="each line has two sentences with a TAB between them: print "
                     "the cosine of each pair")
    sub.add_argument("--query", metavar="TEXT", help="print the lines that are nearest to a text")
    sub.add_argument("-n", "--topn", type=positive, default=5, metavar="N", help="lines for --query (default: 5)")


def run(options: argparse.Namespace) -> None:
    """Write the vectors, or print the cosines or the nearest lines."""
    _check(options)
    kv = load(options, options.vectors)
    _set_text_options(kv, options)
    with usage(spelled=spelled(options)):
        encoder = kv.sentence_encoder(weights=options.weights, a=1e-3 if options.a is None else options.a,
                                      frequencies=options.frequencies)
        if options.fit is not None:
            encoder.fit(_lines(options.fit), options.remove)
    remove = options.remove if options.fit is None else 0
    if options.pairs:
        _pairs(options, kv, encoder, remove)
        return
    kept: list[str] = []
    lines = _lines(options.file)
    with usage(spelled=spelled(options)):
        found = encoder.encode(lines if options.query is None else _keeping(lines, kept), remove)
    _hint(kv, found)
    if options.output is not None:
        _save(found.vectors, options.output)
    if options.query is not None:
        _nearest(options, kept, found, encoder)
    else:
        show(found, options)


def _check(options: argparse.Namespace) -> None:
    """Check the options and the output, before any work."""
    if options.output is None and not options.pairs and options.query is None:
        raise UsageError("nothing to do with the vectors: give -o FILE.npy, --pairs or --query TEXT")
    if options.pairs and (options.output is not None or options.query is not None):
        raise UsageError("--pairs prints cosines: it cannot be combined with -o or --query")
    for name in ("a", "frequencies"):
        if getattr(options, name) is not None and options.weights != "sif":
            raise UsageError(f"--{name} is an option of --weights sif")
    if options.fit is not None and not options.remove:
        raise UsageError("--fit computes the components that --remove N removes: give --remove too")
    if options.fit == "-" and options.file == "-":
        raise UsageError("FILE and --fit cannot both be standard input")
    if options.output is not None:
        if not options.output.endswith(SUFFIXES):
            raise UsageError(f"-o {options.output}: the suffix must be one of {', '.join(SUFFIXES)}")
        check_kept(options.output, options.vectors, options.file, options.fit)
        check_writable(options.output, compress=False)


def _set_text_options(kv: KeyedVectors, options: argparse.Namespace) -> None:
    if options.tokenize is None and not options.lowercase:
        return
    if kv.text_options is not None:
        raise UsageError(f"{options.vectors} stores how its text became words: leave out --tokenize and --lowercase")
    from w2v.corpus_options import TextOptions

    kv.text_options = TextOptions(tokenize=options.tokenize or "whitespace", lowercase=options.lowercase)


def _lines(path: str) -> Iterator[str]:
    """Yield the lines of a file or of standard input, without a byte order mark; bytes that are not UTF-8 become
    surrogate escapes."""
    first = True
    try:
        with nullcontext(sys.stdin.buffer) if path == "-" else open(local_path(path), "rb") as file:
            for line in file:
                yield (line.removeprefix(BOM_UTF8) if first else line).decode("utf-8", "surrogateescape").rstrip("\r\n")
                first = False
    except OSError as error:
        raise W2VError(f"cannot read {path}: {error.strerror or error}") from error


def _keeping(lines: Iterable[str], kept: list[str]) -> Iterator[str]:
    for line in lines:
        kept.append(line)
        yield line


def _pairs(options: argparse.Namespace, kv: KeyedVectors, encoder: SentenceEncoder, remove: int) -> None:
    """Print the cosine of the two sentences of each line."""
    from w2v.vectors.sentence_means import paired_cosines

    with usage(spelled=spelled(options)):
        found = encoder.encode(_two_texts(options.file), remove)
    _hint(kv, found)
    if found.empty:
        complain(f"{found.empty:,} of {found.texts:,} sentences have no known word: their cosines are 0")
    cosines = paired_cosines(found.vectors[::2], found.vectors[1::2])
    if options.json:
        print_json({**found.to_dict(), "cosines": cosines.tolist()})
        return
    for cosine in cosines:
        print(decimals(float(cosine)))


def _two_texts(path: str) -> Iterator[str]:
    for at, line in enumerate(_lines(path), start=1):
        fields = line.split("\t")
        if len(fields) != 2:
            raise FormatError(path, f"expected two sentences with a TAB between them, found {line!r:.80}", line=at)
        yield from fields


def _nearest(options: argparse.Namespace, lines: list[str], found: SentenceVectors, encoder: SentenceEncoder) -> None:
    """Print the lines whose vectors have the highest cosine with that of the query."""
    from w2v.vectors.sentence_means import paired_cosines, remove_components

    query = encoder.encode([options.query])
    if query.empty:
        raise W2VError(f"no word of the query {options.query!r:.80} is known")
    remove_components(query.vectors, found.components)
    cosines = paired_cosines(np.broadcast_to(query.vectors, found.vectors.shape), found.vectors)
    best = np.argsort(-cosines, kind="stable")[:options.topn]
    if options.json:
        answers: list[dict[str, Any]] = [{"line": int(at) + 1, "text": lines[at], "similarity": float(cosines[at])}
                                         for at in best]
        print_json({**found.to_dict(), "query": options.query, "nearest": answers})
        return
    for at in best:
        print(f"{cosines[at]:8.4f}  {printable_line(lines[at])}")


def _hint(kv: KeyedVectors, found: SentenceVectors) -> None:
    """Say that there are no lines, or what to try if many words are unknown."""
    if not found.texts:
        complain("the text is empty: it has no lines")
    if found.words and found.unknown / found.words > _UNKNOWN:
        options = "" if kv.text_options is not None else "; try --tokenize words --lowercase"
        complain(f"{found.unknown:,} of {found.words:,} words are unknown{options}")


def _save(vectors: Matrix, path: str) -> None:
    """Write the vectors in the format of the suffix."""
    from w2v.system.files import atomic_write

    replaced = REPLACED if Path(local_path(path)).exists() else ""
    with atomic_write(path, compress=False) as file:
        if path.endswith(".npy"):
            np.lib.format.write_array(file, vectors, allow_pickle=False)
        elif path.endswith(".tsv"):
            for row in vectors:
                file.write(("\t".join(f"{value:.9g}" for value in row.tolist()) + "\n").encode())
        else:
            _write_tensor(file, vectors)
    print(f"{len(vectors):,} vectors x {vectors.shape[1]} to {printable_line(path)}{replaced}", file=sys.stderr)


def _write_tensor(file: BinaryIO, vectors: Matrix) -> None:
    from w2v.formats.tensors import header_bytes

    file.write(header_bytes([("sentences", "F32", vectors.shape)], {}))
    file.write(np.ascontiguousarray(vectors, dtype="<f4").data)
