"""`align`: copies and noise, dictionaries, refinement, dimensions, chance, unrelated spaces, stored types."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from helpers.rotated_spaces import clustered, random_rotation, vectors

import w2v
from w2v.errors import W2VError
from w2v.formats.rows import Rows
from w2v.keyedvectors import KeyedVectors


def quiet(*arguments: object, **options: object) -> w2v.Alignment:
    """Align without intervals, where a warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return w2v.align(*arguments, **{"draws": 0, **options})


def neighbours(kv: KeyedVectors) -> list[list[str]]:
    return [[word for word, _ in found] for found in kv.most_similar_batch(kv.index_to_key[:50], topn=10)]


@pytest.mark.parametrize(("n", "d", "seed"), [(300, 10, 1), (500, 40, 2), (100, 3, 3)])
def test_rotated_copy_is_aligned_exactly_and_its_neighbours_stay(n: int, d: int, seed: int) -> None:
    b = vectors(clustered(n, d, seed))
    a = vectors(b.vectors @ random_rotation(d, seed))
    found = quiet(a, b)
    assert found.after.value == pytest.approx(1, abs=1e-5) and found.before.value < 0.9 and found.related
    assert np.abs(found.kv.vectors - b.vectors).max() < 1e-4
    assert neighbours(found.kv) == neighbours(a) and found.keeps_cosines
    assert found.length_kept.value == pytest.approx(1, abs=1e-5)
    assert found.precision_at(1, "cosine").value == found.precision_at(5).value == 1


def test_copy_stays_where_it_is() -> None:
    a = vectors(clustered(300, 10, 1))
    found = quiet(a, vectors(a.vectors.copy()))
    assert np.abs(found.map.matrix - np.eye(10)).max() < 1e-5 and found.gain.value == pytest.approx(0, abs=1e-5)
    assert found.before.value == 1 and found.related


def test_permuted_words_are_paired_by_their_names() -> None:
    b = vectors(clustered(300, 8, 4))
    order = np.random.default_rng(5).permutation(300)
    a = KeyedVectors([f"w{i}" for i in order], b.vectors[order] @ random_rotation(8, 6).astype(np.float32))
    assert quiet(a, b).after.value == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.3, 1.0, 3.0])
def test_noise_lowers_the_cosine_as_much_as_it_must(noise: float) -> None:
    """Held-out cosines are those of the true rotation, less a little; anchors are nearer than held-out words."""
    rows, rotation = clustered(2000, 20, 7), random_rotation(20, 8)
    b = vectors(rows)
    a = vectors((rows + np.random.default_rng(9).normal(size=rows.shape) * noise) @ rotation)
    found = quiet(a, b)
    images = a.vectors @ rotation.T
    lengths = np.linalg.norm(images, axis=1) * np.linalg.norm(rows, axis=1)
    true = float(((images * rows).sum(axis=1) / lengths).mean())
    assert found.after.value == pytest.approx(true, abs=0.03) and found.related
    assert found.anchors_after.value > true - 0.01


def test_held_out_words_are_no_anchors_and_the_same_for_all_fits() -> None:
    a, b = vectors(clustered(500, 6, 1)), vectors(clustered(500, 6, 1) @ random_rotation(6, 2))
    first = quiet(a, b)
    assert first.held_out == 100 == len(first.words) and first.anchors == 400
    for options, anchors in (({"anchors": 50}, 50), ({"stable": True}, 200), ({"center": True}, 400)):
        found = quiet(a, b, **options)
        assert [one.word for one in found.words] == [one.word for one in first.words] and found.anchors == anchors
    assert quiet(a, b, held_out=30).anchors == 470


