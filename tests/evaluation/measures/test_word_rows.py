"""Rows of words: folding, limits, phrases."""

import numpy as np
from helpers.evaluation import related_vectors

from w2v.evaluation.measures.word_rows import WordRows
from w2v.keyedvectors import KeyedVectors


def test_only_the_given_words_are_known_and_case_is_folded():
    kv = related_vectors()
    words = WordRows(kv, ["W3", "w7", "two words"])
    assert words.row("w3") == 3 and words.rows("w3", 150) == [3, 149] and words.rows("w3", 149) == [3]
    assert words.row("w7", 7) == -1 and words.row("w8") == -1
    exact = WordRows(kv, ["W3", "w3"], case_insensitive=False)
    assert exact.row("W3") == 149 and exact.row("w3") == 3
    phrase = KeyedVectors(["two_words", "two"], np.eye(2, dtype=np.float32))
    assert WordRows(phrase, ["two words"]).row("two words") == 0
