"""Texts in zip and tar archives: the same words as from the files, and an error for everything that is not a text."""

import gzip
import hashlib
import io
import json
import lzma
import os
import stat
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.processes import with_peak
from helpers.vector_files import packers

import w2v
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.errors import FormatError, W2VError

TEXTS = {"b.txt": b"the quick brown fox\n" * 9, "a/1.txt": b"jumps over the lazy dog\r\nand more\n" * 20, "empty": b"",
         "a/2.txt.gz": gzip.compress(b"compressed once more " * 5), "c.xz": lzma.compress(b"\xef\xbb\xbfwith a mark\n"),
         "no line end": b"the last word"}
PLAIN = {"b.txt": TEXTS["b.txt"], "a/1.txt": TEXTS["a/1.txt"], "empty": b"", "2": b"compressed once more " * 5,
         "c": b"\xef\xbb\xbfwith a mark\n", "no line end": b"the last word"}

PACKERS: dict[str, Callable[[bytes], bytes]] = {"": bytes, **packers()}


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files: dict[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def read(path: Path, data: bytes | None = None, **options: object) -> EncodedCorpus:
    if data is not None:
        path.write_bytes(data)
    return encode(path, min_count=1, **options)


def ids_of(folder: Path) -> tuple[list[str], list[int]]:
    """Words and ids of PLAIN, read as files in this order."""
    paths = []
    for number, data in enumerate(PLAIN.values()):
        paths.append(folder / f"plain{number}")
        paths[-1].write_bytes(data)
    corpus = encode(paths, min_count=1)
    return corpus.vocabulary.words, corpus.ids.tolist()


ARCHIVES = {f"zip {method}": zipped(TEXTS, method) for method in (
    zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)} | {
    f"tar{suffix} {format}": pack(tarred(TEXTS, format)) for suffix, pack in PACKERS.items()
    for format in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT)}


@pytest.mark.parametrize("block_size", [1 << 19, 7])
@pytest.mark.parametrize("data", ARCHIVES.values(), ids=ARCHIVES)
def test_members_are_read_as_files_in_their_order(tmp_path: Path, data: bytes, block_size: int) -> None:
    corpus = read(tmp_path / "any name", data, block_size=block_size, threads=2)
    assert (corpus.vocabulary.words, corpus.ids.tolist()) == ids_of(tmp_path)
    report = corpus.report
    assert (report.files, report.utf8_boms, report.files_without_final_newline) == (len(TEXTS), 1, 2)
    assert (report.hidden_files_skipped, report.special_files_skipped, report.bytes_read) == (0, 0, len(data))


@pytest.mark.parametrize("suffix", packers())
def test_members_can_be_compressed_once_more(tmp_path: Path, suffix: str) -> None:
    pack = packers()[suffix]
    files = {"a.txt" + suffix: pack(b"one two\n"), "b.txt": b"three\n"}
    for data in (zipped(files), tarred(files), pack(tarred(files))):
        assert sorted(read(tmp_path / "c", data).vocabulary.words) == ["one", "three", "two"]


@pytest.mark.slow
def test_large_members_are_read_in_bounded_memory(tmp_path: Path) -> None:
    """100 MB of text in some kB, by the usual methods."""
    text = (b"word" * 255 + b"s ") * (5 << 10) + b"\n"  # long words, since ids take memory too
    for number, data in enumerate((zipped({"a": text * 20}), gzip.compress(tarred({"a": text * 20}), 1))):
        path = tmp_path / f"{number}"
        path.write_bytes(data)
        code = ("from w2v.corpus.encode import encode\n"
                f"print(encode({str(path)!r}, min_count=1, memory_share=0).n_words)")
        words, memory = with_peak(code)
        assert int(words) == 20 * (5 << 10) and memory < 32 << 20, memory


# --- what is skipped -----------------------------------------------------------------------------------------------


