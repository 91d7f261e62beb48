"""The merge of a round against its reference, however the rows and the workers are divided."""

import numpy as np
import pytest

from w2v.training.loop import _isa, _slots
from w2v.training.loop._copies import Copies
from w2v.training.matrices import allocate_rows
from w2v.training.rounds import _merge
from w2v.training.rounds.reference import bfloat16, floats, merged_change, merged_change_of_sums, phi

B = _merge.MERGED_ROWS
N, D, WORKERS = 3 * B + 11, 48, 5


@pytest.fixture(params=_isa.available_isas())
def isa(request):
    return request.param


def moment(d=D, seed=1, largest=2.0):
    """A second moment, whose eigenvalues fall by three orders of magnitude."""
    vectors = np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]
    matrix = (vectors * (largest * np.logspace(0, -3, d))) @ vectors.T
    return (matrix + matrix.T) / 2


class Worker:
    """Random changes of some rows, in bfloat16, and the curvature that they have met, from 1e-3 to 1e3."""

    def __init__(self, seed, n=N, d=D, touched=0.6):
        rng = np.random.default_rng(seed)
        self.rows = np.flatnonzero(rng.random(n) < touched).astype(np.int32)
        self.changes = floats(bfloat16(rng.normal(0, 0.1, (len(self.rows), d))))
        self.curvature = (10 ** rng.uniform(-3, 3, len(self.rows))).astype(np.float32)

    def part(self, low, high):
        chosen = (self.rows >= low) & (self.rows < high)
        return self.rows[chosen], self.changes[chosen], self.curvature[chosen]

    def packed(self, low, high):
        rows, changes, curvature = self.part(low, high)
        return rows, bfloat16(changes), curvature

    def copies(self, snapshot, outputs):
        copies = prepared_copies(snapshot)
        self.train(copies, outputs)
        return copies

    def train(self, copies, outputs):
        for row, change, curvature in zip(*self.part(0, N), strict=True):
            _slots.touch(copies, outputs, row, change, curvature)


def prepared_copies(snapshot):
    """Copies whose input and output matrix is the same snapshot."""
    copies = Copies((snapshot, snapshot), tuple(allocate_rows(*snapshot.shape) for _ in range(2)))
    copies.prepare()
    return copies


def exact(workers, snapshot):
    """Round the numbers, so that copy - snapshot is the change itself."""
    for array in (snapshot, *(worker.changes for worker in workers)):
        array[:] = np.round(array * 64) / 64
    return workers, snapshot


def start(seed=7, n=N, d=D):
    rows = allocate_rows(n, d)
    rows[:] = np.random.default_rng(seed).normal(0, 0.5, rows.shape)
    return rows


def merge(workers, matrix, isa, snapshot=None, edges=(0, N)):
    """The snapshot after a merge of packed changes, with the rows cut at `edges`."""
    snapshot, basis = start() if snapshot is None else snapshot, _merge.Basis(matrix)
    for low, high in zip(edges, edges[1:], strict=False):
        sums = _merge.Sums(low, high, len(matrix), isa)
        for worker in workers:
            sums.fold_changes(*worker.packed(low, high))
        sums.finish(basis, snapshot)
    return snapshot


def merged_by_reference(workers, matrix, n=N, d=D, rule=merged_change_of_sums):
    change = np.zeros((n, d))
    for row in range(n):
        found = [(w.changes[k], w.curvature[k]) for w in workers for k in np.flatnonzero(w.rows == row)]
        if found:
            changes, curvature = (np.array(part, float) for part in zip(*found, strict=True))
            change[row] = rule(changes, curvature, matrix)
    return change


@pytest.fixture(scope="module")
def workers():
    return [Worker(seed) for seed in range(WORKERS)]


# ---- the rule -------------------------------------------------------------------------------------------------------

def test_merge_with_all_directions_is_that_of_the_reference(workers, isa):
    """But for the directions that count as flat."""
    before = start()
    change = merge(workers, moment(), isa).astype(float) - before
    expected = merged_by_reference(workers, moment())
    sizes = np.abs(expected).max(axis=1, keepdims=True) + sum(np.abs(w.changes).max() for w in workers)
    assert np.abs(change - expected).max() < 0.003 * sizes.max() and np.all(np.abs(change - expected) < 0.005 * sizes)
    plain = np.zeros((N, D))
    for worker in workers:
        plain[worker.rows] += worker.changes
    assert np.abs(expected - plain).max() > 0.1, "the reference differs from the sum"


@pytest.mark.parametrize("largest", [1e-12, 0.0])
def test_flat_rows_are_added_up(workers, isa, largest):
    """Also with a moment of zeros."""
    plain = start().astype(float)
    for worker in workers:
        plain[worker.rows] += worker.changes
    np.testing.assert_allclose(merge(workers, moment(largest=largest), isa), plain, atol=0.005)


