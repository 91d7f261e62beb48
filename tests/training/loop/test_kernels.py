"""Every kernel of every instruction set against `w2v.training.reference`, and gradients against finite differences."""

import os

import numpy as np
import pytest

from w2v.training import reference
from w2v.training.loop import _isa, _sampler, _slots

EPS = np.finfo(np.float32).eps
ISAS = _isa.available_isas()
SIZES = [8, 16, 24, 32, 48, 56, 104, 112, 128, 200, 304, 512]


@pytest.fixture(params=ISAS)
def kernels(request):
    return _slots.Kernels(request.param)


@pytest.fixture(params=SIZES)
def width(request, kernels):
    """Floats of a row before its padding."""
    kernels.vector_size = request.param
    return request.param


def aligned_rows(n, width, rng, scale=0.5):
    """(n, padded) float32 at a 64-byte boundary, values that vary, then padding to a multiple of 16."""
    padded = -(-width // 16) * 16
    room = np.zeros(n * padded + 16, np.float32)
    start = (-room.ctypes.data // 4) % 16
    rows = room[start : start + n * padded].reshape(n, padded)
    rows[:, :width] = rng.normal(0, scale / np.sqrt(width), (n, width))
    assert rows.ctypes.data % 64 == 0 and rows.std() > 0
    return rows


def window(width, n_contexts, n_outputs, seed, scale=3.0):
    """Two matrices and the row numbers of one window in them; the other rows are guards."""
    rng = np.random.default_rng(seed)
    input_vectors = aligned_rows(40, width, rng, scale)
    output_vectors = aligned_rows(60, width, rng, scale)
    return input_vectors, output_vectors, rng.permutation(40)[:n_contexts], rng.permutation(60)[:n_outputs]


def score_bound(contexts, outputs):
    """Largest error of a sum of products in float32: (n + 2) eps sum |x y|."""
    return (contexts.shape[1] + 2) * EPS * (np.abs(contexts) @ np.abs(outputs).T)


def test_required_isas_are_available():
    required = [isa for isa in os.environ.get("W2V_REQUIRE_ISAS", "").split(",") if isa]
    assert set(required) <= set(ISAS), "a kernel variant is missing from the build"
    assert "scalar" in ISAS


def test_isa_is_set_by_environment_and_unknown_isa_is_rejected(monkeypatch):
    for isa in ISAS:
        monkeypatch.setenv("W2V_ISA", isa)
        assert _isa.chosen_isa() == isa
        assert _slots.Kernels(None).isa == isa
    monkeypatch.setenv("W2V_ISA", "mmx")
    with pytest.raises(ValueError, match="mmx.*scalar"):
        _isa.chosen_isa()


@pytest.mark.parametrize("misaligned", [0, 1])
def test_sigmoid_matches_reference_at_every_length(kernels, misaligned):
    rng = np.random.default_rng(3)
    for n in [*range(3 * kernels.lanes + 2), 100, 300]:
        room = np.full(n + 2 + misaligned, 77.0, np.float32)
        values = room[1 + misaligned : 1 + misaligned + n]
        values[:] = rng.uniform(-30, 30, n)
        expected = reference.sigmoid(values.astype(np.float64))
        kernels.sigmoid(values)
        np.testing.assert_allclose(values, expected, rtol=6 * EPS)
        assert np.all(room[: 1 + misaligned] == 77) and room[-1] == 77, "wrote outside its array"


def test_sigmoid_of_extreme_values(kernels):
    x = np.array([0, -0.0, 1e-42, -1e-42, 6, -6, 88, -88, 104, -104, 1e4, -1e4, 3e38, -3e38, np.inf, -np.inf, np.nan],
                 np.float32)
    got = x.copy()
    kernels.sigmoid(got)
    assert np.isnan(got[-1])
    expected = reference.sigmoid(np.clip(x[:-1].astype(np.float64), -87, 87))
    np.testing.assert_allclose(got[:-1], expected, rtol=6 * EPS)
    assert got[:4].tolist() == [0.5] * 4 and got[10] == 1.0 and 0 < got[11] < 1e-37


@pytest.mark.parametrize("n_outputs", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 21, 26])
def test_scores_match_reference(kernels, width, n_outputs):
    for n_contexts in [1, 2, 3, 6, 10, 20]:
        i, o, inputs, outputs = window(width, n_contexts, n_outputs, seed=n_contexts)
        before = i.copy(), o.copy()
        got = np.full((n_contexts, n_outputs), np.nan, np.float32)
        kernels.scores(i, o, inputs, outputs, got)
        contexts, targets = i[inputs].astype(np.float64), o[outputs].astype(np.float64)
        assert np.all(np.abs(got - reference.scores(contexts, targets)) <= score_bound(contexts, targets))
        assert np.array_equal(i, before[0]) and np.array_equal(o, before[1])


@pytest.mark.parametrize("n_outputs", [1, 2, 5, 6, 7, 11, 12, 13, 16, 21, 26])
def test_rank_update_matches_reference(kernels, width, n_outputs):
    for n_contexts in [1, 2, 3, 7, 10, 20]:
        i, o, inputs, outputs = window(width, n_contexts, n_outputs, seed=100 + n_contexts)
        g = np.random.default_rng(5).normal(0, 0.1, (n_contexts, n_outputs)).astype(np.float32)
        contexts, targets = reference.rank_update(
            i[inputs].astype(np.float64), o[outputs].astype(np.float64), g.astype(np.float64))
        guards = np.delete(i, inputs, 0), np.delete(o, outputs, 0)
        old = i[inputs], o[outputs]
        kernels.rank_update(i, o, inputs, outputs, g)
        bound_i = (n_outputs + 2) * EPS * (np.abs(old[0]) + np.abs(g) @ np.abs(old[1]))
        bound_o = (n_contexts + 2) * EPS * (np.abs(old[1]) + np.abs(g).T @ np.abs(old[0]))
        assert np.all(np.abs(i[inputs] - contexts) <= bound_i)
        assert np.all(np.abs(o[outputs] - targets) <= bound_o)
        assert np.array_equal(np.delete(i, inputs, 0), guards[0]), "changed a row outside the window"
        assert np.array_equal(np.delete(o, outputs, 0), guards[1]), "changed a row outside the window"


@pytest.mark.parametrize("n_negatives", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 20, 33])
@pytest.mark.parametrize("n_centres", [1, 2])
def test_window_update_matches_reference(kernels, width, n_negatives, n_centres):
    n_outputs = n_centres + n_negatives
    for n_contexts in range(13):
        i, o, inputs, outputs = window(width, n_contexts, n_outputs, seed=200 + n_contexts)
        kinds = None if n_centres == 1 else [1 + k % 3 for k in range(n_contexts)]
        expected_i, expected_o = i.astype(np.float64), o.astype(np.float64)
        if n_contexts:
            reference.train_window(expected_i, expected_o, inputs, outputs, 0.05, kinds)
        before = i.copy()
        kernels.window_update(i, o, inputs, outputs, 0.05, kinds)
        np.testing.assert_allclose(i, expected_i, atol=2e-6)
        np.testing.assert_allclose(o, expected_o, atol=2e-6)
        assert (n_contexts == 0) == np.array_equal(i, before)


