"""Neighbours with the number of runs in which they stand."""

from __future__ import annotations

import json

import numpy as np
import pytest

import w2v
from w2v.keyedvectors import KeyedVectors


def runs(k: int = 4, n: int = 60) -> list[KeyedVectors]:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(n, 6))
    found = []
    for _ in range(k):
        order = rng.permutation(n)
        noisy = (rows + 0.4 * rng.normal(size=rows.shape))[order]
        found.append(KeyedVectors([f"w{i}" for i in order], noisy))
    return found


@pytest.mark.parametrize("topn", [1, 5, 12])
def test_neighbours_are_counted_over_runs(topn: int) -> None:
    given = runs()
    found = w2v.neighbors_in_runs(given, "w7", topn)
    near = [[word for word, _ in run.most_similar("w7", topn=topn)] for run in given]
    counts = {word: sum(word in one for one in near) for one in near for word in one}
    assert {one.word: one.runs for one in found.neighbors}.items() <= counts.items()
    assert len(found.neighbors) == topn and found.found == len(counts)
    shown = [(-one.runs, -one.cosine) for one in found.neighbors]
    assert shown == sorted(shown)
    assert shown[-1][0] <= min([0, *(-counts[word] for word in counts if word not in
                                    {one.word for one in found.neighbors})]) or topn == found.found
    for one in found.neighbors:
        cosines = [run.similarity("w7", one.word) for run in given]
        assert (one.cosine, one.lowest, one.highest) == pytest.approx(
            (np.mean(cosines), min(cosines), max(cosines)), abs=1e-6)
    assert found.chance == pytest.approx(topn / 59)


def test_only_words_of_all_runs_are_neighbours() -> None:
    first, second = runs(2)
    near = first.most_similar("w7", topn=1)[0][0]
    second = second.subset([word for word in second if word != near])
    found = w2v.neighbors_in_runs([first, second], "w7", 58)
    assert near not in [one.word for one in found.neighbors] and found.words == 59
    assert {one.runs for one in found.neighbors} == {2}


def test_result_for_people_and_programs() -> None:
    found = w2v.neighbors_in_runs(runs(), "w7", 3)
    text = str(found)
    assert "/4 " in text and "mean cosine" in text and f"{found.found} words are among the 3 nearest" in text
    values = json.loads(json.dumps(found.to_dict()))
    assert values["neighbors"][0]["runs"] == found.neighbors[0].runs and values["runs"] == 4
    assert repr(found).startswith("NeighborsInRuns<w7: ")


def test_integer_keys_are_words() -> None:
    rows = np.random.default_rng(2).normal(size=(20, 4))
    given = [KeyedVectors(list(range(100, 120)), rows)] * 2
    assert w2v.neighbors_in_runs(given, 105, 2).word == "105"


def test_bad_input_is_one_clear_error() -> None:
    first, second, third = runs(3)
    third = third.subset([word for word in third if word != "w7"])
    with pytest.raises(w2v.UnknownWordError):
        w2v.neighbors_in_runs([first, second], "nothing")
    with pytest.raises(w2v.W2VError, match="'w7' is not in all runs: it has no vector in run 3"):
        w2v.neighbors_in_runs([first, second, third], "w7")
    with pytest.raises(ValueError, match="topn = 0"):
        w2v.neighbors_in_runs([first, second], "w7", 0)
    with pytest.raises(ValueError, match="two or more"):
        w2v.neighbors_in_runs([first], "w7")
    vectors = second.vectors.copy()
    vectors[second.get_index("w7")] = np.nan
    with pytest.raises(w2v.W2VError, match="'w7' has NaN"):
        w2v.neighbors_in_runs([first, second.with_rows(vectors)], "w7")