@pytest.mark.parametrize(("n", "d", "seed"), [(2000, 20, 1), (400, 10, 2), (400, 10, 3), (300, 20, 4)])
def test_unrelated_spaces_are_noticed(n: int, d: int, seed: int) -> None:
    """Also where the means of both spaces make all words similar after any fit."""
    a, b = vectors(clustered(n, d, seed) + 2), vectors(clustered(n, d, seed + 100) + 2)
    with pytest.warns(UserWarning, match="seem unrelated"):
        found = w2v.align(a, b, draws=0)
    assert found.related is False and found.after.p > 0.001 and "related=False" in repr(found)
    assert found.after.value == pytest.approx(found.after.chance, abs=0.06)


def test_words_that_share_only_their_frequency_are_unrelated() -> None:
    """Length and direction depend on frequency in both spaces, and on nothing else."""
    strength = np.linspace(10, 0, 2000)[:, None]
    a, b = (vectors(np.random.default_rng(seed).normal(size=(2000, 20)) + strength * random_rotation(20, seed)[0])
            for seed in (1, 2))
    with pytest.warns(UserWarning, match="seem unrelated"):
        found = w2v.align(a, b, draws=0)
    assert found.after.value > 0.4, "frequency alone makes them similar"


@pytest.mark.parametrize(("n", "d"), [(60, 100), (30, 50)])
def test_too_few_anchors_fit_anything_and_that_is_said(n: int, d: int) -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = w2v.align(vectors(clustered(n, d, 1)), vectors(clustered(n, d, 2)), draws=0)
    assert any(f"anchors are fewer than the {d} dimensions" in str(one.message) for one in said)
    assert found.anchors_after.value > 0.5 and found.anchors_after.chance > 0.5
    assert abs(found.anchors_after.value - found.anchors_after.chance) < 0.1


@pytest.mark.parametrize("n", [2, 4, 20])
def test_with_few_words_nothing_is_said_about_relation(n: int) -> None:
    found = quiet(vectors(clustered(n, 2, 1)), vectors(clustered(n, 2, 2)))
    assert found.related is None and found.held_out == n // 5
    assert np.isnan(found.after.value) == (n < 5)
    json.dumps(found.to_dict(), allow_nan=False), str(found)


@pytest.mark.filterwarnings("ignore:these spaces seem unrelated")
def test_weak_evidence_from_few_words_is_called_neither_related_nor_unrelated() -> None:
    found = []
    for seed in range(6):
        rows = clustered(60, 5, seed)
        noisy = (rows + np.random.default_rng(seed).normal(size=rows.shape) * 3) @ random_rotation(5, seed)
        found.append(w2v.align(vectors(rows), vectors(noisy), draws=0))
    for one in found:
        assert one.related is (True if one.after.p < 0.001 else None if one.after.p < 0.05 else False)
    assert {True, None} <= {one.related for one in found}


def planted(n: int, d: int, noise: float) -> tuple[KeyedVectors, KeyedVectors]:
    """Return two languages: word w5 of the first is es_5 of the second, which has another order."""
    rows = np.random.default_rng(1).normal(size=(n, d)) + 0.2
    order = np.random.default_rng(2).permutation(n)
    other = (rows + np.random.default_rng(3).normal(size=rows.shape) * noise) @ random_rotation(d, 4)
    return vectors(rows), KeyedVectors([f"es_{i}" for i in order], other[order].astype(np.float32))


@pytest.mark.slow
def test_dictionary_is_found_back_from_50_seeds_by_refinement() -> None:
    a, b = planted(1500, 50, 0.7)
    seeds = {f"w{i}": f"es_{i}" for i in range(50)}
    test = [(f"w{i}", f"es_{i}") for i in range(50, 250)]
    once, refined = quiet(a, b, dictionary=seeds, test=test), quiet(a, b, dictionary=seeds, test=test, refine=5)
    assert once.precision_at(1).value < 0.9 < 0.97 < refined.precision_at(1).value
    assert refined.after.value > once.after.value + 0.1 and refined.refinements[0].kept
    assert [one.cosine for one in refined.refinements if one.kept][-1] == pytest.approx(refined.after.value)
    answers = refined.translate([f"w{i}" for i in range(250, 1500)], topn=1)
    assert np.mean([answer[0][0] == f"es_{i}" for i, answer in enumerate(answers, 250)]) > 0.95


