"""Small runs in rounds, whose results are compared byte for byte."""

import w2v
from helpers.checkpoints import content

OPTIONS = {"vector_size": 24, "epochs": 3, "min_count": 1, "sample": 1e-2, "progress": False, "reproducible": True,
           "rounds": 6, "shards": 5}


def train(corpus, **options):
    return w2v.train(corpus, **{**OPTIONS, "threads": 1, **options})


def trained(corpus, **options):
    """The bytes of both matrices and of the model card."""
    return content(train(corpus, **options))
