"""Reading of any input: the bytes of the blocks, and every error with its position."""

import io
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.corpora import blocks_as_bytes, random_bytes, text_of
from helpers.vector_files import text_packers

from w2v.corpus.byte_classes import TEXT_CLASSES, TOKEN_CLASSES
from w2v.corpus.source import open_source
from w2v.errors import FormatError, W2VError

PACK = text_packers()


@pytest.mark.parametrize("suffix", PACK)
def test_compressed_equals_plain_with_any_name(tmp_path: Path, suffix: str) -> None:
    content = random_bytes(random.Random(2), 300_000) + b"\n"
    packed = PACK[suffix](content)
    path = tmp_path / "misnamed.txt"
    path.write_bytes(packed)
    source = open_source(path)
    assert b"".join(blocks_as_bytes(source, 10_000)) == content
    assert source.bytes_read == source.total_bytes == len(packed)
    path.write_bytes(packed + PACK[suffix](b"second stream\n") + PACK[suffix](b"") + b"\0" * 512)
    assert text_of(path) == content + b"second stream\n"


@pytest.mark.parametrize("suffix", PACK)
def test_truncated_file_is_an_error_with_position(tmp_path: Path, suffix: str) -> None:
    packed = PACK[suffix](random_bytes(random.Random(3), 200_000))
    path = tmp_path / "cut"
    for size in (9, len(packed) // 2, len(packed) - 1):
        path.write_bytes(packed[:size])
        with pytest.raises(FormatError, match="truncated") as caught:
            text_of(path, 1000)
        assert caught.value.path == str(path)
        assert 0 <= caught.value.offset <= 200_000
    # The same for a second stream.
    path.write_bytes(packed + packed[:-20])
    with pytest.raises(FormatError, match="truncated") as caught:
        text_of(path, 1000)
    assert 200_000 <= caught.value.offset <= 400_000


@pytest.mark.parametrize("suffix", PACK)
def test_damaged_file_is_an_error(tmp_path: Path, suffix: str) -> None:
    packed = bytearray(PACK[suffix](random_bytes(random.Random(4), 200_000)))
    path = tmp_path / "bad"
    path.write_bytes(packed + b"no stream")
    with pytest.raises(FormatError, match="damaged|truncated"):
        text_of(path)
    for i in range(len(packed) // 2, len(packed) // 2 + 40):
        packed[i] ^= 0x55
    path.write_bytes(packed)
    with pytest.raises(FormatError, match="damaged|truncated"):
        text_of(path)


def test_zstd_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.zst"
    # One raw block of 6 bytes: magic, frame header (single segment, size 6), block header (last, raw, size 6).
    path.write_bytes(b"\x28\xb5\x2f\xfd\x20\x06" + (6 << 3 | 1).to_bytes(3, "little") + b"hello\n")
    try:
        assert text_of(path) == b"hello\n"
    except W2VError as error:
        assert "zstd" in str(error) and "\n" not in str(error)


def test_last_line_of_each_file_is_ended(tmp_path: Path) -> None:
    for name, content in (("a", b"one"), ("b", b""), ("c", b"two\n"), ("d", b"three\r")):
        (tmp_path / name).write_bytes(content)
    source = open_source(str(tmp_path))
    assert b"".join(blocks_as_bytes(source, 2)) == b"one\ntwo\nthree\r \n"
    assert (source.counts.files, source.counts.no_final_newline) == (4, 2)


def test_directory_is_recursive_sorted_and_skips_hidden(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/1.txt", "a.txt", ".hidden", ".git/config", "c/.x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name + "\n")
    source = open_source(tmp_path)
    assert b"".join(blocks_as_bytes(source)) == b"a.txt\nb/1.txt\nb/2.txt\n"
    assert source.counts.hidden_skipped == 3
    assert source.total_bytes == source.bytes_read == 22


def test_glob_and_lists_of_paths(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "c.log", "odd[1].txt"):
        (tmp_path / name).write_text(name + "\n")
    assert text_of(f"{tmp_path}/?.txt") == b"a.txt\nb.txt\n"
    assert text_of(f"{tmp_path}/odd[1].txt") == b"odd[1].txt\n"
    assert text_of([f"{tmp_path}/c.log", tmp_path / "a.txt"]) == b"c.log\na.txt\n"
    assert text_of((str(tmp_path / "*.log"),)) == b"c.log\n"
    assert text_of(f"{tmp_path}/**") == b"a.txt\nb.txt\nc.log\nodd[1].txt\n"


def test_paths_are_checked_when_the_source_is_opened(tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text("text\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "link").symlink_to("nowhere")
    for bad in ("missing.txt", "empty", "*.none", "broken"):
        with pytest.raises(W2VError, match=r"no files|no file matches|No such file") as caught:
            open_source([good, tmp_path / bad])
        assert str(tmp_path / bad) in str(caught.value)
        assert "\n" not in str(caught.value)
    with pytest.raises(W2VError, match="stdin"):
        open_source(["-", "-"])
    with pytest.raises(W2VError, match="null"):
        open_source("a\0b")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("text")
    path.chmod(0)
    with pytest.raises(W2VError, match="Permission denied"):
        open_source(path)


@pytest.mark.parametrize("pack", [bytes, *PACK.values()], ids=["", *PACK])
def test_stdin_is_read_and_stays_open(monkeypatch: pytest.MonkeyPatch, pack: object) -> None:
    stream = io.TextIOWrapper(io.BufferedReader(io.BytesIO(pack(b"one two\nthree"))))
    monkeypatch.setattr(sys, "stdin", stream)
    source = open_source("-")
    assert source.total_bytes is None
    assert b"".join(blocks_as_bytes(source, 4)) == b"one two\nthree\n"
    assert not stream.closed


def test_stdin_pipe_may_deliver_single_bytes(tmp_path: Path) -> None:
    code = "from w2v.corpus.source import open_source; print([*open_source('-').blocks(8)])"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                             cwd=tmp_path)
    for byte in b"one two three":
        child.stdin.write(bytes([byte]))
    output, _ = child.communicate(timeout=60)
    assert output.strip() == b"[b'one two ', b'three\\n']"


def test_stdin_that_is_a_file_is_read_from_its_position(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"skipped\n" + b"word " * 20)
    code = "from w2v.corpus.encode import encode; print(encode('-', min_count=1, block_size=16).vocabulary.words)"
    for begin, words in ((0, b"['word', 'skipped']"), (8, b"['word']")):
        with open(path, "rb", buffering=0) as file:
            file.seek(begin)
            done = subprocess.run([sys.executable, "-c", code], stdin=file, capture_output=True, cwd=tmp_path)
            assert done.stdout.strip() == words


# --- iterables -----------------------------------------------------------------------------------------------------


def tokens(data: bytes) -> list[list[bytes]]:
    return [[token for token in line.split(b"\xfe") if token] for line in data.split(b"\xff")[:-1]]


def test_iterables_keep_tokens_whole() -> None:
    sentences = [["new york", "a\nb"], [], ("日本", "\0", "a\0", "é"), iter(["x"]),
                 ["escaped\udc80"], ["", "y", ""], [""]]
    source = open_source(sentence for sentence in sentences)
    assert source.classes == TOKEN_CLASSES
    blocks = list(source.blocks(5))
    assert tokens(b"".join(blocks)) == [
        [b"new york", b"a\nb"], [], ["日本".encode(), b"\0", b"a\0", "é".encode()], [b"x"],
        [b"escaped\x80"], [b"y"], []]
    assert len(blocks) > 3
    assert all(block[-1:] in b"\xfe\xff" for block in blocks)
    assert source.counts.empty_tokens == 3
    assert source.bytes_read == sum(map(len, blocks))


def test_long_sentence_is_cut_into_blocks() -> None:
    sentence = [f"w{i}" for i in range(200_000)]
    blocks = list(open_source([sentence]).blocks(1000))
    assert len(blocks) == 5  # 4 of 2^16 tokens, and the end of the sentence
    assert tokens(b"".join(blocks)) == [[word.encode() for word in sentence]]


@pytest.mark.parametrize(("corpus", "message"), [
    (iter(["a b c"]), r"sentence 0 is a str, not a list of tokens; did you mean \[s.split\(\) for s in"),
    ([["a"], "b c"], "sentence 1 is a str"),
    ([["a"], b"b c"], "sentence 1 is a bytes"),
    ([["a"], 5], "sentence 1 is an int"),
    ([["a", "b"], ["c", 7]], "token 1 of sentence 1 is an int, not a str"),
    ([["a", b"b"]], "token 1 of sentence 0 is a bytes"),
    (b"text", "the corpus is bytes"),
    (5, "the corpus is an int"),
    (None, "the corpus is a NoneType"),
])
def test_wrong_types_say_what_to_do(corpus: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        text_of(corpus)


@pytest.mark.parametrize("token", ["lone\ud800", "x\udcff", "\udcfe"])
def test_tokens_that_utf8_cannot_hold_are_refused(token: str) -> None:
    with pytest.raises(ValueError, match="sentence 1 has a token"):
        list(open_source([["fine"], ["also fine", token]]).blocks())


def test_list_of_tokens_is_recognised() -> None:
    with pytest.raises(TypeError, match=r"list of tokens: pass e.g. \[s.split\(\) for s in lines\]"):
        open_source(["the", "cat", "sat"])


def test_classes_are_ascii_white_space() -> None:
    for byte in range(256):
        assert (TEXT_CLASSES[byte] != 0) == (len(bytes([byte]).split()) == 0)
    assert TEXT_CLASSES[10] == 2
    assert sorted(TEXT_CLASSES)[-2:] == [1, 2]
