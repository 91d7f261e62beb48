"""Reading of any corpus as blocks of bytes that end at token boundaries.

Place in the data flow: `CorpusInput` -> `TextSource.blocks` -> tokenizer (`w2v.corpus.encode`). This module knows no
words and no ids. Because blocks end at token boundaries, any number of threads can tokenize them independently
(`w2v.corpus.blocks`). `TextSource.classes` tells the tokenizer which bytes belong to words and which separate them.
"""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from typing import IO, Any

import numpy as np

from w2v.corpus.blocks import (
    BLOCK_SIZE,
    MAX_WORD,
    Block,
    Descriptor,
    SourceCounts,
    checked_content,
    cut,
    file_ranges,
    is_large_plain,
)
from w2v.corpus.byte_classes import SENTENCE_END_BYTE, TEXT_CLASSES, TOKEN_CLASSES, TOKEN_END_BYTE
from w2v.corpus.integers import Integers, array_blocks, begins_with_integers, open_npy, sentence_blocks
from w2v.corpus.listing import STDIN
from w2v.corpus.paths import Corpus, CorpusInput, checked_size
from w2v.corpus.preparation import check_text_options, needs_whole_lines
from w2v.corpus.sentences import checked_sentence, text_error, token_error, type_with_article
from w2v.corpus_options import StoredTokenizer, TextOptions
from w2v.errors import W2VError
from w2v.system.decompress import RawFile, content_reader


class TextSource(ABC):
    """Corpus that can be read once, block by block.

    Attributes
    ----------
    name : name of the corpus, for messages.
    classes : 256 bytes, the class of each byte value (WORD_CLASS, SEPARATOR_CLASS, LINE_END_CLASS of
        `w2v.corpus._tokenizer`).
    counts : properties of the text found so far, see `SourceCounts`.
    file : file of the last block; None for iterables and arrays.
    total_bytes : size of all files on disk; None if unknown (stdin, pipes, iterables).
    integers : whether words, at least some, were given as numbers; of an iterable, known with its first block.
    text : how blocks become words (`w2v.corpus.preparation`).
    """

    integers = False
    text = TextOptions()

    def __init__(self, name: str, classes: bytes, counts: SourceCounts, total_bytes: int | None) -> None:
        self.name = name
        self.classes = classes
        self.counts = counts
        self.total_bytes = total_bytes
        self.file: str | None = None

    @property
    @abstractmethod
    def bytes_read(self) -> int:
        """Bytes read from disk so far; for a compressed file, compressed bytes."""

    @abstractmethod
    def blocks(self, block_size: int = BLOCK_SIZE) -> Generator[Block, None, None]:
        """Yield non-empty blocks of about `block_size` bytes that end at a token boundary, never between CR and LF; if
        `text` or line weights need it, blocks of whole lines.

        A line end is added to a file that does not end with one.

        Raises
        ------
        FormatError : UTF-16 or UTF-32, a damaged compressed stream, or 64 MiB without white space. NUL bytes are
            reported here or by `w2v.corpus.blocks.load`.
        W2VError : a file cannot be read.
        TypeError : a sentence of an iterable is not a list of tokens.
        ValueError : it is a list of integers, and `text` has options.
        """


def open_source(corpus: Corpus, *, line_weights: bool = False) -> TextSource:
    """Open a corpus and check that it can be read. No text is read yet.

    Parameters
    ----------
    corpus : see `w2v.corpus.paths.Corpus`. The words of an integer corpus are the numbers in decimal digits.
    line_weights : the first token of each sentence of an iterable is a weight and may be a number.

    Returns
    -------
    The source, to be read once.

    Raises
    ------
    FormatError : a .npy file is not an array of integers.
    TypeError : `corpus` is bytes, cannot be iterated over, or is a list of str of which none is a path; or it is not
        text, which a tokenizer needs.
    ValueError : an option of the text does not suit the corpus.
    W2VError : a path is missing or cannot be read, a folder is empty, or a pattern matches nothing.
    """
    corpus = CorpusInput.of(corpus)
    check_text_options(corpus.text, line_weights=line_weights, integers=corpus.array is not None)
    source: TextSource
    if corpus.paths is not None:
        source = _open_paths(corpus, line_weights)
    elif corpus.array is not None:
        source = _ArraySource(corpus.name, corpus.array)
    else:
        source = _open_items(corpus, line_weights)
    source.text = corpus.text
    return source


