"""Rows with equal keys as one line: as a stream and sorted in memory, with equal lines from both."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.tables import FORMATS, found, lines, read, write

from w2v.corpus.tables import grouping
from w2v.errors import CorpusError, FormatError, W2VError


@pytest.fixture
def pa() -> Any:
    return pytest.importorskip("pyarrow")


def events(seed: int, n: int, sessions: int) -> tuple[list[int], list[int], list[str]]:
    """Sessions, distinct times and items of random events."""
    rng = np.random.default_rng(seed)
    return (rng.integers(0, sessions, n).tolist(), rng.permutation(n).tolist(),
            [f"i{item}" for item in rng.integers(0, 50, n)])


def expected(session: list[Any], time: list[Any] | None, item: list[str]) -> list[list[str]]:
    """Lines by plain Python: in the order of first rows, each in the order of time, else of rows."""
    groups: dict[Any, list[tuple[Any, int, str]]] = {}
    for row, (key, word) in enumerate(zip(session, item, strict=True)):
        groups.setdefault(key, []).append((0 if time is None else time[row], row, word))
    return [[word for *_, word in sorted(group)] for group in groups.values()]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("order", [None, "time"])
def test_events_become_the_lines_of_their_sessions(pa: Any, tmp_path: Path, form: str, order: str | None) -> None:
    session, time, item = events(1, 400, 40)
    path = write(tmp_path / f"t.{form}", pa.table({"time": time, "item": item, "user": session}))
    wanted = expected(session, time if order else None, item)
    assert lines(path, column="item", group_by="user", order_by=order, block_size=64) == wanted and len(wanted) == 40


@pytest.mark.parametrize("how", ["table", "stream", "files"])
def test_tables_streams_and_files_give_the_same_lines(pa: Any, tmp_path: Path, how: str) -> None:
    session, time, item = events(2, 300, 30)
    table = pa.table({"time": time, "item": item, "user": [f"u{n}" for n in session]})
    corpus: Any = {"table": lambda: table, "stream": table.to_reader, "files": lambda: [
        write(tmp_path / f"{k}.parquet", table.slice(100 * k, 100), row_group_size=30) for k in range(3)]}[how]()
    assert lines(corpus, column="item", group_by="user", order_by="time") == expected(session, time, item)


@pytest.mark.parametrize("kind", ["integers", "large", "lists", "numbers", "dictionary", "text"])
def test_every_kind_of_column_is_grouped(pa: Any, kind: str) -> None:
    session = [3, 1, 3, 1, 3]
    column, wanted = {
        "integers": (pa.array([7, 8, 9, 8, 7]), [["7", "9", "7"], ["8", "8"]]),
        "large": (pa.array([7, 8, 9, 8, 7], pa.uint64()), [["7", "9", "7"], ["8", "8"]]),
        "lists": (pa.array([["a", "b c"], ["d"], [], [], ["a"]]), [["a", "b c", "a"], ["d"]]),
        "numbers": (pa.array([[1], [2, 3], [], [4], [5, 6]]), [["1", "5", "6"], ["2", "3", "4"]]),
        "dictionary": (pa.array(["a", "b", "a", "c", "b"]).dictionary_encode(), [["a", "a", "b"], ["b", "c"]]),
        "text": (pa.array(["a b", "c", "d\ne", "f", "g"]), [["a", "b", "d"], ["e", "g"], ["c", "f"]])}[kind]
    unsorted = pa.table({"x": column, "user": session})
    in_order = unsorted.take([0, 2, 4, 1, 3])
    for table in (unsorted, in_order):
        assert lines(table, column="x", group_by="user") == wanted
        assert lines(table.to_reader(), column="x", group_by="user") == wanted
        assert lines(table, column="x", group_by="user", block_size=1) == wanted
    assert read(unsorted, column="x", group_by="user").vocabulary.integer_keys == (kind in (
        "integers", "large", "numbers"))


def test_groups_of_empty_lists_end_lines_only_between_words(pa: Any) -> None:
    rows = [["a"], [], [], [], ["b"], [], ["c"], ["d"], []]
    batches = [{"x": rows[k:k + 2], "user": [1, 1, 2, 3, 3, 3, 3, 4, 4][k:k + 2]} for k in range(0, 9, 2)]
    table = pa.concat_tables([pa.table(batch, pa.schema([("x", pa.list_(pa.string())), ("user", pa.int64())]))
                              for batch in batches])
    assert lines(table, column="x", group_by="user") == [["a"], ["b", "c"], ["d"]]
    assert lines(table.to_reader(), column="x", group_by="user") == [["a"], ["b", "c"], ["d"]]


@pytest.mark.parametrize("keys", [
    ["u", "v", "u"], [1.5, 2.5, 1.5], [True, False, True], [b"u", b"v", b"u"],
    np.array(["2024-01-01T00:00:00.000000001", "2024-01-02", "2024-01-01T00:00:00.000000001"], "datetime64[ns]")])
def test_keys_of_every_type_are_compared(pa: Any, keys: Any) -> None:
    table = pa.table({"x": ["a", "b", "c"], "key": pa.array(keys)})
    for one in (table, table.set_column(1, "key", table["key"].dictionary_encode())):
        assert lines(one, column="x", group_by="key") == [["a", "c"], ["b"]]
        assert lines(one.take([0, 2, 1]), column="x", group_by="key") == [["a", "c"], ["b"]]


def test_rows_without_a_key_or_a_value_are_left_out_and_counted(pa: Any) -> None:
    table = pa.table({"x": ["a", "b", None, "d", "e"], "key": pa.array([1.0, None, 1.0, float("nan"), 1.0])})
    for corpus in (table, table.to_reader()):
        encoded = read(corpus, column="x", group_by="key")
        assert (encoded.report.null_rows, encoded.n_words, encoded.report.lines) == (3, 2, 1)


def test_rows_without_a_time_come_last(pa: Any) -> None:
    table = pa.table({"x": ["a", "b", "c", "d"], "key": [1, 1, 1, 1], "time": [3, None, 1, None]})
    assert lines(table, column="x", group_by="key", order_by="time") == [["c", "a", "b", "d"]]


def test_data_frames_of_polars_are_grouped(pa: Any) -> None:
    pl = pytest.importorskip("polars")
    session, time, item = events(3, 200, 20)
    table = pl.DataFrame({"time": time, "item": item, "user": [f"u{n}" for n in session]})
    assert lines(table, column="item", group_by="user", order_by="time") == expected(session, time, item)
    ordered = table.sort("user", "time", maintain_order=True)
    assert sorted(lines(ordered, column="item", group_by="user")) == sorted(expected(session, time, item))
    lists = table.select(pl.concat_list("item", "item").alias("x"), "user")
    assert lines(lists, column="x", group_by="user") == [
        [word for word in row for _ in "ab"] for row in expected(session, None, item)]


@pytest.mark.parametrize("kind", ["list_", "large_list", "list_view"])
@pytest.mark.parametrize("inner", ["string", "string_view", "int32"])
def test_lists_of_every_type_are_grouped(pa: Any, kind: str, inner: str) -> None:
    rows = [[1], [2, 3], [4, 5]] if inner == "int32" else [["1"], ["2", "3"], ["4", "5"]]
    plain = pa.array(rows, pa.list_(pa.int32() if inner == "int32" else pa.string()))
    try:
        array = plain.cast(getattr(pa, kind)(getattr(pa, inner)()))
    except pa.ArrowNotImplementedError:
        pytest.skip("pyarrow cannot make this type")
    for key in ([1, 2, 1], [1, 1, 2]):
        wanted = [["1", "4", "5"], ["2", "3"]] if key[1] == 2 else [["1", "2", "3"], ["4", "5"]]
        assert lines(pa.table({"x": array, "key": key}), column="x", group_by="key") == wanted


def test_texts_that_are_no_utf8_are_grouped(pa: Any) -> None:
    table = pa.table({"x": pa.array([b"a\xff", b"b", b"c"]).view(pa.string()), "key": [1, 2, 1]})
    encoded = read(table, column="x", group_by="key")
    assert encoded.report.invalid_utf8_words == 1 and encoded.report.lines == 2


def test_columns_may_be_the_same(pa: Any) -> None:
    table = pa.table({"x": ["a", "b", "a"]})
    assert lines(table, column="x", group_by="x", order_by="x") == [["a", "a"], ["b"]]


def test_times_of_csv_are_ordered_as_numbers(tmp_path: Path, pa: Any) -> None:
    (tmp_path / "t.csv").write_text("user,time,item\n7,10,b\n7,9,a\n7,100,c\n")
    assert lines(tmp_path / "t.csv", column="item", group_by="user", order_by="time") == [["a", "b", "c"]]


def test_keys_that_cannot_be_compared_are_refused(pa: Any, tmp_path: Path) -> None:
    table = pa.table({"x": ["a"], "key": [[1]]})
    with pytest.raises(CorpusError, match="the column 'key' is of type list<.*values that can be compared"):
        read(table, column="x", group_by="key")
    write(tmp_path / "a.parquet", pa.table({"x": ["a"], "key": [1]}))
    write(tmp_path / "b.parquet", pa.table({"x": ["a"], "key": ["u"]}))
    with pytest.raises(FormatError, match="b.parquet: the column 'key' is of type large_binary and in the tables bef"):
        read(tmp_path, column="x", group_by="key")


# --- which way, and memory -----------------------------------------------------------------------------------------


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ways in which rows were grouped since the start of the test."""
    taken: list[str] = []
    ways = {name: getattr(grouping.Grouping, name) for name in ("_stream", "_sorted")}
    for name in ways:
        def spy(self: Any, *args: Any, _name: str = name) -> Any:
            taken.append(_name)
            return ways[_name](self, *args)

        monkeypatch.setattr(grouping.Grouping, name, spy)
    return taken


