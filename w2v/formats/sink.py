"""Destination of the rows of a file: matrices no larger than the file justifies, with only the requested words.

Place in the data flow: reader of a format -> `Sink` -> `VectorFile`. Formats that are read row by row fill a `Sink`;
formats that hold the matrix in one piece pass it to `pick`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from w2v.errors import W2VError
from w2v.formats._words import all_distinct
from w2v.formats.content import Content
from w2v.formats.fileformat import FileFormat
from w2v.formats.rows import Rows
from w2v.formats.strict import Place, check_strictly, refuse
from w2v.formats.subwords import Subwords
from w2v.formats.vectorfile import LoadOptions, VectorFile, check_memory, describe, finite_rows
from w2v.types import Counts, Indices, Matrix

_SCRATCH = 1 << 16  # numbers converted at a time; they stay in the cache
_STEP = 1 << 16  # least growth of a matrix of unknown size, in numbers
_UNBOUNDED = 1 << 62


class Sink:
    """Receiver of rows in the order of the file, which keeps the requested ones.

    `space()` returns float32 rows to fill, none when enough are read; `add` says which words the first of them have.
    If all rows are kept as float32, they are filled in their final place.

    Parameters
    ----------
    content : the file.
    dim : numbers per row.
    expected : number of rows in the file, or an upper bound; None if unknown.
    options : `limit`, `only` and `dtype` apply here.
    certain : number of rows that the size of the file allows, allocated at once. None if nothing is known: the matrix
        then begins small and grows by an eighth at a time, up to `expected`.

    Attributes
    ----------
    words, rows : kept so far.
    seen : number of rows that were read.
    strict_words : all words that were read, for readers that refuse duplicates.
    """

    path: str
    packed: str
    dim: int
    options: LoadOptions
    seen: int
    rows: Rows

    def __init__(
        self, content: Content, dim: int, expected: int | None, options: LoadOptions, *, certain: int | None = None
    ) -> None:
        self.path, self.packed, self.dim, self.options = content.path, content.packed, dim, options
        self.words: list[str] = []
        self.strict_words: set[str] = set()
        self.seen = 0
        self._broken = 0  # kept rows with NaN or infinity
        self._wanted = None if options.only is None else set(options.only)
        self._dtype = options.dtype or "float32"
        self._last = min(_UNBOUNDED if bound is None else bound for bound in (expected, options.limit))
        self._top = self._last if options.only is None else min(self._last, len(options.only))
        first = min(self._top, max(1, _STEP // dim) if certain is None else certain)
        check_memory(self.path, Rows.size(first, dim, self._dtype))
        self.rows = Rows.empty(first, dim, self._dtype)
        self._scratch: Matrix | None = None
        if self._dtype != "float32" or self._wanted is not None:
            self._scratch = np.empty((max(1, min(_SCRATCH // dim, self._last)), dim), dtype=np.float32)

    def expect_more(self) -> None:
        """Expect as many rows as `limit` asks for: the file has more than was stated."""
        self._last = self.options.limit or _UNBOUNDED
        self._top = self._last if self.options.only is None else min(self._last, len(self.options.only))

    def space(self) -> Matrix:
        """Return (k, d) float32 rows to be filled from the first one; k = 0 when no more are needed."""
        left = 0 if self._wanted is not None and not self._wanted else self._last - self.seen
        if left and len(self.words) == len(self.rows) and len(self.rows) < self._top:
            self._grow()
        block: Matrix = self.rows.data[len(self.words):] if self._scratch is None else self._scratch
        return block[:left]

    def _grow(self) -> None:
        """Grow by an eighth. `resize` moves pages up to NumPy 2.1; from 2.3 on it copies, so that the old and the new
        matrix coexist for a moment."""
        n = min(self._top, len(self.rows) + max(len(self.rows) // 8, _STEP // self.dim, 1))
        check_memory(self.path, Rows.size(n - len(self.rows), self.dim, self._dtype))
        self._resize(n)

    def _resize(self, n: int) -> None:
        data, scale = self.rows.data, self.rows.scale
        data.resize((n, self.dim), refcheck=False)  # no view of it is used after `space` or `finish` is called
        if scale is not None:
            scale.resize(n, refcheck=False)
        self.rows = Rows(data, scale)

    def add(self, words: Sequence[str], broken: Collection[int] = ()) -> None:
        """Take the first len(words) rows of the last `space()`, which are filled, with their words.

        `broken` are the indices of rows with NaN or infinity.
        """
        self.seen += len(words)
        if self._scratch is None:
            self.words += words
            self._broken += len(broken)
            return
        block = self._scratch[:len(words)]
        if self._wanted is not None:
            keep: list[int] = []
            kept: list[str] = []
            for i, word in enumerate(words):
                if word in self._wanted:
                    self._wanted.remove(word)
                    keep.append(i)
                    kept.append(word)
            broken = set(broken).intersection(keep)
            if not keep:
                return
            words, block = kept, block[keep]
        self._broken += len(broken)
        while len(self.words) + len(words) > len(self.rows):
            self._grow()
        self.rows[len(self.words):len(self.words) + len(words)] = block
        self.words += words

    def finish(
        self, format: FileFormat, report: dict[str, int], *, counts: Counts | None = None,
        subwords: Subwords | None = None,
    ) -> VectorFile:
        """Return the file as read; of duplicate words only the first is kept."""
        if len(self.rows) > len(self.words):
            self._resize(len(self.words))
        if self._wanted is not None:
            _count_missing(self.path, len(self._wanted), len(self.words), report)
        _count("not_finite", self._broken, report, self.options, (self.path, None, 0))
        if counts is not None:
            _count("negative_counts", int((counts < 0).sum()), report, self.options, (self.path, None, 0))
        words, rows, keep = drop_duplicates(self.words, self.rows, report)
        counts = counts if keep is None or counts is None else counts[keep]
        return VectorFile(words, rows, counts, format.name, subwords=subwords, report=report,
                          source=describe(self.path, format.label, rows, report, self.packed))


def _count_missing(path: str, missing: int, found: int, report: dict[str, int]) -> None:
    """Report words of `only` that the file does not have; if it has none of them, raise a W2VError."""
    if not found:
        raise W2VError(f"{path}: none of the {missing:,} words asked for is in the file")
    if missing:
        report["words_not_found"] = missing


def drop_duplicates(words: list[str], rows: Rows, report: dict[str, int]) -> tuple[list[str], Rows, Indices | None]:
    """Keep the first row of each word and report the number of others.

    Rows in memory move up in place, since a second matrix might not fit into memory; mapped ones are copied.

    Returns
    -------
    words, rows, and the indices that are kept; None if all are.
    """
    if all_distinct(words) or len(set(words)) == len(words):
        return words, rows, None
    first: dict[str, int] = {}
    for i, word in enumerate(words):
        first.setdefault(word, i)
    keep = np.fromiter(first.values(), dtype=np.int64, count=len(first))
    report["duplicates"] = len(words) - len(keep)
    if rows.data.flags.writeable:
        step = max(1, _SCRATCH // rows.shape[1])
        for start in range(0, len(keep), step):
            part = keep[start:start + step]
            to = slice(start, start + len(part))
            rows.data[to] = rows.data[part]
            if rows.scale is not None:
                rows.scale[to] = rows.scale[part]
        scale = None if rows.scale is None else rows.scale[:len(keep)]
        rows = Rows(rows.data[:len(keep)], scale)
    else:
        rows = rows.take(keep)
    return list(first), rows, keep


def pick(
    content: Content, words: list[str], rows: Rows, options: LoadOptions, format: FileFormat, report: dict[str, int], *,
    mapped: bool, place: Callable[[int], Place], distinct: bool = False, empty: int | None = None,
    counts: Counts | None = None, output_vectors: Matrix | None = None, node_vectors: Matrix | None = None,
    metadata: dict[str, str] | None = None, subwords: Subwords | None = None,
) -> VectorFile:
    """Select what the options ask for from a matrix in one piece.

    Parameters
    ----------
    words, rows : the first `options.limit` of the file; the rows are read-only and `mapped`, or in memory.
    place : place of word i, for error messages.
    distinct : whether the words are known to be distinct.
    empty : number of empty words, if known.
    counts, output_vectors : (n,) and (n, d), selected with the rows.
    node_vectors, metadata, subwords : passed on.

    Raises
    ------
    W2VError : `options.mmap` is True, but the matrix is not mapped or needs another type.
    FormatError : a flaw with `options.strict`.
    """
    path = content.path
    if options.mmap and not mapped:
        raise W2VError(f"{path}: this matrix cannot be memory-mapped, because it is compressed, piped, pickled or "
                       "computed; only a matrix stored in a plain file can be")
    if options.mmap and options.dtype not in (None, rows.dtype_name):
        raise W2VError(f"{path}: a mapped matrix keeps the type in the file, {rows.dtype_name}; leave out mmap or "
                       "dtype")
    if options.strict:
        check_strictly(words, place, set(), broken=np.flatnonzero(~finite_rows(rows)).tolist())
    _count("empty_words", words.count("") if empty is None else empty, report, options, place(0))
    if counts is not None:
        _count("negative_counts", int((counts < 0).sum()), report, options, place(int(np.argmin(counts))))
    keep: Indices | None = None
    if options.only is not None:
        keep = np.array([i for i, word in enumerate(words) if word in options.only], dtype=np.int64)
    dtype = options.dtype or rows.dtype_name
    if keep is not None or dtype != rows.dtype_name or (mapped and options.mmap is False):
        check_memory(path, Rows.size(len(rows) if keep is None else len(keep), rows.shape[1], dtype))
        rows = _copied(rows, keep, dtype)
        if output_vectors is not None and keep is None and options.mmap is False:
            output_vectors = output_vectors.copy()
    if keep is not None:
        words = [words[i] for i in keep]
        counts = None if counts is None else counts[keep]
        output_vectors = None if output_vectors is None else output_vectors[keep]
    unique: Indices | None = None
    if not distinct:
        words, rows, unique = drop_duplicates(words, rows, report)
    if unique is not None:
        counts = None if counts is None else counts[unique]
        output_vectors = None if output_vectors is None else output_vectors[unique]
    if options.only is not None:
        _count_missing(path, len(options.only) - len(words), len(words), report)
    return VectorFile(words, rows, counts, format.name, metadata=metadata or {}, output_vectors=output_vectors,
                      node_vectors=node_vectors, subwords=subwords, report=report,
                      source=describe(path, format.label, rows, report, content.packed))


def _count(flaw: str, count: int, report: dict[str, int], options: LoadOptions, place: Place) -> None:
    """Add a flaw to the report if there is one; with `strict` raise a FormatError instead."""
    if not count:
        return
    if options.strict:
        refuse(flaw, place)
    report[flaw] = report.get(flaw, 0) + count


def _copied(rows: Rows, keep: Indices | None, dtype: str) -> Rows:
    """Return a copy of the rows `keep` (None for all) stored as `dtype`, made in blocks."""
    if dtype == rows.dtype_name:
        return rows.take(slice(0, len(rows)) if keep is None else keep)
    if keep is None:
        return Rows.encode(rows, dtype)
    copy = Rows.empty(len(keep), rows.shape[1], dtype)
    step = max(1, _SCRATCH // rows.shape[1])
    for start in range(0, len(keep), step):
        where = slice(start, start + step)
        copy[where] = rows[keep[where]]
    return copy