def _open_items(corpus: CorpusInput, line_weights: bool) -> TextSource:
    """Open an iterable: of texts, if the options accept them and the first item is one; otherwise of sentences."""
    items: Iterable[Any] = corpus.given
    if corpus.text.takes_texts:
        first, items = _begin(items)
        if isinstance(first, str):
            return _DocumentSource(corpus.name, items)
        needs_text = corpus.text.tokenizer is not None and not isinstance(corpus.text.tokenizer, StoredTokenizer)
        if needs_text and items is not corpus.given:
            raise _no_text(f"sentence 0 is {type_with_article(first)}")
    return _TokenSource(corpus.name, items, line_weights)


def _begin(items: Iterable[Any]) -> tuple[Any, Iterable[Any]]:
    """Return the first item of an iterable, and an iterable over all items; (None, the same one) if it is empty."""
    rest = iter(items)
    for first in rest:
        return first, chain((first,), rest)
    return None, items


def _no_text(what: str) -> TypeError:
    return TypeError(f"a tokenizer makes words of text, but {what}: pass texts (str) or files of text, or leave the "
                     "tokenizer out")


# --- files ---------------------------------------------------------------------------------------------------------


def _open_paths(corpus: CorpusInput, line_weights: bool) -> TextSource:
    files = corpus.files
    sizes = [checked_size(path) for path in files]
    check_text_options(corpus.text, integers=all(map(_is_npy, files)))
    for path in filter(_is_npy, files):
        open_npy(path)
        if corpus.text.tokenizer is not None:
            raise _no_text(f"{path} has integers")
    total = None if None in sizes else sum(size for size in sizes if size is not None)
    return _FileSource(corpus.name, files, SourceCounts.of(corpus.listing), total,
                       needs_whole_lines(corpus.text, line_weights))


def _is_npy(path: str) -> bool:
    return path.lower().endswith(".npy")


