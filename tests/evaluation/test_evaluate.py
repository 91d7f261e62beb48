"""Benchmarks: against a naive loop, a hand-computed Spearman, gensim where it is installed, and broken files."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from w2v import evaluate
from w2v.errors import FormatError, W2VError
from w2v.evaluation.measures import answers
from w2v.evaluation.sets.lines import read_analogies, read_pairs
from w2v.evaluation.statistics.correlation import average_ranks, p_value, pearson, spearman
from w2v.keyedvectors import KeyedVectors

N, D = 400, 8


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    """Words in several cases, so that folding matters: w3 and W3 are different rows of one folded word."""
    rng = np.random.default_rng(4)
    words = [f"{'W' if rng.random() < 0.5 else 'w'}{i}" for i in range(N // 2)]
    words += [word.swapcase() for word in words[:N // 4]] + [f"x{i}" for i in range(N // 4)]
    return KeyedVectors(words, rng.normal(size=(N, D)).astype(np.float32))


def make_questions(kv: KeyedVectors, count: int, *, seed: int = 0) -> list[tuple[str, ...]]:
    """Random questions; half of them answered by the naive oracle's favourite, so that some are right."""
    rng = np.random.default_rng(seed)
    questions = []
    for i in range(count):
        words = [kv.index_to_key[j] for j in rng.integers(0, N, 4)]
        if i % 2:
            found = naive_answer(kv, words, None, True, "3cosadd")
            words[3] = found.lower()
        if i % 29 == 0:
            words[i % 4] = "unknown"
        questions.append(tuple(words))
    return questions


def naive_answer(kv: KeyedVectors, words: list, restrict: int | None, fold: bool, method: str) -> str | None:
    """The answer to words[0] : words[1] = words[2] : ?, one candidate after the other in float64."""
    case = str.upper if fold else str
    known = kv.index_to_key[:restrict]
    first: dict[str, int] = {}
    for i, word in enumerate(known):
        first.setdefault(case(word), i)
    if any(case(word) not in first for word in words):
        return None
    units = kv.vectors.astype(np.float64)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    a, b, c = (units[first[case(word)]] for word in words[:3])
    skip = {case(word) for word in words[:3]}
    best, best_score = None, -math.inf
    for i, word in enumerate(known):
        if case(word) in skip:
            continue
        x = units[i]
        score = (x @ (b - a + c) if method == "3cosadd"
                 else (1 + x @ b) / 2 * (1 + x @ c) / 2 / ((1 + x @ a) / 2 + 1e-6))
        if score > best_score:
            best, best_score = case(word), score
    return best


def write_questions(path: Path, sections: dict[str, list[tuple[str, ...]]]) -> Path:
    path.write_text("".join(f": {name}\n" + "".join(" ".join(q) + "\n" for q in questions)
                            for name, questions in sections.items()), encoding="utf-8")
    return path


# ------------------------------------------------------------------------------------------------- analogies


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


