"""Rounds on clusters of Dask: the same bytes as in this process, whatever happens to the workers."""

import contextlib
import functools
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from helpers import planted, zipf
from helpers.checkpoints import content
from helpers.rounds import OPTIONS, short_parts, trained
from helpers.stops import Stop, stop_after

import w2v
from w2v import cli
from w2v.corpus.reread import encode_again
from w2v.errors import W2VError
from w2v.training import needs
from w2v.training import train as training
from w2v.training.checkpoint import Checkpoint
from w2v.training.loop import _isa
from w2v.training.rounds import dask_engine, dask_watch, reading, remote, texts
from w2v.training.rounds import rounds as rounds_module
from w2v.training.rounds.engine import EngineLost
from w2v.training.rounds.rounds import FETCHED_ROUNDS
from w2v.training.run import paced

LEAST_WORDS = rounds_module.LEAST_WORDS  # before the fixtures change it
SETTINGS = {"distributed.comm.timeouts.connect": "3s"}  # to a worker that is gone


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return planted.write_corpus(tmp_path_factory.mktemp("rounds") / "corpus.txt", 2_000)


@pytest.fixture(scope="module")
def whole(corpus):
    with short_parts():
        return trained(corpus)


@pytest.fixture(scope="module")
def cluster():
    """Three processes with two threads each."""
    distributed = pytest.importorskip("distributed")
    import dask

    with (dask.config.set(SETTINGS),
          distributed.LocalCluster(n_workers=3, threads_per_worker=2, host="127.0.0.1",
                                   dashboard_address="127.0.0.1:0", memory_limit=0, silence_logs=60) as started):
        yield started


@pytest.fixture
def client(cluster, monkeypatch):
    """Workers are started again also where Dask gives them up: a killed one that needs long to start."""
    distributed = pytest.importorskip("distributed")
    look = dask_watch.Watch._look_at_workers

    def look_and_start(self):
        cluster.scale(3)
        look(self)

    monkeypatch.setattr(dask_watch.Watch, "_look_at_workers", look_and_start)
    cluster.scale(3)
    with distributed.Client(cluster, set_as_default=False) as connected:
        yield connected


@pytest.fixture
def processes(tmp_path):
    """Function that starts a scheduler or a worker as a process of its own; they are killed at the end."""
    pytest.importorskip("distributed")
    started = []

    def start(*arguments, before=""):
        code = f"{before}\nimport sys\nfrom distributed.cli.{arguments[0]} import main\nmain(sys.argv[1:])"
        process = subprocess.Popen([sys.executable, "-c", code, *map(str, arguments[1:])], cwd=tmp_path,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env={**os.environ, "DASK_TEMPORARY_DIRECTORY": str(tmp_path)})
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def scheduler(processes, tmp_path):
    """The process of a scheduler, and its address."""
    file = tmp_path / "scheduler.json"
    process = processes("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file",
                        file)
    return process, waited_for(lambda: address_in(file))


class Watched:
    """The method `scatter`, which counts the ids that are sent: the only arrays."""

    def __init__(self, scatter):
        self.scatter, self.ids = scatter, 0

    def __get__(self, engine, _):
        def call(value):
            self.ids += isinstance(value, np.ndarray)
            return self.scatter(engine, value)

        return call


def address_in(file):
    return json.loads(file.read_text())["address"] if file.exists() and file.read_text().endswith("}") else None


def waited_for(look, seconds=30):
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "a process did not start"
        time.sleep(0.05)
    return found


def start_worker(processes, address, **options):
    return processes("dask_worker", address, "--no-nanny", "--no-dashboard", "--nthreads", "1", "--host", "127.0.0.1",
                     "--memory-limit", "0", **options)


# ---- the same bytes -------------------------------------------------------------------------------------------------

