"""Vectors of texts: means against NumPy, SIF, removal of components, kinds of texts, keys and stored vectors."""

from __future__ import annotations

import numpy as np
import pytest

import w2v
from w2v.corpus_options import StoredTokenizer, TextOptions
from w2v.formats.rows import Rows
from w2v.keyedvectors import KeyedVectors
from w2v.vectors import sentence_encoder

WORDS = ["the", "a", "dog", "cat", "barks", "sleeps", "loudly", "king's"]
TABLE = np.random.default_rng(5).normal(size=(8, 5)).astype(np.float32)
COUNTS = [500, 300, 90, 60, 20, 15, 10, 5]
TEXTS = ["the dog barks", "a cat sleeps", "the cat barks loudly", "a dog", "sleeps"]


@pytest.fixture
def kv() -> KeyedVectors:
    return KeyedVectors(WORDS, TABLE, COUNTS)


def units() -> np.ndarray:
    return TABLE / np.linalg.norm(TABLE.astype(np.float64), axis=1, keepdims=True)


def mean_of(text: str, table: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    rows = [WORDS.index(word) for word in text.split() if word in WORDS]
    factor = np.ones(8) if weights is None else weights
    return sum((factor[row] * table[row].astype(np.float64) for row in rows), np.zeros(5)) / max(len(rows), 1)


@pytest.mark.parametrize(("pre_normalize", "table"), [(None, units()), (True, units()), (False, TABLE)])
def test_mean_is_that_of_the_vectors(kv, pre_normalize, table):
    found = kv.sentence_vectors(TEXTS, pre_normalize=pre_normalize)
    assert found.shape == (5, 5) and found.dtype == np.float32
    np.testing.assert_allclose(found, [mean_of(text, table) for text in TEXTS], atol=1e-6)
    if pre_normalize is None:
        np.testing.assert_allclose(found[0], kv.get_mean_vector(["the", "dog", "barks"]), atol=1e-6)


@pytest.mark.parametrize("pre_normalize", [True, False])
def test_means_are_those_of_gensim(kv, pre_normalize):
    pytest.importorskip("gensim.models")
    theirs = kv.to_gensim()
    found = kv.sentence_vectors(TEXTS, pre_normalize=pre_normalize)
    for text, vector in zip(TEXTS, found, strict=True):
        np.testing.assert_allclose(vector, theirs.get_mean_vector(text.split(), pre_normalize=pre_normalize), atol=1e-6)


@pytest.mark.parametrize("a", [1e-3, 0.1])
def test_sif_weighs_raw_vectors_by_frequency(kv, a):
    weights = a / (a + np.array(COUNTS) / 1000)
    found = kv.sentence_vectors(TEXTS, "sif", a)
    np.testing.assert_allclose(found, [mean_of(text, TABLE, weights) for text in TEXTS], atol=1e-6)


def test_sif_without_counts_says_what_to_do(kv):
    kv.counts = None
    with pytest.raises(ValueError, match=r"needs the counts .* frequencies='zipf'"):
        kv.sentence_vectors(TEXTS, "sif")
    p = 1 / np.arange(1, 9) / (1 / np.arange(1, 9)).sum()
    found = kv.sentence_vectors(TEXTS, "sif", frequencies="zipf")
    np.testing.assert_allclose(found, [mean_of(text, TABLE, 1e-3 / (1e-3 + p)) for text in TEXTS], atol=1e-6)
    given = kv.sentence_vectors(TEXTS, "sif", frequencies=COUNTS)
    kv.counts = np.array(COUNTS)
    np.testing.assert_array_equal(given, kv.sentence_vectors(TEXTS, "sif"))


@pytest.mark.parametrize("weights", [np.arange(8.0), lambda word: float(WORDS.index(word))])
def test_weights_may_be_an_array_or_a_function(kv, weights):
    found = kv.sentence_vectors(["a dog", "the cat", "sleeps a"], weights)
    table = units()
    expected = [(1 * table[1] + 2 * table[2]) / 2, 3 * table[3], (5 * table[5] + 1 * table[1]) / 2]  # 0 does not count
    np.testing.assert_allclose(found, expected, atol=1e-6)
    with pytest.warns(UserWarning, match="1 of 1 texts have no known word"):
        assert not kv.sentence_vectors(["the"], weights).any()


@pytest.mark.parametrize("remove", [1, 2, 4])
@pytest.mark.parametrize("weights", ["mean", "sif"])
def test_removal_leaves_no_projection(kv, remove, weights):
    whole = kv.sentence_vectors(TEXTS, weights)
    found = kv.sentence_vectors(TEXTS, weights, remove=remove)
    right = np.linalg.svd(whole.astype(np.float64))[2][:remove]
    assert np.abs(found @ right.T).max() < 1e-6 < np.abs(whole @ right.T).max()
    np.testing.assert_allclose(found, whole - whole @ right.T @ right, atol=1e-6)


def test_an_encoder_treats_new_texts_like_those_it_was_fitted_on(kv):
    encoder = kv.sentence_encoder(TEXTS, "sif", remove=1)
    np.testing.assert_allclose(encoder.encode(TEXTS).vectors, kv.sentence_vectors(TEXTS, "sif", remove=1), atol=1e-6)
    alone = encoder.encode(TEXTS[2:3])
    np.testing.assert_allclose(alone.vectors[0], encoder.encode(TEXTS).vectors[2], atol=1e-7)
    np.testing.assert_allclose(kv.sentence_vectors(TEXTS[2:3], "sif", components=encoder.components), alone.vectors)
    assert alone.components.shape == (1, 5) and alone.to_dict() == {
        "texts": 1, "empty": 0, "words": 4, "unknown_words": 0, "broken_words": 0, "vector_size": 5,
        "removed_components": 1}


def test_too_few_texts_for_removal_are_an_error_not_zeros(kv):
    with pytest.raises(ValueError, match="nothing would be left of 1 texts"):
        kv.sentence_vectors(["the dog", "", "unknown"], remove=1)
    with pytest.raises(ValueError, match="nothing would be left of 2 texts"):
        kv.sentence_encoder(["the dog", "a cat"], remove=2)


@pytest.mark.parametrize(("texts", "words"), [(1, 1), (2, 5), (8192, 3), (3, 1 << 16)])
def test_blocks_and_order_do_not_matter(kv, monkeypatch, texts, words):
    rng = np.random.default_rng(2)
    many = [" ".join(rng.choice([*WORDS, "unknown"], rng.integers(0, 9))) for _ in range(50)]
    encoder = kv.sentence_encoder(weights="sif")
    whole = encoder.encode(many, remove=1)
    monkeypatch.setattr(sentence_encoder, "_TEXTS", texts)
    monkeypatch.setattr(sentence_encoder, "_WORDS", words)
    blocks = encoder.encode(iter(many), remove=1)
    np.testing.assert_allclose(blocks.vectors, whole.vectors, atol=1e-6)
    assert blocks.to_dict() == whole.to_dict() and whole.unknown and whole.empty
    np.testing.assert_allclose(encoder.encode(many[::-1], remove=1).vectors[::-1], whole.vectors, atol=1e-6)
    np.testing.assert_array_equal(encoder.encode(many[:7]).vectors, encoder.encode(many).vectors[:7])


@pytest.mark.parametrize("texts", [
    [text.split() for text in TEXTS], (tuple(text.split()) for text in TEXTS), np.array(TEXTS, dtype=object),
    [f"  {text}\n\t" for text in TEXTS], [iter(text.split()) for text in TEXTS],
    [[WORDS.index(word) for word in text.split()] for text in TEXTS],  # rows, as everywhere where words are text
    [np.array([WORDS.index(word) for word in text.split()]) for text in TEXTS]])
def test_texts_may_be_lists_of_words_or_rows(kv, texts):
    np.testing.assert_array_equal(kv.sentence_vectors(texts), kv.sentence_vectors(TEXTS))


def test_texts_are_split_by_the_stored_options(kv):
    kv.text_options = TextOptions(tokenize="words", lowercase=True)
    np.testing.assert_array_equal(kv.sentence_vectors(["The King's DOG, barks!"]),
                                  kv.sentence_vectors([["the", "king's", "dog", "barks"]]))
    np.testing.assert_array_equal(kv.sentence_vectors([["The", "DOG"]]), kv.sentence_vectors(["the dog"]))
    kv.text_options = TextOptions(tokenizer=StoredTokenizer("jieba.lcut"))
    with pytest.raises(ValueError, match="pass the function again, as tokenizer="):
        kv.sentence_vectors(["the dog"])
    np.testing.assert_array_equal(kv.sentence_vectors(["dog-cat"], tokenizer=lambda line: line.split("-")),
                                  kv.sentence_vectors([["dog", "cat"]]))


def test_unknown_words_and_empty_texts_are_counted(kv):
    found = kv.sentence_encoder().encode(["dog no none", "", "no", "cat"])
    assert (found.texts, found.words, found.unknown, found.empty, found.broken) == (4, 5, 3, 2, 0)
    assert not found.vectors[1:3].any() and "2 empty; 3 of 5 words unknown" in repr(found)
    np.testing.assert_allclose(found.vectors[0], units()[2], atol=1e-6)
    with pytest.warns(UserWarning, match="2 of 4 texts have no known word") as caught:
        kv.sentence_vectors(["dog no none", "", "no", "cat"])
    assert caught[0].filename == __file__


def test_no_texts_give_no_vectors(kv):
    assert kv.sentence_vectors([]).shape == kv.sentence_vectors([], "sif", remove=1).shape == (0, 5)
    with pytest.warns(UserWarning, match="1 of 1"):
        assert KeyedVectors(vector_size=3).sentence_vectors(["a b"], "sif", frequencies="zipf").tolist() == [[0, 0, 0]]


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e38])
def test_broken_rows_are_left_out_and_counted(value):
    table = TABLE.copy()
    table[2] = value
    kv = KeyedVectors(WORDS, table, COUNTS)
    for weights in ("mean", "sif"):
        found = kv.sentence_encoder(weights=weights).encode(["the dog barks", "dog", "dog no"])
        assert (found.broken, found.unknown, found.empty) == (3, 1, 2)
        np.testing.assert_array_equal(found.vectors[0], kv.sentence_vectors(["the barks"], weights)[0])


