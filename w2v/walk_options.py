"""Options of a graph as a corpus: how its edges are read, and the random walks over it.

Place in the data flow: options of a caller -> `WalkOptions`, in `w2v.corpus.paths.CorpusInput` -> `w2v.graphs`.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from w2v.corpus_options import _check_switch, _option

if TYPE_CHECKING:
    from w2v.types import StrPath

MOST_WALKS = 1_000_000
MOST_STEPS = 1_000_000
LARGEST_BIAS = 1000.0
"""Limit of p and q, and of 1 / p and 1 / q: steps are drawn by rejection, which takes longer the further they are from
1."""

GRAPH_DEFAULTS: dict[str, Any] = {"min_count": 1, "shared_contexts": 2}
"""Hyper-parameters whose defaults are others for a graph: every node has a vector, and the nodes of a window are often
the same ones."""

GraphLike: TypeAlias = Any
"""Type of a graph argument: a path or a list of paths, or an object that `w2v.graphs.inputs` recognises."""


class GraphOptions(TypedDict, total=False):
    """Options of a graph as keyword arguments: those of `WalkOptions`."""

    walks: int
    walk_length: int
    p: float
    q: float
    directed: bool | None
    unweighted: bool
    drop_isolated: bool
    metapath: str | None
    node_types: StrPath | Mapping[Any, str] | None


@dataclass(frozen=True)
class WalkOptions:
    """How the edges of a graph are read, and the walks from each node.

    Parameters
    ----------
    walks : walks from each node in each epoch, 1 to 1,000,000.
    walk_length : nodes of a walk, 2 to 1,000,000. A walk ends early where no edge leads on.
    p : return parameter of node2vec, 0.001 to 1000: a step back to the node before has the weight 1 / p.
    q : in-out parameter of node2vec, 0.001 to 1000: a step to a node that is no neighbour of the one before has the
        weight 1 / q.
    directed : whether edges lead one way only. None: as the graph says; a list of edges says nothing and leads both
        ways.
    unweighted : whether weights are ignored: every edge has the weight 1.
    drop_isolated : whether nodes without edges get no vector.
    metapath : types of nodes, separated by commas, that walks follow again and again, such as "author,paper,author";
        the first and the last are the same (metapath2vec). None: walks go anywhere.
    node_types : with `metapath`, a file with a node and its type on each line, or a mapping from nodes to types.

    Source
    ------
    Perozzi et al. 2014 (DeepWalk: p = q = 1); Grover and Leskovec 2016 (node2vec, section 3.2.2); Dong et al. 2017
    (metapath2vec, equation 3).
    """

    walks: int = _option(10, "walks from each node in each epoch")
    walk_length: int = _option(80, "nodes of a walk")
    p: float = _option(1.0, "return parameter of node2vec: a step back has the weight 1 / p")
    q: float = _option(1.0, "in-out parameter of node2vec: a step away from the node before has the weight 1 / q")
    directed: bool | None = _option(None, "edges lead one way only (default: as the graph says; both ways for lists of "
                                    "edges)")
    unweighted: bool = _option(False, "ignore weights: every edge has the weight 1")
    drop_isolated: bool = _option(False, "leave nodes without edges out instead of giving them a vector")
    metapath: str | None = _option(None, "types of nodes that walks follow, such as author,paper,author", metavar="T,T")
    node_types: Any = _option(None, "with --metapath: file with a node and its type on each line", metavar="FILE")

    def __post_init__(self) -> None:
        for name, low, high in (("walks", 1, MOST_WALKS), ("walk_length", 2, MOST_STEPS)):
            value = getattr(self, name)
            if isinstance(value, bool) or not hasattr(value, "__index__"):
                raise TypeError(f"{name} must be a whole number, not {value!r}")
            if not low <= value <= high:
                raise ValueError(f"{name} = {value!r} is out of range: {low} to {high:,}")
        for name in ("p", "q"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise TypeError(f"{name} must be a number, not {value!r}")
            if not (math.isfinite(value) and 1 / LARGEST_BIAS <= value <= LARGEST_BIAS):
                raise ValueError(f"{name} = {value!r} is out of range: {1 / LARGEST_BIAS:g} to {LARGEST_BIAS:g}")
        for name in ("unweighted", "drop_isolated"):
            _check_switch(name, getattr(self, name))
        if self.directed is not None:
            _check_switch("directed", self.directed)
        if (self.metapath is None) != (self.node_types is None):
            raise ValueError("metapath and node_types need each other: one has the types of a walk, the other the type "
                             "of each node")
        if self.metapath is not None:
            self._check_metapath()

    def _check_metapath(self) -> None:
        types = self.types
        if len(types) < 2 or types[0] != types[-1] or not all(types):
            raise ValueError(f"metapath = {self.metapath!r} must have two or more types, the first of which is also "
                             "the last, such as author,paper,author: walks follow it again and again")
        if self.p != 1 or self.q != 1:
            raise ValueError("metapath cannot be used with p and q: its walks do not depend on the node before")

    @property
    def types(self) -> tuple[str, ...]:
        """Types of the metapath; empty without."""
        return () if self.metapath is None else tuple(one.strip() for one in str(self.metapath).split(","))

    def to_dict(self) -> dict[str, Any]:
        """Return the options as plain values: `walks` and `walk_length`, and those that differ from their defaults. A
        mapping of types is left out, since it may be large."""
        given = {spec.name: getattr(self, spec.name) for spec in dataclasses.fields(self)
                 if spec.name in ("walks", "walk_length") or getattr(self, spec.name) != spec.default}
        if isinstance(given.get("node_types"), Mapping):
            del given["node_types"]
        return {name: os.path.abspath(value) if name == "node_types" else value for name, value in given.items()}


WALK_OPTIONS = tuple(spec.name for spec in dataclasses.fields(WalkOptions))
"""Names of the options."""


def walk_options(options: Mapping[str, Any]) -> WalkOptions:
    """Return the options of a graph; other names are ignored.

    Raises
    ------
    ValueError, TypeError : an option is wrong; names it.
    """
    return WalkOptions(**{name: options[name] for name in WALK_OPTIONS if name in options})
