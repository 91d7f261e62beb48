"""Cutting of text into blocks: at token boundaries, of the right size, with every error at its byte."""

import os
import random
from pathlib import Path

import pytest
from helpers.corpora import blocks_as_bytes, random_bytes, text_of

from w2v.corpus import blocks as blocks_module
from w2v.corpus.blocks import FileRange, load
from w2v.corpus.source import open_source
from w2v.errors import FormatError, W2VError

BOUNDARY = b" \t\n\v\f\r"


def test_blocks_join_to_the_file_and_end_at_boundaries(tmp_path: Path) -> None:
    rng = random.Random(1)
    path = tmp_path / "a.txt"
    for block_size in range(1, 65):
        for content in (random_bytes(rng, rng.randrange(400)), b"x" * rng.randrange(300) + b"\r\n" + b"y" * 70):
            path.write_bytes(content)
            blocks = list(blocks_as_bytes(open_source(path), block_size))
            complete = content
            if content and not content.endswith(b"\n"):
                complete += b" \n" if content.endswith(b"\r") else b"\n"
            assert b"".join(blocks) == complete
            assert all(blocks)
            at = 0
            for block in blocks[:-1]:
                at += len(block)
                assert complete[at - 1] in BOUNDARY or complete[at] in BOUNDARY
                assert complete[at - 1 : at + 1] != b"\r\n"


def test_blocks_stay_near_their_size(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"word " * 20_000)
    sizes = [len(block) for block in blocks_as_bytes(open_source(path), 1000)]
    assert max(sizes) <= 1005
    assert len(sizes) <= 102


@pytest.mark.parametrize("block_size", [1, 7, 1 << 20])
def test_nul_is_an_error_at_its_byte(tmp_path: Path, block_size: int) -> None:
    path = tmp_path / "zero.txt"
    path.write_bytes(b"some text\n" * 5 + b"a\0b")
    with pytest.raises(FormatError, match=r"byte 51: NUL byte") as caught:
        text_of(path, block_size)
    assert caught.value.offset == 51


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_other_encodings_are_named(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "wide.txt"
    path.write_bytes("some text".encode(encoding))
    with pytest.raises(FormatError, match=f"iconv -f {encoding.upper()} -t UTF-8"):
        text_of(path, 1)


def test_utf8_mark_is_dropped_at_the_start_only(tmp_path: Path) -> None:
    path = tmp_path / "bom.txt"
    path.write_bytes(b"\xef\xbb\xbfone \xef\xbb\xbftwo\n")
    for block_size in (1, 3, 100):
        source = open_source([path, path])
        assert b"".join(blocks_as_bytes(source, block_size)) == b"one \xef\xbb\xbftwo\n" * 2
        assert source.counts.utf8_boms == 2


def test_word_without_end_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks_module, "MAX_WORD", 1 << 20)
    path = tmp_path / "long.txt"
    path.write_bytes(b"start " + b"x" * (1 << 20) + b" end\n")
    assert max(map(len, blocks_as_bytes(open_source(path), 64))) <= (1 << 20) + 64
    path.write_bytes(b"start " + b"x" * ((1 << 20) + 64) + b" end\n")
    with pytest.raises(FormatError, match="byte 6: no white space for 64 MiB"):
        text_of(path, 64)


def test_large_plain_files_are_read_when_blocks_are_loaded(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"word " * 3000)
    source = open_source(path)
    blocks = list(source.blocks(1000))
    assert len(blocks) > 10 and all(isinstance(block, FileRange) for block in blocks)
    assert source.bytes_read == 15_000
    with open(path, "r+b") as file:
        file.truncate(14_500)
    with pytest.raises(W2VError, match="text: the file became shorter while it was read: 14500 bytes instead of 15000"):
        for block in blocks:
            load(block, lambda size: memoryview(bytearray(size)))
    descriptors = set(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else set()
    blocks.clear()
    del block, source
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) < len(descriptors)
