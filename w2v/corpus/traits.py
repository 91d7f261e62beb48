"""Measures of a text that often show that it is not prepared for training: punctuation, markup, tables, other scripts.

Place in the data flow: word table and first bytes of the files -> `TextTraits` -> `w2v.corpus.warnings`. The words are
measured once for each distinct word, after the text was read.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from w2v.corpus._tokenizer import Oddities

HEAD_BYTES = 1 << 14
"""Bytes from the start of a file that show its layout."""

_FEWEST_ROWS = 5
_SAME_SHARE = 0.9  # share of the lines that have the same columns
_DELIMITERS = {",": "commas", ";": "semicolons", "|": "vertical bars", "\t": "tabs"}
_JSON = re.compile(r'\s*(\{\s*"[^"\n]*"\s*:|\[\s*[\[{"])')
_VECTORS = re.compile(r"\d+ (\d+)\s*\n\S+((?: -?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)+) ?\n")


@dataclass(frozen=True)
class TextTraits:
    """Measures of a text.

    Attributes
    ----------
    words, lines : words that were measured, and lines with words.
    invalid : words that are not valid UTF-8.
    longest_word : bytes of the longest word.
    punctuated : words that end in punctuation, such as "end."; words of punctuation alone do not count.
    markup : words with a part of a tag, or an entity of HTML; tags by themselves, such as <unk>, do not count.
    wiki : words with [[, ]], {{, }} or three apostrophes.
    unspaced, unspaced_chars : words with characters of scripts that put no blanks between words (Chinese, Japanese,
        Thai, Lao, Khmer, Burmese, Tibetan), and these characters.
    unicode_spaces : words with white space beyond ASCII, such as the no-break space, which does not separate words.
    blanks : tokens of an iterable with white space in them.
    capitalized : words that begin with a capital of ASCII, occur often, and also occur in lower case.
    ideographs : words that are one ideograph or Hiragana, because tokenize="words" does not segment them.
    tokens : whether the words were given as tokens of an iterable, so that options do not split them.
    layout : what the first lines look like instead of sentences, with the evidence; "" for sentences.
    """

    words: int = 0
    lines: int = 0
    invalid: int = 0
    longest_word: int = 0
    punctuated: int = 0
    markup: int = 0
    wiki: int = 0
    unspaced: int = 0
    unspaced_chars: int = 0
    unicode_spaces: int = 0
    blanks: int = 0
    capitalized: int = 0
    ideographs: int = 0
    tokens: bool = False
    layout: str = ""

    @classmethod
    def of(cls, oddities: Oddities, words: int, lines: int, heads: Sequence[bytes], *, ideographs: int = 0,
           tokens: bool = False) -> TextTraits:
        """Combine the measures of the words with the layout of the first file that has one."""
        layout = next((found for head in heads if (found := layout_of(head))), "")
        return cls(words, lines, oddities.invalid_words, oddities.longest_word, oddities.punctuated, oddities.markup,
                   oddities.wiki, oddities.unspaced, oddities.unspaced_chars, oddities.unicode_spaces, oddities.blanks,
                   oddities.capitalized, ideographs, tokens, layout)


def layout_of(head: bytes) -> str:
    """Return what the start of a file looks like, if it is not plain text, with the evidence; otherwise "".

    Parameters
    ----------
    head : up to HEAD_BYTES from the start of the text; a last incomplete line is ignored.
    """
    complete = head if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1]
    text = complete.decode("utf-8", "replace")
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype html", "<html")):
        return "HTML (it begins with an <html> tag)"
    if start.startswith(("<?xml", "<mediawiki", "<tei", "<corpus")):
        return "XML (it begins with an XML tag)"
    lines = [line for line in text.splitlines() if line.strip()]
    rows = [line for line in lines if _is_json(line)]
    if len(rows) >= max(1, _SAME_SHARE * len(lines)):
        return f"JSON lines ({len(rows)} of the first {len(lines)} lines are JSON)"
    if _JSON.match(head.decode("utf-8", "replace")):
        return "JSON (it begins with a JSON object or list)"
    found = _VECTORS.match(text)
    if found and len(found[2].split()) == int(found[1]):
        return f"word vectors in text form (a word and {found[1]} numbers on a line)"
    return _table(lines)


def _is_json(line: str) -> bool:
    if not line.lstrip().startswith(("{", "[")):
        return False
    try:
        return isinstance(json.loads(line), (dict, list))
    except (ValueError, RecursionError):
        return False


def _table(lines: Sequence[str]) -> str:
    """Recognise CSV and its variants: nearly all lines have the same number of columns."""
    for delimiter, name in _DELIMITERS.items():
        if len(lines) < _FEWEST_ROWS or delimiter not in lines[0]:
            continue
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            continue
        width = max(set(widths), key=widths.count)
        if width > 1 and len(widths) >= _FEWEST_ROWS and widths.count(width) >= _SAME_SHARE * len(widths):
            return f"a table ({widths.count(width)} of the first {len(widths)} lines have {width} columns, with {name})"
    return ""
