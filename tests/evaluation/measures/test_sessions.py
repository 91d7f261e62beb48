"""Prediction of the next item: ranks as a slow loop in float64 finds them, and what no vectors can predict."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.evaluation import unit_rows

from w2v.evaluation.measures.sessions import ranks_of_last, score_sessions
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.sets.sessions import words_of
from w2v.evaluation.settings import Settings
from w2v.keyedvectors import KeyedVectors


def naive_rank(kv: KeyedVectors, before: str, last: str) -> float:
    """The place of `last` in the list of the other items, sorted by cosine."""
    if before not in kv or last not in kv:
        return float("nan")
    if before == last:
        return float("inf")
    cosines = unit_rows(kv) @ unit_rows(kv)[kv.get_index(before)]
    others = [i for i in range(len(kv)) if kv.index_to_key[i] not in (before, last)]
    own = cosines[kv.get_index(last)]
    return 1 + sum(cosines[i] > own + 1e-6 for i in others) + sum(abs(cosines[i] - own) <= 1e-6 for i in others) / 2


def words(kv: KeyedVectors, pairs: list[tuple[str, str]]) -> WordRows:
    return WordRows(kv, words_of(pairs))


@pytest.mark.parametrize("n, d, dtype", [(30, 3, np.float32), (700, 8, np.float32), (300, 20, np.float16)])
def test_ranks_are_those_of_a_sorted_list(n, d, dtype):
    rng = np.random.default_rng(n)
    rows = rng.normal(size=(n, d))
    rows[5] = rows[4] * 3  # equal cosines
    kv = KeyedVectors([f"i{i}" for i in range(n)], rows.astype(dtype))
    pairs = [(f"i{a}", f"i{b}") for a, b in rng.integers(0, n, (200, 2))] + [("i1", "i4"), ("i1", "x"), ("i2", "i2")]
    found = ranks_of_last(words(kv, pairs), pairs)
    assert len(np.unique(found)) > 20
    assert found.tolist() == pytest.approx([naive_rank(kv, *pair) for pair in pairs], nan_ok=True)


def test_numbers_follow_from_the_ranks():
    kv = KeyedVectors(list("abcd"), [[1, 0], [1, 0.1], [1, 1], [-1, 0]])
    pairs = [("a", "b"), ("a", "c"), ("a", "d"), ("a", "no"), ("c", "c")]
    result = score_sessions(words(kv, pairs), "x", pairs, Settings(draws=200))
    assert (result.sessions, result.total, result.repeated) == (4, 5, 1)
    assert (result.hit_at_1, result.hit_at_10, result.hit_at_10_all) == (0.25, 0.75, 0.6)
    assert result.mrr == pytest.approx((1 + 1 / 2 + 1 / 3) / 4)
    assert result.mrr_all == pytest.approx((1 + 1 / 2 + 1 / 3) / 5)
    assert result.interval is not None and result.mrr_interval is not None
    assert result.mrr_interval[0] < result.mrr < result.mrr_interval[1]
    assert "end with the same item twice" in str(result)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_equal_vectors_are_as_good_as_chance(value):
    kv = KeyedVectors([f"i{i}" for i in range(101)], np.full((101, 4), value, np.float32))
    pairs = [("i1", "i2"), ("i7", "i100")]
    assert ranks_of_last(words(kv, pairs), pairs).tolist() == [50.5, 50.5]


def test_case_of_items_matters():
    kv = KeyedVectors(["aB", "ab", "c"], [[1, 0], [0, 1], [0.1, 1]])
    assert ranks_of_last(words(kv, [("ab", "c")]), [("ab", "c")]).tolist() == [1]
    assert np.isnan(ranks_of_last(words(kv, [("AB", "c")]), [("AB", "c")])).all()


def test_broken_vectors_are_misses():
    kv = KeyedVectors(list("abc"), [[1, 0], [np.nan, 1], [0.1, 1]])
    pairs = [("a", "b"), ("b", "c"), ("a", "c")]
    assert ranks_of_last(words(kv, pairs), pairs).tolist() == [np.inf, np.inf, 1]
    assert score_sessions(words(kv, pairs), "x", pairs).mrr == pytest.approx(1 / 3)
