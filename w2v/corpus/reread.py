"""Corpus whose ids are not stored: each part of the text is read and tokenized again when training needs it.

Place in the data flow: `w2v.corpus.source` -> `w2v.corpus.text_again` -> `RereadCorpus`, the input of training.
A first pass counts the words and chooses the vocabulary. A second one finds out how many ids each block of the text
gives, and the state in which its lines begin (`BlockIndex`); from then on the ids of any range are those that
`w2v.corpus.encode.encode` would store. `BlockCache` reads the blocks in the order of the text, since compressed files
and iterables allow no other, and keeps those that threads may still need.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from w2v.corpus.blocks import BLOCK_SIZE
from w2v.corpus.elsewhere import Elsewhere
from w2v.corpus.encode import EncodedBlock, Progress, check_parameters, log_read, read_words
from w2v.corpus.encoded import CorpusDigest, CorpusReport, EncodedText, Ids, weight_of
from w2v.corpus.line_weights import LocatedBlock
from w2v.corpus.paths import Corpus, CorpusInput
from w2v.corpus.ranges import Passes, TextPart, TextRange, TextRanges
from w2v.corpus.source import open_source
from w2v.corpus.sources.base import TextSource
from w2v.corpus.text_again import BlockIndex, LineState, TextAgain
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import CorpusError
from w2v.system import log

CACHED_BLOCKS = 4
"""Blocks a thread, and for all together, that are kept. A thread needs three at a time: those of its shard, of which
the last one is also the first of the next shard."""

RANGES_KEPT = 4
"""Blocks that are kept of a text in ranges, which this process reads only at the cuts of its parts."""

READERS = 2
"""Places of the text that are read at the same time: a thread may begin an epoch while another one ends the last."""


def encode_again(
    corpus: Corpus, *, min_count: int = 5, max_vocab: int | None = None, line_weights: bool = False, threads: int = 1,
    progress: Progress | None = None, block_size: int = BLOCK_SIZE, known: Sequence[str] = (),
    passes: Passes | None = None,
) -> RereadCorpus:
    """Read a corpus twice, and choose its vocabulary; its ids are made again whenever they are needed.

    Parameters
    ----------
    corpus : can be read more than once and stays the same; see `w2v.corpus.paths.CorpusInput.read_once`.
    passes : reads the text in other processes, which can then read the ids too (`EncodedText.elsewhere`).

    The other parameters are those of `w2v.corpus.encode.encode`.

    Returns
    -------
    The corpus, with the same vocabulary and ids as from `encode`.

    Raises
    ------
    CorpusError : the corpus is not the same when it is read again.
    ValueError, TypeError, W2VError : as for `encode`.
    """
    check_parameters(min_count, max_vocab, threads, 0.0, block_size)
    started = time.perf_counter()
    given = CorpusInput.of(corpus)
    in_ranges = passes is not None
    source = open_source(given, line_weights=line_weights, in_ranges=in_ranges)
    words = read_words(source, None, min_count=min_count, max_vocab=max_vocab, line_weights=line_weights,
                       threads=threads, progress=_half(progress, 0), block_size=block_size, known=known,
                       counting=passes)
    text = TextAgain(given, words.vocabulary, line_weights, threads, block_size, in_ranges)
    read = RereadCorpus(text, words.vocabulary, words.n_words, words.report, _half(progress, words.report.bytes_read),
                        passes)
    read.report = replace(words.report, seconds=time.perf_counter() - started)
    log_read(source.name, read.report, len(read.vocabulary))
    log.info("the ids are not stored: each epoch reads the text again")
    return read


def _half(progress: Progress | None, before: int) -> Progress | None:
    """Return the progress of one of the two passes, before which `before` bytes were read."""
    if progress is None:
        return None
    return lambda done, total, words: progress(before + done, None if total is None else 2 * total, words)


class RereadCorpus(EncodedText):
    """Corpus whose ids are made again from its text.

    Attributes
    ----------
    vocabulary, n_words, report, place : see `EncodedText`.

    Parameters
    ----------
    text : the text, which must stay the same.
    progress : called while the text is read once, to find out where its blocks begin.
    passes : reads it in other processes.
    """

    vocabulary: Vocabulary
    n_words: int
    report: CorpusReport
    place: str

    def __init__(self, text: TextAgain, vocabulary: Vocabulary, n_words: int, report: CorpusReport,
                 progress: Progress | None = None, passes: Passes | None = None) -> None:
        self.vocabulary, self.n_words, self.report, self.place = vocabulary, n_words, report, "none"
        self._text, self._index = text, BlockIndex()
        self._ranges: list[TextRange] = []  # of the blocks, if other processes read them too
        self._elsewhere = None if passes is None else TextRanges(passes.files, vocabulary.blob, vocabulary.offsets)
        self._sha256 = self._read_all(progress, passes)
        self._range_ids = lru_cache(RANGES_KEPT)(self._ids_of_range)
        self._cache = BlockCache(text, CACHED_BLOCKS * (text.threads + 1), self._ids_of, self._changed)

    def _read_all(self, progress: Progress | None, passes: Passes | None) -> str:
        """Fill the index, and return the checksum of all ids."""
        digest, state, weight, known, words = CorpusDigest(self.vocabulary), LineState(), 1.0, 0, 0
        source = self._text.open()
        with closing(self._text.encoded(source) if passes is None else self._encoded(passes, source)) as blocks:
            for encoded in blocks:
                ids, after = self._text.ids(encoded, state)
                self._index.append(ids, state, weight)
                digest.add(ids)
                weight, state = _weight_after(ids, weight), after
                known, words = known + int(np.count_nonzero(ids >= 0)), words + encoded[0].words
                if progress is not None:
                    progress(source.bytes_read, source.total_bytes, words)
        if (known, words) != (self.n_words, self.report.words):
            raise self._changed(f"{words:,} words, {known:,} of them in the vocabulary, instead of "
                                f"{self.report.words:,} and {self.n_words:,}")
        return digest.hex()

    def _encoded(self, passes: Passes, source: TextSource) -> Generator[EncodedBlock, None, None]:
        assert self._elsewhere is not None
        with closing(passes.encoded(source, self._elsewhere, self._text.block_size)) as blocks:
            for place, block in blocks:
                self._ranges.append(place)
                yield block

    @property
    def n_ids(self) -> int:
        return self._index.n_ids

    def elsewhere(self) -> Elsewhere | None:
        return self._elsewhere

    def part(self, begin: int, end: int) -> Any:
        if self._elsewhere is None:
            return begin, end
        numbers = range(self._index.find(begin), self._index.find(end - 1) + 1) if begin < end else range(0)
        skipped = begin - self._index.begin(numbers[0]) if numbers else 0
        return TextPart([self._ranges[number] for number in numbers], [self._index.state(number) for number in numbers],
                        [self._index.checksum(number) for number in numbers], skipped, end - begin)

    @property
    def sha256(self) -> str:
        return self._sha256

    def read(self, begin: int, end: int) -> Ids:
        end = min(end, self.n_ids)
        out = np.empty(max(end - begin, 0), np.int32)
        number = self._index.find(begin)
        done = 0
        while done < len(out):
            ids = self._block(number)
            part = ids[begin + done - self._index.begin(number) :][: len(out) - done]
            out[done : done + len(part)] = part
            done += len(part)
            number += 1
        return out

    def scan(self) -> Generator[Ids, None, None]:
        source, number, state = self._text.open(), 0, LineState()
        with closing(self._text.encoded(source)) as blocks:
            for encoded in blocks:
                ids, state = self._text.ids(encoded, state)
                if number == len(self._index) or not self._index.fits(number, ids):
                    raise self._changed(f"other words near {_place(source)}")
                yield ids
                number += 1
        if number < len(self._index):
            raise self._changed("it became shorter")

    def line_weight(self, position: int) -> float:
        number = self._index.find(position)
        if position >= self.n_ids:
            return 1.0
        before = self._block(number)[: position - self._index.begin(number)]
        return _weight_after(before, self._index.weight(number))

    def close(self) -> None:
        self._cache.close()
        self._range_ids.cache_clear()

    def _block(self, number: int) -> Ids:
        return self._cache.block(number) if self._elsewhere is None else self._range_ids(number)

    def _ids_of_range(self, number: int) -> Ids:
        assert self._elsewhere is not None
        place = self._ranges[number]
        block, = self._elsewhere.text.blocks([place])
        return self._ids_of(number, block, f"byte {place.begin} of {self._elsewhere.files[place.file].path}")

    def _ids_of(self, number: int, block: LocatedBlock, place: str) -> Ids:
        ids, _ = self._text.ids(self._text.tokenize(block), self._index.state(number))
        if not self._index.fits(number, ids):
            raise self._changed(f"other words near {place}")
        return ids

    def _changed(self, how: str) -> CorpusError:
        return CorpusError(f"{self._text.name}: the text is not the same when it is read again: {how}; without stored "
                           "ids (ids = none) each epoch reads it again, so it must not change: train again, or use "
                           "ids=\"disk\" (--ids disk)")


def _weight_after(ids: Ids, before: float) -> float:
    """Return the weight of the line that is open after some ids; `before` is that before them."""
    marks = np.flatnonzero(ids < 0)
    return weight_of(int(ids[marks[-1]])) if len(marks) else before


def _place(source: TextSource) -> str:
    """Describe about where a source is."""
    return f"byte {source.bytes_read} of {source.file or 'the corpus'}"


# --- cache ---------------------------------------------------------------------------------------------------------


class _Reader:
    """One pass over the text; `position` is the number of the next block."""

    def __init__(self, text: TextAgain) -> None:
        self.source, self.position = text.open(), 0
        self.blocks = text.located(self.source)


class _Entry:
    """A block that was read, and its ids once a thread has asked for them."""

    def __init__(self, block: LocatedBlock, place: str) -> None:
        self._lock = threading.Lock()
        self._block: LocatedBlock | None = block
        self._place = place
        self._ids: Ids | None = None

    def ids(self, number: int, make: Callable[[int, LocatedBlock, str], Ids]) -> Ids:
        with self._lock:  # other threads wait for the one that makes the ids
            if self._ids is None:
                assert self._block is not None
                self._ids = make(number, self._block, self._place)
                self._block = None
            return self._ids


class BlockCache:
    """Ids of blocks, of which the last used ones are kept; any number of threads may ask.

    A block is read and tokenized once an epoch, as long as no thread lags behind the others by the size of the cache.
    For a thread that does, the text is read again from its start, which is slow but correct.

    Parameters
    ----------
    text : what to read.
    size : number of blocks to keep.
    make : returns the ids of a block, given its number and its place in the text.
    changed : returns the error for a text that ends too early.
    """

    def __init__(self, text: TextAgain, size: int, make: Callable[[int, LocatedBlock, str], Ids],
                 changed: Callable[[str], CorpusError]) -> None:
        self._text, self._size, self._make, self._changed = text, size, make, changed
        self._lock = threading.Lock()
        self._entries: OrderedDict[int, _Entry] = OrderedDict()  # the last used one at the end
        self._readers: list[_Reader] = []  # the last used one at the end

    def block(self, number: int) -> Ids:
        """Return the ids of a block."""
        with self._lock:
            if number not in self._entries:
                self._read_up_to(number)
            self._entries.move_to_end(number)
            entry = self._entries[number]
        return entry.ids(number, self._make)

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            while self._readers:
                self._readers.pop().blocks.close()
            self._entries.clear()

    def _read_up_to(self, number: int) -> None:
        reader = self._reader_before(number)
        while reader.position <= number:
            block = next(reader.blocks, None)
            if block is None:
                raise self._changed("it became shorter")
            # Blocks that are passed by are kept as well, for threads that are a little slower.
            if number - reader.position < self._size // 2 and reader.position not in self._entries:
                self._entries[reader.position] = _Entry(block, _place(reader.source))
                if len(self._entries) > self._size:
                    self._entries.popitem(last=False)
            reader.position += 1

    def _reader_before(self, number: int) -> _Reader:
        """Return the reader that is the nearest before a block, or a new one at the start of the text."""
        before = [reader for reader in self._readers if reader.position <= number]
        reader = max(before, key=lambda one: one.position) if before else _Reader(self._text)
        if before:
            self._readers.remove(reader)
        self._readers.append(reader)
        while len(self._readers) > READERS:
            self._readers.pop(0).blocks.close()
        return reader
