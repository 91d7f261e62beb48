"""Tables and columns in memory of pyarrow, pandas, polars, DuckDB and Hugging Face, recognised by their protocols."""

from typing import Any

import numpy as np
import pytest
from helpers.tables import TEXTS, TOKENS, as_sentences, found, lines, read

import w2v
from w2v.corpus.objects import is_column, is_read_once, is_table
from w2v.corpus.paths import CorpusInput
from w2v.errors import CorpusError, W2VError

OPTIONS: dict[str, Any] = {"vector_size": 4, "min_count": 1, "threads": 1, "progress": False, "sample": 0}
LINES = [line.split() for text in TEXTS if text is not None for line in text.split("\n") if line.split()]


@pytest.fixture
def pa() -> Any:
    return pytest.importorskip("pyarrow")


def check(table: Any, texts: Any, tokens: Any = None) -> None:
    """A table with the columns `text` and `tokens`, and these columns by themselves."""
    assert is_table(table) and not is_column(table)
    assert lines(table, column="text") == LINES and read(table, column="text").report.null_rows == 7
    assert found(table, column="tokens") == found(as_sentences(TOKENS))
    assert is_column(texts) and not is_table(texts)
    assert lines(texts) == LINES and read(texts).report.null_rows == 7
    with pytest.raises(TypeError, match="a table: name its column with the text or the words.*column='text'"):
        w2v.train(table, **OPTIONS)
    with pytest.raises(CorpusError, match="there is no column 'body'; the columns are 'text', 'tokens'"):
        read(table, column="body")
    if tokens is not None:
        assert is_column(tokens) and found(tokens) == found(as_sentences(TOKENS))


def test_pyarrow(pa: Any) -> None:
    table = pa.table({"text": TEXTS, "tokens": TOKENS})
    check(table, table["text"], table["tokens"])
    check(table.to_batches()[0], table["text"].chunk(0), table["tokens"].chunk(0))
    assert lines(table.to_reader(), column="text") == LINES
    with pytest.raises(TypeError, match="a RecordBatchReader, a table: name its column"):
        w2v.train(table.to_reader(), **OPTIONS)


def test_only_the_interface_of_arrow_is_needed(pa: Any) -> None:
    class Table:
        """As little as a table of another library can have."""

        columns = ("text", "tokens")

        def __init__(self, table: Any) -> None:
            self._table = table

        def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
            return self._table.__arrow_c_stream__(requested_schema)

    class Column:
        def __init__(self, column: Any) -> None:
            self._column = column

        def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
            return self._column.__arrow_c_array__(requested_schema)

    table = pa.table({"text": TEXTS, "tokens": TOKENS})
    assert lines(Table(table), column="text") == LINES
    assert found(Table(table), column="tokens") == found(as_sentences(TOKENS))


def test_pandas(pa: Any) -> None:
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"text": TEXTS, "tokens": TOKENS, "mixed": [object()] * len(TEXTS), 5: 1})
    assert lines(table, column="text") == LINES and found(table, column="tokens") == found(as_sentences(TOKENS))
    del table["mixed"], table[5]
    check(table, table["text"])
    for kind in (object, "string", pd.ArrowDtype(pa.string())):
        series = pd.Series(TEXTS, dtype=kind)
        assert lines(series) == LINES and read(series).report.null_rows == 7
    series = pd.Series([row for row in TOKENS if row and None not in row])  # Python lists, as sentences
    assert not is_column(series) and found(series) == found(list(series))
    table = pd.DataFrame([["a b", "c d"]], columns=["text", "text"])
    with pytest.raises(CorpusError, match="there are several columns 'text'"):
        read(table, column="text")
    table = pd.DataFrame({"text": ["a", 1, ["x"]]})
    with pytest.raises(TypeError, match="the corpus is a DataFrame that has no form in Arrow"):
        read(table, column="text")


