"""`strict=True`: every flaw is an error with its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import put

import w2v
from w2v import formats
from w2v.errors import FormatError


@pytest.mark.parametrize(("rows", "flaw", "at"), [
    (b"b 1 2\na 3 4\na 5 6\n", "duplicate words: 'a'", 2), (b"b 1 2\nNew York 3 4\n", "blanks: 'New York'", 1),
    (b"b 1 2\n\xff 3 4\n", r"UTF-8: b'\\xff'", 1), (b"b 1 2\na 3 4\r\nc 5 6\n", "CR LF", 1),
    (b"a 1 2\nb 3 4", "newline", 1),
])
@pytest.mark.parametrize("header", [b"%d 2\n", b""])
@pytest.mark.parametrize("filler", [0, 30_000])
def test_strict_names_the_line_and_the_byte_of_every_flaw(
    tmp_path: Path, header: bytes, rows: bytes, flaw: str, at: int, filler: int
) -> None:
    """Also beyond the first block; `at` is the line of the flaw among `rows`."""
    before = b"".join(b"w%d 0.5 0.25\n" % i for i in range(filler))
    n = filler + len(rows.splitlines())
    header = header and header % n
    path = put(tmp_path, {"v.txt": header + before + rows})
    kv = w2v.load(path)
    assert len(kv.report) == 1 and flaw.split(":")[0] in kv.source
    with pytest.raises(FormatError, match=f"{flaw}.*strict") as caught:
        w2v.load(path, strict=True)
    offset = len(header + before) + (len(rows) if flaw == "newline" else sum(map(len, rows.splitlines(True)[:at])))
    assert (caught.value.line, caught.value.offset) == (bool(header) + filler + at + 1, offset)


def test_strict_names_the_place_in_every_format(tmp_path: Path) -> None:
    rows = np.ones((3, 2), np.float32)
    words = ["a", "größe", "a"]
    listed = "".join(f"{word}\n" for word in words).encode()
    fast = vector_files.fasttext(["a", "\udcff", "b"], rows, rows[:0])
    own = tmp_path / "o.safetensors"
    formats.write_vectors(own, ["a", "\udcff"], rows[:2])
    for files, offset, line, name in (
        ({"b.bin": vector_files.binary(words, rows)}, 4 + 11 + 17, None, "b.bin"),
        ({"n.npy": vector_files.npy(rows), "n.words": listed}, None, 3, "n.words"),
        ({"s.safetensors": vector_files.safetensors({"weight": ("F32", rows)}), "s.txt": listed}, None, 3, "s.txt"),
        ({"c.npy": vector_files.npy(rows), "c.words": b"a\nb\r\nc\n"}, 3, 2, "c.words"),
        ({"f.bin": fast}, fast.index(b"\xff\0"), None, "f.bin"),
        ({"g.kv": vector_files.gensim(words, rows)}, 0, None, "g.kv"),
        ({"o.safetensors": own.read_bytes()}, own.read_bytes().rindex(b"\xff"), None, "o.safetensors"),
        ({"m.txt": b"\xef\xbb\xbf1 2\na 1 2\n"}, 0, 1, "m.txt"),
    ):
        path = put(tmp_path, files)
        with pytest.raises(FormatError, match="strict=True") as caught:
            formats.read_vectors(path, strict=True)
        assert (Path(caught.value.path).name, caught.value.offset, caught.value.line) == (name, offset, line)
