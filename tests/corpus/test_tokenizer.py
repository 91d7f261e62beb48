"""The C tokenizer and word table, compared with bytes.split and collections.Counter."""

import gc
import random
import threading
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from w2v.corpus._tokenizer import DROPPED, LINE_END, BlockStats, BlockTokenizer, WordTable, find_nul, remap
from w2v.corpus.byte_classes import TEXT_CLASSES, TOKEN_CLASSES

BY_TABLE_CLASSES = bytes([1, *TEXT_CLASSES[1:]])  # NUL is a separator too: the tokenizer uses its generic code
ALPHABETS = ["ab", "etaoin shrdlu", "абвгд еж", "日本語 テキスト", "a\t\v\f\r b", "añ€𝄞 x"]


def split_lines(text: bytes) -> list[list[bytes]]:
    return [line.split() for line in text.split(b"\n")]


def random_text(rng: random.Random, size: int) -> bytes:
    alphabet = rng.choice(ALPHABETS) + rng.choice(["", " ", "\n", "\r\n", " \n"])
    parts = (rng.choice(alphabet) * rng.choice((1, 1, 1, 2, 17)) for _ in range(size))
    return "".join(parts).encode()


def tokenize(text: bytes, classes: bytes = TEXT_CLASSES) -> tuple[BlockStats, list[int], WordTable]:
    table = WordTable()
    out = np.empty(len(text) + 2, np.int32)
    n_ids, stats = BlockTokenizer(table, classes).tokenize(text, out)
    return stats, out[:n_ids].tolist(), table


def table_words(table: WordTable) -> list[bytes]:
    """Return the words by id."""
    blob, offsets, _, final = table.select(table.counts(), 0, len(table))
    listed = [blob[begin:end].tobytes() for begin, end in pairwise(offsets)]
    return [listed[place] for place in final[1:]]


def expected_ids(text: bytes, words: list[bytes]) -> list[int]:
    number = {word: id for id, word in enumerate(words)}
    *closed, last = split_lines(text)
    ids = []
    for line in closed:
        if line or not ids:
            ids += [number[word] for word in line] + [LINE_END]
    return ids + [number[word] for word in last]


@pytest.mark.parametrize("classes", [TEXT_CLASSES, BY_TABLE_CLASSES], ids=["ascii", "table"])
@pytest.mark.slow
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
        assert stats.words == len(text.split())
        assert stats.line_ends == ids.count(LINE_END)
        assert stats.crlf_lines == text.count(b"\r\n")
        assert stats.tail_words == len(lines[-1])
        if len(lines) > 1:
            assert stats.head_words == len(lines[0])
            assert stats.longest_inner == max(map(len, lines[1:-1]), default=0)


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


def test_tokens_may_contain_nul_and_white_space() -> None:
    tokens = [b"a", b"a\0", b"a\0\0", b"\0", b"new york", b"x\ry\r"]
    stats, ids, table = tokenize(b"\xfe".join(tokens) + b"\xff", TOKEN_CLASSES)
    assert table_words(table) == tokens
    assert ids == [0, 1, 2, 3, 4, 5, LINE_END]
    assert stats.crlf_lines == 0  # a token that ends in \r is not CRLF


