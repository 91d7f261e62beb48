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
    from w2v.training.loop._isa import available_isas
except ModuleNotFoundError as error:  # there is no slower fallback
    raise ImportError(
        f"w2v is not built in {__path__[0]} ({error}). In the folder of the sources Python finds them instead of the "
        "installed package: run it from another folder, or build them in place with: pip install -e ."
    ) from None

from w2v._version import __version__

if TYPE_CHECKING:
    from w2v.compat.fasttext import FastText
    from w2v.compat.word2vec import Word2Vec
    from w2v.config import TrainConfig
    from w2v.errors import CorpusError, FormatError, StopTraining, TrainingError, W2VError
    from w2v.evaluation.calls import evaluate as evaluate
    from w2v.keyedvectors import KeyedVectors
    from w2v.planning.plan import Plan, plan
    from w2v.training.model import Model, TrainReport
    from w2v.training.train import train
    from w2v.vectors.drift import Drift, drift

    load = KeyedVectors.load

# Where the names of the package are, which are imported when they are first asked for. No module has the name of one of
# them except `evaluate`, which puts the object of that name in its own place.
_PLACES = {
    "config": ["TrainConfig"],
    "compat.fasttext": ["FastText"],
    "compat.word2vec": ["Word2Vec"],
    "errors": ["CorpusError", "FormatError", "StopTraining", "TrainingError", "W2VError"],
    "evaluation.calls": ["evaluate"],
    "keyedvectors": ["KeyedVectors"],
    "planning.plan": ["Plan", "plan"],
    "training.model": ["Model", "TrainReport"],
    "training.train": ["train"],
    "vectors.drift": ["Drift", "drift"],
}
_PLACE = {name: place for place, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "load":
        value: Any = import_module("w2v.keyedvectors").KeyedVectors.load
    elif name in _PLACE:
        value = getattr(import_module(f"w2v.{_PLACE[name]}"), name)
    else:
        raise AttributeError(f"module 'w2v' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "evaluate"})


__all__ = [
    "CorpusError", "Drift", "FastText", "FormatError", "KeyedVectors", "Model", "Plan", "StopTraining", "TrainConfig",
    "TrainReport", "TrainingError", "W2VError", "Word2Vec", "__version__", "available_isas", "drift", "load", "plan",
    "train",
]
