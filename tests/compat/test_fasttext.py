"""`FastText`, gensim's class with n-grams: training, continued training, saving, and files of fastText."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers import planted

import w2v
from w2v.errors import FormatError

SENTENCES = list(planted.sentences(4000))
OPTIONS = {"vector_size": 16, "min_count": 2, "epochs": 2, "workers": 1, "sample": 0, "bucket": 500, "min_n": 3,
           "max_n": 4}


@pytest.mark.parametrize("sg", [0, 1])
def test_class_trains_like_w2v_train(sg: int) -> None:
    model = w2v.FastText(SENTENCES, sg=sg, **OPTIONS)
    direct = w2v.train(SENTENCES, vector_size=16, min_count=2, epochs=2, threads=1, sample=0, bucket=500, minn=3,
                       maxn=4, progress=False, sg=bool(sg), cbow_undivided=not sg, alpha=0.025)
    assert np.array_equal(model.wv.vectors, direct.wv.vectors)
    assert np.array_equal(model.wv["never-seen"], direct.wv["never-seen"]) and "never-seen" in model.wv
    assert str(model) == f"FastText<vocab={len(model.wv)}, vector_size=16, alpha=0.025>"


def test_training_continues_after_saving_and_loading(tmp_path: Any) -> None:
    model = w2v.FastText(SENTENCES, **OPTIONS)
    vectors, unseen = model.wv.vectors.copy(), model.wv["never-seen"].copy()
    first = model.report.loss
    model.save(tmp_path / "model")
    for again in (model, w2v.FastText.load(tmp_path / "model")):
        assert (again.min_n, again.max_n, again.bucket) == (3, 4, 500)
        again.train(SENTENCES, epochs=1, start_alpha=1e-9, end_alpha=1e-9)
        assert again.report.loss < first and not again.report.initial.notes
        np.testing.assert_allclose(again.wv.vectors, vectors, atol=1e-5)
        np.testing.assert_allclose(again.wv["never-seen"], unseen, atol=1e-6)
    model.build_vocab([["classical", "class0word0"]] * 4, update=True)
    np.testing.assert_allclose(model.wv["class0word0"], vectors[again.wv.get_index("class0word0")], atol=1e-5)
    assert "classical" in model.wv.key_to_index
    model.train([["classical", "class0word0"]] * 4, epochs=1, start_alpha=0.02, end_alpha=0.01)
    assert np.isfinite(model.wv.vectors).all()


def test_training_continues_from_a_file_of_fasttext(tmp_path: Any) -> None:
    direct = w2v.train(SENTENCES, vector_size=16, min_count=2, epochs=1, bucket=300, minn=2, maxn=3, progress=False)
    direct.save_fasttext_format(tmp_path / "model.bin")
    model = w2v.FastText.load(tmp_path / "model.bin")
    assert (model.min_n, model.max_n, model.bucket) == (2, 3, 300)
    np.testing.assert_allclose(model.wv["never-seen"], direct.wv["never-seen"], atol=1e-6)
    model.train(SENTENCES, epochs=1)
    more = w2v.train(SENTENCES, init=tmp_path / "model.bin", min_count=1, minn=2, maxn=3, bucket=300, epochs=1,
                     alpha=1e-9, min_alpha=0, progress=False)
    np.testing.assert_allclose(more.wv["class0word0"], direct.wv["class0word0"], atol=1e-5)
    np.testing.assert_allclose(more.wv["never-seen"], direct.wv["never-seen"], atol=1e-6)
    whole = w2v.train(SENTENCES, init=tmp_path / "model.bin", min_count=1, epochs=1, alpha=1e-9, min_alpha=0,
                      progress=False)
    np.testing.assert_allclose(whole.wv["class0word0"], direct.wv["class0word0"], atol=1e-5)
    assert whole.wv.subwords is None and any("n-grams" in note for note in whole.report.initial.notes)


@pytest.mark.parametrize("none", [{"min_n": 1, "max_n": 0}, {"bucket": 0}])
def test_class_without_n_grams_equals_word2vec(none: dict[str, int]) -> None:
    options = {**OPTIONS, **none}
    model = w2v.FastText(SENTENCES, **options)
    del options["min_n"], options["max_n"], options["bucket"]
    assert model.wv.subwords is None
    assert np.array_equal(model.wv.vectors, w2v.Word2Vec(SENTENCES, **options).wv.vectors)


def test_unsupported_parameters_and_files_are_refused(tmp_path: Any) -> None:
    with pytest.raises(ValueError, match="word_ngrams = 2"):
        w2v.FastText(word_ngrams=2)
    with pytest.raises(ValueError, match="bucket = -1"):
        w2v.FastText(bucket=-1)
    with pytest.raises(TypeError, match="vector_size"):
        w2v.FastText(size=3)
    kv = w2v.KeyedVectors(["a"], np.ones((1, 2), dtype=np.float32))
    kv.save(tmp_path / "v.bin")
    with pytest.raises(FormatError, match="no n-grams"):
        w2v.FastText.load(tmp_path / "v.bin")
    model = w2v.train(SENTENCES[:200], vector_size=4, bucket=30, minn=3, maxn=4, min_count=1, epochs=1, progress=False)
    for other in ({"minn": 3, "maxn": 5, "bucket": 30}, {"minn": 3, "maxn": 4, "bucket": 31}):
        with pytest.raises(ValueError, match="no n-grams of this kind"):
            w2v.train(SENTENCES[:200], init=model, min_count=1, **other)
    with pytest.raises(ValueError, match="no n-grams of this kind"):
        w2v.train(SENTENCES[:200], init=kv, min_count=1, minn=3, maxn=4)


@pytest.mark.filterwarnings("ignore")
def test_program_written_for_gensim_runs(tmp_path: Any) -> None:
    gensim = pytest.importorskip("gensim.models")
    for cls in (gensim.FastText, w2v.FastText):
        model = cls(SENTENCES[:500], **{**OPTIONS, "min_count": 1}, word_ngrams=1)
        model.save(str(tmp_path / "model"))
        model = cls.load(str(tmp_path / "model"))
        model.build_vocab([["quite", "new", "words"]] * 3, update=True)
        model.train([["quite", "new", "words"]] * 3, total_examples=3, epochs=model.epochs)
        assert [word in model.wv.key_to_index for word in ("quite", "never-seen")] == [True, False]
        assert "never-seen" in model.wv
        assert model.wv["never-seen"].shape == (16,) and (model.wv.most_similar("never-seen", topn=3))
        assert model.min_count == 1 and model.predict_output_word(["quite"]) is not None
