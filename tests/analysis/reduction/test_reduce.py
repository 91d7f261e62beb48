"""`w2v.reduce`: what stays the same, agreement with other programs, bad input."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v.analysis import linear_map, samples
from w2v.formats.rows import Rows
from w2v.formats.subwords import Subwords
from w2v.keyedvectors import KeyedVectors


def data(n: int = 400, d: int = 20, offset: float = 0.4, seed: int = 1) -> np.ndarray:
    """Vectors with unequal variances in directions that are no axes, and a mean."""
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    return ((rng.normal(size=(n, d)) * np.linspace(2, 0.3, d) + offset) @ turn).astype(np.float32)


def model(rows: np.ndarray | Rows, **more: object) -> KeyedVectors:
    kv = KeyedVectors([f"w{i}" for i in range(len(rows))], rows, source="test")
    for name, value in more.items():
        setattr(kv, name, value)
    return kv


def reduce(kv: KeyedVectors, dim: int | None = None, **options: object) -> w2v.Reduction[KeyedVectors]:
    """`w2v.reduce` with fewer pairs."""
    return w2v.reduce(kv, dim, **{"pairs": 500, **options})


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows.astype(float), axis=1, keepdims=True)


# ------------------------------------------------------------------------------------------------- the rotation


def test_rotation_changes_no_cosine_neighbour_or_analogy() -> None:
    kv = model(data())
    new = reduce(kv).kv
    assert isinstance(new, KeyedVectors) and new.index_to_key == kv.index_to_key
    np.testing.assert_allclose(unit(new.vectors) @ unit(new.vectors).T, unit(kv.vectors) @ unit(kv.vectors).T,
                               atol=2e-6)
    words = kv.index_to_key
    triples = [(words[i], words[i + 1], words[i + 2]) for i in range(0, 120, 3)]
    together, minus = [[b, c] for _, b, c in triples], [[a] for a, _, _ in triples]
    for ask in (lambda kv: kv.most_similar_batch(words, topn=5),
                lambda kv: kv.most_similar_batch(together, minus, topn=3)):
        old_answers, new_answers = ask(kv), ask(new)
        assert [[word for word, _ in one] for one in old_answers] == [[word for word, _ in one] for one in new_answers]


def test_products_with_output_vectors_stay_by_a_rotation_only() -> None:
    outputs = np.random.default_rng(5).normal(size=(400, 20)).astype(np.float32)
    kv = model(data(), output_vectors=outputs)
    found = reduce(kv, sample=0)
    assert found.outputs == "kept"
    np.testing.assert_allclose(found.kv.vectors @ found.kv.output_vectors.T, kv.vectors @ outputs.T, atol=1e-4)
    for options in ({"dim": 19}, {"center": True}, {"remove_top": 1}, {"method": "random", "dim": 20}):
        found = reduce(kv, **options, sample=0)
        assert found.outputs == "left out" and found.kv.output_vectors is None and "output vectors" in str(found)
    assert reduce(model(data()), sample=0).outputs is None


def test_variances_fall_and_are_those_of_the_numbers() -> None:
    found = reduce(model(data()))
    assert found.components is not None
    assert (np.diff(found.components.variances) <= 0).all()
    squares = found.kv.vectors.astype(float) ** 2
    np.testing.assert_allclose(squares.mean(axis=0), found.components.variances, rtol=1e-5)
    assert found.components.shares.sum() == pytest.approx(1)
    assert found.prefixes[-1].variance.value == pytest.approx(1)
    shares = [one.variance.value for one in found.prefixes]
    assert shares == sorted(shares) and all(one.variance.value > one.variance.chance for one in found.prefixes[:-1])
    assert found.components.effective_rank.value < found.components.effective_rank.chance < 20


@pytest.mark.parametrize("options", [{}, {"center": True}, {"remove_top": 3}])
@pytest.mark.parametrize("k", [1, 7, 17])
def test_prefix_of_all_is_the_reduction_to_that_dimension(k: int, options: dict) -> None:
    kv = model(data())
    whole, short = reduce(kv, sample=0, **options), reduce(kv, k, sample=0, **options)
    assert short.kv.vector_size == short.dim == k
    np.testing.assert_allclose(short.kv.vectors, whole.kv.vectors[:, :k], atol=1e-5)
    by_dim = {one.dim: one for one in whole.prefixes}
    if k in by_dim:
        assert by_dim[k].cosine_error.value == pytest.approx(short.prefixes[-1].cosine_error.value, abs=1e-5)


def test_no_projection_to_as_many_directions_keeps_more_variance() -> None:
    rows = data()
    kept = reduce(model(rows), 5, sample=0).prefixes[-1].variance.value
    rng = np.random.default_rng(2)
    for _ in range(50):
        axes, _ = np.linalg.qr(rng.normal(size=(20, 5)))
        assert ((rows @ axes) ** 2).sum() / (rows ** 2).sum() < kept


def test_signs_and_numbers_do_not_depend_on_a_rotation_of_the_input_or_the_order_of_words() -> None:
    rows = data()
    first = reduce(model(rows), sample=0)
    order = np.random.default_rng(3).permutation(400)
    other = reduce(model(rows[order]), sample=0)
    np.testing.assert_allclose(other.kv.vectors, first.kv.vectors[order], atol=1e-4)
    assert (np.take_along_axis(first.map.matrix, np.abs(first.map.matrix).argmax(axis=0)[None], axis=0) > 0).all()
    turn, _ = np.linalg.qr(np.random.default_rng(4).normal(size=(20, 20)))
    turned = reduce(model((rows @ turn).astype(np.float32)), sample=0).kv.vectors
    np.testing.assert_allclose(np.abs(turned), np.abs(first.kv.vectors), atol=1e-3)


# ------------------------------------------------------------------------------------------------- other programs


@pytest.mark.parametrize("k", [3, 20])
def test_centred_components_are_those_of_scikit_learn(k: int) -> None:
    decomposition = pytest.importorskip("sklearn.decomposition")
    rows = data()
    theirs = decomposition.PCA(n_components=k, svd_solver="full").fit(rows.astype(np.float64))
    found = reduce(model(rows), k, center=True, sample=0)
    expected = theirs.transform(rows.astype(np.float64))
    signs = np.sign((expected * found.kv.vectors).sum(axis=0))
    np.testing.assert_allclose(found.kv.vectors * signs, expected, atol=1e-5)
    assert found.components is not None
    np.testing.assert_allclose(found.components.shares[:k], theirs.explained_variance_ratio_, rtol=1e-6)
    np.testing.assert_allclose(found.components.variances[:k], theirs.explained_variance_ * 399 / 400, rtol=1e-6)


def test_uncentred_components_are_those_of_scikit_learns_svd() -> None:
    decomposition = pytest.importorskip("sklearn.decomposition")
    rows = data()
    theirs = decomposition.TruncatedSVD(6, algorithm="arpack").fit_transform(rows.astype(np.float64))
    found = reduce(model(rows), 6, sample=0).kv.vectors
    np.testing.assert_allclose(found * np.sign((theirs * found).sum(axis=0)), theirs, atol=1e-4)


# ------------------------------------------------------------------------------------------------- centring, removal


def test_centred_vectors_have_mean_zero() -> None:
    found = reduce(model(data()), center=True)
    np.testing.assert_allclose(found.kv.vectors.mean(axis=0), 0, atol=1e-6)
    assert found.prefixes[-1].mean_share.value == pytest.approx(0, abs=1e-12)
    assert reduce(model(data())).prefixes[-1].mean_share.value > 0.03


@pytest.mark.parametrize("top", [1, 2, 19])
def test_all_but_the_top_is_that_of_the_paper(top: int) -> None:
    rows = data().astype(np.float64)
    centred = rows - rows.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    expected = centred - centred @ axes[:top].T @ axes[:top]
    found = reduce(model(data()), remove_top=top, sample=0)
    new = found.kv.vectors.astype(np.float64)
    assert new.shape == (400, 20 - top) and found.removed == top and found.centered
    np.testing.assert_allclose(new @ new.T, expected @ expected.T, atol=1e-4)
    np.testing.assert_allclose(new.mean(axis=0), 0, atol=1e-6)
    back = new @ found.map.matrix.T.astype(np.float64)  # in the old coordinates
    np.testing.assert_allclose(back @ axes[:top].T, 0, atol=1e-5)
    removed = found.components.shares[:top].sum()
    assert found.prefixes[-1].variance.value == pytest.approx(1 - removed)


# ------------------------------------------------------------------------------------------------- random projection


@pytest.mark.parametrize("matrix", ["gaussian", "rademacher", "achlioptas"])
def test_random_projection_reports_bound_and_distortion(matrix: str) -> None:
    kv = model(np.random.default_rng(1).normal(size=(30, 400)))
    found = reduce(kv, method="random", eps=0.6, matrix=matrix)
    assert found.dim == found.kv.vector_size == 126 and found.eps == 0.6 and found.components is None
    assert found.distortion.within.value == 1 and 0.4 < found.distortion.least < 1 < found.distortion.most < 1.6
    assert found.distortion.mean.value == pytest.approx(1, abs=0.1)
    np.testing.assert_allclose(found.kv.vectors, kv.vectors @ found.map.matrix, atol=1e-4)
    by_dim = reduce(kv, 126, method="random", matrix=matrix)
    assert by_dim.eps is not None and 0.59 < by_dim.eps <= 0.6
    assert np.array_equal(by_dim.kv.vectors, found.kv.vectors)
    assert reduce(kv, 50, method="random").eps is None, "no guarantee"


def test_same_seed_gives_the_same_and_another_one_does_not() -> None:
    kv = model(data())
    one, same, other = (reduce(kv, 5, method="random", seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.kv.vectors, same.kv.vectors) and one.to_dict() == same.to_dict()
    assert not np.array_equal(one.kv.vectors, other.kv.vectors)
    assert reduce(kv).to_dict() == reduce(kv).to_dict()


# ------------------------------------------------------------------------------------------------- kinds of vectors


@pytest.mark.parametrize("block", [1, 333, 1 << 22])
def test_sizes_of_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    kv = model(data())
    expected = reduce(kv, remove_top=1, sample=0).kv.vectors
    for module in (linear_map, samples):
        monkeypatch.setattr(module, "BLOCK", block)
    np.testing.assert_allclose(reduce(kv, remove_top=1, sample=0).kv.vectors, expected, atol=1e-5)


@pytest.mark.parametrize(("dtype", "error"), [("float32", 1e-6), ("float16", 0.002), ("bf16", 0.02), ("int8", 0.02)])
def test_stored_type_is_kept_or_chosen(dtype: str, error: float) -> None:
    found = reduce(model(Rows.encode(data(), dtype)))
    assert found.kv.rows.dtype_name == found.dtype == dtype
    assert found.prefixes[-1].cosine_error.value < error
    assert found.prefixes[-1].neighbours.value > 0.85
    assert reduce(model(data()), dtype=dtype).kv.rows.dtype_name == dtype
    assert reduce(model(Rows.encode(data(), dtype)), dtype="float32").dtype == "float32"


def test_mapped_vectors_are_reduced(tmp_path: Path) -> None:
    model(data()).save(tmp_path / "v.safetensors")
    kv = w2v.load(tmp_path / "v.safetensors", mmap=True)
    assert not kv.vectors.flags.writeable
    np.testing.assert_allclose(reduce(kv).kv.vectors, reduce(model(data())).kv.vectors, atol=1e-6)


@pytest.mark.parametrize("broken", [[0], [5, 6, 7, 399]])
def test_broken_rows_are_left_out_of_the_fit_and_counted(broken: list[int]) -> None:
    rows = data()
    rest = np.delete(np.arange(400), broken)
    expected = reduce(model(rows[rest]), sample=0).kv.vectors
    rows[broken] = np.nan
    found = reduce(model(rows))
    assert found.broken == len(broken) and found.words == 400 and found.queries == 400 - len(broken)
    np.testing.assert_allclose(found.kv.vectors[rest], expected, atol=1e-5)
    assert np.isnan(found.kv.vectors[broken]).all() and np.isfinite(found.distortion.mean.value)
    assert "broken vectors" in str(found)


def test_zero_rows_stay_zero_and_fewer_words_than_dimensions_are_fine() -> None:
    rows = data(6, 20)
    rows[3] = 0
    found = reduce(model(rows))
    assert not found.kv.vectors[3].any() and found.kv.vector_size == 20
    np.testing.assert_allclose(found.kv.vectors @ found.kv.vectors.T, rows @ rows.T, atol=1e-4)
    assert found.components.variances[6:].max() < 1e-9
    assert reduce(model(data(1, 4))).words == 1


def test_integer_keys_counts_and_attributes_are_kept() -> None:
    kv = KeyedVectors(list(range(100, 500)), data(), counts=np.arange(400, 0, -1))
    kv.set_vecattr(101, "mark", 7)
    new = reduce(kv, 5).kv
    assert new.integer_keys and new.get_index(101) == 1 and new.counts.tolist() == kv.counts.tolist()
    assert new.get_vecattr(101, "mark") == 7


@pytest.mark.parametrize("options", [{}, {"dim": 4}, {"center": True}, {"method": "random", "dim": 3}])
def test_vectors_of_unknown_words_are_reduced_too(options: dict) -> None:
    ngrams = data(50, 20, seed=3)
    kv = model(data(), subwords=Subwords(ngrams.reshape(-1).view(np.uint8), 20, 3, 4))
    found = reduce(kv, **options)
    assert found.subwords == "kept"
    np.testing.assert_allclose(found.kv.get_vector("unseen"), found.map(kv.get_vector("unseen")[None])[0], atol=1e-5)


def test_source_of_unknown_words_that_cannot_be_reduced_is_named() -> None:
    class Zeros:
        def vector(self, word: str) -> np.ndarray:
            return np.zeros(20, dtype=np.float32)

    found = reduce(model(data(), subwords=Zeros()))
    assert found.subwords == "left out" and found.kv.subwords is None and "unknown words" in str(found)


# ------------------------------------------------------------------------------------------------- the result


def test_model_card_says_what_was_done() -> None:
    kv = model(data())
    kv.metadata["training"] = "{}"
    kv.metadata["evaluation"] = "{}"
    twice = reduce(reduce(kv, 10, center=True).kv, 5, method="random", seed=3).kv
    first, second = json.loads(twice.metadata["changes"])
    assert first["change"] == "reduce" and first["dim"] == 10 and first["old_dim"] == 20 and first["centered"] is True
    assert 0 < first["variance"] < 1
    assert (second["method"], second["matrix"], second["dim"], second["seed"]) == ("random", "gaussian", 5, 3)
    assert twice.metadata["training"] == "{}" and "evaluation" not in twice.metadata
    assert "changes" not in kv.metadata


@pytest.mark.parametrize("options", [{}, {"dim": 3}, {"method": "random", "dim": 3}, {"sample": 0}, {"sample": None}])
def test_result_is_plain_values_and_tables(options: dict) -> None:
    found = reduce(model(data()), **options)
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert values["dim"] == found.dim and len(values["prefixes"]) == len(found.prefixes)
    assert found.queries == {0: 0, None: 400}.get(options.get("sample", 400), 400)
    assert all(len(line) <= 80 for line in str(found).splitlines()) and repr(found).startswith("Reduction<")
    assert sum(values["distortion"]["counts"]) == found.distortion.pairs


def test_frame_has_a_row_for_each_prefix() -> None:
    pytest.importorskip("pandas")
    found = reduce(model(data()))
    frame = found.to_frame()
    assert list(frame["dim"]) == [one.dim for one in found.prefixes] and "neighbours.chance" in frame


@pytest.mark.slow
def test_memory_is_the_new_matrix_and_blocks() -> None:
    n, d = 100_000, 64
    kv = model(np.random.default_rng(1).normal(size=(n, d)).astype(np.float32))
    kv.fill_norms()
    tracemalloc.start()
    try:
        found = reduce(kv, sample=10)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.kv.rows.nbytes == 4 * n * d
    assert peak < 4 * n * d + 30e6, f"{peak:,}; a copy as float64 takes 51 MB"


# ------------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(("options", "message"), [
    ({"dim": 21}, "dim = 21 .*20 dimensions"), ({"dim": 0}, "dim = 0 .*1 or more"), ({"dim": -3}, "dim = -3"),
    ({"remove_top": 20}, "remove_top = 20 .*20 dimensions"), ({"remove_top": -1}, "remove_top = -1"),
    ({"remove_top": 3, "dim": 18}, "17 are left after remove_top = 3"),
    ({"center": True, "method": "random", "dim": 3}, "center .*random"),
    ({"remove_top": 1, "method": "random", "dim": 3}, "remove_top .*random"),
    ({"method": "random"}, "either dim or eps"), ({"method": "random", "dim": 3, "eps": 0.5}, "either dim or eps"),
    ({"eps": 0.5}, "eps .*random"), ({"method": "random", "eps": 0.0}, "eps = 0 "),
    ({"method": "random", "eps": 1.0}, "eps = 1 "), ({"method": "random", "eps": float("nan")}, "eps = nan"),
    ({"method": "random", "eps": 0.5}, "eps = 0.5 needs 288 dimensions for 400 words.*only 20.*no eps below 1"),
    ({"method": "random", "dim": 21}, "dim = 21"), ({"method": "svd"}, "method must be one of pca, random"),
    ({"matrix": "sparse"}, "matrix must be one of"), ({"dtype": "float64"}, "dtype must be one of"),
    ({"matrix": "gaussian"}, "matrix .*random"),
    ({"seed": -1}, "seed = -1"), ({"sample": -1}, "sample = -1"),
    ({"pairs": 0}, "pairs = 0"), ({"topn": 0}, "topn = 0")])
def test_options_out_of_range_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        reduce(model(data()), **options)


@pytest.mark.parametrize("options", [{"dim": 2.0}, {"remove_top": None}, {"sample": "all"}, {"seed": 1.5}])
def test_options_of_another_type_are_refused(options: dict) -> None:
    with pytest.raises(TypeError, match=f"{next(iter(options))} must be a whole number"):
        reduce(model(data()), **options)


def test_error_names_the_smallest_possible_eps() -> None:
    with pytest.raises(ValueError, match=r"smallest eps that they can guarantee is 0\.\d+"):
        reduce(model(np.random.default_rng(1).normal(size=(30, 200))), method="random", eps=0.1)


@pytest.mark.parametrize(("rows", "options", "message"), [
    (np.empty((0, 4)), {}, "nothing to reduce: 0 words"), (np.full((3, 4), np.nan), {}, "3 of them with NaN"),
    (np.zeros((3, 4)), {}, "all vectors are zero"), (np.ones((3, 4)), {"center": True}, "all vectors are equal")])
def test_vectors_without_content_are_an_error(rows: np.ndarray, options: dict, message: str) -> None:
    with pytest.raises(w2v.W2VError, match=message):
        reduce(model(rows), **options)


def test_something_else_than_vectors_is_an_error() -> None:
    class Model:
        wv = None

    with pytest.raises(TypeError, match=r"not Model; pass model\.wv"):
        reduce(Model())  # type: ignore[type-var]
    with pytest.raises(TypeError, match="not ndarray"):
        reduce(data())  # type: ignore[type-var]
