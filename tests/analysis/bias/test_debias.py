"""Hard debiasing: the direction is gone, pairs are equal, kept words stay; what is reported; kinds of vectors."""

from __future__ import annotations

import json

import numpy as np
import pytest
from helpers import biased
from helpers.evaluation import suite_vectors, write_suite

import w2v
from w2v.analysis.bias.hard_debias import case_variants, fit_subspace, known_pairs
from w2v.analysis.bias.indirect import components_of, most_biased, remaining
from w2v.errors import W2VError
from w2v.formats.rows import Rows
from w2v.keyedvectors import KeyedVectors

PAIRS = list(zip(biased.words("y"), biased.words("x"), strict=True))
QUICK = {"draws": 200}


def text(result) -> str:
    return " ".join(str(result).split())


def units(kv: KeyedVectors) -> np.ndarray:
    rows = np.asarray(kv.rows[:], dtype=np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def reference(kv: KeyedVectors, pairs, equalize, keep) -> np.ndarray:
    """Equations of the paper, word by word."""
    vectors = units(kv)
    halves = []
    for a, b in pairs:
        one, two = vectors[kv.get_index(a)], vectors[kv.get_index(b)]
        halves += [one - (one + two) / 2, two - (one + two) / 2]
    v = np.linalg.svd(np.array(halves))[2][0]
    result = vectors.copy()
    for row, word in enumerate(kv.index_to_key):
        if word not in keep:
            result[row] -= (result[row] @ v) * v
            result[row] /= np.linalg.norm(result[row])
    for a, b in equalize:
        one, two = vectors[kv.get_index(a)], vectors[kv.get_index(b)]
        mean = (one + two) / 2
        rest = mean - (mean @ v) * v
        part = np.sqrt(1 - rest @ rest) * np.sign((one - two) @ v) * v
        result[kv.get_index(a)], result[kv.get_index(b)] = rest + part, rest - part
    return result


@pytest.mark.parametrize(("equalize", "keep"), [(None, ()), (PAIRS[:3], ["a0", "w3"]), ((), ["x0"])])
def test_vectors_are_those_of_the_paper(equalize, keep):
    kv = biased.planted(0.7)
    found = w2v.debias(kv, PAIRS, equalize=equalize, keep=keep, **QUICK)
    expected = reference(kv, PAIRS, PAIRS if equalize is None else equalize, keep)
    assert np.abs(found.vectors.vectors - expected).max() < 2e-6
    assert np.allclose(np.linalg.norm(found.vectors.vectors, axis=1), 1, atol=1e-6)
    assert found.kept == len(keep) and found.equalized == (8 if equalize is None else len(equalize))
    assert found.vectors.index_to_key == kv.index_to_key and type(found.vectors) is KeyedVectors
    named = {*keep, *(word for pair in (PAIRS if equalize is None else equalize) for word in pair)}
    assert found.neutralized == len(kv) - len(named)


def test_planted_effect_is_gone_and_pairs_are_equally_similar_to_neutral_words():
    kv = biased.planted(1)
    found = w2v.debias(kv, PAIRS, sets=biased.asked(), **QUICK)
    new = found.vectors
    direction = fit_subspace(kv, known_pairs(kv, PAIRS).rows, 1).basis[0]
    neutral = [kv.get_index(f"w{i}") for i in range(200)] + [kv.get_index(word) for word in biased.words("a")]
    assert np.abs(new.vectors[neutral] @ direction).max() < 1e-6
    for a, b in PAIRS:
        assert np.allclose(new.vectors[neutral] @ new[a], new.vectors[neutral] @ new[b], atol=1e-6)
    assert found.before.direct.value > 0.15 > 1e-6 > found.after.direct.value
    assert found.before.variance.value > 0.05 > 1e-9 > found.after.variance.value
    before, after = found.bias_before.tests[0], found.bias_after.tests[0]
    assert before.effect.value > 1.8 and abs(after.statistic) < 1e-4 * before.statistic
    assert kv.get_vector("a0").tolist() == biased.planted(1).get_vector("a0").tolist(), "the old vectors stay"


def test_direction_leads_from_the_first_words_to_the_second_and_components_are_removed():
    kv = biased.planted(1)
    rows = known_pairs(kv, PAIRS).rows
    for pairs in (rows, rows[:, ::-1]):
        basis = fit_subspace(kv, pairs, 1).basis[0]
        assert ((units(kv)[pairs[:, 1]] - units(kv)[pairs[:, 0]]).mean(axis=0)) @ basis > 0
    space = fit_subspace(kv, rows, 3)
    assert np.allclose(space.basis @ space.basis.T, np.eye(3)) and space.explained.sum() == pytest.approx(1)
    found = w2v.debias(kv, PAIRS, equalize=(), components=3, **QUICK)
    assert np.abs(found.vectors.vectors @ space.basis.T).max() < 1e-6 and len(found.explained) == 3
    assert found.after.variance.chance == pytest.approx(3 / 20)


def test_neighbours_and_clusters_that_remain_are_measured():
    """A second direction agrees with the first: removing the first leaves the groups."""
    rng = np.random.default_rng(2)
    n = 1200
    side = np.repeat([1, -1], n // 2)
    rows = 0.3 * rng.normal(size=(n + 16, 20))
    rows[:n, 0] += 0.5 * side
    rows[:n, 1] += 2 * side
    rows[n:, 0] += np.tile([2, -2], 8)
    kv = KeyedVectors([f"w{i}" for i in range(n + 16)], rows.astype(np.float32))
    pairs = [(f"w{n + i}", f"w{n + i + 1}") for i in range(0, 16, 2)]
    found = w2v.debias(kv, pairs, **QUICK)
    assert found.after.direct.value < 1e-6
    assert found.after.clusters.value > 0.95 and found.after.neighbours.value > 0.95
    assert found.after.clusters.interval[0] > found.after.clusters.chance == pytest.approx(0.5126, abs=1e-4)
    assert found.after.neighbours.chance == pytest.approx(499 / 999)
    assert "1903.03862" in text(found)
    rows[:n, 1] -= 2 * side
    alone = w2v.debias(KeyedVectors(kv.index_to_key, rows.astype(np.float32)), pairs, **QUICK)
    assert alone.before.neighbours.value > 0.9 and alone.after.neighbours.value < 0.6
    assert alone.after.clusters.value < 0.6


def test_most_biased_words_are_at_both_ends():
    kv = biased.planted(1)
    basis = np.eye(20)[:1]
    rows, sides = most_biased(components_of(kv, basis, np.arange(10, 110)), np.arange(10, 110))
    parts = units(kv)[rows, 0]
    assert len(rows) == 100 and parts[sides == 0].max() <= parts[sides == 1].min()


def test_chance_of_the_direct_bias_is_that_of_random_vectors():
    rng = np.random.default_rng(1)
    for d in (3, 100):
        kv = KeyedVectors([f"w{i}" for i in range(1500)], rng.normal(size=(1500, d)).astype(np.float32))
        rows = np.arange(4, 1500)
        found = remaining(kv, np.eye(d)[:1], rows, (rows[:10], np.zeros(10, dtype=np.int64)))
        assert found.clusters is None is found.neighbours
        assert found.direct.value == pytest.approx(found.direct.chance, rel=0.05)
        assert found.variance.value == pytest.approx(found.variance.chance, rel=0.1)


def test_unknown_words_are_counted_and_named():
    found = w2v.debias(biased.planted(1), [*PAIRS, ("none", "x0")], equalize=[*PAIRS[:1], ("nor", "y0")],
                       keep=["a0", "never"], **QUICK)
    assert found.unknown_pairs == ("none - x0",) and found.unknown_equalized == ("nor - y0",)
    assert found.unknown_keep == ("never",) and (found.pairs, found.equalized, found.kept) == (8, 1, 1)
    assert "unknown pairs: none - x0" in text(found) and "unknown words to keep: never" in text(found)


def test_pairs_are_equalized_in_other_cases_too():
    assert case_variants([("he", "she"), (1, 2)]) == [("he", "she"), ("He", "She"), ("HE", "SHE"), (1, 2)]
    kv = biased.planted(1)
    names = ["Y0" if word == "w0" else "X0" if word == "w1" else word for word in kv.index_to_key]
    kv = KeyedVectors(names, kv.vectors)
    assert w2v.debias(kv, PAIRS[:3], **QUICK).equalized == 4
    assert w2v.debias(kv, PAIRS[:3], case_sensitive=True, **QUICK).equalized == 3


def test_pair_without_a_difference_along_the_direction_is_left():
    rows = np.eye(6, dtype=np.float32)
    rows[0], rows[1] = [1, 1, 0, 0, 0, 0], [-1, 1, 0, 0, 0, 0]
    kv = KeyedVectors(["a", "b", "c", "d", "e", "f"], rows)
    found = w2v.debias(kv, [("a", "b")], equalize=[("c", "d")], **QUICK)
    assert (found.equalized, found.without_difference) == (0, 1) and "1 do not differ" in text(found)
    assert np.allclose(found.vectors.vectors[2:], rows[2:], atol=1e-6)


def test_word_of_several_pairs_is_named_and_the_last_pair_is_equal():
    found = w2v.debias(biased.planted(1), PAIRS, equalize=[("y0", "x0"), ("y0", "x1")], **QUICK)
    assert found.in_several == ("y0",) and "of which the last one counts: y0" in text(found)
    new = found.vectors
    assert new.similarity("y0", "w5") == pytest.approx(new.similarity("x1", "w5"), abs=1e-6)


@pytest.mark.parametrize(("pairs", "options", "kind", "message"), [
    ([("none", "x0")], {}, W2VError, "no pair has two known words .none - x0"), ([], {}, W2VError, "none given"),
    (PAIRS[:2], {"components": 3}, ValueError, "components = 3 is out of range: 2 known pairs"),
    (PAIRS, {"components": 0}, ValueError, "components"), (PAIRS, {"draws": -1}, ValueError, "draws"),
    ([("w0", "w1")], {}, W2VError, "do not differ"), (PAIRS, {"sets": "nothing.txt"}, W2VError, "cannot read"),
])
def test_what_cannot_be_debiased_is_refused(pairs, options, kind, message):
    kv = biased.planted(1)
    rows = kv.vectors.copy()
    rows[kv.get_index("w1")] = rows[kv.get_index("w0")]
    with pytest.raises(kind, match=message):
        w2v.debias(KeyedVectors(kv.index_to_key, rows), pairs, **options)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 1e-3), ("bf16", 5e-3), ("int8", 1e-2)])
