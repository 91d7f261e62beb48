"""Metrics: two halves that share nothing, the numbers of `w2v.evaluate`, and next items by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.evaluation import make_questions, related_vectors, write, write_pairs, write_questions

import w2v
from w2v.errors import W2VError
from w2v.tuning.metric import KEPT_BACK, SEARCH, halves_of, read_metric, score_of


@pytest.fixture(scope="module")
def kv():
    return related_vectors()


def test_halves_of_pairs_are_scored_as_sets_of_their_own(kv, tmp_path):
    path = write_pairs(tmp_path / "p.tsv", kv, 200)
    metric = read_metric(str(path))
    (halves,) = metric._sets
    lines = [[frozenset(pair[:2]) for pair in half.content] for half in halves]
    assert len(lines[0]) + len(lines[1]) == 200 and abs(len(lines[0]) - len(lines[1])) < 10
    assert not set(lines[0]) & set(lines[1])
    for half in (SEARCH, KEPT_BACK):
        own = write(tmp_path / f"{half}.tsv", "".join(f"{a}\t{b}\t{score}\n" for a, b, score in halves[half].content))
        expected = w2v.evaluate.similarity(kv, own)
        (value,) = metric.values(kv, half, draws=200)
        assert (value.value, value.used, value.total) == (expected.spearman, expected.pairs, expected.total)
        assert value.interval is not None and value.interval[0] < value.value < value.interval[1]
    assert score_of(metric.values(kv, SEARCH)) == metric.values(kv, SEARCH)[0].value


def test_no_pair_of_analogies_is_in_both_halves(kv, tmp_path):
    words = [(f"w{i}", f"w{i + 50}") for i in range(12)]
    questions = [(*a, *b) for a in words for b in words if a != b]
    path = write_questions(tmp_path / "q.txt", {"one": questions, "two": make_questions(kv, 40)})
    (halves,) = read_metric([str(path)])._sets
    one = [{pair for words in half.content[0].questions for pair in (words[:2], words[2:])} for half in halves]
    assert not one[0] & one[1] and len(one[0]) == len(one[1]) == 6
    assert len(halves[0].content[0].questions) == 30
    for half in halves:
        own = write_questions(tmp_path / "h.txt", {s.name: s.questions for s in half.content})
        value = read_metric([str(path)]).values(kv, halves.index(half))[0]
        assert value.value == w2v.evaluate.analogies(kv, own).accuracy


def test_relations_with_several_answers_are_cut_by_their_pairs(tmp_path):
    write(tmp_path / "bats" / "1_x" / "r.txt", "".join(f"w{i}\tw{i + 50}/w{i + 51}\n" for i in range(10)))
    (halves,) = read_metric([str(tmp_path / "bats")])._sets
    words = [{question[i] for question in half.content[0].questions for i in (0, 2)} for half in halves]
    assert [len(half.content[0].questions) for half in halves] == [20, 20]
    assert not words[0] & words[1] and len(words[0] | words[1]) == 10
    assert all(len(question) == 5 for half in halves for question in half.content[0].questions)


def test_score_is_the_mean_of_several_sets(kv, tmp_path):
    pairs, questions = write_pairs(tmp_path / "p.tsv", kv, 100), write_questions(
        tmp_path / "q.txt", {"x": make_questions(kv, 300)})
    both = read_metric([str(pairs), str(questions)])
    values = both.values(kv, SEARCH)
    assert score_of(values) == pytest.approx(sum(one.value for one in values) / 2)
    assert both.sizes() == [one.total for one in values]
    assert both.known(kv.index_to_key) == [one.used for one in values]
    assert both.known(["w1", "w2"])[0] <= 1


def test_metric_with_nothing_known_has_no_score(tmp_path):
    path = write(tmp_path / "p.tsv", "".join(f"x{i}\ty{i}\t{i}\n" for i in range(8)))
    assert score_of(read_metric(str(path)).values(related_vectors(), SEARCH)) is None
    assert score_of([]) is None


def test_next_items_are_those_of_a_sorted_list(kv):
    rng = np.random.default_rng(2)
    pairs = [(f"w{a}", f"w{b}") for a, b in rng.integers(0, 140, (400, 2)) if a != b]
    metric = read_metric(["hit@7", "MRR"])
    metric.pairs = halves_of(pairs, 1)
    assert sorted(metric.pairs[0] + metric.pairs[1]) == sorted(pairs)
    assert abs(len(metric.pairs[0]) - len(metric.pairs[1])) <= 1
    for half in (SEARCH, KEPT_BACK):
        ranks = [[word for word, _ in kv.most_similar(a, topn=len(kv))].index(b) + 1 for a, b in metric.pairs[half]]
        hit, mrr = metric.values(kv, half, draws=100)
        assert hit.value == pytest.approx(np.mean([rank <= 7 for rank in ranks]))
        assert mrr.value == pytest.approx(np.mean([1 / rank for rank in ranks]))
        assert hit.interval[0] < hit.value < hit.interval[1] and mrr.interval[0] < mrr.value < mrr.interval[1]


@pytest.mark.parametrize("names, kind, message", [
    ([], ValueError, "metric is missing"), (["hit@10", "ws353"], ValueError, "use one or the other"),
    (["hit@0"], W2VError, "hit@0"), (["no-such-set"], W2VError, "no-such-set")])
def test_wrong_metrics_are_refused(names, kind, message):
    with pytest.raises(kind, match=message):
        read_metric(names)


def test_other_kinds_and_tiny_sets_are_refused(tmp_path):
    classes = write(tmp_path / "c.txt", "a x\nb x\nc y\nd y\n")
    with pytest.raises(ValueError, match="c is a set of categories"):
        read_metric(str(classes))
    with pytest.raises(ValueError, match="too few items to be cut"):
        read_metric(str(write(tmp_path / "p.tsv", "a\tb\t1\n")))
