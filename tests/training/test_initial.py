"""Training from initial vectors: vocabulary, initial values, frozen and anchored words, report, errors."""

import json
from collections import Counter

import numpy as np
import pytest
from helpers import planted

import w2v
from w2v import cli
from w2v.corpus.encode import encode
from w2v.errors import CorpusError, W2VError
from w2v.training.loop import _sampler

STILL = {"alpha": 1e-9, "min_alpha": 0, "epochs": 1, "threads": 1, "progress": False, "sample": 0}
OLD_WORDS = ["sea", "lake", "caf\udce9", "absent", "two words"]


@pytest.fixture
def old():
    """Five words with 8 dimensions and output vectors: invalid UTF-8, a space, and a word that is not in the corpus."""
    rng = np.random.default_rng(5)
    kv = w2v.KeyedVectors(OLD_WORDS, rng.normal(size=(5, 8)).astype(np.float32), [9, 7, 5, 3, 1], source="old.bin")
    kv.output_vectors = rng.normal(size=(5, 8)).astype(np.float32)
    return kv


@pytest.fixture
def text(tmp_path):
    """`sea` occurs less than the min_count of 3 used here, `river` and `boat` are new words, `rare` is too rare."""
    path = tmp_path / "new.txt"
    path.write_bytes(b"river lake boat\nsea river caf\xe9 boat\nriver boat lake rare\n" * 1 + b"river boat lake\n" * 2)
    return path


def test_old_words_keep_their_vectors_and_new_words_are_added(old, text):
    model = w2v.train(text, init=old, min_count=3, **STILL)
    assert sorted(model.wv.index_to_key) == sorted([*OLD_WORDS, "river", "boat"])
    counts = {word: model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key}
    assert counts == {"river": 5, "boat": 5, "lake": 4, "sea": 1, "caf\udce9": 1, "absent": 0, "two words": 0}
    assert list(counts.values()) == sorted(counts.values(), reverse=True)
    for row, word in enumerate(OLD_WORDS):
        np.testing.assert_allclose(model.wv[word], old.vectors[row], atol=1e-6)
        np.testing.assert_allclose(model.output_vectors[model.wv.get_index(word)], old.output_vectors[row], atol=1e-6)
    fresh = w2v.train(text, vector_size=8, min_count=3, **STILL).wv
    np.testing.assert_allclose(model.wv["river"], fresh["river"], atol=1e-6)


def test_report_counts_every_word(old, text):
    report = w2v.train(text, init=old, min_count=3, **{**STILL, "epochs": 3}).report
    words = text.read_bytes().split()
    assert report.words_read == 3 * len(words) and report.words_unknown == 3  # `rare`, in each epoch
    assert report.words_read == report.words_trained + report.words_subsampled + report.words_unknown
    assert report.corpus.distinct_words == len(set(words)) and report.corpus.longest_word == 5
    initial = report.initial
    assert (initial.words_old, initial.words_old_seen, initial.words_new) == (5, 3, 2)
    assert initial.output_vectors and initial.notes == () and initial.source == "old.bin"


@pytest.mark.parametrize("threads", [1, 2])
def test_words_that_do_not_occur_are_unchanged(threads):
    rng = np.random.default_rng(1)
    names = [f"absent{i}" for i in range(300)] + ["class0word0", "context0no1"]
    old = w2v.KeyedVectors(names, rng.normal(size=(302, 16)).astype(np.float32))
    model = w2v.train(planted.sentences(3000), init=old, min_count=1, epochs=2, threads=threads, progress=False)
    rows = [model.wv.get_index(f"absent{i}") for i in range(300)]
    assert np.array_equal(model.wv.vectors[rows], old.vectors[:300]) and not model.output_vectors[rows].any()
    assert not np.array_equal(model.wv["class0word0"], old["class0word0"])
    assert model.report.drift.words == 2


def test_noise_is_never_a_word_that_does_not_occur():
    corpus = encode([["a", "b", "a", "c"]], min_count=1, known=["never", "b"])
    vocabulary = corpus.vocabulary
    assert vocabulary.words == ["a", "b", "c", "never"] and vocabulary.counts.tolist() == [2, 1, 1, 0]
    drawn = np.empty(100_000, dtype=np.int32)
    _sampler.Sampler(vocabulary.noise_weights()).draw(drawn, 1)
    assert set(drawn.tolist()) == {0, 1, 2}


