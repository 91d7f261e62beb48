"""Options of the engine: what is refused, and what it implies."""

import pytest
from helpers.checkpoints import refused
from helpers.stops import Stop, stop_after

import w2v
from w2v.config import TrainConfig
from w2v.corpus.paths import CorpusInput
from w2v.errors import W2VError
from w2v.training.request import RunRequest
from w2v.training.rounds import dask_engine
from w2v.training.run import paced

LINES = [["a", "b", "c"]] * 50


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    """The options are checked as if Dask were installed."""
    monkeypatch.setattr(dask_engine, "import_distributed", lambda: None)


def resolved(**options):
    names = ("engine", "scheduler", "config", "resume")
    own = {name: options.pop(name) for name in names if name in options}
    return RunRequest(corpus=CorpusInput.of(LINES, options), options=options, **own).resolve()


@pytest.mark.parametrize("options, reproducible", [
    ({}, False), ({"reproducible": True}, True), ({"reproducible": False}, False), ({"shards": 4, "rounds": 9}, False),
    ({"sg": False, "distributed": True}, False), ({"config": TrainConfig(vector_size=8)}, False),
    ({"config": TrainConfig(reproducible=True)}, True)])
def test_dask_trains_in_rounds(options, reproducible):
    run = resolved(engine="dask", **options)
    assert run.config.in_rounds and not run.in_process
    assert (run.config.reproducible, run.config.distributed) == (reproducible, not reproducible)
    assert run.config.vector_size == options.get("config", TrainConfig()).vector_size


@pytest.mark.parametrize("options, shards", [
    ({}, 6), ({"reproducible": True}, 16), ({"shards": 4}, 4), ({"config": TrainConfig()}, 16)])
def test_each_worker_has_a_shard_unless_told_otherwise(options, shards):
    run = resolved(engine="dask", **options)
    assert run.config.shards == (run.threads if shards == 6 else shards)
    assert run.with_workers(6).config.shards == shards
    assert run.with_workers(5000).config.shards == (1024 if shards == 6 else shards)


@pytest.mark.parametrize("engine", [None, "threads"])
@pytest.mark.parametrize("reproducible", [True, False])
def test_threads_imply_nothing(engine, reproducible):
    run = resolved(engine=engine, reproducible=reproducible)
    assert run.config.reproducible == reproducible and run.in_process


@pytest.mark.parametrize("options, error, message", [
    ({"engine": "ray"}, ValueError, "engine = 'ray' does not exist; pass 'threads' or 'dask', or a distributed.Client"),
    ({"engine": ""}, ValueError, "engine = '' does not exist"),
    ({"engine": 3}, TypeError, "engine must be 'threads' or 'dask' or a distributed.Client, not 3"),
    ({"scheduler": "tcp://x:1"}, ValueError, "scheduler = 'tcp://x:1' needs engine='dask'"),
    ({"scheduler": "tcp://x:1", "engine": "threads"}, ValueError, "needs engine='dask'"),
    ({"scheduler": "", "engine": "dask"}, TypeError, "scheduler must be the address of a scheduler, not ''"),
    ({"scheduler": 8786, "engine": "dask"}, TypeError, "scheduler must be the address of a scheduler, not 8786"),
    ({"engine": "dask", "hs": True}, ValueError, "engine='dask' trains in rounds: .*used with hs=True"),
    ({"engine": "dask", "minn": 3, "maxn": 6}, ValueError, "engine='dask' trains in rounds: .*n-grams"),
    ({"engine": "dask", "config": TrainConfig(hs=True)}, ValueError, "'dask' trains in rounds: .*hs=True"),
    ({"distributed": True}, ValueError, "distributed = True needs a cluster: pass engine='dask'"),
    ({"engine": "dask", "distributed": True, "reproducible": True}, ValueError, "distributed=True is not reproducible"),
    ({"engine": "dask", "hs": True, "reproducible": True}, ValueError, "^reproducible=True needs .*used with hs=True"),
    ({"engine": "dask", "alpha": -1.0}, ValueError, "^alpha = -1.0 is out of range"),
    ({"engine": "dask", "private_rows": 5}, ValueError, "private_rows = 5 has no effect"),
    ({"shards": 4}, ValueError, "shards = 4 needs reproducible=True or engine='dask'"),
])
def test_wrong_options_of_the_engine_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        resolved(**options)


def test_run_that_was_not_in_rounds_is_not_resumed_with_dask(tmp_path):
    path = tmp_path / "run.w2v"
    with paced(after_shard=stop_after(1)), pytest.raises(Stop):
        w2v.train(LINES, min_count=1, threads=1, progress=False, checkpoint=path, checkpoint_every=1e-6)
    with pytest.raises(ValueError, match="engine='dask' trains in rounds, which the run in .*run.w2v does not"):
        resolved(engine="dask", resume=path)


def test_checkpoint_keeps_the_engine_for_the_command(tmp_path, capsys, monkeypatch):
    (tmp_path / "text.txt").write_text("a b c\n" * 50)
    run = RunRequest(corpus=CorpusInput.of(tmp_path / "text.txt", {}), options={"min_count": 1}, engine="dask",
                     scheduler="tcp://127.0.0.1:1", checkpoint=tmp_path / "run.w2v", output=tmp_path / "x.bin")
    notes = run.resolve().storing_options({}).request.checkpoint_notes
    assert notes["engine"] == "dask" and notes["scheduler"] == "tcp://127.0.0.1:1"
    with paced(after_shard=stop_after(1)), pytest.raises(Stop):
        w2v.train(tmp_path / "text.txt", min_count=1, reproducible=True, progress=False, rounds=5, threads=1,
                  checkpoint=tmp_path / "run.w2v", checkpoint_every=1e-6, checkpoint_notes=notes)

    def opened(engine, scheduler, threads, isa):
        raise W2VError(f"opened {engine} at {scheduler}")

    monkeypatch.setattr(dask_engine, "opened", opened)
    refused(tmp_path / "run.w2v")
    assert "opened dask at tcp://127.0.0.1:1" in capsys.readouterr().err


def test_asynchronous_client_is_refused():
    client = type("Client", (), {"__module__": "distributed.client", "asynchronous": True})()
    with pytest.raises(ValueError, match="engine is an asynchronous client"):
        resolved(engine=client)


def test_client_is_not_stored_in_a_checkpoint():
    client = type("Client", (), {"__module__": "distributed.client"})()
    run = resolved(engine=client)
    assert not run.in_process and run.config.distributed
    notes = run.storing_options({}).request.checkpoint_notes
    assert notes["engine"] is None
