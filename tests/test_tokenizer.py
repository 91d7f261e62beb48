"""The C tokenizer and word table, called directly, against bytes.split and collections.Counter."""

import random
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from w2v._text import DROPPED, LINE_END, BlockTokenizer, WordTable, remap
from w2v.text import TEXT_CLASSES, TOKEN_CLASSES

BY_TABLE_CLASSES = bytes([1, *TEXT_CLASSES[1:]])  # NUL is a separator too, so the generic byte classes are used
ALPHABETS = ["ab", "etaoin shrdlu", "абвгд еж", "日本語 テキスト", "a\t\v\f\r b", "añ€𝄞 x"]


def split_lines(text: bytes) -> list[list[bytes]]:
    return [line.split() for line in text.split(b"\n")]


def random_text(rng: random.Random, size: int) -> bytes:
    alphabet = rng.choice(ALPHABETS) + rng.choice(["", " ", "\n", "\r\n", " \n"])
    parts = (rng.choice(alphabet) * rng.choice((1, 1, 1, 2, 17)) for _ in range(size))
    return "".join(parts).encode()


def tokenize(text: bytes, classes: bytes = TEXT_CLASSES) -> tuple[tuple[int, ...], list[int], WordTable]:
    table, tokenizer = WordTable(), BlockTokenizer(classes)
    stats = tokenizer.tokenize(text)
    tokenizer.merge(table)
    ids = tokenizer.ids().tolist()
    tokenizer.flush(table)
    return stats, ids, table


def table_words(table: WordTable) -> list[bytes]:
    blob, offsets = table.export(np.arange(len(table), dtype=np.int32))
    return [blob[begin:end].tobytes() for begin, end in pairwise(offsets)]


def expected_ids(text: bytes, words: list[bytes]) -> list[int]:
    number = {word: id for id, word in enumerate(words)}
    *closed, last = split_lines(text)
    ids = []
    for line in closed:
        if line or not ids:
            ids += [number[word] for word in line] + [LINE_END]
    return ids + [number[word] for word in last]


@pytest.mark.parametrize("classes", [TEXT_CLASSES, BY_TABLE_CLASSES], ids=["ascii", "table"])
def test_random_texts_equal_split(classes: bytes) -> None:
    rng = random.Random(1)
    for _ in range(400):
        text = random_text(rng, rng.choice((0, 1, 5, 63, 64, 65, 300, 5000)))
        stats, ids, table = tokenize(text, classes)
        words = table_words(table)
        lines = split_lines(text)
        assert words == list(dict.fromkeys(text.split()))
        assert ids == expected_ids(text, words)
        assert dict(zip(words, table.counts().tolist(), strict=True)) == Counter(text.split())
        assert stats[0] == len(text.split())
        assert stats[1] == ids.count(LINE_END)
        assert stats[5] == text.count(b"\r\n")
        assert stats[3] == len(lines[-1])
        if len(lines) > 1:
            assert stats[2] == len(lines[0])
            assert stats[4] == max(map(len, lines[1:-1]), default=0)


def test_words_of_all_lengths_at_all_positions_are_found() -> None:
    for length in range(1, 70):
        for before in range(70):
            word = bytes(33 + (length + i) % 90 for i in range(length))
            _, ids, table = tokenize(b" " * before + word)
            assert (ids, table_words(table)) == ([0], [word])


def test_words_that_differ_in_one_byte_or_in_length_are_distinct() -> None:
    words = [b"x" * n for n in range(1, 40)]
    words += [b"y" * i + b"z" + b"y" * (n - i - 1) for n in range(1, 40) for i in range(n)]
    rng = random.Random(2)
    text = words * 3
    rng.shuffle(text)
    _, _, table = tokenize(b" ".join(text))
    assert set(table_words(table)) == set(words)
    assert (table.counts() == 3).all()


def test_tokens_may_hold_nul_and_white_space() -> None:
    tokens = [b"a", b"a\0", b"a\0\0", b"\0", b"new york", b"x\ry\r"]
    stats, ids, table = tokenize(b"\xfe".join(tokens) + b"\xff", TOKEN_CLASSES)
    assert table_words(table) == tokens
    assert ids == [0, 1, 2, 3, 4, 5, LINE_END]
    assert stats[5] == 0  # a token that ends in \r is no CRLF


