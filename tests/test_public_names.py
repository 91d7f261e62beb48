"""Public names: they are imported on first use, and old import paths and pickles work."""

import dataclasses
import importlib
import importlib.resources
import inspect
import pickle
import subprocess
import sys

import numpy as np
import pytest

import w2v

OLD_PATHS = {"w2v.config": "TrainConfig", "w2v.phrases": "Phrases", "w2v.keyedvectors": "KeyedVectors",
             "w2v.models": "Word2Vec"}


@pytest.mark.parametrize("module, name", OLD_PATHS.items())
def test_old_import_paths_work(module, name):
    assert getattr(importlib.import_module(module), name) is getattr(w2v, name)


@pytest.fixture
def python(tmp_path):
    """Function that runs a line of Python outside the sources and returns what it prints."""
    return lambda code: subprocess.check_output([sys.executable, "-c", code], text=True, cwd=tmp_path)


def test_evaluate_can_be_imported_and_called(python):
    code = ("from w2v import evaluate\nimport w2v\nassert callable(evaluate) and evaluate.analogies\n"
            "assert w2v.evaluate is evaluate\nimport w2v.evaluate\nassert callable(w2v.evaluate)\n"
            "from w2v.evaluate import similarity\nprint(w2v.evaluate.similarity is similarity)")
    assert python(code) == "True\n"


def test_names_are_those_of_all():
    assert {"UnknownWordError", "Phrases", "evaluate", "train", "load"} <= set(w2v.__all__)
    assert dir(w2v) == sorted([*w2v.__all__, "map"]), "completion shows the public names only"
    assert callable(w2v.map) and "map" not in w2v.__all__, "a star import would hide the builtin"
    assert all(getattr(w2v, name) is not None for name in w2v.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        w2v.nothing  # noqa: B018


def test_every_option_of_training_is_in_the_signature():
    """Completion and `help` read the signature."""
    options = {spec.name: spec.default for spec in dataclasses.fields(w2v.TrainConfig)}
    for function in (w2v.train, w2v.train_runs, w2v.plan):
        parameters = inspect.signature(function).parameters
        assert {name: parameters[name].default for name in options} == options
        assert "options" not in parameters and next(iter(parameters)) == "corpus"


def test_importing_the_package_imports_neither_training_nor_numpy(python):
    code = "import sys, w2v\nprint(sorted(name for name in sys.modules if name.startswith(('w2v', 'numpy'))))"
    assert python(code) == "['w2v', 'w2v._version']\n"


def test_star_import_gives_the_public_names(python):
    code = "from w2v import *\nprint(train.__name__, KeyedVectors.__name__, len(available_isas()) > 0)"
    assert python(code) == "train KeyedVectors True\n"


def test_pickles_by_the_old_paths_load():
    """A pickle stores the module and the name of a class."""
    config, kv = w2v.TrainConfig(epochs=3), w2v.KeyedVectors(["a", "b"], np.eye(2, dtype=np.float32), [2, 1])
    stored = pickle.dumps(config, protocol=0)
    assert b"w2v.config\nTrainConfig\n" in stored and pickle.loads(stored) == config
    stored = pickle.dumps(kv, protocol=0)
    assert b"w2v.keyedvectors\nKeyedVectors\n" in stored
    loaded = pickle.loads(stored)
    assert type(loaded) is w2v.KeyedVectors and loaded.index_to_key == ["a", "b"]
    assert np.array_equal(loaded.vectors, kv.vectors) and loaded.counts.tolist() == [2, 1]
    assert pickle.loads(b"cw2v.models\nWord2Vec\n.") is w2v.Word2Vec
    assert pickle.loads(b"cw2v.phrases\nPhrases\n.") is w2v.Phrases


def test_unbuilt_sources_say_what_to_do(tmp_path):
    (tmp_path / "w2v").mkdir()
    for name in ("__init__.py", "_version.py"):
        (tmp_path / "w2v" / name).write_text((importlib.resources.files("w2v") / name).read_text())
    done = subprocess.run([sys.executable, "-S", "-c", "import w2v"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "ImportError: w2v is not built in" in done.stderr and "pip install -e ." in done.stderr