@pytest.mark.parametrize("n_outputs", [2, 3, 7, 8, 9, 14, 15, 22, 35])
def test_hidden_rows_become_their_changes(kernels, width, n_outputs):
    """CBOW has one hidden row or two; that of a centre without contexts has kind 0."""
    for kinds in [None, [1, 2], [0, 2], [1, 0]]:
        n = 1 if kinds is None else 2
        i, o, inputs, outputs = window(width, n, n_outputs, seed=n_outputs)
        expected_i, expected_o = i.astype(np.float64), o.astype(np.float64)
        reference.train_window(expected_i, expected_o, inputs, outputs, 0.05, kinds)
        before = i.astype(np.float64)
        kernels.window_update(i, o, inputs, outputs, 0.05, kinds, hidden=True)
        np.testing.assert_allclose(i[inputs], (expected_i - before)[inputs], atol=1e-6)
        np.testing.assert_allclose(o, expected_o, atol=2e-6)
        assert np.array_equal(np.delete(i, inputs, 0), np.delete(before, inputs, 0).astype(np.float32))


def test_repeated_context_gets_both_updates(kernels):
    for n_outputs in [6, 14]:
        i, o, inputs, outputs = window(112, 5, n_outputs, seed=9)
        inputs[3] = inputs[1]
        alpha = 1e-3
        expected_i, expected_o = i.astype(np.float64), o.astype(np.float64)
        old = i.astype(np.float64)
        reference.train_window(expected_i, expected_o, list(inputs), list(outputs), alpha)
        kernels.window_update(i, o, inputs, outputs, alpha)
        moved = np.abs(expected_i - old).max()
        second_order = 1e-7 + 10 * alpha * moved  # the second occurrence may be read after its first update
        assert second_order < moved / 50
        np.testing.assert_allclose(i, expected_i, atol=second_order)
        np.testing.assert_allclose(o, expected_o, atol=second_order)


@pytest.mark.parametrize("size", [100, 105])
def test_padding_stays_zero(kernels, size):
    kernels.vector_size = size
    for n_outputs in [6, 14, 26]:
        i, o, inputs, outputs = window(size, 6, n_outputs, seed=4)
        assert i.shape[1] == 112
        for _ in range(10):
            kernels.window_update(i, o, inputs, outputs, 0.1)
        assert not i[:, size:].any() and not o[:, size:].any()


