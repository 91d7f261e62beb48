"""What a difference shows, and its limits."""

from __future__ import annotations

import json

import numpy as np
import pytest
from helpers.moved_spaces import clustered, one_run, with_moves, words

import w2v
from w2v.keyedvectors import KeyedVectors


@pytest.fixture(scope="module")
def found() -> w2v.Difference:
    meanings = clustered(600, 10)
    return w2v.diff(one_run(meanings, 1), one_run(with_moves(meanings, [50, 300]), 2), 3, threshold=0.9)


def test_values_are_plain_and_without_arrays(found: w2v.Difference) -> None:
    values = json.loads(json.dumps(found.to_dict()))
    assert values["moved"][0].keys() >= {"word", "cosine", "expected_cosine", "z", "overlap", "lost", "gained", "p"}
    assert values["alignment"].keys() == {"applied", "before", "after", "same_space", "related"}
    assert "each" not in values and len(values["bands"]) == 2
    assert values["all_words"]["cosine"].keys() == {"value", "interval", "chance"}
    assert len(values["cosine_histogram"]["edges"]) == 41 and sum(values["cosine_histogram"]["counts"]) == 600


def test_every_number_has_an_interval_and_its_value_by_chance(found: w2v.Difference) -> None:
    for band in (*found.bands, found.all_words):
        for value in (band.cosine, band.overlap):
            assert value.interval[0] <= value.value <= value.interval[1] and value.chance < value.value
        assert band.below.interval is not None
    assert found.all_words.overlap.chance == pytest.approx(10 / 599)
    assert sum(band.words for band in found.bands) == found.words == 600
    assert found.all_words.cosine.value == pytest.approx(found.each.cosine.mean())
    assert found.all_words.below.value == pytest.approx((found.each.cosine < 0.9).mean())


def test_text_fits_a_terminal(found: w2v.Difference) -> None:
    meanings = clustered(600, 10)
    runs = [one_run(meanings, seed) for seed in (3, 4)]
    for one in (found, w2v.diff(runs[0], one_run(meanings, 5), runs=runs[1:])):
        assert max(map(len, str(one).splitlines())) <= 80
        assert "frequency rank" in str(one) and "expected" in str(one)
        assert "<td" in one._repr_html_()


def test_limits(found: w2v.Difference) -> None:
    share, kept = found.all_words.below.value, found.all_words.overlap.value
    assert 0 < share < 0.1 and 0.1 < kept < 1
    assert found.exceeded() == found.exceeded(share, kept) == []
    [first, second] = found.exceeded(share - 0.001, kept + 0.01)
    assert "cosine below 0.9, 0.10 points above the limit" in first and "0.0100 below the limit" in second


def test_frame_has_a_row_for_every_word(found: w2v.Difference) -> None:
    pytest.importorskip("pandas")
    table = found.to_frame()
    assert len(table) == 600 and table["word"][0] == found.moved[0].word
    assert table.columns.tolist() == ["word", "rank", "moved_rank", "old_count", "new_count", "cosine",
                                      "expected_cosine", "z", "overlap", "expected_overlap", "overlap_z"]
    assert table["moved_rank"].tolist() == [*range(1, 601)] and sorted(table["rank"]) == [*range(1, 601)]
    assert table["z"][0] == found.moved[0].z and table["old_count"].dtype == np.int64


def test_lines_have_every_word_and_escape_what_words_hold() -> None:
    meanings = clustered(30, 4)
    names = [*words(27), "a\tb", "c\nd", "\udcff"]
    kv = KeyedVectors(names, meanings)
    found = w2v.diff(kv, KeyedVectors(names, meanings[::-1]))
    head, *lines = found.lines()
    assert head.rstrip("\n").split("\t")[:2] == ["word", "rank"] and len(lines) == 30
    assert all(line.count("\t") == head.count("\t") and line.count("\n") == 1 for line in lines)
    assert {line.split("\t")[0] for line in lines} == {*words(27), "a\\x09b", "c\\x0ad", "\ufffd"}
    assert "\t" not in str(found)
    "".join(lines).encode()


def test_runs_on_bootstrap_samples_are_said_to_have_too_small_p() -> None:
    meanings = clustered(600, 10)
    files = [one_run(meanings, seed) for seed in (1, 2, 3)]
    assert "bootstrap" not in str(w2v.diff(files[0], files[1], runs=files[2:]))
    files[2].metadata["corpus"] = json.dumps({"bootstrap": "each line a Poisson(1) number of times"})
    found = w2v.diff(files[0], files[1], runs=files[2:])
    assert found.bootstrap and "p and q are too small" in str(found)