@pytest.mark.slow
def test_workers_with_two_threads_give_the_bytes_of_this_process(corpus, whole, client):
    model = w2v.train(corpus, engine=client, threads=2, **OPTIONS)
    assert content(model) == whole
    engine = model.report.engine
    assert (engine.name, engine.workers, engine.threads, engine.rounds, engine.repeated) == ("dask", 3, 6, 6, 0)
    assert "3 workers with 6 threads" in str(model.report)


@pytest.mark.parametrize("options", [{"sg": False}, {"ids": "none"}, {"window": "line", "line_contexts": 3}])
@pytest.mark.slow
def test_options_give_the_bytes_of_this_process(corpus, client, options):
    assert content(w2v.train(corpus, engine=client, **OPTIONS, **options)) == trained(corpus, **options)


@pytest.mark.slow
def test_workers_read_a_file_of_ids_and_are_sent_none(corpus, whole, client, monkeypatch):
    monkeypatch.setattr(dask_engine.Dask, "scatter", watched := Watched(dask_engine.Dask.scatter))
    monkeypatch.setattr(texts, "INLINE_BYTES", 0)
    model = w2v.train(corpus, engine=client, ids="disk", **OPTIONS)
    assert content(model) == whole and model.report.ids == "disk" and watched.ids == 1  # of the one that begins


@pytest.mark.parametrize("ids, place", [("none", "none"), ("auto", "none"), ("memory", "memory")])
@pytest.mark.slow
def test_workers_read_the_text_unless_its_ids_are_stored_here(corpus, whole, client, monkeypatch, caplog, ids, place):
    caplog.set_level("INFO", "w2v")
    monkeypatch.setattr(dask_engine.Dask, "scatter", watched := Watched(dask_engine.Dask.scatter))
    monkeypatch.setattr(texts, "INLINE_BYTES", 0)
    model = w2v.train(corpus, engine=client, ids=ids, **OPTIONS)
    assert content(model) == whole and model.report.ids == place
    assert ("the workers read the text: 1 files" in caplog.text) == (place == "none")
    assert watched.ids == 1 + (0 if place == "none" else 30)  # the worker that begins, shards in all rounds


@pytest.mark.parametrize("options", [{"held_out": 20}, {"tokenize": "words", "stop_words": ["class1word1"]},
                                     {"line_weights": True}])
@pytest.mark.slow
def test_texts_of_all_kinds_give_the_bytes_of_this_process(tmp_path, client, options):
    lines = [f"{1 + i % 3} {' '.join(line)}\n" for i, line in enumerate(planted.sentences(1_000))]
    (tmp_path / "text").write_text("".join(lines))
    assert (content(w2v.train(tmp_path / "text", engine=client, **OPTIONS, **options))
            == trained(tmp_path / "text", **options))


@pytest.mark.slow
def test_initial_and_frozen_vectors_give_the_bytes_of_this_process(corpus, tmp_path, client):
    w2v.train(corpus, **{**OPTIONS, "seed": 9}).save(tmp_path / "old.safetensors", output_vectors=True)
    more = {"init": tmp_path / "old.safetensors", "freeze": "old"}
    text = [["new", "words", "male_1"], ["class1word1", "new"]] * 100
    assert content(w2v.train(text, engine=client, **OPTIONS, **more)) == trained(text, **more)


@pytest.mark.slow
def test_command_with_a_scheduler_writes_the_file_of_reproducible(corpus, tmp_path, cluster):
    command = ["train", str(corpus), "-q", "--vector-size", "20", "--shards", "6", "--rounds", "10", "-o"]
    dask = ["--engine", "dask", "--scheduler", cluster.scheduler_address, "--reproducible"]
    for name, more in (("a", ["--reproducible"]), ("b", dask)):
        assert cli.main([*command, str(tmp_path / f"{name}.safetensors"), *more]) == 0
    first, second = ((tmp_path / f"{name}.safetensors").read_bytes() for name in "ab")
    assert first == second


