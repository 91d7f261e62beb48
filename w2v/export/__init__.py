"""Vectors for other programs: files and folders that they open and that are not read back here.

Place in the data flow: vectors -> `w2v convert` -> the world. A module an export, each with `write(path, data)`; which
one is meant says a name or the suffix. What a target cannot hold is left out and counted, never bent in silence.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from w2v.export.common import ExportData
from w2v.formats.rows import Rows
from w2v.types import Counts, StrPath

_SURROGATES = r"[\ud800-\udfff]"


@dataclass(frozen=True)
class Target:
    """One kind of export.

    Attributes
    ----------
    module : in this package.
    suffixes : that mean it when no name is given.
    about : one line for the help.
    forbidden : pattern of words that cannot go into it.
    dtypes : stored types that it can have, the first by default if the rows have another.
    """

    module: str
    suffixes: tuple[str, ...]
    about: str
    forbidden: str = _SURROGATES
    dtypes: tuple[str, ...] = ("float32",)


TARGETS = {
    "model2vec": Target("model2vec", (), "folder for model2vec and sentence-transformers", rf"{_SURROGATES}|\s",
                        ("float32", "float16")),
    "spacy": Target("spacy", (), "folder of a blank spaCy pipeline with these vectors (needs spacy)"),
    "projector": Target("projector", (".tsv",), "TensorBoard projector: NAME.tsv and NAME.metadata.tsv",
                        rf"{_SURROGATES}|[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]"),
    "parquet": Target("parquet", (".parquet",), "Parquet with the columns word, count, vector (needs pyarrow)",
                      dtypes=("float32", "float16")),
    "pgvector": Target("pgvector", (".copy", ".pgvector"), "text for PostgreSQL's COPY into a pgvector column",
                       rf"{_SURROGATES}|\0"),
    "torch": Target("torch", (".embedding.safetensors",), "weights for torch.nn.Embedding with pad and unk rows",
                    "(?!)", ("float32", "float16", "bf16")),
}


def export_for(path: StrPath, name: str | None = None) -> str | None:
    """The export that `name`, or the suffix of `path`, means; None if it is no export.

    Raises
    ------
    ValueError : there is no export of that name.
    """
    if name is not None:
        if name not in TARGETS:
            raise ValueError(f"no export {name!r}; one of {', '.join(TARGETS)}")
        return name
    lower = Path(path).name.lower()
    return next((key for key, target in TARGETS.items() if lower.endswith(target.suffixes)), None)


def check_export(name: str, path: StrPath, dtype: str | None) -> None:
    """Find out before any work whether the library is there, the place is free and the type is possible.

    Raises
    ------
    W2VError : the optional package is missing (says which extra to install), or the place cannot be written to.
    ValueError : the target has no numbers of that type.
    """
    target = TARGETS[name]
    if dtype is not None and dtype not in target.dtypes:
        raise ValueError(f"--to {name} has {' or '.join(target.dtypes)}, not {dtype}")
    importlib.import_module(f"w2v.export.{target.module}").check(os.fspath(path))


def export_vectors(
    name: str, path: StrPath, words: Sequence[str], rows: Rows, counts: Counts | None = None, dtype: str | None = None
) -> int:
    """Write; every file appears whole or not at all.

    Parameters
    ----------
    name : a key of TARGETS.
    dtype : one of the target's; None for what the rows have, if the target can have it, or the target's first.

    Returns
    -------
    how many words were left out since the target cannot hold them: bytes that are no UTF-8, tabs in a TSV.

    Raises
    ------
    W2VError : as `check_export`; a number is not finite; or no word is left.
    """
    check_export(name, path, dtype)
    target = TARGETS[name]
    forbidden = re.compile(target.forbidden)
    keep = [i for i, word in enumerate(words) if forbidden.search(word) is None]
    left_out = len(words) - len(keep)
    if left_out:
        index = np.array(keep, dtype=np.int64)
        words, rows = [words[i] for i in keep], rows.take(index)
        counts = None if counts is None else counts[index]
    dtype = dtype or (rows.dtype_name if rows.dtype_name in target.dtypes else target.dtypes[0])
    importlib.import_module(f"w2v.export.{target.module}").write(
        os.fspath(path), ExportData(words, rows, counts, dtype))
    return left_out