def test_refinement_ends_where_held_out_pairs_gain_nothing() -> None:
    """With all true pairs as anchors there is nothing to gain from fewer ones with errors."""
    a, b = planted(400, 20, 1.5)
    found = quiet(a, b, dictionary={f"w{i}": f"es_{i}" for i in range(400)}, refine=9)
    last = found.refinements[-1]
    assert not last.kept and len(found.refinements) < 9 and last.cosine <= found.after.value
    without = quiet(a, b, dictionary={f"w{i}": f"es_{i}" for i in range(400)})
    if len(found.refinements) == 1:
        assert np.array_equal(found.map.matrix, without.map.matrix) and found.anchors == without.anchors


def test_any_of_several_translations_is_right() -> None:
    a, b = planted(200, 10, 0)
    both = {f"w{i}": [f"es_{i}", f"es_{(i + 7) % 200}"] for i in range(200)}
    found = quiet(a, b, dictionary={f"w{i}": f"es_{i}" for i in range(100)},
                  test={word: both[word] for word in list(both)[100:]})
    assert found.precision_at(1).value == 1 and found.precision_at(1).chance == pytest.approx(2 / 200)
    assert found.held_out == 100 and len(found.words[0].translations) == 2
    assert found.after.value < 0.9, "the mean over both translations"
    with pytest.warns(UserWarning, match="unrelated"):
        wrong = w2v.align(a, b, dictionary={f"w{i}": f"es_{i}" for i in range(100)},
                          test={word: words[1:] for word, words in list(both.items())[100:]})
    assert wrong.precision_at(1).value < 0.1


@pytest.mark.parametrize(("d", "e"), [(10, 25), (25, 10)])
def test_dimensions_may_differ_with_a_dictionary_only(d: int, e: int) -> None:
    rows = clustered(400, min(d, e), 1)
    a, b = (vectors(rows @ random_rotation(size, size)[:min(d, e)]) for size in (d, e))
    with pytest.raises(ValueError, match=f"dimension {d} and {e}.*dictionary"):
        w2v.align(a, b)
    found = quiet(a, b, dictionary=[(word, word) for word in a.index_to_key])
    assert found.after.value == pytest.approx(1, abs=1e-4) and np.isnan(found.before.value)
    assert found.kv.vector_size == e and found.keeps_cosines == (d < e) and found.to_dict()["before"]["value"] is None
    assert ("keeps 10 of 25 dimensions" in str(found)) == (d > e)
    assert found.words[0].before is None and found.histogram.before is None


def test_lost_dimensions_are_measured() -> None:
    a = vectors(np.random.default_rng(1).normal(size=(500, 20)))
    b = vectors(a.vectors[:, :5])
    found = quiet(a, b, dictionary=[(word, word) for word in a.index_to_key])
    kept = (b.vectors ** 2).sum(axis=1) / (a.vectors ** 2).sum(axis=1)
    assert found.length_kept.value == pytest.approx(kept.mean(), abs=0.02) and found.length_kept.chance == 0.25
    assert "squared length kept" in str(found)


def test_centred_alignment_moves_the_mean() -> None:
    rows = clustered(400, 8, 3)
    b = vectors(rows)
    a = vectors((rows - 5) @ random_rotation(8, 4))
    plain, centred = quiet(a, b), quiet(a, b, center=True)
    assert centred.after.value == pytest.approx(1, abs=1e-4) and plain.after.value < 0.99
    assert np.abs(centred.kv.vectors - rows).max() < 1e-2
    assert plain.keeps_cosines and not centred.keeps_cosines and centred.length_kept is None
    assert "the mean of A is moved" in str(centred)


