"""Word lists of matrices that have no words in their file.

Place in the data flow: path of the matrix -> `WordList`, for `npy`, `foreign` and `projector`. A list is text with one
word per line, which a TAB and a count may follow; a vocabulary `word count` by falling count; a table with TABs and a
header, as the TensorBoard projector has for several columns; or the vocabulary of a tokenizer: `tokenizer.json` of the
Hugging Face libraries, or `vocab.json`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from w2v.errors import FormatError, W2VError
from w2v.formats._words import decode_words
from w2v.formats.content import Content
from w2v.formats.decoding import decoded
from w2v.formats.rows import Rows
from w2v.formats.strict import Place, refuse
from w2v.formats.tokens import read_vocabulary
from w2v.formats.vectorfile import LoadOptions, check_memory
from w2v.types import Counts, Indices

_ENDINGS = (".words", ".vocab", ".words.txt", ".vocab.txt", ".txt", ".metadata.tsv", "_metadata.tsv")
_NAMES = ("tokenizer.json", "vocab.json", "words.txt", "vocab.txt", "metadata.tsv", "meta.tsv")
_PACKED = (".gz", ".bz2", ".xz", ".zst")
_MARK = b"\xef\xbb\xbf"
_WORD_COLUMNS = (b"word", b"words", b"label", b"token", b"name")
_COUNT_COLUMNS = (b"count", b"counts", b"frequency")


@dataclass(frozen=True)
class WordList:
    """Words of a matrix.

    Attributes
    ----------
    words : n words.
    counts : (n,) int64, or None.
    rows : the row of each word: the first n, or (n,) indices.
    place : place of word i, for error messages.
    """

    words: list[str]
    counts: Counts | None
    rows: slice | Indices
    place: Callable[[int], Place]

    def select(self, path: str, rows: Rows) -> Rows:
        """Return the rows of the words: a view if they are the first n, otherwise a copy."""
        if isinstance(self.rows, slice):
            return Rows(rows.data[self.rows], None if rows.scale is None else rows.scale[self.rows])
        check_memory(path, Rows.size(len(self.words), rows.shape[1], rows.dtype_name))
        return rows.take(self.rows)

    @property
    def in_order(self) -> bool:
        """Whether the words belong to the first rows, in order."""
        return isinstance(self.rows, slice)


def find_words(path: str, given: str | None) -> Path:
    """Return the path of the word list of the matrix `path`: the given one, or one next to it.

    Raises
    ------
    FormatError : there is none; names the files that may hold it.
    """
    if given is not None:
        return Path(given)
    if (found := words_beside(path)) is not None:
        return found
    named = _named(Path(path))
    raise FormatError(path, f"the matrix has no words in it; put them, one per line, into {named[0].name} or "
                            f"{named[4].name} in the same folder, or pass words=PATH", offset=0)


def words_beside(path: str) -> Path | None:
    """Return the path of a word list next to the matrix `path`, None if there is none."""
    matrix = Path(path)
    others = [matrix.with_name(name) for name in _NAMES]
    if matrix.suffix.lower() == ".tsv":
        others.sort(key=lambda other: other.suffix != ".tsv")
    for candidate in [*_named(matrix), *others]:
        if candidate.is_file() and candidate != matrix:
            return candidate
    return None


def _named(matrix: Path) -> list[Path]:
    """Return the paths of word lists that are named after a matrix."""
    names = [matrix.name.removesuffix(suffix) for suffix in _PACKED]
    stem = Path(min(names, key=len)).stem
    found = [matrix.with_name(stem + ending) for ending in _ENDINGS]
    for part in ("tensor", "vectors", "vecs"):  # PREFIX_tensor.tsv has PREFIX_metadata.tsv, as gensim's script writes
        if stem.endswith(part):
            found.append(matrix.with_name(f"{stem.removesuffix(part)}metadata.tsv"))
    return found


def list_words(
    content: Content, n_rows: int, options: LoadOptions, report: dict[str, int], *, padded: bool = False
) -> WordList:
    """Return the words of the matrix in `content`, the first `options.limit` rows of it.

    Parameters
    ----------
    n_rows : rows of the matrix.
    report : counts of repaired flaws, to be added to.
    padded : whether a tokenizer may have fewer words than the matrix has rows; such rows are left out and counted.

    Raises
    ------
    FormatError : there is no list, it does not fit the matrix or has no valid content, or a flaw with `strict`.
    W2VError : the list cannot be read.
    """
    path = find_words(content.path, options.words)
    data = _read(path)
    limit = min(n_rows, options.limit or n_rows)
    if path.suffix == ".json":
        return _of_tokenizer(path, data, n_rows, limit, report, options.strict, padded)
    words, counts, first_line = _of_lines(path, data, n_rows, report, options.strict)
    words = decoded(words, options, report, os.fspath(path))
    return WordList(words[:limit], None if counts is None else counts[:limit], slice(0, limit),
                    lambda i: (path, i + first_line, None))


def _read(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return Content(file, os.fspath(path)).whole().tobytes()
    except OSError as error:
        raise W2VError(f"cannot read {os.fspath(path)}: {error.strerror or error}") from error


def _of_lines(
    path: Path, data: bytes, n_rows: int, report: dict[str, int], strict: bool
) -> tuple[list[str], Counts | None, int]:
    """Return `n_rows` words and, if each line has one, their counts (n_rows,); and the line of the first word."""
    for flaw, mark in (("byte_order_mark", _MARK), ("crlf_lines", b"\r\n")):
        if (at := data.find(mark)) < 0 or (mark == _MARK and at):
            continue
        report[flaw] = report.get(flaw, 0) + data.count(mark)
        if strict:
            refuse(flaw, (path, data.count(b"\n", 0, at) + 1, at))
        data = data.removeprefix(_MARK) if mark == _MARK else data.replace(b"\r\n", b"\n")
    lines = data.removesuffix(b"\n").split(b"\n")
    header = [name.strip().lower() for name in lines[0].split(b"\t")]
    counts: Counts | None = None
    if len(lines) == n_rows + 1 and len(header) > 1:
        fields, counts = _columns(path, lines[1:], header)
    elif len(lines) != n_rows:
        raise FormatError(path, f"{len(lines)} words for a matrix of {n_rows} rows", line=len(lines))
    elif (counts := _numbers([line.rpartition(b"\t")[2] for line in lines if b"\t" in line], n_rows)) is not None:
        fields = [line.rpartition(b"\t")[0] for line in lines]
    elif (counts := _vocabulary_counts(lines)) is not None:
        fields = [line.split(b" ")[0] for line in lines]
    else:
        fields = [line.split(b"\t", 1)[0] for line in lines] if path.suffix.lower() == ".tsv" else lines
    ends = np.cumsum([0, *map(len, fields)], dtype=np.int64)
    return decode_words(b"".join(fields), ends, report), counts, 1 + len(lines) - n_rows


def _vocabulary_counts(lines: list[bytes]) -> Counts | None:
    """Return the counts of a vocabulary of word2vec or GloVe, `word count` by falling count; None if it is not one."""
    counts = _numbers([line.split(b" ")[1] for line in lines if line.count(b" ") == 1], len(lines))
    return counts if counts is not None and len(counts) > 1 and (np.diff(counts) <= 0).all() else None


def _columns(path: Path, lines: list[bytes], header: list[bytes]) -> tuple[list[bytes], Counts | None]:
    """Return the column of the words and that of the counts, if there is one, of a table with a header."""
    rows = [line.split(b"\t") for line in lines]
    for i, row in enumerate(rows):
        if len(row) != len(header):
            raise FormatError(path, f"{len(row)} columns, but the header has {len(header)}", line=i + 2)
    column = next((header.index(name) for name in _WORD_COLUMNS if name in header), 0)
    counted = next((header.index(name) for name in _COUNT_COLUMNS if name in header), None)
    counts = None if counted is None else _numbers([row[counted] for row in rows], len(rows))
    return [row[column] for row in rows], counts


def _numbers(fields: list[bytes], n: int) -> Counts | None:
    """Return n fields as int64; None if they are not n whole numbers."""
    if len(fields) != n or not all(field.isdigit() and len(field) < 19 for field in fields):
        return None
    return np.array([int(field) for field in fields], dtype=np.int64)


def _of_tokenizer(
    path: Path, data: bytes, n_rows: int, limit: int, report: dict[str, int], strict: bool, padded: bool
) -> WordList:
    """Return the words of a tokenizer by their numbers."""
    words, ids = read_vocabulary(path, data, report, strict)
    if ids[-1] >= n_rows:
        raise FormatError(path, f"the word {words[-1]!r:.80} has the number {ids[-1]}, but the matrix has only "
                                f"{n_rows} rows", offset=0)
    if without := n_rows - len(np.unique(ids)):
        if strict or not padded:
            raise FormatError(path, f"{len(words)} words for a matrix of {n_rows} rows", offset=0)
        report["rows_without_word"] = without
    n = int(np.searchsorted(ids, limit))
    rows = slice(0, n) if np.array_equal(ids[:n], np.arange(n)) else ids[:n]
    return WordList(words[:n], None, rows, lambda i: (path, None, 0))
