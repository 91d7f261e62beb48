"""Pairs from files, mappings and lists: what is counted, what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from w2v.analysis.alignment.dictionary import Given, dictionary_pairs, shared_pairs
from w2v.corpus_options import TextOptions
from w2v.errors import FormatError, W2VError
from w2v.keyedvectors import KeyedVectors

ENGLISH = ["dog", "cat", "house", "new york", "#", "ñ"]
SPANISH = ["casa", "perro", "gato", "hogar", "nueva york", "#"]


def words(names: list, broken: int | None = None) -> KeyedVectors:
    rows = np.random.default_rng(1).normal(size=(len(names), 3)).astype(np.float32)
    if broken is not None:
        rows[broken] = np.nan
    return KeyedVectors(names, rows)


def found_in(a: KeyedVectors, b: KeyedVectors, dictionary: object, **options: int) -> tuple[list, Given]:
    pairs, given = dictionary_pairs(a, b, dictionary, **options)
    return [(a.index_to_key[i], b.index_to_key[j]) for i, j in zip(pairs.a, pairs.b, strict=True)], given


EXPECTED = [("dog", "perro"), ("house", "casa"), ("house", "hogar")]


@pytest.mark.parametrize("text", ["dog perro\nhouse casa\nhouse hogar\n", "dog\tperro\r\nhouse\t casa\r\nhouse\thogar",
                                  "\ufeffdog   perro\n\n  \nhouse\tcasa\n house  hogar \n\t\n"])
def test_file_has_two_words_per_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "d.txt").write_bytes(text.encode())
    for path in (tmp_path / "d.txt", str(tmp_path / "d.txt")):
        assert found_in(words(ENGLISH), words(SPANISH), path) == (EXPECTED, Given("dictionary", 3, 3))


@pytest.mark.parametrize("dictionary", [
    {"dog": "perro", "house": ["casa", "hogar"]}, EXPECTED, iter(EXPECTED), np.array(EXPECTED),
    {"dog": ("perro",), "house": iter(["casa", "hogar"])}, [list(pair) for pair in EXPECTED]])
def test_mappings_and_pairs_are_dictionaries(dictionary: object) -> None:
    assert found_in(words(ENGLISH), words(SPANISH), dictionary)[0] == EXPECTED


def test_words_with_blanks_or_a_hash_are_words(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("new york\tnueva york\n# #\n")
    assert found_in(words(ENGLISH), words(SPANISH), tmp_path / "d.txt")[0] == [("new york", "nueva york"), ("#", "#")]


@pytest.mark.parametrize(("line", "shown"), [("dog", "'dog'"), ("dog perro can", "'dog perro can'"), ("dog\t", "'dog'"),
                                             ("dog\tperro\tcan", "perro"), ("\t dog", "'dog'"), ("dog\t\tx", "dog")])
def test_broken_line_is_an_error_with_its_number(tmp_path: Path, line: str, shown: str) -> None:
    (tmp_path / "d.txt").write_text(f"cat gato\n\n{line}\ndog perro\n")
    with pytest.raises(FormatError, match="expected a word of A and a word of B") as error:
        dictionary_pairs(words(ENGLISH), words(SPANISH), tmp_path / "d.txt")
    assert error.value.line == 3 and "d.txt, line 3" in str(error.value) and shown in str(error.value)


def test_what_is_left_out_is_counted_by_side() -> None:
    a, b = words(ENGLISH, broken=5), words(SPANISH, broken=2)
    pairs = [("dog", "perro"), ("wolf", "perro"), ("dog", "lobo"), ("wolf", "lobo"), ("dog", "perro"), ("cat", "gato"),
             ("ñ", "#"), ("house", "casa"), ("dog", "perro")]
    found, given = found_in(a, b, pairs)
    assert found == [("dog", "perro"), ("house", "casa")]
    assert given == Given("dictionary", 9, 2, duplicates=2, unknown_a=2, unknown_b=2, broken=2)


def test_other_spellings_that_the_vectors_know_are_the_same_word() -> None:
    a = words(ENGLISH)
    a.text_options = replace(TextOptions(), lowercase=True)
    found, given = found_in(a, words(SPANISH), [("Dog", "perro"), ("dog", "perro"), ("CAT", "gato")])
    assert found == [("dog", "perro"), ("cat", "gato")] and given.duplicates == 1


def test_integers_are_keys_where_the_words_are_integers() -> None:
    a, b = words([30, 10, 20]), words([7, 8, 9])
    assert found_in(a, b, {10: 7, np.int64(20): [8, 9]})[0] == [("10", "7"), ("20", "8"), ("20", "9")]


@pytest.mark.parametrize("dictionary", [[], {}, "d.txt"])
def test_empty_dictionary_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dictionary: object) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d.txt").write_text("\n \n")
    with pytest.raises(W2VError, match="empty"):
        dictionary_pairs(words(ENGLISH), words(SPANISH), dictionary)


def test_too_few_pairs_show_words_and_counts() -> None:
    with pytest.raises(W2VError) as error:
        dictionary_pairs(words(ENGLISH), words(SPANISH), [("perro", "dog"), ("gato", "cat"), ("dog", "perro")])
    for part in ("1 of 3 pairs", "perro - dog", "2 words are unknown in A, 2 in B", "dog, cat, house", "casa, perro",
                 "the order of A and B"):
        assert part in str(error.value), part
    assert len(found_in(words(ENGLISH), words(SPANISH), [("dog", "perro")], least=1)[0]) == 1


@pytest.mark.parametrize("item", ["ab", ("a",), ("a", "b", "c"), 5])
def test_item_that_is_no_pair_is_an_error_with_its_number(item: object) -> None:
    with pytest.raises(ValueError, match="item 1 .*not a pair"):
        dictionary_pairs(words(ENGLISH), words(SPANISH), [("dog", "perro"), item])


@pytest.mark.parametrize("item", [(None, "perro"), ("dog", 1.5), ("dog", b"perro")])
def test_item_that_is_no_word_is_an_error(item: tuple) -> None:
    with pytest.raises(TypeError, match="a key is a word"):
        dictionary_pairs(words(ENGLISH), words(SPANISH), [item])


def test_missing_or_compressed_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(W2VError, match="cannot read"):
        dictionary_pairs(words(ENGLISH), words(SPANISH), tmp_path / "no.txt")
    (tmp_path / "d.gz").write_bytes(b"\x1f\x8b000")
    with pytest.raises(FormatError, match="compressed"):
        dictionary_pairs(words(ENGLISH), words(SPANISH), tmp_path / "d.gz")


def test_shared_words_without_a_finite_vector_are_counted() -> None:
    pairs, given = shared_pairs(words(["a", "b", "c", "x"], broken=1), words(["c", "b", "y", "a"], broken=2))
    assert given == Given("shared words", 3, 2, broken=1)
    assert pairs.a.tolist() == [0, 2] and pairs.b.tolist() == [3, 0]


def test_no_shared_words_show_words_of_both() -> None:
    with pytest.raises(W2VError, match="share 0 words.*dog, cat, house.*perro"):
        shared_pairs(words(["dog", "cat", "house"]), words(["perro", "gato"]))
