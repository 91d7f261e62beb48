"""Small runs in rounds, whose results are compared byte for byte."""

from contextlib import contextmanager

import pytest

import w2v
from helpers.checkpoints import content
from w2v.training.rounds import remote
from w2v.training.rounds import rounds as rounds_module

OPTIONS = {"vector_size": 24, "epochs": 3, "min_count": 1, "sample": 1e-2, "progress": False, "reproducible": True,
           "rounds": 6, "shards": 5}


def train(corpus, **options):
    return w2v.train(corpus, **{**OPTIONS, "threads": 1, **options})


def trained(corpus, **options):
    """The bytes of both matrices and of the model card."""
    return content(train(corpus, **options))


@contextmanager
def short_parts():
    """Inside the block small texts have as many parts as large ones, of the text and of the rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounds_module, "LEAST_WORDS", 20)
        patch.setattr(remote, "PART_BYTES", 5_000)
        yield
