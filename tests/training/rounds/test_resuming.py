"""Runs in rounds that are stopped at any place, and resumed with the bytes of a run without a stop."""

import signal
import subprocess
import sys
import threading

import pytest
from helpers import planted
from helpers.checkpoints import content
from helpers.rounds import OPTIONS, short_parts, train, trained
from helpers.stops import Stop, each_shard, stop_after

import w2v
from w2v.training.checkpoint import Checkpoint
from w2v.training.rounds.shared import SharedCalls
from w2v.training.run import Run, paced

ROUNDS = 6


@pytest.fixture(scope="module")
def whole(corpus):
    with short_parts():
        return trained(corpus)


def stopped(corpus, path, n, **options):
    """Stop after n rounds, with a checkpoint of them."""
    with paced(after_shard=stop_after(n)), pytest.raises(Stop):
        train(corpus, checkpoint=path, checkpoint_every=1e-6, **options)


@pytest.mark.parametrize("n", range(1, ROUNDS))
@pytest.mark.parametrize("threads", [(1, 3), (3, 1), (2, 16)])
def test_run_resumed_after_any_round_ends_with_the_same_bytes(corpus, whole, tmp_path, n, threads):
    stopped(corpus, tmp_path / "k", n, threads=threads[0])
    assert Checkpoint.open(tmp_path / "k").state.taken == n
    model = w2v.train(resume=tmp_path / "k", threads=threads[1], progress=False)
    assert content(model) == whole and model.report.threads == threads[1] and planted.adds_up(model.report)


@pytest.mark.parametrize("options", [
    {"sg": False}, {"window": "line"}, {"ids": "none"}, {"ids": "disk"}, {"held_out": 100}, {"shards": 1},
    {"shards": 16, "rounds": 6, "negative": 2}])
def test_run_of_each_form_is_resumed_to_the_same_bytes(corpus, tmp_path, options):
    stopped(corpus, tmp_path / "k", 3, **options)
    ids = {"ids": options["ids"]} if "ids" in options else {}
    model = w2v.train(resume=tmp_path / "k", threads=2, progress=False, **ids)
    assert content(model) == trained(corpus, **options)


def test_run_stopped_after_each_round_ends_with_the_same_bytes(corpus, whole, tmp_path):
    path, places = tmp_path / "k", []
    for _ in range(20):
        done = Checkpoint.open(path).state.taken if path.exists() else 0
        with paced(after_shard=stop_after(done + 1)):
            try:
                model = w2v.train(None if done else corpus, resume=path if done else None, checkpoint=path,
                                  checkpoint_every=1e-6, threads=1 + done % 3, **OPTIONS)
                break
            except Stop:
                places.append(Checkpoint.open(path).state.taken)
    assert places == [1, 2, 3, 4, 5] and content(model) == whole


def test_own_texts_of_epochs_are_resumed(tmp_path):
    lines = list(planted.sentences(900))

    def fresh(epoch):
        return [lines, lines[:300], lines[200:]][epoch]

    with paced(after_shard=stop_after(3)), pytest.raises(Stop):
        train(None, fresh=fresh, checkpoint=tmp_path / "k", checkpoint_every=1e-6)
    model = w2v.train(None, fresh=fresh, resume=tmp_path / "k", threads=3, progress=False)
    assert content(model) == trained(None, fresh=fresh)


@pytest.mark.parametrize("option", [{"shards": 6}, {"rounds": 7}, {"reproducible": False}])
def test_other_rounds_are_refused_on_resumption(corpus, tmp_path, option):
    stopped(corpus, tmp_path / "k", 2)
    with pytest.raises((ValueError, w2v.W2VError), match=next(iter(option))):
        w2v.train(resume=tmp_path / "k", progress=False, **option)


def test_ends_of_epochs_are_told_once_over_a_resumption(corpus, tmp_path):
    told = []

    def tell(view, stats):
        told.append(stats.epoch)

    stopped(corpus, tmp_path / "k", 3, on_epoch_end=tell)
    w2v.train(resume=tmp_path / "k", progress=False, on_epoch_end=tell)
    assert told == [1, 2, 3]


# ---- stops inside a round -------------------------------------------------------------------------------------------

