"""A worker of a round: what it trains, the curvature that it collects, and what stays as it is."""

import numpy as np
import pytest
from helpers import loop_twin
from helpers.loops import distinct_lines, keep_all, lines_of, make_loop

from w2v.training.loop import _isa, _loop, _progress
from w2v.training.loop._copies import Copies
from w2v.training.matrices import allocate_rows

N = 150
LENGTHS = [40, 1, 3, 700, 2, 256, 261, 5]
FROZEN = (np.arange(N) % 3 == 0).astype(np.uint8)
OBJECTIVES = [
    ({}, {}), ({"cbow": True}, {"cbow": {}}),
    ({"cbow": True, "cbow_mean": False, "alpha": 0.01}, {"cbow": {"mean": False}}),
    ({"cbow": True, "cbow_undivided": True, "alpha": 0.02}, {"cbow": {"undivided": True}}),
]


def copies_of(i, o):
    """Copies of these matrices, and their rows."""
    room = allocate_rows(*i.shape), allocate_rows(*o.shape)
    copies = Copies((i, o), room)
    copies.prepare()
    return copies, room


class Worker:
    """Trains on ids as a worker of a round; the snapshot must not change.

    Attributes
    ----------
    rows : input and output matrix as the worker has left them.
    curvature : of the input and output rows.
    """

    def __init__(self, loop, i, o, ids, *, epoch=2, shard=1, line_weight=1.0, words_before=0, workers=1, copies=None):
        before = i.copy(), o.copy()
        self.copies, room = copies_of(i, o) if copies is None else copies
        self.tally = loop.train_copies(ids, epoch, shard, line_weight, self.copies, words_before, workers)
        assert np.array_equal(i, before[0]) and np.array_equal(o, before[1]), "the snapshot has changed"
        self.curvature = [self.copies.curvature(outputs).copy() for outputs in (False, True)]
        self.rows = room
        for rows, old, curvature in zip(room, before, self.curvature, strict=True):
            assert np.array_equal(rows[curvature == 0], old[curvature == 0]), "a trained row has no curvature"


def against_twin(ids, *, options, twin, window=5, shared_windows=2, sample=False, isa="scalar", words_before=0,
                 workers=1, line_weight=1.0, **more):
    rng = np.random.default_rng(4)
    keep = rng.integers(2**30, 2**32 - 1, N).astype(np.uint32) if sample else keep_all(N)
    weights = rng.dirichlet(np.ones(N))
    loop, i, o = make_loop(ids, N, keep=keep, weights=weights, window=window, shared_windows=shared_windows, isa=isa,
                           **options, **more)
    twin_rows = [i.astype(np.float64), o.astype(np.float64)]
    curvature = [np.zeros(N), np.zeros(N)]
    gain = 1.0 if twin.get("cbow") else 1 + 0.04 * (workers - 1) ** 0.5
    worker = Worker(loop, i, o, ids, words_before=words_before, workers=workers, line_weight=line_weight)
    trained, subsampled, pairs = loop_twin.train(
        *twin_rows, ids, keep, weights, window=window, negative=5, shared_windows=shared_windows, seed=3, epoch=2,
        shard=1, rate_at=lambda done: gain * loop.alpha_at(words_before + workers * done), line_weight=line_weight,
        curvature=curvature, **twin)
    assert (worker.tally.trained, worker.tally.subsampled) == (trained, subsampled)
    assert len(pairs) > 100 and worker.tally.loss_pairs > 0
    for got, expected in zip(worker.rows, twin_rows, strict=True):
        np.testing.assert_allclose(got, expected, atol=2e-5)
    for got, expected in zip(worker.curvature, curvature, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-6)
        assert expected.max() > 1e-3 and expected.std() > 0
    return worker


def weighted(ids, weights):
    """Put the weight of its line before each line."""
    lines = np.split(ids, np.flatnonzero(ids == -1)[:-1] + 1)
    entries = (-np.asarray(weights, np.float32)).view(np.int32)
    return np.concatenate([np.append(entry, line) for entry, line in zip(entries, lines, strict=True)]).astype(np.int32)


# ---- curvature ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("options, twin", OBJECTIVES)
@pytest.mark.parametrize("window", [1, 5, 30])
@pytest.mark.parametrize("shared_windows", [1, 2])
@pytest.mark.slow
def test_worker_equals_the_twin(options, twin, window, shared_windows):
    """Windows of 30 words are several kernel calls with skip-gram."""
    against_twin(distinct_lines(LENGTHS, N), options=options, twin=twin, window=window, shared_windows=shared_windows)


@pytest.mark.parametrize("options, twin", OBJECTIVES)
@pytest.mark.parametrize("isa", _isa.available_isas())
def test_worker_of_every_instruction_set_equals_the_twin(options, twin, isa):
    against_twin(distinct_lines([40, 1, 3, 90, 2], N), options=options, twin=twin, window=9, isa=isa)


@pytest.mark.parametrize("options, twin", OBJECTIVES)
def test_subsampled_words_meet_nothing(options, twin):
    worker = against_twin(distinct_lines([300, 5, 40], N), options=options, twin=twin, sample=True)
    assert worker.tally.subsampled > 0


