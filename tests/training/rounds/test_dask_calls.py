"""Calls of rounds in other processes, without such processes: an engine that copies all that it is given."""

import copy
import dataclasses
import signal
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
from helpers import planted
from helpers.checkpoints import content
from helpers.rounds import OPTIONS, train, trained
from helpers.stops import Stop, stop_after

import w2v
from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.errors import TrainingError
from w2v.training.checkpoint import Checkpoint
from w2v.training.loop import _isa, _progress
from w2v.training.rounds import dask_engine, remote
from w2v.training.rounds.engine import EngineReport, Stopped, WorkLost
from w2v.training.rounds.rounds import FETCHED_ROUNDS
from w2v.training.rounds.setup import Done, parts_of
from w2v.training.run import paced
from w2v.training.trainer import train_encoded


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return planted.write_corpus(tmp_path_factory.mktemp("rounds") / "corpus.txt", 2_000)


class Copying:
    """Runs each call when it is submitted, on copies. `fail(name, n)` is asked before the n-th call of a function."""

    def __init__(self, fail=lambda name, n: None):
        self.at_once, self.workers, self.threads_each = 3, 3, 2
        self.stopped, self.fail, self.counts = bool, fail, {}

    def _count(self, name):
        self.counts[name] = self.counts.get(name, 0) + 1
        self.fail(name, self.counts[name])

    def submit(self, call, *arguments):
        self._count(call.__name__)
        return copy.deepcopy(call(*copy.deepcopy(arguments)))

    def submit_all(self, call, arguments, spread=False):
        self.spread = spread
        return [self.submit(call, *one) for one in arguments]

    def gather(self, handles, each=None):
        self._count("gather")
        if self.stopped():
            raise Stopped
        for handle in handles:
            if each is not None:
                each(handle)
        return list(handles)

    def wait(self, handles):
        self._count("wait")
        if self.stopped():
            raise Stopped

    def scatter(self, value):
        self._count("scatter")
        return copy.deepcopy(value)

    def everywhere(self, call, *arguments):
        call(*arguments)

    def ask(self, call, *arguments):
        return {"here": call(*copy.deepcopy(arguments))}

    def about(self):
        return EngineReport("copying", "here", 1, 1)

    def close(self):
        pass


def rows_of(model):
    return model.wv.vectors.tobytes() + model.output_vectors.tobytes()


def train_on(engine, corpus, **options):
    config = TrainConfig(**{name: value for name, value in {**OPTIONS, **options}.items() if name != "progress"})
    text = encode(corpus, min_count=1)
    return train_encoded(text, config, threads=1, isa=_isa.chosen_isa(), progress=False, engine=engine)


@pytest.mark.parametrize("options", [
    {}, {"sg": False}, {"sg": False, "cbow_mean": False, "alpha": 0.01}, {"vector_size": 16}, {"vector_size": 33},
    {"window": "line"}, {"shards": 1}, {"shards": 33}])
@pytest.mark.slow
def test_calls_on_copies_give_the_bytes_of_threads(corpus, options):
    assert rows_of(train_on(Copying(), corpus, **options)) == rows_of(train(corpus, threads=2, **options))


def test_counts_and_loss_are_those_of_threads(corpus):
    model, other = train_on(Copying(), corpus), train(corpus, threads=2)
    for name in ("words_trained", "words_subsampled", "words_read", "loss"):
        assert getattr(model.report, name) == getattr(other.report, name)
    assert model.report.engine.rounds == 6 and model.report.engine.repeated == 0
    assert model.report.engine.megabytes_sent > 0 and other.report.engine is None
    assert "6" in str(model.report) and "copying" in str(model.report)


@pytest.mark.parametrize("name, n", [
    ("scatter", 1), ("scatter", 2), ("train", 1), ("train", 7), ("done_of", 8), ("bases_of", 2), ("changes_of", 9),
    ("merge", 2), ("gather", 1), ("gather", 2), ("gather", 6), ("gather", 8), ("wait", 1), ("wait", 6)])
@pytest.mark.slow
def test_round_in_which_work_is_lost_begins_again(corpus, name, n):
    """At any moment: before the first call, between them, and when the rows are fetched. The rounds since they were
    fetched before are trained again too."""
    def fail(called, number):
        if (called, number) == (name, n):
            raise WorkLost("a worker ended")

    model = train_on(Copying(fail), corpus)
    assert rows_of(model) == rows_of(train(corpus))
    assert 1 <= model.report.engine.repeated <= FETCHED_ROUNDS + 1 and planted.adds_up(model.report)


# ---- threads that train a shard together ----------------------------------------------------------------------------

