"""Errors of `strict=True`: flaws that are otherwise repaired and counted, each reported with its place.

Place in the data flow: words of a block or a file, with their places -> `FormatError`. Runs only with `strict=True`, so
speed does not matter here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NoReturn

from w2v.errors import FormatError
from w2v.formats.vectorfile import FLAWS, LoadOptions
from w2v.types import StrPath

_LONE = re.compile(r"[\ud800-\udc7f\udd00-\udfff]")  # the others are surrogate escapes of bytes

Place = tuple[StrPath, int | None, int | None]
"""File, line (from 1) or None, byte or None."""


def refuse(flaw: str, place: Place, word: str | None = None) -> NoReturn:
    """Raise a FormatError about one of `FLAWS`."""
    path, line, offset = place
    shown = ""
    if word is not None:
        shown = f": {word.encode('utf-8', 'surrogateescape')!r:.80}" if flaw == "invalid_utf8" else f": {word!r:.80}"
    raise FormatError(path, f"{FLAWS[flaw]}{shown} (not allowed with strict=True)", line=line, offset=offset)


def note(flaw: str, report: dict[str, int], options: LoadOptions, place: Place) -> None:
    """Count one of `FLAWS` in the report; with `strict` raise a FormatError instead."""
    if options.strict:
        refuse(flaw, place)
    report[flaw] = report.get(flaw, 0) + 1


def check_strictly(
    words: Sequence[str], place: Callable[[int], Place], seen: set[str], *, blanks: str = "",
    broken: Sequence[int] = (),
) -> None:
    """Raise a FormatError at the first word that is empty, is not valid UTF-8, or is in `seen`, and at the first of
    `broken`.

    Parameters
    ----------
    place : place of word i.
    seen : words of earlier blocks; the words are added to it.
    blanks : refuse words with these characters, too.
    broken : indices of words whose vectors have NaN or infinity.
    """
    for i, word in enumerate(words):
        if not word:
            refuse("empty_words", place(i))
        if not word.isascii() and not _is_utf8(word):
            refuse("invalid_utf8", place(i), word)
        if any(blank in word for blank in blanks):
            refuse("words_with_blanks", place(i), word)
        if word in seen:
            refuse("duplicates", place(i), word)
        seen.add(word)
    for i in broken:
        refuse("not_finite", place(i), words[i])


def repair_surrogates(word: str, report: dict[str, int]) -> str:
    """Replace lone surrogates, which UTF-8 cannot encode, by U+FFFD, and count the word; surrogate escapes of bytes
    stay."""
    if word.isascii():
        return word
    try:
        word.encode("utf-8", "surrogateescape")
        return word
    except UnicodeEncodeError:
        report["invalid_utf8"] = report.get("invalid_utf8", 0) + 1
        return _LONE.sub("\ufffd", word)


def _is_utf8(word: str) -> bool:
    try:
        word.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
