"""What a training run will need and do, from a sample of the text: `plan` and the `Plan` that it gives.

Place in the data flow: files -> sample -> estimates -> bytes, seconds, advice. Nothing is trained that is kept.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from w2v.config import TrainConfig
from w2v.corpus.estimate.estimate import Sizes, TextEstimate
from w2v.corpus.estimate.growth import Estimate
from w2v.corpus.estimate.sample import SAMPLE_BYTES, take_sample
from w2v.corpus.id_store import DISK_RESERVE
from w2v.corpus.paths import Corpus
from w2v.corpus.vocabulary import all_rare
from w2v.errors import CorpusError
from w2v.formats.vectorfile import SAFETENSORS, WORD2VEC_BINARY, WORD2VEC_TEXT
from w2v.planning.advice import advice
from w2v.planning.speed import training_speed
from w2v.system.resources import available_memory, free_disk
from w2v.system.threads import resolve_threads
from w2v.training.loop import _isa
from w2v.training.needs import Memory, Output, memory, output_bytes, problems, spool_folder
from w2v.training.train import make_config
from w2v.types import StrPath

MIN_COUNTS = (1, 2, 5, 10, 20, 50, 100)
READING_SHARE = 0.75  # of the sample's speed that reading it all has: the table of words outgrows the caches


@dataclass(frozen=True)
class Disk:
    """Bytes to write and bytes free: the ids where they do not fit into memory, and the vectors in each format.
    `output` and `output_free` are None if no file was named."""

    spool: int
    spool_folder: str
    spool_free: int
    formats: dict[str, int]
    output: int | None
    output_free: int | None


@dataclass(frozen=True)
class Plan:
    """What a training run is expected to need.

    Attributes
    ----------
    corpus, files : its name, and the number of files.
    bytes_on_disk, text_bytes, words, lines : of the whole corpus, with bounds.
    vocabulary : words that occur at least so often, by min_count: 1, 2, 5, 10, 20, 50, 100, and the one asked for.
    n_words : words of the vocabulary with the options given, `max_vocab` too.
    words_unknown : share of the text that is not among these.
    complete : the whole text was read: nothing about it is an estimate.
    from_start : some of it is compressed and was read from its start only.
    sample_bytes : of text that were read.
    memory, memory_free, disk : bytes.
    seconds_reading, seconds_training : estimates from this machine's measured speed; None where nothing could be
        measured. `words_per_second` are those of the vocabulary, all threads together.
    problems : why `train` would refuse; empty if it would not.
    advice : lines; those that begin with "heuristic: " are that.
    config, threads, isa : what was planned for.
    seconds : that planning took.
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
    problems: list[str]
    advice: list[str]
    config: TrainConfig
    threads: int
    isa: str
    seconds: float

    @property
    def fits(self) -> bool:
        """Whether `train` would begin."""
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """All fields as plain values, for JSON."""
        return {**dataclasses.asdict(self), "vocabulary": {str(least): dataclasses.asdict(value)
                                                           for least, value in self.vocabulary.items()},
                "fits": self.fits}


def plan(
    corpus: Corpus,
    *,
    output: StrPath | None = None,
    threads: int | str = "auto",
    isa: str | None = None,
    config: TrainConfig | None = None,
    sample_bytes: int = SAMPLE_BYTES,
    **options: Any,
) -> Plan:
    """Find out in a few seconds what training on a corpus will need: read a sample of it, train on that for a moment.

    Parameters
    ----------
    corpus : a file, directory or glob, or a list of these; files may be compressed. No standard input and no iterable.
    output : where the vectors would go: its disk is looked at.
    threads, isa, config, options : as for `w2v.train`.
    sample_bytes : of text to read at most.

    Raises
    ------
    ValueError, TypeError : a parameter or the kind of corpus is wrong.
    W2VError : the corpus cannot be read, or has no words.
    """
    from w2v.formats import format_for

    started = time.perf_counter()
    config = make_config(config, options)
    n_threads, isa = resolve_threads(threads), _isa.chosen_isa(isa)
    if sample_bytes < 1:
        raise ValueError(f"sample_bytes must be at least 1, not {sample_bytes}")
    where = None if output is None else Output(output, format_for(output))
    estimate = TextEstimate(take_sample(corpus, line_weights=config.line_weights, sample_bytes=sample_bytes))
    sample = estimate.sample
    if not sample.words:
        raise CorpusError(f"{sample.name}: the corpus is empty, there is no word in it" if sample.complete else
                          f"{sample.name}: there is no word in the sample of it")
    free = available_memory()
    sizes = estimate.sizes(config.min_count, config.max_vocab)
    need = memory(config, sizes, n_threads, free)
    rate = training_speed(estimate, config, n_threads, isa)
    return Plan(
        corpus=sample.name, files=sample.files, bytes_on_disk=estimate.bytes_on_disk, text_bytes=estimate.text_bytes,
        words=estimate.words, lines=estimate.lines,
        vocabulary={least: estimate.vocabulary(least) for least in sorted({*MIN_COUNTS, config.min_count})},
        n_words=estimate.vocabulary(config.min_count, config.max_vocab),
        words_unknown=1 - estimate.known_share(config.min_count, config.max_vocab),
        complete=sample.complete, from_start=sample.from_start,
        sample_bytes=sum(part.text_read for part in sample.parts),
        memory=need, memory_free=free, disk=_disk(config, sizes, need, where),
        seconds_reading=_reading_seconds(estimate, n_threads),
        seconds_training=None if rate is None else sizes.known * config.epochs / rate, words_per_second=rate,
        problems=[*_no_words(estimate, config), *problems(sample.name, config, sizes, n_threads, where)],
        advice=advice(estimate, sizes, config, n_threads, resolve_threads("auto"), need.spooled > 0),
        config=config, threads=n_threads, isa=isa, seconds=time.perf_counter() - started,
    )


def _no_words(estimate: TextEstimate, config: TrainConfig) -> Iterator[str]:
    """The refusal of a text that is known to have no word which is frequent enough."""
    sample, counts = estimate.sample, estimate.curve.counts
    if sample.complete and counts[0] < config.min_count:
        yield all_rare(sample.name, len(counts), config.min_count, int(counts[0]))


def _disk(config: TrainConfig, sizes: Sizes, need: Memory, output: Output | None) -> Disk:
    formats = {name: output_bytes(config, sizes, name) for name in (WORD2VEC_BINARY, WORD2VEC_TEXT, SAFETENSORS)}
    return Disk(need.spooled + DISK_RESERVE if need.spooled else 0, spool_folder(), free_disk(spool_folder()), formats,
                None if output is None else formats[output.format],
                None if output is None else free_disk(output.folder))


def _reading_seconds(estimate: TextEstimate, threads: int) -> float:
    """The sample was read by one thread; plain files are read by all, compressed ones are unpacked by one."""
    cores = min(threads, os.cpu_count() or 1)
    return sum(part.scaled(part.seconds) / (1 if part.compressed else cores * READING_SHARE)
               for part in estimate.sample.parts)
