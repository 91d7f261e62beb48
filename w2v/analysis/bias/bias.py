"""`bias`: association tests of vectors, with effect sizes, p values and intervals.

Place in the data flow: `KeyedVectors` + test sets -> `BiasResult` -> tables, JSON.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v.analysis.arguments import check_vectors
from w2v.analysis.bias.association import Sampling, set_association, word_associations
from w2v.analysis.bias.known_words import KnownWords, known_words, unit_vectors
from w2v.analysis.bias.partitions import Permutations
from w2v.analysis.bias.picture import draw_bias
from w2v.analysis.bias.sets import Sets, read_sets
from w2v.analysis.estimate import Estimate
from w2v.errors import W2VError
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED
from w2v.evaluation.statistics.significance import holm
from w2v.system.plain import printable_line
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, interval, number, p_text
from w2v.types import Floats, StrPath
from w2v.vectors.queries import Queries

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

PERMUTATIONS = 100_000
MIN_KNOWN = 0.8
"""Smallest share of known words of a set. Source: `lost_vocabulary_threshold` of WEFE, 0.2."""

_LEAST = 2  # known words of a set, for a standard deviation within it
_SHOWN = 8  # unknown words of a test that the table names


@dataclass(frozen=True)
class SetWords:
    """Words of one set of a test: its name, how many it asks for, how many are known, and the unknown ones."""

    name: str
    asked: int
    known: int
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class WordBias:
    """Association of one target word with the attributes.

    Attributes
    ----------
    word, target : the word in the vocabulary, and its set.
    association : mean cosine with the first attributes - mean cosine with the second.
    effect : effect size of the word, with an interval over resampled attributes and its own one-sided p value.
    p_holm : p corrected for all words of the test.
    """

    word: str
    target: str
    association: float
    effect: Estimate
    p_holm: float


@dataclass(frozen=True)
class BiasTest:
    """Result of one test.

    Attributes
    ----------
    name : of the test.
    targets, attributes : words of the sets; one set of targets in the one-word form.
    statistic : the test statistic: sums of associations over the first targets - over the second ones; in the one-word
        form mean cosine of the targets with the first attributes - with the second ones.
    effect : effect size, -2 to 2 for sets of equal size; positive if the first targets (in the one-word form: the
        targets) are nearer to the first attributes. `interval` is from words resampled within their sets, `chance` is
        0, and `p` is one-sided.
    sample_effect : the effect size with the standard deviation of a sample (n - 1), as in the published tables.
    p_holm : p corrected for all tests of the run.
    permutations, exact : number of partitions behind p, and whether these are all.
    words : each target word.
    in_both : words that are targets and attributes; their cosine with themselves counts.
    """

    name: str
    targets: tuple[SetWords, ...]
    attributes: tuple[SetWords, ...]
    statistic: float
    effect: Estimate
    sample_effect: float
    p_holm: float
    permutations: int
    exact: bool
    words: tuple[WordBias, ...]
    in_both: tuple[str, ...]

    @property
    def sets(self) -> tuple[SetWords, ...]:
        """All sets of the test."""
        return self.targets + self.attributes


@dataclass(frozen=True)
class LeftOutTest:
    """A test that was not made, and the reason."""

    name: str
    reason: str


@dataclass(frozen=True, repr=False)
class BiasResult(Report):
    """Results of association tests.

    Attributes
    ----------
    tests : in the order of the sets.
    left_out : tests with too few known words.
    draws, seed : bootstrap replicates and the seed.
    """

    tests: tuple[BiasTest, ...]
    left_out: tuple[LeftOutTest, ...]
    draws: int
    seed: int

    def __getitem__(self, name: str) -> BiasTest:
        """Return the test of this name; KeyError if there is none."""
        for test in self.tests:
            if test.name == name:
                return test
        raise KeyError(f"no test {name!r}; there are {', '.join(test.name for test in self.tests)}")

    def brief(self) -> str:
        return "; ".join(f"{one.name}: d={number(one.effect.value)}, p={p_text(one.effect.p)}" for one in self.tests)

    def to_dict(self) -> dict[str, Any]:
        return {"tests": [{**dataclasses.asdict(test), "effect": test.effect.to_dict(), "words": [
                    {**dataclasses.asdict(word), "effect": word.effect.to_dict()} for word in test.words]}
                          for test in self.tests],
                "left_out": [dataclasses.asdict(one) for one in self.left_out], "draws": self.draws, "seed": self.seed}

    def to_frame(self) -> DataFrame:
        """Return the tests as a `pandas.DataFrame`, one row each."""
        return frame({"name": one.name, "statistic": one.statistic, "effect": one.effect.value,
                      "low": (one.effect.interval or (None, None))[0],
                      "high": (one.effect.interval or (None, None))[1], "sample_effect": one.sample_effect,
                      "p": one.effect.p, "p_holm": one.p_holm, "known": sum(words.known for words in one.sets),
                      "asked": sum(words.asked for words in one.sets)} for one in self.tests)

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the effect size of each test with its interval.

        Parameters and errors as in `Report.plot`.
        """
        return draw_bias(self.to_dict(), axes)

    def tables(self) -> list[TextTable]:
        rows = [(printable_line(one.name), number(one.statistic), number(one.effect.value),
                 interval(one.effect.interval, 2), number(one.sample_effect), p_text(one.effect.p), p_text(one.p_holm),
                 f"{sum(words.known for words in one.sets)} of {sum(words.asked for words in one.sets)}")
                for one in self.tests]
        head = ("test", "statistic", "d", "95 %", "d (n-1)", "p", "p (Holm)", "words")
        single = [word_table(test) for test in self.tests if len(test.targets) == 1]
        return [TextTable(head, rows, notes=self._notes()), *single]

    def _notes(self) -> list[str]:
        notes = ["", "d: effect size, 0 by chance; above 0, the first targets are nearer to the first attributes than "
                 "the second targets are; of a single set of targets, they are nearer to the first attributes than to "
                 "the second. d (n-1): the same as the published tables compute it. p: one-sided, for d above 0."]
        for test in self.tests:
            names = [" and ".join(words.name for words in sets) for sets in (test.targets, test.attributes)]
            source = Permutations(test.permutations, test.exact)
            notes.append(f"{test.name}: {names[0]}, with {names[1]}; p from {source}.{_unknown(test)}")
        notes += [f"left out: {one.name}: {one.reason}" for one in self.left_out]
        return list(map(printable_line, notes))


