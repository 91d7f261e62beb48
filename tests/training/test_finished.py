"""What is done with the vectors after training: a share of the output vectors is added, the mean is subtracted."""

import numpy as np
import pytest
from helpers.stops import Stop, stop_after

import w2v
from w2v.training.finished import ROWS, finish_vectors
from w2v.training.run import paced

LINES = [[f"w{(j * k) % 23}" for k in range(1, 12)] for j in range(1, 60)]
OPTIONS = {"vector_size": 6, "min_count": 1, "epochs": 2, "threads": 1, "progress": False}


@pytest.fixture(scope="module")
def plain():
    return w2v.train(LINES, **OPTIONS, held_out=5)


@pytest.mark.parametrize("share", [0, 0.25, 1])
@pytest.mark.parametrize("center", [False, True])
def test_vectors_are_those_of_training_with_a_share_of_the_outputs_about_their_mean(plain, share, center):
    model = w2v.train(LINES, **OPTIONS, held_out=5, add_outputs=share, center=center)
    expected = plain.wv.vectors + share * plain.output_vectors
    if center:
        expected = expected - expected.mean(axis=0)
    np.testing.assert_allclose(model.wv.vectors, expected, atol=1e-6)
    assert np.array_equal(model.output_vectors, plain.output_vectors)
    assert model.report.loss_held_out == plain.report.loss_held_out


def test_matrices_of_many_blocks_are_finished_whole():
    rng = np.random.default_rng(1)
    vectors, outputs = rng.normal(3, 1, (2, 2 * ROWS + 5, 16)).astype(np.float32)
    expected = vectors + np.float32(0.5) * outputs
    finish_vectors(vectors, outputs, w2v.TrainConfig(add_outputs=0.5, center=True))
    np.testing.assert_allclose(vectors, expected - expected.mean(axis=0, dtype=np.float64), atol=1e-5)


def test_a_resumed_run_is_finished_once(tmp_path):
    options = OPTIONS | {"add_outputs": 0.5, "center": True}
    whole = w2v.train(LINES, **options)

    with paced(after_shard=stop_after(1)), pytest.raises(Stop):
        w2v.train(LINES, **options, checkpoint=tmp_path / "run.w2v", checkpoint_every=1e-6)
    for _ in range(2):  # the second time from the checkpoint of the whole run
        resumed = w2v.train(LINES, resume=tmp_path / "run.w2v", progress=False, threads=1)
        assert np.array_equal(resumed.wv.vectors, whole.wv.vectors)


@pytest.mark.parametrize("options, problem", [
    ({"add_outputs": 0.5, "hs": True, "negative": 0}, "add_outputs = 0.5 .* needs negative=5"),
    ({"add_outputs": 0.5, "minn": 3, "maxn": 4}, r"add_outputs = 0.5 cannot be used with n-grams"),
    ({"center": True, "minn": 3, "maxn": 4}, r"center=True cannot be used with n-grams"),
    ({"add_outputs": 1.5}, "add_outputs = 1.5 is out of range: 0 to 1")])
def test_what_cannot_be_finished_is_refused(options, problem):
    with pytest.raises(ValueError, match=problem):
        w2v.TrainConfig(**options)


def test_frozen_words_cannot_be_changed_at_the_end(plain):
    for options in ({"center": True}, {"add_outputs": 0.1}, {"preset": "fast"}):
        with pytest.raises(ValueError, match="changes all vectors at the end; it cannot be used with freeze"):
            w2v.train(LINES, init=plain.wv, freeze="old", progress=False, min_count=1, vector_size=6, **options)
