"""Where the ids of a run are: the same vectors from ids in memory, on disk and not stored at all."""

from __future__ import annotations

import functools
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import planted
from helpers.checkpoints import OPTIONS, content
from helpers.diverging import explode, nan_everywhere
from helpers.stops import Stop, each_shard, stop_after

import w2v
from w2v import cli
from w2v.corpus import id_store
from w2v.corpus.reread import encode_again
from w2v.errors import CorpusError, W2VError
from w2v.system import resources
from w2v.training import needs
from w2v.training import train as training
from w2v.training.checkpoint import Checkpoint
from w2v.training.run import paced

pytestmark = pytest.mark.usefixtures("short_shards", "small_blocks")


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut small texts into as many blocks as large ones: 22 here."""
    monkeypatch.setattr(training, "encode_again", functools.partial(encode_again, block_size=20_000))


def weighted(folder: Path) -> Path:
    rng = np.random.default_rng(2)
    text = "".join(f"{weight} {' '.join(line)}\n" for weight, line in zip(
        rng.choice([0, 0.5, 1, 2], 8000), planted.sentences(8000), strict=True))
    (folder / "weighted.txt").write_text(text + "1.5 " + " ".join(f"w{k % 50}" for k in range(9000)) + "\n")
    return folder / "weighted.txt"


def packed(folder: Path) -> list[str]:
    lines = [" ".join(line) for line in planted.sentences(8000)]
    for number in range(3):
        text = "\n".join(lines[number::3]).encode()
        (folder / f"{number}.gz").write_bytes(gzip.compress(text))
    (folder / "3.txt").write_text("\n".join(lines[::7]))
    return [f"{folder}/*.gz", f"{folder}/3.txt"]


def numbers(rows: int) -> np.ndarray:
    return np.random.default_rng(4).zipf(1.6, (rows, 10)) % 200 - 1


@pytest.mark.parametrize("options", [
    {}, {"sg": False, "min_count": 100}, {"hs": True, "negative": 0}, {"minn": 3, "maxn": 4, "bucket": 900},
    {"window": "line"}, {"window": "line", "line_contexts": 2}, {"held_out": 300}, {"max_vocab": 40}])
def test_vectors_are_the_same_without_stored_ids(corpus: Path, options: dict[str, Any]) -> None:
    options = {**OPTIONS, "epochs": 2, "threads": 1} | options
    expected = w2v.train(corpus, **options)
    for ids in ("memory", "disk", "none"):
        model = w2v.train(corpus, ids=ids, **options)
        assert content(model) == content(expected) and model.report.ids == ids
    assert expected.report.ids == "memory" and model.report.loss_held_out == expected.report.loss_held_out
    for field in ("words_read", "words_trained", "words_subsampled", "words_unknown", "words_held_out"):
        assert getattr(model.report, field) == getattr(expected.report, field)


@pytest.mark.parametrize("kind", ["gzip and text", "list", "integers", "array", "npy"])
def test_every_corpus_that_can_be_read_again_works(tmp_path: Path, kind: str) -> None:
    np.save(tmp_path / "x.npy", numbers(6000))
    given: Any = {"gzip and text": packed(tmp_path), "list": list(planted.sentences(8000)), "npy": tmp_path / "x.npy",
                  "integers": [[*map(int, row[row >= 0])] for row in numbers(6000)], "array": numbers(6000)}[kind]
    options = {**OPTIONS, "epochs": 2, "threads": 1}
    stored, again = w2v.train(given, **options), w2v.train(given, ids="none", **options)
    assert content(stored) == content(again) and again.wv.integer_keys is stored.wv.integer_keys


@pytest.mark.parametrize("options", [{}, {"window": "line", "line_contexts": 2}])
def test_line_weights_count_in_shards_that_begin_inside_a_line(tmp_path: Path, options: dict[str, Any]) -> None:
    options = {**OPTIONS, "epochs": 2, "threads": 1, "line_weights": True} | options
    path = weighted(tmp_path)
    assert content(w2v.train(path, ids="none", **options)) == content(w2v.train(path, **options))


@pytest.mark.parametrize("options", [{}, {"held_out": 300}, {"window": "line"}])
def test_three_threads_train_on_all_words(corpus: Path, options: dict[str, Any]) -> None:
    options = {**OPTIONS, "min_count": 50} | options
    report = w2v.train(corpus, ids="none", threads=3, **options).report
    expected = w2v.train(corpus, threads=3, **options).report
    assert planted.adds_up(report) and report.words_read == expected.words_read
    for field in ("words_unknown", "words_held_out"):
        assert getattr(report, field) == getattr(expected, field)


# ---- checkpoints ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("taken", [1, 10, 11, 12, 30, 43])
@pytest.mark.parametrize(("before", "after"), [("none", None), ("none", "memory"), ("memory", "none")])
def test_resumed_run_ends_with_the_same_bytes(corpus: Path, unbroken: bytes, tmp_path: Path, taken: int, before: str,
                                              after: str | None) -> None:
    """Stopped after its first shard, at and around the end of an epoch (11 shards), and before the last shard."""
    path = tmp_path / "run.w2v"
    with paced(after_shard=stop_after(taken)), pytest.raises(Stop):
        w2v.train(corpus, threads=1, ids=before, checkpoint=path, checkpoint_every=1e-6, **OPTIONS)
    assert (Checkpoint.open(path).state.taken, Checkpoint.open(path).request.ids) == (taken, before)
    model = w2v.train(resume=path, ids=after, threads=1, progress=False)
    assert content(model) == unbroken and model.report.ids == (after or before)


def test_compressed_text_resumes_with_the_same_bytes(tmp_path: Path) -> None:
    given, options = packed(tmp_path), {**OPTIONS, "threads": 1, "held_out": 100}
    whole = content(w2v.train(given, **options))
    with paced(after_shard=stop_after(20)), pytest.raises(Stop):
        w2v.train(given, ids="none", checkpoint=tmp_path / "k", checkpoint_every=1e-6, **options)
    assert content(w2v.train(resume=tmp_path / "k", progress=False)) == whole


def test_diverged_run_is_set_back(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = []
    for ids in ("memory", "none"):
        with monkeypatch.context() as patch, paced(after_shard=each_shard):
            explode(patch, 0.5, nan_everywhere)
            models.append(w2v.train(corpus, ids=ids, threads=1, checkpoint=tmp_path / ids, checkpoint_every="10%",
                                    **OPTIONS))
    assert [model.report.rollbacks for model in models] == [1, 1]
    assert np.array_equal(models[0].wv.vectors, models[1].wv.vectors)


# ---- the choice -----------------------------------------------------------------------------------------------------


def full_disk(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(resources.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": free}))


def test_ids_that_find_no_room_are_not_stored(corpus: Path, unbroken: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text is small, so that this is found out while it is read."""
    full_disk(monkeypatch, 70_000_000)
    monkeypatch.setattr(training, "MEMORY_SHARE", 0.0)
    model = w2v.train(corpus, threads=1, **OPTIONS)
    assert model.report.ids == "disk"  # here it fits
    full_disk(monkeypatch, 1_000_000)
    model = w2v.train(corpus, threads=1, **OPTIONS)
    assert content(model) == unbroken and model.report.ids == "none"
    assert "not stored: each epoch read the text again" in str(model.report)