@pytest.mark.parametrize("threads", [1, 3])
def test_known_words_are_encoded_even_if_rare(tmp_path, threads):
    rng = np.random.default_rng(3)
    words = [f"w{int(k)}" for k in rng.zipf(1.3, 30_000) if k < 10**6]
    lines = [words[k : k + 17] for k in range(0, len(words), 17)]
    counted = Counter(words)
    known = [word for word in counted if counted[word] == 1][:50] + ["nowhere"]
    corpus = encode(lines, min_count=4, max_vocab=200, known=known, threads=threads)
    kept = sorted((w for w in counted if w not in known), key=lambda w: (-counted[w], w.encode()))[:200 - len(known)]
    expected = sorted([*kept, *known], key=lambda w: (-counted[w], w.encode()))
    assert corpus.vocabulary.words == expected
    assert corpus.vocabulary.counts.tolist() == [counted[w] for w in expected]
    assert corpus.n_words == sum(word in set(expected) for word in words)
    place = {word: i for i, word in enumerate(expected)}
    ids = [[place[word] for word in line if word in place] for line in lines]
    assert corpus.ids.tolist() == [i for line in ids if line for i in [*line, -1]]
    assert corpus.report.words == len(words) == corpus.n_words + corpus.report.words_unknown
    assert corpus.report.distinct_words == len(counted)


def test_given_vocabulary_keeps_its_words_order_and_counts():
    first = encode([["b", "a", "b", "c", "c", "c"]], min_count=1).vocabulary
    corpus = encode([["a", "new", "a"], ["new"], ["b"]], vocabulary=first)
    assert corpus.vocabulary is first and corpus.ids.tolist() == [2, 2, -1, 1, -1]
    assert (corpus.n_words, corpus.report.words_unknown, corpus.report.distinct_words) == (3, 2, 3)
    with pytest.raises(CorpusError, match="none of the 3 words"):
        encode([["other"]], vocabulary=first)


@pytest.mark.slow
def test_continuing_keeps_old_classes_and_learns_new_ones(tmp_path):
    """Half of the classes occur in the old text only; after training on the new text, both halves are found."""
    def of(sentences, groups):
        return [s for s in sentences if s[2].startswith("class") and int(s[2][5:].split("word")[0]) in groups]

    sentences = list(planted.sentences(60_000))
    options = {"vector_size": 32, "epochs": 10, "sample": 0, "progress": False, "threads": 1}
    first = w2v.train(of(sentences, range(6)), **options)
    path = tmp_path / "old.safetensors"
    first.save(path, output_vectors=True)
    model = w2v.train(of(sentences, range(6, 12)), init=path, **{**options, "vector_size": 32})
    assert planted.neighbors_found(model.wv) > 0.9
    assert model.report.initial.output_vectors and model.report.drift.words == 0
    assert np.isnan(model.report.drift.mean_cosine) and json.loads(model.wv.metadata["initial"])["drift"] is None


def test_run_with_the_old_output_matrix_begins_at_the_old_loss():
    """Without it the output matrix begins at zero, and the loss is that of an untrained model."""
    sentences = list(planted.sentences(10_000))
    first = w2v.train(sentences, vector_size=32, min_count=1, **{**STILL, "epochs": 10, "alpha": 0.025})
    whole = w2v.train(sentences, init=first, min_count=1, **STILL).report
    without = w2v.train(sentences, init=first.wv, min_count=1, **STILL).report
    assert whole.initial.output_vectors and not without.initial.output_vectors and len(without.initial.notes) == 1
    assert 6 * np.log(2) < without.loss < 7.01 * np.log(2)  # steps of one centre have 5 negatives, of two 6
    assert whole.loss < 0.7 * without.loss
    assert whole.drift.words == len(first.wv) and whole.drift.mean_cosine == pytest.approx(1)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("options", [{}, {"sg": False, "cbow_undivided": True}, {"hs": True, "negative": 0}])
@pytest.mark.slow
def test_frozen_words_are_unchanged_and_new_words_learn_from_them(threads, options):
    """Half of the words of each class are old and frozen; the new ones are found near them."""
    sentences = list(planted.sentences(20_000))
    common = {"vector_size": 32, "epochs": 8, "sample": 0, "progress": False, "min_count": 1}
    half = [s for s in sentences if s[2].startswith("class") and int(s[2].split("word")[1]) < 3]
    first = w2v.train(half, threads=1, **common)
    model = w2v.train(sentences, init=first, freeze="old", threads=threads, **common, **options)
    rows = [model.wv.get_index(word) for word in first.wv.index_to_key]
    assert np.array_equal(model.wv.vectors[rows], first.wv.vectors)
    assert model.report.drift.mean_cosine == 1 and model.report.initial.frozen == len(first.wv)
    assert planted.neighbors_found(model.wv) > 0.8


