"""Classification of nodes: how well a linear classifier finds the labels of nodes by their vectors.

Place in the data flow: nodes with labels + vectors -> `LabelResult`.

Protocol (Perozzi et al. 2014, section 5): a logistic regression for each label (L2 penalty, C = 1) learns from a random
share of the nodes. Each other node gets its k most probable labels, where its number of labels k is taken as known.
Micro F1 counts all labels together; macro F1 is the mean of the F1 of the labels that a test node has or is given. Both
are means over random splits.

The splits share nodes, so that the variance of their mean is s^2 (1 / splits + test nodes / training nodes): Nadeau &
Bengio 2003, equation 9.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from w2v.errors import W2VError
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.results import Items, Measure, Result
from w2v.evaluation.sets.labels import NodeLabels
from w2v.evaluation.settings import DEFAULTS, Settings
from w2v.evaluation.statistics.ranking import Flags
from w2v.evaluation.statistics.student import student_interval
from w2v.system.text_table import TextTable, interval, number
from w2v.types import Floats, Indices, Interval

_ITERATIONS = 1000


@dataclass(frozen=True, repr=False)
class LabelResult(Result):
    """How well the labels of nodes are predicted.

    Attributes
    ----------
    micro, macro : mean F1 over the splits; None with fewer than two labels or four nodes that are known.
    micro_deviation, macro_deviation : standard deviation (n - 1) over the splits; None for one split.
    interval, macro_interval : 95 % confidence intervals of both means, by Student's t.
    nodes, total : number of labelled nodes that are known, and of all.
    labels : number of labels of the known nodes.
    several : number of known nodes with more than one label.
    splits, train_share : see `Settings`.
    """

    kind: ClassVar[str] = "labels"

    micro: float | None
    macro: float | None
    nodes: int
    total: int
    labels: int
    several: int
    splits: int
    train_share: float
    micro_deviation: float | None = None
    macro_deviation: float | None = None
    interval: Interval | None = None
    macro_interval: Interval | None = None

    @classmethod
    def tables_of(cls, results: Sequence[LabelResult]) -> list[TextTable]:
        return tables(results)

    def measures(self) -> Iterator[Measure]:
        used = 0 if self.micro is None else self.nodes
        yield Measure(self.kind, self.name, "micro F1", self.micro, self.interval, None, used, self.total)
        yield Measure(self.kind, self.name, "macro F1", self.macro, self.macro_interval, None, used, self.total)


def classifier() -> Any:
    """Return scikit-learn's class of logistic regressions.

    Raises
    ------
    W2VError : it is not installed; names the extra.
    """
    try:
        from sklearn.linear_model import LogisticRegression  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise W2VError("classification of nodes by labels needs scikit-learn: pip install 'w2v[labels]'") from error
    return LogisticRegression


def score_labels(words: WordRows, name: str, labels: NodeLabels, settings: Settings = DEFAULTS) -> LabelResult:
    """Measure over random splits of the known nodes. Nodes are compared as they are, in upper and lower case.

    Raises
    ------
    W2VError : scikit-learn is not installed.
    """
    kv = words.kv
    exact = WordRows(kv, labels, case_insensitive=False)
    rows = np.array([exact.row(node) for node in labels], dtype=np.int64)
    known = (rows >= 0) & ~np.isin(rows, kv.fill_norms().broken)
    truth = _indicators([own for own, yes in zip(labels.values(), known.tolist(), strict=True) if yes])
    n, m = truth.shape
    several = int((truth.sum(axis=1) > 1).sum())
    if n < 4 or m < 2:
        return LabelResult(name, None, None, n, len(labels), m, several, settings.splits, settings.train_share,
                           items=Items(np.full(len(labels), np.nan)))
    x = kv.rows[rows[known]].astype(np.float64)
    place = np.cumsum(known) - 1  # of a node among the known ones
    rng = np.random.default_rng(settings.seed)
    train_size = min(max(round(settings.train_share * n), 1), n - 1)
    scores = np.empty((settings.splits, 2))
    right, tested = np.zeros(n), np.zeros(n)
    for i in range(settings.splits):
        order = rng.permutation(len(labels))  # of all nodes, so that vectors of other nodes have the same splits
        order = place[order[known[order]]]
        train, test = order[:train_size], order[train_size:]
        given = top_labels(_probabilities(x, truth, train, test), truth[test].sum(axis=1))
        scores[i] = f1_scores(truth[test], given)
        right[test] += (truth[test] & given).sum(axis=1)
        tested[test] += 1
    with np.errstate(invalid="ignore"):
        shares = right / tested  # NaN for nodes that were never tested
    outcomes, gold = np.full(len(labels), np.nan), np.ones(len(labels))
    outcomes[known], gold[known] = shares, truth.sum(axis=1)
    micro, macro = scores.mean(axis=0).tolist()
    ends: list[Interval | None] = [None, None]
    deviations: list[float | None] = [None, None]
    if settings.splits > 1:
        spread = scores.std(axis=0, ddof=1).tolist()
        factor = math.sqrt(1 / settings.splits + (n - train_size) / train_size)
        deviations = list(spread)
        ends = [student_interval(mean, factor * deviation, settings.splits - 1)
                for mean, deviation in zip((micro, macro), spread, strict=True)]
    return LabelResult(name, micro, macro, n, len(labels), m, several, settings.splits, settings.train_share,
                       deviations[0], deviations[1], ends[0], ends[1], items=Items(outcomes, gold))


def _indicators(labels: Sequence[Sequence[str]]) -> Flags:
    """Return which of all labels (m, in order of their names) each node has: (n, m)."""
    column = {label: i for i, label in enumerate(sorted({label for own in labels for label in own}))}
    found = np.zeros((len(labels), len(column)), bool)
    for row, own in zip(found, labels, strict=True):
        row[[column[label] for label in own]] = True
    return found


def _probabilities(x: Floats, truth: Flags, train: Indices, test: Indices) -> Floats:
    """Return the probability of each label for the test nodes, (t, m), each by its own regression."""
    make = classifier()
    found = np.zeros((len(test), truth.shape[1]))
    for label, has in enumerate(truth[train].T):
        if has.any() and not has.all():
            model = make(C=1.0, max_iter=_ITERATIONS).fit(x[train], has)
            found[:, label] = model.predict_proba(x[test])[:, 1]
        else:
            found[:, label] = float(has.all())
    return found


def top_labels(probabilities: Floats, counts: Indices) -> Flags:
    """Return the `counts` (t,) most probable labels of each node, (t, m); of equal ones the first."""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    found = np.zeros(probabilities.shape, bool)
    np.put_along_axis(found, order, np.arange(probabilities.shape[1]) < counts[:, None], axis=1)
    return found


def f1_scores(truth: Flags, given: Flags) -> tuple[float, float]:
    """Return micro and macro F1 of labels (t, m): 2 right / (true + given); macro over labels that occur in either."""
    right, sizes = (truth & given).sum(axis=0), truth.sum(axis=0) + given.sum(axis=0)
    occurring = sizes > 0
    return float(2 * right.sum() / sizes.sum()), float((2 * right[occurring] / sizes[occurring]).mean())


def tables(results: Sequence[LabelResult]) -> list[TextTable]:
    """Return one table with a row for each result."""
    head = ("labels", "micro F1", "sd", "95 %", "macro F1", "sd", "95 %", "known")
    rows = [(r.name, number(r.micro), number(r.micro_deviation), interval(r.interval, 3), number(r.macro),
             number(r.macro_deviation), interval(r.macro_interval, 3), f"{r.nodes:,}/{r.total:,}") for r in results]
    notes = [f"mean and standard deviation (sd) over {results[0].splits} random splits, {results[0].train_share:.0%} "
             "of the nodes to learn from"]
    notes += [f"{r.name}: {r.several:,} nodes have several labels; the number of labels of a node is taken as known"
              for r in results if r.several]
    return [TextTable(head, rows, 0, notes)]
