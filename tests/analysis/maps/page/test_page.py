"""Bytes of the page of a map: data come back, nothing in them is markup, the policy allows only the page itself."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import w2v
from w2v.analysis.maps.page import page
from w2v.analysis.maps.page.columns import Column
from w2v.analysis.maps.page.page import PageData, PageSpace, page_bytes
from w2v.keyedvectors import KeyedVectors

MARKUP = ["</script><img src=x onerror=alert(1)>", "<!--", "<script>", "]]>", "&amp;", "&lt;b&gt;", "\"'`\\", "\u2028",
          "\u00a0", "\u202eevil", "\u05e9\u05dc\u05d5\u05dd", "\x00\x1b[31m", "\udcff", "\U0001f600", "a" * 10_000,
          "@@DATA@@"]


class Elements(HTMLParser):
    """The elements of a page: names, attributes, and texts of scripts and styles."""

    def __init__(self, content: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(content.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.found[-1][0], data))

    def text(self, tag: str, number: int = 0) -> str:
        return [text for name, text in self.texts if name == tag][number]


def values_of(content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Elements(content).text("script"))
    return found


def unpacked(text: str, dtype: str) -> list[float]:
    found: list[float] = np.frombuffer(base64.b64decode(text), dtype=dtype).tolist()
    return found


def space(words: int, name: str = "v.txt", neighbours: int = 2) -> PageSpace:
    rng = np.random.default_rng(len(name))
    ids = np.arange(words * neighbours).reshape(words, neighbours) % words
    return PageSpace(name, rng.standard_normal((words, 2)), np.arange(1, words + 1), ids,
                     np.linspace(-1, 1, ids.size, dtype=np.float32).reshape(ids.shape))


def a_page(words: list[str], **more: Any) -> PageData:
    usual = {"title": "Words", "caption": "by components", "words": words, "spaces": [space(len(words))]}
    return PageData(**usual | more)


@pytest.mark.parametrize("spaces", [1, 2])
def test_data_come_back(spaces: int) -> None:
    given = [space(3, name) for name in ("old.txt", "newer.txt")[:spaces]]
    given[0].neighbors[1, 1] = -1
    given[0].cosines[1, 1] = np.nan
    columns = [Column("kind", np.array([1, -1, 0]), ("noun", "verb")),
               Column("year", np.array([1.5, np.nan, 2e300]), None)]
    found = values_of(page_bytes(a_page(["a", "b", "c", "only a neighbour"], spaces=given, columns=columns)))
    assert found["words"] == ["a", "b", "c", "only a neighbour"] and found["count"] == 3
    assert (found["title"], found["caption"]) == ("Words", "by components")
    for one, own in zip(found["spaces"], given, strict=True):
        assert one["name"] == own.name and one["width"] == 2
        assert unpacked(one["positions"], "<f4") == own.positions.astype(np.float32).ravel().tolist()
        assert unpacked(one["ranks"], "<i4") == [1, 2, 3]
        assert unpacked(one["neighbors"], "<i4") == own.neighbors.ravel().tolist()
        expected = np.where(own.neighbors < 0, 0, np.rint(own.cosines * 1000))
        assert unpacked(one["cosines"], "<i2") == expected.ravel().tolist()
    kind, year = found["columns"]
    assert kind["kind"] == "category" and kind["labels"] == ["noun", "verb"] and year["kind"] == "number"
    assert unpacked(kind["values"], "<i4") == [1, -1, 0]
    np.testing.assert_array_equal(unpacked(year["values"], "<f8"), [1.5, np.nan, 2e300])


@pytest.mark.parametrize("word", MARKUP)
@pytest.mark.parametrize("where", ["words", "title", "caption", "space", "column", "label"])
def test_text_is_never_markup(word: str, where: str) -> None:
    plain_page = Elements(page_bytes(a_page(["a", "b", "c"], columns=[Column("x", np.zeros(3, np.int64), ("y",))])))
    more: Mapping[str, Any] = {
        "words": {}, "title": {"title": word}, "caption": {"caption": word}, "space": {"spaces": [space(3, word)]},
        "column": {"columns": [Column(word, np.zeros(3, np.int64), ("y",))]},
        "label": {"columns": [Column("x", np.zeros(3, np.int64), (word,))]}}[where]
    content = page_bytes(a_page([word if where == "words" else "a", "b", "c"], **more))
    found = Elements(content)
    assert found.found == plain_page.found
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]", content.decode("utf-8"))
    if where == "words":
        assert values_of(content)["words"][0] == word.replace("\udcff", "\ufffd")


def test_policy_allows_only_the_script_and_style_of_the_page() -> None:
    found = Elements(page_bytes(a_page(["a", "b", "c"])))
    [policy] = [values["content"] for tag, values in found.found if values.get("http-equiv")]
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'" and rules["img-src"] == "data:"
    for rule, text in (("script-src", found.text("script", 1)), ("style-src", found.text("style"))):
        hashed = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
        assert rules[rule] == f"'sha256-{hashed}'"


def test_page_names_no_other_file_and_has_no_handlers_or_styles_in_its_markup() -> None:
    found = Elements(page_bytes(a_page(["a", "b", "c"]))).found
    assert len(found) > 40
    for tag, attributes in found:
        assert tag not in ("iframe", "img", "object", "embed", "a", "base", "form")
        assert not [name for name in attributes if name in ("src", "style", "action") or name.startswith("on")]
        assert attributes.get("href", "data:,") == "data:,"
    scripts = sorted(Path(page.__file__).parent.glob("*.js"))
    assert len(scripts) > 2
    for path in scripts:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\(|fetch\(|https?:",
                             path.read_text(encoding="utf-8"))


def test_same_data_give_the_same_bytes() -> None:
    assert page_bytes(a_page(["a", "b", "c"])) == page_bytes(a_page(["a", "b", "c"]))


def test_page_of_20000_words_is_below_4_megabytes() -> None:
    words = [f"word{i:05}" for i in range(20_000)]
    content = page_bytes(a_page(words, spaces=[space(20_000, neighbours=10)],
                                columns=[Column("cluster", np.zeros(20_000, np.int64), ("a",))]))
    assert 1_000_000 < len(content) < 4_000_000


def test_too_many_words_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST", 4)
    with pytest.raises(ValueError, match="a page shows 4 words at most, not 5"):
        page_bytes(a_page(list("abcde")))
    kv = KeyedVectors(list("abcdefg"), np.random.default_rng(0).standard_normal((7, 3), dtype=np.float32))
    with pytest.raises(ValueError, match="4 words at most, not 6"):
        w2v.map(kv, top=6, page=True)
