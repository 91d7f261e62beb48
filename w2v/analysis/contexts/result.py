"""`Why`: what two words have in common and what not, by context.

Place in the data flow: `w2v.analysis.contexts.why` -> tables, JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from w2v.analysis.contexts.picture import draw
from w2v.analysis.estimate import Estimate
from w2v.system.fact_table import Fact, FactTable
from w2v.system.plain import printable_line
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, number, p_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

_PARTS = ("cosine", "correlation", "both", "neither", "against", "first")


@dataclass(frozen=True)
class Context:
    """A context word and what it contributes to the similarity of words a and b.

    Attributes
    ----------
    word : the context.
    a, b : natural logarithm of how many times more often the context occurs with a word than with an average word.
    contribution : term of the correlation; by chance the mean of random pairs, and as `p` the share of them to whose
        correlation this context contributes at least as much, or as little for a context of one word only.
    """

    word: str
    a: float
    b: float
    contribution: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        one = self.contribution
        return {"word": self.word, "a": self.a, "b": self.b, "contribution": one.value, "chance": one.chance,
                "p": one.p}


@dataclass(frozen=True, repr=False)
class Why(Report):
    """What two words have in common, and what not.

    Attributes
    ----------
    a, b : the words.
    cosine : of their vectors.
    correlation : of their profiles: the sum of the contributions of all contexts. For it and the next attributes the
        value by chance is the mean of random pairs of words from the same frequency bands, and p the share of these
        pairs with at least this value (at most, for `against`).
    both : part of the correlation from contexts that occur more often with both words than with an average word.
    neither : part from contexts that occur less often with both.
    against : part from contexts that occur more often with one and less often with the other; 0 or negative.
    first : part from the first `topn` contexts of `contexts`, by chance that of the first contexts of random pairs.
    contexts : those that contribute most to `both`, the largest first.
    only_a, only_b : those that contribute most to `against`: contexts of one word and not of the other.
    counts_known : whether there are counts to weight contexts with; without them all count alike.
    exponent : contexts are weighted by count^exponent.
    n_contexts : number of contexts.
    bands : names of the frequency bands of the words.
    pairs : number of random pairs.
    seed : of the random pairs.
    random_correlations : (pairs,) of the random pairs, for a histogram.
    """

    a: str
    b: str
    cosine: Estimate
    correlation: Estimate
    both: Estimate
    neither: Estimate
    against: Estimate
    first: Estimate
    contexts: tuple[Context, ...]
    only_a: tuple[Context, ...]
    only_b: tuple[Context, ...]
    counts_known: bool
    exponent: float
    n_contexts: int
    bands: tuple[str, str]
    pairs: int
    seed: int
    random_correlations: tuple[float, ...]

    def brief(self) -> str:
        words = ", ".join(one.word for one in self.contexts[:5])
        return f"{self.a} ~ {self.b}, correlation={self.correlation.value:.4f}, {words}"

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {"a": self.a, "b": self.b}
        found |= {name: getattr(self, name).to_dict() for name in _PARTS}
        found |= {name: [one.to_dict() for one in getattr(self, name)] for name in ("contexts", "only_a", "only_b")}
        return found | {"counts_known": self.counts_known, "exponent": self.exponent, "n_contexts": self.n_contexts,
                        "bands": list(self.bands), "pairs": self.pairs, "seed": self.seed,
                        "random_correlations": list(self.random_correlations)}

    def to_frame(self) -> DataFrame:
        """Return a `pandas.DataFrame` with a row for each context, and its list in the column "list"."""
        return frame({"list": name, **one.to_dict()} for name in ("contexts", "only_a", "only_b")
                     for one in getattr(self, name))

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw a bar for each context, with its value by chance.

        Parameters and errors as in `Report.plot`.
        """
        return draw(self.to_dict(), axes)

    def tables(self) -> list[TextTable | FactTable]:
        tables: list[TextTable | FactTable] = [self._part_table()]
        a, b = printable_line(self.a), printable_line(self.b)
        for title, found in ((f"contexts of {a} and {b}", self.contexts), (f"for {a}, against {b}", self.only_a),
                             (f"for {b}, against {a}", self.only_b)):
            if found:
                tables.append(self._context_table(title, found))
        return [*tables, FactTable([
            Fact("numbers", "", "natural logarithm of how many times more often a context occurs with the word than "
                                "with an average word, as the model has learned it"),
            Fact("contribution", "", "part of the correlation"), Fact("weights", "", self._weights()),
            Fact("by chance", "", self._chance())], widths=(12, 0))]

    def _part_table(self) -> TextTable:
        names = {"cosine": "cosine of the vectors", "correlation": "correlation of the contexts",
                 "both": "  from contexts of both", "neither": "  from contexts of neither",
                 "against": "  from contexts of one of them",
                 "first": f"the first {len(self.contexts):,} contexts of both"}
        rows = [(text, number((one := getattr(self, name)).value), number(one.chance), p_text(one.p))
                for name, text in names.items()]
        return TextTable(("", "value", "by chance", "p"), rows)

    def _context_table(self, title: str, found: tuple[Context, ...]) -> TextTable:
        rows = [(printable_line(one.word), f"{one.a:.2f}", f"{one.b:.2f}", _percent(one.contribution.value),
                 _percent(one.contribution.chance), p_text(one.contribution.p)) for one in found]
        a, b = printable_line(self.a), printable_line(self.b)
        return TextTable((title, a, b, "contribution", "by chance", "p"), rows)

    def _weights(self) -> str:
        if not self.counts_known:
            return (f"all {self.n_contexts:,} contexts count alike, because there are no counts; rare contexts then "
                    "lead the lists")
        return f"{self.n_contexts:,} contexts, weighted by count^{self.exponent:g}"

    def _chance(self) -> str:
        if not self.pairs:
            return "not known: no random pairs of words were drawn"
        return (f"mean over {self.pairs:,} random pairs of words, one of {self.bands[0]} and one of {self.bands[1]}; "
                "p: share of such pairs with a value at least as large, or for contexts of one word as small")


def _percent(value: float | None) -> str:
    """Return a small share in per cent with two decimals."""
    return "-" if value is None else f"{round(100 * value, 2) + 0.0:.2f} %"  # no -0.00
