"""Weights for `torch.nn.Embedding.from_pretrained(weight, padding_idx=0)`, in a safetensors file.

Layout: tensor `weight` (n + 2, d): row 0 is for padding and zero, row 1 is for unknown words and the mean of all
vectors, row i + 2 is word i; `words` and `word_offsets` as in w2v's own files, without these two. `__metadata__`:
"padding_idx": "0", "unk_idx": "1", "first_word": "2".
"""

from __future__ import annotations

from itertools import chain

import numpy as np

from w2v.export.common import ExportData
from w2v.formats.rows import Rows
from w2v.formats.tensors import STORED_AS, header_bytes
from w2v.formats.vectorfile import little_endian
from w2v.system.files import atomic_write, check_writable


def check(path: str) -> None:
    """Check that the file can be written."""
    check_writable(path, compress=False)


def write(path: str, data: ExportData) -> None:
    """Write the file, block by block."""
    names = [word.encode("utf-8", "surrogateescape") for word in data.words]
    offsets = np.cumsum([0, *map(len, names)]).astype("<i8")  # cumsum(dtype=) would have the byte order of the machine
    n, dim = data.rows.shape
    special = np.zeros((2, dim), dtype=np.float32)
    special[1] = sum(block.sum(axis=0, dtype=np.float64) for _, block in data.blocks(path)) / n
    layout = [("word_offsets", "I64", offsets.shape), ("weight", STORED_AS[data.dtype], (n + 2, dim)),
              ("words", "U8", (int(offsets[-1]),))]
    metadata = {"format": "pt", "padding_idx": "0", "unk_idx": "1", "first_word": "2"}
    with atomic_write(path, compress=False) as file:
        file.write(header_bytes(layout, metadata))
        file.write(offsets.tobytes())
        for block in chain([special], (block for _, block in data.blocks(path))):
            file.write(little_endian(Rows.encode(block, data.dtype).data).data.cast("B"))
        file.write(b"".join(names))
