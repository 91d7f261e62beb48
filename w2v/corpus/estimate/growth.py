"""Extrapolation of the vocabulary of a text from a part of it. Pure numbers, no text.

Place in the data flow: ids of the chunks of a sample -> `measure` -> `vocabulary` -> `w2v.corpus.estimate.estimate`.

V(m, n) is the number of words that occur at least m times in n tokens; the goal is V(m, N) of the whole text. Let R(x)
be the number of words with a rate of at least x per token. If occurrences were independent, V(m, n) would be the mean
of R(G / n), with G gamma distributed with shape m (Poisson counts, integrated by parts). Where R falls as x^-b, that is
R(m / n) times `_smear(m, b)`. So V(m, N) depends on the rates near m / N, which a sample of n tokens shows as long as N
/ m is not far above n: V(m n / N, n) is nearly V(m, N). Real words occur in bursts, so a sample contains fewer of them
than that. Two estimates, whose errors tend to have opposite signs, are therefore averaged:

* by growth: V(m, n) grows from n to N as V(1, .) grows from n / m to N / m, bursts included; best for small m;
* by rate: V(m n / N, n), corrected by the ratio of the smears, and for bursts by the error that the same rule makes
  from half of the sample to all of it; best for large m.

Beyond the sample, log V(1, .) continues with the slope b that it has at the end of the sample (Heaps' law). The slope
itself decreases as exp(-r d) with the distance d. r is a fifth of the decrease in the sample, because the slope of a
language decreases ever more slowly; it is larger if the decrease accelerates, as for a vocabulary that is nearly
exhausted. The bounds use no decrease and all of it. Sub-samples consist of whole chunks at random, which keeps bursts
within a document.

Measured (bench/plan.py): for real texts of which 1 to 20 % were read, the truth lies within the bounds in at least 19
of 20 cases; with 5 or 10 % read the median error is at most 10 %, mostly below 6 %. Texts of which less than half a MB
was read grow faster than the bounds allow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.types import Floats

N_BLOCKS = 16  # to which chunks are assigned at random; sub-samples are 1, 2, 4 ... of them
MOST_HALVINGS = 8  # of the blocks, for smaller sub-samples
MIN_CHUNKS = 128  # fewer chunks are cut in half
MOST_COUNT = 256  # V is kept for counts up to this
N_SLOPES = 5  # last slopes, which show how the slope decreases
MIN_WORDS = 100  # that a measured ratio must rest on
DECAY = 0.2  # share of the decrease of the slope in the sample that continues
ACCELERATION, MOST_DECAY = 1.6, 2.0  # DECAY grows by this much for each 1 that the last decreases exceed earlier ones


@dataclass(frozen=True)
class Estimate:
    """Number with bounds that contain the truth in 19 of 20 cases; all three are equal if the number is exact."""

    expected: float
    low: float
    high: float

    @property
    def exact(self) -> bool:
        """Whether the number is known exactly."""
        return self.low == self.high


@dataclass(frozen=True)
class Curve:
    """V(m, n) as measured on sub-samples of a sample.

    Attributes
    ----------
    tokens : (n_levels,), n of each level, rising; the last level is the sample.
    words : (n_levels, MOST_COUNT + 1), V(m, n) in column m, the mean over the sub-samples of a level.
    counts : (n_distinct,), counts of the distinct words of the sample, falling.
    """

    tokens: Floats
    words: Floats
    counts: NDArray[np.int64]

    def log_words(self, level: int, count: float) -> float:
        """Return log V(count, n) at a level, interpolated between whole counts; for no words log 1/2."""
        if level == -1 and count >= MOST_COUNT:
            return math.log(max(len(self.counts) - int(np.searchsorted(self.counts[::-1], count)), 0.5))
        at = math.log(min(max(count, 1.0), float(MOST_COUNT)))
        return float(np.interp(at, _LOG_COUNTS, np.log(np.maximum(self.words[level, 1:], 0.5))))


    def without_copies(self, size: float, of: float) -> Curve:
        """Return the curve without copies, of a text of copies of `size` tokens, `of` in all.

        A sample of n tokens then has only pool (1 - exp(-n / pool)) different ones, where pool is `size`, or larger if
        there are few copies.
        """
        if size >= of:
            return self
        pool = 1 / (1 / size - 1 / of)
        tokens = -pool * np.expm1(-self.tokens / pool)
        kept = [len(tokens) - 1]
        for level in range(len(tokens) - 2, -1, -1):
            if tokens[level] < tokens[kept[0]] / 1.2:
                kept.insert(0, level)
        return Curve(tokens[kept], self.words[kept], self.counts)


_LOG_COUNTS = np.log(np.arange(1, MOST_COUNT + 1))


def measure(chunks: Sequence[NDArray[np.int32]], n_distinct: int, seed: int = 0) -> Curve:
    """Measure the growth of the vocabulary in a sample.

    Parameters
    ----------
    chunks : int32 ids of each chunk; negative entries are not words.
    n_distinct : number of ids.
    seed : of the assignment of chunks to sub-samples.
    """
    while 0 < len(chunks) < MIN_CHUNKS and max(map(len, chunks)) > 1:
        chunks = [half for chunk in chunks for half in np.array_split(chunk, 2) if len(half)]
    order = np.random.default_rng(seed).permutation(len(chunks))
    blocks = [order[k::N_BLOCKS] for k in range(min(N_BLOCKS, len(order)))]
    levels: list[tuple[float, Floats]] = []
    smaller = blocks
    for halving in range(MOST_HALVINGS):
        smaller = [block[: len(block) // 2] for block in smaller if len(block) > 1][: N_BLOCKS >> halving or 1]
        if not smaller:
            break
        levels.insert(0, _mean([_counts(chunks, block, n_distinct) for block in smaller]))
    tables = [_counts(chunks, block, n_distinct) for block in blocks]
    while len(tables) > 1:
        levels.append(_mean(tables))
        tables = [sum(tables[k : k + 2], start=np.zeros(n_distinct, np.int32)) for k in range(0, len(tables), 2)]
    counts = np.sort(tables[0])[::-1].astype(np.int64) if tables else np.zeros(0, np.int64)
    levels.append(_mean(tables) if tables else (0.0, np.zeros(MOST_COUNT + 1)))
    n = levels[-1][0]
    used = [level for level in levels[:-1] if 0 < level[0] < n / 1.5] + levels[-1:]
    return Curve(np.array([n for n, _ in used]), np.array([words for _, words in used]), counts[counts > 0])


def _counts(chunks: Sequence[NDArray[np.int32]], chosen: NDArray[np.int64], n_distinct: int) -> NDArray[np.int32]:
    ids = np.concatenate([chunks[k] for k in chosen])
    return np.bincount(ids[ids >= 0], minlength=n_distinct).astype(np.int32)


def _mean(tables: list[NDArray[np.int32]]) -> tuple[float, Floats]:
    """Return the mean number of tokens, and (MOST_COUNT + 1,) the mean V(m, .) by m."""
    total = np.zeros(MOST_COUNT + 1)
    for table in tables:
        total += np.bincount(np.minimum(table, MOST_COUNT), minlength=MOST_COUNT + 1)
    total[0] = 0.0
    return sum(float(table.sum()) for table in tables) / len(tables), total[::-1].cumsum()[::-1] / len(tables)


def extrapolate(curve: Curve, tokens: float, min_count: float, bound: int = 0) -> tuple[float, float]:
    """Estimate log V(min_count, tokens) by growth and by rate.

    Parameters
    ----------
    curve : of the sample.
    tokens : N, tokens of the text.
    min_count : m.
    bound : 0 for the expected value, -1 for its lower and 1 for its upper bound.
    """
    if len(curve.tokens) < 2:  # a sample of one chunk: a power law, and wide bounds
        value = curve.log_words(-1, 1.0) + 0.7 * math.log(tokens / curve.tokens[-1] / min_count)
        return value, value
    slope, growth = _heaps(curve, bound)
    n, target = curve.tokens[-1], math.log(tokens / min_count)
    factor = tokens / n
    count = max(min_count / factor, 1.0)
    seen = curve.log_words(-1, count) if min_count >= factor else growth(target)
    b = slope(target)
    by_rate = seen + _smear(min_count, b) - _smear(count, b) + _burst_correction(curve, count, min_count, slope)
    if min_count > MOST_COUNT or curve.words[-1, math.ceil(min_count)] < 1:
        return by_rate, by_rate
    by_growth = curve.log_words(-1, min_count) + growth(target) - growth(math.log(n / min_count))
    return by_growth, by_rate


def _heaps(curve: Curve, bound: int) -> tuple[Callable[[float], float], Callable[[float], float]]:
    """Return slope and value of log V(1, n) as functions of log n, within the sample and beyond."""
    x, y = np.log(curve.tokens), np.log(np.maximum(curve.words[:, 1], 0.5))
    slopes, middle = np.diff(y) / np.diff(x), (x[1:] + x[:-1]) / 2
    last = slopes[-N_SLOPES:]
    decrease = min(float(np.polyfit(middle[-N_SLOPES:], last, 1)[0]), 0.0) if len(last) > 2 else 0.0
    end = min(max(float(last.mean()) + decrease * float(x[-1] - middle[-N_SLOPES:].mean()), 0.02), 1.0)
    rate = min(decrease * _decay(slopes, bound) / end, -1e-9)

    def slope(at: float) -> float:
        within = float(np.interp(at, middle, slopes)) if at < middle[-1] else end
        return min(max(within * math.exp(rate * max(at - x[-1], 0.0)), 0.05), 0.95)

    def value(at: float) -> float:
        if at < x[0]:
            return float(y[0] + min(slopes[0], 1.0) * (at - x[0]))
        if at <= x[-1]:
            return float(np.interp(at, x, y))
        return float(y[-1]) + end * math.expm1(rate * (at - x[-1])) / rate

    return slope, value


def _decay(slopes: Floats, bound: int) -> float:
    """Return the share of the decrease of the slope that continues beyond the sample; `bound` as for `extrapolate`."""
    decreases = -np.diff(slopes)[-N_SLOPES:]
    decay = DECAY
    if len(decreases) == N_SLOPES:
        recent, earlier = max(float(decreases[-2:].mean()), 0.0), max(float(decreases[:-2].mean()), 1e-3)
        decay = min(max(DECAY + ACCELERATION * (recent / earlier - 1), DECAY), MOST_DECAY)
    if bound < 0:
        return max(1.0, 3 * decay)
    return (0.0 if decay == DECAY else decay / 3) if bound > 0 else decay


def _smear(count: float, b: float) -> float:
    """Return the log of the mean of (G / count)^-b, G gamma distributed with shape `count`."""
    return math.lgamma(count - b) - math.lgamma(count) + b * math.log(count)


def _burst_correction(curve: Curve, count: float, min_count: float, slope: Callable[[float], float]) -> float:
    """Return the part of log V that the ratio of smears misses between two counts because words occur in bursts.

    It is measured by doubling the count and the sample, at most twice: later doublings add only noise.
    """
    missed = 0.0
    for _ in range(2):
        double = min(2 * count, float(min_count))
        if double <= 1.01 * count or double > MOST_COUNT or curve.words[-1, int(double)] < MIN_WORDS:
            break
        part = math.log(double / count) / math.log(curve.tokens[-1] / curve.tokens[-2])
        before = (1 - part) * curve.log_words(-1, count) + part * curve.log_words(-2, count)
        b = slope(math.log(curve.tokens[-1] / double))
        missed += curve.log_words(-1, double) - before - (_smear(double, b) - _smear(count, b))
        count = double
    return missed


def _mixed(by_growth: float, by_rate: float, min_count: float) -> float:
    """Return the weighted mean of the two estimates; the weight of the one by rate rises with the count."""
    return by_growth + (min_count + 1) / (min_count + 3) * (by_rate - by_growth)


def vocabulary(curve: Curve, tokens: Estimate, min_count: int, *, complete: bool, from_start: bool,
               distinct: Estimate | None = None) -> Estimate:
    """Estimate the number of words that occur at least `min_count` times in a text.

    Parameters
    ----------
    curve : of a sample of the text.
    tokens : of the text.
    min_count : least count, at least 1.
    complete : the sample is the whole text; the result is then exact.
    from_start : the sample is the start of the text. The bounds are then 2.5 times as wide, and still assume that the
        text continues as it began.
    distinct : tokens of the text that are not copies of others, if the text repeats itself
        (`w2v.corpus.estimate.repetition`). T of them have the words of N tokens that are copies of them, each T / N
        times as often.
    """
    known = float(np.count_nonzero(curve.counts >= min_count))
    if complete or not len(curve.counts):
        return Estimate(known, known, known)
    n, distinct = curve.tokens[-1], distinct or tokens

    def logs(size: float, of: float, bound: int = 0, step: float = 0.0) -> tuple[float, float]:
        size = min(size, of)
        if min_count * size > of:  # a word needs several occurrences in the text that is copied
            scale = max(size, n) / of
            return extrapolate(curve, max(size, n), max((min_count + step * of / size) * scale, 1.0), bound)
        new = curve.without_copies(size, of)
        return extrapolate(new, max(size, new.tokens[-1]), 1, bound)

    by_growth, by_rate = logs(distinct.expected, tokens.expected)
    value = _mixed(by_growth, by_rate, min_count)
    error = tokens.low / tokens.expected, tokens.high / tokens.expected  # the same shares of a smaller text
    spread = max(abs(_mixed(*logs(distinct.expected * share, of, bound), min_count) - value)
                 for share, of, bound in ((error[0], tokens.low, -1), (error[1], tokens.high, 1)))
    once = min(max(tokens.expected / min_count, distinct.low), distinct.high)  # every word has min_count copies
    others = [_mixed(*logs(size, of), min_count) for size, of in
              ((distinct.low, tokens.low), (once, tokens.expected), (distinct.high, tokens.high))]
    if distinct.expected < tokens.expected:  # the counts of copies go in steps
        others += [_mixed(*logs(distinct.expected, tokens.expected, step=step), min_count) for step in (-0.5, 1.0)]
    elif min_count > 1 and once * min_count == tokens.expected:  # one copy less: a word needs two occurrences
        others.append(_mixed(*logs(1.001 * once, tokens.expected, step=1.0), min_count))
    least, most = min(value, *others), max(value, *others)
    distance = math.log(max(distinct.expected / n, 1.0))
    seen = curve.log_words(-1, max(min_count * n / tokens.expected, 1))
    noise = 2.0 / math.sqrt(max(math.exp(seen), 1.0))
    disagreement = (by_growth - by_rate) * min(1.0, math.sqrt(5 / min_count))
    half_width = math.hypot(spread, disagreement, noise, 0.05 * distance) + 0.02
    half_width *= 2.5 if from_start else 1.0
    low, high = math.exp(least - half_width), math.exp(most + half_width)
    low = min(max(low, known), tokens.high / min_count)
    high = min(max(high, low), tokens.high / min_count)
    return Estimate(min(max(math.exp(value), low), high), low, high)


def falling(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Return estimates of numbers that can only fall, such as vocabularies by rising count, so that they do.

    A lower bound holds for all numbers before it, an upper bound for all after it. Expected values that rise are
    replaced by their geometric mean (isotonic regression, by pooling adjacent violators).
    """
    low = np.maximum.accumulate([one.low for one in estimates][::-1])[::-1]
    high = np.minimum.accumulate([one.high for one in estimates])
    pools: list[tuple[float, int]] = []  # mean of the logarithms, and how many
    for one in estimates:
        mean, n = math.log(max(one.expected, 1e-9)), 1
        while pools and pools[-1][0] < mean:
            before, m = pools.pop()
            mean, n = (before * m + mean * n) / (m + n), m + n
        pools.append((mean, n))
    expected = np.exp([mean for mean, n in pools for _ in range(n)])
    low = np.minimum(low, high)
    return [Estimate(float(min(max(e, a), b)), float(a), float(b)) for e, a, b in zip(expected, low, high, strict=True)]
