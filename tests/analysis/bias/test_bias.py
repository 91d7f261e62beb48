"""Association tests: plain loops compute the same, planted and absent bias, left-out tests, kinds of vectors."""

from __future__ import annotations

import dataclasses
import json
from itertools import combinations

import numpy as np
import pytest
from helpers import biased

import w2v
from w2v.errors import W2VError
from w2v.formats.rows import Rows
from w2v.keyedvectors import KeyedVectors

QUICK = {"draws": 200, "permutations": 500}


def cosine(a, b) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def text(result) -> str:
    """Tables without line breaks."""
    return " ".join(str(result).split())


def association(kv, word, one, two) -> float:
    return float(np.mean([cosine(kv[word], kv[other]) for other in one])
                 - np.mean([cosine(kv[word], kv[other]) for other in two]))


@pytest.mark.parametrize(("n", "seed"), [(3, 1), (4, 2), (5, 3)])
def test_weat_is_that_of_plain_loops(n, seed):
    kv = biased.planted(0.1, n=n, seed=seed)
    x, y, a, b = (biased.words(name, n) for name in biased.SETS)
    s = {word: association(kv, word, a, b) for word in x + y}
    [test] = w2v.bias(kv, biased.asked(n), **QUICK).tests
    assert test.statistic == pytest.approx(sum(s[w] for w in x) - sum(s[w] for w in y), abs=1e-6)
    difference = np.mean([s[w] for w in x]) - np.mean([s[w] for w in y])
    assert test.effect.value == pytest.approx(difference / np.std(list(s.values())), abs=1e-6)
    assert test.sample_effect == pytest.approx(difference / np.std(list(s.values()), ddof=1), abs=1e-6)
    sums = [sum(s[w] for w in chosen) for chosen in combinations(x + y, n)]
    assert test.effect.p == pytest.approx(np.mean([one >= sums[0] - 1e-9 for one in sums])) and test.exact
    assert test.permutations == len(sums)
    for word in test.words:
        cosines = [cosine(kv[word.word], kv[other]) for other in a + b]
        assert word.association == pytest.approx(s[word.word], abs=1e-6)
        assert word.effect.value == pytest.approx(s[word.word] / np.std(cosines), abs=1e-5)
        assert word.target == word.word[0]


def test_one_word_form_is_that_of_plain_loops():
    kv = biased.planted(0.2, n=4, seed=5)
    x, a, b = (biased.words(name, 4) for name in "xab")
    means = {word: np.mean([cosine(kv[word], kv[target]) for target in x]) for word in a + b}
    [test] = w2v.bias(kv, biased.asked(4, targets=("x",)), **QUICK).tests
    difference = np.mean([means[w] for w in a]) - np.mean([means[w] for w in b])
    assert test.statistic == pytest.approx(difference, abs=1e-6)
    assert test.effect.value == pytest.approx(difference / np.std(list(means.values())), abs=1e-6)
    sums = [sum(means[w] for w in chosen) for chosen in combinations(a + b, 4)]
    assert test.effect.p == pytest.approx(np.mean([one >= sums[0] - 1e-9 for one in sums]))
    shown = str(w2v.bias(kv, biased.asked(4, targets=("x",)), **QUICK))
    assert all(word in shown for word in x), "the words of the one-word form are in the tables"


@pytest.mark.parametrize("targets", [("x", "y"), ("x",)])
def test_planted_bias_is_near_the_maximum_with_the_smallest_p(targets):
    [test] = w2v.bias(biased.planted(3), biased.asked(targets=targets), **QUICK).tests
    assert 1.95 < test.effect.value <= 2 and test.effect.p == pytest.approx(1 / 12_870)
    assert test.effect.interval is not None and test.effect.interval[0] > 1.8 and test.effect.chance == 0
    assert all(one.effect.value > 1.5 for one in test.words if one.target == "x")


def test_random_vectors_have_no_effect_and_uniform_p():
    found = [w2v.bias(biased.planted(0, n=6, seed=seed), biased.asked(6), draws=0).tests[0].effect
             for seed in range(40)]
    assert abs(np.mean([one.value for one in found])) < 0.25
    p = np.sort([one.p for one in found])
    assert 0.4 < p.mean() < 0.6 and np.abs(p - np.linspace(0, 1, 40)).max() < 0.22  # Kolmogorov-Smirnov at 5 %
    assert all(one.interval is None for one in found)


def test_swapped_targets_or_attributes_flip_the_sign():
    kv, asked = biased.planted(0.1), biased.asked()
    swapped = dataclasses.replace(asked, targets={"y": asked.targets["y"], "x": asked.targets["x"]})
    turned = dataclasses.replace(asked, attributes={"b": asked.attributes["b"], "a": asked.attributes["a"]})
    one, two, three = w2v.bias(kv, [asked, swapped, turned], **QUICK).tests
    assert one.effect.value > 0.5
    assert two.effect.value == pytest.approx(-one.effect.value) == three.effect.value
    assert two.statistic == pytest.approx(-one.statistic) == three.statistic


