"""Scores during training: `w2v train --evaluate`, and the callback behind it."""

import json

import numpy as np
import pytest
from helpers import planted

import w2v
from w2v import cli, evaluate
from w2v.evaluation.loading import load_set
from w2v.training.observers.scores import EpochScores, sample
from w2v.training.status import EpochStats, ModelView

OPTIONS = planted.OPTIONS


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.txt"
    planted.write_corpus(path, 12_000)
    return path


@pytest.fixture
def sets(tmp_path):
    (tmp_path / "planted.txt").write_text(planted.questions())
    (tmp_path / "pairs.tsv").write_text("".join(
        f"{planted.class_word(0, i)}\t{planted.class_word(g, 1)}\t{int(g == 0)}\n" for i in (0, 2, 3) for g in (0, 3)))
    return [str(tmp_path / "planted.txt"), str(tmp_path / "pairs.tsv")]


def test_callback_gets_every_epoch_and_the_rows_of_the_model(corpus):
    seen = []

    def look(view, stats):
        rows = np.array([3, 0])
        copy = view.rows(rows)
        seen.append((stats, copy, [view.words[i] for i in rows]))
        copy += 1  # a copy: the model must not change

    model = w2v.train(corpus, epochs=4, on_epoch_end=look, **OPTIONS)
    epochs = [stats.epoch for stats, _, _ in seen]
    assert epochs == sorted(set(epochs)) and epochs[-1] == 4 and all(stats.epochs == 4 for stats, _, _ in seen)
    assert np.array_equal(seen[-1][1] - 1, model.wv.vectors[[3, 0]]) or np.allclose(
        seen[-1][1] - 1, model.wv.vectors[[3, 0]], atol=1e-6)
    assert seen[-1][2] == [model.wv.index_to_key[3], model.wv.index_to_key[0]]
    assert seen[-1][0].seconds <= model.report.seconds_training * 1.001
    plain = w2v.train(corpus, epochs=4, **OPTIONS)
    assert np.array_equal(plain.wv.vectors, model.wv.vectors)


def test_error_in_the_callback_ends_training(corpus):
    def fail(view, stats):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        w2v.train(corpus, epochs=2, on_epoch_end=fail, **OPTIONS)


def test_last_scores_are_those_of_the_written_vectors(corpus, sets):
    scores = EpochScores(sets)
    model = w2v.train(corpus, epochs=3, on_epoch_end=scores, **OPTIONS)
    last = scores.history[-1]
    assert last["epoch"] == 3 and set(last["scores"]) == {"planted", "pairs"}
    assert last["scores"]["planted"] == evaluate.analogies(model.wv, sets[0]).accuracy
    assert last["scores"]["pairs"] == pytest.approx(evaluate.similarity(model.wv, sets[1]).spearman)
    assert last["scores"]["planted"] > 0.5


def test_words_beyond_the_candidates_are_found(sets):
    """Similarity needs words that are too rare to be candidates; only the necessary rows are copied."""
    words = [f"x{i}" for i in range(50)] + [planted.class_word(0, i) for i in range(4)] + [planted.class_word(3, 1)]
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(len(words), 8)).astype(np.float32)
    asked = []
    view = ModelView(words, lambda rows: asked.append(rows) or vectors[rows], vectors.__getitem__)
    scores = EpochScores(sets[1:])
    line = scores(view, EpochStats(2, 2, 1.0, 2.5))
    kv = w2v.KeyedVectors(words, vectors)
    assert scores.history[0]["scores"]["pairs"] == pytest.approx(evaluate.similarity(kv, sets[1]).spearman)
    assert line.startswith("epoch 2/2  loss 2.5000  pairs ") and asked[0].tolist() == [50, 51, 52, 53, 54]


