"""Where the rows of a file go: matrices that are allocated as far as the file justifies, the words that are wanted.

Place in the data flow: reader of a format -> `Sink` -> `VectorFile`. Formats that are read row by row fill a `Sink`;
formats whose matrix stands whole in the file give it to `pick`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.errors import W2VError
from w2v.formats.rows import Rows
from w2v.formats.strict import Place, check_strictly
from w2v.formats.vectorfile import LoadOptions, Matrix, VectorFile, check_memory, describe
from w2v.types import Counts

_SCRATCH = 1 << 16  # numbers; what is converted stays in the cache
_STEP = 1 << 16  # numbers that a matrix of unknown size grows by, at least


class Sink:
    """Takes rows in the order of the file and keeps those that are wanted.

    `space()` gives float32 rows to fill, none when enough are read; `add` says which words the first of them are.
    float32 rows that are all wanted are filled in their final place.

    Parameters
    ----------
    path : for messages.
    dim : numbers a row.
    expected : rows that the file has.
    certain : so many of them can be there by the size of the file, and are allocated at once; None if nothing is known,
        which begins small. Then the matrix grows by an eighth, up to `expected` if that is not None.
    """

    def __init__(
        self, path: str, dim: int, expected: int | None, options: LoadOptions, *, certain: int | None = None
    ) -> None:
        self.path, self.dim, self.options = path, dim, options
        self.words: list[str] = []
        self.strict_words: set[str] = set()  # all that were read, if the reader has to refuse duplicates
        self.seen = 0
        self._wanted = None if options.only is None else set(options.only)
        self._dtype = options.dtype or "float32"
        bounds = [bound for bound in (expected, options.limit) if bound is not None]
        self.last = min(bounds) if bounds else None
        top = min([*bounds, *([] if options.only is None else [len(options.only)])], default=1 << 62)
        first = min(top, max(1, _STEP // dim) if certain is None else certain)
        self._top = top
        check_memory(path, Rows.size(first, dim, self._dtype))
        self.rows = Rows.empty(first, dim, self._dtype)
        self._direct = self._dtype == "float32" and self._wanted is None
        self._scratch = None if self._direct else np.empty(
            (max(1, min(_SCRATCH // dim, self.last or 1 << 62)), dim), dtype=np.float32)

    def space(self) -> Matrix:
        """(k, d) float32 rows to be filled from the first; k = 0 when no more are wanted."""
        if self._wanted is not None and not self._wanted:
            left = 0
        else:
            left = (1 << 62 if self.last is None else self.last) - self.seen
        if left and len(self.words) == len(self.rows) and len(self.rows) < self._top:
            self._grow()
        block: Matrix = self.rows.data[len(self.words):] if self._scratch is None else self._scratch
        return block[:left]

    def _grow(self) -> None:
        """An eighth more. The system moves pages, not bytes, so the old and the new matrix never stand side by side."""
        n = min(self._top, len(self.rows) + max(len(self.rows) // 8, _STEP // self.dim, 1))
        check_memory(self.path, Rows.size(n - len(self.rows), self.dim, self._dtype))
        self._resize(n)

    def _resize(self, n: int) -> None:
        data, scale = self.rows.data, self.rows.scale
        data.resize((n, self.dim), refcheck=False)  # views of it are never used after `space` or `finish` is called
        if scale is not None:
            scale.resize(n, refcheck=False)
        self.rows = Rows(data, scale)

    def add(self, words: Sequence[str]) -> None:
        """The first len(words) rows of the last `space()` are filled, and these are their words."""
        self.seen += len(words)
        if self._scratch is None:
            self.words += words
            return
        block = self._scratch[:len(words)]
        if self._wanted is not None:
            keep = []
            for i, word in enumerate(words):
                if word in self._wanted:
                    self._wanted.remove(word)
                    keep.append(i)
            if not keep:
                return
            words, block = [words[i] for i in keep], block[keep]
        while len(self.words) + len(words) > len(self.rows):
            self._grow()
        self.rows[len(self.words):len(self.words) + len(words)] = block
        self.words += words

    def finish(self, format: str, report: dict[str, int], packed: str, **more: Any) -> VectorFile:
        """The file as read; duplicates leave, the first of each stays."""
        if len(self.rows) > len(self.words):
            self._resize(len(self.words))
        if self._wanted is not None:
            _count_missing(self.path, len(self._wanted), len(self.words), report)
        words, rows, _ = drop_duplicates(self.words, self.rows, report)
        return VectorFile(words, rows, more.pop("counts", None), format, report=report,
                          source=describe(self.path, format, rows, report, packed), **more)


def _count_missing(path: str, missing: int, found: int, report: dict[str, int]) -> None:
    if not found:
        raise W2VError(f"{path}: none of the {missing:,} words asked for stands in the file")
    if missing:
        report["words_not_found"] = missing


def drop_duplicates(
    words: list[str], rows: Rows, report: dict[str, int]
) -> tuple[list[str], Rows, npt.NDArray[np.int64] | None]:
    """Keep the first row of each word; also the places that stay, None if all do.

    Rows of one's own move up in place, since a second matrix might not fit into memory; mapped ones are copied.
    """
    if len(set(words)) == len(words):
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
    path: str, words: list[str], rows: Rows, options: LoadOptions, format: str, report: dict[str, int], packed: str, *,
    mapped: bool, place: Callable[[int], Place], distinct: bool = False, counts: Counts | None = None,
    output_vectors: Matrix | None = None, **more: Any,
) -> VectorFile:
    """What of a whole matrix is wanted; `words` and `rows` are already cut to the first `options.limit`.

    Parameters
    ----------
    rows : as they stand in the file, `mapped` and read-only or in memory.
    place : where word i stands, for messages.
    distinct : it is known that no word stands twice.
    output_vectors : float32 rows that go along.
    """
    if options.mmap and not mapped:
        raise W2VError(f"{path}: only a matrix that stands in a plain file can be memory-mapped, not one that is "
                       "compressed, piped, pickled or computed")
    if options.mmap and options.dtype not in (None, rows.dtype_name):
        raise W2VError(f"{path}: the file has {rows.dtype_name} numbers, which mapped stay so; leave out mmap or dtype")
    if options.strict:
        check_strictly(words, place, set())
    keep: npt.NDArray[np.int64] | None = None
    if options.only is not None:
        keep = np.array([i for i, word in enumerate(words) if word in options.only], dtype=np.int64)
    dtype = options.dtype or rows.dtype_name
    if keep is not None or dtype != rows.dtype_name or (mapped and options.mmap is False):
        n = len(rows) if keep is None else len(keep)
        check_memory(path, Rows.size(n, rows.shape[1], dtype))
        rows = _copied(rows, keep, dtype)
        if output_vectors is not None and (keep is not None or options.mmap is False):
            output_vectors = output_vectors[keep] if keep is not None else output_vectors.copy()
    if keep is not None:
        words = [words[i] for i in keep]
        counts = None if counts is None else counts[keep]
    if not distinct:
        words, rows, unique = drop_duplicates(words, rows, report)
    else:
        unique = None
    if unique is not None:
        counts = None if counts is None else counts[unique]
        output_vectors = None if output_vectors is None else output_vectors[unique]
    if options.only is not None:
        _count_missing(path, len(options.only) - len(words), len(words), report)
    return VectorFile(words, rows, counts, format, output_vectors=output_vectors, report=report,
                      source=describe(path, format, rows, report, packed), **more)


def _copied(rows: Rows, keep: npt.NDArray[np.int64] | None, dtype: str) -> Rows:
    n = len(rows) if keep is None else len(keep)
    if dtype == rows.dtype_name:
        return rows.take(slice(0, n) if keep is None else keep)
    copy = Rows.empty(n, rows.shape[1], dtype)
    step = max(1, _SCRATCH // rows.shape[1])
    for start in range(0, n, step):
        where = slice(start, start + step)
        copy[where] = rows[where] if keep is None else rows[keep[where]]
    return copy
