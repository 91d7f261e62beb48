"""Private copies of the most frequent rows: merging, choice of rows, and training with them."""

import numpy as np
import pytest
from helpers import loops, planted

import w2v
from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.training.loop import _isa, _slots
from w2v.training.matrices import allocate_rows
from w2v.training.private_rows import MOST_PRIVATE_ROWS, TOLERATED_TOUCHES, private_rows, touches


def zipf(n):
    return Vocabulary.from_words([f"w{i}" for i in range(n)], (1e7 / np.arange(3, n + 3)).astype(np.int64))


# ---- copies and merges ----------------------------------------------------------------------------------------------

def test_change_is_seen_by_its_thread_at_once_and_by_others_after_the_merge():
    shared = allocate_rows(4, 16)
    shared[1] = 5
    thread, other = _slots.PrivateRows(shared, 2), _slots.PrivateRows(shared, 2)
    one = np.ones(16, np.float32)
    thread.add(1, one)
    thread.add(1, one)
    assert (shared[1] == 5).all()
    thread.merge(3, 0)
    assert (shared[1] == 5).all(), "two touches are fewer than three"
    thread.merge(2, 0)
    assert (shared[1] == 7).all()
    other.add(1, one)  # taken after the merge
    other.merge(1, 0)
    thread.add(1, one)
    thread.merge(1, 0)
    assert (shared[1] == 9).all() and not shared[[0, 2, 3]].any()


def test_other_rows_are_those_of_the_model():
    shared = allocate_rows(4, 16)
    _slots.PrivateRows(shared, 2).add(2, np.ones(16, np.float32))
    assert (shared[2] == 1).all()


@pytest.mark.parametrize("others", [1, 63])
@pytest.mark.parametrize("n", [1, 10, 1000])
def test_many_touches_merge_as_a_mean_and_few_as_a_sum(n, others):
    shared = allocate_rows(1, 16)
    thread = _slots.PrivateRows(shared, 1)
    for _ in range(n):
        thread.add(0, np.full(16, 1 / n, np.float32))
    thread.merge(1, others)
    np.testing.assert_allclose(shared[0], 1 / (1 + others * min(1, _slots.PULL * n)), rtol=1e-4)


def test_merge_changes_no_row_that_was_not_touched():
    """Rows that a thread has not touched keep what the others wrote meanwhile."""
    shared = allocate_rows(2, 16)
    thread = _slots.PrivateRows(shared, 2)
    thread.add(0, np.ones(16, np.float32))
    shared[:] += 10
    thread.merge(1, 0)
    assert (shared[0] == 11).all() and (shared[1] == 10).all()


# ---- the loop -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("isa", _isa.available_isas())
def test_one_thread_learns_the_same_with_private_rows(isa):
    """With one thread a merged copy equals the row up to rounding, for any private rows and ends of blocks."""
    ids = loops.lines_of([700, 3, 1, 900, 40, 5] * 3, 50)
    expected = None
    for n_private in (0, 1, 20, 50):
        loop, *matrices = loops.make_loop(ids, 50, isa=isa, private_rows=n_private)
        loop.train(ids, 0, 0)
        if expected is None:
            expected = matrices
        for matrix, same in zip(matrices, expected, strict=True):
            np.testing.assert_allclose(matrix, same, rtol=0, atol=2e-4)


@pytest.mark.parametrize("rows", [8, 10_000])
@pytest.mark.slow
def test_planted_structure_is_learned_by_threads_with_private_rows(tmp_path, rows):
    path = tmp_path / "corpus.txt"
    planted.write_corpus(path, 40_000)
    model = w2v.train(path, vector_size=32, epochs=10, sample=0, threads=3, private_rows=rows, progress=False)
    assert planted.neighbors_found(model.wv) > 0.9


# ---- number of private rows -----------------------------------------------------------------------------------------

def test_touches_are_those_of_a_step():
    rates = touches(zipf(1000), TrainConfig(sample=0))
    assert rates.inputs.sum() == pytest.approx(2) and rates.outputs.sum() == pytest.approx(2 + 6)
    assert touches(zipf(1000), TrainConfig(shared_windows=1, negative=9)).outputs.sum() == pytest.approx(10)


def test_touches_of_a_node_are_those_of_the_words_below():
    rates = touches(zipf(1000), TrainConfig(hs=True, negative=0, sample=0))
    assert rates.inputs.sum() == pytest.approx(1) and rates.outputs.sum() == 0 and rates.nodes[0] == pytest.approx(1)
    few = private_rows(zipf(1000), TrainConfig(hs=True, negative=0), 2)
    assert 0 < few < private_rows(zipf(1000), TrainConfig(hs=True, negative=0), 9)
    assert rates.nodes[few] <= TOLERATED_TOUCHES * 2


def test_more_threads_make_more_rows_private():
    vocabulary, config = zipf(100_000), TrainConfig()
    rows = [private_rows(vocabulary, config, threads) for threads in (1, 2, 4, 8, 1024)]
    assert rows[0] == 0 and rows == sorted(rows) and 1 <= rows[1] < rows[2] < rows[3] < rows[4] == MOST_PRIVATE_ROWS
    rates = touches(vocabulary, config).outputs
    assert rates[rows[2]] * 3 <= TOLERATED_TOUCHES < rates[rows[2] - 1] * 3


def test_configuration_sets_the_number():
    assert private_rows(zipf(1000), TrainConfig(private_rows=0), 64) == 0
    assert private_rows(zipf(1000), TrainConfig(private_rows=77), 1) == 77
    assert private_rows(zipf(10), TrainConfig(private_rows=77), 2) == 10
