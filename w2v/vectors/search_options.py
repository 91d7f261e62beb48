"""Options that all searches share, and the checks of many queries.

Place in the data flow: keywords of a caller -> `w2v.vectors.queries`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypedDict

import numpy as np
import numpy.typing as npt

from w2v.formats.keys import Key, is_key
from w2v.vectors.lookup import Oov
from w2v.vectors.neighbours import Neighbours, Terms

Among = Sequence[Key] | npt.NDArray[Any]
"""A subset of the vocabulary: keys, or a mask (n,)."""

Batch = Sequence[Terms | None] | npt.NDArray[Any]
"""One side of many queries: an entry for each query, or an array (k, d) of vectors."""


class SearchOptions(TypedDict, total=False):
    """Keywords of every `most_similar...` that gensim does not have, and of `nearest`.

    among : search only these words, given as keys or as a mask (n,); None searches all. Integers are rows, or words
        where integers are keys.
    metric : "cosine" (default); "dot", the product of the vectors as they are; or "euclidean", whose scores are
        distances, smallest first. For the last two a query is the weighted sum of its vectors as they are, divided by
        the sum of the weights.
    oov : policy for unknown words instead of the attribute `oov`.
    approximate : search with the index built by `index`: fast, but some neighbours may be missed.
    """

    among: Among | None
    metric: str
    oov: Oov | None
    approximate: bool


class Indexer(Protocol):
    """An index of gensim, such as `gensim.similarities.annoy.AnnoyIndexer`."""

    def most_similar(self, vector: npt.NDArray[Any], num_neighbors: int, /) -> Neighbours:
        """Return the neighbours of a vector (d,) of length 1."""
        ...


def check_batch(positive: Batch, negative: Batch | None = None) -> None:
    """Raise TypeError for one query instead of many, and ValueError for sides of different lengths."""
    if is_key(positive):
        raise TypeError(f"a batch is a list of queries: [{positive!r}], not {positive!r}")
    if isinstance(positive, np.ndarray) and positive.ndim == 1 and positive.dtype.kind == "f":
        raise TypeError(f"a batch is a list of queries: pass one vector of shape {positive.shape} as vector[None]")
    if negative is not None and len(negative) != len(positive):
        raise ValueError(f"{len(positive)} positive and {len(negative)} negative entries: there must be one of each "
                         "per query")