def test_numpy_arrays_of_objects(pa: Any) -> None:
    assert lines(np.array([*TEXTS, float("nan")], dtype=object)) == LINES
    assert lines(np.array([["a", "b"], ["c"], None], dtype=object)[:2]) == [["a", "b"], ["c"]]
    assert lines(np.array([["a", "b"], ["c", "d"]], dtype=object)) == [["a", "b"], ["c", "d"]]
    with pytest.raises(TypeError, match="has no form in Arrow"):
        read(np.array(["a b", 3, ["x"]], dtype=object))


def test_polars(pa: Any) -> None:
    pl = pytest.importorskip("polars")
    table = pl.DataFrame({"text": TEXTS, "tokens": TOKENS})
    check(table, table["text"], table["tokens"])
    assert lines(table["text"].cast(pl.Categorical)) == LINES
    assert lines(table.select(pl.col("text").slice(5, 5)), column="text") == [["red"], *LINES[:3]]
    numbers = pl.Series([[1, 2], None, [3]], dtype=pl.List(pl.UInt32))
    assert lines(numbers) == [["1", "2"], ["3"]]
    array = pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.Int16, 2))
    assert lines(array) == [["1", "2"], ["3", "4"]]


def test_duckdb(pa: Any) -> None:
    duckdb = pytest.importorskip("duckdb")
    table = pa.table({"text": TEXTS, "tokens": TOKENS})
    connection = duckdb.connect()
    connection.register("corpus", table)
    relation = connection.sql("select * from corpus")
    assert lines(relation, column="text") == LINES and found(relation, column="tokens") == found(as_sentences(TOKENS))
    with pytest.raises(TypeError, match="a table: name its column"):
        w2v.train(relation, **OPTIONS)


def test_hugging_face(pa: Any) -> None:
    datasets = pytest.importorskip("datasets")
    table = datasets.Dataset.from_dict({"text": TEXTS, "tokens": TOKENS})
    check(table, table["text"])
    shuffled = table.shuffle(seed=3)
    texts = [text for text in shuffled["text"] if text is not None]
    assert lines(shuffled, column="text") == [line.split() for text in texts for line in text.split("\n")
                                              if line.split()]
    stream = table.to_iterable_dataset()
    assert is_read_once(stream) and lines(stream, column="text") == LINES
    assert lines(stream.filter(lambda row: row["text"] == "red green blue"), column="text") == [LINES[0]] * 7
    assert found(table.select(range(5)), column="tokens") == found(as_sentences(TOKENS[:5]))


# --- once or again, and failures -----------------------------------------------------------------------------------


def test_streams_are_read_once_and_tables_again(pa: Any) -> None:
    table = pa.table({"x": ["a b"]})
    for corpus, again in ((table, True), (table.to_reader(), False)):
        assert is_read_once(corpus) is not again
        assert bool(CorpusInput.of(corpus, {"column": "x"}).read_once) is not again
    assert not CorpusInput.of(table["x"]).read_once
    stream = table.to_reader()
    assert lines(stream, column="x") == [["a", "b"]]
    with pytest.raises(CorpusError, match="empty"):
        read(stream, column="x")


def test_failure_of_a_stream_is_one_error(pa: Any) -> None:
    def batches() -> Any:
        yield pa.record_batch({"x": ["a b"]})
        raise OSError(5, "the network is gone")

    reader = pa.RecordBatchReader.from_batches(pa.schema([("x", pa.string())]), batches())
    with pytest.raises(CorpusError, match="the table: cannot be read .*the network is gone"):
        read(reader, column="x")


def test_without_pyarrow_lists_are_sentences_and_texts_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    class Series:
        dtype = type("dtype", (), {"kind": "U"})

        def __init__(self, rows: list[Any]) -> None:
            self._rows = rows

        def __iter__(self) -> Any:
            return iter(self._rows)

        def __arrow_c_stream__(self) -> None: ...

    def fail(name: str) -> None:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr("w2v.corpus.tables.arrow.importlib.import_module", fail)
    assert lines(Series([["a", "b"], ["c"]])) == [["a", "b"], ["c"]]
    with pytest.raises(W2VError, match=r"w2v\[data\]"):
        read(Series(["a b", "c"]))
    with pytest.raises(W2VError, match=r"w2v\[data\]"):
        read(np.array(["a b"], dtype=object))
