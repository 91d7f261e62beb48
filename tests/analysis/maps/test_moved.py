"""`w2v.map` of two spaces: planted moves, their direction, words around, what is left out, wrong arguments."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from helpers.two_spaces import DIM, GROUPS, PLANTED, planted, units

import w2v
from w2v.analysis.differences.relation import robust_rotation, words_fitted
from w2v.keyedvectors import KeyedVectors


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("by", ["cosine", "both"])
def test_planted_words_and_no_others_move_to_their_new_group(seed: int, by: str) -> None:
    a, b, _ = planted(seed)
    found = w2v.map(a, b, top=len(PLANTED), by=by)
    assert {one.word for one in found.moved} == set(PLANTED) and found.choice == "moved" and found.related
    group = {word: int(word[1:]) % GROUPS for word in a.index_to_key if word not in PLANTED}
    for one in found.moved:
        assert {group.get(word, 0) for word in one.neighbors_a} == {0}
        assert {group.get(word, PLANTED.get(word)) for word in one.neighbors_b} == {PLANTED[one.word]}
        assert one.z > 5 and one.cosine < 0.7 < one.expected_cosine
    z = [w2v.diff(a, b).each.z[found.moved[i].rank - 1] for i in range(len(found))]
    assert [one.z for one in found.moved] == z, "the measure of diff"


def test_arrows_lead_from_the_old_group_to_the_new_one() -> None:
    a, b, _ = planted()
    found = w2v.map(a, b, top=len(PLANTED), neighbors=6)
    at = dict(zip((one.word for one in found.around), found.positions_around, strict=True))
    for one, start, end in zip(found.moved, found.positions_a, found.positions_b, strict=True):
        old, new = (np.mean([at[word] for word in words if word in at], axis=0)
                    for words in (one.neighbors_a, one.neighbors_b))
        way, expected = end - start, new - old
        assert way @ expected > 0.95 * np.linalg.norm(way) * np.linalg.norm(expected)
        assert np.linalg.norm(start - old) < 0.3 * np.linalg.norm(expected) > np.linalg.norm(end - new)


def test_places_are_projections_of_the_rotated_unit_vectors() -> None:
    a, b, _ = planted()
    found = w2v.map(a, b, top=4, neighbors=3)
    rows = np.arange(len(a))
    change = robust_rotation(a, rows, b, rows)
    in_a, in_b = units(change(a.vectors).astype(np.float64)), units(b.vectors.astype(np.float64))
    moved = [a.get_index(one.word) for one in found.moved]
    around = [a.get_index(one.word) for one in found.around]
    stacked = np.concatenate((in_a[moved], in_b[moved], units(in_a[around] + in_b[around])))
    centred = stacked - stacked.mean(axis=0)
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    shown = np.concatenate((found.positions_a, found.positions_b, found.positions_around))
    projected = centred @ axes[:2].T
    signs = np.sign((projected * shown).sum(axis=0))
    np.testing.assert_allclose(shown, projected * signs, atol=1e-6)
    np.testing.assert_allclose(found.variance, (values ** 2 / (values ** 2).sum())[:2], rtol=1e-6)
    assert found.fitted == words_fitted(len(a), DIM) == 320


def test_order_is_that_of_moves_for_chosen_words_too() -> None:
    a, b, _ = planted()
    ranks = w2v.diff(a, b).each.moved_rank
    found = w2v.map(a, b, words=["w8", "w57", "w100", "w3"])
    order = [a.get_index(one.word) for one in found.moved]
    assert set(order) == {8, 57, 100, 3} and found.choice == "words"
    assert ranks[order].tolist() == sorted(ranks[order].tolist()) and {order[0], order[1]} == {57, 3}
    masked = w2v.map(a, b, words=np.isin(np.arange(len(a)), [3, 8, 57, 100]))
    assert masked.moved == found.moved


def test_near_shows_one_word_with_the_neighbours_of_both_spaces() -> None:
    a, b, _ = planted()
    found = w2v.map(a, b, near="w57", neighbors=5)
    assert [one.word for one in found.moved] == ["w57"] and found.choice == "near" and len(found) == 1
    in_a, in_b = ([word for word, _ in kv.most_similar("w57", topn=5)] for kv in (a, b))
    assert found.moved[0].neighbors_a == tuple(in_a) and found.moved[0].neighbors_b == tuple(in_b)
    assert {one.word: one.near for one in found.around} == {word: "a" for word in in_a} | {word: "b" for word in in_b}
    assert [one.word for one in found.around] == [word for pair in zip(in_a, in_b, strict=True) for word in pair]


def test_word_that_did_not_move_has_a_short_way_among_neighbours_of_both() -> None:
    a, b, _ = planted(noise=0.001)
    found = w2v.map(a, b, near="w10", neighbors=8)
    assert np.linalg.norm(found.positions_b - found.positions_a) < 0.02
    assert [one.near for one in found.around].count("both") >= 6


def test_frequent_shared_words_are_around_too() -> None:
    a, b, _ = planted()
    found = w2v.map(a, b, top=2, neighbors=1, shared=50)
    frequent = {f"w{i}" for i in range(50)}
    words = [one.word for one in found.around]
    assert frequent <= {*words, *(one.word for one in found.moved)} and len(words) == len(set(words)) <= 54
    assert {one.near for one in found.around if one.word not in frequent} <= {"a", "b"}
    assert sum(one.near is None for one in found.around) >= 45


def test_lengths_and_rotations_change_nothing() -> None:
    a, b, _ = planted()
    rotation, _ = np.linalg.qr(np.random.default_rng(9).standard_normal((DIM, DIM)))
    turned = KeyedVectors(a.index_to_key, (7 * a.vectors @ rotation).astype(np.float32))
    found, again = w2v.map(a, b, top=4), w2v.map(turned, b, top=4)
    assert [one.word for one in found.moved] == [one.word for one in again.moved]
    np.testing.assert_allclose(again.positions_a, found.positions_a, atol=1e-3)
    np.testing.assert_allclose(again.positions_b, found.positions_b, atol=1e-3)


def test_without_alignment_vectors_are_compared_as_they_are() -> None:
    a, b, _ = planted()
    same, _, _ = planted()
    vectors = same.vectors.copy()
    vectors[[3, 57]] = vectors[[61, 222]]
    found = w2v.map(a, KeyedVectors(a.index_to_key, vectors), align=False, by="cosine")
    assert {one.word for one in found.moved} == {"w3", "w57"} and found.fitted is None
    assert not w2v.map(a, b, words=["w1", "w2"], align=False).difference.alignment.applied  # type: ignore[union-attr]


def test_zero_broken_and_missing_words_are_left_out_and_counted() -> None:
    a, b, _ = planted()
    vectors = b.vectors.copy()
    vectors[3], vectors[57] = 0, np.nan
    other = KeyedVectors(b.index_to_key[:399], vectors[:399])
    found = w2v.map(a, other, top=4)
    assert not {one.word for one in found.moved} & {"w3", "w57"} and np.isfinite(found.positions_b).all()
    assert {"w200", "w310"} <= {one.word for one in found.moved} and found.left_out == 1
    some = w2v.map(a, other, words=np.isin(np.arange(400), [1, 2, 3, 57, 399]))
    assert {one.word for one in some.moved} == {"w1", "w2"} and some.left_out == 3
    assert "words without a usable vector" in str(some)
    assert len(w2v.map(a, other, words=["w1", "w2", "w399", "never"], oov="skip")) == 2
    with pytest.raises(w2v.W2VError, match="none of the 1 words has a usable vector in both spaces"):
        w2v.map(a, other, near="w3")
    with pytest.raises(w2v.W2VError, match="none of the 2 words has a usable vector"):
        w2v.map(a, other, words=["w3", "w57"])


def test_unrelated_spaces_are_said_everywhere() -> None:
    a, _, _ = planted()
    other = KeyedVectors(a.index_to_key, np.random.default_rng(5).standard_normal((400, DIM)).astype(np.float32))
    with pytest.warns(UserWarning, match="UNRELATED"):
        found = w2v.map(a, other, words=["w1", "w2", "w3"])
    assert found.related is False and "UNRELATED" in str(found) and "related=False" in repr(found)
    assert found.to_dict()["alignment"]["related"] is False


def test_values_are_plain_and_complete() -> None:
    a, b, _ = planted()
    found = w2v.map(a, b, top=4, seed=3)
    values = json.loads(json.dumps(found.to_dict()))
    assert [(one["x_a"], one["y_a"]) for one in values["moved"]] == [tuple(one) for one in found.positions_a.tolist()]
    assert [(one["x_b"], one["y_b"]) for one in values["moved"]] == [tuple(one) for one in found.positions_b.tolist()]
    assert [(one["x"], one["y"]) for one in values["around"]] == [tuple(one) for one in found.positions_around.tolist()]
    assert [one["word"] for one in (*values["moved"], *values["around"])] == list(found.words)
    assert values["moved"][0]["neighbors_b"] == list(found.moved[0].neighbors_b)
    assert values["fitted"] == 320 and values["shared"] == 400 and values["seed"] == 3 and values["by"] == "both"
    assert values["alignment"]["related"] is True and values["a"] == "A" and values["b"] == "B"
    assert repr(found) == "MovedMap<4 words from A to B by principal components, related=True>"


@pytest.mark.parametrize("sources, names", [
    (("runs/1900/v.txt: text format", "runs/1990/v.txt: text format"), ("1900", "1990")),
    (("runs/1900/v.txt", ""), ("v.txt", "B")), (("", "v.txt"), ("A", "v.txt")), (("", ""), ("A", "B")),
    (("v.txt", "v.txt"), ("A", "B"))])
def test_names_are_the_parts_in_which_the_files_differ(sources: tuple[str, str], names: tuple[str, str]) -> None:
    a, b, _ = planted()
    a.source, b.source = sources
    found = w2v.map(a, b, top=4)
    assert (found.a, found.b) == names


def test_frame_has_a_row_for_each_word_with_two_places() -> None:
    pytest.importorskip("pandas")
    a, b, _ = planted()
    found = w2v.map(a, b, top=4)
    frame = found.to_frame()
    assert frame.columns.tolist() == ["word", "x_a", "y_a", "x_b", "y_b", "rank", "cosine", "expected_cosine", "z"]
    assert frame["word"].tolist() == [one.word for one in found.moved]
    assert frame["y_b"].tolist() == found.positions_b[:, 1].tolist()


@pytest.mark.parametrize("options, message", [
    ({"clusters": 3}, "clusters = 3 is not for two spaces"), ({"top": 0}, "top = 0 is out of range"),
    ({"neighbors": -1}, "neighbors = -1"), ({"shared": -2}, "shared = -2"), ({"by": "size"}, "by must be one of"),
    ({"top": 5, "near": "w1"}, "exclude each other"), ({"method": "mds"}, "the methods are pca")])
def test_wrong_option_is_named(options: dict[str, Any], message: str) -> None:
    a, b, _ = planted()
    with pytest.raises(ValueError, match=message):
        w2v.map(a, b, **options)


@pytest.mark.parametrize("options, name", [({"shared": 5}, "shared = 5"), ({"by": "both"}, "by = both"),
                                           ({"align": False}, "align = False")])
def test_options_of_two_spaces_need_the_second(options: dict[str, Any], name: str) -> None:
    a, _, _ = planted()
    with pytest.raises(ValueError, match=f"{name} needs a second space"):
        w2v.map(a, None, **options)


def test_spaces_that_cannot_be_compared_are_errors() -> None:
    a, b, _ = planted()
    with pytest.raises(ValueError, match="the same vectors"):
        w2v.map(a, a)
    with pytest.raises(w2v.W2VError, match="share 0 words"):
        w2v.map(a, KeyedVectors([f"x{i}" for i in range(400)], b.vectors))
    with pytest.raises(ValueError, match=r"dimensions 20 and 10 .* w2v\.align"):
        w2v.map(a, KeyedVectors(b.index_to_key, b.vectors[:, :10]))
    with pytest.raises(w2v.W2VError, match="none of the 400 shared words moved further"):
        w2v.map(a, KeyedVectors(a.index_to_key, 2 * a.vectors))


@pytest.mark.parametrize("options", [{"near": "nothing"}, {"words": ["w1", "nothing"]}, {"near": "w399"},
                                     {"words": ["w1", "w399"]}])
def test_words_unknown_in_one_of_the_spaces_are_errors(options: dict[str, Any]) -> None:
    a, b, _ = planted()
    with pytest.raises(w2v.UnknownWordError, match=r"nothing|w399"):
        w2v.map(a, KeyedVectors(b.index_to_key[:399], b.vectors[:399]), **options)


def test_one_word_alone_is_an_error() -> None:
    a, b, _ = planted()
    with pytest.raises(w2v.W2VError, match="show neighbours too"):
        w2v.map(a, b, near="w3", neighbors=0)
    assert len(w2v.map(a, b, words=["w3", "w4"], neighbors=0).around) == 0


@pytest.mark.slow
def test_groups_stay_together_by_tsne() -> None:
    pytest.importorskip("sklearn.manifold")
    a, b, _ = planted()
    found = w2v.map(a, b, top=4, neighbors=3, shared=300, method="tsne")
    at = dict(zip((one.word for one in found.around), found.positions_around, strict=True))
    for one, start, end in zip(found.moved, found.positions_a, found.positions_b, strict=True):
        for words, place, other in ((one.neighbors_a, start, end), (one.neighbors_b, end, start)):
            near = np.mean([at[word] for word in words if word in at], axis=0)
            assert np.linalg.norm(place - near) < 0.5 * np.linalg.norm(other - near)