def word_table(test: BiasTest) -> TextTable:
    """Return the words of a test, those nearest to the first attributes first."""
    ordered = sorted(test.words, key=lambda one: (-np.nan_to_num(one.effect.value), one.word))
    rows = [(printable_line(one.word), printable_line(one.target), number(one.association), number(one.effect.value),
             interval(one.effect.interval, 2), p_text(one.effect.p), p_text(one.p_holm)) for one in ordered]
    first, second = (printable_line(words.name) for words in test.attributes)
    return TextTable((printable_line(test.name), "target", "association", "d", "95 %", "p", "p (Holm)"), rows, notes=[
        f"d above 0: nearer to {first} than to {second}; p is one-sided, for d above 0."], left=(0, 1))


def _unknown(test: BiasTest) -> str:
    unknown = [word for words in test.sets for word in words.unknown]
    more = f" and {len(unknown) - _SHOWN:,} more" if len(unknown) > _SHOWN else ""
    said = f" Unknown: {', '.join(unknown[:_SHOWN])}{more}." if unknown else ""
    both = f" Targets and attributes both have: {', '.join(test.in_both)}." if test.in_both else ""
    return said + both


def bias(kv: Queries, sets: Sets, *, min_known: float = MIN_KNOWN, case_sensitive: bool = False,
         permutations: int = PERMUTATIONS, draws: int = DRAWS, seed: int = SEED,
         datasets: StrPath | None = None) -> BiasResult:
    """Test whether two sets of words differ in their association with two other sets (WEAT), or one set (WEFAT).

    Parameters
    ----------
    kv : the vectors.
    sets : a name of the registry such as "weat6", "weat" for all published ones that are found, the path of a file, a
        `BiasSet`, or a list of these. `w2v.analysis.bias.sets` describes the files.
    min_known : smallest share of known words in each set, 0 to 1; a test below it is left out, and so is a test with
        fewer than 2 known words in a set.
    case_sensitive : whether a word that is unknown as it is written is not looked up in lower case.
    permutations : sampled partitions for p, 1 or more, where there are more than 200,000 in all; for single words
        10,000 at most.
    draws : bootstrap replicates for the intervals, 0 for none.
    seed : of both, 0 or more.
    datasets : folder in which names are looked for first.

    Returns
    -------
    BiasResult : the tests with statistic, effect size, interval, p, and each of the words; and the tests left out.

    Raises
    ------
    W2VError : a set is not found, or no test has enough known words. FormatError : a file is broken.
    ValueError : a parameter out of range.

    Source
    ------
    Caliskan, Bryson & Narayanan 2017 (Science 356, 183). Statistic and effect size are those of WEFE 1.0.

    Example
    -------
    >>> found = w2v.bias(kv, ["weat6", "my-test.txt"])
    >>> found["weat6"].effect.value, found["weat6"].effect.interval, found["weat6"].effect.p
    """
    check_vectors("bias", kv)
    if not 0 <= min_known <= 1:
        raise ValueError(f"min_known = {min_known} is out of range: 0 to 1")
    if permutations < 1 or draws < 0 or seed < 0:
        raise ValueError(f"permutations = {permutations} must be 1 or more, draws = {draws} and seed = {seed} 0 or "
                         "more")
    tests: list[BiasTest] = []
    left_out: list[LeftOutTest] = []
    for one in read_sets(sets, datasets):
        found = [{name: known_words(kv, words, case_sensitive=case_sensitive) for name, words in words_of.items()}
                 for words_of in (one.targets, one.attributes)]
        if reason := _unusable(found, min_known):
            left_out.append(LeftOutTest(one.name, reason))
        else:
            tests.append(_test(kv, one.name, found[0], found[1], Sampling(draws, permutations, seed)))
    if not tests:
        raise W2VError(f"no test could be made: {'; '.join(f'{one.name}: {one.reason}' for one in left_out)}")
    corrected = holm([test.effect.p if test.effect.p is not None else float("nan") for test in tests])
    return BiasResult(tuple(dataclasses.replace(test, p_holm=p) for test, p in zip(tests, corrected, strict=True)),
                      tuple(left_out), draws, seed)


