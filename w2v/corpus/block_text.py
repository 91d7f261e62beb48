"""Blocks of a corpus as the words that training sees: loaded, segmented by a tokenizer, prepared.

Place in the data flow: `w2v.corpus.source` -> `BlockReader`, in any thread -> `BlockTokenizer`. `tokenize` yields the
words themselves, for people.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import pairwise
from typing import Unpack

import numpy as np

from w2v.corpus._tokenizer import NO_WEIGHTS, BadWeight
from w2v.corpus.blocks import BLOCK_SIZE, load
from w2v.corpus.byte_classes import SENTENCE_END_BYTE, TOKEN_CLASSES, TOKEN_END_BYTE
from w2v.corpus.integers import IntegerBlock
from w2v.corpus.line_weights import NEWLINE, LocatedBlock, located_blocks
from w2v.corpus.paths import Corpus, CorpusInput
from w2v.corpus.positions import new_buffer
from w2v.corpus.preparation import PreparationCounts, preparer
from w2v.corpus.segmenter import BadLine, Segmenter, line_begin, lines_of
from w2v.corpus.source import open_source
from w2v.corpus.sources.base import TextSource
from w2v.corpus_options import CorpusOptions, TextOptions, check_names
from w2v.errors import CorpusError

SEGMENTED_BLOCK = 1 << 16
"""Bytes of a block for a tokenizer, which may be slow: progress is shown after each block."""

LINES_AT_ONCE = 256  # that a tokenizer gets before it can be stopped
_REPLACED = "\ufffd".encode()
_TOKEN_END, _LINE_END = (byte.decode("utf-8", "surrogateescape") for byte in (TOKEN_END_BYTE, SENTENCE_END_BYTE))


class BlockReader:
    """Text of blocks as the `BlockTokenizer` reads it; for one thread.

    Parameters
    ----------
    classes : of the bytes of the blocks; see `w2v.corpus.sources.base.TextSource`.
    text : how lines become words.

    Attributes
    ----------
    classes : of the bytes that `read` returns.
    stopped : set it to end a call of `read` in another thread soon.
    """

    classes: bytes

    def __init__(self, classes: bytes, text: TextOptions) -> None:
        segments = text.tokenizer is not None and classes != TOKEN_CLASSES
        self._text, self._segmenter = text, Segmenter(text.tokenizer) if segments else None
        self.classes = classes if self._segmenter is None else TOKEN_CLASSES
        self._preparer = preparer(text, tokens=self.classes == TOKEN_CLASSES)
        self._given: bytes | memoryview = b""
        self._read: bytes | memoryview = b""
        self.stopped = False

    @property
    def counts(self) -> PreparationCounts:
        """What was prepared so far."""
        return PreparationCounts() if self._preparer is None else self._preparer.counts

    def read(self, located: LocatedBlock,
             buffer: Callable[[int], memoryview] = new_buffer) -> bytes | memoryview | IntegerBlock:
        """Return the text of a block, or its integers; valid until the next call.

        Parameters
        ----------
        buffer : returns n writable bytes; see `w2v.corpus.blocks.load`.

        Raises
        ------
        CorpusError : the tokenizer failed at a line.
        TypeError : it returned something else than words.
        FormatError, W2VError : see `load`.
        """
        data = load(located.block, buffer)
        if isinstance(data, IntegerBlock):
            return data
        self._given = data
        if self._segmenter is not None:
            data = self._segmented(bytes(data), located, self._segmenter)
        if self._preparer is not None:
            data = self._preparer.prepare(data, located.weights)
        self._read = data
        return data

    def text(self, located: LocatedBlock) -> bytes | memoryview:
        """Return the text of a block that has no integers, as `read`."""
        text = self.read(located)
        assert not isinstance(text, IntegerBlock)
        return text

    def weight_error(self, located: LocatedBlock, bad: BadWeight) -> Exception:
        """Return the error for a line of the block that was read last, which does not begin with a weight."""
        line_end = SENTENCE_END_BYTE if self.classes == TOKEN_CLASSES else NEWLINE
        return located.error(bad, self._given, self._read, self._text, line_end)

    def _segmented(self, data: bytes, located: LocatedBlock, segmenter: Segmenter) -> bytes:
        """Return the tokens of a block of whole lines, each followed by TOKEN_END_BYTE, and each line by
        SENTENCE_END_BYTE.

        The bytes 0xFE and 0xFF, which are not UTF-8 and separate tokens here, become U+FFFD.
        """
        valid = data.replace(TOKEN_END_BYTE, _REPLACED).replace(SENTENCE_END_BYTE, _REPLACED)
        lines = lines_of(valid.decode("utf-8", "surrogateescape" if segmenter.exact else "replace"))
        parts: list[bytes] = []
        for begin in range(0, len(lines), LINES_AT_ONCE):
            if self.stopped:
                return b""
            try:
                part = _tokens(lines[begin:begin + LINES_AT_ONCE], located.weights != NO_WEIGHTS, segmenter)
                parts.append(part.encode("utf-8", "surrogateescape"))
            except BadLine as bad:
                line = begin + bad.line
                place = f"{located.place(_line_begin(data, line))}, {lines[line][:60]!r}"
                raise bad.error(place) from (None if isinstance(bad.cause, str) else bad.cause)
            except UnicodeEncodeError as error:
                place = located.place(_line_begin(data, begin))
                raise CorpusError(f"the tokenizer returned a word with a lone surrogate, which UTF-8 cannot hold, for "
                                  f"one of {LINES_AT_ONCE} lines from {place} on") from error
        return SENTENCE_END_BYTE.join(parts)


def _line_begin(data: bytes, line: int) -> int:
    """Return the byte of a block at which a line begins."""
    text = data.decode("utf-8", "surrogateescape")
    return len(text[:line_begin(text, line)].encode("utf-8", "surrogateescape"))


def _tokens(lines: list[str], line_weights: bool, segmenter: Segmenter) -> str:
    """Return the tokens of lines with the separators, without the end of the last line. Only the text after the weight
    of a line is segmented."""
    weights, texts = [""] * len(lines), lines
    if line_weights:
        parts = [[*line.split(maxsplit=1), "", ""] for line in lines]
        weights, texts = [part[0] + _TOKEN_END if part[0] else "" for part in parts], [part[1] for part in parts]
    filled = [index for index, text in enumerate(texts) if text.strip()]
    try:
        found = segmenter.words([texts[index] for index in filled])
    except BadLine as bad:
        raise bad.at(filled[bad.line]) from bad
    for index, words in zip(filled, found, strict=True):
        weights[index] += "".join([word + _TOKEN_END for word in words])
    return _LINE_END.join(weights)


def blocks_of(source: TextSource, line_weights: bool, block_size: int) -> Generator[LocatedBlock, None, None]:
    """Yield the blocks of a source with their positions; those for a tokenizer are small."""
    size = block_size if source.text.tokenizer is None else min(block_size, SEGMENTED_BLOCK)
    with closing(source.blocks(size)) as texts, closing(located_blocks(texts, source, line_weights)) as blocks:
        yield from blocks


def tokenize(corpus: Corpus, **options: Unpack[CorpusOptions]) -> Iterator[list[str]]:
    """Return an iterator over the lines of a corpus, each the list of words that training would see.

    Lines without words are left out.

    Parameters
    ----------
    corpus : as for `w2v.train`.
    options : those of `w2v.train` that say how text becomes words, and what is read.

    Raises
    ------
    TypeError, ValueError : an option is wrong.
    W2VError : as `w2v.train` for a corpus that cannot be read, while it is read.

    Examples
    --------
    >>> for words in w2v.tokenize("raw.txt", lowercase=True, tokenize="words"): ...
    """
    check_names(options, "tokenize")
    return _lines(CorpusInput.of(corpus, options))


def _lines(corpus: CorpusInput) -> Iterator[list[str]]:
    line: list[bytes] = []
    for words, ends in word_runs(corpus):
        line += words
        if ends and line:
            yield [word.decode("utf-8", "surrogateescape") for word in line]
            line = []
    if line:
        yield [word.decode("utf-8", "surrogateescape") for word in line]


def word_runs(corpus: CorpusInput) -> Generator[tuple[list[bytes], bool], None, None]:
    """Yield runs of words, each with whether its line ends after it; in memory that does not grow with a line."""
    source = open_source(corpus)
    reader = BlockReader(source.classes, corpus.text)
    in_tokens = reader.classes == TOKEN_CLASSES
    line_end = SENTENCE_END_BYTE if in_tokens else NEWLINE
    with closing(blocks_of(source, False, BLOCK_SIZE)) as blocks:
        for block in blocks:
            content = reader.read(block)
            if isinstance(content, IntegerBlock):
                yield from _integer_runs(content)
                continue
            *lines, rest = bytes(content).split(line_end)
            for index, line in enumerate((*lines, rest)):
                words = list(filter(None, line.split(TOKEN_END_BYTE))) if in_tokens else line.split()
                if words or index < len(lines):
                    yield words, index < len(lines)


def _integer_runs(block: IntegerBlock) -> Iterator[tuple[list[bytes], bool]]:
    """Yield the numbers of each line of a block in digits, as `word_runs`."""
    values = block.flat()
    ends = np.flatnonzero(values < 0)
    for begin, end in pairwise([0, *(ends + 1).tolist(), len(values)]):
        ended = end > begin and values[end - 1] < 0
        words = [b"%d" % value for value in values[begin:end - ended].tolist()]
        if words or ended:
            yield words, bool(ended)