def test_sums_stay_near_the_rule(workers):
    """Within 8 % of what the workers have changed, for curvatures that differ by six orders of magnitude."""
    exact_rule = merged_by_reference(workers, moment(), rule=merged_change)
    sums = merged_by_reference(workers, moment())
    sizes = np.sqrt(sum(np.bincount(w.rows, (w.changes**2).sum(axis=1), N) for w in workers))
    error = np.linalg.norm(sums - exact_rule, axis=1)
    assert np.all(error <= 0.08 * sizes) and error.max() > 0


@pytest.mark.parametrize("spread, most", [(0.3, 0.03), (1.0, 0.08), (3.0, 0.08)])
def test_sums_of_workers_that_follow_the_model_of_the_rule_are_right(spread, most):
    """Each has gone the share 1 - exp(-h) of the way; together they would have gone 1 - exp(-H)."""
    rng = np.random.default_rng(5)
    for scale in (0.01, 0.1, 1.0, 10.0):
        for _ in range(200):
            h = scale * np.exp(rng.normal(0, spread, rng.integers(1, 17)))
            got = merged_change_of_sums((h * phi(h))[:, None], h, np.ones((1, 1)))
            assert got == pytest.approx(h.sum() * phi(h.sum()), rel=most)


def test_very_steep_rows_are_averaged(isa):
    """Workers that have met the same curvature, and have all reached the optimum."""
    workers = [Worker(seed, touched=1.0) for seed in range(4)]
    for worker in workers:
        worker.curvature[:] = 1e7
    change = merge(workers, moment(), isa) - start()
    np.testing.assert_allclose(change, np.mean([w.changes for w in workers], axis=0), atol=1e-4)


@pytest.mark.parametrize("seed", [0, 3])
def test_change_of_a_single_worker_is_kept(isa, seed):
    workers = [Worker(seed)]
    plain = start()
    plain[workers[0].rows] += workers[0].changes
    np.testing.assert_allclose(merge(workers, moment(), isa), plain, atol=5e-6)