@pytest.mark.parametrize("options, twin", OBJECTIVES)
def test_weights_of_lines_scale_the_curvature(options, twin):
    """A line of weight 0 is not trained; the first line continues the line before the shard."""
    ids = weighted(distinct_lines([60, 50, 40, 30], N), [0.5, 2.0, 0.0, 0.25])
    against_twin(np.concatenate([distinct_lines([20], N), ids]), options=options, twin=twin, line_weight=1.5)


@pytest.mark.parametrize("options, twin", OBJECTIVES)
@pytest.mark.parametrize("contexts", [0, 5])
def test_lines_as_windows_meet_the_curvature_of_their_contexts(options, twin, contexts):
    more = {"line_contexts": contexts} if contexts else {}
    against_twin(distinct_lines([60, 3, 120, 7, 10, 11], N), options=options, twin={**twin, **more}, window="line",
                 **more)


@pytest.mark.parametrize("options, twin", OBJECTIVES)
def test_frozen_rows_do_not_change_in_the_copies(options, twin):
    ids = distinct_lines([90, 40, 3], N)
    worker = against_twin(ids, options={**options, "frozen": FROZEN}, twin={**twin, "frozen": np.flatnonzero(FROZEN)})
    _, i, _ = make_loop(ids, N)
    assert np.array_equal(worker.rows[0][FROZEN > 0], i[FROZEN > 0])
    assert not np.array_equal(worker.rows[0], i)


@pytest.mark.slow
def test_learning_rate_follows_the_words_of_all_workers():
    """Over more words than between two updates of the rate. Eight workers train at 1 + 0.04 sqrt(7) times it."""
    ids = distinct_lines([700] * 13, N)
    total = 40 * len(ids)
    for before, workers in ((0, 1), (total // 2, 8)):
        against_twin(ids, options={}, twin={}, window=1, shared_windows=1, words_before=before, workers=workers,
                     total_words=total)


def test_rate_of_zero_meets_next_to_no_curvature():
    ids = lines_of([50] * 9, N)
    loop, i, o = make_loop(ids, N, alpha=0.0, min_alpha=0.0)
    worker = Worker(loop, i, o, ids)
    assert all(0 < part.max() < 1e-25 for part in worker.curvature) and np.array_equal(worker.rows[0], i)


# ---- the same training as without rounds ----------------------------------------------------------------------------

@pytest.mark.parametrize("isa", _isa.available_isas())
@pytest.mark.parametrize("options", [{}, {"window": 30}, {"window": "line"}, {"window": "line", "line_contexts": 4},
                                     {"frozen": FROZEN}, {"cbow": True},
                                     {"cbow": True, "cbow_mean": False, "alpha": 0.01},
                                     {"shared_windows": 1}, {"shrink_windows": False}])
def test_copies_equal_the_matrices_of_one_thread(isa, options):
    """Byte for byte; words repeat in windows, and the rate falls within the shard."""
    ids = lines_of([700, 3, 1, 900, 40, 5] * (1 if options.get("window") == "line" else 7), N)
    loop, *matrices = make_loop(ids, N, isa=isa, **options)
    counts = loop.train(ids, 2, 1)
    other, i, o = make_loop(ids, N, isa=isa, **options)
    worker = Worker(other, i, o, ids)
    assert (worker.tally.trained, worker.tally.subsampled) == counts
    assert all(np.array_equal(a, b) for a, b in zip(worker.rows, matrices, strict=True))
    assert loop.progress.loss == (pytest.approx(worker.tally.loss_sum, rel=1e-9), worker.tally.loss_pairs)
    assert other.progress.words_done == loop.progress.words_done and other.progress.loss == (0.0, 0)


def test_copies_that_expired_start_from_the_snapshot():
    ids = lines_of([300, 40], N)
    loop, i, o = make_loop(ids, N)
    copies, room = copies_of(i, o)
    former = Worker(loop, i, o, ids, copies=(copies, room)).curvature
    i *= 2
    copies.expire()
    with pytest.raises(ValueError, match="prepared"):
        loop.train_copies(ids, 0, 0, 1.0, copies, 0, 1)
    copies.prepare()
    assert copies.prepared and np.array_equal(room[0], i) and np.array_equal(room[1], o)
    assert not any(copies.curvature(k).any() for k in (0, 1))
    again, fresh = Worker(loop, i, o, ids, copies=(copies, room)), Worker(loop, i, o, ids)
    for one, other, before in zip(again.curvature, fresh.curvature, former, strict=True):
        assert np.array_equal(one, other) and not np.array_equal(one, before)


@pytest.mark.parametrize("ids", [[], [-1], [-1, -1], [3, -1]])
def test_shard_without_pairs_trains_nothing(ids):
    ids = np.array(ids, np.int32)
    loop, i, o = make_loop(ids, N)
    worker = Worker(loop, i, o, ids)
    assert isinstance(worker.tally, _loop.Tally) and np.array_equal(worker.rows[0], i)
    assert all(part.max() < 1e-25 for part in worker.curvature)


def test_stopped_worker_ends_early():
    ids = lines_of([1000] * 500, N)
    loop, i, o = make_loop(ids, N)
    loop.progress.stop()
    assert Worker(loop, i, o, ids).tally.trained == 0
    loop.progress.restore()
    i[:] = np.nan
    copies, _ = copies_of(i, o)
    assert loop.train_copies(ids, 0, 0, 1.0, copies, 0, 1).trained < 1000
    assert loop.progress.stopped == _progress.STOP_NOT_FINITE
