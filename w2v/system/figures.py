"""Figures by matplotlib (the extra "plot"): style, colours, labels, fonts, and files written atomically.

Place in the data flow: results -> axes -> .png, .svg or .pdf. matplotlib is imported here only, and only when a figure
is made; figures do not use pyplot, so nothing is shown and no window is opened.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from w2v.errors import W2VError
from w2v.system.files import atomic_write, check_writable
from w2v.system.plain import printable_line
from w2v.types import StrPath

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from matplotlib.backends.backend_agg import RendererAgg  # pyright: ignore[reportMissingImports]
    from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]

SUFFIXES = (".png", ".svg", ".pdf")

COLOURS = ("#00695c", "#e69f00", "#cc79a7", "#56b4e9", "#d55e00", "#000000", "#0072b2", "#f0e442")
"""Colours that the colour-blind can tell apart; all but the first are of Okabe and Ito 2008."""

GREY = "#999999"
"""Colour of values by chance."""

HATCHES = ("", "///", "...", "\\\\\\", "xx", "---", "ooo", "+++")
MARKERS = "os^DvPX*"
"""Patterns of bars and shapes of points, one for each colour: figures are also printed in grey."""

WIDTH = 8.0  # inches; at the width of a page of two columns, 7 inches, the letters of 8 points have 7
_NAMED = 34  # points below the horizontal axis that its numbers and its name take
_LONGEST = 40  # columns of a label
_AS_WIDE_AS_HIGH = "MWmw@%"  # of Latin letters and signs
_LETTERS, _HANDLE = 11.0, 9  # of a legend: letters per inch; letters that a handle takes the place of
_SHOWN = 10  # characters without a glyph that a message names, or one of each script if these are more


def check_figure(path: StrPath) -> None:
    """Check that a figure can be made and written, before any work.

    Raises
    ------
    ValueError : the suffix is not one of SUFFIXES.
    W2VError : matplotlib is not installed, or the file cannot be written.
    """
    if Path(path).suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: the suffix of a figure must be one of {', '.join(SUFFIXES)}")
    figure_class()
    check_writable(path, compress=False)


def figure_class() -> type[Figure]:
    """Return matplotlib's class `Figure`.

    Raises
    ------
    W2VError : matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise W2VError("plots need matplotlib: pip install 'w2v[plot]'") from error
    found: type[Figure] = Figure
    return found


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """Return an empty figure of this size in inches."""
    return figure_class()(figsize=(width, height), layout="constrained")


def whole_figure(axes: Axes) -> Figure:
    """Return the figure that axes are in, also if they are in a part of it."""
    return axes.figure.figure  # of a figure, itself


def new_axes(height: float = 4.0, width: float = WIDTH) -> Axes:
    """Return the axes of a new figure, for the method `plot` of a result that is called without axes."""
    return new_figure(height, width).add_subplot()


def agg_renderer(figure: Figure, dpi: float) -> RendererAgg:
    """Return a renderer that measures the extents of texts in pixels at a resolution."""
    from matplotlib.backends.backend_agg import RendererAgg  # pyright: ignore[reportMissingImports]

    width, height = figure.get_size_inches() * dpi
    make: Callable[..., RendererAgg] = RendererAgg  # without types in matplotlib
    return make(width, height, dpi)


def save_figure(figure: Figure, path: StrPath, dpi: int = 150) -> None:
    """Write a figure in the format of the suffix. The same figure gives the same bytes.

    Raises
    ------
    W2VError : the file cannot be written.
    """
    suffix = Path(path).suffix.lower()[1:]
    dates: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(suffix, {})
    from matplotlib import rc_context  # pyright: ignore[reportMissingImports]

    with atomic_write(path, compress=False) as file, rc_context({"svg.hashsalt": "w2v"}):  # else identifiers are random
        figure.savefig(file, format=suffix, dpi=dpi, metadata=dates)


def short_label(text: str, longest: int = _LONGEST) -> str:
    """Return a label: one line of at most so many columns, without control characters, with dollar signs as they are.
    """
    text = printable_line(text)
    if text_width(text) > longest:
        text = text[:longest]
        while text_width(text) > longest - 3:
            text = text[:-1]
        text += "..."
    return text.replace("$", r"\$")


def text_width(text: str) -> int:
    """Return the columns of a text: 2 for characters that are about as wide as high, as in East Asian scripts, else 1.
    """
    return sum(2 if mark in _AS_WIDE_AS_HIGH or unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text)


def legend_label(name: str, longest: int = _LONGEST) -> str:
    """Return the name of a file or a run as a label that a legend shows as it is.

    Long names are cut in the middle, because such names often differ at the end. matplotlib leaves out labels that
    begin with "_".
    """
    name, half = printable_line(name), longest // 2 - 2
    name = name if len(name) <= longest else f"{name[:half]}...{name[-half:]}"
    return (f" {name}" if name.startswith("_") else name).replace("$", r"\$")


