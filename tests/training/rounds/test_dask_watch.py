"""What is said, and done, while results of a cluster are waited for."""

import types

import pytest

from w2v.training.rounds import dask_watch


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
