"""Encoding from end to end against a plain Python oracle: any input, block size and number of threads."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.corpora import check_encoded, oracle, random_text
from helpers.vector_files import text_packers

from w2v.corpus.encode import encode
from w2v.errors import CorpusError, FormatError


def test_random_texts_at_all_block_sizes_equal_the_oracle(tmp_path: Path) -> None:
    rng = random.Random(1)
    path = tmp_path / "text"
    for block_size in [*range(1, 65), 1 << 20] * 2:
        text = random_text(rng, rng.randrange(1, 120))
        path.write_bytes(text)
        min_count = rng.choice((1, 2, 3))
        if max(Counter(text.split()).values()) >= min_count:
            check_encoded(encode(path, min_count=min_count, block_size=block_size), text, min_count)


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.slow
def test_result_does_not_depend_on_the_number_of_threads(tmp_path: Path, threads: int) -> None:
    rng = random.Random(2)
    text = b"".join(random_text(rng, 700) + b"\n" for _ in range(20))
    (tmp_path / "text").write_bytes(text)
    for block_size in (16, 1000, 1 << 20):
        check_encoded(encode(tmp_path / "text", min_count=2, threads=threads, block_size=block_size), text, 2)


ADVERSARIAL = {
    "cuts in words": b"abcdefghijklmnopq " * 300,
    "one letter": b"a b c d e f g h i j a\n" * 200,
    "no final newline": b"one two\nthree\r\n" * 100 + b"last",
    "ends in CR": b"a\r\r\nb\rc\r" * 150,
    "CRLF": b"first second\r\n\r\nthird\r\n" * 100,
    "blank": b" " * 500 + b"\n" * 500 + b"x" + b"\t\v\f " * 200 + b"y\n\n",
    "invalid UTF-8": b"ok \xff\xfe b\xe9d \xe2\x82 \xf0\x9f ok\n" * 100,
    "long words": b" ".join(b"w" * n + b"%d" % (n % 7) for n in range(1, 700, 3)) * 2,
    "one long word": b"x" * 5000 + b" y " + b"z" * 70_000,
    "marks": b"\xef\xbb\xbfone \xef\xbb\xbftwo\n" * 40,
    "empty lines": b"\n" * 999 + b"end",
}


@pytest.mark.parametrize("name", ADVERSARIAL)
@pytest.mark.slow
def test_several_threads_equal_one_wherever_blocks_are_cut(tmp_path: Path, name: str) -> None:
    text = ADVERSARIAL[name]
    path = tmp_path / "text"
    path.write_bytes(text)
    without_mark = text[3:] if text.startswith(b"\xef\xbb\xbf") else text
    for block_size in (1, 7, 16, 17, 64, 1000, 4096):
        if block_size < 16 and len(text) > 10_000:
            continue
        for threads in (1, 2, 5):
            for share in (0.0, 0.5):
                encoded = encode(path, min_count=1, threads=threads, block_size=block_size, memory_share=share)
                check_encoded(encoded, without_mark, 1)


def test_more_threads_than_blocks_and_files_of_all_sizes(tmp_path: Path) -> None:
    rng = random.Random(9)
    parts = [random_text(rng, rng.choice((1, 30, 900))) for _ in range(30)]
    for number, part in enumerate(parts):
        (tmp_path / f"{number:02d}").write_bytes(part)
    complete = b"".join(p if p.endswith(b"\n") else p + (b" \n" if p.endswith(b"\r") else b"\n") for p in parts)
    for block_size in (16, 300, 1 << 20):
        encoded = encode(tmp_path, min_count=2, threads=16, block_size=block_size)
        check_encoded(encoded, complete, 2)
        assert encoded.report.files == 30


@pytest.mark.parametrize("pack", text_packers().values(), ids=text_packers())
def test_compressed_equals_plain(tmp_path: Path, pack: object) -> None:
    text = random_text(random.Random(4), 3000)
    (tmp_path / "text").write_bytes(pack(text))
    check_encoded(encode(tmp_path / "text", min_count=1, threads=2, block_size=100), text, 1)


def test_iterables_equal_files() -> None:
    rng = random.Random(5)
    text = random_text(rng, 2000)
    lines = [line.split() for line in text.decode().split("\n")]
    from_file = oracle(text, 2)

    def sentences() -> Iterator[list[str]]:
        yield from lines

    for corpus in (lines, sentences(), tuple(lines)):
        encoded = encode(corpus, min_count=2, block_size=50)
        assert encoded.ids.tolist() == from_file[2]
        assert [word.encode() for word in encoded.vocabulary.words] == from_file[0]
    encoded = encode([["new york", "new york", ""], ["a\r", "\0"]], min_count=1)
    assert encoded.vocabulary.words == ["new york", "\0", "a\r"]
    assert encoded.ids.tolist() == [0, 0, -1, 2, 1, -1]
    assert (encoded.report.empty_tokens, encoded.report.crlf_lines) == (1, 0)


def test_unusual_texts_are_encoded_and_counted(tmp_path: Path) -> None:
    for name, text in (("invalid", b"ok \xff\xfe b\xe9d ok ok \xe2\x82 b\xe9d\r\nlast"),
                       ("word", b"w" * 1_000_000 + b" x"), ("cr", b"a\r\r\nb\rc\r"), ("blank", b"\n\n \n a \n\n b")):
        (tmp_path / name).write_bytes(text)
        check_encoded(encode(tmp_path / name, min_count=1), text, 1)
        check_encoded(encode(tmp_path / name, min_count=1, block_size=4096, threads=2), text, 1)
    report = encode(tmp_path / "invalid", min_count=3).report
    assert (report.invalid_utf8_words, report.invalid_utf8_bytes) == (4, 6)
    assert (report.files_without_final_newline, report.crlf_lines, report.files) == (1, 1, 1)


def test_errors_name_the_input(tmp_path: Path) -> None:
    path = tmp_path / "few.txt"
    for content in (b"", b" \n\t\n"):
        path.write_bytes(content)
        with pytest.raises(CorpusError, match="few.txt: the corpus is empty"):
            encode(path)
    path.write_bytes(b"a b a c")
    with pytest.raises(CorpusError, match="few.txt: none of the 3 distinct words occurs 5 times.* is 2;"):
        encode(path)
    with pytest.raises(CorpusError, match="empty"):
        encode([])
    path.write_bytes(b"a " * 1000 + b"\0")
    for threads in (1, 2):
        with pytest.raises(FormatError, match="byte 2000: NUL"):
            encode(path, threads=threads, block_size=10)


@pytest.mark.parametrize("wrong", [
    {"min_count": 0}, {"max_vocab": 0}, {"threads": 0}, {"memory_share": 1.5}, {"memory_share": -0.1},
    {"block_size": 0},
])
def test_parameters_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        encode([["a"]], **wrong)


def test_words_beyond_max_vocab_are_unknown() -> None:
    encoded = encode([["a", "b", "a", "c"], ["c"], ["b", "a"], ["d"]], min_count=1, max_vocab=2)
    assert encoded.vocabulary.words == ["a", "b"]
    assert encoded.ids.tolist() == [0, 1, 0, -1, 1, 0, -1]
    assert (encoded.n_words, encoded.report.words_unknown, encoded.report.lines) == (5, 3, 4)


def test_progress_rises_to_the_size_of_the_text(tmp_path: Path) -> None:
    text = random_text(random.Random(6), 500)
    (tmp_path / "text").write_bytes(text)
    calls: list[tuple[int, int | None, int]] = []
    encode(tmp_path / "text", min_count=1, block_size=64, progress=lambda *call: calls.append(call))
    assert len(calls) > 10
    assert calls == sorted(calls)
    assert calls[-1] == (len(text), len(text), len(text.split()))


@pytest.mark.parametrize("threads", [1, 2])
def test_interrupt_stops_the_threads_and_leaves_no_file(tmp_path: Path, threads: int) -> None:
    (tmp_path / "text").write_bytes(b"some words " * 1000)
    spool = tmp_path / "spool"
    spool.mkdir()

    def interrupt(bytes_read: int, total: int | None, words: int) -> None:
        if words > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        encode(tmp_path / "text", threads=threads, block_size=64, memory_share=0, spool_dir=spool, progress=interrupt)
    assert list(spool.iterdir()) == []
    assert caught.tb is not None  # which must not keep the threads alive
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("w2v-tokenizer")]
