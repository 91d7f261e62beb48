"""Categorisation: purity on planted classes, with unknown words."""

import pytest
from helpers.evaluation import clustered

from w2v.evaluation.measures import categories
from w2v.evaluation.measures.categories import score_categories
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.sets.categories import Member
from w2v.keyedvectors import KeyedVectors


def test_purity_leaves_out_unknown_words_or_counts_them_as_wrong(monkeypatch):
    units, labels = clustered([10, 12, 8])
    kv = KeyedVectors([f"w{i}" for i in range(30)], units * 3)
    members = [Member(f"w{i}", f"class {label}", i) for i, label in enumerate(labels)]
    members += [Member("no", "class 0", 31), Member("nil", "class 9", 32)]
    result = score_categories(WordRows(kv, [m.word for m in members]), "planted", members)
    assert (result.purity, result.agglomerative, result.words, result.unknown, result.classes) == (1, 1, 30, 2, 3)
    assert result.purity_all == pytest.approx(30 / 32) and result.interval == (1, 1)
    monkeypatch.setattr(categories, "LINKAGE_WORDS", 29)
    large = score_categories(WordRows(kv, [m.word for m in members]), "planted", members)
    assert (large.purity, large.agglomerative, large.agglomerative_interval) == (1, None, None)
    assert [measure.name for measure in large.measures()] == ["k-means purity"]
    nothing = score_categories(WordRows(kv, []), "planted", members)
    assert nothing.purity is None and nothing.nothing_known and nothing.unknown == 32