@pytest.mark.parametrize(("session", "time", "way"), [
    ([1, 1, 2, 2, 3], None, "_stream"), ([3, 3, 1, 2, 2], None, "_stream"), ([1, 2, 1, 2, 3], None, "_sorted"),
    ([1, 1, 2, 2, 1], None, "_sorted"), ([1, 1, 2, 2, 3], [1, 2, 1, 2, 0], "_stream"),
    ([1, 1, 2, 2, 3], [2, 1, 1, 2, 0], "_sorted"), ([1, 1, 2, 2, 3], [1, None, 1, 2, 0], "_sorted"),
    ([1, 1, 1, 1, 1], [1, 2, 2, 3, 4], "_stream"), ([1, 1, 1, 1, 1], [1, 2, 2, 3, 2], "_sorted")])
@pytest.mark.parametrize("chunk", [1, 2, 5])
def test_rows_in_order_are_read_as_a_stream(pa: Any, ways: list[str], session: Any, time: Any, way: str,
                                            chunk: int) -> None:
    table = pa.table({"x": list("abcde"), "key": session, "time": time or [0] * 5})
    table = pa.concat_tables([table.slice(k, chunk) for k in range(0, 5, chunk)])
    order = None if time is None else "time"
    found(table, column="x", group_by="key", order_by=order)
    assert ways == [way]
    found(table.to_reader(), column="x", group_by="key", order_by=order)
    assert ways == [way, "_sorted"]


