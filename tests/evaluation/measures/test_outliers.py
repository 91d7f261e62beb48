"""Outlier detection: against the definition, and with unknown words and phrases."""

import numpy as np
import pytest
from helpers.evaluation import clustered

from w2v.evaluation.measures.outliers import score_outliers
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.sets.outliers import Group, words_of
from w2v.keyedvectors import KeyedVectors


def test_outliers_match_the_definition():
    rng = np.random.default_rng(2)
    kv = KeyedVectors([f"w{i}" for i in range(60)], rng.normal(size=(60, 6)).astype(np.float32))
    groups = [Group(str(g), tuple(f"w{10 * g + i}" for i in range(6)), tuple(f"w{10 * g + i}" for i in range(6, 10)))
              for g in range(6)]
    result = score_outliers(WordRows(kv, words_of(groups)), "x", groups)
    found, places = [], []
    for group in groups:
        for outlier in group.outliers:
            words = [*group.words, outlier]
            compactness = {w: np.mean([kv.similarity(w, other) for other in words if other != w]) for w in words}
            order = sorted(words, key=lambda w: -compactness[w])
            places.append(order.index(outlier) / 6)
            found.append(order.index(outlier) == 6)
    assert result.accuracy == pytest.approx(np.mean(found)) and result.opp == pytest.approx(np.mean(places))
    assert (result.cases, result.total, result.groups) == (24, 24, 6) and 0 < result.accuracy < 1
    assert result.interval[0] <= result.accuracy <= result.interval[1]


def test_unknown_words_are_left_out_and_phrases_are_means():
    units, _ = clustered([6, 6], noise=0.1)
    names = ["cat", "dog", "hen", "owl", "fox", "pig", "new", "york", "car", "bus", "van", "cab"]
    kv = KeyedVectors(names, units)
    groups = [Group("pets", ("cat", "dog", "hen", "zebu"), ("New_York", "car", "lorry")), Group("few", ("cat", "gnu"),
                                                                                          ("car",))]
    result = score_outliers(WordRows(kv, words_of(groups)), "x", groups)
    assert (result.accuracy, result.opp, result.cases, result.total) == (1, 1, 2, 4)
    assert result.accuracy_all == 0.5 and result.opp_all == 0.5
