"""w2v: train, load, query and evaluate word vectors.

>>> import w2v
>>> model = w2v.train("corpus.txt", vector_size=100, window=5, epochs=5)
>>> model.wv.most_similar("river")
>>> kv = w2v.load("vectors.bin")
>>> w2v.evaluate(kv, suite="standard")
"""

from importlib import import_module
from typing import Any

try:
    from w2v._sgns import available_isas
except ModuleNotFoundError as error:  # there is no slower fallback
    raise ImportError(
        f"w2v is not built in {__path__[0]} ({error}). In the folder of the sources Python finds them instead of the "
        "installed package: run it from another folder, or build them in place with: pip install -e ."
    ) from None

from w2v._version import __version__
from w2v.config import TrainConfig
from w2v.errors import CorpusError, FormatError, StopTraining, TrainingError, W2VError
from w2v.keyedvectors import KeyedVectors
from w2v.train import Model, TrainReport, train

load = KeyedVectors.load


def __getattr__(name: str) -> Any:
    """`w2v.evaluate`, imported when it is first asked for."""
    if name == "evaluate":
        return import_module("w2v.evaluate")
    raise AttributeError(f"module 'w2v' has no attribute {name!r}")


__all__ = [
    "CorpusError", "FormatError", "KeyedVectors", "Model", "StopTraining", "TrainConfig", "TrainReport",
    "TrainingError", "W2VError", "__version__", "available_isas", "load", "train",
]