@pytest.mark.slow
def test_cluster_of_this_machine_is_started_and_ended(corpus, whole):
    pytest.importorskip("distributed")
    model = w2v.train(corpus, engine="dask", threads=2, **OPTIONS)
    assert content(model) == whole and model.report.engine.workers == 2


@pytest.mark.slow
def test_runs_with_several_seeds_share_the_cluster(corpus, tmp_path, cluster):
    command = ["train", str(corpus), "-q", "--vector-size", "20", "--shards", "6", "--rounds", "5", "--runs", "2", "-o"]
    dask = ["--engine", "dask", "--scheduler", cluster.scheduler_address, "--reproducible"]
    for name, more in (("a", ["--reproducible"]), ("b", dask)):
        assert cli.main([*command, str(tmp_path / f"{name}.bin"), *more]) == 0
    for file in ("{}.bin", "{}.run2.bin"):
        first, second = ((tmp_path / file.format(name)).read_bytes() for name in "ab")
        assert first == second


# ---- memory ---------------------------------------------------------------------------------------------------------

@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the peak memory of a process in /proc")
@pytest.mark.slow
def test_measured_peak_of_the_processes_is_below_the_planned_one(tmp_path, monkeypatch):
    def peak_bytes():  # in the test, so that its code is sent: workers have no tests to import
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))

    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(remote, "PART_BYTES", 64 << 20)
    (tmp_path / "text").write_bytes(zipf.text(600_000, ranks=60_000))
    with (distributed.LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1",
                                   dashboard_address="127.0.0.1:0", memory_limit=0, silence_logs=60) as started,
          distributed.Client(started, set_as_default=False) as client):
        client.run(remote.facts)
        before = client.run(peak_bytes)
        model = w2v.train(tmp_path / "text", engine=client, vector_size=100, min_count=1, epochs=1, rounds=3, shards=4,
                          progress=False)
        after = client.run(peak_bytes)
    measured = sum(after[worker] - before[worker] for worker in before)
    matrices = needs.matrix_bytes(model.config, len(model.wv))
    planned = needs.rounds_bytes(model.config, len(model.wv), 0, 2) - 2 * needs.PROCESS_BYTES - matrices
    assert 0.6 * planned < measured < planned


@pytest.mark.parametrize("options, said", [
    (["--threads", "2"], "of 2 processes on this machine: matrices, copies and parts"),
    (["--scheduler", "tcp://127.0.0.1:1"], "merged rows; each worker elsewhere needs")])
@pytest.mark.slow
def test_plan_has_the_memory_of_a_cluster(corpus, capsys, options, said):
    pytest.importorskip("distributed")
    assert cli.main(["plan", str(corpus), "--min-count", "1", "--engine", "dask", *options]) == 0
    assert said in " ".join(capsys.readouterr().out.split())


# ---- stopped, resumed, killed ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("began, ended", [(None, "dask"), ("dask", None), ("dask", "dask")])
@pytest.mark.slow
def test_run_resumes_on_another_engine(corpus, tmp_path, whole, client, began, ended):
    def engine(name):
        return {} if name is None else {"engine": client}

    path = tmp_path / "run.w2v"
    with paced(after_shard=stop_after(3)), pytest.raises(Stop):
        w2v.train(corpus, checkpoint=path, checkpoint_every=1e-6, **OPTIONS, **engine(began))
    assert 0 < Checkpoint.open(path).state.taken < 6
    assert content(w2v.train(corpus, resume=path, progress=False, **engine(ended))) == whole
    assert not any(client.run(lambda: len(remote._RUNS)).values())


