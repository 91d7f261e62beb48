"""Degrees of relational similarity: planted offsets, MaxDiff questions, unknown relations."""

from helpers.evaluation import offset_vectors

from w2v.evaluation.measures.degrees import score_degrees
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.sets.degrees import Degrees, MaxDiff, words_of


def test_degrees_are_means_over_relations():
    pairs = [(f"a{i}", f"b{i}") for i in range(4, 12)]
    ratings = tuple((pair, 50.0 - 100 * (i % 2) + i) for i, pair in enumerate(pairs))
    four = tuple(pairs[:4])
    questions = (MaxDiff(four, (0, 3, 0, 3), (3, 0, 3, 0)), MaxDiff(four, (3, 0, 3, 0), (0, 3, 0, 3)))
    even = Degrees("even", (("a0", "b0"), ("a2", "b2"), ("no", "no")), ratings, questions)
    unknown = Degrees("unknown", (("no", "no"),), ratings[:3], ())
    words = WordRows(offset_vectors(), words_of([even, unknown]))
    result = score_degrees(words, "x", [even, unknown])
    assert result.relations[0].spearman > 0.6 and result.relations[1].spearman is None
    assert result.spearman == result.relations[0].spearman and result.spearman_all == result.spearman / 2
    assert result.maxdiff == 0.5  # the first question right on both sides, the second wrong on both
    assert (result.pairs, result.total) == (8, 11)
    assert [measure.name for measure in result.measures()] == ["Spearman", "MaxDiff"]
    asked_half = Degrees("half", even.paradigms, ratings, (*questions, MaxDiff(four, (0, 0, 0, 0), (3, 0, 3, 0))))
    assert score_degrees(words, "x", [asked_half]).maxdiff == 3 / 5  # nobody chose a least typical pair
    nothing = score_degrees(words, "x", [unknown])
    assert nothing.spearman is None and nothing.nothing_known
