"""`why`: the contexts that make two words similar, from the output matrix of the training.

Place in the data flow: input and output vectors -> scores of two words with all contexts -> `Why`.

The decomposition. Skip-gram with negative sampling fits in_a . out_c = log(p(c | a) / noise(c)) - log k (Levy &
Goldberg 2014, equation 6). These scores of a word with all contexts c are its profile. Each context has a level that
all words share, and each word one that all contexts share (log k is part of it). Both say nothing about two words, so
the mean input vector m is subtracted from the input vectors, and the weighted mean of its scores from each profile:

    s_a(c) = (in_a - m) . (out_c - mean of out)

It is the natural logarithm of how many times more often c occurs with a than with an average word. The correlation of
two profiles, with weights w of the contexts, is a sum over contexts:

    r(a, b) = sum over c of w(c) s_a(c) s_b(c) / (sd_a sd_b)

Its terms are what the contexts contribute. The weights are those of the noise distribution, count^0.75, against which
the model learned to tell contexts apart. r does not change if input and output vectors change to in A and out A^-T,
which leaves all scores as they are. The cosine of input vectors does, so r is near it, but not equal. Without the
subtraction of m, r of "car" and "theology" is 0.06 instead of -0.50 (17 million words), and frequent words lead every
list. The standard deviations need only the covariance (d, d) of the output vectors; there is no n x n matrix.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from w2v.analysis.arguments import check_vectors
from w2v.analysis.contexts.profiles import Contexts, mean_vector, parts_of
from w2v.analysis.contexts.result import Context, Why
from w2v.analysis.estimate import Estimate
from w2v.analysis.samples import usable_rows
from w2v.analysis.shared_words import band_name, frequency_bands, frequency_ranks
from w2v.errors import W2VError
from w2v.formats.keys import Key
from w2v.types import Floats, Indices, Matrix
from w2v.vectors.lengths import cosine
from w2v.vectors.queries import Queries

EXPONENT = 0.75
"""Of word2vec's noise distribution."""

_LEAST_POOL = 20  # words of a frequency band from which random pairs are drawn


def why(kv: Queries, a: Key, b: Key, topn: int = 10, *, output_vectors: Matrix | None = None,
        exponent: float | None = None, pairs: int = 200, seed: int = 1) -> Why:
    """Return the contexts that make two words similar, and those that tell them apart.

    The similarity is the correlation of the two words' scores with all contexts (input times output vectors), to which
    each context contributes a term.

    Parameters
    ----------
    kv : the vectors.
    a, b : two different words.
    topn : contexts in each list, at least 1.
    output_vectors : (n, d) float32, of a model in memory (`model.output_vectors`); None for those of `kv`, which are in
        files of `w2v train --save-output-vectors` and `Model.save(..., output_vectors=True)`. If the model was trained
        with CBOW, the "contexts" are the words that a word predicts.
    exponent : contexts are weighted by count^exponent; None is that of the noise distribution in the training (0.75 if
        that is not known), 0 weights all alike. Without counts all weights are the same.
    pairs : random pairs of words of the same frequency bands, for the values by chance; 0 for none.
    seed : of the random pairs.

    Raises
    ------
    UnknownWordError : (a KeyError) a word has no vector.
    ValueError : the words are the same, an option is out of range, or `output_vectors` have another shape.
    W2VError : there are no output vectors, or a word's vector is zero, broken, or the average one.

    Source
    ------
    Levy & Goldberg 2014 (Neural word embedding as implicit matrix factorization), for the scores; the decomposition is
    described in `w2v.analysis.contexts.why`.

    Example
    -------
    >>> kv = w2v.load("vectors.safetensors")
    >>> [context.word for context in w2v.why(kv, "king", "queen").contexts]
    >>> print(w2v.why(model.wv, "king", "queen", output_vectors=model.output_vectors))
    """
    check_vectors("why", kv)
    for name, value, least in (("topn", topn, 1), ("pairs", pairs, 0), ("seed", seed, 0)):
        if value < least:
            raise ValueError(f"{name} = {value} is out of range: it must be {least} or more")
    if exponent is not None and not 0 <= exponent <= 10:
        raise ValueError(f"exponent = {exponent:g} is out of range: it must be 0 to 10")
    outputs = _outputs_of(kv, output_vectors)
    first, second = _Asked.of(kv, a), _Asked.of(kv, b)
    if first.word == second.word:
        raise ValueError(f"{first.word[:80]!r} was given twice; two different words are needed")
    exponent = _noise_exponent(kv) if exponent is None else exponent
    contexts = Contexts.of(outputs, kv.counts, exponent)
    null = _RandomPairs.of(kv, [first.row, second.row], pairs, seed)
    return _explained(kv, first, second, contexts, null, topn, exponent, seed)


@dataclass(frozen=True)
class _Asked:
    """A word, its row if it has one, and its vector (d,)."""

    word: str
    row: int | None
    vector: Floats

    @classmethod
    def of(cls, kv: Queries, key: Key) -> _Asked:
        """Look a word up.

        Raises
        ------
        UnknownWordError : it has no vector.
        W2VError : its vector is zero or broken.
        """
        vector = kv.get_vector(key, oov="error").astype(np.float64)
        row = kv.get_index(key) if kv.has_index_for(key) else None
        word = str(key) if row is None else kv.index_to_key[row]
        finite = bool(np.isfinite(vector).all())
        if not finite or not vector.any():
            problem = "is zero" if finite else "contains NaN or infinity"
            raise W2VError(f"the vector of {word[:80]!r} {problem}: it says nothing about the word")
        return cls(word, row, vector)


