"""Prediction of links: how well scores of pairs of nodes separate held-out edges from pairs that are no edges.

Place in the data flow: pairs of nodes + vectors -> one `LinkResult` for each score.

Scores
------
cosine, dot : of both vectors.
hadamard : logistic regression on the products u_i v_i, with an L2 penalty. It learns from half of the pairs, which also
    choose its penalty by 5-fold cross-validation, and is measured on the other half.

Measures
--------
AUC, AP : see `w2v.evaluation.statistics.ranking`.
hits@k : share of edges u-v with v among the k nodes of the highest score with u. All other nodes are candidates, except
    known neighbours of u.

Sources
-------
Grover & Leskovec 2016, section 4.4 and table 1 (AUC, as many random non-edges as edges, Hadamard product); Bordes et
al. 2013, section 4.1 (hits@k, known edges are no candidates: "filtered").
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from w2v.evaluation.measures.link_ranks import KnownRows, ranks_of_targets
from w2v.evaluation.measures.non_edges import codes_of, draw_non_edges
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.results import Items, Measure, Result
from w2v.evaluation.sets.links import LinkPairs, words_of
from w2v.evaluation.settings import DEFAULTS, Settings
from w2v.evaluation.statistics.bootstrap import proportion_interval
from w2v.evaluation.statistics.logistic import logistic
from w2v.evaluation.statistics.ranking import Flags, auc_and_precision, ranking_intervals
from w2v.system.text_table import TextTable, interval, number, percent
from w2v.types import Floats, Indices, Interval
from w2v.vectors.queries import Queries

SCORES = ("cosine", "dot", "hadamard")

_BLOCK = 1 << 20  # numbers of the vectors of pairs at a time
_LEARNED = 20_000  # pairs that the regression learns from at most
_FOLDS = 5
_STRENGTHS = (0.001, 0.01, 0.1, 1.0, 10.0)  # inverse penalties C, for features of variance 1


@dataclass(frozen=True, repr=False)
class LinkResult(Result):
    """How well one score tells edges from other pairs.

    Attributes
    ----------
    score : one of SCORES.
    auc, ap : area under the ROC curve and average precision; None without a known edge or a known non-edge.
    hits_at_10, hits_at_50 : share of the edges whose second node is among the nearest of the first.
    edges, non_edges : known pairs that were measured: for "hadamard" half of them.
    total_edges, total_non_edges : of the set, with those that were drawn.
    drawn : whether the non-edges were drawn at random.
    filtered : whether known neighbours are left out of the candidates of hits.
    interval, ap_interval, hits_at_10_interval, hits_at_50_interval : 95 % confidence intervals, by resampling pairs.
    """

    kind: ClassVar[str] = "links"

    score: str
    auc: float | None
    ap: float | None
    hits_at_10: float | None
    hits_at_50: float | None
    edges: int
    non_edges: int
    total_edges: int
    total_non_edges: int
    drawn: bool = False
    filtered: bool = False
    interval: Interval | None = None
    ap_interval: Interval | None = None
    hits_at_10_interval: Interval | None = None
    hits_at_50_interval: Interval | None = None

    @property
    def variant(self) -> str:
        return self.score

    @classmethod
    def tables_of(cls, results: Sequence[LinkResult]) -> list[TextTable]:
        return tables(results)

    def measures(self) -> Iterator[Measure]:
        used, total = self.edges + self.non_edges, self.total_edges + self.total_non_edges
        for name, value, ends in (("AUC", self.auc, self.interval), ("AP", self.ap, self.ap_interval)):
            yield Measure(self.kind, self.name, f"{name}, {self.score}", value, ends, None, used, total)
        for name, value, ends in (("hits@10", self.hits_at_10, self.hits_at_10_interval),
                                  ("hits@50", self.hits_at_50, self.hits_at_50_interval)):
            yield Measure(self.kind, self.name, f"{name}, {self.score}", value, ends, None, self.edges,
                          self.total_edges)


@dataclass(frozen=True)
class _Pairs:
    """Pairs of rows (n, 2), -1 for unknown nodes, whether each is an edge, and which are known."""

    rows: Indices
    edges: Flags
    known: Flags


def score_links(words: WordRows, name: str, links: LinkPairs, settings: Settings = DEFAULTS) -> list[LinkResult]:
    """Return one result for each of SCORES. Nodes are compared as they are, in upper and lower case."""
    kv = words.kv
    known_rows = None if settings.known_edges is None else KnownRows.of(kv, settings.known_edges)
    found = _pairs(kv, links, known_rows, settings.seed)
    drawn = found.rows[len(links):]
    of = "" if links.marked else hashlib.sha256("\n".join(
        kv.index_to_key[row] for row in drawn.ravel().tolist()).encode("utf-8", "surrogatepass")).hexdigest()
    test = _test_half(found.edges, settings.seed)
    weights = _regression(kv, found, ~test, settings.seed)
    scale = {"dot": np.ones(kv.vector_size), "hadamard": weights}
    scores = _scores(kv, found, scale)
    results = []
    for score in SCORES:
        used = found.known & test if score == "hadamard" else found.known
        if score == "hadamard" and weights is None or not found.edges[used].any() or found.edges[used].all():
            results.append(LinkResult(name, score, None, None, None, None, 0, 0, int(found.edges.sum()),
                                      int((~found.edges).sum()), not links.marked, known_rows is not None,
                                      items=Items(np.full(len(found.rows), np.nan), drawn=of)))
            continue
        results.append(_result(kv, name, score, found, used, scores[score], scale.get(score), known_rows, settings,
                               not links.marked, of))
    return results


def _result(kv: Queries, name: str, score: str, found: _Pairs, used: Flags, scores: Floats, scale: Floats | None,
            known_rows: KnownRows | None, settings: Settings, drawn: bool, of: str) -> LinkResult:
    """Measure one score on the pairs that are `used`."""
    edges = found.edges[used]
    both = auc_and_precision(edges, scores[used])
    assert both is not None
    ends = ranking_intervals(edges, scores[used], settings.draws, settings.seed) if settings.draws else (None, None)
    ranks = ranks_of_targets(kv, found.rows[used & found.edges], scale, known_rows)
    n = len(ranks)
    hits = [int((ranks <= k).sum()) for k in (10, 50)]
    around = [proportion_interval(right, n, settings.draws, settings.seed) for right in hits]
    return LinkResult(
        name, score, *both, hits[0] / n, hits[1] / n, n, len(edges) - n, int(found.edges.sum()),
        int((~found.edges).sum()), drawn, known_rows is not None, ends[0], ends[1], around[0], around[1],
        items=Items(np.where(used, scores, np.nan), found.edges.astype(np.float64), of))


def _pairs(kv: Queries, links: LinkPairs, known_rows: KnownRows | None, seed: int) -> _Pairs:
    """Return the pairs of the set, and non-edges if it has none.

    Non-edges are drawn from the nodes in order of their names, so that vectors of the same nodes get the same ones.
    """
    exact = WordRows(kv, words_of(links), case_insensitive=False)
    rows = np.array([(exact.row(a), exact.row(b)) for a, b in links.pairs], dtype=np.int64).reshape(-1, 2)
    edges = np.array(links.edges)
    if not links.marked:
        n = len(kv)
        by_name = np.array(sorted(range(n), key=kv.index_to_key.__getitem__), dtype=np.int64)
        place = np.empty(n, np.int64)
        place[by_name] = np.arange(n)
        taken = [codes_of(place[rows[(rows >= 0).all(axis=1)]], n)]
        if known_rows is not None:
            taken.append(codes_of(place[known_rows.pairs()], n))
        drawn = by_name[draw_non_edges(n, len(rows), np.concatenate(taken), seed)]
        rows = np.concatenate([rows, drawn])
        edges = np.concatenate([edges, np.zeros(len(drawn), bool)])
    known = np.all((rows >= 0) & ~np.isin(rows, kv.fill_norms().broken), axis=1)
    return _Pairs(rows, edges, known)


def _test_half(edges: Flags, seed: int) -> Flags:
    """Return which pairs (n,) the regression is measured on: half of the edges and half of the others."""
    rng = np.random.default_rng(seed)
    test = np.zeros(len(edges), bool)
    for positive in (True, False):
        own = rng.permutation(np.flatnonzero(edges == positive))
        test[own[:len(own) // 2]] = True
    return test


def _ends(kv: Queries, rows: Indices) -> tuple[Floats, Floats]:
    """Return the vectors (m, d) of both nodes of pairs of rows (m, 2)."""
    return kv.rows[rows[:, 0]].astype(np.float64), kv.rows[rows[:, 1]].astype(np.float64)


def _scores(kv: Queries, found: _Pairs, scales: dict[str, Floats | None]) -> dict[str, Floats]:
    """Return the scores (n,) of all pairs, NaN for those that are not known.

    Parameters
    ----------
    scales : weights (d,) of the products of both vectors; None for a score that is not defined.
    """
    scores = {score: np.full(len(found.rows), np.nan) for score in SCORES}
    known = np.flatnonzero(found.known)
    step = max(1, _BLOCK // max(kv.vector_size, 1))
    for start in range(0, len(known), step):
        here = known[start:start + step]
        rows = found.rows[here]
        first, second = _ends(kv, rows)
        inverse = kv.fill_norms().inverse[rows].astype(np.float64)
        for score, weights in scales.items():
            if weights is not None:
                scores[score][here] = np.einsum("ij,ij,j->i", first, second, weights)
        scores["cosine"][here] = scores["dot"][here] * inverse[:, 0] * inverse[:, 1]
    return scores


def _regression(kv: Queries, found: _Pairs, train: Flags, seed: int) -> Floats | None:
    """Return the weights (d,) of the products of two vectors, learned from the known pairs that `train` says.

    The bias does not change the order of pairs and is left out. None if there is no edge or no other pair to learn
    from.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(np.flatnonzero(found.known & train))[:_LEARNED]
    positive = found.edges[chosen]
    if positive.all() or not positive.any():
        return None
    first, second = _ends(kv, found.rows[chosen])
    products = first * second
    deviation = products.std(axis=0)
    deviation[deviation == 0] = 1
    x = (products - products.mean(axis=0)) / deviation
    strength = _strength(x, positive)
    return np.asarray(logistic(x, positive, np.full((1, len(x)), strength))[0][0] / deviation)


