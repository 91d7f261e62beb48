"""Archives with one file of vectors, and archives that are refused."""

from __future__ import annotations

import gzip
import lzma
import os
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import npy, put, sample, tarred, zipped

from w2v import formats
from w2v.errors import FormatError, W2VError
from w2v.formats import archive

WORDS, ROWS = sample(20, 5)
TEXT = vector_files.text(WORDS, ROWS, header=False)
ARCHIVES = {
    "zip": zipped, "tar": tarred, "tar.gz": lambda files: gzip.compress(tarred(files)),
    "tar.xz": lambda files: lzma.compress(tarred(files)),
}


@pytest.mark.parametrize("kind", ARCHIVES)
@pytest.mark.parametrize("name", ["v.txt", "v.txt.gz", "v.bin", "folder/v.safetensors", "v.kv", "v.vec"])
def test_only_file_of_vectors_is_read(tmp_path: Path, kind: str, name: str) -> None:
    made = {"v.txt": TEXT, "v.txt.gz": gzip.compress(TEXT), "v.bin": vector_files.fasttext(WORDS, ROWS, ROWS[:0]),
            "folder/v.safetensors": vector_files.own(tmp_path, WORDS, ROWS), "v.kv": vector_files.gensim(WORDS, ROWS),
            "v.vec": vector_files.text(WORDS, ROWS)}[name]
    others = {"README.md": b"# Vectors\n1 2\n", "LICENSE": b"", "__MACOSX/._v.txt": TEXT, ".hidden": TEXT}
    file = formats.read_vectors(put(tmp_path, {f"v.{kind}": ARCHIVES[kind]({**others, name: made})}))
    assert file.words == WORDS and np.array_equal(file.vectors, ROWS) and f"({name})" in file.source


@pytest.mark.parametrize(("system", "member"), [("linux", "'a b.txt'"), ("win32", '"a b.txt"')])
@pytest.mark.parametrize("kind", ARCHIVES)
def test_several_files_are_named_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str,
                                                  system: str, member: str) -> None:
    path = put(tmp_path, {f"v.{kind}": ARCHIVES[kind]({"a b.txt": TEXT, "readme": b"x", "c.txt": TEXT})})
    command = "unzip" if kind == "zip" and system == "linux" else "tar -xf"
    monkeypatch.setattr(archive.sys, "platform", system)
    with pytest.raises(FormatError, match=f"2 files of vectors .*: a b.txt, c.txt; .*: {command} .* {member}$"):
        formats.read_vectors(path)
    with pytest.raises(FormatError, match="no file of vectors in this .* archive: readme"):
        formats.read_vectors(put(tmp_path, {"w": ARCHIVES[kind]({"readme": b"x"})}))


def test_npz_with_one_matrix_has_its_words_next_to_it(tmp_path: Path) -> None:
    path = put(tmp_path, {"v.npz": zipped({"arr_0.npy": npy(ROWS)}), "v.words": "\n".join(WORDS).encode()})
    assert formats.read_vectors(path).words == WORDS
    with pytest.raises(FormatError, match="2 files of vectors"):
        formats.read_vectors(put(tmp_path, {"w.npz": zipped({"a.npy": npy(ROWS), "b.npy": npy(ROWS)})}))


def test_models_of_torch_are_named(tmp_path: Path) -> None:
    path = put(tmp_path, {"m.pt": zipped({"archive/data.pkl": b"\x80\x02}q\x00.", "archive/data/0": b"1234"})})
    with pytest.raises(FormatError, match="a model of torch, whose pickle is never executed"):
        formats.read_vectors(path)


def encrypted(archive: bytes) -> bytes:
    """Set the flag of an encrypted file, in both headers of the only file."""
    broken = bytearray(archive)
    broken[6] |= 1
    broken[broken.index(b"PK\x01\x02") + 8] |= 1
    return bytes(broken)


def test_encrypted_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"v\.txt in this zip archive is encrypted"):
        formats.read_vectors(put(tmp_path, {"v.zip": encrypted(zipped({"v.txt": TEXT}))}))
    files = {"v.kv": vector_files.gensim(WORDS, None), "v.kv.vectors.npz": encrypted(zipped({"val.npy": npy(ROWS)}))}
    with pytest.raises(FormatError, match=r"v\.kv\.vectors\.npz.*encrypted"):
        formats.read_vectors(put(tmp_path, files))


@pytest.mark.parametrize("inside", [{"val.npy": b"text"}, {"other.npy": npy(ROWS)}, {"val.npy": npy(ROWS)[:-1]}, {}])
def test_broken_npz_of_gensim_is_a_format_error(tmp_path: Path, inside: dict[str, bytes]) -> None:
    files = {"v.kv": vector_files.gensim(WORDS, None), "v.kv.vectors.npz": zipped(inside)}
    with pytest.raises(FormatError, match=r"v\.kv\.vectors\.npz"):
        formats.read_vectors(put(tmp_path, files))


def sparse_tar() -> bytes:
    """Return a tar archive whose file claims 8 GB, almost all of it a hole."""
    head = bytearray(tarfile.TarInfo("v.txt").tobuf(tarfile.GNU_FORMAT))
    head[156:157] = b"S"
    head[124:136] = b"%011o\0" % 512
    head[386:398], head[398:410], head[483:495] = b"%011o\0" % 0, b"%011o\0" % 512, b"%011o\0" % ((8 << 30) - 1)
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + TEXT[:512].ljust(512) + bytes(1024)


def test_sparse_and_oversized_files_in_tar_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"v\.txt in this tar archive is sparse"):
        formats.read_vectors(put(tmp_path, {"v.tar": sparse_tar()}))
    info = tarfile.TarInfo("v.txt")
    info.size = 8 << 30
    with pytest.raises(FormatError, match="truncated"):
        formats.read_vectors(put(tmp_path, {"v.tar": info.tobuf() + TEXT}))


@pytest.mark.parametrize("kind", ARCHIVES)
def test_cut_archives_are_errors_of_this_package(tmp_path: Path, kind: str) -> None:
    whole = ARCHIVES[kind]({"v.txt": TEXT})
    read = 0
    for size in [*range(1, 600, 7), *range(600, len(whole), 97), *range(len(whole) - 30, len(whole))]:
        try:
            file = formats.read_vectors(put(tmp_path, {"v": whole[:size]}))
        except W2VError:
            continue
        assert set(file.words) <= set(WORDS)
        read += 1
    assert read < len(whole) // 97  # only cuts in the padding at the end of tar


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="in a pipe or compressed again; unpack it first"):
        formats.read_vectors(put(tmp_path, {"v.zip.gz": gzip.compress(zipped({"v.txt": TEXT}))}))
    with pytest.raises(FormatError, match="no file of vectors"):
        formats.read_vectors(put(tmp_path, {"v.zip": zipped({"w.zip": zipped({"v.txt": TEXT})})}))


def test_unknown_compression_in_zip_is_named(tmp_path: Path) -> None:
    broken = bytearray(zipped({"v.txt": TEXT}))
    struct.pack_into("<H", broken, 8, 9)
    struct.pack_into("<H", broken, broken.index(b"PK\x01\x02") + 10, 9)
    with pytest.raises(FormatError, match="compression method is not supported"):
        formats.read_vectors(put(tmp_path, {"v.zip": bytes(broken)}))
