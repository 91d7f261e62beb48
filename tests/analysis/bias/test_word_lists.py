"""Lists of words and pairs, from Python and from files."""

import pytest

from w2v.analysis.bias.word_lists import read_pairs, read_words
from w2v.errors import FormatError, W2VError


@pytest.mark.parametrize(("text", "words"), [
    ("he\n\n she \r\n", ["he", "she"]), ('["he", "she"]', ["he", "she"]),
    ("#metoo\nnew york\n", ["#metoo", "new york"]),
])
def test_words_of_a_file(tmp_path, text, words):
    path = tmp_path / "w.txt"
    path.write_text(text)
    assert read_words(path) == read_words(str(path)) == words == read_words(iter(words))


@pytest.mark.parametrize("text", ["he she\nman woman\n", "he,she\nman, woman", "he\tshe\n\nman\twoman",
                                  '[["he", "she"], ["man", "woman"]]'])
def test_pairs_of_a_file(tmp_path, text):
    path = tmp_path / "p.txt"
    path.write_text(text)
    assert read_pairs(path) == [("he", "she"), ("man", "woman")] == read_pairs([["he", "she"], ("man", "woman")])


@pytest.mark.parametrize(("text", "line", "message"), [
    ("he she\nman\n", 2, "two different words"), ("he he\n", 1, "two different words"), ("a b c", 1, "two different"),
    ("", 1, "no pairs"), ('[["a", "b"], ["a"]]', 1, "entry 2"), ('[["a", 1]]', 1, "entry 1"), ("[]", 1, "no pairs"),
    ('[["a", "b"],\n', 2, "begins like JSON"), ('{"a": 1}', 1, "JSON list, not an object"),
    ("{ }\n}\n", 2, "two different words"),
])
def test_broken_pairs_are_refused_with_their_line(tmp_path, text, line, message):
    path = tmp_path / "p.txt"
    path.write_text(text)
    with pytest.raises(FormatError, match=message) as found:
        read_pairs(path)
    assert found.value.line == line


@pytest.mark.parametrize("text", ["", "\n\n", "[]", "[1]", '[["a"]]', "[" * 100_000])
def test_broken_words_are_refused(tmp_path, text):
    path = tmp_path / "w.txt"
    path.write_text(text)
    with pytest.raises(FormatError, match="line 1"):
        read_words(path)


@pytest.mark.parametrize("pairs", [["ab"], [("a",)], [("a", "a")], [("a", "b", "c")]])
def test_lists_of_something_else_are_refused(pairs):
    with pytest.raises(ValueError, match="pairs of two different words"):
        read_pairs(pairs)


def test_names_of_another_kind_are_refused(tmp_path):
    with pytest.raises(W2VError, match="gender-specific is a set of words, and one of pairs is needed"):
        read_pairs("gender-specific", tmp_path)
    (tmp_path / "definitional_pairs.json").write_text('[["woman", "man"]]')
    assert read_pairs("gender-pairs", tmp_path) == [("woman", "man")]