@pytest.fixture
def inside(monkeypatch):
    """Call a function when the fourth of five workers of a round begins; others of the round may have finished."""
    def install(number, act):
        train_worker, begun = SharedCalls._train, []

        def worker(self, copies, task, text):
            if text is None:  # not the worker that begins alone
                begun.append(task)
                if len(begun) == 5 * (number - 1) + 4:
                    act(self)
            return train_worker(self, copies, task, text)

        monkeypatch.setattr(SharedCalls, "_train", worker)

    return install


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("n", [1, 4, 6])
@pytest.mark.slow
def test_signal_inside_a_round_keeps_the_rounds_before(corpus, whole, tmp_path, inside, number, threads, n):
    """The round is given up, the checkpoint is that of its start."""
    def interrupted(number, frame):
        raise KeyboardInterrupt

    def act(calls):
        signal.raise_signal(number)
        while not calls.loop.progress.stopped:  # the checkpoint does not wait for the round
            threading.Event().wait(0.01)

    inside(n, act)
    former = signal.signal(number, interrupted)
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            train(corpus, threads=threads, checkpoint=tmp_path / "k", checkpoint_every="1h")
    finally:
        signal.signal(number, former)
    assert any("resume with: w2v train --resume" in note for note in caught.value.__notes__)
    saved = Checkpoint.open(tmp_path / "k")
    assert saved.state.taken == n - 1 and saved.share == pytest.approx((n - 1) / ROUNDS, abs=0.02)
    assert content(w2v.train(resume=tmp_path / "k", threads=2, progress=False)) == whole


@pytest.mark.slow
def test_signal_that_does_not_end_the_run_repeats_the_round(corpus, whole, tmp_path, inside):
    received = []

    def act(calls):
        signal.raise_signal(signal.SIGTERM)
        while not calls.loop.progress.stopped:
            threading.Event().wait(0.01)

    inside(3, act)
    former = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
    try:
        found = trained(corpus, threads=2, checkpoint=tmp_path / "k", checkpoint_every="1h")
    finally:
        signal.signal(signal.SIGTERM, former)
    assert received == [signal.SIGTERM] and found == whole and Checkpoint.open(tmp_path / "k").state.taken == 2


def test_stop_without_a_checkpoint_ends_at_once(corpus, inside, monkeypatch):
    halted = []
    halt = Run.halt
    monkeypatch.setattr(Run, "halt", lambda run: (halted.append(run), halt(run)))
    inside(2, lambda calls: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        train(corpus, threads=2, epochs=300, rounds=300)
    assert halted and halted[-1].pieces_taken < 300


COMMAND = """
import os, signal, sys
from w2v import cli
from w2v.training.rounds import rounds, shared
from w2v.training.run import paced
rounds.LEAST_WORDS = 20
left = [int(sys.argv[1])]
train = shared.SharedCalls._train
def worker(self, *arguments):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return train(self, *arguments)
shared.SharedCalls._train = worker
sys.exit(cli.main(sys.argv[2:]))
"""


@pytest.mark.parametrize("workers", [7, 14, 23])
@pytest.mark.slow
def test_killed_command_is_resumed_to_the_same_file(corpus, tmp_path, workers):
    """kill -9 inside a round; then with another number of threads."""
    def run(*arguments, before_kill=0):
        return subprocess.run([sys.executable, "-c", COMMAND, str(before_kill), "train", *map(str, arguments), "-q"],
                              capture_output=True, text=True, cwd=tmp_path)

    options = ["--vector-size", 24, "--epochs", 3, "--min-count", 1, "--reproducible", "--shards", 5, "--rounds", 6]
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    done = run(corpus, "-o", tmp_path / "whole" / "v.safetensors", "--threads", 2, *options)
    assert done.returncode == 0, done.stderr
    checkpoint = tmp_path / "killed" / "k"
    killed = run(corpus, "-o", tmp_path / "killed" / "v.safetensors", "--threads", 2, "--checkpoint", checkpoint,
                 "--checkpoint-every", "1%", *options, before_kill=workers)
    assert killed.returncode == -signal.SIGKILL and 0 < Checkpoint.open(checkpoint).state.taken <= workers // 5
    done = run("--resume", checkpoint, "--threads", 3)
    assert done.returncode == 0, done.stderr
    files = [(tmp_path / name / "v.safetensors").read_bytes() for name in ("whole", "killed")]
    assert files[0] == files[1]


def test_checkpoints_between_rounds_change_nothing(corpus, whole, tmp_path):
    with paced(after_shard=each_shard):
        model = train(corpus, threads=2, checkpoint=tmp_path / "k", checkpoint_every=1e-6)
    assert content(model) == whole and model.report.checkpoints == ROUNDS - 1
