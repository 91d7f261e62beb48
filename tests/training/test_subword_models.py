"""Models with n-grams, from training to files: unseen words, w2v's own format, and fastText's format."""

import numpy as np
import pytest
from helpers import planted

import w2v
from w2v.config import TrainConfig

LINES = [["running", "runner", "runs", "größe", "größer"], ["walking", "walker", "walks", "日本語", "größte"]] * 400
OPTIONS = {"vector_size": 20, "min_count": 1, "epochs": 2, "minn": 2, "maxn": 5, "bucket": 5000, "threads": 1,
           "progress": False}
UNSEEN = ["runnings", "walkers", "größenordnung", "xyz", "日本"]


@pytest.fixture(scope="module")
def model():
    return w2v.train(LINES, **OPTIONS)


def test_unseen_words_have_vectors_of_their_ngrams(model):
    kv = model.wv
    assert kv.subwords is not None and kv.vectors.shape == (10, 20)
    for word in UNSEEN[:3]:
        assert word not in kv.index_to_key and np.abs(kv[word]).max() > 0
    assert kv.similarity("walkings", "walking") > kv.similarity("walkings", "runner")
    expected = kv.subwords.own_rows(["running"], kv.vectors[[kv.get_index("running")]]).copy()
    kv.subwords.average_into(["running"], expected)
    np.testing.assert_allclose(expected[0], kv["running"], atol=1e-5)


@pytest.mark.parametrize("write", [lambda m, p: m.save(p), lambda m, p: m.save_fasttext_format(p)])
def test_files_keep_words_ngrams_and_counts(model, tmp_path, write):
    path = tmp_path / "m.safetensors"
    write(model, path)
    kv = w2v.load(path)
    assert kv.index_to_key == model.wv.index_to_key and kv.get_vecattr("runs", "count") == 400
    np.testing.assert_allclose(kv.vectors, model.wv.vectors, atol=1e-5)
    for word in UNSEEN:
        np.testing.assert_allclose(kv[word], model.wv[word], atol=1e-6)


@pytest.mark.parametrize("options", [{}, {"sg": False}, {"hs": True, "negative": 0}, {"maxn": 0, "minn": 0}])
def test_fasttext_loads_the_file(tmp_path, options):
    fasttext = pytest.importorskip("fasttext")
    chosen = OPTIONS | options
    model = w2v.train(LINES, **{name: value for name, value in chosen.items() if chosen["maxn"] or name != "bucket"})
    path = tmp_path / "m.bin"
    model.save_fasttext_format(path)
    theirs, kv = fasttext.load_model(str(path)), model.wv
    assert theirs.get_words() == kv.index_to_key and theirs.get_dimension() == 20
    for word in [*kv.index_to_key, *(UNSEEN if kv.subwords else [])]:
        np.testing.assert_allclose(theirs.get_word_vector(word), kv[word], atol=1e-5)
    for word in ["running", *(UNSEEN[:2] if kv.subwords else [])]:
        assert [name for _, name in theirs.get_nearest_neighbors(word, 3)] == [
            name for name, _ in kv.most_similar(positive=[kv[word]], topn=4) if name != word][:3]
    settings = theirs.f.getArgs()
    assert (settings.dim, settings.ws, settings.epoch, settings.bucket) == (20, 5, 2, 5000 if kv.subwords else 0)
    assert settings.loss.name == ("hs" if options.get("hs") else "ns")
    assert settings.model.name == ("cbow" if options.get("sg") is False else "skipgram")
    outputs, ours = theirs.get_output_matrix(), model.output_vectors
    if options.get("hs"):
        assert np.array_equal(outputs[:9], -ours[::-1]) and not outputs[9:].any()
    else:
        assert np.array_equal(outputs, ours)


def test_model_of_whole_words_is_saved_in_fasttext_format(tmp_path):
    kv = w2v.train(LINES, vector_size=16, min_count=1, epochs=1, progress=False).wv
    kv.save_fasttext_format(tmp_path / "m.bin")
    again = w2v.load(tmp_path / "m.bin")
    assert again.subwords is None and np.array_equal(again.vectors, kv.vectors)


@pytest.mark.parametrize("options", [{}, {"sg": False, "cbow_undivided": True, "alpha": 0.05},
                                     {"hs": True, "negative": 0}])
@pytest.mark.slow
def test_planted_structure_is_learned_with_ngrams(tmp_path, options):
    path = tmp_path / "corpus.txt"
    planted.write_corpus(path, 40_000)
    model = w2v.train(path, vector_size=32, epochs=10, sample=0, threads=2, minn=3, maxn=6, bucket=20_000,
                      progress=False, **options)
    assert planted.neighbors_found(model.wv) > 0.6  # names differ by a number only, so they share most n-grams


def test_same_training_gives_the_same_bytes(model):
    again = w2v.train(LINES, **OPTIONS)
    assert again.wv.vectors.tobytes() == model.wv.vectors.tobytes()
    assert again.wv.subwords.rows.tobytes() == model.wv.subwords.rows.tobytes()


@pytest.mark.parametrize("options", [{"minn": 0, "maxn": 3}, {"minn": 4, "maxn": 3}])
def test_conflicting_ngram_lengths_are_refused_with_advice(options):
    with pytest.raises(ValueError, match="1 <= minn <= maxn"):
        TrainConfig(**options)
