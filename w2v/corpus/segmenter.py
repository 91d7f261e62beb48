"""Words of lines from a tokenizer that a caller passes: a function of a line, or an object of another library.

Place in the data flow: lines of text -> `Segmenter` -> words, for the blocks of a corpus (`w2v.corpus.block_text`) and
for queries. Libraries are recognised by the methods of their objects and not imported.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from w2v.corpus.byte_classes import TOKEN_END_BYTE
from w2v.corpus.preparation import preparer, words_of
from w2v.corpus.sentences import type_with_article
from w2v.corpus_options import TextOptions, Tokenizer
from w2v.errors import CorpusError

_LINE_ENDS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class BadLine(Exception):
    """A tokenizer failed, or returned something else than words.

    Parameters
    ----------
    line : number of the line, from 0, among those that it was given; the first of them if they are given together.
    cause : the exception of the tokenizer, or what it returned instead of words, as text.
    hint : what to pass instead.
    """

    line: int
    cause: Exception | str
    hint: str

    def __init__(self, line: int, cause: Exception | str, hint: str = "") -> None:
        super().__init__(line, cause, hint)
        self.line, self.cause, self.hint = line, cause, hint

    def at(self, line: int) -> BadLine:
        """Return the same problem with another number of the line."""
        return BadLine(line, self.cause, self.hint)

    def error(self, place: str) -> Exception:
        """Return the error for the caller: a CorpusError for an exception of the tokenizer, or a TypeError."""
        if isinstance(self.cause, str):
            return TypeError(f"the tokenizer returned {self.cause} for {place}{self.hint}")
        return CorpusError(f"the tokenizer failed at {place}: {type(self.cause).__name__}: {self.cause}")


class Segmenter:
    """Function of a batch of lines, made of a tokenizer.

    Parameters
    ----------
    tokenizer : a function of a line; an object with `encode_batch`, such as a `tokenizers.Tokenizer`, or with a
        `backend_tokenizer` that is one (transformers), which gets many lines at a time and leaves Python's lock
        meanwhile; or an object with `tokenize`.

    Attributes
    ----------
    exact : whether it accepts surrogate escapes, which are bytes that are not UTF-8; otherwise they have to be
        replaced by U+FFFD.

    Raises
    ------
    ValueError : a tokenizer of Hugging Face that cuts or pads its lines.
    """

    exact: bool

    def __init__(self, tokenizer: Tokenizer) -> None:
        method = getattr(tokenizer, "tokenize", None)
        self._batched, self._call = _batch_function(tokenizer), method if callable(method) else tokenizer
        self.exact = self._batched is None

    def words(self, lines: Sequence[str]) -> list[list[str]]:
        """Return the words of each line, without those that are only white space.

        Raises
        ------
        BadLine : see there.
        """
        if self._batched is None:
            return [_checked(_called(self._call, line, index), index) for index, line in enumerate(lines)]
        found = _called(self._batched, lines, 0) if lines else []
        if len(found) != len(lines):
            raise BadLine(0, f"words of {len(found)} lines instead of {len(lines)}")
        return [_checked(words, index) for index, words in enumerate(found)]


def _batch_function(tokenizer: Tokenizer) -> Callable[[Sequence[str]], list[list[str]]] | None:
    """Return the function of many lines that an object has; None if it has none."""
    fast = getattr(tokenizer, "backend_tokenizer", tokenizer)
    encode: Any = getattr(fast, "encode_batch", None)
    if not callable(encode):
        return None
    if getattr(fast, "truncation", None) or getattr(fast, "padding", None):
        raise ValueError("the tokenizer cuts or pads its lines: call no_truncation() and no_padding() on "
                         f"{'tokenizer.backend_tokenizer' if fast is not tokenizer else 'it'} first")
    return functools.partial(_tokens, encode)


def _tokens(encode: Any, lines: Sequence[str]) -> list[list[str]]:
    return [encoding.tokens for encoding in encode(list(lines), add_special_tokens=False)]


def _called(call: Callable[[Any], Any], given: Any, index: int) -> Any:
    try:
        return call(given)
    except MemoryError:
        raise
    except Exception as error:
        raise BadLine(index, error) from error


def _checked(words: Any, index: int) -> list[str]:
    """Return what a tokenizer returned for a line as a list of words."""
    if isinstance(words, (str, bytes, Mapping)) or not isinstance(words, Iterable):
        hint = "; pass tokenizer=lambda line: function(line).split()" if isinstance(words, str) else ""
        kind = "None" if words is None else type_with_article(words)
        raise BadLine(index, f"{kind} instead of a list of words", hint)
    try:
        listed = list(words)
    except Exception as error:  # of a generator
        raise BadLine(index, error) from error
    for word in listed:
        if not isinstance(word, str):
            raise BadLine(index, f"{type_with_article(word)} among its words, which must be str", _token_hint(word))
    return [word for word in listed if word and not word.isspace()]


def _token_hint(token: object) -> str:
    """The expression that gives words of the tokens of some libraries."""
    if isinstance(token, bytes):
        return "; pass tokenizer=lambda line: [token.decode() for token in function(line)]"
    if isinstance(token, (tuple, list)) and token and isinstance(token[0], str):
        return "; pass tokenizer=lambda line: [token[0] for token in function(line)]"
    for name in ("text", "surface"):
        value = getattr(token, name, None)
        if isinstance(value, str) or callable(value):
            return (f"; pass tokenizer=lambda line: [token.{name}{'()' if callable(value) else ''} for token in "
                    "function(line)]")
    return ""


def lines_of(text: str) -> list[str]:
    """Return the lines that a tokenizer gets, without their ends: those of Unicode, and CR alone ends a line. The last
    one is empty if the text ends with a line end."""
    return _LINE_ENDS.split(text)


def line_begin(text: str, line: int) -> int:
    """Return the position in a text at which one of its lines begins; `lines_of` counts them from 0."""
    return next(islice((end.end() for end in _LINE_ENDS.finditer(text)), line - 1, None), len(text)) if line else 0


def prepared_tokens(tokens: Iterable[str], options: TextOptions) -> list[str]:
    """Return tokens in the form that training would see, without stop words.

    Raises
    ------
    UnicodeEncodeError : a token has a surrogate that is not an escape.
    """
    prepare = preparer(options, tokens=True)
    if prepare is None:
        return list(tokens)
    data = b"".join([token.encode("utf-8", "surrogateescape") + TOKEN_END_BYTE for token in tokens])
    words = bytes(prepare.prepare(data)).split(TOKEN_END_BYTE)
    return [word.decode("utf-8", "surrogateescape") for word in words if word]


def words_of_text(text: str, options: TextOptions) -> list[str]:
    """Return the words of all lines of a text, as training would see them.

    Raises
    ------
    ValueError : the tokenizer raised it, or only its name is known.
    CorpusError : the tokenizer raised another exception.
    TypeError : it returned something else than words.
    """
    if options.tokenizer is None:
        return words_of(text, options)
    segmenter, filled = Segmenter(options.tokenizer), [line for line in lines_of(text) if line.strip()]
    if not segmenter.exact:
        filled = [line.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for line in filled]
    try:
        return prepared_tokens((word for words in segmenter.words(filled) for word in words), options)
    except BadLine as bad:
        if isinstance(bad.cause, ValueError):
            raise bad.cause from None
        raise bad.error(f"{filled[bad.line][:60]!r}") from (None if isinstance(bad.cause, str) else bad.cause)
