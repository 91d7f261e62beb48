"""Vectors of gensim's models: codes of hierarchical softmax, and the parts that vectors of FastText are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers import planted

import w2v
from w2v.compat.fasttext import (
    FastTextKeyedVectors,
    load_facebook_model,
    load_facebook_vectors,
    save_facebook_model,
)
from w2v.compat.vectors import ModelVectors
from w2v.formats.subwords import Subwords

SENTENCES = list(planted.sentences(800))
OPTIONS: dict[str, Any] = {"vector_size": 12, "min_count": 2, "epochs": 1, "workers": 1, "sample": 0}


def fasttext(**options: Any) -> Any:
    return w2v.FastText(SENTENCES, **{**OPTIONS, "bucket": 100, **options})


def test_codes_lead_from_the_root_to_each_word() -> None:
    model = w2v.Word2Vec(SENTENCES, **OPTIONS, hs=1, negative=0)
    wv, lengths = model.wv, []
    paths = set()
    for word in wv.index_to_key:
        code, point = wv.get_vecattr(word, "code"), wv.get_vecattr(word, "point")
        assert code.dtype == np.uint8 and point.dtype == np.uint32 and len(code) == len(point) and point[0] == 0
        assert set(code.tolist()) <= {0, 1} and (point < len(wv) - 1).all()
        paths.add(tuple(code.tolist()))
        lengths.append(len(code))
    assert len(paths) == len(wv) and sum(0.5 ** length for length in lengths) == 1
    assert np.array_equal(wv.expandos["count"], wv.counts) and len(wv.expandos["code"]) == len(wv)
    assert np.array_equal(wv.expandos["point"][3], wv.get_vecattr(3, "point"))
    before = wv.get_vecattr("class0word0", "code").tolist()
    model.build_vocab([["class0word0"] * 100_000], update=True)
    assert model.wv.get_vecattr("class0word0", "code").tolist() != before  # the tree of the new counts


def test_codes_are_as_long_as_in_gensim() -> None:
    gensim = pytest.importorskip("gensim.models")
    counts = {f"w{i}": 3 * 2**i for i in range(12)}
    lengths = []
    for kind in (w2v.Word2Vec, gensim.Word2Vec):
        model = kind(hs=1, negative=0, vector_size=4, min_count=1)
        model.build_vocab_from_freq(counts)
        lengths.append([len(model.wv.get_vecattr(word, "code")) for word in counts])
    assert lengths[0] == lengths[1]


def test_without_hierarchical_softmax_there_are_no_codes() -> None:
    model = w2v.Word2Vec(SENTENCES, **OPTIONS)
    with pytest.raises(KeyError, match="code"):
        model.wv.get_vecattr("class0word0", "code")
    assert set(model.wv.expandos) == {"count"} and type(model.wv) is ModelVectors


def test_vectors_are_the_means_of_their_parts() -> None:
    model = fasttext()
    wv = model.wv
    assert isinstance(wv, FastTextKeyedVectors) and (wv.min_n, wv.max_n, wv.bucket) == (3, 6, 100)
    assert wv.vectors_ngrams.shape == (100, 12) and wv.vectors_vocab.shape == (len(wv), 12) and wv.compatible_hash
    again = wv.vectors_vocab.copy()
    Subwords(wv.vectors_ngrams.reshape(-1).view(np.uint8), 12, 3, 6).average_into(wv.index_to_key, again)
    np.testing.assert_allclose(again, wv.vectors, atol=1e-6)
    before = wv.vectors.copy()
    wv.adjust_vectors()
    np.testing.assert_allclose(wv.vectors, before, atol=1e-6)
    own, unseen = wv.vectors_vocab, wv["never-seen"]
    wv.vectors_ngrams[:] = 0
    wv.adjust_vectors()
    assert np.array_equal(wv.vectors_vocab, own) and unseen.any() and not wv["never-seen"].any()
    grams = own[0] / wv.vectors[0]  # the own row over the number of rows in the mean
    np.testing.assert_allclose(grams, np.rint(grams[0]), rtol=1e-5)


def test_training_replaces_the_parts() -> None:
    model = fasttext()
    own, ngrams = model.wv.vectors_vocab.copy(), model.wv.vectors_ngrams.copy()
    held = model.wv
    model.train(SENTENCES, epochs=1)
    assert model.wv is held and not np.array_equal(held.vectors_vocab, own)
    assert not np.array_equal(held.vectors_ngrams, ngrams)
    model.build_vocab([["brand", "new"]] * 3, update=True)
    assert model.wv.vectors_vocab.shape == (len(held) + 2, 12) and model.wv.bucket == 100


@pytest.mark.parametrize("options", [{"bucket": 0}, {"max_n": 0}, {"min_n": 5, "max_n": 4}])
def test_without_n_grams_the_parts_are_the_vectors(options: dict[str, int]) -> None:
    wv = fasttext(**options).wv
    assert wv.bucket == 0 and wv.vectors_ngrams.shape == (0, 12) and np.array_equal(wv.vectors_vocab, wv.vectors)
    before = wv.vectors.copy()
    wv.adjust_vectors()
    assert np.array_equal(wv.vectors, before)
    with pytest.raises(KeyError):
        wv["never-seen"]


def test_rows_of_n_grams_cannot_be_locked() -> None:
    model = fasttext()
    for name in ("vectors_vocab_lockf", "vectors_ngrams_lockf"):
        setattr(model.wv, name, np.zeros(1))
        with pytest.raises(ValueError, match=f"{name} must be 1"):
            model.train(SENTENCES, epochs=1)
        setattr(model.wv, name, np.ones(1))
    model.train(SENTENCES, epochs=1)


def test_empty_vectors_are_filled_as_in_gensim() -> None:
    wv = FastTextKeyedVectors(vector_size=2, min_n=3, max_n=6, bucket=2_000_000)
    assert (wv.bucket, wv.min_n, wv.max_n, len(wv)) == (2_000_000, 3, 6, 0)
    wv.add_vectors(["a", "b"], [[0, 0], [1, 1]])
    assert wv.index_to_key == ["a", "b"] and wv["b"].tolist() == [1, 1]


@pytest.mark.parametrize("suffix", ["", ".kv", ".wordvectors", ".safetensors", ".tst"])
@pytest.mark.parametrize("make", [fasttext, lambda: w2v.Word2Vec(SENTENCES, **OPTIONS)])
def test_vectors_are_saved_whole_with_any_suffix(make: Any, suffix: str, tmp_path: Any) -> None:
    wv, path = make().wv, tmp_path / f"vectors{suffix}"
    wv.save(str(path), sep_limit=0)
    again = type(wv).load(path)
    assert type(again) is type(wv) and np.array_equal(again.vectors, wv.vectors)
    assert np.array_equal(again.counts, wv.counts)
    if wv.subwords is not None:
        assert np.array_equal(again.vectors_ngrams, wv.vectors_ngrams)
        assert np.array_equal(again["never-seen"], wv["never-seen"])
    wv.save(tmp_path / "v.bin")
    assert w2v.load(tmp_path / "v.bin").counts is None  # the suffix of another format


@pytest.mark.parametrize("options", [{}, {"hs": 1, "negative": 0}, {"hs": 1}])
def test_fasttexts_own_files_have_the_names_of_gensim(options: dict[str, int], tmp_path: Any) -> None:
    model = fasttext(**options)
    save_facebook_model(model, tmp_path / "m.bin")
    again, vectors = load_facebook_model(tmp_path / "m.bin"), load_facebook_vectors(tmp_path / "m.bin")
    assert isinstance(again, w2v.FastText) and isinstance(vectors, FastTextKeyedVectors)
    np.testing.assert_allclose(again.wv.vectors, model.wv.vectors, atol=1e-6)
    np.testing.assert_allclose(vectors["never-seen"], model.wv["never-seen"], atol=1e-6)


def test_selections_and_copies_keep_the_class() -> None:
    wv = fasttext(hs=1).wv
    part = wv.subset(["class0word0", "class0word1"])
    assert type(part) is FastTextKeyedVectors and len(part) == 2 and np.array_equal(part["x-y-z"], wv["x-y-z"])