@pytest.mark.parametrize("dtype", ["float16", "bf16", "int8"])
def test_stored_types_are_kept(dtype: str) -> None:
    rows = clustered(300, 10, 1)
    a = KeyedVectors([f"w{i}" for i in range(300)], Rows.encode(rows @ random_rotation(10, 2).astype("f4"), dtype))
    b = KeyedVectors([f"w{i}" for i in range(300)], Rows.encode(rows, dtype))
    found = quiet(a, b)
    assert found.after.value > 0.999 and found.kv.rows.dtype_name == dtype and found.precision_at(1).value == 1


def test_broken_and_zero_rows_do_no_harm() -> None:
    rows = clustered(300, 10, 1)
    first, second = rows @ random_rotation(10, 2).astype(np.float32), rows.copy()
    first[3], second[8], second[9], first[20] = np.nan, np.inf, -np.inf, 0
    found = quiet(vectors(first), vectors(second), held_out=20)
    assert found.given.broken == 3 and found.given.used == 297
    good = np.setdiff1d(np.arange(300), [3, 8, 9])
    assert np.abs(found.kv.vectors[good][20:] - second[good][20:]).max() < 1e-4
    assert np.isnan(found.kv.vectors[3]).all() and not found.kv.vectors[20].any()
    assert found.candidates == 298


def test_integer_keys_and_counts_are_kept() -> None:
    rows = clustered(200, 6, 1)
    a = KeyedVectors(list(range(200, 400)), rows @ random_rotation(6, 2).astype(np.float32), np.arange(200)[::-1])
    b = KeyedVectors(list(range(200, 400)), rows)
    found = quiet(a, b)
    assert found.kv.integer_keys and np.allclose(found.kv[250], b[250], atol=1e-4)
    assert np.array_equal(found.kv.counts, a.counts)
    assert found.translate([250], topn=1)[0][0][0] == "250"


def test_candidates_are_the_most_frequent_words() -> None:
    rows = clustered(400, 8, 1)
    a, b = vectors(rows @ random_rotation(8, 2)), vectors(rows)
    b.counts = np.arange(400)  # the last words are the most frequent
    found = quiet(a, b, candidates=50)
    assert found.candidates == 50 and found.held_out == 50
    assert all(int(word[1:]) >= 350 for one in found.words for word in one.translations)
    assert all(int(word[1:]) >= 350 for near in found.translate(["w1", "w399"], topn=50) for word, _ in near)
    assert found.precision_at(1).chance == pytest.approx(1 / 50)
    tested = quiet(a, b, candidates=50, test=[("w3", "w3"), ("w360", "w360"), ("w370", "w370")])
    assert tested.held_out == 2 and tested.left_out == 1 and tested.anchors == 397


def test_translations_are_those_of_the_mapped_vectors() -> None:
    rows = clustered(200, 8, 1)
    a, b = vectors(rows @ random_rotation(8, 2)), vectors(rows, prefix="b")
    found = quiet(a, b, dictionary=[(f"w{i}", f"b{i}") for i in range(200)])
    plain = found.translate(["w5", "w7"], 3, "cosine")
    expected = b.most_similar_batch(found.kv[["w5", "w7"]], topn=3)
    assert [[word for word, _ in one] for one in plain] == [[word for word, _ in one] for one in expected]
    assert plain[0][0] == ("b5", pytest.approx(1, abs=1e-5)) and found.translate(["w5"])[0][0][0] == "b5"
    assert found.translate([]) == []
    with pytest.raises(TypeError, match="must be a list"):
        found.translate("w5")
    with pytest.raises(w2v.UnknownWordError):
        found.translate(["nothing"])
    with pytest.raises(ValueError, match="cosine, csls"):
        found.translate(["w5"], method="dot")


