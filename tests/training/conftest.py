"""A small corpus, and runs on it with checkpoints."""

import pytest
from helpers import planted
from helpers.checkpoints import OPTIONS, content
from helpers.stops import Stop, stop_after

import w2v
from w2v.training.run import paced


@pytest.fixture
def short_shards():
    """Cut small texts into as many shards as large ones: 11 an epoch here."""
    with paced(shard_ids=1 << 12, poll_seconds=0.001):
        yield


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("planted") / "corpus.txt"
    planted.write_corpus(path, 8_000)
    return path


@pytest.fixture(scope="module")
def unbroken(corpus):
    """Both matrices and the model card of the run without a stop, with one thread."""
    with paced(shard_ids=1 << 12):
        return content(w2v.train(corpus, threads=1, **OPTIONS))


@pytest.fixture
def interrupted(corpus, tmp_path, short_shards):
    """Checkpoint of a run inside its third epoch."""
    with paced(after_shard=stop_after(30)), pytest.raises(Stop):
        w2v.train(corpus, threads=1, checkpoint=tmp_path / "run.w2v", checkpoint_every=1e-6, **OPTIONS)
    return tmp_path / "run.w2v"
