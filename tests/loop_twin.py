"""A twin of the hot loop in plain Python: the same random numbers, the same windows in the same order, each step by
`w2v.reference`. It knows no blocks: a line is a list, and windows are slices of it."""

import numpy as np

from w2v import reference

MASK = 2**64 - 1
BLOCK_WORDS, MAX_REDRAWS = 256, 64


class Random:
    """splitmix64."""

    def __init__(self, seed, epoch, shard):
        self.state = self.mix(self.mix(self.mix(seed + 0x9E3779B97F4A7C15) + epoch) + shard)

    @staticmethod
    def mix(z):
        z &= MASK
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
        return z ^ (z >> 31)

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        return self.mix(self.state)


def alias_table(weights):
    """Vose's table as a list of (threshold, other)."""
    n = len(weights)
    p = [float(w) * n for w in weights]
    small = [i for i in range(n) if p[i] < 1]
    large = [i for i in range(n) if p[i] >= 1]
    table = [(2**32 - 1, i) for i in range(n)]
    while small and large:
        low, high = small.pop(), large[-1]
        table[low] = (min(int(p[low] * 2**32), 2**32 - 1), high)
        p[high] -= 1 - p[low]
        if p[high] < 1:
            small.append(large.pop())
    return table


def draw(table, random):
    product = random.next() * len(table)
    cell, rest = product >> 64, product >> 32 & 0xFFFFFFFF
    return cell if rest < table[cell][0] else table[cell][1]


class Kept:
    """The kept words of one line, filled as the loop reads; `closed` once its end has been seen."""

    def __init__(self):
        self.words, self.reach, self.closed, self.done = [], [], False, 0

    def ready(self, window):
        return len(self.words) if self.closed else max(self.done, len(self.words) - window)


def train(input_vectors, output_vectors, ids, keep, weights, *, window, negative, rate_at, seed, epoch, shard):
    """Train in place; returns (trained, subsampled, the pairs (centre, context) in order)."""
    random, table = Random(seed, epoch, shard), alias_table(weights)
    lines, position, pairs, pending, done = [Kept()], 0, [], 0, 0
    trained = subsampled = 0
    rate = rate_at(0)
    while True:
        room = BLOCK_WORDS + window - (len(lines[-1].words) - lines[-1].done)
        while position < len(ids) and room > 0:
            word, position = int(ids[position]), position + 1
            if word < 0:
                lines[-1].closed = True
                lines.append(Kept())
                continue
            bits, pending = random.next(), pending + 1
            if bits >> 32 > keep[word]:
                subsampled += 1
                continue
            lines[-1].words.append(word)
            lines[-1].reach.append(1 + ((bits & 0xFFFFFFFF) * window >> 32))
            room -= 1
        lines[-1].closed = position == len(ids)
        centres = [(line, i) for line in lines for i in range(line.done, line.ready(window))]
        negatives = [[] for _ in centres]
        for (line, i), drawn in zip(centres, negatives, strict=True):
            drawn.append(line.words[i])
            tries = MAX_REDRAWS * negative
            while len(drawn) < negative + 1 and tries > 0:
                word = draw(table, random)
                if word in drawn:
                    tries -= 1
                else:
                    drawn.append(word)
        if centres:
            random.next()  # which window's loss is sampled
        for (line, i), drawn in zip(centres, negatives, strict=True):
            low, high = max(i - line.reach[i], 0), i + line.reach[i] + 1
            contexts = line.words[low:i] + line.words[i + 1 : high]
            pairs += [(line.words[i], context) for context in contexts]
            if contexts:
                reference.train_window(input_vectors, output_vectors, contexts, drawn, rate)
            line.done = i + 1
        trained += len(centres)
        if pending >= 8192 or position == len(ids):
            done, pending = done + pending, 0
            rate = rate_at(done)
        lines = [line for line in lines if not line.closed] or [Kept()]
        if position == len(ids) and all(line.done == len(line.words) for line in lines):
            return trained, subsampled, pairs


def words_of(ids):
    return np.asarray(ids)[np.asarray(ids) >= 0]
