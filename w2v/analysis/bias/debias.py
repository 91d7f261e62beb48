"""`debias`: removes a direction of bias from vectors, and measures what that changed.

Place in the data flow: `KeyedVectors` + pairs of words -> new `KeyedVectors`, and numbers before and after.

Sources
-------
Bolukbasi et al. 2016 (1607.06520): the method. Gonen & Goldberg 2019 (1903.03862): what remains.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic

import numpy as np

from w2v.analysis.arguments import check_vectors
from w2v.analysis.bias.bias import BiasResult, bias
from w2v.analysis.bias.hard_debias import (
    KnownPairs,
    Subspace,
    case_variants,
    equalize_pairs,
    fit_subspace,
    known_pairs,
    neutralized,
)
from w2v.analysis.bias.indirect import REMAINING, Remaining, components_of, most_biased, remaining
from w2v.analysis.bias.known_words import KnownWords, known_words
from w2v.analysis.bias.picture import DEBIASED
from w2v.analysis.bias.sets import Sets, read_sets
from w2v.analysis.bias.word_lists import Pairs, Words, read_pairs, read_words
from w2v.analysis.card import record_change
from w2v.analysis.estimate import Estimate
from w2v.analysis.linear_map import Vectors
from w2v.analysis.shared_words import frequency_ranks
from w2v.errors import W2VError
from w2v.evaluation.calls import run as evaluate
from w2v.evaluation.comparison import Comparisons, compare
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED
from w2v.evaluation.suite import Source, sources_of
from w2v.system.drawing import draw_part
from w2v.system.plain import printable_line
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, interval, number, p_text, percent
from w2v.types import Indices, StrPath
from w2v.vectors.queries import Queries

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

MEASURED = 50_000
"""What remains is measured on this many of the most frequent words. Source: Gonen & Goldberg 2019."""

_SHOWN = 8
_WARNING = ("Only the direction is gone. Where the last two rows are above chance, words that were biased in the same "
            "way are still near each other, and programs can learn the bias from it: Gonen & Goldberg 2019 "
            "(1903.03862).")


@dataclass(frozen=True, repr=False)
class Debiased(Report, Generic[Vectors]):
    """Vectors without a direction of bias, and what that changed.

    Attributes
    ----------
    vectors : the new vectors, of length 1; not in `to_dict`.
    pairs, unknown_pairs : number of pairs that define the direction, and those with an unknown word.
    explained : share of the variance of the pairs that each removed direction has.
    neutralized, kept : number of words whose part along the direction was removed, and was kept.
    equalized, unknown_equalized : number of pairs that were equalized, and those with an unknown word.
    without_difference : pairs to equalize whose words do not differ along the direction; they are left as they are.
    in_several : words of several pairs to equalize; the last pair counts, and the others are not equal.
    unknown_keep : words to keep that are unknown.
    before, after : how strong the bias is.
    bias_before, bias_after : association tests, or None.
    benchmarks : change of the benchmarks, tested in pairs.
    failures : benchmarks that could not be measured, or only in part.
    left_out : what the new vectors do not have because it would not fit them: "n-grams", "output vectors".
    """

    vectors: Vectors = field(compare=False)
    pairs: int
    unknown_pairs: tuple[str, ...]
    explained: tuple[float, ...]
    neutralized: int
    kept: int
    equalized: int
    unknown_equalized: tuple[str, ...]
    without_difference: int
    in_several: tuple[str, ...]
    unknown_keep: tuple[str, ...]
    before: Remaining
    after: Remaining
    bias_before: BiasResult | None
    bias_after: BiasResult | None
    benchmarks: Comparisons
    failures: tuple[str, ...]
    left_out: tuple[str, ...]

    def brief(self) -> str:
        return (f"{self.neutralized:,} words neutralized, {self.equalized:,} pairs equalized, direct bias "
                f"{number(self.before.direct.value)} -> {number(self.after.direct.value)}")

    def to_dict(self) -> dict[str, Any]:
        values = {spec.name: getattr(self, spec.name) for spec in dataclasses.fields(self) if spec.name != "vectors"}
        return values | {
            "before": self.before.to_dict(), "after": self.after.to_dict(),
            "bias_before": self.bias_before and self.bias_before.to_dict(),
            "bias_after": self.bias_after and self.bias_after.to_dict(),
            "benchmarks": [one.to_dict() for one in self.benchmarks]}

    def to_frame(self) -> DataFrame:
        """Return the numbers before and after as a `pandas.DataFrame`, one row each."""
        return frame({"name": name, "before": one.value, "after": two.value, "chance": one.chance}
                     for name, one, two in self._remaining())

    def plot(self, axes: Axes | None = None, *, part: str = "remaining") -> Axes:
        """Draw one part of the result, before and after, with intervals.

        Parameters
        ----------
        axes : as in `Report.plot`.
        part : "remaining" for the bias and its value by chance, "tests" for the association tests, "benchmarks" for
            their changes, which are the cost. `w2v plot` draws all on one figure.

        Raises
        ------
        ValueError : another part. W2VError : as in `Report.plot`.
        """
        return draw_part(DEBIASED, self.to_dict(), axes, part)

    def tables(self) -> list[TextTable]:
        rows = [(name, number(one.value), number(two.value), interval(two.interval, 4), number(one.chance))
                for name, one, two in self._remaining()]
        found = [TextTable((), self._facts(), notes=self._notes()),
                 TextTable(("what remains", "before", "after", "95 % (after)", "chance"), rows, notes=[_WARNING])]
        if self.bias_before is not None and self.bias_after is not None:
            found.append(_bias_table(self.bias_before, self.bias_after))
        return [*found, *(self.benchmarks.tables() if self.benchmarks else [])]

    def _notes(self) -> list[str]:
        return [printable_line(f"{name}: {text}") for name, text in (
            ("not in the new vectors", ", ".join(self.left_out)), ("unknown pairs", _some(self.unknown_pairs)),
            ("unknown pairs to equalize", _some(self.unknown_equalized)),
            ("in several pairs to equalize, of which the last one counts", _some(self.in_several)),
            ("unknown words to keep", _some(self.unknown_keep)), ("benchmarks", "; ".join(self.failures))) if text]

    def _facts(self) -> list[tuple[str, str]]:
        same = f" ({self.without_difference:,} do not differ along the direction)" if self.without_difference else ""
        return [("direction", f"{self.pairs:,} pairs, {percent(sum(self.explained))} of their variance"),
                ("neutralized", f"{self.neutralized:,} words"), ("kept", f"{self.kept:,} words"),
                ("equalized", f"{self.equalized:,} pairs{same}"), ("length of the vectors", "1")]

    def _remaining(self) -> list[tuple[str, Estimate, Estimate]]:
        pairs = [(text, getattr(self.before, name), getattr(self.after, name)) for name, text in REMAINING.items()]
        return [(name, one, two) for name, one, two in pairs if one is not None and two is not None]


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:_SHOWN]) + (f" and {len(words) - _SHOWN:,} more" if len(words) > _SHOWN else "")


def _bias_table(before: BiasResult, after: BiasResult) -> TextTable:
    rows = [(printable_line(one.name), number(one.effect.value), number(two.effect.value),
             interval(two.effect.interval, 2), p_text(one.p_holm), p_text(two.p_holm))
            for one, two in zip(before.tests, after.tests, strict=True)]
    return TextTable(("test", "d before", "after", "95 % (after)", "p (Holm) before", "after"), rows, notes=[
        printable_line(f"left out: {one.name}: {one.reason}") for one in before.left_out])


def debias(
    kv: Vectors, pairs: Pairs, *, equalize: Pairs | None = None, keep: Words = (), components: int = 1,
    case_sensitive: bool = False, sets: Sets | None = None,
    suite: Source | Iterable[Source] | None = None,
    datasets: StrPath | None = None, draws: int = DRAWS, seed: int = SEED,
) -> Debiased[Vectors]:
    """Remove the direction in which the words of pairs differ (hard debiasing).

    All vectors are scaled to length 1. The direction is the first principal component of the words of the pairs about
    the centres of their pairs. It is removed from all words except those to keep; then the pairs to equalize get the
    same vector except for opposite parts along the direction, so that both words of a pair are equally similar to every
    word that was neutralized.

    Parameters
    ----------
    kv : the vectors; they are not changed.
    pairs : pairs of words such as ("he", "she"): a list, the path of a file with a pair on each line, or a name.
    equalize : pairs to equalize; None for `pairs`, () for none. Pairs are also taken in lower, title and upper case
        unless `case_sensitive`.
    keep : words to which the direction belongs, such as "mother": a list, a path with a word on each line, or a name.
    components : number of principal components to remove.
    sets : association tests to make before and after, as in `w2v.bias`; None for none.
    suite : benchmarks to measure before and after, as in `w2v.evaluate`; None for none.
    datasets : folder in which names are looked for first.
    draws, seed : of all intervals and tests.

    Returns
    -------
    Debiased : `vectors`, in the same stored type and with the change in their model card; n-grams and output vectors
        are left out, because they would not fit.

    Raises
    ------
    W2VError : no pair has two known words, the words of the pairs do not differ, or a set is not found.
    ValueError : more components than pairs, or a parameter out of range.

    Source
    ------
    Bolukbasi et al. 2016 (1607.06520), section 6. Agrees with `HardDebias` of WEFE 1.0.

    Example
    -------
    >>> found = w2v.debias(kv, [("he", "she"), ("man", "woman")], keep=["mother", "father"], sets="weat6")
    >>> found.vectors.save("debiased.safetensors")
    """
    check_vectors("debias", kv)
    if components < 1 or draws < 0 or seed < 0:
        raise ValueError(f"components = {components} must be 1 or more, draws = {draws} and seed = {seed} 0 or more")
    asked = _Asked.of(kv, pairs, equalize, keep, datasets, case_sensitive)
    subspace = _subspace(kv, asked.pairs, components)
    tests = [] if sets is None else read_sets(sets, datasets)
    options: dict[str, Any] = {"draws": draws, "seed": seed, "case_sensitive": case_sensitive}
    bias_before = bias(kv, tests, **options) if tests else None
    sources = [] if suite is None else sources_of(suite, {})
    scores = [evaluate(kv, sources, datasets=datasets, draws=draws, seed=seed)] if sources else []

    rows = neutralized(kv, subspace, asked.keep.rows)
    same = equalize_pairs(rows, kv, subspace, asked.equalize.rows)
    new = kv.with_rows(rows, source=f"{kv.source or 'vectors'}, debiased")
    scores += [evaluate(new, sources, datasets=datasets, draws=draws, seed=seed)] if sources else []
    neutral = _neutral(kv, asked)
    biased = most_biased(components_of(kv, subspace.basis, neutral), neutral)
    result = Debiased(
        new, len(asked.pairs.rows), asked.pairs.unknown, tuple(subspace.explained[:components].tolist()),
        len(kv) - len(np.unique(np.concatenate((kv.fill_norms().broken, asked.excluded)))), len(asked.keep.rows),
        len(asked.equalize.rows) - same, asked.equalize.unknown, same, _in_several(kv, asked.equalize.rows),
        asked.keep.unknown,
        remaining(kv, subspace.basis, neutral, biased, seed), remaining(new, subspace.basis, neutral, biased, seed),
        bias_before, bias(new, tests, **options) if tests else None,
        compare(scores, draws=draws, seed=seed) if scores and draws else Comparisons(),
        tuple(failure.message for failure in scores[0].failures) if scores else (),
        tuple(name for name, value in (("n-grams", kv.subwords), ("output vectors", kv.output_vectors))
              if value is not None))
    record_change(new, "debias", {
        "pairs": result.pairs, "components": components, "explained": list(result.explained),
        "neutralized": result.neutralized, "kept": result.kept, "equalized": result.equalized})
    return result


@dataclass(frozen=True)
class _Asked:
    """Rows of the words that the caller named."""

    pairs: KnownPairs
    equalize: KnownPairs
    keep: KnownWords

    @classmethod
    def of(cls, kv: Queries, pairs: Pairs, equalize: Pairs | None, keep: Words, datasets: StrPath | None,
           case_sensitive: bool) -> _Asked:
        given = read_pairs(pairs, datasets)
        others = given if equalize is None else read_pairs(equalize, datasets)
        written = known_pairs(kv, others, case_sensitive=case_sensitive)
        variants = known_pairs(kv, others if case_sensitive else case_variants(others), case_sensitive=True)
        rows = np.unique(np.concatenate((written.rows, variants.rows)), axis=0, return_index=True)
        return cls(known_pairs(kv, given, case_sensitive=case_sensitive),
                   KnownPairs(np.concatenate((written.rows, variants.rows))[np.sort(rows[1])], written.unknown),
                   known_words(kv, read_words(keep, datasets), case_sensitive=case_sensitive))

    @property
    def excluded(self) -> Indices:
        """Rows that keep a part along the direction."""
        return np.concatenate((self.keep.rows, self.equalize.rows.ravel()))


def _subspace(kv: Queries, pairs: KnownPairs, components: int) -> Subspace:
    m = len(pairs.rows)
    if not m:
        raise W2VError(f"no pair has two known words ({_some(pairs.unknown) or 'none given'})")
    if components > min(m, kv.vector_size):
        raise ValueError(f"components = {components} is out of range: {m} known pairs have {min(m, kv.vector_size)} at "
                         "most")
    found = fit_subspace(kv, pairs.rows, components)
    if not found.explained[components - 1] > 1e-9:
        raise W2VError(f"the words of the pairs do not differ in {components} directions")
    return found


def _in_several(kv: Queries, pairs: Indices) -> tuple[str, ...]:
    rows, uses = np.unique(pairs, return_counts=True)
    return tuple(kv.index_to_key[row] for row in rows[uses > 1])


def _neutral(kv: Queries, asked: _Asked) -> Indices:
    """Return the rows of the most frequent words that are neither broken nor named by the caller."""
    usable = frequency_ranks(kv) < MEASURED
    usable[kv.fill_norms().broken] = False
    usable[asked.excluded] = False
    usable[asked.pairs.rows.ravel()] = False
    return np.flatnonzero(usable)