@pytest.mark.parametrize("options", [{}, {"sg": False}, {"window": "line"}, {"shards": 1}])
@pytest.mark.slow
def test_shards_that_threads_train_together_learn_as_much(corpus, options):
    """All words are trained, each once an epoch, and the structure is found."""
    caught = []

    class Watching(Copying):
        def submit_all(self, call, arguments, spread=False):
            if call is remote.train:
                caught.extend((number[0], task.shards) for _, _, _, number, task, *_ in arguments)
                assert spread
            return super().submit_all(call, arguments, spread)

    more = {"reproducible": False, "distributed": True, "epochs": 12, "rounds": 24, "sample": 0, "vector_size": 32}
    engine = Watching()
    model = train_on(engine, corpus, **{**more, **options})
    assert planted.adds_up(model.report) and model.report.words_trained == 12 * 10_000
    assert planted.neighbors_found(model.wv) > 0.9
    for epoch in range(12):
        trained = [shard for number, shards in caught for shard in shards if number == epoch]
        assert sorted(trained) == list(range(2 * 2 * options.get("shards", 5)))


# ---- the model is fetched when it is needed -------------------------------------------------------------------------

@pytest.fixture
def engine(monkeypatch):
    """An engine for `w2v.train(engine="dask")`."""
    found = Copying()

    @contextmanager
    def opened(engine, scheduler, threads, isa):
        yield found

    monkeypatch.setattr(dask_engine, "import_distributed", lambda: None)
    monkeypatch.setattr(dask_engine, "opened", opened)
    return found


@pytest.mark.parametrize("rounds, fetched", [(3, 1), (6, 2), (12, 3)])
def test_model_is_fetched_each_few_rounds_and_at_the_end(corpus, rounds, fetched):
    engine = Copying()
    model = train_on(engine, corpus, rounds=rounds)
    # once in each round for the counts of the workers; twice with the worker that begins alone
    assert engine.counts["gather"] == rounds + fetched + 2
    assert rows_of(model) == rows_of(train(corpus, rounds=rounds))


@pytest.mark.parametrize("rounds", [3, 6, 9])
def test_ends_of_epochs_see_the_model_of_threads(corpus, engine, rounds):
    def seen(**options):
        found = []

        def look(view, stats):
            state, rows = view.state(), np.arange(5)
            found.append((stats.epoch, stats.loss, state.wv.vectors.tobytes(), state.output_vectors.tobytes(),
                          view.rows(rows).tobytes(), view.output_rows(rows).tobytes()))

        train(corpus, rounds=rounds, on_epoch_end=look, **options)
        return found

    assert seen(engine="dask") == seen() and len(seen()) == 3


def test_single_rows_are_those_of_threads_too(corpus, engine):
    def seen(**options):
        found = []
        train(corpus, on_epoch_end=lambda view, stats: found.append(view.rows(np.arange(9)).tobytes()), **options)
        return found

    assert seen(engine="dask") == seen()


@pytest.mark.parametrize("lost", [[], ["gather", "gather"], ["gather", "changes_of", "merge", "gather"]])
@pytest.mark.parametrize("n", range(1, 6))
@pytest.mark.slow
def test_checkpoint_after_any_round_resumes_to_the_bytes_of_threads(corpus, engine, tmp_path, n, lost):
    """Also if what it fetches is lost, and lost again while its rounds are trained again."""
    path = tmp_path / "run.w2v"

    def fail(called, number):
        if left and called == left[0] and threading.current_thread() is threading.main_thread():
            del left[0]
            raise WorkLost("a worker ended")

    left = list(lost)
    engine.fail = fail
    with paced(after_shard=stop_after(n)), pytest.raises(Stop):
        train(corpus, engine="dask", ids="memory", checkpoint=path, checkpoint_every=1e-6)
    assert Checkpoint.open(path).state.taken == n and not left
    assert content(w2v.train(resume=path, progress=False)) == trained(corpus)


def train_until_interrupted(corpus, checkpoint):
    """With a handler of its own, which ends the run after its checkpoint."""
    def interrupted(number, frame):
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGINT, interrupted)
    try:
        with pytest.raises(KeyboardInterrupt):
            train(corpus, engine="dask", checkpoint=checkpoint, checkpoint_every="1h")
    finally:
        signal.signal(signal.SIGINT, former)


@pytest.mark.parametrize("n", [1, 2, 6])
def test_signal_inside_a_round_keeps_the_rounds_before(corpus, engine, tmp_path, n):
    """They are fetched for the checkpoint although the round is given up."""
    def fail(called, number):
        if called == "train" and number == 5 * n - 1:
            signal.raise_signal(signal.SIGINT)
            while not engine.stopped():
                time.sleep(0.01)

    engine.fail = fail
    train_until_interrupted(corpus, tmp_path / "k")
    assert Checkpoint.open(tmp_path / "k").state.taken == n - 1
    assert content(w2v.train(resume=tmp_path / "k", progress=False)) == trained(corpus)


