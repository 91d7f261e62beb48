"""`w2v plan`: what training will need, as a table for people or as one JSON object."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from w2v.cli.common import UsageError, check_suffix, print_json, usage
from w2v.cli.options import configured, hyper_parameters
from w2v.system.plain import printable
from w2v.system.threads import resolve_threads

if TYPE_CHECKING:
    from w2v.corpus.estimate.growth import Estimate
    from w2v.planning.plan import Plan
    from w2v.types import StrPath

Row = tuple[str, str, str]  # name, value, note


def arguments(sub: argparse.ArgumentParser) -> None:
    sub.epilog = "Takes a few seconds whatever the size. What it says of the whole text is an estimate, with bounds."
    sub.add_argument("corpus", nargs="*", metavar="CORPUS", help="file, folder or glob, also gz, bz2, xz or zst")
    sub.add_argument("-train", "--train", dest="train", metavar="FILE", help="the corpus, as in word2vec.c")
    sub.add_argument("-o", "--output", "-output", metavar="FILE", help="where the vectors would go, if known")
    hyper_parameters(sub)


def run(options: argparse.Namespace) -> None:
    from w2v.planning.plan import plan

    corpus = [*([options.train] if options.train else []), *options.corpus]
    if not corpus or "" in corpus:
        raise UsageError("no corpus: name a file, a folder or a glob")
    if "-" in corpus:
        raise UsageError("standard input can be read only once, by train; save it to a file to plan with it")
    if options.output:
        check_suffix(options.output)
    with usage((ValueError, TypeError)):
        config, threads = configured(options), resolve_threads(options.threads or "auto")
    with usage((TypeError,)):
        paths: list[StrPath] = [Path(name) for name in corpus]
        found = plan(paths, output=options.output, config=config, threads=threads)
    if options.json:
        print_json(found.as_dict())
    else:
        print(format_plan(found))


def format_plan(plan: Plan) -> str:
    """The plan as an aligned table, then why train would refuse, then advice."""
    rows = [*_text_rows(plan), *_memory_rows(plan), *_disk_rows(plan), *_time_rows(plan)]
    width, room = (max(len(row[k]) for row in rows) for k in (0, 1))
    lines = [f"{name:<{width}}  {value:>{room}}{'   ' + note if note else ''}" for name, value, note in rows]
    lines += [f"train would refuse: {printable(line)}" for line in plan.problems]
    lines += [f"advice: {line}" for line in plan.advice]
    return "\n".join(lines)


def _text_rows(plan: Plan) -> Iterator[Row]:
    files = f"{plan.files:,} file{'' if plan.files == 1 else 's'}"
    read = ("all of it was read" if plan.complete else
            f"{_bytes(plan.sample_bytes)} of it were read{', some from the start only' if plan.from_start else ''}")
    yield "corpus", _bytes(plan.bytes_on_disk.expected), f"{printable(plan.corpus)}, {files}"
    yield "text", _bytes(plan.text_bytes.expected), f"{read}, in {plan.seconds:.1f} s with all measuring"
    yield "words", f"{plan.words.expected:,.0f}", _bounds(plan.words)
    yield "lines", f"{plan.lines.expected:,.0f}", _bounds(plan.lines)
    for least, words in plan.vocabulary.items():
        asked = "   <- min_count" if least == plan.config.min_count else ""
        yield f"vocabulary, count >= {least}", f"{words.expected:,.0f}", _bounds(words) + asked
    if plan.config.max_vocab is not None:
        yield "  with max_vocab", f"{plan.n_words.expected:,.0f}", _bounds(plan.n_words)
    yield "unknown words", f"{100 * plan.words_unknown:.1f} %", "of the text"


def _memory_rows(plan: Plan) -> Iterator[Row]:
    need, free = plan.memory, f"of {_bytes(plan.memory_free)} that are free"
    yield "memory, peak", _bytes(need.peak), free
    yield ("  matrices", _bytes(need.matrices),
           f"2 x {plan.n_words.expected:,.0f} rows of {plan.config.vector_size}, padded")
    yield "  sampler, words", _bytes(need.sampler + need.vocabulary), ""
    yield "  ids", _bytes(need.ids), "in a file on the disk" if need.spooled else ""
    yield "  while reading", _bytes(need.reading), "the different words and the ids"


def _disk_rows(plan: Plan) -> Iterator[Row]:
    from w2v.formats import FORMATS

    disk = plan.disk
    if disk.spool:
        yield ("disk, ids", _bytes(disk.spool),
               f"of {_bytes(disk.spool_free)} that are free in {disk.spool_folder}, while it trains")
    for name, size in disk.formats.items():
        here = disk.output is not None and disk.output == size
        yield (f"disk, {FORMATS[name].label.removeprefix('w2v ')}", _bytes(size),
               f"of {_bytes(disk.output_free or 0)} that are free   <- output" if here else "")


def _time_rows(plan: Plan) -> Iterator[Row]:
    threads = f"{plan.threads} thread{'' if plan.threads == 1 else 's'}, {plan.isa}"
    yield "time, reading", _seconds(plan.seconds_reading), "an estimate, from reading the sample"
    if plan.seconds_training is not None and plan.words_per_second is not None:
        yield ("time, training", _seconds(plan.seconds_training),
               f"an estimate: {plan.config.epochs} epochs at {plan.words_per_second:,.0f} words/s, as measured now; "
               f"{threads}")


def _bounds(value: Estimate) -> str:
    return "exact" if value.exact else f"{value.low:,.0f} to {value.high:,.0f}"


def _bytes(size: float) -> str:
    for unit, power in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= power:
            return f"{size / power:.2f} {unit}" if size < 100 * power else f"{size / power:.0f} {unit}"
    return f"{size:.0f} B"


def _seconds(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
