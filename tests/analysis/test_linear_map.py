"""Linear maps with a shift and an offset; which of them keep products."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.rotated_spaces import clustered, random_rotation, vectors

from w2v.analysis.linear_map import LinearMap, mapped

SHIFT, OFFSET = np.float32([1, 2, 3]), np.float32([5, 6])


@pytest.mark.parametrize(("shift", "offset"), [(None, None), (SHIFT, None), (None, OFFSET), (SHIFT, OFFSET)])
def test_map_subtracts_the_shift_and_adds_the_offset(shift: np.ndarray | None, offset: np.ndarray | None) -> None:
    matrix = np.float32([[1, 0], [0, 2], [3, 0]])
    rows = np.float32([[1, 1, 1], [0, 2, 4]])
    expected = (rows - (0 if shift is None else shift)) @ matrix + (0 if offset is None else offset)
    assert np.array_equal(LinearMap(matrix, shift, offset=offset)(rows), expected)


@pytest.mark.parametrize(("moves", "kept"), [({}, True), ({"shift": SHIFT}, False), ({"offset": SHIFT}, False)])
def test_output_vectors_are_kept_only_if_products_are(moves: dict[str, np.ndarray], kept: bool) -> None:
    kv = vectors(clustered(20, 3, 1))
    kv.output_vectors = clustered(20, 3, 2)
    change = LinearMap(random_rotation(3, 3).astype(np.float32), is_rotation=True, **moves)
    outputs = mapped(kv, change, "x").output_vectors
    assert change.keeps_products == kept and (outputs is not None) == kept
    if outputs is not None:
        assert np.allclose(mapped(kv, change, "x").vectors @ outputs.T, kv.vectors @ kv.output_vectors.T, atol=1e-4)
