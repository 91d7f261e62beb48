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
from typing import IO, Any, cast, final

import numpy as np

from w2v.corpus.archives import texts
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
from w2v.corpus.objects import has_texts, is_column
from w2v.corpus.paths import Corpus, CorpusInput
from w2v.corpus.preparation import check_text_options, needs_whole_lines
from w2v.corpus.selection import Selection
from w2v.corpus.sentences import checked_sentence, text_error, token_error, type_with_article
from w2v.corpus.tables.arrow import has_arrow
from w2v.corpus.tables.columns import Kind, Marks
from w2v.corpus.tables.table import Table, open_files, open_object, table_files
from w2v.corpus_options import StoredTokenizer, TextOptions
from w2v.errors import W2VError
from w2v.system.decompress import RawFile
from w2v.system.remote import address_of, shown_path
from w2v.system.remote_files import RemoteFile


class TextSource(ABC):
    """Corpus that can be read once, block by block.

    Attributes
    ----------
    name : name of the corpus, for messages.
    classes : 256 bytes, the class of each byte value (WORD_CLASS, SEPARATOR_CLASS, LINE_END_CLASS of
        `w2v.corpus._tokenizer`).
    counts : properties of the text found so far, see `SourceCounts`.
    file : file of the last block; None for iterables and arrays.
    total_bytes : size of all files; None if unknown (stdin, pipes, iterables).
    integers : whether words, at least some, were given as numbers; of an iterable, known with its first block.
    again : of a table, whether the corpus can be read a second time by another source.
    numbers_lines : whether lines are known by their numbers in the corpus, as the sentences of an iterable are, and not
        by where they begin in a file or an array.
    selection : the part of the corpus that `blocks` yields; None for all.
    text : how blocks become words (`w2v.corpus.preparation`).
    """

    integers = False
    again = False
    numbers_lines = False
    selection: Selection | None = None
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
        """Bytes read from disk or the network so far; for a compressed file, compressed bytes."""

    @final
    def blocks(self, block_size: int = BLOCK_SIZE) -> Generator[Block, None, None]:
        """Yield the selected part of `_blocks`."""
        blocks = self._blocks(block_size)
        return blocks if self.selection is None else self.selection.blocks(blocks, self)

    @abstractmethod
    def _blocks(self, block_size: int) -> Generator[Block, None, None]:
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
    FormatError : a .npy file is not an array of integers; a file is not a table, or lacks the column that is named.
    CorpusError : a table in memory lacks the column, or the column has no words.
    TypeError : `corpus` is bytes, cannot be iterated over, or is a list of str of which none is a path; it is not text,
        which a tokenizer needs; a column is named, and the corpus is no table.
    ValueError : an option of the text does not suit the corpus.
    W2VError : a path is missing or cannot be read, a folder is empty, or a pattern matches nothing; pyarrow is missing.
    """
    corpus = CorpusInput.of(corpus)
    check_text_options(corpus.text, line_weights=line_weights, integers=corpus.array is not None)
    source = _open(corpus, line_weights)
    if source.integers:
        check_text_options(corpus.text, integers=not isinstance(source, _FileSource))
    source.text = corpus.text
    source.selection = Selection.of(corpus.reading, corpus.seed, line_weights)
    if corpus.reading.max_words is not None:
        source.total_bytes = None  # how much will be read is not known
    return source


def _open(corpus: CorpusInput, line_weights: bool) -> TextSource:
    if (table := _open_table(corpus, line_weights)) is not None:
        return table
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
    sizes = [corpus.size(path) for path in files]
    check_text_options(corpus.text, integers=all(map(_is_npy, files)))
    for path in filter(_is_npy, files):
        if address_of(path) is not None:
            raise W2VError(f"{shown_path(path)}: arrays of integers are read only from files: save it to a file first")
        open_npy(path)
        if corpus.text.tokenizer is not None:
            raise _no_text(f"{path} has integers")
    total = None if None in sizes else sum(size for size in sizes if size is not None)
    return _FileSource(corpus.name, files, SourceCounts.of(corpus.listing), total,
                       needs_whole_lines(corpus.text, line_weights))


def _is_npy(path: str) -> bool:
    return path.lower().endswith(".npy")


class _FileSource(TextSource):
    """Files of text or integers, plain, compressed, in archives or at addresses, one after the other.

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

    def _blocks(self, block_size: int) -> Generator[Block, None, None]:
        for path in self._files:
            with _opened(path) as file:
                self.counts.remote_files += address_of(path) is not None
                name = "stdin" if path == STDIN else shown_path(path)
                self._current = raw = RawFile(file, name)
                if _is_npy(path):
                    yield from self._npy_blocks(path, raw, block_size)
                else:
                    yield from self._text_blocks(file, name, raw, block_size)
            self._finished_bytes += raw.position
            self._current = None

    def _npy_blocks(self, path: str, raw: RawFile, block_size: int) -> Iterator[Block]:
        self.file = path
        for block in array_blocks(open_npy(path), max(1, block_size // 4), path):
            raw.position += block.values.nbytes
            yield block
        raw.position = os.path.getsize(path)
        self.counts.files += 1

    def _text_blocks(self, file: IO[bytes], name: str, raw: RawFile, block_size: int) -> Iterator[Block]:
        for text, reader in texts(file, raw, name, self.counts):
            self.file = text
            if reader is raw and is_large_plain(file, raw, block_size):
                yield from file_ranges(Descriptor(file, text), raw, block_size, self.counts, self._whole_lines)
            else:
                content = checked_content(reader, text, block_size, self.counts)
                yield from cut(content, text, self.counts, self._whole_lines)
            self.counts.files += 1


def _opened(path: str) -> AbstractContextManager[IO[bytes]]:
    if (address := address_of(path)) is not None:
        return cast("IO[bytes]", RemoteFile(address))
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


# --- tables --------------------------------------------------------------------------------------------------------


def _open_table(corpus: CorpusInput, line_weights: bool) -> TextSource | None:
    """Open the column of a table; None if the corpus is of another kind."""
    if corpus.reading.column is None and corpus.reading.group_by is not None:
        raise TypeError("group_by names a column of a table, whose rows are grouped; column must name the one with the "
                        "words")
    if corpus.paths is not None and corpus.reading.column is not None:
        files = table_files(corpus.paths, corpus.files)
        sizes = [corpus.size(path) for path in files]
        counts = SourceCounts.of(corpus.listing)
        counts.hidden_skipped += len(corpus.files) - len(files)
        total = sum(size for size in sizes if size is not None)
        return _TableSource(corpus.name, open_files(corpus.name, files, corpus.reading, counts), counts, total)
    if corpus.reading.column is not None and (corpus.table is None or is_column(corpus.table)):
        what = "a column" if corpus.table is not None else "no table"
        raise TypeError(f"column={corpus.reading.column!r} was given, but the corpus is {what}: "
                        f"{type_with_article(corpus.given)}; leave `column` out, or pass a table")
    if corpus.table is None or (corpus.reading.column is None and (line_weights or not _is_read_by_arrow(corpus))):
        return None
    counts = SourceCounts()
    return _TableSource(corpus.name, open_object(corpus.table, corpus.reading, counts), counts, None)


def _is_read_by_arrow(corpus: CorpusInput) -> bool:
    """Return whether a column is read by Arrow. Without pyarrow lists of words are read as sentences."""
    return has_arrow() or (has_texts(corpus.table) and not corpus.text.takes_texts)


def marks_of(kind: Kind) -> Marks:
    """Return the bytes after the words and lines of a table."""
    return Marks(TOKEN_END_BYTE, SENTENCE_END_BYTE) if kind == "tokens" else Marks(b" ", b"\n")


def classes_of(kind: Kind) -> bytes:
    """Return the classes of bytes of a table."""
    return TOKEN_CLASSES if kind == "tokens" else TEXT_CLASSES


class _TableSource(TextSource):
    """Column of tables in files or in memory."""

    numbers_lines = True  # a group may have rows of several files, and long texts are cut

    def __init__(self, name: str, table: Table, counts: SourceCounts, total_bytes: int | None) -> None:
        super().__init__(name, classes_of(table.kind), counts, total_bytes)
        self.integers = table.kind in ("integers", "numbers")
        self.again = table.again
        self._table = table

    @property
    def bytes_read(self) -> int:
        return self._table.bytes_read

    def _blocks(self, block_size: int) -> Generator[Block, None, None]:
        for block in self._table.blocks(block_size, marks_of(self._table.kind)):
            self.file = self._table.file
            yield block


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

    def _blocks(self, block_size: int) -> Generator[Block, None, None]:
        for block in array_blocks(self._values, max(1, block_size // 4)):
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

    def _blocks(self, block_size: int) -> Generator[Block, None, None]:
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
    numbers_lines = True

    def __init__(self, name: str, sentences: Iterable[Any], line_weights: bool) -> None:
        super().__init__(name, TOKEN_CLASSES, SourceCounts(), None)
        self._line_weights = line_weights
        self._sentences = sentences
        self._bytes_read = 0

    @property
    def bytes_read(self) -> int:
        return self._bytes_read

    def _blocks(self, block_size: int) -> Generator[Block, None, None]:
        sentences = self._sentences
        if not self._line_weights:
            integers, sentences = begins_with_integers(sentences)
            if integers:
                check_text_options(self.text, integers=True)
                self.integers = True
                for block in sentence_blocks(sentences, max(1, block_size // 8)):
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