@pytest.fixture
def at(monkeypatch):
    """Function that lets something happen before the n-th call of a function: a moment that does not depend on the
    speed of the machine. "gather" is the start of a wait for results, "wait" of one for a merge, and
    "fetch" the moment at which all results are there."""
    counts, wanted = {}, {}

    def called(name):
        counts[name] = counts.get(name, 0) + 1
        if (name, counts[name]) in wanted:
            wanted.pop((name, counts[name]))()

    submit, gather, wait = dask_engine.Dask.submit, dask_engine.Dask.gather, dask_engine.Dask._wait

    def counted_submit(self, call, *arguments):
        called(call.__name__)
        return submit(self, call, *arguments)

    def counted_submit_all(self, call, arguments, spread=False):
        for _ in arguments:
            called(call.__name__)
        return submit_all(self, call, arguments, spread)

    def counted_gather(self, handles, each=None):
        called("gather")
        return gather(self, handles, each)

    def counted_wait(self, futures, each):
        wait(self, futures, each)
        called("fetch")

    def counted_wait_only(self, handles):
        called("wait")
        wait_only(self, handles)

    wait_only, submit_all = dask_engine.Dask.wait, dask_engine.Dask.submit_all
    for name, function in (("submit", counted_submit), ("submit_all", counted_submit_all), ("gather", counted_gather),
                           ("_wait", counted_wait), ("wait", counted_wait_only)):
        monkeypatch.setattr(dask_engine.Dask, name, function)
    yield lambda name, n, happen: wanted.update({(name, n): happen})
    assert not wanted


KILLED = [("count_ranges", 3, 1), ("gather", 1, 3), ("train", 8, 1), ("done_of", 12, 1), ("gather", 5, 1),
          ("merge", 20, 3), ("wait", 5, 3)]


@pytest.mark.parametrize("name, n, workers", KILLED)
@pytest.mark.slow
def test_killed_workers_change_no_byte(corpus, whole, client, at, monkeypatch, name, n, workers):
    def kill():
        for process in list(client.run(os.getpid).values())[:workers]:
            os.kill(process, signal.SIGKILL)

    monkeypatch.setattr(training, "encode_again", functools.partial(encode_again, block_size=10_000))
    monkeypatch.setattr(reading, "COUNTED_BYTES", 15_000)
    monkeypatch.setattr(reading, "ENCODED_BYTES", 10_000)
    client.wait_for_workers(3)
    at(name, n, kill)
    model = w2v.train(corpus, engine=client, **OPTIONS)
    assert content(model) == whole and planted.adds_up(model.report)
    assert model.report.engine.repeated <= FETCHED_ROUNDS + 1 or workers == 3  # all: sending may fail again


@pytest.mark.slow
def test_cluster_of_this_machine_gets_new_workers_where_none_is_left(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(dask_watch, "LEAST_SLOW_SECONDS", 0.5)
    with dask_engine.opened("dask", None, 2, "scalar") as engine:
        engine._client.retire_workers()
        assert engine.gather([engine.submit(int, "7")]) == [7]


FAST = {**OPTIONS, "reproducible": False, "epochs": 12, "rounds": 12, "vector_size": 32, "sample": 0}


@pytest.mark.parametrize("killed, shards", [(0, None), (0, 5), (1, None)])
@pytest.mark.slow
def test_threads_of_a_worker_train_a_shard_together(corpus, client, at, killed, shards):
    """Each worker has a shard, and the structure is learned, also if a worker is killed."""
    def kill():
        os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)

    client.wait_for_workers(3)
    at("train", 8, kill if killed else int)
    options = {name: value for name, value in FAST.items() if name != "shards"}
    model = w2v.train(corpus, engine=client, **options, **({"shards": shards} if shards else {}))
    training = json.loads(model.wv.metadata["training"])
    assert (training["shards"], training["distributed"], training["reproducible"]) == (shards or 3, True, False)
    assert planted.adds_up(model.report) and planted.neighbors_found(model.wv) > 0.9


