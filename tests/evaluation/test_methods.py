"""Methods of analogies against naive loops: honest scores, several right answers, PairDistance, 3CosAvg, LRCos."""

import numpy as np
import pytest

from w2v import evaluate
from w2v.evaluation.measures import analogies, answers, classes
from w2v.evaluation.measures.answers import RIGHT, UNKNOWN, WRONG
from w2v.evaluation.measures.lookup import Lookup
from w2v.evaluation.sets import lines
from w2v.evaluation.sets.relations import PairSection
from w2v.keyedvectors import KeyedVectors

N, D = 150, 12


@pytest.fixture(scope="module")
def kv():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(N, D))
    rows[50:100] = rows[:50] + 1.5 * rng.normal(size=D) + 0.5 * rng.normal(size=(50, D))
    words = [f"w{i}" for i in range(N)]
    words[149] = "W3"  # folds to w3
    return KeyedVectors(words, rows.astype(np.float32))


def units(kv):
    rows = kv.vectors.astype(np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def naive(kv, a, b, c, method, barred):
    x = units(kv)
    if method == "3cosadd":
        scores = x @ (x[b] - x[a] + x[c])
    elif method == "3cosmul":
        scores = (1 + x @ x[b]) / 2 * (1 + x @ x[c]) / 2 / ((1 + x @ x[a]) / 2 + 1e-6)
    else:
        away = x - x[c]
        length = np.linalg.norm(away, axis=1)
        with np.errstate(invalid="ignore"):
            scores = away @ (x[b] - x[a]) / np.linalg.norm(x[b] - x[a]) / length
        scores[length < 1e-6] = -np.inf
    scores[list(barred)] = -np.inf
    return int(scores.argmax())


@pytest.mark.parametrize("method", answers.METHODS)
def test_usual_and_honest_answers_match_a_naive_loop(kv, method, monkeypatch):
    monkeypatch.setattr(answers, "_TILE", 64)
    monkeypatch.setattr(answers, "_ROWS", 5)
    rng = np.random.default_rng(1)
    questions, expected = [], []
    for _ in range(150):
        a, b, c = rng.choice(140, 3, replace=False)
        barred = {a, b, c} | ({149} if 3 in (a, b, c) else set())
        usual, honest = naive(kv, a, b, c, method, barred), naive(kv, a, b, c, method, set())
        d = [usual, honest, int(rng.integers(140))][rng.integers(3)]
        fold = {149: 3}
        questions.append(tuple(f"w{fold.get(i, i)}" for i in (a, b, c, d)))
        same = fold.get(d, d)
        expected.append((int(fold.get(usual, usual) == same), int(fold.get(honest, honest) == same)))
    lookup = Lookup(kv, {word for question in questions for word in question})
    found = answers.answer(lookup, questions, len(kv), answers.METHODS)[method]
    assert list(zip(found.usual.tolist(), found.honest.tolist(), strict=True)) == expected
    assert 20 < sum(usual for usual, _ in expected) < 130 and any(honest for _, honest in expected)
    assert any(usual != honest for usual, honest in expected)


def test_several_right_answers_and_unknown_ones(kv):
    found = naive(kv, 0, 50, 1, "3cosadd", {0, 50, 1})
    questions = [("w0", "w50", "w1", "nowhere", f"w{found}"), ("w0", "w50", "w1", "nowhere", "w2"),
                 ("w0", "w50", "w1", "nowhere"), ("w0", "no", "w1", f"w{found}")]
    assert found != 2
    assert evaluate.answer(kv, questions).tolist() == [RIGHT, WRONG, UNKNOWN, UNKNOWN]
    limited = evaluate.answer(kv, questions, restrict_vocab=50)
    assert limited.tolist() == [UNKNOWN] * 4  # w50 is beyond


def test_3cosavg_matches_a_naive_loop(kv):
    pairs = [(f"w{i}", (f"w{50 + i}",)) for i in range(20)]
    x = units(kv)
    usual, honest = [], []
    for i in range(20):
        rest = [j for j in range(20) if j != i]
        scores = x @ (x[i] + np.mean(x[[50 + j for j in rest]] - x[rest], axis=0))
        honest.append(int(scores.argmax() == 50 + i))
        scores[[i, 149] if i == 3 else i] = -np.inf
        usual.append(int(scores.argmax() == 50 + i))
    found = classes.answer_pairs(Lookup(kv, {word for a, b in pairs for word in (a, *b)}), pairs, len(kv), "3cosavg")
    assert found.usual.tolist() == usual and found.honest.tolist() == honest and 5 < sum(usual)


def test_pairs_with_unknown_words_are_unknown_and_teach_nothing(kv):
    pairs = [("w0", ("no", "w50")), ("nowhere", ("w51",)), ("w2", ("no",)), ("w3", ("w53", "w99")), ("w4", ("w54",))]
    lookup = Lookup(kv, {word for a, b in pairs for word in (a, *b)})
    for method in classes.METHODS:
        found = classes.answer_pairs(lookup, pairs, len(kv), method)
        assert [value == UNKNOWN for value in found.usual.tolist()] == [False, True, True, False, False]
        assert (classes.answer_pairs(lookup, pairs[:3], len(kv), method).usual == UNKNOWN).all()


def test_logistic_regressions_are_at_the_minimum():
    rng = np.random.default_rng(3)
    x, positive = rng.normal(size=(40, 6)), rng.random(40) < 0.4
    x[positive] += 0.7
    weights = np.ones((3, 40))
    weights[1, 5:9] = 0
    weights[2] = rng.integers(1, 4, 40)
    directions, biases = classes.logistic(x, positive, weights)
    for w, b, weight in zip(directions, biases, weights, strict=True):
        total = weight.sum()
        cost = weight * np.where(positive, total / 2 / weight[positive].sum(), total / 2 / weight[~positive].sum())
        p = 1 / (1 + np.exp(-(x @ w + b)))
        assert np.abs(w - x.T @ (cost * (positive - p))).max() < 1e-6  # the gradient of the penalised loss
        assert abs((cost * (positive - p)).sum()) < 1e-6
    assert np.abs(directions[0]).max() > 0.1 and np.abs(directions[0] - directions[1]).max() > 1e-3
    wide, bias = classes.logistic(np.concatenate([x, np.zeros((40, 60))], axis=1), positive, weights)  # m < d
    assert wide[:, :6] == pytest.approx(directions, abs=1e-6) and bias == pytest.approx(biases, abs=1e-6)


def test_lrcos_finds_a_class_that_offsets_do_not():
    """The b are near to each other and to their a, but each with an offset of its own."""
    rng = np.random.default_rng(5)
    n, d = 30, 60
    a = rng.normal(size=(n, d))
    place = 3 * rng.normal(size=d) / np.sqrt(d) * 2
    b = 0.6 * a + place + 0.7 * rng.normal(size=(n, d))
    noise = 0.75 * np.repeat(a, 4, axis=0) + 0.8 * rng.normal(size=(4 * n, d))
    kv = KeyedVectors([f"a{i}" for i in range(n)] + [f"b{i}" for i in range(n)] + [f"n{i}" for i in range(4 * n)],
                      np.concatenate([a, b, noise]).astype(np.float32))
    section = PairSection("x", 1, own_pairs=tuple((f"a{i}", (f"b{i}",)) for i in range(n)))
    lookup = Lookup(kv, lines.words_of([section]))
    found = {result.method: result for result in analogies.score_sections(
        lookup, "planted", [section], restrict_vocab=None, methods=analogies.METHODS)}
    assert found["lrcos"].accuracy > 0.6 and found["lrcos"].accuracy > found["pairdistance"].accuracy
    again = analogies.score_sections(lookup, "planted", [section], restrict_vocab=None, methods=["lrcos"])
    assert again == [found["lrcos"]]
    assert found["3cosadd"].total == n * (n - 1) and found["3cosavg"].total == n
    assert found["3cosadd"].groups == ()


def test_all_methods_in_one_pass_give_the_same_numbers_as_one_by_one(kv, tmp_path):
    path = tmp_path / "q.txt"
    path.write_text(": a\n" + "".join(f"w{i} w{50 + i} w{j} w{50 + j}\n" for i in range(8) for j in range(8) if i != j)
                    + ": gram b\nw20 w70 w21 w71\nw20 w70 w22 no\n")
    together = evaluate.run(kv, str(path), methods=evaluate.METHODS).results
    assert [result.method for result in together] == list(evaluate.METHODS)
    for result in together:
        assert result == evaluate.analogies(kv, path, method=result.method)
        assert result.accuracy_all <= result.accuracy and result.honest <= result.total
        assert [group.name for group in result.groups] == ["semantic", "syntactic"]


def test_a_lookup_knows_only_what_it_was_asked_for_and_folds(kv):
    lookup = Lookup(kv, ["W3", "w7", "two words"])
    assert lookup.row("w3") == 3 and lookup.rows("w3", N) == [3, 149] and lookup.rows("w3", 149) == [3]
    assert lookup.row("w7", 7) == -1 and lookup.row("w8") == -1
    exact = Lookup(kv, ["W3", "w3"], case_insensitive=False)
    assert exact.row("W3") == 149 and exact.row("w3") == 3
    phrase = KeyedVectors(["two_words", "two"], np.eye(2, dtype=np.float32))
    assert Lookup(phrase, ["two words"]).row("two words") == 0
