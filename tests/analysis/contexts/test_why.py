"""`w2v.why`: planted contexts come first; the sum, the null model, bad input."""

from __future__ import annotations

import json

import numpy as np
import pytest
from helpers import planted

import w2v
from w2v.formats.subwords import Subwords


@pytest.fixture(scope="module")
def trained() -> w2v.KeyedVectors:
    """Vectors of the planted corpus, with output vectors."""
    model = w2v.train(list(planted.sentences(20_000)), **planted.OPTIONS)
    model.wv.output_vectors = model.output_vectors
    return model.wv


def untrained(n: int = 200, d: int = 10, counts: bool = True) -> w2v.KeyedVectors:
    rng = np.random.default_rng(1)
    kv = w2v.KeyedVectors([f"w{i}" for i in range(n)], rng.normal(size=(n, d)).astype(np.float32),
                          np.arange(n, 0, -1) if counts else None)
    kv.output_vectors = rng.normal(size=(n, d)).astype(np.float32)
    return kv


# ------------------------------------------------------------------------------------------------- what it finds


@pytest.mark.parametrize("group", range(0, planted.CLASSES, 3))
def test_shared_contexts_of_a_class_come_first(trained: w2v.KeyedVectors, group: int) -> None:
    found = w2v.why(trained, planted.class_word(group, 0), planted.class_word(group, 1), topn=8)
    assert {one.word for one in found.contexts} == {f"context{group}no{k}" for k in range(8)}
    assert found.correlation.value > 0.95 and found.correlation.p < 0.1
    assert all(one.a > 1 and one.b > 1 and one.contribution.value > one.contribution.chance for one in found.contexts)


@pytest.mark.parametrize("thing", [0, 5])
def test_contexts_that_tell_two_words_apart_are_those_of_their_forms(trained: w2v.KeyedVectors, thing: int) -> None:
    found = w2v.why(trained, f"male_{thing}", f"female_{thing}", topn=6)
    assert {one.word for one in found.contexts[:4]} == {f"thing{thing}no{k}" for k in range(4)}
    assert {one.word for one in found.only_a} == {f"maleno{k}" for k in range(6)}
    assert {one.word for one in found.only_b} == {f"femaleno{k}" for k in range(6)}
    assert all(one.a > 0 > one.b and one.contribution.value < 0 for one in found.only_a)
    assert all(one.b > 0 > one.a and one.contribution.value < 0 for one in found.only_b)


def test_words_without_common_contexts_have_no_correlation_beyond_chance(trained: w2v.KeyedVectors) -> None:
    found = w2v.why(trained, planted.class_word(0, 0), planted.class_word(5, 1))
    assert found.correlation.value < 0.5 and found.correlation.p > 0.1


# ------------------------------------------------------------------------------------------------- the decomposition


@pytest.mark.parametrize("exponent", [None, 0.0, 1.0])
def test_contributions_are_the_terms_of_the_correlation(exponent: float | None) -> None:
    kv = untrained()
    found = w2v.why(kv, "w3", "w7", topn=200, exponent=exponent)
    rows = kv.vectors.astype(float) - kv.vectors.astype(float).mean(axis=0)
    a, b = kv.output_vectors @ rows[3], kv.output_vectors @ rows[7]
    weights = kv.counts ** (0.75 if exponent is None else exponent)
    covariance = np.cov(a, b, aweights=weights, bias=True)
    expected = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert found.correlation.value == pytest.approx(expected)
    parts = (found.both, found.neither, found.against)
    assert sum(one.value for one in parts) == pytest.approx(expected)
    assert sum(one.contribution.value for one in found.contexts) == pytest.approx(found.both.value)
    assert found.first.value == pytest.approx(found.both.value)
    listed = sum(one.contribution.value for one in (*found.only_a, *found.only_b))
    assert listed == pytest.approx(found.against.value) and found.against.value < 0
    assert found.cosine.value == pytest.approx(kv.similarity("w3", "w7"))
    scores = {one.word: one.a for one in found.contexts}
    centred = dict(zip(kv.index_to_key, a - np.average(a, weights=weights), strict=True))
    assert all(value == pytest.approx(centred[word], abs=1e-5) for word, value in scores.items())


