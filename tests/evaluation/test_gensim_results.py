"""Results in the form of gensim: against `evaluate`, and against gensim where it is installed."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from helpers.evaluation import cased_vectors, make_questions, write, write_pairs, write_questions

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


BROKEN = ": a\nw1 w2 w3\nw1 w2 w3 w4\n: empty\n: b\nw5 w6 w7 w8\nw1 w2\n"
BROKEN_PAIRS = "w1\tw2\t1\nw3\tw4\n# note\nw5\tw6\t2\nw7\tw8\tx\nw1\tw3\t3\n"


@pytest.mark.parametrize(("function", "method"), [("most_similar", "3cosadd"), ("most_similar_cosmul", "3cosmul")])
def test_similarity_function_chooses_the_method(kv: KeyedVectors, tmp_path: Path, function: str, method: str) -> None:
    path = write_questions(tmp_path / "q.txt", {"a": make_questions(kv, 80)})
    found = kv.evaluate_word_analogies(path, 300_000, True, False, function)
    assert found[0] == evaluate.analogies(kv, path, method=method, restrict_vocab=None).accuracy
    with pytest.raises(ValueError, match="similarity_function must be one of most_similar, most_similar_cosmul"):
        kv.evaluate_word_analogies(path, similarity_function="closest")


def test_broken_lines_are_skipped_with_a_warning(kv: KeyedVectors, tmp_path: Path) -> None:
    path = write(tmp_path / "q.txt", BROKEN)
    with pytest.warns(UserWarning, match="line 2: .* with 2 more like it") as caught:
        _, sections = kv.evaluate_word_analogies(path)
    assert caught[0].filename == __file__
    assert [section["section"] for section in sections] == ["a", "empty", "b", "Total accuracy"]
    pairs = write(tmp_path / "p.tsv", BROKEN_PAIRS)
    with pytest.warns(UserWarning, match="line 2: expected two words and a score") as caught:
        assert kv.evaluate_word_pairs(pairs)[2] == 0
    assert caught[0].filename == __file__


SMALL = KeyedVectors(["p\xe4r", "b", "c", "B"], [[1, 0], [1, 1], [0, 1], [1, 2]])
LATIN = "P\xe4r;b;1\nb;c;2\nc;p\xe4r;3\nB;q;4\n"


def test_word_pairs_are_read_with_a_delimiter_and_an_encoding(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(LATIN.encode("latin-1"))
    found = SMALL.evaluate_word_pairs(path, ";", "latin-1", 3, True, False)
    assert found == SMALL.evaluate_word_pairs(path, delimiter=";", encoding="latin-1", restrict_vocab=3)
    assert found[2] == 25.0
    with pytest.raises(ValueError, match="encoding"):
        SMALL.evaluate_word_pairs(path, encoding="klingon")


def test_parameters_and_results_equal_gensims(kv: KeyedVectors, tmp_path: Path) -> None:
    gensim = pytest.importorskip("gensim.models")
    for name in ("evaluate_word_analogies", "evaluate_word_pairs"):
        ours, other = (list(inspect.signature(getattr(one, name)).parameters) for one in (
            KeyedVectors, gensim.KeyedVectors))
        assert ours == other
    theirs, small = gensim.KeyedVectors(kv.vector_size), gensim.KeyedVectors(2)
    theirs.add_vectors(kv.index_to_key, kv.vectors)
    small.add_vectors(SMALL.index_to_key, SMALL.vectors)
    questions = write_questions(tmp_path / "q.txt", {"a": make_questions(kv, 80)})
    options = (300_000, True, False, "most_similar")  # gensim 4.4 ignores the last one
    assert kv.evaluate_word_analogies(questions, *options) == theirs.evaluate_word_analogies(str(questions), *options)
    questions, pairs = write(tmp_path / "q.txt", BROKEN), write(tmp_path / "p.tsv", BROKEN_PAIRS)
    with pytest.warns(UserWarning):
        assert kv.evaluate_word_analogies(questions) == theirs.evaluate_word_analogies(str(questions))
    with pytest.warns(UserWarning):
        found = kv.evaluate_word_pairs(pairs)
    assert found[1][0] == pytest.approx(theirs.evaluate_word_pairs(str(pairs))[1][0], abs=1e-12)
    pairs.write_bytes(LATIN.encode("latin-1"))
    found, expected = (one.evaluate_word_pairs(str(pairs), ";", "latin-1", 3, True, False) for one in (SMALL, small))
    assert found[1][0] == pytest.approx(expected[1][0]) and found[2] == expected[2]
