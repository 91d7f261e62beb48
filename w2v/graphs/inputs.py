"""Graphs as people have them, brought to three forms: text with a line for each edge, arrays of integers, or a sparse
matrix.

Place in the data flow: the argument `graph` -> `EdgeInput` -> `w2v.graphs.reading`, which numbers the nodes. No library
is imported: their objects are recognised by what they offer, as in `w2v.corpus.objects`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.corpus.integers import MAX_INTEGER, is_integer_array, open_npy
from w2v.corpus.objects import is_table
from w2v.corpus.sentences import type_with_article
from w2v.corpus.tables.files import open_file, suffix_of
from w2v.corpus.tables.objects import TableObject
from w2v.errors import CorpusError, FormatError, W2VError
from w2v.graphs.edge_lists import SOURCES, TARGETS, WEIGHTS

EDGES_AT_ONCE = 1 << 16  # of an object, that are text at the same time
NUMBERS_AT_ONCE = 1 << 20  # of an array
TABLES = (".parquet", ".arrow", ".feather", ".ipc")

Floats: TypeAlias = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Pairs:
    """Some edges as integers: ends (n, 2), weights (n,) or None."""

    ends: NDArray[np.integer[Any]]
    weights: NDArray[Any] | None = None


def _no_texts(unweighted: bool) -> Iterable[bytes]:
    """The lines of an input without any."""
    return ()


@dataclass(frozen=True)
class EdgeInput:
    """A graph, ready to be read once.

    Attributes
    ----------
    name : for messages.
    directed : whether edges lead one way; None if the input does not say.
    texts : function that yields blocks of lines, each with two names and perhaps a weight, separated by tabs; its
        argument tells whether weights are left out.
    pairs : blocks of integers.
    weighted : whether the lines of `texts` have weights.
    nodes : all nodes, for those without edges; also before the edges.
    integers : whether all names are integers, which are then keys.
    """

    name: str
    directed: bool | None = None
    texts: Callable[[bool], Iterable[bytes]] = _no_texts
    pairs: Iterable[Pairs] = ()
    weighted: bool = False
    nodes: Iterable[str] | range = ()
    integers: bool = False


def file_input(path: str) -> EdgeInput | None:
    """Open a file that is no text: a table, a matrix of SciPy, an array, or GraphML; None for any other file."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix == ".npz":
        return _matrix_file(path)
    if suffix == ".npy":
        return _array_file(path)
    if suffix == ".graphml":
        return _graphml(path)
    if suffix_of(path) in TABLES:
        part = open_file(path)
        return _table(part, path)
    return None


def object_input(graph: Any) -> EdgeInput:
    """Open a graph in memory: of networkx or igraph, a sparse matrix, an array, a table, or an iterable of edges.

    Raises
    ------
    TypeError : it is none of these; says what to pass.
    CorpusError : a node or a weight is wrong.
    """
    kind = type(graph)
    if hasattr(kind, "tocoo") and hasattr(graph, "shape"):
        return _matrix(graph)
    if hasattr(kind, "vs") and hasattr(kind, "es") and hasattr(graph, "get_edgelist"):
        return _igraph(graph)
    if hasattr(kind, "adjacency") and hasattr(graph, "is_directed"):
        return _networkx(graph)
    if getattr(graph, "edge_index", None) is not None:
        return _edge_index(graph)
    if is_table(graph):
        return _table_object(graph)
    if isinstance(graph, np.ndarray) or (hasattr(kind, "__array__") and hasattr(graph, "ndim")):
        return _array(np.asarray(graph), "the array")
    if isinstance(graph, Mapping):
        return _mapping(graph)
    edges = getattr(graph, "edges", graph)
    edges = edges() if callable(edges) else edges
    if isinstance(edges, (str, bytes)) or not isinstance(edges, Iterable):
        raise TypeError(f"the graph is {type_with_article(graph)}; pass a file, an object of networkx or igraph, a "
                        "sparse matrix, an array of pairs, or an iterable of edges")
    directed = getattr(graph, "is_directed", None)
    directed = directed() if callable(directed) else directed
    return _edges("the graph", edges, directed=directed if isinstance(directed, bool) else None)