def test_anchor_keeps_old_words_near_their_vectors():
    sentences = list(planted.sentences(4000))
    rng = np.random.default_rng(2)
    words = sorted({word for s in sentences for word in s})[:150]
    old = w2v.KeyedVectors(words, rng.normal(size=(150, 16)).astype(np.float32) * 0.3)
    common = {"min_count": 1, "epochs": 5, "sample": 0, "threads": 1, "progress": False}
    drifts = [w2v.train(sentences, init=old, anchor=anchor, **common).report.drift.mean_cosine
              for anchor in (0, 1, 30)]
    assert drifts[0] < drifts[1] < drifts[2] < 1 and drifts[2] > 0.95
    report = w2v.train(sentences, init=old, anchor=2, **common).report
    assert report.initial.anchor == 2 and report.initial.frozen == 0


def test_drift_is_the_cosine_with_the_old_vector():
    old = w2v.KeyedVectors(["a", "b", "c", "d", "gone"], np.eye(5, dtype=np.float32))
    rows = np.eye(5, dtype=np.float32)[[0, 0, 2, 4]]
    rows[3] = 0
    new = w2v.KeyedVectors(["a", "b", "c", "d"], 2 * rows, [5, 4, 0, 2])
    found = w2v.drift(old, new, topn=2)
    assert (found.words, found.mean_cosine, found.share_far) == (3, pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert [(one.word, one.cosine) for one in found.moved] == [("b", 0.0), ("d", 0.0)]
    new.counts = None
    assert w2v.drift(old, new).words == 4
    with pytest.raises(ValueError, match="5 and 3"):
        w2v.drift(old, w2v.KeyedVectors(["a"], np.ones((1, 3))))
    with pytest.raises(ValueError, match="topn = -1"):
        w2v.drift(old, new, topn=-1)


@pytest.mark.parametrize("dtype", ["float16", "bf16", "int8"])
def test_initial_vectors_may_be_quantized(old, text, tmp_path, dtype):
    old.save(tmp_path / "old.safetensors", dtype=dtype)
    stored = w2v.load(tmp_path / "old.safetensors")
    model = w2v.train(text, init=tmp_path / "old.safetensors", min_count=1, **STILL)
    assert model.wv.vectors.dtype == np.float32
    np.testing.assert_allclose(model.wv["absent"], stored["absent"])


# ----------------------------------------------------------------------------------------------------- errors


def test_other_dimension_is_refused_with_both_numbers_before_any_work(old, tmp_path):
    with pytest.raises(ValueError, match=r"vector_size = 9.* 8 dimensions"):
        w2v.train(tmp_path / "nowhere.txt", init=old, vector_size=9)
    with pytest.raises(ValueError, match=r"vector_size = 100.* 8 dimensions"):
        w2v.train(tmp_path / "nowhere.txt", init=old, config=w2v.TrainConfig())


def test_bad_initial_vectors_are_refused(old, text, tmp_path):
    with pytest.raises(ValueError, match="max_vocab = 4.* 5 words"):
        w2v.train(text, init=old, max_vocab=4)
    with pytest.raises(TypeError, match="init must be a file"):
        w2v.train(text, init=7)
    with pytest.raises(W2VError, match="there are no words"):
        w2v.train(text, init=w2v.KeyedVectors(vector_size=8))
    with pytest.raises(CorpusError, match="none of the 5 words"):
        w2v.train([["x", "y"]], init=old, progress=False)
    broken = w2v.KeyedVectors(["fine", "broken"], np.array([[1, 2], [np.nan, 0]], dtype=np.float32))
    with pytest.raises(W2VError, match="'broken'.*not finite"):
        w2v.train(text, init=broken)
    (tmp_path / "old.bin").write_bytes(b"\x00\x01nonsense")
    with pytest.raises(W2VError, match="old.bin"):
        w2v.train(text, init=tmp_path / "old.bin")


@pytest.mark.parametrize("options, message", [
    ({"freeze": "new"}, "freeze must be 'old'"), ({"freeze": True}, "freeze must be 'old'"),
    ({"anchor": -1}, "anchor must be"),
    ({"anchor": float("nan")}, "anchor must be"), ({"anchor": float("inf")}, "anchor must be"),
    ({"anchor": "x"}, "anchor must be"), ({"anchor": 41}, "0 to 40"), ({"freeze": "old", "anchor": 1}, "exclude"),
    ({"freeze": "old", "minn": 3, "maxn": 4, "bucket": 10}, "n-grams"),
])
def test_bad_freeze_and_anchor_are_refused(old, tmp_path, options, message):
    if "maxn" in options:
        old = w2v.train([["a", "b"]] * 9, vector_size=8, min_count=1, minn=3, maxn=4, bucket=10, progress=False).wv
    with pytest.raises(ValueError, match=message):
        w2v.train(tmp_path / "nowhere.txt", init=old, **options)


@pytest.mark.parametrize("options", [{"freeze": "old"}, {"anchor": 0.5}])
def test_freeze_and_anchor_need_initial_vectors(options, tmp_path):
    with pytest.raises(ValueError, match="it needs init"):
        w2v.train(tmp_path / "nowhere.txt", **options)


# ---------------------------------------------------------------------------------------------------- command line


def test_command_line_continues_and_reports(old, text, tmp_path, capsys):
    old.save(tmp_path / "old.safetensors", output_vectors=old.output_vectors)
    output = tmp_path / "old.safetensors"  # the old file is replaced at the end
    command = ["train", "--init", str(output), str(text), "-o", str(output), "--save-output-vectors", "--min-count",
               "3"]
    assert cli.main([*command, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["initial"]["words_old"] == 5 and report["initial"]["output_vectors"]
    assert report["drift"]["words"] == 3 and len(report["drift"]["moved"]) == 3
    kv = w2v.load(output)
    assert len(kv) == 7 and kv.vector_size == 8 and kv.output_vectors.shape == (7, 8)
    assert json.loads(kv.metadata["initial"])["words_new"] == 2
    assert cli.main(command) == 0
    shown = capsys.readouterr().err
    assert cli.main([*command, "--freeze", "old"]) == 0 and "frozen" in capsys.readouterr().err
    assert cli.main([*command, "--anchor", "2"]) == 0 and "anchor" in capsys.readouterr().err
    assert "old words" in shown and "drift" in shown and "moved most" in shown


@pytest.mark.parametrize("options, code, message", [
    (["--init", "OLD", "--vector-size", "9"], 1, "vector_size = 9"),
    (["--init", "NOWHERE"], 1, "NOWHERE"),
    (["--init", "OLD", "-o", "out.bin"], 1, "'two words'"),
    (["--init", "OLD", "-binary", "1"], 1, "'two words'"),
    (["--freeze", "old"], 2, "--init"), (["--anchor", "1"], 2, "--init"), (["--freeze", "new"], 2, "old"),
    (["--init", "OLD", "--anchor", "-1"], 2, "anchor must be"),
    (["--init", "OLD", "--anchor", "nan"], 2, "anchor must be"),
    (["--init", "OLD", "--anchor", "41"], 1, "0 to 40"),
    (["--init", "OLD", "--freeze", "old", "--anchor", "1"], 2, "exclude each other"),
    (["--save-output-vectors", "-o", "out.bin"], 2, "output matrix"),
    (["--save-output-vectors", "--hs", "--negative", "0"], 2, "output matrix"),
])
def test_command_line_refuses_before_reading_the_text(old, tmp_path, capsys, monkeypatch, options, code, message):
    monkeypatch.chdir(tmp_path)
    old.save("OLD.safetensors")
    options = ["OLD.safetensors" if one == "OLD" else one for one in options]
    command = ["train", "no-such-text.txt", *([] if "-o" in options else ["-o", "out.safetensors"]), *options]
    assert cli.main(command) == code
    shown = capsys.readouterr().err
    assert message in shown and shown.count("\n") == 1 and "no-such-text" not in shown


def test_new_text_is_read_as_that_of_the_old_vectors(tmp_path):
    (tmp_path / "old.txt").write_text("The King, the Queen.\n" * 9)
    (tmp_path / "new.txt").write_text("A King! The Page?\n" * 9)
    options = {"min_count": 1, "progress": False, "vector_size": 8}
    w2v.train(tmp_path / "old.txt", tokenize="words", lowercase=True, **options).save(tmp_path / "old.safetensors")
    newer = w2v.train(tmp_path / "new.txt", init=tmp_path / "old.safetensors", **options).wv
    assert sorted(newer.index_to_key) == ["a", "king", "page", "queen", "the"] and newer.text_options.lowercase
    tokens = w2v.train([["king", "page"]] * 9, init=tmp_path / "old.safetensors", **options).wv
    assert "page" in tokens
    given = w2v.train(tmp_path / "new.txt", init=tmp_path / "old.safetensors", lowercase=True, **options).wv
    assert "king!" in given.key_to_index
