"""How ids reach workers: read by them, or sent."""

import copy
import tempfile
from types import SimpleNamespace

import numpy as np
import pytest

from w2v.config import TrainConfig
from w2v.corpus.elsewhere import IdsFile
from w2v.corpus.encode import encode
from w2v.errors import W2VError
from w2v.training.pieces import Shards
from w2v.training.rounds import texts
from w2v.training.rounds.setup import Task

LINES = [["a", "b", "c"], ["b", "a"], ["c", "a", "b", "b"]] * 40


class Asked:
    """Engine whose workers answer what is listed."""

    def __init__(self, *answers):
        self.answers, self.scattered = answers, 0

    def ask(self, call, *arguments):
        return {f"tcp://worker{i}": call(*arguments) if answer == "itself" else answer
                for i, answer in enumerate(self.answers)}

    def scatter(self, value):
        self.scattered += 1
        return copy.deepcopy(value)


def shards(corpus, n):
    progress = SimpleNamespace(stopped=0)
    made = Shards(SimpleNamespace(progress=progress), corpus, TrainConfig(), 1)
    made.cut(n)
    return made


def ids_of_all(engine, made, together=1):
    found = texts.Texts(engine, made)
    tasks = [tuple(range(begin, min(begin + together, len(made)))) for begin in range(0, len(made), together)]
    arguments = [found.arguments(Task(0, shards, 0, 1)) for shards in tasks]
    assert [len(one) for _, *both in arguments for one in both] == [len(task) for task in tasks for _ in range(2)]
    found = [(elsewhere, part) for elsewhere, parts, _ in arguments for part in parts]
    return found, np.concatenate([texts.ids_of(*one) for one in found]).tolist()


@pytest.fixture
def spooled(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    corpus = encode(LINES, min_count=1, memory_share=0, shared=True)
    yield corpus
    corpus.close()


@pytest.mark.parametrize("together", [1, 3])
def test_workers_read_the_file_of_the_ids(spooled, together):
    engine = Asked("itself", "itself")
    arguments, ids = ids_of_all(engine, shards(spooled, 7), together)
    assert ids == spooled.ids.tolist() and engine.scattered == 1
    assert all(isinstance(part, tuple) for _, part in arguments)


@pytest.mark.parametrize("answers, named", [(("no such file", "no such file"), 0), (("itself", "no such file"), 1),
                                            (("itself", OSError("gone")), 1)])
def test_ids_that_one_worker_cannot_read_are_sent(spooled, caplog, answers, named):
    caplog.set_level("INFO", "w2v")
    arguments, ids = ids_of_all(Asked(*answers), shards(spooled, 7))
    assert ids == spooled.ids.tolist()
    assert all(elsewhere is None and isinstance(part, np.ndarray) for elsewhere, part in arguments)
    assert f"ids are sent to the workers: tcp://worker{named} cannot read them itself: " in caplog.text
    assert "TMPDIR" in caplog.text


def test_ids_in_memory_are_sent(monkeypatch):
    corpus = encode(LINES, min_count=1)
    engine = Asked("itself")
    monkeypatch.setattr(texts, "INLINE_BYTES", 100)
    _, ids = ids_of_all(engine, shards(corpus, 3))
    assert ids == corpus.ids.tolist() and engine.scattered == 3


def test_shard_that_does_not_exist_has_no_ids(spooled):
    made = shards(spooled, 3)
    found = texts.Texts(Asked("itself"), made)
    elsewhere, [_, part], weights = found.arguments(Task(0, (2, 99), 0, 1))
    assert texts.ids_of(elsewhere, part).tolist() == [] and weights == [1, 1]


def test_text_that_a_worker_lacks_is_an_error_with_a_remedy(spooled, monkeypatch):
    monkeypatch.setattr(IdsFile, "required", True)
    with pytest.raises(W2VError, match=r"the worker tcp://worker1 cannot read the text as other workers do: no disk; "
                                       r"give it the same file at the same path, or use ids=.memory. or ids=.disk."):
        texts.Texts(Asked("itself", "no disk"), shards(spooled, 3))
