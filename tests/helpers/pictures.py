"""Plain values of every kind of result that has a picture, with words of any length and any number of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Values = dict[str, Any]
Word = Callable[[int], str]


def estimate(value: float, chance: float | None = 0.1) -> Values:
    return {"value": value, "interval": [value - 0.05, value + 0.04], "chance": chance, "p": 0.02}


def difference(word: Word, n: int) -> Values:
    moved = [{"word": word(i), "rank": 10 ** (i % 6), "cosine": 0.1 + i / (2 * n), "expected_cosine": 0.7, "z": 4.5,
              "q": 0.00123, "overlap": 0.2, "expected_overlap": 0.5, "overlap_z": 2.0} for i in range(n)]
    return {"moved": moved, "by": "cosine", "words": 123_456_789, "neighbors": 10, "significant": 3,
            "all_words": {"cosine": {"chance": 0.05}, "overlap": {"chance": 0.05}}}


def drift(word: Word, n: int) -> Values:
    return {"words": 123_456_789, "mean_cosine": 0.8, "share_far": 0.123, "rotation_gain": None,
            "moved": [{"word": word(i), "cosine": 0.1 + i / (2 * n)} for i in range(n)]}


def stability(word: Word, n: int) -> Values:
    return {"topn": 10, "overlap": estimate(0.5), "words_given": True, "runs": 12, "words_measured": n, "words": 10_000,
            "per_word": [{"word": word(i), "overlap": i / n} for i in range(n)], "by_band": [],
            "deciles": [i / 10 for i in range(11)]}


def bands(word: Word, n: int) -> Values:
    names = [f"rank {10 ** i + 1:,} - {10 ** (i + 1):,}" for i in range(min(n, 7))]
    return stability(word, n) | {"words_given": False, "per_word": [], "by_band": [
        {"band": name, "overlap": estimate(0.4)} for name in names]}


def neighbors(word: Word, n: int) -> Values:
    return {"word": word(0), "runs": 10, "topn": 10, "words": 10_000, "chance": 0.000123, "found": 12_345,
            "neighbors": [{"word": word(i), "runs": 10 - i % 3, "cosine": 0.5, "lowest": 0.4, "highest": 0.7}
                          for i in range(n)]}


def neighbors_of_words(word: Word, n: int) -> Values:
    return {"neighbors": {name: neighbors(word, n) | {"word": name} for name in (word(1), word(2))}}


def clusters(word: Word, n: int) -> Values:
    groups = [{"cluster": i, "words": 1_234_567 - i, "cosine": estimate(0.6), "silhouette": estimate(0.1 + i / (2 * n)),
               "nearest": [{"word": word(3 * i + j), "cosine": 0.9} for j in range(3)]} for i in range(n)]
    tried = [{"k": k, "silhouette": estimate(0.2), "cosine": estimate(0.5)} for k in (2, 4, 10, 21, 47, 103, 227, 500)]
    return {"clusters": groups, "silhouette": estimate(0.2), "cosine": estimate(0.6), "words": 123_456_789, "k": 47,
            "chance_words": 1000, "tried": tried, "sample": 20_000, "seed": 1}


def reduction(word: Word, n: int) -> Values:
    shares = [1 / 100] * 100
    return {"prefixes": [{"dim": dim, "neighbours": estimate(dim / 101)} for dim in (25, 50, 100)], "topn": 10,
            "queries": 100_000, "components": {"shares": shares, "chance": shares}, "removed": 0, "dim": 100,
            "method": "pca", "old_dim": 300, "words": 123_456_789, "distortion": None}


def _test(word: Word, i: int) -> Values:
    return {"name": word(i), "targets": [{"name": word(1)}, {"name": word(2)}], "p_holm": 0.01 + (i % 2) / 10,
            "attributes": [{"name": word(3)}, {"name": word(4)}], "effect": estimate(0.5 - i % 3)}


def bias(word: Word, n: int) -> Values:
    return {"tests": [_test(word, i) for i in range(n)], "left_out": [], "draws": 10}


def axis(word: Word, n: int) -> Values:
    return {"start": [word(i) for i in range(n)], "end": [word(i) for i in range(n)], "extremes": True,
            "searched": 123_456_789, "words": [{"word": word(i), "z": -12.3, "projection": estimate(i / n - 0.5)}
                                               for i in range(n)]}


def comparison(word: Word, i: int, second: str) -> Values:
    return {"set": word(i), "measure": "Spearman", "first_file": f"folder/{word(0)}.safetensors", "second_file": second,
            "first": 0.61234, "second": 0.62345, "difference": 0.0123456 + i / 1000,
            "interval": [-0.0012345, 0.0234567], "p": 0.01, "p_holm": 0.04 + (i % 2) / 10, "items": 1000,
            "noise": bool(i % 2)}


def comparisons(word: Word, n: int) -> Values:
    return {"comparisons": [comparison(word, i, f"folder/{word(i)}.safetensors") for i in range(n)]}


def spreads(word: Word, n: int) -> Values:
    return {"spread": [{"set": word(i), "measure": "3cosadd", "values": [0.51234, 0.52234, 0.51734], "mean": 0.51734,
                        "deviation": 0.005} for i in range(n)]}


def debiased(word: Word, n: int) -> Values:
    remaining = {"direct": estimate(0.1), "variance": estimate(0.05), "clusters": estimate(0.9),
                 "neighbours": estimate(0.8)}
    return {"neutralized": 10, "before": remaining, "after": remaining, "bias_before": bias(word, n),
            "bias_after": bias(word, n), "benchmarks": [comparison(word, i, word(9)) for i in range(n)]}


def alignment(word: Word, n: int) -> Values:
    precision = [{"method": method, "topn": topn, **estimate(0.4)} for method in ("cosine", "csls") for topn in (1, 5)]
    edges = [i / 10 for i in range(-10, 11)]
    return {"anchors": 1, "held_out": 123_456_789, "candidates": 123_456_789, "precision": precision, "shuffles": 20,
            "histogram": {"edges": edges, "before": [10 * i for i in range(20)], "after": [1] * 20,
                          "chance": [0.5] * 20}}


def why(word: Word, n: int) -> Values:
    signs = {"contexts": 1, "only_a": -1, "only_b": -1}
    groups = {name: [{"word": word(i), "a": 1.0, "b": -1.0, "contribution": sign * (n - i) / 12_345, "chance": 0.0001,
                      "p": 0.00123} for i in range(n)] for name, sign in signs.items()}
    return {"a": word(0), "b": word(1), "correlation": estimate(0.4), "n_contexts": 123_456_789, "pairs": 200, **groups}


def tuned(word: Word, n: int) -> Values:
    settings = [{"name": word(i), "share": 1 / (i + 2), "chance": 0.05, "correlation": None,
                 "groups": [{"values": word(j), "trials": 12_345, "mean": j / 3} for j in range(3)]}
                for i in range(min(n, 15))]
    return {"metric": [word(0), word(1)], "shares": [1 / 729, 1 / 3, 1.0], "trials": [], "importance": settings}


def plan(word: Word, n: int) -> Values:
    counts = [1, 2, 5, 10, 20, 50, 100][:max(1, n)]
    return {"corpus": word(0), "words": {"expected": 1e12}, "memory": {}, "disk": {}, "complete": False,
            "config": {"min_count": 5, "max_vocab": 1000}, "vocabulary": {
                str(least): {"expected": 1e6 / least, "low": 0.0, "high": 2e6 / least} for least in counts}}


def diagnosis(word: Word, n: int) -> Values:
    data = {"counts": [1234567, 2], "edges": [0, 0.5, 1], "expected": [1, 1], "pairs": 100_000}
    severities = ["ok", "note", "warning", "problem"]
    found = [{"check": "random pairs", "severity": "ok", "data": data}]
    found += [{"check": f"check of {'many ' * (i % 4)}things {i}", "severity": severities[i % 4], "data": {}}
              for i in range(18)]
    return {"kind": "vectors", "subject": word(n), "findings": found, "severity": "problem"}


def diagnoses(word: Word, n: int) -> Values:
    return {"diagnoses": [diagnosis(word, i) for i in range(n)]}


def evaluation(word: Word, n: int) -> Values:
    one = {"spearman": 0.5, "pearson": 0.5, "pairs": 10, "unknown": 0, "interval": [0.4, 0.6], "pearson_interval": None,
           "spearman_all": 0.5, "pearson_all": 0.5, "total": 10}
    return {"analogies": [], "similarity": [{"name": word(i), **one} for i in range(n)], "unknown_words": {}}


def compared(word: Word, n: int) -> Values:
    files = [{"vectors": name, **evaluation(word, n)} for name in (word(50), word(51))]
    found = [comparison(word, i, word(51)) | {"first_file": word(50)} for i in range(n)]
    return {"files": files, "comparisons": found}


def evaluated(word: Word, n: int) -> Values:
    return {"files": [{"vectors": word(50 + i), **evaluation(word, n)} for i in range(3)], "spread": []}


def word_map(word: Word, n: int) -> Values:
    """Values of a map, whose labels `tests/analysis/maps` looks at."""
    words = [{"word": word(i), "x": float(i), "y": float(i % 3), "cluster": None} for i in range(n)]
    return {"model": word(0), "method": "pca", "choice": "top", "seed": 1, "variance": [0.5, 0.25], "words": words,
            "clusters": []}


def moved_map(word: Word, n: int) -> Values:
    """Values of a map of two spaces, whose labels `tests/analysis/maps` looks at."""
    moved = [{"word": word(i), "x_a": float(i), "y_a": 0.0, "x_b": float(i), "y_b": 1.0} for i in range(n)]
    return {"a": word(50), "b": word(51), "method": "pca", "choice": "moved", "by": "both", "variance": [0.5, 0.25],
            "shared": 10, "fitted": None, "alignment": None, "moved": moved,
            "around": [{"word": word(n + i), "x": float(i), "y": 0.5, "near": "ab"} for i in range(n)]}


def curves(word: Word, n: int) -> Values:
    """Values of `Curves.to_dict`, which `w2v plot` makes of logs."""
    points = [{"words_done": 1e9 * i, "total_words": 1e10, "epoch": i, "seconds": 1000.0 * i, "words_per_second": 1.2e6,
               "alpha": 0.025 - i / 400, "loss": 2.3 + 1 / i, "loss_held_out": 2.4 + 1 / i} for i in range(1, 9)]
    scores = [{"epoch": i, "words_done": 1e9 * i, "seconds": 1000.0 * i, "scores": {word(9): i / 10}} for i in range(9)]
    return {"runs": [{"name": word(i), "points": points, "scores": scores} for i in range(n)], "skipped": []}


RESULTS: dict[str, Callable[[Word, int], Values]] = {
    one.__name__: one for one in (
        difference, drift, stability, bands, neighbors, neighbors_of_words, clusters, reduction, bias, axis,
        comparisons, spreads, debiased, alignment, why, plan, tuned, diagnosis, diagnoses, evaluation, compared,
        evaluated)}
"""Makes values of a result with words and a number of rows, as `to_dict` or `--json` give them."""
