"""What `strict=True` refuses: the oddities that are otherwise mended and counted, each with its place.

Place in the data flow: words of a block or of a file, with where they stand -> `FormatError`. Only asked for when
something is to be refused, so nothing here has to be fast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

from w2v.errors import FormatError
from w2v.formats.vectorfile import FLAWS
from w2v.types import StrPath

Place = tuple[StrPath, int | None, int | None]  # file, line from 1, byte


def refuse(flaw: str, place: Place, word: str | None = None) -> NoReturn:
    """A FormatError about one of `FLAWS`."""
    path, line, offset = place
    shown = "" if word is None else f": {word.encode('utf-8', 'surrogateescape')!r:.80}" if flaw == "invalid_utf8" \
        else f": {word!r:.80}"
    raise FormatError(path, f"{FLAWS[flaw]}{shown}, and strict=True was asked for", line=line, offset=offset)


def check_strictly(
    words: Sequence[str], place: Callable[[int], Place], seen: set[str], *, blanks: bool = False
) -> None:
    """FormatError at the first word that is no UTF-8, has a blank (with `blanks`), or is in `seen`, which grows."""
    for i, word in enumerate(words):
        if not word.isascii() and not _is_utf8(word):
            refuse("invalid_utf8", place(i), word)
        if blanks and " " in word:
            refuse("words_with_blanks", place(i), word)
        if word in seen:
            refuse("duplicates", place(i), word)
        seen.add(word)


def _is_utf8(word: str) -> bool:
    try:
        word.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
