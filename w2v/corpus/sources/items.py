"""Arrays and iterables as sources: integers, sentences, and texts.

Place in the data flow: `w2v.corpus.source` -> `ArraySource`, `TokenSource` or `DocumentSource` -> blocks.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np

from w2v.corpus.blocks import (
    MAX_WORD,
    Block,
    SourceCounts,
)
from w2v.corpus.byte_classes import SENTENCE_END_BYTE, TEXT_CLASSES, TOKEN_CLASSES, TOKEN_END_BYTE
from w2v.corpus.integers import Integers, array_blocks, begins_with_integers, sentence_blocks
from w2v.corpus.paths import CorpusInput
from w2v.corpus.preparation import check_text_options
from w2v.corpus.sentences import checked_sentence, text_error, token_error, type_with_article
from w2v.corpus.sources.base import TextSource, no_text
from w2v.corpus_options import StoredTokenizer, TextOptions


def open_items(corpus: CorpusInput, line_weights: bool) -> TextSource:
    """Open an iterable: of texts, if the options accept them and the first item is one; otherwise of sentences."""
    items: Iterable[Any] = corpus.given
    if corpus.text.takes_texts:
        first, items = _begin(items)
        if isinstance(first, str):
            return DocumentSource(corpus.name, items)
        needs_text = corpus.text.tokenizer is not None and not isinstance(corpus.text.tokenizer, StoredTokenizer)
        if needs_text and items is not corpus.given:
            raise no_text(f"sentence 0 is {type_with_article(first)}")
    return TokenSource(corpus.name, items, line_weights, splits=corpus.stored)


def _begin(items: Iterable[Any]) -> tuple[Any, Iterable[Any]]:
    """Return the first item of an iterable, and an iterable over all items; (None, the same one) if it is empty."""
    rest = iter(items)
    for first in rest:
        return first, chain((first,), rest)
    return None, items


def _check_tokens(text: TextOptions) -> None:
    """Raise ValueError for an option that splits texts: tokens are not split."""
    for name in ("tokenize", "unicode_spaces", "split_lines_at"):
        if (value := getattr(text, name)) != getattr(TextOptions(), name):
            raise ValueError(f"{name} = {value!r} has no effect on lists of tokens, which are words already: pass "
                             "texts (str) or files of text, or leave it out")


class _ItemSource(TextSource):
    """Items in memory or of an iterable, which are counted as they are read."""

    _bytes_read = 0

    @property
    def bytes_read(self) -> int:
        return self._bytes_read

    def _joined_blocks(self, parts: Iterable[bytes], block_size: int) -> Generator[Block, None, None]:
        """Yield the parts joined to blocks of about `block_size` bytes; none is cut."""
        waiting: list[bytes] = []
        size = 0
        for part in parts:
            waiting.append(part)
            size += len(part)
            if size >= block_size:
                self._bytes_read += size
                yield b"".join(waiting)
                waiting, size = [], 0
        if waiting:
            self._bytes_read += size
            yield b"".join(waiting)


class ArraySource(_ItemSource):
    """Integers in memory."""

    integers = True

    def __init__(self, name: str, values: Integers) -> None:
        super().__init__(name, TEXT_CLASSES, SourceCounts(), values.nbytes)
        self._values = values

    def _blocks(self, block_size: int) -> Generator[Block, None, None]:
        for block in array_blocks(self._values, max(1, block_size // 4)):
            self._bytes_read += block.values.nbytes
            yield block


class DocumentSource(_ItemSource):
    """Texts of an iterable, as UTF-8, each followed by a line end. Blocks end after a text."""

    def __init__(self, name: str, texts: Iterable[Any]) -> None:
        super().__init__(name, TEXT_CLASSES, SourceCounts(), None)
        self._texts = texts

    def _blocks(self, block_size: int) -> Generator[Block, None, None]:
        return self._joined_blocks(self._encoded(), block_size)

    def _encoded(self) -> Iterator[bytes]:
        for index, text in enumerate(self._texts):
            if not isinstance(text, str):
                raise text_error(text, index)
            try:
                yield text.encode("utf-8", "surrogateescape") + b"\n"
            except UnicodeEncodeError:
                raise ValueError(f"text {index} has a lone surrogate, which UTF-8 cannot hold") from None


class TokenSource(_ItemSource):
    """Sentences of an iterable, as UTF-8.

    Each token is followed by the byte 0xFE and each sentence by 0xFF, which UTF-8 never uses, so a token may contain
    white space and NUL. `splits`: options that split texts are accepted, without effect.
    """

    TOKENS_AT_ONCE = 1 << 16
    numbers_lines = True

    def __init__(self, name: str, sentences: Iterable[Any], line_weights: bool, *, splits: bool = False) -> None:
        super().__init__(name, TOKEN_CLASSES, SourceCounts(), None)
        self._line_weights, self._splits = line_weights, splits
        self._sentences = sentences

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
        if not self._splits:
            _check_tokens(self.text)
        parts = chain.from_iterable(self._encoded(sentence, index) for index, sentence in enumerate(sentences))
        yield from self._joined_blocks(parts, block_size)

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
