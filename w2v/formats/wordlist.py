"""Word lists of matrices that have no words in their file.

Place in the data flow: path of the matrix -> words, for `npy` and `foreign`. A list is text with one word per line,
which a TAB and a count may follow, or the `tokenizer.json` of a model2vec or sentence-transformers folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from w2v.errors import FormatError, W2VError
from w2v.formats._formats import decode_words
from w2v.formats.strict import Place, refuse
from w2v.types import Counts

_ENDINGS = (".words", ".vocab", ".words.txt", ".vocab.txt", ".txt")
_NAMES = ("tokenizer.json", "words.txt", "vocab.txt")


def find_words(path: str, given: str | None) -> Path:
    """Return the path of the word list of the matrix `path`: the given one, or one next to it.

    Raises
    ------
    FormatError : there is none; names the files that may hold it.
    """
    matrix = Path(path)
    if given is not None:
        return Path(given)
    names = [matrix.name.removesuffix(suffix) for suffix in (".gz", ".bz2", ".xz", ".zst")]
    stem = Path(min(names, key=len)).stem
    named = [matrix.with_name(stem + ending) for ending in _ENDINGS]
    for candidate in [*named, *(matrix.with_name(name) for name in _NAMES)]:
        if candidate.is_file() and candidate != matrix:
            return candidate
    raise FormatError(path, f"the matrix has no words in it; put them, one per line, into {named[0].name} or "
                            f"{named[-1].name} in the same folder, or pass words=PATH", offset=0)


def place_in(path: Path) -> Callable[[int], Place]:
    """Return a function from i to the place of word i in a list; the words of a tokenizer have no lines."""
    if path.suffix == ".json":
        return lambda i: (path, None, 0)
    return lambda i: (path, i + 1, None)


def read_words(
    path: Path, n_rows: int, report: dict[str, int], strict: bool = False
) -> tuple[list[str], Counts | None]:
    """Return `n_rows` words and, if each line has one, their counts (n_rows,).

    Raises
    ------
    FormatError : the list has another length, an empty word or no valid content; or with `strict` a line ends in CR LF.
    W2VError : the list cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise W2VError(f"cannot read {os.fspath(path)}: {error.strerror or error}") from error
    if path.suffix == ".json":
        return _vocabulary_of_tokenizer(path, data, n_rows), None
    if b"\r\n" in data:
        report["crlf_lines"] = data.count(b"\r\n")
        if strict:
            at = data.index(b"\r\n")
            refuse("crlf_lines", (path, data.count(b"\n", 0, at) + 1, at))
        data = data.replace(b"\r\n", b"\n")
    lines = data.removesuffix(b"\n").split(b"\n")
    if len(lines) != n_rows:
        raise FormatError(path, f"{len(lines)} words for a matrix of {n_rows} rows", line=len(lines))
    counts = _counts(lines)
    if counts is not None:
        lines = [line.rsplit(b"\t", 1)[0] for line in lines]
    if b"" in lines:
        raise FormatError(path, "an empty word", line=lines.index(b"") + 1)
    ends = np.cumsum([0, *map(len, lines)], dtype=np.int64)
    return decode_words(b"".join(lines), ends, report), counts


def _counts(lines: list[bytes]) -> Counts | None:
    fields = [line.rpartition(b"\t")[2] for line in lines if b"\t" in line]
    if len(fields) != len(lines) or not all(field.isdigit() and len(field) < 19 for field in fields):
        return None
    return np.array([int(field) for field in fields], dtype=np.int64)


def _vocabulary_of_tokenizer(path: Path, data: bytes, n_rows: int) -> list[str]:
    """Return the words of a tokenizer in order of their numbers.

    Its model stores them as a dict (WordLevel, WordPiece, BPE) or a list of pairs (Unigram).
    """
    try:
        vocabulary = json.loads(data)["model"]["vocab"]
        if isinstance(vocabulary, list):
            vocabulary = {word: i for i, (word, _) in enumerate(vocabulary)}
        words: list[str] = [""] * len(vocabulary)
        for word, i in vocabulary.items():
            words[i if type(i) is int and i >= 0 else len(words)] = word
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise FormatError(path, f"no vocabulary of numbered words ({error!r:.80})", offset=0) from error
    if len(words) != n_rows or not all(words):
        raise FormatError(path, f"{len(words)} words for a matrix of {n_rows} rows", offset=0)
    return words
