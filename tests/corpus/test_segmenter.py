"""Tokenizers of a caller: functions and objects of other libraries, and what they return by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from w2v.corpus.segmenter import BadLine, Segmenter, words_of_text
from w2v.corpus_options import TextOptions
from w2v.errors import CorpusError

LINES = ["我爱北京", "new york  city", ""]


def characters(line: str) -> list[str]:
    return list(line)


def generated(line: str) -> Iterator[str]:
    yield from line


class WithTokenize:
    def tokenize(self, line: str) -> tuple[str, ...]:
        return tuple(line)


class Fast:
    """A fake of `tokenizers.Tokenizer`, which refuses surrogates as the real one does."""

    truncation = padding = None

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def encode_batch(self, lines: list[str], add_special_tokens: bool = True) -> list[SimpleNamespace]:
        assert not add_special_tokens
        self.batches.append([line.encode().decode() for line in lines])
        return [SimpleNamespace(tokens=list(line)) for line in lines]


class OfTransformers:
    """A fake of a fast tokenizer of transformers; a call returns something else than words."""

    def __init__(self) -> None:
        self.backend_tokenizer = Fast()

    def __call__(self, line: str) -> dict[str, list[int]]:
        return {"input_ids": [1]}

    def tokenize(self, line: str) -> list[str]:
        raise AssertionError("one line at a time is slow")


@pytest.mark.parametrize("tokenizer", [characters, generated, WithTokenize(), WithTokenize().tokenize, Fast(),
                                       OfTransformers()])
def test_any_kind_of_tokenizer_gives_the_words_of_lines(tokenizer: Any) -> None:
    words = Segmenter(tokenizer).words(LINES)
    assert words == [["我", "爱", "北", "京"], list("newyorkcity"), []]  # white space is no word


def test_words_may_contain_blanks() -> None:
    assert Segmenter(lambda line: line.split("  ")).words(["new york  city"]) == [["new york", "city"]]


def test_lines_go_to_a_library_in_batches_without_surrogates() -> None:
    fast = Fast()
    assert not Segmenter(fast).exact and Segmenter(characters).exact
    text = "a\nb\udcff\n\nc"
    assert words_of_text(text, TextOptions(tokenizer=fast)) == ["a", "b", "\ufffd", "c"]
    assert fast.batches == [["a", "b\ufffd", "c"]]
    assert words_of_text(text, TextOptions(tokenizer=characters)) == ["a", "b", "\udcff", "c"]


@pytest.mark.parametrize("name", ["truncation", "padding"])
def test_tokenizers_that_cut_or_pad_are_refused(name: str) -> None:
    cutting = OfTransformers()
    setattr(cutting.backend_tokenizer, name, {"max_length": 512})
    with pytest.raises(ValueError, match=r"no_truncation\(\) and no_padding\(\) on tokenizer.backend_tokenizer"):
        Segmenter(cutting)
    with pytest.raises(ValueError, match="on it first"):
        Segmenter(cutting.backend_tokenizer)


@pytest.mark.parametrize(("returned", "problem"), [
    ("a b", r"a str instead of a list of words for 'x y'; pass tokenizer=lambda line: function\(line\).split\(\)"),
    (None, "None instead of a list of words for 'x y'$"),
    (7, "an int instead of a list of words"),
    ({"input_ids": [1]}, "a dict instead of a list of words"),
    (b"ab", "a bytes instead of a list of words"),
    (["a", 1], "an int among its words, which must be str for 'x y'$"),
    ([b"a"], r"a bytes among its words.*token.decode\(\) for token in function"),
    ([("a", 0, 1)], r"a tuple among its words.*token\[0\] for token in function"),
    ([SimpleNamespace(text="a")], r"\[token.text for token in function"),
    ([SimpleNamespace(surface="a")], r"\[token.surface for token in function"),
    ([SimpleNamespace(surface=lambda: "a")], r"\[token.surface\(\) for token in function"),
    (["a", None], "a NoneType among its words"),
])
def test_wrong_results_name_the_line_and_what_to_write(returned: Any, problem: str) -> None:
    with pytest.raises(TypeError, match=problem):
        words_of_text("x y", TextOptions(tokenizer=lambda line: returned))


def test_errors_of_a_tokenizer_are_named_with_their_line() -> None:
    def fails(line: str) -> list[str]:
        return [str(1 // len(line.strip("b")))]

    with pytest.raises(BadLine) as caught:
        Segmenter(fails).words(["a", "b", "c"])
    assert caught.value.line == 1 and isinstance(caught.value.cause, ZeroDivisionError)
    with pytest.raises(CorpusError, match="failed at 'bb': ZeroDivisionError: ") as found:
        words_of_text("a\nbb", TextOptions(tokenizer=fails))
    assert isinstance(found.value.__cause__, ZeroDivisionError)


def test_errors_of_a_generator_are_those_of_the_tokenizer() -> None:
    def fails(line: str) -> Iterator[str]:
        yield line
        raise KeyError("dictionary")

    with pytest.raises(CorpusError, match="KeyError: 'dictionary'"):
        words_of_text("a", TextOptions(tokenizer=fails))


def test_a_library_must_return_as_many_lines() -> None:
    fast = Fast()
    fast.encode_batch = lambda lines, add_special_tokens: []  # type: ignore[method-assign]
    with pytest.raises(TypeError, match="words of 0 lines instead of 1"):
        words_of_text("a", TextOptions(tokenizer=fast))


@pytest.mark.parametrize(("options", "words"), [
    ({}, ["The", "King's", "speech", "the"]),
    ({"lowercase": True}, ["the", "king's", "speech", "the"]),
    ({"stop_words": ["the"]}, ["The", "King's", "speech"]),
    ({"lowercase": True, "stop_words": ["the"]}, ["king's", "speech"]),
])
def test_other_options_apply_to_the_tokens(options: dict[str, Any], words: list[str]) -> None:
    text = TextOptions(tokenizer=str.split, **options)
    assert words_of_text("The King's\r\nspeech the", text) == words


def test_line_ends_of_unicode_end_lines() -> None:
    seen: list[str] = []

    def remembered(line: str) -> list[str]:
        seen.append(line)
        return [line]

    words_of_text("a\u2028b\rc\r\nd\x85e\u2029f", TextOptions(tokenizer=remembered))
    assert seen == ["a", "b", "c", "d", "e", "f"]


def test_tokenizers_of_hugging_face() -> None:
    tokenizers = pytest.importorskip("tokenizers")
    model = tokenizers.models.WordLevel({"a": 0, "b": 1, "?": 2}, unk_token="?")
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    assert words_of_text("a b\udcff\nb", TextOptions(tokenizer=tokenizer)) == ["a", "b", "?", "b"]
    tokenizer.enable_truncation(1)
    with pytest.raises(ValueError, match="no_truncation"):
        words_of_text("a b", TextOptions(tokenizer=tokenizer))


def test_jieba() -> None:
    jieba = pytest.importorskip("jieba")
    assert words_of_text("我爱北京 天安门", TextOptions(tokenizer=jieba.lcut)) == ["我", "爱", "北京", "天安门"]
