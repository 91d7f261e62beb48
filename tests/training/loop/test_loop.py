"""The training loop against a twin in Python: sampler, initial vectors, windows, negatives, learning rate, counts."""

import threading
from itertools import pairwise

import numpy as np
import pytest
from helpers import loop_twin
from helpers.loops import distinct_lines, keep_all, lines_of, make_loop

from w2v.training.loop import _isa, _loop, _progress, _rows, _sampler
from w2v.training.loop.settings import LoopSettings, shared_negatives
from w2v.training.matrices import allocate_rows

# ---- noise distribution and initial vectors -------------------------------------------------------------------

@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_sampler_draws_the_exact_distribution(n):
    weights = np.random.default_rng(n).pareto(1.0, n) + 0.01
    weights /= weights.sum()
    draws = np.empty(2_000_000, np.int32)
    _sampler.Sampler(weights).draw(draws, 5)
    counts, expected = np.bincount(draws, minlength=n), weights * len(draws)
    assert len(counts) == n
    chi2 = ((counts - expected) ** 2 / expected).sum()
    assert chi2 <= (n - 1) + 6 * np.sqrt(2 * max(n - 1, 0)) + 1e-9


def test_sampler_table_holds_the_weights_exactly():
    """The probability of each word, summed over the twin's table, whose draws are the same as the sampler's."""
    weights = np.random.default_rng(2).pareto(1.0, 500) + 1e-3
    weights /= weights.sum()
    table = loop_twin.alias_table(weights)
    share = np.zeros(500)
    for cell, (threshold, other) in enumerate(table):
        own = (threshold + (other == cell)) / 2**32
        share[cell] += own / 500
        share[other] += (1 - own) / 500
    np.testing.assert_allclose(share, weights, atol=1e-9)
    draws, random = np.empty(1000, np.int32), loop_twin.Random(9, 0, 0)
    _sampler.Sampler(weights).draw(draws, 9)
    assert draws.tolist() == [loop_twin.draw(table, random) for _ in range(1000)]


def test_initial_vectors_depend_only_on_seed_and_word():
    def initial(words, seed=1):
        rows = allocate_rows(len(words), 20)
        offsets = np.concatenate([[0], np.cumsum([len(w) for w in words])]).astype(np.int64)
        _rows.init_vectors(rows, 20, seed, np.frombuffer(b"".join(words) or b"\0", np.uint8), offsets)
        return rows

    a, b = initial([b"cat", b"dog", b"\xff\xfe"]), initial([b"zebra", b"dog", b"cat"])
    assert np.array_equal(a[0], b[2]) and np.array_equal(a[1], b[1])
    assert not np.array_equal(a[0], a[1]) and not np.array_equal(a, initial([b"cat", b"dog", b"\xff\xfe"], seed=2))
    many = initial([str(i).encode() for i in range(5000)])[:, :20]
    assert np.abs(many).max() <= 0.5 / 20 and abs(many.mean()) < 1e-4
    assert many.std() == pytest.approx(1 / 20 / np.sqrt(12), rel=0.01)
    assert not initial([b"cat"])[:, 20:].any()


# ---- the loop against its twin --------------------------------------------------------------------------------------

@pytest.mark.parametrize("lengths", [[40, 1, 3, 700, 2, 256, 261, 5], [1500], [1] * 50 + [2] * 300])
@pytest.mark.parametrize("sample", [False, True])
@pytest.mark.parametrize("window", [1, 5, 30])
@pytest.mark.parametrize("shared_windows", [1, 2])
def test_loop_equals_its_twin(lengths, sample, window, shared_windows):
    n_words = 150
    ids = distinct_lines(lengths, n_words)
    rng = np.random.default_rng(4)
    keep = rng.integers(2**30, 2**32 - 1, n_words).astype(np.uint32) if sample else keep_all(n_words)
    weights = rng.dirichlet(np.ones(n_words))
    loop, i, o = make_loop(ids, n_words, keep=keep, weights=weights, window=window, shared_windows=shared_windows)
    twin_i, twin_o = i.astype(np.float64), o.astype(np.float64)
    before = i.copy()
    counts = loop.train(ids, 2, 1)
    trained, subsampled, pairs = loop_twin.train(
        twin_i, twin_o, ids, keep, weights, window=window, negative=5, shared_windows=shared_windows,
        rate_at=loop.alpha_at, seed=3, epoch=2,
        shard=1)
    assert counts == (trained, subsampled) and trained + subsampled == (ids >= 0).sum()
    assert (subsampled > 0) == sample and len(pairs) > 100
    np.testing.assert_allclose(i, twin_i, atol=2e-5)
    np.testing.assert_allclose(o, twin_o, atol=2e-5)
    assert np.abs(i - before).max() > 0.02