def test_rotation_and_any_change_that_keeps_the_scores_keep_the_answer() -> None:
    kv = untrained()
    before = w2v.why(kv, "w3", "w7")
    after = w2v.why(w2v.reduce(kv, sample=0, pairs=1).kv, "w3", "w7")
    change = np.random.default_rng(3).normal(size=(10, 10))
    other = w2v.why(kv.with_rows((kv.vectors @ change).astype(np.float32), output_vectors=(
        kv.output_vectors @ np.linalg.inv(change).T).astype(np.float32)), "w3", "w7")
    for found in (after, other):
        assert [one.word for one in found.contexts] == [one.word for one in before.contexts]
        assert found.correlation.value == pytest.approx(before.correlation.value, abs=1e-4)
        assert found.random_correlations == pytest.approx(before.random_correlations, abs=1e-3)
    assert other.cosine.value != pytest.approx(before.cosine.value, abs=0.01)


def test_order_of_the_words_only_swaps_them() -> None:
    kv = untrained()
    there, back = w2v.why(kv, "w3", "w7", pairs=0), w2v.why(kv, "w7", "w3", pairs=0)
    assert there.correlation.value == pytest.approx(back.correlation.value)
    assert [one.word for one in there.only_a] == [one.word for one in back.only_b]


def test_random_vectors_are_within_the_null_model() -> None:
    kv = untrained(400)
    beyond = [w2v.why(kv, f"w{i}", f"w{i + 1}", pairs=100).correlation.p < 0.05 for i in range(0, 40, 2)]
    assert sum(beyond) <= 4


def test_random_pairs_are_from_the_bands_of_the_words() -> None:
    found = w2v.why(untrained(2000), "w3", "w1500")
    assert found.bands == ("rank 1 - 100", "rank 1,001 - 10,000") and found.pairs == 200
    assert len(found.random_correlations) == 200
    assert found.correlation.chance == pytest.approx(np.mean(found.random_correlations))
    few = w2v.why(untrained(110), "w3", "w105")
    assert few.bands == ("rank 1 - 100", "all words"), "the band of w105 has 9 other words"


def test_same_seed_gives_the_same() -> None:
    kv = untrained()
    one, same, other = (w2v.why(kv, "w1", "w2", seed=seed) for seed in (1, 1, 2))
    assert one.to_dict() == same.to_dict() and one.random_correlations != other.random_correlations


# ------------------------------------------------------------------------------------------------- kinds of vectors


def test_without_counts_all_contexts_count_alike_and_it_says_so() -> None:
    found = w2v.why(untrained(counts=False), "w3", "w7")
    assert not found.counts_known and "because there are no counts" in str(found)
    same = w2v.why(untrained(), "w3", "w7", exponent=0.0)
    assert same.counts_known and same.correlation.value == pytest.approx(found.correlation.value)


def test_exponent_is_that_of_the_training() -> None:
    kv = untrained()
    assert w2v.why(kv, "w3", "w7").exponent == 0.75
    for card, exponent in (('{"ns_exponent": 0.5}', 0.5), ("broken", 0.75), ('{"ns_exponent": "x"}', 0.75),
                           ("[]", 0.75), ('{"ns_exponent": -1}', 0.75)):
        kv.metadata["training"] = card
        assert w2v.why(kv, "w3", "w7").exponent == exponent


def test_output_vectors_of_a_model_in_memory_can_be_given() -> None:
    kv = untrained()
    expected = w2v.why(kv, "w3", "w7").to_dict()
    outputs, kv.output_vectors = kv.output_vectors, None
    assert w2v.why(kv, "w3", "w7", output_vectors=outputs).to_dict() == expected
    with pytest.raises(ValueError, match=r"shape \(5, 10\) do not fit"):
        w2v.why(kv, "w3", "w7", output_vectors=outputs[:5])