# --- objects -------------------------------------------------------------------------------------------------------


def _networkx(graph: Any) -> EdgeInput:
    nodes, integers = _node_names(list(graph.nodes))
    weighted = any("weight" in data for _, _, data in graph.edges(data=True))
    edges = ((source, target, data.get("weight", 1)) if weighted else (source, target)
             for source, target, data in graph.edges(data=True))
    return EdgeInput("the graph", bool(graph.is_directed()), texts=partial(_texts, "the graph", edges, weighted, False),
                     weighted=weighted, nodes=nodes, integers=integers)


def _igraph(graph: Any) -> EdgeInput:
    named = "name" in graph.vs.attributes()
    names = [str(name) for name in graph.vs["name"]] if named else None
    pairs = np.array(graph.get_edgelist(), np.int64).reshape(-1, 2)
    weights = np.asarray(graph.es["weight"], np.float64) if "weight" in graph.es.attributes() else None
    directed = bool(graph.is_directed())
    if names is None:
        return EdgeInput("the graph", directed, pairs=_cut(pairs, weights), nodes=range(graph.vcount()), integers=True)
    if len(set(names)) != len(names):
        raise CorpusError("the graph has two nodes with the same name")
    edges = ((names[source], names[target]) if weights is None else (names[source], names[target], weights[number])
             for number, (source, target) in enumerate(pairs.tolist()))
    return EdgeInput("the graph", directed, texts=partial(_texts, "the graph", edges, weights is not None, False),
                     weighted=weights is not None, nodes=names)


def _edge_index(graph: Any) -> EdgeInput:
    """Data of PyTorch Geometric: edge_index (2, n), perhaps edge_weight (n,)."""
    ends = np.asarray(graph.edge_index).T
    weights = getattr(graph, "edge_weight", None)
    found = _array(ends, "edge_index", None if weights is None else np.asarray(weights).reshape(-1))
    nodes = getattr(graph, "num_nodes", None)
    return EdgeInput(found.name, True, pairs=found.pairs, nodes=range(int(nodes)) if nodes else (), integers=True)


def _mapping(graph: Mapping[Any, Any]) -> EdgeInput:
    """Nodes with those that they lead to, which may be mappings to weights; or pairs of nodes with weights."""
    if graph and all(isinstance(key, tuple) and len(key) == 2 and isinstance(value, (int, float, np.number, Mapping))
                     for key, value in graph.items()):
        return _edges("the mapping", ((*pair, weight) for pair, weight in graph.items()))
    if any(isinstance(targets, Mapping) for targets in graph.values()):
        return _edges("the mapping", ((source, target, targets[target] if isinstance(targets, Mapping) else 1)
                                      for source, targets in graph.items() for target in targets), nodes=graph)
    return _edges("the mapping", ((source, target) for source, targets in graph.items() for target in targets),
                  nodes=graph)


def _edges(name: str, edges: Iterable[Any], directed: bool | None = None, nodes: Iterable[Any] = ()) -> EdgeInput:
    """Edges as pairs or triples of Python objects."""
    items = iter(edges)
    first = list(islice(items, 1))
    for edge in first:
        _check_edge(edge)
    weighted = bool(first) and len(first[0]) == 3
    names, integers = _node_names(list(nodes))
    integers = bool(first) and all(_is_integer(node) for node in first[0][:2])
    return EdgeInput(name, directed, texts=partial(_texts, name, chain(first, items), weighted, integers),
                     weighted=weighted, nodes=names, integers=integers)


def _check_edge(edge: Any) -> None:
    if not (isinstance(edge, (tuple, list, np.ndarray)) and 2 <= len(edge) <= 3):
        raise TypeError(f"an edge must be a pair of nodes, or a pair and a weight, not {edge!r:.60}")


def _node_names(nodes: list[Any]) -> tuple[list[str], bool]:
    """Return the names of nodes, and whether all are integers."""
    integers = bool(nodes) and all(map(_is_integer, nodes))
    names = [_name(node) for node in nodes]
    if len(set(names)) != len(names):
        seen: set[str] = set()
        twice = next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise CorpusError(f"the graph has two nodes whose name is {twice!r:.60}, such as a number and a text")
    return names, integers


