"""Resumed runs: the same bytes after any stop, with the corpus, sets and options given in any form."""

import json
import os
import signal

import pytest
from helpers import planted
from helpers.checkpoints import OPTIONS, content
from helpers.stops import Stop, each_shard, stop_after

import w2v
from w2v import cli
from w2v.training.checkpoint import Checkpoint
from w2v.training.run import paced

pytestmark = pytest.mark.usefixtures("short_shards")


def test_checkpoints_do_not_change_the_result(corpus, unbroken, tmp_path):
    with paced(after_shard=each_shard):
        model = w2v.train(corpus, threads=1, checkpoint=tmp_path / "k", checkpoint_every="10%", **OPTIONS)
    assert content(model) == unbroken
    assert model.report.checkpoints == 9 and 0 < model.report.seconds_paused < model.report.seconds_training
    assert model.report.resumed_from is None and model.report.rollbacks == 0
    assert os.listdir(tmp_path) == ["k"], "the checkpoint is kept, temporary files are not"


def test_run_stopped_often_ends_with_the_same_bytes(corpus, unbroken, tmp_path):
    """A stop after every seventh shard, inside epochs and at their ends, until the run is complete."""
    path, stops, places = tmp_path / "k", 0, []
    while True:
        done = Checkpoint.open(path).state.taken if path.exists() else 0
        with paced(after_shard=stop_after(done + 7)):
            try:
                model = w2v.train(None if path.exists() else corpus, resume=path if path.exists() else None,
                                  checkpoint=path, checkpoint_every=1e-6, threads=1, **OPTIONS)
                break
            except Stop:
                stops += 1
                places.append(Checkpoint.open(path).state.taken)
        assert stops < 100
    assert content(model) == unbroken
    assert places == [7, 14, 21, 28, 35, 42] and Checkpoint.open(path).state.n_pieces == 11
    assert model.report.resumed_from == str(path)
    assert model.report.words_read == (model.report.words_trained + model.report.words_subsampled
                                       + model.report.words_unknown)


def test_resumed_run_writes_classes_if_the_first_was_to(corpus, tmp_path):
    with paced(after_shard=each_shard):
        w2v.train(corpus, threads=1, checkpoint=tmp_path / "k", checkpoint_every="30%", checkpoint_notes={"classes": 5},
                  **OPTIONS)
    assert cli.main(["train", "--resume", str(tmp_path / "k"), "-o", str(tmp_path / "c.txt"), "-q"]) == 0
    labels = [int(line.split(" ")[1]) for line in (tmp_path / "c.txt").read_text().splitlines()]
    assert set(labels) == set(range(5)) and len(labels) > 5


@pytest.mark.parametrize("threads", [2, 3])
def test_resuming_with_other_threads_learns_as_much(corpus, interrupted, threads):
    before = Checkpoint.open(interrupted).state
    model = w2v.train(resume=interrupted, threads=threads, progress=False)
    assert model.report.threads == threads
    assert model.report.words_read == (model.report.words_trained + model.report.words_subsampled
                                       + model.report.words_unknown)
    whole = w2v.train(corpus, threads=threads, **OPTIONS)
    assert 0 < before.words_done < whole.report.words_read
    assert model.report.loss < 1.05 * whole.report.loss


def test_iterable_must_be_passed_again(tmp_path):
    lines = [s for s in planted.sentences(6_000)]
    whole = content(w2v.train(lines, threads=1, **OPTIONS))
    with paced(after_shard=each_shard):
        w2v.train(iter(lines), threads=1, checkpoint=tmp_path / "k", checkpoint_every="30%", **OPTIONS)
    assert 0.9 <= Checkpoint.open(tmp_path / "k").share < 1
    with pytest.raises(ValueError, match="was not in files: pass the same corpus again"):
        w2v.train(resume=tmp_path / "k")
    assert content(w2v.train(iter(lines), resume=tmp_path / "k", progress=False)) == whole


@pytest.mark.parametrize("every, expected", [(1e-6, [1, 2, 3, 4]), ("15%", [1, 1, 2, 2, 3, 4])])
def test_ends_of_epochs_are_reported_once_over_all_resumptions(corpus, tmp_path, every, expected):
    """An epoch that ended after the last checkpoint is trained again, and so reported again."""
    told, path = [], tmp_path / "k"
    for _ in range(50):
        done = Checkpoint.open(path).state.taken if path.exists() else 0
        with paced(after_shard=stop_after(done + 11)):
            try:
                w2v.train(corpus, resume=path if path.exists() else None, checkpoint=path, checkpoint_every=every,
                          on_epoch_end=lambda view, stats: told.append(stats.epoch), **OPTIONS | {"threads": 1})
                break
            except Stop:
                pass
    assert told == expected


