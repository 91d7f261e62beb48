"""Words that several vocabularies share, and frequency bands of words.

Place in the data flow: vectors of several files -> rows of the same words in each.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from w2v.analysis.linear_map import BLOCK
from w2v.errors import W2VError
from w2v.types import Indices
from w2v.vectors.table import Table

BANDS = (100, 1_000, 10_000, 100_000)
"""Ranks that end the frequency bands; the last band has all rarer words."""


def rows_of_words(tables: Sequence[Table]) -> Indices:
    """Return (k, n) rows in k vocabularies of the n words of the first; -1 where a word is not known."""
    first, *others = tables
    found = np.empty((len(tables), len(first)), dtype=np.int64)
    found[0] = np.arange(len(first))
    for own, table in zip(found[1:], others, strict=True):
        rows = table.key_to_index
        own[:] = np.fromiter((rows.get(word, -1) for word in first.index_to_key), dtype=np.int64, count=len(first))
    return found


def shared_rows(tables: Sequence[Table]) -> Indices:
    """Return (k, m) rows of the m words that all k vocabularies have, in the order of the first.

    Words without a finite vector in one of them are left out.
    """
    found = rows_of_words(tables)
    usable = (found >= 0).all(axis=0)
    for table, rows_of in zip(tables, found, strict=True):
        usable &= ~np.isin(rows_of, table.fill_norms().broken)
    return found[:, usable]


def zero_vectors(table: Table, rows: Indices) -> npt.NDArray[np.bool_]:
    """Return (m,) whether the vectors in these rows are zero: they have no direction, and so no neighbours."""
    step = max(1, BLOCK // max(1, table.vector_size))
    parts = [~table.rows[rows[start:start + step]].any(axis=1) for start in range(0, len(rows), step)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.bool_)


def some_shared_rows(tables: Sequence[Table], least: int = 1, *, zero: bool = True) -> Indices:
    """Return `shared_rows`, or raise a W2VError that shows words of each if there are fewer than `least`.

    Parameters
    ----------
    zero : whether words with a zero vector are among them.
    """
    found = shared_rows(tables)
    if not zero:
        are_zero = [zero_vectors(table, rows) for table, rows in zip(tables, found, strict=True)]
        found = found[:, ~np.any(are_zero, axis=0)]
    check_shared(tables, found.shape[1], least)
    return found


def check_shared(tables: Sequence[Table], shared: int, least: int = 1) -> None:
    """Raise a W2VError that shows words of each vocabulary if they share fewer than `least` words."""
    if shared >= least:
        return
    words = "; ".join(f"{table.source or 'vectors'}: {', '.join(table.index_to_key[:3]) or 'no words'}, ..."
                      for table in tables)
    raise W2VError(f"the vocabularies share {shared:,} words with usable vectors, and {least:,} or more are needed "
                   f"({words}); are they of the same language, with the same upper and lower case?")


def frequency_ranks(table: Table) -> Indices:
    """Return (n,) the frequency rank of each row, from 0: by count, or by order if the counts are not known."""
    if table.counts is None:
        return np.arange(len(table), dtype=np.int64)
    ranks = np.empty(len(table), dtype=np.int64)
    ranks[np.argsort(-table.counts, kind="stable")] = np.arange(len(table))
    return ranks


def frequency_bands(ranks: Indices) -> npt.NDArray[np.int64]:
    """Return (n,) the number of the frequency band of each rank, 0 for the most frequent words."""
    return np.searchsorted(BANDS, ranks, side="right").astype(np.int64)


def band_name(band: int) -> str:
    """Return the name of a frequency band, such as "rank 101 - 1,000"."""
    first = 1 if band == 0 else BANDS[band - 1] + 1
    return f"rank {first:,} - {BANDS[band]:,}" if band < len(BANDS) else f"rank {first:,} and above"