class _FileSource(TextSource):
    """Files of text or integers, plain or compressed, one after the other.

    `whole_lines`: blocks end at line ends.
    """

    def __init__(self, name: str, files: list[str], counts: SourceCounts, total_bytes: int | None,
                 whole_lines: bool) -> None:
        super().__init__(name, TEXT_CLASSES, counts, total_bytes)
        self._files = files
        self.integers = any(map(_is_npy, files))
        self._whole_lines = whole_lines
        self._finished_bytes = 0
        self._current: RawFile | None = None

    @property
    def bytes_read(self) -> int:
        return self._finished_bytes + (self._current.position if self._current else 0)

    def blocks(self, block_size: int = BLOCK_SIZE) -> Generator[Block, None, None]:
        for path in self._files:
            with _opened(path) as file:
                self.file = "stdin" if path == STDIN else path
                self._current = raw = RawFile(file, self.file)
                if _is_npy(path):
                    yield from self._npy_blocks(path, raw, block_size)
                else:
                    yield from self._text_blocks(file, self.file, raw, block_size)
            self._finished_bytes += raw.position
            self._current = None
            self.counts.files += 1

    def _npy_blocks(self, path: str, raw: RawFile, block_size: int) -> Iterator[Block]:
        for block in array_blocks(open_npy(path), max(1, block_size // 8), path):
            raw.position += block.values.nbytes
            yield block
        raw.position = os.path.getsize(path)

    def _text_blocks(self, file: IO[bytes], name: str, raw: RawFile, block_size: int) -> Iterator[Block]:
        reader = content_reader(raw, name)
        if reader is raw and is_large_plain(file, block_size):
            yield from file_ranges(Descriptor(file, name), raw, block_size, self.counts, self._whole_lines)
        else:
            content = checked_content(reader, name, block_size, self.counts)
            yield from cut(content, name, self.counts, self._whole_lines)


def _opened(path: str) -> AbstractContextManager[IO[bytes]]:
    if path == STDIN:
        # Standard input stays open: the caller owns it. A replaced sys.stdin (notebooks) may have no binary buffer.
        stream = getattr(sys.stdin, "buffer", None)
        if stream is None:
            raise W2VError("stdin (-) is not a binary stream here")
        return nullcontext(stream)
    try:
        return open(path, "rb", buffering=0)
    except OSError as error:
        raise W2VError(f"{path}: cannot read: {error.strerror}") from error


# --- arrays and iterables ------------------------------------------------------------------------------------------


class _ArraySource(TextSource):
    """Integers in memory."""

    integers = True

    def __init__(self, name: str, values: Integers) -> None:
        super().__init__(name, TEXT_CLASSES, SourceCounts(), values.nbytes)
        self._values = values
        self._bytes_read = 0

    @property
    def bytes_read(self) -> int:
        return self._bytes_read

    def blocks(self, block_size: int = BLOCK_SIZE) -> Generator[Block, None, None]:
        for block in array_blocks(self._values, max(1, block_size // 8)):
            self._bytes_read += block.values.nbytes
            yield block


class _DocumentSource(TextSource):
    """Texts of an iterable, as UTF-8, each followed by a line end. Blocks end after a text."""

    def __init__(self, name: str, texts: Iterable[Any]) -> None:
        super().__init__(name, TEXT_CLASSES, SourceCounts(), None)
        self._texts = texts
        self._bytes_read = 0

    @property
    def bytes_read(self) -> int:
        return self._bytes_read

    def blocks(self, block_size: int = BLOCK_SIZE) -> Generator[Block, None, None]:
        parts: list[bytes] = []
        size = 0
        for index, text in enumerate(self._texts):
            if not isinstance(text, str):
                raise text_error(text, index)
            try:
                parts.append(text.encode("utf-8", "surrogateescape") + b"\n")
            except UnicodeEncodeError:
                raise ValueError(f"text {index} has a lone surrogate, which UTF-8 cannot hold") from None
            size += len(parts[-1])
            if size >= block_size:
                self._bytes_read += size
                yield b"".join(parts)
                parts, size = [], 0
        if parts:
            self._bytes_read += size
            yield b"".join(parts)


class _TokenSource(TextSource):
    """Sentences of an iterable, as UTF-8.

    Each token is followed by the byte 0xFE and each sentence by 0xFF, which UTF-8 never uses, so a token may contain
    white space and NUL.
    """

    TOKENS_AT_ONCE = 1 << 16

    def __init__(self, name: str, sentences: Iterable[Any], line_weights: bool) -> None:
        super().__init__(name, TOKEN_CLASSES, SourceCounts(), None)
        self._line_weights = line_weights
        self._sentences = sentences
        self._bytes_read = 0

    @property
    def bytes_read(self) -> int:
        return self._bytes_read

    def blocks(self, block_size: int = BLOCK_SIZE) -> Generator[Block, None, None]:
        sentences = self._sentences
        if not self._line_weights:
            integers, sentences = begins_with_integers(sentences)
            if integers:
                check_text_options(self.text, integers=True)
                self.integers = True
                for block in sentence_blocks(sentences, max(1, block_size // 8), TOKEN_END_BYTE, SENTENCE_END_BYTE):
                    self._bytes_read += block.values.nbytes
                    yield block
                return
        parts: list[bytes] = []
        size = 0
        for index, sentence in enumerate(sentences):
            for part in self._encoded(sentence, index):
                parts.append(part)
                size += len(part)
                if size >= block_size:
                    self._bytes_read += size
                    yield b"".join(parts)
                    parts, size = [], 0
        if parts:
            self._bytes_read += size
            yield b"".join(parts)

    def _encoded(self, sentence: Any, index: int) -> Iterator[bytes]:
        """Yield the bytes of a sentence in parts of at most `TOKENS_AT_ONCE` tokens, then the end of the sentence."""
        sentence = checked_sentence(sentence, index)
        if isinstance(sentence, np.ndarray):
            sentence = list(sentence)
        if self._line_weights and sentence and isinstance(sentence[0], (int, float, np.number)):
            sentence = [repr(float(sentence[0])), *sentence[1:]]
        for first in range(0, len(sentence), self.TOKENS_AT_ONCE):
            tokens = sentence[first : first + self.TOKENS_AT_ONCE]
            yield self._joined(tokens, index, first) + TOKEN_END_BYTE
        yield SENTENCE_END_BYTE

    def _joined(self, tokens: list[str] | tuple[str, ...], index: int, first: int) -> bytes:
        """Return tokens as bytes. Joining before encoding is several times as fast as encoding each token."""
        try:
            text = "\0".join(tokens)
        except TypeError:
            position, token = next((p, t) for p, t in enumerate(tokens, first) if not isinstance(t, str))
            raise token_error(token, position, index) from None
        if text.count("\0") != len(tokens) - 1 or "\0\0" in text or text[:1] == "\0" or text[-1:] in ("", "\0"):
            # An empty token, or one that contains NUL: the joined text is ambiguous.
            self.counts.empty_tokens += sum(not token for token in tokens)
            data = TOKEN_END_BYTE.join(_utf8(token, index) for token in tokens if token)
        else:
            data = _utf8(text, index).replace(b"\0", TOKEN_END_BYTE)
        if len(data) > MAX_WORD and max(map(len, tokens)) > MAX_WORD:
            raise TypeError(f"sentence {index} has a token of more than 64 MiB")
        return data


def _utf8(text: str, index: int) -> bytes:
    """Return UTF-8 bytes; surrogate escapes, from bytes that were not UTF-8, become these bytes again."""
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ValueError(f"sentence {index} has a token with a lone surrogate, which UTF-8 cannot hold") from None
    if TOKEN_END_BYTE in data or SENTENCE_END_BYTE in data:
        raise ValueError(f"sentence {index} has a token with a byte 0xFE or 0xFF, which no UTF-8 text holds")
    return data
