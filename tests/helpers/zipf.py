"""Generated text whose words are as unequally frequent as those of a language."""

import numpy as np


def text(words: int, seed: int = 1, line: int = 20, ranks: int = 5_000_000) -> bytes:
    """Words by Zipf's and Mandelbrot's law, in bursts as in documents: some words of a line come back on the next."""
    rng = np.random.default_rng(seed)
    bounds = np.cumsum(1.0 / (np.arange(ranks) + 2.7) ** 1.05)
    ids = np.searchsorted(bounds, rng.random(words) * bounds[-1])
    again = rng.random(words) < 0.1
    again[:line] = False
    ids[again] = ids[np.flatnonzero(again) - line]
    rows = [ids[k : k + line] for k in range(0, words, line)]
    return "\n".join(" ".join(f"w{i}" for i in row) for row in rows).encode() + b"\n"
