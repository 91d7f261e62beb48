"""`Reduction`: vectors with fewer dimensions, and what the reduction keeps.

Place in the data flow: `w2v.analysis.reduction.reduce` -> new vectors, tables, JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

from w2v.analysis.estimate import Estimate
from w2v.analysis.linear_map import LinearMap, Vectors
from w2v.analysis.reduction.distortion import Distortion
from w2v.analysis.reduction.picture import draw
from w2v.analysis.reduction.prefixes import Prefix
from w2v.system.fact_table import Fact, FactTable
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, number, percent
from w2v.system.text_table import interval as interval_text
from w2v.types import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

_SHOWN = (1, 2, 3, 4, 5, 10, 20, 50, 100, 200, 500, 1000)  # components in the table


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components of the old vectors.

    Attributes
    ----------
    variances : (d,) falling; mean squared coordinate of each component, about the mean if that is subtracted.
    shares : (d,) of their sum.
    chance : (d,) shares of as many random vectors from N(0, I).
    effective_rank : exponential of the entropy of the shares: the number of equal components with this entropy.
    """

    variances: Floats
    shares: Floats
    chance: Floats
    effective_rank: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {"variances": self.variances.tolist(), "shares": self.shares.tolist(), "chance": self.chance.tolist(),
                "effective_rank": self.effective_rank.to_dict()}


