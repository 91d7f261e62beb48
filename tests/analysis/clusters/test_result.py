"""`Clusters`: tables, frames, and files of classes."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from helpers.evaluation import clustered

import w2v
from w2v.analysis.clusters.result import check_classes
from w2v.errors import W2VError
from w2v.keyedvectors import KeyedVectors


def some(words: list[str] | None = None) -> tuple[KeyedVectors, w2v.Clusters]:
    units, _ = clustered([6, 4, 3])
    units[5] = np.nan
    kv = KeyedVectors([f"w{i}" for i in range(13)] if words is None else words, units)
    return kv, w2v.cluster(kv, 3, topn=2, peripheral=1)


def test_file_has_words_and_classes_as_word2vec_c_writes_them(tmp_path: Path) -> None:
    kv, found = some()
    for name in ("classes.txt", "classes", "classes.txt.gz"):
        found.save(tmp_path / name)
        data = (tmp_path / name).read_bytes()
        text = (gzip.decompress(data) if name.endswith("gz") else data).decode()
        assert text == "".join(f"{word} {label}\n" for word, label in zip(kv.index_to_key, found.labels, strict=True))
        assert text.splitlines()[5] == "w5 -1"


def test_tsv_has_the_words_in_clusters_and_json_everything(tmp_path: Path) -> None:
    _, found = some()
    found.save(tmp_path / "c.tsv")
    with open(tmp_path / "c.tsv", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [row["word"] for row in rows] == [f"w{i}" for i in range(13) if i != 5]
    assert [int(row["class"]) for row in rows] == [label for label in found.labels.tolist() if label >= 0]
    assert float(rows[0]["cosine"]) == pytest.approx(found.cosines[0], abs=1e-6)
    assert float(rows[7]["silhouette"]) == pytest.approx(found.silhouettes[8], abs=1e-6)
    found.save(tmp_path / "c.json")
    saved = json.loads((tmp_path / "c.json").read_text())
    assert saved["classes"] == {f"w{i}": int(found.labels[i]) for i in range(13)}
    assert {name: value for name, value in saved.items() if name != "classes"} == found.to_dict()


def test_words_that_a_file_cannot_hold_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    _, found = some(["new york", "a\tb", "", "\ud8ff", *"defghijkl"])
    for name, match in (("c.txt", "'new york' is empty or has white space"), ("c.tsv", r"'a\\tb' has a TAB")):
        with pytest.raises(ValueError, match=match):
            found.save(tmp_path / name)
        with pytest.raises(ValueError, match=match):
            check_classes(tmp_path / name, found.vocabulary)
    assert not list(tmp_path.iterdir())
    found.save(tmp_path / "c.json")
    assert json.loads((tmp_path / "c.json").read_text())["classes"]["new york"] == found.labels[0]


def test_bytes_of_words_that_are_no_text_are_kept(tmp_path: Path) -> None:
    kv, found = some(["\udcff", *"abcdefghijkl"])
    found.save(tmp_path / "c.txt")
    assert (tmp_path / "c.txt").read_bytes().startswith(b"\xff ")


def test_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(W2VError, match="missing"):
        some()[1].save(tmp_path / "missing" / "c.txt")


def test_tables_name_the_clusters_and_escape_words() -> None:
    units, _ = clustered([6, 4])
    kv = KeyedVectors([f"w{i}\x1b" for i in range(10)], units)
    text = str(w2v.cluster(kv, 2, topn=2, peripheral=1))
    assert "2 clusters of 10 words" in text and "cluster 0  6 words" in text and "farthest: " in text
    assert "\\x1b" in text and "\x1b" not in text
    assert repr(w2v.cluster(kv, 2)).startswith("Clusters<2 clusters of 10 words, cosine=0.9")


def test_table_shows_the_largest_clusters() -> None:
    rows = np.random.default_rng(0).normal(size=(400, 20))
    found = w2v.cluster(KeyedVectors([f"w{i}" for i in range(400)], rows), 120, chance=False)
    assert "and 20 smaller clusters" in str(found) and len(found.to_dict()["clusters"]) == 120


def test_members_of_no_cluster_are_refused() -> None:
    _, found = some()
    with pytest.raises(ValueError, match="clusters 0 to 2"):
        found.members(3)


def test_frame_has_a_row_for_each_word_in_a_cluster() -> None:
    pytest.importorskip("pandas")
    _, found = some()
    table = found.to_frame()
    assert list(table.columns) == ["word", "cluster", "cosine", "silhouette"] and len(table) == 12
    assert table["cluster"].value_counts().tolist() == [one.size for one in found.clusters]
