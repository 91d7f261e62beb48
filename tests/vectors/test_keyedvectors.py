"""KeyedVectors against a slow float64 oracle, and its behaviour at the edges."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from w2v.errors import W2VError
from w2v.keyedvectors import KeyedVectors
from w2v.vectors import neighbours, search
from w2v.vectors.spelling import UnknownWordError, near_spellings

N, D = 3000, 17


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    """Padded rows of very different lengths; word w0 has a zero vector."""
    rng = np.random.default_rng(11)
    padded = rng.normal(size=(N, 32)).astype(np.float32) * rng.uniform(0.01, 50, size=(N, 1)).astype(np.float32)
    padded[0] = 0
    return KeyedVectors([f"w{i}" for i in range(N)], padded[:, :D], np.arange(N, 0, -1))


def oracle_units(kv: KeyedVectors) -> np.ndarray:
    rows = kv.vectors.astype(np.float64)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(norms == 0, 1, norms)


def oracle_neighbours(scores: np.ndarray, exclude: list[int], topn: int) -> list[int]:
    return [i for i in np.argsort(-scores, kind="stable") if i not in exclude][:topn]


def names(found: list[tuple[str, float]]) -> list[int]:
    return [int(word[1:]) for word, _ in found]


# ------------------------------------------------------------------------------------------------- lookup


def test_lookup(kv: KeyedVectors) -> None:
    assert len(kv) == N and kv.vector_size == D and kv.index_to_key[7] == "w7" and kv.key_to_index["w7"] == 7
    assert "w7" in kv and "x" not in kv and 7 in kv and N not in kv and -1 not in kv and None not in kv
    assert np.array_equal(kv["w7"], kv.vectors[7]) and np.array_equal(kv[7], kv.vectors[7])
    assert np.array_equal(kv[["w7", "w9", 3]], kv.vectors[[7, 9, 3]])
    assert kv.get_index("x", 5) == 5 and kv.get_vecattr("w7", "count") == N - 7


def test_get_vector_is_read_only_and_leaves_the_matrix_writable(kv: KeyedVectors) -> None:
    for norm in (False, True):
        with pytest.raises(ValueError, match="read-only"):
            kv.get_vector("w7", norm=norm)[0] = 1
    assert kv.vectors.flags.writeable
    assert np.allclose(np.linalg.norm(kv.get_vector("w7", norm=True)), 1, atol=1e-6)


def test_matrix_is_not_copied() -> None:
    rows = np.ones((3, 4), dtype=np.float32)
    kv = KeyedVectors(["a", "b", "c"], rows[:, :2])
    kv.most_similar("a")
    assert np.shares_memory(kv.vectors, rows)


@pytest.mark.parametrize(("words", "shape", "counts"), [
    (["a"], (2, 2), None), (["a"], (2,), None), (["a", "b"], (2, 2), [1]),
])
def test_shapes_that_do_not_fit_are_refused(words: list, shape: tuple, counts: list | None) -> None:
    with pytest.raises(ValueError):
        KeyedVectors(words, np.ones(shape, dtype=np.float32), counts)


def test_counts_that_are_not_there_are_a_key_error() -> None:
    with pytest.raises(KeyError, match="count"):
        KeyedVectors(["a"], np.ones((1, 2), np.float32)).get_vecattr("a", "count")


# ------------------------------------------------------------------------------------------------- unknown words


@pytest.mark.parametrize(("word", "expected"), [
    ("River", "river"), ("rivr", "river"), ("rievr", "river"), ("riverr", "river"), ("xiver", "river"),
    ("PARIS", "Paris"), ("nato", "NATO"), ("environmet", "environment"), ("enviromant", "environment"),
])
def test_unknown_word_suggests_near_spellings(word: str, expected: str) -> None:
    words = ["the", "river", "Paris", "NATO", "environment", "of"]
    kv = KeyedVectors(words, np.ones((len(words), 2), np.float32))
    with pytest.raises(KeyError) as caught:
        kv[word]
    assert isinstance(caught.value, W2VError)
    assert f"did you mean {expected!r}" in str(caught.value) and "\n" not in str(caught.value)


def test_unknown_word_without_neighbours_says_what_to_do(kv: KeyedVectors) -> None:
    with pytest.raises(UnknownWordError, match="min_count"):
        kv.most_similar("zzzzzzzzzz")
    with pytest.raises(KeyError):
        kv[N + 1]


def test_near_spellings_are_quick_in_a_large_vocabulary() -> None:
    words = [f"c{i:06d}" for i in range(300_000)]
    kv = KeyedVectors(words, np.zeros((len(words), 1), np.float32))
    _ = kv.key_to_index
    start = time.perf_counter()
    assert "c123456" in near_spellings("c1234567", kv.key_to_index)
    assert near_spellings("cxyzxyz", kv.key_to_index) == []
    assert time.perf_counter() - start < 2


# ------------------------------------------------------------------------------------------------- similarity


def test_similarity_and_distances_match_oracle(kv: KeyedVectors) -> None:
    units = oracle_units(kv)
    assert kv.similarity("w3", "w4") == pytest.approx(units[3] @ units[4], abs=1e-6)
    assert kv.distance("w3", "w4") == pytest.approx(1 - units[3] @ units[4], abs=1e-6)
    assert np.allclose(kv.distances("w3"), 1 - units @ units[3], atol=1e-6)
    assert np.allclose(kv.distances(kv["w3"] * 9, ["w5", "w0"]), 1 - units[[5, 0]] @ units[3], atol=1e-6)


def test_squared_distance_of_unit_vectors_is_twice_one_minus_cosine(kv: KeyedVectors) -> None:
    rng = np.random.default_rng(0)
    for a, b in rng.integers(1, N, (50, 2)):
        difference = kv.get_vector(int(a), norm=True) - kv.get_vector(int(b), norm=True)
        assert float(difference @ difference) == pytest.approx(2 * (1 - kv.similarity(int(a), int(b))), abs=2e-6)


def test_cosines_do_not_change_with_the_length_of_rows(kv: KeyedVectors) -> None:
    scaled = KeyedVectors(kv.index_to_key, kv.vectors * np.float32(2.0 ** 20))
    assert np.allclose(kv.distances("w9"), scaled.distances("w9"), atol=1e-6)


def test_zero_vector_has_cosine_zero(kv: KeyedVectors) -> None:
    assert kv.similarity("w0", "w1") == 0 and kv.similarity("w0", "w0") == 0
    assert kv.norms[0] == 1 and not np.isnan(kv.distances("w0")).any()


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_broken_row_has_no_cosine_is_no_answer_and_spoils_nothing(value: float) -> None:
    rows = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    clean = KeyedVectors([f"w{i}" for i in range(50)], rows.copy())
    rows[20] = value
    kv = KeyedVectors([f"w{i}" for i in range(50)], rows)
    assert np.isnan(kv.similarity("w20", "w3")) and np.isnan(kv.most_similar("w3", topn=None)[20])
    assert kv.most_similar("w20") == [] == kv.most_similar_cosmul("w20", "w1")
    for metric in search.METRICS:
        found = [word for word, _ in kv.most_similar("w3", topn=49, metric=metric)]
        assert found == [w for w, _ in clean.most_similar("w3", topn=49, metric=metric) if w != "w20"]
    rows, scores = kv.neighbor_graph(49)
    assert (rows[20] == -1).all() and np.isnan(scores[20]).all() and (rows != 20).all() and rows[3, 48] == -1
    assert kv.cosines(kv.unit_vectors([3, 20]))[:, 20].tolist() == [0, 0]  # what evaluation sums must not be NaN


def test_n_similarity_and_mean_match_oracle(kv: KeyedVectors) -> None:
    rows = kv.vectors.astype(np.float64)
    a, b = rows[[1, 2]].mean(axis=0), rows[[3, 4, 5]].mean(axis=0)
    expected = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert kv.n_similarity(["w1", "unknown", "w2"], ["w3", "w4", "w5"]) == pytest.approx(expected, abs=1e-6)
    weighted = (2 * oracle_units(kv)[1] - oracle_units(kv)[2]) / 3
    assert np.allclose(kv.get_mean_vector(["w1", "w2"], [2, -1]), weighted, atol=1e-6)
    with pytest.raises(ZeroDivisionError):
        kv.n_similarity([], ["w1"])
    with pytest.raises(ValueError, match="no known word"):
        kv.get_mean_vector(["unknown"])
    with pytest.raises(KeyError):
        kv.get_mean_vector(["unknown"], ignore_missing=False)


def test_doesnt_match_rank_and_closer_than_match_oracle(kv: KeyedVectors) -> None:
    units = oracle_units(kv)
    used = [5, 6, 7, 8]
    mean = units[used].mean(axis=0)
    assert kv.doesnt_match(["w5", "w6", "unknown", "w7", "w8"]) == f"w{used[int(np.argmin(units[used] @ mean))]}"
    order = oracle_neighbours(units @ units[5], [5], N)
    assert kv.rank("w5", f"w{order[0]}") == 1 and kv.rank("w5", f"w{order[9]}") == 10
    assert sorted(kv.closer_than("w5", f"w{order[3]}")) == sorted(f"w{i}" for i in order[:3])
    with pytest.raises(ValueError, match="none of the words"):
        kv.doesnt_match(["unknown"])


# ------------------------------------------------------------------------------------------------- neighbours


@pytest.mark.parametrize("scores", [1, 5000, 1 << 19])
@pytest.mark.parametrize("topn", [1, 10, 2500, 10_000])
def test_most_similar_matches_oracle(
    kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch, scores: int, topn: int
) -> None:
    monkeypatch.setattr(search, "_SCORES", scores)
    monkeypatch.setattr(search, "_TILE", 300 * D)
    units = oracle_units(kv)
    found = kv.most_similar("w5", topn=topn)
    expected = oracle_neighbours(units @ units[5], [5], topn)
    assert names(found) == expected
    assert np.allclose([score for _, score in found], (units @ units[5])[expected], atol=1e-6)


def test_most_similar_combines_positive_negative_weights_and_vectors(kv: KeyedVectors) -> None:
    units = oracle_units(kv)
    query = units[1] + 2 * units[2] + 4 * units[9] - units[3] - 0.5 * units[4]
    scores = units @ query / np.linalg.norm(query)
    found = kv.most_similar(["w1", ("w2", 2.0), (kv.get_vector("w9", norm=True), 4)], ["w3", ("w4", -0.5)], topn=20)
    expected = oracle_neighbours(scores, [1, 2, 3, 4], 20)
    assert names(found) == expected and 9 in expected  # a vector excludes no word
    assert np.allclose([score for _, score in found], scores[expected], atol=1e-6)


def test_most_similar_cosmul_matches_oracle(kv: KeyedVectors) -> None:
    shifted = (1 + oracle_units(kv) @ oracle_units(kv)[[1, 2, 3]].T) / 2
    scores = shifted[:, 0] * shifted[:, 1] / (shifted[:, 2] + 1e-6)
    found = kv.most_similar_cosmul(["w1", "w2"], "w3", topn=15)
    assert names(found) == oracle_neighbours(scores, [1, 2, 3], 15)
    assert np.allclose(kv.most_similar_cosmul(["w1", "w2"], "w3", topn=None), scores, rtol=1e-4)


def test_weights_of_cosmul_are_exponents_and_zero_has_no_say(kv: KeyedVectors) -> None:
    plain = kv.most_similar_cosmul(["w1", "w2"], "w3", topn=None)
    assert np.array_equal(kv.most_similar_cosmul(["w1", "w2", ("w9", 0)], ["w3", ("w8", 0.0)], topn=None), plain)
    assert np.allclose(kv.most_similar_cosmul([("w1", 2.0), "w2"], topn=None),
                       kv.most_similar_cosmul(["w1", "w1", "w2"], topn=None), rtol=1e-5)


def test_topn_none_zero_and_restrict_vocab(kv: KeyedVectors) -> None:
    units = oracle_units(kv)
    everything = kv.most_similar("w5", topn=None)
    assert everything.shape == (N,) and np.allclose(everything, units @ units[5], atol=1e-6)
    assert kv.most_similar("w5", topn=0) == [] and kv.most_similar("w5", topn=-1) == []
    assert kv.most_similar("w5", topn=None, restrict_vocab=100).shape == (100,)
    assert names(kv.most_similar("w2000", topn=5, restrict_vocab=100)) == oracle_neighbours(
        (units @ units[2000])[:100], [], 5)


def test_batch_gives_the_answers_of_single_queries(kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "_QUERIES", 4)
    monkeypatch.setattr(search, "_BLOCK", 3)
    positive = ["w1", ["w2", "w3"], kv["w9"], 7, [("w5", 0.5), "w6"], "w0", ["w4", "w4"], "w8", "w10"]
    negative = [None, ["w4"], "w5", None, None, None, None, ["w1", "w2"], []]
    for method in ("3cosadd", "3cosmul"):
        single = kv.most_similar if method == "3cosadd" else kv.most_similar_cosmul
        batch = kv.most_similar_batch(positive, negative, topn=6, method=method)
        for got, p, n in zip(batch, positive, negative, strict=True):
            expected = single(p, n, topn=6)
            assert [word for word, _ in got] == [word for word, _ in expected]
            assert np.allclose([s for _, s in got], [s for _, s in expected], atol=1e-5)
    rows = kv.most_similar_batch(kv.vectors[1:4], topn=1)
    assert [found[0][0] for found in rows] == ["w1", "w2", "w3"]
    assert kv.most_similar_batch([]) == []


def test_equal_scores_come_by_frequency() -> None:
    rows = np.tile(np.float32([[1, 0], [0, 1]]), (4000, 1))
    kv = KeyedVectors([f"w{i}" for i in range(8000)], rows)
    assert names(kv.most_similar("w4", topn=5)) == [0, 2, 6, 8, 10]
    assert names(kv.most_similar("w7000", topn=5)) == [0, 2, 4, 6, 8]


def test_wrong_queries_are_refused(kv: KeyedVectors) -> None:
    with pytest.raises(ValueError, match="at least one word"):
        kv.most_similar([])
    with pytest.raises(ValueError, match="dimension 17"):
        kv.most_similar(np.ones(3))
    with pytest.raises(ValueError, match="method"):
        kv.most_similar_batch(["w1"], method="cosine")
    with pytest.raises(ValueError, match="positive and 1 negative"):
        kv.most_similar_batch(["w1", "w2"], ["w3"])
    with pytest.raises(TypeError, match="list of queries"):
        kv.most_similar_batch("w1")


# ------------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.safetensors"])
def test_save_and_load(kv: KeyedVectors, tmp_path: Path, name: str) -> None:
    kv.save(tmp_path / name, metadata={"epochs": "5"})
    back = KeyedVectors.load(tmp_path / name)
    assert back.index_to_key == kv.index_to_key and np.array_equal(back.vectors, kv.vectors)
    assert str(tmp_path / name) in back.source
    if name == "v.safetensors":
        assert back.get_vecattr("w7", "count") == N - 7 and back.metadata["epochs"] == "5"
    assert len(KeyedVectors.load(tmp_path / name, limit=10)) == 10
    assert [word for word, _ in back.most_similar("w5")] == [word for word, _ in kv.most_similar("w5")]


def test_word2vec_format_by_name(kv: KeyedVectors, tmp_path: Path) -> None:
    for binary in (True, False):
        kv.save_word2vec_format(tmp_path / "any.name", binary=binary)
        assert (b"\x00" in (tmp_path / "any.name").read_bytes()) == binary
        back = KeyedVectors.load_word2vec_format(tmp_path / "any.name", binary=binary, limit=5)
        assert np.array_equal(back.vectors, kv.vectors[:5])


def test_gensim_reads_our_files_and_we_read_its(kv: KeyedVectors, tmp_path: Path) -> None:
    gensim = pytest.importorskip("gensim.models")
    for binary in (True, False):
        kv.save_word2vec_format(tmp_path / "ours", binary=binary)
        theirs = gensim.KeyedVectors.load_word2vec_format(str(tmp_path / "ours"), binary=binary)
        assert theirs.index_to_key == kv.index_to_key and np.array_equal(theirs.vectors, kv.vectors)
        theirs.save_word2vec_format(str(tmp_path / "theirs"), binary=binary)
        assert np.array_equal(KeyedVectors.load(tmp_path / "theirs").vectors, kv.vectors)


def test_wrong_arguments_of_queries_are_named() -> None:
    kv = KeyedVectors(["a", "b", "c"], np.eye(3))
    with pytest.raises(TypeError, match="b'a1'"):
        kv[b"a1"]
    for bad in (0, -1):
        for topn in (2, None):
            with pytest.raises(ValueError, match="restrict_vocab"):
                kv.most_similar("a", topn=topn, restrict_vocab=bad)
    with pytest.raises(ValueError, match="twice"):
        KeyedVectors(["a", "b", "a"], np.eye(3))