def test_model_card_says_what_was_done() -> None:
    b = vectors(clustered(300, 6, 1))
    a = vectors(b.vectors @ random_rotation(6, 2))
    a.output_vectors = clustered(300, 6, 3)
    a.metadata = {"changes": '[{"change": "reduce"}]', "evaluation": "{}", "x": "y"}
    rotated, centred = quiet(a, b, seed=5).kv, quiet(a, b, center=True).kv
    changes = json.loads(rotated.metadata["changes"])
    assert [one["change"] for one in changes] == ["reduce", "align"] and changes[1]["seed"] == 5
    assert changes[1]["anchors"] == 240 and changes[1]["pairs"] == "shared words" and rotated.metadata["x"] == "y"
    assert "evaluation" not in rotated.metadata and a.metadata["changes"] == '[{"change": "reduce"}]'
    assert np.allclose(rotated.vectors @ rotated.output_vectors.T, a.vectors @ a.output_vectors.T, atol=1e-3)
    assert centred.output_vectors is None


def test_results_hold_intervals_and_the_numbers_of_a_picture() -> None:
    pandas = pytest.importorskip("pandas")
    rows = clustered(300, 10, 1)
    found = w2v.align(vectors(rows), vectors(rows + np.random.default_rng(2).normal(size=rows.shape)), draws=200)
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    for name in ("before", "after", "gain", "anchors_after"):
        low, high = values[name]["interval"]
        assert low <= values[name]["value"] <= high, name
    assert [(one["method"], one["topn"]) for one in values["precision"]] == [
        ("cosine", 1), ("cosine", 5), ("csls", 1), ("csls", 5)]
    assert all(one["interval"] and one["chance"] for one in values["precision"])
    assert sum(values["histogram"]["after"]) == sum(values["histogram"]["before"]) == 60 == len(values["words"])
    assert sum(values["histogram"]["chance"]) == pytest.approx(60) and len(values["histogram"]["edges"]) == 41
    ranks = [one["rank_csls"] for one in values["words"]]
    assert sum(rank == 1 for rank in ranks) / 60 == values["precision"][2]["value"]
    assert isinstance(found.to_frame(), pandas.DataFrame) and len(found.to_frame()) == 60


def test_same_seed_gives_the_same_result() -> None:
    a, b = vectors(clustered(500, 6, 1)), vectors(clustered(500, 6, 1) + 0.5)
    same = [json.dumps(w2v.align(a, b, seed=4, stable=True).to_dict()) for _ in range(2)]
    assert same[0] == same[1] != json.dumps(w2v.align(a, b, seed=5, stable=True).to_dict())


@pytest.mark.parametrize(("options", "message"), [
    ({"anchors": 1}, "anchors = 1 .* 2 or more"), ({"refine": -1}, "refine = -1"), ({"held_out": -1}, "held_out = -1"),
    ({"candidates": 0}, "candidates = 0"), ({"refine_words": 1}, "refine_words = 1")])
def test_option_out_of_range_is_an_error(options: dict[str, int], message: str) -> None:
    a = vectors(clustered(20, 3, 1))
    with pytest.raises(ValueError, match=message):
        w2v.align(a, a, **options)


def test_test_that_takes_all_anchors_is_an_error() -> None:
    a = vectors(clustered(20, 3, 1))
    with pytest.raises(W2VError, match="1 of 20 pairs are left as anchors"):
        w2v.align(a, a, test=[(f"w{i}", f"w{i}") for i in range(19)])


def test_empty_vectors_are_an_error() -> None:
    with pytest.raises(W2VError, match="share 0 words"):
        w2v.align(KeyedVectors(vector_size=3), vectors(clustered(20, 3, 1)))


def test_mapped_files_are_aligned(tmp_path: Path) -> None:
    b = vectors(clustered(300, 8, 1))
    vectors(b.vectors @ random_rotation(8, 2)).save(tmp_path / "a.safetensors")
    b.save(tmp_path / "b.safetensors")
    a, b = (w2v.load(tmp_path / f"{name}.safetensors", mmap=True) for name in "ab")
    assert np.abs(quiet(a, b).kv.vectors - b.vectors).max() < 1e-4
