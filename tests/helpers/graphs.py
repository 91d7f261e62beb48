"""A graph with planted blocks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from helpers.evaluation import write


def planted(folder: Path, nodes: int = 200, blocks: int = 4) -> tuple[Path, Path, Path]:
    """Write held-out edges, all other edges, and the block of each node, of a stochastic block model."""
    rng = np.random.default_rng(0)
    block = np.arange(nodes) % blocks
    first, second = np.triu_indices(nodes, 1)
    there = rng.random(len(first)) < np.where(block[first] == block[second], 0.25, 0.01)
    lines = [f"n{a} n{b}\n" for a, b in rng.permutation(np.stack([first, second], axis=1)[there])]
    return (write(folder / "held.txt", "".join(lines[:200])), write(folder / "edges.txt", "".join(lines[200:])),
            write(folder / "blocks.txt", "".join(f"n{i} b{own}\n" for i, own in enumerate(block))))