def test_nonfinite_rows_stay_nonfinite(kernels):
    for bad in [np.nan, np.inf]:
        i, o, inputs, outputs = window(48, 4, 6, seed=8)
        i[inputs[2], 7] = bad
        kernels.window_update(i, o, inputs, outputs, 0.025)
        assert not np.isfinite(i[inputs[2]]).all()


def test_context_of_kind_zero_changes_nothing(kernels):
    for n_outputs in [6, 14]:
        i, o, inputs, outputs = window(112, 5, n_outputs, seed=12)
        j, p = i.copy(), o.copy()
        kernels.window_update(i, o, inputs, outputs, 0.05, [1, 2, 0, 3, 0])
        assert np.array_equal(i[inputs[[2, 4]]], j[inputs[[2, 4]]]) and not np.array_equal(i[inputs[3]], j[inputs[3]])
        expected_i, expected_o = j.astype(np.float64), p.astype(np.float64)
        reference.train_window(expected_i, expected_o, inputs[[0, 1, 3]], outputs, 0.05, [1, 2, 3])
        np.testing.assert_allclose(i, expected_i, atol=2e-6)
        np.testing.assert_allclose(o, expected_o, atol=2e-6)


def test_two_windows_in_one_step_are_the_sum_of_both():
    """The joint step of the reference against the sum of two independent steps."""
    rng = np.random.default_rng(13)
    i, o = rng.normal(0, 0.5, (9, 8)), rng.normal(0, 0.5, (9, 8))
    first, second, negatives = [0, 1, 2, 3], [2, 3, 4], [5, 6, 7]
    changes_i, changes_o = np.zeros_like(i), np.zeros_like(o)
    for contexts, centre in ((first, 0), (second, 1)):
        after_i, after_o = i.copy(), o.copy()
        reference.train_window(after_i, after_o, contexts, [centre, *negatives], 0.1)
        changes_i += after_i - i
        changes_o += after_o - o
    after_i, after_o = i.copy(), o.copy()
    reference.train_window(after_i, after_o, [0, 1, 2, 3, 4], [0, 1, *negatives], 0.1, [1, 1, 3, 3, 2])
    np.testing.assert_allclose(after_i - i, changes_i, atol=1e-12)
    np.testing.assert_allclose(after_o - o, changes_o, atol=1e-12)
    assert np.abs(changes_i).max() > 0.01


@pytest.mark.parametrize("n_outputs", [6, 18])
@pytest.mark.parametrize("kinds", [None, [1, 3, 2, 3]])
def test_update_is_the_negative_gradient_of_the_loss(kernels, n_outputs, kinds):
    """The update divided by the learning rate against central differences of the loss in float64."""
    i, o, inputs, outputs = window(16, 4, n_outputs, seed=6)
    labels, weights = reference.labels_and_weights(kinds or [1] * 4, n_outputs, 2 if kinds else 1)
    contexts, targets = i[inputs].astype(np.float64), o[outputs].astype(np.float64)
    alpha, h = 1e-2, 1e-5
    old_i, old_o = i[inputs], o[outputs]
    kernels.window_update(i, o, inputs, outputs, alpha, kinds)
    step_i = (i[inputs].astype(np.float64) - old_i) / alpha
    step_o = (o[outputs].astype(np.float64) - old_o) / alpha
    for rows, step in [(contexts, step_i), (targets, step_o)]:
        for place in np.ndindex(rows.shape):
            value = rows[place]
            rows[place] = value + h
            above = reference.loss(contexts, targets, labels, weights)
            rows[place] = value - h
            below = reference.loss(contexts, targets, labels, weights)
            rows[place] = value
            assert step[place] == pytest.approx(-(above - below) / (2 * h), abs=2e-4)
    assert np.abs(step_i).max() > 0.05 and np.abs(step_o).max() > 0.05


def test_golden_run_of_one_hundred_windows(kernels):
    """The kernel and the reference stay close for 100 steps on the same windows."""
    rng = np.random.default_rng(11)
    i, o = aligned_rows(30, 64, rng), aligned_rows(30, 64, rng)
    expected_i, expected_o = i.astype(np.float64), o.astype(np.float64)
    start = i.copy()
    for step in range(100):
        inputs = rng.permutation(30)[: 1 + step % 10]
        outputs = rng.permutation(30)[:6]
        kernels.window_update(i, o, inputs, outputs, 0.1)
        reference.train_window(expected_i, expected_o, list(inputs), list(outputs), 0.1)
    np.testing.assert_allclose(i, expected_i, atol=1e-5)
    np.testing.assert_allclose(o, expected_o, atol=1e-5)
    assert np.abs(i - start).max() > 0.1


# ---- hidden rows ----------------------------------------------------------------------------------------------------

