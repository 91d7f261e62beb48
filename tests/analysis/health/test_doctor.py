"""Properties of the whole: random vectors pass, trained ones are not random, each planted defect is found alone."""

import json
import math

import numpy as np
import pytest
from helpers import planted
from helpers.spaces import gaussian, rotation, space

import w2v
from w2v.analysis.health.doctor import CHECKS

N, D = 1200, 50


def flagged(kv, **options):
    """Checks that are not ok, with their severities; without those that say that they could not measure."""
    return {one.check: one.severity for one in w2v.doctor(kv, **options).findings
            if one.severity != "ok" and not one.meaning.startswith("not measured")}


def uniform(n, d, seed=0):
    return (np.random.default_rng(seed).random((n, d), dtype=np.float32) - 0.5) / d


# ------------------------------------------------------------------------------------------------- the null model


@pytest.mark.slow
@pytest.mark.parametrize("n, d", [(60, 8), (300, 2), (300, 3), (2000, 10), (700, 60), (100, 150)])
@pytest.mark.parametrize("draw", [gaussian, uniform])
@pytest.mark.parametrize("seed", [0, 1])
def test_random_vectors_pass_the_null_model_and_every_other_check(n, d, draw, seed):
    kv = space(draw(n, d, seed))
    found = w2v.doctor(kv, random=True)
    assert found.passed and found["random pairs"].data["random"] is True
    assert flagged(kv, random=True) == {}


@pytest.mark.parametrize("draw, others", [(gaussian, set()), (uniform, {"untrained vectors"})])
def test_random_vectors_that_should_be_trained_are_a_problem(draw, others):
    found = w2v.doctor(space(draw(300, 20)))
    assert not found.passed
    assert found["random pairs"].severity == "problem" and "untrained" in found["random pairs"].meaning
    assert {one.check for one in found.findings if one.severity == "problem"} == {"random pairs"} | others


@pytest.mark.slow
def test_trained_vectors_fail_the_null_model_and_are_healthy(tmp_path):
    corpus = planted.write_corpus(tmp_path / "corpus.txt", 20_000)
    kv = w2v.train(corpus, epochs=10, **planted.OPTIONS).wv
    found = w2v.doctor(kv)
    assert found.passed and found["random pairs"].data["random"] is False
    assert found["random pairs"].severity == "ok"
    as_random = w2v.doctor(kv, random=True)
    assert not as_random.passed and as_random["random pairs"].severity == "problem"


@pytest.mark.slow
def test_model_after_almost_no_training_is_untrained(tmp_path):
    corpus = planted.write_corpus(tmp_path / "corpus.txt", 2000)
    kv = w2v.train(corpus, epochs=1, alpha=1e-7, min_alpha=1e-8, **planted.OPTIONS).wv
    found = w2v.doctor(kv)
    assert found["untrained vectors"].severity == found["random pairs"].severity == "problem"


# ------------------------------------------------------------------------------------------------- planted defects


def zero_rows(vectors, rng):
    vectors[[5, 700]] = 0
    return vectors


def nan_rows(vectors, rng):
    vectors[3, 4], vectors[9] = np.nan, np.inf
    return vectors


def equal_rows(vectors, rng):
    vectors[800:803] = vectors[7]
    return vectors


def common_mean(vectors, rng):
    return vectors + np.float32(0.6) * rng.choice(np.float32([-1, 1]), vectors.shape[1])


def collapsed(vectors, rng):
    return vectors / 1000 + rng.choice(np.float32([-1, 1]), vectors.shape[1])


def one_large_dimension(vectors, rng):
    vectors[:, 11] = 4.5 * rng.choice([-1, 1], len(vectors))
    return vectors / 20  # the published partition ratio of short vectors does not see it


def torus(vectors, rng):
    """A surface of 2 dimensions that fills all others evenly: waves of two angles."""
    waves = [(a, b) for a in range(4) for b in range(-3, 4) if a > 0 or b > 0]
    angles = rng.uniform(0, 2 * np.pi, (len(vectors), 2)) @ np.array(waves[:vectors.shape[1] // 2]).T
    return np.concatenate((np.cos(angles), np.sin(angles)), axis=1) / 10


def five_angles(vectors, rng):
    """A surface of 5 dimensions in a space of 10, in one of 50."""
    angles = rng.uniform(0, 2 * np.pi, (len(vectors), 5))
    return np.concatenate((np.cos(angles), np.sin(angles)), axis=1) @ rotation(vectors.shape[1])[:10] / 10


def frequent_words_long(vectors, rng):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True) * np.linspace(3, 1, len(vectors))[:, None]


def long_rows(vectors, rng):
    vectors[[4, 1100]] *= 30
    return vectors


def short_rows(vectors, rng):
    vectors[[4, 1100]] /= 1000
    return vectors


def frequency_component(vectors, rng):
    vectors[:, 0] = np.linspace(4, -4, len(vectors)) + 0.3 * vectors[:, 0]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True) / 10


