"""Plan of a training run: its expected needs and duration, from a sample of the text.

Place in the data flow: files -> sample -> estimates (`w2v.corpus.estimate`) -> bytes, seconds and advice -> `Plan`. The
models that are trained on the way, to measure the speed, are thrown away.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Unpack, cast

import numpy as np

from w2v.config import TrainConfig, TrainOptions, with_options
from w2v.corpus.estimate.estimate import Sizes, TextEstimate
from w2v.corpus.estimate.growth import Estimate
from w2v.corpus.estimate.line_lengths import LineLengths, line_lengths, sum_of_pairs
from w2v.corpus.estimate.sample import SAMPLE_BYTES, take_sample
from w2v.corpus.id_store import DISK_RESERVE
from w2v.corpus.paths import Corpus
from w2v.corpus.vocabulary import all_rare
from w2v.corpus.warnings import nothing_to_learn, why_no_contexts
from w2v.errors import CorpusError, W2VError
from w2v.formats import FORMATS
from w2v.graphs.graph import GraphReport
from w2v.graphs.walks import walk_text
from w2v.planning.advice import advice
from w2v.planning.result import Disk, Plan, WholeLines
from w2v.planning.speed import MOST_IDS, speed_of_ids, training_speed
from w2v.system.files import check_writable
from w2v.system.resources import available_memory, free_disk
from w2v.system.threads import resolve_threads
from w2v.training.needs import (
    Memory,
    Output,
    check_longest_line,
    memory,
    output_bytes,
    problems,
    spool_folder,
)
from w2v.training.request import RunRequest, RunSettings
from w2v.training.resolved import ResolvedRun
from w2v.training.train import input_of
from w2v.types import StrPath
from w2v.walk_options import GraphLike

MIN_COUNTS = (1, 2, 5, 10, 20, 50, 100)
EDGE_BYTES, ENTRY_BYTES = 12, 12  # of an edge while a graph is read, and of an entry of its rows while they are built
READING_SHARE = 0.75  # speed of reading the whole text relative to the sample: the word table outgrows the caches


@with_options
def plan(
    corpus: Corpus | None = None,
    *,
    output: StrPath | None = None,
    threads: int | str = "auto",
    isa: str | None = None,
    config: TrainConfig | None = None,
    ids: str | None = None,
    engine: object = None,
    scheduler: str | None = None,
    sample_bytes: int = SAMPLE_BYTES,
    graph: GraphLike | None = None,
    **options: Unpack[TrainOptions],
) -> Plan:
    """Estimate in a few seconds what training on a corpus will need.

    Reads a sample of the corpus and trains on it for about a second. Ranges include both ends.

    Parameters
    ----------
    corpus : a file, a folder or a glob, or a list of these; files may be compressed. Standard input and iterables can
        be read only once and are refused.
    output : file for the vectors, if it is known: the free space of its disk is compared with their size.
    threads : number of threads, 1 to 1024, or "auto" (default): as many as the process may use.
    isa : instruction set to use instead of the best one of this machine, one of `w2v.available_isas()`.
    config : all hyper-parameters at once, instead of `options`.
    ids : where the encoded text is kept: "memory", "disk", "none" (each epoch reads the text again), or "auto"
        (default): the first of these that has room.
    engine, scheduler : where the run is trained, as for `w2v.train`. Memory is that of this machine, with the processes
        of a cluster that is started on it.
    graph : graph to train on, instead of `corpus`, as for `w2v.train`; it is read completely.
    sample_bytes : largest number of bytes of text to read.
    vector_size : dimensions of a word vector, 1 to 65536 (default 100).
    window : largest distance between a context word and the centre word, 1 to 10000 (default 5); a pair (left, right)
        for different distances on the two sides; "line" for all words of the line.
    line_contexts : with window "line", contexts drawn for each word of a longer line, 1 to 10000 (default None: all
        words of the line).
    negative : noise words for each window, 0 to 1000 (default 5); 0 only with `hs`.
    hs : train with hierarchical softmax (default False): alone if `negative` is 0, otherwise together with negative
        sampling.
    sample : subsampling threshold for frequent words, as a share of the corpus, 0 to 1 (default 1e-3); 0 keeps all
        words.
    min_count : leave out words that occur fewer times (default 5); 0 means 1.
    max_vocab : keep at most this many words, the most frequent ones (default None: all).
    epochs : passes over the corpus, 1 to 1,000,000 (default 5).
    alpha, min_alpha, weight_decay : learning rate at the start and at the end, and how strongly vectors shrink; they do
        not change the plan.
    ns_exponent : noise words are drawn in proportion to count ** ns_exponent, -4 to 4 (default 0.75).
    sg : True (default) for skip-gram, False for CBOW.
    cbow_mean, cbow_undivided : CBOW with the mean or the sum of the context vectors (default True: the mean), and with
        the whole error or each vector's share of it (default False: its share).
    minn, maxn : shortest and longest character n-gram that word vectors are built from, 0 to 1000; `maxn` 0 (default)
        for whole words only.
    bucket : number of n-gram vectors, 1 to 2**31 - 1 (default 2,000,000).
    add_outputs : at the end, add this share of each word's output vector to its vector, 0 to 1 (default 0; Levy et
        al. 2015, section 3.3). Words that occur together become more similar. Only with negative sampling of whole
        words.
    center : at the end, subtract the mean of all vectors (default False; Mu & Viswanath 2018), not with n-grams.
    shrink_windows : draw the size of each window from 1 to `window` (default True); not with window "line".
    harmonic_windows : draw small windows more often, so that a word at distance d counts 1 / d, as in GloVe
        (Pennington et al. 2014; default False: 1 - (d - 1) / window).
    line_weights : each line starts with a number that multiplies its learning rate (default False).
    shared_windows : neighbouring windows that share their noise words, 1 or 2 (default).
    shared_contexts : contexts of a step, at most, whose changes of an output vector are added up before it changes, 1
        to 12 (default 12; with `graph` 2). Only with skip-gram.
    private_rows : number of the most frequent words of which each thread keeps a copy, 0 to 65536; default None: it
        depends on the threads and the corpus.
    reproducible : train in rounds, so that the result has the same bytes with any number of threads, after a
        resumption, and on other machines with the same instruction set (default False). Not with `hs` or n-grams.
    distributed : set by `engine` where the run is not `reproducible`.
    shards : with `reproducible` or a cluster as `engine`, parts of the text that are trained at the same time, 1 to
        1024. Default 16; on a cluster without `reproducible` one for each worker. More threads, or workers, than shards
        are of no use.
    rounds : with these too, how often the changes of all shards are merged in the whole run, 1 to 1,000,000
        (default 50).
    held_out : number of lines, or the path of a text, that do not train (default 0); the plan does not depend on it.
    seed : seed of all random numbers, 0 to 2**64 - 1 (default 1).
    walks, walk_length, p, q, directed, unweighted, drop_isolated, metapath, node_types : with `graph`, its walks, as
        for `w2v.train`.
    lowercase : convert words to lower case by the simple case folding of Unicode (default False).
    tokenize : "whitespace" (default), or "words": runs of letters, marks and digits between the word boundaries of
        Unicode (UAX 29), without punctuation.
    keep_punctuation : with tokenize "words", each punctuation character or symbol is a word of its own (default False).
    normalize : "nfc" or "nfkc", the normalization forms of Unicode (UAX 15); None (default) changes nothing.
    unicode_spaces : white space of Unicode, such as the no-break space, separates words, and CR alone ends lines
        (default False; always so with tokenize "words").
    split_lines_at : "sentences" ends a line at the end of each sentence too (UAX 29); None (default) does not.
    stop_words : words that are left out, or a file of them; compared after all other steps.
    tokenizer : function that returns the words of a line, instead of `tokenize`, for languages without blanks.
    column : column of a table (Parquet, Arrow, CSV, JSON lines, data frame) with the text, or with lists of words.
    group_by, order_by : columns of a table: rows with equal values of `group_by` are one line, in the order of
        `order_by`.
    download : read addresses on the network (default False).
    max_words : stop reading after this many words (default None: read all).
    sample_lines : read this share of the lines, above 0 and at most 1, drawn over the whole corpus (default None: all).
    bootstrap : read a bootstrap sample of the lines (default False): each a Poisson(1) number of times, by `seed`, as
        if as many lines as there are were drawn with replacement. Not with `max_words`.

    Returns
    -------
    The plan; `fits` says whether `train` would start, and `problems` why not.

    Raises
    ------
    ValueError, TypeError : an option or the kind of corpus is wrong; names the parameter.
    W2VError : the corpus cannot be read, or has no words.

    Examples
    --------
    >>> found = w2v.plan("corpus.txt", vector_size=300, output="vectors.bin")  # doctest: +SKIP
    >>> found.fits, found.memory.peak, found.seconds_training  # doctest: +SKIP
    (True, 1204931840, 512.3)
    """
    started = time.perf_counter()
    source = input_of(corpus, graph, options)
    if source is None:
        raise TypeError("the corpus is missing: pass a path, or graph=")
    run = RunRequest(corpus=source, config=config, options=options, threads=threads, isa=isa, ids=ids,
                     output=output, engine=engine, scheduler=scheduler).resolve()
    settings = RunSettings(run.config, run.threads, run.isa)
    if sample_bytes < 1:
        raise ValueError(f"sample_bytes = {sample_bytes} is out of range: 1 or more")
    if run.corpus.walking is not None:
        return _plan_of_walks(run, settings, started)
    estimate = TextEstimate(take_sample(run.corpus, line_weights=run.config.line_weights, sample_bytes=sample_bytes))
    sample = estimate.sample
    if not sample.words:
        raise CorpusError(f"{sample.name}: the corpus is empty, there is no word in it" if sample.complete else
                          f"{sample.name}: there is no word in the sample of this corpus")
    return _plan(estimate, settings, run.output, run.places, started, run.in_process, run.processes)


def _plan(estimate: TextEstimate, settings: RunSettings, output: Output | None, places: Sequence[str],
          started: float, in_process: bool, processes: int) -> Plan:
    config, threads, isa = settings
    sample, free = estimate.sample, available_memory()
    lines = line_lengths(estimate, config.min_count, config.max_vocab) if config.whole_lines else None
    contexts = None if lines is None else lines.contexts(config.line_contexts)
    sizes = estimate.sizes(config.min_count, config.max_vocab)
    here = threads if in_process else 0
    need = memory(config, sizes, here, free, places, processes)
    reading = _reading_seconds(estimate, threads)
    again = config.epochs * reading if need.place == "none" else 0.0
    speed = training_speed(estimate, config, threads, isa, contexts)
    return Plan(
        corpus=sample.name, files=sample.files, bytes_on_disk=estimate.bytes_on_disk, text_bytes=estimate.text_bytes,
        words=estimate.words, lines=estimate.lines,
        vocabulary={least: estimate.vocabulary(least) for least in sorted({*MIN_COUNTS, config.min_count})},
        n_words=estimate.vocabulary(config.min_count, config.max_vocab),
        words_unknown=1 - estimate.known_share(config.min_count, config.max_vocab),
        complete=sample.complete, from_start=sample.from_start,
        sample_bytes=sum(part.text_read for part in sample.parts),
        memory=need, memory_free=free, disk=_disk(config, sizes, need, output),
        seconds_reading=reading if need.place != "none" else 2 * reading,
        seconds_training=None if speed is None else sizes.known * config.epochs / speed + again,
        words_per_second=speed,
        whole_lines=None if lines is None else _whole_lines(lines, config, sizes),
        problems=[*_no_words(estimate, config), *_too_long(lines, config), *_unwritable(output),
                  *problems(sample.name, config, sizes, here, output, places, processes)],
        advice=advice(estimate, sizes, config, threads, resolve_threads("auto"), need.place),
        config=config, threads=threads, isa=isa, in_process=in_process, processes=processes,
        seconds=time.perf_counter() - started,
    )


def _plan_of_walks(run: ResolvedRun, settings: RunSettings, started: float) -> Plan:
    """Return the plan for a graph, which is read and walked over once: all numbers are exact."""
    config, threads, isa = settings
    text, free = walk_text(run.corpus, seed=config.seed, threads=threads), available_memory()
    read, graph = text.report, cast("GraphReport", text.report.graph)
    n, here = len(text.vocabulary), threads if run.in_process else 0
    sizes = Sizes(tokens=0, lines=0, distinct=n, n_words=n, known=0, word_bytes=len(text.vocabulary.blob) / n)
    need = memory(config, sizes, here, free, run.places, run.processes)
    reading = graph.edges * EDGE_BYTES + graph.entries * ENTRY_BYTES + need.reading
    training = need.training + graph.bytes
    need = replace(need, graph=graph.bytes, reading=reading, training=training, peak=max(reading, training))
    speed = speed_of_ids(text.vocabulary, text.read(0, min(MOST_IDS, text.n_ids)), config, threads, isa)
    exact = {name: Estimate(value, value, value) for name, value in (
        ("words", float(read.words)), ("lines", float(read.lines)), ("n", float(n)), ("bytes", float(read.bytes_read)))}
    return Plan(
        corpus=run.corpus.name, files=read.files, bytes_on_disk=exact["bytes"], text_bytes=exact["bytes"],
        words=exact["words"], lines=exact["lines"], vocabulary={1: exact["n"]}, n_words=exact["n"], words_unknown=0.0,
        complete=True, from_start=False, sample_bytes=read.bytes_read, memory=need, memory_free=free,
        disk=_disk(config, sizes, need, run.output), seconds_reading=read.seconds,
        seconds_training=None if speed is None else read.words * config.epochs / speed, words_per_second=speed,
        whole_lines=None,
        problems=[*_unwritable(run.output),
                  *problems(run.corpus.name, config, sizes, here, run.output, run.places, run.processes)],
        advice=[], config=config, threads=threads, isa=isa, in_process=run.in_process, processes=run.processes,
        graph=graph, seconds=time.perf_counter() - started)


def _no_words(estimate: TextEstimate, config: TrainConfig) -> Iterator[str]:
    """Yield the error for a text that was read whole and from which nothing can be learned."""
    sample, counts = estimate.sample, estimate.curve.counts
    if not sample.complete:
        return
    frequent = min(int((counts >= config.min_count).sum()), config.max_vocab or len(counts))
    if frequent == 0:
        yield all_rare(sample.name, len(counts), config.min_count, int(counts[0]), why_no_contexts(sample.traits))
    elif problem := nothing_to_learn(sample.traits, frequent, sample.words > sample.traits.lines, config.min_count):
        yield problem


def _too_long(lines: LineLengths | None, config: TrainConfig) -> Iterator[str]:
    """Yield the error for a line that is too long for windows of whole lines."""
    if lines is not None:
        try:
            check_longest_line(int(lines.longest), config)
        except CorpusError as error:
            yield str(error)


def _unwritable(output: Output | None) -> Iterator[str]:
    """Yield the error for an output that cannot be written."""
    if output is not None:
        try:
            check_writable(output.path)
        except W2VError as error:
            yield str(error)


def _whole_lines(lines: LineLengths, config: TrainConfig, sizes: Sizes) -> WholeLines:
    return WholeLines(
        longest=lines.longest, longest_pairs=sum_of_pairs(np.array([lines.longest]), config.line_contexts),
        pairs=lines.contexts(config.line_contexts) * sizes.known, complete=lines.complete and not lines.cut)


def _disk(config: TrainConfig, sizes: Sizes, need: Memory, output: Output | None) -> Disk:
    by_suffix = [name for name, format in FORMATS.items() if format.suffixes]
    by_suffix.sort(key=lambda name: len(FORMATS[name].keeps))  # the plainest first
    formats = {name: output_bytes(config, sizes, name) for name in by_suffix}
    return Disk(spool=need.spooled + DISK_RESERVE if need.spooled else 0, spool_folder=spool_folder(),
                spool_free=free_disk(spool_folder()), formats=formats,
                output=None if output is None else formats[output.format],
                output_free=None if output is None else free_disk(output.folder))


def _reading_seconds(estimate: TextEstimate, threads: int) -> float:
    """Estimate the time to read the corpus. One thread read the sample; all threads will read plain files, while each
    compressed file is decompressed by one."""
    cores = min(threads, os.cpu_count() or 1)
    return sum(part.scaled(part.seconds) / (1 if part.compressed else cores * READING_SHARE)
               for part in estimate.sample.parts)
