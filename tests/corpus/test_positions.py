"""Positions of blocks and of the lines that they leave open."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from helpers.corpora import random_text

from w2v.corpus.blocks import load
from w2v.corpus.byte_classes import TEXT_CLASSES, TOKEN_CLASSES
from w2v.corpus.integers import IntegerBlock
from w2v.corpus.positions import Place, is_at_line_start, last_line, line_ends_in, new_buffer, placed_blocks, size_of
from w2v.corpus.source import open_source
from w2v.corpus.strings import Place as Rows
from w2v.corpus.strings import StringBlock


@pytest.mark.parametrize("block_size", [1, 9, 200])
def test_blocks_of_files_are_where_their_bytes_are(tmp_path: Path, block_size: int) -> None:
    rng = random.Random(block_size)
    contents = [random_text(rng, 100), b"\xef\xbb\xbf" + random_text(rng, 80), random_text(rng, 60)]
    paths = []
    for number, content in enumerate(contents):
        paths.append(str(tmp_path / str(number)))
        Path(paths[-1]).write_bytes(content)
    paths.append(paths[0])  # the same file again is another one
    source, seen = open_source(paths), 0
    for place, block in placed_blocks(source.blocks(block_size), source):
        content = contents[place.file % 3]
        text = bytes(load(block, new_buffer))  # type: ignore[arg-type]
        assert place.path == paths[place.file]
        assert (content + b" \n")[place.offset:place.offset + len(text)] in (text, text[:-1] + b" ")
        before = content[3 * (place.file == 1):place.offset]
        assert place.at_line_start == (not before.rpartition(b"\n")[2].split())
        begin = before.rfind(b"\n") + 1 + 3 * (place.file == 1)
        after = before + text
        expected = after.rfind(b"\n") + 1 + 3 * (place.file == 1) if b"\n" in after else begin
        assert last_line(block, TEXT_CLASSES, place, begin) == expected  # type: ignore[arg-type]
        seen += 1
    assert seen >= 4 and place.file == 3


@pytest.mark.parametrize("values, ends_line, start, line, ends", [
    ([1, -1, 2, 3], True, False, 102, 1), ([1, -1], True, True, 102, 1), ([1, 2], True, False, 90, 0),
    ([], True, True, 90, 0), ([[1, -1], [-1, -1]], True, True, 104, 2), ([[1, -1]], False, False, 90, 0),
    ([[-1, -1]], False, True, 90, 0)])
def test_lines_of_integers(values: list[int], ends_line: bool, start: bool, line: int, ends: int) -> None:
    block = IntegerBlock(np.array(values, np.int32), ends_line)
    assert is_at_line_start(block, TEXT_CLASSES, True) == start
    assert last_line(block, TEXT_CLASSES, Place(0, None, 100, False), 90) == line
    assert line_ends_in(block, TEXT_CLASSES) == ends and size_of(block) == block.values.size


def strings(texts: list[bytes], ends: bytes | None, end: int, tokens: bool) -> StringBlock:
    stops = np.cumsum([len(text) for text in texts])
    return StringBlock(np.frombuffer(b"".join(texts), np.uint8), stops - [len(text) for text in texts], stops,
                       None if ends is None else np.frombuffer(ends, np.uint8), end, int(stops[-1]) + len(texts),
                       Rows("table"), 0, np.arange(1, len(texts) + 1) if tokens else None)


@pytest.mark.parametrize("block, classes, start, ends", [
    (strings([b"a b", b"c\nd"], None, 10, False), TEXT_CLASSES, True, 3),
    (strings([b"a b", b"c\nd"], b"\n ", 10, False), TEXT_CLASSES, False, 2),
    (strings([b"a\n", b" "], b"  ", 10, False), TEXT_CLASSES, True, 1),
    (strings([b"a", b"b\n"], b"\xfe\xff", 255, True), TOKEN_CLASSES, True, 1),
    (strings([b"a", b"b\n"], b"\xff\xfe", 255, True), TOKEN_CLASSES, False, 1)])
def test_lines_of_strings(block: StringBlock, classes: bytes, start: bool, ends: int) -> None:
    assert is_at_line_start(block, classes, False) == start
    assert line_ends_in(block, classes) == ends