def _unusable(found: Sequence[Mapping[str, KnownWords]], min_known: float) -> str:
    """Return why a test cannot be made, empty if it can."""
    for sets in found:
        for name, words in sets.items():
            known = len(words.rows)
            if known < _LEAST or known < min_known * words.asked:
                unknown = ", ".join(words.unknown[:_SHOWN]) or "none"
                needed = f"{_LEAST} are needed" if known < _LEAST else f"{min_known:.0%} are needed (min_known)"
                return f"{known} of {words.asked} words of {name} are known, and {needed}; unknown: {unknown}"
        parts = list(sets.values())
        if len(parts) == 2 and len(both := np.intersect1d(parts[0].rows, parts[1].rows)):
            word = parts[0].words[int(np.flatnonzero(parts[0].rows == both[0])[0])]
            return f"{' and '.join(sets)} both have the word {word!r} of the vocabulary"
    return ""


def _test(kv: Queries, name: str, targets: Mapping[str, KnownWords], attributes: Mapping[str, KnownWords],
          sampling: Sampling) -> BiasTest:
    """Return the result of one test, without the correction for several."""
    target_units = [unit_vectors(kv, words.rows) for words in targets.values()]
    attribute_units = [unit_vectors(kv, words.rows) for words in attributes.values()]
    whole = set_association(target_units, attribute_units, sampling)
    n = whole.compared
    return BiasTest(
        name, _described(targets), _described(attributes), whole.statistic, whole.effect,
        whole.effect.value * float(np.sqrt((n - 1) / n)), float("nan"), whole.permutations.count,
        whole.permutations.exact, _words(targets, target_units, attribute_units, sampling),
        tuple(sorted(_vocabulary(targets) & _vocabulary(attributes))))


def _vocabulary(sets: Mapping[str, KnownWords]) -> set[str]:
    return {word for words in sets.values() for word in words.words}


def _described(sets: Mapping[str, KnownWords]) -> tuple[SetWords, ...]:
    return tuple(SetWords(name, words.asked, len(words.rows), words.unknown) for name, words in sets.items())


def _words(targets: Mapping[str, KnownWords], units: list[Floats], attributes: list[Floats],
           sampling: Sampling) -> tuple[WordBias, ...]:
    associations, effects = word_associations(np.concatenate(units), attributes, sampling)
    corrected = holm([effect.p if effect.p is not None else float("nan") for effect in effects])
    named = [(word, name) for name, words in targets.items() for word in words.words]
    return tuple(WordBias(word, name, float(association), effect, p) for (word, name), association, effect, p
                 in zip(named, associations, effects, corrected, strict=True))