def _is_integer(node: object) -> bool:
    return isinstance(node, (int, np.integer)) and not isinstance(node, bool)


def _name(node: object) -> str:
    """Return the name of a node as text."""
    if node is None:
        raise CorpusError("an edge lacks a node: None is no name")
    name = str(node)
    if not name.isascii() and any("\ud800" <= char < "\udc80" or "\udcff" < char <= "\udfff" for char in name):
        raise CorpusError(f"the node {name!r:.60} cannot be a word: it has half of a pair of surrogates")
    if not name or "\t" in name or "\n" in name or "\r" in name or name != name.strip() or name[0] in "#%\"":
        raise CorpusError(f"the node {name!r:.60} cannot be a word: it is empty, has a tab or a line end, begins or "
                          "ends with a blank, or begins with # % or a quote")
    return name


def _texts(name: str, edges: Iterable[Any], weighted: bool, integers: bool, unweighted: bool) -> Iterator[bytes]:
    """Yield edges as lines of names and weights separated by tabs."""
    edges, begin = iter(edges), 0
    while batch := list(islice(edges, EDGES_AT_ONCE)):
        lines = []
        for number, edge in enumerate(batch, begin):
            _check_edge(edge)
            if len(edge) != 2 + weighted:
                raise CorpusError(f"{name}, edge {number}: {edge!r:.60} has {len(edge)} parts, and the first edge "
                                  f"{2 + weighted}")
            if integers and not (_is_integer(edge[0]) and _is_integer(edge[1])):
                raise CorpusError(f"{name}, edge {number}: {edge!r:.60} has a node that is no integer, unlike those of "
                                  "the first edge; make all of them texts or all of them integers")
            weight = f"\t{_weight(name, number, edge[2])!r}" if weighted and not unweighted else ""
            lines.append(f"{_name(edge[0])}\t{_name(edge[1])}{weight}\n")
        begin += len(batch)
        yield "".join(lines).encode("utf-8", "surrogateescape")


def _weight(name: str, number: int, weight: object) -> float:
    if isinstance(weight, Mapping):
        weight = weight.get("weight", 1.0)
    try:
        return float(weight)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise CorpusError(f"{name}, edge {number}: the weight must be a number, not {weight!r:.60}") from None


# --- arrays and matrices -------------------------------------------------------------------------------------------


def _array(array: NDArray[Any], name: str, weights: NDArray[Any] | None = None) -> EdgeInput:
    """An array of pairs (n, 2), or of pairs with weights (n, 3)."""
    if array.ndim != 2 or array.shape[1] not in (2, 3) or array.dtype.kind not in "iuf":
        raise TypeError(f"{name}: the graph is an array of shape {array.shape} and type {array.dtype}; expected (n, 2) "
                        "integers, or (n, 3) with a weight in the last column; pass an adjacency matrix as a sparse "
                        "matrix (scipy.sparse.csr_array)")
    ends = array[:, :2]
    if array.shape[1] == 3:
        weights = array[:, 2]
    if array.dtype.kind == "f":
        with np.errstate(invalid="ignore"):  # NaN and numbers out of range, which differ from the result
            whole = ends.astype(np.int64)
        if not is_integer_array(whole) or not (whole == ends).all():
            raise CorpusError(f"{name}: nodes must be integers, and column 0 or 1 has another number")
        ends = whole
    return EdgeInput(name, pairs=_cut(ends, weights), integers=True)


def _array_file(path: str) -> EdgeInput:
    array = open_npy(path, "iuf")
    try:
        return _array(array, path)
    except TypeError as error:
        raise FormatError(path, str(error).removeprefix(f"{path}: ")) from error


def _cut(ends: NDArray[np.integer[Any]], weights: NDArray[Any] | None) -> Iterator[Pairs]:
    for begin in range(0, len(ends), NUMBERS_AT_ONCE):
        end = begin + NUMBERS_AT_ONCE
        yield Pairs(ends[begin:end], None if weights is None else weights[begin:end])


