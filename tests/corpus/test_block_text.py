"""Blocks as the words that training sees, with tokenizers in several threads, and `w2v.tokenize`."""

from __future__ import annotations

import gzip
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import w2v
from w2v.corpus import block_text
from w2v.corpus.encode import encode
from w2v.corpus.estimate.sample import take_sample
from w2v.corpus.paths import CorpusInput
from w2v.errors import CorpusError, FormatError

LETTERS = "我爱北京天安门 abc"


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """Lines of odd lengths, some empty, with blanks in them."""
    draw = random.Random(1)
    return ["".join(draw.choices(LETTERS, k=draw.randrange(0, 40))) for _ in range(3000)]


def pairs(line: str) -> list[str]:
    """Two characters at a time: a word depends on where its line begins, and may contain a blank."""
    return [line[i:i + 2] for i in range(0, len(line), 2)]


def expected(lines: list[str]) -> list[list[str]]:
    words = [[word for word in pairs(line) if word.strip()] for line in lines]
    return [line for line in words if line]


def sentences(corpus: Any, options: dict[str, Any], **settings: Any) -> list[list[str]]:
    found = encode(CorpusInput.of(corpus, options), min_count=1, **settings)
    words, lines, ids = found.vocabulary.words, [[]], np.asarray(found.ids)
    for one in ids.tolist():
        if one < 0:
            lines.append([])
        else:
            lines[-1].append(words[one])
    return lines if lines[-1] else lines[:-1]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("block_size", [64, 1 << 19])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_lines_of_files_go_whole_to_a_tokenizer_and_keep_their_order(
    lines: list[str], pack: Callable[[bytes], bytes], block_size: int, threads: int, tmp_path: Path
) -> None:
    path = tmp_path / "text"
    path.write_bytes(pack("\n".join(lines).encode()))
    found = sentences(path, {"tokenizer": pairs}, threads=threads, block_size=block_size)
    assert found == expected(lines)


@pytest.mark.parametrize("make", [list, iter, tuple, lambda texts: (text for text in texts),
                                  lambda texts: np.array(texts, dtype=object), np.array])
def test_texts_of_an_iterable_give_the_lines_of_a_file(lines: list[str], make: Callable[[list[str]], Any]) -> None:
    texts = ["\n".join(lines[i:i + 7]) for i in range(0, len(lines), 7)]
    assert sentences(make(texts), {"tokenizer": pairs}, threads=2, block_size=256) == expected(lines)


def test_columns_of_pandas_give_texts(lines: list[str]) -> None:
    pandas = pytest.importorskip("pandas")
    assert sentences(pandas.Series(lines), {"tokenizer": pairs}) == expected(lines)


def test_texts_become_words_without_a_tokenizer() -> None:
    texts = ["The King's speech.\nIt was long!", "", "A queen"]
    assert list(w2v.tokenize(texts, tokenize="words", lowercase=True)) == [
        ["the", "king's", "speech"], ["it", "was", "long"], ["a", "queen"]]


def test_texts_without_a_way_to_words_are_refused_with_the_way_out() -> None:
    with pytest.raises(TypeError, match="With tokenize='words' or a tokenizer each item is a text"):
        list(w2v.tokenize(iter(["a b"])))
    with pytest.raises(TypeError, match="texts are accepted with tokenize='words'"):
        list(w2v.tokenize(["a b", "c d"]))


@pytest.mark.parametrize("item", [None, ["a", "b"], b"a b", float("nan"), 3])
def test_other_items_among_texts_are_named(item: object) -> None:
    with pytest.raises(TypeError, match="text 1 is a.* not a str"):
        list(w2v.tokenize(iter(["a b", item]), tokenize="words"))  # type: ignore[arg-type]


def test_lone_surrogates_are_named() -> None:
    with pytest.raises(ValueError, match="text 1 has a lone surrogate"):
        list(w2v.tokenize(iter(["a b", "a \ud800"]), tokenize="words"))
    with pytest.raises(CorpusError, match="returned a word with a lone surrogate.* line 0 on"):
        list(w2v.tokenize(iter(["a b"]), tokenizer=lambda line: ["\ud800"]))


