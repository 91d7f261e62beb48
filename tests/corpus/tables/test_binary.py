"""Parquet and Arrow files: row groups, compressions, damage that is named, and positions."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from helpers.tables import TEXTS, as_text, found, read, write

from w2v.corpus.paths import CorpusInput
from w2v.corpus.source import open_source
from w2v.corpus.tables.binary import ArrowFile, ParquetFile
from w2v.corpus.tables.files import open_file
from w2v.errors import FormatError, W2VError


@pytest.fixture
def pa() -> Any:
    return pytest.importorskip("pyarrow")


@pytest.mark.parametrize("options", [
    {"compression": "none", "use_dictionary": False}, {"compression": "zstd"}, {"compression": "gzip"},
    {"row_group_size": 5}, {"data_page_version": "2.0", "data_page_size": 64}, {"store_schema": False},
    {"write_page_checksum": True}, {"column_encoding": "DELTA_BYTE_ARRAY", "use_dictionary": False}], ids=str)
def test_parquet_of_every_layout_is_read(pa: Any, tmp_path: Path, options: dict[str, Any]) -> None:
    path = write(tmp_path / "t.parquet", pa.table({"text": TEXTS, "other": TEXTS}), **options)
    assert found(path, column="text") == found(as_text(tmp_path / "t.txt", TEXTS))


@pytest.mark.parametrize("form", ["arrow", "arrows"])
@pytest.mark.parametrize("options", [{}, {"compression": "lz4"}, {"compression": "zstd"}, {"row_group_size": 5}],
                         ids=str)
def test_arrow_of_every_layout_is_read(pa: Any, tmp_path: Path, form: str, options: dict[str, Any]) -> None:
    path = write(tmp_path / f"t.{form}", pa.table({"n": range(len(TEXTS)), "text": TEXTS}), **options)
    assert found(path, column="text") == found(as_text(tmp_path / "t.txt", TEXTS))


def test_content_and_not_the_name_decides(pa: Any, tmp_path: Path) -> None:
    table = pa.table({"text": TEXTS})
    for form in ("parquet", "arrow", "arrows"):
        path = write(tmp_path / f"t.{form}", table).rename(tmp_path / f"{form}.csv")
        assert found(path, column="text") == found(as_text(tmp_path / "t.txt", TEXTS))


def test_names_with_a_dot_are_columns(pa: Any, tmp_path: Path) -> None:
    table = pa.table({"text": ["no"], "text.en": ["a b"], "s": [{"text": "c"}]})
    assert found(write(tmp_path / "t.parquet", table), column="text.en")[0] == ["a", "b"]


def test_dictionaries_of_files_are_read(pa: Any, tmp_path: Path) -> None:
    table = pa.table({"text": pa.array(TEXTS).dictionary_encode()})
    for form in ("parquet", "arrow", "arrows"):
        path = write(tmp_path / f"t.{form}", table)
        assert found(path, column="text") == found(as_text(tmp_path / "t.txt", TEXTS))


def test_compressed_files_that_need_positions_are_refused(pa: Any, tmp_path: Path) -> None:
    for form in ("parquet", "arrow"):
        path = write(tmp_path / f"t.{form}", pa.table({"text": TEXTS}))
        (tmp_path / "p.gz").write_bytes(gzip.compress(path.read_bytes()))
        with pytest.raises(FormatError, match=r"p.gz: this is an? \w+ file in gzip.*decompress it first"):
            read(tmp_path / "p.gz", column="text")


# --- damage --------------------------------------------------------------------------------------------------------


def overwritten(path: Path, begin: int, data: bytes) -> Path:
    content = bytearray(path.read_bytes())
    content[begin:begin + len(data)] = data
    path.write_bytes(content)
    return path


def test_damaged_row_group_is_named(pa: Any, tmp_path: Path) -> None:
    table = pa.table({"text": [f"word{n} other" for n in range(400)]})
    path = write(tmp_path / "t.parquet", table, row_group_size=100, compression="zstd")
    chunk = pa.parquet.ParquetFile(path).metadata.row_group(2).column(0)
    overwritten(path, chunk.data_page_offset + 20, b"\x55" * 200)
    with pytest.raises(FormatError, match="t.parquet: row group 2 is damaged or cannot be read"):
        read(path, column="text")


def test_damaged_values_are_found_by_checksums(pa: Any, tmp_path: Path) -> None:
    table = pa.table({"text": [f"word{n} other" for n in range(400)]})
    path = write(tmp_path / "t.parquet", table, row_group_size=100, compression="none", use_dictionary=False,
                 write_page_checksum=True)
    content = path.read_bytes()
    overwritten(path, content.index(b"word333"), b"ward333")
    with pytest.raises(FormatError, match="row group 3 is damaged.*CRC"):
        read(path, column="text")


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_truncated_file_is_refused(pa: Any, tmp_path: Path, form: str) -> None:
    path = write(tmp_path / f"t.{form}", pa.table({"text": TEXTS}))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(FormatError, match=f"t.{form}: the footer is damaged or cannot be read"):
        read(path, column="text")


def test_truncated_stream_is_refused(pa: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "t.arrows", pa.table({"text": TEXTS}), row_group_size=10)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(FormatError, match=r"t.arrows: record batch \d is damaged or cannot be read"):
        read(path, column="text")
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(FormatError, match="t.arrows: the start of the stream is damaged"):
        read(path, column="text")


def test_damaged_batch_is_named(pa: Any, tmp_path: Path) -> None:
    table = pa.table({"text": [f"word{n} other" for n in range(400)]})
    path = write(tmp_path / "t.arrow", table, row_group_size=100, compression="zstd")
    middle = path.read_bytes().index(b"\x28\xb5\x2f\xfd", path.stat().st_size // 2)
    overwritten(path, middle, b"\x55" * 30)
    with pytest.raises(FormatError, match=r"t.arrow: record batch \d is damaged or cannot be read"):
        read(path, column="text")


def test_wrong_offsets_of_a_file_are_found(pa: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "t.arrow", pa.table({"text": ["ab", "cd", "ef"]}))
    offsets = b"".join(n.to_bytes(4, "little") for n in (0, 2, 4, 6))
    overwritten(path, path.read_bytes().index(offsets) + 4, (2**30).to_bytes(4, "little"))
    with pytest.raises(FormatError, match="t.arrow: the column is damaged"):
        read(path, column="text")


def test_file_that_cannot_be_read_is_an_error(pa: Any, tmp_path: Path) -> None:
    with pytest.raises(W2VError, match="t.parquet: cannot read"):
        read(tmp_path / "t.parquet", column="text")
    (tmp_path / "t.parquet").write_bytes(b"")
    with pytest.raises(FormatError, match="t.parquet: this is not a table"):
        read(tmp_path / "t.parquet", column="text")


# --- positions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_positions_rise_and_parts_make_the_whole(pa: Any, tmp_path: Path, form: str) -> None:
    path = write(tmp_path / f"t.{form}", pa.table({"text": TEXTS * 5}), row_group_size=50)
    file, positions, rows = open_file(path.as_posix()), [], []
    assert isinstance(file, (ParquetFile, ArrowFile)) and not file.from_start
    for batch in file.batches(["text"]):
        positions.append(file.position)
        rows += batch.column("text").to_pylist()
    assert rows == TEXTS * 5 and positions == sorted(positions) and 0 < positions[0] < positions[-1]
    assert file.position == path.stat().st_size
    shares, rows = 0.0, []
    for number in file.parts():
        for batch, share in file.part(number, ["text"], 100):
            shares += share
            rows += batch.column("text").to_pylist()
    assert rows == TEXTS * 5 and shares == pytest.approx(1.0) and len(file.parts()) == 5


def test_batches_of_large_values_have_fewer_rows(pa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "t.parquet", pa.table({"text": [f"{n} " * 200 for n in range(1000)]}), use_dictionary=False)
    file = open_file(path.as_posix())
    assert isinstance(file, ParquetFile)
    sizes = [len(batch) for batch, _ in file.part(0, ["text"], 1 << 16)]
    assert len(sizes) > 5 and max(sizes) <= 150
    assert len(list(file.part(0, ["text"], 1 << 24))) == 1


# --- memory --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["parquet", "arrow", "arrows", "csv", "jsonl"])
@pytest.mark.slow
def test_memory_does_not_grow_with_the_table(pa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
                                             ) -> None:
    monkeypatch.setattr("w2v.corpus.tables.lines.CSV_BLOCK", 1 << 18)  # pyarrow has 32 of them in memory
    rows = [f"{n} some more words of row {n * n}" for n in range(100_000)]
    table = pa.table({"text": rows * 8, "n": range(8 * len(rows))})
    path = write(tmp_path / f"t.{form}", table, **({"row_group_size": 1 << 20} if form == "parquet" else
                                                   {"row_group_size": 1 << 14} if form.startswith("arrow") else {}))
    size = table["text"].nbytes
    del table, rows
    pool, most = pa.default_memory_pool(), 0
    before = pool.bytes_allocated()
    for _ in open_source(CorpusInput.of(path, {"column": "text"})).blocks():
        most = max(most, pool.bytes_allocated() - before)
    limit = {"csv": 20 << 20, "parquet": 14 << 20}.get(form, 4 << 20)
    assert size > 30 << 20 and most < limit