def test_keys_that_come_again_are_noticed_early(pa: Any, ways: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "_FIRST_CHECK", 4)
    runs = grouping._Runs()
    assert runs.add(pa.array([1, 2, 3]), None) and not runs.add(pa.array([1, 4]), None)
    runs = grouping._Runs()
    assert all(runs.add(pa.array([n, n]), None) for n in range(50)) and runs.are_distinct()


def test_a_group_that_never_ends_is_read_as_a_stream(pa: Any, ways: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("w2v.system.resources.available_memory", lambda: 0)
    table = pa.table({"x": ["some words"] * 300_000, "key": [5] * 300_000})
    encoded = read(table, column="x", group_by="key")
    assert (encoded.report.lines, encoded.report.longest_line, ways) == (1, 600_000, ["_stream"])


def test_rows_that_do_not_fit_into_memory_are_refused(pa: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("w2v.system.resources.available_memory", lambda: 80 << 20)
    n = 300_000
    table = pa.table({"x": ["some words " * 30] * n, "key": [*range(n // 2), *range(n // 2)]})
    for corpus in (table, table.to_reader()):
        with pytest.raises(W2VError, match=r"the table: sorting the rows by 'key': 0\.. GB of memory are needed and "
                                           r"0.1 GB are free; store the table sorted by 'key', which is then read"):
            read(corpus, column="x", group_by="key")


def test_errors_of_sorted_rows_say_which_row(pa: Any) -> None:
    table = pa.table({"x": [1, 2, -5], "key": [1, 2, 1]})
    with pytest.raises(CorpusError, match="rows with a value, of all tables: row 2: the number -5"):
        read(table, column="x", group_by="key")
