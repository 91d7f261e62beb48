"""Analogy methods that answer single questions: against naive loops."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.evaluation import cased_vectors, make_questions, naive_answer, naive_row, related_vectors

from w2v import evaluate
from w2v.evaluation.measures import answers
from w2v.evaluation.measures.answers import RIGHT, UNKNOWN, WRONG
from w2v.evaluation.measures.word_rows import WordRows
from w2v.keyedvectors import KeyedVectors


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    return cased_vectors()


@pytest.fixture(scope="module")
def related() -> KeyedVectors:
    return related_vectors()


@pytest.mark.parametrize("method", ["3cosadd", "3cosmul"])
@pytest.mark.parametrize("restrict", [None, 250])
@pytest.mark.parametrize("fold", [True, False])
def test_answers_match_a_naive_loop(
    kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch, method: str, restrict: int | None, fold: bool
) -> None:
    monkeypatch.setattr(answers, "_TILE", 96)
    monkeypatch.setattr(answers, "_ROWS", 7)
    monkeypatch.setattr(answers, "_QUESTIONS", 50)
    questions = make_questions(kv, 120)
    got = evaluate.answer(kv, questions, restrict_vocab=restrict, case_insensitive=fold, method=method)
    case = str.upper if fold else str
    expected = []
    for question in questions:
        found = naive_answer(kv, list(question), restrict, fold, method)
        expected.append(evaluate.UNKNOWN if found is None else int(found == case(question[3])))
    assert got.tolist() == expected
    if restrict is None and fold and method == "3cosadd":
        assert (got == evaluate.RIGHT).sum() > 30 and (got == evaluate.UNKNOWN).sum() >= 4


@pytest.mark.parametrize("method", answers.METHODS)
def test_usual_and_honest_answers_match_a_naive_loop(related, method, monkeypatch):
    monkeypatch.setattr(answers, "_TILE", 64)
    monkeypatch.setattr(answers, "_ROWS", 5)
    rng = np.random.default_rng(1)
    questions, expected = [], []
    for _ in range(150):
        a, b, c = rng.choice(140, 3, replace=False)
        excluded = {a, b, c} | ({149} if 3 in (a, b, c) else set())
        usual, honest = naive_row(related, a, b, c, method, excluded), naive_row(related, a, b, c, method, set())
        d = [usual, honest, int(rng.integers(140))][rng.integers(3)]
        fold = {149: 3}
        questions.append(tuple(f"w{fold.get(i, i)}" for i in (a, b, c, d)))
        same = fold.get(d, d)
        expected.append((int(fold.get(usual, usual) == same), int(fold.get(honest, honest) == same)))
    words = WordRows(related, {word for question in questions for word in question})
    found = answers.answer(words, questions, len(related), answers.METHODS)[method]
    assert list(zip(found.usual.tolist(), found.honest.tolist(), strict=True)) == expected
    assert 20 < sum(usual for usual, _ in expected) < 130 and any(honest for _, honest in expected)
    assert any(usual != honest for usual, honest in expected)


def test_several_right_answers_and_unknown_ones(related):
    found = naive_row(related, 0, 50, 1, "3cosadd", {0, 50, 1})
    questions = [("w0", "w50", "w1", "nowhere", f"w{found}"), ("w0", "w50", "w1", "nowhere", "w2"),
                 ("w0", "w50", "w1", "nowhere"), ("w0", "no", "w1", f"w{found}")]
    assert found != 2
    assert evaluate.answer(related, questions).tolist() == [RIGHT, WRONG, UNKNOWN, UNKNOWN]
    limited = evaluate.answer(related, questions, restrict_vocab=50)
    assert limited.tolist() == [UNKNOWN] * 4  # w50 is not among the first 50


def test_vocabulary_of_only_the_question_words_has_no_answer() -> None:
    kv = KeyedVectors(["a", "b", "c"], np.eye(3, dtype=np.float32))
    assert evaluate.answer(kv, [("a", "b", "c", "a")]).tolist() == [evaluate.WRONG]


def test_planted_relation_is_found() -> None:
    rng = np.random.default_rng(0)
    base, offset = rng.normal(size=(40, 60)), rng.normal(size=60)
    rows = np.concatenate([base, base + offset]).astype(np.float32)
    kv = KeyedVectors([f"s{i}" for i in range(40)] + [f"t{i}" for i in range(40)], rows)
    questions = [(f"s{i}", f"t{i}", f"s{j}", f"t{j}") for i in range(40) for j in range(40) if i != j]
    for method in answers.METHODS:
        assert (evaluate.answer(kv, questions, method=method) == evaluate.RIGHT).mean() > 0.95
