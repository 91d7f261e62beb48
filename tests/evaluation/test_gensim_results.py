"""Results in the form of gensim: against `evaluate`, and against gensim where it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.evaluation import cased_vectors, make_questions, write_pairs, write_questions

from w2v import evaluate
from w2v.keyedvectors import KeyedVectors


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    return cased_vectors()


def test_evaluate_word_analogies_returns_gensims_form(kv: KeyedVectors, tmp_path: Path) -> None:
    questions = make_questions(kv, 40)
    path = write_questions(tmp_path / "q.txt", {"a": questions[:25], "b": questions[25:]})
    accuracy, sections = kv.evaluate_word_analogies(path)
    outcome = evaluate.answer(kv, questions)
    known = [q for q, o in zip(questions, outcome, strict=True) if o != evaluate.UNKNOWN]
    assert [section["section"] for section in sections] == ["a", "b", "Total accuracy"]
    assert accuracy == (outcome == evaluate.RIGHT).sum() / len(known)
    total = sections[-1]
    assert len(total["correct"]) + len(total["incorrect"]) == len(known)
    assert all(word == word.upper() for question in total["correct"] for word in question)
    lower, everything = kv.evaluate_word_analogies(path, dummy4unknown=True)
    assert len(everything[-1]["incorrect"]) == len(questions) - len(total["correct"]) and lower < accuracy


@pytest.mark.parametrize("fold", [True, False])
@pytest.mark.parametrize("restrict", [300_000, 250])
def test_numbers_equal_gensims(kv: KeyedVectors, tmp_path: Path, fold: bool, restrict: int) -> None:
    gensim = pytest.importorskip("gensim.models")
    theirs = gensim.KeyedVectors(kv.vector_size)
    theirs.add_vectors(kv.index_to_key, kv.vectors)
    questions = write_questions(
        tmp_path / "q.txt", {"a": make_questions(kv, 200), "gram": make_questions(kv, 90, seed=1)})
    pairs = write_pairs(tmp_path / "p.tsv", kv, 150)
    for dummy in (False, True):
        options = {"restrict_vocab": restrict, "case_insensitive": fold, "dummy4unknown": dummy}
        assert kv.evaluate_word_analogies(questions, **options) == theirs.evaluate_word_analogies(
            str(questions), **options)
        ours, other = kv.evaluate_word_pairs(pairs, **options), theirs.evaluate_word_pairs(str(pairs), **options)
        assert ours[0][0] == pytest.approx(other[0][0], abs=1e-7)
        assert ours[1][0] == pytest.approx(other[1][0], abs=1e-12)
        assert ours[2] == pytest.approx(other[2])
        result = evaluate.analogies(kv, questions, restrict_vocab=restrict, case_insensitive=fold)
        accuracy = result.accuracy_all if dummy else result.accuracy
        assert accuracy == theirs.evaluate_word_analogies(str(questions), **options)[0]
        alike = evaluate.similarity(kv, pairs, restrict_vocab=restrict, case_insensitive=fold)
        assert (alike.spearman_all if dummy else alike.spearman) == pytest.approx(other[1][0], abs=1e-12)
