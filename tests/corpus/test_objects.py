"""Objects of Python and of other libraries as a corpus: trained, or one error that names the expression to pass."""

import array
import collections
import io
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import w2v

OPTIONS = {"vector_size": 4, "min_count": 1, "threads": 1, "progress": False, "sample": 0}
WORDS = [["red", "green", "blue"], ["red", "green"]] * 20
ITEMS = [[1, 2, 3], [2, 3]] * 20


def counted(corpus: Any) -> tuple[dict[str, int], int]:
    """Counts of the words, and the number of lines."""
    model = w2v.train(corpus, **OPTIONS)
    return {word: model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key}, model.report.corpus.lines


class Tensor:
    """The protocol of a tensor: items are tensors."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.values

    def __dlpack__(self) -> None: ...

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self):
        return (Tensor(value) for value in self.values)

    def item(self) -> Any:
        return self.values.item()


class OnDevice(Tensor):
    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu()")


class Graph:
    nodes = edges = property(lambda self: [])

    def __iter__(self):
        return iter("ab")


class Lazy:
    columns = ["a"]

    def collect(self) -> None: ...


@pytest.mark.parametrize("corpus", [
    ((word for word in sentence) for sentence in WORDS), dict(enumerate(WORDS)).values(), collections.deque(WORDS),
    tuple(map(tuple, WORDS)), np.array([*WORDS, None], dtype=object)[:-1], [np.array(one) for one in WORDS],
    [np.array(one, dtype=object) for one in WORDS], [dict.fromkeys(one).keys() for one in WORDS],
    map(str.split, ["red green blue", "red green"] * 20)], ids=lambda corpus: type(corpus).__name__)
def test_containers_of_words_are_trained(corpus: Any) -> None:
    assert counted(corpus) == ({"green": 40, "red": 40, "blue": 20}, 40)


@pytest.mark.parametrize("corpus", [
    [np.array(one, dtype=object) for one in ITEMS], [np.array(one, np.uint8) for one in ITEMS],
    [array.array("q", one) for one in ITEMS], [memoryview(array.array("i", one)) for one in ITEMS],
    [Tensor(one) for one in ITEMS], [range(1, 4), range(2, 4)] * 20, Tensor([[1, 2, 3], [-1, 2, 3]] * 20),
    array.array("q", [1, 2, 3, -1, 2, 3, -1] * 20), memoryview(array.array("q", [1, 2, 3, -1, 2, 3, -1] * 20))],
    ids=lambda corpus: type(corpus).__name__)
def test_containers_of_integers_are_trained(corpus: Any) -> None:
    assert counted(corpus) == ({"2": 40, "3": 40, "1": 20}, 40)


def test_sets_and_matrices_of_words_are_trained() -> None:
    assert counted([{"a", "b"}, frozenset("bc")] * 3) == ({"b": 6, "a": 3, "c": 3}, 6)
    assert counted(np.array([["a", "b"], ["b", ""]] * 3)) == ({"b": 6, "a": 3}, 6)  # "" is padding


@pytest.mark.parametrize(("corpus", "said"), [
    ([b"a b"], r"sentence 0 is a bytes.*bytes\(s\).decode\(\).split\(\) for s in sentences"),
    ([bytearray(b"a b")], "sentence 0 is a bytearray"),
    ([memoryview(b"a b")], "sentence 0 is a memoryview"),
    (io.BytesIO(b"a b\n"), "sentence 0 is a bytes"),
    (memoryview(b"a b"), "the corpus is bytes"),
    (io.StringIO("a b\n"), r"sentence 0 is a str.*s.split\(\) for s in sentences"),
    ({"a", "b"}, "sentence 0 is a str"),
    (np.array(["a b", "c d"]), "sentence 0 is a str_"),
    ([[b"a"]], r"token 0 of sentence 0 is a bytes.*\[\[t.decode\(\) for t in s\] for s in sentences\]"),
    (np.array([["a"]], dtype="S"), r"array of \|S1.*s.astype\(str\)"),
    ([["a", 1]], r"token 1 of sentence 0 is an int, not a str.*\[\[str\(t\) for t in s\]"),
    ([[1, "a"]], r"token 1 of sentence 0 is a str, not an integer.*\[\[str\(t\) for t in s\]"),
    ([np.array([1, 2.5], dtype=object)], "token 1 of sentence 0 is a float, not an integer"),
    ([np.array([1, 2.5])], "array of float64"),
    ([[["a", "b"]]], "token 0 of sentence 0 is a list.*flat list of words"),
    ([[("a", 2)]], "token 0 of sentence 0 is a tuple"),
    ({"u": ["a", "b"]}.items(), "token 1 of sentence 0 is a list.*s for _, s in pairs"),
    ([["a", float("nan")]], r"token 1 of sentence 0 is a float, not a str \(a missing value: leave it out\)"),
    ([["a"], None], r"sentence 1 is a NoneType.*a missing value"),
    ([["a"], float("nan")], r"sentence 1 is a float.*a missing value"),
    ([1, 2, 3], r"sentence 0 is an int.*for a single sentence pass \[sentence\]"),
    ([[SimpleNamespace(text="a")]], r"\[\[t.text for t in s\] for s in sentences\]"),
    ([[Tensor(1)]], r"\[\[t.item\(\) for t in s\] for s in sentences\]"),
    (OnDevice([[1]]), r"the corpus is an OnDevice.*tensor.cpu\(\).numpy\(\)"),
    ([OnDevice([1])], r"sentence 0 is an OnDevice.*tensor.cpu\(\).numpy\(\)"),
    (np.array([[["a"]]]), "sentence 0 is an array of 2 dimensions"),
    ({"u": ["a"]}, r"the corpus is a dict.*corpus.values\(\)"),
    (Graph(), "the corpus is a Graph.*pass walks.*networkx.generate_random_paths"),
    (Lazy(), r"the corpus is a Lazy.*corpus.collect\(\)"),
])
def test_other_objects_are_refused_with_the_expression_to_pass(corpus: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        w2v.train(corpus, **OPTIONS)


def test_pandas_columns_are_trained() -> None:
    pd = pytest.importorskip("pandas")
    assert counted(pd.Series(WORDS))[1] == 40
    assert counted([pd.Series(one) for one in WORDS]) == counted(WORDS)
    assert counted([pd.Series(one, dtype="Int64") for one in ITEMS]) == counted(ITEMS)
    table = pd.DataFrame({"user": [0, 0, 1, 1], "item": [10, 11, 11, 12], "text": ["a b"] * 4})
    assert counted(table.groupby("user")["item"].unique()) == ({"11": 2, "10": 1, "12": 1}, 2)
    with pytest.raises(TypeError, match="a table: name its column.* column='text'"):
        w2v.train(table, **OPTIONS)


def test_arrow_columns_are_trained() -> None:
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"id": range(40), "tokens": WORDS, "items": ITEMS})
    assert counted(table["tokens"]) == counted(pa.array(WORDS)) == counted(list(table["tokens"])) == counted(WORDS)
    assert counted(table["items"]) == counted(ITEMS)
    with pytest.raises(TypeError, match="the corpus is a Table, a table: name its column.* column='tokens'"):
        w2v.train(table, **OPTIONS)
    with pytest.raises(TypeError, match=r"StringScalar.*column.to_pylist\(\)"):
        w2v.train([list(pa.array(["a", "b"]))], **OPTIONS)


def test_polars_columns_are_trained() -> None:
    pl = pytest.importorskip("polars")
    table = pl.DataFrame({"id": range(40), "tokens": WORDS, "items": ITEMS})
    assert counted(table["tokens"]) == counted(WORDS) and counted(table["items"]) == counted(ITEMS)
    with pytest.raises(TypeError, match="the corpus is a DataFrame, a table: name its column.* column='tokens'"):
        w2v.train(table, **OPTIONS)
    with pytest.raises(TypeError, match=r"corpus.collect\(\)"):
        w2v.train(table.lazy(), **OPTIONS)


def test_networkx_graphs_are_refused_and_their_walks_are_trained() -> None:
    networkx = pytest.importorskip("networkx")
    graph = networkx.karate_club_graph()
    with pytest.raises(TypeError, match="the corpus is a Graph.*generate_random_paths"):
        w2v.train(graph, **OPTIONS)
    assert len(counted(networkx.generate_random_paths(graph, 10 * len(graph), 40))[0]) == len(graph)
