"""Columns of every Arrow type as blocks: offsets, slices, chunks, dictionaries, missing values and long texts."""

from typing import Any

import numpy as np
import pytest
from helpers.tables import NUMBERS, TEXTS, TOKENS, as_sentences, found, lines, read

from w2v.corpus.integers import IntegerBlock
from w2v.corpus.paths import CorpusInput
from w2v.corpus.source import open_source
from w2v.corpus.strings import StringBlock
from w2v.corpus.tables.columns import kind_of
from w2v.errors import CorpusError, W2VError


@pytest.fixture
def pa() -> Any:
    return pytest.importorskip("pyarrow")


def of_text(texts: list[str | None]) -> tuple[list[str], list[int]]:
    return found([line.split() for text in texts if text is not None for line in text.split("\n")])


STRINGS = ["string", "large_string", "string_view", "binary", "large_binary", "binary_view"]


def strings(pa: Any, kind: str, texts: list[str | None]) -> Any:
    return pa.array([None if text is None else text.encode() for text in texts], getattr(pa, kind)())


@pytest.mark.parametrize("kind", STRINGS)
def test_text_of_every_type_is_read(pa: Any, kind: str) -> None:
    array = strings(pa, kind, TEXTS)
    assert kind_of(array.type) == "text"
    assert found(pa.table({"x": array}), column="x") == found(array) == of_text(TEXTS)
    assert read(array).report.null_rows == TEXTS.count(None)
    assert found(strings(pa, kind, ["a b", "c"])) == of_text(["a b", "c"])  # nothing is missing


@pytest.mark.parametrize("kind", STRINGS)
@pytest.mark.parametrize(("begin", "n"), [(0, 3), (3, 1), (5, 20), (9, 11)])
def test_slices_have_only_their_rows(pa: Any, kind: str, begin: int, n: int) -> None:
    array = strings(pa, kind, TEXTS).slice(begin, n)
    expected = of_text(TEXTS[begin:begin + n]) if any(TEXTS[begin:begin + n]) else None
    if expected is None:
        with pytest.raises(CorpusError, match="empty"):
            read(array)
    else:
        assert found(array) == expected
    lists = pa.array(TOKENS).slice(begin, n)
    if rows := [row for row in as_sentences(TOKENS[begin:begin + n]) if row]:
        assert found(lists) == found(rows)


def test_chunks_are_read_in_order(pa: Any) -> None:
    array = pa.chunked_array([["a b", None], [], ["c"], ["d e f"]])
    assert lines(array) == lines(pa.table({"x": array}), column="x") == [["a", "b"], ["c"], ["d", "e", "f"]]


@pytest.mark.parametrize("index", ["int8", "int32", "uint16"])
def test_dictionaries_are_looked_up(pa: Any, index: str) -> None:
    kind = pa.dictionary(getattr(pa, index)(), pa.string())
    array = pa.array(TEXTS, pa.string()).dictionary_encode().cast(kind)
    assert kind_of(kind) == "text"
    assert found(array) == of_text(TEXTS) and read(array).report.null_rows == 7
    assert found(array.slice(3, 9)) == of_text(TEXTS[3:12])
    missing = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0]), pa.array(["a b", None]))
    assert lines(missing) == [["a", "b"], ["a", "b"]] and read(missing).report.null_rows == 2
    tokens = pa.ListArray.from_arrays([0, 2, 3], pa.array(["x y", "z", "x y"]).dictionary_encode())
    assert lines(tokens) == [["x y", "z"], ["x y"]]


def test_dictionary_with_wrong_indices_is_refused(pa: Any) -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([0, 5]), pa.array(["a", "b"]), safe=False)
    with pytest.raises(CorpusError, match="the table: the column is damaged: an index of the dictionary"):
        read(array)


@pytest.mark.parametrize("kind", ["list_", "large_list", "list_view", "large_list_view"])
@pytest.mark.parametrize("inner", ["string", "large_string", "string_view", "binary"])
def test_lists_of_words_of_every_type_are_read(pa: Any, kind: str, inner: str) -> None:
    values = [None if row is None else [None if item is None else item.encode() for item in row] for row in TOKENS]
    binary = pa.binary_view() if inner == "string_view" else pa.binary()
    array = pa.array(values, getattr(pa, kind)(binary))
    if inner in ("large_string", "string"):
        array = pa.array(TOKENS, getattr(pa, kind)(getattr(pa, inner)()))
    assert kind_of(array.type) == "tokens"
    assert found(array) == found(as_sentences(TOKENS))
    report = read(array).report
    assert (report.null_rows, report.null_tokens, report.empty_tokens) == (7, 7, 7)


@pytest.mark.parametrize("kind", ["list_", "large_list", "list_view"])
@pytest.mark.parametrize("inner", ["int64", "uint64", "int32", "uint32"])
def test_lists_of_integers_of_every_type_are_read(pa: Any, kind: str, inner: str) -> None:
    rows = [row if row is None else [n if n is None else n % 2**31 for n in row] for row in NUMBERS]
    array = pa.array(rows, getattr(pa, kind)(getattr(pa, inner)()))
    assert kind_of(array.type) == "integers"
    assert found(array) == found(as_sentences(rows))
    assert found(array.slice(4, 9)) == found(as_sentences(rows[4:13]))
    assert read(array).vocabulary.integer_keys and read(array).report.null_tokens == 7


@pytest.mark.parametrize("inner", ["int8", "uint8", "int16"])
def test_small_integers_are_read(pa: Any, inner: str) -> None:
    array = pa.array([[1, 2], [100]], pa.list_(getattr(pa, inner)()))
    assert lines(array) == [["1", "2"], ["100"]]


