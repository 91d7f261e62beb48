"""Objects of other libraries given as a corpus, recognised by their protocols; no library is imported.

Place in the data flow: called by `CorpusInput.of`. Columns and arrays become something that can be read as sentences;
tables, mappings and graphs, whose items are not sentences, are errors that name the expression to pass.
"""

from __future__ import annotations

import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from w2v.corpus.sentences import as_array, type_with_article

_ROWS_AT_ONCE = 10_000  # of an Arrow column that are Python objects at the same time
_LIKELY_COLUMNS = ("tokens", "words", "sentence", "sentences", "text", "items")


def plain_corpus(corpus: Any) -> Any:
    """Return a corpus in a form that the rest of this package reads.

    Parameters
    ----------
    corpus : any object but a path or a list of paths.

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
        raise TypeError(f"the corpus is {type_with_article(corpus)}, which has no rows yet: pass a column of "
                        "corpus.collect()")
    if hasattr(kind, "__dataframe__") or (hasattr(kind, "columns") and hasattr(kind, "dtypes")):
        raise TypeError(f"the corpus is {type_with_article(corpus)}, whose items are its keys or column names; pass "
                        f"the sentences, each a list of words, such as {_column(corpus)}")
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
    """The expression for the column of a table that most likely has the words."""
    attribute = "column_names" if hasattr(table, "column_names") else "columns"  # Arrow has its data in `columns`
    columns: Iterable[Any] = getattr(table, attribute, ())
    names = [name for name in columns if isinstance(name, (str, int))]
    likely = [name for name in _LIKELY_COLUMNS if name in names] or names or ["tokens"]
    firsts = {name: _first(table, name) for name in likely}
    lists = [name for name in likely if hasattr(firsts[name], "__len__") and not isinstance(firsts[name], str)]
    texts = [name for name in likely if isinstance(firsts[name], str)]
    if lists or not texts:
        return f"corpus[{(lists or likely)[0]!r}]"
    return f"[text.split() for text in corpus[{texts[0]!r}]]"


def _first(table: Any, name: object) -> object:
    """The first value of a column, for a message; None if it cannot be found out."""
    try:
        value = next(iter(table[name]))
        return value.as_py() if hasattr(value, "as_py") else value
    except Exception:  # of any library
        return None
