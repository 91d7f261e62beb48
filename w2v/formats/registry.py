"""The table of file formats: `FORMATS`, recognition by content, and the choice of a format by suffix.

Place in the data flow: an open file -> its `FileFormat`; a path to be written -> its `FileFormat`. A new format is one
row here and a module; see README.md.
"""

from __future__ import annotations

import os
from pathlib import Path

from w2v.errors import FormatError, W2VError
from w2v.formats.content import Content
from w2v.formats.fasttext import FASTTEXT
from w2v.formats.fileformat import FileFormat
from w2v.formats.foreign import FOREIGN
from w2v.formats.gensim import GENSIM
from w2v.formats.glove import GLOVE
from w2v.formats.glove_binary import GLOVE_BINARY
from w2v.formats.npy import NPY
from w2v.formats.own import OWN
from w2v.formats.projector import PROJECTOR
from w2v.formats.vectorfile import FORMAT_OPTIONS, LoadOptions
from w2v.formats.word2vec import BINARY, TEXT
from w2v.system.compress import without_compression
from w2v.types import StrPath

FORMATS: dict[str, FileFormat] = {format.name: format for format in (
    FASTTEXT,
    NPY,
    OWN,
    FOREIGN,  # after OWN, which is a special case of it
    GENSIM,
    PROJECTOR,  # before the formats of text, in which words may be numbers
    BINARY,
    TEXT,  # after BINARY, which has the same header
    GLOVE,
    GLOVE_BINARY,  # the last one: its files have nothing but numbers
)}
"""Formats by name, in the order in which they are tried on a file."""

SUFFIXES: dict[str, str] = {suffix: format.name for format in FORMATS.values() for suffix in format.suffixes}
"""Name of the format that is written by suffix; "" is a file name without one."""

OPTIONS: dict[str, str] = {format.option: format.name for format in FORMATS.values() if format.option}
"""Name of the format by the option that selects it (`w2v convert --to`, `w2v train --format`)."""

_UNSUPPORTED = {b"SQLite format 3\0": "Magnitude (SQLite)", b"\x89HDF": "HDF5", b"FiFu": "finalfusion",
                b"PAR1": "Parquet", b"ARROW1": "Arrow"}


_OTHER_FILES = frozenset({
    ".arrow", ".csv", ".feather", ".h5", ".hdf5", ".json", ".npy", ".npz", ".onnx", ".parquet", ".pickle", ".pkl",
    ".pt", ".pth", ".sqlite", ".tar", ".tgz", ".tsv", ".zip"})
"""Suffixes of other kinds of files."""


def recognise(content: Content) -> FileFormat:
    """Return the format of an open file.

    Raises
    ------
    FormatError : it has none that can be read; says what it is if that is known.
    """
    head, path = content.head, content.path
    if not head:
        raise FormatError(path, "the file is empty", offset=0)
    for magic, name in _UNSUPPORTED.items():
        if head.startswith(magic):
            raise FormatError(path, f"{name} cannot be read; convert its vectors to word2vec text, .npy or "
                                    ".safetensors with another program", offset=0)
    for format in FORMATS.values():
        if format.recognises(content):
            return format
    raise FormatError(path, "no known format of word vectors: the file begins neither with a word2vec header (`words "
                            "dimension`), nor with rows `word numbers`, nor like fastText, .safetensors, .npy or "
                            "gensim; GloVe's vectors.bin needs words=vocab.txt", offset=0)


def is_known(content: Content) -> bool:
    """Return whether an open file has a format that can be read."""
    return bool(content.head) and any(format.recognises(content) for format in FORMATS.values())


def check_options(format: FileFormat, options: LoadOptions, path: str) -> None:
    """Raise a W2VError if an option is given that this format does not use: it would change nothing."""
    if options.mmap and not format.mappable:
        raise W2VError(f"{path}: a {format.label} file does not hold the matrix in one piece and cannot be "
                       "memory-mapped; convert it to .safetensors, or leave out mmap")
    for name, shown in FORMAT_OPTIONS.items():
        if getattr(options, name) is not None and name not in format.takes:
            users = ", ".join(other.label for other in FORMATS.values() if name in other.takes)
            raise W2VError(f"{path}: {shown} has no use in a {format.label} file; leave it out (formats that use it: "
                           f"{users})")


def suffix_help() -> str:
    """Return the suffixes that are written, each with its format, for help and messages."""
    parts = []
    for format in FORMATS.values():
        if named := [suffix for suffix in format.suffixes if suffix]:
            parts.append(f"{' or '.join(named)} ({format.label})")
    return ", ".join(parts)


def format_for(path: StrPath) -> str:
    """Return the name of the format that the suffix of `path` selects for writing; that of a compression may follow.

    Raises
    ------
    ValueError : the suffix is not one of SUFFIXES.
    """
    suffix = Path(without_compression(path)).suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"cannot tell the format of {os.fspath(path)} from its suffix {suffix!r}; use "
                         f"{suffix_help()}; .gz, .bz2, .xz or .zst may follow it")
    return SUFFIXES[suffix]


def format_to_save(path: StrPath) -> str:
    """Return the name of the format in which `KeyedVectors.save` writes: as `format_for`, and w2v's own format for a
    suffix that means nothing, as in gensim, whose files may have any name. A program that trained for hours then does
    not lose its vectors.

    Raises
    ------
    ValueError : the suffix belongs to another kind of file.
    """
    suffix = Path(without_compression(path)).suffix.lower()
    return format_for(path) if suffix in SUFFIXES or suffix in _OTHER_FILES else OWN.name


def format_named(name: str) -> FileFormat:
    """Return the format of that name.

    Raises
    ------
    ValueError : there is none.
    """
    if name not in FORMATS:
        writable = sorted(format.name for format in FORMATS.values() if format.write is not None)
        raise ValueError(f"unknown format {name!r}; the formats that can be written are {', '.join(writable)}")
    return FORMATS[name]