@pytest.mark.parametrize("corpus", [[["a", "b"]], [[1, 2]]])
def test_a_tokenizer_needs_text(corpus: Any) -> None:
    with pytest.raises(TypeError, match="a tokenizer makes words of text, but .* leave the tokenizer out"):
        list(w2v.tokenize(corpus, tokenizer=pairs))


def test_a_tokenizer_refuses_integers(tmp_path: Path) -> None:
    for corpus in (np.array([1, 2]), tmp_path / "a.npy"):
        np.save(tmp_path / "a.npy", np.array([1, 2]))
        with pytest.raises(ValueError, match="tokenizer = 'pairs' has no effect on integers"):
            list(w2v.tokenize(corpus, tokenizer=pairs))
    (tmp_path / "b.txt").write_text("a b")
    with pytest.raises(TypeError, match="a.npy has integers"):
        list(w2v.tokenize(tmp_path, tokenizer=pairs))


def test_bytes_that_are_not_utf8_are_kept_except_the_separators(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"a\xfc b\xfe\n\xffc")
    found = list(w2v.tokenize(tmp_path / "text", tokenizer=str.split))
    assert found == [["a\udcfc", "b\ufffd"], ["\ufffdc"]]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_errors_of_a_tokenizer_name_file_and_line(
    pack: Callable[[bytes], bytes], threads: int, tmp_path: Path
) -> None:
    def fails(line: str) -> list[str]:
        if "bad" in line:
            raise RuntimeError("no such word")
        return line.split()

    (tmp_path / "a.txt").write_bytes(pack(b"x y\n" * 50_000))
    (tmp_path / "b.txt").write_bytes(pack(b"\xef\xbb\xbf" + b"x y\n\n" * 30_000 + b"a bad one\n" + b"x y\n" * 90_000))
    with pytest.raises(CorpusError, match=r"b.txt, line 60001, 'a bad one': RuntimeError: no such word") as found:
        sentences(tmp_path, {"tokenizer": fails}, threads=threads)
    assert isinstance(found.value.__cause__, RuntimeError)
    assert not [one for one in threading.enumerate() if one.name.startswith("w2v-tokenizer")]


def test_wrong_results_name_the_line_of_an_iterable() -> None:
    with pytest.raises(TypeError, match=r"a str instead of a list of words for line 2, 'c c'; pass tokenizer="):
        sentences(["a a\nb b", "c c"], {"tokenizer": lambda line: line if "c" in line else line.split()})


@pytest.mark.parametrize("threads", [1, 2])
def test_exceptions_that_are_no_errors_reach_the_caller(threads: int) -> None:
    def interrupted(line: str) -> list[str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sentences(["a b"], {"tokenizer": interrupted}, threads=threads)


def test_an_error_does_not_wait_for_the_blocks_in_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_text, "LINES_AT_ONCE", 1)
    started, calls = threading.Event(), [0]

    def slow(line: str) -> list[str]:
        if line == "bad":
            started.wait(5)
            raise RuntimeError
        calls[0] += 1
        started.set()
        time.sleep(0.001)
        return line.split()

    texts = ["\n".join(["bad"] + ["x y"] * 20_000), "\n".join(["x y"] * 20_000)]
    with pytest.raises(CorpusError):
        sentences(texts, {"tokenizer": slow}, threads=2)
    assert calls[0] < 10_000


