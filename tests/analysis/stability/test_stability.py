"""How much runs agree: exact values for equal, rotated, noisy and unrelated spaces."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest

import w2v
from w2v.analysis.neighbour_sets import overlap
from w2v.formats.rows import Rows
from w2v.keyedvectors import KeyedVectors


def space(n: int = 300, d: int = 10, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def rotation(d: int, seed: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0].astype(np.float32)


def model(rows: np.ndarray | Rows, counts: bool = True) -> KeyedVectors:
    n = len(rows)
    return KeyedVectors([f"w{i}" for i in range(n)], rows, np.arange(n, 0, -1) if counts else None)


def noisy(rows: np.ndarray, noise: float, seed: int) -> np.ndarray:
    return (rows + noise * np.random.default_rng(seed).normal(size=rows.shape)).astype(np.float32) @ rotation(
        rows.shape[1], seed)


@pytest.mark.slow
@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("sample", [None, 50])
def test_equal_and_rotated_runs_agree_fully(k: int, sample: int | None) -> None:
    rows = space()
    for runs in ([model(rows)] * k, [model(rows @ rotation(10, seed)) for seed in range(k)]):
        found = w2v.stability(runs, sample=sample)
        assert found.overlap.value == pytest.approx(1) and found.in_all.value == pytest.approx(1)
        assert found.cosine.value == pytest.approx(1, abs=1e-5)
        assert found.deciles == pytest.approx([1] * 11) and found.histogram[-1] == pytest.approx(1)
        assert len(found.pairs) == k * (k - 1) // 2 and not found.is_chance
        assert found.words_measured == (300 if sample is None else 50) and found.words == 300


@pytest.mark.slow
@pytest.mark.parametrize(("n", "topn"), [(400, 10), (400, 40), (60, 10)])
def test_unrelated_spaces_agree_as_by_chance(n: int, topn: int) -> None:
    found = w2v.stability([model(space(n, 10, seed)) for seed in (1, 2, 3)], topn=topn, sample=None)
    share = topn / (n - 1)
    for measured, chance, tolerance in ((found.overlap, share, 0.01), (found.in_all, share**2, 0.006)):
        assert measured.chance == pytest.approx(chance)
        assert measured.value == pytest.approx(chance, abs=tolerance + 0.1 * chance)
    assert found.is_chance and "hardly better than by chance" in str(found)


@pytest.mark.slow
def test_chance_of_cosines_is_that_of_aligned_unrelated_runs() -> None:
    """Two unrelated spaces of few words align well by overfitting, which the value by chance shows."""
    for n, low, high in ((20, 0.4, 1.0), (3000, 0.0, 0.15)):
        found = w2v.stability([model(space(n, 12, 1)), model(space(n, 12, 2))], sample=None)
        assert low < found.cosine.value < high
        assert found.cosine.chance == pytest.approx(found.cosine.value, abs=0.08)


@pytest.mark.slow
def test_noise_lowers_each_measure() -> None:
    rows = space(500, 20)
    found = [w2v.stability([model(noisy(rows, noise, seed)) for seed in (1, 2, 3)], sample=None)
             for noise in (0.01, 0.1, 0.3, 0.6, 1.2)]
    for name in ("overlap", "in_all", "cosine"):
        values = [getattr(one, name).value for one in found]
        assert all(more > less + 0.02 for more, less in pairwise(values[1:])), (name, values)
        assert values[0] >= values[1]
    for one in found:
        assert one.in_all.value <= one.overlap.value
        low, high = one.overlap.interval
        assert low <= one.overlap.value <= high and high - low < 0.08


def test_numbers_are_those_of_a_count_word_by_word() -> None:
    runs = [model(noisy(space(80, 6), 0.5, seed)) for seed in (1, 2, 3)]
    found = w2v.stability(runs, topn=5, sample=None)
    near = [{word: {other for other, _ in run.most_similar(word, topn=5)} for word in run} for run in runs]
    by_word = {word: np.mean([len(near[i][word] & near[j][word]) / 5 for i, j in ((0, 1), (0, 2), (1, 2))])
               for word in runs[0]}
    in_all = {word: len(near[0][word] & near[1][word] & near[2][word]) / 5 for word in runs[0]}
    assert {one.word: one.overlap for one in found.per_word} == pytest.approx(by_word)
    assert {one.word: one.in_all for one in found.per_word} == pytest.approx(in_all)
    assert [one.rank for one in found.per_word] == list(range(1, 81))
    assert found.overlap.value == pytest.approx(np.mean(list(by_word.values())))
    ordered = sorted(by_word.values())
    assert [one.overlap for one in found.least(3)] == pytest.approx(ordered[:3])
    assert [one.overlap for one in found.most(3)] == pytest.approx(ordered[::-1][:3])
    assert sum(found.histogram) == pytest.approx(1) and found.deciles[0] == ordered[0]
    assert found.deciles[5] == ordered[39] and found.deciles[10] == ordered[-1]
    pair = np.mean([len(near[0][word] & near[2][word]) / 5 for word in runs[0]])
    assert dict(((i, j), value) for i, j, value in found.pairs)[1, 3] == pytest.approx(pair)


@pytest.mark.slow
def test_a_sample_gives_the_mean_over_all_words() -> None:
    """Frequent words are more stable here, and have a larger share of the sample than of the words."""
    rows = space(3000, 12)
    noise = np.where(np.arange(3000) < 1000, 0.05, 0.9)[:, None]
    runs = [model(rows + noise * np.random.default_rng(seed).normal(size=rows.shape)) for seed in (1, 2)]
    whole, part = (w2v.stability(runs, sample=sample) for sample in (None, 900))
    low, high = part.overlap.interval
    assert low < whole.overlap.value < high
    assert [one.measured for one in part.by_band] == [100, 400, 400]
    assert [one.words for one in part.by_band] == [one.words for one in whole.by_band] == [100, 900, 2000]
    unweighted = np.mean([one.overlap for one in part.per_word])
    assert unweighted > whole.overlap.value + 0.02
    assert sum(share * one.overlap.value for share, one in zip((1 / 30, 0.3, 2 / 3), part.by_band, strict=True)
               ) == pytest.approx(part.overlap.value)
    assert part == w2v.stability(runs, sample=900) != w2v.stability(runs, sample=900, seed=2)


def test_words_that_are_not_in_all_runs_are_counted() -> None:
    rows = space(200)
    first = model(rows)
    second = KeyedVectors([f"w{i}" for i in range(199, 9, -1)] + ["new"], np.vstack((rows[:9:-1], rows[:1])))
    broken = rows.copy()
    broken[20:25] = np.nan
    broken[30] = 0
    found = w2v.stability([first, second, model(broken)], sample=None)
    assert found.words == 184 and found.words_left_out == (16, 7, 16)
    assert found.overlap.value > 0.98
    assert "up to 16 words of a run are left out" in str(found)


def test_given_words_are_measured_in_their_order() -> None:
    runs = [model(noisy(space(), 0.4, seed)) for seed in (1, 2)]
    found = w2v.stability(runs, words=["w7", "w3", "nothing", "w7", "w250"])
    assert [one.word for one in found.per_word] == ["w7", "w3", "w250"] and found.words_unknown == ("nothing",)
    everything = {one.word: one for one in w2v.stability(runs, sample=None).per_word}
    for one in found.per_word:
        assert (one.overlap, one.rank) == (everything[one.word].overlap, everything[one.word].rank)
    assert found.overlap.value == pytest.approx(np.mean([one.overlap for one in found.per_word]))
    assert "1 of the given words are not in all runs: nothing" in str(found)
    assert [one["word"] for one in found.to_dict()["per_word"]] == ["w7", "w3", "w250"]
    assert w2v.stability(runs, words=["w7"]).overlap.interval is None
    with pytest.raises(w2v.W2VError, match=r"none of the 2 words \(x, y\) has a vector in all runs"):
        w2v.stability(runs, words=["x", "y"])
    with pytest.raises(TypeError, match="words must be a list"):
        w2v.stability(runs, words="w7")


def test_integer_keys_are_words_and_not_rows() -> None:
    rows = space(50)
    keys = list(range(100, 150))
    runs = [KeyedVectors(keys, rows), KeyedVectors(keys[::-1], rows[::-1].copy())]
    found = w2v.stability(runs, words=[120, "149", 3])
    assert [one.word for one in found.per_word] == ["120", "149"] and found.words_unknown == ("3",)
    assert found.overlap.value == 1


def test_other_dimensions_have_an_overlap_and_no_cosine() -> None:
    rows = space(200, 10)
    wide = np.hstack((rows, np.zeros((200, 6), np.float32))) @ rotation(16, 3)
    found = w2v.stability([model(rows), model(wide)], sample=None)
    assert found.overlap.value == pytest.approx(1, abs=1e-3) and math.isnan(found.cosine.value)
    assert json.loads(json.dumps(found.to_dict()))["cosine"] == {"value": None, "interval": None}
    assert "-" in str(found)


@pytest.mark.parametrize("dtype", ["float16", "bf16", "int8"])
def test_stored_types(dtype: str) -> None:
    rows = space(300, 20)
    found = w2v.stability([model(rows), model(Rows.encode(rows, dtype))], sample=None)
    assert found.overlap.value > 0.93 and found.cosine.value > 0.999


def test_runs_without_counts_are_in_the_order_of_frequency() -> None:
    rows = space(300)
    found = w2v.stability([model(rows, counts=False)] * 2, sample=None)
    assert [one.rank for one in found.per_word] == list(range(1, 301))
    assert [one.band for one in found.by_band] == ["rank 1 - 100", "rank 101 - 1,000"]


@pytest.mark.parametrize(("options", "kind", "problem"), [
    ({"topn": 0}, ValueError, "topn = 0"), ({"sample": 0}, ValueError, "sample = 0"),
    ({"runs": 1}, ValueError, "1 run"), ({"other": True}, w2v.W2VError, "share 0 words with usable vectors, and 3"),
    ({"path": True}, TypeError, "not str.*w2v.load"),
    ({"one": True}, TypeError, "runs must be a list")])
def test_bad_input_is_one_clear_error(options: dict[str, int], kind: type[Exception], problem: str) -> None:
    one = model(space(20))
    runs: object = [one] * options.pop("runs", 2)
    if options.pop("other", False):
        runs = [one, KeyedVectors(["a", "b", "c"], space(3))]
    if options.pop("path", False):
        runs = ["a.bin", "b.bin"]
    if options.pop("one", False):
        runs = one
    with pytest.raises(kind, match=problem):
        w2v.stability(runs, **options)  # type: ignore[arg-type]


def test_more_neighbours_than_words() -> None:
    found = w2v.stability([model(space(6, 4, seed)) for seed in (1, 2)], topn=50)
    assert found.overlap.value == found.overlap.chance == 1 and not found.is_chance


def test_result_as_json_and_in_a_line() -> None:
    found = w2v.stability([model(noisy(space(), 0.4, seed)) for seed in (1, 2)])
    values = json.loads(json.dumps(found.to_dict()))
    assert values["overlap"]["value"] == found.overlap.value and values["overlap"]["chance"] == pytest.approx(10 / 299)
    assert len(values["least_stable"]) == len(values["most_stable"]) == 10 and len(values["histogram"]) == 10
    assert "per_word" not in values and values["by_band"][0]["measured"] == 100
    assert repr(found).startswith("Stability<runs=2, words=300, overlap at 10=0.")
    assert "in all runs" not in str(found), "with two runs it is the overlap"


def test_frame_has_a_row_for_each_word() -> None:
    pytest.importorskip("pandas")
    found = w2v.stability([model(space())] * 2, sample=40).to_frame()
    assert list(found.columns) == ["word", "rank", "overlap", "in_all", "cosine"] and len(found) == 40


def test_overlap_of_several_sets() -> None:
    sets = [np.array([[1, 2, 3], [4, 5, -1]]), np.array([[3, 2, 9], [5, 4, 6]]), np.array([[2, 7, 8], [1, 2, 3]])]
    assert overlap(*sets).tolist() == [1 / 3, 0] and overlap(*sets[:2]).tolist() == [2 / 3, 1]
    assert overlap(sets[0], sets[0], sets[0]).tolist() == [1, 1]
    assert math.isnan(overlap(np.array([[-1, -1]]), np.array([[1, 2]]))[0])


def test_zero_vectors_have_no_neighbours_and_are_left_out():
    rng = np.random.default_rng(0)
    first = rng.normal(size=(200, 8)).astype(np.float32)
    second = first + 0.1 * rng.normal(size=first.shape).astype(np.float32)
    first[3], second[7] = 0, 0
    runs = [w2v.KeyedVectors([f"w{i}" for i in range(200)], rows) for rows in (first, second)]
    found = w2v.stability(runs, sample=None)
    assert found.words == 198 and found.words_left_out == (2, 2)
    assert {"w3", "w7"}.isdisjoint(one.word for one in found.per_word)
    with pytest.raises(w2v.W2VError, match="'w3' has NaN, infinity, too large numbers or only zeros"):
        w2v.neighbors_in_runs(runs, "w3")
    with pytest.raises(w2v.W2VError, match="share 0 words with usable vectors"):
        w2v.stability([run.with_rows(np.zeros((200, 8), dtype=np.float32)) for run in runs])
