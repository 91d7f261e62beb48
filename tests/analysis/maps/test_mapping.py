"""`w2v.map`: which words, their order, clusters, what is left out, wrong arguments."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.evaluation import clustered

import w2v
from w2v.keyedvectors import KeyedVectors


@pytest.fixture
def kv() -> KeyedVectors:
    units, _ = clustered([20, 12, 8])
    return KeyedVectors([f"w{i}" for i in range(40)], units)


def test_most_frequent_words_are_shown_first(kv: KeyedVectors) -> None:
    assert w2v.map(kv).words == tuple(kv.index_to_key)
    found = w2v.map(kv, top=5)
    assert found.words == ("w0", "w1", "w2", "w3", "w4") and found.choice == "top" and len(found) == 5


@pytest.mark.parametrize("words", [["w9", "w3", "w30", "w3"], [9, 3, 30], np.isin(np.arange(40), [3, 9, 30])])
def test_words_are_ordered_by_frequency_and_named_once(kv: KeyedVectors, words: list[str]) -> None:
    assert w2v.map(kv, words=words).words == ("w3", "w9", "w30")


def test_neighbours_follow_their_word(kv: KeyedVectors) -> None:
    found = w2v.map(kv, near="w25", neighbors=6)
    assert found.words == ("w25", *(word for word, _ in kv.most_similar("w25", topn=6)))


def test_lengths_do_not_matter(kv: KeyedVectors) -> None:
    longer = KeyedVectors(kv.index_to_key, kv.vectors * np.linspace(0.1, 9, 40, dtype=np.float32)[:, None])
    np.testing.assert_allclose(w2v.map(longer).positions, w2v.map(kv).positions, atol=1e-5)


def test_clusters_are_those_of_the_shown_words(kv: KeyedVectors) -> None:
    found = w2v.map(kv, clusters=3)
    assert [one.size for one in found.clusters] == [20, 12, 8]
    expected = w2v.cluster(kv, 3, topn=3, chance=False)
    assert found.labels.tolist() == expected.labels.tolist()
    assert found.clusters[0].nearest == tuple(word for word, _ in expected.clusters[0].nearest)
    assert w2v.map(kv).clusters == () and set(w2v.map(kv).labels.tolist()) == {-1}
    near = w2v.map(kv, near="w25", neighbors=11, clusters=1)
    assert near.clusters[0].size == 12 and near.labels.tolist() == [0] * 12


def test_broken_and_zero_vectors_are_left_out_and_counted(kv: KeyedVectors) -> None:
    vectors = kv.vectors.copy()
    vectors[1], vectors[3], vectors[5] = np.nan, 0, np.inf
    found = w2v.map(KeyedVectors(kv.index_to_key, vectors), top=7, clusters=2)
    assert found.words == ("w0", "w2", "w4", "w6") and found.left_out == 3
    assert np.isfinite(found.positions).all() and "words with zero or broken vectors" in str(found)


@pytest.mark.parametrize("value", [0, np.nan, np.inf])
def test_word_without_a_direction_has_no_neighbours(kv: KeyedVectors, value: float) -> None:
    vectors = kv.vectors.copy()
    vectors[3] = value
    with pytest.raises(w2v.W2VError, match="the vector of 'w3' is zero or broken"):
        w2v.map(KeyedVectors(kv.index_to_key, vectors), near="w3")


def test_values_are_plain_and_complete(kv: KeyedVectors) -> None:
    found = w2v.map(kv, clusters=3, seed=4)
    values = json.loads(json.dumps(found.to_dict()))
    assert [(one["x"], one["y"]) for one in values["words"]] == [tuple(one) for one in found.positions.tolist()]
    assert [one["cluster"] for one in values["words"]] == found.labels.tolist()
    assert values["variance"] == list(found.variance or ()) and values["seed"] == 4 and values["method"] == "pca"
    assert w2v.map(kv).to_dict()["words"][0]["cluster"] is None
    assert repr(found) == "WordMap<40 words by principal components>"


def test_frame_has_a_row_for_each_word(kv: KeyedVectors) -> None:
    pytest.importorskip("pandas")
    found = w2v.map(kv, top=9, clusters=2)
    frame = found.to_frame()
    assert frame.columns.tolist() == ["word", "x", "y", "cluster"] and frame["word"].tolist() == list(found.words)
    assert frame["y"].tolist() == found.positions[:, 1].tolist()


def test_page_has_more_words_neighbours_and_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.random.default_rng(0).standard_normal((600, 4)).astype(np.float32)
    kv = KeyedVectors([f"w{i}" for i in range(600)], vectors)
    found = w2v.map(kv, page=True)
    assert len(found) == 600 and len(found.clusters) == 20
    assert len(w2v.map(kv, page=True, near="w5")) == 501 and len(w2v.map(kv, near="w5")) == 51
    assert len(w2v.map(kv, page=True, top=35).clusters) == 3 and w2v.map(kv, page=True, top=9).clusters == ()
    assert len(w2v.map(kv, page=True, top=35, clusters=7).clusters) == 7
    monkeypatch.setattr("w2v.analysis.maps.mapping.PAGE_TOP", 500)
    assert len(w2v.map(kv, page=True)) == 500


def test_metadata_and_pages_add_nothing_to_the_values(kv: KeyedVectors) -> None:
    metadata = {"kind": {"w1": "a", "w2": "b", "other": "c"}, "year": {"w3": 1900}}
    found = w2v.map(kv, clusters=3, metadata=metadata)
    assert found.to_dict() == w2v.map(kv, clusters=3).to_dict()
    assert found.metadata is not None and [column.name for column in found.metadata.columns] == ["kind", "year"]
    assert (found.metadata.unknown, found.metadata.without) == (1, 37) and "columns: kind, year" in str(found)


def test_page_is_saved_without_further_arguments(kv: KeyedVectors, tmp_path: Path) -> None:
    found = w2v.map(kv, top=5, clusters=2)
    found.save(tmp_path / "m.HTML")
    values = json.loads((tmp_path / "m.HTML").read_text("utf-8").split('id="data">')[1].split("</script>")[0])
    assert values["count"] == 5 and values["words"][:5] == ["w0", "w1", "w2", "w3", "w4"]
    assert set(values["words"]) <= set(kv.index_to_key) and len(values["words"]) > 5
    assert values["caption"].startswith("5 words by principal components: ")
    assert values["columns"][0]["name"] == "cluster" and len(values["columns"][0]["labels"]) == 2


def test_title_of_a_page_is_short(tmp_path: Path) -> None:
    kv = KeyedVectors(["x" * 10_000, "a", "b"], np.eye(3, dtype=np.float32) + 0.1)
    w2v.map(kv, near="x" * 10_000, neighbors=2).save(tmp_path / "m.html")
    title = (tmp_path / "m.html").read_text("utf-8").split("<title>")[1].split("</title>")[0]
    assert title == f"{'x' * 57}... and its nearest neighbours in vectors"


@pytest.mark.parametrize("options, message", [
    ({"top": 2}, "top = 2 is out of range"), ({"near": "w1", "neighbors": 1}, "neighbors = 1 is out of range"),
    ({"neighbors": 4}, "neighbors needs near"), ({"clusters": 0}, "clusters = 0"), ({"clusters": 25}, "24 at most"),
    ({"top": 5, "clusters": 6}, "there are 5 words"), ({"top": 5, "near": "w1"}, "exclude each other"),
    ({"words": ["w1"], "top": 5}, "exclude each other"), ({"method": "mds"}, "the methods are pca")])
def test_wrong_option_is_named(kv: KeyedVectors, options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        w2v.map(kv, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("words", [[], ["w1"], ["w1", "w2"]])
def test_fewer_than_three_words_are_an_error(kv: KeyedVectors, words: list[str]) -> None:
    with pytest.raises((w2v.W2VError, ValueError)):
        w2v.map(kv, words=words)
    with pytest.raises(w2v.W2VError, match="0 of the 4 words have a vector with a direction; a map needs 3 or more"):
        w2v.map(KeyedVectors(list("abcd"), np.zeros((4, 3), dtype=np.float32)))


def test_unknown_words_are_errors(kv: KeyedVectors) -> None:
    for options in ({"near": "nothing"}, {"words": ["w1", "w2", "w3", "nothing"]}):
        with pytest.raises(w2v.UnknownWordError, match="nothing"):
            w2v.map(kv, **options)  # type: ignore[arg-type]
    assert len(w2v.map(kv, words=["w1", "w2", "w3", "nothing"], oov="skip")) == 3
