"""Word similarity: against correlations of single cosines, with unknown pairs."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.evaluation import cased_vectors

from w2v import evaluate
from w2v.errors import W2VError
from w2v.evaluation.sets.similarity import read_pairs
from w2v.evaluation.statistics.correlation import pearson, spearman
from w2v.keyedvectors import KeyedVectors


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    return cased_vectors()


@pytest.mark.parametrize("text", [
    "w1\tw2\t1\nw3\tw4\t2.5\nw5\tno\t3\nw6\tw7\t0\n",
    "word1,word2,score\nw1,w2,1\nw3,w4,2.5\nw5,no,3\nw6,w7,0\n",
    "# about\n\nw1 w2 1\nw3  w4 2.5\r\nw5 no 3\nw6 w7 0",
    "Word 1\tWord 2\tHuman (mean)\nw1\tw2\t1\tx\nw3\tw4\t2.5\ty\nw5\tno\t3\nw6\tw7\t0\n",
])
def test_similarity_reads_tab_comma_blank_header_and_comments(kv: KeyedVectors, tmp_path: Path, text: str) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text(text, newline="")
    assert read_pairs(path) == [("w1", "w2", 1.0), ("w3", "w4", 2.5), ("w5", "no", 3.0), ("w6", "w7", 0.0)]
    result = evaluate.similarity(kv, path)
    fold = {word.upper(): i for i, word in reversed(list(enumerate(kv.index_to_key)))}
    cosines = [kv.similarity(fold[a], fold[b]) for a, b in (("W1", "W2"), ("W3", "W4"), ("W6", "W7"))]
    assert (result.pairs, result.unknown) == (3, 1)
    assert result.spearman == pytest.approx(spearman([1, 2.5, 0], cosines))
    shown = {"name": "pairs", "spearman": result.spearman, "pearson": result.pearson, "pairs": 3, "unknown": 1}
    assert shown.items() <= result.as_dict().items() and "items" not in result.as_dict()


def test_no_known_pair_gives_none_and_a_note(kv: KeyedVectors, tmp_path: Path) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text("no\tnone\t1\nno\tnil\t2\n")
    result = evaluate.similarity(kv, path)
    assert (result.spearman, result.pearson, result.pairs, result.unknown) == (None, None, 0, 2)
    assert "pairs: no known pair of words" in evaluate.format_table([result])
    with pytest.raises(W2VError, match="no correlation"):
        kv.evaluate_word_pairs(path)


def test_unknown_pairs_can_count_as_zero(kv: KeyedVectors, tmp_path: Path) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text("w1\tw2\t1\nno\tnone\t2\nw4\tw5\t3\n")
    result = evaluate.similarity(kv, path, unknown_as_zero=True)
    assert (result.pairs, result.unknown) == (3, 1)
    fold = {word.upper(): i for i, word in reversed(list(enumerate(kv.index_to_key)))}
    cosines = [kv.similarity(fold["W1"], fold["W2"]), 0.0, kv.similarity(fold["W4"], fold["W5"])]
    assert result.pearson == pytest.approx(pearson([1, 2, 3], cosines), abs=1e-6)
