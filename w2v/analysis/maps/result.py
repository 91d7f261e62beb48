"""`WordMap`: the result of `w2v.map`, its tables and its picture.

Place in the data flow: positions and clusters of words -> table, JSON, data frame, figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from w2v.analysis.maps.draw import MOST_CLUSTERS as MOST_CLUSTERS
from w2v.analysis.maps.draw import choice_text, draw
from w2v.analysis.maps.positions import METHODS
from w2v.system.fact_table import Fact, FactTable
from w2v.system.figures import check_figure, save_figure, whole_figure
from w2v.system.plain import printable_line
from w2v.system.report import Report, frame
from w2v.system.text_table import percent
from w2v.types import Floats, Indices, StrPath

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]


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

    def __len__(self) -> int:
        """Number of words."""
        return len(self.words)

    def brief(self) -> str:
        return f"{len(self)} words by {METHODS[self.method]}"

    def tables(self) -> list[FactTable]:
        facts = [Fact("words", f"{len(self):,}", choice_text(self.choice, self.words[0], self.model))]
        if self.left_out:
            facts.append(Fact("left out", f"{self.left_out:,}", "words with zero or broken vectors"))
        facts.append(Fact("method", METHODS[self.method]))
        if self.variance is not None:
            facts.append(Fact("variance", percent(sum(self.variance)),
                              f"shown: {percent(self.variance[0])} and {percent(self.variance[1])}"))
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
        """Write the picture as `.png`, `.svg` or `.pdf`; the file appears complete or not at all.

        Raises
        ------
        ValueError, W2VError : as `w2v.system.figures.check_figure`.
        """
        check_figure(path)
        save_figure(whole_figure(self.plot()), path)