def _matrix(matrix: Any) -> EdgeInput:
    """A sparse matrix of SciPy: an entry (i, j) is an edge from i to j."""
    _check_square("the matrix", matrix.shape)
    entries = matrix.tocoo()
    row, column, values = np.asarray(entries.row), np.asarray(entries.col), np.asarray(entries.data)
    return _entries("the matrix", matrix.shape, row, column, values)


def _entries(name: str, shape: tuple[int, ...], row: NDArray[Any], column: NDArray[Any],
             values: NDArray[Any]) -> EdgeInput:
    stored = values != 0  # an entry of 0 is no edge
    if not stored.all():
        row, column, values = row[stored], column[stored], values[stored]
    ends = np.stack([row, column], axis=1).astype(np.int64)
    weights = None if values.dtype == bool or (values == 1).all() else values
    return EdgeInput(name, True, pairs=_cut(ends, weights), nodes=range(int(shape[0])), integers=True)


def _check_square(name: str, shape: tuple[int, ...]) -> None:
    if len(shape) != 2 or shape[0] != shape[1]:
        raise CorpusError(f"{name}: an adjacency matrix has as many rows as columns, not the shape {tuple(shape)}")
    if not 0 <= shape[0] < 2**31:
        raise CorpusError(f"{name}: the shape {tuple(shape)} is out of range: a graph has at most 2^31 - 1 nodes")


def _matrix_file(path: str) -> EdgeInput:
    """A matrix that scipy.sparse.save_npz wrote; it is read by NumPy."""
    try:
        with open(path, "rb") as stored, np.load(stored, allow_pickle=False) as file:
            parts = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise
    except Exception as error:  # of many kinds, by the archive, its compression and the arrays
        raise FormatError(path, f"the name ends in .npz, but this is no archive of NumPy arrays ({error})") from error
    form = parts.get("format")
    form = "" if form is None else form.item() if form.shape == () else ""
    form = form.decode("ascii", "replace") if isinstance(form, bytes) else str(form)
    needed = {"coo": ("row", "col"), "csr": ("indices", "indptr"), "csc": ("indices", "indptr")}.get(form)
    if needed is None or any(name not in parts for name in (*needed, "shape", "data")):
        raise FormatError(path, "this is no sparse matrix of scipy.sparse.save_npz in the form csr, csc or coo; it has "
                                f"the arrays {', '.join(list(parts)[:10]) or 'none'}")
    if any(parts[name].ndim != 1 or parts[name].dtype.kind not in "iu" for name in (*needed, "shape")):
        raise FormatError(path, "the matrix is damaged: its shape and its indices are no lists of integers")
    if parts["data"].ndim != 1 or parts["data"].dtype.kind not in "biuf":
        raise FormatError(path, "weights must be a list of real numbers, not an array of the shape "
                                f"{parts['data'].shape} and the type {parts['data'].dtype}")
    shape = tuple(int(size) for size in parts["shape"])
    _check_square(path, shape)
    if form == "coo":
        row, column = parts["row"], parts["col"]
    else:
        lengths = np.diff(parts["indptr"])
        if len(lengths) != shape[0] or (lengths < 0).any() or lengths.sum() != len(parts["indices"]):
            raise FormatError(path, "the matrix is damaged: indptr does not fit its shape and indices")
        major = np.repeat(np.arange(shape[0]), lengths)
        row, column = (major, parts["indices"]) if form == "csr" else (parts["indices"], major)
    if not len(row) == len(column) == len(parts["data"]):
        raise FormatError(path, "the matrix is damaged: its arrays have different lengths")
    if len(row) and not (0 <= min(row.min(), column.min()) and max(row.max(), column.max()) < shape[0]):
        raise FormatError(path, "the matrix is damaged: it has an index beyond its shape")
    return _entries(path, shape, row, column, parts["data"])


# --- tables and GraphML --------------------------------------------------------------------------------------------


def _columns(names: list[str], place: str) -> list[str]:
    """Return the columns of source, target and perhaps weight: those with usual names, otherwise the first ones."""
    lower = {name.lower(): name for name in reversed(names)}
    source, target, weight = (next((lower[name] for name in known if name in lower), None)
                              for known in (SOURCES, TARGETS, WEIGHTS))
    if source is None or target is None:
        if len(names) < 2:
            raise CorpusError(f"{place}: a table of edges has columns for source and target, not only "
                              f"{', '.join(map(repr, names)) or 'none'}")
        source, target = names[0], names[1]
        weight = weight or (names[2] if len(names) == 3 else None)
    return [source, target, *([weight] if weight is not None else [])]


