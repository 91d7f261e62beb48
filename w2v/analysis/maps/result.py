"""`WordMap`: the result of `w2v.map`, its tables, its picture and its page.

Place in the data flow: positions and clusters of words -> table, JSON, data frame, figure, page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2v.analysis.maps.draw import MOST_CLUSTERS as MOST_CLUSTERS
from w2v.analysis.maps.draw import caption, choice_text, draw
from w2v.analysis.maps.page.columns import Column, Metadata
from w2v.analysis.maps.page.neighbours import page_space
from w2v.analysis.maps.page.page import PageData, check_page_words, page_bytes
from w2v.analysis.maps.positions import METHODS
from w2v.system.fact_table import Fact, FactTable
from w2v.system.figures import SUFFIXES, check_figure, save_figure, whole_figure
from w2v.system.files import atomic_write, check_writable
from w2v.system.plain import printable_line
from w2v.system.report import Report, frame
from w2v.system.text_table import percent
from w2v.types import Floats, Indices, StrPath
from w2v.vectors.queries import Queries

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]


PAGE = ".html"
"""Suffix of a page."""

_LONGEST = 60  # characters of a name in the title of a page


def is_page(path: StrPath) -> bool:
    """Return whether a path is that of a page."""
    return Path(path).suffix.lower() == PAGE


def check_map(path: StrPath) -> None:
    """Check that a picture or page can be made and written, before any work.

    Raises
    ------
    ValueError : the suffix is of neither.
    W2VError : a picture needs matplotlib, or the file cannot be written.
    """
    if is_page(path):
        check_writable(path, compress=False)
    elif Path(path).suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: the suffix of a map must be one of {', '.join((PAGE, *SUFFIXES))}")
    else:
        check_figure(path)


def save_map(plot: Callable[[], Axes], page: Callable[[], PageData], path: StrPath) -> None:
    """Write a picture or a page, by the suffix; errors as `check_map`."""
    check_map(path)
    if not is_page(path):
        save_figure(whole_figure(plot()), path)
        return
    content = page_bytes(page())
    with atomic_write(path, compress=False) as file:
        file.write(content)


@dataclass(frozen=True)
class MapCluster:
    """A cluster of the words of a map.

    Attributes
    ----------
    number : 0 for the largest cluster.
    size : number of words.
    nearest : the words nearest its centre, nearest first.
    """

    number: int
    size: int
    nearest: tuple[str, ...]


@dataclass(frozen=True, repr=False, eq=False)
class WordMap(Report):
    """Words in two dimensions.

    Attributes
    ----------
    words : n words, the most important first: by frequency, or by nearness to a word.
    positions : (n, 2) float64. For "pca" in units of vectors of length 1; otherwise without a unit.
    clusters : the clusters, the largest first; empty if there are none.
    labels : (n,) int64 number of the cluster of each word; -1 without clusters.
    variance : shares of the variance of the unit vectors along both axes; None for "tsne" and "umap".
    method : "pca", "tsne" or "umap".
    model : name of the vectors.
    choice : how the words were chosen: "top", "words", or "near", where the first word is the one asked for.
    left_out : number of words without a direction: their vectors are zero, or have NaN, infinity or too large numbers.
    seed : of what was drawn.
    vectors : the words with their vectors, for the neighbours of a page.
    rows : (n,) int64 rows of the words in `vectors`.
    metadata : columns by which a page can colour the words; None without any.
    """

    words: tuple[str, ...]
    positions: Floats
    clusters: tuple[MapCluster, ...]
    labels: Indices
    variance: tuple[float, float] | None
    method: str
    model: str
    choice: str
    left_out: int
    seed: int
    vectors: Queries
    rows: Indices
    metadata: Metadata | None = None

    def __len__(self) -> int:
        """Number of words."""
        return len(self.words)

    @property
    def models(self) -> tuple[str, ...]:
        """The name of the vectors."""
        return (self.model,)

    def brief(self) -> str:
        return f"{len(self)} words by {METHODS[self.method]}"

    def tables(self) -> list[FactTable]:
        facts = [Fact("words", f"{len(self):,}", choice_text(self.choice, self.words[0], self.model))]
        if self.left_out:
            facts.append(Fact("left out", f"{self.left_out:,}", "words with zero or broken vectors"))
        facts += facts_of(self.method, self.variance, self.metadata)
        facts += [Fact(f"cluster {one.number}", f"{one.size:,}", ", ".join(map(printable_line, one.nearest)))
                  for one in self.clusters]
        return [FactTable(facts)]

    def to_dict(self) -> dict[str, Any]:
        return {
            "model": self.model, "method": self.method, "choice": self.choice, "seed": self.seed,
            "variance": None if self.variance is None else list(self.variance), "left_out": self.left_out,
            "clusters": [{"cluster": one.number, "words": one.size, "nearest": list(one.nearest)}
                         for one in self.clusters],
            "words": list(self._rows())}

    def to_frame(self) -> DataFrame:
        """Return a `pandas.DataFrame` with a row for each word, and the columns "word", "x", "y" and "cluster"."""
        return frame(self._rows())

    def _rows(self) -> list[dict[str, Any]]:
        return [{"word": word, "x": x, "y": y, "cluster": None if label < 0 else label}
                for word, (x, y), label in zip(self.words, self.positions.tolist(), self.labels.tolist(), strict=True)]

    def plot(self, axes: Axes | None = None) -> Axes:
        return draw(self.to_dict(), axes)

    def save(self, path: StrPath) -> None:
        """Write a picture as `.png`, `.svg` or `.pdf`, or a page as `.html`; the file appears complete or not at all.

        A page needs no matplotlib. It lists the neighbours of each word among all words, which are searched here.

        Raises
        ------
        ValueError : the suffix is another one, or a page has too many words.
        W2VError : matplotlib is not installed, or the file cannot be written.
        """
        save_map(self.plot, self._page, path)

    def _page(self) -> PageData:
        check_page_words(len(self))
        numbers = {word: number for number, word in enumerate(self.words)}
        space = page_space(self.vectors, self.rows, self.positions, self.model, numbers)
        columns = () if self.metadata is None else self.metadata.columns
        if self.clusters:
            names = tuple(", ".join(one.nearest) for one in self.clusters)
            columns = (*columns, Column("cluster", self.labels, names))
        title = choice_text(self.choice, _cut(self.words[0]), _cut(self.model))
        return PageData(title, caption(self.to_dict(), 0), list(numbers), [space], columns)


def _cut(name: str) -> str:
    """Return a name for the title of a page."""
    name = printable_line(name)
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST - 3]}..."


def facts_of(method: str, variance: tuple[float, float] | None, metadata: Metadata | None) -> list[Fact]:
    """Return how words were placed, what the columns of the map are, and for how many words there are none."""
    facts = [Fact("method", METHODS[method])]
    if variance is not None:
        facts.append(Fact("variance", percent(sum(variance)),
                          f"shown: {percent(variance[0])} and {percent(variance[1])}"))
    if metadata is None:
        return facts
    facts.append(Fact("metadata", f"{len(metadata.columns):,}",
                      f"columns: {', '.join(printable_line(column.name) for column in metadata.columns)}"))
    if metadata.unknown:
        facts.append(Fact("unknown words", f"{metadata.unknown:,}", f"of the {metadata.rows:,} with metadata"))
    if metadata.without:
        facts.append(Fact("without metadata", f"{metadata.without:,}", "words of the map"))
    return facts
