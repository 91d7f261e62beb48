"""Rounds on clusters of Dask: the same bytes as in this process, whatever happens to the workers."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from helpers import planted
from helpers.checkpoints import content
from helpers.rounds import OPTIONS, short_parts, trained
from helpers.stops import Stop, stop_after

import w2v
from w2v import cli
from w2v.errors import W2VError
from w2v.training.checkpoint import Checkpoint
from w2v.training.rounds import dask_engine, remote
from w2v.training.rounds.engine import EngineLost
from w2v.training.rounds.rounds import FETCHED_ROUNDS
from w2v.training.run import paced

DASK = {name: value for name, value in OPTIONS.items() if name != "reproducible"}
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
def client(cluster):
    distributed = pytest.importorskip("distributed")
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
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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
    model = w2v.train(corpus, engine=client, threads=2, **DASK)
    assert content(model) == whole
    engine = model.report.engine
    assert (engine.name, engine.workers, engine.threads, engine.rounds, engine.repeated) == ("dask", 3, 6, 6, 0)
    assert "3 workers with 6 threads" in str(model.report)


@pytest.mark.parametrize("options", [{"sg": False}, {"ids": "none"}, {"window": "line", "line_contexts": 3}])
@pytest.mark.slow
def test_options_give_the_bytes_of_this_process(corpus, client, options):
    assert content(w2v.train(corpus, engine=client, **DASK, **options)) == trained(corpus, **options)


@pytest.mark.slow
def test_initial_and_frozen_vectors_give_the_bytes_of_this_process(corpus, tmp_path, client):
    w2v.train(corpus, **{**OPTIONS, "seed": 9}).save(tmp_path / "old.safetensors", output_vectors=True)
    more = {"init": tmp_path / "old.safetensors", "freeze": "old"}
    text = [["new", "words", "male_1"], ["class1word1", "new"]] * 100
    assert content(w2v.train(text, engine=client, **DASK, **more)) == trained(text, **more)


@pytest.mark.slow
def test_command_with_a_scheduler_writes_the_file_of_reproducible(corpus, tmp_path, cluster):
    command = ["train", str(corpus), "-q", "--vector-size", "20", "--shards", "6", "--rounds", "10", "-o"]
    dask = ["--engine", "dask", "--scheduler", cluster.scheduler_address]
    for name, more in (("a", ["--reproducible"]), ("b", dask)):
        assert cli.main([*command, str(tmp_path / f"{name}.safetensors"), *more]) == 0
    first, second = ((tmp_path / f"{name}.safetensors").read_bytes() for name in "ab")
    assert first == second


@pytest.mark.slow
def test_cluster_of_this_machine_is_started_and_ended(corpus, whole):
    pytest.importorskip("distributed")
    model = w2v.train(corpus, engine="dask", threads=2, **DASK)
    assert content(model) == whole and model.report.engine.workers == 2


@pytest.mark.slow
def test_runs_with_several_seeds_share_the_cluster(corpus, tmp_path, cluster):
    command = ["train", str(corpus), "-q", "--vector-size", "20", "--shards", "6", "--rounds", "5", "--runs", "2", "-o"]
    dask = ["--engine", "dask", "--scheduler", cluster.scheduler_address]
    for name, more in (("a", ["--reproducible"]), ("b", dask)):
        assert cli.main([*command, str(tmp_path / f"{name}.bin"), *more]) == 0
    for file in ("{}.bin", "{}.run2.bin"):
        first, second = ((tmp_path / file.format(name)).read_bytes() for name in "ab")
        assert first == second


# ---- stopped, resumed, killed ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("began, ended", [(None, "dask"), ("dask", None), ("dask", "dask")])
@pytest.mark.slow
def test_run_resumes_on_another_engine(corpus, tmp_path, whole, client, began, ended):
    def engine(name):
        return {"reproducible": True} if name is None else {"engine": client}

    path = tmp_path / "run.w2v"
    with paced(after_shard=stop_after(3)), pytest.raises(Stop):
        w2v.train(corpus, checkpoint=path, checkpoint_every=1e-6, **DASK, **engine(began))
    assert 0 < Checkpoint.open(path).state.taken < 6
    assert content(w2v.train(corpus, resume=path, progress=False, **engine(ended))) == whole
    assert not any(client.run(lambda: len(remote._RUNS)).values())


KILLED = [("train", 1, 1), ("train", 8, 1), ("done_of", 12, 1), ("merge", 1, 1), ("merge", 20, 3),
          ("changes_of", 40, 1), ("gather", 3, 1), ("gather", 5, 3), ("gather", 8, 1), ("wait", 2, 1), ("wait", 5, 3)]


@pytest.mark.parametrize("name, n, workers", KILLED)
@pytest.mark.slow
def test_killed_workers_change_no_byte(corpus, whole, client, monkeypatch, name, n, workers):
    """At moments that do not depend on the speed of the machine: before the n-th call of a function."""
    counts = {"gather": 0}
    client.wait_for_workers(3)

    def kill_at(called):
        counts[called] = counts.get(called, 0) + 1
        if (called, counts[called]) == (name, n):
            for process in list(client.run(os.getpid).values())[:workers]:
                os.kill(process, signal.SIGKILL)

    submit, gather, wait = dask_engine.Dask.submit, dask_engine.Dask.gather, dask_engine.Dask.wait

    def submit_and_kill(self, call, *arguments):
        kill_at(call.__name__)
        return submit(self, call, *arguments)

    def gather_and_kill(self, handles, each=None):
        kill_at("gather")
        return gather(self, handles, each)

    def wait_and_kill(self, handles):
        kill_at("wait")
        return wait(self, handles)

    monkeypatch.setattr(dask_engine.Dask, "submit", submit_and_kill)
    monkeypatch.setattr(dask_engine.Dask, "wait", wait_and_kill)
    monkeypatch.setattr(dask_engine.Dask, "gather", gather_and_kill)
    model = w2v.train(corpus, engine=client, **DASK)
    assert content(model) == whole and counts[name] >= n
    assert model.report.engine.repeated <= FETCHED_ROUNDS + 1 and planted.adds_up(model.report)


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
        w2v.train(corpus, checkpoint=path, checkpoint_every=1e-6, engine="dask", scheduler=address, **DASK)
    assert content(w2v.train(corpus, resume=path, progress=False)) == whole


@pytest.mark.slow
def test_interrupt_of_all_processes_writes_a_checkpoint_that_resumes(corpus, tmp_path):
    """A terminal sends Ctrl-C to the workers of a cluster of this machine too."""
    pytest.importorskip("distributed")
    options = ["-q", "--vector-size", "20", "--shards", "4", "--rounds", "120", "--epochs", "120"]
    command = ["train", str(corpus), *options, "--engine", "dask", "--threads", "2", "--checkpoint",
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
        w2v.train(corpus, engine="dask", scheduler=scheduler[1], **DASK)


@pytest.mark.slow
def test_worker_with_another_version_is_named(corpus, processes, scheduler, unread):
    start_worker(processes, scheduler[1], before="import w2v._version; w2v._version.__version__ = '0.0.1'")
    with pytest.raises(W2VError, match=r"the worker tcp://127.0.0.1:\d+ has version 0.0.1 of w2v, and this process "):
        w2v.train(corpus, engine="dask", scheduler=scheduler[1], **DASK)


@pytest.mark.slow
def test_worker_without_the_instruction_set_is_named(client):
    with pytest.raises(W2VError, match=r"the worker tcp://127.0.0.1:\d+ cannot run the kernels for mmx .*W2V_ISA="):
        dask_engine.Dask(pytest.importorskip("distributed"), client).check("mmx")


@pytest.mark.slow
def test_scheduler_without_workers_is_an_error(corpus, scheduler, unread, monkeypatch):
    monkeypatch.setattr(dask_engine, "CONNECT_SECONDS", 1.0)
    with pytest.raises(W2VError, match=f"{scheduler[1]} has no workers: start some with: dask worker {scheduler[1]}"):
        w2v.train(corpus, engine="dask", scheduler=scheduler[1], **DASK)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere://x", "127.0.0.1:1"])
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
    monkeypatch.setattr(dask_engine, "LEAST_SLOW_SECONDS", 0.2)
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


def test_missing_extra_is_an_error(corpus, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(W2VError, match=r"engine='dask' needs the package distributed: pip install 'w2v\[dask\]'"):
        w2v.train(corpus, engine="dask", **DASK)


def test_package_and_command_do_not_import_distributed(tmp_path):
    code = "import sys, w2v, w2v.cli, w2v.training.train; sys.exit('distributed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path).returncode == 0
