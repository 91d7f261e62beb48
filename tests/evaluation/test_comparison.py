"""Comparison of several files of vectors."""

from helpers.evaluation import suite_vectors, write_suite

from w2v import evaluate
from w2v.evaluation.comparison import compare


def test_the_same_vectors_do_not_differ(tmp_path):
    one = evaluate.run(suite_vectors(), datasets=write_suite(tmp_path))
    found = compare([one, one], draws=500)
    assert [c.set for c in found] == ["google", "men", "ap"]  # a single group of outliers cannot be resampled
    assert all(c.noise and c.difference == 0 and c.p == 1 for c in found)
