"""Files that are compressed because of their names."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from helpers.vector_files import packers

import w2v
from w2v import formats
from w2v.errors import W2VError
from w2v.system import compress, decompress
from w2v.system.files import atomic_write, check_writable

MAGIC = {".gz": b"\x1f\x8b", ".bz2": b"BZh", ".xz": b"\xfd7zXZ", ".zst": b"\x28\xb5\x2f\xfd"}


def content(path: Path) -> bytes:
    with open(path, "rb") as file:
        return decompress.read_full(decompress.content_reader(decompress.RawFile(file, str(path)), str(path)), 1 << 30,
                                    str(path), 0)


@pytest.mark.parametrize("suffix", packers())
def test_name_decides_about_compression(tmp_path: Path, suffix: str) -> None:
    for name in (f"a{suffix}", f"a.txt{suffix.upper()}"):
        for text in (b"", b"some text\n" * 1000):
            with atomic_write(tmp_path / name) as file:
                file.write(text)
            data = (tmp_path / name).read_bytes()
            assert data.startswith(MAGIC[suffix]) and content(tmp_path / name) == text
            with atomic_write(tmp_path / name, append=True) as file:
                file.write(b"more")
            assert content(tmp_path / name) == text + b"more"
            with atomic_write(tmp_path / name) as file:  # no time, no name
                file.write(text)
            assert (tmp_path / name).read_bytes() == data


def test_other_names_and_bytes_of_others_are_written_as_they_are(tmp_path: Path) -> None:
    for name, compressed in (("a.txt", True), ("agz", True), ("a.gz.txt", True), ("a.gz", None)):
        with atomic_write(tmp_path / name, compress=compressed) as file:
            file.write(b"text")
        assert (tmp_path / name).read_bytes() == b"text"


def test_compression_that_is_not_possible_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for check in (atomic_write(tmp_path / "run.gz", compress=False).__enter__,
                  lambda: check_writable(tmp_path / "run.gz", compress=False)):
        with pytest.raises(W2VError, match=r"leave out \.gz"):
            check()

    def missing(path: object) -> None:
        raise W2VError("needs the extra w2v[zstd]")

    monkeypatch.setattr(compress, "_zstd", missing)
    with pytest.raises(W2VError, match="zstd"):
        check_writable(tmp_path / "v.bin.zst")
    with pytest.raises(W2VError, match="zstd"):
        w2v.KeyedVectors(["a"], np.ones((1, 2))).save(tmp_path / "v.bin.zst")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("suffix", packers())
def test_every_writer_of_vectors_compresses_by_name(tmp_path: Path, suffix: str) -> None:
    words, rows = ["a", "größe"], np.float32([[1, 2], [3, 4]])
    kv = w2v.KeyedVectors(words, rows, counts=[2, 1])
    writers = {
        "v.vec": kv.save, "v.txt": kv.save, "v": kv.save, "v.bin": kv.save, "v.safetensors": kv.save,
        "text": kv.save_word2vec_format, "binary": lambda path: kv.save_word2vec_format(path, binary=True),
        "fast.bin": kv.save_fasttext_format}
    for name, write in writers.items():
        path = tmp_path / (name + suffix)
        write(path)
        assert path.read_bytes().startswith(MAGIC[suffix])
        assert w2v.load(path).index_to_key == words and np.array_equal(w2v.load(path).vectors[:], rows)
    assert formats.format_for(f"v.safetensors{suffix}") == "safetensors"


def test_paths_that_begin_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    kv = w2v.KeyedVectors(["a", "b"], np.eye(2))
    for path in ("~/v.bin", Path("~/p.vec.gz"), "~/v.safetensors"):
        kv.save(path)
        assert w2v.load(path).index_to_key == ["a", "b"] and (tmp_path / Path(path).name).exists()
    (tmp_path / "keep").write_text("b\n")
    assert w2v.load("~/v.bin", only="~/keep").index_to_key == ["b"]
    (tmp_path / "corpus.txt").write_text("a b c\n" * 20)
    for corpus in ("~/corpus.txt", ["~/corpus.txt"], "~/*.txt"):
        assert len(w2v.train(corpus, vector_size=4, min_count=1, progress=False).wv) == 3
    assert not (Path.cwd() / "~").exists()