def test_large_text_is_not_read_in_vain(corpus: Path, unbroken: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "EARLY_BYTES", 1000)
    monkeypatch.setattr(needs, "MEMORY_SHARE", 0.0)
    full_disk(monkeypatch, 1_000_000)
    monkeypatch.setattr(training, "encode_joined", lambda *given, **options: pytest.fail("read"))
    model = w2v.train(corpus, threads=1, **OPTIONS)
    assert content(model) == unbroken and model.report.ids == "none"


@pytest.mark.parametrize(("given", "options"), [(iter, {}), (list, {"ids": "disk"}), (list, {"phrases": True})])
def test_full_disk_is_an_error_if_the_text_cannot_be_read_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
                                                                given: Any, options: dict[str, Any]) -> None:
    lines = list(planted.sentences(200))
    if "phrases" in options:
        w2v.Phrases(lines, min_count=1, threshold=1, progress=False).save(tmp_path / "phrases.tsv")
        options = {"phrases": tmp_path / "phrases.tsv"}
    monkeypatch.setattr(training, "MEMORY_SHARE", 0.0)
    full_disk(monkeypatch, 1_000_000)
    with pytest.raises(W2VError, match="the ids of the corpus do not fit in memory and need about"):
        w2v.train(given(lines), **OPTIONS, **options)


def test_ids_that_must_be_in_memory_may_not_fit(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(id_store, "available_memory", lambda: 1_000_000)
    with pytest.raises(W2VError, match="the ids of the corpus do not fit into the 0.0 GB of free memory"):
        w2v.train(corpus, ids="memory", **OPTIONS)


# ---- refusals -------------------------------------------------------------------------------------------------------


class Unread:
    """An iterator that must not be read."""

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        raise AssertionError("read")


def test_corpus_that_can_be_read_only_once_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ids = 'none' reads the corpus again in each epoch, but the corpus is"):
        w2v.train(Unread(), ids="none")
    with pytest.raises(ValueError, match="but stdin can be read only once; use ids = 'disk', or save the text"):
        w2v.train("-", ids="none")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ValueError, match="pipe can be read only once"):
            w2v.train(tmp_path / "pipe", ids="none")


def test_other_wrong_choices_are_refused(corpus: Path) -> None:
    with pytest.raises(ValueError, match="ids = 'ram' does not exist; pass 'auto' or 'memory' or 'disk' or 'none'"):
        w2v.train(corpus, ids="ram")
    with pytest.raises(ValueError, match="ids = 'none' cannot be used with phrases, .* joined in the stored ids"):
        w2v.train(corpus, ids="none", phrases="phrases.tsv")


def test_text_that_changes_during_training_ends_the_run(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(corpus.read_bytes())

    def change(view: object, stats: object) -> None:
        path.write_bytes(corpus.read_bytes()[::-1])

    with paced(after_shard=each_shard), pytest.raises(CorpusError, match="the text is not the same when it is read"):
        w2v.train(path, ids="none", threads=1, on_epoch_end=change, **OPTIONS)


# ---- the command line -----------------------------------------------------------------------------------------------


def test_command_line_chooses_the_place(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("w2v.planning.speed.RUN_SECONDS", 0.001)
    options = ["--vector-size", "24", "--epochs", "4", "--threads", "1", "-q"]
    files = []
    for ids in ("memory", "none"):
        files.append(tmp_path / f"{ids}.safetensors")
        assert cli.main(["train", str(corpus), "-o", str(files[-1]), "--ids", ids, "--json", *options]) == 0
        assert json.loads(capsys.readouterr().out)["ids"] == ids
    assert files[0].read_bytes() == files[1].read_bytes()
    assert cli.main(["plan", str(corpus), "--ids", "none", "--vector-size", "16", "--threads", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["memory"]["place"] == "none" and found["disk"]["spool"] == 0
    assert cli.main(["train", "-", "-o", str(files[0]), "--ids", "none"]) == 2
    assert "--ids 'none' reads the corpus again" in capsys.readouterr().err
