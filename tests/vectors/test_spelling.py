"""Errors for unknown words, and suggestions of similar spellings."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import numpy as np
import pytest

from w2v.errors import W2VError
from w2v.keyedvectors import KeyedVectors
from w2v.vectors import spelling
from w2v.vectors.spelling import UnknownWordError, near_spellings


@pytest.mark.parametrize(("word", "expected"), [
    ("River", "river"), ("rivr", "river"), ("rievr", "river"), ("riverr", "river"), ("xiver", "river"),
    ("PARIS", "Paris"), ("nato", "NATO"), ("environmet", "environment"), ("enviromant", "environment"),
])
def test_unknown_word_suggests_near_spellings(word: str, expected: str) -> None:
    words = ["the", "river", "Paris", "NATO", "environment", "of"]
    kv = KeyedVectors(words, np.ones((len(words), 2), np.float32))
    with pytest.raises(KeyError) as caught:
        kv[word]
    assert isinstance(caught.value, W2VError)
    assert f"did you mean {expected!r}" in str(caught.value) and "\n" not in str(caught.value)


def test_unknown_word_without_similar_ones_says_what_to_do() -> None:
    kv = KeyedVectors([f"w{i}" for i in range(100)], np.ones((100, 2), np.float32))
    with pytest.raises(UnknownWordError, match="min_count"):
        kv.most_similar("zzzzzzzzzz")
    with pytest.raises(KeyError):
        kv[101]


class CountingDict(dict):
    """A dict that counts how many keys are looked up and iterated over."""

    looked_up = iterated = 0

    def __contains__(self, key: object) -> bool:
        self.looked_up += 1
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        for key in super().__iter__():
            self.iterated += 1
            yield key


def test_work_for_near_spellings_does_not_grow_with_the_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    close_matches = difflib.get_close_matches
    monkeypatch.setattr(difflib, "get_close_matches", lambda word, pool, **options: (
        compared.append(len(pool)) or close_matches(word, pool, **options)))
    work = []
    for n in (5000, 300_000):
        known = CountingDict({f"c{i:06d}": i for i in range(n)})
        assert "c000456" in near_spellings("c0004567", known)
        assert near_spellings("cxyzxyz", known) == []
        work.append((known.looked_up, known.iterated, tuple(compared)))
        compared.clear()
    small, large = work
    assert small == large and large[0] < 1500 and max(large[2]) <= 2000
    rare = CountingDict({f"{i:06d}": i for i in range(300_000)})  # no word has the first letter
    assert near_spellings("cxyzxyz", rare) == [] and rare.iterated <= spelling._POOL
