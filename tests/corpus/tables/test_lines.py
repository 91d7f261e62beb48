"""CSV, TSV and JSON lines: quotes, delimiters, long rows, types, encodings and damage."""

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.tables import PACK, lines, read, write

from w2v.corpus.tables import lines as text_tables
from w2v.corpus.tables.files import open_file
from w2v.errors import FormatError


@pytest.fixture
def pa() -> Any:
    return pytest.importorskip("pyarrow")


def file(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# --- CSV -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("content", "expected"), [
    ('id,text\n1,"a, b"\n2,"c ""d"" e"\n', [["a,", "b"], ["c", '"d"', "e"]]),
    ('id,text\n1,"a\nb c"\n2,d\n', [["a"], ["b", "c"], ["d"]]), ("text\na b\n\nc\n", [["a", "b"], ["c"]]),
    ("id;text\n1;a, b\n2;c\n", [["a,", "b"], ["c"]]), ("id|text\n1|a b\n", [["a", "b"]]),
    ("id\ttext\n1\ta b\n", [["a", "b"]]), ("\ufeffid,text\n1,a b\n", [["a", "b"]]),
    ("text,id\r\na b,1\r\nc,2\r\n", [["a", "b"], ["c"]]), ("text,id\na b,1\nc,2", [["a", "b"], ["c"]]),
    ("text,id\nNA,1\nnull 007,2\n,3\n", [["NA"], ["null", "007"]]), ('"id","text"\n1,a b\n', [["a", "b"]]),
    ("id,text\n1,true\n2,2024-01-01\n3,1.50\n", [["true"], ["2024-01-01"], ["1.50"]])])
def test_csv_of_every_form_is_read(pa: Any, tmp_path: Path, content: str, expected: Any) -> None:
    assert lines(file(tmp_path / "t.csv", content), column="text") == expected


def test_tsv_is_read(pa: Any, tmp_path: Path) -> None:
    assert lines(file(tmp_path / "t.TSV", 'id\ttext\n1\ta, b\n2\tsaid "c"\n'), column="text") == [
        ["a,", "b"], ["said", '"c"']]


def test_bytes_that_are_no_utf8_are_kept_as_in_text(pa: Any, tmp_path: Path) -> None:
    content = "text\ncafé\n".encode("latin-1")
    encoded = read(file(tmp_path / "t.csv", content), column="text")
    plain = read(file(tmp_path / "t.txt", content[5:]))
    assert encoded.vocabulary.words == plain.vocabulary.words and encoded.report.invalid_utf8_words == 1


@pytest.mark.parametrize(("content", "said"), [
    ("id,text\n1,a\n2,b,c\n", "the CSV is damaged or cannot be read .*Expected 2 columns, got 3"),
    ("", "this is not a table|the file is empty"), ("\n\n", "the file is empty"),
    ("id,text\n1,a\n".encode("utf-16"), "this is UTF-16")])