def few_directions(vectors, rng):
    return vectors @ rng.standard_normal((3, len(vectors[0]))).astype(np.float32).T @ \
        rng.standard_normal((3, len(vectors[0]))).astype(np.float32) / 100 + vectors / 1000


def rare_untrained(vectors, rng):
    vectors[-20:] = uniform(20, vectors.shape[1], 3)
    return vectors


# Defect, options, checks that must find it, and those that may (they measure the same property in another way).
DEFECTS = [
    (zero_rows, True, {"zero vectors"}, set()),
    (nan_rows, True, {"broken vectors"}, set()),
    (equal_rows, True, {"equal vectors"}, set()),
    (common_mean, False, {"common direction"}, set()),
    (collapsed, False, {"common direction"}, {"near duplicates", "hubs"}),
    (one_large_dimension, False, {"one dimension"}, set()),
    (torus, False, {"local dimension"}, {"near duplicates"}),
    (five_angles, False, {"local dimension", "used dimensions"}, set()),
    (frequent_words_long, True, {"length"}, set()),
    (long_rows, True, {"unusual length"}, set()),
    (short_rows, True, {"unusual length"}, set()),
    (frequency_component, False, {"frequency"}, {"one dimension"}),
    (few_directions, False, {"used dimensions"}, {"local dimension", "one dimension", "near duplicates", "isotropy"}),
    (rare_untrained, True, {"untrained vectors"}, {"unusual length"}),
]


@pytest.mark.slow
@pytest.mark.parametrize("defect, random, expected, allowed", DEFECTS, ids=[row[0].__name__ for row in DEFECTS])
def test_planted_defect_is_found_by_its_check(defect, random, expected, allowed):
    vectors = defect(gaussian(N, D), np.random.default_rng(5))
    kv = space(vectors.astype(np.float32))
    options = {"random": random and defect is not rare_untrained}
    found = set(flagged(kv, **options))
    if defect is rare_untrained:
        found -= {"random pairs"}
    assert expected <= found <= expected | allowed


@pytest.mark.slow
def test_hubs_near_the_mean_are_found_by_name():
    vectors = gaussian(1500, 300)
    mean = np.full(300, 0.33, dtype=np.float32)
    vectors += mean
    vectors[[40, 900]] = 17 * (mean / np.linalg.norm(mean) + 0.01 * gaussian(2, 300, 8) / np.sqrt(300))
    found = w2v.doctor(space(vectors))
    assert [one.check for one in found.findings if one.severity != "ok"] == ["hubs"]
    assert set(found["hubs"].examples[:2]) == {"w40", "w900"}
    assert found["hubs"].data["hubs"][0]["occurrences"] > 1000


# ------------------------------------------------------------------------------------------------- invariance


def test_rotation_changes_only_checks_of_single_dimensions():
    rng = np.random.default_rng(3)
    vectors = common_mean(gaussian(400, 20), rng) * np.linspace(0.5, 1.5, 20, dtype=np.float32)
    before, after = (w2v.doctor(space(one)) for one in (vectors, vectors @ rotation(20)))
    for one, other in zip(before.findings, after.findings, strict=True):
        if one.check == "one dimension":
            continue
        assert one.severity == other.severity, one.check
        for a, b in zip(one.measures, other.measures, strict=True):
            assert a.value == pytest.approx(b.value, rel=2e-3, abs=2e-4), (one.check, a.name)


def test_scale_changes_only_lengths_and_the_partition_ratio():
    vectors = gaussian(300, 20)
    before, after = (w2v.doctor(space(one)) for one in (vectors, vectors * np.float32(0.01)))
    for name in ("random pairs", "common direction", "hubs", "used dimensions", "local dimension", "one dimension"):
        for a, b in zip(before[name].measures, after[name].measures, strict=True):
            assert a.value == pytest.approx(b.value, rel=1e-3, abs=1e-5), (name, a.name)


def test_same_seed_gives_the_same_diagnosis_and_another_one_differs():
    kv = space(gaussian(400, 10))
    small = {"sample": 100, "nearest": 60, "pairs": 200}
    first, again, other = (w2v.doctor(kv, seed=seed, **small).to_dict() for seed in (1, 1, 2))
    assert first == again and first != other
    assert first["facts"]["sample"] == 100 and first["facts"]["nearest"] == 60


# ------------------------------------------------------------------------------------------------- unusual input


