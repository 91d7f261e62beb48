"""`w2v convert` and `w2v info`, and the exports that need no other library."""

from __future__ import annotations

import json
import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files

import w2v
from w2v import formats
from w2v.cli import main
from w2v.export import TARGETS, check_export, export_for, export_vectors, projector
from w2v.formats.rows import STORED, Rows

WRITABLE = ["v.bin", "v.txt", "v.vec", "v.safetensors"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    words, rows = vector_files.sample(60, 8)
    formats.write_vectors(tmp_path / "in.safetensors", words, rows, np.arange(60, 0, -1), output_vectors=rows * 2,
                          metadata={"isa": "none", "training": json.dumps({"window": 5})})
    return tmp_path / "in.safetensors"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict, str]:
    code = main([*map(str, arguments), "--json"])
    printed = capsys.readouterr()
    return code, json.loads(printed.out) if printed.out else {}, printed.err


@pytest.mark.parametrize("first", WRITABLE)
@pytest.mark.parametrize("second", WRITABLE)
def test_convert_between_all_writable_formats(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], first: str, second: str
) -> None:
    (tmp_path / "other").mkdir()
    assert run(capsys, "convert", source, tmp_path / first)[0] == 0
    assert run(capsys, "convert", tmp_path / first, tmp_path / "other" / second)[0] == 0
    before, after = formats.read_vectors(source), formats.read_vectors(tmp_path / "other" / second)
    assert after.words == before.words and np.array_equal(after.vectors, before.vectors)


def test_own_format_keeps_everything_and_others_report_what_they_lose(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, result, _ = run(capsys, "convert", source, tmp_path / "again.safetensors")
    assert result["not_written"] == [] and (tmp_path / "again.safetensors").read_bytes() == source.read_bytes()
    _, result, _ = run(capsys, "convert", source, tmp_path / "v.txt")
    assert result["not_written"] == ["counts", "metadata", "output vectors"] and result["format"] == "word2vec-text"


def test_keep_limit_and_dtype(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = formats.read_vectors(source).words
    (tmp_path / "keep").write_text("\n".join([words[50], words[5], words[2], "missing"]), encoding="utf-8")
    code, result, _ = run(capsys, "convert", source, tmp_path / "v.safetensors", "--keep", tmp_path / "keep",
                          "--limit", 20, "--dtype", "int8")
    file = formats.read_vectors(tmp_path / "v.safetensors")
    assert code == 0 and result["words"] == 2 and result["report"] == {"words_not_found": 2}
    assert file.words == [words[2], words[5]] and file.rows.dtype_name == "int8"
    assert file.counts is not None and file.counts.tolist() == [58, 55]
    assert file.output_vectors is not None and file.output_vectors.shape == (2, 8)


@pytest.mark.parametrize("dtype", STORED)
def test_stored_types_survive_our_own_file(source: Path, tmp_path: Path, dtype: str) -> None:
    rows = formats.read_vectors(source).vectors
    kv = w2v.load(source, dtype=dtype)
    kv.save(tmp_path / "v.safetensors")
    again = w2v.load(tmp_path / "v.safetensors")
    assert again.rows.dtype_name == dtype and np.array_equal(again.rows[:], kv.rows[:])
    assert np.abs(again.rows[:] - rows).max() < {"float32": 1e-9}.get(dtype, 0.01)
    assert again.most_similar(0)[0][0] == kv.most_similar(0)[0][0]
    kv.save(tmp_path / "v.bin")  # as float32
    assert np.array_equal(w2v.load(tmp_path / "v.bin").vectors, kv.rows[:])


@pytest.mark.parametrize(("arguments", "message"), [
    (["x.bin", "--dtype", "int8"], "write .safetensors"), (["x.unknown"], "suffix"),
    (["x.tsv", "--dtype", "int8"], "float32, not int8"), (["x", "--to", "nothing"], "invalid choice"),
])
def test_wrong_usage_is_found_before_any_work(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    before = sorted(os.listdir(tmp_path))
    code, _, error = run(capsys, "convert", source, tmp_path / arguments[0], *arguments[1:])
    assert code == 2 and message in error and sorted(os.listdir(tmp_path)) == before


def test_strict_and_words_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words, rows = vector_files.sample(3, 4)
    (tmp_path / "v.npy").write_bytes(vector_files.npy(rows))
    (tmp_path / "list").write_text("\r\n".join(words), encoding="utf-8")
    code, result, _ = run(capsys, "convert", tmp_path / "v.npy", tmp_path / "v.bin", "--words", tmp_path / "list")
    assert code == 0 and result["words"] == 3
    code, _, error = run(capsys, "convert", tmp_path / "v.npy", tmp_path / "v.bin", "--words", tmp_path / "list",
                         "--strict")
    assert code == 1 and "CR LF" in error


def test_info_shows_the_metadata(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, facts, _ = run(capsys, "info", source)
    assert facts["metadata"]["training"] == {"window": 5} and facts["metadata"]["isa"] == "none"
    assert facts["tokens"] == 60 * 61 // 2 and facts["dtype"] == "float32" and facts["output_vectors"] == "yes"
    assert main(["info", str(source)]) == 0
    shown = capsys.readouterr().out
    assert "window" in shown and "first_words     the0" in shown


def test_metadata_of_a_trained_file_describes_the_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"the cat {i % 7} sat on the mat {i % 3}\n" for i in range(300)]
    (tmp_path / "one.txt").write_text("".join(lines))
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "a.txt").write_text("".join(lines[:100]))
    (tmp_path / "two" / "b.txt").write_text("".join(lines[100:]))
    cards = []
    for k, corpus in enumerate([tmp_path / "one.txt", tmp_path / "two", tmp_path / "one.txt"]):
        model = w2v.train(corpus, vector_size=16, epochs=1, threads=1, progress=False, window=3)
        path = tmp_path / f"{k}.safetensors"
        model.save(path, output_vectors=k == 1)
        cards.append(run(capsys, "info", path)[1])
    card = cards[0]["metadata"]
    assert card["training"]["window"] == 3 and card["version"] == w2v.__version__ and card["isa"]
    assert card["corpus"]["words"] == 2400 and len(card["corpus"]["sha256"]) == 64
    assert card["corpus"]["sha256"] == cards[1]["metadata"]["corpus"]["sha256"]
    assert "output_vectors" in cards[1] and "output_vectors" not in cards[0]
    assert (tmp_path / "0.safetensors").read_bytes() == (tmp_path / "2.safetensors").read_bytes()


# --- exports ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "name", "expected"), [
    ("a.tsv", None, "projector"), ("a.TSV", None, "projector"), ("a.parquet", None, "parquet"),
    ("a.copy", None, "pgvector"), ("a.embedding.safetensors", None, "torch"), ("a.safetensors", None, None),
    ("a.bin", None, None), ("a", "spacy", "spacy"), ("a.tsv", "torch", "torch"), ("a.gexf.gz", None, "gexf"),
    ("a.graphml", None, "graphml"), ("a.atlas.parquet", None, "atlas"), ("atlas.parquet", None, "parquet"),
])
def test_suffix_or_name_selects_the_export(path: str, name: str | None, expected: str | None) -> None:
    assert export_for(path, name) == expected