@pytest.fixture
def told(monkeypatch):
    """Function that lets something happen when the log has a line with this text."""
    monkeypatch.setattr(dask_watch, "LEAST_SLOW_SECONDS", 2.0)  # less than the time to connect
    logger, wanted = logging.getLogger("w2v"), []

    class Handler(logging.Handler):
        def emit(self, record):
            for text, happen in wanted.copy():
                if text in record.getMessage():
                    wanted.remove((text, happen))
                    happen()

    handler = Handler()
    logger.addHandler(handler)
    yield lambda text, happen: wanted.append((text, happen))
    logger.removeHandler(handler)
    assert not wanted


@pytest.fixture
def stop_until_told(told):
    """Function that stops a process until the log has a line with this text."""
    stopped = []

    def stop(process, text):
        os.kill(process, signal.SIGSTOP)
        stopped.append(process)
        told(text, lambda: os.kill(process, signal.SIGCONT))

    yield stop
    for process in stopped:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


@pytest.mark.parametrize("name, n", [("train", 8), ("changes_of", 40), ("fetch", 4)])
@pytest.mark.slow
def test_stopped_worker_is_waited_for_and_named(corpus, tmp_path, whole, client, at, stop_until_told, name, n):
    """Also where only calls on other workers need what the stopped one has."""
    (worker, process), *_ = client.run(os.getpid).items()
    at(name, n, lambda: stop_until_told(process, f"{worker} does not answer"))
    assert content(w2v.train(corpus, engine=client, log_json=tmp_path / "log", **OPTIONS)) == whole
    lines = list(map(json.loads, (tmp_path / "log").read_text().splitlines()))
    assert any(worker in line["message"] for line in lines if line["event"] == "warning")
    assert w2v.curves(tmp_path / "log").runs[0].end == "end"


@pytest.mark.slow
def test_stopped_scheduler_is_waited_for_and_named(corpus, whole, processes, scheduler, at, stop_until_told):
    process, address = scheduler
    start_worker(processes, address)
    at("gather", 5, lambda: stop_until_told(process.pid, "the scheduler does not answer"))
    assert content(w2v.train(corpus, engine="dask", scheduler=address, **OPTIONS)) == whole


@pytest.mark.slow
def test_run_waits_for_a_worker_if_none_is_left(corpus, whole, processes, scheduler, at, told):
    worker = start_worker(processes, scheduler[1])

    def kill():
        told("no worker is left", lambda: start_worker(processes, scheduler[1]))
        worker.kill()

    at("gather", 5, kill)
    model = w2v.train(corpus, engine="dask", scheduler=scheduler[1], **OPTIONS)
    assert content(model) == whole and 1 <= model.report.engine.repeated <= FETCHED_ROUNDS + 1


@pytest.mark.slow
def test_lost_scheduler_is_an_error_that_names_the_checkpoint(corpus, tmp_path, whole, processes, scheduler,
                                                              monkeypatch):
    monkeypatch.setattr(dask_engine, "CONNECT_SECONDS", 3.0)
    process, address = scheduler
    start_worker(processes, address)
    path = tmp_path / "run.w2v"

    def kill(run):
        if run.pieces_taken == 3:
            process.kill()
            process.wait()

    with paced(after_shard=kill), pytest.raises(EngineLost, match=rf"scheduler .*{address} is gone; checkpoint at \d.*"
                                                                  rf"w2v train --resume {path}"):
        w2v.train(corpus, checkpoint=path, checkpoint_every=1e-6, engine="dask", scheduler=address, **OPTIONS)
    assert content(w2v.train(corpus, resume=path, progress=False)) == whole


