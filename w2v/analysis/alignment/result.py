"""`Alignment`: the result of `w2v.align`, with tables, plain values, and translations.

Place in the data flow: `w2v.analysis.alignment.align` -> `Alignment` -> command line, new vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic

import numpy as np

from w2v.analysis.alignment.csls import Retrieval
from w2v.analysis.alignment.dictionary import Given
from w2v.analysis.alignment.picture import PARTS
from w2v.analysis.card import record_change
from w2v.analysis.estimate import Estimate
from w2v.analysis.linear_map import LinearMap, Vectors, mapped
from w2v.formats.keys import Key, is_key
from w2v.system.drawing import draw_part
from w2v.system.fact_table import Fact, FactTable
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable
from w2v.vectors.lengths import unit_rows
from w2v.vectors.neighbours import Neighbours
from w2v.vectors.queries import Queries

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]


@dataclass(frozen=True)
class Precision:
    """Share of held-out words of A that have a right word of B among the best answers.

    Attributes
    ----------
    method : "cosine" or "csls", the search.
    topn : number of answers looked at.
    share : the share, 0 to 1; by chance it is `topn` right words over the candidates.
    """

    method: str
    topn: int
    share: Estimate


@dataclass(frozen=True)
class Refinement:
    """One round of refinement.

    Attributes
    ----------
    pairs : words that were each other's nearest by CSLS.
    cosine : mean cosine of held-out pairs after the fit to these pairs; None without held-out pairs.
    kept : whether the map was kept; the last round is dropped if the mean cosine did not rise.
    """

    pairs: int
    cosine: float | None
    kept: bool


@dataclass(frozen=True)
class Histogram:
    """Numbers of held-out words by cosine with the right word of B.

    Attributes
    ----------
    edges : (k + 1) ends of the bins, -1 to 1.
    before, after : (k) words, without and with the map; `before` is None if the dimensions differ.
    chance : (k) mean number of words over the shuffles, each with a map fitted to shuffled anchors.
    """

    edges: tuple[float, ...]
    before: tuple[int, ...] | None
    after: tuple[int, ...]
    chance: tuple[float, ...]


@dataclass(frozen=True)
class AlignedWord:
    """A held-out word of A.

    Attributes
    ----------
    word, translations : the word, and the right words of B.
    before, after : mean cosine with the right words, without and with the map; `before` is None if the dimensions
        differ.
    rank_cosine, rank_csls : place of the first right word among the best answers, from 1; None if it is not there.
    """

    word: str
    translations: tuple[str, ...]
    before: float | None
    after: float
    rank_cosine: int | None
    rank_csls: int | None


@dataclass(frozen=True, repr=False, eq=False)
class Alignment(Report, Generic[Vectors]):
    """A map of the space A into the space B, and how well it works.

    Chance values are from shuffled pairs: the words of B are shuffled among pairs of about the same frequency, a map is
    fitted to shuffled anchors (10,000 at most), and shuffled held-out pairs are measured; the mean of `shuffles`
    rounds.

    Attributes
    ----------
    a, b : the vectors as they were given.
    map : the `LinearMap` of A into the space of B.
    retrieval : the search of `translate`.
    given : what became of the pairs of the dictionary, or of the shared words.
    anchors : number of pairs that the map is fitted to, in the last round that was kept.
    held_out : number of words of A that everything is measured with.
    left_out : pairs of the test that are not used because the word of B is not a candidate, or because of `held_out`.
    candidates : number of words of B among which a translation is searched.
    sample : number of words of A from which densities for CSLS are computed.
    shuffles : rounds of the null model.
    keeps_cosines : whether lengths and cosines within A stay as they are.
    length_kept : mean share of the squared length of a vector that the map keeps, over a sample of words; its value by
        chance is that of a random projection. None with `center`.
    before, after : mean cosine of held-out pairs, without and with the map; `before` is NaN if the dimensions differ.
        `p` of `after` is the probability of such a value with shuffled pairs, by the normal distribution with their
        mean and deviation.
    gain : mean of the differences.
    anchors_after : mean cosine of the anchors, which the map was fitted to, over a sample. Procrustes makes even
        shuffled pairs similar if there are fewer than several anchors for each dimension: its value by chance shows how
        much.
    precision : precision@1 and @5 by cosine and by CSLS.
    refinements : rounds of refinement.
    histogram, words : the held-out words, for pictures.
    related : whether the spaces have something in common: held-out pairs are nearer than shuffled ones by 0.05, with p
        below 0.001. None if that is unclear: p is below 0.05, or there are fewer than 10 words.
    options : the options of the fit.
    seed : as given.
    warnings : what a user should know.
    """

    a: Vectors
    b: Queries
    map: LinearMap
    retrieval: Retrieval
    given: Given
    anchors: int
    held_out: int
    left_out: int
    candidates: int
    sample: int
    shuffles: int
    keeps_cosines: bool
    length_kept: Estimate | None
    before: Estimate
    after: Estimate
    gain: Estimate
    anchors_after: Estimate
    precision: tuple[Precision, ...]
    refinements: tuple[Refinement, ...]
    histogram: Histogram
    words: tuple[AlignedWord, ...]
    related: bool | None
    options: dict[str, bool | int | None]
    seed: int
    warnings: tuple[str, ...] = ()

    @cached_property
    def kv(self) -> Vectors:
        """A in the space of B: new vectors in the same stored type, made on first use.

        The model card says what was done. Output vectors are kept only if the map keeps all products.
        """
        made = mapped(self.a, self.map, f"{self.a.source or 'vectors'}, aligned")
        record_change(made, "align", {
            "pairs": self.given.source, "anchors": self.anchors, **self.options, "dimensions": self.dimensions,
            "rounds_kept": sum(one.kept for one in self.refinements), "held_out": self.held_out,
            "mean_cosine": self.after.to_dict(), "related": self.related, "seed": self.seed})
        return made

    @property
    def dimensions(self) -> tuple[int, int]:
        """Dimensions of A and B."""
        return self.a.vector_size, self.b.vector_size

    def precision_at(self, topn: int, method: str = "csls") -> Estimate:
        """Return the precision at 1 or 5 by "cosine" or "csls".

        Raises
        ------
        KeyError : it was not measured.
        """
        for one in self.precision:
            if (one.topn, one.method) == (topn, method):
                return one.share
        raise KeyError(f"precision@{topn} by {method!r} was not measured")

    def translate(self, words: Sequence[Key], topn: int = 5, method: str = "csls") -> list[Neighbours]:
        """Return the words of B that are nearest to words of A after the map.

        Parameters
        ----------
        words : k keys of A.
        topn : answers for each.
        method : "csls" or "cosine". For CSLS the densities of the candidates are computed once, on first use.

        Returns
        -------
        list of k lists of (word of B, score), best first.

        Raises
        ------
        UnknownWordError : (a KeyError) a word has no vector in A.
        TypeError : `words` is one word and not a list. ValueError : unknown method.
        """
        if is_key(words):
            raise TypeError(f"words must be a list: [{words!r}], not {words!r}")
        vectors = np.stack([self.a.get_vector(word) for word in words]) if len(words) else np.empty(
            (0, self.a.vector_size), dtype=np.float32)
        rows, scores = self.retrieval.nearest(unit_rows(self.map(vectors)), topn, method)
        return [[(self.b.index_to_key[row], float(score)) for row, score in zip(*pair, strict=True) if row >= 0]
                for pair in zip(rows.tolist(), scores.tolist(), strict=True)]

    def brief(self) -> str:
        related = "" if self.related is not False else ", related=False"
        return f"anchors={self.anchors}, held_out={self.held_out}, cosine={self.after.value:.4f}{related}"

    def tables(self) -> list[TextTable | FactTable]:
        rows = [("cosine of held-out pairs, before", *self.before.cells()),
                ("cosine of held-out pairs, after", *self.after.cells()), ("gain", *self.gain.cells()),
                ("cosine of anchors, after", *self.anchors_after.cells()),
                *((f"precision@{one.topn}, {'CSLS' if one.method == 'csls' else one.method}", *one.share.cells())
                  for one in self.precision)]
        if self.length_kept is not None and not self.keeps_cosines:
            rows.append(("squared length kept in A", *self.length_kept.cells()))
        return [FactTable(self._facts()), TextTable(("mean", "value", "95 % interval", "by chance"), rows,
                                                  notes=tuple(self._notes()))]

    def _facts(self) -> list[Fact]:
        given = self.given
        lost = [f"{count:,} {name}" for count, name in (
            (given.duplicates, "duplicate"), (given.unknown_a, "unknown in A"), (given.unknown_b, "unknown in B"),
            (given.broken, "with broken vectors")) if count]
        facts = [Fact(given.source, f"{given.used:,}", f"of {given.pairs:,}: {', '.join(lost)}" if lost else ""),
                 Fact("anchors", f"{self.anchors:,}", "pairs that the map is fitted to"),
                 Fact("held-out words", f"{self.held_out:,}", f"{self.left_out:,} pairs of the test are not used"
                      if self.left_out else "they are not anchors"),
                 Fact("candidates", f"{self.candidates:,}", "most frequent words of B, of which one is the answer")]
        facts += [Fact(f"refinement {number}", f"{one.pairs:,}",
                       f"mutual neighbours; {'' if one.cosine is None else f'cosine {one.cosine:.4f}, '}"
                       f"{'kept' if one.kept else 'not kept: no gain on held-out pairs'}")
                  for number, one in enumerate(self.refinements, 1)]
        return facts

    def _notes(self) -> list[str]:
        notes = [f"By chance: mean of {self.shuffles} fits to shuffled pairs; of precision: right words / candidates.",
                 "Precision@k: share of words whose pair is one of the k nearest candidates. CSLS: cosine, less for "
                 "words that are near to everything."]
        if not self.keeps_cosines:
            notes.append("Lengths and cosines within A change: " + (
                "the mean of A is moved." if self.options["center"] else
                f"the map keeps {self.dimensions[1]} of {self.dimensions[0]} dimensions."))
        return notes

    def to_dict(self) -> dict[str, Any]:
        """Return all values except the vectors and the map as plain Python values."""
        estimates = ("length_kept", "before", "after", "gain", "anchors_after")
        plain = ("anchors", "held_out", "left_out", "candidates", "sample", "shuffles", "keeps_cosines", "related",
                 "options", "seed")
        found: dict[str, Any] = {"dimensions": list(self.dimensions), "given": asdict(self.given)}
        found |= {name: getattr(self, name) for name in plain}
        found |= {name: None if (one := getattr(self, name)) is None else one.to_dict() for name in estimates}
        found["precision"] = [{"method": one.method, "topn": one.topn, **one.share.to_dict()} for one in self.precision]
        found["refinements"] = [asdict(one) for one in self.refinements]
        found["histogram"] = asdict(self.histogram)
        return found | {"words": [asdict(one) for one in self.words], "warnings": list(self.warnings)}

    def to_frame(self) -> DataFrame:
        """Return the held-out words as a `pandas.DataFrame`, with a column for each attribute of `AlignedWord`."""
        return frame(asdict(one) for one in self.words)

    def plot(self, axes: Axes | None = None, *, part: str = "precision") -> Axes:
        """Draw one part of the result, with its value by chance.

        Parameters
        ----------
        axes : as in `Report.plot`.
        part : "precision" for how often a translation is found, with intervals, or "cosines" for the histogram of
            held-out pairs. `w2v plot` draws both on one figure.

        Raises
        ------
        ValueError : another part. W2VError : as in `Report.plot`.
        """
        return draw_part(PARTS, self.to_dict(), axes, part)
