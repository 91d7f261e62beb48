"""The words that `diff` compares, in the order of their frequency, and those that it leaves out.

Place in the data flow: vectors of two texts, one or several runs of each -> rows of the same words in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from w2v.analysis.shared_words import check_shared, frequency_ranks, rows_of_words, zero_vectors
from w2v.types import Counts, Floats, Indices
from w2v.vectors.table import Table


@dataclass(frozen=True, eq=False)
class Compared:
    """Words of two vocabularies.

    Attributes
    ----------
    rows : (k, m) rows in each file of vectors of the m words that are compared, most frequent first. The frequency of a
        word is the harmonic mean of its counts in both vocabularies: chance moves a word by about 1 / count in each.
    lost, new : rows, in the old and the new vectors, of the words that the other does not have, most frequent first.
    unseen : number of words with the count 0 in one of the two.
    broken : number of words with NaN or infinity in a vector, or only zero vectors.
    missing : number of words that both have, but not all other runs.
    """

    rows: Indices
    lost: Indices
    new: Indices
    unseen: int
    broken: int
    missing: int


def compared_words(old: Sequence[Table], new: Sequence[Table]) -> Compared:
    """Return the words that all runs of two texts share.

    Parameters
    ----------
    old, new : the runs of each text; the first of each is the one whose words are lost or new.

    Raises
    ------
    W2VError : there are no such words.
    """
    tables = [*old, *new]
    a, b, second = old[0], new[0], len(old)
    found = rows_of_words([a, b, *old[1:], *new[1:]])
    found = found[[0, *range(2, second + 1), 1, *range(second + 1, len(tables))]]  # in the order of the tables
    in_both = found[second] >= 0
    is_new = np.ones(len(b), dtype=bool)
    is_new[found[second][in_both]] = False
    lost, words_new = _by_frequency(a, np.flatnonzero(~in_both)), _by_frequency(b, np.flatnonzero(is_new))
    found = found[:, in_both]
    unseen = _counts(a, found[0]) == 0
    unseen |= _counts(b, found[second]) == 0
    missing = ~unseen & (found < 0).any(axis=0)
    broken = np.zeros(len(unseen), dtype=bool)
    zero = ~missing
    for table, rows in zip(tables, found, strict=True):
        broken |= np.isin(rows, table.fill_norms().broken)
        zero[zero] = zero_vectors(table, rows[zero])
    broken = (broken | zero) & ~(unseen | missing)
    rows = found[:, ~(unseen | missing | broken)]
    check_shared([a, b], rows.shape[1])
    order = np.argsort(_rarity(a, rows[0], b, rows[second]), kind="stable")
    return Compared(rows[:, order], lost, words_new, int(unseen.sum()), int(broken.sum()), int(missing.sum()))


def _counts(table: Table, rows: Indices) -> Counts:
    """Return the counts of some rows; 1 if they are not known."""
    if table.counts is None or not table.counts.any():
        return np.ones(len(rows), dtype=np.int64)
    return table.counts[rows]


def _rarity(old: Table, before: Indices, new: Table, after: Indices) -> Floats:
    """Return a number per word that is larger for rarer words: 1 / count + 1 / count; with ranks if a count is missing,
    because the count of a word is about in inverse proportion to its rank (Zipf's law)."""
    if all(table.counts is not None and table.counts.any() for table in (old, new)):
        return 1.0 / _counts(old, before) + 1.0 / _counts(new, after)
    return np.asarray(frequency_ranks(old)[before] + frequency_ranks(new)[after], dtype=np.float64)


def _by_frequency(table: Table, rows: Indices) -> Indices:
    return rows[np.argsort(frequency_ranks(table)[rows], kind="stable")]
