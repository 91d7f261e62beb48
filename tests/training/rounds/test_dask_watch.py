"""What is said, and done, while results of a cluster are waited for."""

import types

import pytest

from w2v.training.rounds import dask_engine, dask_watch


@pytest.mark.parametrize("own", [False, True])
def test_workers_are_started_again_where_none_is_left(monkeypatch, own):
    """Said once; started each time, as those that were started may end too. Only a cluster of the run itself is."""
    monkeypatch.setattr(dask_watch, "LEAST_SLOW_SECONDS", 0.0)
    workers, said, started = {"tcp://a": {"last_seen": 1}}, [], []
    client = types.SimpleNamespace(sync=lambda *_, **__: {"workers": workers},
                                   scheduler=types.SimpleNamespace(identity=None))
    watch = dask_watch.Watch(client, 4, said.append, (lambda: started.append(1)) if own else None)
    watch.look([1, 2, 3])
    assert not said and not started
    workers.clear()
    watch.look([1, 2, 3])
    watch.look([1, 2, 3])
    assert said == ["dask: no worker is left; " + ("new ones are started" if own else "the run waits for one")]
    assert len(started) == 2 * own


@pytest.mark.parametrize("workers, spread, preferred", [
    (["b", "a"], True, ["a", "b", "a"]), (["b", "a"], False, None), ([], True, None)])
def test_calls_prefer_a_worker_each_while_there_are_workers(workers, spread, preferred):
    """Where none is left they wait for whichever comes."""
    asked = []

    def submit(call, *arguments, workers, allow_other_workers, pure):
        assert allow_other_workers and not pure
        asked.extend(workers)

    client = types.SimpleNamespace(nthreads=lambda: dict.fromkeys(workers, 2), submit=submit,
                                   map=lambda call, *columns, pure: [*zip(*columns, strict=True)],
                                   scheduler=types.SimpleNamespace(address="tcp://a"))
    found = dask_engine.Dask(None, client).submit_all(divmod, [(5, 2), (6, 2), (7, 2)], spread)
    assert asked == (preferred or []) and (preferred is not None or found == [(5, 2), (6, 2), (7, 2)])