@pytest.mark.parametrize("isa", _isa.available_isas())
@pytest.mark.parametrize("shared_contexts", [1, 2, 5])
@pytest.mark.parametrize("window", [2, 9])
def test_fewer_shared_contexts_equal_the_twin_and_change_the_vectors(isa, shared_contexts, window):
    n_words = 150
    ids, weights = distinct_lines([40, 1, 3, 200, 2], n_words), np.full(n_words, 1 / n_words)
    loop, i, o = make_loop(ids, n_words, weights=weights, window=window, isa=isa, shared_contexts=shared_contexts)
    twins = {most: (i.astype(np.float64), o.astype(np.float64)) for most in (shared_contexts, 12)}
    loop.train(ids, 2, 1)
    for most, rows in twins.items():
        loop_twin.train(*rows, ids, keep_all(n_words), weights, window=window, negative=5, shared_windows=2,
                        rate_at=loop.alpha_at, seed=3, epoch=2, shard=1, shared_contexts=most)
    for found, expected, other in zip((i, o), twins[shared_contexts], twins[12], strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-5)
        assert np.abs(found - other).max() > 2e-4


@pytest.mark.parametrize("isa", _isa.available_isas())
@pytest.mark.parametrize("options", [{}, {"cbow": True}])
def test_isas_stay_close(isa, options):
    ids = lines_of([30] * 40, 80)
    loop, i, o = make_loop(ids, 80, isa=isa, **options)
    other, j, p = make_loop(ids, 80, isa="scalar", **options)
    assert loop.train(ids, 0, 0) == other.train(ids, 0, 0)
    np.testing.assert_allclose(i, j, atol=2e-4)
    np.testing.assert_allclose(o, p, atol=2e-4)


def test_windows_never_cross_a_line_end():
    """Words of odd lines and words of even lines are never in one window, so their scores only get the noise."""
    ids = np.tile(np.array([0, 1, 0, 1, -1, 2, 3, 2, 3, -1], np.int32), 200)
    loop, i, o = make_loop(ids, 4, negative=1, weights=np.array([0.25] * 4), alpha=0.1)
    loop.train(ids, 0, 0)
    scores = i @ o.T
    assert min(scores[0, 1], scores[1, 0], scores[2, 3], scores[3, 2]) > 1
    assert max(scores[0, 2], scores[0, 3], scores[1, 2], scores[3, 0]) < -1


def test_same_seed_gives_same_bytes_and_other_seed_does_not():
    ids = lines_of([50] * 200, 100)

    def run(seed, epoch=0):
        loop, i, _ = make_loop(ids, 100, seed=seed, isa=None)
        loop.train(ids, epoch, 0)
        return i.tobytes()

    assert run(1) == run(1)
    assert run(1) != run(2) and run(1) != run(1, epoch=1)


def test_learning_rate_falls_linearly_with_the_words_done():
    ids = lines_of([100] * 100, 50)
    loop, *_ = make_loop(ids, 50, total_words=20_000, alpha=0.05, min_alpha=0.01)
    assert loop.alpha_at(0) == pytest.approx(0.05) and loop.alpha_at(10_000) == pytest.approx(0.03)
    loop.train(ids, 0, 0)
    assert loop.progress.words_done == 10_000
    assert loop.alpha_at(20_000) == loop.alpha_at(10**9) == pytest.approx(0.01)


def test_loss_starts_at_log_two_per_term_and_falls():
    ids = np.tile(np.array([0, 1, 2, 3, -1, 4, 5, 6, 7, -1], np.int32), 3000)
    loop, i, o = make_loop(ids, 8, negative=3, alpha=1e-9, min_alpha=1e-9)
    o[:] = 0
    loop.train(ids, 0, 0)
    total, pairs = loop.progress.loss
    assert pairs > 100 and total / pairs == pytest.approx((1 + shared_negatives(3)) * np.log(2), rel=1e-5)
    loop, *_ = make_loop(ids, 8, negative=3, alpha=0.1)
    loop.train(ids, 0, 0)
    total, pairs = loop.progress.loss
    assert total / pairs < 0.8 * 4 * np.log(2)