def test_questions_before_a_section_are_named_after_the_file(kv: KeyedVectors, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes("\ufeffw1 w2 w3 w4\r\n\r\n: b\r\nw1\tw2  w3 w4".encode())
    assert [(s.name, len(s.questions)) for s in read_analogies(path)] == [("mine", 1), ("b", 1)]


@pytest.mark.parametrize(("text", "line"), [
    (": a\nw1 w2 w3 w4\nw1 w2 w3\n", 3), (": a\nw1 w2 w3 w4 w5\n", 2), (": a\n: b\nw1 w2 w3 w4\n", 1),
    (": a\nw1 w2 w3 w4\n: b\n", 3), ("", 1), ("\n\n", 1),
])
def test_broken_analogy_file_is_a_format_error_with_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "q.txt"
    path.write_text(text)
    with pytest.raises(FormatError) as caught:
        read_analogies(path)
    assert caught.value.line == line and str(path) in str(caught.value)


def test_wrong_parameters_are_refused(kv: KeyedVectors, tmp_path: Path) -> None:
    path = write_questions(tmp_path / "q.txt", {"a": [("w1", "w2", "w3", "w4")]})
    with pytest.raises(ValueError, match="method"):
        evaluate.analogies(kv, path, method="best")
    with pytest.raises(ValueError, match="method"):
        evaluate.answer(kv, [("w1", "w2", "w3", "w4")], method="lrcos")  # of whole relations, not of questions
    with pytest.raises(ValueError, match="restrict_vocab"):
        evaluate.analogies(kv, path, restrict_vocab=0)
    with pytest.raises(W2VError, match="missing"):
        evaluate.analogies(kv, tmp_path / "missing.txt")


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


# ------------------------------------------------------------------------------------------------- gensim's form


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
    theirs = gensim.KeyedVectors(D)
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


# ------------------------------------------------------------------------------------------------- similarity


def write_pairs(path: Path, kv: KeyedVectors, count: int) -> Path:
    rng = np.random.default_rng(8)
    lines = []
    for i in range(count):
        a, b = (kv.index_to_key[j] for j in rng.integers(0, N, 2))
        lines.append(f"{a}\t{'unknown' if i % 13 == 0 else b}\t{rng.integers(0, 11)}\n")
    path.write_text("# made by a test\n" + "".join(lines))
    return path


def test_average_ranks_share_ties() -> None:
    assert average_ranks([10, 30, 20, 20, 10, 20]).tolist() == [1.5, 6, 4, 4, 1.5, 4]


def test_spearman_with_ties_is_the_hand_computed_value() -> None:
    # x ranks 1, 2.5, 2.5, 4; y ranks 1, 3, 2, 4: covariance 4.5, variances 4.5 and 5 -> 4.5 / sqrt(22.5)
    assert spearman([1, 2, 2, 3], [10, 30, 20, 40]) == pytest.approx(4.5 / math.sqrt(22.5), abs=1e-15)
    assert spearman([1, 2, 3], [1, 8, 27]) == 1
    assert spearman([1, 2, 3], [3, 2, 1]) == -1


@pytest.mark.parametrize(("x", "y"), [([], []), ([1], [2]), ([1, 1, 1], [1, 2, 3])])
def test_correlation_that_is_not_defined_is_none(x: list, y: list) -> None:
    assert spearman(x, y) is None and pearson(x, y) is None


def test_p_value_falls_with_correlation_and_pairs() -> None:
    assert p_value(0.0, 100) == 1 and math.isnan(p_value(0.5, 3)) and p_value(1.0, 9) == 0
    # Fisher: atanh(0.5) * sqrt(97) = 5.41 standard errors
    assert p_value(0.5, 100) == pytest.approx(6.3e-8, rel=0.02)
    assert p_value(0.5, 50) > p_value(0.5, 100)


@pytest.mark.parametrize("text", [
    "w1\tw2\t1\nw3\tw4\t2.5\nw5\tno\t3\nw6\tw7\t0\n",
    "word1,word2,score\nw1,w2,1\nw3,w4,2.5\nw5,no,3\nw6,w7,0\n",
    "# about\n\nw1 w2 1\nw3  w4 2.5\r\nw5 no 3\nw6 w7 0",
    "Word 1\tWord 2\tHuman (mean)\nw1\tw2\t1\tx\nw3\tw4\t2.5\ty\nw5\tno\t3\nw6\tw7\t0\n",
])
def test_similarity_reads_tab_comma_blank_header_and_comments(kv: KeyedVectors, tmp_path: Path, text: str) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text(text, newline="")
    assert read_pairs(path) == [("w1", "w2", 1.0), ("w3", "w4", 2.5), ("w5", "no", 3.0), ("w6", "w7", 0.0)]
    result = evaluate.similarity(kv, path)
    fold = {word.upper(): i for i, word in reversed(list(enumerate(kv.index_to_key)))}
    cosines = [kv.similarity(fold[a], fold[b]) for a, b in (("W1", "W2"), ("W3", "W4"), ("W6", "W7"))]
    assert (result.pairs, result.unknown) == (3, 1)
    assert result.spearman == pytest.approx(spearman([1, 2.5, 0], cosines))
    shown = {"name": "pairs", "spearman": result.spearman, "pearson": result.pearson, "pairs": 3, "unknown": 1}
    assert shown.items() <= result.as_dict().items() and "items" not in result.as_dict()


@pytest.mark.parametrize(("text", "line"), [
    ("a\tb\t1\na\tb\tx\n", 2), ("w1\tw2\tscore\nw1\tw2\tscore\n", 2), ("a\tb\t1\na\tb\n", 2), ("a b\n", 1), ("", 1),
    ("# only\n", 1), ("a\tb\t1\na\tb\tnan\n", 2), ("w1\tw2\tscore\n", 1),
])
def test_broken_similarity_file_is_a_format_error_with_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text(text)
    with pytest.raises(FormatError) as caught:
        read_pairs(path)
    assert caught.value.line == line and str(path) in str(caught.value)


def test_no_known_pair_gives_none_and_a_clear_line(kv: KeyedVectors, tmp_path: Path) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text("no\tnone\t1\nno\tnil\t2\n")
    result = evaluate.similarity(kv, path)
    assert (result.spearman, result.pearson, result.pairs, result.unknown) == (None, None, 0, 2)
    assert "pairs: no known pair of words" in evaluate.format_table([result])
    with pytest.raises(W2VError, match="no correlation"):
        kv.evaluate_word_pairs(path)


def test_unknown_pairs_can_count_as_zero(kv: KeyedVectors, tmp_path: Path) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text("w1\tw2\t1\nno\tnone\t2\nw4\tw5\t3\n")
    result = evaluate.similarity(kv, path, unknown_as_zero=True)
    assert (result.pairs, result.unknown) == (3, 1)
    fold = {word.upper(): i for i, word in reversed(list(enumerate(kv.index_to_key)))}
    cosines = [kv.similarity(fold["W1"], fold["W2"]), 0.0, kv.similarity(fold["W4"], fold["W5"])]
    assert result.pearson == pytest.approx(pearson([1, 2, 3], cosines), abs=1e-6)


# ------------------------------------------------------------------------------------------------- table


def test_table_is_aligned_and_complete(kv: KeyedVectors, tmp_path: Path) -> None:
    path = write_questions(
        tmp_path / "q.txt", {"long section name": make_questions(kv, 30), "gram9": make_questions(kv, 9)})
    results = [evaluate.analogies(kv, path), evaluate.similarity(kv, write_pairs(tmp_path / "p.tsv", kv, 40))]
    table = evaluate.format_table(results)
    first, second = table.split("\n\n")
    *lines, note = first.splitlines()
    assert len({len(line) for line in lines}) == 1 and note.startswith("3cosadd among the first 30,000 words")
    assert [line.split("  ")[0] for line in lines] == [
        "analogies: q", "long section name", "gram9", lines[3], "semantic", "syntactic", "all"]
    assert set(lines[3]) == {"-"}
    assert f"{results[0].correct}/{results[0].questions}" in lines[-1]
    assert f"{100 * results[0].honest / results[0].questions:.1f} %" in lines[-1]
    assert second.splitlines()[1].split()[-2:] == [str(results[1].pairs), str(results[1].unknown)]
    assert evaluate.format_table([]) == ""
