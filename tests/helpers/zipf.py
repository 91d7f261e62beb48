"""Generated text with the word frequencies of a language."""

import numpy as np


def text(words: int, seed: int = 1, line: int = 20, ranks: int = 5_000_000) -> bytes:
    """Return words drawn by the Zipf-Mandelbrot law, in bursts as in documents: a tenth of them repeats the word at
    the same position of the previous line."""
    rng = np.random.default_rng(seed)
    bounds = np.cumsum(1.0 / (np.arange(ranks) + 2.7) ** 1.05)
    ids = np.searchsorted(bounds, rng.random(words) * bounds[-1])
    repeated = rng.random(words) < 0.1
    repeated[:line] = False
    ids[repeated] = ids[np.flatnonzero(repeated) - line]
    rows = [ids[k : k + line] for k in range(0, words, line)]
    return "\n".join(" ".join(f"w{i}" for i in row) for row in rows).encode() + b"\n"