def test_many_words_grow_the_table_and_keep_ids_and_counts() -> None:
    words = [b"%d" % (i * 7919) for i in range(60_000)] + [b"w" * 20 + b"%d" % i for i in range(20_000)]
    text = b" ".join(words + words[::2])
    _, ids, table = tokenize(text)
    assert table_words(table) == words
    assert ids == [*range(len(words)), *range(0, len(words), 2)]
    assert table.counts().tolist() == [2, 1] * (len(words) // 2)


def test_flush_of_a_full_tokenizer_keeps_global_ids() -> None:
    table, tokenizer = WordTable(), BlockTokenizer(TEXT_CLASSES, max_words=10, max_bytes=1 << 20)
    rng = random.Random(3)
    text, ids, flushes = [], [], 0
    for _ in range(50):
        words = [b"%d" % rng.randrange(40) for _ in range(30)]
        tokenizer.tokenize(b" ".join(words))
        tokenizer.merge(table)
        ids += tokenizer.ids().tolist()
        text += words
        if tokenizer.full():
            tokenizer.flush(table)
            flushes += 1
            assert not tokenizer.full()
    tokenizer.flush(table)
    words = table_words(table)
    assert flushes > 10
    assert [words[id] for id in ids] == text
    assert dict(zip(words, table.counts().tolist(), strict=True)) == Counter(text)


def test_tokenizer_is_full_by_bytes_too() -> None:
    tokenizer = BlockTokenizer(TEXT_CLASSES, max_words=1000, max_bytes=10)
    tokenizer.tokenize(b"abcdefghij")
    assert not tokenizer.full()
    tokenizer.tokenize(b"k")
    assert tokenizer.full()


def test_counts_beyond_32_bits_are_exact_and_order_the_words() -> None:
    table = WordTable()
    table.add(b"few", 2**32)
    table.add(b"many", 2**33 + 1)
    for _ in range(3):
        table.add(b"many", 2**61)
    counts = table.counts()
    assert counts.tolist() == [2**32, 3 * 2**61 + 2**33 + 1]
    assert table.select(counts, 2**32 + 1, 9).tolist() == [1]
    assert table.select(counts, 1, 9).tolist() == [1, 0]


def test_select_orders_by_count_then_unsigned_bytes_then_length() -> None:
    rng = random.Random(4)
    table, expected = WordTable(), {}
    for _ in range(3000):
        word = bytes(rng.choice(b"a\x7f\x80\xff") for _ in range(rng.randrange(1, 7)))
        if word not in expected:
            expected[word] = rng.randrange(1, 5)
            table.add(word, expected[word])
    words = table_words(table)
    order = [words[id] for id in table.select(table.counts(), 2, 10**6)]
    ranked = sorted((word for word in expected if expected[word] >= 2), key=lambda word: (-expected[word], word))
    assert order == ranked
    assert [words[id] for id in table.select(table.counts(), 2, 100)] == ranked[:100]
    assert len(table.select(table.counts(), 5, 10)) == 0


def test_invalid_utf8_agrees_with_python() -> None:
    rng = random.Random(5)
    edges = b"\x00\x41\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5\xff"
    for _ in range(5000):
        word = bytes(rng.choice(edges) for _ in range(rng.randrange(1, 7)))
        table = WordTable()
        table.add(word, 3)
        escaped = sum(0xDC80 <= ord(char) <= 0xDCFF for char in word.decode("utf-8", "surrogateescape"))
        assert table.invalid_utf8(table.counts()) == (3 * (escaped > 0), 3 * escaped), word


def test_remap_drops_unknown_words_and_empty_lines_in_place_and_in_pieces() -> None:
    rng = random.Random(6)
    for _ in range(300):
        n_words = rng.randrange(1, 6)
        final = np.array([LINE_END] + [rng.choice((DROPPED, rng.randrange(9))) for _ in range(n_words)], np.int32)
        ids = np.array([rng.randrange(-1, n_words) for _ in range(rng.randrange(1, 60))], np.int32)
        expected: list[int] = []
        for id in ids:
            new = final[id + 1]
            if new >= 0 or (new == LINE_END and expected and expected[-1] != LINE_END):
                expected.append(int(new))
        cut = rng.randrange(len(ids) + 1)
        kept, last = remap(ids[:cut], final, ids, LINE_END)
        more, last = remap(ids[cut:], final, ids[kept:], last) if cut < len(ids) else (0, last)
        assert ids[: kept + more].tolist() == expected
        assert last == (expected[-1] if expected else LINE_END)


@pytest.mark.parametrize("bad", [-2, 3])
def test_remap_refuses_ids_outside_of_the_map(bad: int) -> None:
    out = np.zeros(4, np.int32)
    with pytest.raises(IndexError):
        remap(np.array([0, bad], np.int32), np.array([LINE_END, 0, 1, 2], np.int32), out, LINE_END)
    assert out.tolist() == [0, 0, 0, 0]


def test_wrong_arguments_are_refused() -> None:
    table = WordTable()
    table.add(b"word")
    with pytest.raises(ValueError, match="256 bytes"):
        BlockTokenizer(b"\x00" * 255)
    with pytest.raises(ValueError, match="256 bytes"):
        BlockTokenizer(b"\x03" * 256)
    with pytest.raises(ValueError, match="at least one byte"):
        table.add(b"")
    with pytest.raises(ValueError, match="0 entries for 1 words"):
        table.select(np.zeros(0, np.int64), 1, 1)
    with pytest.raises(IndexError):
        table.export(np.array([1], np.int32))