def test_hidden_members_folders_and_links_are_skipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in (("./", tarfile.DIRTYPE), (".git", tarfile.DIRTYPE), (".git/x", tarfile.REGTYPE),
                           (".git/y", tarfile.REGTYPE), ("d/.z", tarfile.REGTYPE), ("link", tarfile.SYMTYPE),
                           ("hard", tarfile.LNKTYPE), ("pipe", tarfile.FIFOTYPE), ("device", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        for name in ("./a.txt", "../up.txt", "/root.txt"):
            info = tarfile.TarInfo(name)
            info.size = 4
            archive.addfile(info, io.BytesIO(b"a b\n"))
    report = read(path).report
    assert (report.files, report.words) == (3, 6)
    assert (report.hidden_files_skipped, report.special_files_skipped) == (2, 4)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.tar"]


def test_links_and_folders_of_zip_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("d/", b"")
        archive.writestr("d/a.txt", b"a b\n")
        archive.writestr("__MACOSX/d/._a.txt", b"\0\5\x16\7\0")
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    report = read(path).report
    assert (report.files, report.words, report.hidden_files_skipped, report.special_files_skipped) == (1, 2, 1, 1)


def test_archive_without_texts_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="c: no files in this archive$"):
        read(tmp_path / "c", zipped({}))
    with pytest.raises(FormatError, match=r"c: no files in this archive \(skipped: 1 hidden\)$"):
        read(tmp_path / "c", tarred({".a/b": b"x", ".a/c": b"y"}))


def test_archives_follow_each_other_in_one_file(tmp_path: Path) -> None:
    data = tarred({"a": b"one\n"}) + tarred({"b": b"two\n"})
    for packed in (data, gzip.compress(data)):
        assert sorted(read(tmp_path / "c.tar", packed).vocabulary.words) == ["one", "two"]


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize(("name", "data", "said"), [
    ("in.zip", zipped({"a": b"x"}), "c: in.zip, byte 0: this is a zip archive"),
    ("in.tar", tarred({"a": b"x"}), "c: in.tar, byte 0: this is a tar archive"),
    ("in.tgz", gzip.compress(tarred({"a": b"x"}), mtime=0),
     "c: in.tgz, byte 0: this is a tar archive"),
    ("x.pdf", b"%PDF-1.5\n%\xe2\xe3", "c: x.pdf, byte 0: this is a PDF document"),
    ("x.parquet", b"PAR1\x15\x04\x15\x10", "c: x.parquet: this is a table in an archive"),
    ("x.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0), "c: x.csv.gz: this is a table in an archive"),
    ("x.JSONL", b"{}\n", "c: x.JSONL: this is a table in an archive"),
    ("16.txt", "a b c\n".encode("utf-16"), "c: 16.txt, byte 0: this is UTF-16"),
    ("zero", b"some words\0" * 9, "c: zero, byte 10: NUL byte"),
    ("cut.gz", gzip.compress(b"abc\n" * 999, mtime=0)[:-9],
     "c: cut.gz, byte [0-9]+: the compressed data end too early"),
])
def test_members_that_are_no_text_are_named(tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes], name: str,
                                            data: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        read(tmp_path / "c", pack({"first": b"a b\n", name: data}))


def test_archive_that_is_compressed_as_a_whole_must_be_tar(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="byte 0: this is a zip archive.*unpack it"):
        read(tmp_path / "c.zip.gz", gzip.compress(zipped({"a": b"x"})))


def test_encrypted_member_is_named_before_anything_is_read(tmp_path: Path) -> None:
    data = bytearray(zipped({"first": b"a b\n", "secret": b"c d\n"}))
    place = data.rindex(b"PK\1\2")  # entry of the second member in the directory
    data[place + 8] |= 1
    with pytest.raises(FormatError, match="c: secret: this file is encrypted: unpack"):
        read(tmp_path / "c", bytes(data))


def test_member_without_a_name_is_read_or_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "c", "w") as archive:
        archive.writestr(zipfile.ZipInfo(""), b"a b\n")
    assert encode(tmp_path / "c", min_count=1).report.words == 2


def test_unknown_method_is_named(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"a b\n" * 99}))
    for signature, place in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        data[data.index(signature) + place] = 97
    with pytest.raises(FormatError, match="c: a: this file is compressed by the method 97"):
        read(tmp_path / "c", bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damaged_zip_is_an_error_that_names_the_member(tmp_path: Path, method: int) -> None:
    text = b"".join(b"word%d " % (i * 7919 % 100_003) for i in range(3000))
    data = bytearray(zipped({"good": b"a b\n", "bad.txt": text}, method))
    data[data.index(b"bad.txt") + 2000] ^= 1
    with pytest.raises(FormatError, match=r"c: bad\.txt.*this file in an archive is damaged"):
        read(tmp_path / "c", bytes(data))


@pytest.mark.parametrize("size", [10, 200, 2000, 6000])
def test_truncated_zip_is_an_error(tmp_path: Path, size: int) -> None:
    data = zipped({"good": b"a b\n", "bad.txt": os.urandom(9000).hex().encode()})
    with pytest.raises(FormatError, match="c: this zip archive is damaged"):
        read(tmp_path / "c", data[:size])


def test_truncated_tar_is_an_error_wherever_it_ends(tmp_path: Path) -> None:
    data = tarred({"one": b"a b c\n" * 300, "two": b"d e f\n" * 300, "three": b"g\n"})
    end = data.rindex(b"g\n") // 512 * 512 + 512
    for size in range(512, end, 256):
        with pytest.raises(FormatError, match="c.* (damaged|truncated)"):
            read(tmp_path / "c", data[:size])
    assert read(tmp_path / "c", data[:end + 512]).report.files == 3  # one block of the end mark is enough


def test_damaged_header_is_not_taken_for_the_end(tmp_path: Path) -> None:
    data = bytearray(tarred({"one": b"a b c\n", "two": b"d e f\n", "three": b"g\n"}))
    data[data.index(b"two") + 150] ^= 0x55
    with pytest.raises(FormatError, match="c: this tar archive is damaged .*at byte 1,024"):
        read(tmp_path / "c", bytes(data))


def test_header_without_end_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 8 << 30
    with pytest.raises(FormatError, match="c: this tar archive is damaged .a header of 8,589,934,592 bytes"):
        read(tmp_path / "c", info.tobuf(tarfile.GNU_FORMAT) + b"x" * 2048)


# --- other ways to them --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_pipe_has_tar_but_no_zip(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "w2v", "train", "-", "-o", "v.txt", "--min-count", "1", "--quiet"]
    done = subprocess.run(command, input=gzip.compress(tarred(TEXTS)), capture_output=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "v.txt").exists()
    done = subprocess.run(command, input=zipped(TEXTS), capture_output=True, cwd=tmp_path)
    assert done.returncode == 1 and b"stdin, byte 0: a zip archive is read at several places" in done.stderr


def test_archives_are_files_of_folders_and_patterns(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"x": b"one\n"}))
    (tmp_path / "b.tar").write_bytes(tarred({"x": b"two\n"}))
    (tmp_path / "c.txt").write_bytes(b"three\n")
    for corpus in (tmp_path, f"{tmp_path}/*", [tmp_path / "a.zip", tmp_path / "b.tar", tmp_path / "c.txt"]):
        read = encode(corpus, min_count=1)
        assert (read.ids.tolist().count(-1), read.report.files) == (3, 3)
        assert sorted(read.vocabulary.words) == ["one", "three", "two"]


