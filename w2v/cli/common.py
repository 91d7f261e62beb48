"""What every command shares: usage errors, argument types, printing of words and of JSON."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from w2v.system.plain import plain, printable


class UsageError(Exception):
    """The arguments do not make sense; exit code 2."""


def complain(problem: object) -> None:
    """One line on stderr."""
    print(f"w2v: {' '.join(printable(str(problem)).split())}", file=sys.stderr)


def whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def window(text: str) -> int | tuple[int, ...] | str:
    """A distance, two of them with a comma between, or the word `line`."""
    if text == "line":
        return text
    try:
        sides = tuple(int(side) for side in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number, no pair as 5,2, and not line") from None
    return sides[0] if len(sides) == 1 else sides


def held_out(text: str) -> int | str:
    """A number of lines, if it is a whole number, otherwise a file; ./12 is a file."""
    return int(text) if re.fullmatch("[+-]?[0-9]+", text) else text


def switch(text: str) -> bool:
    """0 or 1, as word2vec.c's switches are given."""
    if text not in ("0", "1"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither 0 nor 1")
    return text == "1"


def positive(text: str) -> int:
    if (value := whole(text)) < 1:
        raise argparse.ArgumentTypeError(f"{value} is out of range: 1 or more")
    return value


@contextmanager
def usage(kinds: tuple[type[Exception], ...] = (ValueError,)) -> Iterator[None]:
    """An error of these kinds about an argument is one of usage."""
    try:
        yield
    except kinds as error:
        raise UsageError(str(error)) from None


def check_suffix(output: str) -> None:
    """Find out before any work whether the suffix says a format."""
    from w2v.formats import format_for

    with usage():
        format_for(output)


def isa() -> str:
    from w2v.training.loop._isa import chosen_isa

    with usage():
        chosen = chosen_isa()
    return chosen


def pairs(answers: list[tuple[str, float]], name: str = "similarity") -> list[dict[str, Any]]:
    return [{"word": word, name: float(value)} for word, value in answers]


def print_answers(answers: list[tuple[str, float]]) -> None:
    for word, value in answers:
        print(f"{value:8.4f}  {printable(word)}")


def print_json(value: dict[str, Any]) -> None:
    print(json.dumps(plain(value), ensure_ascii="utf" not in (sys.stdout.encoding or "").lower()))
