"""w2v: train, load, query and evaluate word vectors.

>>> import w2v
>>> model = w2v.train("corpus.txt", vector_size=100, window=5, epochs=5)
>>> model.wv.most_similar("river")
>>> kv = w2v.load("vectors.bin")
>>> w2v.evaluate(kv, suite="standard")
"""

from __future__ import annotations

from importlib import import_module as _import_module
from importlib.machinery import PathFinder as _PathFinder

from w2v._version import __version__

if _PathFinder.find_spec("_loop", [f"{folder}/training/loop" for folder in __path__]) is None:  # there is no fallback
    raise ImportError(
        f"w2v is not built in {__path__[0]}. In the folder of the sources, Python finds these instead of the installed "
        "package: run it from another folder, or build the sources in place with: pip install -e .")

TYPE_CHECKING = False  # importing `typing` would take as long as everything else here
if TYPE_CHECKING:
    from typing import Final

    from w2v.analysis.alignment.align import align
    from w2v.analysis.alignment.result import Alignment
    from w2v.analysis.bias.axis import Axis, axis
    from w2v.analysis.bias.bias import BiasResult, bias
    from w2v.analysis.bias.debias import Debiased, debias
    from w2v.analysis.bias.sets import BiasSet
    from w2v.analysis.clusters.clustering import cluster
    from w2v.analysis.clusters.result import Clusters
    from w2v.analysis.contexts.result import Why
    from w2v.analysis.contexts.why import why
    from w2v.analysis.differences.diff import diff
    from w2v.analysis.differences.drift import Drift, drift
    from w2v.analysis.differences.result import Difference
    from w2v.analysis.health.doctor import doctor
    from w2v.analysis.maps.mapping import map as map
    from w2v.analysis.maps.moved_result import MovedMap
    from w2v.analysis.maps.result import WordMap
    from w2v.analysis.reduction.reduce import reduce
    from w2v.analysis.reduction.result import Reduction
    from w2v.analysis.stability.average import average
    from w2v.analysis.stability.consensus import NeighborsInRuns, neighbors_in_runs
    from w2v.analysis.stability.result import Stability
    from w2v.analysis.stability.stability import stability
    from w2v.compat.fasttext import FastText
    from w2v.compat.word2vec import Word2Vec
    from w2v.config import TrainConfig
    from w2v.corpus.block_text import tokenize
    from w2v.corpus.line_sentences import LineSentence, PathLineSentences
    from w2v.errors import CorpusError, FormatError, StopTraining, TrainingError, W2VError
    from w2v.evaluation.calls import evaluate as evaluate
    from w2v.graphs.graph import GraphReport
    from w2v.graphs.walk import RandomWalks
    from w2v.graphs.walk import walk as walk
    from w2v.keyedvectors import KeyedVectors
    from w2v.phrases import Phrases
    from w2v.planning.plan import plan
    from w2v.planning.result import Plan
    from w2v.system.diagnosis import Diagnosis, Finding
    from w2v.training.curves import Curves, curves
    from w2v.training.loop._isa import available_isas
    from w2v.training.model import Model, TrainReport
    from w2v.training.runs import train_runs
    from w2v.training.train import train
    from w2v.tuning.result import TuneResult
    from w2v.tuning.tuner import tune
    from w2v.vectors.neighbours import Nearest
    from w2v.vectors.sentence_encoder import SentenceEncoder, SentenceVectors
    from w2v.vectors.similarity import Outlier
    from w2v.vectors.spelling import UnknownWordError

    load: Final = KeyedVectors.load

# Modules of the public names, which are imported on first use. No module has the name of a public function, except
# `evaluate`, which can be called.
_PLACES = {
    "analysis.alignment.align": ["align"],
    "analysis.alignment.result": ["Alignment"],
    "analysis.bias.axis": ["Axis", "axis"],
    "analysis.bias.bias": ["BiasResult", "bias"],
    "analysis.bias.debias": ["Debiased", "debias"],
    "analysis.bias.sets": ["BiasSet"],
    "analysis.clusters.clustering": ["cluster"],
    "analysis.clusters.result": ["Clusters"],
    "analysis.contexts.result": ["Why"],
    "analysis.contexts.why": ["why"],
    "analysis.differences.diff": ["diff"],
    "analysis.differences.drift": ["Drift", "drift"],
    "analysis.differences.result": ["Difference"],
    "analysis.health.doctor": ["doctor"],
    "analysis.maps.mapping": ["map"],
    "analysis.maps.moved_result": ["MovedMap"],
    "analysis.maps.result": ["WordMap"],
    "analysis.reduction.reduce": ["reduce"],
    "analysis.reduction.result": ["Reduction"],
    "analysis.stability.average": ["average"],
    "analysis.stability.consensus": ["NeighborsInRuns", "neighbors_in_runs"],
    "analysis.stability.result": ["Stability"],
    "analysis.stability.stability": ["stability"],
    "compat.fasttext": ["FastText"],
    "compat.word2vec": ["Word2Vec"],
    "config": ["TrainConfig"],
    "corpus.block_text": ["tokenize"],
    "corpus.line_sentences": ["LineSentence", "PathLineSentences"],
    "errors": ["CorpusError", "FormatError", "StopTraining", "TrainingError", "W2VError"],
    "evaluation.calls": ["evaluate"],
    "graphs.graph": ["GraphReport"],
    "graphs.walk": ["RandomWalks", "walk"],
    "keyedvectors": ["KeyedVectors"],
    "phrases": ["Phrases"],
    "planning.plan": ["plan"],
    "planning.result": ["Plan"],
    "system.diagnosis": ["Diagnosis", "Finding"],
    "training.curves": ["Curves", "curves"],
    "training.loop._isa": ["available_isas"],
    "training.model": ["Model", "TrainReport"],
    "training.runs": ["train_runs"],
    "training.train": ["train"],
    "tuning.result": ["TuneResult"],
    "tuning.tuner": ["tune"],
    "vectors.neighbours": ["Nearest"],
    "vectors.sentence_encoder": ["SentenceEncoder", "SentenceVectors"],
    "vectors.similarity": ["Outlier"],
    "vectors.spelling": ["UnknownWordError"],
}
_PLACE = {name: place for place, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> object:
    if name == "load":
        value: object = _import_module("w2v.keyedvectors").KeyedVectors.load
    elif name in _PLACE:
        value = getattr(_import_module(f"w2v.{_PLACE[name]}"), name)
    else:
        raise AttributeError(f"module 'w2v' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "map"])


# Without `map`: `from w2v import *` would replace the function of Python.
__all__ = [
    "Alignment", "Axis", "BiasResult", "BiasSet", "Clusters", "CorpusError", "Curves", "Debiased", "Diagnosis",
    "Difference", "Drift", "FastText", "Finding", "FormatError", "GraphReport", "KeyedVectors", "LineSentence",
    "Model", "MovedMap", "Nearest", "NeighborsInRuns", "Outlier", "PathLineSentences", "Phrases", "Plan",
    "RandomWalks", "Reduction", "SentenceEncoder", "SentenceVectors", "Stability", "StopTraining", "TrainConfig",
    "TrainReport", "TrainingError", "TuneResult", "UnknownWordError", "W2VError", "Why", "Word2Vec", "WordMap",
    "__version__", "align", "available_isas", "average", "axis", "bias", "cluster", "curves", "debias", "diff",
    "doctor", "drift", "evaluate", "load", "neighbors_in_runs", "plan", "reduce", "stability", "tokenize", "train",
    "train_runs", "tune", "walk", "why",
]