@dataclass(frozen=True)
class _RandomPairs:
    """Rows (p,) of the words of random pairs, and the names of the frequency bands that they are from."""

    a: Indices
    b: Indices
    bands: tuple[str, str]

    @classmethod
    def of(cls, kv: Queries, rows: Sequence[int | None], pairs: int, seed: int) -> _RandomPairs:
        """Draw pairs of different words from the bands of two words; from all if a band has too few other words.

        Parameters
        ----------
        rows : of the two words; None for a word outside the vocabulary, which is rarer than all others.
        """
        usable = np.setdiff1d(usable_rows(kv), [row for row in rows if row is not None])
        bands = frequency_bands(frequency_ranks(kv))
        rng = np.random.default_rng(seed)
        pools, names = [], []
        for row in rows:
            band = int(bands.max() if row is None else bands[row])
            pool, name = usable[bands[usable] == band], band_name(band)
            if len(pool) < _LEAST_POOL:
                pool, name = usable, "all words"
            pools.append(pool)
            names.append(name)
        if min(map(len, pools)) < 2:
            pairs, pools = 0, [np.zeros(1, dtype=np.int64)] * 2
        a, b = (rng.choice(pool, pairs) for pool in pools)
        while (same := a == b).any():
            b[same] = rng.choice(pools[1], int(same.sum()))
        return cls(a, b, (names[0], names[1]))

    def __len__(self) -> int:
        return len(self.a)


def _explained(kv: Queries, a: _Asked, b: _Asked, contexts: Contexts, null: _RandomPairs, topn: int, exponent: float,
               seed: int) -> Why:
    """Return the result for two words."""
    origin = mean_vector(kv)
    vectors = np.stack((a.vector, b.vector)) - origin
    deviations = contexts.deviations(vectors)
    for word, deviation in zip((a.word, b.word), deviations, strict=True):
        if not deviation > 0:
            raise W2VError(f"all contexts have the same score with {word[:80]!r}: its vector is the mean vector, or "
                           "all output vectors are equal")
    own = contexts.directions(vectors)
    drawn_a, drawn_b = (contexts.directions(kv.rows[rows].astype(np.float64) - origin) for rows in (null.a, null.b))
    parts, random = parts_of(contexts, own[:1], own[1:], topn), parts_of(contexts, drawn_a, drawn_b, topn)
    found = {name: _against_chance(float(getattr(parts, name)[0]), getattr(random, name), sign)
             for name, sign in (("correlation", 1), ("both", 1), ("neither", 1), ("against", -1), ("first", 1))}
    cosines = np.array([cosine(kv.rows[i], kv.rows[j]) for i, j in zip(null.a, null.b, strict=True)])
    scores = np.concatenate([contexts.standard_scores(own, part) for part in contexts.blocks(2)])
    terms = contexts.weights * scores[:, 0] * scores[:, 1]
    for_a, for_b = scores[:, 0] > 0, scores[:, 1] > 0

    def listed(chosen: npt.NDArray[np.bool_], sign: int) -> tuple[Context, ...]:
        """Return the contexts with the largest contributions of a sign among some."""
        rows = np.flatnonzero(chosen & (sign * terms > 0))
        rows = rows[np.argsort(-sign * terms[rows], kind="stable")[:topn]]
        others = (contexts.weights[rows, None] * contexts.standard_scores(drawn_a, rows)
                  * contexts.standard_scores(drawn_b, rows))
        lifts = scores[rows] * deviations
        return tuple(Context(kv.index_to_key[row], float(lift[0]), float(lift[1]),
                             _against_chance(float(terms[row]), other, sign))
                     for row, lift, other in zip(rows.tolist(), lifts, others, strict=True))

    return Why(
        a.word, b.word, _against_chance(cosine(a.vector, b.vector), cosines), found["correlation"], found["both"],
        found["neither"], found["against"], found["first"], listed(for_a & for_b, 1), listed(for_a & ~for_b, -1),
        listed(for_b & ~for_a, -1), kv.counts is not None, exponent,
        int(np.count_nonzero(contexts.weights)), null.bands, len(null), seed, tuple(random.correlation.tolist()))


def _against_chance(value: float, others: Floats, sign: int = 1) -> Estimate:
    """Return a value with the mean of those of random pairs, and the share of them that is at least as large, or with
    sign -1 as small; counted with the pair itself, so that it is never 0."""
    if not len(others):
        return Estimate(value)
    beyond = int(np.count_nonzero(sign * others >= sign * value))
    return Estimate(value, None, float(others.mean()), (1 + beyond) / (1 + len(others)))


def _outputs_of(kv: Queries, given: Matrix | None) -> Matrix:
    """Return the output vectors (n, d)."""
    outputs = kv.output_vectors if given is None else given
    if outputs is None:
        raise W2VError(
            "the contexts of words are in the output vectors, which these vectors do not have; w2v train "
            "--save-output-vectors -o FILE.safetensors and Model.save(..., output_vectors=True) keep them, and a model "
            "in memory has them: output_vectors=model.output_vectors. With hierarchical softmax alone there are none")
    if outputs.shape != kv.rows.shape:
        raise ValueError(f"output_vectors of shape {outputs.shape} do not fit vectors of shape {kv.rows.shape}")
    return outputs


def _noise_exponent(kv: Queries) -> float:
    """Return the exponent of the noise distribution in the training, as far as the model card knows it."""
    try:
        exponent = json.loads(kv.metadata.get("training", "{}"))["ns_exponent"]
    except (ValueError, KeyError, TypeError):
        return EXPONENT
    return float(exponent) if isinstance(exponent, (int, float)) and 0 <= exponent <= 10 else EXPONENT
