"""A corpus that is made anew for each epoch."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v.corpus.fresh import corpus_of
from w2v.errors import CorpusError
from w2v.training.run import Run, paced

OPTIONS = {"vector_size": 12, "min_count": 1, "sample": 0.0, "threads": 1, "progress": False, "epochs": 4}


def sentences(seed: int, n: int = 300) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    return [[f"w{i}" for i in line] for line in rng.integers(0, 30, (n, 12))]


def vectors(**options: object) -> np.ndarray:
    return np.array(w2v.train(**{**OPTIONS, **options}).wv.vectors)  # type: ignore[arg-type]


def test_same_text_in_each_epoch_gives_the_vectors_of_a_corpus() -> None:
    expected = vectors(corpus=sentences(1))
    for fresh in (lambda: sentences(1), lambda epoch: iter(sentences(1))):
        assert np.array_equal(vectors(fresh=fresh), expected)
    with paced(shard_ids=500):
        assert np.array_equal(vectors(fresh=lambda: sentences(1)), vectors(corpus=sentences(1)))


def test_each_epoch_is_made_once_with_its_number_and_trained_in_order() -> None:
    made: list[int] = []

    def fresh(epoch: int) -> Iterator[list[str]]:
        made.append(epoch)
        yield from sentences(epoch)

    model = w2v.train(fresh=fresh, **OPTIONS)
    assert sorted(made) == [0, 1, 2, 3]
    assert not np.array_equal(model.wv.vectors, vectors(corpus=sentences(0)))
    assert model.report.words_read == model.report.words_trained == 4 * 300 * 12


@pytest.mark.parametrize("threads", [1, 3])
def test_words_of_all_epochs_are_counted(threads: int) -> None:
    sizes = [40, 10, 90, 1]
    with paced(shard_ids=100):
        report = w2v.train(fresh=lambda epoch: [*sentences(0, sizes[epoch]), [f"new{epoch}", "w1"]],
                           **{**OPTIONS, "threads": threads}).report
    assert report.words_read == 12 * sum(sizes) + 8 and report.words_unknown == 3
    assert report.words_trained + report.words_unknown == report.words_read


def test_integers_are_made_anew_and_are_keys() -> None:
    model = w2v.train(fresh=lambda epoch: np.random.default_rng(epoch).integers(0, 9, (50, 20)), **OPTIONS)
    assert model.wv.integer_keys and 8 in model.wv


def test_resumed_run_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    path, called = tmp_path / "run.w2v", list[int]()

    def fresh(epoch: int) -> list[list[str]]:
        called.append(epoch)
        return sentences(epoch)

    def stop(run: Run) -> None:
        if run.checkpoints and run.pieces_taken > 20:
            raise KeyboardInterrupt

    with paced(shard_ids=500):
        expected = vectors(fresh=sentences)
        with pytest.raises(KeyboardInterrupt), paced(after_shard=stop):
            w2v.train(fresh=sentences, checkpoint=path, checkpoint_every="10%", **OPTIONS)
        resumed = w2v.train(fresh=fresh, resume=path, progress=False)
    assert np.array_equal(resumed.wv.vectors, expected) and sorted(called) == [0, 2, 3]


def test_error_in_the_function_reaches_the_caller() -> None:
    def fails(epoch: int) -> list[list[str]]:
        if epoch == 2:
            raise OSError("no more walks")
        return sentences(epoch)

    with pytest.raises(OSError, match="no more walks"):
        w2v.train(fresh=fails, **OPTIONS)
    with pytest.raises(CorpusError, match=r"epoch 1 of fresh: .*none of the 2 words of the vocabulary"):
        w2v.train(fresh=lambda epoch: [[f"a{epoch}", f"b{epoch}"]], **OPTIONS)


def test_stop_does_not_wait_for_the_next_epoch() -> None:
    go = threading.Event()

    def slow(epoch: int) -> list[list[str]]:
        if epoch:
            go.wait(30)
        return sentences(epoch)

    def stop(view: object, stats: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        w2v.train(fresh=slow, on_interval=stop, log_every=0.05, **OPTIONS)
    assert not go.is_set()
    go.set()


@pytest.mark.parametrize(("options", "error", "said"), [
    ({"corpus": [["a", "b"]]}, TypeError, "either corpus or fresh"),
    ({"fresh": [["a", "b"]]}, TypeError, "fresh must be a function"),
    ({"fresh": lambda: None}, TypeError, "fresh returned None for epoch 0"),
    ({"ids": "none"}, ValueError, "ids='none' cannot be used with fresh"),
    ({"window": "line"}, ValueError, "window='line' cannot be used with fresh"),
    ({"held_out": 3}, ValueError, "held_out cannot be used with fresh.*pass a file"),
    ({"phrases": "p.tsv"}, ValueError, "phrases cannot be used with fresh"),
])
def test_options_that_need_one_text_are_refused(options: dict[str, object], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        w2v.train(**{"fresh": lambda: sentences(1), **OPTIONS, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize("fresh", [lambda: "text", lambda epoch: "text", lambda epoch=0: "text"])
def test_function_may_have_a_parameter(fresh: Callable[..., object]) -> None:
    assert corpus_of(fresh, 3) == "text"
