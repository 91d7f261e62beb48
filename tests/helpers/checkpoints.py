"""Options, contents and refusals of small runs with checkpoints; the fixtures are in tests/training/conftest.py."""

import os

from w2v import cli

OPTIONS = {"vector_size": 24, "epochs": 4, "progress": False}


def content(model):
    """Return the bytes of both matrices and of the model card."""
    card = repr(sorted(model.wv.metadata.items()))
    return model.wv.vectors.tobytes() + model.output_vectors.tobytes() + card.encode()


def refused(path, *options, code=1):
    """Check that the command does not resume from this file, with this exit code and without an output."""
    done = cli.main(["train", "--resume", str(path), "-o", str(path) + ".bin", "-q", *map(str, options)])
    assert done == code
    assert not os.path.exists(str(path) + ".bin")
