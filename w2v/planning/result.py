"""Result of planning: `Plan`, and its table for people.

Place in the data flow: estimates -> `Plan` -> the table of `w2v plan`, or of a notebook; JSON.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from w2v.config import TrainConfig
from w2v.corpus.estimate.growth import Estimate
from w2v.formats import FORMATS
from w2v.graphs.graph import graph_facts
from w2v.planning.picture import draw
from w2v.system.fact_table import Fact, FactTable
from w2v.system.report import Report
from w2v.training.needs import PROCESS_MODELS, Memory, workers_at_once

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]


@dataclass(frozen=True)
class Disk:
    """Disk space that a run needs and that is free, in bytes.

    Attributes
    ----------
    spool : temporary file of the ids if they do not fit into memory, otherwise 0.
    spool_folder, spool_free : its folder, and the free space there.
    formats : size of the vectors in each format that a suffix selects, by name.
    output, output_free : size of the output, and the free space for it; None if no output was given.
    """

    spool: int
    spool_folder: str
    spool_free: int
    formats: dict[str, int]
    output: int | None
    output_free: int | None


@dataclass(frozen=True)
class WholeLines:
    """Cost of windows of whole lines, in one epoch and before subsampling.

    Attributes
    ----------
    longest, longest_pairs : known words of the longest line, and its pairs of a centre and a context.
    pairs : pairs of all lines.
    complete : whether all lines were looked at. Otherwise there may be longer ones.
    """

    longest: float
    longest_pairs: float
    pairs: float
    complete: bool


@dataclass(frozen=True, repr=False)
class Plan(Report):
    """Expected needs of a training run.

    Attributes
    ----------
    corpus, files : name of the corpus, and its number of files.
    bytes_on_disk, text_bytes, words, lines : sizes of the whole corpus, with bounds.
    vocabulary : number of words that occur at least min_count times, by min_count: 1, 2, 5, 10, 20, 50, 100 and the
        given one.
    n_words : size of the vocabulary with the given options, `max_vocab` included.
    words_unknown : share of the text that is not in this vocabulary, 0 to 1.
    complete : whether the whole text was read, so that its numbers are exact.
    from_start : whether some of it, compressed files or a part of a corpus, was read from its start only.
    sample_bytes : bytes of text that were read.
    memory, memory_free, disk : needs and free space, in bytes.
    seconds_reading, seconds_training : estimates from the measured speed of this machine, with all passes over the
        text; `seconds_training` is None if it could not be measured.
    words_per_second : measured speed, in words of the vocabulary, of all threads together.
    whole_lines : cost of windows of whole lines; None for other windows.
    problems : reasons why `train` would refuse the run; empty if it would start.
    advice : lines of advice; heuristics start with "heuristic: ".
    config, threads, isa : the options planned for.
    in_process : whether the run is trained by this process; otherwise by a cluster, of which `processes` are on this
        machine and started by the run.
    seconds : duration of planning.
    graph : statistics of the graph whose walks are the text; None for other texts. All numbers are exact then, and
        the words are the nodes of the walks of the first epoch.
    """

    corpus: str
    files: int
    bytes_on_disk: Estimate
    text_bytes: Estimate
    words: Estimate
    lines: Estimate
    vocabulary: dict[int, Estimate]
    n_words: Estimate
    words_unknown: float
    complete: bool
    from_start: bool
    sample_bytes: int
    memory: Memory
    memory_free: int
    disk: Disk
    seconds_reading: float
    seconds_training: float | None
    words_per_second: float | None
    whole_lines: WholeLines | None
    problems: list[str]
    advice: list[str]
    config: TrainConfig
    threads: int
    isa: str
    seconds: float
    in_process: bool = True
    processes: int = 0
    graph: Report | None = None

    @property
    def fits(self) -> bool:
        """Whether `train` would start."""
        return not self.problems

    def brief(self) -> str:
        time = "" if self.seconds_training is None else f", {self.seconds_training:.0f} s of training"
        return (f"{self.corpus}: words={self.words.expected:.0f}, n_words={self.n_words.expected:.0f}, "
                f"memory={self.memory.peak}{time}, {'fits' if self.fits else 'does not fit'}")

    def tables(self) -> list[FactTable]:
        return [_table(self)]

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the size of the vocabulary by min_count with its bounds; parameters and errors as in `Report.plot`."""
        return draw(self.to_dict(), axes)

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as plain values for JSON."""
        return {**dataclasses.asdict(self), "vocabulary": {str(least): dataclasses.asdict(value)
                                                           for least, value in self.vocabulary.items()},
                "fits": self.fits}


def _table(plan: Plan) -> FactTable:
    """Return the table of a plan, followed by the reasons for a refusal and by advice."""
    facts = [*_text_rows(plan), *_memory_rows(plan), *_disk_rows(plan), *_time_rows(plan)]
    notes = [*(f"train would refuse: {line}" for line in plan.problems), *(f"advice: {line}" for line in plan.advice)]
    return FactTable(facts, notes=notes)


def _text_rows(plan: Plan) -> Iterator[Fact]:
    files = f"{plan.files:,} file{'' if plan.files == 1 else 's'}"
    read = ("read completely" if plan.complete else
            f"{_bytes(plan.sample_bytes)} of it were read{', some from the start only' if plan.from_start else ''}")
    yield Fact("corpus", _bytes(plan.bytes_on_disk.expected), f"{plan.corpus}, {files}")
    if plan.graph is not None:
        yield from graph_facts(plan.graph.to_dict())
        yield Fact("walks", f"{plan.lines.expected:,.0f}", f"{plan.words.expected:,.0f} nodes in the first of "
                   f"{plan.config.epochs} epochs")
        return
    yield Fact("text", _bytes(plan.text_bytes.expected), f"{read}; planning took {plan.seconds:.1f} s")
    yield Fact("words", f"{plan.words.expected:,.0f}", _bounds(plan.words))
    yield Fact("lines", f"{plan.lines.expected:,.0f}", _bounds(plan.lines))
    for least, words in plan.vocabulary.items():
        asked = "   <- min_count" if least == plan.config.min_count else ""
        yield Fact(f"vocabulary, count >= {least}", f"{words.expected:,.0f}", _bounds(words) + asked)
    if plan.config.max_vocab is not None:
        yield Fact("  with max_vocab", f"{plan.n_words.expected:,.0f}", _bounds(plan.n_words))
    if plan.whole_lines is not None:
        yield from _line_rows(plan.whole_lines)
    yield Fact("unknown words", f"{100 * plan.words_unknown:.1f} %", "of the text")


def _line_rows(lines: WholeLines) -> Iterator[Fact]:
    share = 100 * lines.longest_pairs / max(lines.pairs, lines.longest_pairs, 1.0)
    yield Fact("longest line", f"{lines.longest:,.0f}", f"known words{'' if lines.complete else ' or more'}; "
           f"{lines.longest_pairs:,.0f} pairs in an epoch, {share:.3g} % of all")
    yield Fact("pairs", f"{lines.pairs:,.0f}", f"of all lines, in an epoch{'' if lines.complete else ', estimated'}")


def _memory_rows(plan: Plan) -> Iterator[Fact]:
    need, free = plan.memory, f"of {_bytes(plan.memory_free)} free"
    yield Fact("memory, peak", _bytes(need.peak), free)
    yield Fact("  matrices", _bytes(need.matrices),
           f"2 x {plan.n_words.expected:,.0f} rows of {plan.config.vector_size}, padded")
    if need.rounds:
        yield Fact("  rounds", _bytes(need.rounds), _rounds(plan))
    yield Fact("  sampler, words", _bytes(need.sampler + need.vocabulary), "")
    if plan.graph is not None:
        yield Fact("  graph", _bytes(need.graph), "edges of all nodes; walks are not stored")
        yield Fact("  while reading", _bytes(need.reading), "the list of edges, and the rows made of it")
        return
    yield Fact("  ids", _bytes(need.ids), {"memory": "in memory", "disk": "in a temporary file", "none":
               "not stored: each epoch reads the text again"}[need.place])
    yield Fact("  while reading", _bytes(need.reading), "the distinct words and the ids")


def _rounds(plan: Plan) -> str:
    """Say what the memory for rounds is for."""
    if plan.processes:
        return (f"of {plan.processes} process{'' if plan.processes == 1 else 'es'} on this machine: matrices, copies "
                f"and parts of the rows in each, and changes of {plan.config.shards} shards")
    if not plan.in_process:
        return f"merged rows; each worker elsewhere needs {_bytes(PROCESS_MODELS * plan.memory.matrices)} and more"
    workers = workers_at_once(plan.config, plan.threads)
    return f"copies of {workers} worker{'' if workers == 1 else 's'} at the same time, sums of their changes"


def _disk_rows(plan: Plan) -> Iterator[Fact]:
    disk = plan.disk
    if disk.spool:
        yield Fact("disk, ids", _bytes(disk.spool),
               f"of {_bytes(disk.spool_free)} free in {disk.spool_folder}, during training")
    for name, size in disk.formats.items():
        here = disk.output is not None and disk.output == size
        yield Fact(f"disk, {FORMATS[name].label.removeprefix('w2v ')}", _bytes(size),
               f"of {_bytes(disk.output_free or 0)} free   <- output" if here else "")


def _time_rows(plan: Plan) -> Iterator[Fact]:
    threads = f"{plan.threads} thread{'' if plan.threads == 1 else 's'}, {plan.isa}"
    yield Fact("time, reading", _seconds(plan.seconds_reading), "estimated from reading the sample")
    if plan.seconds_training is not None and plan.words_per_second is not None:
        yield Fact("time, training", _seconds(plan.seconds_training),
               f"estimated: {plan.config.epochs} epochs at {plan.words_per_second:,.0f} words/s, as measured now; "
               f"{threads}{', without the merging of rounds' if plan.config.in_rounds else ''}")


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
