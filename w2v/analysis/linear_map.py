"""`LinearMap`: linear maps of a space, applied to vectors in blocks.

Place in the data flow: rotations and projections that were fitted -> new vectors of the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from w2v.formats.rows import Rows
from w2v.formats.subwords import Subwords
from w2v.types import Matrix, Scores
from w2v.vectors.queries import Queries

Vectors = TypeVar("Vectors", bound=Queries)

BLOCK = 1 << 20  # numbers at a time


@dataclass(frozen=True)
class LinearMap:
    """x -> (x - shift) @ matrix + offset.

    Attributes
    ----------
    matrix : (d, k) float32.
    shift : (d,) float32, subtracted first; None for none.
    is_rotation : whether the matrix is orthogonal (d, d), so that products of vectors stay the same without a shift
        and an offset.
    offset : (k,) float32, added last; None for none.
    """

    matrix: Matrix
    shift: Scores | None = None
    is_rotation: bool = False
    offset: Scores | None = None

    def __call__(self, block: Matrix) -> Matrix:
        """Return the images (m, k) float32 of vectors (m, d)."""
        with np.errstate(invalid="ignore", over="ignore"):
            if self.shift is not None:
                block = np.subtract(block, self.shift, dtype=np.float32)
            image: Matrix = np.matmul(block, self.matrix, dtype=np.float32)
            if self.offset is not None:
                image += self.offset
        return image

    @property
    def keeps_products(self) -> bool:
        """Whether products of vectors, and so lengths and cosines, stay the same."""
        return self.is_rotation and self.shift is None and self.offset is None


def mapped(kv: Vectors, change: LinearMap, source: str, dtype: str | None = None) -> Vectors:
    """Return vectors of the same words after a linear map, in the same stored type or in another one.

    n-grams are mapped too: the vector of a word is the mean of its n-grams, and the map is affine. Output vectors are
    kept only by a rotation alone (`keeps_products`), because only then their products with the vectors stay the same.
    Memory: the new matrix and one block.
    """
    rows = map_rows(kv.rows, change, dtype)
    outputs = kv.output_vectors
    if outputs is not None:
        outputs = map_rows(Rows.of(outputs), change)[:] if change.keeps_products else None
    subwords = _mapped_subwords(kv.subwords, change) if isinstance(kv.subwords, Subwords) else None
    return kv.with_rows(rows, output_vectors=outputs, subwords=subwords, source=source)


def map_rows(rows: Rows, change: LinearMap, dtype: str | None = None) -> Rows:
    """Return the images of rows, computed in blocks, in the same stored type or in another one."""
    images = Rows.empty(len(rows), change.matrix.shape[1], dtype or rows.dtype_name)
    step = max(1, BLOCK // max(1, *change.matrix.shape))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        images[part] = change(rows[part])
    return images


def _mapped_subwords(subwords: Subwords, change: LinearMap) -> Subwords:
    """Return the n-grams after the map."""
    vectors = subwords.rows.view(np.float32).reshape(subwords.buckets, subwords.vector_size)
    images = map_rows(Rows(vectors), change)[:]
    return Subwords(images.reshape(-1).view(np.uint8), change.matrix.shape[1], subwords.minn, subwords.maxn)
