"""Files that are no text are named by their first bytes, with what to do."""

import gzip
import io
import lzma
import pickle
import random
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v.corpus.kinds import reject_other_kinds
from w2v.errors import FormatError

OPTIONS = {"vector_size": 4, "min_count": 1, "threads": 1, "progress": False, "sample": 0}
ENGLISH = "the quick brown fox\njumps over the lazy dog\n" * 20
CHINESE = "我 喜欢 看书 。\n今天 天气 很 好 。\n" * 20


def zipped(*names: str, first: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            archive.writestr("mimetype", first, zipfile.ZIP_STORED)
        for name in names:
            archive.writestr(name, "some words " * 500)
    return file.getvalue()


def saved(function, *values) -> bytes:
    file = io.BytesIO()
    function(file, *values)
    return file.getvalue()


def database(folder: Path) -> bytes:
    path = folder / "made.db"
    connection = sqlite3.connect(path)
    connection.execute("create table texts (text)")
    connection.commit()
    connection.close()
    return path.read_bytes()


KINDS = {
    "pdf": (b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "a PDF document.*pdftotext"),
    "rtf": (b"{\\rtf1\\ansi hello world\\par}", "an RTF document.*soffice"),
    "docx": (zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"), "Word.*soffice"),
    "docx of LibreOffice": (zipped("_rels/.rels", "word/document.xml"), "Word.*soffice"),
    "xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), "Excel"),
    "pptx": (zipped("[Content_Types].xml", "ppt/presentation.xml"), "PowerPoint.*soffice"),
    "odt": (zipped("content.xml", first="application/vnd.oasis.opendocument.text"), "OpenDocument.*soffice"),
    "epub": (zipped("book.html", first="application/epub+zip"), "EPUB.*pandoc"),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"old Office document \(.doc.*soffice"),
    "npz": (saved(np.savez, np.arange(3)), r"\(.npz\).*numpy.load"),
    "compressed npz": (saved(np.savez_compressed, np.arange(3)), r"\(.npz\).*numpy.load"),
    "npy without its suffix": (saved(np.save, np.arange(3)), r"a NumPy array.*name ends in .npy"),
    "pytorch": (zipped("archive/data.pkl"), "a PyTorch file.*name the text"),
    "parquet": (b"PAR1\x15\x04\x15\x10\x15\x14\x4c\x15\0", "a Parquet file.*--column NAME"),
    "feather": (b"ARROW1\0\0\xff\xff\xff\xff\x80\0\0\0", "an Arrow file.*--column NAME"),
    "old feather": (b"FEA1\x05\0\0\0", "a Feather file of version 1.*as Parquet"),
    "arrow stream": (b"\xff\xff\xff\xff\x78\x01\0\0\x10\0\0\0", "an Arrow stream.*--column NAME"),
    "orc": (b"ORC\x0a\x0b\0", "an ORC file.*as Parquet"),
    "avro": (b"Obj\x01\x04\x16avro.schema", "an Avro file"),
    "hdf5": (b"\x89HDF\r\n\x1a\n\0\0", "an HDF5 file"),
    **{f"pickle {n}": (pickle.dumps([["a", "b"]], protocol=n), "a pickle.*never loaded") for n in range(6)},
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "an image.*tesseract"),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "an image"),
    "gif": (b"GIF89a\1\0\1\0", "an image"), "webp": (b"RIFF\x24\0\0\0WEBPVP8 \0", "an image"),
    "bmp": (b"BM\x36\0\0\0\0\0\0\0\x36\0", "an image"), "tiff": (b"II*\0\x08\0\0\0", "an image"),
    "mp3": (b"ID3\x04\0\0\0\0", "audio or video.*transcript"), "wav": (b"RIFF\x24\0\0\0WAVEfmt ", "audio"),
    "mp4": (b"\0\0\0\x20ftypisom\0", "video"), "ogg": (b"OggS\0\2", "audio"), "flac": (b"fLaC\0\0\0\x22", "audio"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive"), "rar": (b"Rar!\x1a\x07\0", "a RAR archive"),
    "lz4": (b"\x04\x22\x4d\x18\x60\x40", "lz4 -dc FILE"), "Z": (b"\x1f\x9d\x90", "gzip -dc FILE"),
    "lzma": (lzma.compress(b"a b c\n" * 99, format=lzma.FORMAT_ALONE), "xz -dc FILE"),
    "twice": (gzip.compress(gzip.compress(b"a b c\n")), "compressed twice"),
    "safetensors": (b"\x40\0\0\0\0\0\0\0{\"a\": {}}", "a .safetensors file.*name the text"),
    "fasttext": (b"\xba\x16\x4f\x2f\x0c\0\0\0", "a fastText model"),
    "word2vec binary": (b"3 2\nthe " + np.array([1, 2], np.float32).tobytes() + b"\n", "a file of vectors"),
    "program": (b"\x7fELF\2\1\1\0", "a program"),
}


@pytest.mark.parametrize(("content", "said"), KINDS.values(), ids=KINDS)
def test_other_kinds_are_named_with_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    for name, data in (("corpus.txt", content), ("packed.txt", gzip.compress(content))):
        if data is content or not content.startswith((b"\x1f\x8b", b"\xfd7zXZ")):  # nothing is compressed twice
            (tmp_path / name).write_bytes(data)
            with pytest.raises(FormatError, match=f"{name}, byte 0: this is .*{said}"):
                w2v.train(tmp_path / name, **OPTIONS)
            with pytest.raises(FormatError, match=f"{name}, byte 0: this is .*{said}"):
                w2v.plan(tmp_path / name)


