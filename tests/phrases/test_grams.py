"""Counting of grams: exact counts with any number of threads and any memory."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import phrases_twin as twin
from helpers.phrases_twin import CONNECTORS

from w2v.corpus.encode import encode
from w2v.errors import W2VError
from w2v.phrases.grams import count_grams
from w2v.phrases.text import PhrasedText


@pytest.mark.parametrize("joined", [False, True])
def test_counts_do_not_depend_on_threads_and_memory(monkeypatch, joined):
    monkeypatch.setattr("w2v.phrases.grams.SMALL_TEXT", 0)
    sentences = twin.made_sentences(3000, words="abcdefghijklmnopqrstuvwxyzäöüß", joined=joined)
    text = PhrasedText(encode(sentences, min_count=1), 1)
    connectors = [text.find("of"), text.find("the")]
    results = []
    for threads, log2_slots in ((1, 20), (3, 20), (1, 8), (4, 8)):
        grams = count_grams(text.ids, text.words, connectors, b"_", least=2, threads=threads,
                            max_log2_slots=log2_slots)
        counted = dict(zip(grams.words_of(np.arange(len(grams.counts))), grams.counts.tolist(), strict=True))
        assert len(counted) == len(grams.counts) > 300
        results.append((counted, grams.n_distinct, grams.n_vocabulary, grams.word_counts.tolist()))
    assert all(result == results[0] for result in results)
    assert results[0][1] > 4 * 2**8 * 5 // 8, "too few grams: the small tables are never divided"
    spelled = twin.count(sentences, CONNECTORS, "_")
    assert results[0][2] == len(spelled)
    assert results[0][0] == {
        tuple(text.find(word) for word in gram): spelled["_".join(gram)]
        for gram in {gram for sentence in sentences for gram in twin.grams_of(sentence, CONNECTORS)}
        if spelled["_".join(gram)] >= 2}


def test_share_that_cannot_be_divided_is_an_error(monkeypatch):
    monkeypatch.setattr("w2v.phrases.grams.HASHES", 1)
    text = PhrasedText(encode([["a", "b"]], min_count=1), 1)
    assert count_grams(text.ids, text.words, [], b"_", least=1, threads=1, max_log2_slots=8).n_distinct in (0, 1)

    class Full:
        full = True

        def __init__(self, *unused):
            pass

        def finish(self, least):
            return None

    monkeypatch.setattr("w2v.phrases.grams.GramCounter", Full)
    with pytest.raises(W2VError, match="memory"):
        count_grams(text.ids, text.words, [], b"_", least=1, threads=1, max_log2_slots=8)