@dataclass(frozen=True, repr=False, eq=False)
class Reduction(Report, Generic[Vectors]):
    """Reduced vectors and what they keep.

    Attributes
    ----------
    kv : the new vectors, of the class of the old ones.
    map : the map from old to new vectors (m, d) -> (m, k), for vectors from elsewhere.
    method : "pca" or "random".
    matrix : kind of random matrix; None for "pca".
    old_dim, dim : dimensions before and after.
    centered : whether the mean was subtracted.
    removed : number of first components that were left out.
    dtype : stored type of the new vectors.
    words : number of words.
    broken : number of them with NaN, infinity or too large numbers in their vectors: they have no part in the fit and
        the samples, and stay broken.
    outputs, subwords : what became of the output vectors and of the source of vectors for unknown words: "kept", "left
        out", or None if there were none.
    eps : the bound of a random projection: asked for, or guaranteed by the dimension; None if there is none.
    seed : of everything that is drawn.
    queries : words whose neighbours were compared; 0 for none.
    topn : neighbours of each.
    components : None for a random projection.
    prefixes : from the shortest to all numbers of the new vectors.
    distortion : of squared distances, by all numbers of the new vectors.
    """

    kv: Vectors
    map: LinearMap
    method: str
    matrix: str | None
    old_dim: int
    dim: int
    centered: bool
    removed: int
    dtype: str
    words: int
    broken: int
    outputs: str | None
    subwords: str | None
    eps: float | None
    seed: int
    queries: int
    topn: int
    components: Components | None
    prefixes: tuple[Prefix, ...]
    distortion: Distortion

    def brief(self) -> str:
        last = self.prefixes[-1]
        kept = "" if last.variance is None else f", variance={last.variance.value:.4f}"
        overlap = "" if last.neighbours is None else f", neighbours={last.neighbours.value:.4f}"
        return f"{self.method}, {self.words:,} words x {self.old_dim} -> {self.dim}{kept}{overlap}"

    def to_dict(self) -> dict[str, Any]:
        names = ("method", "matrix", "old_dim", "dim", "centered", "removed", "dtype", "words", "broken", "outputs",
                 "subwords", "eps", "seed", "queries", "topn")
        return {**{name: getattr(self, name) for name in names},
                "components": None if self.components is None else self.components.to_dict(),
                "prefixes": [one.to_dict() for one in self.prefixes], "distortion": self.distortion.to_dict()}

    def to_frame(self) -> DataFrame:
        """Return a `pandas.DataFrame` with a row for each length of prefix."""
        return frame((one.to_dict() for one in self.prefixes), flat=True)

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the shares of neighbours and of variance that the first numbers keep.

        Parameters and errors as in `Report.plot`.
        """
        return draw(self.to_dict(), axes)

    def facts(self) -> dict[str, Any]:
        """Return what was done, for the model card."""
        found: dict[str, Any] = {"method": self.method, "old_dim": self.old_dim, "dim": self.dim}
        if self.method == "random":
            return found | {"matrix": self.matrix, "seed": self.seed}
        found |= {"centered": self.centered, "removed": self.removed}
        last = self.prefixes[-1].variance
        return found if last is None else found | {"variance": last.value}

    def tables(self) -> list[TextTable | FactTable]:
        tables: list[TextTable | FactTable] = [FactTable(list(self._facts()))]
        if self.components is not None:
            tables.append(self._component_table(self.components))
        tables += [self._cosine_table(), self._neighbour_table()]
        if self.method == "random":
            tables.append(self._distortion_table())
        return tables

    def _facts(self) -> Iterator[Fact]:
        broken = f"{self.broken:,} with broken vectors are left out of the fit" if self.broken else ""
        yield Fact("words", f"{self.words:,}", broken)
        yield Fact("dimensions", f"{self.dim:,}", f"of {self.old_dim:,}, {self._what()}")
        if self.components is not None:
            rank = self.components.effective_rank
            yield Fact("effective rank", f"{rank.value:.1f}",
                       f"of {self.old_dim:,}; {rank.chance:.1f} for random vectors: the number of equal components "
                       "with the same entropy of variance")
        if self.outputs == "left out":
            yield Fact("output vectors", "left out", "only a rotation keeps their products with the vectors")
        if self.subwords == "left out":
            yield Fact("unknown words", "left out", "their vectors come from a program and cannot be reduced")

    def _what(self) -> str:
        if self.method == "random":
            return f"random projection ({self.matrix}, seed {self.seed})"
        parts = ["principal components"]
        if self.removed:
            parts += [f"without the first {self.removed:,}"]
        parts += ["after subtracting the mean"] if self.centered else []
        whole = self.dim == self.old_dim and not self.centered
        return " ".join(parts) + (": a rotation, which changes no cosine, up to rounding" if whole else "")

    def _component_table(self, found: Components) -> TextTable:
        d = len(found.shares)
        sums, chance = found.shares.cumsum(), found.chance.cumsum()
        rows = [(f"{k:,}", percent(float(found.shares[k - 1])), percent(float(found.chance[k - 1])),
                 percent(float(sums[k - 1])), percent(float(chance[k - 1])))
                for k in sorted({*(k for k in _SHOWN if k < d), d})]
        return TextTable(("component", "variance", "by chance", "sum so far", "by chance"), rows,
                         notes=("By chance: components of as many random vectors.",))

    def _cosine_table(self) -> TextTable:
        head = ["numbers", "error of cosines", "95 % interval", "by chance"]
        head += ["variance", "by chance"] if self.components is not None else []
        rows = [[f"{one.dim:,}", *one.cosine_error.cells(),
                 *([] if one.variance is None else [percent(one.variance.value), percent(one.variance.chance)])]
                for one in self.prefixes]
        return TextTable(head, rows, notes=(
            "The first numbers of the new vectors, compared with all numbers of the old ones. Error of cosines: mean "
            f"difference, over {self.distortion.pairs:,} random pairs of words; by chance: of different pairs.",))

    def _neighbour_table(self) -> TextTable:
        head = [f"same {self.topn}", "95 % interval", "by chance"] if self.queries else []
        rows = []
        for one in self.prefixes:
            near = one.neighbours
            cells = [] if near is None else [percent(near.value), interval_text(near.interval), percent(near.chance)]
            rows.append([f"{one.dim:,}", *cells, percent(one.mean_share.value), percent(one.mean_share.chance)])
        notes = [f"Same {self.topn}: share of the {self.topn} nearest words that stay the same, over {self.queries:,} "
                 "words."] if self.queries else []
        notes.append("Mean: squared length of the mean vector, as a share of the mean squared length.")
        return TextTable(["numbers", *head, "mean", "by chance"], rows, notes=notes)

    def _distortion_table(self) -> FactTable:
        found = self.distortion
        facts = [Fact("squared distances", "new / old", f"over {found.pairs:,} random pairs of words"),
                 Fact("  mean", number(found.mean.value), f"95 % interval {interval_text(found.mean.interval, 4)}"),
                 Fact("  smallest", number(found.least)), Fact("  largest", number(found.most)),
                 Fact("  middle 95 %", interval_text(found.middle, 2),
                      f"{interval_text(found.expected, 2)} expected of a projection to {self.dim:,} dimensions")]
        if found.within is None or found.eps is None:
            facts.append(Fact("bound", "none", "4 ln n / (eps^2/2 - eps^3/3) exceeds the dimension for every eps below "
                                               "1: no distance is guaranteed"))
        else:
            sure = 1 - 2 / max(2, self.words - self.broken) ** 2
            facts += [Fact("bound", f"eps = {found.eps:.4f}", "4 ln n / (eps^2/2 - eps^3/3) dimensions; each pair is "
                                                              f"within 1 +- eps with a probability of {sure:.10g}"),
                      Fact("  within 1 +- eps", percent(found.within.value) if found.pairs else "-",
                           f"95 % interval {interval_text(found.within.interval)}")]
        return FactTable(facts)