def test_stored_types_are_kept(dtype, tolerance):
    kv = biased.planted(1)
    found = w2v.debias(KeyedVectors(kv.index_to_key, Rows.encode(kv.rows, dtype)), PAIRS, **QUICK)
    assert found.vectors.rows.dtype_name == dtype
    assert np.abs(found.vectors.rows[:] - w2v.debias(kv, PAIRS, **QUICK).vectors.vectors).max() < 4 * tolerance
    assert found.after.direct.value < tolerance


def test_broken_and_zero_rows_counts_card_and_what_does_not_fit():
    kv = biased.planted(1)
    rows = kv.vectors.copy()
    rows[40], rows[41] = np.nan, 0
    counts = np.arange(len(kv), 0, -1)
    old = KeyedVectors(kv.index_to_key, rows, counts)
    old.output_vectors = rows
    old.metadata["evaluation"] = "old scores"
    found = w2v.debias(old, PAIRS, **QUICK)
    new = found.vectors
    assert np.isnan(new.vectors[40]).all() and not new.vectors[41].any() and new.counts.tolist() == counts.tolist()
    assert new.output_vectors is None and found.left_out == ("output vectors",) and "output vectors" in text(found)
    assert "evaluation" not in new.metadata
    [change] = json.loads(new.metadata["changes"])
    assert change["change"] == "debias" and change["pairs"] == 8 and change["equalized"] == 8
    json.dumps(found.to_dict())
    assert "vectors" not in found.to_dict()