def test_epochs_are_skipped_when_evaluation_is_expensive(sets):
    words = [planted.class_word(g, i) for g in (0, 3) for i in range(4)]
    rows = np.eye(len(words), dtype=np.float32).__getitem__
    view = ModelView(words, rows, rows)
    scores = EpochScores(sets[1:])
    assert scores(view, EpochStats(1, 9, 0.1, 1.0)) is not None  # the first epoch is never skipped
    assert scores(view, EpochStats(1, 9, 10.0, 1.0)) is not None
    scores._cost = 1.0
    assert scores(view, EpochStats(2, 9, 15.0, 1.0)) is None  # 1 s of 5 s
    assert scores(view, EpochStats(4, 9, 45.0, 1.0)) is not None  # 1 s of 35 s
    scores._cost = 1.0
    assert scores(view, EpochStats(9, 9, 46.0, 1.0)) is not None  # the last epoch is never skipped
    assert [one["epoch"] for one in scores.history] == [1, 1, 4, 9]


def asked(one):
    return [question for section in one.content for question in section.questions]


def test_a_sample_has_few_words_and_all_sections(sets, tmp_path):
    whole = load_set(sets[0])
    some = sample(whole, 60)
    # of 16 pairs every second one is kept, which gives 8 * 7 questions
    assert len(asked(some)) == 56 and set(asked(some)) < set(asked(whole)) and len(some.words) == 16
    loose = "".join(f": part {k}\n" + "".join(f"a{k}_{i} b{k}_{i} c{k}_{i} d{k}_{i}\n" for i in range(30))
                    for k in range(4))
    (tmp_path / "loose.txt").write_text(loose)
    whole_loose = load_set(tmp_path / "loose.txt")
    some = sample(whole_loose, 12)  # no pair occurs twice: every tenth question is kept
    assert asked(some) == asked(whole_loose)[::10] and len(some.content) == 4
    assert sample(whole, 10_000).content == whole.content and sample(load_set(sets[1]), 2) == load_set(sets[1])


def test_train_evaluate_prints_a_line_for_each_epoch(corpus, sets, tmp_path, capsys):
    arguments = ["train", str(corpus), "-o", str(tmp_path / "v.bin"), "--vector-size", "32", "--min-count", "1",
                 "--epochs", "2", "--threads", "1", "--evaluate", *sets]
    assert cli.main(arguments) == 0
    err = capsys.readouterr().err
    assert "epoch 2/2  loss " in err and "  planted " in err and "  pairs " in err
    assert cli.main([*arguments, "--json", "--quiet"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["evaluations"][-1]["epoch"] == 2 and err == ""


def test_the_last_scores_and_the_output_matrix_are_saved_in_the_file(corpus, sets, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("w2v.training.observers.scores.QUESTIONS", 60)
    path = tmp_path / "v.safetensors"
    assert cli.main(["train", str(corpus), "-o", str(path), "--vector-size", "32", "--min-count", "1", "--epochs", "2",
                     "--threads", "1", "--json", "--save-output-vectors", "--evaluate", *sets]) == 0
    last = json.loads(capsys.readouterr().out)["evaluations"][-1]["scores"]
    file = w2v.formats.read_vectors(path)
    kept = json.loads(file.metadata["evaluation"])
    assert kept["planted"]["3cosadd"]["value"] == last["planted"]
    assert kept["planted"]["3cosadd"]["sample_of"] > kept["planted"]["3cosadd"]["total"] == 56
    assert kept["pairs"] == {"Spearman": {"value": last["pairs"], "interval": None, "all": last["pairs"], "used": 6,
                                          "total": 6}}
    assert file.output_vectors.shape == file.rows.shape and np.abs(file.output_vectors).max() > 0
    assert cli.main(["info", str(path)]) == 0
    shown = capsys.readouterr().out
    assert f"Spearman {last['pairs']:.4f}, 6 of 6" in shown and "56 of 56, a sample of " in shown
    assert cli.main(["train", str(corpus), "-o", str(tmp_path / "v.bin"), "--save-output-vectors"]) == 2
    assert "needs an output that ends in .safetensors" in capsys.readouterr().err


def test_a_broken_set_is_an_error_before_training(corpus, tmp_path, capsys):
    (tmp_path / "bad.tsv").write_text("a\tb\t1\na\tb\tx\n")
    assert cli.main(["train", str(corpus), "-o", str(tmp_path / "v.bin"), "--evaluate", str(tmp_path / "bad.tsv")]) == 1
    assert "bad.tsv, line 2" in capsys.readouterr().err and not (tmp_path / "v.bin").exists()
