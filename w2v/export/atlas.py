"""Parquet for embedding-atlas: `word`, `count` (if known), `x` and `y`, and `neighbors`, the nearest words.

    embedding-atlas NAME.atlas.parquet --text word --x x --y y --neighbors neighbors

x and y (float32) are the first two principal components of the vectors. `neighbors` is {ids, distances}: rows, and
1 - cosine, nearest first; both are empty for a zero vector. Source: `--neighbors` in
https://apple.github.io/embedding-atlas/tool.html.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from w2v.analysis.moments import Sums
from w2v.export.common import ExportData, optional
from w2v.export.graph import neighbours
from w2v.export.parquet import check
from w2v.system.files import atomic_write
from w2v.types import Floats, Indices, Scores

__all__ = ["check", "write"]


def write(path: str, data: ExportData) -> None:
    """Write the file, block by block."""
    arrow, parquet = optional("pyarrow", "parquet"), optional("pyarrow.parquet", "parquet")
    near = arrow.struct([("ids", arrow.list_(arrow.int64())), ("distances", arrow.list_(arrow.float32()))])
    fields = [("word", arrow.string()), ("count", arrow.int64()), ("x", arrow.float32()), ("y", arrow.float32()),
              ("neighbors", near)]
    schema = arrow.schema([field for field in fields if field[0] != "count" or data.counts is not None])
    mean, axes = _plane(path, data)
    rows, cosines = neighbours(path, data)
    with (atomic_write(path, compress=False) as file,
          parquet.ParquetWriter(file, schema, use_dictionary=False) as writer):
        for start, block in data.blocks(path):
            part = slice(start, start + len(block))
            columns: list[Any] = [arrow.array(data.words[part], arrow.string())]
            if data.counts is not None:
                columns.append(arrow.array(data.counts[part]))
            columns += [arrow.array(column) for column in ((block - mean) @ axes).astype(np.float32).T]
            columns.append(_neighbours_column(arrow, near, rows[part], cosines[part]))
            writer.write_table(arrow.Table.from_arrays(columns, schema=schema))


def _plane(path: str, data: ExportData) -> tuple[Floats, Floats]:
    """Return the mean (d,) and the first two principal axes (d, 2); the second is 0 if d is 1."""
    d = data.rows.shape[1]
    moments = Sums.of((block.astype(np.float64) for _, block in data.blocks(path)), d).moments
    axes = np.zeros((d, 2))
    axes[:, :min(d, 2)] = moments.axes[:, :2]
    return moments.mean, axes


def _neighbours_column(arrow: Any, type: Any, rows: Indices, cosines: Scores) -> Any:
    """Return an array of {ids, distances} from (k, m) neighbours, -1 where there is none."""
    present = rows >= 0
    ends = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int32)
    distances = np.maximum(1 - cosines[present], 0)  # rounding makes the cosine of equal directions more than 1
    lists = [arrow.ListArray.from_arrays(ends, arrow.array(values)) for values in (rows[present], distances)]
    return arrow.StructArray.from_arrays(lists, fields=list(type))
