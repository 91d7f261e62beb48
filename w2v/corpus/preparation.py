"""Preparation of text: from the text that people have to words between white space.

Place in the data flow: block of a `TextSource` -> `Preparer` (csrc/text/prepare.h) -> `BlockTokenizer`. The same
options prepare a query (`words_of`), so that it meets the words of the training.
"""

from __future__ import annotations

import threading

from w2v.corpus._preparer import PreparationCounts, Preparer, unicode_version
from w2v.corpus_options import TextOptions

__all__ = ["PreparationCounts", "Preparer", "check_text_options", "ends_lines_at_cr", "needs_whole_lines", "preparer",
           "unicode_version", "words_of"]

_local = threading.local()


def preparer(text: TextOptions, *, tokens: bool = False) -> Preparer | None:
    """Return what applies options to blocks, for one thread; None if they change nothing.

    Parameters
    ----------
    text : the options. Its `tokenizer` is applied elsewhere.
    tokens : blocks are tokens (`w2v.corpus.byte_classes.TOKEN_CLASSES`), which are not split: only `lowercase`,
        `normalize` and `stop_words` apply to them.
    """
    changes = text.lowercase or text.normalize is not None or bool(text.stop_words)
    if not tokens:
        changes = changes or text.tokenize == "words" or text.unicode_spaces or text.split_lines_at is not None
    return Preparer(text, tokens=tokens) if changes else None


def ends_lines_at_cr(text: TextOptions) -> bool:
    """Return whether CR alone and the line ends of Unicode end lines."""
    return (text.unicode_spaces or text.tokenize == "words" or text.split_lines_at is not None
            or text.tokenizer is not None)


def needs_whole_lines(text: TextOptions, line_weights: bool) -> bool:
    """Return whether blocks have to end at line ends: to see whole sentences, because a tokenizer of the caller gets
    whole lines, or because the block tokenizer does not see all line ends, after which weights come."""
    return text.split_lines_at is not None or text.tokenizer is not None or (line_weights and ends_lines_at_cr(text))


def check_text_options(text: TextOptions, *, line_weights: bool = False, integers: bool = False) -> None:
    """Check that the options of a text suit the corpus.

    Parameters
    ----------
    line_weights : each line begins with its weight.
    integers : the corpus is integers.

    Raises
    ------
    ValueError : sentences of lines with weights, or any option for integers.
    """
    if text.split_lines_at is not None and line_weights:
        raise ValueError(f"split_lines_at = {text.split_lines_at!r} cannot be used with line_weights: each sentence "
                         "would need a weight")
    if integers and text.changes_text:
        name, value = next(iter(text.to_dict().items()))
        raise ValueError(f"{name} = {value!r} has no effect on integers, which are words already; leave it out")


def words_of(line: str, text: TextOptions) -> list[str]:
    """Return the words of a line as training sees them.

    Parameters
    ----------
    line : the text; line ends in it are white space. Surrogate escapes are bytes that are not UTF-8.
    text : how it becomes words. Its `tokenizer` is not applied.

    Returns
    -------
    The words, without stop words.

    Raises
    ------
    UnicodeEncodeError : the line has a surrogate that is not an escape.
    """
    kept: tuple[TextOptions, Preparer | None] | None = getattr(_local, "kept", None)
    if kept is None or kept[0] is not text:
        kept = _local.kept = text, preparer(text)
    data = line.encode("utf-8", "surrogateescape")
    prepared = data if kept[1] is None else bytes(kept[1].prepare(data))
    return [word.decode("utf-8", "surrogateescape") for word in prepared.split()]
