"""The encoded corpus: the text as int32 ids, which is all that training sees.

`encode` reads the text once. Blocks are read and tokenised by any number of threads (C, without the GIL), which share
one table of words (csrc/text/wordtable.h). Ids are provisional while the text is read, since final ids need the final
counts, and are rewritten at the end, by all threads. So counts are exact, the result does not depend on the number of
threads, and besides vocabulary and ids (4 bytes a token) memory grows by some MB a thread only.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import LINE_END, BadWeight, BlockTokenizer, WordTable
from w2v.corpus.blocks import BLOCK_SIZE, load
from w2v.corpus.encoded import CorpusReport, EncodedCorpus
from w2v.corpus.id_store import IdStore, IdWriter
from w2v.corpus.line_weights import BlockStats, LocatedBlock, WeightTally, placed
from w2v.corpus.paths import Corpus
from w2v.corpus.source import TextSource, open_source
from w2v.corpus.vocabulary import Vocabulary, map_words, select_words
from w2v.types import StrPath

Progress: TypeAlias = Callable[[int, int | None, int], object]

BLOCKS_AHEAD = 2
"""Blocks in flight beyond one a thread, so that no thread waits for the reader."""

"""A shard may end up to 1/64 of its length from the even cut, if a line ends there."""








def encode(
    corpus: Corpus,
    *,
    min_count: int = 5,
    max_vocab: int | None = None,
    line_weights: bool = False,
    threads: int = 1,
    progress: Progress | None = None,
    memory_share: float = 0.5,
    spool_dir: StrPath | None = None,
    block_size: int = BLOCK_SIZE,
    known: Sequence[str] = (),
    vocabulary: Vocabulary | None = None,
) -> EncodedCorpus:
    """Read a corpus, choose its vocabulary, and turn it into ids.

    Parameters
    ----------
    corpus : a path, several, or an iterable of lists of str; see `w2v.corpus.source.open_source`.
    min_count : words that occur less often are unknown: dropped and counted.
    max_vocab : keep at most so many words, the most frequent ones.
    line_weights : each line begins with its weight, which is no word.
    threads : number of tokenising threads; the result does not depend on it.
    progress : called after each block with bytes read, bytes in all (None if unknown) and words read so far.
    memory_share : ids that need more than this share of the available memory go to a temporary file.
    spool_dir : folder of that file; default is the system's folder for temporary files.
    block_size : bytes read at a time.
    known : distinct words that are in the vocabulary however rare they are here, with count 0 if they are not here at
        all.
    vocabulary : take this one, with its own counts, and no other word; `min_count`, `max_vocab` and `known` then say
        nothing.

    Raises
    ------
    ValueError : a parameter is out of range, or there are more known words than `max_vocab`.
    TypeError : the corpus is nothing that can be read; see `w2v.corpus.source.open_source`.
    CorpusError : there is no word in it, none occurs `min_count` times, or none is of the given words. A sentence of an
        iterable has no weight.
    FormatError : a file is no text, or is damaged; a line has no weight.
    W2VError : a file cannot be read, or the temporary file does not fit on the disk.
    """
    _check_parameters(min_count, max_vocab, threads, memory_share, block_size)
    started = time.perf_counter()
    source = open_source(corpus, line_weights=line_weights)
    table = WordTable()
    tally, weights = _Tally(), WeightTally()
    blocks = placed(texts := source.blocks(block_size), source, line_weights)
    with IdStore(memory_share, spool_dir) as store:
        workers = [_Worker(table, source.classes, store) for _ in range(threads)]
        tokenized = _in_turn(blocks, workers[0]) if threads == 1 else _in_threads(blocks, workers)
        # Closed here: the traceback of an error would keep generators alive, and with them threads and open files.
        with closing(texts), closing(blocks), closing(tokenized):
            for stats, ids in tokenized:
                weights.add(stats)
                store.append(tally.add(stats, ids), _share_read(source))
                if progress is not None:
                    progress(source.bytes_read, source.total_bytes, tally.words)
        counts = table.counts()
        distinct, oddities = len(table), table.oddities(counts)
        if vocabulary is not None:
            n_words, final = map_words(table, counts, vocabulary, name=source.name)
        else:
            vocabulary, final = select_words(table, counts, min_count=min_count, max_vocab=max_vocab,
                                             name=source.name, known=known)
            n_words = vocabulary.total
        ids = store.finish(final, n_words + tally.lines + weights.lines, threads)
    report = _report(source, distinct, oddities, tally, tally.words - n_words, started)
    report = replace(report, line_weights=weights.result())
    return EncodedCorpus(vocabulary, ids, n_words, report)


def _check_parameters(
    min_count: int, max_vocab: int | None, threads: int, memory_share: float, block_size: int
) -> None:
    if min_count < 1:
        raise ValueError(f"min_count must be at least 1, not {min_count}")
    if max_vocab is not None and max_vocab < 1:
        raise ValueError(f"max_vocab must be at least 1 or None, not {max_vocab}")
    if threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    if not 0 <= memory_share <= 1:
        raise ValueError(f"memory_share must lie between 0 and 1, not {memory_share}")
    if not 1 <= block_size <= 1 << 28:
        raise ValueError(f"block_size must lie between 1 and 2^28, not {block_size}")


def _share_read(source: TextSource) -> float | None:
    if not source.total_bytes:
        return None
    return min(1.0, source.bytes_read / source.total_bytes)


_Encoded: TypeAlias = tuple[BlockStats, NDArray[np.int32]]


@dataclass
class _Tally:
    """Counts over all blocks, which come in the order of the text; lines may span blocks."""

    words: int = 0
    lines: int = 0
    crlf_lines: int = 0
    longest_line: int = 0
    open_line: int = 0
    held: NDArray[np.int32] | None = None

    def add(self, stats: BlockStats, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """Count a block. Returns its ids, without the line end at the start if that would end an empty line. A weight
        at the end is held back until its line has a word, so the ids do not depend on where blocks are cut."""
        ids = self._count(stats, ids)
        if self.held is not None and len(ids) > 0:
            ids, self.held = np.concatenate((self.held, ids)), None
        if len(ids) > 0 and ids[-1] < LINE_END:
            ids, self.held = ids[:-1], ids[-1:].copy()
        return ids

    def _count(self, stats: BlockStats, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        words, line_ends, head_words, tail_words, longest_inner, crlf_lines = stats[:6]
        self.words += words
        self.crlf_lines += crlf_lines
        if line_ends == 0:
            self.open_line += tail_words
            self.longest_line = max(self.longest_line, self.open_line)
            return ids
        first_line = self.open_line + head_words
        self.longest_line = max(self.longest_line, first_line, longest_inner, tail_words)
        self.open_line = tail_words
        self.lines += line_ends - (first_line == 0)
        if first_line > 0:
            return ids
        self.held = None
        return ids[1:]


class _Worker:
    """What one thread works with: its way into the table, and memory that it uses again for each block."""

    def __init__(self, table: WordTable, classes: bytes, store: IdStore) -> None:
        self._tokenizer = BlockTokenizer(table, classes)
        self._writer = IdWriter(store)
        self._input = np.empty(0, np.uint8)

    def tokenize(self, place: LocatedBlock) -> _Encoded:
        data = load(place.block, self._room)
        try:
            n, stats = self._tokenizer.tokenize(data, self._writer.room(len(data) + 2), place.weights)
        except BadWeight as bad:
            raise place.error(bad) from None
        return stats, self._writer.take(n)

    def _room(self, size: int) -> memoryview:
        if len(self._input) < size:
            self._input = np.empty(size + size // 8, np.uint8)
        return self._input[:size].data


def _in_turn(blocks: Generator[LocatedBlock, None, None], worker: _Worker) -> Generator[_Encoded, None, None]:
    for block in blocks:
        yield worker.tokenize(block)


def _in_threads(blocks: Generator[LocatedBlock, None, None], workers: list[_Worker]) -> Generator[_Encoded, None, None]:
    """The same blocks in the same order, each tokenised by a worker in a thread."""
    idle: SimpleQueue[_Worker] = SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def work(block: LocatedBlock) -> _Encoded:
        worker = idle.get()
        try:
            return worker.tokenize(block)
        finally:
            idle.put(worker)

    waiting: deque[Future[_Encoded]] = deque()
    pool = ThreadPoolExecutor(len(workers), thread_name_prefix="w2v-tokenizer")
    try:
        for block in blocks:
            waiting.append(pool.submit(work, block))
            if len(waiting) >= len(workers) + BLOCKS_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        # After an error or Ctrl-C only the blocks that are under way are waited for: some milliseconds.
        pool.shutdown(wait=True, cancel_futures=True)


def _report(
    source: TextSource, distinct: int, oddities: tuple[int, int, int], tally: _Tally, words_unknown: int, started: float
) -> CorpusReport:
    invalid_words, invalid_bytes, longest_word = oddities
    return CorpusReport(
        words=tally.words,
        words_unknown=words_unknown,
        distinct_words=distinct,
        lines=tally.lines,
        longest_line=tally.longest_line,
        longest_word=longest_word,
        crlf_lines=tally.crlf_lines,
        invalid_utf8_words=invalid_words,
        invalid_utf8_bytes=invalid_bytes,
        files=source.counts.files,
        files_without_final_newline=source.counts.no_final_newline,
        hidden_files_skipped=source.counts.hidden_skipped,
        utf8_boms=source.counts.utf8_boms,
        empty_tokens=source.counts.empty_tokens,
        bytes_read=source.bytes_read,
        seconds=time.perf_counter() - started,
    )
