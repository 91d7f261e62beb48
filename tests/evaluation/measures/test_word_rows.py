"""Rows of words: folding, limits, phrases."""

from pathlib import Path

import numpy as np
import pytest
from helpers.evaluation import related_vectors

from w2v.corpus_options import TextOptions
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


def test_words_of_sets_are_found_as_training_would_see_them():
    kv = KeyedVectors(["new", "usa", "king's", "USA", "straße"], np.eye(5, dtype=np.float32))
    asked = ["U.S.A.", "NEW", "(new)", "King's", "usa", "New York"]
    assert [WordRows(kv, asked).row(word) for word in asked] == [-1, 0, -1, 2, 1, -1]
    kv.text_options = TextOptions(lowercase=True, tokenize="words")
    assert [WordRows(kv, asked).row(word) for word in asked] == [-1, 0, 0, 2, 1, -1]
    exact = WordRows(kv, ["USA", "Usa", "NEW", "New"], case_insensitive=False)
    assert [exact.row(word) for word in ("USA", "Usa", "NEW", "New")] == [3, 1, 0, 0]
    assert exact.row("NEW", 0) == -1


@pytest.mark.parametrize("case_insensitive", [True, False])
def test_every_kind_of_set_meets_the_words_of_training(case_insensitive: bool, tmp_path: Path):
    """Sets whose words have punctuation and capitals score as those of the plain words."""
    rng = np.random.default_rng(1)
    names = [f"w{letter}" for letter in "abcdefghijklmnop"]
    kv = KeyedVectors(names, rng.normal(size=(len(names), 6)).astype(np.float32))
    kv.text_options = TextOptions(lowercase=True, tokenize="words")
    shown = []
    for form in (str, lambda word: f"({word.title()})"):
        w = [form(name) for name in names]
        (tmp_path / "analogies.txt").write_text(f": one\n{' '.join(w[:4])}\n{' '.join(w[4:8])}\n{' '.join(w[8:12])}\n")
        (tmp_path / "pairs.tsv").write_text("".join(f"{w[i]}\t{w[i + 1]}\t{i % 5}\n" for i in range(12)))
        found = kv.evaluate(analogies=tmp_path / "analogies.txt", similarity=tmp_path / "pairs.tsv",
                            case_insensitive=case_insensitive, draws=0)
        shown.append([list(result.measures()) for result in found.results])
        assert not found.failures
    plain, cased = shown
    assert plain == cased and all(measure.value is not None for measures in plain for measure in measures)
