"""A model that several threads use at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from w2v.phrases import Phrases
from w2v.phrases.text import PhrasedText

THREADS = 8
TEXT = [["new", "york", "city"], ["new", "york"], ["a", "city"]] * 20


def model() -> Phrases:
    return Phrases(TEXT, min_count=1, threshold=0.01, threads=1)


def test_added_text_is_counted_once_by_threads_that_need_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """All threads ask while the first one counts; counting twice would double the counts, or lose the text."""
    expected = model()
    expected.add_vocab(TEXT)
    assert expected.report is not None and expected.report.words == 2 * sum(map(len, TEXT)) and expected.passes != []
    phrases, start, counting = model(), Barrier(THREADS), 0
    extend = PhrasedText.extend

    def slow(text: PhrasedText, more: list[PhrasedText]) -> None:
        nonlocal counting
        counting += 1
        time.sleep(0.05)
        extend(text, more)

    monkeypatch.setattr(PhrasedText, "extend", slow)
    phrases.add_vocab(TEXT)

    def ask(_: int) -> tuple[object, int]:
        start.wait()
        report = phrases.report
        assert report is not None
        return phrases.passes, report.words

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(ask, range(THREADS)))
    assert found == [(expected.passes, expected.report.words)] * THREADS and counting == 1


def test_texts_that_threads_add_are_all_counted() -> None:
    phrases, start = model(), Barrier(THREADS)

    def add(_: int) -> None:
        start.wait()
        phrases.add_vocab(TEXT)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(add, range(THREADS)))
    report = phrases.report
    assert report is not None and report.words == (THREADS + 1) * sum(map(len, TEXT))
