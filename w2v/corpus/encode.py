"""Encoding of a corpus: from any input to a vocabulary and int32 ids, in one pass over the text.

Place in the data flow: `w2v.corpus.source` -> tokenizer threads -> `IdStore` -> `EncodedCorpus`, the input of training.
Any number of threads read and tokenize blocks (C, without the GIL) and share one word table (csrc/text/wordtable.h).
Final ids depend on the final counts, so ids are provisional while the text is read and are rewritten at the end, by all
threads. Counts are therefore exact, and the result does not depend on the number of threads. Besides the vocabulary and
the ids (4 bytes a token), memory grows only by a few MB a thread.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import LINE_END, BadWeight, BlockStats, BlockTokenizer, Oddities, WordTable
from w2v.corpus.block_text import BlockReader, blocks_of
from w2v.corpus.blocks import BLOCK_SIZE
from w2v.corpus.byte_classes import TOKEN_CLASSES
from w2v.corpus.encoded import CorpusReport, EncodedCorpus
from w2v.corpus.id_store import IdStore, IdWriter
from w2v.corpus.integers import IntegerBlock
from w2v.corpus.line_weights import LocatedBlock, WeightTally
from w2v.corpus.paths import Corpus
from w2v.corpus.preparation import PreparationCounts
from w2v.corpus.source import open_source
from w2v.corpus.sources.base import TextSource
from w2v.corpus.traits import TextTraits
from w2v.corpus.vocabulary import Keep, Vocabulary, map_words, select_words
from w2v.corpus.warnings import why_no_contexts
from w2v.errors import CorpusError
from w2v.system import log
from w2v.system.threads import Pool
from w2v.types import StrPath

Progress: TypeAlias = Callable[[int, int | None, int], object]
"""Called with bytes read, total bytes (None if unknown) and words read so far."""

BLOCKS_AHEAD = 2
"""Blocks in flight in addition to one a thread, so that no thread waits for the reader."""


def encode(
    corpus: Corpus, *, min_count: int = 5, max_vocab: int | None = None, line_weights: bool = False, threads: int = 1,
    progress: Progress | None = None, memory_share: float = 0.5, spool: bool = True, spool_dir: StrPath | None = None,
    block_size: int = BLOCK_SIZE, known: Sequence[str] = (), vocabulary: Vocabulary | None = None,
    keep: Keep | None = None, shared: bool = False,
) -> EncodedCorpus:
    """Read a corpus, choose its vocabulary, and replace words by ids.

    Parameters
    ----------
    corpus : a path, a list of paths, an array of integers, or an iterable of sentences; see `w2v.corpus.paths.Corpus`.
    min_count : rarer words are unknown: they are dropped and counted.
    max_vocab : keep at most this many words, the most frequent ones.
    line_weights : each line begins with its weight, which is not a word.
    threads : number of tokenizer threads; the result does not depend on it.
    progress : called after each block; see `Progress`.
    memory_share : share of the available memory, 0 to 1, that ids may take; larger ids go to a temporary file.
    spool : whether there may be such a file; if not, ids that do not fit are an error.
    spool_dir : folder of that file; by default the system's folder for temporary files.
    block_size : bytes read at a time, 1 to 2^28.
    known : distinct words that are always in the vocabulary; a word that does not occur has count 0.
    vocabulary : use exactly these words and their counts; `min_count`, `max_vocab`, `known` and `keep` are then
        ignored.
    keep : decides for each word, instead of `min_count`; see `w2v.corpus.vocabulary.Keep`.
    shared : whether other processes may read that file; see `EncodedCorpus.file`.

    Returns
    -------
    The encoded corpus. Ids are ordered by falling count, then by the bytes of the words.

    Raises
    ------
    ValueError : a parameter is out of range, `known` has more than `max_vocab` words, or an option of the text does not
        suit the corpus.
    TypeError : the corpus is of an unsupported type; see `w2v.corpus.source.open_source`.
    CorpusError : the corpus has no words, none occurs `min_count` times, or none is in `vocabulary`; a sentence of an
        iterable has no weight; `sample_lines` or `bootstrap` left out all lines.
    FormatError : a file is not text or is damaged; a line has no weight.
    W2VError : a file cannot be read, or the temporary file does not fit on the disk.

    Examples
    --------
    >>> corpus = encode("corpus.txt", min_count=5, threads=4)
    >>> len(corpus.vocabulary), corpus.n_words, corpus.report.lines
    """
    check_parameters(min_count, max_vocab, threads, memory_share, block_size)
    started = time.perf_counter()
    source = open_source(corpus, line_weights=line_weights)
    with IdStore(memory_share, spool_dir, spool, shared) as store:
        words = read_words(source, store, min_count=min_count, max_vocab=max_vocab, line_weights=line_weights,
                           threads=threads, progress=progress, block_size=block_size, known=known,
                           vocabulary=vocabulary, keep=keep)
        ids = store.finish(words.final, words.most_ids, threads)
    report = replace(words.report, seconds=time.perf_counter() - started)
    log_read(source.name, report, len(words.vocabulary))
    return EncodedCorpus(words.vocabulary, ids, words.n_words, report, store.place, store.file)


class Counting(Protocol):
    """The first pass over a text in other processes.

    Attributes
    ----------
    counts : what the preparation of the text counted.
    """

    counts: PreparationCounts

    def counted(self, source: TextSource, table: WordTable,
                block_size: int) -> Generator[EncodedBlock, None, None]:
        """Yield the statistics of all blocks in order, without ids; their words are added to the table."""
        ...


@dataclass(frozen=True)
class ReadWords:
    """Result of the first pass over a corpus.

    Attributes
    ----------
    vocabulary : the words of the vocabulary.
    final : the map from provisional to final ids, for `w2v.corpus._tokenizer.remap`.
    n_words : words of the text that are in the vocabulary.
    most_ids : upper bound of the number of final ids.
    report : statistics of the text, without the time.
    """

    vocabulary: Vocabulary
    final: NDArray[np.int32]
    n_words: int
    most_ids: int
    report: CorpusReport


def read_words(
    source: TextSource, store: IdStore | None, *, min_count: int, max_vocab: int | None, line_weights: bool,
    threads: int, progress: Progress | None, block_size: int, known: Sequence[str],
    vocabulary: Vocabulary | None = None, keep: Keep | None = None, counting: Counting | None = None,
) -> ReadWords:
    """Read a corpus and choose its vocabulary; provisional ids go to the store, if there is one.

    `counting` reads it elsewhere, without ids. The other parameters and the errors are those of `encode`.
    """
    table = WordTable()
    tally, weights = Tally(), WeightTally()
    readers = [BlockReader(source.classes, source.text) for _ in range(threads)]
    reading = (counting.counted(source, table, block_size) if counting is not None else
               encoded_blocks(source, readers, table, store, line_weights=line_weights, block_size=block_size))
    with closing(reading) as blocks:
        for stats, ids in blocks:
            weights.add(stats)
            ids = tally.add(stats, ids)
            if store is not None:
                store.append(ids, _share_read(source))
            if progress is not None:
                progress(source.bytes_read, source.total_bytes, tally.words)
    if not tally.words and source.counts.lines_left_out:
        option, remedy = "sample_lines", "use a larger share"
        if _is_bootstrap(source):
            option, remedy = "the bootstrap sample", "it needs a text of many lines"
        raise CorpusError(f"{source.name}: {option} left out all {source.counts.lines_left_out} lines; {remedy}")
    if not tally.words and source.counts.null_rows:
        raise CorpusError(f"{source.name}: the corpus is empty: the column has no words, and "
                          f"{source.counts.null_rows:,} rows without a value")
    tally.add_prepared(readers if counting is None else [counting])
    counts = table.counts()
    oddities, distinct = table.oddities(counts), len(table)
    traits = TextTraits.of(oddities, tally.words, tally.lines, source.counts.heads, ideographs=tally.ideographs,
                           tokens=readers[0].classes == TOKEN_CLASSES)
    if vocabulary is not None:
        n_words, final = map_words(table, counts, vocabulary, name=source.name)
    else:
        vocabulary, final = select_words(table, counts, min_count=min_count, max_vocab=max_vocab, name=source.name,
                                         known=known, keep=keep, hint=why_no_contexts(traits))
        vocabulary.integer_keys = source.integers
        vocabulary.text_options = source.text if source.text.changes_text else None
        n_words = vocabulary.total
    report = _report(source, distinct, oddities, traits, tally, weights, tally.words - n_words)
    return ReadWords(vocabulary, final, n_words, n_words + tally.lines + weights.lines, report)


def _is_bootstrap(source: TextSource) -> bool:
    selection = source.selection
    return selection is not None and selection.sample is not None and selection.sample.bootstrap


def log_read(name: str, report: CorpusReport, n_words: int) -> None:
    """Log what was read, and the size of the vocabulary."""
    known = report.words - report.words_unknown
    log.info(f"read {report.words:,} words in {report.lines:,} lines of {name}: {report.distinct_words:,} distinct "
             f"words; {n_words:,} of them in the vocabulary, {known / report.words:.1%} of the text")


def check_parameters(
    min_count: int, max_vocab: int | None, threads: int, memory_share: float, block_size: int
) -> None:
    """Raise ValueError for a parameter of `encode` that is out of range."""
    if min_count < 1:
        raise ValueError(f"min_count must be at least 1, not {min_count}")
    if max_vocab is not None and max_vocab < 1:
        raise ValueError(f"max_vocab must be at least 1 or None, not {max_vocab}")
    if threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    if not 0 <= memory_share <= 1:
        raise ValueError(f"memory_share must be between 0 and 1, not {memory_share}")
    if not 1 <= block_size <= 1 << 28:
        raise ValueError(f"block_size must be between 1 and 2^28, not {block_size}")


EncodedBlock: TypeAlias = tuple[BlockStats, NDArray[np.int32]]
"""Statistics and provisional ids of a block."""


@dataclass
class Tally:
    """Counts over all blocks, which arrive in the order of the text; a line may span blocks.

    Attributes
    ----------
    open_line : words so far of the line that the last block did not end.
    held_weight : entry of a weight at the end of the last block, until its line has a word.
    stop_words, ideographs : see `PreparationCounts`.
    """

    words: int = 0
    lines: int = 0
    crlf_lines: int = 0
    longest_line: int = 0
    open_line: int = 0
    held_weight: NDArray[np.int32] | None = None
    stop_words: int = 0
    ideographs: int = 0

    def add_prepared(self, readers: Iterable[BlockReader | Counting]) -> None:
        """Add what the preparation of the text counted."""
        for reader in readers:
            self.stop_words += reader.counts.stop_words
            self.ideographs += reader.counts.ideographs

    def add(self, stats: BlockStats, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """Count a block and return the ids to store.

        A leading line end that would end an empty line is removed. A trailing weight is held until its line has a word,
        so that the ids do not depend on where blocks are cut.
        """
        ids = self._count(stats, ids)
        if self.held_weight is not None and len(ids) > 0:
            ids, self.held_weight = np.concatenate((self.held_weight, ids)), None
        if len(ids) > 0 and ids[-1] < LINE_END:
            ids, self.held_weight = ids[:-1], ids[-1:].copy()
        return ids

    def _count(self, stats: BlockStats, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        self.words += stats.words
        self.crlf_lines += stats.crlf_lines
        if stats.line_ends == 0:
            self.open_line += stats.tail_words
            self.longest_line = max(self.longest_line, self.open_line)
            return ids
        first_line = self.open_line + stats.head_words
        self.longest_line = max(self.longest_line, first_line, stats.longest_inner, stats.tail_words)
        self.open_line = stats.tail_words
        self.lines += stats.line_ends - (first_line == 0)
        if first_line > 0:
            return ids
        self.held_weight = None
        return ids[1:]


def encoded_blocks(source: TextSource, readers: Sequence[BlockReader], table: WordTable, store: IdStore | None, *,
                   line_weights: bool, block_size: int) -> Generator[EncodedBlock, None, None]:
    """Read all blocks in order, each reader in a thread of its own; words go to the table. The ids of a block lie in
    memory of the store, if there is one.

    Close it: the traceback of an error would keep generators alive, and with them threads and open files.
    """
    workers = [Worker(table, reader, store) for reader in readers]
    blocks = blocks_of(source, line_weights, block_size)
    tokenized = _tokenized(blocks, workers[0]) if len(workers) == 1 else _tokenized_in_threads(blocks, workers)
    with closing(blocks), closing(tokenized):
        yield from tokenized


def _share_read(source: TextSource) -> float | None:
    if not source.total_bytes:
        return None
    return min(1.0, source.bytes_read / source.total_bytes)


class Worker:
    """State of one thread: its access to the word table, and memory that is reused for each block."""

    def __init__(self, table: WordTable, reader: BlockReader, store: IdStore | None = None) -> None:
        self.reader = reader
        self._tokenizer = BlockTokenizer(table, reader.classes)
        self._writer = IdWriter(store)
        self._text = np.empty(0, np.uint8)

    def tokenize(self, located: LocatedBlock) -> EncodedBlock:
        """Load a block and replace its words by ids."""
        data = self.reader.read(located, self._buffer)
        if isinstance(data, IntegerBlock):
            out = self._writer.buffer(data.most_ids)
            n, stats = self._tokenizer.tokenize_integers(data.checked(), out, data.ends_line)
            return stats, self._writer.take(n)
        try:
            n, stats = self._tokenizer.tokenize(data, self._writer.buffer(len(data) + 2), located.weights)
        except BadWeight as bad:
            raise self.reader.weight_error(located, bad) from None
        return stats, self._writer.take(n)

    def _buffer(self, size: int) -> memoryview:
        if len(self._text) < size:
            self._text = np.empty(size + size // 8, np.uint8)
        return self._text[:size].data


def _tokenized(blocks: Generator[LocatedBlock, None, None], worker: Worker) -> Generator[EncodedBlock, None, None]:
    for block in blocks:
        yield worker.tokenize(block)


def _tokenized_in_threads(blocks: Generator[LocatedBlock, None, None],
                          workers: list[Worker]) -> Generator[EncodedBlock, None, None]:
    """Yield the same results in the same order; each block is tokenized by any idle worker, in a thread."""
    idle: SimpleQueue[Worker] = SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def work(block: LocatedBlock) -> EncodedBlock:
        worker = idle.get()
        try:
            return worker.tokenize(block)
        finally:
            idle.put(worker)

    waiting: deque[Future[EncodedBlock]] = deque()
    pool = Pool(len(workers), thread_name_prefix="w2v-tokenizer")
    try:
        for block in blocks:
            waiting.append(pool.submit(work, block))
            if len(waiting) >= len(workers) + BLOCKS_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        # After an error or Ctrl-C, wait only for the blocks in progress: some milliseconds; of a tokenizer, for some
        # lines.
        for worker in workers:
            worker.reader.stopped = True
        pool.shutdown(wait=True, cancel_futures=True)


def _report(source: TextSource, distinct: int, oddities: Oddities, traits: TextTraits, tally: Tally,
            weights: WeightTally, words_unknown: int) -> CorpusReport:
    return CorpusReport(
        words=tally.words,
        words_unknown=words_unknown,
        distinct_words=distinct,
        lines=tally.lines,
        longest_line=tally.longest_line,
        longest_word=oddities.longest_word,
        crlf_lines=tally.crlf_lines,
        invalid_utf8_words=oddities.invalid_words,
        invalid_utf8_bytes=oddities.invalid_bytes,
        files=source.counts.files,
        files_without_final_newline=source.counts.no_final_newline,
        hidden_files_skipped=source.counts.hidden_skipped,
        dangling_links_skipped=source.counts.dangling_links,
        special_files_skipped=source.counts.special_skipped,
        remote_files=source.counts.remote_files,
        utf8_boms=source.counts.utf8_boms,
        empty_tokens=source.counts.empty_tokens,
        lines_left_out=source.counts.lines_left_out,
        bootstrap=_is_bootstrap(source),
        lines_repeated=source.counts.lines_repeated,
        null_rows=source.counts.null_rows,
        null_tokens=source.counts.null_tokens,
        bytes_read=source.bytes_read,
        line_weights=weights.result(),
        traits=traits,
        stop_words=tally.stop_words,
    )
