"""A twin of the training loop in plain Python: the same random numbers and the same windows in the same order.

Each step is computed by `w2v.training.reference`. A line is a list, and windows are slices of it.
"""

import struct

import numpy as np

from w2v.training import reference

MASK = 2**64 - 1
BLOCK_WORDS, MAX_INPUTS, SPARE_REDRAWS = 256, 12, 16


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
    """The kept words of one line, filled while the loop reads; `closed` after its end has been read."""

    def __init__(self):
        self.words, self.left, self.right, self.closed, self.done, self.weight = [], [], [], False, 0, 1.0

    def ready(self, right):
        return len(self.words) if self.closed else max(self.done, len(self.words) - right)


def weight_of(entry):
    """The weight of a line from its entry in the ids."""
    return struct.unpack("<f", struct.pack("<i", entry))[0] * -1.0


def train(input_vectors, output_vectors, ids, keep, weights, *, window, negative, shared_windows, rate_at, seed, epoch,
          shard, shrink=True, cbow=None, tree=None, ngrams=None, frozen=(), anchors=None, anchor=0.0):
    """Train in place; return (words trained, words subsampled, the pairs (centre, context) in order).

    Parameters
    ----------
    window : a number, a pair of numbers, or "line".
    cbow : the options of `reference.train_cbow`; None for skip-gram.
    tree : the path of each word, for hierarchical softmax.
    ngrams : the rows of each word's n-grams, for subwords.
    frozen : words whose input rows do not change.
    anchors : by word, the row that its input row is pulled to.
    """
    whole = window == "line"
    left, right = (len(ids), len(ids)) if whole else window if isinstance(window, tuple) else (window, window)
    random, table = Random(seed, epoch, shard), alias_table(weights)
    lines, position, pairs, pending, done = [Kept()], 0, [], 0, 0
    trained = subsampled = 0
    rate = rate_at(0)
    while True:
        room = BLOCK_WORDS + right - (len(lines[-1].words) - lines[-1].done)
        while position < len(ids) and room > 0:
            word, position = int(ids[position]), position + 1
            if word < -1:
                lines[-1].weight = weight_of(word)
                continue
            if word < 0:
                lines[-1].closed = True
                lines.append(Kept())
                if whole and room - right <= 0:
                    break
                continue
            if lines[-1].weight == 0:
                subsampled, pending = subsampled + 1, pending + 1
                continue
            bits, pending = random.next(), pending + 1
            if bits >> 32 > keep[word]:
                subsampled += 1
                continue
            lines[-1].words.append(word)
            for reach, most in ((lines[-1].left, left), (lines[-1].right, right)):
                reach.append(min(most, 1 + ((bits & 0xFFFFFFFF) * most >> 32)) if shrink and not whole else most)
            room -= 1
        lines[-1].closed = position == len(ids)
        centres = [(line, i) for line in lines for i in range(line.done, line.ready(right))]
        steps, planned = [], []
        n_words = len(weights)
        negatives = min(negative, n_words - 1), min((6 * negative + 2) // 5, n_words - 2)
        while centres:
            step = [centres.pop(0)]
            (line, i) = step[0]
            if (shared_windows == 2 and tree is None and centres and centres[0][0] is line
                    and line.words[i] != line.words[i + 1]):
                step.append(centres.pop(0))
            count = negatives[len(step) - 1] if negative else 0
            planned.append((step, [draw(table, random) for _ in range(count)]))
        for step, noise in planned:
            drawn = [line.words[i] for line, i in step]
            outputs = [node for node, _ in tree[drawn[0]]] if tree else []
            if negative:
                words = drawn + distinct(drawn, noise, SPARE_REDRAWS + 2 * len(noise), lambda: draw(table, random))
                outputs += [word + (n_words - 1 if tree else 0) for word in words]
            steps.append((step, outputs))
        if steps:
            random.next()  # which step's loss is sampled
        words_of = input_vectors if ngrams is None else compose(input_vectors, ngrams)
        start = words_of.copy()  # of the block
        for step, outputs in steps:
            line, first = step[0]
            spans = [(max(i - line.left[first], 0), min(i + line.right[first], len(line.words) - 1)) for _, i in step]
            low, high = min(a for a, _ in spans), max(b for _, b in spans)
            kinds = [sum(1 << w for w, ((a, b), (_, i)) in enumerate(zip(spans, step, strict=True))
                         if a <= at <= b and at != i) for at in range(low, high + 1)]
            contexts = [(at, kind) for at, kind in zip(range(low, high + 1), kinds, strict=True)
                        if kind or len(step) == 2]
            parts = -(-len(contexts) // MAX_INPUTS) if cbow is None else bool(contexts)
            while parts:
                size = -(-len(contexts) // parts)
                used = [(at, kind) for at, kind in contexts[:size] if kind]
                pairs += [(line.words[i], line.words[at]) for w, (_, i) in enumerate(step) for at, kind in used
                          if kind >> w & 1]
                update, more = (reference.train_window, {}) if cbow is None else (reference.train_cbow, cbow)
                if cbow and ngrams:
                    more = {**more, "masses": [1 + len(ngrams[line.words[at]]) for at, _ in used]}
                if tree:
                    more = {**more, "path": [label for _, label in tree[line.words[first]]]}
                update(words_of, output_vectors, [line.words[at] for at, _ in used], outputs, rate * line.weight,
                       *([] if len(step) == 1 else [[kind for _, kind in used]]), **more)
                contexts, parts = contexts[size:], parts - 1
                words_of[list(frozen)] = start[list(frozen)]
            line.done = step[-1][1] + 1
            trained += len(step)
        for step, _ in steps:
            for word in (line.words[i] for line, i in step if anchors and line.words[i] in anchors):
                input_vectors[word] += rate * anchor * (anchors[word] - input_vectors[word])
        if ngrams is not None:  # undivided, as fastText does
            for word, rows in enumerate(ngrams):
                np.add.at(input_vectors, [word, *rows], words_of[word] - start[word])
        if pending >= 8192 or position == len(ids):
            done, pending = done + pending, 0
            rate = rate_at(done)
        lines = [line for line in lines if not line.closed] or [Kept()]
        if position == len(ids) and all(line.done == len(line.words) for line in lines):
            return trained, subsampled, pairs


def compose(input_vectors, ngrams):
    """The vector of every word: the mean of its own row and its n-grams' rows."""
    return np.array([input_vectors[[word, *rows]].mean(0) for word, rows in enumerate(ngrams)])


def distinct(centres, drawn, tries, draw_again):
    """Redraw negatives that repeat another one or a centre, as long as there are tries."""
    kept = []
    for word in drawn:
        while word in centres + kept:
            if tries == 0:
                return kept
            tries, word = tries - 1, draw_again()
        kept.append(word)
    return kept