def test_n_grams_are_left_out():
    kv = w2v.train([[f"w{(i * j) % 17}" for j in range(12)] for i in range(300)], vector_size=8, min_count=1, threads=1,
                   minn=2, maxn=3, bucket=100, progress=False).wv
    found = w2v.debias(kv, [("w0", "w1"), ("w2", "w3")], **QUICK)
    assert "n-grams" in found.left_out and found.vectors.subwords is None


def test_integer_keys():
    kv = biased.planted(1, n=4)
    numbers = KeyedVectors(list(range(1000, 1000 + len(kv))), kv.vectors)
    pairs = [(1004 + i, 1000 + i) for i in range(4)]
    found = w2v.debias(numbers, pairs, keep=[1008], **QUICK)
    assert found.equalized == 4 and found.kept == 1 and found.vectors.integer_keys
    names = [(kv.index_to_key[a - 1000], kv.index_to_key[b - 1000]) for a, b in pairs]
    assert np.array_equal(found.vectors.vectors, w2v.debias(kv, names, keep=["a0"], **QUICK).vectors.vectors)


def test_benchmarks_are_compared_in_pairs(tmp_path):
    kv = suite_vectors()
    write_suite(tmp_path)
    pairs = [("a0", "b0"), ("a1", "b1")]
    found = w2v.debias(kv, pairs, suite="men", datasets=tmp_path, **QUICK)
    assert [one.set for one in found.benchmarks] == ["men"] and found.benchmarks[0].items >= 2
    assert "noise" in text(found) and not found.failures
    alone = w2v.evaluate(kv, "men", datasets=tmp_path)["men"]
    assert found.benchmarks[0].first == pytest.approx(alone.spearman, abs=0.05)
    missing = w2v.debias(kv, pairs, suite=["rw"], datasets=tmp_path, **QUICK)
    assert not missing.benchmarks and missing.failures
