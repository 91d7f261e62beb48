"""Parquet file with the columns `word` (string), `count` (int64, if known) and `vector` (list of D floats)."""

from __future__ import annotations

from typing import Any

from w2v.export.common import ExportData, optional
from w2v.formats.rows import Rows
from w2v.system.files import atomic_write, check_writable


def check(path: str) -> None:
    """Check that pyarrow is installed and the file can be written."""
    optional("pyarrow.parquet", "parquet")
    check_writable(path, compress=False)


def write(path: str, data: ExportData) -> None:
    """Write the file, block by block."""
    arrow, parquet = optional("pyarrow", "parquet"), optional("pyarrow.parquet", "parquet")
    number = arrow.float16() if data.dtype == "float16" else arrow.float32()
    dim = data.rows.shape[1]
    fields = [("word", arrow.string()), ("count", arrow.int64()), ("vector", arrow.list_(number, dim))]
    schema = arrow.schema([field for field in fields if field[0] != "count" or data.counts is not None])
    # Parquet's default, a dictionary of the values, only costs time and space for distinct words and floats
    with (atomic_write(path, compress=False) as file,
          parquet.ParquetWriter(file, schema, use_dictionary=False) as writer):
        for start, block in data.blocks(path):
            columns: list[Any] = [arrow.array(data.words[start:start + len(block)], arrow.string())]
            if data.counts is not None:
                columns.append(arrow.array(data.counts[start:start + len(block)]))
            flat = Rows.encode(block, data.dtype).data.reshape(-1)
            columns.append(arrow.FixedSizeListArray.from_arrays(arrow.array(flat), dim))
            writer.write_table(arrow.Table.from_arrays(columns, schema=schema))
