"""`reduce`: vectors with fewer dimensions, or rotated so that each prefix of a vector can be used.

Place in the data flow: `KeyedVectors` -> moments or a random matrix -> `LinearMap` -> new vectors and `Reduction`.

Sources
-------
Pearson 1901 and Hotelling 1933 (principal components); Mu & Viswanath 2018 (1702.01417, All-but-the-top), algorithm 1;
Dasgupta & Gupta 2003 (random projection).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2v.analysis.arguments import check_vectors
from w2v.analysis.card import record_change
from w2v.analysis.estimate import Estimate
from w2v.analysis.linear_map import LinearMap, Vectors, mapped
from w2v.analysis.moments import Moments, Sums, effective_rank, principal_axes, random_shares, shares_of
from w2v.analysis.reduction.distortion import distortion
from w2v.analysis.reduction.prefixes import Prefix, cosine_errors, mean_shares, neighbour_overlaps, prefix_lengths
from w2v.analysis.reduction.projection import MATRICES, bound_dim, bound_eps, random_matrix
from w2v.analysis.reduction.result import Components, Reduction
from w2v.analysis.samples import random_pairs, usable_blocks, usable_rows
from w2v.errors import W2VError
from w2v.formats.rows import STORED
from w2v.types import Floats
from w2v.vectors.queries import Queries

METHODS = ("pca", "random")


def reduce(
    kv: Vectors, dim: int | None = None, *, method: str = "pca", center: bool = False, remove_top: int = 0,
    eps: float | None = None, matrix: str | None = None, dtype: str | None = None, sample: int | None = 1000,
    pairs: int = 10_000, topn: int = 10, seed: int = 1,
) -> Reduction[Vectors]:
    """Return vectors of the same words with fewer dimensions, or rotated to their principal components.

    Without options the vectors are rotated by the eigenvectors of their second moment, in falling order of variance,
    and keep all dimensions: cosines, neighbours, analogies and products with output vectors stay the same (up to
    rounding), and each prefix of a vector is the best one of its length, so that it can be cut later. Each axis has its
    largest component positive, so that the result does not depend on the machine.

    Parameters
    ----------
    kv : the vectors, of any stored type; they may be mapped. n-grams are reduced too.
    dim : numbers of a new vector, 1 to d (d - `remove_top`); None for all. For "random", `dim` or `eps` is needed.
    method : "pca", or "random": a product with a random matrix, which keeps distances in the mean for any vectors.
    center : subtract the mean first: the principal components of scikit-learn.
    remove_top : subtract the mean and leave out the first components ("all-but-the-top"), 0 to d - 1. The paper's rule
        of thumb is d / 100. The new vectors have `remove_top` fewer numbers: these would all be 0.
    eps : choose the dimension of "random" by the bound 4 ln n / (eps^2/2 - eps^3/3), 0 < eps < 1.
    matrix : "gaussian" (also None), "rademacher" (-1 and 1) or "achlioptas" (2 of 3 numbers are 0), for "random".
    dtype : "float32", "float16", "bf16" or "int8"; None keeps the stored type.
    sample : number of words whose neighbours are compared before and after; None for all words, 0 for none.
    pairs : number of random pairs of words whose cosines and distances are compared, at least 1.
    topn : neighbours of each word, at least 1.
    seed : of everything that is drawn; the same seed gives the same result.

    Returns
    -------
    Reduction : the new vectors as `kv`, with what was done in their `metadata`, and what they keep. Output vectors stay
        only where their products with the vectors do: with all dimensions and no centring.

    Raises
    ------
    ValueError : an option out of range, options that exclude each other, or a bound that needs more than d dimensions.
    TypeError : no vectors, or an option that must be a whole number and is not.
    W2VError : there are no usable vectors, or they are all equal or zero.

    Notes
    -----
    Memory: the new matrix, and blocks. Algorithm 1 of Mu & Viswanath subtracts the projections of the vectors before
    their mean is subtracted; here it is those after that, so that the mean stays 0.

    Example
    -------
    >>> found = w2v.reduce(kv)
    >>> found.kv.save("rotated.safetensors")
    >>> print(w2v.reduce(kv, 100, remove_top=2))
    >>> small = w2v.reduce(kv, method="random", eps=0.9).kv
    """
    options = Options(dim, method, center, remove_top, eps, matrix, dtype, sample, pairs, topn, seed)
    check_vectors("reduce", kv)
    d = kv.vector_size
    options.check_dim(d)
    words = len(kv) - len(kv.fill_norms().broken)
    if not words or not d:
        raise W2VError(f"there is nothing to reduce: {len(kv):,} words of {d} dimensions, {len(kv) - words:,} of them "
                       "with NaN, infinity or too large numbers in their vectors")
    known = _moments(kv)
    origin = known.mean if options.centered else np.zeros(d)
    if method == "random":
        k, bound = options.projected_dim(words, d)
        change, components = LinearMap(random_matrix(d, k, options.numbers, seed)), None
    else:
        k, bound = dim if dim is not None else d - remove_top, None
        change, components = _principal(known, options, k)
    source = f"{kv.vector_size} -> {k} dimensions ({method}) of {kv.source or 'other vectors'}"
    new = mapped(kv, change, source, dtype)
    found = _measured(kv, new, change, options, known.about(origin), known.mean - origin, components, bound)
    record_change(new, "reduce", found.facts())
    return found


@dataclass(frozen=True)
class Options:
    """The options of `reduce`, checked as far as possible without vectors."""

    dim: int | None = None
    method: str = "pca"
    center: bool = False
    remove_top: int = 0
    eps: float | None = None
    matrix: str | None = None
    dtype: str | None = None
    sample: int | None = 1000
    pairs: int = 10_000
    topn: int = 10
    seed: int = 1

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, not {self.method!r}")
        if self.numbers not in MATRICES:
            raise ValueError(f"matrix must be one of {', '.join(MATRICES)}, not {self.matrix!r}")
        if self.dtype is not None and self.dtype not in STORED:
            raise ValueError(f"dtype must be one of {', '.join(STORED)}, not {self.dtype!r}")
        for name, least in (("dim", 1), ("remove_top", 0), ("sample", 0), ("pairs", 1), ("topn", 1), ("seed", 0)):
            value = getattr(self, name)
            if value is None and name in ("dim", "sample"):
                continue
            if not isinstance(value, (int, np.integer)):
                raise TypeError(f"{name} must be a whole number, not {value!r}")
            if value < least:
                raise ValueError(f"{name} = {value} is out of range: it must be {least} or more")
        if self.eps is not None and not 0 < self.eps < 1:
            raise ValueError(f"eps = {self.eps:g} is out of range: it must be above 0 and below 1")
        if self.method == "random":
            self._check_random()
        elif self.eps is not None or self.matrix is not None:
            name = "matrix" if self.eps is None else "eps"
            raise ValueError(f'{name} belongs to method = "random" and has no meaning for principal components')

    def _check_random(self) -> None:
        if self.center or self.remove_top:
            name = "center" if self.center else "remove_top"
            raise ValueError(f'{name} belongs to principal components and cannot be combined with method = "random": a '
                             "random projection is the same for all vectors")
        if (self.dim is None) == (self.eps is None):
            raise ValueError('method = "random" needs either dim or eps, which is the distortion that the dimension '
                             "must guarantee")

    @property
    def numbers(self) -> str:
        """Numbers of a random matrix."""
        return "gaussian" if self.matrix is None else self.matrix

    @property
    def centered(self) -> bool:
        """Whether the mean is subtracted."""
        return self.center or self.remove_top > 0

    def check_dim(self, d: int) -> None:
        """Raise a ValueError if d dimensions are not enough."""
        if self.remove_top >= max(1, d):
            raise ValueError(f"remove_top = {self.remove_top} is out of range: the vectors have {d} dimensions, of "
                             "which at least one must be left")
        most = d - self.remove_top
        if self.dim is not None and self.dim > most:
            left = f", and {most} are left after remove_top = {self.remove_top}" if self.remove_top else ""
            raise ValueError(f"dim = {self.dim} is out of range: the vectors have {d} dimensions{left}")

    def projected_dim(self, words: int, d: int) -> tuple[int, float | None]:
        """Return the dimension of a random projection, and the eps that the bound guarantees for it."""
        if self.dim is not None:
            return self.dim, bound_eps(words, self.dim)
        assert self.eps is not None
        k = bound_dim(words, self.eps)
        if k > d:
            least = bound_eps(words, d)
            rest = (f"the smallest eps that they can guarantee is {least:.4f}" if least is not None
                    else "they can guarantee no eps below 1")
            raise ValueError(f"eps = {self.eps:g} needs {k:,} dimensions for {words:,} words, and these vectors have "
                             f"only {d:,}: {rest}; choose a dimension with dim = K and read the measured distortion")
        return k, self.eps


def _moments(kv: Queries) -> Moments:
    """Return the moments of all vectors that are not broken, with products in float64."""
    return Sums.of((block.astype(np.float64) for block in usable_blocks(kv)), kv.vector_size).moments


def _principal(known: Moments, options: Options, k: int) -> tuple[LinearMap, Components]:
    """Return the map to k principal components, and the components."""
    d = len(known.mean)
    shift = known.mean if options.centered else None
    variances, axes = principal_axes(known.covariance if options.centered else known.second)
    if not variances[0] > 0:
        raise W2VError("all vectors are equal: nothing is left after subtracting their mean" if options.centered
                       else "all vectors are zero: there are no components")
    first = options.remove_top
    change = LinearMap(np.ascontiguousarray(axes[:, first:first + k], dtype=np.float32),
                       None if shift is None else shift.astype(np.float32), k == d)
    shares = shares_of(variances)
    chance = random_shares(known.count - (1 if options.centered and known.count > 1 else 0), d, options.seed)
    rank = Estimate(effective_rank(shares), None, effective_rank(chance))
    return change, Components(variances, shares, chance, rank)


def _measured(kv: Vectors, new: Vectors, change: LinearMap, options: Options, second: Floats, mean: Floats,
              components: Components | None, bound: float | None) -> Reduction[Vectors]:
    """Return the result with all that is measured.

    Parameters
    ----------
    second, mean : (d, d) and (d,) second moment and mean of the old vectors about the origin that is subtracted.
    """
    (d, k), seed = change.matrix.shape, options.seed
    random = options.method == "random"
    usable = usable_rows(kv)
    drawn = random_pairs(usable, options.pairs, seed)
    dims = [k] if random else prefix_lengths(d, k)
    errors = cosine_errors(kv.rows, new.rows, drawn, dims, seed)
    queries, overlaps = neighbour_overlaps(kv, new.rows, usable, dims, options.sample, options.topn, seed)
    axes = change.matrix.astype(np.float64)
    means = mean_shares(mean @ axes, np.einsum("ij,ik,kj->j", axes, second, axes, optimize=True), dims, len(usable))
    variances: list[Estimate | None] = [None] * len(dims)
    if components is not None:
        kept, chance = (np.cumsum(shares[options.remove_top:]) for shares in (components.shares, components.chance))
        variances = [Estimate(min(1.0, float(kept[dim - 1])), None, float(chance[dim - 1])) for dim in dims]
    prefixes = tuple(map(Prefix, dims, variances, errors, overlaps, means))
    outputs = _became(kv.output_vectors, new.output_vectors)
    subwords = _became(kv.subwords, new.subwords)
    changed = distortion(kv.rows, new.rows, drawn, bound, seed, k if random else None)
    return Reduction(new, change, options.method, options.numbers if random else None, d, k, options.centered,
                     options.remove_top, new.rows.dtype_name, len(kv), len(kv) - len(usable), outputs, subwords,
                     bound, seed, queries, options.topn, components, prefixes, changed)


def _became(before: object, after: object) -> str | None:
    """Return what became of a part of the vectors, as in `Reduction.outputs`."""
    return None if before is None else "left out" if after is None else "kept"