def _strength(x: Floats, positive: Flags) -> float:
    """Return the inverse penalty with the smallest loss in cross-validation of examples (m, d) in random order; 1 if
    there are too few examples of a class for it."""
    fold = np.empty(len(x), np.int64)
    for own in (np.flatnonzero(positive), np.flatnonzero(~positive)):
        if len(own) < _FOLDS:
            return 1.0
        fold[own] = np.arange(len(own)) % _FOLDS
    learned = (fold != np.arange(_FOLDS)[:, None]).astype(np.float64)
    losses = []
    for strength in _STRENGTHS:
        directions, bias = logistic(x, positive, strength * learned)
        logits = np.einsum("ij,ij->i", x, directions[fold]) + bias[fold]
        losses.append(float(np.logaddexp(0, np.where(positive, -logits, logits)).sum()))
    return _STRENGTHS[int(np.argmin(losses))]


def tables(results: Sequence[LinkResult]) -> list[TextTable]:
    """Return one table with a row for each result."""
    head = ("links", "score", "AUC", "95 %", "AP", "95 %", "hits@10", "95 %", "hits@50", "95 %", "pairs")
    rows = [(r.name, r.score, number(r.auc), interval(r.interval, 3), number(r.ap), interval(r.ap_interval, 3),
             percent(r.hits_at_10), interval(r.hits_at_10_interval), percent(r.hits_at_50),
             interval(r.hits_at_50_interval),
             f"{r.edges + r.non_edges:,}/{r.total_edges + r.total_non_edges:,}") for r in results]
    return [TextTable(head, rows, 0, list(dict.fromkeys(_notes(results))))]


def _notes(results: Sequence[LinkResult]) -> Iterator[str]:
    for r in results:
        if r.drawn:
            yield f"{r.name}: {r.total_non_edges:,} pairs that are no edges were drawn at random"
    if any(not r.filtered for r in results):
        yield "hits: all nodes are candidates; --known-edges leaves known neighbours out"
    yield "hadamard learns from half of the pairs and is measured on the others"
