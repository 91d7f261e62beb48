"""Any input as blocks of bytes: files, folders, globs, stdin, compressed or not, iterables of token lists, integers.

First step of the data flow; knows no words and no ids. `open_source` checks everything that can be checked before a
byte is read, and gives a `TextSource`, whose `blocks` end at token boundaries: that is all that the tokenizer needs to
work on them in any number of threads (`w2v.corpus.blocks`). What the bytes of a block mean is said by `TextSource.classes`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
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
from w2v.corpus.integers import (
    Integers,
    array_blocks,
    begins_with_integers,
    is_integer_array,
    open_npy,
    sentence_blocks,
)
from w2v.corpus.paths import STDIN, Corpus, CorpusInput, a_or_an, checked_size
from w2v.errors import W2VError
from w2v.system.decompress import RawFile, content_reader

WORD, SEPARATOR, LINE_END = 0, 1, 2
TOKEN_END_BYTE, SENTENCE_END_BYTE = b"\xfe", b"\xff"  # never part of UTF-8


def _classes(separators: bytes, line_ends: bytes) -> bytes:
    table = bytearray(256)
    for byte in separators:
        table[byte] = SEPARATOR
    for byte in line_ends:
        table[byte] = LINE_END
    return bytes(table)


TEXT_CLASSES = _classes(b" \t\v\f\r", b"\n")
TOKEN_CLASSES = _classes(TOKEN_END_BYTE, SENTENCE_END_BYTE)


class TextSource:
    """A corpus that can be read once, block by block.

    Attributes
    ----------
    name : what the user gave, for messages.
    classes : 256 bytes; the class of each byte value: 0 part of a word, 1 separator, 2 end of a line.
    counts : see `SourceCounts`.
    file : the file that the last block came from; None for iterables.
    total_bytes : size on disk of all files, None if unknown (stdin, pipes, iterables).
    """

    def __init__(self, name: str, classes: bytes, counts: SourceCounts, total_bytes: int | None) -> None:
        self.name = name
        self.classes = classes
        self.counts = counts
        self.total_bytes = total_bytes
        self.file: str | None = None

    @property
    def bytes_read(self) -> int:
        """Bytes taken from the disk so far (compressed ones, where the file is compressed)."""
        raise NotImplementedError

    def blocks(self, block_size: int = BLOCK_SIZE) -> Generator[Block, None, None]:
        """Yield non-empty blocks of about `block_size` bytes that end at a token boundary, never between CR and LF.

        Every file ends with a line end, whether it has one or not.

        Raises
        ------
        FormatError : UTF-16 or UTF-32, a broken compressed stream, 64 MiB without white space; NUL bytes, here or by
            `load`.
        W2VError : a file cannot be read.
        TypeError : in an iterable: something that is not a list of str.
        """
        raise NotImplementedError


def open_source(corpus: Corpus, *, line_weights: bool = False) -> TextSource:
    """Find out what `corpus` is and check that it can be read; nothing is read yet.

    Parameters
    ----------
    corpus : a path (file, folder, glob pattern, or "-" for stdin), a list or tuple of paths, or an iterable of
        sentences, each a list of str or a list or array of integers of 0 or more. An iterable is read once, so a
        generator will do. A file that ends in .npy, or an array, has integers in 1 dimension, with a negative number
        after each line, or in 2, with a line in each row and negative numbers for padding. Their words are the
        numbers in decimal digits.
    line_weights : whether the first token of a sentence may be a number.

    Raises
    ------
    FormatError : a .npy file is not an array of integers.
    TypeError : `corpus` is bytes, cannot be iterated over, or is a list of str of which none is a path.
    W2VError : a path is missing or cannot be read, a folder is empty, a pattern matches nothing.
    """
    corpus = CorpusInput.of(corpus)
    if corpus.paths is not None:
        return _open_paths(corpus)
    if is_integer_array(corpus.given):
        return _ArraySource(corpus.given)
    return _TokenSource(corpus.given, line_weights)


# --- paths ---------------------------------------------------------------------------------------------------------












def _open_paths(corpus: CorpusInput) -> TextSource:
    files = corpus.files
    sizes = [checked_size(path) for path in files]
    for path in filter(_is_npy, files):
        open_npy(path)
    total = None if None in sizes else sum(size for size in sizes if size is not None)
    return _FileSource(corpus.name, files, SourceCounts(hidden_skipped=corpus.listing.hidden_skipped), total)






def _is_npy(path: str) -> bool:
    return path.lower().endswith(".npy")




# --- files ---------------------------------------------------------------------------------------------------------


class _FileSource(TextSource):
    def __init__(self, name: str, files: list[str], counts: SourceCounts, total_bytes: int | None) -> None:
        super().__init__(name, TEXT_CLASSES, counts, total_bytes)
        self._files = files
        self._finished = 0
        self._current: RawFile | None = None

    @property
    def bytes_read(self) -> int:
        return self._finished + (self._current.position if self._current else 0)

    def blocks(self, block_size: int = BLOCK_SIZE) -> Generator[Block, None, None]:
        for path in self._files:
            with _opened(path) as file:
                shown = "stdin" if path == STDIN else path
                self.file, self._current = shown, (raw := RawFile(file, shown))
                if _is_npy(path):
                    for numbers in array_blocks(open_npy(path), max(1, block_size // 8), path):
                        raw.position += numbers.values.nbytes
                        yield numbers
                    raw.position = os.path.getsize(path)
                    self._finish(raw)
                    continue
                reader = content_reader(raw, shown)
                if reader is raw and is_large_plain(file, block_size):
                    yield from file_ranges(Descriptor(file, shown), raw, block_size, self.counts)
                else:
                    yield from cut(checked_content(reader, shown, block_size, self.counts), shown, self.counts)
            self._finish(raw)

    def _finish(self, raw: RawFile) -> None:
        self._finished += raw.position
        self._current = None
        self.counts.files += 1


def _opened(path: str) -> AbstractContextManager[IO[bytes]]:
    if path == STDIN:
        # Not closed at the end: it is not ours. A replaced sys.stdin (notebooks) may have no bytes.
        stream = getattr(sys.stdin, "buffer", None)
        if stream is None:
            raise W2VError("stdin (-) is not a binary stream here")
        return nullcontext(stream)
    try:
        return open(path, "rb", buffering=0)
    except OSError as error:
        raise W2VError(f"{path}: cannot read: {error.strerror}") from error


# --- iterables -----------------------------------------------------------------------------------------------------


def _encode(text: str, index: int) -> bytes:
    """UTF-8; bytes that came out of some file as surrogate escapes become these bytes again."""
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ValueError(f"sentence {index} has a token with a lone surrogate, which UTF-8 cannot hold") from None
    if TOKEN_END_BYTE in data or SENTENCE_END_BYTE in data:
        raise ValueError(f"sentence {index} has a token with a byte 0xFE or 0xFF, which no UTF-8 text holds")
    return data


class _ArraySource(TextSource):
    """Integers in memory."""

    def __init__(self, values: Integers) -> None:
        super().__init__("the array", TEXT_CLASSES, SourceCounts(), values.nbytes)
        self._values = values
        self._bytes_read = 0

    @property
    def bytes_read(self) -> int:
        return self._bytes_read

    def blocks(self, block_size: int = BLOCK_SIZE) -> Generator[Block, None, None]:
        for block in array_blocks(self._values, max(1, block_size // 8)):
            self._bytes_read += block.values.nbytes
            yield block


class _TokenSource(TextSource):
    """Sentences as UTF-8, tokens separated by 0xFE and sentences ended by 0xFF, so tokens may contain anything."""

    TOKENS_AT_ONCE = 1 << 16

    def __init__(self, sentences: Iterable[Iterable[str]], line_weights: bool) -> None:
        super().__init__("the iterable", TOKEN_CLASSES, SourceCounts(), None)
        self._line_weights = line_weights
        self._sentences = sentences
        self._bytes_read = 0

    @property
    def bytes_read(self) -> int:
        return self._bytes_read

    def blocks(self, block_size: int = BLOCK_SIZE) -> Generator[Block, None, None]:
        sentences: Iterable[Any] = self._sentences
        if not self._line_weights:
            integers, sentences = begins_with_integers(sentences)
            if integers:
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

    def _encoded(self, sentence: Iterable[str], index: int) -> Iterator[bytes]:
        if isinstance(sentence, (str, bytes)):
            raise TypeError(f"sentence {index} is {a_or_an(sentence)}, not a list of tokens; did you mean "
                            "[s.split() for s in sentences], or w2v.train(path) for a file?")
        if not isinstance(sentence, (list, tuple)):
            if not isinstance(sentence, Iterable):
                raise TypeError(f"sentence {index} is {a_or_an(sentence)}, not a list of tokens")
            sentence = list(sentence)
        if self._line_weights and sentence and isinstance(sentence[0], (int, float, np.number)):
            sentence = [repr(float(sentence[0])), *sentence[1:]]
        for first in range(0, len(sentence), self.TOKENS_AT_ONCE):
            tokens = sentence[first : first + self.TOKENS_AT_ONCE]
            yield self._joined(tokens, index, first) + TOKEN_END_BYTE
        yield SENTENCE_END_BYTE

    def _joined(self, tokens: list[str] | tuple[str, ...], index: int, first: int) -> bytes:
        """The tokens as bytes; joining before encoding is several times as fast as encoding each one."""
        try:
            text = "\0".join(tokens)
        except TypeError:
            position, token = next((p, t) for p, t in enumerate(tokens, first) if not isinstance(t, str))
            raise TypeError(f"token {position} of sentence {index} is {a_or_an(token)}, not a str") from None
        if text.count("\0") != len(tokens) - 1 or "\0\0" in text or text[:1] == "\0" or text[-1:] in ("", "\0"):
            self.counts.empty_tokens += sum(not token for token in tokens)
            data = TOKEN_END_BYTE.join(_encode(token, index) for token in tokens if token)
        else:
            data = _encode(text, index).replace(b"\0", TOKEN_END_BYTE)
        if len(data) > MAX_WORD and max(map(len, tokens)) > MAX_WORD:
            raise TypeError(f"sentence {index} has a token of more than 64 MiB")
        return data
