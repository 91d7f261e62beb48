"""Every analysis says what to pass if it gets no vectors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import w2v

KV = w2v.KeyedVectors(["a", "b", "c"], np.eye(3))

CALLS: dict[str, Callable] = {
    "diff": lambda one: w2v.diff(KV, one), "diff of runs": lambda one: w2v.diff(KV, KV, runs=[one]),
    "drift": lambda one: w2v.drift(one, KV), "align": lambda one: w2v.align(KV, one),
    "cluster": lambda one: w2v.cluster(one, 2), "axis": lambda one: w2v.axis(one, ["a"], ["b"]),
    "bias": lambda one: w2v.bias(one, "weat6"), "debias": lambda one: w2v.debias(one, [("a", "b")]),
    "reduce": lambda one: w2v.reduce(one), "why": lambda one: w2v.why(one, "a", "b"),
    "map": lambda one: w2v.map(one), "map of two": lambda one: w2v.map(KV, one),
    "a comparison of runs": lambda one: w2v.average([KV, one]),
}


@pytest.mark.parametrize("name", CALLS)
def test_path_and_matrix_are_refused_with_what_to_pass(name: str) -> None:
    who = name.split(" of ")[0] if name.startswith(("diff", "map")) else name
    for given in ("v.bin", np.eye(3)):
        with pytest.raises(TypeError, match=rf"^{who} needs word vectors \(KeyedVectors\), not {type(given).__name__}; "
                                            r"pass model\.wv of a model, and w2v\.load\(path\) of a file$"):
            CALLS[name](given)
