"""Encoded text with joined phrases: joins in shards, temporary files, and text that is written."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from helpers import phrases_twin as twin
from helpers.phrases_twin import CONNECTORS

from w2v.corpus.encode import encode
from w2v.errors import CorpusError
from w2v.phrases import Phrases
from w2v.phrases.file import PhraseScore
from w2v.phrases.text import PhrasedText


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_shards_are_joined_as_one_text_from_the_left(monkeypatch, threads):
    monkeypatch.setattr("w2v.phrases.text.SHARD_IDS", 3)
    rng = random.Random(5)
    sentences = twin.made_sentences(300) + [["x"] * 50, [rng.choice(["x", "y", "of"]) for _ in range(500)], ["of"] * 20]
    phrases = Phrases()
    phrases.connector_words = CONNECTORS
    pairs = ["x x", "x of x", "x y", "new york", "eye of the storm"]
    score = PhraseScore(1.0, 1)
    phrases.passes = [{tuple(pair.split()): score for pair in pairs}, {("x_x", "x_y"): score}]
    expected = sentences
    for one in phrases.passes:
        expected = [twin.join(sentence, one, CONNECTORS) for sentence in expected]
    text = PhrasedText(encode(sentences, min_count=1), threads)
    joins = phrases.join(text)
    words = [text.words.spelled(i).decode() for i in range(len(text.words))]
    lines, line = [], []
    for i in text.ids.tolist():
        if i < 0:
            lines.append(line)
            line = []
        else:
            line.append(words[i])
    assert lines == [sentence for sentence in expected if sentence] == [s for s in phrases[sentences] if s]
    counts = Counter(word for sentence in expected for word in sentence)
    assert {word: n for word, n in zip(words, text.words.counts.tolist(), strict=True) if n} == counts
    assert sum(counts.values()) == text.n_words == sum(map(len, sentences)) - text.n_joined
    assert min(joins) > 0 and counts["x_x_x_y"] == joins[1]


def test_written_text_has_its_phrases_joined(phrase_files, tmp_path, monkeypatch):
    monkeypatch.setattr("w2v.phrases.text.SHARD_IDS", 7)
    text, _, sentences, phrases = phrase_files
    phrases.apply_to(text, tmp_path / "joined.txt", threads=2)
    written = (tmp_path / "joined.txt").read_bytes().decode("utf-8", "surrogateescape")
    assert written == "".join(" ".join(sentence) + "\n" for sentence in phrases[sentences])
    with pytest.raises(ValueError, match="white space"):
        phrases.apply_to([["a b", "c"]], tmp_path / "joined.txt")
    assert (tmp_path / "joined.txt").read_bytes().decode("utf-8", "surrogateescape") == written


def test_ids_in_a_temporary_file_are_joined(phrase_files, monkeypatch):
    text, _, sentences, phrases = phrase_files
    in_file = PhrasedText(encode(text, min_count=1, memory_share=0.0), 2)
    in_memory = PhrasedText(encode(text, min_count=1), 2)
    assert phrases.join(in_file) == phrases.join(in_memory)
    one, other = (found.encoded(min_count=2, max_vocab=None) for found in (in_file, in_memory))
    assert np.array_equal(one.ids, other.ids) and one.vocabulary.words == other.vocabulary.words
    assert one.n_words == (one.ids >= 0).sum()
    with pytest.raises(CorpusError, match="phrases"):
        phrases.join(again := PhrasedText(encode(text, min_count=1), 1))
        again.encoded(min_count=10**6, max_vocab=None)
