"""How much of a text is repetition, from a sample of it. Pure numbers, no text.

Place in the data flow: ids of the chunks of a sample -> `distinct_text` -> `w2v.corpus.estimate.estimate`, which lets
the vocabulary grow only over text that is new.

A text that consists of copies of B tokens has the words of B tokens, however long it is. Its copies are found by
sequences of `SEQUENCE` words that the sample contains more than once: by chance, or as a phrase, none is that long.
Sequences are chosen by their first two words, so that copies of a text choose the same ones. Let f1, f2 and f3 be the
numbers of sequences seen once, twice and three times, and D of all that were seen. Chao (1984, "Nonparametric
Estimation of the Number of Classes in a Population") estimates the number in the whole text as
D + f1 (f1 - 1) / (2 (f2 + 1)).

That is a lower bound, reached if all of the text is repeated alike. Then f1 f3 / f2^2 is 2/3 (Poisson); it is larger if
only a part is repeated, such as the pages of a crawl that were copied. In this case, or if it cannot be seen, only the
lower bound counts repetitions.

Chunks at random positions overlap like birthdays. If no two of c chunks do, the different text is probably longer than
c / 4 samples: with half as much, 2 equal ones, or 4 that overlap, were to be expected. The lower bound assumes no more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from w2v.corpus.estimate.growth import Estimate

SEQUENCE = 48  # words
CHOSEN = 64  # one of this many sequences is looked at
SAME = 4 / 3  # f1 f3 / f2^2 up to which all of the text is taken to be repeated alike
SLACK = 1.2  # of the bounds then: the counts are not quite those of Poisson
FEW = 2.0  # equal chunks to expect in a text of which a sample may by chance have none


def distinct_text(chunks: Sequence[NDArray[np.int32]], tokens: Estimate, random_chunks: int) -> Estimate:
    """Estimate the tokens of a text that are not copies of others.

    Parameters
    ----------
    chunks : int32 ids of each chunk of the sample; negative entries are line ends.
    tokens : of the text.
    random_chunks : number of chunks at random positions of the text; 0 if it was read from its start, where the rest
        is assumed to be like the start.
    """
    found = [hashes for chunk in chunks if len(hashes := _sequences(chunk))]
    n = float(sum(int((chunk >= 0).sum()) for chunk in chunks))
    if not found or n >= tokens.expected:
        return Estimate(tokens.expected, min(n, tokens.low), tokens.high)
    starts = n * sum(len(chunk) - SEQUENCE + 1 for chunk in chunks if len(chunk) >= SEQUENCE) / sum(map(len, chunks))
    _, counts = np.unique(np.concatenate(found), return_counts=True)
    seen, (once, twice, thrice) = float(counts.sum()), (float((counts == k).sum()) for k in (1, 2, 3))
    overlap = seen / len(found)  # sequences that two equal chunks share
    noise = 3 * math.sqrt(twice / overlap) * overlap  # equal chunks are few, and come at once

    def size(more: float, tokens: float) -> float:
        in_text = len(counts) + once * max(once - 1, 0.0) / (2 * (max(twice + more, 0.0) + 1))
        # of k copies two chosen at random are different ones in (k - 1) / k of the cases
        return max(1 / (seen / (starts * in_text) + 1 / tokens), starts * len(counts) / seen)

    whole = once == 0 or (thrice >= 2 * overlap and once * thrice <= SAME * twice**2)
    expected = min(size(0.0, tokens.expected), tokens.expected) if whole else tokens.expected
    high = min(max(SLACK * size(-noise, tokens.high), expected), tokens.high) if whole else tokens.high
    low = size(noise + FEW * overlap, tokens.low) / (SLACK if whole else 1) if random_chunks else expected
    return Estimate(expected, min(low, expected), high)


def _sequences(ids: NDArray[np.int32]) -> NDArray[np.uint64]:
    """Return a hash of each chosen sequence of a chunk."""
    if len(ids) < SEQUENCE:
        return np.zeros(0, np.uint64)
    words = ids.astype(np.int64).view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    heads = words[:len(ids) - SEQUENCE + 1]
    pairs = heads ^ (words[1:len(heads) + 1] >> np.uint64(7))
    starts = np.flatnonzero((pairs * np.uint64(0xBF58476D1CE4E5B9)) >> np.uint64(58) == 0)
    hashes = np.zeros(len(starts), np.uint64)
    for k in range(SEQUENCE):
        hashes = (hashes ^ words[starts + k]) * np.uint64(0x94D049BB133111EB)
        hashes ^= hashes >> np.uint64(29)
    return hashes