@pytest.mark.parametrize("repeated", [1, 2])
def test_signal_while_lost_rounds_are_trained_again_keeps_all_of_them(corpus, engine, tmp_path, repeated):
    """Round 3 is lost with the 2 before it, and the signal comes while these are trained again."""
    def fail(called, number):
        if called == "merge" and number == merges[0]:
            lost.append(engine.counts["train"])
            raise WorkLost("a worker ended")
        if lost and called == "train" and engine.counts["train"] == lost[0] + 5 * repeated:
            signal.raise_signal(signal.SIGINT)
            while not engine.stopped():
                time.sleep(0.01)

    lost, merges = [], [0]
    train_on(engine, corpus)
    merges[0] = engine.counts["merge"] // 7 * 3 + 1  # the first of the third round, after the worker alone
    engine.counts.clear()
    engine.fail = fail
    train_until_interrupted(corpus, tmp_path / "k")
    assert lost and Checkpoint.open(tmp_path / "k").state.taken == 2
    assert content(w2v.train(resume=tmp_path / "k", progress=False)) == trained(corpus)


def test_run_that_a_callback_ends_has_the_model_so_far(corpus, engine):
    def ended(**options):
        def end(view, stats):
            raise w2v.StopTraining("enough")

        model = train(corpus, on_interval=end, log_every=1e-6, **options)
        assert model.report.stopped_early == "enough"
        return model.report.words_trained, rows_of(model)

    with paced(after_shard=lambda run: None):
        assert ended(engine="dask") == ended()


@pytest.mark.parametrize("call", [lambda trained: remote.changes_of(trained, 0), remote.bases_of])
def test_result_of_a_stopped_worker_is_not_used(call):
    """A later round was given up while work of an earlier one was done again."""
    stopped = remote.Packed(Done(None, stopped=_progress.STOP_ASKED), [np.eye(16)] * 2, [["changes"]] * 2)
    with pytest.raises(WorkLost, match="stopped"):
        call(stopped)
    assert len(call(dataclasses.replace(stopped, done=Done(None)))) > 0


def test_work_that_is_always_lost_is_an_error(corpus):
    def fail(called, number):
        if called == "train" and number > 21:  # one worker alone, then four rounds of five
            raise WorkLost("worker 7 ended")

    with pytest.raises(TrainingError, match="round 1 of epoch 3 was begun 5 times.*worker 7 ended"):
        train_on(Copying(fail), corpus)


def test_error_of_a_call_ends_the_run(corpus):
    def fail(called, number):
        if (called, number) == ("merge", 3):
            raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        train_on(Copying(fail), corpus)


def test_diverging_rows_end_the_run(corpus):
    with pytest.raises(TrainingError, match="diverged"):
        train_on(Copying(), corpus, alpha=10.0, min_alpha=10.0, cbow_mean=False, sg=False)


def test_processes_keep_no_run_that_has_ended(corpus):
    train_on(Copying(), corpus)
    assert not remote._RUNS


def test_work_of_two_rounds_at_once_has_two_snapshots(corpus):
    """A thread may have to do work of a round again, while others are in the next one."""
    caught = []

    class Watching(Copying):
        def submit(self, call, *arguments):
            if call is remote.train:
                caught.append(copy.deepcopy(arguments))
            return super().submit(call, *arguments)

    train_on(Watching(), corpus)
    (setup, parts, old, number, *_), (_, _, new, later, *_) = caught[0], caught[5]
    replicas = remote._Replicas(setup)
    with replicas.over(number, parts, old) as (first, _, size), replicas.over(number, parts, old) as (same, _, none):
        assert first is same and size == sum(rows.nbytes for both in old for rows in both) and none == 0
        with replicas.over(later, parts, new) as (other, _, _):
            assert other is not first and later != number
    with replicas.over(later, parts, new) as (again, _, received):
        assert again is other and received == 0 and len(replicas._all) == 1


@pytest.mark.parametrize("call", [remote.train, remote.merge])
@pytest.mark.parametrize("change, message", [({"version": "0.0.0"}, "has version .*, and this process 0.0.0"),
                                             ({"isa": "mmx"}, "cannot run the kernels for mmx")])
def test_worker_that_joins_with_another_version_is_refused(corpus, call, change, message):
    caught = []

    class Watching(Copying):
        def submit(self, submitted, *arguments):
            if submitted is call:
                caught.append(arguments)
            return super().submit(submitted, *arguments)

    train_on(Watching(), corpus)
    setup, *others = caught[0]
    if "isa" in change:
        setup = dataclasses.replace(setup, settings=dataclasses.replace(setup.settings, isa=change["isa"]))
    else:
        setup = dataclasses.replace(setup, version=change["version"])
    with pytest.raises(Exception, match=message):
        call(setup, *others)


@pytest.mark.parametrize("n_rows, at_least, most_rows", [(1, 1, None), (48, 4, None), (49, 1, None), (1000, 3, None),
                                                         (1000, 3, 100), (1000, 1, 10), (5000, 16, 48)])
def test_parts_cover_all_rows_once(n_rows, at_least, most_rows):
    parts = parts_of(n_rows, at_least, most_rows)
    for outputs in (False, True):
        rows = np.concatenate([np.arange(part.low, part.high) for part in parts if part.outputs == outputs])
        assert np.array_equal(rows, np.arange(n_rows))
    assert all(part.low % 48 == 0 and part.high > part.low for part in parts)
    assert all(part.high - part.low <= max(48, most_rows or n_rows) for part in parts)
