"""Measures of words and of the layout of a file."""

import pytest

from w2v.corpus._tokenizer import Oddities, WordTable
from w2v.corpus.encode import encode
from w2v.corpus.traits import HEAD_BYTES, layout_of


def oddities(*words: str) -> Oddities:
    table = WordTable()
    for word in words:
        table.add(word.encode(), 3)
    return table.oddities(table.counts())


@pytest.mark.parametrize(("word", "expected"), [
    ("end.", 1), ("river,", 1), ("what?!", 1), ("(so)", 1), ("3.", 1), ("12345678901234567.", 1), ("12", 0),
    ('said"', 1), ("très!", 1),
    ("好。", 1), ("क।", 1),
    ("said”", 1), ("a…", 1), ("averyverylongword;", 1),
    (".", 0), ("...", 0), ("--", 0), ("?!", 0), ("”", 0), ("。", 0), ("a.b", 0), ("l'", 0), ("l’", 0), ("C++", 0),
    ("well-known", 0), ("50%", 0), ("", 0)])
def test_words_that_end_in_punctuation_are_counted(word: str, expected: int) -> None:
    assert (oddities(word) if word else oddities()).punctuated == 3 * expected


@pytest.mark.parametrize(("word", "expected"), [
    ("<p>The", 1), ("<div", 1), ('class="x">', 1), ("here</a>.", 1), ("<br/>", 1), ("<!--", 1), ("<?xml", 1),
    ("&amp;", 1),
    ("AT&amp;T", 1), ("&#160;", 1), ("x<b>y</b>", 1),
    ("<unk>", 0), ("</s>", 0), ("<s>", 0), ("<num_1>", 0), ("<3", 0), ("->", 0), ("a<b", 1), ("AT&T", 0),
    ("&", 0), ("R&D;", 1),
    ("<", 0), (">", 0), ("</3", 0), ("2</a>", 1), ("33&amp;", 1)])
def test_words_with_markup_are_counted(word: str, expected: int) -> None:
    assert oddities(word).markup == 3 * expected


@pytest.mark.parametrize(("word", "expected"), [
    ("[[File:x", 1), ("x]]", 1), ("{{cite", 1), ("'''bold'''", 1), ("[x]", 0), ("''x''", 0), ("{", 0)])
def test_words_with_wiki_markup_are_counted(word: str, expected: int) -> None:
    assert oddities(word).wiki == 3 * expected


@pytest.mark.parametrize("space", [
    "\x85", "\xa0", "\u1680", "\u2000", "\u2003", "\u200a", "\u200b", "\u2028", "\u2029", "\u202f", "\u205f",
    "\u3000", "\ufeff"])
def test_words_with_unicode_white_space_are_counted(space: str) -> None:
    assert oddities(f"river{space}lake", "river", space).unicode_spaces == 6


def test_letters_near_white_space_are_not_counted() -> None:
    assert oddities("\x84", "\xa1", "é", "\u200c", "\u3001", "a\u200db").unicode_spaces == 0


def test_characters_of_scripts_without_blanks_are_counted() -> None:
    found = oddities("我喜欢看书", "ひらがな", "ภาษาไทย", "ភាសាខ្មែរ", "abc", "ελληνικά", "한국어")
    assert (found.unspaced, found.unspaced_chars) == (3 * 4, 3 * (5 + 4 + 7 + 9))


def test_blanks_in_tokens_are_counted() -> None:
    assert encode([["a b", "c\td", "e"]] * 2, min_count=1).report.traits.blanks == 4


def test_capitals_of_words_that_occur_in_lower_case_are_counted() -> None:
    table = WordTable()
    for word, count in [("The", 7), ("the", 1), ("USA", 9), ("Usa", 3), ("usa", 2), ("Paris", 9), ("É", 9), ("é", 9),
                        ("Caf\u00e9", 5), ("caf\u00e9", 1), ("A" * 65, 9), ("a" * 65, 9), ("B" * 64, 6), ("b" * 64, 1)]:
        table.add(word.encode(), count)
    assert table.oddities(table.counts()).capitalized == 7 + 9 + 5 + 6


def test_invalid_bytes_are_no_other_trait() -> None:
    table = WordTable()
    table.add(b"caf\xe9.", 2)
    assert table.oddities(table.counts()) == (2, 2, 5, 2, 0, 0, 0, 0, 0, 0, 0)


# --- layout --------------------------------------------------------------------------------------------------------

ROWS = [("1", "a river runs", "0.5"), ("2", "the sea, and a lake", "1.5"), ("3", "hills", "2.5")] * 3


def table(delimiter: str) -> str:
    return "".join(delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in row) + "\n" for row in ROWS)


@pytest.mark.parametrize(("text", "said"), [
    (table(","), "a table .9 of the first 9 lines have 3 columns, with commas"),
    (table(";"), "3 columns, with semicolons"), (table("\t"), "3 columns, with tabs"),
    (table("|"), "with vertical bars"),
    ('{"text": "a b", "id": 1}\n' * 5, "JSON lines .5 of the first 5 lines"), ("[1, 2, 3]\n[2, 3]\n", "JSON lines"),
    ('{"text": "a b"}', "JSON lines"), ('{\n  "rows": [\n    {"text":\n', "JSON"),
    ('[{"text": "a b"},\n {"text"', "JSON"),
    ('["a b",\n "c d",\n', "JSON"),
    ("<!DOCTYPE html>\n<html lang='en'>", "HTML"), ("\n<html>", "HTML"), ("<?xml version='1.0'?>", "XML"),
    ("<mediawiki xmlns='x'>", "XML"), ("2 3\nthe 0.1 -0.2 3e-05 \nof 1 2 3 \n", "word vectors"),
    ("2 3\nthe 0.1 -0.2 3e-05\nof 1 2 3\n", "word vectors"),
])
def test_layouts_are_recognised(text: str, said: str) -> None:
    found = layout_of(text.encode())
    assert found and all(part in found for part in said.split(" ."))


@pytest.mark.parametrize("text", [
    "", "\n\n", "a b c\n", "the sea , the lake\n" * 20 + "no comma\n" * 20, "one, two\n" * 4,
    "a, b\na, b, c\na\nb, c, d, e\n" * 5, "[deleted] post\n" * 9, "{ brackets }\n" * 9, "12 34\nwords here\n",
    "<s> a b </s>\n" * 9,
    '"Yes," she said.\n"No," he said, "never."\n' * 5, "1999 was a year\n" * 9, "a\0b"])
def test_sentences_have_no_layout(text: str) -> None:
    assert layout_of(text.encode()) == ""


def test_incomplete_last_line_is_ignored() -> None:
    head = (table(",") * 200).encode()[:HEAD_BYTES]
    assert "3 columns" in layout_of(head)
