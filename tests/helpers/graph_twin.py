"""Slow twins of graphs and their walks, in plain Python, and a test of frequencies."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Rows = dict[int, dict[int, float]]


def rows_of(edges: Iterable[tuple[int, int, float]], both_ways: bool) -> Rows:
    """Targets of each node with the sum of the weights; a loop is one entry."""
    rows: defaultdict[int, dict[int, float]] = defaultdict(dict)
    for source, target, weight in edges:
        rows[source][target] = rows[source].get(target, 0) + weight
        if both_ways and source != target:
            rows[target][source] = rows[target].get(source, 0) + weight
    return dict(rows)


def step_shares(rows: Rows, before: int | None, node: int, p: float, q: float) -> dict[int, float]:
    """Probabilities of the next node: section 3.2.2 of Grover and Leskovec 2016; `before` is None in the first step."""
    shares = {}
    for target, weight in rows.get(node, {}).items():
        if before is None or (target != before and target in rows.get(before, {})):
            factor = 1.0
        else:
            factor = 1 / p if target == before else 1 / q
        shares[target] = weight * factor
    total = math.fsum(shares.values())
    return {target: share / total for target, share in shares.items()}


def chi_squared_limit(freedom: int) -> float:
    """Value that chi-squared exceeds with a probability of about 1e-5 (Wilson and Hilferty 1931)."""
    normal = 4.265
    return freedom * (1 - 2 / (9 * freedom) + normal * math.sqrt(2 / (9 * freedom))) ** 3


def assert_drawn_from(shares: Mapping[int, float], drawn: Counter[int]) -> None:
    """Fail if counts of draws do not fit their probabilities."""
    assert set(drawn) <= set(shares)
    total = sum(drawn.values())
    statistic = sum((drawn[one] - total * share) ** 2 / (total * share) for one, share in shares.items())
    if len(shares) > 1:
        assert statistic < chi_squared_limit(len(shares) - 1), (statistic, dict(shares), dict(drawn))


def alias_shares(table: NDArray[np.uint64]) -> list[float]:
    """Probabilities that an alias table of a row stands for."""
    words = np.ascontiguousarray(table).view(np.uint32).reshape(-1, 2)
    shares = [Fraction(0)] * len(words)
    for cell, (threshold, other) in enumerate(words.tolist()):
        own = Fraction(threshold, 2**32)
        shares[cell] += own
        shares[other] += 1 - own
    return [float(share / len(words)) for share in shares]
