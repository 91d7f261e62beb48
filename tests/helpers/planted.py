"""Corpus with a known structure, which decides what a model must learn.

Words of one class are interchangeable: they occur with the context words of their class and with no others. There are
also pairs of words with one relation: thing i has the names `male_i` and `female_i`. Both occur with the words of thing
i, and each form with the words of its form, so female_i - male_i has the same direction for every i.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

import w2v

CLASSES, CLASS_SIZE, THINGS, FORMS = 12, 6, 16, ("male", "female")

# Options of w2v.train with which a model learns the structure in seconds, the same with every run.
OPTIONS = {"vector_size": 32, "min_count": 1, "sample": 0, "seed": 1, "threads": 1, "progress": False}


def class_word(group: int, member: int) -> str:
    return f"class{group}word{member}"


def sentences(n: int, seed: int = 1) -> Iterator[list[str]]:
    """Generate `n` sentences of five words."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        if rng.random() < 0.5:
            group = rng.integers(CLASSES)
            context = [f"context{group}no{k}" for k in rng.integers(0, 8, 4)]
            word = class_word(group, rng.integers(CLASS_SIZE))
        else:
            thing, form = rng.integers(THINGS), FORMS[rng.integers(2)]
            context = [f"thing{thing}no{k}" for k in rng.integers(0, 4, 2)]
            context += [f"{form}no{k}" for k in rng.integers(0, 6, 2)]
            context = [context[k] for k in rng.permutation(4)]
            word = f"{form}_{thing}"
        yield [*context[:2], word, *context[2:]]


def write_corpus(path: Path, n: int) -> Path:
    """Write `n` sentences, one a line, and return the path."""
    path.write_text("\n".join(" ".join(words) for words in sentences(n)) + "\n")
    return path


def neighbors_found(kv: w2v.KeyedVectors) -> float:
    """Share of correct words among the nearest neighbours of class words.

    As many neighbours are taken as the class has other members; all of them should be of that class.
    """
    right = 0
    for group in range(CLASSES):
        members = {class_word(group, k) for k in range(CLASS_SIZE)}
        for word in members:
            nearest = [w for w, _ in kv.most_similar(word, topn=200) if w.startswith("class")][: CLASS_SIZE - 1]
            right += sum(w in members for w in nearest)
    return right / (CLASSES * CLASS_SIZE * (CLASS_SIZE - 1))


def questions() -> str:
    """Analogy questions in the format of the Google set, over all ordered pairs of things."""
    lines = [": gram-form"]
    lines += [f"male_{a} female_{a} male_{b} female_{b}" for a in range(THINGS) for b in range(THINGS) if a != b]
    return "\n".join(lines) + "\n"


WORD_COUNTS = ("words_trained", "words_subsampled", "words_unknown", "words_held_out")


def adds_up(report):
    """Whether these counts of a training report add up to the words that were read."""
    return report.words_read == sum(getattr(report, name) for name in WORD_COUNTS)
