"""Bytes of the page of a map, from plain values.

Place in the data flow: words, positions, neighbours, columns -> `PageData` -> one HTML file with its style, its script
and its data, which makes no request.

The page uses no library: Plotly's own file is 4.5 MB and has no search, neighbours or keyboard, and datamapplot and
embedding-atlas load parts from the network.

Data
----
The data are JSON in `<script type="application/json" id="data">`. "<" is escaped, so that no word can end the element.
Arrays are base64 of little-endian numbers, n is the number of words of the map, k that of neighbours of a word:

title, caption : text.
words : n words of the map, the most important first, and after them all other words that are neighbours.
count : n.
spaces : one or two spaces, each with
    name : of the vectors.
    positions : (n, 2) float32. Points are drawn at their place in the last space, with a line from that in the first.
    ranks : (n,) int32 rank of each word in the vocabulary, from 1.
    width : k.
    neighbors : (n, k) int32 numbers of words, nearest first; -1 for none.
    cosines : (n, k) int16 thousandths.
columns : each with
    name : text.
    kind : "number" or "category".
    values : (n,) float64, NaN for none; of categories int32 numbers of labels, -1 for none.
    labels : of categories, the largest first.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.analysis.maps.page.columns import Column
from w2v.system.plain import escaped_json, plain, printable_line
from w2v.types import Floats, Indices, Scores

MOST = 100_000
"""Words of a page: all are drawn in each frame."""

_SCRIPTS = ("words.js", "view.js", "labels.js", "page.js")
_POLICY = ("default-src 'none'; img-src data:; style-src '{style}'; script-src '{script}'; base-uri 'none'; "
           "form-action 'none'")


@dataclass(frozen=True)
class PageSpace:
    """Words in one space.

    Attributes
    ----------
    name : of the vectors.
    positions : (n, 2) float64, finite.
    ranks : (n,) int64 rank of each word in the vocabulary, from 1.
    neighbors : (n, k) int64 numbers of the nearest words in the full space, in `PageData.words`; -1 for none.
    cosines : (n, k) float32; any value where there is no neighbour.
    """

    name: str
    positions: Floats
    ranks: Indices
    neighbors: Indices
    cosines: Scores


@dataclass(frozen=True)
class PageData:
    """What a page shows.

    Attributes
    ----------
    title, caption : text.
    words : n words of the map, the most important first, and after them other words that are neighbours.
    spaces : one space, or two for words that move from the first to the second.
    columns : values of the n words, by which the page can colour them; first by the first one.
    """

    title: str
    caption: str
    words: Sequence[str]
    spaces: Sequence[PageSpace]
    columns: Sequence[Column] = ()


def page_bytes(data: PageData) -> bytes:
    """Return the page. The same data give the same bytes.

    Raises
    ------
    ValueError : there are more than `MOST` words on the map.
    """
    check_page_words(len(data.spaces[0].positions))
    style, script = _resource("map.css"), "\n".join(map(_resource, _SCRIPTS))
    policy = _POLICY.format(style=content_hash(style), script=content_hash(script))
    title = html.escape(plain(printable_line(data.title)))
    parts = {"POLICY": policy, "TITLE": title, "STYLE": style, "DATA": _json(data), "SCRIPT": script}
    pieces = _resource("map.html").split("@@")  # text, name, text, name, ..., text
    pieces[1::2] = [parts[name] for name in pieces[1::2]]
    return "".join(pieces).encode("utf-8")


def check_page_words(n: int) -> None:
    """Raise a ValueError if a page cannot show so many words."""
    if n > MOST:
        raise ValueError(f"a page shows {MOST:,} words at most, not {n:,}: choose fewer (top)")


def content_hash(text: str) -> str:
    """Return the hash of an inline script or style for a Content-Security-Policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"


def _resource(name: str) -> str:
    return resources.files("w2v.analysis.maps.page").joinpath(name).read_text(encoding="utf-8")


def _json(data: PageData) -> str:
    values = {
        "title": printable_line(data.title), "caption": printable_line(data.caption), "words": list(data.words),
        "count": len(data.spaces[0].positions), "spaces": list(map(_space, data.spaces)),
        "columns": list(map(_column, data.columns))}
    text = json.dumps(plain(values), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return escaped_json(text).replace("<", "\\u003c")


def _space(space: PageSpace) -> dict[str, Any]:
    present = space.neighbors >= 0
    return {
        "name": printable_line(space.name), "positions": _packed(space.positions, "<f4"),
        "ranks": _packed(space.ranks, "<i4"), "width": space.neighbors.shape[1],
        "neighbors": _packed(space.neighbors, "<i4"),
        "cosines": _packed(np.rint(np.where(present, space.cosines, 0) * 1000), "<i2")}


def _column(column: Column) -> dict[str, Any]:
    if column.labels is None:
        return {"name": column.name, "kind": "number", "values": _packed(column.values, "<f8")}
    return {"name": column.name, "kind": "category", "values": _packed(column.values, "<i4"),
            "labels": list(column.labels)}


def _packed(array: npt.NDArray[Any], dtype: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype=dtype).tobytes()).decode("ascii")