@pytest.mark.slow
def test_interrupt_of_all_processes_writes_a_checkpoint_that_resumes(corpus, tmp_path, monkeypatch):
    """A terminal sends Ctrl-C to the workers of a cluster of this machine too."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(rounds_module, "LEAST_WORDS", LEAST_WORDS)  # that of the command
    corpus.with_name("long").write_bytes(8 * corpus.read_bytes())
    corpus = corpus.with_name("long")
    options = ["-q", "--vector-size", "20", "--shards", "4", "--rounds", "120", "--epochs", "120"]
    command = ["train", str(corpus), *options, "--engine", "dask", "--reproducible", "--threads", "2", "--checkpoint",
               str(tmp_path / "run.w2v"), "--log-json", str(tmp_path / "log"), "-o", str(tmp_path / "a.safetensors")]
    process = subprocess.Popen(
        [sys.executable, "-m", "w2v", *command], start_new_session=True, stderr=subprocess.PIPE, text=True,
        cwd=tmp_path, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    waited_for(lambda: (tmp_path / "log").exists() and "start" in (tmp_path / "log").read_text())
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and "resume with: w2v train --resume" in errors and "Traceback" not in errors
    assert 0 < Checkpoint.open(tmp_path / "run.w2v").state.taken < 120
    assert cli.main(["train", "--resume", str(tmp_path / "run.w2v"), "--engine", "threads", "-q"]) == 0
    assert cli.main(["train", str(corpus), *options, "--reproducible", "-o", str(tmp_path / "b.safetensors")]) == 0
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


# ---- checks before training -----------------------------------------------------------------------------------------

@pytest.fixture
def unread(monkeypatch):
    """Fails the test if the corpus is read."""
    monkeypatch.setattr("w2v.training.train._read", lambda *_: pytest.fail("the corpus was read"))


@pytest.mark.slow
def test_worker_without_the_package_is_named(corpus, processes, scheduler, unread):
    start_worker(processes, scheduler[1], before="import sys; sys.modules['w2v'] = None")
    with pytest.raises(W2VError, match=r"the worker tcp://127.0.0.1:\d+ has no package w2v: install w2v "):
        w2v.train(corpus, engine="dask", scheduler=scheduler[1], **OPTIONS)


@pytest.mark.slow
def test_worker_without_the_package_that_joins_is_an_error(corpus, processes, scheduler, at, told):
    worker = start_worker(processes, scheduler[1])

    def replace():
        told("no worker is left", lambda: start_worker(processes, scheduler[1],
                                                       before="import sys; sys.modules['w2v'] = None"))
        worker.kill()

    at("gather", 5, replace)
    with pytest.raises(W2VError, match="a worker that joined during the run has no package w2v: install w2v "):
        w2v.train(corpus, engine="dask", scheduler=scheduler[1], **OPTIONS)


@pytest.mark.slow
def test_worker_with_another_version_is_named(corpus, processes, scheduler, unread):
    start_worker(processes, scheduler[1], before="import w2v._version; w2v._version.__version__ = '0.0.1'")
    with pytest.raises(W2VError, match=r"the worker tcp://127.0.0.1:\d+ has version 0.0.1 of w2v, and this process "):
        w2v.train(corpus, engine="dask", scheduler=scheduler[1], **OPTIONS)


@pytest.mark.slow
def test_worker_without_the_instruction_set_is_named(client):
    with pytest.raises(W2VError, match=r"the worker tcp://127.0.0.1:\d+ cannot run the kernels for mmx .*W2V_ISA="):
        dask_engine.Dask(pytest.importorskip("distributed"), client).check("mmx")


@pytest.mark.slow
def test_worker_without_the_text_is_named(corpus, processes, scheduler, monkeypatch):
    monkeypatch.setattr("w2v.training.train.train_on", lambda *_: pytest.fail("training has begun"))
    start_worker(processes, scheduler[1])
    start_worker(processes, scheduler[1], before="from w2v.corpus import elsewhere\n"
                 "elsewhere.FileMark.problem = lambda mark: f'{mark.path}: cannot read: No such file or directory'")
    distributed = pytest.importorskip("distributed")
    with distributed.Client(scheduler[1], set_as_default=False) as client:
        client.wait_for_workers(2)
        with pytest.raises(W2VError, match=rf"the worker tcp://127.0.0.1:\d+ cannot read the text as other workers do: "
                                           rf"{corpus}: cannot read: No such file"):
            w2v.train(corpus, engine=client, **OPTIONS)


def test_process_without_the_instruction_set_of_the_run_is_named(corpus, processes, scheduler, unread, monkeypatch):
    """The worker has all sets that this processor has but one, which the run uses."""
    used = _isa.chosen_isa()
    if used == "scalar":
        pytest.skip("this processor has one set only")
    less = [isa for isa in _isa.available_isas() if isa != used]
    start_worker(processes, scheduler[1], before="from w2v.training.loop import _isa\n"
                                                 f"_isa.available_isas = lambda: {less}")
    with pytest.raises(W2VError, match=rf"the worker tcp://127.0.0.1:\d+ cannot run the kernels for {used} .*only "
                                       rf"{', '.join(less)}: set .*W2V_ISA={less[0]} for this process"):
        w2v.train(corpus, engine="dask", scheduler=scheduler[1], **OPTIONS)


@pytest.mark.slow
def test_scheduler_without_workers_is_an_error(corpus, scheduler, unread, monkeypatch):
    monkeypatch.setattr(dask_engine, "CONNECT_SECONDS", 1.0)
    with pytest.raises(W2VError, match=f"{scheduler[1]} has no workers: start some with: dask worker {scheduler[1]}"):
        w2v.train(corpus, engine="dask", scheduler=scheduler[1], **OPTIONS)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere://x", "127.0.0.1:1", "tls://127.0.0.1:1"])
@pytest.mark.slow
def test_missing_scheduler_is_an_error(corpus, tmp_path, unread, monkeypatch, capsys, address):
    pytest.importorskip("distributed")
    monkeypatch.setattr(dask_engine, "CONNECT_SECONDS", 1.0)
    command = ["train", str(corpus), "-o", str(tmp_path / "x.bin"), "--engine", "dask", "--scheduler", address]
    assert cli.main(command) == 1
    assert f"no scheduler of Dask could be reached at {address}: " in capsys.readouterr().err


# ---- waiting --------------------------------------------------------------------------------------------------------

@pytest.mark.slow
def test_straggler_is_named_in_the_log(client, monkeypatch, caplog):
    monkeypatch.setattr(dask_watch, "LEAST_SLOW_SECONDS", 0.2)
    engine = dask_engine.Dask(pytest.importorskip("distributed"), client)
    caplog.set_level("WARNING", "w2v")
    engine.gather([engine.submit(time.sleep, seconds) for seconds in (0, 0, 0, 0, 2)])
    assert "1 of 5 calls are not done after" in caplog.text and "tcp://127.0.0.1:" in caplog.text


@pytest.mark.slow
def test_waiting_ends_when_the_run_is_stopped(client):
    engine = dask_engine.Dask(pytest.importorskip("distributed"), client)
    handle = engine.submit(time.sleep, 20)
    engine.stopped = lambda: True
    started = time.monotonic()
    with pytest.raises(dask_engine.Stopped):
        engine.gather([handle])
    assert time.monotonic() - started < 10


@pytest.mark.slow
def test_fetching_ends_when_the_run_is_stopped(client, monkeypatch):
    engine = dask_engine.Dask(pytest.importorskip("distributed"), client)
    handle, started = engine.submit(int), threading.Event()
    engine._wait([handle], None)
    monkeypatch.setattr(client, "gather", lambda _: started.set() or time.sleep(20))
    engine.stopped = started.is_set
    before = time.monotonic()
    with pytest.raises(dask_engine.Stopped):
        engine.gather([handle])
    assert time.monotonic() - before < 10


def test_missing_extra_is_an_error(corpus, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(W2VError, match=r"engine='dask' needs the package distributed: pip install 'w2v\[dask\]'"):
        w2v.train(corpus, engine="dask", **OPTIONS)


def test_package_and_command_do_not_import_distributed(tmp_path):
    code = "import sys, w2v, w2v.cli, w2v.training.train; sys.exit('distributed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path).returncode == 0