def test_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="an SQLite database.*sqlite3 FILE"):
        reject_other_kinds("x", database(tmp_path))


def test_large_file_of_another_kind_is_named_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_bytes(b"%PDF-1.5\n" + b"a b c\n" * 200_000)
    with pytest.raises(FormatError, match="a PDF document"):
        w2v.train(tmp_path / "big.txt", **OPTIONS)


def test_command_names_the_file_of_a_folder(tmp_path: Path, run) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.txt").write_text(ENGLISH)
    (tmp_path / "d" / "b.pdf").write_bytes(KINDS["pdf"][0])
    code, _, shown = run("train", tmp_path / "d", "-o", tmp_path / "v.bin", "--min-count", "1", "--quiet")
    assert code == 1 and "b.pdf, byte 0: this is a PDF document" in shown and shown.count("\n") == 1
    assert not (tmp_path / "v.bin").exists()


# --- text that only looks like it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [
    "ORC armies march\n", "PAR1 is a street\n", "ID3 tags are old\n", "BM is a sign\n", "RIFF raff\n",
    "GIF89a is a format\n",
    "OggS and fLaC\n", "MZ was a name\n", "BZh is no word\n", "GGUF files\n", "3 2\nthe 1.5 2.5\n", "(lp is short\n",
    "LZIP and PK are tools\n", "]q said so\n", "7z and Rar! unpack\n", "Obj is short\n", "12 34\n"], ids=str.strip)
def test_text_that_begins_like_a_file_is_text(text: str) -> None:
    reject_other_kinds("x", text.encode() * 9)


def test_random_text_is_text() -> None:
    rng = random.Random(4)
    for _ in range(2000):
        length = rng.randrange(1, 40)
        word = bytes(rng.choice(b"\t\n\r !#%(*,.09:;=?AGIMOPRZ[]abcdfgijlnopqsuz{}\x80\xc3\xa9\xe4\xff")
                     for _ in range(length))
        if not word.startswith((b"\xff\xfe", b"\xfe\xff", b"%PDF-", b"%!PS-")):
            reject_other_kinds("x", word)


# --- encodings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["english", "chinese"])
@pytest.mark.parametrize(("encoding", "name"), [
    ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16LE"), ("utf-16-be", "UTF-16BE"), ("utf-32", "UTF-32"),
    ("utf-32-le", "UTF-32LE"), ("utf-32-be", "UTF-32BE")])
def test_utf16_and_utf32_are_named_with_the_command(tmp_path: Path, text: str, encoding: str, name: str) -> None:
    (tmp_path / "c.txt").write_bytes(text.encode(encoding))
    with pytest.raises(FormatError, match=f"this is {name}; convert it first: iconv -f {name} -t UTF-8"):
        w2v.train(tmp_path / "c.txt", **OPTIONS)


@pytest.mark.parametrize("content", [b"a b c\n" * 10 + b"x\0y\n", b"ab\0cd ef\0gh\0" * 50, bytes(100), b"\0a b"])
def test_text_with_nul_bytes_is_not_taken_for_utf16(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c.txt").write_bytes(content)
    with pytest.raises(FormatError, match=f"byte {content.index(0)}: NUL byte.*tr -d"):
        w2v.train(tmp_path / "c.txt", **OPTIONS)


# --- arrays --------------------------------------------------------------------------------------------------------


def npy(header: str) -> bytes:
    return b"\x93NUMPY\x01\x00\x76\x00" + header.encode().ljust(117) + b"\n"


@pytest.mark.parametrize(("content", "said"), [
    (npy("{'descr': '<i8', 'fortran_order': False, 'shape': (3,"), "not a NumPy array, or it is damaged"),
    (npy("{'descr': '<i8', 'fortran_order': False, 'shape': (" + "(" * 60), "not a NumPy array, or it is damaged"),
    (npy("{'descr': '<i8', 'fortran_order': False, 'shape': (4611686018427387904000000000,)}"), "truncated or damaged"),
    (npy("{'descr': '<i8', 'fortran_order': False, 'shape': (100000000000,)}"), "truncated or damaged"),
    (npy("{'descr': '<i8', 'fortran_order': False, 'shape': (-4,)}"), "truncated or damaged"),
    (npy("{'descr': ('<i8', ('<i8',)), 'fortran_order': False, 'shape': (4,)}"), "not a NumPy array, or it is damaged"),
    (b"a b c\n" * 9, "the name ends in .npy, but this is not a NumPy array"),
    (b"", "the name ends in .npy, but this is not a NumPy array"),
    (saved(np.save, np.arange(1000))[:2000], "takes 8000 bytes, but 1872 follow its header"),
    (saved(np.save, np.array([["a", "b"]])), "arrays of words are passed from Python"),
    (saved(np.save, np.ones((2, 2))), "2 dimensions of float64; a corpus needs integers"),
    (saved(np.save, np.array([[1], "a"], dtype=object)), "a pickle, and pickles are never loaded"),
])
def test_damaged_arrays_and_other_arrays_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "c.npy").write_bytes(content)
    with pytest.raises(FormatError, match=f"c.npy.*{said}"):
        w2v.train(tmp_path / "c.npy", **OPTIONS)