def blend_weights(n_common: int, own: list[list[int]], factors: list[float], masses: np.ndarray | None) -> np.ndarray:
    """Weight (H, C) of each row in each hidden row; the common rows come first."""
    n = n_common + sum(map(len, own))
    weights, past = np.zeros((len(own), n)), n_common
    for k, alone in enumerate(own):
        weights[k, :n_common] = weights[k, past : past + len(alone)] = factors[k]
        past += len(alone)
    return weights * (1 if masses is None else masses)


@pytest.mark.parametrize("n_hidden", [1, 2])
@pytest.mark.parametrize("weighted", [False, True])
def test_gather_and_scatter_match_reference(kernels, width, n_hidden, weighted):
    rng = np.random.default_rng(21)
    for n_common, n_own in [(0, 0), (0, 1), (1, 0), (2, 2), (3, 1), (10, 2), (21, 3)]:
        rows, hidden = (aligned_rows(k, width, rng, 3) for k in (40, n_hidden))
        chosen = rng.permutation(40)[: n_common + n_hidden * n_own]
        common, own = chosen[:n_common], [chosen[n_common + k * n_own :][:n_own] for k in range(n_hidden)]
        factors = list(rng.uniform(0.1, 1, n_hidden).astype(np.float32))
        masses = rng.uniform(1, 9, len(chosen)).astype(np.float32) if weighted else None
        guards, n = rows.copy(), len(chosen)
        kernels.gather(rows, common, own, factors, hidden, masses)
        old, used = rows[chosen].astype(np.float64), blend_weights(n_common, own, factors, masses)
        bound = (n + 3) * EPS * (np.abs(used) @ np.abs(old))
        assert np.all(np.abs(hidden - reference.gather(old, used)) <= bound)
        assert np.array_equal(rows, guards)
        change = hidden.astype(np.float64)
        kernels.scatter(rows, common, own, factors, hidden, masses)
        bound = 8 * EPS * (np.abs(old) + np.abs(used.T) @ np.abs(hidden))
        assert np.all(np.abs(rows[chosen] - reference.scatter(old, used, change)) <= bound)
        assert np.array_equal(np.delete(rows, chosen, 0), np.delete(guards, chosen, 0)), "changed another row"
        assert n == 0 or not np.array_equal(rows, guards)


def test_scatter_adds_every_change_of_a_row_that_repeats(kernels):
    rows, change = (aligned_rows(k, 48, np.random.default_rng(k)) for k in (3, 1))
    old = rows.copy()
    kernels.scatter(rows, [1, 2, 1], [[1]], [0.5], change, np.array([1, 2, 2, 4], np.float32))
    np.testing.assert_allclose(rows, old + np.array([[0], [3.5], [1]]) * change, atol=1e-6)


@pytest.mark.parametrize("mean", [True, False])
def test_cbow_step_is_the_negative_gradient_of_the_loss(kernels, mean):
    """Kernels combined as in the loop, divided by the learning rate, against central differences in float64."""
    i, o, inputs, outputs = window(16, 5, 7, seed=31)
    common, own, alpha, h = list(inputs[:2]), [list(inputs[2:4]), list(inputs[4:])], 1e-2, 1e-5
    factors = [1 / 4, 1 / 3] if mean else [1, 1]
    weights = blend_weights(2, own, factors, None)
    labels, counts = reference.labels_and_weights([1, 2], 7, 2)
    contexts, targets = i[inputs].astype(np.float64), o[outputs].astype(np.float64)
    hidden = aligned_rows(2, 16, np.random.default_rng(1))
    kernels.gather(i, common, own, factors, hidden)
    kernels.window_update(hidden, o, [0, 1], outputs, alpha, [1, 2], hidden=True)
    kernels.scatter(i, common, own, factors, hidden)
    for rows, step in [(contexts, (i[inputs] - contexts) / alpha), (targets, (o[outputs] - targets) / alpha)]:
        for place in np.ndindex(rows.shape):
            value, losses = rows[place], []
            for side in (h, -h):
                rows[place] = value + side
                losses.append(reference.loss(reference.gather(contexts, weights), targets, labels, counts))
            rows[place] = value
            assert step[place] == pytest.approx(-(losses[0] - losses[1]) / (2 * h), abs=5e-4)
        assert np.abs(step).max() > 0.02


# ---- noise words ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("n_words", [1, 2, 1000, 100_000])
def test_draws_are_the_same_numbers_from_every_instruction_set(kernels, n_words):
    sampler = _sampler.Sampler(np.random.default_rng(n_words).uniform(1, 1000, n_words))
    scalar = _slots.Kernels("scalar")
    for count in [*range(20), 1000]:
        assert kernels.draw(sampler, 2**64 - 5, count) == scalar.draw(sampler, 2**64 - 5, count)