def test_many_words_grow_the_table_and_keep_ids_and_counts() -> None:
    words = [b"%d" % (i * 7919) for i in range(60_000)] + [b"w" * 20 + b"%d" % i for i in range(20_000)]
    text = b" ".join(words + words[::2])
    _, ids, table = tokenize(text)
    assert table_words(table) == words
    assert ids == [*range(len(words)), *range(0, len(words), 2)]
    assert table.counts().tolist() == [2, 1] * (len(words) // 2)


def test_many_threads_fill_one_table_exactly() -> None:
    """Short words, long words, and growth of all parts of the table while other threads read them."""
    words = [b"%d" % i for i in range(30_000)] + [b"a-long-word-of-number-%d" % i for i in range(30_000)]
    words += [b"x" * n for n in range(1, 3000, 7)]
    n_threads, table = 4, WordTable()
    results: list[tuple[list[bytes], list[int]]] = []

    def work(seed: int) -> None:
        tokenizer, rng = BlockTokenizer(table, TEXT_CLASSES), random.Random(seed)
        order = words * 2
        rng.shuffle(order)
        ids: list[int] = []
        for begin in range(0, len(order), 1000):
            text = b" ".join(order[begin : begin + 1000])
            out = np.empty(len(text) + 2, np.int32)
            n_ids, _ = tokenizer.tokenize(text, out)
            ids += out[:n_ids].tolist()
        results.append((order, ids))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    by_id = table_words(table)
    assert sorted(by_id) == sorted(words)
    assert table.counts().tolist() == [2 * n_threads] * len(words)  # also those counted by readers that no longer exist
    assert len(results) == n_threads
    for order, ids in results:
        assert [by_id[id] for id in ids] == order


def test_rare_words_are_counted_in_the_table_and_frequent_ones_by_the_reader() -> None:
    table = WordTable()
    tokenizer = BlockTokenizer(table, TEXT_CLASSES)
    words = [b"%x" % i for i in range((1 << 16) + 500)]
    text = b" ".join(words + words[(1 << 16) - 100 :] * 3)
    tokenizer.tokenize(text, np.empty(len(text) + 2, np.int32))
    expected = [1] * ((1 << 16) - 100) + [4] * 600
    assert table.counts().tolist() == expected
    del tokenizer
    assert table.counts().tolist() == expected


def test_counts_of_a_deleted_reader_are_kept() -> None:
    table = WordTable()
    for _ in range(3):
        BlockTokenizer(table, TEXT_CLASSES).tokenize(b"one two one", np.empty(13, np.int32))
    assert table_words(table) == [b"one", b"two"]
    assert table.counts().tolist() == [6, 3]


@pytest.mark.parametrize("n_words", [1, 40, 70_000])
def test_closed_table_has_one_id_for_every_other_word(n_words: int) -> None:
    """Below and above the number of words that a reader counts by itself; long words too."""
    words = [b"w%d" % i if i % 3 else b"a-word-of-more-than-15-bytes-%d" % i for i in range(n_words)]
    offsets = np.cumsum([0, *map(len, words)], dtype=np.int64)
    table, final = WordTable.closed(np.frombuffer(b"".join(words), np.uint8), offsets)
    rng = random.Random(3)
    picked = [rng.randrange(2 * n_words) for _ in range(3000)]
    text = b" ".join(words[i] if i < n_words else b"another-word-%d" % i * rng.randrange(1, 3) for i in picked) + b"\n"
    out = np.empty(len(text) + 2, np.int32)
    for _ in range(2):
        n_ids, stats = BlockTokenizer(table, TEXT_CLASSES).tokenize(text, out)
        assert out[:n_ids].tolist() == [*(i + 1 if i < n_words else 0 for i in picked), LINE_END]
        assert stats.words == stats.head_words == 3000 and len(table) == n_words + 1
    kept, _ = remap(out[:n_ids], final, mapped := np.empty(n_ids + 1, np.int32), LINE_END)
    assert mapped[:kept].tolist() == [*(i for i in picked if i < n_words), LINE_END]
    assert table.find(b"another-word-1") == -1


def test_nul_is_found() -> None:
    assert find_nul(b"") == find_nul(b"abc") == -1
    assert find_nul(b"abc\0d\0") == 3


def test_counts_beyond_32_bits_are_exact_and_order_the_words() -> None:
    table = WordTable()
    table.add(b"few", 2**32)
    table.add(b"many", 2**33 + 1)
    for _ in range(3):
        table.add(b"many", 2**61)
    counts = table.counts()
    assert counts.tolist() == [2**32, 3 * 2**61 + 2**33 + 1]
    assert table.select(counts, 2**32 + 1, 9)[2].tolist() == [3 * 2**61 + 2**33 + 1]
    _, _, chosen, final = table.select(counts, 1, 9)
    assert chosen.tolist() == [3 * 2**61 + 2**33 + 1, 2**32]
    assert final.tolist() == [LINE_END, 1, 0]


def test_select_orders_by_count_then_unsigned_bytes_then_length() -> None:
    rng = random.Random(4)
    table, expected = WordTable(), {}
    for _ in range(3000):
        word = bytes(rng.choice(b"a\x7f\x80\xff") for _ in range(rng.randrange(1, 7)))
        if word not in expected:
            expected[word] = rng.randrange(1, 5)
            table.add(word, expected[word])
    for word in (b"a" * 16, b"a" * 8 + b"\xff" * 8, b"a" * 8, b"a" * 15, b"a" * 7 + b"\0", b"a" * 7):
        expected[word] = 3
        table.add(word, 3)
    ranked = sorted((word for word in expected if expected[word] >= 2), key=lambda word: (-expected[word], word))
    for most in (10**6, 100):
        blob, offsets, chosen, final = table.select(table.counts(), 2, most)
        listed = [blob[begin:end].tobytes() for begin, end in pairwise(offsets)]
        assert listed == ranked[:most]
        assert chosen.tolist() == [expected[word] for word in listed]
        assert sorted(place for place in final.tolist() if place >= 0) == list(range(len(listed)))
        assert final.tolist().count(DROPPED) == len(expected) - len(listed)
    assert len(table.select(table.counts(), 5, 10)[2]) == 0


def test_invalid_utf8_agrees_with_python() -> None:
    rng = random.Random(5)
    edges = b"\x00\x41\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5\xff"
    for _ in range(5000):
        word = bytes(rng.choice(edges) for _ in range(rng.randrange(1, 7)))
        table = WordTable()
        table.add(word, 3)
        escaped = sum(0xDC80 <= ord(char) <= 0xDCFF for char in word.decode("utf-8", "surrogateescape"))
        assert table.oddities(table.counts())[:3] == (3 * (escaped > 0), 3 * escaped, len(word)), word


def test_remap_drops_unknown_words_and_empty_lines_in_place_and_in_parts() -> None:
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
def test_ids_outside_of_the_map_are_refused(bad: int) -> None:
    out = np.zeros(4, np.int32)
    with pytest.raises(IndexError):
        remap(np.array([0, bad], np.int32), np.array([LINE_END, 0, 1, 2], np.int32), out, LINE_END)
    assert out.tolist() == [0, 0, 0, 0]


def test_wrong_arguments_are_refused() -> None:
    table = WordTable()
    table.add(b"word")
    with pytest.raises(ValueError, match="256 bytes"):
        BlockTokenizer(table, b"\x00" * 255)
    with pytest.raises(ValueError, match="256 bytes"):
        BlockTokenizer(table, b"\x03" * 256)
    with pytest.raises(ValueError, match="at least one byte"):
        table.add(b"")
    with pytest.raises(ValueError, match="0 entries for 1 words"):
        table.select(np.zeros(0, np.int64), 1, 1)
    with pytest.raises(ValueError, match="room for 6 ids, a block of 5 bytes may need 7"):
        BlockTokenizer(table, TEXT_CLASSES).tokenize(b"a b c", np.empty(6, np.int32))


def test_tokenizer_in_a_cycle_is_collected_before_its_table():
    """The collector may clear objects in any order; the tokenizer frees memory that belongs to its table."""
    gc.freeze()  # the collector would look at all other objects each time
    try:
        for _ in range(50):
            cycle = []
            cycle += [cycle, BlockTokenizer(WordTable(), bytes(256))]
            del cycle
            assert gc.collect() > 0
    finally:
        gc.unfreeze()