@pytest.mark.parametrize("dtype", ["float16", "bf16", "int8"])
def test_stored_types_are_read(kv, dtype):
    stored = KeyedVectors(WORDS, Rows.encode(TABLE, dtype), COUNTS)
    np.testing.assert_allclose(stored.sentence_vectors(TEXTS, "sif"), kv.sentence_vectors(TEXTS, "sif"), atol=0.01)


def test_mapped_vectors_are_read(kv, tmp_path):
    kv.save(tmp_path / "v.safetensors")
    mapped = w2v.load(tmp_path / "v.safetensors", mmap=True)
    np.testing.assert_array_equal(mapped.sentence_vectors(TEXTS, "sif", remove=1),
                                  kv.sentence_vectors(TEXTS, "sif", remove=1))


def test_sessions_of_integers_are_texts():
    kv = KeyedVectors([17, 4, 99], np.eye(3, dtype=np.float32), [3, 2, 1])
    found = kv.sentence_encoder().encode([[17, 99], np.array([4, 4, 5]), ["17"], "4 99", (np.int64(99),)])
    np.testing.assert_allclose(found.vectors, [[.5, 0, .5], [0, 1, 0], [1, 0, 0], [0, .5, .5], [0, 0, 1]])
    assert found.unknown == 1


class Halves:
    """A vector for every unknown word but one."""

    def vector(self, word: str) -> np.ndarray:
        if word == "none":
            raise KeyError(word)
        return np.full(5, len(word) / 2, dtype=np.float32)


