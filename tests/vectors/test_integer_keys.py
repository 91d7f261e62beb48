"""Integers as keys: in vocabularies learned from integers, made of them, or read from files with integer keys."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import w2v
from w2v.keyedvectors import KeyedVectors
from w2v.vectors.spelling import UnknownWordError

IDS = [1000, 7, 3, 12, 0, 5]  # no integer is its own row


@pytest.fixture
def kv() -> KeyedVectors:
    """Words that are integers; the vector of "5" is near that of "7"."""
    rows = np.eye(6, dtype=np.float32) + np.float32(0.1)
    rows[5] = rows[1] + np.float32([0, 0, 0, 0, 0, 0.3])
    return KeyedVectors(IDS, rows, np.arange(6, 0, -1))


@pytest.fixture
def text() -> KeyedVectors:
    """The same vectors with words that are text."""
    return KeyedVectors(list(map(str, IDS)), np.eye(6))


FIVE = [5, np.int8(5), np.uint64(5), np.array(5), "5"]

METHODS: dict[str, Callable[[KeyedVectors, Any], Any]] = {
    "[]": lambda kv, key: kv[key],
    "[[]]": lambda kv, key: kv[[7, key]],
    "in": lambda kv, key: key in kv,
    "has_index_for": lambda kv, key: kv.has_index_for(key),
    "get_index": lambda kv, key: kv.get_index(key),
    "get_vector": lambda kv, key: kv.get_vector(key, norm=True),
    "get_vecattr": lambda kv, key: kv.get_vecattr(key, "count"),
    "get_mean_vector": lambda kv, key: kv.get_mean_vector([key, 7]),
    "most_similar": lambda kv, key: kv.most_similar(key),
    "most_similar list": lambda kv, key: kv.most_similar([key, 3], [0]),
    "most_similar weight": lambda kv, key: kv.most_similar([(key, 0.5), 3]),
    "most_similar among": lambda kv, key: kv.most_similar(7, among=[key, 12]),
    "most_similar all scores": lambda kv, key: kv.most_similar(7, topn=None, among=[12, key]),
    "most_similar_cosmul": lambda kv, key: kv.most_similar_cosmul([key, 3], [0]),
    "most_similar_batch": lambda kv, key: kv.most_similar_batch([key, [key, 3]], [[0], [7]]),
    "most_similar_arrays": lambda kv, key: kv.most_similar_arrays([key, 3], topn=2),
    "similar_by_key": lambda kv, key: kv.similar_by_key(key),
    "similarity": lambda kv, key: kv.similarity(key, 7),
    "distance": lambda kv, key: kv.distance(key, 7),
    "distances": lambda kv, key: kv.distances(key, [7, key]),
    "n_similarity": lambda kv, key: kv.n_similarity([key, 3], [7]),
    "closer_than": lambda kv, key: kv.closer_than(key, 12),
    "rank": lambda kv, key: kv.rank(1000, key),
    "subset": lambda kv, key: kv.subset([key, 3]).index_to_key,
    "vectors_for_all": lambda kv, key: kv.vectors_for_all([key, 99]).index_to_key,
    "doesnt_match": lambda kv, key: str(kv.doesnt_match([key, 7, 3])),
    "rank_by_centrality": lambda kv, key: [score for score, _ in kv.rank_by_centrality([key, 7, 3])],
    "most_similar_to_given": lambda kv, key: str(kv.most_similar_to_given(7, [3, key])),
    "relative_cosine_similarity": lambda kv, key: kv.relative_cosine_similarity(key, 7),
    "key_to_index": lambda kv, key: kv.key_to_index[key if isinstance(key, str) else int(key)],
    "oov": lambda kv, key: kv.get_vector("unknown", oov=lambda word: key),
}


def plain(value: Any) -> Any:
    """Arrays as lists, so that results can be compared."""
    return [part.tolist() for part in value] if isinstance(value, tuple) else np.ndarray.tolist(value) if isinstance(
        value, np.ndarray) else value


@pytest.mark.parametrize("key", FIVE, ids=repr)
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_integers_of_every_type_are_words_in_every_method(
    kv: KeyedVectors, method: Callable[[KeyedVectors, Any], Any], key: Any
) -> None:
    assert plain(method(kv, key)) == plain(method(kv, "5"))
    assert kv.get_index(key) == 5 and np.array_equal(kv[key], kv.vectors[5])


def test_arrays_of_integers_are_lists_of_keys(kv: KeyedVectors) -> None:
    five_seven = np.array([5, 7])
    assert np.array_equal(kv[five_seven], kv[["5", "7"]]) and np.array_equal(kv[(5, 7)], kv[["5", "7"]])
    assert kv.most_similar(five_seven) == kv.most_similar((5, 7)) == kv.most_similar(["5", "7"])
    assert kv.most_similar(3, among=five_seven) == kv.most_similar(3, among=["5", "7"])
    assert kv.most_similar_batch(five_seven) == kv.most_similar_batch(["5", "7"])
    assert kv.most_similar_batch(np.array([[5, 7], [0, 3]])) == kv.most_similar_batch([["5", "7"], ["0", "3"]])
    assert kv.subset(five_seven).index_to_key == ["5", "7"]
    assert kv.subset(range(4), oov="skip").index_to_key == ["0", "3"]
    assert np.array_equal(kv.distances(3, five_seven), kv.distances("3", ["5", "7"]))


@pytest.mark.parametrize("key", [1, 99, -5, np.int64(2)], ids=repr)
@pytest.mark.parametrize("method", [method for name, method in METHODS.items() if name not in
                                    ("in", "has_index_for", "vectors_for_all", "key_to_index")])
def test_an_integer_that_is_no_word_is_unknown_and_no_row(
    kv: KeyedVectors, method: Callable[[KeyedVectors, Any], Any], key: Any
) -> None:
    assert key not in kv and key not in kv.key_to_index and kv.key_to_index.get(key) is None
    try:
        method(kv, key)
    except UnknownWordError as error:
        assert f"no vector for {key} among 6 integers" in str(error)
    except KeyError:
        raise AssertionError("another KeyError") from None
    else:  # methods that leave unknown words out
        assert method(kv, key) is not None and method in [METHODS[name] for name in (
            "get_mean_vector", "n_similarity", "doesnt_match", "rank_by_centrality")]


@pytest.mark.parametrize("key", [True, 5.0, np.float32(5), None, b"5", np.array(5.0)], ids=repr)
@pytest.mark.parametrize("words", ["integers", "text"])
def test_other_scalars_are_refused_and_never_rows(kv: KeyedVectors, text: KeyedVectors, words: str, key: Any) -> None:
    own = kv if words == "integers" else text
    assert key not in own and not own.has_index_for(key)
    for ask in (own.__getitem__, own.get_index, lambda key: own[[key]], lambda key: own.most_similar([key]),
                lambda key: own.similarity("5", key), lambda key: own.subset([key]),
                lambda key: own.most_similar("5", among=[key]),
                lambda key: own.most_similar("5", among=[key], oov="skip"),
                lambda key: own.add_vectors([key], np.ones((1, 6)))):
        with pytest.raises(TypeError, match="a key is a word"):
            ask(key)
    assert len(own) == 6


def test_an_integer_names_a_row_where_the_words_are_text(text: KeyedVectors) -> None:
    """As in gensim, whose keys are then of type str; also if they look like integers."""
    assert not text.integer_keys
    assert np.array_equal(text[5], text.vectors[5]) and text.get_index(np.int64(1)) == 1 and 3 in text
    assert text.most_similar(5, topn=1) == text.most_similar("5", topn=1)
    assert text.most_similar(1) == text.most_similar("7")
    assert 5 not in text.key_to_index and 1000 not in text
    with pytest.raises(UnknownWordError, match="from 0 to 5; a word is a str: '1000'"):
        text[1000]
    with pytest.raises(ValueError, match="integer_keys is False"):
        _ = text.index_to_integer


def test_words_of_answers_are_text_and_queries_again(kv: KeyedVectors) -> None:
    assert kv.index_to_key == list(map(str, IDS)) and list(kv) == kv.index_to_key
    nearest = kv.most_similar(5, topn=1)[0][0]
    assert nearest == "7" and kv.similarity(5, nearest) == kv.similarity(5, int(nearest))
    rows, _ = kv.most_similar_arrays([5], topn=1)
    assert kv.index_to_integer[rows].tolist() == [[7]] and kv.index_to_integer.tolist() == IDS


def test_unknown_integers_follow_the_policy_as_their_digits(kv: KeyedVectors) -> None:
    assert not kv.get_vector(99, oov="zero").any() and kv[[5]].shape == kv.get_vectors([5, 99], oov="skip").shape
    asked: list[str] = []
    assert np.array_equal(kv.get_vector(99, oov=lambda word: asked.append(word) or 5), kv["5"]) and asked == ["99"]


def test_integers_are_added_as_words() -> None:
    kv = KeyedVectors(2)
    kv.add_vectors(np.array([4, 1]), np.eye(2))
    kv[9] = np.float32([2, 2])
    kv["10"] = np.float32([3, 3])
    assert kv.integer_keys and kv.index_to_key == ["4", "1", "9", "10"] and kv[1].tolist() == [0, 1]
    assert kv[10].tolist() == [3, 3] and kv.add_vector(np.uint8(11), [5, 5]) == 4
    kv.add_vectors([4], [[7, 7]], replace=True)
    assert kv["4"].tolist() == [7, 7] and len(kv) == 5
    with pytest.raises(ValueError, match="twice"):
        KeyedVectors([5, "5"], np.eye(2))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda kv: pickle.loads(pickle.dumps(kv)),
                                    lambda kv: kv.subset(IDS), lambda kv: kv.vectors_for_all(IDS)])
def test_copies_and_selections_keep_integer_keys(
    kv: KeyedVectors, copied: Callable[[KeyedVectors], KeyedVectors]
) -> None:
    own = copied(kv)
    assert own.integer_keys and np.array_equal(own[5], kv["5"]) and 1 not in own and 7 in own.key_to_index


@pytest.mark.parametrize("mmap", [None, True, False, "r"])
@pytest.mark.parametrize("name", ["ids.safetensors", "ids.kv"])
def test_own_files_keep_integer_keys(kv: KeyedVectors, tmp_path: Path, name: str, mmap: Any) -> None:
    kv.save(tmp_path / name, metadata={"epochs": "5"})
    back = KeyedVectors.load(tmp_path / name, mmap=mmap)
    assert back.integer_keys and np.array_equal(back[5], kv[5]) and 1 not in back
    assert KeyedVectors.load(tmp_path / name, only=[7, np.int64(5)]).index_to_key == ["7", "5"]
    back.integer_keys = False
    back.save(tmp_path / name)
    assert not KeyedVectors.load(tmp_path / name).integer_keys


def test_text_files_have_text_keys_until_told_otherwise(kv: KeyedVectors, tmp_path: Path) -> None:
    for name in ("ids.txt", "ids.bin"):
        kv.save(tmp_path / name)
        back = KeyedVectors.load(tmp_path / name)
        assert not back.integer_keys and np.array_equal(back[5], back.vectors[5]) and 1000 not in back
        back.integer_keys = True
        assert np.array_equal(back[1000], kv[1000]) and 1 not in back and 7 in back.key_to_index


# ------------------------------------------------------------------------------------------------- training

WALKS = [[10 + (i + j) % 7 for j in range(5)] for i in range(60)]
OPTIONS: dict[str, Any] = {"vector_size": 4, "min_count": 1, "progress": False, "threads": 1}


@pytest.mark.parametrize("corpus", [
    WALKS, tuple(map(tuple, WALKS)), np.array(WALKS), np.array(WALKS, dtype=np.uint16),
    [np.array(walk) for walk in WALKS], [[np.int32(item) for item in walk] for walk in WALKS],
], ids=["lists", "tuples", "array", "uint16", "arrays", "NumPy scalars"])
def test_vocabularies_learned_from_integers_have_integer_keys(corpus: Any) -> None:
    kv = w2v.train(corpus, **OPTIONS).wv
    assert kv.integer_keys and all(np.array_equal(kv[item], kv[str(item)]) for item in range(10, 17))
    assert 0 not in kv and kv.similarity(10, 11) == kv.similarity("10", "11")


def test_arrays_in_files_give_integer_keys_and_text_does_not(tmp_path: Path) -> None:
    np.save(tmp_path / "walks.npy", WALKS)
    (tmp_path / "walks.txt").write_text("\n".join(" ".join(map(str, walk)) for walk in WALKS))
    assert w2v.train(tmp_path / "walks.npy", **OPTIONS).wv.integer_keys
    assert not w2v.train(tmp_path / "walks.txt", **OPTIONS).wv.integer_keys
    assert not w2v.train([list(map(str, walk)) for walk in WALKS], **OPTIONS).wv.integer_keys
    assert w2v.train(tmp_path, **OPTIONS).wv.integer_keys


def test_models_trained_further_keep_integer_keys(tmp_path: Path) -> None:
    old = w2v.train(WALKS, **OPTIONS)
    old.save(tmp_path / "old.safetensors")
    as_text = [list(map(str, walk)) for walk in WALKS]
    for init in (old, old.wv, tmp_path / "old.safetensors"):
        new = w2v.train([*as_text, ["99"]], init=init, **OPTIONS).wv
        assert new.integer_keys and 99 in new and np.array_equal(new[10], new["10"]) and 0 not in new
    assert w2v.drift(old.wv, new).words == 7


def test_phrases_and_probes_keep_integer_keys() -> None:
    phrases = w2v.Phrases([list(map(str, walk)) for walk in WALKS], min_count=1, threshold=0.1)
    joined = w2v.train(WALKS, phrases=phrases, **OPTIONS).wv
    assert joined.integer_keys and any("_" in word for word in joined)
    assert w2v.train(WALKS, probe=[10, np.int8(11)], **{**OPTIONS, "progress": True}).wv.integer_keys


@pytest.mark.parametrize("kind", [w2v.Word2Vec, w2v.FastText])
def test_gensim_classes_have_integer_keys(kind: type[Any], tmp_path: Path) -> None:
    more = {"bucket": 50} if kind is w2v.FastText else {}
    model = kind(WALKS, vector_size=4, min_count=1, workers=1, **more)
    assert model.wv.integer_keys and model.wv.most_similar(10) == model.wv.most_similar("10")
    assert (0 in model.wv) == (kind is w2v.FastText) and not model.wv.has_index_for(0)
    model.build_vocab([[77, 78]], update=True)
    model.train(WALKS, total_examples=model.corpus_count, epochs=1)
    assert model.wv.integer_keys and 77 in model.wv and model.wv.get_vecattr(77, "count") == 1
    assert model.predict_output_word([10, 11], topn=1) == model.predict_output_word(["10", "11"], topn=1)
    model.save(str(tmp_path / "m.model"))
    back = kind.load(str(tmp_path / "m.model"))
    assert back.wv.integer_keys and np.array_equal(back.wv[10], model.wv["10"])


def test_frequency_tables_of_integers_give_integer_keys() -> None:
    model = w2v.Word2Vec(vector_size=4, min_count=1, workers=1)
    model.build_vocab_from_freq({5: 3, np.int64(6): 2})
    assert model.wv.integer_keys and model.wv.index_to_key == ["5", "6"] and model.wv.get_vecattr(5, "count") == 3


def test_evaluations_take_integers(kv: KeyedVectors) -> None:
    found = w2v.evaluate.answer(kv, [(5, 7, 12, 3), (5, 7, 12, 999)])
    assert np.array_equal(found, w2v.evaluate.answer(kv, [("5", "7", "12", "3"), ("5", "7", "12", "999")]))


def test_commands_take_integers_as_text_and_keep_them(
    kv: KeyedVectors, tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    kv.save(tmp_path / "ids.safetensors")
    (tmp_path / "some.txt").write_text("7\n3\n1\n")
    code, out, err = run("neighbors", tmp_path / "ids.safetensors", "5", "--among", tmp_path / "some.txt")
    assert code == 0 and [line.split()[-1] for line in out.splitlines()] == ["7", "3"] and "1 of 3 words" in err
    assert run("convert", tmp_path / "ids.safetensors", tmp_path / "half.safetensors", "--dtype", "float16")[0] == 0
    assert KeyedVectors.load(tmp_path / "half.safetensors").integer_keys
    code, _, err = run("convert", tmp_path / "ids.safetensors", tmp_path / "ids.bin")
    assert code == 0 and "that the words are integers" in err


def test_gensim_gets_integers_as_keys(kv: KeyedVectors) -> None:
    pytest.importorskip("gensim.models")
    theirs = kv.to_gensim()
    assert theirs.index_to_key == IDS and np.array_equal(theirs[5], kv[5]) and theirs.most_similar(5, topn=1)[0][0] == 7