def _table(part: Any, place: str) -> EdgeInput:
    columns = _columns(list(part.types), place)
    return _of_batches(place, part.batches(columns), columns, part.types)


def _table_object(table: Any) -> EdgeInput:
    names = table.column_names if hasattr(table, "column_names") else table.columns
    columns = _columns([str(name) for name in names], "the table")
    part = TableObject(table, columns)
    return _of_batches("the table", part.batches(columns), columns, part.types)


def _of_batches(name: str, batches: Iterator[Any], columns: list[str], types: Mapping[str, Any]) -> EdgeInput:
    weighted = len(columns) == 3
    numbers = all(str(types[column]).startswith(("int", "uint")) for column in columns[:2])
    if numbers:
        return EdgeInput(name, pairs=_pairs_of(name, batches, columns), integers=True)
    edges = (edge for batch in batches
             for edge in zip(*(batch.column(one).to_pylist() for one in columns), strict=True))
    return EdgeInput(name, texts=partial(_texts, name, _without_missing(name, edges), weighted, False),
                     weighted=weighted)


def _without_missing(name: str, edges: Iterable[Any]) -> Iterator[Any]:
    for number, edge in enumerate(edges):
        if None in edge:
            raise CorpusError(f"{name}, row {number}: a value is missing: {edge!r:.60}")
        yield edge


def _pairs_of(name: str, batches: Iterator[Any], columns: list[str]) -> Iterator[Pairs]:
    for batch in batches:
        parts = [batch.column(one) for one in columns]
        if any(part.null_count for part in parts):
            raise CorpusError(f"{name}: a row has no value in one of the columns {', '.join(columns)}")
        values = [part.to_numpy(zero_copy_only=False) for part in parts]
        yield Pairs(np.stack(values[:2], axis=1), values[2] if len(values) == 3 else None)


def _graphml(path: str) -> EdgeInput:
    try:
        import networkx
    except ImportError:
        raise W2VError(f"{path}: GraphML is read by networkx: pip install \"w2v[graph]\"") from None
    try:
        graph = networkx.read_graphml(path)
    except OSError as error:
        raise W2VError(f"{path}: cannot read: {error.strerror or error}") from error
    except Exception as error:  # of several kinds, by the XML parser and by networkx
        raise FormatError(path, f"this is no GraphML, or it is damaged ({error})") from error
    return replace(_networkx(graph), name=path)


def checked_pairs(name: str, pairs: Pairs) -> tuple[NDArray[np.integer[Any]], NDArray[np.float32] | None]:
    """Return a block of pairs and their weights in the form that C reads.

    Raises
    ------
    CorpusError : a node is negative or above 2^63 - 1, or a weight is not a finite number above 0.
    """
    ends = np.asarray(pairs.ends)
    if not ends.dtype.isnative:
        ends = ends.astype(ends.dtype.newbyteorder("="))
    if ends.size and (int(ends.min()) < 0 or int(ends.max()) > MAX_INTEGER):
        bad = int(ends.min()) if int(ends.min()) < 0 else int(ends.max())
        raise CorpusError(f"{name}: the node {bad} is out of range: integers are from 0 to 2^63 - 1; pass other names "
                          "as text")
    if pairs.weights is None:
        return ends, None
    given = np.asarray(pairs.weights)
    if given.dtype.kind not in "iufb":
        raise CorpusError(f"{name}: weights must be numbers, not {given.dtype}")
    with np.errstate(over="ignore"):  # infinite numbers are found below
        weights = given.astype(np.float32)
    good = np.isfinite(weights) & (weights > 0)
    if not good.all():
        place = int(np.flatnonzero(~good)[0])
        raise CorpusError(f"{name}: the edge {ends[place, 0]} - {ends[place, 1]} has the weight {given[place]}; a "
                          "weight is a finite number above 0")
    return ends, np.ascontiguousarray(weights)