def test_ngrams_make_vectors_of_unknown_words(kv):
    kv.subwords = Halves()
    found = kv.sentence_encoder(pre_normalize=False).encode(["dog birds none", "birds", "ox birds"])
    assert (found.unknown, found.empty) == (1, 0)
    np.testing.assert_allclose(found.vectors, [(TABLE[2] + 2.5) / 2, np.full(5, 2.5), np.full(5, 1.75)], rtol=1e-6)
    np.testing.assert_allclose(kv.sentence_vectors(["birds"]), np.full((1, 5), 5 ** -0.5), rtol=1e-6)
    sif = kv.sentence_vectors(["the birds"], "sif")[0]  # a word without counts has the weight 1
    np.testing.assert_allclose(sif, (1e-3 / 0.501 * TABLE[0] + 2.5) / 2, rtol=1e-5)
    by_array = kv.sentence_vectors(["the birds"], np.arange(8.0) + 1, pre_normalize=False)[0]
    np.testing.assert_allclose(by_array, (TABLE[0] + 8 * 2.5) / 2, rtol=1e-6)


def test_the_policy_for_unknown_words_applies(kv):
    kv.oov = lambda word: "dog" if word == "hound" else None
    np.testing.assert_array_equal(kv.sentence_vectors(["the hound no"]), kv.sentence_vectors(["the dog"]))
    kv.oov = "zero"
    np.testing.assert_allclose(kv.sentence_vectors(["the no"])[0], units()[0] / 2, atol=1e-6)


