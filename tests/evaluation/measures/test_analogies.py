"""Analogy sets: sections, totals, several methods in one pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.evaluation import cased_vectors, make_questions, related_vectors, write_questions

from w2v import evaluate
from w2v.keyedvectors import KeyedVectors


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    return cased_vectors()


def test_analogies_by_section_with_totals(kv: KeyedVectors, tmp_path: Path) -> None:
    questions = make_questions(kv, 60)
    path = write_questions(tmp_path / "set.txt", {
        "capitals": questions[:20], "gram1-x": questions[20:50], "none": [("u", "u", "u", "u")]})
    result = evaluate.analogies(kv, path, restrict_vocab=None)
    outcome = evaluate.answer(kv, questions)
    right = lambda part: int((part == evaluate.RIGHT).sum())  # noqa: E731
    assert [section.name for section in result.sections] == ["capitals", "gram1-x", "none"]
    assert [section.correct for section in result.sections] == [right(outcome[:20]), right(outcome[20:50]), 0]
    assert [section.total for section in result.sections] == [20, 30, 1]
    assert result.sections[2].questions == 0 and result.sections[2].accuracy is None
    assert result.semantic is not None and result.syntactic is not None
    assert (result.semantic.total, result.syntactic.total, result.total) == (21, 30, 51)
    assert result.correct == right(outcome[:50]) and result.accuracy == result.correct / result.questions
    shape = json.loads(json.dumps(result.as_dict()))
    assert {"name", "correct", "questions", "total", "accuracy", "sections", "semantic", "syntactic"} <= set(shape)
    assert {"name", "correct", "questions", "total", "accuracy"} <= set(shape["sections"][0])
    assert "items" not in shape
    assert shape["name"] == "set"


def test_totals_by_kind_only_if_both_are_there(kv: KeyedVectors, tmp_path: Path) -> None:
    path = write_questions(tmp_path / "q.txt", {"gram1": [("w1", "w2", "w3", "w4")]})
    result = evaluate.analogies(kv, path)
    assert result.semantic is None and "syntactic" not in result.as_dict()


def test_all_methods_in_one_pass_give_the_same_numbers_as_one_by_one(tmp_path: Path) -> None:
    kv = related_vectors()
    path = tmp_path / "q.txt"
    path.write_text(": a\n" + "".join(f"w{i} w{50 + i} w{j} w{50 + j}\n" for i in range(8) for j in range(8) if i != j)
                    + ": gram b\nw20 w70 w21 w71\nw20 w70 w22 no\n")
    together = evaluate.run(kv, str(path), methods=evaluate.METHODS).results
    assert [result.method for result in together] == list(evaluate.METHODS)
    for result in together:
        assert result == evaluate.analogies(kv, path, method=result.method)
        assert result.accuracy_all <= result.accuracy and result.honest <= result.total
        assert [group.name for group in result.groups] == ["semantic", "syntactic"]