def test_interval_covers_the_value_and_several_tests_are_corrected():
    kv = biased.planted(0.15)
    found = w2v.bias(kv, [biased.asked(), biased.asked(name="one", targets=("x",)),
                          biased.asked(name="other", targets=("y", "x"))], **QUICK)
    for test in found.tests:
        low, high = test.effect.interval
        assert low < test.effect.value < high
    p = [test.effect.p for test in found.tests]
    assert found.tests[int(np.argmin(p))].p_holm == pytest.approx(3 * min(p))
    assert all(test.p_holm >= test.effect.p for test in found.tests)
    assert found == w2v.bias(kv, [biased.asked(), biased.asked(name="one", targets=("x",)),
                                  biased.asked(name="other", targets=("y", "x"))], **QUICK), "the same seed"
    json.dumps(found.to_dict(), allow_nan=False)
    assert found["one"].name == "one" and "planted" in str(found) and "p (Holm)" in str(found)
    with pytest.raises(KeyError, match="there are planted"):
        found["nothing"]


def test_unknown_words_are_counted_and_named():
    kv, asked = biased.planted(1), biased.asked()
    some = dataclasses.replace(asked, targets={"x": [*asked.targets["x"], "none", "NOR"], "y": asked.targets["y"]})
    [test] = w2v.bias(kv, some, **QUICK).tests
    assert test.targets[0].unknown == ("none", "NOR") and (test.targets[0].known, test.targets[0].asked) == (8, 10)
    found = w2v.bias(kv, [some, dataclasses.replace(asked, name="second")], min_known=0.9, **QUICK)
    assert [one.name for one in found.tests] == ["second"]
    assert found.left_out[0].name == "planted" and "8 of 10 words of x" in found.left_out[0].reason
    assert "left out: planted" in text(found)
    assert "Unknown: none, NOR" in text(w2v.bias(kv, some, **QUICK))


@pytest.mark.parametrize(("words", "message"), [
    (["none"], "0 of 1 words of x are known, and 2 are needed"), (["x0"], "1 of 1 words of x are known"),
    (["x0", "X0"], "1 of 1 words"), (["x0", "Y0"], "x and y both have the word 'y0'"),
])
def test_test_that_cannot_be_made_is_an_error_if_it_is_the_only_one(words, message):
    asked = biased.asked()
    with pytest.raises(W2VError, match=f"no test could be made: planted: {message}"):
        w2v.bias(biased.planted(1), dataclasses.replace(asked, targets={"x": words, "y": asked.targets["y"]}), **QUICK)


def test_word_of_targets_and_attributes_is_said():
    asked = biased.asked()
    both = dataclasses.replace(asked, attributes={"a": [*asked.attributes["a"], "x0"], "b": asked.attributes["b"]})
    found = w2v.bias(biased.planted(1), both, **QUICK)
    assert found.tests[0].in_both == ("x0",) and "Targets and attributes both have: x0" in text(found)


@pytest.mark.parametrize("options", [{"min_known": 1.5}, {"min_known": -0.1}, {"permutations": 0}, {"draws": -1},
                                     {"seed": -1}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        w2v.bias(biased.planted(1), biased.asked(), **options)


@pytest.mark.parametrize("targets", [{}, {"x": ["a"], "y": ["b"], "z": ["c"]}, {"x": []}])
def test_wrong_numbers_of_sets_are_refused(targets):
    with pytest.raises(ValueError, match="targets|no words"):
        w2v.BiasSet("t", targets, {"a": ["a"], "b": ["b"]})


@pytest.mark.parametrize("dtype", ["float32", "float16", "bf16", "int8"])
def test_stored_types_agree(dtype):
    kv = biased.planted(0.3)
    stored = KeyedVectors(kv.index_to_key, Rows.encode(kv.rows, dtype))
    values = [w2v.bias(one, biased.asked(), **QUICK).tests[0].effect.value for one in (kv, stored)]
    assert values[1] == pytest.approx(values[0], abs=0.03)


def test_integer_keys_broken_and_equal_rows():
    kv = biased.planted(1, n=4, others=0)
    numbers = KeyedVectors(list(range(100, 116)), kv.vectors)
    asked = w2v.BiasSet("n", {"x": range(100, 104), "y": range(104, 108)}, {"a": range(108, 112), "b": ["112", "113"]})
    [test] = w2v.bias(numbers, asked, **QUICK).tests
    assert test.effect.value > 1.5 and test.words[0].word == "100"
    rows = kv.vectors.copy()
    rows[0] = np.nan
    [test] = w2v.bias(KeyedVectors(kv.index_to_key, rows), biased.asked(4), min_known=0.7, **QUICK).tests
    assert test.targets[0].unknown == ("x0",)
    same = KeyedVectors(kv.index_to_key, np.ones_like(rows))
    [test] = w2v.bias(same, biased.asked(4), **QUICK).tests
    assert np.isnan(test.effect.value) and test.effect.p == 1
    json.dumps(w2v.bias(same, biased.asked(4), **QUICK).to_dict()["tests"][0]["effect"], allow_nan=False)


def test_to_frame_has_a_row_for_each_test():
    pytest.importorskip("pandas")
    found = w2v.bias(biased.planted(1), [biased.asked(), biased.asked(name="b")], **QUICK).to_frame()
    assert found["name"].tolist() == ["planted", "b"] and {"effect", "low", "high", "p_holm"} <= set(found.columns)