def test_same_corpus_in_other_files_is_accepted(interrupted, corpus, tmp_path, unbroken):
    parts = tmp_path / "parts"
    parts.mkdir()
    lines = corpus.read_text().splitlines(keepends=True)
    (parts / "a.txt").write_text("".join(lines[:100]))
    (parts / "b.txt").write_text("".join(lines[100:]))
    model = w2v.train(parts, resume=interrupted, progress=False)
    assert model.wv.vectors.tobytes() == unbroken[:model.wv.vectors.nbytes]


def test_sets_given_by_a_path_are_found_from_another_folder(corpus, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pairs.tsv").write_text("".join(f"{word}\tfemale_{word[5:]}\t{i}\n" for i, word in enumerate(
        sorted({word for word in corpus.read_text().split() if word.startswith("male_")}))))
    with paced(after_shard=stop_after(30)), pytest.raises(Stop):
        cli.main(["train", str(corpus), "-o", "v.safetensors", "--vector-size", "24", "--threads", "1", "-q",
                  "--checkpoint", "k", "--checkpoint-every", "1%", "--evaluate", "pairs.tsv"])
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert cli.main(["train", "--resume", "../k", "-q"]) == 0, capsys.readouterr().err
    assert "pairs" in json.loads(w2v.load(tmp_path / "v.safetensors").metadata["evaluation"])


def test_checkpoint_at_the_end_resumes_to_the_same_model(corpus, unbroken, tmp_path):
    """A signal at the very end gives a checkpoint at 100 %."""
    def last(view, stats):
        if stats.epoch == stats.epochs:
            signal.raise_signal(signal.SIGTERM)

    former = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        w2v.train(corpus, threads=1, checkpoint=tmp_path / "k", checkpoint_every="1h", on_epoch_end=last, **OPTIONS)
    finally:
        signal.signal(signal.SIGTERM, former)
    assert Checkpoint.open(tmp_path / "k").share == 1
    told = []
    model = w2v.train(resume=tmp_path / "k", progress=False, on_epoch_end=lambda view, stats: told.append(stats))
    assert content(model) == unbroken and told == []
    assert model.report.words_read == (model.report.words_trained + model.report.words_subsampled
                                       + model.report.words_unknown)
    # again: nothing has changed the checkpoint
    assert content(w2v.train(resume=tmp_path / "k", progress=False)) == unbroken


@pytest.mark.parametrize("options", [
    {}, {"sg": False}, {"hs": True}, {"hs": True, "negative": 0}, {"hs": True, "negative": 0, "sg": False},
    {"minn": 1, "maxn": 2, "bucket": 50}, {"window": "line"}])
@pytest.mark.slow
def test_vocabulary_of_two_words_resumes_to_the_same_model(tmp_path, options):
    lines = [["a", "b"] * 5] * 400
    options = {**OPTIONS, "min_count": 1, "threads": 1, **options}
    whole = content(w2v.train(lines, **options))
    with paced(shard_ids=256, after_shard=each_shard):
        w2v.train(lines, checkpoint=tmp_path / "k", checkpoint_every=1e-6, **options)
        model = w2v.train(lines, resume=tmp_path / "k", progress=False)
        assert content(model) == content(w2v.train(lines, **options))
    assert len(w2v.load(tmp_path / "k")) == len(model.wv) and len(whole) > 0


def test_window_of_a_resumed_run_may_be_given_in_any_form(corpus, tmp_path):
    for given, same in (((5, 5), [[5, 5], (5, 5), 5]), ([3, 2], [(3, 2), [3, 2]])):
        with paced(after_shard=each_shard):
            w2v.train(corpus, checkpoint=tmp_path / "k", checkpoint_every="30%", window=given, **OPTIONS)
        saved = Checkpoint.open(tmp_path / "k")
        for window in same:
            saved.agree({"window": window})
        with pytest.raises(ValueError, match="contradicts window"):
            saved.agree({"window": (5, 2)})