def test_lists_of_fixed_size_are_read(pa: Any) -> None:
    words = pa.array([["a", "b"], None, ["c", None], ["d", "e"]], pa.list_(pa.string(), 2))
    assert lines(words) == [["a", "b"], ["c"], ["d", "e"]] and lines(words.slice(2)) == [["c"], ["d", "e"]]
    numbers = pa.array([[1, 2], None, [3, None], [4, 5]], pa.list_(pa.int64(), 2))
    assert lines(numbers) == [["1", "2"], ["3"], ["4", "5"]] and lines(numbers.slice(3)) == [["4", "5"]]


def test_views_of_lists_may_overlap_and_go_back(pa: Any) -> None:
    array = pa.ListViewArray.from_arrays([2, 0, 1], [2, 2, 0], pa.array(["a", "b", "c", "d"]))
    assert lines(array) == [["c", "d"], ["a", "b"]]
    numbers = pa.ListViewArray.from_arrays([1, 0], [2, 2], pa.array([5, 6, 7]))
    assert lines(numbers) == [["6", "7"], ["5", "6"]]


def test_columns_without_any_value_are_empty(pa: Any) -> None:
    for array in (pa.nulls(3), pa.array([None], pa.string()), pa.array([[], None], pa.list_(pa.string())),
                  pa.array([], pa.string()), pa.array([], pa.list_(pa.int64())), pa.array([[]], pa.list_(pa.null()))):
        with pytest.raises(CorpusError, match="empty"):
            read(array)


def test_extension_types_are_read_as_what_they_store(pa: Any) -> None:
    class Text(pa.ExtensionType):
        def __init__(self) -> None:
            super().__init__(pa.string(), "w2v.text")

        def __arrow_ext_serialize__(self) -> bytes:
            return b""

        @classmethod
        def __arrow_ext_deserialize__(cls, storage: Any, data: bytes) -> Any:
            return cls()

    array = pa.ExtensionArray.from_storage(Text(), pa.array(["a b", None, "c"]))
    assert lines(array) == [["a", "b"], ["c"]]


# --- damage and limits ---------------------------------------------------------------------------------------------


def damaged(pa: Any, offsets: list[int]) -> Any:
    return pa.Array.from_buffers(pa.string(), len(offsets) - 1, [
        None, pa.py_buffer(np.array(offsets, np.int32).tobytes()), pa.py_buffer(b"abcdef")])


@pytest.mark.parametrize("offsets", [[0, 3, 2], [0, 7, 4], [0, 2**31 - 1, 6], [0, -5, 4], [0, 3, 2, 6]])
def test_wrong_offsets_are_refused(pa: Any, offsets: list[int]) -> None:
    for corpus in (damaged(pa, offsets), pa.chunked_array([["x y"], damaged(pa, offsets)])):
        with pytest.raises(W2VError, match="the table: (row .: )?the column is damaged"):
            read(corpus)


@pytest.mark.parametrize("offsets", [[0, 3, 2], [0, 7, 6], [0, -1, 4], [0, 3, 2, 6]])
@pytest.mark.parametrize("values", [["a"] * 6, list(range(6))])
def test_wrong_offsets_of_lists_are_refused(pa: Any, offsets: list[int], values: list[Any]) -> None:
    array = pa.Array.from_buffers(pa.list_(pa.array(values).type), len(offsets) - 1, [
        None, pa.py_buffer(np.array(offsets, np.int32).tobytes())], children=[pa.array(values)])
    with pytest.raises(W2VError, match="the column is damaged"):
        read(array)


def test_long_texts_are_cut_at_white_space(pa: Any) -> None:
    words = [f"w{n}" for n in range(3000)]
    text = " ".join(words[:1500]) + "\r\n" + "\t".join(words[1500:]) + " " + "y" * 5000
    table = pa.table({"x": ["a b", text, "c"]})
    blocks = list(open_source(CorpusInput.of(table, {"column": "x"})).blocks(100))
    sizes = [block.size for block in blocks if isinstance(block, StringBlock)]
    assert len(sizes) == len(blocks) > 100 and sorted(sizes)[-2] <= 102
    assert lines(table, column="x", block_size=100) == [["a", "b"], words[:1500], [*words[1500:], "y" * 5000], ["c"]]


def test_text_without_white_space_is_refused(pa: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("w2v.corpus.tables.columns.MAX_WORD", 1 << 12)
    with pytest.raises(CorpusError, match="the table: row 1: no white space for 64 MiB"):
        read(pa.array(["a", "x" * (1 << 15)]), block_size=64)
    with pytest.raises(CorpusError, match="the table: row 2: a token of more than 64 MiB"):
        read(pa.array([["a"], [], ["b", "x" * (1 << 15)]]), block_size=64)


def test_blocks_share_the_memory_of_the_column(pa: Any) -> None:
    array = pa.array(["some words of text"] * 1000)
    block = next(iter(open_source(CorpusInput.of(array)).blocks()))
    assert isinstance(block, StringBlock)
    data = array.buffers()[2]
    assert block.data.ctypes.data == data.address and len(block.starts) == 1000
    block = next(iter(open_source(CorpusInput.of(pa.array([[1, 2]] * 5))).blocks()))
    assert isinstance(block, IntegerBlock) and block.values.tolist() == [1, 2, -1] * 5


def test_many_rows_are_read_in_parts(pa: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("w2v.corpus.tables.columns.ROWS_AT_ONCE", 3)
    for rows in (TOKENS, NUMBERS):
        assert found(pa.array(rows)) == found(as_sentences(rows))
    assert found(pa.array(TEXTS)) == of_text(TEXTS)
