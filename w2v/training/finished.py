"""What is done with the word vectors once, after training (`add_outputs`, `center`).

Place in the data flow: trained matrices -> `finish_vectors` -> the vectors of the model, in `w2v.training.trainer`.
"""

from __future__ import annotations

import numpy as np

from w2v.config import TrainConfig
from w2v.types import Matrix

ROWS = 1 << 14  # of a block: a copy of the matrix might not fit into memory


def finish_vectors(vectors: Matrix, output_vectors: Matrix | None, config: TrainConfig) -> None:
    """Add a share of the output vectors to the word vectors, then subtract the mean of all, as far as the configuration
    asks for it.

    Parameters
    ----------
    vectors : (n, padded) float32, changed in place.
    output_vectors : (n, padded) float32; only needed for `add_outputs`.
    """
    parts = [slice(start, start + ROWS) for start in range(0, len(vectors), ROWS)]
    if config.add_outputs:
        assert output_vectors is not None, "the configuration has negative sampling"
        for part in parts:
            vectors[part] += np.float32(config.add_outputs) * output_vectors[part]
    if config.center:
        total = sum(vectors[part].sum(axis=0, dtype=np.float64) for part in parts)
        mean = np.asarray(total / len(vectors), dtype=np.float32)
        for part in parts:
            vectors[part] -= mean
