"""Multiple-choice analogies: planted offsets."""

import pytest
from helpers.evaluation import offset_vectors

from w2v.evaluation.measures.choices import score_choices
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.sets.choices import Choice, words_of


def test_choices_take_the_pair_with_the_same_offset():
    def pair(i):
        return f"a{i}", f"b{i}"

    questions = [Choice(pair(i), (pair(1), pair((i + 2) % 20), pair(3)), 1, 1) for i in range(0, 20, 2)]
    questions += [Choice(pair(0), (pair(1), pair(2)), 0, 1), Choice(("no", "b1"), (pair(1), pair(3)), 0, 1)]
    result = score_choices(WordRows(offset_vectors(), words_of(questions)), "x", questions)
    assert (result.correct, result.questions, result.total) == (10, 11, 12)
    assert result.accuracy_all == pytest.approx(10 / 12) and result.chance == pytest.approx((10 / 3 + 1) / 12)
