"""Checks of single vectors and of words."""

import numpy as np
import pytest
from helpers.spaces import gaussian, space

import w2v
from w2v.analysis.health import rows, words
from w2v.analysis.health.subject import Settings, Subject


def subject(kv, **settings):
    return Subject(kv, Settings(**settings))


def test_equal_vectors_are_grouped_and_named():
    vectors = gaussian(100, 6)
    vectors[[50, 70]] = vectors[3]
    vectors[90] = vectors[20]
    found = rows.equal_vectors(subject(space(vectors)))
    assert found["words with the vector of another word"].value == 3 and found["groups"].value == 2
    assert found.examples == ("w3 = w50 = w70", "w20 = w90")
    assert found.data["groups"] == [["w3", "w50", "w70"], ["w20", "w90"]]


def test_positive_and_negative_zero_are_equal():
    vectors = gaussian(10, 3)
    vectors[4] = vectors[8] = [0.0, 1, 2]
    vectors[8, 0] = -0.0
    assert rows.equal_vectors(subject(space(vectors)))["groups"].value == 1


def test_rows_with_equal_hashes_are_compared(monkeypatch):
    kv = space(gaussian(20, 4))
    one = subject(kv)
    one.scan.hashes[:] = 7
    assert rows.equal_vectors(one).severity == "ok"


@pytest.mark.parametrize("count, severity", [(0, "ok"), (1, "warning"), (30, "problem")])
def test_zero_vectors(count, severity):
    vectors = gaussian(100, 6)
    vectors[:count] = 0
    found = rows.zero_vectors(subject(space(vectors)))
    assert found.severity == severity and found["words"].value == count


@pytest.mark.parametrize("bad, name", [(np.nan, "with NaN"), (np.inf, "with infinity"), (-np.inf, "with infinity")])
def test_broken_vectors(bad, name):
    vectors = gaussian(60, 6)
    vectors[[3, 9], 2] = bad
    found = rows.broken_vectors(subject(space(vectors)))
    assert found.severity == "problem" and found["words"].value == found[name].value == 2
    assert found.examples == ("w3", "w9")


def test_too_large_numbers_are_broken_without_nan_or_infinity():
    vectors = gaussian(60, 6)
    vectors[3] = 1e30
    found = rows.broken_vectors(subject(space(vectors)))
    assert [found[name].value for name in ("words", "with NaN", "with infinity")] == [1, 0, 0]


@pytest.mark.parametrize("bound", [0.5, 1.0])
@pytest.mark.parametrize("count, severity", [(0, "ok"), (3, "note"), (50, "warning"), (500, "problem")])
def test_untrained_vectors_of_both_usual_bounds(bound, count, severity):
    vectors = gaussian(1000, 25)
    vectors[:count] = (np.random.default_rng(2).random((count, 25)) * 2 - 1) * bound / 25
    found = rows.untrained_vectors(subject(space(vectors)))
    assert found.severity == severity
    assert found["words"].value == pytest.approx(count, abs=0.02 * count)


@pytest.mark.slow
def test_initial_vectors_of_the_trainer_are_untrained(tmp_path):
    (tmp_path / "c.txt").write_text(" ".join(f"w{i % 90}" for i in range(900)) + "\n")
    kv = w2v.train(tmp_path / "c.txt", vector_size=30, min_count=1, epochs=1, alpha=1e-8, min_alpha=1e-9,
                   progress=False).wv
    assert rows.untrained_vectors(subject(kv))["words"].value >= 85


@pytest.mark.parametrize("scale", [1.0, 0.0101, 0.0206])
def test_normal_and_scaled_vectors_are_not_untrained(scale):
    vectors = gaussian(500, 25)
    vectors *= scale / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert rows.untrained_vectors(subject(space(vectors)))["words"].value < 30


@pytest.mark.parametrize("change, severity", [(None, "ok"), ("zero", "warning"), ("few", "note"), ("nan", "problem")])
def test_output_vectors(change, severity):
    kv = space(gaussian(60, 5))
    kv.output_vectors = gaussian(60, 5, 3)
    if change:
        kv.output_vectors[:{"zero": 30, "few": 1, "nan": 1}[change]] = np.nan if change == "nan" else 0
    assert rows.output_vectors(subject(kv)).severity == severity


def test_letter_case_variants_are_counted_and_named():
    names = [f"w{i}" for i in range(57)] + ["The", "the", "THE"]
    found = words.letter_case(subject(space(gaussian(60, 4), words=names)))
    assert found.severity == "note" and found["words in more than one case"].value == 2
    assert found.examples == ("The", "the", "THE")


@pytest.mark.parametrize("word", ["caf\udce9", "caf\ufffd", "cafÃ©", "itâ€™s"])
def test_words_of_another_encoding_are_found(word):
    names = [f"w{i}" for i in range(199)] + [word]
    found = words.encoding(subject(space(gaussian(200, 4), words=names)))
    assert found.severity == "note" and found["words"].value == 1 and found.examples == (word,)


@pytest.mark.parametrize("word", ["café", "Ångström", "naïve", "日本", "Ãngelo", "Â"])
def test_words_of_other_languages_are_valid(word):
    names = [f"w{i}" for i in range(59)] + [word]
    assert words.encoding(subject(space(gaussian(60, 4), words=names))).severity == "ok"


@pytest.mark.parametrize("counts, severity", [
    ([9, 7, 7, 3], "ok"), ([1, 2, 3, 4], "warning"), ([5, 4, 3, -1], "problem"), (None, "ok")])
def test_counts_and_order(counts, severity):
    kv = w2v.KeyedVectors(list("dacb"), gaussian(4, 3), counts=counts)
    assert words.counts_and_order(subject(kv)).severity == severity


def test_alphabetical_order_without_counts_is_a_warning():
    kv = w2v.KeyedVectors([f"w{i:03}" for i in range(50)], gaussian(50, 3))
    assert words.counts_and_order(subject(kv)).severity == "warning"


@pytest.mark.parametrize("text, severity", [
    ("60 2\n" + "".join(f"w{i} {i % 7} {i % 5 + 1}\n" for i in range(60)), "ok"),
    ("60 2\n" + "".join(f"w{i % 50} {i % 7} {i % 5 + 1}\n" for i in range(60)), "warning")])
def test_flaws_of_the_file(tmp_path, text, severity):
    (tmp_path / "v.txt").write_text(text)
    found = words.file_flaws(subject(w2v.load(tmp_path / "v.txt")))
    assert found.severity == severity
    assert [measure.name for measure in found.measures] == (["duplicate words"] if severity != "ok" else [])