@pytest.mark.parametrize("threads", [1, 3])
def test_weights_of_lines_stay_before_the_words(threads: int, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("0.5 ab cd\n2\n\n1e-3\tabc\n", encoding="utf-8")
    found, plain = (encode(CorpusInput.of(tmp_path / "text", {"tokenizer": tokenizer}), min_count=1, line_weights=True,
                           threads=threads) for tokenizer in (str.split, None))
    assert found.ids.tolist() == plain.ids.tolist() and found.vocabulary.words == ["ab", "abc", "cd"]
    assert found.report.line_weights == plain.report.line_weights is not None
    cut = encode(CorpusInput.of(tmp_path / "text", {"tokenizer": pairs}), min_count=1, line_weights=True)
    assert cut.vocabulary.words == ["ab", " c", "c", "d"]


@pytest.mark.parametrize("threads", [1, 2])
def test_bad_weights_are_named_by_their_place_in_the_file(threads: int, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("0.5 我爱\n1 北京\nheavy 北\n", encoding="utf-8")
    corpus = CorpusInput.of(tmp_path / "text", {"tokenizer": pairs})
    with pytest.raises(FormatError, match="the line begins with 'heavy'") as found:
        encode(corpus, min_count=1, line_weights=True, threads=threads)
    assert found.value.offset == len("0.5 我爱\n1 北京\n".encode())
    texts = CorpusInput.of(iter(["0.5 我爱\n1 北京", "heavy 北"]), {"tokenizer": pairs})
    with pytest.raises(CorpusError, match="^line 2: the line begins with 'heavy'"):
        encode(texts, min_count=1, line_weights=True, threads=threads)


def test_very_long_lines_are_cut_at_white_space(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("w2v.corpus.blocks.MAX_WORD", 1000)
    path, longest = tmp_path / "text", [0]

    def split(line: str) -> list[str]:
        longest[0] = max(longest[0], len(line))
        return line.split()

    for data in (b"a b " * 20_000, gzip.compress(b"a b " * 20_000)):
        path.write_bytes(data)
        assert sentences(path, {"tokenizer": split}, block_size=64) == [["a", "b"] * 20_000]
    assert 900 < longest[0] < 20_000


def test_samples_for_a_plan_see_the_same_words(lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("\n".join(lines), encoding="utf-8")
    sample = take_sample(CorpusInput.of(path, {"tokenizer": pairs}))
    assert sample.complete and sample.words == sum(map(len, expected(lines)))
    assert len(sample.table) == len({word for line in expected(lines) for word in line})


def test_tokenize_yields_what_is_encoded(lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes("\r\n".join(lines).encode())
    for options in ({}, {"lowercase": True, "tokenize": "words"}, {"tokenizer": pairs}, {"stop_words": ["abc"]}):
        assert list(w2v.tokenize(path, **options)) == sentences(path, options)
    assert list(w2v.tokenize(path)) == [line.split() for line in lines if line.split()]


def test_tokenize_keeps_tokens_of_iterables() -> None:
    assert list(w2v.tokenize([["New York", "a"], [], ["B"]])) == [["New York", "a"], ["B"]]
    assert list(w2v.tokenize([["New York", "a"]], lowercase=True)) == [["new york", "a"]]
    assert list(w2v.tokenize([[3, 4], [5]])) == [["3", "4"], ["5"]]


def test_tokenize_joins_the_parts_of_a_line_across_blocks(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"word " * 300_000)
    [line] = w2v.tokenize(tmp_path / "text")
    assert line == ["word"] * 300_000


def test_tokenize_checks_its_options_at_once() -> None:
    with pytest.raises(TypeError, match="no parameter 'lower'"):
        w2v.tokenize("text", lower=True)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="tokenize = 'letters'"):
        w2v.tokenize("text", tokenize="letters")


def test_tokenize_closes_its_file_when_it_is_left(tmp_path: Path) -> None:
    def texts() -> Iterator[str]:
        try:
            yield from ["a b"] * 100_000
        finally:
            closed.append(True)

    closed: list[bool] = []
    found = w2v.tokenize(texts(), tokenize="words")
    assert next(found) == ["a", "b"]
    found.close()  # type: ignore[attr-defined]
    assert closed == [True]


@pytest.mark.parametrize(("options", "said"), [
    ({"tokenize": "words"}, "tokenize = 'words' has no effect on lists of tokens"),
    ({"unicode_spaces": True}, "unicode_spaces = True has no effect"),
    ({"split_lines_at": "sentences"}, "split_lines_at = 'sentences' has no effect"),
])
def test_options_that_split_texts_are_refused_for_tokens(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        w2v.train([["A b", "c"]] * 9, min_count=1, progress=False, **options)
    kept = w2v.train([["A b", "c"]] * 9, min_count=1, progress=False, lowercase=True)
    assert kept.wv.index_to_key == ["a b", "c"]
