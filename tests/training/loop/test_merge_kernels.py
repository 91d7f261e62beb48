"""The kernels that training in rounds needs, of every instruction set, against NumPy."""

import numpy as np
import pytest

from w2v.training import reference
from w2v.training.loop import _isa, _slots
from w2v.training.rounds.reference import bfloat16, floats, phi

EPS = np.finfo(np.float32).eps
PHI_ERROR = 3e-5  # csrc/kernels/merge.h, below LEAST_SHARE and near it; elsewhere a few roundings
LEAST_SHARE = 0.004
BLOCK = 16  # most output rows of a block, of any instruction set
GUARD = np.float32(-77)


@pytest.fixture(params=_isa.available_isas())
def kernels(request):
    return _slots.Kernels(request.param)


def rows_of(n, width, seed, scale=0.5):
    room = np.zeros(n * width + 16, np.float32)
    start = (-room.ctypes.data // 4) % 16
    rows = room[start : start + n * width].reshape(n, width)
    rows[:] = np.random.default_rng(seed).normal(0, scale / np.sqrt(width), (n, width))
    return rows


# ---- squares of g ---------------------------------------------------------------------------------------------------

def updated_with_squares(kernels, i, o, inputs, outputs, kinds, hidden=False):
    """Squares of g that a step adds to 1, 2, 3, ..., after a check of what lies behind them."""
    squares = [np.append(np.arange(1, n + 1), GUARD).astype(np.float32) for n in (len(inputs), len(outputs))]
    kernels.window_update(i, o, inputs, outputs, 0.05, kinds, hidden=hidden, squares=tuple(squares))
    assert all(part[-1] == GUARD for part in squares), "wrote behind the squares"
    return [part[:-1] - np.arange(1, len(part), dtype=np.float32) for part in squares]


def check_squares(got, g):
    for found, expected in zip(got, [(g**2).sum(1), (g**2).sum(0)], strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5 * len(found) + 1e-4 * np.abs(expected).max(initial=0))


@pytest.mark.parametrize("width", [16, 48, 112, 320])
@pytest.mark.parametrize("n_outputs", [2, 3, 4, 7, 8, 9, 12, 13, 16, BLOCK + 1, 26, 2 * BLOCK + 3])
@pytest.mark.parametrize("n_centres", [1, 2])
def test_squares_of_a_step_match_reference(kernels, width, n_outputs, n_centres):
    """Contexts from none to 20, blocks of half a vector and several blocks; the step itself is the same."""
    for n_inputs in [0, 1, 2, 3, 5, 12, 13, 20]:
        rng = np.random.default_rng(n_inputs)
        i, o = rows_of(40, width, 1, 2.0), rows_of(60, width, 2, 2.0)
        inputs, outputs = rng.permutation(40)[:n_inputs], rng.permutation(60)[:n_outputs]
        kinds = None if n_centres == 1 else [(1, 3, 2, 0)[k % 4] for k in range(n_inputs)]
        labels, weights = reference.labels_and_weights(kinds or [1] * n_inputs, n_outputs, n_centres)
        g = reference.gradient(i[inputs].astype(float), o[outputs].astype(float), labels, weights, 0.05)
        plain = rows_of(40, width, 1, 2.0), rows_of(60, width, 2, 2.0)
        kernels.window_update(*plain, inputs, outputs, 0.05, kinds)
        check_squares(updated_with_squares(kernels, i, o, inputs, outputs, kinds), g)
        assert np.array_equal(i, plain[0]) and np.array_equal(o, plain[1])
        assert n_inputs == 0 or (g**2).max() > 1e-4


@pytest.mark.parametrize("n_outputs", [2, 3, 7, 8, 14, 17, 35])
@pytest.mark.parametrize("kinds", [None, [1, 2], [0, 2], [1, 0]])
def test_squares_of_hidden_rows_match_reference(kernels, n_outputs, kinds):
    n = 1 if kinds is None else 2
    i, o = rows_of(2, 48, 3, 2.0), rows_of(40, 48, 4, 2.0)
    inputs, outputs = list(range(n)), list(range(n_outputs))
    labels, weights = reference.labels_and_weights(kinds or [1], n_outputs, n)
    g = reference.gradient(i[inputs].astype(float), o[outputs].astype(float), labels, weights, 0.05)
    check_squares(updated_with_squares(kernels, i, o, inputs, outputs, kinds, hidden=True), g)


# ---- rotate ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("length", [16, 48, 112, 208, 320])
def test_rotated_rows_match_numpy(kernels, length):
    """Into the leading columns of a wider basis; nothing behind them is written."""
    basis, rows = rows_of(length, 320, 5, 18.0), rows_of(60, length, 6, 18.0)
    for n in [*range(14), 24, 47, 48, 50]:
        chosen = np.random.default_rng(n).permutation(60)[:n]
        for n_out in [16, 32, 48, 112, 304, 320]:
            room = np.full(n * n_out + 1, GUARD, np.float32)
            out = room[:-1].reshape(n, n_out) if n else np.empty((1, n_out), np.float32)
            kernels.rotate(rows[chosen], basis, out)
            taken = rows[chosen].astype(float)
            bound = (length + 2) * EPS * (np.abs(taken) @ np.abs(basis[:, :n_out]))
            assert np.all(np.abs(out[:n] - taken @ basis[:, :n_out]) <= bound)
            assert room[-1] == GUARD


def test_row_is_rotated_to_the_same_bytes_among_any_others(kernels):
    """The rows of a block that a worker has touched differ from worker to worker."""
    basis, rows = rows_of(112, 112, 7, 9.0), rows_of(50, 112, 8, 9.0)
    alone = np.empty((1, 96), np.float32)
    for n in [1, 2, 5, 6, 7, 13, 50]:
        out = np.empty((n, 96), np.float32)
        kernels.rotate(rows[:n], basis, out)
        for k in range(n):
            kernels.rotate(rows[k:k + 1], basis, alone)
            assert np.array_equal(out[k], alone[0])


# ---- sums of changes ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("width", [16, 48, 112, 320])
@pytest.mark.parametrize("with_base", [False, True])
def test_changes_are_added_with_and_without_their_curvature(kernels, width, with_base):
    rows, (total, weighted) = rows_of(6, width, 14), rows_of(2, width, 15)
    expected = total.astype(float), weighted.astype(float)
    for k in range(0, 6, 2):
        row, base, h = rows[k], rows[k + 1] if with_base else None, np.float32(0.3 * (k + 1))
        kernels.add_change(row, base, h, total, weighted)
        change = floats(bfloat16(row if base is None else row - base)).astype(float)
        expected = expected[0] + change, expected[1] + float(h) * change
    for got, value in zip((total, weighted), expected, strict=True):
        np.testing.assert_allclose(got, value, atol=30 * EPS)


def test_changes_are_rounded_to_the_nearest_bfloat16(kernels):
    """Subnormal numbers too; of two that are equally near it is the one away from zero."""
    bits = np.random.default_rng(3).integers(0, 0x7F00_0000, 16 * 40).astype(np.uint32)
    bits[:100] &= 0xFFFF_0000
    bits[:50] |= 0x8000
    bits[100:200] >>= 9
    bits[::2] |= 0x8000_0000
    for rows in bits.view(np.float32).reshape(-1, 16):
        total, weighted = np.zeros((2, 16), np.float32)
        kernels.add_change(rows, None, 1.0, total, weighted)
        assert np.array_equal(total.view(np.uint32) << 1, floats(bfloat16(rows)).view(np.uint32) << 1), rows
    with np.errstate(invalid="ignore"):
        kernels.add_change(np.full(16, np.nan, np.float32), None, 1.0, total, weighted)
    assert np.isnan(total).all()


# ---- corrections ----------------------------------------------------------------------------------------------------

def corrected(kernels, total, mean, eigenvalues, row, weighted):
    """phi(total * e) * A, from the correction that leaves out the row itself."""
    got = row.copy()
    kernels.correct(got, weighted, np.asarray(eigenvalues, np.float32), total, mean)
    return got.astype(float) + row


@pytest.mark.parametrize("h", [1e-6, 0.3, 7.0, 1e4])
@pytest.mark.parametrize("workers", [1, 5])
def test_corrections_follow_the_rule(kernels, h, workers):
    rng = np.random.default_rng(9)
    for n in [16, 32, 48, 320]:
        eigenvalues = np.sort(10 ** rng.uniform(-9, 3, n))[::-1].astype(np.float32)
        row, weighted = rng.normal(0, 1, n).astype(np.float32), (h * rng.normal(0, 1, n)).astype(np.float32)
        z = np.float64(np.float32(h)) * eigenvalues
        slope = np.where(z < 1e-6, 0.5, (1 / phi(z) - 1) / np.maximum(z, 1e-300)) * eigenvalues
        parts = phi(workers * z) * (np.abs(row) + slope * np.abs(weighted)) + np.abs(row) + np.abs(weighted) / h
        expected = phi(workers * z) * (row + slope * weighted)
        error = np.where(z < 2 * LEAST_SHARE, 2 * PHI_ERROR, 20 * EPS / np.minimum(z, 1) + 100 * EPS)
        got = corrected(kernels, workers * h, h, eigenvalues, row, weighted)
        assert np.all(np.abs(got - expected) <= error * parts)


def test_extreme_eigenvalues_are_flat_or_steep(kernels):
    """0 and negative eigenvalues, which rounding leaves of a moment without full rank, are flat."""
    e = np.zeros(32, np.float32)
    e[:12] = [0, -0.0, 1e-42, -1e-42, 1e-20, -1e-6, 1e-6, 1e-4, 50, 88, 1e6, 3e37]
    e[12] = np.nan
    got = corrected(kernels, 1.0, 0.5, e, np.ones(32, np.float32), np.full(32, 0.5, np.float32))
    np.testing.assert_allclose(got[:8], 1, atol=2 * PHI_ERROR)
    np.testing.assert_allclose(got[8:11], (1 + (0.5 * e[8:11] - 1)) / e[8:11], rtol=1e-3, atol=1e-6)
    assert np.isfinite(got[11]) and np.isnan(got[12])


@pytest.mark.parametrize("h", [0.0, 1e-3, 1.0, 100.0])
def test_one_worker_alone_keeps_its_change(kernels, h):
    """With T = h S and m = H, both lines meet."""
    eigenvalues = np.sort(10 ** np.random.default_rng(10).uniform(-9, 3, 64))[::-1].astype(np.float32)
    row = np.random.default_rng(11).normal(0, 1, 64).astype(np.float32)
    got = corrected(kernels, h, h, eigenvalues, row, (np.float32(h) * row).astype(np.float32))
    np.testing.assert_allclose(got, row, rtol=2e-4)


# ---- second moments -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("width", [16, 32, 48, 112, 304, 320])
def test_outer_products_are_added(kernels, width):
    rows, sums = rows_of(5, width, 12, 9.0), rows_of(width, width, 13)
    expected, size = sums.astype(float), np.abs(sums.astype(float))
    for row, weight in zip(rows, np.float32([0.5, 0, 2, 1e-3, 1]), strict=True):
        kernels.add_outer(row, weight, sums)
        expected += float(weight) * np.outer(row.astype(float), row)
        size += float(weight) * np.abs(np.outer(row.astype(float), row))
    assert np.all(np.abs(sums - expected) <= 10 * EPS * size)
