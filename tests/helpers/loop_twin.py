"""A twin of the training loop in plain Python: the same random numbers and the same windows in the same order.

Each step is computed by `w2v.training.reference`. A line is a list, and windows are slices of it.
"""

import struct
from itertools import pairwise

import numpy as np

from w2v.training import reference

MASK = 2**64 - 1
BLOCK_WORDS, SPARE_REDRAWS = 256, 16


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


class Sampled:
    """A centre of a long line with the contexts that were drawn for it, as a line of its own."""

    def __init__(self, words, weight):
        self.words, self.weight, self.left, self.right = words, weight, [0], [len(words)]
        self.done, self.closed = 0, True


class LongLines:
    """Lines of more than `contexts` + 1 words, of which each centre gets `contexts` of the others (window = line).

    Attributes
    ----------
    waiting : kept words of the long line that is being trained, and the numbers of its words and of those told.
    """

    def __init__(self, ids, contexts):
        self.contexts, self.waiting = contexts, None
        self.spans, begin = {}, 0
        for end in [*(np.flatnonzero(ids == -1) + 1), len(ids)]:
            if (ids[begin:end] >= 0).sum() > contexts + 1:
                self.spans[begin] = end
            begin = end

    def next_after(self, position):
        return min((begin for begin in self.spans if begin > position), default=None)

    @staticmethod
    def below(n, random):
        return (random.next() >> 32) * n >> 32

    def centres(self, reader):
        """Return (line, 0) for the next centres, at most as many as a block of 1024 words has."""
        if self.waiting is None:
            words, n_read = reader.read_long_line(self.spans[reader.position])
            self.waiting = [words, n_read, 0, 0]
        words, n_read, done, told = self.waiting
        n_contexts, others = min(self.contexts, max(len(words) - 1, 0)), len(words) - 1
        last = min(done + max(1, min(1024 // (self.contexts + 1), 256)), len(words))
        lines = []
        for centre in range(done, last):
            start = self.below(others, reader.random) if n_contexts else 0
            edges = [k * others // n_contexts for k in range(n_contexts + 1)] if n_contexts else []
            places = [(start + a + self.below(b - a, reader.random)) % others for a, b in pairwise(edges)]
            drawn = [words[at + (at >= centre)] for at in places]
            lines.append(Sampled([words[centre], *drawn], reader.lines[-1].weight))
        now_told = n_read if last == len(words) else n_read * last // len(words)
        reader.pending += now_told - told
        self.waiting = [words, n_read, last, now_told]
        if last == len(words):
            reader.position, self.waiting = self.spans[reader.position], None
        return [(line, 0) for line in lines]


class Kept:
    """The kept words of one line, filled while the loop reads; `closed` after its end has been read."""

    def __init__(self):
        self.words, self.left, self.right, self.closed, self.done, self.weight = [], [], [], False, 0, 1.0

    def ready(self, right):
        return len(self.words) if self.closed else max(self.done, len(self.words) - right)


def weight_of(entry):
    """The weight of a line from its entry in the ids."""
    return struct.unpack("<f", struct.pack("<i", entry))[0] * -1.0


class Reader:
    """Kept words of a shard, read line by line.

    Attributes
    ----------
    lines : lines with words that are not trained yet; the last one is being read.
    subsampled : words left out so far.
    pending : words read since the learning rate was last computed.
    """

    def __init__(self, ids, keep, left, right, random, *, whole, shrink, harmonic=False, contexts=0):
        self.ids, self.keep, self.left, self.right, self.random = ids, keep, left, right, random
        self.whole, self.shrink, self.harmonic = whole, shrink, harmonic
        self.lines, self.position, self.subsampled, self.pending = [Kept()], 0, 0, 0
        self.long = LongLines(ids, contexts) if contexts else None
        self.sampled = []  # centres of a long line

    @property
    def ended(self):
        return self.position == len(self.ids)

    def fill(self):
        """Read a block of words; if windows are whole lines, to the end of a line, and at most to the next long one."""
        self.sampled = []
        if self.long is not None and self.position in self.long.spans:
            self.sampled = self.long.centres(self)
            return
        stop = None if self.long is None else self.long.next_after(self.position)
        room = BLOCK_WORDS + self.right - (len(self.lines[-1].words) - self.lines[-1].done)
        while not self.ended and room > 0 and self.position != stop:
            entry, self.position = int(self.ids[self.position]), self.position + 1
            if entry >= 0:
                room -= self._keep(entry)
            elif entry < -1:
                self.lines[-1].weight = weight_of(entry)
            else:
                self.lines[-1].closed = True
                self.lines.append(Kept())
                if self.whole and room - self.right <= 0:
                    break
        self.lines[-1].closed = self.ended

    def read_long_line(self, end):
        """Return the kept words of a long line and the number of all its words."""
        line, words = self.lines[-1], []
        for entry in self.ids[self.position:end].tolist():
            if entry < -1:
                line.weight = weight_of(entry)
            elif entry >= 0 and line.weight and self.random.next() >> 32 <= self.keep[entry]:
                words.append(entry)
        n_read = int((self.ids[self.position:end] >= 0).sum())
        self.subsampled += n_read - len(words)
        return words, n_read

    def _keep(self, word):
        """Add a word to the last line unless it is left out; return whether it was added."""
        line, self.pending = self.lines[-1], self.pending + 1
        bits = self.random.next() if line.weight else 0
        if line.weight == 0 or bits >> 32 > self.keep[word]:
            self.subsampled += 1
            return False
        line.words.append(word)
        line.left.append(self._size(bits & 0xFFFFFFFF, self.left))
        line.right.append(self._size(bits & 0xFFFFFFFF, self.right))
        return True

    def _size(self, bits, most):
        """Size of a window on one side: at least d with probability 1 / d, or each size equally often, or the most."""
        if self.harmonic:
            return min(most, 2**32 // (bits + 1))
        return min(most, 1 + (bits * most >> 32)) if self.shrink else most

    def centres(self):
        """Return (line, position) of each word whose window is complete."""
        return self.sampled or [(line, i) for line in self.lines for i in range(line.done, line.ready(self.right))]

    def drop_finished_lines(self):
        self.lines = [line for line in self.lines if not line.closed] or [Kept()]


def planned_steps(centres, n_words, negative, two_windows, draw_word):
    """Return the steps, of one or two centres each, and the words drawn as their negatives."""
    negatives = min(negative, n_words - 1), min((6 * negative + 2) // 5, n_words - 2)
    planned = []
    while centres:
        step = [centres.pop(0)]
        (line, i) = step[0]
        if two_windows and centres and centres[0][0] is line and line.words[i] != line.words[i + 1]:
            step.append(centres.pop(0))
        count = negatives[len(step) - 1] if negative else 0
        planned.append((step, [draw_word() for _ in range(count)]))
    return planned


def output_rows(step, noise, n_words, negative, tree, draw_word):
    """Return the output rows of a step: the nodes of the path, then the centres and the distinct negatives."""
    drawn = [line.words[i] for line, i in step]
    outputs = [node for node, _ in tree[drawn[0]]] if tree else []
    if negative:
        words = drawn + distinct(drawn, noise, SPARE_REDRAWS + 2 * len(noise), draw_word)
        outputs += [word + (n_words - 1 if tree else 0) for word in words]
    return outputs


def contexts_in_parts(step, most):
    """Yield (position, kind) of the contexts of a step, in equal parts of at most `most`; None: all at once.

    Bit w of the kind is set for contexts of centre w.
    """
    line, first = step[0]
    spans = [(max(i - line.left[first], 0), min(i + line.right[first], len(line.words) - 1)) for _, i in step]
    positions = range(min(a for a, _ in spans), max(b for _, b in spans) + 1)
    kinds = [sum(1 << w for w, ((a, b), (_, i)) in enumerate(zip(spans, step, strict=True)) if a <= at <= b and at != i)
             for at in positions]
    contexts = [(at, kind) for at, kind in zip(positions, kinds, strict=True) if kind or len(step) == 2]
    parts = bool(contexts) if most is None else -(-len(contexts) // most)
    while parts:
        size = -(-len(contexts) // parts)
        yield [(at, kind) for at, kind in contexts[:size] if kind]
        contexts, parts = contexts[size:], parts - 1


def train(input_vectors, output_vectors, ids, keep, weights, *, window, negative, shared_windows, rate_at, seed, epoch,
          shard, shrink=True, harmonic=False, weight_decay=0.0, line_contexts=0, cbow=None, tree=None, ngrams=None,
          frozen=(), anchors=None, anchor=0.0, line_weight=1.0, curvature=None, shared_contexts=12):
    """Train in place; return (words trained, words subsampled, the pairs (centre, context) in order).

    Parameters
    ----------
    window : a number, a pair of numbers, or "line".
    harmonic, weight_decay : as in `LoopSettings`; weight decay without a tree and n-grams.
    line_contexts : with "line", the contexts of a centre in a longer line; 0 for all.
    cbow : the options of `reference.train_cbow`; None for skip-gram.
    tree : the path of each word, for hierarchical softmax.
    ngrams : the rows of each word's n-grams, for subwords.
    frozen : words whose input rows do not change.
    anchors : by word, the row that its input row is pulled to.
    line_weight : of the line in which the shard begins.
    curvature : two arrays with a number for each input and output row, to which the curvature that the row meets is
        added; without a tree and n-grams.
    shared_contexts : contexts of an update, at most, with skip-gram.
    """
    whole = window == "line"
    longest = line_contexts + 1 if line_contexts else len(ids)
    left, right = (longest, longest) if whole else window if isinstance(window, tuple) else (window, window)
    random, table, n_words = Random(seed, epoch, shard), alias_table(weights), len(weights)
    reader = Reader(ids, keep, left, right, random, whole=whole, shrink=shrink and not whole, harmonic=harmonic,
                    contexts=line_contexts)
    reader.lines[0].weight = line_weight
    pairs, done, trained, rate = [], 0, 0, rate_at(0)

    def draw_word():
        return draw(table, random)

    while True:
        reader.fill()
        planned = planned_steps(reader.centres(), n_words, negative, shared_windows == 2 and tree is None, draw_word)
        steps = [(step, output_rows(step, noise, n_words, negative, tree, draw_word)) for step, noise in planned]
        if steps:
            random.next()  # which step's loss is sampled
        words_of = input_vectors if ngrams is None else compose(input_vectors, ngrams)
        start = words_of.copy()  # of the block
        for step, outputs in steps:
            line = step[0][0]
            for used in contexts_in_parts(step, None if cbow is not None else shared_contexts):
                pairs += [(line.words[i], line.words[at]) for w, (_, i) in enumerate(step) for at, kind in used
                          if kind >> w & 1]
                if curvature is not None and rate * line.weight:
                    add_curvature(curvature, words_of, output_vectors, step, used, outputs, rate * line.weight, cbow)
                update_rows(words_of, output_vectors, step, used, outputs, rate * line.weight, cbow, tree, ngrams)
            for _, i in step if weight_decay else ():
                for rows in (words_of, output_vectors):
                    rows[line.words[i]] *= 1 - rate * line.weight * weight_decay
            words_of[list(frozen)] = start[list(frozen)]
            line.done = step[-1][1] + 1
            trained += len(step)
        for step, _ in steps:
            for word in (line.words[i] for line, i in step if anchors and line.words[i] in anchors):
                input_vectors[word] += rate * anchor * (anchors[word] - input_vectors[word])
        if ngrams is not None:  # undivided, as fastText does
            for word, rows in enumerate(ngrams):
                np.add.at(input_vectors, [word, *rows], words_of[word] - start[word])
        if reader.pending >= 8192 or reader.ended:
            done, reader.pending = done + reader.pending, 0
            rate = rate_at(done)
        reader.drop_finished_lines()
        if reader.ended and all(line.done == len(line.words) for line in reader.lines):
            return trained, reader.subsampled, pairs


def update_rows(words_of, output_vectors, step, used, outputs, rate, cbow, tree, ngrams):
    """Compute one step by the reference; `used` are its contexts."""
    line, first = step[0]
    more = dict(cbow or {})
    if cbow and ngrams:
        more["masses"] = [1 + len(ngrams[line.words[at]]) for at, _ in used]
    if tree:
        more["path"] = [label for _, label in tree[line.words[first]]]
    update = reference.train_window if cbow is None else reference.train_cbow
    update(words_of, output_vectors, [line.words[at] for at, _ in used], outputs, rate,
           *([] if len(step) == 1 else [[kind for _, kind in used]]), **more)


def add_curvature(curvature, words_of, output_vectors, step, used, outputs, rate, cbow):
    """Add the sum of g^2 / rate of each row of a step; an input of CBOW is a part of the hidden rows of its centres."""
    contexts, kinds = [step[0][0].words[at] for at, _ in used], [kind for _, kind in used]
    if not contexts:
        return
    if cbow is None:
        shares = factors = np.eye(len(contexts))
    else:
        bits = np.array([[kind >> k & 1 for kind in kinds] for k in range(len(step))], float)
        shares = bits / np.maximum(bits.sum(1, keepdims=True), 1) if cbow.get("mean", True) else bits
        factors = (bits if cbow.get("undivided") else shares) * np.maximum(bits.sum(1, keepdims=True), 1)
        kinds = [(1 << k) * bool(bits[k].any()) for k in range(len(step))]
    labels, weights = reference.labels_and_weights(kinds, len(outputs), len(step))
    g = reference.gradient(shares @ words_of[contexts], output_vectors[outputs], labels, weights, rate)
    np.add.at(curvature[0], contexts, (shares * factors).T @ (g**2).sum(1) / rate)
    curvature[1][outputs] += (g**2).sum(0) / rate


def compose(input_vectors, ngrams):
    """The vector of every word: the mean of the word's row and those of its n-grams."""
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
