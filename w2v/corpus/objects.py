"""Objects of other libraries given as a corpus, recognised by their protocols; no library is imported.

Place in the data flow: called by `CorpusInput.of`. Columns and arrays become something that can be read as sentences;
tables, mappings and graphs, whose items are not sentences, are errors that name the expression to pass.
"""

from __future__ import annotations

import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

from w2v.corpus.sentences import as_array, type_with_article

_ROWS_AT_ONCE = 10_000  # of an Arrow column that are Python objects at the same time
_LIKELY_COLUMNS = ("text", "tokens", "words", "sentence", "sentences", "items")
_VALUES_LOOKED_AT = 100  # of a column of Python objects, for the first that is not missing


def is_data_set(corpus: object) -> bool:
    """Return whether an object is a data set of Hugging Face, which need not be in memory."""
    return hasattr(corpus, "column_names") and hasattr(corpus, "with_format") and hasattr(corpus, "select_columns")


def is_table(corpus: object) -> bool:
    """Return whether an object has columns with names and the Arrow interface (`__arrow_c_stream__`), or is a data set
    of Hugging Face."""
    if is_data_set(corpus):
        return True
    streams = hasattr(corpus, "__arrow_c_stream__") or hasattr(corpus, "__arrow_c_array__")
    return streams and (hasattr(corpus, "columns") or hasattr(corpus, "read_next_batch"))


def is_column(corpus: object) -> bool:
    """Return whether an object is a column in memory that can be read by Arrow: one of Arrow or polars, a column of
    texts of NumPy or pandas, or a column of a data set of Hugging Face."""
    if is_table(corpus):
        return False
    if getattr(getattr(corpus, "dtype", None), "kind", "") == "O" and getattr(corpus, "ndim", 1) == 1:
        return has_texts(corpus)  # Python objects; lists of them are read as sentences
    if isinstance(corpus, np.ndarray):
        return False
    if is_data_set(getattr(corpus, "source", None)) and hasattr(corpus, "column_name"):
        return True
    return hasattr(corpus, "__arrow_c_stream__") or hasattr(corpus, "__arrow_c_array__")


def is_read_once(corpus: object) -> bool:
    """Return whether a table or column is a stream, which can be read only once, or may give other rows then."""
    return not (hasattr(corpus, "__len__") and hasattr(corpus, "__getitem__"))


def has_texts(column: Any) -> bool:
    """Return whether the first value of a column that is not missing is a text."""
    for value in islice(column, _VALUES_LOOKED_AT):
        if isinstance(value, str) or hasattr(value, "__len__"):
            return isinstance(value, str)
    return False


def plain_corpus(corpus: Any) -> Any:
    """Return a corpus in a form that the rest of this package reads.

    Parameters
    ----------
    corpus : any object but a path, a list of paths, or a table of which a column was named.

    Returns
    -------
    A NumPy array for tensors, arrays of other libraries and `array.array`; an iterable of lists for an Arrow column;
    any other object unchanged.

    Raises
    ------
    TypeError : the items of the object are not sentences, or it is not iterable.
    """
    kind = type(corpus)
    if isinstance(corpus, (list, tuple, np.ndarray)):
        return corpus
    if isinstance(corpus, (bytes, bytearray)) or (isinstance(corpus, memoryview) and corpus.itemsize == 1):
        raise TypeError("the corpus is bytes; pass a path, or a list of lists of str")
    if isinstance(corpus, (array.array, memoryview)):
        return np.asarray(corpus)
    if isinstance(corpus, Mapping):
        raise TypeError(f"the corpus is {type_with_article(corpus)}, whose items are its keys or column names; pass "
                        "the sentences, each a list of words, such as corpus.values() or corpus[\"tokens\"]")
    if hasattr(kind, "columns") and hasattr(kind, "collect"):
        raise TypeError(f"the corpus is {type_with_article(corpus)}, which has no rows yet: pass "
                        "corpus.collect(), and name its column with the text or the words, such as column=\"text\"")
    if is_table(corpus) or hasattr(kind, "__dataframe__") or (hasattr(kind, "columns") and hasattr(kind, "dtypes")):
        raise TypeError(f"the corpus is {type_with_article(corpus)}, a table: name its column with the text or the "
                        f"words, such as column={_column(corpus)!r}")
    if (hasattr(kind, "nodes") and hasattr(kind, "edges")) or (hasattr(kind, "vs") and hasattr(kind, "es")):
        raise TypeError(f"the corpus is {type_with_article(corpus)}, whose items are its nodes; pass walks along its "
                        "edges, each a list of nodes, such as networkx.generate_random_paths(graph, "
                        "10 * len(graph), 40)")
    if hasattr(kind, "to_pylist") and hasattr(kind, "slice"):
        return _ArrowRows(corpus)
    if hasattr(kind, "__dlpack__") and hasattr(kind, "__array__"):
        return as_array(corpus, "the corpus")
    if not isinstance(corpus, Iterable):
        raise TypeError(f"the corpus is {type_with_article(corpus)}; pass a path, or an iterable of lists of str")
    return corpus


class _ArrowRows:
    """Rows of an Arrow column as Python objects, some thousand at a time."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __iter__(self) -> Iterator[Any]:
        for begin in range(0, len(self._column), _ROWS_AT_ONCE):
            yield from self._column.slice(begin, _ROWS_AT_ONCE).to_pylist()


def _column(table: Any) -> str:
    """The column of a table that most likely has the words or the text."""
    attribute = "column_names" if hasattr(table, "column_names") else "columns"  # Arrow has its data in `columns`
    columns: Iterable[Any] | None = getattr(table, attribute, None)  # None for a stream
    names = [name for name in (() if columns is None else columns) if isinstance(name, str)]
    return next((name for name in _LIKELY_COLUMNS if name in names), (names or ["text"])[0])
