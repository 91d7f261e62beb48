"""w2v: train, load, query and evaluate word vectors.

>>> import w2v
>>> model = w2v.train("corpus.txt", vector_size=100, window=5, epochs=5)
>>> model.wv.most_similar("river")
>>> kv = w2v.load("vectors.bin")
>>> w2v.evaluate(kv, suite="standard")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

try:
    from w2v._sgns import available_isas
except ModuleNotFoundError as error:  # there is no slower fallback
    raise ImportError(
        f"w2v is not built in {__path__[0]} ({error}). In the folder of the sources Python finds them instead of the "
        "installed package: run it from another folder, or build them in place with: pip install -e ."
    ) from None

from w2v._version import __version__
from w2v.config import TrainConfig
from w2v.drift import Drift, drift
from w2v.errors import CorpusError, FormatError, StopTraining, TrainingError, W2VError
from w2v.keyedvectors import KeyedVectors
from w2v.model import Model, TrainReport
from w2v.train import train

if TYPE_CHECKING:
    from w2v.fasttext import FastText
    from w2v.models import Word2Vec
    from w2v.planning import Plan, plan

load = KeyedVectors.load

_LATER = {"Word2Vec": "w2v.models", "FastText": "w2v.fasttext", "Plan": "w2v.planning", "plan": "w2v.planning"}


def __getattr__(name: str) -> Any:
    """What is imported when it is first asked for: `w2v.evaluate`, a module, and names of others."""
    if name == "evaluate":
        return import_module("w2v.evaluate")
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'w2v' has no attribute {name!r}")


__all__ = [
    "CorpusError", "Drift", "FastText", "FormatError", "KeyedVectors", "Model", "Plan", "StopTraining", "TrainConfig",
    "TrainReport", "TrainingError", "W2VError", "Word2Vec", "__version__", "available_isas", "drift", "load", "plan",
    "train",
]