@pytest.mark.parametrize(("texts", "message"), [
    ("the dog", "list of texts, not 'the dog'"), (b"the dog", "list of texts"), (7, "list of texts"),
    ([1, 2, 3], "text 0 is 1; a text is a str or a list"), (["a", None], "text 1 is None"),
    (["a", float("nan")], "text 1 is nan"), ([b"the dog"], "text 0 is b'the dog'"), ([{"a": 1}], "text 0 is {'a': 1}"),
    ([["the", 1.5]], "a word .str. or an integer, not float 1.5"), ([["the", ["dog"]]], "or an integer, not list"),
])
def test_other_things_than_texts_are_type_errors(kv, texts, message):
    with pytest.raises(TypeError, match=message):
        kv.sentence_vectors(texts)


@pytest.mark.parametrize(("options", "error", "message"), [
    ({"weights": "tfidf"}, ValueError, "'mean' or 'sif'"), ({"weights": [1.0]}, ValueError, "8 words need 8 finite"),
    ({"weights": [np.nan] * 8}, ValueError, "with NaN or infinity"), ({"weights": "sif", "a": 0}, ValueError, "a = 0"),
    ({"weights": lambda word: np.inf}, ValueError, "weight of 'the' is not a finite"),
    ({"remove": 6}, ValueError, "0 to 5"),
    ({"weights": "sif", "frequencies": "x"}, ValueError, "zipf"), ({"remove": -1}, ValueError, "0 to 5"),
    ({"weights": "sif", "frequencies": [0] * 8}, ValueError, "not all 0"), ({"remove": 1.5}, TypeError, "number of"),
    ({"frequencies": "zipf"}, ValueError, "for weights='sif' only"),
    ({"components": np.ones((1, 4))}, ValueError, r"shape \(r, 5\)"),
    ({"components": np.ones((2, 5))}, ValueError, "independent"),
    ({"components": np.ones((1, 5)), "remove": 1}, ValueError, "contradict"),
    ({"tokenizer": str.split}, ValueError, "leave out tokenizer="),
])
def test_wrong_options_are_errors(kv, options, error, message):
    with pytest.raises(error, match=message):
        kv.sentence_vectors(["a dog", "the cat"], **options)


@pytest.mark.parametrize("options", [{"texts": TEXTS}, {"remove": 1}, {"texts": TEXTS, "remove": 1,
                                                                     "components": np.ones((1, 5))}])
def test_an_encoder_needs_texts_and_remove_together(kv, options):
    with pytest.raises(ValueError, match="belong together"):
        kv.sentence_encoder(**options)
