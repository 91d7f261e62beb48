"""Folder for `model2vec.StaticModel.from_pretrained` and for `sentence_transformers.SentenceTransformer`.

Layout: `model.safetensors` with the tensor `embeddings`, row 0 for padding and row 1 for unknown words, both zeros;
`tokenizer.json`, which splits at white space and looks words up; `config.json`; `modules.json`. The vector of a text is
the mean of the vectors of its words, scaled to length 1.
"""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from w2v.errors import W2VError
from w2v.export.common import ExportData, atomic_folder, check_folder
from w2v.formats.rows import Rows
from w2v.formats.tensors import STORED_AS, header_bytes
from w2v.formats.vectorfile import little_endian
from w2v.system.files import atomic_write

_PAD, _UNKNOWN = "[PAD]", "[UNK]"
_MODULES = [
    {"idx": 0, "name": "0", "path": ".", "type": "sentence_transformers.models.StaticEmbedding"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
]


def check(path: str) -> None:
    """Check that the folder can be created."""
    check_folder(path)


def write(path: str, data: ExportData) -> None:
    """Write the folder; a W2VError if a word is a reserved token."""
    for taken in (_PAD, _UNKNOWN):
        if taken in data.words:
            raise W2VError(f"cannot write {path}: {taken} is one of the words, but model2vec reserves it")
    n, dim = data.rows.shape
    with atomic_folder(path) as folder:
        with atomic_write(folder / "model.safetensors") as file:
            file.write(header_bytes([("embeddings", STORED_AS[data.dtype], (n + 2, dim))], {"format": "pt"}))
            for block in chain([np.zeros((2, dim), dtype=np.float32)], (block for _, block in data.blocks(path))):
                file.write(little_endian(Rows.encode(block, data.dtype).data).data.cast("B"))
        _write_json(folder / "tokenizer.json", _tokenizer(data))
        _write_json(folder / "config.json", {
            "model_type": "model2vec", "architectures": ["StaticModel"], "hidden_dim": dim, "normalize": True,
            "seq_length": 1_000_000, "apply_pca": None, "sif_coefficient": None, "embedding_dtype": data.dtype})
        _write_json(folder / "modules.json", _MODULES)


def _write_json(path: Path, value: Any) -> None:
    with atomic_write(path) as file:
        file.write(json.dumps(value, ensure_ascii=False).encode())


def _tokenizer(data: ExportData) -> dict[str, Any]:
    """Return a tokenizer of the `tokenizers` library; it converts text to lower case if all words are in lower case."""
    lower = all(word == word.lower() for word in data.words)
    special = [{"id": i, "content": name, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                "special": True} for i, name in enumerate((_PAD, _UNKNOWN))]
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special,
        "normalizer": {"type": "Lowercase"} if lower else None, "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None, "decoder": None,
        "model": {"type": "WordLevel", "unk_token": _UNKNOWN,
                  "vocab": {word: i for i, word in enumerate((_PAD, _UNKNOWN, *data.words))}},
    }
