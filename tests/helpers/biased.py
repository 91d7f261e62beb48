"""Vectors with a planted bias: two directions of targets, two of attributes."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from w2v.analysis.bias.sets import BiasSet
from w2v.keyedvectors import KeyedVectors

SETS = ("x", "y", "a", "b")


def words(name: str, n: int = 8) -> list[str]:
    return [f"{name}{i}" for i in range(n)]


def planted(strength: float = 1.0, *, n: int = 8, d: int = 20, seed: int = 1, others: int = 200) -> KeyedVectors:
    """x words lie near a words, and y words near b words, by `strength`; the other words are random."""
    rng = np.random.default_rng(seed)
    axis = np.eye(d)[0]
    rows = [sign * strength * axis + 0.3 * rng.normal(size=d) for sign in (1, -1, 1, -1) for _ in range(n)]
    rows += list(rng.normal(size=(others, d)))
    names = [word for name in SETS for word in words(name, n)] + [f"w{i}" for i in range(others)]
    return KeyedVectors(names, np.array(rows, dtype=np.float32))


def asked(n: int = 8, name: str = "planted", targets: Sequence[str] = ("x", "y")) -> BiasSet:
    return BiasSet(name, {one: words(one, n) for one in targets}, {one: words(one, n) for one in ("a", "b")})


def write_text(path: Path, *tests: BiasSet) -> Path:
    lines = []
    for one in tests:
        lines.append(f": {one.name}")
        for kind, sets in (("targets", one.targets), ("attributes", one.attributes)):
            lines += [f"{kind} {name}: {' '.join(map(str, listed))}" for name, listed in sets.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_json(path: Path, test: BiasSet) -> Path:
    sets = [*test.targets.items(), *test.attributes.items()]
    keys = ["targ1", "targ2", "attr1", "attr2"] if len(test.targets) == 2 else ["targ1", "attr1", "attr2"]
    path.write_text(json.dumps({key: {"category": name, "examples": list(listed)}
                                for key, (name, listed) in zip(keys, sets, strict=True)}), encoding="utf-8")
    return path
