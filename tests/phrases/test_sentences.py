"""Joining of phrases in one sentence, compared with the plain Python reference."""

from __future__ import annotations

import random

import pytest
from helpers import phrases_twin as twin
from helpers.phrases_twin import CONNECTORS

from w2v.phrases.file import PhraseScore
from w2v.phrases.sentences import join_sentence

PHRASES = {tuple(phrase.split()): PhraseScore(score, 1) for phrase, score in (
    ("a b", 2.0), ("b a", 3.0), ("a a", 1.0), ("a of b", 4.0), ("b of the a", 5.0))}


@pytest.mark.parametrize(("sentence", "joined"), [
    ("", []), ("c", ["c"]), ("a b", ["a_b"]), ("a b a", ["a_b", "a"]), ("c a b", ["c", "a_b"]),
    ("a of b", ["a_of_b"]), ("a of the b", ["a", "of", "the", "b"]), ("b of the a b", ["b_of_the_a", "b"]),
    ("of a b of", ["of", "a_b", "of"]), ("a of c", ["a", "of", "c"]), ("a of of b", ["a", "of", "of", "b"]),
])
def test_phrases_are_joined_from_the_left(sentence: str, joined: list[str]) -> None:
    words = join_sentence([(word, None) for word in sentence.split()], PHRASES, CONNECTORS, "_")
    assert [word for word, _ in words] == joined
    assert all((score is not None) == ("_" in word) for word, score in words)


def test_scores_of_joined_words_are_kept_unless_they_are_joined_again() -> None:
    words = join_sentence([("a_b", 2.0), ("c", None), ("a", None), ("b", None)], PHRASES, CONNECTORS, "_")
    assert words == [("a_b", 2.0), ("c", None), ("a_b", 2.0)]


def test_random_sentences_equal_the_reference() -> None:
    rng = random.Random(1)
    for _ in range(500):
        sentence = rng.choices(["a", "b", "c", "of", "the"], k=rng.randrange(12))
        words = join_sentence([(word, None) for word in sentence], PHRASES, CONNECTORS, "-")
        assert [word for word, _ in words] == twin.join(sentence, PHRASES, CONNECTORS, "-")
