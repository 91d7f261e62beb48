"""Axes: anchors at their ends, intervals and the null, checks of the anchors, unknown words, extremes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from helpers import biased

import w2v
from w2v.errors import W2VError
from w2v.formats.rows import Rows
from w2v.keyedvectors import KeyedVectors

QUICK = {"draws": 300}
START, END = biased.words("y"), biased.words("x")


def text(result) -> str:
    return " ".join(str(result).split())


@pytest.mark.parametrize("pairs", [False, True])
def test_axis_is_the_mean_difference_and_projections_are_cosines(pairs):
    kv = biased.planted(0.5)
    found = w2v.axis(kv, START, END, ["a0", "b0", *START, *END], pairs=pairs, **QUICK)
    units = kv.get_normed_vectors().astype(np.float64)
    direction = units[:8].mean(axis=0) - units[8:16].mean(axis=0)
    direction /= np.linalg.norm(direction)
    assert found.vector == pytest.approx(direction, abs=1e-6) and np.linalg.norm(found.vector) == pytest.approx(1)
    for one in found.words:
        assert one.projection.value == pytest.approx(float(units[kv.get_index(one.word)] @ direction), abs=1e-6)
    values = {one.word: one.projection.value for one in found.words}
    assert max(values[word] for word in START) < 0 < min(values[word] for word in END)
    assert values["a0"] > 0.3 > -0.3 > values["b0"]
    assert found.start == tuple(START) and found.end == tuple(END) and found.pairs == pairs
    assert found == w2v.axis(kv, START, END, ["a0", "b0", *START, *END], pairs=pairs, **QUICK), "the same seed"
    json.dumps(found.to_dict(), allow_nan=False)


def test_pairs_have_a_mean_of_differences():
    kv = biased.planted(0.5)
    units = kv.get_normed_vectors().astype(np.float64)
    differences = (units[:8] - units[8:16])
    found = w2v.axis(kv, START, END, ["a0"], pairs=True, **QUICK)
    direction = differences.mean(axis=0)
    assert found.vector == pytest.approx(direction / np.linalg.norm(direction), abs=1e-6)
    lengths = np.linalg.norm(differences, axis=1)
    cosines = differences @ differences.T / lengths[:, None] / lengths
    assert found.coherence.value == pytest.approx(np.mean(cosines[~np.eye(8, dtype=bool)]), abs=1e-6)
    assert found.coherence.p <= 1 and abs(found.coherence.chance - found.coherence.value) < 0.1


@pytest.mark.parametrize("pairs", [False, True])
def test_anchors_of_a_planted_axis_are_on_their_side_and_random_ones_are_not(pairs):
    found = w2v.axis(biased.planted(1), START, END, ["a0"], pairs=pairs, **QUICK)
    assert found.accuracy.value == 1 and found.accuracy.p <= 0.01 and found.accuracy.interval[1] == 1
    shares = [w2v.axis(biased.planted(0, seed=seed), START, END, ["a0"], pairs=pairs, **QUICK).accuracy
              for seed in range(12)]
    assert abs(np.mean([one.value for one in shares]) - np.mean([one.chance for one in shares])) < 0.15
    assert np.mean([one.p for one in shares]) > 0.25


@pytest.mark.parametrize(("pairs", "advice"), [(False, "use more words, or pairs"), (True, "use more pairs.")])
def test_anchors_that_may_fit_by_chance_are_said(pairs, advice):
    options = {"pairs": pairs, **QUICK}
    assert advice in text(w2v.axis(biased.planted(1), START[:2], END[:2], ["a0"], **options))
    assert advice not in text(w2v.axis(biased.planted(1), START, END, ["a0"], **options))


def test_leave_one_out_is_that_of_plain_loops():
    kv = biased.planted(0.1, seed=4)
    units = kv.get_normed_vectors().astype(np.float64)
    ends = units[8:16], units[:8]
    right = []
    for side in (0, 1):
        for i in range(8):
            own = np.delete(ends[side], i, axis=0).mean(axis=0)
            word, other = ends[side][i], ends[1 - side].mean(axis=0)
            right.append(np.linalg.norm(word - own) < np.linalg.norm(word - other))
    found = w2v.axis(kv, START, END, ["a0"], **QUICK)
    assert found.accuracy.value == pytest.approx(np.mean(right)) and 0 < np.mean(right) < 1
    differences = ends[1] - ends[0]
    right = [np.delete(differences, i, axis=0).mean(axis=0) @ differences[i] > 0 for i in range(8)]
    assert w2v.axis(kv, START, END, ["a0"], pairs=True, **QUICK).accuracy.value == pytest.approx(np.mean(right))


def test_null_is_of_words_of_similar_frequency():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(4000, 30)).astype(np.float32)
    rows[:2000, 0] += 2  # frequent words lie towards the end
    rows[[10, 11], 0], rows[[12, 13], 0] = -6, 6
    counts = np.arange(4000, 0, -1)
    order = rng.permutation(4000)
    names = [f"w{i}" for i in order]
    kv = KeyedVectors(names, rows[order], counts[order])
    found = w2v.axis(kv, ["w10", "w11"], ["w12", "w13"], ["w600", "w3500"], **QUICK)
    frequent, rare = (one.projection.chance for one in found.words)
    assert frequent > 0.15 and abs(rare) < 0.05
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = units @ found.vector
    window = np.delete(cosines[3500 - 500:3500 - 500 + 1001], 500)
    window = np.delete(cosines[2999:4000], 3500 - 2999)
    own = found.words[1]
    assert own.percentile == pytest.approx((window < cosines[3500]).mean(), abs=0.002)
    assert own.z == pytest.approx((cosines[3500] - window.mean()) / window.std(), abs=0.05)
    assert own.projection.p == pytest.approx(2 * min(own.percentile, 1 - own.percentile), abs=0.01)


def test_extremes_are_those_of_the_most_frequent_words_without_anchors():
    kv = biased.planted(1)
    found = w2v.axis(kv, START, END, topn=3, **QUICK)
    assert found.extremes and len(found.words) == 6
    assert [one.word[0] for one in found.words] == ["b"] * 3 + ["a"] * 3
    values = [one.projection.value for one in found.words]
    assert values == sorted(values) and "most extreme" in text(found)
    few = w2v.axis(kv, START, END, topn=3, restrict_vocab=24, **QUICK)
    assert {one.word[0] for one in few.words} == {"a"} and few.searched == 24 == sum(few.histogram)
    assert len(few.bins) == len(few.histogram) + 1
    assert len(w2v.axis(kv, START, END, topn=500, restrict_vocab=None, **QUICK).words) == len(kv) - 16


def test_interval_is_of_resampled_anchors():
    kv = biased.planted(0.4)
    [one] = w2v.axis(kv, START, END, ["a0"], draws=2000).words
    low, high = one.projection.interval
    assert low < one.projection.value < high and high - low < 0.5
    [alone] = w2v.axis(kv, ["y0"], ["x0"], ["a0"], draws=2000).words
    assert alone.projection.interval is None
    assert "nothing can be left out" in text(w2v.axis(kv, ["y0"], ["x0"], ["a0"]))
    [none] = w2v.axis(kv, START, END, ["a0"], draws=0).words
    assert none.projection.interval is None


def test_unknown_words_and_anchors_are_counted():
    kv = biased.planted(1)
    found = w2v.axis(kv, [*START, "none"], END, ["a0", "nor"], **QUICK)
    assert found.unknown == ("nor",) and found.unknown_anchors == ("none",) and len(found.words) == 1
    assert "unknown words: nor" in text(found) and "unknown anchors: none" in text(found)
    found = w2v.axis(kv, ["y0", "none", "y2"], ["x0", "x1", "x2"], ["a0"], pairs=True, **QUICK)
    assert found.start == ("y0", "y2") and found.end == ("x0", "x2") and found.unknown_anchors == ("none",)
    assert not w2v.axis(kv, START, END, [], **QUICK).words


@pytest.mark.parametrize(("start", "end", "options", "kind", "message"), [
    (["none"], END, {}, W2VError, "no word at the start of the axis is known"),
    (START, [], {}, W2VError, "no word at the end"), (["none"], ["x0"], {"pairs": True}, W2VError, "no pair is known"),
    (START, [*END, "y0"], {}, ValueError, "'y0' is at both ends"),
    (START, END[:2], {"pairs": True}, ValueError, "as many words at both ends"),
    (START, END, {"topn": -1}, ValueError, "topn"), (START, END, {"restrict_vocab": 0}, ValueError, "restrict_vocab"),
    (["w0"], ["w1"], {}, W2VError, "no axis"),
])
def test_what_makes_no_axis_is_refused(start, end, options, kind, message):
    kv = biased.planted(1)
    rows = kv.vectors.copy()
    rows[kv.get_index("w1")] = rows[kv.get_index("w0")]
    with pytest.raises(kind, match=message):
        w2v.axis(KeyedVectors(kv.index_to_key, rows), start, end, **options)


@pytest.mark.parametrize("dtype", ["float16", "bf16", "int8"])
def test_stored_types_agree(dtype):
    kv = biased.planted(1)
    stored = KeyedVectors(kv.index_to_key, Rows.encode(kv.rows, dtype))
    one, two = (w2v.axis(vectors, START, END, ["a0"], **QUICK).words[0].projection for vectors in (kv, stored))
    assert two.value == pytest.approx(one.value, abs=0.02)


def test_integer_keys_files_and_broken_rows(tmp_path):
    kv = biased.planted(1, n=4)
    rows = kv.vectors.copy()
    rows[20] = np.nan
    rows[21] = 0
    numbers = KeyedVectors(list(range(1000, 1000 + len(kv))), rows)
    (tmp_path / "from.txt").write_text("1004\n1005\n")
    found = w2v.axis(numbers, tmp_path / "from.txt", [1000, 1001], [1008, 1020, 1021], **QUICK)
    assert found.start == ("1004", "1005") and found.unknown == ("1020",)
    assert [one.word for one in found.words] == ["1008", "1021"] and found.words[1].projection.value == 0
    assert "1020" not in [one.word for one in w2v.axis(numbers, [1004], [1000], topn=500, **QUICK).words]


def test_to_frame_has_a_row_for_each_word():
    pytest.importorskip("pandas")
    assert w2v.axis(biased.planted(1), START, END, ["a0", "b0"], **QUICK).to_frame()["word"].tolist() == ["a0", "b0"]
