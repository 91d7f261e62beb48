"""`w2v plan`: the needs of a training run, as a table for people or as one JSON object."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from w2v.cli.common import UsageError, fit, print_json, usage
from w2v.cli.options import corpus_options, given, given_corpus, groups, hyper_parameters, no_corpus
from w2v.system.plain import printable

if TYPE_CHECKING:
    from w2v.corpus.estimate.growth import Estimate
    from w2v.planning.plan import Plan, WholeLines

Row = tuple[str, str, str]  # name, value, note


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v plan`, in the groups of `w2v train`."""
    sub.epilog = ("Takes a few seconds for a corpus of any size. Numbers about the whole text are estimates with "
                  "bounds. The exit code is 1 if w2v train would refuse the run.")
    group = groups(sub)
    corpus_options(group["input"], "file, folder or glob, also compressed with gzip, bzip2, xz or zstd")
    group["output"].add_argument("-o", "--output", "-output", metavar="FILE", help="file for the vectors, if known")
    hyper_parameters(group)


def run(options: argparse.Namespace) -> int:
    """Plan, and print the plan; return 1 if `w2v train` would refuse the run."""
    from w2v.cli.names import as_options
    from w2v.corpus.paths import CorpusInput
    from w2v.planning.plan import plan
    from w2v.training.request import RunRequest

    corpus = given_corpus(options)
    if not corpus:
        raise no_corpus()
    if "-" in corpus:
        raise UsageError("standard input can be read only once, by w2v train; save it to a file to plan for it")
    with usage((ValueError, TypeError), as_options):
        asked = RunRequest(corpus=CorpusInput.of(corpus), options=given(options), preset=options.preset,
                           threads=options.threads, output=options.output or None).resolve()
    found = plan(corpus, output=options.output, config=asked.config, threads=asked.threads, isa=asked.isa)
    if options.json:
        print_json(found.to_dict())
    else:
        print(format_plan(found))
    return 0 if found.fits else 1


def format_plan(plan: Plan) -> str:
    """Return the plan as an aligned table, followed by the reasons for a refusal and by advice."""
    rows = [*_text_rows(plan), *_memory_rows(plan), *_disk_rows(plan), *_time_rows(plan)]
    width, room = (max(len(row[k]) for row in rows) for k in (0, 1))
    lines = [f"{name:<{width}}  {value:>{room}}{'   ' + note if note else ''}" for name, value, note in rows]
    lines += [f"train would refuse: {printable(line)}" for line in plan.problems]
    lines += [f"advice: {line}" for line in plan.advice]
    return fit("\n".join(lines))


def _text_rows(plan: Plan) -> Iterator[Row]:
    files = f"{plan.files:,} file{'' if plan.files == 1 else 's'}"
    read = ("read completely" if plan.complete else
            f"{_bytes(plan.sample_bytes)} of it were read{', some from the start only' if plan.from_start else ''}")
    yield "corpus", _bytes(plan.bytes_on_disk.expected), f"{printable(plan.corpus)}, {files}"
    yield "text", _bytes(plan.text_bytes.expected), f"{read}; planning took {plan.seconds:.1f} s"
    yield "words", f"{plan.words.expected:,.0f}", _bounds(plan.words)
    yield "lines", f"{plan.lines.expected:,.0f}", _bounds(plan.lines)
    for least, words in plan.vocabulary.items():
        asked = "   <- min_count" if least == plan.config.min_count else ""
        yield f"vocabulary, count >= {least}", f"{words.expected:,.0f}", _bounds(words) + asked
    if plan.config.max_vocab is not None:
        yield "  with max_vocab", f"{plan.n_words.expected:,.0f}", _bounds(plan.n_words)
    if plan.whole_lines is not None:
        yield from _line_rows(plan.whole_lines)
    yield "unknown words", f"{100 * plan.words_unknown:.1f} %", "of the text"


def _line_rows(lines: WholeLines) -> Iterator[Row]:
    share = 100 * lines.longest_pairs / max(lines.pairs, lines.longest_pairs, 1.0)
    yield ("longest line", f"{lines.longest:,.0f}", f"known words{'' if lines.complete else ' or more'}; "
           f"{lines.longest_pairs:,.0f} pairs in an epoch, {share:.3g} % of all")
    yield "pairs", f"{lines.pairs:,.0f}", f"of all lines, in an epoch{'' if lines.complete else ', estimated'}"


def _memory_rows(plan: Plan) -> Iterator[Row]:
    need, free = plan.memory, f"of {_bytes(plan.memory_free)} free"
    yield "memory, peak", _bytes(need.peak), free
    yield ("  matrices", _bytes(need.matrices),
           f"2 x {plan.n_words.expected:,.0f} rows of {plan.config.vector_size}, padded")
    yield "  sampler, words", _bytes(need.sampler + need.vocabulary), ""
    yield "  ids", _bytes(need.ids), "in a temporary file" if need.spooled else ""
    yield "  while reading", _bytes(need.reading), "the distinct words and the ids"


def _disk_rows(plan: Plan) -> Iterator[Row]:
    from w2v.formats import FORMATS

    disk = plan.disk
    if disk.spool:
        yield ("disk, ids", _bytes(disk.spool),
               f"of {_bytes(disk.spool_free)} free in {disk.spool_folder}, during training")
    for name, size in disk.formats.items():
        here = disk.output is not None and disk.output == size
        yield (f"disk, {FORMATS[name].label.removeprefix('w2v ')}", _bytes(size),
               f"of {_bytes(disk.output_free or 0)} free   <- output" if here else "")


def _time_rows(plan: Plan) -> Iterator[Row]:
    threads = f"{plan.threads} thread{'' if plan.threads == 1 else 's'}, {plan.isa}"
    yield "time, reading", _seconds(plan.seconds_reading), "estimated from reading the sample"
    if plan.seconds_training is not None and plan.words_per_second is not None:
        yield ("time, training", _seconds(plan.seconds_training),
               f"estimated: {plan.config.epochs} epochs at {plan.words_per_second:,.0f} words/s, as measured now; "
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
