"""Threads of a run, exact observation after each shard, restarts, early ends."""

import dataclasses
import threading

import numpy as np
import pytest
from helpers import planted
from helpers.stops import Stop, each_shard, stop_after

import w2v
from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.training.loop._isa import chosen_isa
from w2v.training.observers.intervals import Watch
from w2v.training.run import StillBusy, paced
from w2v.training.trainer import Training

CONFIG = TrainConfig(vector_size=16, epochs=2, min_count=1)


@pytest.fixture(scope="module")
def corpus():
    return encode(planted.sentences(4_000), min_count=1)


def make_training(corpus, threads=1):
    return Training(corpus, None, CONFIG, threads, chosen_isa(), None, Watch(), None)


def make_run(corpus, threads=1):
    return make_training(corpus, threads).run


class Recorder:
    """Observer that notes its calls; `react` is called with the run in each `observe`."""

    def __init__(self, react=lambda run, ended: None):
        self.starts, self.calls, self.react = [], [], react

    def restarted(self, run):
        self.starts.append((run.status().words_done, run.pieces_taken))

    def observe(self, run, ended):
        self.calls.append((run.pieces_taken, ended))
        self.react(run, ended)


@pytest.fixture(autouse=True)
def short_shards():
    with paced(shard_ids=1 << 12):
        yield


@pytest.mark.parametrize("allowed", [1, 2])
def test_run_goes_on_with_the_threads_that_start(corpus, few_threads, allowed, capsys):
    run = make_run(corpus, 4)
    few_threads(allowed)
    run.wait([], progress=False)
    assert run.trained + run.subsampled == 2 * corpus.n_words
    assert f"only {allowed} of 4 threads could be started" in capsys.readouterr().err


def test_pause_can_be_given_up_while_a_thread_is_in_its_shard(corpus):
    run = make_run(corpus)
    run._busy = 1
    asked = []
    with pytest.raises(StillBusy), run.paused(lambda: asked.append(1) or len(asked) == 3):
        pytest.fail("a thread is in its shard")
    assert len(asked) == 3 and not run._paused
    run._busy = 0
    run.wait([], progress=False)
    assert run.pieces_taken == 2 * len(run.pieces)


def test_run_without_any_thread_is_one_error(corpus, few_threads):
    run = make_run(corpus, 2)
    few_threads(0)
    with pytest.raises(w2v.W2VError, match="no thread could be started"):
        run.wait([], progress=False)


@pytest.mark.parametrize("threads", [1, 3])
def test_every_word_is_trained_in_every_epoch(corpus, threads):
    run = make_run(corpus, threads)
    run.wait([], progress=False)
    assert run.trained + run.subsampled == 2 * corpus.n_words == run.status().words_done
    assert run.pieces_taken == 2 * len(run.pieces) and run.stopped_early is None


def test_observers_are_called_after_each_shard(corpus):
    """The last shard is not waited for: the call at the end follows."""
    recorder, hooks = Recorder(), []
    with paced(after_shard=lambda run: hooks.append(run.pieces_taken)):
        run = make_run(corpus)
    run.wait([recorder], progress=False)
    n = 2 * len(run.pieces)
    assert n >= 10 and recorder.starts == [(0, 0)] and hooks == list(range(1, n))
    assert recorder.calls == [*((k, False) for k in range(1, n)), (n, True)]


@pytest.mark.parametrize("threads", [2, 3])
def test_no_shard_starts_during_after_shard(corpus, threads):
    taken = []

    def check(run):
        before = run.pieces_taken
        threading.Event().wait(0.002)
        taken.append(run.pieces_taken - before)

    with paced(after_shard=check):
        run = make_run(corpus, threads)
    run.wait([], progress=False)
    assert len(taken) >= 2 * len(run.pieces) // threads - 1 and not any(taken)


@pytest.mark.parametrize("threads", [1, 2])
def test_exception_after_a_shard_ends_all_threads(corpus, threads):
    with paced(after_shard=stop_after(4)):
        run = make_run(corpus, threads)
    with pytest.raises(Stop):
        run.wait([], progress=False)
    assert 4 <= run.pieces_taken <= 4 + threads - 1
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("w2v-")]


