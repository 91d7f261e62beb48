"""Options of a corpus: how its text becomes words, and which part of it is read.

Place in the data flow: options of a caller -> `corpus_options` -> `w2v.corpus.paths.CorpusInput`, which every function
that reads a corpus takes. `TextOptions` are also stored with the vectors, so that queries meet the same words.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from w2v.errors import FormatError, W2VError

if TYPE_CHECKING:
    from w2v.types import StrPath

Tokenizer: TypeAlias = Callable[[str], Iterable[str]] | Any
"""Function that returns the words of a line, or an object that `w2v.corpus.segmenter` makes such a function of."""

IDS = ("auto", "memory", "disk", "none")
"""Where the ids of a corpus may be; "auto" is the first of the others that has room, "none" only if the corpus can be
read again."""

TOKENIZE = ("whitespace", "words")
TOKENIZER_METHODS = ("encode_batch", "tokenize")
"""Methods of a tokenizer that is not called itself."""

NORMALIZE = ("nfc", "nfkc")
SPLIT_LINES_AT = ("sentences",)


class CorpusOptions(TypedDict, total=False):
    """Options of a corpus as keyword arguments: those of `TextOptions` and `ReadOptions`, none of them required."""

    lowercase: bool
    tokenize: str
    keep_punctuation: bool
    normalize: str | None
    unicode_spaces: bool
    split_lines_at: str | None
    stop_words: StrPath | Collection[str] | None
    tokenizer: Tokenizer | None
    column: str | None
    group_by: str | None
    order_by: str | None
    download: bool
    max_words: int | None
    sample_lines: float | None
    bootstrap: bool


def _option(default: Any, help: str, **metadata: Any) -> Any:
    return field(default=default, metadata={"help": help, **metadata})


class StoredTokenizer:
    """A tokenizer of which only the name is known, because a file cannot hold a function.

    Parameters
    ----------
    name : name of the function or class.
    """

    def __init__(self, name: str) -> None:
        self.__qualname__ = name

    def __call__(self, line: str) -> list[str]:
        """Raise ValueError: the function has to be passed again."""
        raise ValueError(f"the words of these vectors were made by the tokenizer {self.__qualname__}, of which a file "
                         "holds only the name: pass the function again, as tokenizer=")

    def __repr__(self) -> str:
        return f"<tokenizer {self.__qualname__}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredTokenizer) and other.__qualname__ == self.__qualname__

    def __hash__(self) -> int:
        return hash(self.__qualname__)


@dataclass(frozen=True)
class TextOptions:
    """How the text of a line becomes words. By default words are the bytes between ASCII white space.

    Parameters
    ----------
    lowercase : simple case folding of Unicode, such as "É" to "é" (`CaseFolding.txt`, statuses C and S). It never
        changes the number of characters: "ß" and "İ" stay.
    tokenize : "whitespace", or "words": runs of letters, marks and digits between the word boundaries of Unicode
        (UAX 29), without punctuation. "don't", "l'été", "U.S.A", "3.14", "1,000" and "snake_case" are one word,
        "e-mail" is two; each ideograph is a word. `w2v/corpus/README.md` has the whole rule.
    keep_punctuation : with "words", each punctuation character or symbol is a word of its own.
    normalize : "nfc" or "nfkc", the normalization forms of Unicode (UAX 15); None leaves characters as they are.
    unicode_spaces : white space of Unicode, such as the no-break space and U+3000, and the zero-width space separate
        words, and CR alone, NEL, U+2028 and U+2029 end lines. Always so with "words"; the lines that a `tokenizer` gets
        always end there.
    split_lines_at : "sentences": the end of a sentence ends the line too (UAX 29). None: lines are those of the text.
        Not with `line_weights`.
    stop_words : words that are left out, compared after all other steps.
    tokenizer : function that returns the words of a line, instead of `tokenize`; for Chinese, Japanese or Thai. An
        object with `encode_batch` (Hugging Face) or `tokenize` too. The other options apply to the words it returns.
    """

    lowercase: bool = _option(False, "convert words to lower case (simple case folding of Unicode)")
    tokenize: str = _option("whitespace", "whitespace: words are what is between white space; words: runs of letters, "
                            "marks and digits (UAX 29), without punctuation", choices=TOKENIZE)
    keep_punctuation: bool = _option(False, "with --tokenize words: each punctuation character is a word of its own")
    normalize: str | None = _option(None, "normalization form of Unicode: nfc (composed characters) or nfkc "
                                    "(compatible characters too, such as full-width letters)", choices=NORMALIZE)
    unicode_spaces: bool = _option(False, "white space of Unicode, such as the no-break space, separates words, and CR "
                                   "alone ends lines; always so with --tokenize words")
    split_lines_at: str | None = _option(None, "end a line at the end of each sentence too (UAX 29)",
                                         choices=SPLIT_LINES_AT)
    stop_words: tuple[str, ...] = _option((), "file with words to leave out, separated by white space", metavar="FILE")
    tokenizer: Tokenizer | None = None

    def __post_init__(self) -> None:
        _check_choice("tokenize", self.tokenize, TOKENIZE)
        _check_choice("normalize", self.normalize, (None, *NORMALIZE))
        _check_choice("split_lines_at", self.split_lines_at, (None, *SPLIT_LINES_AT))
        for name in ("lowercase", "keep_punctuation", "unicode_spaces"):
            _check_switch(name, getattr(self, name))
        if self.keep_punctuation and self.tokenize != "words":
            raise ValueError("keep_punctuation=True has no effect with tokenize='whitespace', which keeps it anyway; "
                             "it needs tokenize='words'")
        if self.tokenizer is not None:
            if not (callable(self.tokenizer) or any(hasattr(self.tokenizer, name) for name in TOKENIZER_METHODS)):
                raise TypeError("tokenizer must be a function that returns the words of a line, not "
                                f"{self.tokenizer!r:.80}")
            if self.tokenize != "whitespace":
                raise ValueError("tokenizer and tokenize='words' contradict each other; pass one of them")
            if self.split_lines_at is not None:
                raise ValueError("tokenizer and split_lines_at cannot be combined: a tokenizer receives whole lines; "
                                 "pass a text with one sentence a line")
        object.__setattr__(self, "stop_words", _stop_words(self.stop_words))

    @property
    def changes_text(self) -> bool:
        """Whether any option differs from its default."""
        return self != TextOptions()

    @property
    def takes_texts(self) -> bool:
        """Whether a str of an iterable can be a text: these options say how it becomes words."""
        return self.tokenize == "words" or self.tokenizer is not None

    def to_dict(self) -> dict[str, Any]:
        """Return the options that differ from their defaults as plain values, for `from_dict`; a tokenizer is given by
        its name, since a function cannot be stored."""
        given = {name: getattr(self, name) for name in _names(TextOptions)
                 if getattr(self, name) != getattr(TextOptions(), name)}
        if self.tokenizer is not None:
            given["tokenizer"] = getattr(self.tokenizer, "__qualname__", type(self.tokenizer).__name__)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> TextOptions:
        """Return the options that `to_dict` returned; a tokenizer becomes a `StoredTokenizer`. No file is opened.

        Raises
        ------
        ValueError, TypeError : an option does not exist, or has a wrong value; names it.
        """
        options = dict(given)
        if unknown := [name for name in options if name not in _names(cls)]:
            raise ValueError(f"{unknown[0]!r:.80} is not an option of this version of w2v")
        words, tokenizer = options.get("stop_words", []), options.get("tokenizer")
        if not isinstance(words, list):
            raise TypeError(f"stop_words must be a list of words, not {words!r:.80}")
        if tokenizer is not None:
            if not isinstance(tokenizer, str):
                raise TypeError(f"tokenizer must be the name of a function, not {tokenizer!r:.80}")
            options["tokenizer"] = StoredTokenizer(tokenizer)
        return cls(**options)


@dataclass(frozen=True)
class ReadOptions:
    """Which part of a corpus is read, and from where.

    Parameters
    ----------
    column : column of a table (Parquet, Arrow, CSV, JSON lines, data frame) that has the text, or lists of words.
    group_by : column of a table whose equal values make one line of the rows, such as a session.
    order_by : column that orders the rows of a group.
    download : whether addresses on the network may be read.
    max_words : number of words to read, as separated by white space, after `sample_lines`. The last one ends its line.
    sample_lines : share of the lines to read, above 0 and at most 1, drawn at random over the whole corpus.
    bootstrap : read a bootstrap sample of the lines: each a Poisson(1) number of times, which is once on average, as if
        as many lines as there are were drawn with replacement. Not with `max_words`.
    """

    column: str | None = _option(None, "column of a table (Parquet, Arrow, CSV, JSON lines) with the text, or with "
                                 "lists of words", metavar="NAME")
    group_by: str | None = _option(None, "column of a table: rows with the same value are one line, such as a session",
                                   metavar="NAME")
    order_by: str | None = _option(None, "column that orders the rows of a group, such as a time", metavar="NAME")
    download: bool = _option(False, "allow addresses on the network (s3://, gs://, az://, hf://, https://)")
    max_words: int | None = _option(None, "stop reading after this many words", metavar="N")
    sample_lines: float | None = _option(None, "read this share of the lines, 0 to 1, drawn at random over the whole "
                                         "corpus", metavar="P")
    bootstrap: bool = _option(False, "read a bootstrap sample of the lines: each as often as it is drawn with "
                              "replacement, by the seed")

    def __post_init__(self) -> None:
        for name in ("column", "group_by", "order_by"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, str) and value):
                raise TypeError(f"{name} must be the name of a column, not {value!r}")
        for name in ("download", "bootstrap"):
            _check_switch(name, getattr(self, name))
        whole = hasattr(self.max_words, "__index__") and not isinstance(self.max_words, bool)
        if self.max_words is not None and not whole:
            raise TypeError(f"max_words must be a whole number, not {self.max_words!r}")
        if self.max_words is not None and not 1 <= self.max_words < 2**62:
            raise ValueError(f"max_words = {self.max_words!r} is out of range: 1 to 2^62")
        if self.sample_lines is not None:
            if isinstance(self.sample_lines, bool) or not isinstance(self.sample_lines, (int, float)):
                raise TypeError(f"sample_lines must be a number, not {self.sample_lines!r}")
            if not 0 < self.sample_lines <= 1:
                raise ValueError(f"sample_lines = {self.sample_lines!r} is out of range: above 0 and at most 1")
        if self.bootstrap and self.max_words is not None:
            raise ValueError("bootstrap and max_words cannot be combined: a bootstrap sample is drawn from the whole "
                             "corpus; use sample_lines for a smaller one")
        if self.order_by is not None and self.group_by is None:
            raise ValueError("order_by orders the rows of a group: it needs group_by")

    def to_dict(self) -> dict[str, Any]:
        """Return the options that differ from their defaults as plain values, without `download`, a permission that is
        asked for each time."""
        return {name: getattr(self, name) for name in _names(ReadOptions)
                if name != "download" and getattr(self, name) != getattr(ReadOptions(), name)}


def _names(kind: type[TextOptions] | type[ReadOptions]) -> tuple[str, ...]:
    return tuple(spec.name for spec in dataclasses.fields(kind))


CORPUS_OPTIONS = (*_names(TextOptions), *_names(ReadOptions))
"""Names of all options."""


def corpus_options(options: Mapping[str, Any]) -> tuple[TextOptions, ReadOptions]:
    """Return the options of a corpus; other names are ignored.

    Raises
    ------
    ValueError, TypeError : an option is wrong; names it.
    W2VError, FormatError : the stop words cannot be read.
    """
    text = {name: options[name] for name in _names(TextOptions) if name in options}
    if text.get("stop_words", ()) is None:
        del text["stop_words"]
    return TextOptions(**text), ReadOptions(**{name: options[name] for name in _names(ReadOptions) if name in options})


def check_names(options: Mapping[str, Any], where: str) -> None:
    """Raise TypeError for a keyword that is not an option of a corpus."""
    for name in options:
        if name not in CORPUS_OPTIONS:
            raise TypeError(f"{where} has no parameter {name!r}; the options of a corpus are "
                            f"{', '.join(CORPUS_OPTIONS)}")


def _check_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} = {value!r} does not exist; pass {' or '.join(map(repr, choices))}")


def _check_switch(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {value!r}")


def _stop_words(given: StrPath | Iterable[str]) -> tuple[str, ...]:
    """Return stop words, sorted; those of a file are separated by white space."""
    if isinstance(given, (str, os.PathLike)):
        try:
            content = Path(given).read_bytes()
        except OSError as error:
            raise W2VError(f"{os.fspath(given)}: cannot read the stop words: {error.strerror}") from error
        words = {word.decode("utf-8", "surrogateescape") for word in content.removeprefix(b"\xef\xbb\xbf").split()}
        if not words or b"\0" in content:
            raise FormatError(os.fspath(given), "no stop words: expected words separated by white space")
        return tuple(sorted(words))
    words = set(given)
    if not all(isinstance(word, str) for word in words):
        raise TypeError("stop_words must be a file, or words (str)")
    return tuple(sorted(words))
