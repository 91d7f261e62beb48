"""Sentence similarity: against NumPy and single cosines, by method, with unknown sentences and text options."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.evaluation import write

import w2v
from w2v import evaluate
from w2v.corpus_options import StoredTokenizer, TextOptions
from w2v.evaluation.output.plot import panels
from w2v.evaluation.statistics.correlation import pearson, spearman
from w2v.keyedvectors import KeyedVectors
from w2v.training.observers.scores import EpochScores

WORDS = ["the", "a", "dog", "cat", "barks", "sleeps", "old", "young", "bird", "flies"]
COUNTS = [900, 500, 50, 40, 9, 8, 30, 20, 6, 4]
ROWS = [("The dog barks.", "A young dog barks!", 4.5), ("the cat sleeps", "An old cat, asleep", 3.0),
        ("a bird flies", "the dog sleeps", 0.5), ("the old cat", "a young cat", 2.5), ("Nothing here", "the dog", 1.0),
        ("the bird", "bird flies", 3.5)]


@pytest.fixture
def kv() -> KeyedVectors:
    return KeyedVectors(WORDS, np.random.default_rng(2).normal(size=(10, 6)).astype(np.float32), COUNTS)


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "sts.tsv", "".join(f"{score}\t{a}\t{b}\n" for a, b, score in ROWS) + "\tno score\tat all\n")


def naive(kv: KeyedVectors, method: str) -> np.ndarray:
    """Cosines of the pairs, one sentence after the other in float64; NaN for an unknown sentence."""
    rows = kv.rows[:].astype(np.float64)
    weights = np.ones(10)
    if method == "mean":
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    else:
        weights = 1e-3 / (1e-3 + np.array(COUNTS) / sum(COUNTS))
    sentences = []
    for text in [row[side] for side in (0, 1) for row in ROWS]:
        known = [WORDS.index(word) for word in text.lower().replace(",", "").strip(".!").split() if word in WORDS]
        sentences.append(np.mean(weights[known, None] * rows[known], axis=0) if known else np.zeros(6))
    vectors = np.array(sentences)
    if method == "sif-1":
        first = np.linalg.svd(vectors)[2][:1]
        vectors -= vectors @ first.T @ first
    a, b = vectors[:6], vectors[6:]
    with np.errstate(invalid="ignore"):
        return (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def test_every_method_equals_a_loop(kv, path):
    found = w2v.evaluate(kv, sentences=path, draws=200)
    assert [result.method for result in found.results] == ["mean", "sif", "sif-1"]
    for result in found.results:
        cosines = naive(kv, result.method)
        known = ~np.isnan(cosines)
        gold = np.array([score for *_, score in ROWS])
        np.testing.assert_allclose(result.items.values, cosines, atol=1e-6)
        assert result.spearman == pytest.approx(spearman(gold[known], cosines[known]))
        assert result.pearson == pytest.approx(pearson(gold[known], cosines[known]), abs=1e-6)
        assert result.pearson_all == pytest.approx(pearson(gold, np.nan_to_num(cosines)), abs=1e-6)
        assert (result.pairs, result.unknown, result.total, result.unscored) == (5, 1, 6, 1)
        assert (result.words, result.unknown_words, result.frequencies) == (34, 4, "counts")
        assert result.interval[0] <= result.spearman <= result.interval[1]
        assert result.pearson_interval[0] <= result.pearson <= result.pearson_interval[1]
    assert len({result.pearson for result in found.results}) == 3
    assert set(found.unknown_words["sts"]) == {"Nothing", "here", "An", "asleep"} and not found.failures


def test_measures_tables_and_plots_name_the_method(kv, path):
    found = w2v.evaluate(kv, sentences=path, draws=0)
    names = [one.name for one in found.measures()]
    assert names == [f"{name}, {method}" for method in ("mean", "sif", "sif-1") for name in ("Spearman", "Pearson")]
    text = " ".join(evaluate.format_table(found.results).split())
    assert "sif-1" in text and "5/6" in text and "11.8 % of the words are unknown; left out because" in text
    assert "words are runs of letters and digits" in text and "estimated" not in text
    assert [(panel.axis, len(panel.rows)) for panel in panels([found])] == [
        ("Spearman's correlation", 3), ("Pearson's correlation", 3)]
    assert found.to_dict()["sentences"][1]["method"] == "sif"


def test_methods_can_be_chosen(kv, path):
    for method, expected in (("sif", ["sif"]), (["sif-1", "mean"], ["sif-1", "mean"]),
                             ("all", ["mean", "sif", "sif-1"])):
        found = w2v.evaluate(kv, sentences=path, draws=0, sentence_method=method)
        assert [result.method for result in found.results] == expected
    with pytest.raises(ValueError, match="sentence_method must be one of mean, sif, sif-1, or all, not 'max'"):
        w2v.evaluate(kv, sentences=path, sentence_method="max")


def test_a_comparison_tests_each_method(kv, path):
    other = KeyedVectors(WORDS, np.random.default_rng(9).normal(size=(10, 6)), COUNTS)
    evaluations = [w2v.evaluate(one, sentences=path, draws=0) for one in (kv, other)]
    compared = evaluate.compare(evaluations, draws=100)
    assert [one.measure for one in compared] == ["Spearman, mean", "Spearman, sif", "Spearman, sif-1"]
    assert [one.items for one in compared] == [5, 5, 5]
    assert compared[1].first == pytest.approx(evaluations[0].results[1].spearman)


def test_vectors_without_counts_use_the_order_of_words(kv, path):
    with_counts = w2v.evaluate(kv, sentences=path, draws=0)
    kv.counts = None
    found = w2v.evaluate(kv, sentences=path, draws=0)
    assert {result.frequencies for result in found.results} == {"zipf"}
    assert found.results[0].pearson == with_counts.results[0].pearson
    assert "these vectors have no counts: estimated from the order of words" in " ".join(str(found).split())


def test_text_options_of_the_vectors_make_the_words(kv, path):
    kv.text_options = TextOptions(tokenize="words", lowercase=True, stop_words=("the", "a"))
    found = w2v.evaluate(kv, sentences=path, draws=0, sentence_method="mean")
    (result,) = found.results
    assert result.by_options and result.words < 34 and "runs of letters" not in str(found)
    a, b = kv.sentence_vectors([["dog", "barks"], ["young", "dog", "barks"]]).astype(np.float64)
    assert result.items.values[0] == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-6)


def test_a_tokenizer_that_is_not_there_is_a_failure_that_says_what_to_do(kv, path, tmp_path):
    kv.text_options = TextOptions(tokenizer=StoredTokenizer("jieba.lcut"))
    pairs = write(tmp_path / "p.tsv", "dog\tcat\t1\nbird\tdog\t2\n")
    found = w2v.evaluate(kv, [path, pairs], draws=0)
    (failure,) = found.failures
    assert "jieba.lcut" in failure.message and "kv.text_options" in failure.message
    assert [result.name for result in found.results] == ["p"]


def test_case_is_ignored_unless_asked(kv, path):
    loose, strict = (w2v.evaluate(kv, sentences=path, draws=0, case_sensitive=case).results[0]
                     for case in (False, True))
    assert strict.unknown_words == loose.unknown_words + 2  # The, A


def test_nothing_known_is_a_failure(path):
    found = w2v.evaluate(KeyedVectors(["x"], np.eye(1)), sentences=path, draws=0)
    assert len(found.failures) == 1 and "nothing was measured" in found.failures[0].message
    assert all(result.pearson is None and result.nothing_known for result in found.results)


def test_broken_rows_are_unknown_words(kv, path):
    table = kv.rows[:].copy()
    table[WORDS.index("dog")] = np.nan
    broken = KeyedVectors(WORDS, table, COUNTS)
    found = w2v.evaluate(broken, sentences=path, draws=0).results[1]
    assert found.unknown_words == 4 + 4 and found.pairs == 5 and np.isfinite(found.pearson)


def test_epochs_are_scored_by_the_mean(kv, path):
    (measure,) = EpochScores([str(path)]).measures(View(kv))
    assert measure.name == "Spearman, mean" and measure.value == w2v.evaluate(kv, sentences=path).results[0].spearman


class View:
    """A model in training."""

    text_options = None

    def __init__(self, kv: KeyedVectors) -> None:
        self.words, self._kv = kv.index_to_key, kv

    def rows(self, rows: np.ndarray) -> np.ndarray:
        return self._kv.rows[rows]