def test_each_block_corrects_the_directions_that_its_steepest_row_needs(isa):
    """A direction counts from a curvature of 0.06 on; in the others the changes are added up."""
    workers, basis = [Worker(seed, touched=1.0) for seed in range(2)], _merge.Basis(moment())
    for block, largest in enumerate([1e4, 0.3, 0.05, 0.009]):
        for worker in workers:
            worker.curvature[block * B:(block + 1) * B] = largest / 4
            worker.curvature[block * B + 2] = largest / 2
    change = merge(workers, moment(), isa) - start()
    plain = sum(worker.changes for worker in workers)
    corrected = np.abs((change - plain) @ basis.vectors.T)
    for block, largest in enumerate([1e4, 0.3, 0.05, 0.009]):
        k = min(-(-(basis.values * largest > 0.06).sum() // 16) * 16, D)
        assert np.all(corrected[block * B:(block + 1) * B, k:] < 2e-6)
        assert k == 0 or corrected[block * B:(block + 1) * B, :k].max() > 1e-3
    assert k == 0


# ---- how the work is divided ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("largest", [1e-12, 0.05, 2.0])
@pytest.mark.parametrize("edges", [(0, B, N), (0, B, 2 * B, 3 * B, N), (0, 3 * B, N), (0, 2 * B, N)])
def test_parts_change_no_byte(workers, isa, largest, edges):
    whole = merge(workers, moment(largest=largest), isa)
    assert np.array_equal(merge(workers, moment(largest=largest), isa, edges=edges), whole)


@pytest.mark.parametrize("largest", [1e-12, 0.05, 2.0])
@pytest.mark.parametrize("outputs", [False, True])
def test_copies_and_packed_changes_give_the_same_bytes(isa, largest, outputs):
    workers, snapshot = exact([Worker(seed) for seed in range(3)], start())
    packed = merge(workers, moment(largest=largest), isa, snapshot.copy())
    for edges in [(0, N), (0, 2 * B, N)]:
        copies = [worker.copies(snapshot, outputs) for worker in workers]
        got, basis = snapshot.copy(), _merge.Basis(moment(largest=largest))
        for low, high in zip(edges, edges[1:], strict=False):
            sums = _merge.Sums(low, high, D, isa)
            for one in copies:
                sums.fold([one], outputs)
            sums.finish(basis, got)
        assert np.array_equal(got, packed)


@pytest.mark.parametrize("outputs", [False, True])
def test_copies_follow_the_snapshot_through_a_round(isa, outputs):
    """Two workers, then two more in the room of these; the third room is not used."""
    workers, snapshot = exact([Worker(seed, touched=0.3) for seed in range(4)], start())
    rooms = [tuple(allocate_rows(N, D) for _ in range(2)) for _ in range(3)]
    copies = [Copies((snapshot, snapshot), room) for room in rooms]
    for one in copies:
        one.prepare()
    sums = _merge.Sums(0, N, D, isa)
    before = snapshot.copy()
    workers[0].train(copies[0], outputs)
    workers[1].train(copies[1], outputs)
    sums.fold(copies[:2], outputs)
    assert all(np.array_equal(room[outputs], before) for room in rooms)
    workers[2].train(copies[0], outputs)
    workers[3].train(copies[1], outputs)
    sums.fold(copies[:2], outputs, _merge.Basis(moment()), snapshot, copies)
    assert np.array_equal(snapshot, merge(workers, moment(), isa, before.copy())) and not sums.totals.any()
    for one, room in zip(copies, rooms, strict=True):
        assert np.array_equal(room[outputs], snapshot) and np.array_equal(room[not outputs], before)
        assert not one.curvature(outputs).any()


def test_rows_that_no_worker_touched_keep_their_bytes(isa):
    workers = [Worker(seed, touched=0.2) for seed in range(3)]
    touched = np.unique(np.concatenate([w.rows for w in workers]))
    assert 0 < len(touched) < N
    for largest in (1e-12, 2.0):
        got, before = merge(workers, moment(largest=largest), isa), start()
        changed = np.flatnonzero((got != before).any(axis=1))
        assert changed.tolist() == touched.tolist()


def test_worker_without_changes_changes_nothing(workers, isa):
    nothing = Worker(9, touched=0.0)
    assert len(nothing.rows) == 0
    assert np.array_equal(merge([*workers, nothing], moment(), isa), merge(workers, moment(), isa))
    assert np.array_equal(merge([nothing], moment(), isa), start())


@pytest.mark.parametrize("n", [1, 2, B - 1, B, B + 1])
def test_few_rows_are_merged(isa, n):
    workers = [Worker(seed, n, touched=1.0) for seed in range(3)]
    got = merge(workers, moment(), isa, snapshot=start(n=n), edges=(0, n)) - start(n=n)
    np.testing.assert_allclose(got, merged_by_reference(workers, moment(), n), atol=0.02)


def test_changes_that_do_not_fit_are_refused(isa):
    sums = _merge.Sums(B, 2 * B, D, isa)
    changes, curvature = np.zeros((2, D), np.uint16), np.zeros(2, np.float32)
    for rows in ([B - 1, B], [B, 2 * B], [B + 1, B], [B, B]):
        with pytest.raises(ValueError, match="rise"):
            sums.fold_changes(np.array(rows, np.int32), changes, curvature)
    for n, d, m in ((1, D, 2), (2, D, 1), (2, D + 16, 2)):
        with pytest.raises(ValueError, match="together"):
            sums.fold_changes(np.arange(B, B + 2, dtype=np.int32), np.zeros((n, d), np.uint16),
                              np.zeros(m, np.float32))


def test_changes_without_padding_are_those_of_padded_rows(isa):
    workers = [Worker(seed) for seed in range(3)]
    for worker in workers:
        worker.changes[:, D - 5:] = 0
    padded = merge(workers, moment(), isa)
    for worker in workers:
        worker.changes = np.ascontiguousarray(worker.changes[:, :D - 5])
    assert np.array_equal(merge(workers, moment(), isa), padded)


@pytest.mark.parametrize("outputs", [False, True])
def test_packed_changes_are_those_of_the_copies(outputs):
    [worker], snapshot = exact([Worker(4)], start())
    for low, high in [(0, N), (B, 2 * B), (5, 6), (N, N)]:
        copies = worker.copies(snapshot, outputs)
        rows, changes, curvature = _merge.packed_changes(copies, outputs, low, high, D)
        expected = worker.part(low, high)
        assert rows.tolist() == expected[0].tolist() and np.array_equal(curvature, expected[2])
        assert np.array_equal(floats(changes), expected[1])
        assert len(_merge.packed_changes(copies, outputs, low, high, D)[0]) == 0, "the copies are not restored"
    assert len(_merge.packed_changes(copies, not outputs, 0, N, D)[0]) == 0


# ---- moments --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("leading", [1, 255, 256, 257, 700])
def test_moments_are_those_of_the_copies_and_of_the_snapshot(isa, leading):
    """Of rows that the worker has touched its copy counts."""
    snapshot = start(n=700, d=32)
    copies = prepared_copies(snapshot)
    now = snapshot.astype(float)
    for row in range(0, 700, 3):
        change = np.full(32, 0.25, np.float32)
        _slots.touch(copies, True, row, change, 0.1)
        now[row] += change
    weights = np.random.default_rng(3).dirichlet(np.ones(leading)).astype(np.float32)
    second, first = _merge.moments(copies, True, weights, isa)
    rows = now[:leading]
    np.testing.assert_allclose(second, (rows * weights[:, None].astype(float)).T @ rows, atol=1e-5)
    np.testing.assert_allclose(first, weights.astype(float) @ rows, atol=1e-6)
    untouched, _ = _merge.moments(copies, False, weights, isa)
    assert np.abs(second - untouched).max() > 1e-3


def test_copies_must_have_the_shape_of_the_matrices():
    a, b = allocate_rows(10, 16), allocate_rows(10, 32)
    for rows in ((a, b), (b, a), (allocate_rows(9, 16), a)):
        with pytest.raises(ValueError, match="shape"):
            Copies((a, a), rows)