def test_words_that_a_target_cannot_hold_are_left_out_and_counted(tmp_path: Path) -> None:
    words = ["good", "b\udcffd", "new york", "tab\tbed", "last"]
    rows = Rows(np.arange(10, dtype=np.float32).reshape(5, 2))
    assert export_vectors("projector", tmp_path / "v.tsv", words, rows) == 2
    assert (tmp_path / "v.tsv").read_text() == "0\t1\n4\t5\n8\t9\n"
    assert (tmp_path / "v.metadata.tsv").read_text() == "good\nnew york\nlast\n"
    assert export_vectors("pgvector", tmp_path / "v.copy", words, rows) == 1
    assert (tmp_path / "v.copy").read_text() == (
        "good\t\\N\t[0,1]\nnew york\t\\N\t[4,5]\ntab\\tbed\t\\N\t[6,7]\nlast\t\\N\t[8,9]\n")
    assert export_vectors("torch", tmp_path / "v.embedding.safetensors", words, rows) == 0
    assert export_vectors("model2vec", tmp_path / "m", words, rows) == 3
    assert list(json.loads((tmp_path / "m" / "tokenizer.json").read_text())["model"]["vocab"]) == [
        "[PAD]", "[UNK]", "good", "last"]
    with pytest.raises(w2v.W2VError, match="can hold none of the words"):
        export_vectors("projector", tmp_path / "w.tsv", words[1:2], Rows(rows.data[1:2]))
    assert not (tmp_path / "w.tsv").exists()


