"""Parts that all commands share: usage errors, argument types, and the printing of words and JSON."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from w2v.errors import W2VError
from w2v.system.plain import escaped_json, plain, printable_line

if TYPE_CHECKING:
    from w2v.keyedvectors import KeyedVectors

_NAMED = 10  # unknown words that a message names


class UsageError(Exception):
    """The arguments are wrong; exit code 2."""


def complain(problem: object) -> None:
    """Print one line on stderr."""
    print(f"w2v: {printable_line(' '.join(str(problem).split()))}", file=sys.stderr)


def whole(text: str) -> int:
    """Argument type: a whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def number(text: str) -> float:
    """Argument type: a number."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def window(text: str) -> int | tuple[int, ...] | str:
    """Argument type: a distance, two distances with a comma between them, or the word `line`."""
    if text == "line":
        return text
    try:
        sides = tuple(int(side) for side in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r}: expected a number, a pair such as 5,2, or "line"') from None
    return sides[0] if len(sides) == 1 else sides


def held_out(text: str) -> int | str:
    """Argument type: a number of lines if the text is a whole number, otherwise a file (./12 is a file)."""
    return int(text) if re.fullmatch("[+-]?[0-9]+", text) else text


def switch(text: str) -> bool:
    """Argument type: 0 or 1, the values of word2vec.c's switches."""
    if text not in ("0", "1"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither 0 nor 1")
    return text == "1"


def positive(text: str) -> int:
    """Argument type: a whole number of at least 1."""
    if (value := whole(text)) < 1:
        raise argparse.ArgumentTypeError(f"{value} is out of range: 1 or more")
    return value


def positive_or_all(text: str) -> int | None:
    """Argument type: a whole number of at least 1, None for "all"."""
    return None if text == "all" else positive(text)


def encoding_options(sub: argparse.ArgumentParser) -> None:
    """Add the options for words in another encoding than UTF-8, with the names of `w2v.load`."""
    sub.add_argument("--encoding", metavar="NAME", help="encoding of the words in the file, such as latin-1 "
                     "(default: UTF-8)")
    sub.add_argument("--unicode-errors", metavar="HOW", help="words that are not valid in the encoding: strict "
                     "(an error), ignore or replace; by default their bytes are kept")


@contextmanager
def usage(kinds: tuple[type[Exception], ...] = (ValueError,), spelled: Callable[[str], str] = str) -> Iterator[None]:
    """Turn errors of these kinds into usage errors.

    Parameters
    ----------
    kinds : the exceptions.
    spelled : translates their messages.
    """
    try:
        yield
    except kinds as error:
        raise UsageError(spelled(str(error))) from None


def known_words(kv: KeyedVectors, path: str, purpose: str, other: KeyedVectors | None = None) -> list[str]:
    """Return the words of a file, one per line, that have a row; the others are counted and named on stderr.

    Parameters
    ----------
    other : vectors in which the words must have a row too.
    purpose : what the words are for, such as "to search among", for the message if there is none.

    Raises
    ------
    W2VError : the file cannot be read, or none of its words has a vector.
    """
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            words = list(dict.fromkeys(word for line in file if (word := line.strip(" \t\r\n\ufeff"))))
    except OSError as error:
        raise W2VError(f"cannot read {path}: {error.strerror or error}") from error
    known = [word for word in words if kv.has_index_for(word) and (other is None or other.has_index_for(word))]
    where = "" if other is None else " in both files"
    if not known:
        raise W2VError(f"{path}: none of its {len(words):,} words has a vector{where}: there is nothing {purpose}")
    if len(known) < len(words):
        found = set(known)
        unknown = [word for word in words if word not in found]
        shown = ", ".join(unknown[:_NAMED]) + (", ..." if len(unknown) > _NAMED else "")
        complain(f"{path}: {len(unknown):,} of {len(words):,} words have no vector{where}: {shown}")
    return known


def isa() -> str:
    """Return the instruction set in use; UsageError if the environment asks for one that is not available."""
    from w2v.training.loop._isa import chosen_isa

    with usage():
        chosen = chosen_isa()
    return chosen


def pairs(answers: list[tuple[str, float]], name: str = "similarity") -> list[dict[str, Any]]:
    """Return words with their values as dicts, for JSON."""
    return [{"word": word, name: float(value)} for word, value in answers]


def print_answers(answers: list[tuple[str, float]]) -> None:
    """Print one line for each word and its value."""
    for word, value in answers:
        print(f"{value:8.4f}  {printable_line(word)}")


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object, with characters escaped unless stdout is UTF-8."""
    text = json.dumps(plain(value), ensure_ascii="utf" not in (sys.stdout.encoding or "").lower())
    print(escaped_json(text))
