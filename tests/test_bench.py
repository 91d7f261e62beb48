"""The scripts under bench/ keep up with the package: each is imported, and what calls inner parts is called once."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from w2v.corpus.encode import encode
from w2v.training.loop import _isa, _slots

BENCH = Path(__file__).parent.parent / "bench"
SCRIPTS = sorted(path.stem for path in BENCH.glob("*.py"))


@pytest.fixture(autouse=True)
def bench_on_the_path(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    yield
    for name in SCRIPTS:  # their names are common ones
        sys.modules.pop(name, None)


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_imported(name):
    assert importlib.import_module(name).__doc__


def test_every_slot_is_called():
    kernels = importlib.import_module("kernels")
    for isa in _isa.available_isas():
        for slot in kernels.SLOTS:
            assert kernels.seconds_a_call(_slots.Kernels(isa), slot, 100, 6, 5, 2) > 0
    assert kernels.outputs_of("two", 5) == 8 and kernels.outputs_of("window", 5) == 6


def test_work_of_training_is_counted_for_each_number_of_centres(tmp_path):
    path = tmp_path / "text"
    lines = np.random.default_rng(1).integers(0, 50, (300, 20))
    path.write_text("\n".join(" ".join(f"w{i}" for i in line) for line in lines))
    corpus = encode([path], threads=1, min_count=1)
    train = importlib.import_module("train")
    one, two = (train.multiply_adds(corpus, {"vector_size": 100, "shared_windows": k}, 16) for k in (1, 2))
    assert 0.6 * one < two < one
