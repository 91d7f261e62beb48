"""`MovedMap`: the result of `w2v.map` of two spaces, its tables, its picture and its page.

Place in the data flow: positions of words in two spaces -> tables, JSON, data frame, figure, page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v.analysis.differences.result import Difference
from w2v.analysis.maps.moved_draw import UNRELATED as UNRELATED
from w2v.analysis.maps.moved_draw import captions, draw, title
from w2v.analysis.maps.page.columns import Column, Metadata
from w2v.analysis.maps.page.neighbours import page_space
from w2v.analysis.maps.page.page import PageData, check_page_words
from w2v.analysis.maps.positions import METHODS
from w2v.analysis.maps.result import facts_of, save_map
from w2v.system.fact_table import Fact, FactTable
from w2v.system.plain import printable_line
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, number, wrapped
from w2v.types import Floats, Indices, StrPath
from w2v.vectors.queries import Queries

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

_SHOWN = 3  # neighbours in a table


@dataclass(frozen=True)
class MovedWord:
    """A word with its places in two spaces.

    Attributes
    ----------
    word : the word.
    rank : its frequency rank among the shared words, from 1.
    cosine, expected_cosine, z : as in `w2v.diff`: of its two vectors after alignment, the median of words of similar
        frequency, and by how many robust standard deviations it moved further than these.
    neighbors_a, neighbors_b : its nearest neighbours in each space among the shared words, nearest first.
    """

    word: str
    rank: int
    cosine: float
    expected_cosine: float
    z: float
    neighbors_a: tuple[str, ...]
    neighbors_b: tuple[str, ...]


@dataclass(frozen=True)
class AroundWord:
    """A word that gives a place a meaning.

    Attributes
    ----------
    word : the word.
    near : in which space it is a neighbour of a word that is shown: "a", "b" or "both"; None for a frequent word that
        is none.
    """

    word: str
    near: str | None


@dataclass(frozen=True, repr=False, eq=False)
class MovedMap(Report):
    """Words of two aligned spaces in two dimensions.

    Attributes
    ----------
    moved : n words, those that moved most first.
    positions_a, positions_b : (n, 2) float64, their places in each space. For "pca" in units of vectors of length 1;
        otherwise without a unit.
    around : m words that give these places a meaning, the nearest neighbours first.
    positions_around : (m, 2) float64, of the mean of their vectors of length 1 in both spaces.
    variance : shares of the variance of the unit vectors along both axes; None for "tsne" and "umap".
    method : "pca", "tsne" or "umap".
    a, b : names of the spaces.
    choice : how the words were chosen: "moved", "words" or "near".
    left_out : words that were asked for without a usable vector in both spaces.
    fitted : number of words that the rotation of A to B was fitted to; None without alignment.
    difference : the result of `w2v.diff`, which measured how far words moved and how the spaces fit each other.
    seed : of what was drawn.
    vectors_a, vectors_b : both spaces, for the neighbours of a page.
    places : (n + m,) int64 numbers of the words in `difference.each`.
    metadata : columns by which a page can colour the n + m words; None without any.
    """

    moved: tuple[MovedWord, ...]
    positions_a: Floats
    positions_b: Floats
    around: tuple[AroundWord, ...]
    positions_around: Floats
    variance: tuple[float, float] | None
    method: str
    a: str
    b: str
    choice: str
    left_out: int
    fitted: int | None
    difference: Difference
    seed: int
    vectors_a: Queries
    vectors_b: Queries
    places: Indices
    metadata: Metadata | None = None

    def __len__(self) -> int:
        """Number of words with places in both spaces."""
        return len(self.moved)

    @property
    def models(self) -> tuple[str, ...]:
        """The names of both spaces."""
        return self.a, self.b

    @property
    def related(self) -> bool | None:
        """Whether the spaces have something in common; None if that is not known."""
        return self.difference.related

    @property
    def words(self) -> tuple[str, ...]:
        """The n words with places in both spaces, and the m words around."""
        return (*(one.word for one in self.moved), *(one.word for one in self.around))

    def brief(self) -> str:
        known = "" if self.related is None else f", related={self.related}"
        return f"{len(self)} words from {self.a} to {self.b} by {METHODS[self.method]}{known}"

    def tables(self) -> list[FactTable | TextTable]:
        return [self._facts(), *self._words()]

    def _facts(self) -> FactTable:
        shared = f"{self.difference.words:,}"
        facts = [Fact("words", f"{len(self):,}", {
            "moved": f"that moved most of {shared} shared ones, by {self.difference.by}", "words": "chosen",
            "near": "with its nearest neighbours"}[self.choice])]
        if self.left_out:
            facts.append(Fact("left out", f"{self.left_out:,}", "words without a usable vector in both spaces"))
        facts.append(Fact("words around", f"{len(self.around):,}", "at the mean of both places"))
        if self.fitted is not None:
            facts.append(Fact("alignment", f"{self.fitted:,}", f"of {shared} shared words, to which a rotation of "
                              f"{printable_line(self.a)} was fitted"))
        facts += facts_of(self.method, self.variance, self.metadata)
        return FactTable(facts, notes=[wrapped(note) for note in self.difference.notes_on_spaces()])

    def _words(self) -> list[TextTable]:
        rows = [[printable_line(one.word), f"{one.rank:,}", number(one.cosine), number(one.expected_cosine),
                 f"{one.z:.1f}"] for one in self.moved]
        note = ("rank: by frequency. expected: median of words of similar frequency. z: how much further the word "
                "moved than these, in robust standard deviations.")
        near = [[printable_line(one.word), *(", ".join(map(printable_line, words[:_SHOWN])) or "-"
                                             for words in (one.neighbors_a, one.neighbors_b))] for one in self.moved]
        names = [f"near it in {printable_line(name)}" for name in (self.a, self.b)]
        return [TextTable(["word", "rank", "cosine", "expected", "z"], rows, notes=[note]),
                TextTable(["word", *names], near, left=(0, 1, 2))]

    def to_dict(self) -> dict[str, Any]:
        """Return all values; those of `difference` without the words and bands that `w2v diff` shows."""
        fit = self.difference.alignment
        return {
            "a": self.a, "b": self.b, "method": self.method, "choice": self.choice, "by": self.difference.by,
            "seed": self.seed, "variance": None if self.variance is None else list(self.variance),
            "left_out": self.left_out, "shared": self.difference.words, "fitted": self.fitted,
            "alignment": None if fit is None else fit.to_dict(),
            "moved": [row | {"neighbors_a": list(one.neighbors_a), "neighbors_b": list(one.neighbors_b)}
                      for row, one in zip(self._rows(), self.moved, strict=True)],
            "around": [{"word": one.word, "x": x, "y": y, "near": one.near}
                       for one, (x, y) in zip(self.around, self.positions_around.tolist(), strict=True)]}

    def to_frame(self) -> DataFrame:
        """Return a `pandas.DataFrame` with a row for each word that has places in both spaces, and the columns "word",
        "x_a", "y_a", "x_b", "y_b", "rank", "cosine", "expected_cosine" and "z"."""
        return frame(self._rows())

    def _rows(self) -> list[dict[str, Any]]:
        places = zip(self.moved, self.positions_a.tolist(), self.positions_b.tolist(), strict=True)
        return [{"word": one.word, "x_a": x_a, "y_a": y_a, "x_b": x_b, "y_b": y_b, "rank": one.rank,
                 "cosine": one.cosine, "expected_cosine": one.expected_cosine, "z": one.z}
                for one, (x_a, y_a), (x_b, y_b) in places]

    def plot(self, axes: Axes | None = None) -> Axes:
        return draw(self.to_dict(), axes)

    def save(self, path: StrPath) -> None:
        """Write a picture as `.png`, `.svg` or `.pdf`, or a page as `.html`, as `WordMap.save`.

        A page lists the neighbours of each word among all words of each space, and has the columns "kind", "z" and
        "cosine" (as in `MovedWord`) to colour the words by.

        Raises
        ------
        ValueError : the suffix is another one, or a page has too many words.
        W2VError : matplotlib is not installed, or the file cannot be written.
        """
        save_map(self.plot, self._page, path)

    def _page(self) -> PageData:
        check_page_words(len(self.places))
        each, numbers = self.difference.each, {word: number for number, word in enumerate(self.words)}
        spaces = [page_space(kv, rows[self.places], np.concatenate((at, self.positions_around)), printable_line(name),
                             numbers)
                  for kv, rows, at, name in ((self.vectors_a, each.old_rows, self.positions_a, self.a),
                                             (self.vectors_b, each.new_rows, self.positions_b, self.b))]
        columns = [self._kinds(), *(Column(name, values[self.places].astype(np.float64).round(digits), None)
                                    for name, values, digits in (("z", each.z, 1), ("cosine", each.cosine, 3)))]
        names = dict(zip("ab", map(printable_line, self.models), strict=True))
        caption = ". ".join(captions(self.to_dict(), names, page=True))
        return PageData(title(self.choice, printable_line(self.words[0]), names), caption, list(numbers), spaces,
                        (*columns, *(() if self.metadata is None else self.metadata.columns)))

    def _kinds(self) -> Column:
        """Return whether each word has a way, and whose neighbour it is."""
        kinds = {"": "moved" if self.choice == "moved" else "chosen", "a": f"neighbour in {self.a} only",
                 "b": f"neighbour in {self.b} only", "both": "neighbour in both", None: "frequent word"}
        found = [kinds[""]] * len(self) + [kinds[one.near] for one in self.around]
        labels = tuple(kind for kind in kinds.values() if kind in found)
        return Column("kind", np.array([labels.index(kind) for kind in found], dtype=np.int64), labels)
