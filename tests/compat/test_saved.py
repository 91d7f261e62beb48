"""Files of gensim's classes: arguments of `save`, `load` on the class, and models that gensim saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import w2v
from w2v.errors import FormatError

LINES = [["a", "river", "runs"], ["a", "stream", "runs"]] * 30
OPTIONS: dict[str, Any] = {"vector_size": 8, "min_count": 1, "workers": 1, "epochs": 2, "sample": 0}


@pytest.mark.parametrize("kind", [w2v.Word2Vec, w2v.FastText])
def test_arguments_of_gensims_save_are_accepted(kind: Any, tmp_path: Path) -> None:
    model = kind(LINES, **OPTIONS)
    model.save(tmp_path / "m", sep_limit=0, separately=["vectors"], ignore=["x"], pickle_protocol=2)
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
    for again in (kind.load(tmp_path / "m"), kind.load(tmp_path / "m", mmap="r")):
        assert np.array_equal(again.wv.vectors, model.wv.vectors) and np.array_equal(again.syn1neg, model.syn1neg)
        assert (again.corpus_count, again.min_alpha_yet_reached) == (model.corpus_count, model.min_alpha)


@pytest.mark.parametrize("kind", [w2v.Word2Vec, w2v.FastText])
def test_load_on_an_object_is_an_error_since_its_result_is_lost(kind: Any, tmp_path: Path) -> None:
    model = kind(LINES, **OPTIONS)
    model.save(tmp_path / "m")
    with pytest.raises(AttributeError, match=rf"model = {kind.__name__}.load\(path\)"):
        kind().load(tmp_path / "m")


def test_counts_of_the_corpus_are_unknown_where_a_file_has_none(tmp_path: Path) -> None:
    w2v.Word2Vec(LINES, **OPTIONS).wv.save(tmp_path / "v.bin")
    model = w2v.Word2Vec.load(tmp_path / "v.bin")
    assert model.corpus_count is None and model.corpus_total_words is None
    model.train(LINES, epochs=1)
    model.save(tmp_path / "m")
    assert w2v.Word2Vec.load(tmp_path / "m").train_count == 1


@pytest.mark.parametrize("options", [{"sg": 1}, {"sg": 0, "window": 3}, {"sg": 1, "min_alpha": 0.001, "hs": 1}])
@pytest.mark.parametrize("name", ["Word2Vec", "FastText"])
@pytest.mark.parametrize("save", [{}, {"sep_limit": 0}])
@pytest.mark.filterwarnings("ignore")
def test_models_that_gensim_saved_are_loaded_whole(
    options: dict[str, Any], name: str, save: dict[str, int], tmp_path: Path
) -> None:
    gensim = pytest.importorskip("gensim.models")
    more = {"bucket": 50} if name == "FastText" else {}
    theirs = getattr(gensim, name)(LINES, **OPTIONS, **options, **more)
    theirs.save(str(tmp_path / "m"), **save)
    ours: Any = getattr(w2v, name).load(tmp_path / "m")
    assert ours.wv.index_to_key == theirs.wv.index_to_key and ours.wv.counts.tolist() == [
        theirs.wv.get_vecattr(word, "count") for word in theirs.wv.index_to_key]
    np.testing.assert_allclose(ours.wv.vectors, theirs.wv.vectors, atol=1e-6)
    assert np.array_equal(ours.syn1neg, theirs.syn1neg)
    for setting in ("sg", "hs", "window", "alpha", "min_alpha", "epochs", "min_count", "negative", "vector_size",
                    "corpus_count", "corpus_total_words", "train_count"):
        assert getattr(ours, setting) == getattr(theirs, setting), setting
    if more:
        np.testing.assert_allclose(ours.wv["unseen"], theirs.wv["unseen"], atol=1e-6)
    before = ours.wv.vectors.copy()
    ours.train(LINES, epochs=1)
    assert not np.array_equal(ours.wv.vectors, before)


def test_nodes_of_gensims_tree_are_not_read_and_that_is_said(tmp_path: Path) -> None:
    gensim = pytest.importorskip("gensim.models")
    gensim.Word2Vec(LINES, **OPTIONS, hs=1, negative=0).save(str(tmp_path / "m"))
    with pytest.warns(UserWarning, match="nodes of hierarchical softmax belong to gensim's tree"):
        model = w2v.Word2Vec.load(tmp_path / "m")
    assert not model.syn1.any()


def test_vectors_load_without_the_file_of_the_output_matrix(tmp_path: Path) -> None:
    gensim = pytest.importorskip("gensim.models")
    gensim.Word2Vec(LINES, **OPTIONS).save(str(tmp_path / "m"), sep_limit=0)
    (tmp_path / "m.syn1neg.npy").unlink()
    assert len(w2v.load(tmp_path / "m")) == 4
    model = w2v.Word2Vec.load(tmp_path / "m")
    with pytest.raises(AttributeError, match="no output matrix"):
        model.syn1neg  # noqa: B018
    np.save(tmp_path / "m.syn1neg.npy", np.zeros((3, 8), dtype=np.float32))
    with pytest.raises(FormatError, match=r"output matrix of shape \(3, 8\)"):
        w2v.load(tmp_path / "m")


def old_models() -> list[str]:
    try:
        from gensim.test.utils import datapath
    except ImportError:
        return []
    folder = Path(datapath("old_w2v_models"))
    return [str(path) for path in sorted(folder.glob("w2v_[123].*.mdl"))] + [
        str(folder.parent / name) for name in ("word2vec_old", "word2vec_old_sep", "word2vec_3.3")]


def test_models_of_gensim_1_to_3_are_loaded_and_trained() -> None:
    pytest.importorskip("gensim.test.utils")
    for path in old_models():
        model = w2v.Word2Vec.load(path)
        assert model.corpus_total_words is None and len(model.wv) == len(model.syn1neg) > 2, path
        assert model.epochs == 5 and model.negative == 5 and model.wv.counts.sum() > 3, path
        if "word2vec_old" in path:  # the others were hardly trained
            assert model.syn1neg.any(), path
        model.build_vocab(LINES, update=True)
        model.train(LINES, epochs=1)


def test_n_grams_that_gensim_packed_are_unpacked() -> None:
    gensim = pytest.importorskip("gensim.test.utils")
    model = w2v.FastText.load(gensim.datapath("compatible-hash-true.model"))
    assert model.bucket == 100 and model.wv.vectors_ngrams.shape == (100, 5)
    assert (model.wv.vectors_ngrams != 0).any(axis=1).sum() == 85
    for word in model.wv.index_to_key[:5]:  # the vectors in the file are the means of these rows
        own, vector = model.wv.vectors_vocab[model.wv.get_index(word)], model.wv[word]
        assert np.isfinite(own).all() and vector.any()
