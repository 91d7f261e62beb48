"""Several runs that differ in their seed: each is what a single training gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import w2v
from w2v.corpus.paths import CorpusInput
from w2v.training.needs import Output
from w2v.training.request import RunRequest
from w2v.training.runs import prepare_runs, resolve_runs, train_each

OPTIONS: dict[str, Any] = {"vector_size": 8, "min_count": 1, "threads": 1, "progress": False, "epochs": 2}


def sentences() -> list[list[str]]:
    rng = np.random.default_rng(1)
    return [[f"w{n}" for n in rng.zipf(1.4, 12) % 50] for _ in range(300)]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "t").write_text("".join(" ".join(words) + "\n" for words in sentences()))
    return tmp_path / "t"


@pytest.mark.parametrize("options", [
    {}, {"seed": 7, "ids": "none"}, {"ids": "disk"}, {"bootstrap": True}, {"sample_lines": 0.5}, {"held_out": 20},
    {"sg": False}, {"minn": 2, "maxn": 3, "bucket": 40}, {"preset": "gensim", "min_count": 2}, {"lowercase": True}])
def test_each_run_is_the_training_with_its_seed(corpus: Path, options: dict[str, Any]) -> None:
    options = OPTIONS | options
    seed = options.pop("seed", 1)
    models = w2v.train_runs(corpus, 3, seed=seed, **options)
    for number, model in enumerate(models):
        single = w2v.train(corpus, seed=seed + number, **options)
        assert np.array_equal(model.wv.vectors, single.wv.vectors)
        assert np.array_equal(model.output_vectors, single.output_vectors)
        assert model.config == single.config and model.config.seed == seed + number
        assert model.wv.index_to_key == single.wv.index_to_key
        assert model.wv.metadata == single.wv.metadata
        report, other = (replace(one.report, corpus=replace(one.report.corpus, seconds=0), seconds_vocabulary=0,
                                 seconds_training=0, words_per_second=0) for one in (model, single))
        assert report == other
    assert not np.array_equal(models[0].wv.vectors, models[1].wv.vectors)


def test_config_and_initial_vectors_are_used_by_each_run(corpus: Path) -> None:
    old = w2v.train(corpus, **OPTIONS).wv
    config = w2v.TrainConfig(vector_size=8, min_count=1, epochs=1, seed=5)
    models = w2v.train_runs(corpus, 2, config=config, init=old, anchor=0.5, threads=1, progress=False)
    for number, model in enumerate(models):
        single = w2v.train(corpus, config=replace(config, seed=5 + number), init=old, anchor=0.5, threads=1,
                           progress=False)
        assert np.array_equal(model.wv.vectors, single.wv.vectors)


def test_a_corpus_is_read_once() -> None:
    reads = []

    class Sentences:
        def __iter__(self) -> Iterator[list[str]]:
            yield from sentences()
            reads.append(1)

    w2v.train_runs(Sentences(), 3, **OPTIONS)
    assert len(reads) == 1
    w2v.train_runs(iter(sentences()), 3, **OPTIONS)
    reads.clear()
    w2v.train_runs(Sentences(), 3, bootstrap=True, **OPTIONS)
    assert len(reads) == 3


def test_models_can_be_changed_alone(corpus: Path) -> None:
    first, second = w2v.train_runs(corpus, 2, **OPTIONS)
    n = len(second.wv)
    first.wv.add_vectors(["new"], np.ones((1, 8)))
    first.wv.set_vecattr("w1", "count", 0)
    assert len(second.wv) == n and "new" not in second.wv and second.wv.get_vecattr("w1", "count") > 0


def test_the_runs_of_one_are_one_training(corpus: Path) -> None:
    [model] = w2v.train_runs(corpus, 1, **OPTIONS)
    assert np.array_equal(model.wv.vectors, w2v.train(corpus, **OPTIONS).wv.vectors)


def test_fresh_texts_are_made_for_each_run() -> None:
    calls: list[int] = []

    def fresh(epoch: int) -> list[list[str]]:
        calls.append(epoch)
        return sentences()

    options = {name: value for name, value in OPTIONS.items() if name not in ("threads", "progress")}
    request = RunRequest(fresh=fresh, options=options, threads=1, progress=False)
    calls.clear()
    models = list(train_each(prepare_runs(resolve_runs(request, 2)), None))
    assert len(models) == 2 and calls.count(1) == 2


def test_outputs_have_the_number_of_their_run(corpus: Path, tmp_path: Path) -> None:
    request = RunRequest(corpus=CorpusInput.of(corpus), output=tmp_path / "v.bin.gz")
    outputs = [run.output for run in resolve_runs(request, 3)]
    assert [str(one.path) for one in outputs if one is not None] == [
        str(tmp_path / name) for name in ("v.bin.gz", "v.run2.bin.gz", "v.run3.bin.gz")]
    request = replace(request, output=Output(tmp_path / "v", "word2vec-binary"))
    second = resolve_runs(request, 2)[1].output
    assert second == Output(str(tmp_path / "v.run2"), "word2vec-binary")


@pytest.mark.parametrize(("options", "names"), [
    ({}, ["words.txt", None, None]), ({"seed": 4, "lowercase": True}, ["words.txt", None, None]),
    ({"bootstrap": True}, ["words.txt", "words.run2.txt", "words.run3.txt"]),
    ({"sample_lines": 0.5}, ["words.txt", "words.run2.txt", "words.run3.txt"])])
def test_vocabularies_that_differ_have_files_of_their_own(
    corpus: Path, tmp_path: Path, options: dict[str, Any], names: list[str | None]
) -> None:
    request = RunRequest(corpus=CorpusInput.of(corpus, options), options=options, save_vocab=tmp_path / "words.txt")
    files = [run.request.save_vocab for run in resolve_runs(request, 3)]
    assert [None if path is None else Path(path) for path in files] == [
        None if name is None else tmp_path / name for name in names]


@pytest.mark.parametrize(("output", "words", "options"), [
    ("v.txt", "v.run2.txt", {}), ("v.run3.txt", "v.txt", {"bootstrap": True})])
def test_runs_do_not_overwrite_the_files_of_each_other(
    corpus: Path, tmp_path: Path, output: str, words: str, options: dict[str, Any]
) -> None:
    request = RunRequest(corpus=CorpusInput.of(corpus, options), options=options, output=tmp_path / output,
                         save_vocab=tmp_path / words)
    with pytest.raises(ValueError, match=r"(save_vocab|output) of run \d and \w+ of run \d both name .*v\.run[23]"):
        resolve_runs(request, 3)


@pytest.mark.parametrize(("runs", "options", "kind", "problem"), [
    (0, {}, ValueError, "runs = 0 is out of range: 1 to 1000"), (1001, {}, ValueError, "runs = 1001"),
    (2.5, {}, TypeError, "runs must be a whole number"), (True, {}, TypeError, "runs must be"),
    (3, {"seed": 2**64 - 2}, ValueError, "seed = .* too large for 3 runs"), (2, {"colour": 1}, TypeError, "colour"),
    (2, {"bootstrap": True, "held_out": 5}, ValueError, "held_out = 5")])
def test_bad_input_is_refused_before_any_work(
    tmp_path: Path, runs: Any, options: dict[str, Any], kind: type[Exception], problem: str
) -> None:
    with pytest.raises(kind, match=problem):
        w2v.train_runs(tmp_path / "missing", runs, **options)


def test_a_corpus_that_can_be_read_once_has_no_samples_for_each_run() -> None:
    for option in ({"bootstrap": True}, {"sample_lines": 0.5}):
        with pytest.raises(ValueError, match="gives its sentences once, but each run reads a sample of its own"):
            w2v.train_runs(iter(sentences()), 2, **OPTIONS, **option)


@pytest.mark.parametrize("name", ["checkpoint", "resume"])
def test_checkpoints_are_refused(corpus: Path, tmp_path: Path, name: str) -> None:
    request = RunRequest(corpus=CorpusInput.of(corpus), **{name: tmp_path / "k"})
    with pytest.raises(ValueError, match=f"{name} cannot be used with runs = 2"):
        resolve_runs(request, 2)


def test_bootstrap_runs_agree_less_than_seeds(tmp_path: Path) -> None:
    """And the card says that a run is a sample."""
    models = w2v.train_runs(sentences(), 2, bootstrap=True, **OPTIONS)
    assert all("bootstrap" in json.loads(model.wv.metadata["corpus"]) for model in models)
    counts = [dict(zip(model.wv.index_to_key, model.wv.counts.tolist(), strict=True)) for model in models]
    assert counts[0] != counts[1]
