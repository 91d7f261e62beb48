"""Folder of a blank spaCy pipeline (language "xx") whose vocabulary has these vectors: `spacy.load(FOLDER)`."""

from __future__ import annotations

import numpy as np

from w2v.export.common import ExportData, atomic_folder, check_folder, optional


def check(path: str) -> None:
    """Check that spaCy is installed and the folder can be created."""
    optional("spacy.vectors", "spacy")
    check_folder(path)


def write(path: str, data: ExportData) -> None:
    """Write the folder."""
    spacy, vectors = optional("spacy", "spacy"), optional("spacy.vectors", "spacy")
    pipeline = spacy.blank("xx")
    matrix = np.empty(data.rows.shape, dtype=np.float32)
    for start, block in data.blocks(path):
        matrix[start:start + len(block)] = block
    keys = np.fromiter((pipeline.vocab.strings.add(word) for word in data.words), dtype=np.uint64,
                       count=len(data.words))
    pipeline.vocab.vectors = vectors.Vectors(data=matrix, keys=keys, name="w2v")
    with atomic_folder(path) as folder:
        pipeline.to_disk(folder)
