"""Texts and oracles for the tests of corpus reading: random texts, expected encodings, blocks as bytes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import numpy as np

from w2v.corpus.blocks import load
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.integers import IntegerBlock
from w2v.corpus.source import open_source
from w2v.corpus.sources.base import TextSource

SCRIPTS = ["abcdefgh", "абвгдежз", "日本語中文字", "αβγδ", "אבגד", "añ€𝄞", "etaoin"]
SPACES = [" ", " ", " ", "  ", "\t", "\v\f", "\r", "\n", "\n\n", "\r\n", " \n "]


def random_text(rng: random.Random, n_words: int) -> bytes:
    script = rng.choice(SCRIPTS)
    words = ["".join(rng.choice(script) for _ in range(rng.choice((1, 1, 2, 3, 9, 20)))) for _ in range(12)]
    parts = [part for _ in range(n_words) for part in (rng.choice(words), rng.choice(SPACES))]
    return "".join(parts[: len(parts) - rng.randrange(2)]).encode()


def oracle(text: bytes, min_count: int) -> tuple[list[bytes], list[int], list[int]]:
    """Return words, counts and ids, computed in plain Python."""
    lines = [line.split() for line in text.split(b"\n")]
    counts = Counter(word for line in lines for word in line)
    words = sorted((word for word in counts if counts[word] >= min_count), key=lambda word: (-counts[word], word))
    number = {word: id for id, word in enumerate(words)}
    ids: list[int] = []
    for line in lines:
        known = [number[word] for word in line if word in number]
        ids += [*known, -1] if known else []
    return words, [counts[word] for word in words], ids


def check_encoded(encoded: EncodedCorpus, text: bytes, min_count: int) -> None:
    """Assert that an encoded corpus and its report are those of a text."""
    words, counts, ids = oracle(text, min_count)
    assert [word.encode("utf-8", "surrogateescape") for word in encoded.vocabulary.words] == words
    assert encoded.vocabulary.counts.tolist() == counts
    assert encoded.ids.tolist() == ids
    assert encoded.ids.dtype == np.int32 and encoded.ids.flags.c_contiguous
    lines = [line.split() for line in text.split(b"\n")]
    report = encoded.report
    assert report.words == len(text.split())
    assert report.words_unknown + encoded.n_words == report.words
    assert encoded.n_words == sum(counts)
    assert report.lines == sum(map(bool, lines))
    assert report.longest_line == max(map(len, lines))
    assert report.longest_word == max(map(len, text.split()))
    assert report.distinct_words == len(set(text.split()))
    assert report.crlf_lines == text.count(b"\r\n")


def blocks_as_bytes(source: TextSource, block_size: int = 1 << 20) -> Iterator[bytes]:
    for block in source.blocks(block_size):
        content = load(block, lambda size: memoryview(bytearray(size)))
        yield content.text() if isinstance(content, IntegerBlock) else bytes(content)


def text_of(corpus: object, block_size: int = 1 << 20) -> bytes:
    """Return a corpus as the tokenizer will see it."""
    return b"".join(blocks_as_bytes(open_source(corpus), block_size))


def random_bytes(rng: random.Random, size: int) -> bytes:
    """Return random letters and white space of all kinds."""
    return bytes(rng.choice(b"abc \t\n\v\f\r\r\n\n  d\xc3\xa9") for _ in range(size))
