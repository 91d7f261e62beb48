"""Small training loops over encoded lines, for tests of the hot loop."""

from itertools import pairwise

import numpy as np

from w2v.training.loop import _isa, _loop, _rows, _sampler, _tree
from w2v.training.loop.settings import LoopSettings, shared_negatives, window_sides
from w2v.training.matrices import allocate_rows


def keep_all(n):
    return np.full(n, 2**32 - 1, np.uint32)


def make_loop(ids, n_words, *, width=16, keep=None, weights=None, isa="scalar", total_words=None, window=5, negative=5,
              shrink_windows=True, line_contexts=0, tree=None, ngrams=None, frozen=None, anchors=None, **options):
    """A training loop with random matrices; returns it with its input and output matrix. `options`: `LoopSettings`."""
    rng = np.random.default_rng(7)
    n_outputs = n_words * (negative > 0) + (n_words - 1) * (tree is not None)
    n_inputs = n_words + (ngrams.buckets if ngrams else 0)
    input_vectors, output_vectors = allocate_rows(n_inputs, width), allocate_rows(max(n_outputs, 1), width)
    input_vectors[:] = rng.normal(0, 0.2, input_vectors.shape)
    output_vectors[:] = rng.normal(0, 0.2, output_vectors.shape)
    weights = np.full(n_words, 1 / n_words) if weights is None else weights
    ids = np.asarray(ids, np.int32)
    total = int((ids >= 0).sum()) if total_words is None else total_words
    options = {"alpha": 0.05, "min_alpha": 1e-4, "seed": 3} | options
    longest = _rows.longest_line(ids)
    left, right = window_sides(window, min(longest, line_contexts + 1) if line_contexts else longest)
    settings = LoopSettings(left, right, negative, shared_negatives(negative), whole_lines=window == "line",
                            line_contexts=line_contexts, longest_line=longest,
                            shrink_windows=shrink_windows and window != "line", total_words=max(total, 1),
                            isa=_isa.chosen_isa(isa), **options)
    loop = _loop.TrainingLoop(input_vectors, output_vectors, keep_all(n_words) if keep is None else keep,
                              _sampler.Sampler(weights), settings, tree=tree, ngrams=ngrams, frozen=frozen,
                              anchors=anchors)
    return loop, input_vectors, output_vectors


def huffman(counts):
    counts = np.asarray(counts, np.int64)
    return _tree.HuffmanTree(counts, np.argsort(-counts, kind="stable").astype(np.int32))


def lines_of(lengths, n_words, seed=1):
    """Encoded lines of the given lengths, of random words."""
    rng = np.random.default_rng(seed)
    return np.concatenate([np.append(rng.integers(0, n_words, length), -1) for length in lengths]).astype(np.int32)


def distinct_lines(lengths, n_words):
    """Encoded lines in which no window contains a word twice: one order of all words, repeated.

    If a word occurs twice in a window, the kernel may read the second occurrence after its first update; the twin does
    not.
    """
    order = np.random.default_rng(1).permutation(n_words)
    edges = np.cumsum([0, *lengths])
    return np.concatenate([np.append(order[np.arange(a, b) % n_words], -1) for a, b in pairwise(edges)]).astype(
        np.int32)
