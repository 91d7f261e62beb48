"""`Word2Vec`, gensim's class: one program runs with gensim and with w2v; training, files, and refused parameters."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from helpers import planted

import w2v
from w2v.errors import FormatError, W2VError
from w2v.system import display

SENTENCES = list(planted.sentences(6000))
OPTIONS = {"sg": 1, "vector_size": 24, "min_count": 2, "epochs": 3, "workers": 1, "sample": 0}

PROGRAM = '''
from gensim.models import Word2Vec

class Count:
    def __init__(self):
        self.seen, self.losses = [], []
    def on_train_begin(self, model): self.seen.append("train begins")
    def on_epoch_begin(self, model): self.seen.append("epoch begins")
    def on_epoch_end(self, model):
        self.seen.append("epoch ends")
        self.losses.append(model.get_latest_training_loss())
        assert len(model.wv.most_similar("class0word0")) == 10
    def on_train_end(self, model): self.seen.append("train ends")

answers = {}
whole = Word2Vec(sentences=sentences, vector_size=24, window=4, min_count=3, sg=sg, workers=1, epochs=6, seed=7,
                 sample=1e-2, negative=4, alpha=0.03, min_alpha=0.001, compute_loss=True, comment="a comment")
answers["words"] = sorted(whole.wv.index_to_key)
answers["counts"] = [whole.wv.get_vecattr(word, "count") for word in answers["words"]]
answers["falling"] = [whole.wv.get_vecattr(word, "count") for word in whole.wv.index_to_key]
answers["attributes"] = [whole.vector_size, whole.layer1_size, whole.window, whole.min_count, whole.sg, whole.hs,
                         whole.epochs, whole.alpha, whole.min_alpha, whole.negative, whole.seed, whole.comment,
                         whole.cbow_mean, whole.ns_exponent, whole.sample, whole.corpus_count, whole.corpus_total_words,
                         whole.train_count, whole.wv.vectors.shape, whole.syn1neg.shape, whole.max_final_vocab]
answers["text"] = str(whole)
answers["loss"] = whole.get_latest_training_loss() > 0

model = Word2Vec(vector_size=24, min_count=3, sg=sg, workers=2)
model.build_vocab(sentences)
answers["untrained"] = [len(model.wv), bool(abs(model.wv.vectors).max() > 0), bool(abs(model.syn1neg).max() > 0)]
count = Count()
result = model.train(sentences, total_examples=model.corpus_count, epochs=3, callbacks=[count], compute_loss=True)
answers["callbacks"] = count.seen
answers["losses"] = [loss > 0 for loss in count.losses]
answers["words read"] = result[1]
model.train(corpus_iterable=sentences, total_words=model.corpus_total_words, epochs=model.epochs, start_alpha=0.01,
            end_alpha=0.001)
answers["trained twice"] = model.train_count
before = {word: model.wv[word].copy() for word in ("class0word0", "class3word2")}
model.build_vocab([["brand", "new", "words"], ["brand", "new", "class0word0"]] * 5, update=True)
answers["updated"] = [sorted(model.wv.index_to_key), model.wv.get_vecattr("brand", "count"),
                      model.wv.get_vecattr("class0word0", "count")]
answers["kept"] = [bool((model.wv[word] == before[word]).all()) for word in before]
model.train([["brand", "new", "words"], ["brand", "new", "class0word0"]] * 5, total_examples=10, epochs=2)
answers["unchanged"] = [bool((model.wv[word] == before[word]).all()) for word in ("class3word2",)]
model.save(path)
again = Word2Vec.load(path)
answers["loaded"] = [bool((again.wv.vectors == model.wv.vectors).all()), bool((again.syn1neg == model.syn1neg).all()),
                     again.epochs, again.sg, again.corpus_count, again.wv.get_vecattr("brand", "count")]
answers["words read after loading"] = again.train([["brand", "new"]] * 4, total_examples=4, epochs=1)[1]

fixed = Word2Vec(vector_size=24, min_count=2, sg=sg)
fixed.build_vocab_from_freq({"a": 30, "b": 20, "c": 10, "d": 1}, corpus_count=4)
answers["from counts"] = [fixed.wv.index_to_key, fixed.corpus_count]
fixed.wv.vectors[:] = vectors
fixed.syn1neg[:] = outputs
answers["predicted"] = [fixed.predict_output_word(["a", "b", "nothing"]), fixed.predict_output_word(["c"], topn=2),
                        fixed.predict_output_word(["nothing"]), fixed.predict_output_word(["a", 1], topn=50)]
fixed.cbow_mean = 0
answers["predicted by sums"] = fixed.predict_output_word(["a", "b", "b"])
other = Word2Vec(vector_size=24, min_count=2, sg=sg)
other.reset_from(fixed)
answers["reset"] = [other.wv.index_to_key, bool(abs(other.syn1neg).max() > 0)]

def failing(call):
    try:
        call()
    except Exception as error:
        return type(error).__name__

answers["errors"] = [
    failing(lambda: Word2Vec(sg=sg).train([["a"]], total_examples=1, epochs=1)),
    failing(lambda: Word2Vec(sg=sg).build_vocab([["a"]] * 5, update=True)),
    failing(lambda: Word2Vec().build_vocab()),
    failing(lambda: Word2Vec([["a"]], corpus_file="x", sg=sg)),
]
'''


def program(gensim: bool, path: str, sg: int = 1) -> dict[str, Any]:
    rng = np.random.default_rng(4)
    names: dict[str, Any] = {"sentences": SENTENCES[:1500], "path": path, "sg": sg,
                             "vectors": rng.normal(size=(3, 24)).astype(np.float32),
                             "outputs": rng.normal(size=(3, 24)).astype(np.float32)}
    exec(PROGRAM if gensim else PROGRAM.replace("from gensim.models import", "from w2v import"), names)
    answers: dict[str, Any] = names["answers"]
    return answers


def test_program_written_for_gensim_runs(tmp_path: Any) -> None:
    answers = program(False, str(tmp_path / "word2vec.model"))
    assert answers["callbacks"] == ["train begins", *["epoch begins", "epoch ends"] * 3, "train ends"]
    assert answers["losses"] == [True] * 3 and answers["loss"]
    assert answers["falling"] == sorted(answers["falling"], reverse=True)
    assert answers["kept"] == [True, True] and answers["unchanged"] == [True] and all(answers["loaded"][:2])
    assert answers["untrained"] == [len(answers["updated"][0]) - 3, True, False]


@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.filterwarnings("ignore")
def test_program_gives_the_same_answers_with_gensim(tmp_path: Any, sg: int) -> None:
    """Everything that does not depend on random numbers is compared."""
    pytest.importorskip("gensim")
    theirs = program(True, str(tmp_path / "theirs.model"), sg)
    ours = program(False, str(tmp_path / "ours.model"), sg)
    assert set(ours) == set(theirs)
    for name, expected in theirs.items():
        if name.startswith("predicted"):
            answers = zip(ours[name], expected, strict=True) if isinstance(expected[0], list) else [
                (ours[name], expected)]
            for got, wanted in answers:
                assert (got is None) == (wanted is None)
                assert [word for word, _ in got or []] == [word for word, _ in wanted or []]
                assert [p for _, p in got or []] == pytest.approx([p for _, p in wanted or []], rel=1e-4)
        else:
            assert ours[name] == expected, name


@pytest.mark.parametrize("own, options", [
    ({}, {"sg": 1}), ({"sg": False, "cbow_undivided": True, "alpha": 0.025}, {"sg": 0}),
    ({"sg": False, "cbow_mean": False}, {"sg": 0, "cbow_mean": 0})])
def test_class_trains_like_w2v_train(own: dict[str, Any], options: dict[str, Any]) -> None:
    model = w2v.Word2Vec(SENTENCES, **{**OPTIONS, **options})
    direct = w2v.train(SENTENCES, vector_size=24, min_count=2, epochs=3, threads=1, sample=0, progress=False, **own)
    assert model.wv.index_to_key == direct.wv.index_to_key
    assert np.array_equal(model.wv.vectors, direct.wv.vectors)
    assert np.array_equal(model.syn1neg, direct.output_vectors)
    assert model.report.words_read == direct.report.words_read
    waiting = w2v.Word2Vec(**{**OPTIONS, **options})
    waiting.build_vocab(SENTENCES)
    waiting.train(SENTENCES)
    assert np.array_equal(waiting.wv.vectors, direct.wv.vectors)


@pytest.mark.slow
def test_planted_structure_is_learned_from_a_file(tmp_path: Any) -> None:
    path = tmp_path / "corpus.txt"
    planted.write_corpus(path, 40_000)
    model = w2v.Word2Vec(corpus_file=path, **{**OPTIONS, "vector_size": 32, "epochs": 10, "workers": 2})
    assert planted.neighbors_found(model.wv) > 0.9
    assert 0 < model.get_latest_training_loss() < model.report.loss


def test_prediction_is_the_word_of_the_context() -> None:
    model = w2v.Word2Vec(SENTENCES, **{**OPTIONS, "epochs": 20})
    found = [word for word, _ in model.predict_output_word([f"context3no{k}" for k in range(4)], topn=8)]
    assert all(word.startswith(("class3", "context3")) for word in found)
    assert any(word.startswith("class3") for word in found)


def test_predictions_of_a_model_and_of_loaded_vectors(tmp_path: Any) -> None:
    model = w2v.train(SENTENCES, vector_size=16, epochs=2, threads=1, progress=False)
    expected = model.predict_output_word(["context0no1", "context0no2"], topn=5)
    model.save(tmp_path / "v.safetensors", output_vectors=True)
    assert w2v.load(tmp_path / "v.safetensors").predict_output_word(["context0no1", "context0no2"], topn=5) == expected
    every = model.predict_output_word(["context0no1"], topn=10**6)
    assert len(every) == len(model.wv) and sum(p for _, p in every) == pytest.approx(1)
    assert [p for _, p in every] == sorted((p for _, p in every), reverse=True)
    assert model.predict_output_word(["unheard-of"]) is None
    with pytest.raises(W2VError, match="output matrix"):
        model.wv.predict_output_word(["context0no1"])
    with pytest.raises(ValueError, match="topn = 0"):
        model.predict_output_word(["context0no1"], topn=0)
    with pytest.raises(TypeError, match="list of words"):
        model.predict_output_word("context0no1")


def test_output_vectors_follow_their_words() -> None:
    kv = w2v.KeyedVectors(["a", "b"], np.eye(2, dtype=np.float32))
    kv.output_vectors = np.array([[1, 2], [3, 4]], dtype=np.float32)
    assert kv.subset(["b"]).output_vectors.tolist() == [[3, 4]]
    kv.add_vector("c", [1, 1])
    assert kv.output_vectors.tolist() == [[1, 2], [3, 4], [0, 0]]


def test_training_continues_in_the_vectors_that_a_caller_holds() -> None:
    model = w2v.Word2Vec(**OPTIONS)
    model.build_vocab(SENTENCES)
    held = model.wv
    held.vectors[:] = 0.25
    model.train(SENTENCES, epochs=1, start_alpha=1e-9, end_alpha=1e-9)
    assert (model.alpha, model.min_alpha, model.epochs) == (1e-9, 1e-9, 1)
    assert model.wv is held
    np.testing.assert_allclose(held.vectors, 0.25, atol=1e-6)
    model.init_weights()
    assert len(model.wv) == len(held) and abs(model.wv.vectors).max() < 0.25 and not model.syn1neg.any()


@pytest.mark.parametrize("negative", [0, 5])
def test_hierarchical_softmax_continues_with_its_nodes(tmp_path: Any, negative: int) -> None:
    options = {**OPTIONS, "hs": 1, "negative": negative, "epochs": 2, "alpha": 0.02, "min_alpha": 0.02}
    model = w2v.Word2Vec(SENTENCES, **options)
    direct = w2v.train(SENTENCES, vector_size=24, min_count=2, epochs=2, threads=1, sample=0, progress=False, hs=True,
                       negative=negative, alpha=0.02, min_alpha=0.02)
    assert np.array_equal(model.wv.vectors, direct.wv.vectors) and np.array_equal(model.syn1[:-1], direct.node_vectors)
    assert hasattr(model, "syn1neg") == (negative > 0)
    first = model.report.loss
    model.train(SENTENCES, start_alpha=1e-9, end_alpha=1e-10)
    assert model.report.loss < first and not model.report.initial.notes
    np.testing.assert_allclose(model.syn1[:-1], direct.node_vectors, atol=1e-5)
    model.save(tmp_path / "hs")
    model = w2v.Word2Vec.load(tmp_path / "hs")
    model.train(SENTENCES, start_alpha=1e-9, end_alpha=1e-10)
    np.testing.assert_allclose(model.syn1[:-1], direct.node_vectors, atol=1e-5)
    model.build_vocab([["brand", "new"]] * 3, update=True)
    model.train(SENTENCES, epochs=1)
    assert model.syn1.shape == (len(model.wv), 24) and "tree" in model.report.initial.notes[0]
    model.build_vocab([["brand", "new"]] * 3, update=True)
    assert model.syn1.shape == (len(model.wv), 24) and not model.syn1.any()
    if not negative:
        with pytest.raises(W2VError, match="output matrix"):
            model.predict_output_word(["brand"])


def test_changed_attributes_are_used() -> None:
    model = w2v.Word2Vec(**OPTIONS)
    model.build_vocab(SENTENCES)
    model.alpha, model.min_alpha, model.window, model.epochs = 0.05, 0.04, 2, 1
    model.train(SENTENCES)
    card = json.loads(model.wv.metadata["training"])
    assert (card["alpha"], card["min_alpha"], card["window"], card["epochs"]) == (0.05, 0.04, 2, 1)
    model.alpha = -1
    with pytest.raises(ValueError, match="alpha = -1"):
        model.train(SENTENCES)


def test_unknown_words_are_skipped_and_counts_stay() -> None:
    model = w2v.Word2Vec(**{**OPTIONS, "min_count": 1})
    model.build_vocab([["a", "b", "b", "c", "c", "c"]])
    trained, read = model.train([["c", "new", "a"], ["new"]], epochs=2)
    assert (trained, read) == (4, 8) and model.report.words_unknown == 4
    assert model.wv.counts.tolist() == [3, 2, 1]


def test_w2v_train_starts_from_a_model_of_the_class() -> None:
    model = w2v.Word2Vec(SENTENCES, **OPTIONS)
    more = w2v.train(SENTENCES[:100], init=model, min_count=1, epochs=1, progress=False)
    assert more.report.initial.output_vectors and more.report.initial.words_old == len(model.wv)


def test_vectors_lockf_and_intersect_word2vec_format_as_in_gensim(tmp_path: Any) -> None:
    pretrained = w2v.KeyedVectors(["class0word0", "class3word2", "elsewhere"], np.eye(3, 24, dtype=np.float32))
    pretrained.save_word2vec_format(tmp_path / "v.bin", binary=True)
    model = w2v.Word2Vec(**OPTIONS)
    model.build_vocab(SENTENCES)
    model.wv.vectors_lockf = np.ones(len(model.wv), dtype=np.float32)
    free = model.wv["class1word1"].copy()
    model.wv.intersect_word2vec_format(str(tmp_path / "v.bin"), lockf=0.0, binary=True)
    assert "elsewhere" not in model.wv.key_to_index and model.wv.vectors_lockf.sum() == len(model.wv) - 2
    model.train(SENTENCES, total_examples=model.corpus_count, epochs=2)
    assert np.array_equal(model.wv["class0word0"], np.eye(3, 24)[0])
    assert np.array_equal(model.wv["class3word2"], np.eye(3, 24)[1])
    assert not np.array_equal(model.wv["class1word1"], free)
    assert model.report.initial.frozen == 2
    model.wv.intersect_word2vec_format(str(tmp_path / "v.bin"), lockf=1.0, binary=True)
    model.train(SENTENCES, epochs=1)
    assert not np.array_equal(model.wv["class0word0"], np.eye(3, 24)[0]) and model.report.initial.frozen == 0
    model.wv.vectors_lockf = np.full(len(model.wv), 0.5)
    with pytest.raises(ValueError, match="vectors_lockf"):
        model.train(SENTENCES)
    with pytest.raises(ValueError, match="24 dimensions"):
        w2v.KeyedVectors(vector_size=24).intersect_word2vec_format(_of_size(tmp_path / "w.bin", 3))


def _of_size(path: Any, size: int) -> Any:
    w2v.KeyedVectors(["a"], np.ones((1, size))).save_word2vec_format(path, binary=True)
    return path


def test_max_final_vocab_keeps_the_most_frequent() -> None:
    model = w2v.Word2Vec([["a"] * 9 + ["b"] * 8 + ["c"] * 7], **{**OPTIONS, "max_final_vocab": 2})
    assert model.wv.index_to_key == ["a", "b"]
    model.build_vocab([["d", "a"] * 5], update=True)
    assert model.wv.index_to_key == ["a", "b"]  # there is no room for a new word, and old words stay
    freq = w2v.Word2Vec(**{**OPTIONS, "max_final_vocab": 2})
    freq.build_vocab_from_freq({"x": 3, "y": 3, "z": 4})
    assert freq.wv.index_to_key == ["z", "x"]


def test_saved_model_is_a_safetensors_file_with_any_suffix(tmp_path: Any) -> None:
    model = w2v.Word2Vec(SENTENCES, **{**OPTIONS, "comment": "mine"})
    model.save(tmp_path / "word2vec.model")
    kv = w2v.load(tmp_path / "word2vec.model")
    assert np.array_equal(kv.vectors, model.wv.vectors) and json.loads(kv.metadata["word2vec"])["comment"] == "mine"
    again = w2v.Word2Vec.load(tmp_path / "word2vec.model", mmap="r")
    assert again.window == 5 and again.epochs == 3 and again.total_train_time > 0
    a, b = (one.train(SENTENCES, epochs=1) and one.wv.vectors for one in (model, again))
    assert np.array_equal(a, b)


@pytest.mark.parametrize("kind, name, value", [
    (w2v.Word2Vec, "vector_size", 9), (w2v.FastText, "vector_size", 9), (w2v.FastText, "bucket", 50),
    (w2v.FastText, "max_n", 4)])
def test_changed_size_is_refused_before_training(kind: Any, name: str, value: int) -> None:
    lines, options = [["a", "b"]] * 20, {"bucket": 100} if kind is w2v.FastText else {}
    model = kind(lines, vector_size=8, min_count=1, workers=1, sample=0, **options)
    before = model.wv.vectors.tobytes()
    setattr(model, name, value)
    for call in (model.train, lambda lines: model.build_vocab([["c", "a"]] * 5, update=True)):
        with pytest.raises(ValueError, match=rf"{name.replace('max_n', 'maxn')} = {value}.* the initial vectors"):
            call(lines)
        assert model.wv.vectors.tobytes() == before and model.train_count == 1 and model.syn1neg.any()


def test_settings_may_be_numpy_numbers(tmp_path: Any) -> None:
    numbers = {"vector_size": np.int64(8), "alpha": np.float32(0.05), "window": np.int32(3), "seed": np.uint8(7)}
    model = w2v.Word2Vec([["a", "b"]] * 20, min_count=np.int64(1), workers=1, **numbers)
    model.save(tmp_path / "m")
    again = w2v.Word2Vec.load(str(tmp_path / "m"))
    assert {name: getattr(again, name) for name in numbers} == numbers
    assert again.wv.vectors.tobytes() == model.wv.vectors.tobytes()


def test_other_files_of_vectors_are_loaded(tmp_path: Any) -> None:
    direct = w2v.train(SENTENCES, vector_size=8, window=3, threads=1, epochs=1, progress=False)
    direct.save(tmp_path / "own.safetensors", output_vectors=True)
    model = w2v.Word2Vec.load(tmp_path / "own.safetensors")
    assert model.window == 3 and model.vector_size == 8 and model.epochs == 1
    assert np.array_equal(model.syn1neg, direct.output_vectors)
    direct.save(tmp_path / "v.bin")
    bare = w2v.Word2Vec.load(tmp_path / "v.bin")
    with pytest.raises(AttributeError, match="no output matrix"):
        bare.syn1neg  # noqa: B018
    trained, read = bare.train([*SENTENCES, ["new", "words"]], epochs=1)
    assert 0 < trained < read and bare.wv.counts.sum() == read - 2 and "new" not in bare.wv
    assert set(bare.wv.index_to_key) == set(direct.wv.index_to_key)
    counted = w2v.Word2Vec.load(tmp_path / "v.bin")
    counted.build_vocab(SENTENCES, update=True)
    assert counted.train(SENTENCES, epochs=1)[0] > 0


# ---------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize("options, error, message", [
    ({"size": 10}, TypeError, "vector_size"), ({"iter": 3}, TypeError, "epochs"),
    ({"nonsense": 1}, TypeError, "nonsense"),
    ({"min_count": -1}, ValueError, "min_count = -1"), ({"vector_size": 0}, ValueError, "vector_size = 0"),
    ({"hs": 0, "negative": 0}, ValueError, "hs=True"),
    ({"workers": 0}, ValueError, "threads = 0"), ({"alpha": float("nan")}, ValueError, "alpha = nan"),
    ({"sample": 20}, ValueError, "sample = 20"),
])
def test_bad_parameters_are_refused_at_once(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        w2v.Word2Vec(**options)


def test_invalid_calls_are_refused() -> None:
    model = w2v.Word2Vec(hashfxn=hash)
    with pytest.raises(RuntimeError, match="no vocabulary"):
        model.train(SENTENCES)
    with pytest.raises(RuntimeError, match="no vocabulary to update"):
        model.build_vocab(SENTENCES, update=True)
    with pytest.raises(TypeError, match="either sentences"):
        model.build_vocab()
    with pytest.raises(TypeError, match="trimming"):
        model.build_vocab(SENTENCES, trimming=1)
    with pytest.raises(W2VError, match="no word to save"):
        model.save("nowhere")
    with pytest.raises(ValueError, match="min_count = 5"):
        model.build_vocab_from_freq({"a": 1})


@pytest.mark.parametrize("settings", ["[]", "{", '{"window": "x"}', '{"alpha": [1]}', '{"epochs": -1}', '"x"'])
def test_broken_settings_in_a_file_are_one_error(tmp_path: Any, settings: str) -> None:
    kv = w2v.KeyedVectors(["a"], np.ones((1, 2), dtype=np.float32))
    kv.save(tmp_path / "m.safetensors", metadata={"word2vec": settings})
    with pytest.raises(FormatError, match="settings of the model"):
        w2v.Word2Vec.load(tmp_path / "m.safetensors")


@pytest.mark.parametrize("kind", [w2v.Word2Vec, w2v.FastText])
@pytest.mark.parametrize("name, hint", [
    ("size", "since gensim 4 it is vector_size"), ("iter", "since gensim 4 it is epochs"),
    ("threads", "did you mean workers"), ("max_vocab", "did you mean max_final_vocab"), ("lr", "did you mean alpha"),
    ("dim", "did you mean vector_size"), ("windw", "did you mean window"), ("Sentences", "did you mean sentences"),
    ("cbow", "sg=0 is CBOW"), ("nonsense", "its parameters are sentences, corpus_file")])
def test_unknown_parameters_name_the_one_that_is_meant(kind: Any, name: str, hint: str) -> None:
    with pytest.raises(TypeError, match=f"{kind.__name__} has no parameter '{name}'[;:] {hint}"):
        kind(**{name: 1})


def test_unknown_parameters_of_methods_and_of_n_grams_are_named() -> None:
    model = w2v.Word2Vec([["a", "b"]] * 9, min_count=1, vector_size=4)
    for method, name, hint in ((model.train, "sentences", "corpus_iterable"), (model.train, "epcohs", "epochs"),
                               (model.build_vocab, "sentences", "corpus_iterable"), (model.train, "iter", "epochs")):
        with pytest.raises(TypeError, match=f"{method.__name__} has no parameter '{name}'.*{hint}"):
            method(**{name: 1})
    for name in ("min_n", "maxn", "bucket"):
        with pytest.raises(TypeError, match="n-grams are parameters of FastText"):
            w2v.Word2Vec(**{name: 1})
    with pytest.raises(TypeError, match=r"did you mean max_n\?"):
        w2v.FastText(maxn=1)


def test_models_show_themselves_and_their_progress(capsys, monkeypatch):
    """A line is printed when it is due; a bar needs a terminal or a notebook."""
    monkeypatch.setattr(display, "LINE_SECONDS", -1.0)
    model = w2v.Word2Vec(SENTENCES, vector_size=8, min_count=1, workers=1)
    shown = capsys.readouterr().err
    assert "reading:" in shown and "training:" in shown
    assert repr(model) == str(model) and repr(model).startswith("Word2Vec<vocab=")
    assert "words read" in model._repr_html_() and "<table>" in model._repr_html_()
    quiet = w2v.FastText(vector_size=8, min_count=1, workers=1, bucket=1000, progress=False)
    quiet.build_vocab(SENTENCES)
    assert quiet._repr_html_() == f"<p>{str(quiet).replace('<', '&lt;').replace('>', '&gt;')}</p>"
    quiet.train(SENTENCES, total_examples=len(SENTENCES), epochs=1)
    assert capsys.readouterr().err == ""
