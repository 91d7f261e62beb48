"""A plan of the column of tables: read whole if small, otherwise a sample from many row groups or from the start."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.tables import FORMATS, TOKENS, write

import w2v
from w2v.corpus.estimate import tables
from w2v.corpus.estimate.estimate import TextEstimate
from w2v.corpus.estimate.sample import Sample, take_sample
from w2v.corpus.paths import CorpusInput
from w2v.errors import FormatError, W2VError

TEXT = [" ".join(f"w{word}" for word in row) for row in np.random.default_rng(1).zipf(1.4, (20_000, 12)) % 5000]
N_WORDS = 12 * len(TEXT)


@pytest.fixture
def pa() -> Any:
    return pytest.importorskip("pyarrow")


def sampled(path: Any, **options: Any) -> Sample:
    reading = {"column": "text", "group_by": options.pop("group_by", None)}
    return take_sample(CorpusInput.of(path, reading), **options)


@pytest.mark.parametrize("form", FORMATS)
def test_small_tables_are_read_whole(pa: Any, tmp_path: Path, form: str) -> None:
    path = write(tmp_path / f"t.{form}", pa.table({"n": range(300), "text": TEXT[:300]}))
    sample = sampled(path)
    assert sample.complete and sample.is_table and sample.words == 3600 and len(sample.table) > 300
    estimate = TextEstimate(sample)
    assert estimate.words.exact and estimate.words.expected == 3600 and estimate.lines.expected == 300
    assert estimate.bytes_on_disk.expected == path.stat().st_size


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv", "jsonl"])
def test_sample_shows_the_words_of_the_whole(pa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
                                             ) -> None:
    monkeypatch.setattr("w2v.corpus.tables.lines.CSV_BLOCK", 1 << 16)
    monkeypatch.setattr("w2v.corpus.tables.lines.JSON_BLOCK", 1 << 16)
    monkeypatch.setattr(tables, "_SAMPLED_BYTES", 1 << 15)
    path = write(tmp_path / f"t.{form}", pa.table({"text": TEXT}), **(
        {"row_group_size": 1500} if form in ("parquet", "arrow") else {}))
    sample = sampled(path, sample_bytes=400_000, seconds=60.0)
    estimate = TextEstimate(sample)
    assert not sample.complete and sample.words < 0.75 * N_WORDS
    assert sample.from_start == (form in ("csv", "jsonl"))
    assert estimate.words.expected == pytest.approx(N_WORDS, rel=0.07)
    assert estimate.lines.expected == pytest.approx(len(TEXT), rel=0.07)


def test_lists_are_sampled(pa: Any, tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", pa.table({"text": TOKENS}))
    write(tmp_path / "b.jsonl", pa.table({"text": TOKENS}))
    sample = sampled(tmp_path)
    assert sample.words == 2 * 49 and sample.table.find(b"new york") >= 0 and sample.files == 2
    write(tmp_path / "c.parquet", pa.table({"text": [[1, 2], [3]]}))
    assert sampled(tmp_path / "c.parquet").words == 3


@pytest.mark.slow
def test_plan_of_a_table_is_made(pa: Any, tmp_path: Path, run) -> None:
    path = write(tmp_path / "t.parquet", pa.table({"text": TEXT[:2000]}))
    found = w2v.plan(path, column="text", vector_size=50)
    assert found.words.expected == 24_000 and found.complete and found.lines.expected == 2000
    assert w2v.plan(path, column="text", window="line").whole_lines is not None
    code, shown, _ = run("plan", path, "--column", "text")
    assert code == 0 and "24,000" in shown
    code, _, shown = run("plan", path, "--column", "body")
    assert code == 1 and "there is no column 'body'; the columns are 'text'" in shown
    code, _, shown = run("plan", path)
    assert code == 1 and "--column NAME" in shown


@pytest.mark.slow
def test_lines_of_a_sample_are_measured(pa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_SAMPLED_BYTES", 1 << 15)
    path = write(tmp_path / "t.parquet", pa.table({"text": TEXT}), row_group_size=1500)
    found = w2v.plan(path, column="text", window="line", min_count=1, sample_bytes=400_000)
    assert not found.complete and found.whole_lines is not None and found.whole_lines.longest == 12


def test_groups_and_damage_are_refused(pa: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", pa.table({"text": TEXT[:100]}))
    with pytest.raises(W2VError, match="which does not show the lines that group_by makes"):
        sampled(path, group_by="text")
    (tmp_path / "t.txt").write_text("a b\n")
    with pytest.raises(FormatError, match="this is not a table"):
        sampled(tmp_path / "t.txt")
    with pytest.raises(TypeError, match="a sample needs files"):
        sampled(pa.table({"text": ["a"]}))
