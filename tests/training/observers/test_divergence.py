"""Divergence: detected during the run, described, set back once with half the rate, never written to a checkpoint."""

import json
import os
import re

import numpy as np
import pytest
from helpers import planted
from helpers.diverging import explode, huge, inf_in_a_rare_row, nan_everywhere
from helpers.stops import each_shard

import w2v
from w2v import cli
from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.training.checkpoint import Checkpoint
from w2v.training.loop import _loop, _rows
from w2v.training.objectives.layout import layout_of
from w2v.training.observers import divergence
from w2v.training.observers.checkpoints import Checkpoints
from w2v.training.run import paced

OPTIONS = {"vector_size": 24, "epochs": 60, "progress": False}


@pytest.fixture(autouse=True)
def observed_after_each_shard():
    with paced(shard_ids=1 << 13, after_shard=each_shard):
        yield


@pytest.fixture(scope="module")
def lines():
    return list(planted.sentences(8_000))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("how, says", [
    (nan_everywhere, "no longer finite"),
    (inf_in_a_rare_row, r"the vector of '\w+' is no longer finite|loss is no longer"),
    (huge, r"the loss is [\d.e+]+, where an untrained model has 4.85,|no longer finite")])
def test_divergence_is_found_long_before_the_end_and_described(lines, monkeypatch, threads, how, says):
    explode(monkeypatch, 0.2, how)
    told = []
    with pytest.raises(w2v.TrainingError, match=says) as caught:
        w2v.train(lines, threads=threads, on_epoch_end=lambda view, stats: told.append(stats.epoch), **OPTIONS)
    message = str(caught.value)
    found = re.search(r"in epoch (\d+) at learning rate (0\.0\d+); the largest row is the (output )?vector of '\w+', "
                      r"of norm ([\d.e+]+|inf); start again with a smaller alpha \(it was 0\.025\)", message)
    assert found, message
    assert 12 <= int(found[1]) < 20
    assert max(told, default=0) < 20


def test_huge_learning_rate_diverges_and_is_found_at_once(monkeypatch):
    monkeypatch.setattr(TrainConfig, "_check", lambda self, spec: None)
    lines = [[f"w{k % 30}" for k in range(j, j + 50)] for j in range(3000)]
    with pytest.raises(w2v.TrainingError, match="in epoch 1 at .*largest row is the (output )?vector of 'w"):
        w2v.train(lines, alpha=1e30, threads=2, vector_size=16, epochs=100_000, progress=False)


def test_run_is_set_back_once_with_half_the_rate(lines, monkeypatch, tmp_path, capsys):
    explode(monkeypatch, 0.5, nan_everywhere)
    model = w2v.train(lines, threads=1, checkpoint=tmp_path / "k", checkpoint_every="10%", **OPTIONS)
    assert model.report.rollbacks == 1 and np.isfinite(model.wv.vectors).all()
    assert model.report.words_read == model.report.words_trained + model.report.words_subsampled
    [note] = json.loads(model.wv.metadata["report"])["rollbacks"]
    assert re.search(r"training diverged: .*no longer finite.* in epoch 3\d .*; set back to (3|4|5)\d\.\d% of the "
                     r"words, alpha halved from 0\.025 to 0\.0125", note), note
    assert note in capsys.readouterr().err
    assert planted.neighbors_found(model.wv) > 0.9
    # later checkpoints record it
    saved = Checkpoint.open(tmp_path / "k").state
    assert saved.rollbacks == (note,) and saved.alpha == 0.0125 and saved.min_alpha == 1e-4


def test_min_alpha_stays_below_alpha(lines, monkeypatch, tmp_path):
    explode(monkeypatch, 0.5, nan_everywhere)
    w2v.train(lines, checkpoint=tmp_path / "k", checkpoint_every="10%", alpha=0.02, min_alpha=0.015, **OPTIONS)
    saved = Checkpoint.open(tmp_path / "k")
    assert (saved.state.alpha, saved.state.min_alpha) == (0.01, 0.01) and saved.config.alpha == 0.02


def test_second_divergence_is_an_error_even_after_a_resumption(lines, monkeypatch, tmp_path):
    path = tmp_path / "k"
    with pytest.MonkeyPatch.context() as patch:
        explode(patch, 0.5, nan_everywhere, times=2)
        with pytest.raises(w2v.TrainingError, match=r"smaller alpha \(it was 0.0125\)"):
            w2v.train(lines, checkpoint=path, checkpoint_every="5%", **OPTIONS)
    w2v.train(lines, checkpoint=path, checkpoint_every="10%", **OPTIONS)
    with pytest.MonkeyPatch.context() as patch:
        explode(patch, 0.5, nan_everywhere)
        w2v.train(lines, checkpoint=path, checkpoint_every="10%", **OPTIONS)
    assert len(Checkpoint.open(path).state.rollbacks) == 1
    explode(monkeypatch, 0.0, nan_everywhere)
    with pytest.raises(w2v.TrainingError, match=r"smaller alpha \(it was 0.0125\)"):
        w2v.train(lines, resume=path, progress=False)