def test_projector_files_are_read_back(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = formats.read_vectors(source)
    for output, arguments in ((tmp_path / "v.tsv", ()), (tmp_path / "proj", ("--to", "projector"))):
        code, result, _ = run(capsys, "convert", source, output, *arguments)
        assert code == 0 and result["not_written"] == ["metadata", "output vectors"]
        after = formats.read_vectors(output)
        assert after.words == before.words and np.array_equal(after.vectors, before.vectors)
        assert after.counts is not None and after.counts.tolist() == list(range(60, 0, -1))
    assert sorted(os.listdir(tmp_path / "proj")) == [
        "events.out.tfevents.0.w2v", "metadata.tsv", "projector_config.pbtxt", "vectors.tsv"]
    config = (tmp_path / "proj" / "projector_config.pbtxt").read_text()
    assert 'tensor_path: "vectors.tsv"' in config and 'metadata_path: "metadata.tsv"' in config
    assert run(capsys, "convert", source, tmp_path / "proj", "--to", "projector")[0] == 1  # it exists


def masked_crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_events_of_the_projector_are_one_record_with_its_checksums(source: Path, tmp_path: Path) -> None:
    assert masked_crc32c(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF
    file = formats.read_vectors(source)
    export_vectors("projector", tmp_path / "p", file.words, file.rows)
    events = (tmp_path / "p" / "events.out.tfevents.0.w2v").read_bytes()
    size, size_crc = struct.unpack("<QI", events[:12])
    assert size == len(events) - 16 and size_crc == masked_crc32c(events[:8])
    assert events[12:-4] == b"\x09" + bytes(8) + b"\x1a\x0dbrain.Event:2"
    assert struct.unpack("<I", events[-4:]) == (masked_crc32c(events[12:-4]),)


def test_one_word_with_white_space_at_its_end_comes_back_from_the_projector(tmp_path: Path) -> None:
    words, rows = ["a", " ", "b ", "c\u00a0", "1"], Rows(np.arange(10, dtype=np.float32).reshape(5, 2))
    assert export_vectors("projector", tmp_path / "v.tsv", words, rows) == 0
    file = formats.read_vectors(tmp_path / "v.tsv")
    assert file.words == words and file.vectors.tolist() == rows[:].tolist()


def test_files_of_the_projector_are_replaced_together(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = formats.read_vectors(source)
    for name in ("v.tsv", "v.metadata.tsv"):
        (tmp_path / name).write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(projector, "_write_metadata", full)
    with pytest.raises(w2v.W2VError, match="No space left"):
        export_vectors("projector", tmp_path / "v.tsv", file.words, file.rows, file.counts)
    assert {(tmp_path / name).read_text() for name in ("v.tsv", "v.metadata.tsv")} == {"old"}


@pytest.mark.skipif(os.name == "nt", reason="no umask on Windows")
@pytest.mark.parametrize("mask", [0o077, 0o022, 0o027])
@pytest.mark.parametrize("name", ["model2vec", "projector"])
def test_folders_have_the_permissions_of_the_umask(source: Path, tmp_path: Path, mask: int, name: str) -> None:
    file = formats.read_vectors(source)
    former = os.umask(mask)
    try:
        export_vectors(name, tmp_path / "folder", file.words, file.rows)
    finally:
        os.umask(former)
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o777 & ~mask
    assert all(path.stat().st_mode & 0o777 == 0o666 & ~mask for path in (tmp_path / "folder").iterdir())


def test_model2vec_folder_is_read_back(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, result, _ = run(capsys, "convert", source, tmp_path / "m", "--to", "model2vec")
    assert code == 0 and result["not_written"] == ["counts", "metadata", "output vectors"]
    file, before = formats.read_vectors(tmp_path / "m" / "model.safetensors"), formats.read_vectors(source)
    assert file.words[2:] == before.words and np.array_equal(file.vectors[2:], before.vectors)


@pytest.mark.parametrize("name", ["model2vec", "torch"])
def test_rows_are_exported_block_by_block(tmp_path: Path, name: str) -> None:
    rows = Rows.encode(np.ones((30_000, 128), np.float32), "int8")
    words = [f"w{i}" for i in range(30_000)]
    check_export(name, tmp_path / "x", "float32")  # imports
    tracemalloc.start()
    export_vectors(name, tmp_path / "v.safetensors", words, rows, dtype="float32")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 << 20 < 4 * 128 * 30_000


def test_results_of_other_vectors_are_dropped(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
                                                 ) -> None:
    formats.update_metadata(source, {"evaluation": "{}"})
    for options, kept in (((), True), (("--dtype", "float32"), True), (("--dtype", "int8"), False),
                          (("--limit", "5"), False)):
        run(capsys, "convert", source, tmp_path / "o.safetensors", *options)
        assert ("evaluation" in formats.read_metadata(tmp_path / "o.safetensors")) == kept


def test_folders_are_not_overwritten(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m").mkdir()
    assert run(capsys, "convert", source, tmp_path / "m", "--to", "model2vec")[0] == 0
    code, _, error = run(capsys, "convert", source, tmp_path / "m", "--to", "model2vec")
    assert code == 1 and "it exists" in error and not [name for name in os.listdir(tmp_path) if name.startswith(".w2v")]


@pytest.mark.parametrize(("name", "package"), [("parquet", "pyarrow"), ("atlas", "pyarrow"), ("spacy", "spacy")])
def test_missing_package_names_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    for module in ("pyarrow.parquet", "spacy.vectors"):
        monkeypatch.delitem(__import__("sys").modules, module, raising=False)
    extra = "parquet" if package == "pyarrow" else name
    with pytest.raises(w2v.W2VError, match=rf"pip install 'w2v\[{extra}\]'"):
        check_export(name, tmp_path / "v", None)


def test_every_target_has_a_module() -> None:
    folder = Path(w2v.__file__).parent / "export"
    assert {target.module for target in TARGETS.values()} == {
        path.stem for path in folder.glob("*.py")} - {"__init__", "common", "graph"}


def test_replaced_output_is_reported(capsys, tmp_path):
    w2v.KeyedVectors(["a", "b"], [[1, 2], [3, 4]]).save(tmp_path / "v.bin")
    command = ["convert", str(tmp_path / "v.bin"), str(tmp_path / "o.txt")]
    assert main(command) == 0 and "in place of" not in capsys.readouterr().err
    assert main(command) == 0 and "o.txt, in place of the file that was there\n" in capsys.readouterr().err
    assert main([*command, "--json"]) == 0 and json.loads(capsys.readouterr().out)["output_replaced"] is True