def test_loop_stops_on_request_and_when_not_finite():
    ids = lines_of([1000] * 2000, 50)
    loop, *_ = make_loop(ids, 50)
    loop.progress.stop()
    assert loop.train(ids, 0, 0) == (0, 0) and loop.progress.stopped == _progress.STOP_ASKED
    loop, i, _ = make_loop(ids, 50)
    i[:] = np.nan
    trained, _ = loop.train(ids, 0, 0)
    assert loop.progress.stopped == _progress.STOP_NOT_FINITE and trained < 1000
    assert _rows.first_nonfinite_row(i) == 0


def test_first_nonfinite_row_is_found():
    rows = allocate_rows(10, 20)
    assert _rows.first_nonfinite_row(rows) == -1
    for bad in (np.nan, np.inf, -np.inf):
        rows[:] = 1e38
        rows[7, 19] = bad
        assert _rows.first_nonfinite_row(rows) == 7


def test_vocabulary_may_be_smaller_than_the_negatives():
    for n_words in (1, 2, 3):
        ids = lines_of([20] * 20, n_words)
        weights = np.array([1 - 1e-12 * (n_words - 1)] + [1e-12] * (n_words - 1))
        loop, i, o = make_loop(ids, n_words, negative=5, weights=weights)
        assert loop.train(ids, 0, 0) == (400, 0)
        assert np.isfinite(i).all() and np.isfinite(o).all()


def test_empty_shard_is_allowed():
    ids = lines_of([5], 10)
    loop, *_ = make_loop(ids, 10)
    assert loop.train(ids[3:3], 0, 0) == (0, 0)


def test_wrong_matrices_are_rejected():
    good = allocate_rows(10, 16)
    sampler = _sampler.Sampler(np.full(10, 0.1))
    settings = LoopSettings(5, 5, 5, 6, alpha=0.05, min_alpha=0.0, total_words=5, seed=1, isa="scalar")
    for i, o, keep in [(good, allocate_rows(9, 16), keep_all(10)), (good, allocate_rows(10, 32), keep_all(10)),
                       (np.zeros((10, 17), np.float32), np.zeros((10, 17), np.float32), keep_all(10)),
                       (good, good, keep_all(3))]:
        with pytest.raises(ValueError):
            _loop.TrainingLoop(i, o, keep, sampler, settings)


def test_vectors_longer_than_the_rows_are_rejected():
    with pytest.raises(ValueError, match="16 floats are too short for 24"):
        make_loop(lines_of([5], 10), 10, width=16, vector_size=17)


@pytest.mark.parametrize("options", [{}, {"cbow": True}, {"weight_decay": 0.1}], ids=["skip-gram", "cbow", "decay"])
@pytest.mark.parametrize("isa", _isa.available_isas())
def test_padding_need_not_be_computed(isa, options):
    """Rows of 112 floats for vectors of 100."""
    ids, found = lines_of([7, 1, 30], 60), []
    for vector_size in (0, 100):
        loop, i, o = make_loop(ids, 60, width=112, isa=isa, vector_size=vector_size, **options)
        i[:, 100:] = o[:, 100:] = 0
        loop.train(ids, 0, 0)
        assert not i[:, 100:].any() and not o[:, 100:].any()
        found.append((i, o))
    for all_floats, used in zip(*found, strict=True):
        np.testing.assert_allclose(used, all_floats, atol=1e-6)


def test_many_threads_on_one_model_learn():
    """40 groups of 4 words that occur only together; races lose some updates, but the groups are still learned."""
    lines = np.random.default_rng(2).integers(0, 40, 40_000)
    ids = np.column_stack([4 * lines[:, None] + np.arange(4), np.full(len(lines), -1)]).astype(np.int32).ravel()
    loop, i, o = make_loop(ids, 160, isa=None)
    edges = np.linspace(0, len(ids), 5).astype(int) // 5 * 5
    counts = []
    threads = [threading.Thread(target=lambda a=a, b=b, k=k: counts.append(loop.train(ids[a:b], 0, k)))
               for k, (a, b) in enumerate(pairwise(edges))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(c[0] for c in counts) == 160_000 == loop.progress.words_done
    scores = i @ o.T
    same = (np.arange(160)[:, None] // 4 == np.arange(160) // 4) & ~np.eye(160, dtype=bool)
    assert scores[same].mean() > 1 and scores[~same].mean() < -0.5