@pytest.mark.slow
@pytest.mark.parametrize("data", [zipped(TEXTS), tarred(TEXTS), gzip.compress(tarred(TEXTS), mtime=0)])
def test_plan_reads_archives(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "c").write_bytes(data)
    plan = w2v.plan(tmp_path / "c", min_count=1, vector_size=8, threads=1)
    words = sum(len(text.split()) for text in PLAIN.values())
    assert plan.complete and plan.words.expected == words and plan.bytes_on_disk.expected == len(data)


def test_plan_names_the_member_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(zipped({"a": b"a b\n", "b.pdf": b"%PDF-1.5\n"}))
    with pytest.raises(W2VError, match="c: b.pdf, byte 0: this is a PDF document"):
        w2v.plan(tmp_path / "c", min_count=1)


def test_weights_of_lines_are_found_in_each_member(tmp_path: Path) -> None:
    files = {"a": b"1 x y\n0.5 y z\n", "b": b"2 x z\nbad z\n"}
    (tmp_path / "c").write_bytes(tarred({"a": files["a"]}))
    assert encode(tmp_path / "c", min_count=1, line_weights=True).report.line_weights.lines == 2
    for pack in (zipped, tarred):
        (tmp_path / "c").write_bytes(pack(files))
        with pytest.raises(FormatError, match="c: b, byte 6: the line begins with 'bad'"):
            encode(tmp_path / "c", min_count=1, line_weights=True)


def test_model_card_has_the_checksum_of_the_archive(tmp_path: Path) -> None:
    data = zipped(TEXTS)
    (tmp_path / "c.zip").write_bytes(data)
    model = w2v.train(tmp_path / "c.zip", vector_size=4, min_count=1, threads=1, progress=False)
    card = json.loads(model.wv.metadata["corpus"])
    assert card["files"] == len(TEXTS)
    sha256 = hashlib.sha256(data).hexdigest()
    assert card["sha256_of_files"] == [{"name": "c.zip", "bytes": len(data), "sha256": sha256}]
