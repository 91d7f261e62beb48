"""Queries of vectors that know how their text was made into words: lookups, `tokenize`, and selections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from w2v.corpus_options import StoredTokenizer, TextOptions
from w2v.errors import CorpusError
from w2v.formats.subwords import Subwords
from w2v.keyedvectors import KeyedVectors
from w2v.vectors.lookup import prepared_word
from w2v.vectors.spelling import UnknownWordError

WORDS = ["the", "king", "queen", "king's", "man", "Paris", "é", "a"]
LOWER = TextOptions(lowercase=True, tokenize="words")


def vectors(text: TextOptions | None = LOWER) -> KeyedVectors:
    kv = KeyedVectors(WORDS, np.random.default_rng(3).normal(size=(len(WORDS), 4)).astype(np.float32))
    kv.text_options = text
    return kv


@pytest.fixture
def kv() -> KeyedVectors:
    return vectors()


@pytest.mark.parametrize(("key", "word"), [
    ("King", "king"), ("KING", "king"), ("king.", "king"), ("(Queen)", "queen"), ("King's", "king's"), ("É", "é"),
    (" man\n", "man"),
])
@pytest.mark.parametrize("query", [
    lambda kv, key: kv[key].tolist(),
    lambda kv, key: kv[[key]].tolist(),
    lambda kv, key: kv.get_vector(key, norm=True).tolist(),
    lambda kv, key: kv.get_index(key),
    lambda kv, key: kv.has_index_for(key),
    lambda kv, key: key in kv,
    lambda kv, key: kv.most_similar(key),
    lambda kv, key: kv.most_similar(positive=[key, "the"], negative=["a"]),
    lambda kv, key: kv.most_similar_cosmul(positive=["the", key]),
    lambda kv, key: kv.most_similar_batch([key, "the"]),
    lambda kv, key: kv.similar_by_word(key),
    lambda kv, key: kv.most_similar("the", among=[key, "a"]),
    lambda kv, key: kv.most_similar("the", among=[key, "unknown"], oov="skip"),
    lambda kv, key: kv.similarity(key, "the"),
    lambda kv, key: kv.distances(key, ["the", key]).tolist(),
    lambda kv, key: kv.n_similarity([key], ["the"]),
    lambda kv, key: kv.get_mean_vector([key, "the"]).tolist(),
    lambda kv, key: kv.rank("the", key),
    lambda kv, key: kv.subset([key, "the"]).index_to_key,
    lambda kv, key: kv.vectors_for_all([key, "none"]).index_to_key,
])
def test_a_key_is_found_as_the_word_that_training_would_see(
    kv: KeyedVectors, query: Callable[[KeyedVectors, str], Any], key: str, word: str
) -> None:
    assert query(kv, key) == query(kv, word)


def test_a_subset_has_a_word_once(kv: KeyedVectors) -> None:
    part = kv.subset(["King", "king", "KING", "a"])
    assert part.index_to_key == ["king", "a"] and part.text_options == LOWER


@pytest.mark.parametrize("key", ["the king", "", ".", "kings", "paris", "\ud800"])
def test_keys_that_are_not_exactly_one_known_word_are_unknown(kv: KeyedVectors, key: str) -> None:
    assert key not in kv and kv.get_index(key, -1) == -1
    with pytest.raises(UnknownWordError, match="no vector for"):
        kv[key]


def test_exact_words_win(kv: KeyedVectors) -> None:
    assert kv.get_index("Paris") == 5
    kv.add_vector("paris", np.ones(4))
    assert kv.get_index("Paris") == 5 and kv.get_index("paris") == 8 == kv.get_index("PARIS")


def test_added_words_are_taken_as_they_are(kv: KeyedVectors) -> None:
    before = kv["king"].copy()
    kv["King"] = np.ones(4)
    assert kv.index_to_key[-1] == "King" and np.array_equal(kv["king"], before) and kv["King"].tolist() == [1] * 4
    kv.add_vectors(["QUEEN"], np.zeros((1, 4)))
    assert kv.index_to_key[-1] == "QUEEN" and kv["queen"].any()


def test_key_to_index_has_the_words_only(kv: KeyedVectors) -> None:
    assert "King" in kv and "King" not in kv.key_to_index and list(kv.key_to_index) == WORDS


def test_without_options_a_str_is_only_its_word() -> None:
    kv = vectors(None)
    assert "King" not in kv and "Paris" in kv
    with pytest.raises(TypeError, match="text_options must be TextOptions or None"):
        kv.text_options = {"lowercase": True}  # type: ignore[assignment]


def test_stop_words_are_unknown() -> None:
    kv = vectors(TextOptions(lowercase=True, stop_words=("queen",)))
    assert "queen" in kv and "QUEEN" not in kv and kv.tokenize("The QUEEN a") == ["the", "a"]


def test_vectors_of_unknown_words_are_made_of_the_prepared_word() -> None:
    kv, plain = vectors(), vectors(None)
    rows = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    kv.subwords = plain.subwords = Subwords(rows.reshape(-1).view(np.uint8), 4, 3, 4)
    assert np.array_equal(kv["Kingly."], plain["kingly"]) and not np.array_equal(plain["Kingly."], plain["kingly"])


def test_integers_are_not_prepared() -> None:
    kv = KeyedVectors([7, 5], np.eye(2, dtype=np.float32))
    kv.text_options = LOWER
    assert kv.get_index(5) == 1 and 6 not in kv


@pytest.mark.parametrize("tokenizer", [str.split, StoredTokenizer("split")])
def test_a_tokenizer_is_not_called_for_a_key(tokenizer: Any) -> None:
    kv = vectors(TextOptions(tokenizer=tokenizer, lowercase=True))
    assert kv.get_index("King") == 1 and "king." not in kv and "the king" not in kv
    assert prepared_word("New York", TextOptions(tokenizer=tokenizer, lowercase=True)) == "new york"


# ------------------------------------------------------------------------------------------------------------ tokenize


def test_tokenize_gives_the_words_of_a_text(kv: KeyedVectors) -> None:
    assert kv.tokenize("The King's speech.\r\nA woman, a MAN!") == ["the", "king's", "speech", "a", "woman", "a", "man"]
    assert kv.tokenize("") == []


def test_tokenize_without_options_splits_at_white_space_of_ascii() -> None:
    assert vectors(None).tokenize("The King's\xa0speech.\n A\tman") == ["The", "King's\xa0speech.", "A", "man"]


def test_tokenize_needs_the_tokenizer_of_a_file() -> None:
    kv = vectors(TextOptions(tokenizer=StoredTokenizer("jieba.lcut"), lowercase=True))
    with pytest.raises(ValueError, match=r"by the tokenizer jieba.lcut, .* pass the function again, as tokenizer="):
        kv.tokenize("A b")
    assert kv.tokenize("Ab", tokenizer=list) == ["a", "b"]


def test_tokenize_of_the_same_session_has_its_tokenizer() -> None:
    assert vectors(TextOptions(tokenizer=list)).tokenize("Ab c") == ["A", "b", "c"]


def test_tokenize_names_wrong_arguments(kv: KeyedVectors) -> None:
    with pytest.raises(TypeError, match="text must be a str, not b'a'"):
        kv.tokenize(b"a")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not made by a tokenizer: leave out tokenizer="):
        kv.tokenize("a", tokenizer=list)
    with pytest.raises(TypeError, match="a str instead of a list of words for 'ab'"):
        vectors(TextOptions(tokenizer=lambda line: line)).tokenize("ab")
    with pytest.raises(CorpusError, match="failed at 'ab': KeyError"):
        vectors(TextOptions(tokenizer=lambda line: {}[line])).tokenize("ab")
    with pytest.raises(TypeError, match="tokenizer must be a function"):
        vectors(TextOptions(tokenizer=list)).tokenize("ab", tokenizer="jieba")


def test_options_are_described(kv: KeyedVectors) -> None:
    assert kv.to_dict()["text_options"] == {"lowercase": True, "tokenize": "words"}
    assert "text_options" not in vectors(None).to_dict()