def legend_below(figure: Figure, axes: Axes) -> None:
    """Add a legend of what is on the axes below all axes of the figure, in as many columns as fit."""
    handles, labels = axes.get_legend_handles_labels()
    columns = int(_LETTERS * figure.get_figwidth() / (max(map(text_width, labels)) + _HANDLE))
    figure.legend(handles, labels, loc="outside lower center", ncols=max(1, min(columns, 4)),
                  prop={"size": 8, "family": families_of(labels)})


def differing_names(paths: Sequence[str]) -> list[str]:
    """Return paths without the parts that all have at their beginning and at their end, such as "a" and "b" for
    "runs/a/log.jsonl" and "runs/b/log.jsonl"; whole file names if nothing is left of one, or for one path."""
    parts = [re.split(r"([/\\\s._-])", path) for path in paths]
    shortest = min(map(len, parts))
    first = next((i for i in range(shortest) if len({own[i] for own in parts}) > 1), shortest)
    last = next((i for i in range(shortest - first) if len({own[-1 - i] for own in parts}) > 1), shortest - first)
    names = ["".join(own[first:len(own) - last]) for own in parts]
    if all(re.search(r"\w", name) for name in names):
        return names
    names = [Path(path).name or path for path in paths]
    return names if len(set(names)) == len(set(paths)) else list(paths)


def plain_axes(axes: Axes, *, grid: Literal["both", "x", "y"] = "x") -> None:
    """Give axes the style of all figures: a light grid, no frame on the top and the right."""
    axes.grid(axis=grid, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)


def name_axes(axes: Axes, title: str, across: str, up: str = "") -> None:
    """Write what is shown above the axes, and the names of the axes."""
    families = families_of([title, across, up])
    axes.set_title(title, fontsize=9, loc="left", family=families)
    axes.set_xlabel(across, fontsize=8, family=families)
    axes.set_ylabel(up, fontsize=8, family=families)


def grouped(value: float, place: float | None = None) -> str:
    """Return the number of a tick with groups of digits; to be set as the formatter of an axis."""
    return f"{value:,.10g}"


def axes_legend(axes: Axes, lower: float = 0) -> None:
    """Put the legend below the name of the horizontal axis, one line for each entry; `layout="constrained"` makes room
    for it.

    Parameters
    ----------
    lower : points that the numbers of the axis take more than usual.
    """
    from matplotlib.transforms import ScaledTranslation  # pyright: ignore[reportMissingImports]

    below = ScaledTranslation(0, -(_NAMED + lower) / 72, whole_figure(axes).dpi_scale_trans)
    families = families_of(axes.get_legend_handles_labels()[1])
    axes.legend(loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=axes.transAxes + below, frameon=False,
                borderaxespad=0, borderpad=0, prop={"size": 8, "family": families})


def families_of(texts: Sequence[str]) -> list[str]:
    """Return the families of fonts for these texts; warn of characters that no font has."""
    families, missing = font_families(texts)
    if missing:
        warnings.warn(missing_glyphs(missing), stacklevel=2)
    return families


def font_families(texts: Iterable[str]) -> tuple[list[str], str]:
    """Return the families of fonts that have the glyphs of these texts, the default first, and the characters that no
    font on this machine has.

    Give the families to a text as `family=`: matplotlib takes each glyph from the first font that has it.
    """
    from matplotlib import font_manager, ft2font  # pyright: ignore[reportMissingImports]

    missing = {mark for text in texts for mark in text if not mark.isspace()}
    families = [font_manager.FontProperties(family=["sans-serif"]).get_name()]
    entries = sorted(font_manager.fontManager.ttflist, key=lambda one: (one.name != families[0], one.name, one.fname))
    for entry in entries:
        if not missing:
            break
        if entry.style != "normal" or entry.weight not in (400, "normal", "regular", "book"):
            continue
        if "lastresort" in entry.name.replace(" ", "").lower():  # of matplotlib and macOS: a box for every character
            continue
        glyphs = ft2font.FT2Font(entry.fname).get_charmap()
        known = {mark for mark in missing if ord(mark) in glyphs}
        if known:
            missing -= known
            families += [entry.name] if entry.name not in families else []
    return families, "".join(sorted(missing))


def missing_glyphs(characters: str) -> str:
    """Return a sentence about characters that no font has; "" for none."""
    if not characters:
        return ""
    of_scripts = {_script(mark): mark for mark in reversed(characters)}  # the first of each
    others = [mark for mark in characters if mark not in of_scripts.values()]
    chosen = sorted([*of_scripts.values(), *others[:max(0, _SHOWN - len(of_scripts))]])
    shown = " ".join(chosen) + (" ..." if len(characters) > len(chosen) else "")
    return (f"no font on this machine has {len(characters):,} of the characters ({shown}): install fonts for them, "
            "such as Noto")


def _script(mark: str) -> str:
    """Return the script of a letter, such as "HANGUL": the first word of its name; of other characters the category."""
    kind = unicodedata.category(mark)
    return unicodedata.name(mark, kind).split()[0] if kind[0] in "LM" else kind
