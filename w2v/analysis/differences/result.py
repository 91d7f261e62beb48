"""`Difference`: the result of `diff`, with its tables, its values for JSON, a row per word, and its limits.

Place in the data flow: `w2v.diff` -> `Difference` -> tables for people, values for programs, an exit code for CI.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v.analysis.differences.parts import Alignment, Band, Mover, WordMoves
from w2v.analysis.differences.picture import draw
from w2v.analysis.differences.relation import not_measured
from w2v.analysis.estimate import Estimate
from w2v.system.fact_table import Fact, FactTable
from w2v.system.plain import printable_line
from w2v.system.report import Report, pandas
from w2v.system.text_table import TextTable, interval, number, p_text, wrapped
from w2v.types import Floats, Indices

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

BINS = 40  # of the histogram of cosines, from -1 to 1
LEVEL = 0.05
"""False discovery rate at which a word counts as having moved more than between runs."""

_OVERFIT = 5  # words per dimension; with fewer, a rotation raises the cosines of unrelated words by more than 0.1


@dataclass(frozen=True, repr=False)
class Difference(Report):
    """How two files of vectors differ.

    Attributes
    ----------
    words : number of words compared.
    lost, new : number of words that only the old or only the new vectors have.
    unseen : number of words left out because they have the count 0 in one of them.
    broken : number of words left out because of NaN or infinity in a vector, or because all their vectors are zero.
    missing : number of words left out because another run does not have them.
    lost_words, new_words : the most frequent of them.
    old_runs, new_runs : number of runs of each text.
    bootstrap : whether one of the files is of a bootstrap sample of a text.
    by : the ranking, "cosine", "neighbors" or "both".
    neighbors : number of nearest neighbours that are compared.
    judged : number of words whose neighbours count in the ranking.
    threshold : cosine below which a word counts as moved far.
    vector_size : dimension of the old vectors.
    aligned : whether the old space was rotated to the new one.
    alignment : how the spaces fit each other; None if there are too few words or too many dimensions to measure it.
    all_words : values of all words compared, as one band.
    bands : the same by frequency.
    significant : number of words that moved more than between runs of one text at a false discovery rate of 5 %; None
        without runs.
    moved : the words that moved most.
    each : values of each word, as arrays.
    """

    words: int
    lost: int
    new: int
    unseen: int
    broken: int
    missing: int
    lost_words: tuple[str, ...]
    new_words: tuple[str, ...]
    old_runs: int
    new_runs: int
    bootstrap: bool
    by: str
    neighbors: int
    judged: int
    threshold: float
    vector_size: int
    aligned: bool
    alignment: Alignment | None
    all_words: Band
    bands: tuple[Band, ...]
    significant: int | None
    moved: tuple[Mover, ...]
    each: WordMoves

    @property
    def related(self) -> bool | None:
        """Whether the spaces have something in common; None if that is not known, or cannot be told."""
        return None if self.alignment is None else self.alignment.related

    def brief(self) -> str:
        known = "" if self.related is None else f", related={self.related}"
        return (f"words={self.words}, lost={self.lost}, new={self.new}, cosine={number(self.all_words.cosine.value)}, "
                f"overlap={number(self.all_words.overlap.value)}{known}")

    def exceeded(self, max_share: float | None = None, min_overlap: float | None = None) -> list[str]:
        """Return a sentence for each limit that is exceeded, or whose number is not known.

        It serves to test new vectors before they are used.

        Parameters
        ----------
        max_share : largest share of the words compared that may have a cosine below `threshold`, 0 to 1.
        min_overlap : smallest mean share of neighbours that must be kept, 0 to 1.
        """
        found: list[str] = []
        share, kept = self.all_words.below.value, self.all_words.overlap.value
        if max_share is not None and np.isnan(share):
            found.append(f"the share of words with a cosine below {self.threshold:g} is not known")
        elif max_share is not None and share > max_share:
            found.append(f"{100 * share:.2f} % of the words have a cosine below {self.threshold:g}, "
                         f"{100 * (share - max_share):.2f} points above the limit of {100 * max_share:g} %")
        if min_overlap is not None and np.isnan(kept):
            found.append("the mean overlap of neighbours is not known")
        elif min_overlap is not None and kept < min_overlap:
            found.append(f"the mean overlap of neighbours is {kept:.4f}, {min_overlap - kept:.4f} below the limit of "
                         f"{min_overlap:g}")
        return found

    def histogram(self) -> tuple[Floats, Indices]:
        """Return (41,) edges of bins from -1 to 1, and the (40,) numbers of words with a cosine in each."""
        counts, edges = np.histogram(self.each.cosine[~np.isnan(self.each.cosine)], BINS, (-1.0, 1.0))
        return edges, counts.astype(np.int64)

    def to_dict(self) -> dict[str, Any]:
        """Return all values but those of each word."""
        kept = {name: value for name, value in vars(self).items() if name not in _OWN_FORM}
        edges, counts = self.histogram()
        return kept | {
            "lost_words": list(self.lost_words), "new_words": list(self.new_words),
            "alignment": None if self.alignment is None else self.alignment.to_dict(),
            "all_words": _band_dict(self.all_words), "bands": [_band_dict(band) for band in self.bands],
            "cosine_histogram": {"edges": edges.tolist(), "counts": counts.tolist()},
            "moved": [asdict(one) | {"lost": list(one.lost), "gained": list(one.gained)} for one in self.moved]}

    def to_frame(self) -> DataFrame:
        """Return a `pandas.DataFrame` with a row for each word compared, those that moved most first."""
        order = self.each.order
        words = [printable_line(self.each.word(place)) for place in order.tolist()]
        found: DataFrame = pandas().DataFrame(
            {"word": words, **{name: values[order] for name, values in self.each.columns().items()}})
        return found

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the cosines of the words that moved most, with the expected ones; or the neighbours that they kept.

        Parameters and errors as in `Report.plot`.
        """
        return draw(self.to_dict(), axes)

    def lines(self) -> Iterator[str]:
        """Yield the rows of `to_frame` as lines of a table with tabs, with a line of names before them."""
        columns = self.each.columns()
        yield "\t".join(["word", *columns]) + "\n"
        for place in self.each.order.tolist():
            cells = (f"{value:.6g}" if isinstance(value, float) else f"{value}"
                     for values in columns.values() for value in [values[place].item()])
            yield "\t".join([printable_line(self.each.word(place)), *cells]) + "\n"

    def tables(self) -> list[TextTable | FactTable]:
        return [self._facts(), *self._bands(), *(self._movers() if self.moved else [])]

    @property
    def tested(self) -> bool:
        """Whether there are runs to compare with."""
        return self.significant is not None

    @property
    def _tested_words(self) -> int:
        return int((~np.isnan(self.each.p)).sum())

    def _facts(self) -> FactTable:
        facts = [Fact("words compared", f"{self.words:,}"),
                 Fact("lost words", f"{self.lost:,}", _some(self.lost_words)),
                 Fact("new words", f"{self.new:,}", _some(self.new_words))]
        left_out = ((self.unseen, "their count is 0 in one of the files"),
                    (self.broken, "NaN or infinity in a vector, or all zero"), (self.missing, "not in all runs"))
        facts += [Fact("words left out", f"{count:,}", why) for count, why in left_out if count]
        if self.significant is not None:
            facts += [Fact("runs", f"{self.old_runs} + {self.new_runs}", "on the old and the new text"),
                      Fact("moved more", f"{self.significant:,}", f"of {self._tested_words:,} words: more than between "
                           "runs of one text, at a false discovery rate of 5 %")]
        return FactTable(facts, notes=[wrapped(note) for note in (*self.notes_on_spaces(), self._runs_note()) if note])

    def notes_on_spaces(self) -> list[str]:
        """Return sentences that say how the spaces fit each other, and whether the numbers mean something."""
        return list(filter(None, (self._relation_note(), self._alignment_note(), self._few_words_note())))

    def _relation_note(self) -> str:
        one = self.alignment
        if one is None:
            return "" if np.isnan(self.all_words.cosine.value) else (
                f"Whether the spaces are related was not measured: {not_measured(self.words)}. If they are not, the "
                "numbers below mean nothing.")
        cosines = (f"after a rotation, words that it was not fitted to have the mean cosine {number(one.after.value)} "
                   f"with themselves, and {number(one.after.chance)} with other words of the same frequency")
        if one.related is None:
            return (f"It cannot be told whether the spaces are related: {cosines}. More shared words are needed. If "
                    "the spaces are not related, the numbers below mean nothing.")
        return "" if one.related else (
            f"The spaces are UNRELATED: {cosines}. The numbers below mean nothing. Are both files of one language, "
            "with words written the same way?")

    def _alignment_note(self) -> str:
        one = self.alignment
        if one is None or not one.related:
            return ""
        change = f"the mean cosine from {number(one.before.value)} to {number(one.after.value)}"
        by_chance = f"{number(one.after.chance)} by chance; of words that it was not fitted to"
        if not one.applied:
            return "" if one.same_space else (
                f"Different spaces: a rotation would raise {change} ({by_chance}). Leave out --no-align (align=False), "
                "which is for models of which one was trained further from the other.")
        if one.same_space:
            return f"The spaces were aligned already: the rotation changes {change} ({by_chance})."
        return f"Rotation applied: it raises {change} ({by_chance})."

    def _few_words_note(self) -> str:
        few = self.aligned and self.words < _OVERFIT * self.vector_size
        return (f"{self.words:,} words are few for a rotation of {self.vector_size} dimensions: it fits these words by "
                "chance too, and their cosines are too high.") if few else ""

    def _runs_note(self) -> str:
        if self.significant is None:
            return ("Any two trainings differ. To know which words moved more than that, compare with runs with other "
                    "seeds, or on other parts of each text: --runs (runs=).")
        if self.bootstrap:
            return ("The runs are bootstrap samples, which are nearer to samples of the same text than to those of "
                    "another text of the same language: p and q are too small. Use runs on separate random parts of "
                    "each text.")
        if 2 * self.significant <= self._tested_words:
            return ""
        return ("Most words moved more than between runs of one text. If the runs are seeds, this is usual for any two "
                "samples of a language, and z shows which words moved more than others. Runs on separate parts of "
                "each text take the sampling into account.")

    def _bands(self) -> list[TextTable]:
        """Return the tables of cosines and of neighbours by frequency."""
        beside, limit = "in runs" if self.tested else "chance", f"below {self.threshold:g}"
        cosines: list[list[str]] = []
        overlaps: list[list[str]] = []
        for band in (*self.bands, self.all_words):
            name = band.name.removeprefix("rank ").replace(" and above", " -")
            cosines.append([name, f"{band.words:,}", *self._cells(band.cosine, band.cosine_within),
                            number(band.below.value), interval(band.below.interval, 3)])
            overlaps.append([name, f"{band.sampled:,}", *self._cells(band.overlap, band.overlap_within)])
        runs = "in runs: the same between runs of one text."
        note = ("cosine: mean over the words of the cosine of the old and the new vector. "
                f"{runs if self.tested else 'chance: of two different words.'} {limit}: share of words with a smaller "
                "cosine.")
        first = TextTable(["frequency rank", "words", "cosine", "95 %", beside, limit, "95 %"], cosines, 1, [note])
        note = (f"overlap: mean share of the {self.neighbors} nearest neighbours that a word kept."
                f"{' ' + runs if self.tested else ''}")
        second = TextTable(["frequency rank", "sample", "overlap", "95 %", beside], overlaps, 1, [note])
        return [second] if np.isnan(self.all_words.cosine.value) else [first, second]

    def _cells(self, value: Estimate, within: float | None) -> list[str]:
        """Return a number, its interval, and the number by chance, or between runs of one text if there are runs."""
        return [*value.cells()[:2], number(within) if self.tested else value.cells()[2]]

    def _movers(self) -> list[TextTable]:
        head = ["moved most", "rank", "cosine", "expected", "z", "overlap", "expected", "z"]
        rows = [[printable_line(one.word), f"{one.rank:,}", number(one.cosine), number(one.expected_cosine), _z(one.z),
                 number(one.overlap), number(one.expected_overlap), _z(one.overlap_z)] for one in self.moved]
        note = "rank: by frequency. expected: " + (
            "mean between runs of one text." if self.tested else "median of words of similar frequency.")
        note += (" z: how much further the word moved than words of similar frequency, in their robust standard "
                 "deviations.")
        if self.tested:
            head = [*head, "q"]
            rows = [[*row, p_text(np.nan if one.q is None else one.q)]
                    for row, one in zip(rows, self.moved, strict=True)]
            note += " q: the smallest false discovery rate at which the word moved."
        near = [[printable_line(one.word), _some(one.lost), _some(one.gained)] for one in self.moved]
        return [TextTable(head, rows, notes=[note]),
                TextTable(["moved most", "neighbours lost", "neighbours gained"], near, left=(0, 1, 2))]


_OWN_FORM = {"each", "alignment", "all_words", "bands", "moved"}


def _band_dict(band: Band) -> dict[str, Any]:
    return vars(band) | {name: getattr(band, name).to_dict() for name in ("cosine", "below", "overlap")}


def _z(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _some(words: Sequence[str]) -> str:
    return ", ".join(map(printable_line, words)) or "-"
