"""Tables as a corpus: equal ids from all formats and from text, types, names, several files, and the command line."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.tables import FORMATS, NUMBERS, PACK, TEXTS, TOKENS, as_sentences, as_text, found, lines, read, write

import w2v
from w2v.corpus.tables.arrow import arrow
from w2v.errors import CorpusError, FormatError, W2VError

OPTIONS: dict[str, Any] = {"vector_size": 4, "min_count": 1, "threads": 1, "progress": False, "sample": 0}


@pytest.fixture
def pa() -> Any:
    return pytest.importorskip("pyarrow")


@pytest.fixture
def table(pa: Any) -> Any:
    n = len(TOKENS)
    return pa.table({"id": range(n), "text": (TEXTS * 2)[:n], "tokens": TOKENS, "numbers": NUMBERS})


@pytest.mark.parametrize("block_size", [1, 30, 1 << 19])
@pytest.mark.parametrize("form", FORMATS)
def test_texts_give_the_ids_of_a_text_file(pa: Any, tmp_path: Path, form: str, block_size: int) -> None:
    path = write(tmp_path / f"t.{form}", pa.table({"n": range(len(TEXTS)), "text": TEXTS}))
    expected = found(as_text(tmp_path / "t.txt", TEXTS))
    assert found(path, column="text", block_size=block_size) == expected and len(expected[1]) > 50
    encoded = read(path, column="text")
    nulls = 0 if form in ("csv", "tsv") else TEXTS.count(None)  # an empty value of CSV is an empty text
    assert (encoded.report.null_rows, encoded.report.files) == (nulls, 1)
    assert encoded.report.bytes_read == path.stat().st_size


@pytest.mark.parametrize("block_size", [1, 30, 1 << 19])
@pytest.mark.parametrize("form", ["parquet", "arrow", "arrows", "jsonl"])
def test_lists_give_the_ids_of_sentences(table: Any, tmp_path: Path, form: str, block_size: int) -> None:
    path = write(tmp_path / f"t.{form}", table)
    for column, rows in (("tokens", TOKENS), ("numbers", NUMBERS)):
        assert found(path, column=column, block_size=block_size) == found(as_sentences(rows))
    report = read(path, column="tokens").report
    assert (report.null_rows, report.null_tokens, report.empty_tokens) == (7, 7, 7)
    report = read(path, column="numbers").report
    assert (report.null_rows, report.null_tokens, report.empty_tokens) == (7, 7, 0)


@pytest.mark.parametrize("pack", PACK)
@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "arrows"])
def test_compressed_tables_are_read(pa: Any, tmp_path: Path, form: str, pack: str) -> None:
    plain = write(tmp_path / f"t.{form}", pa.table({"text": TEXTS, "n": range(len(TEXTS))}))
    packed = tmp_path / f"t.{form}.{pack}"
    packed.write_bytes(PACK[pack](plain.read_bytes()))
    assert found(packed, column="text") == found(plain, column="text")
    assert read(packed, column="text").report.bytes_read == packed.stat().st_size


def test_zstd_tables_are_read_or_refused_as_texts_are(pa: Any, tmp_path: Path) -> None:
    plain = write(tmp_path / "t.csv", pa.table({"text": TEXTS}))
    (tmp_path / "t.csv.zst").write_bytes(pa.compress(plain.read_bytes(), codec="zstd", asbytes=True))
    try:
        assert found(tmp_path / "t.csv.zst", column="text") == found(plain, column="text")
    except W2VError as error:
        assert "zstd" in str(error)


def test_folders_globs_and_lists_mix_formats(pa: Any, tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    for number, form in enumerate(FORMATS):
        write(folder / f"{number}.{form}", pa.table({"text": [f"word{number} all", "red"], "n": [1, 2]}))
    (folder / "_SUCCESS").touch()
    expected = [line for number in range(len(FORMATS)) for line in ([f"word{number}", "all"], ["red"])]
    assert lines(folder, column="text") == lines(sorted(folder.glob("[0-9]*")), column="text") == expected
    assert lines(f"{folder}/[0-9]*", column="text") == expected
    report = read(folder, column="text").report
    assert (report.files, report.hidden_files_skipped) == (len(FORMATS), 1)


def test_files_of_different_kinds_of_column_are_refused(pa: Any, tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", pa.table({"x": ["a b"]}))
    write(tmp_path / "b.parquet", pa.table({"x": pa.nulls(2)}))
    write(tmp_path / "c.parquet", pa.table({"x": [["a", "b"]]}))
    assert lines([tmp_path / "b.parquet", tmp_path / "a.parquet"], column="x") == [["a", "b"]]
    with pytest.raises(FormatError, match="c.parquet: the column 'x' has lists of words, and in the files before it"):
        read(tmp_path, column="x")


# --- errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_missing_column_lists_the_columns(pa: Any, tmp_path: Path, form: str) -> None:
    path = write(tmp_path / f"t.{form}", pa.table({"id": [1], "body": ["a b"]}))
    with pytest.raises(FormatError, match=rf"t.{form}: there is no column 'text'; the columns are 'id', 'body'$"):
        read(path, column="text")
    with pytest.raises(FormatError, match="there is no column 'user'"):
        read(path, column="body", group_by="user")
    with pytest.raises(FormatError, match="there is no column 'time'"):
        read(path, column="body", group_by="id", order_by="time")


def test_many_columns_are_shortened(pa: Any) -> None:
    with pytest.raises(CorpusError, match=r"'c19', \.\.\.$"):
        read(pa.table({f"c{n}": [1] for n in range(30)}), column="text")


def test_column_that_occurs_twice_is_refused(pa: Any, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,text\na b,c d\n")
    twice = pa.Table.from_arrays([pa.array(["a b"]), pa.array(["c d"])], names=["text", "text"])
    for corpus in (tmp_path / "t.csv", write(tmp_path / "t.parquet", twice), twice):
        with pytest.raises(W2VError, match="there are several columns 'text'"):
            read(corpus, column="text")


@pytest.mark.parametrize(("values", "kind", "said"), [
    ([1.5], "float64", "is of type double; it needs text, lists of words, or integers"),
    ([True], "bool_", "is of type bool"), ([3], "int64", "is of type int64; it needs text or lists.*--group-by"),
    ([{"a": 1}], None, "is of type struct<a: int64>"), ([[1.5]], None, "is of type list<.*double>"),
    ([[["a"]]], None, "is of type list<.*list<.*string>>")])
def test_column_of_another_type_is_refused(pa: Any, tmp_path: Path, values: Any, kind: str | None, said: str) -> None:
    table = pa.table({"x": pa.array(values, getattr(pa, kind)() if kind else None)})
    with pytest.raises(FormatError, match=f"t.parquet: the column 'x' {said}"):
        read(write(tmp_path / "t.parquet", table), column="x")
    with pytest.raises(CorpusError, match=f"the table: the column 'x' {said}"):
        read(table, column="x")


@pytest.mark.parametrize(("values", "kind", "said"), [
    ([[1, 2], [3, -4]], "int64", "row 1: the number -4"), ([[1], [], [2**63]], "uint64", "row 2: the number 92233"),
    ([[1], None, [None, 2], [2**64 - 1]], "uint64", "row 3: the number 18446744073709551615"),
    ([[-1]], "int8", "row 0: the number -1; an item number is from 0")])
def test_integers_out_of_range_are_refused_with_their_row(pa: Any, tmp_path: Path, values: Any, kind: str,
                                                          said: str) -> None:
    table = pa.table({"x": pa.array(values, pa.list_(getattr(pa, kind)()))})
    with pytest.raises(FormatError, match=f"t.parquet: {said}"):
        read(write(tmp_path / "t.parquet", table), column="x")


def test_nul_bytes_and_bytes_beyond_utf8_are_refused_with_their_row(pa: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", pa.table({"x": ["a b", None, "c\0d"]}))
    with pytest.raises(FormatError, match="row 2: NUL byte"):
        read(path, column="x")
    table = pa.table({"x": pa.array([[b"a"], None, [], [b"b", b"\xff"]], pa.list_(pa.binary()))})
    with pytest.raises(CorpusError, match="the table: row 3: a token has a byte 0xFE or 0xFF"):
        read(table, column="x")
    assert lines(pa.table({"x": [["a\0b", "c d"]]}), column="x") == [["a\0b", "c d"]]


def test_column_without_a_table_is_refused(pa: Any, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "t.txt").write_text("a b\n")
    (tmp_path / "t.pdf").write_bytes(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
    with pytest.raises(FormatError, match="t.txt: this is not a table, but the name of a column was given"):
        read(tmp_path / "t.txt", column="text")
    with pytest.raises(FormatError, match="t.pdf: this is a PDF document, but the name of a column was given"):
        read(tmp_path / "t.pdf", column="text")
    with pytest.raises(W2VError, match="a table needs a file: standard input"):
        read("-", column="text")
    for corpus in ([["a", "b"]], np.array([1, 2, -1]), iter([["a"]])):
        with pytest.raises(TypeError, match="column='text' was given, but the corpus is not a table: an? "):
            read(corpus, column="text")
    with pytest.raises(TypeError, match="column='text' was given, but the corpus is a column"):
        read(pa.array(["a b"]), column="text")
    with pytest.raises(TypeError, match="group_by names a column of a table"):
        read(tmp_path / "t.txt", group_by="user")


def test_line_weights_are_refused(pa: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", pa.table({"x": ["1 a b"]}))
    with pytest.raises(CorpusError, match="line_weights needs text or lists of tokens; integers and tables"):
        w2v.train(path, column="x", line_weights=True, **OPTIONS)


def test_missing_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr("w2v.corpus.tables.arrow.importlib.import_module", fail)
    with pytest.raises(W2VError, match=r"reading tables needs pyarrow; install it with: pip install 'w2v\[data\]'"):
        arrow("parquet")
    (tmp_path / "t.csv").write_text("text\na b\n")
    with pytest.raises(W2VError, match=r"w2v\[data\]"):
        w2v.train(tmp_path / "t.csv", column="text", **OPTIONS)
    assert lines(tmp_path / "t.csv") == [["text"], ["a", "b"]]  # without `column` it is text


# --- whole runs ----------------------------------------------------------------------------------------------------


def test_training_on_a_table_gives_the_vectors_of_the_text(pa: Any, tmp_path: Path) -> None:
    texts = ["red green blue", "green red", None, "blue\nred red"] * 20
    path = write(tmp_path / "t.parquet", pa.table({"text": texts}))
    model = w2v.train(path, column="text", **OPTIONS)
    other = w2v.train(as_text(tmp_path / "t.txt", texts), **OPTIONS)
    assert model.wv.vectors.tobytes() == other.wv.vectors.tobytes()
    assert model.report.corpus.null_rows == 20


def test_command_line_trains_on_a_table(pa: Any, tmp_path: Path, run) -> None:
    path = write(tmp_path / "t.parquet", pa.table({"text": ["red green blue", None, "green red"] * 9, "n": range(27)}))
    arguments = ("train", path, "-o", tmp_path / "v.bin", "--min-count", 1, "--vector-size", 4, "--threads", 1)
    code, _, shown = run(*arguments, "--column", "text")
    assert code == 0 and "rows without a value skipped" in shown and (tmp_path / "v.bin").exists()
    code, _, shown = run(*arguments, "--column", "body")
    assert code == 1 and "there is no column 'body'; the columns are 'text', 'n'" in shown
    code, _, shown = run(*arguments)
    assert code == 1 and "this is a Parquet file, not text" in shown and "--column NAME" in shown


def test_csv_as_text_is_warned_about_with_the_option(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,text\n" + "".join(f"{n},red green blue {n}\n" for n in range(30)))
    model = w2v.train(tmp_path / "t.csv", **OPTIONS)
    assert any("--column NAME" in warning for warning in model.report.warnings)