def test_integer_keys_and_words_made_of_ngrams() -> None:
    kv = untrained()
    numbered = w2v.KeyedVectors(range(500, 700), kv.vectors, kv.counts)
    numbered.output_vectors = kv.output_vectors
    found = w2v.why(numbered, 503, 507)
    assert (found.a, found.b) == ("503", "507")
    assert found.correlation.value == w2v.why(kv, "w3", "w7").correlation.value
    kv.subwords = Subwords(np.random.default_rng(5).normal(size=(30, 10)).astype(np.float32).reshape(-1).view(np.uint8),
                           10, 3, 4)
    found = w2v.why(kv, "unseen", "w7")
    assert found.a == "unseen" and found.bands == ("rank 101 - 1,000", "rank 1 - 100")


def test_broken_words_are_no_random_words_and_broken_contexts_no_contexts() -> None:
    kv = untrained()
    kv.vectors[50:60] = np.nan
    kv.output_vectors[20] = np.inf
    found = w2v.why(kv, "w3", "w7", topn=200)
    assert found.n_contexts == 199 and np.isfinite(found.random_correlations).all()
    assert "w20" not in {one.word for one in (*found.contexts, *found.only_a, *found.only_b)}


def test_few_words_have_no_null_model() -> None:
    kv = untrained(3)
    found = w2v.why(kv, "w0", "w1")
    assert found.pairs == 0 and found.correlation.p is None and "not known" in str(found)
    assert w2v.why(untrained(), "w0", "w1", pairs=0).correlation.chance is None


# ------------------------------------------------------------------------------------------------- the result


def test_result_is_plain_values_and_tables() -> None:
    kv = untrained()
    kv.add_vector("a\x1b[31m\nb", np.ones(10))
    found = w2v.why(kv, "a\x1b[31m\nb", "w3")
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert values["contexts"][0]["word"] == found.contexts[0].word and values["correlation"]["p"] > 0
    assert "\x1b" not in str(found) and "\\x1b[31m\\x0ab" in str(found)
    assert repr(found).startswith("Why<") and "by chance" in str(found)


def test_frame_has_a_row_for_each_context() -> None:
    pytest.importorskip("pandas")
    frame = w2v.why(untrained(), "w3", "w7", topn=4).to_frame()
    assert list(frame["list"]) == ["contexts"] * 4 + ["only_a"] * 4 + ["only_b"] * 4


# ------------------------------------------------------------------------------------------------- bad input


def test_vectors_without_outputs_are_an_error_that_says_how_to_keep_them() -> None:
    kv = untrained()
    kv.output_vectors = None
    with pytest.raises(w2v.W2VError, match="--save-output-vectors"):
        w2v.why(kv, "w3", "w7")


@pytest.mark.parametrize(("a", "b"), [("nothere", "w3"), ("w3", "nothere")])
def test_unknown_word_is_an_error(a: str, b: str) -> None:
    with pytest.raises(w2v.UnknownWordError, match="nothere"):
        w2v.why(untrained(), a, b)


@pytest.mark.parametrize(("options", "message"), [
    ({"topn": 0}, "topn = 0"), ({"pairs": -1}, "pairs = -1"), ({"seed": -1}, "seed = -1"),
    ({"exponent": -0.1}, "exponent = -0.1"), ({"exponent": float("nan")}, "exponent = nan")])
def test_options_out_of_range_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        w2v.why(untrained(), "w3", "w7", **options)


def test_one_word_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="'w3' was given twice"):
        w2v.why(untrained(), "w3", 3)


@pytest.mark.parametrize(("value", "message"), [(0, "is zero"), (np.nan, "NaN or infinity")])
def test_word_without_a_usable_vector_is_an_error(value: float, message: str) -> None:
    kv = untrained()
    kv.vectors[3] = value
    with pytest.raises(w2v.W2VError, match=f"'w3' .*{message}"):
        w2v.why(kv, "w7", "w3")


def test_outputs_that_are_all_equal_are_an_error() -> None:
    kv = untrained()
    kv.output_vectors[:] = 1
    with pytest.raises(w2v.W2VError, match="all contexts have the same score"):
        w2v.why(kv, "w7", "w3")


def test_something_else_than_vectors_is_an_error() -> None:
    class Model:
        wv = None

    with pytest.raises(TypeError, match=r"not Model; pass model\.wv"):
        w2v.why(Model(), "a", "b")  # type: ignore[arg-type]
