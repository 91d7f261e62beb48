"""The page of two spaces: its data are those of the map, and a browser shows both lists of neighbours."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.browser import CHROMIUM, MISSING, chromium
from helpers.two_spaces import PLANTED, planted

import w2v
from w2v.analysis.maps.moved_result import MovedMap


@pytest.fixture
def found() -> MovedMap:
    a, b, _ = planted()
    return w2v.map(a, b, top=len(PLANTED), shared=30, page=True)


def data_of(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    content = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert content is not None
    values: dict[str, Any] = json.loads(content[1])
    return values


def array(text: str, dtype: str, width: int = 1) -> Any:
    return np.frombuffer(base64.b64decode(text), dtype=dtype).reshape(-1, width)


def test_page_has_both_places_and_the_neighbours_in_each_space(tmp_path: Path, found: MovedMap) -> None:
    path = tmp_path / "moved.html"
    found.save(path)
    data, n = data_of(path), len(found.words)
    assert data["count"] == n and data["words"][:n] == list(found.words)
    assert [space["name"] for space in data["spaces"]] == ["A", "B"]
    for space, kv, at in zip(data["spaces"], planted()[:2], (found.positions_a, found.positions_b), strict=True):
        expected = np.concatenate((at, found.positions_around))
        np.testing.assert_array_equal(array(space["positions"], "<f4", 2), expected.astype("<f4"))
        near, cosines = (array(space[name], dtype, space["width"]) for name, dtype in (
            ("neighbors", "<i4"), ("cosines", "<i2")))
        for number in (0, n - 1):
            listed = [(data["words"][other], cosine / 1000) for other, cosine in
                      zip(near[number].tolist(), cosines[number].tolist(), strict=True)]
            answers = kv.most_similar(found.words[number], topn=len(listed))
            assert [word for word, _ in listed] == [word for word, _ in answers]
            np.testing.assert_allclose([cosine for _, cosine in listed], [cosine for _, cosine in answers], atol=6e-4)
        assert array(space["ranks"], "<i4").ravel().tolist() == [kv.get_index(word) + 1 for word in found.words]


def test_page_is_coloured_by_kind_and_by_how_far_words_moved(tmp_path: Path, found: MovedMap) -> None:
    found.save(tmp_path / "m.html")
    data = data_of(tmp_path / "m.html")
    kind, z, cosine = data["columns"]
    kinds = [kind["labels"][label] for label in array(kind["values"], "<i4").ravel().tolist()]
    assert kind["name"] == "kind" and kinds[:len(found)] == ["moved"] * len(found)
    names = {"a": "neighbour in A only", "b": "neighbour in B only", "both": "neighbour in both", None: "frequent word"}
    assert kinds[len(found):] == [names[one.near] for one in found.around]
    assert (z["name"], cosine["name"]) == ("z", "cosine")
    np.testing.assert_allclose(array(z["values"], "<f8").ravel()[:len(found)], [one.z for one in found.moved],
                               atol=0.051)
    np.testing.assert_allclose(array(cosine["values"], "<f8").ravel()[:len(found)], [one.cosine for one in found.moved],
                               atol=0.00051)
    assert data["title"] == "The words that moved most, from A to B"
    assert "A line with a ring leads from the place of a word in A to that in B" in data["caption"]
    assert "A was rotated to B by 320 of 400 shared words" in data["caption"]


def test_page_has_more_words_by_default() -> None:
    a, b, _ = planted()
    found = w2v.map(a, b, page=True)
    assert len(found.words) == 400 and len(found) > 12, "200 words at most that moved, and 2,000 shared ones at most"
    near = w2v.map(a, b, near="w3", page=True)
    assert len(near) == 1 and 100 <= len(near.around) <= 200
    chosen = w2v.map(a, b, words=["w3", "w57"], page=True)
    assert len(chosen.words) <= 14 and all(one.near for one in chosen.around)


def test_metadata_are_columns_of_the_page_and_counted(tmp_path: Path) -> None:
    a, b, _ = planted()
    found = w2v.map(a, b, top=4, page=True, metadata={"group": {"w3": "x", "w4": "y", "never": "x"}})
    assert found.metadata is not None and found.metadata.unknown == 1
    assert "without metadata" in str(found) and f"{len(found.words) - 2:,}   words of the map" in str(found)
    found.save(tmp_path / "m.html")
    assert [column["name"] for column in data_of(tmp_path / "m.html")["columns"]] == ["kind", "z", "cosine", "group"]


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
def test_browser_shows_the_way_of_a_word_and_its_neighbours_in_both_spaces(tmp_path: Path, found: MovedMap) -> None:
    path = tmp_path / "moved.html"
    found.save(path)
    with chromium(tmp_path / "profile") as page:
        page.open(path.as_uri())
        page.key("/")
        page.write("w57")
        page.key("Enter")
        assert page.text("#word") == "w57" and page.texts("#lists h3") == ["Nearest in A", "Nearest in B"]
        lists = [[line.split("\n")[0] for line in page.texts(f"#lists section:nth-of-type({number}) li")]
                 for number in (1, 2)]
        expected = [[word for word, _ in kv.most_similar("w57", topn=10)] for kv in planted()[:2]]
        assert lists == expected
        assert page.requests == [path.as_uri()] and not page.problems
