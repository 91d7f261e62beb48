"""`w2v plot`: a figure of what other commands wrote, logs of runs and results as JSON.

Place in the data flow: files -> values -> the kind that `KINDS` recognises by their keys -> axes -> .png, .svg or .pdf.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from w2v.cli.common import UsageError, print_json, usage
from w2v.errors import FormatError, W2VError
from w2v.system.figures import SUFFIXES, check_figure, new_axes, save_figure
from w2v.system.files import local_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]

Values = dict[str, Any]
"""The JSON object of a file."""


class Kind(NamedTuple):
    """What a JSON file can be.

    Attributes
    ----------
    name : what wrote it, for messages.
    recognises : whether an object is of this kind, by its keys.
    draw : draws one object on axes.
    """

    name: str
    recognises: Callable[[Mapping[str, Any]], bool]
    draw: Callable[[Values, Axes], object]


def _has(*keys: str) -> Callable[[Mapping[str, Any]], bool]:
    """Return a function that says whether an object has all these keys."""
    return lambda values: all(key in values for key in keys)


KINDS: tuple[Kind, ...] = ()
"""Kinds that are drawn one file at a time, on one pair of axes; the first that recognises an object draws it."""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v plot`."""
    sub.epilog = f"A FILE is what one of these wrote: {', '.join(kind_names())}."
    sub.add_argument("files", metavar="FILE", nargs="+")
    sub.add_argument("-o", "--output", metavar="FIGURE", required=True,
                     help=f"the figure, by its suffix: {', '.join(SUFFIXES)} (needs matplotlib)")


def kind_names() -> list[str]:
    """Return the names of all kinds of files that can be drawn."""
    return [kind.name for kind in KINDS]


def run(options: argparse.Namespace) -> None:
    """Draw the files and write the figure."""
    with usage():
        check_figure(options.output)
    contents = [read(path) for path in options.files]
    figure = drawn(options.files, contents)
    save_figure(figure, options.output)
    if options.json:
        print_json({"output": options.output, "files": options.files})


def read(path: str) -> Values:
    """Return the JSON object of a file.

    Raises
    ------
    W2VError : the file cannot be read.
    FormatError : it is not one JSON object.
    """
    try:
        text = Path(local_path(path)).read_text(encoding="utf-8")
    except OSError as error:
        raise W2VError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise FormatError(path, "this is no text in UTF-8, so it is no JSON", offset=error.start) from None
    try:
        values = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", None)
        raise FormatError(path, f"this is not JSON ({getattr(error, 'msg', error)}); w2v plot draws the files of "
                          f"{', '.join(kind_names())}", line=line) from None
    if not isinstance(values, dict):
        raise FormatError(path, f"this is JSON, but not an object; {_drawable()}")
    return values


def drawn(files: Sequence[str], contents: Sequence[Values]) -> Figure:
    """Return the figure of these files.

    Raises
    ------
    FormatError : an object is of no known kind.
    UsageError : there are several files of a kind that is drawn one at a time.
    """
    kinds = [kind_of(path, values) for path, values in zip(files, contents, strict=True)]
    if len(kinds) > 1:
        raise UsageError(f"{files[0]} is a result of {kinds[0].name}, which is drawn one file at a time")
    axes = new_axes()
    kinds[0].draw(contents[0], axes)
    figure: Figure = axes.figure
    return figure


def kind_of(path: str, values: Mapping[str, Any]) -> Kind:
    """Return the kind of an object; FormatError if there is none."""
    for kind in KINDS:
        if kind.recognises(values):
            return kind
    keys = ", ".join(list(map(str, values))[:6]) or "none"
    raise FormatError(path, f"nothing to draw is known by these keys: {keys}; {_drawable()}")


def _drawable() -> str:
    return f"w2v plot draws what these write: {', '.join(kind_names())}"
