"""`Stability`: result of `w2v.stability`, with its tables.

Place in the data flow: `w2v.analysis.stability.stability` -> numbers for people, programs and pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v.analysis.estimate import Estimate
from w2v.analysis.stability.picture import draw
from w2v.system.plain import printable_line
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, interval, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

MEASURES = ("overlap", "in_all", "cosine")
"""Names of the estimates of a `Stability`."""

EXTREMES = 10  # words that are shown as the least and the most stable ones
_MEANINGLESS = 0.01  # share of the neighbours beyond those by chance


@dataclass(frozen=True)
class WordStability:
    """A word, its frequency rank in the first run, from 1, and its measures; see `Stability`."""

    word: str
    rank: int
    overlap: float
    in_all: float
    cosine: float


@dataclass(frozen=True)
class BandStability:
    """Means over the words of a frequency band.

    Attributes
    ----------
    band : its name.
    words, measured : words of the band in all runs, and those of them that were measured.
    overlap, in_all, cosine : see `Stability`.
    """

    band: str
    words: int
    measured: int
    overlap: Estimate
    in_all: Estimate
    cosine: Estimate


@dataclass(frozen=True, repr=False)
class Stability(Report):
    """How much several runs agree.

    Attributes
    ----------
    runs, topn : number of runs, and of the neighbours of a word.
    words : words that all runs have.
    words_left_out : for each run, its words that are not in all runs, or whose vector is broken or zero in one of them.
    words_measured : words of the sample, or given words that all runs have.
    words_unknown : given words that are not in all runs.
    words_given : whether words were given; otherwise they are a sample.
    seed : of the sample and the intervals.
    overlap : share of the `topn` nearest words that two runs have in common, the mean over words and pairs of runs.
    in_all : share of them that are in all runs.
    cosine : cosine of a word's vector with the mean of the other runs, after all runs are aligned; NaN if the
        dimensions differ.
    by_band : the same by frequency in the first run.
    pairs : (i, j, overlap) of each pair of runs, numbered from 1.
    deciles : 11 values of the overlap, below which 0 %, 10 %, ..., 100 % of the words are.
    histogram : shares of the words with an overlap of 0 to 0.1, 0.1 to 0.2, ..., 0.9 to 1.
    per_word : the words that were measured.
    """

    runs: int
    topn: int
    words: int
    words_left_out: tuple[int, ...]
    words_measured: int
    words_unknown: tuple[str, ...]
    words_given: bool
    seed: int
    overlap: Estimate
    in_all: Estimate
    cosine: Estimate
    by_band: tuple[BandStability, ...]
    pairs: tuple[tuple[int, int, float], ...]
    deciles: tuple[float, ...]
    histogram: tuple[float, ...]
    per_word: tuple[WordStability, ...]

    def least(self, n: int = EXTREMES) -> list[WordStability]:
        """Return the `n` least stable of the measured words: lowest overlap, then lowest cosine, first."""
        return [self.per_word[at] for at in self._order()[:n]]

    def most(self, n: int = EXTREMES) -> list[WordStability]:
        """Return the `n` most stable of the measured words, the most stable first."""
        return [self.per_word[at] for at in self._order()[::-1][:n]]

    def _order(self) -> list[int]:
        overlaps, cosines = ([getattr(one, name) for one in self.per_word] for name in ("overlap", "cosine"))
        order: list[int] = np.lexsort((cosines, overlaps)).tolist()
        return order

    @property
    def is_chance(self) -> bool:
        """Whether the runs share hardly more neighbours than unrelated spaces do."""
        low = self.overlap.value if self.overlap.interval is None else self.overlap.interval[0]
        chance = self.overlap.chance or 0.0
        return chance < 1 and (low - chance) / (1 - chance) < _MEANINGLESS

    def brief(self) -> str:
        return (f"runs={self.runs}, words={self.words}, overlap at {self.topn}={self.overlap.value:.4f}, "
                f"in_all={self.in_all.value:.4f}, cosine={self.cosine.value:.4f}")

    def meaning(self) -> str:
        """Return what the overlap means, in a sentence."""
        if self.is_chance:
            return ("The neighbours in these runs agree hardly better than by chance: are the runs of one corpus, and "
                    "are they trained?")
        in_all = f", and {self.topn * self.in_all.value:.1f} in all {self.runs} runs" if self.runs > 2 else ""
        return (f"Of the {self.topn} nearest neighbours of a word, {self.topn * self.overlap.value:.1f} are also among "
                f"the {self.topn} nearest in another run{in_all}.")

    def tables(self) -> Sequence[TextTable]:
        which = f"{self.words_measured:,} given words" if self.words_given else (
            "all measured" if self.words_measured == self.words else
            f"{self.words_measured:,} of them drawn by frequency band")
        names = (f"overlap of {self.topn} neighbours", "neighbours in all runs", "cosine after alignment")
        rows = [(name, *getattr(self, measure).cells()) for name, measure in zip(names, MEASURES, strict=True)
                if measure != "in_all" or self.runs > 2]
        left_out = max(self.words_left_out)
        notes = [self.meaning(),
                 f"{self.runs} runs, {self.words:,} words in all of them, {which}; seed {self.seed}"]
        if left_out:
            notes.append(f"up to {left_out:,} words of a run are left out: not in all runs, or a broken or zero vector")
        if self.words_unknown:
            shown = ", ".join(map(printable_line, self.words_unknown[:5]))
            notes.append(f"{len(self.words_unknown):,} of the given words are not in all runs: {shown}"
                         + (", ..." if len(self.words_unknown) > 5 else ""))
        tables = [TextTable(("", "mean", "95 % interval", "by chance"), rows, notes=notes)]
        if self.words_given:
            return [*tables, _word_table(self.per_word, "word")]
        return [*tables, self._band_table(), self._deciles_table(), _word_table(self.least(), "least stable"),
                _word_table(self.most(), "most stable")]

    def _band_table(self) -> TextTable:
        rows = [(one.band, f"{one.words:,}", number(one.overlap.value), interval(one.overlap.interval, 4),
                 number(one.in_all.value), number(one.cosine.value)) for one in self.by_band]
        return TextTable(("frequency", "words", "overlap", "95 % interval", "in all", "cosine"), rows)

    def _deciles_table(self) -> TextTable:
        shown = range(1, 10, 2)
        return TextTable(("share of the words", *(f"{10 * k} %" for k in shown)),
                         [("overlap of at most", *(f"{self.deciles[k]:.2f}" for k in shown))])

    def to_dict(self) -> dict[str, Any]:
        """Return all values as plain values; of a sample the words are only the least and the most stable ones."""
        found = {name: getattr(self, name) for name in (
            "runs", "topn", "words", "words_measured", "words_given", "seed")}
        found |= {name: list(getattr(self, name)) for name in ("words_left_out", "words_unknown")}
        found |= {name: getattr(self, name).to_dict() for name in MEASURES}
        found["by_band"] = [
            {"band": one.band, "words": one.words, "measured": one.measured,
             **{name: getattr(one, name).to_dict() for name in MEASURES}} for one in self.by_band]
        found["pairs"] = [{"runs": [i, j], "overlap": value} for i, j, value in self.pairs]
        found |= {"deciles": list(self.deciles), "histogram": list(self.histogram)}
        if self.words_given:
            return found | {"per_word": [_plain(one) for one in self.per_word]}
        return found | {"least_stable": [_plain(one) for one in self.least()],
                        "most_stable": [_plain(one) for one in self.most()]}

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the overlap by frequency with intervals, and its deciles; of given words the overlap of each.

        Parameters and errors as in `Report.plot`.
        """
        return draw(self.to_dict(), axes)

    def to_frame(self) -> DataFrame:
        """Return a `pandas.DataFrame` with a row for each measured word: "word", "rank" and the measures."""
        return frame(asdict(one) for one in self.per_word)


def _plain(one: WordStability) -> dict[str, Any]:
    return {name: None if value != value else value for name, value in asdict(one).items()}


def _word_table(words: Sequence[WordStability], heading: str) -> TextTable:
    rows = [(printable_line(one.word), f"{one.rank:,}", *(number(getattr(one, name)) for name in MEASURES))
            for one in words]
    return TextTable((heading, "rank", "overlap", "in all", "cosine"), rows)
