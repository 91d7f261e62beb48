"""Callbacks of gensim's classes: all that they see and save is the whole state of the model at that moment."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import planted

import w2v
from w2v.errors import TrainingError

SENTENCES = list(planted.sentences(1500))
OPTIONS: dict[str, Any] = {"vector_size": 12, "min_count": 2, "epochs": 3, "workers": 1, "sample": 0}
MODELS: dict[str, tuple[Any, dict[str, Any]]] = {
    "skip-gram": (w2v.Word2Vec, {"sg": 1}),
    "CBOW": (w2v.Word2Vec, {"sg": 0}),
    "softmax": (w2v.Word2Vec, {"hs": 1, "negative": 0}),
    "both": (w2v.Word2Vec, {"sg": 1, "hs": 1, "negative": 3}),
    "n-grams": (w2v.FastText, {"bucket": 200}),
    "n-grams, softmax": (w2v.FastText, {"bucket": 200, "sg": 1, "hs": 1, "negative": 0}),
    "n-grams of 16": (w2v.FastText, {"bucket": 200, "sg": 1, "vector_size": 16}),
    "no n-grams": (w2v.FastText, {"max_n": 0}),
}
each_model = pytest.mark.parametrize("name", MODELS)


def made(name: str, **options: Any) -> Any:
    kind, own = MODELS[name]
    return kind(SENTENCES, **{**OPTIONS, **own, **options})


def state(model: Any) -> dict[str, np.ndarray]:
    """Copies of all matrices."""
    found = {"vectors": model.wv.vectors.copy()}
    if model.negative:
        found["syn1neg"] = model.syn1neg.copy()
    if model.hs:
        found["syn1"] = model.syn1.copy()
    if model.wv.subwords is not None:
        found |= {"n-grams": model.wv.vectors_ngrams.copy(), "unseen": model.wv["never-seen"]}
    return found


def equal(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return set(one) == set(other) and all(np.array_equal(one[name], other[name]) for name in one)


class Saver:
    """Keeps the state at the end of each epoch, and what `keep` returns."""

    def __init__(self, keep: Callable[[Any, int], Any]) -> None:
        self.keep, self.states, self.kept = keep, [], []

    def on_epoch_end(self, model: Any) -> None:
        self.kept.append(self.keep(model, len(self.kept)))
        self.states.append(state(model))


@each_model
def test_epoch_savers_write_the_state_of_the_epoch_in_every_call_of_train(name: str, tmp_path: Any) -> None:
    def save(model: Any, epoch: int) -> Any:
        model.save(tmp_path / f"{epoch}.model")
        return tmp_path / f"{epoch}.model"

    saver = Saver(save)
    model = made(name, callbacks=[saver])
    first = state(model)
    model.train(SENTENCES, epochs=2, callbacks=[saver])
    assert len(saver.kept) == 5 and equal(saver.states[2], first) and equal(saver.states[4], state(model))
    for one, next_one in zip(saver.states, saver.states[1:], strict=False):
        assert all(not np.array_equal(one[key], next_one[key]) for key in one)
    for path, expected in zip(saver.kept, saver.states, strict=True):
        assert equal(state(type(model).load(path)), expected)


@each_model
def test_training_continues_from_a_saved_epoch(name: str, tmp_path: Any) -> None:
    saver = Saver(lambda model, epoch: model.save(tmp_path / f"{epoch}.model"))
    model = made(name, callbacks=[saver])
    again = type(model).load(tmp_path / "1.model")
    again.train(SENTENCES, epochs=1, start_alpha=1e-9, end_alpha=1e-10)
    for key, matrix in state(again).items():
        np.testing.assert_allclose(matrix, saver.states[1][key], atol=1e-5)
    assert not again.report.initial.notes


@each_model
def test_callbacks_do_not_change_the_result(name: str) -> None:
    assert equal(state(made(name, callbacks=[Saver(lambda model, epoch: model.wv)])), state(made(name)))


@each_model
@pytest.mark.parametrize("keep", [lambda model, _: copy.deepcopy(model), lambda model, _: pickle.dumps(model)])
def test_copies_and_pickles_in_a_callback_have_the_state_of_the_epoch(name: str, keep: Any) -> None:
    saver = Saver(keep)
    made(name, callbacks=[saver], epochs=2)
    for kept, expected in zip(saver.kept, saver.states, strict=True):
        model = pickle.loads(kept) if isinstance(kept, bytes) else kept
        assert equal(state(model), expected)
        model.train(SENTENCES, epochs=1)
        assert not equal(state(model), expected)


def test_callbacks_that_do_not_look_take_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    from w2v.training.trainer import Training

    taken: list[int] = []
    whole = Training.state
    monkeypatch.setattr(Training, "state", lambda self: taken.append(1) or whole(self))
    seen: list[float] = []

    class Loss:
        def on_epoch_end(self, model: Any) -> None:
            seen.append(model.get_latest_training_loss())

    class Look:
        def on_epoch_end(self, model: Any) -> None:
            model.wv.most_similar("class0word0")
            assert model.syn1neg.any() and model.predict_output_word(["class0word0"])

        def on_epoch_begin(self, model: Any) -> None:
            seen.append(float(np.abs(model.wv.vectors).max()))

    made("skip-gram", callbacks=[Loss()])
    assert len(seen) == 3 and not taken
    made("skip-gram", callbacks=[Look(), Look()])
    assert len(taken) == 3  # one for each epoch, shared by all callbacks


def test_objects_held_from_before_have_the_state_too() -> None:
    model = made("n-grams")
    held = model.wv

    class Same:
        def on_epoch_end(self, model: Any) -> None:
            assert model.wv is held and np.array_equal(held["class0word0"], model.wv["class0word0"])

    model.train(SENTENCES, epochs=2, callbacks=[Same()])
    assert model.wv is held


def test_drift_is_counted_from_the_vectors_before_the_run() -> None:
    with_look, without = made("skip-gram"), made("skip-gram")
    without.train(SENTENCES, epochs=2)
    with_look.train(SENTENCES, epochs=2, callbacks=[Saver(lambda model, epoch: model.wv)])
    assert with_look.report.drift == without.report.drift


@pytest.mark.parametrize("change", [
    lambda model: model.wv.vectors.__setitem__(0, 1), lambda model: model.syn1neg.fill(0),
    lambda model: model.syn1.fill(0), lambda model: model.wv.vectors_ngrams.fill(0)])
def test_changes_that_would_be_lost_are_errors(change: Any) -> None:
    class Change:
        def on_epoch_end(self, model: Any) -> None:
            change(model)

    with pytest.raises(ValueError, match="read-only"):
        w2v.FastText(SENTENCES, **OPTIONS, bucket=50, hs=1, callbacks=[Change()])


@pytest.mark.parametrize("call", [
    lambda model: model.train(SENTENCES), lambda model: model.build_vocab(SENTENCES, update=True),
    lambda model: model.build_vocab_from_freq({"a": 9}), lambda model: setattr(model, "wv", model.wv),
    lambda model: model.init_weights(), lambda model: model.reset_from(model),
    lambda model: setattr(model, "syn1neg", model.syn1neg)])
def test_calls_that_need_a_finished_run_are_refused_in_callbacks(call: Any) -> None:
    class Call:
        def on_epoch_begin(self, model: Any) -> None:
            call(model)

    with pytest.raises(RuntimeError, match="in a callback"):
        made("skip-gram", callbacks=[Call()])


@each_model
def test_an_exception_in_a_callback_leaves_the_state_of_that_moment(name: str) -> None:
    class Enough(Exception):
        pass

    class Stop:
        states: list[Any] = []

        def on_epoch_end(self, model: Any) -> None:
            self.states.append(state(model))
            if len(self.states) == 2:
                raise Enough

    model = made(name, epochs=1)
    stop = Stop()
    with pytest.raises(Enough):
        model.train(SENTENCES, epochs=5, callbacks=[stop])
    left = state(model)
    assert equal(left, stop.states[1]) and not equal(left, stop.states[0])
    model.wv.vectors[:] = model.wv.vectors  # no longer read-only
    model.train(SENTENCES, epochs=1)


def test_a_run_that_diverges_leaves_the_model_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made("both", epochs=1)
    before = state(model)

    class Fail:
        def on_epoch_end(self, model: Any) -> None:
            assert model.syn1neg.any()
            raise TrainingError("numbers are not finite")

    with pytest.raises(TrainingError):
        model.train(SENTENCES, epochs=2, callbacks=[Fail()])
    assert equal(state(model), before)


def test_vectors_set_before_the_first_epoch_are_trained() -> None:
    class Set:
        def on_train_begin(self, model: Any) -> None:
            model.wv.vectors[:] = 0.25

    model = made("skip-gram", callbacks=[Set()], epochs=1, alpha=1e-9, min_alpha=1e-10)
    np.testing.assert_allclose(model.wv.vectors, 0.25, atol=1e-6)


def test_learning_rate_that_was_reached_is_known() -> None:
    reached: list[float] = []

    class Rate:
        def on_epoch_end(self, model: Any) -> None:
            reached.append(model.min_alpha_yet_reached)

    model = made("skip-gram", alpha=0.04, min_alpha=0.01, callbacks=[Rate()])
    assert reached == pytest.approx([0.03, 0.02, 0.01]) and model.min_alpha_yet_reached == 0.01
