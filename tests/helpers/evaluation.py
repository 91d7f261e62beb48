"""Vectors, sets and naive answers for the tests of evaluation."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from w2v.keyedvectors import KeyedVectors

# ------------------------------------------------------------------------------------------------- files of sets


def write(path: Path, text: str) -> Path:
    """Write a text file, in a new folder if necessary."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def write_questions(path: Path, sections: dict[str, list[tuple[str, ...]]]) -> Path:
    return write(path, "".join(f": {name}\n" + "".join(" ".join(q) + "\n" for q in questions)
                               for name, questions in sections.items()))


def write_pairs(path: Path, kv: KeyedVectors, count: int) -> Path:
    """Write random pairs with random scores; every 13th has an unknown word."""
    rng = np.random.default_rng(8)
    lines = []
    for i in range(count):
        a, b = (kv.index_to_key[j] for j in rng.integers(0, len(kv), 2))
        lines.append(f"{a}\t{'unknown' if i % 13 == 0 else b}\t{rng.integers(0, 11)}\n")
    return write(path, "# made by a test\n" + "".join(lines))


# ------------------------------------------------------------------------------------------------- words in two cases


def cased_vectors() -> KeyedVectors:
    """400 words in both cases, so that folding matters: w3 and W3 are different rows of one word."""
    n = 400
    rng = np.random.default_rng(4)
    words = [f"{'W' if rng.random() < 0.5 else 'w'}{i}" for i in range(n // 2)]
    words += [word.swapcase() for word in words[:n // 4]] + [f"x{i}" for i in range(n // 4)]
    return KeyedVectors(words, rng.normal(size=(n, 8)).astype(np.float32))


def make_questions(kv: KeyedVectors, count: int, *, seed: int = 0) -> list[tuple[str, ...]]:
    """Random questions; the answer of every second one is that of the naive loop, so that some are right."""
    rng = np.random.default_rng(seed)
    questions = []
    for i in range(count):
        words = [kv.index_to_key[j] for j in rng.integers(0, len(kv), 4)]
        if i % 2:
            found = naive_answer(kv, words, None, True, "3cosadd")
            assert found is not None
            words[3] = found.lower()
        if i % 29 == 0:
            words[i % 4] = "unknown"
        questions.append(tuple(words))
    return questions


def naive_answer(kv: KeyedVectors, words: list[str], restrict: int | None, fold: bool, method: str) -> str | None:
    """The answer to words[0] : words[1] = words[2] : ?, one candidate after the other in float64."""
    case = str.upper if fold else str
    known = kv.index_to_key[:restrict]
    first: dict[str, int] = {}
    for i, word in enumerate(known):
        first.setdefault(case(word), i)
    if any(case(word) not in first for word in words):
        return None
    units = kv.vectors.astype(np.float64)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    a, b, c = (units[first[case(word)]] for word in words[:3])
    skip = {case(word) for word in words[:3]}
    best, best_score = None, -math.inf
    for i, word in enumerate(known):
        if case(word) in skip:
            continue
        x = units[i]
        score = (x @ (b - a + c) if method == "3cosadd"
                 else (1 + x @ b) / 2 * (1 + x @ c) / 2 / ((1 + x @ a) / 2 + 1e-6))
        if score > best_score:
            best, best_score = case(word), score
    return best


# ------------------------------------------------------------------------------------------------- planted structure


def related_vectors() -> KeyedVectors:
    """150 words; w50 to w99 are w0 to w49 moved by one offset and some noise, and the last word folds to w3."""
    n, d = 150, 12
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(n, d))
    rows[50:100] = rows[:50] + 1.5 * rng.normal(size=d) + 0.5 * rng.normal(size=(50, d))
    words = [f"w{i}" for i in range(n)]
    words[149] = "W3"
    return KeyedVectors(words, rows.astype(np.float32))


def unit_rows(kv: KeyedVectors) -> np.ndarray:
    rows = kv.vectors.astype(np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def naive_row(kv: KeyedVectors, a: int, b: int, c: int, method: str, excluded: set[int]) -> int:
    """The row that answers a : b = c : ?, from the scores of all rows in float64."""
    x = unit_rows(kv)
    if method == "3cosadd":
        scores = x @ (x[b] - x[a] + x[c])
    elif method == "3cosmul":
        scores = (1 + x @ x[b]) / 2 * (1 + x @ x[c]) / 2 / ((1 + x @ x[a]) / 2 + 1e-6)
    else:
        away = x - x[c]
        length = np.linalg.norm(away, axis=1)
        with np.errstate(invalid="ignore"):
            scores = away @ (x[b] - x[a]) / np.linalg.norm(x[b] - x[a]) / length
        scores[length < 1e-6] = -np.inf
    scores[list(excluded)] = -np.inf
    return int(scores.argmax())


def clustered(sizes: list[int], d: int = 20, noise: float = 0.25, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors in groups of these sizes around random centres, and the group of each."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    rows = rng.normal(size=(len(sizes), d))[labels] + noise * rng.normal(size=(len(labels), d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), labels


def offset_vectors() -> KeyedVectors:
    """Words a_i and b_i that differ by one offset for the even i, and by another for the odd ones."""
    rng = np.random.default_rng(4)
    a = rng.normal(size=(20, 30))
    offset = rng.normal(size=(2, 30)) * 2
    b = a + offset[np.arange(20) % 2] + 0.3 * rng.normal(size=(20, 30))
    return KeyedVectors([f"a{i}" for i in range(20)] + [f"b{i}" for i in range(20)],
                        np.concatenate([a, b]).astype(np.float32))


# ------------------------------------------------------------------------------------------------- a folder of sets


def suite_vectors() -> KeyedVectors:
    """Words a0 to a59 and b0 to b59, which differ by one offset and some noise."""
    n, d = 60, 16
    rng = np.random.default_rng(0)
    a = rng.normal(size=(n, d))
    rows = np.concatenate([a, a + 2 * rng.normal(size=d) + 0.6 * rng.normal(size=a.shape)]).astype(np.float32)
    return KeyedVectors([f"{side}{i}" for side in "ab" for i in range(n)], rows, source="made by a test")


def write_suite(sets: Path) -> Path:
    """Write sets of several kinds under names of the registry, for `suite_vectors`."""
    kv = suite_vectors()
    rng = np.random.default_rng(1)
    write(sets / "questions-words.txt", ": capital\n" + "".join(
        f"a{i} b{i} a{j} b{j}\n" for i in range(12) for j in range(12) if i != j) + ": gram1\na30 b30 a31 nowhere\n"
        "a30 b30 a32 b32\n")
    pairs = [(f"a{i}", f"a{j}") for i, j in rng.integers(0, 60, (80, 2))]
    write(sets / "men.tsv", "".join(f"{a}\t{b}\t{kv.similarity(a, b) + rng.normal() * 0.3}\n" for a, b in pairs)
          + "no\tnone\t1\n")
    write(sets / "ap.txt", "".join(f"{side}{i}\t{side}-class\n" for side in "ab" for i in range(20)))
    write(sets / "8-8-8" / "x.txt", "a1\na2\na3\n\nb9\nb8\n")
    return sets


def write_vector_files(folder: Path) -> list[str]:
    """Write `suite_vectors`, the same with a little noise, and with much."""
    kv = suite_vectors()
    rng = np.random.default_rng(9)
    found = []
    for name, noise in (("good", 0.0), ("same", 0.02), ("bad", 3.0)):
        found.append(str(folder / f"{name}.bin"))
        KeyedVectors(kv.index_to_key, kv.vectors + noise * rng.normal(size=kv.vectors.shape)).save(found[-1])
    return found