def test_divergence_before_the_first_checkpoint_is_an_error(lines, monkeypatch, tmp_path):
    explode(monkeypatch, 0.3, huge)
    with pytest.raises(w2v.TrainingError, match="diverged"):
        w2v.train(lines, checkpoint=tmp_path / "k", checkpoint_every="90%", **OPTIONS)
    assert os.listdir(tmp_path) == []


def test_divergence_with_a_damaged_checkpoint_is_an_error(lines, monkeypatch, tmp_path, capsys):
    path = tmp_path / "k"

    def spoil(vectors):
        path.write_bytes(path.read_bytes()[:-1])
        nan_everywhere(vectors)

    explode(monkeypatch, 0.5, spoil)
    with pytest.raises(w2v.TrainingError, match="diverged"):
        w2v.train(lines, checkpoint=path, checkpoint_every="10%", **OPTIONS)
    assert "cannot be set back to its checkpoint" in capsys.readouterr().err


@pytest.mark.parametrize("other", [{"seed": 2}, {}])
@pytest.mark.slow
def test_run_is_not_set_back_to_the_checkpoint_of_another_run(lines, monkeypatch, tmp_path, capsys, other):
    """Two runs have the same checkpoint path, and models of the same shape."""
    options = {"checkpoint_every": "10%", **OPTIONS}
    w2v.train(lines[::-1] if not other else lines, checkpoint=tmp_path / "other", **options, **other)
    path = tmp_path / "k"

    def spoil(vectors):
        (tmp_path / "other").replace(path)
        nan_everywhere(vectors)

    explode(monkeypatch, 0.5, spoil)
    with pytest.raises(w2v.TrainingError, match="diverged"):
        w2v.train(lines, checkpoint=path, **options)
    assert "is now a checkpoint of another run" in capsys.readouterr().err


def test_diverged_model_is_never_written(lines, monkeypatch, tmp_path):
    """Here divergence is only looked for when a checkpoint is written."""
    write, spoiled = Checkpoints.write, []

    def spoiling(self, run):
        if not spoiled and run.status().words_done > 0.5 * run.total_words:
            spoiled.append(run.status().words_done)
            with run.paused():
                self.matrices["output_vectors"][-1, 0] = np.nan
        return write(self, run)

    monkeypatch.setattr(Checkpoints, "write", spoiling)
    monkeypatch.setattr(divergence.Divergence, "observe", lambda self, run, ended: None)
    model = w2v.train(lines, threads=1, checkpoint=tmp_path / "k", checkpoint_every="10%", **OPTIONS)
    assert spoiled and model.report.rollbacks == 1 and np.isfinite(model.output_vectors).all()
    assert np.isfinite(w2v.load(tmp_path / "k").vectors).all()


def test_error_of_a_worker_reaches_the_caller_and_is_not_a_divergence(lines, monkeypatch, tmp_path):
    class Broken(_loop.TrainingLoop):
        shards = 0

        def train(self, *args):
            Broken.shards += 1
            if Broken.shards == 100:
                raise MemoryError("no memory for the buffers of a thread")
            return super().train(*args)

    monkeypatch.setattr(_loop, "TrainingLoop", Broken)
    with pytest.raises(MemoryError, match="buffers"):
        w2v.train(lines, threads=2, checkpoint=tmp_path / "k", checkpoint_every="1%", **OPTIONS)


def test_divergence_is_one_line_on_the_command_line(tmp_path, monkeypatch, capsys, lines):
    monkeypatch.setattr(divergence, "EXPLODED", 0.1)
    (tmp_path / "c.txt").write_text("\n".join(map(" ".join, lines)))
    assert cli.main(["train", str(tmp_path / "c.txt"), "-o", str(tmp_path / "v.bin"), "-q"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and error.startswith("w2v: training diverged: the loss is")
    assert not (tmp_path / "v.bin").exists()


@pytest.mark.parametrize("options", [{}, {"sg": False}, {"hs": True}, {"hs": True, "negative": 0, "sg": False}])
def test_untrained_loss_of_each_objective_is_measured(lines, options):
    model = w2v.train(lines, vector_size=24, epochs=1, alpha=1e-9, min_alpha=0, progress=False, threads=1, **options)
    vocabulary = Vocabulary.from_words(model.wv.index_to_key, [model.wv.get_vecattr(word, "count") for word in
                                                                     model.wv.index_to_key])
    assert model.report.loss == pytest.approx(layout_of(model.config, vocabulary).untrained_loss, rel=0.04)


@pytest.mark.parametrize("shape", [(1, 16), (50, 16), (7, 37), (3, 112), (5, 1)])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_first_nonfinite_row_is_found_anywhere(shape, value):
    matrix = np.full(shape, 3e38, np.float32)
    assert _rows.first_nonfinite_row(matrix) == -1
    for row, column in {(0, 0), (shape[0] - 1, shape[1] - 1), (shape[0] // 2, shape[1] // 2)}:
        matrix[row, column] = value
        assert _rows.first_nonfinite_row(matrix) == row
        matrix[row, column] = 0
