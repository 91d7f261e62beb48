"""Broken files of every format: cut, with flipped bytes, with absurd sizes.

Each is a FormatError that names the path and the place, or is read as a valid file; none crashes, and none makes the
reader use more memory than twice the size of the content. Added to that are the fixed buffers of any load: for a
plain file its first 64 KB, the window of 64 KB in which rows are parsed, and the Python objects of its words; for a
compressed one the memory of the library that decompresses it.
"""

from __future__ import annotations

import gzip
import io
import lzma
import re
import struct
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.processes import OBJECTS
from helpers.vector_files import makers, packed, packers, put, sample

from w2v import formats
from w2v.errors import FormatError

FORMATS = list(makers(Path()))
N, D = 250, 168
OPEN = io.DEFAULT_BUFFER_SIZE - 8192  # what an open file takes more than on Python 3.11
BUFFERS = OPEN + (1 << 17) + 256 * N  # head, window, and the str of each word with its entries in a list and two dicts
UNPACKING = {".gz": 5 * OPEN + (1 << 20), ".bz2": 5 << 20, ".xz": 2 << 20, ".zst": 2 << 20}
HUGE = [b"9" * 25, b"-7", b"0", b"3000000000", b"1e9", b"", b"99999999999999999", b"2147483647"]
PATTERNS = [b"\xff" * 4, b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80", b"\xff" * 8, b"\xff" * 7 + b"\x7f", b"\x00" * 8]


def cuts(data: bytes) -> Iterator[bytes]:
    """Cut at each tenth of the length, and near both ends."""
    for tenth in range(11):
        yield data[:len(data) * tenth // 10]
    for size in (1, 2, 3, 7, 8, 9, 20, 60, 100, 128, 300):
        yield data[:size]
        yield data[:-size]


def flips(data: bytes) -> Iterator[bytes]:
    """Flip single bytes and runs of bytes; half of them in the first 400 bytes, where the structure is."""
    rng = np.random.default_rng(len(data))
    for k in range(130):
        broken = bytearray(data)
        at = int(rng.integers(0, min(400, len(data)) if k % 2 else len(data)))
        for i in range(at, min(len(data), at + (1 if k % 5 else 20))):
            broken[i] ^= int(rng.integers(1, 256))
        yield bytes(broken)


def absurd_sizes(data: bytes) -> Iterator[bytes]:
    """Replace decimal numbers of the first lines, and binary numbers at many places, by impossible values."""
    for found in list(re.finditer(rb"\d+", data[:400]))[:6]:
        for number in HUGE:
            yield data[:found.start()] + number + data[found.end():]
    for at in (0, 1, 4, 8, 12, 40, 60, 64, 68, 72, 80, 92, 100):
        for pattern in PATTERNS:
            yield data[:at] + pattern + data[at + len(pattern):]


def variants(files: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield (name of the broken file, its bytes) for every file of a format."""
    for name, data in files.items():
        for broken in (*cuts(data), *flips(data), *absurd_sizes(data)):
            if broken != data:
                yield name, broken


def packed_variants(data: bytes, pack: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """Yield compressed files that are cut or flipped, broken content that is compressed, and files with extra bytes."""
    whole = pack(data)
    for broken in (*cuts(whole), *flips(whole), *map(pack, cuts(data)), *map(pack, absurd_sizes(data)),
                   whole[:-4] + whole, whole + whole[:30], whole + b"rubbish", whole + pack(data[:50])):
        if broken != whole:
            yield broken


def peak_of_reading(path: Path) -> tuple[formats.VectorFile | FormatError, int]:
    """Read a file; return what came of it, and the most memory that Python had allocated meanwhile."""
    tracemalloc.start()
    try:
        return formats.read_vectors(path), tracemalloc.get_traced_memory()[1]
    except FormatError as error:
        return error, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def read(path: Path, allowed: int) -> bool:
    """Read a broken file and return whether it was refused; check the error, or that the result can be used."""
    file, peak = peak_of_reading(path)
    allowed = int(allowed * OBJECTS)
    if peak > allowed:  # the table of all interned strings of the process may have grown, 2 MB, as it does once
        file, peak = peak_of_reading(path)
    assert peak <= allowed, (peak, allowed, path.read_bytes()[:200])
    if isinstance(file, FormatError):
        assert str(path.parent) in file.path and "\n" not in str(file)
        assert file.offset is not None or file.line is not None, file
        assert file.offset is None or 0 <= file.offset <= 2 * allowed
        return True
    assert len(file.words) == len(file.rows) == len(set(file.words)) > 0 < file.rows.shape[1]
    with np.errstate(all="ignore"):
        assert sum(file.rows[i].sum() >= -np.inf for i in range(0, len(file.rows), 97)) >= 0
    return False


@pytest.mark.parametrize("name", [name for name in FORMATS if not name.endswith(("zip", "tar"))])
@pytest.mark.slow
def test_broken_files_are_format_errors_or_valid(tmp_path: Path, name: str) -> None:
    files = makers(tmp_path)[name](*sample(N, D))
    path = put(tmp_path, files)
    formats.read_vectors(path)  # the valid file; also imports what the reader needs
    refused = []
    for broken_name, broken in variants(files):
        put(tmp_path, {**files, broken_name: broken})
        size = sum(map(len, {**files, broken_name: broken}.values()))
        refused.append(read(path, 2 * size + BUFFERS))
    assert len(refused) >= 200 and sum(refused) > 60, (len(refused), sum(refused))


@pytest.mark.parametrize("name", ["word2vec text", "word2vec binary", "own safetensors"])
@pytest.mark.parametrize("suffix", packers())
@pytest.mark.slow
def test_broken_compressed_files_are_format_errors_or_valid(tmp_path: Path, name: str, suffix: str) -> None:
    files = makers(tmp_path)[name](*sample(100, 30))
    path = put(tmp_path, packed(files, suffix))
    formats.read_vectors(path)
    [content] = files.values()
    refused = []
    for broken in packed_variants(content, packers()[suffix]):
        path.write_bytes(broken)
        refused.append(read(path, 2 * len(content) + UNPACKING[suffix]))
    # zstd has no checksum here, and odd words are read: changes in words and numbers give other vectors.
    assert len(refused) >= 200 and sum(refused) > (120 if suffix == ".zst" else 150), (len(refused), sum(refused))


@pytest.mark.parametrize("suffix", packers())
def test_memory_for_decompression_does_not_grow_with_the_content(tmp_path: Path, suffix: str) -> None:
    """A file hundreds of times smaller than its content, broken, needs at most twice the memory of its content."""
    rows = np.zeros((12_000, 100), np.float32)
    rows[::50] = np.random.default_rng(0).normal(size=(240, 100))
    content = vector_files.binary([f"w{i}" for i in range(len(rows))], rows)
    whole = packers()[suffix](content)
    assert len(whole) < len(content) // 10
    path = tmp_path / f"v.bin{suffix}"
    allowed = 2 * len(content) + UNPACKING[suffix]
    path.write_bytes(whole)
    assert not read(path, allowed)
    for broken in (whole[:-1], whole[:len(whole) // 2], whole[:-9] + b"\xff" + whole[-8:],
                   packers()[suffix](b"900000 100" + content[9:]), packers()[suffix](content[:-1000])):
        path.write_bytes(broken)
        assert read(path, allowed)


def test_huge_xz_dictionary_is_refused(tmp_path: Path) -> None:
    """An xz block whose header asks for a dictionary of 4 GB, with a correct checksum."""
    whole = bytearray(lzma.compress(b"1 2\na 1 2\n", preset=0))
    size = 4 * (whole[12] + 1)  # of the block header, which begins at byte 12; its last four bytes are a CRC32
    at = whole.index(b"\x21\x01", 12, 12 + size) + 2
    whole[at] = 40  # LZMA2's code for 4 GB - 1
    whole[12 + size - 4:12 + size] = struct.pack("<I", zlib.crc32(whole[12:12 + size - 4]))
    path = put(tmp_path, {"v.txt.xz": bytes(whole)})
    with pytest.raises(FormatError, match="[Mm]emory"):
        formats.read_vectors(path)


def test_impossible_sizes_in_compressed_content_are_refused(tmp_path: Path) -> None:
    for header in (b"1000000000000 300\n", b"5 4000000\n", b"3 99999999999999\n", b"9" * 40 + b" 2\n"):
        path = put(tmp_path, {"v.gz": gzip.compress(header + b"a 1 2\n")})
        tracemalloc.start()
        with pytest.raises(FormatError):
            formats.read_vectors(path)
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
        tracemalloc.stop()


@pytest.mark.parametrize("pickle", [
    b"\x80\x04" + b"]" * 100_000, b"\x80\x04" + b"N\x94" * 100_000, b"\x80\x04X" + struct.pack("<I", 1 << 31) + b"a.",
    b"\x80\x04\x8d" + struct.pack("<Q", 1 << 63) + b"a.", b"\x80\x04cos\nsystem\n(X\x02\x00\x00\x00lstR.",
    b"\x80\x02\x8b" + struct.pack("<i", -5) + b".", b"\x80\x04h\x00.", b"\x80\x04.", b"\x80\x04e.", b"\x80\x05\x97.",
    b"\x80\x04}(]K\x01u.", b"\x80\x04c" + b"a" * 5000, b"\x80\x04K\x01b.", b"\x80\x04(((t.", b"\x80\x04\x87.",
], ids=range(15))
def test_pickles_without_vectors_are_refused_and_not_executed(tmp_path: Path, pickle: bytes) -> None:
    with pytest.raises(FormatError):
        formats.read_vectors(put(tmp_path, {"v.kv": pickle}))


def test_long_row_of_a_damaged_compressed_file_is_refused(tmp_path: Path) -> None:
    """Its first line has no end, and cannot be read further."""
    rng = np.random.default_rng(1)
    row = b"the " + b" ".join(b"%.6f" % number for number in rng.normal(size=30_000))
    path = tmp_path / "v.txt.gz"
    path.write_bytes(gzip.compress(row)[:90_000])
    with pytest.raises(FormatError, match="v.txt.gz"):
        formats.read_vectors(path)
