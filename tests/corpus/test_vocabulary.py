"""Vocabulary: contents, choice of words, and the two distributions."""

import numpy as np
import pytest

from w2v.corpus._tokenizer import WordTable
from w2v.corpus.vocabulary import Vocabulary, select_words
from w2v.errors import CorpusError


def test_from_words_keeps_order_and_round_trips_all_strings() -> None:
    words = ["the", "élan", "日本", "bad\udcff", "new york"]
    vocabulary = Vocabulary.from_words(words, [5, 4, 9, 1, 1])
    assert vocabulary.words == words
    assert vocabulary.blob.tobytes() == "theélan日本".encode() + b"bad\xffnew york"
    assert vocabulary.offsets.tolist() == [0, 3, 8, 14, 18, 26]
    assert len(vocabulary) == 5
    assert vocabulary.total == 20
    assert (vocabulary.blob.dtype, vocabulary.offsets.dtype, vocabulary.counts.dtype) == ("uint8", "int64", "int64")


@pytest.mark.parametrize(("words", "counts", "message"), [
    (["a", "b", "a"], [1, 1, 1], "'a' occurs twice"),
    (["a", ""], [1, 1], "no word is empty"),
    (["a"], [1, 2], "one more"),
    (["a"], [-1], "negative"),
])
def test_inconsistent_words_are_refused(words: list[str], counts: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Vocabulary.from_words(words, counts)


@pytest.mark.parametrize("offsets", [[0, 2], [1, 3], [0, 4], [0, 2, 1, 3]])
def test_inconsistent_offsets_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="offsets"):
        Vocabulary(np.zeros(3, np.uint8), np.array(offsets), np.ones(len(offsets) - 1, np.int64))


def test_empty_vocabulary_is_possible() -> None:
    vocabulary = Vocabulary.from_words([], [])
    assert (len(vocabulary), vocabulary.words, vocabulary.total) == (0, [], 0)
    assert vocabulary.keep_probabilities(1e-3).shape == (0,)
    with pytest.raises(ValueError, match="no word"):
        vocabulary.noise_weights()


def test_keep_probabilities_are_those_of_word2vec_c() -> None:
    counts = [900_000, 50_000, 1000, 999, 5, 0]
    vocabulary = Vocabulary.from_words(list("abcdef"), counts)
    for sample in (0.5, 1e-3, 1e-5):
        keep = vocabulary.keep_probabilities(sample)
        threshold = sample * sum(counts)
        expected = [min(1.0, ((n / threshold) ** 0.5 + 1) * threshold / n) if n else 1.0 for n in counts]
        assert keep.dtype == np.float32
        np.testing.assert_allclose(keep, expected, rtol=1e-6)
    assert keep[0] < 1
    assert (vocabulary.keep_probabilities(0) == 1).all()


@pytest.mark.parametrize("sample", [-1e-3, float("nan"), float("inf")])
def test_sample_out_of_range_is_refused(sample: float) -> None:
    with pytest.raises(ValueError, match="sample"):
        Vocabulary.from_words(["a"], [1]).keep_probabilities(sample)


@pytest.mark.parametrize("exponent", [0.75, 1.0, 0.0, -0.5, 60.0])
def test_noise_weights_follow_the_power_law(exponent: float) -> None:
    counts = np.array([2**40, 1000, 7, 1, 0])
    weights = Vocabulary.from_words(list("abcde"), counts).noise_weights(exponent)
    assert weights.dtype == np.float64
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert weights[4] == 0
    expected = weights[2] * counts[1:4].astype(float) ** exponent
    np.testing.assert_allclose(weights[1:4] * 7.0**exponent, expected, rtol=2e-7)  # single precision


def test_exponent_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="ns_exponent"):
        Vocabulary.from_words(["a"], [1]).noise_weights(float("nan"))


def filled_table() -> WordTable:
    table = WordTable()
    for word, count in ((b"rare", 1), (b"b", 3), (b"often", 9), (b"a", 3), (b"\xff", 3)):
        table.add(word, count)
    return table


def test_words_are_selected_and_ordered_by_count_then_bytes() -> None:
    table = filled_table()
    vocabulary, final = select_words(table, table.counts(), min_count=2, max_vocab=None, name="x")
    assert vocabulary.words == ["often", "a", "b", "\udcff"]
    assert vocabulary.counts.tolist() == [9, 3, 3, 3]
    assert final.tolist() == [-1, -2, 2, 0, 1, 3]


def test_max_vocab_keeps_the_most_frequent_words() -> None:
    table = filled_table()
    vocabulary, final = select_words(table, table.counts(), min_count=1, max_vocab=2, name="x")
    assert vocabulary.words == ["often", "a"]
    assert final.tolist() == [-1, -2, -2, 0, 1, -2]


def test_empty_selection_is_an_error_with_numbers() -> None:
    table = filled_table()
    with pytest.raises(CorpusError, match=r"^my.txt: none of the 5 distinct words occurs 10 times.* is 9;"):
        select_words(table, table.counts(), min_count=10, max_vocab=None, name="my.txt")
    with pytest.raises(CorpusError, match="^my.txt: the corpus is empty"):
        select_words(WordTable(), np.zeros(0, np.int64), min_count=1, max_vocab=None, name="my.txt")
