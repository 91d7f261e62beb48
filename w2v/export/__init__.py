"""Exports: files and folders for other programs.

Place in the data flow: vectors -> `w2v convert` -> other programs. Each export is a module with `check(path)` and
`write(path, data)`, and a row of `TARGETS`; a name or the suffix selects it. Words that a target cannot hold are left
out and counted. README.md says how to add an export.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from w2v.export.common import NOT_XML, ExportData
from w2v.formats.rows import Rows
from w2v.system.compress import without_compression
from w2v.types import Counts, Indices, StrPath

_SURROGATES = r"[\ud800-\udfff]"
_ALL_PAIRS = 20_000  # words of targets with neighbours: the search takes time with the square of this


@dataclass(frozen=True)
class Target:
    """An export.

    Attributes
    ----------
    module : its module in this package.
    suffixes : suffixes that select it when no name is given.
    about : one line for the help.
    forbidden : pattern of words that it cannot hold.
    dtypes : stored types that it can hold; the first one is used if the rows have another type.
    keeps : fields of `w2v.formats.vectorfile.VectorFile` other than words and rows that it can hold.
    escaped : pattern of characters that it can hold only as an escape; words with them are counted.
    most : number of words that `w2v convert` writes unless a limit is given: the most frequent ones. None for all.
    """

    module: str
    suffixes: tuple[str, ...]
    about: str
    forbidden: str = _SURROGATES
    dtypes: tuple[str, ...] = ("float32",)
    keeps: frozenset[str] = frozenset()
    escaped: str | None = None
    most: int | None = None


_COUNTS = frozenset({"counts"})

TARGETS = {
    "model2vec": Target("model2vec", (), "folder for model2vec and sentence-transformers", rf"{_SURROGATES}|\s",
                        ("float32", "float16")),
    "spacy": Target("spacy", (), "folder of a blank spaCy pipeline with these vectors (needs spacy)"),
    "projector": Target("projector", (".tsv",), "TensorBoard projector: NAME.tsv with NAME.metadata.tsv, or a "
                        "folder for tensorboard --logdir",
                        rf"{_SURROGATES}|[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", keeps=_COUNTS),
    "atlas": Target("atlas", (".atlas.parquet",), "Parquet for embedding-atlas: x and y by PCA, 10 neighbours "
                    "(needs pyarrow)", keeps=_COUNTS, most=_ALL_PAIRS),
    "parquet": Target("parquet", (".parquet",), "Parquet with the columns word, count, vector (needs pyarrow)",
                      dtypes=("float32", "float16"), keeps=_COUNTS),
    "pgvector": Target("pgvector", (".copy", ".pgvector"), "text for COPY of PostgreSQL into a pgvector column",
                       rf"{_SURROGATES}|\0", keeps=_COUNTS),
    "torch": Target("torch", (".embedding.safetensors",), "weights for torch.nn.Embedding, with rows for pad and unk",
                    "(?!)", ("float32", "float16", "bf16")),
    "gexf": Target("gexf", (".gexf",), "graph of the 10 nearest words of each, for Gephi", "(?!)", keeps=_COUNTS,
                   escaped=NOT_XML, most=_ALL_PAIRS),
    "graphml": Target("graphml", (".graphml",), "the same graph for networkx, igraph and yEd", "(?!)", keeps=_COUNTS,
                      escaped=NOT_XML, most=_ALL_PAIRS),
}


def export_for(path: StrPath, name: str | None = None) -> str | None:
    """Return the export that `name` or the suffix of `path` selects; None if neither selects one.

    Raises
    ------
    ValueError : there is no export of that name.
    """
    if name is not None:
        if name not in TARGETS:
            raise ValueError(f"unknown export {name!r}; it must be one of {', '.join(TARGETS)}")
        return name
    lower = Path(without_compression(path)).name.lower()
    return next((key for key, target in TARGETS.items() if lower.endswith(target.suffixes)), None)


def check_export(name: str, path: StrPath, dtype: str | None) -> None:
    """Check before any work that the library is installed, the path can be written and the type is possible.

    Parameters
    ----------
    name : a key of TARGETS.
    path : file or folder to be written.
    dtype : type of the numbers to be written; None for the default.

    Raises
    ------
    W2VError : the optional package is missing (names the extra to install), or the path cannot be written.
    ValueError : the export cannot hold numbers of that type.
    """
    target = TARGETS[name]
    if dtype is not None and dtype not in target.dtypes:
        raise ValueError(f"the export {name} can hold {' or '.join(target.dtypes)}, not {dtype}")
    importlib.import_module(f"w2v.export.{target.module}").check(os.fspath(path))


def words_held(words: Sequence[str], name: str) -> Indices | None:
    """Return the indices of the words that an export can hold; None if it can hold all of them."""
    forbidden = re.compile(TARGETS[name].forbidden)
    held = [i for i, word in enumerate(words) if forbidden.search(word) is None]
    return None if len(held) == len(words) else np.array(held, dtype=np.int64)


def words_escaped(words: Sequence[str], name: str) -> int:
    """Return the number of words with characters that an export writes as an escape, because it cannot hold them."""
    pattern = TARGETS[name].escaped
    if pattern is None:
        return 0
    escaped = re.compile(pattern)
    return sum(escaped.search(word) is not None for word in words)


def export_vectors(
    name: str, path: StrPath, words: Sequence[str], rows: Rows, counts: Counts | None = None, dtype: str | None = None
) -> int:
    """Write an export; every file appears complete or not at all.

    Parameters
    ----------
    name : a key of TARGETS.
    path : file or folder to be written.
    words, rows, counts : n words, (n, d) rows, and (n,) int64 counts or None.
    dtype : one of the types of the target; None for the type of the rows, or the first of the target if it cannot hold
        that.

    Returns
    -------
    int : number of words left out because the target cannot hold them, such as invalid UTF-8, or tabs in a TSV.

    Raises
    ------
    W2VError : as `check_export`; a vector contains NaN or infinity; or the target can hold none of the words.
    ValueError : as `check_export`.
    """
    check_export(name, path, dtype)
    target = TARGETS[name]
    left_out = 0
    if (keep := words_held(words, name)) is not None:
        left_out = len(words) - len(keep)
        words, rows = [words[int(i)] for i in keep], rows.take(keep)
        counts = None if counts is None else counts[keep]
    dtype = dtype or (rows.dtype_name if rows.dtype_name in target.dtypes else target.dtypes[0])
    importlib.import_module(f"w2v.export.{target.module}").write(
        os.fspath(path), ExportData(words, rows, counts, dtype))
    return left_out
