"""Encoded corpus: the vocabulary, the text as int32 ids, and a report of what was read.

Place in the data flow: result of `w2v.corpus.encode` or `w2v.corpus.reread`, input of training.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import IO, Any, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import LINE_END
from w2v.corpus.elsewhere import Elsewhere, FileMark, IdsFile
from w2v.corpus.line_weights import LineWeights
from w2v.corpus.traits import TextTraits
from w2v.corpus.vocabulary import Vocabulary
from w2v.system.report import Report

SHARD_TOLERANCE = 64
"""A shard may end up to 1/64 of its length away from the even cut, if a line ends there."""

SCANNED_IDS = 1 << 22
"""Stored ids looked at together, so that the memory of a scan is bounded."""

Ids: TypeAlias = NDArray[np.int32]
Ranges: TypeAlias = Sequence[tuple[int, int]]


@dataclass(frozen=True, repr=False)
class CorpusReport(Report):
    """Statistics of the text that was read.

    Attributes
    ----------
    words : words of the text, without `stop_words`; `words_unknown` plus the words that training sees.
    words_unknown : words that are not in the vocabulary.
    distinct_words : distinct words of the text, unknown ones included.
    lines : lines with at least one word.
    longest_line : words of the longest line, unknown ones included.
    longest_word : bytes of the longest word, which may be unknown.
    crlf_lines : lines that end with CR LF.
    invalid_utf8_words : occurrences of words that are not valid UTF-8; they are kept.
    invalid_utf8_bytes : bytes of these words that belong to no character.
    files : files read; each file in an archive counts.
    remote_files : addresses on the network that were read.
    files_without_final_newline : files that did not end with a line end.
    hidden_files_skipped : hidden files and folders that were skipped.
    dangling_links_skipped : links to files or folders that do not exist.
    special_files_skipped : pipes, sockets and devices in folders; in archives also links.
    utf8_boms : files that began with a UTF-8 byte order mark.
    empty_tokens : empty tokens in an iterable or a table; they are dropped.
    lines_left_out : lines with words that `sample_lines` or `bootstrap` left out; no other number includes them.
    null_rows : rows of a table without a value in the column, or in the one that groups rows; they are left out.
    null_tokens : missing items of lists in a table; they are left out.
    bytes_read : bytes read from disk or the network, compressed where the files are.
    seconds : time of reading and encoding.
    line_weights : statistics of the weights; None if lines have no weights.
    traits : measures that show whether the text is prepared for training (`w2v.corpus.warnings`).
    words_joined : words of the text that were joined to the word before them (see `w2v.phrases`), not included in
        `words`.
    stop_words : occurrences of stop words (`w2v.corpus_options.TextOptions`), which were left out.
    bootstrap : whether this is a bootstrap sample of the lines.
    lines_repeated : further copies of lines that `bootstrap` drew more than once, which all other numbers include.
    graph : statistics of the graph whose walks are the text (`w2v.graphs.graph.GraphReport`); None for other texts.
    """

    words: int = 0
    words_unknown: int = 0
    distinct_words: int = 0
    lines: int = 0
    longest_line: int = 0
    longest_word: int = 0
    crlf_lines: int = 0
    invalid_utf8_words: int = 0
    invalid_utf8_bytes: int = 0
    files: int = 0
    files_without_final_newline: int = 0
    hidden_files_skipped: int = 0
    dangling_links_skipped: int = 0
    special_files_skipped: int = 0
    utf8_boms: int = 0
    empty_tokens: int = 0
    lines_left_out: int = 0
    null_rows: int = 0
    null_tokens: int = 0
    bytes_read: int = 0
    seconds: float = 0.0
    line_weights: LineWeights | None = None
    traits: TextTraits = TextTraits()
    words_joined: int = 0
    remote_files: int = 0
    stop_words: int = 0
    bootstrap: bool = False
    lines_repeated: int = 0
    graph: Report | None = None

    def brief(self) -> str:
        return f"words={self.words}, distinct_words={self.distinct_words}, lines={self.lines}, files={self.files}"


class EncodedText(ABC):
    """Vocabulary of a corpus, and its text as ids, which are stored or made again each time.

    Ids are int32. -1 ends each line: the last entry is -1, the first is not, and no two follow each other. Lines
    without known words are left out. The weight of a line precedes its words (csrc/text/lineweight.h), and remains even
    if the line has no known words.

    Attributes
    ----------
    vocabulary : words and counts.
    n_words : number of ids that are words.
    report : statistics of the text.
    place : where the ids are: "memory", "disk", or "none" if they are not stored.
    """

    vocabulary: Vocabulary
    n_words: int
    report: CorpusReport
    place: str

    @property
    @abstractmethod
    def n_ids(self) -> int:
        """Number of ids."""

    @abstractmethod
    def read(self, begin: int, end: int) -> Ids:
        """Return the ids from `begin` to `end` as training sees them; possibly a view, not to be written to. Any number
        of threads may read."""

    @abstractmethod
    def scan(self) -> Generator[Ids, None, None]:
        """Yield all ids in order, in parts of any length, which may be views."""

    @abstractmethod
    def line_weight(self, position: int) -> float:
        """Return the weight of the line in which `position` lies, if it is before `position`; otherwise 1."""

    @property
    def sha256(self) -> str | None:
        """The checksum (`corpus_checksum`) if it is known."""
        return None

    def elsewhere(self) -> Elsewhere | None:
        """Return where other processes find the ids; None if they are only in this one."""
        return None

    def part(self, begin: int, end: int) -> Any:
        """Return what `elsewhere` reads the ids from `begin` to `end` by."""
        return begin, end

    def of_epoch(self, epoch: int, stopped: Callable[[], bool] = bool) -> EncodedText | None:
        """Return the text of an epoch, from 0: the same in each, except with `w2v.corpus.fresh`. Thread safe.

        Parameters
        ----------
        stopped : asked while the text is waited for; None is returned once it returns True.
        """
        return self

    def words_read(self, epochs: int) -> tuple[int, int] | None:
        """Return the words that so many epochs read, and how many of them are unknown; None if only training finds out
        how many there are."""
        return self.report.words * epochs, self.report.words_unknown * epochs

    @abstractmethod
    def close(self) -> None:
        """Close all files that are open."""

    def shards(self, n: int, *, whole_lines: bool = False) -> Ranges:
        """Cut the ids into `n` consecutive ranges of nearly equal length.

        A cut follows a line end if there is one near the even cut. Otherwise it lies inside the (very long) line, so
        that all threads share a corpus of one line. No range begins with a line end. A very small corpus gives fewer
        ranges. Ids that are not stored are read when a range is first taken, except with `whole_lines`.

        Parameters
        ----------
        n : number of ranges, at least 1.
        whole_lines : cut only at line ends.

        Returns
        -------
        (begin, end) of each range; together they cover all ids.

        Raises
        ------
        ValueError : `n` is below 1.
        """
        if n < 1:
            raise ValueError(f"the number of shards must be at least 1, not {n}")
        size, stored = self.n_ids, self.place != "none"
        tolerance = size if whole_lines else max(1, size // n // SHARD_TOLERANCE)
        targets = [i * size // n for i in range(1, n)]
        if not stored and not whole_lines and size // n >= DISTINCT_CUTS:
            return _LazyRanges(self, targets, tolerance)
        if stored or not whole_lines:
            cuts: Iterable[int] = (_cut_near(self, target, tolerance) for target in targets)
        else:
            cuts = _line_cuts(self, targets)
        bounds = [0]
        for cut in cuts:
            if bounds[-1] < cut < size:
                bounds.append(cut)
        return list(pairwise([*bounds, size]))


@dataclass(frozen=True, eq=False)
class EncodedCorpus(EncodedText):
    """Corpus with stored ids.

    Attributes
    ----------
    vocabulary, n_words, report : see `EncodedText`.
    ids : int32 (n_ids,), C contiguous, in memory or memory-mapped.
    place : "memory" or "disk".
    file : the file of the ids if other processes may read it; it is removed when the corpus is closed.

    Examples
    --------
    >>> from w2v.corpus.encode import encode
    >>> corpus = encode([["a", "b", "a"], ["b", "c"]], min_count=2)
    >>> corpus.vocabulary.words, corpus.ids.tolist(), corpus.n_words
    (['a', 'b'], [0, 1, 0, -1, 1, -1], 4)
    """

    vocabulary: Vocabulary
    ids: Ids
    n_words: int
    report: CorpusReport
    place: str = "memory"
    file: IO[bytes] | None = field(default=None, repr=False)

    @property
    def n_ids(self) -> int:
        return len(self.ids)

    def elsewhere(self) -> Elsewhere | None:
        return None if self.file is None else IdsFile((FileMark.of(self.file.name),))

    def read(self, begin: int, end: int) -> Ids:
        return self.ids[begin:end]

    def scan(self) -> Generator[Ids, None, None]:
        for begin in range(0, len(self.ids), SCANNED_IDS):
            yield self.ids[begin:begin + SCANNED_IDS]

    def close(self) -> None:
        """Remove the file that other processes read. The mapped ids stay as long as `ids`."""
        if self.file is not None:
            self.file.close()

    def line_weight(self, position: int) -> float:
        width = 512
        while position > 0:
            before = self.ids[max(position - width, 0):position]
            if len(marks := np.flatnonzero(before < 0)) > 0 or len(before) == position:
                return weight_of(int(before[marks[-1]])) if len(marks) else 1.0
            width *= 4
        return 1.0


def weight_of(entry: int) -> float:
    """Return the weight of the words after an id that is not a word (csrc/text/lineweight.h): 1 after a line end."""
    if entry == LINE_END:
        return 1.0
    return float(np.array([entry & 0x7FFFFFFF], np.uint32).view(np.float32)[0])


# --- shards --------------------------------------------------------------------------------------------------------

DISTINCT_CUTS = 3
"""Ids of a shard from which on all cuts are distinct, however far they lie from the even ones."""


class _LazyRanges(Sequence[tuple[int, int]]):
    """Ranges whose cuts are looked for when they are first needed; threads that need the same one find the same."""

    def __init__(self, corpus: EncodedText, targets: list[int], tolerance: int) -> None:
        self._corpus, self._tolerance = corpus, tolerance
        self._targets = [0, *targets, corpus.n_ids]
        self._cuts: dict[int, int] = {0: 0, len(targets) + 1: corpus.n_ids}

    def __len__(self) -> int:
        return len(self._targets) - 1

    @overload
    def __getitem__(self, index: int) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple[int, int]]: ...
    def __getitem__(self, index: int | slice) -> tuple[int, int] | list[tuple[int, int]]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        return self._cut(number), self._cut(number + 1)

    def _cut(self, number: int) -> int:
        if (cut := self._cuts.get(number)) is None:
            cut = self._cuts[number] = _cut_near(self._corpus, self._targets[number], self._tolerance)
        return cut


def _cut_near(corpus: EncodedText, target: int, tolerance: int) -> int:
    """Return the position after a line end that is nearest to `target`; `target` if none is within `tolerance`."""
    width = min(512, tolerance)
    while True:
        low, high = max(1, target - width), min(corpus.n_ids, target + width)
        cuts = np.flatnonzero(corpus.read(low - 1, high) == LINE_END) + low
        if len(cuts) > 0:
            return int(cuts[np.abs(cuts - target).argmin()])
        if width == tolerance:
            return target
        width = min(2 * width, tolerance)


def _line_cuts(corpus: EncodedText, targets: list[int]) -> Iterator[int]:
    """Yield what `_cut_near` returns without a limit, for rising targets, in one pass."""
    waiting, last, begin = iter(targets), 0, 0
    target = next(waiting, None)
    for ids in corpus.scan():
        cuts = np.flatnonzero(ids == LINE_END) + begin + 1
        while target is not None and len(cuts) and target <= cuts[-1]:
            at = int(np.searchsorted(cuts, target))
            after, before = int(cuts[at]), int(cuts[at - 1]) if at else last
            yield before if 0 < before and target - before <= after - target else after
            target = next(waiting, None)
        last, begin = int(cuts[-1]) if len(cuts) else last, begin + len(ids)


# --- passes over all ids -------------------------------------------------------------------------------------------


def whole_lines(parts: Iterable[Ids]) -> Iterator[Ids]:
    """Yield the same ids in parts that end with a line. A line that spans many parts is joined once."""
    carried: list[Ids] = []
    for ids in parts:
        ends = np.flatnonzero(ids == LINE_END)
        if not len(ends):
            carried.append(ids.copy())
            continue
        first, end = int(ends[0]) + 1 if carried else 0, int(ends[-1]) + 1
        if carried:
            yield np.concatenate([*carried, ids[:first]])
        if first < end:
            yield ids[first:end]
        carried = [ids[end:].copy()] if end < len(ids) else []
    if carried:
        yield np.concatenate(carried)


class CorpusDigest:
    """Checksum of the training data while it is read; see `corpus_checksum`."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._digest = hashlib.sha256()
        for start in range(0, len(vocabulary), 1 << 16):
            words = vocabulary.words[start:start + (1 << 16)]
            self._digest.update("".join(f"{word}\n" for word in words).encode("utf-8", "surrogateescape"))

    def add(self, ids: Ids) -> None:
        """Add the next ids."""
        self._digest.update(np.ascontiguousarray(ids, dtype="<i4").data)

    def hex(self) -> str:
        """Return the checksum of all ids so far."""
        return self._digest.hexdigest()


def corpus_checksum(corpus: EncodedText) -> str:
    """Return the SHA-256 of the training data as 64 hex digits.

    Hashed are the words of the vocabulary in UTF-8, each followed by a newline, then the ids as little-endian int32.
    The result does not depend on how the text is split into files or compressed.
    """
    if corpus.sha256 is not None:
        return corpus.sha256
    digest = CorpusDigest(corpus.vocabulary)
    for ids in corpus.scan():
        digest.add(ids)
    return digest.hex()