def test_damaged_csv_is_refused(pa: Any, tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(FormatError, match=f"t.csv.*: {said}"):
        read(file(tmp_path / "t.csv", content), column="text")


def test_quotation_mark_that_is_not_closed_is_refused(pa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_tables, "CSV_BLOCK", 1 << 12)
    path = file(tmp_path / "t.csv", 'id,text\n1,"a b\n' + "2,c d\n" * 5000)
    with pytest.raises(FormatError, match="t.csv: a row of more than 0 MiB.*is a quotation mark not closed"):
        read(path, column="text")


def test_order_that_is_no_number_later_is_refused(pa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_tables, "CSV_BLOCK", 1 << 10)
    path = file(tmp_path / "t.csv", "user,time,text\n" + "1,5,a\n" * 500 + "1,soon,a\n")
    with pytest.raises(FormatError, match="t.csv: the CSV is damaged.*soon"):
        read(path, column="text", group_by="user", order_by="time")


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("pack", [None, "gz"])
def test_positions_of_text_files_rise(pa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str,
                                      pack: str | None) -> None:
    monkeypatch.setattr(text_tables, "CSV_BLOCK", 1 << 12)
    monkeypatch.setattr(text_tables, "JSON_BLOCK", 1 << 12)
    path = write(tmp_path / f"t.{form}", pa.table({"text": [f"some words {n * n}" for n in range(5000)]}))
    if pack:
        path = file(tmp_path / f"t.{form}.gz", PACK[pack](path.read_bytes()))
    table, positions = open_file(path.as_posix()), []
    for batch in table.batches(["text"], ["text"]):
        assert batch.schema.names == ["text"]
        positions.append(table.position)
    assert len(positions) > 10 and positions == sorted(positions) and table.position == path.stat().st_size
    assert table.from_start and table.parts() == [] and (pack or positions[0] < path.stat().st_size)


# --- JSON lines ----------------------------------------------------------------------------------------------------


def jsonl(path: Path, rows: list[Any]) -> Path:
    return file(path, "".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize(("rows", "expected"), [
    ([{"text": "a b"}, {"other": 1}, {"text": None}, {"text": "c"}], [["a", "b"], ["c"]]),
    ([{"text": "2024-01-01"}, {"text": "a b"}], [["2024-01-01"], ["a", "b"]]),
    ([{"text": "a\nb \u00e9 \u6211"}], [["a"], ["b", "é", "我"]]),
    ([{"text": []}, {"text": ["a b", "c"]}], [["a b", "c"]]), ([{"text": [3, 1]}, {"text": []}], [["3", "1"]]),
    ([{"text": ["2024-01-01", "x"]}], [["2024-01-01", "x"]])])
def test_json_lines_of_every_form_are_read(pa: Any, tmp_path: Path, rows: Any, expected: Any) -> None:
    for name in ("t.jsonl", "t.ndjson", "t.json"):
        assert lines(jsonl(tmp_path / name, rows), column="text") == expected


def test_blank_lines_and_a_missing_line_end_are_accepted(pa: Any, tmp_path: Path) -> None:
    path = file(tmp_path / "t.jsonl", '\n{"text": "a"}\n\n\r\n{"text": "b"}')
    assert lines(path, column="text") == [["a"], ["b"]]


def test_values_that_are_missing_at_first_are_texts(pa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_tables, "JSON_HEAD", 64)
    path = jsonl(tmp_path / "t.jsonl", [{"text": None}] * 20 + [{"text": "a b"}])
    assert lines(path, column="text") == [["a", "b"]] and read(path, column="text").report.null_rows == 20


def test_lines_are_cut_anywhere(pa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_tables, "JSON_BLOCK", 50)
    monkeypatch.setattr(text_tables, "JSON_PART", 60)
    rows = [{"text": f"word{n} " * (n % 40)} for n in range(100)]
    path = jsonl(tmp_path / "t.jsonl", rows)
    assert lines(path, column="text") == [row["text"].split() for row in rows if row["text"]]


@pytest.mark.parametrize(("content", "said"), [
    ('{"text": "a"}\n{"text": ["b"]}\n', "byte 0: these lines are not JSON objects of the same types"),
    ('{"text": "a"}\n{"text": \n', "these lines are not JSON objects"), ("plain words\n", "these lines are not JSON"),
    ('[{"text": "a"}]\n', "this is a JSON array.*jq -c"), ("\n", "the file is empty")])
def test_damaged_json_lines_are_refused(pa: Any, tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(FormatError, match=f"t.jsonl.*{said}"):
        read(file(tmp_path / "t.jsonl", content), column="text")


def test_damage_after_the_first_block_has_its_byte(pa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_tables, "JSON_BLOCK", 140)
    monkeypatch.setattr(text_tables, "JSON_HEAD", 140)
    path = file(tmp_path / "t.jsonl", '{"text": "a"}\n' * 20 + "broken\n")
    with pytest.raises(FormatError, match="t.jsonl, byte 280: these lines"):
        read(path, column="text")


def test_endless_line_is_refused(pa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_tables, "LONGEST_LINE", 1 << 18)
    with pytest.raises(FormatError, match="a line of more than 0 MiB: are these JSON lines"):
        read(file(tmp_path / "t.jsonl", b'{"text": "' + b"x" * (1 << 19)), column="text")


@pytest.mark.parametrize("name", ["t.csv.gz", "t.jsonl.gz"])
def test_damaged_compression_is_an_error(pa: Any, tmp_path: Path, name: str) -> None:
    row = b'{"text": "%d words"}\n' if "json" in name else b"%d words\n"
    content = (b"" if "json" in name else b"text\n") + b"".join(row % (n * n) for n in range(100_000))
    packed = PACK["gz"](content)
    with pytest.raises(FormatError, match=f"{name}.*: the compressed data end too early"):
        read(file(tmp_path / name, packed[:-len(packed) // 3]), column="text")
