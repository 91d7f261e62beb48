"""Words that moved, over made spaces in which it is known which these are."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from helpers.moved_spaces import clustered, one_run, rotation, with_moves, words

import w2v
from w2v.analysis.differences import relation
from w2v.errors import W2VError
from w2v.formats.rows import STORED, Rows
from w2v.keyedvectors import KeyedVectors

EVERYWHERE = [*range(5, 1200, 60)]  # 20 words of all frequencies


def names(found: w2v.Difference) -> set[str]:
    return {one.word for one in found.moved}


# ---------------------------------------------------------------------------------------------- copies and relations


@pytest.mark.parametrize("by", ["cosine", "neighbors", "both"])
@pytest.mark.parametrize("rotated", [False, True])
def test_copies_have_distance_0_and_no_movers(by: str, rotated: bool) -> None:
    meanings = clustered()
    other = meanings @ rotation(20, 3) if rotated else meanings
    found = w2v.diff(KeyedVectors(words(1200), meanings), KeyedVectors(words(1200), other), by=by)
    assert found.words == 1200 and found.lost == found.new == found.broken == 0
    assert found.each.cosine == pytest.approx(np.ones(1200), abs=1e-6)
    assert found.all_words.cosine.value == pytest.approx(1, abs=1e-6)
    assert found.all_words.overlap.value == pytest.approx(1, abs=1e-3)
    assert found.related and found.all_words.below.value == 0
    assert found.moved == () and np.abs(found.each.z).max() < 1
    assert not found.exceeded(max_share=0, min_overlap=0.999)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("n, d", [(1000, 5), (1200, 20), (1500, 60), (120, 100)])
def test_unrelated_spaces_are_said(seed: int, n: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    mean = rng.normal(size=d)  # a common direction alone does not relate two spaces
    found = w2v.diff(KeyedVectors(words(n), rng.normal(size=(n, d)) + mean),
                     KeyedVectors(words(n), rng.normal(size=(n, d)) + mean), sample=100, candidates=100)
    assert found.related is False and "UNRELATED" in str(found) and "related=False" in repr(found)
    assert found.to_dict()["alignment"]["related"] is False


@pytest.mark.parametrize("noise", [0.1, 1.0, 2.0])
def test_related_spaces_are_recognised_also_with_much_noise(noise: float) -> None:
    meanings = clustered()
    found = w2v.diff(one_run(meanings, 1, noise), one_run(meanings, 2, noise))
    assert found.related and not found.alignment.same_space
    assert "Rotation applied: it raises the mean cosine from" in str(found)
    assert found.alignment.after.value > found.alignment.after.chance + 0.05


def test_spaces_that_are_aligned_are_said_and_compared_as_they_are() -> None:
    meanings = clustered()
    old, new = one_run(meanings, 1, rotate=False), one_run(meanings, 2, rotate=False)
    assert "aligned already" in str(w2v.diff(old, new))
    found = w2v.diff(old, new, align=False)
    assert found.alignment.same_space and not found.alignment.applied and "otation" not in str(found)
    a, b = old.vectors.astype(float), new.vectors.astype(float)
    expected = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    assert found.each.cosine == pytest.approx(expected, abs=1e-6)
    assert "Different spaces" in str(w2v.diff(old, one_run(meanings, 2), align=False))


def test_rotation_of_few_words_is_said_to_be_too_good() -> None:
    rng = np.random.default_rng(0)
    found = w2v.diff(KeyedVectors(words(40), rng.normal(size=(40, 20))),
                     KeyedVectors(words(40), rng.normal(size=(40, 20))))
    assert "too high" in str(found)
    assert "too high" not in str(w2v.diff(one_run(clustered(), 1), one_run(clustered(), 2)))


@pytest.mark.parametrize("by", ["cosine", "neighbors"])
@pytest.mark.parametrize("align", [True, False])
def test_too_few_words_to_measure_the_relation_are_said(by: str, align: bool) -> None:
    rows = np.random.default_rng(0).normal(size=(2, 15, 8))
    old, new = (KeyedVectors(words(15), one) for one in rows)
    found = w2v.diff(old, new, by=by, align=align)
    said = " ".join(str(found).split())
    assert found.alignment is None and found.related is None and found.aligned is align
    assert "Whether the spaces are related was not measured: 15 shared words are too few, 20 are needed" in said
    assert ("15 words are few for a rotation of 8 dimensions" in said) is align
    narrow = KeyedVectors(words(15), rows[1, :, :4])
    assert "related" not in str(w2v.diff(old, narrow, by="neighbors"))  # there are no cosines


def test_too_many_dimensions_to_measure_the_relation_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relation, "_LARGEST", 10)
    said = " ".join(str(w2v.diff(one_run(clustered(), 1), one_run(clustered(), 2))).split())
    assert "Whether the spaces are related was not measured: it is measured for at most 10 dimensions" in said


@pytest.mark.parametrize("seed", range(1, 5))
def test_runs_that_share_few_words_are_not_called_unrelated(seed: int) -> None:
    meanings = np.random.default_rng(seed).normal(size=(20, 20))
    found = w2v.diff(one_run(meanings, 2 * seed, 1.0), one_run(meanings, 2 * seed + 1, 1.0))
    assert found.related is None and "UNRELATED" not in str(found) and "related" not in repr(found)
    assert "It cannot be told whether the spaces are related" in str(found).replace("\n", " ")
    assert found.to_dict()["alignment"]["related"] is None


def test_few_words_that_hardly_changed_are_related() -> None:
    meanings = np.random.default_rng(0).normal(size=(24, 100))
    assert w2v.diff(one_run(meanings, 1, rotate=False), one_run(meanings, 2, rotate=False), align=False).related


# ---------------------------------------------------------------------------------------------- words that moved


@pytest.mark.slow
@pytest.mark.parametrize("by", ["cosine", "neighbors", "both"])
@pytest.mark.parametrize("moved", [EVERYWHERE, [*range(20)], [*range(1180, 1200)], [*range(600, 620)]])
@pytest.mark.parametrize("counts", [True, False])
def test_planted_shift_of_20_words_is_found_first(by: str, moved: list[int], counts: bool) -> None:
    meanings = clustered()
    found = w2v.diff(one_run(meanings, 1, counts=counts), one_run(with_moves(meanings, moved), 2, counts=counts), by=by)
    assert names(found) == {f"w{i}" for i in moved}
    assert all(one.expected_cosine > one.cosine + 0.1 and one.expected_overlap > one.overlap for one in found.moved)


def test_movers_show_the_neighbours_that_they_lost_and_gained() -> None:
    meanings = clustered()
    changed = meanings.copy()
    changed[400] = meanings[7]  # from the cluster of the numbers 0, 40, 80, ... to that of 7, 47, ...
    one = w2v.diff(one_run(meanings, 1), one_run(changed, 2), 1).moved[0]
    assert one.word == "w400" and one.rank == 401 and one.old_count == one.new_count == 250
    assert len(one.lost) == len(one.gained) == 3
    assert all(int(word[1:]) % 40 == 0 for word in one.lost) and all(int(word[1:]) % 40 == 7 for word in one.gained)


def test_planted_shift_is_first_and_significant_in_one_case_of_each() -> None:
    meanings = clustered()
    changed = with_moves(meanings, EVERYWHERE)
    old, new = ([one_run(rows, seed) for seed in seeds] for rows, seeds in ((meanings, (1, 2)), (changed, (3, 4))))
    assert names(w2v.diff(old[0], new[0])) == {f"w{i}" for i in EVERYWHERE}
    found = w2v.diff(old[0], new[0], runs=old[1:], new_runs=new[1:])
    assert names(found) == {f"w{i}" for i in EVERYWHERE} and 20 <= found.significant <= 32
    assert w2v.diff(old[0], one_run(meanings, 5), runs=old[1:], new_runs=[one_run(meanings, 6)]).significant <= 12


@pytest.mark.parametrize("growth", [15.0, 25.0])
def test_frequent_words_that_moved_come_before_rare_words_with_noise(growth: float) -> None:
    meanings, moved = clustered(), [*range(20, 40)]
    changed = with_moves(meanings, moved)
    old, new = one_run(meanings, 1, growth=growth), one_run(changed, 2, growth=growth)
    found = w2v.diff(old, new, by="cosine")
    assert names(found) == {f"w{i}" for i in moved}
    assert len(set(np.argsort(found.each.cosine)[:20]) & set(moved)) < 15  # the smallest cosines are of rare words
    assert names(w2v.diff(old, new)) == {f"w{i}" for i in moved}


def test_words_that_moved_do_not_pull_the_rotation() -> None:
    meanings = clustered(400, 20)
    moved = [*range(0, 400, 8)]  # 12 % of the words, all in one direction
    changed = meanings.copy()
    changed[moved] = -2 * meanings[moved]
    found = w2v.diff(one_run(meanings, 1, 0.01), one_run(changed, 2, 0.01), 50, by="cosine")
    assert names(found) == {f"w{i}" for i in moved}
    still = np.setdiff1d(np.arange(400), moved)
    assert found.each.cosine[still].min() > 0.999 and found.each.cosine[moved].max() < -0.999


# ---------------------------------------------------------------------------------------------- runs


@pytest.mark.slow
@pytest.mark.parametrize("by", ["cosine", "neighbors", "both"])
@pytest.mark.parametrize("old_runs, new_runs", [(2, 2), (3, 3), (2, 1), (1, 3)])
def test_runs_of_one_text_have_almost_no_significant_words(by: str, old_runs: int, new_runs: int) -> None:
    meanings = clustered()
    old = [one_run(meanings, i, 0.4, 3) for i in range(old_runs)]
    new = [one_run(meanings, 10 + i, 0.4, 3) for i in range(new_runs)]
    found = w2v.diff(old[0], new[0], by=by, runs=old[1:], new_runs=new[1:])
    assert found.significant <= 12 and found.old_runs == old_runs and found.new_runs == new_runs
    share = (found.each.p <= 0.05).mean()  # about uniform; the overlap of 10 neighbours has few values
    assert (0.01 if by == "neighbors" else 0.03) < share < 0.07


@pytest.mark.slow
@pytest.mark.parametrize("by, old_runs, new_runs", [
    *((by, *runs) for by in ("cosine", "both") for runs in ((2, 2), (3, 3), (2, 1))),
    ("neighbors", 2, 2), ("neighbors", 3, 3)])
def test_planted_shift_is_significant_and_first(by: str, old_runs: int, new_runs: int) -> None:
    meanings = clustered()
    changed = with_moves(meanings, EVERYWHERE)
    old = [one_run(meanings, i, 0.1, 2) for i in range(old_runs)]
    new = [one_run(changed, 10 + i, 0.1, 2) for i in range(new_runs)]
    found = w2v.diff(old[0], new[0], by=by, runs=old[1:], new_runs=new[1:])
    planted = names(found) & {f"w{i}" for i in EVERYWHERE}
    assert all(one.q <= 0.05 for one in found.moved) and found.significant >= 20
    if by == "neighbors":  # the neighbours of a word that moved have other neighbours too, although they stayed
        assert len(planted) >= 15
    else:
        assert len(planted) == 20 and found.significant <= 32
    assert f"{found.significant} " in str(found)


def test_values_with_runs_are_means_over_pairs() -> None:
    meanings = clustered(300, 8)
    old, new = ([one_run(meanings, i, 0.5, rotate=False) for i in seeds] for seeds in ((1, 2), (3, 4)))
    found = w2v.diff(old[0], new[0], runs=old[1:], new_runs=new[1:], align=False)
    unit = [kv.get_normed_vectors().astype(float) for kv in (*old, *new)]

    def pair(i: int, j: int) -> np.ndarray:
        return (unit[i] * unit[j]).sum(axis=1)

    assert found.each.cosine == pytest.approx((pair(0, 2) + pair(0, 3) + pair(1, 2) + pair(1, 3)) / 4, abs=1e-6)
    assert found.each.expected_cosine == pytest.approx((pair(0, 1) + pair(2, 3)) / 2, abs=1e-6)
    assert found.all_words.cosine_within == pytest.approx(float((pair(0, 1) + pair(2, 3)).mean() / 2), abs=1e-6)


def test_words_that_a_run_does_not_have_are_counted() -> None:
    meanings = clustered(300, 8)
    other = one_run(meanings, 3).subset(words(250))
    found = w2v.diff(one_run(meanings, 1), one_run(meanings, 2), runs=[other])
    assert (found.words, found.missing, found.lost, found.new) == (250, 50, 0, 0) and "not in all runs" in str(found)


# ---------------------------------------------------------------------------------------------- which words


def test_lost_new_unseen_and_broken_words_are_counted() -> None:
    meanings = clustered(200, 8)
    old, new = one_run(meanings, 1), one_run(meanings, 2)
    old.vectors[3], new.vectors[4, 0] = np.nan, np.inf
    old.counts[7] = new.counts[8] = 0
    old, new = old.subset(words(150)), new.subset(words(200)[10:] + words(200)[3:9])
    found = w2v.diff(old, new)
    assert (found.lost, found.new, found.broken, found.unseen) == (4, 50, 2, 2)
    assert found.words == 150 - 4 - 2 - 2
    assert found.lost_words == ("w0", "w1", "w2", "w9") and found.new_words == tuple(f"w{i}" for i in range(150, 160))
    assert not {"w3", "w4", "w7", "w8"} & {old.index_to_key[row] for row in found.each.old_rows}


@pytest.mark.parametrize("new", [["x", "y"], ["W0", "W1"]])
def test_no_common_words_are_an_error(new: list[str]) -> None:
    with pytest.raises(W2VError, match="share 0 words"):
        w2v.diff(KeyedVectors(["w0", "w1"], np.eye(2)), KeyedVectors(new, np.eye(2)))


@pytest.mark.parametrize("n", [1, 2, 3, 25])
def test_few_words(n: int) -> None:
    rows = np.random.default_rng(n).normal(size=(n, 4))
    found = w2v.diff(KeyedVectors(words(n), rows), KeyedVectors(words(n), rows[:, ::-1]))
    assert found.words == n and (found.alignment is None) == (n < 20)
    json.dumps(found.to_dict(), allow_nan=True)
    assert "words compared" in str(found)
    w2v.diff(KeyedVectors(words(n), rows), KeyedVectors(words(n), rows), runs=[KeyedVectors(words(n), rows)])


def test_integer_keys_that_are_no_row_numbers() -> None:
    meanings = clustered(300, 8)
    keys = [*range(1000, 1300)]
    order = np.random.default_rng(0).permutation(300)
    changed = with_moves(meanings, [17])
    old = KeyedVectors(keys, one_run(meanings, 1).vectors)
    new = KeyedVectors([keys[i] for i in order], one_run(changed, 2).vectors[order])
    assert w2v.diff(old, new, 1).moved[0].word == "1017"


@pytest.mark.parametrize("stored", STORED)
def test_every_stored_type(stored: str) -> None:
    meanings = clustered(300, 8)
    old, new = one_run(meanings, 1), one_run(with_moves(meanings, [9, 200]), 2)
    old = KeyedVectors(words(300), Rows.encode(old.rows, stored))
    new.rows.data.flags.writeable = False
    assert names(w2v.diff(old, new, 2)) == {"w9", "w200"}


def test_word_whose_vector_became_zero_moved_most() -> None:
    meanings = clustered(300, 8)
    old, new = one_run(meanings, 1), one_run(meanings, 2)
    old.vectors[5] = 0
    new.vectors[5] = 0
    old.vectors[6] = 0
    for kv in (old, new):
        kv.fill_norms(force=True)
    found = w2v.diff(old, new)
    assert found.broken == 1, "a word with zero vectors in both has no direction to compare"
    assert found.words == 299 and found.each.cosine.min() == 0
    assert found.moved[0].word == "w6"


# ---------------------------------------------------------------------------------------------- dimensions, arguments


def test_different_dimensions_are_refused_or_compared_by_neighbours() -> None:
    meanings = clustered()
    old = one_run(meanings, 1)
    changed = with_moves(meanings, EVERYWHERE)
    new = one_run(np.concatenate((changed, np.zeros((1200, 5))), axis=1), 2)
    with pytest.raises(ValueError, match="20, 25 .*--by neighbors.*w2v align"):
        w2v.diff(old, new)
    found = w2v.diff(old, new, by="neighbors")
    assert names(found) == {f"w{i}" for i in EVERYWHERE} and found.alignment is None and found.related is None
    assert math.isnan(found.all_words.cosine.value) and found.moved[0].cosine is None
    assert "cosine" not in found.each.columns() and "words compared" in str(found)
    assert found.exceeded(max_share=0.5)  # what is not known is not within a limit


@pytest.mark.parametrize("wrong", [{"by": "rank"}, {"topn": -1}, {"neighbors": 0}, {"sample": 0}, {"candidates": -1},
                                   {"threshold": 1.5}, {"threshold": math.nan}])
def test_wrong_arguments_are_errors(wrong: dict) -> None:
    kv = one_run(clustered(100, 5), 1)
    with pytest.raises(ValueError, match=next(iter(wrong))):
        w2v.diff(kv, kv, **wrong)


def test_same_vectors_twice_are_no_runs() -> None:
    old, new = one_run(clustered(100, 5), 1), one_run(clustered(100, 5), 2)
    for runs in ([old], [new]):
        with pytest.raises(ValueError, match="twice"):
            w2v.diff(old, new, runs=runs)


def test_same_seed_same_result() -> None:
    meanings = clustered(1500, 8)
    old, new = one_run(meanings, 1, 0.5), one_run(meanings, 2, 0.5)
    first, second, third = (w2v.diff(old, new, sample=200, seed=seed) for seed in (1, 1, 2))
    assert first.to_dict() == second.to_dict()
    assert first.all_words.overlap.value != third.all_words.overlap.value
    everything = w2v.diff(old, new, sample=None)
    assert everything.judged == everything.all_words.sampled == 1500
    (low, high), middle = first.all_words.overlap.interval, first.all_words.overlap.value
    low, high = low - (middle - low), high + (high - middle)  # twice as wide: never outside by chance
    assert low < everything.all_words.overlap.value < high