@pytest.mark.parametrize("n, d", [(1, 5), (2, 5), (5, 5), (5, 1), (60, 1), (49, 10)])
def test_few_words_or_one_dimension_are_said_to_be_too_few(n, d):
    found = w2v.doctor(space(gaussian(n, d)))
    assert len(found.findings) == len(CHECKS)
    assert found["hubs"].severity == "note" and "not measured" in found["hubs"].meaning
    assert str(found) and json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("vectors", [np.zeros((60, 5)), np.full((60, 5), np.nan), np.ones((60, 5)),
                                     np.tile([[1.0, -1, 2], [3, 1, 0.5]], (40, 1))],
                         ids=["zeros", "nan", "equal", "two"])
def test_degenerate_vectors_are_a_problem_and_no_crash(vectors):
    found = w2v.doctor(space(vectors.astype(np.float32)))
    assert not found.passed
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float16", "bf16", "int8"])
def test_stored_types_give_nearly_the_same_numbers(dtype):
    from w2v.formats.rows import Rows

    vectors = gaussian(300, 20)
    plain, stored = w2v.doctor(space(vectors)), w2v.doctor(space(Rows.encode(vectors, dtype)))
    assert stored.facts["type"] == dtype
    for name in ("common direction", "used dimensions", "length"):
        assert stored[name].measures[0].value == pytest.approx(plain[name].measures[0].value, rel=0.05, abs=0.02)


def test_integer_keys_and_words_with_any_characters():
    vectors = gaussian(60, 8)
    vectors[7] = vectors[8] = 0
    by_number = w2v.KeyedVectors(list(range(1000, 1060)), vectors)
    assert w2v.doctor(by_number)["zero vectors"].examples == ("1007", "1008")
    words = [f"w{i}" for i in range(60)]
    words[7] = "a\x1b[2J\nb"
    text = str(w2v.doctor(space(vectors, words=words)))
    assert "a\\x1b[2J\\x0ab" in text and "\x1b" not in text


def test_counts_that_are_missing_leave_the_order_as_frequency():
    vectors = frequent_words_long(gaussian(200, 8), None).astype(np.float32)
    found = w2v.doctor(space(vectors, counts=False))
    assert found["length"]["rank correlation"].value == pytest.approx(1)
    assert found["order"].severity == "ok" and "no counts" in found["order"].meaning


def test_zero_and_broken_rows_are_left_out_of_the_statistics():
    vectors = gaussian(300, 10)
    defective = np.concatenate((vectors, np.zeros((30, 10)), np.full((30, 10), np.nan))).astype(np.float32)
    clean, found = w2v.doctor(space(vectors)), w2v.doctor(space(defective))
    assert found["zero vectors"]["words"].value == found["broken vectors"]["words"].value == 30
    for name in ("common direction", "hubs", "used dimensions"):
        assert found[name].measures[0].value == pytest.approx(clean[name].measures[0].value, abs=1e-9)
    assert found["zero vectors"].severity == "warning" and found["broken vectors"].severity == "problem"


@pytest.mark.parametrize("options, problem", [
    ({"sample": 1}, "sample = 1"), ({"nearest": 0}, "nearest = 0"), ({"pairs": 0}, "pairs = 0"),
    ({"seed": -1}, "seed = -1"), ({"kind": "model"}, "kind must be"), ({"kind": "corpus"}, "these are vectors")])
def test_parameter_out_of_range_is_an_error(options, problem):
    with pytest.raises(ValueError, match=problem):
        w2v.doctor(space(gaussian(60, 4)), **options)


def test_no_vectors_are_an_error():
    with pytest.raises(ValueError, match="no vectors"):
        w2v.doctor(w2v.KeyedVectors(vector_size=5))


def test_path_and_model_are_accepted(tmp_path):
    kv = space(gaussian(60, 8))
    kv.save(tmp_path / "v.safetensors")
    assert w2v.doctor(tmp_path / "v.safetensors")["hubs"].measures == w2v.doctor(kv)["hubs"].measures
    model = type("Model", (), {"wv": kv})()
    assert w2v.doctor(model).facts == w2v.doctor(kv).facts


def test_every_number_has_an_interval_or_a_chance_value_or_is_exact():
    exact = {"median length", "largest / median", "dimension", "with NaN", "with infinity", "groups"}
    for finding in w2v.doctor(space(gaussian(200, 10))).findings:
        for measure in finding.measures:
            known = measure.interval is not None or measure.chance is not None or measure.whole is not None
            assert known or measure.name in exact, (finding.check, measure.name)
            assert measure.interval is None or measure.interval[0] <= measure.value + 1e-9
            assert measure.interval is None or measure.value <= measure.interval[1] + 1e-9


def test_names_are_distinct_and_all_findings_have_a_meaning():
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    found = w2v.doctor(space(gaussian(200, 10)))
    assert [one.check for one in found.findings] == [check.name for check in CHECKS]
    assert all(one.meaning and one.group for one in found.findings)
    assert all(one.advice for one in found.findings if one.severity != "ok")
    assert not any(isinstance(m.value, float) and math.isinf(m.value) for one in found.findings for m in one.measures)
