"""Plain Python reference of w2v.phrases: the rules of gensim and word2phrase.c on lists of words.

Counts are kept by spelling, so grams and words with the same spelling when joined are counted together. A gram is a
tuple of words.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from w2v.phrases import Phrases

CONNECTORS = frozenset({"of", "the"})

Sentence = Sequence[str]
Scores = Mapping[tuple[str, ...], tuple[float, int]]
"""Score and count of each phrase."""


def grams_of(sentence: Sentence, connectors: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Yield each word with the next one that is not a connector word, and the connector words in between."""
    open_gram: list[str] = []
    for word in sentence:
        if word not in connectors:
            if open_gram:
                yield (*open_gram, word)
            open_gram = [word]
        elif open_gram:
            open_gram.append(word)


def count(sentences: Sequence[Sentence], connectors: frozenset[str], separator: str) -> Counter[str]:
    """Return the counts of words and grams by their spellings."""
    spelled: Counter[str] = Counter()
    for sentence in sentences:
        spelled.update(word for word in sentence if word not in connectors)
        spelled.update(separator.join(gram) for gram in grams_of(sentence, connectors))
    return spelled


def learn(sentences: Sequence[Sentence], *, min_count: int, threshold: float, scoring: str = "default",
          connectors: frozenset[str] = frozenset(), separator: str = "_") -> dict[tuple[str, ...], tuple[float, int]]:
    """Return every gram with a score above the threshold, with score and count."""
    counts = count(sentences, connectors, separator)
    n_words = sum(map(len, sentences))
    learned = {}
    for gram in {gram for sentence in sentences for gram in grams_of(sentence, connectors)}:
        ab, a, b = counts[separator.join(gram)], counts[gram[0]], counts[gram[-1]]
        if scoring == "npmi":
            p = ab / n_words
            score = math.log(p / ((a / n_words) * (b / n_words))) / -math.log(p) if ab >= min_count else -math.inf
        else:
            score = (ab - min_count) / (a * b) * (len(counts) if scoring == "default" else n_words)
        if score > threshold:
            learned[gram] = (score, ab)
    return learned


def join(sentence: Sentence, phrases: Scores, connectors: frozenset[str], separator: str = "_") -> list[str]:
    """Join phrases from left to right: words that may begin a phrase wait until it is complete or impossible."""
    out: list[str] = []
    waiting: list[str] = []
    for word in sentence:
        if word in connectors:
            (waiting if waiting else out).append(word)
        elif waiting and (*waiting, word) in phrases:
            out.append(separator.join((*waiting, word)))
            waiting = []
        else:
            out += waiting
            waiting = [word]
    return out + waiting


def found(phrases: Phrases, number: int = 0) -> dict[tuple[str, ...], tuple[float, int]]:
    """Return the phrases of one pass of a model; none if there was no such pass."""
    return dict(phrases.passes[number]) if number < len(phrases.passes) else {}


def same(got: Scores, expected: Scores) -> bool:
    """Return whether phrases and counts are equal, and scores nearly so."""
    return got.keys() == expected.keys() and all(
        got[key][0] == pytest.approx(expected[key][0], rel=1e-12) and got[key][1] == expected[key][1] for key in got)


def made_sentences(n: int, seed: int = 1, words: str = "abcdefgh", joined: bool = False) -> list[list[str]]:
    """Return sentences in which some words occur together more often than by chance, some of them joined already if
    `joined` is set."""
    rng = random.Random(seed)
    planted = ["new york", "new york city", "bank of america", "eye of the storm", "x y", "y x", "x x x"]
    if joined:
        planted += ["new_york city", "new york_city", "new_york_city", "bank_of america", "_ x", "x _", "of_the x"]
    sentences = []
    for _ in range(n):
        sentence: list[str] = []
        for _ in range(rng.randrange(9)):
            roll = rng.random()
            sentence += rng.choice(planted).split() if roll < 0.3 else (
                [rng.choice(["of", "the"])] if roll < 0.45 else [rng.choice(words)])
        sentences.append(sentence)
    return sentences


def text_in_scripts() -> list[list[str]]:
    """Return 2,000 sentences with planted phrases, in several scripts and with bytes that are not valid UTF-8."""
    rng = random.Random(9)
    planted = [["東京", "都"], ["нью", "йорк"], ["\udcff\udcfe", "é"], ["bank", "of", "america"], ["rare", "word"]]
    sentences = [[word for _ in range(rng.randrange(1, 9)) for word in (
        rng.choice(planted[:4]) if rng.random() < 0.3 else [rng.choice("abcdefghijklmnop")])] for _ in range(2000)]
    sentences[100:104] = [planted[4]] * 4
    return sentences


HEAD = ('# w2v phrases 1\n# {"scoring": "default", "min_count": 5, "threshold": 10, "separator": "_", '
        '"connector_words": ["of"]}\npass\tphrase\tscore\tcount\n')
"""First three lines of a model file."""


def files_in(folder: Path) -> tuple[Path, Path, list[list[str]], Phrases]:
    """Write `text_in_scripts` and its phrase model; return both paths, the sentences, and the model."""
    text, sentences = folder / "text.txt", text_in_scripts()
    text.write_bytes("\r\n".join("  ".join(sentence) for sentence in sentences).encode("utf-8", "surrogateescape"))
    phrases = Phrases(text, min_count=2, threshold=0.5, scoring="npmi", passes=2, connector_words=["of", "a"])
    phrases.save(folder / "phrases.tsv")
    return text, folder / "phrases.tsv", sentences, phrases