def test_run_set_back_notifies_all_observers_and_ends_with_the_same_bytes(corpus):
    """Observers after the one that sets the run back are not called with the old state."""
    whole = make_training(corpus)
    whole.run.wait([], progress=False)
    saved = []

    def react(run, ended):
        if run.pieces_taken == 3 and not saved:
            saved.extend([run.state(), training.inputs.copy(), training.outputs.copy()])
        elif run.pieces_taken == 6 and len(first.starts) == 1:
            run.halt()
            training.inputs[:], training.outputs[:] = saved[1:]
            run.restore(saved[0])

    with paced(after_shard=each_shard):
        training = make_training(corpus)
    run, first, second = training.run, Recorder(react), Recorder()
    run.wait([first, second], progress=False)
    assert first.starts == second.starts == [(0, 0), (saved[0].words_done, 3)]
    assert first.calls.count((6, False)) == 2 and second.calls.count((6, False)) == 1
    assert first.calls[-1] == second.calls[-1] == (2 * len(run.pieces), True)
    assert np.array_equal(training.inputs, whole.inputs) and np.array_equal(training.outputs, whole.outputs)
    assert run.trained == whole.run.trained


def test_state_is_restored_exactly(corpus):
    with paced(after_shard=stop_after(5)):
        run = make_run(corpus)
    with pytest.raises(Stop):
        run.wait([], progress=False)
    other = make_run(corpus)
    other.restore(run.state())
    assert dataclasses.replace(other.state(), seconds=0) == dataclasses.replace(run.state(), seconds=0)
    assert other.state().taken == 5 and other.pieces.ranges == run.pieces.ranges


def test_stop_training_ends_with_the_shards_in_progress(corpus):
    def react(run, ended):
        if run.pieces_taken == 4:
            raise w2v.StopTraining("enough")

    with paced(after_shard=each_shard):
        run = make_run(corpus)
    run.wait([Recorder(react)], progress=False)
    assert run.stopped_early == "enough" and run.pieces_taken == 4
    assert run.trained + run.subsampled == run.status().words_done < 2 * corpus.n_words


def test_pace_holds_only_inside_the_block(corpus):
    with paced(shard_ids=1 << 10):
        short = make_run(corpus)
        with paced(poll_seconds=0.5):
            same = make_run(corpus)
    outside = make_run(corpus)
    assert len(short.pieces) == len(same.pieces) > 2 * len(outside.pieces)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("shard_ids", [1 << 10, 1 << 12, 1 << 20])
def test_separate_epochs_end_before_the_next_one_begins(corpus, threads, shard_ids):
    with paced(shard_ids=shard_ids, poll_seconds=60):  # no end of an epoch waits for the next poll
        training = Training(corpus, None, dataclasses.replace(CONFIG, epochs=5), threads, chosen_isa(), None, Watch(),
                            None)
        run, seen = training.run, []

        def look(view, stats):
            state = view.state()
            seen.append((stats.epoch, run.pieces_taken / len(run.pieces), run.status().words_done / corpus.n_words,
                         state.wv.vectors.copy(), view.rows(np.arange(len(view.words)))))

        training.work(progress=False, on_epoch_end=look, separate_epochs=True)
    assert [entry[:3] for entry in seen] == [(epoch, epoch, epoch) for epoch in range(1, 6)]
    assert all(np.array_equal(state, rows) for *_, state, rows in seen)
    assert not any(np.array_equal(one[3], other[3]) for one, other in zip(seen, seen[1:], strict=False))


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("stop, reason", [(w2v.StopTraining("enough"), "enough"), (ZeroDivisionError(), None)])
def test_separate_epochs_can_be_ended_at_each_epoch(corpus, threads, stop, reason):
    with paced(poll_seconds=60):
        training = Training(corpus, None, dataclasses.replace(CONFIG, epochs=4), threads, chosen_isa(), None, Watch(),
                            None)

        def end(view, stats):
            if stats.epoch == 2:
                raise stop

        if reason is None:
            with pytest.raises(ZeroDivisionError):
                training.work(progress=False, on_epoch_end=end, separate_epochs=True)
        else:
            training.work(progress=False, on_epoch_end=end, separate_epochs=True)
    assert training.run.stopped_early == reason and training.run.status().words_done == 2 * corpus.n_words
