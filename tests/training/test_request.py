"""Requests of training runs: what they complete, refuse and store, before any work."""

import json

import numpy as np
import pytest
from helpers import planted
from helpers.stops import each_shard

import w2v
from w2v.config import TrainConfig
from w2v.corpus.paths import CorpusInput
from w2v.training.checkpoint import Checkpoint
from w2v.training.needs import Output
from w2v.training.request import RunRequest
from w2v.training.run import paced
from w2v.training.train import train_resolved


def request(**options):
    return RunRequest(corpus=CorpusInput.of([["a", "b"]]), **options)


def test_settings_are_those_of_train():
    settings = request(options={"epochs": 2}, threads="3", isa="scalar").settings()
    assert settings == (TrainConfig(epochs=2), 3, "scalar")
    assert request(preset="gensim", options={"alpha": 0.1}).settings().config == TrainConfig.preset("gensim", alpha=0.1)
    assert request(config=TrainConfig(seed=5)).settings().config.seed == 5


def test_resolving_opens_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = request(checkpoint="k", log_json="log", output="v.bin", save_vocab="vocab", phrases="nowhere.tsv",
                  init="nowhere.bin").resolve()
    assert (run.checkpoint, run.checkpoint_every.text, run.threads > 0) == ("k", "10m", True)
    assert run.output == Output("v.bin", "word2vec-binary") and not list(tmp_path.iterdir())


@pytest.mark.parametrize("options, format", [
    ({"output": "v.bin"}, "word2vec-binary"), ({"output": "v.vec"}, "word2vec-text"),
    ({"output": "v.bin", "format": "fasttext"}, "fasttext-binary"), ({"output": "v.x", "binary": 1}, "word2vec-binary"),
    ({"output": "v.bin", "binary": 0}, "word2vec-text"), ({"output": "v.x", "text_output": True}, "word2vec-text"),
    ({"output": "v.bin", "text_output": True}, "word2vec-binary"),
    ({"output": Output("v.x", "safetensors")}, "safetensors")])
def test_format_follows_options_and_then_the_suffix(options, format):
    run = request(**options).resolve()
    assert run.output is not None and run.output.format == format


@pytest.mark.parametrize("options, error, message", [
    ({"output": "v.x"}, ValueError, "cannot tell the format"),
    ({"output": "v", "format": "glove"}, ValueError, "format = 'glove' does not exist"),
    ({"output": "v", "format": "fasttext", "binary": 1}, ValueError, "contradict each other"),
    ({"output": "v.bin", "save_vocab": "v.bin"}, ValueError, "v.bin"),
    ({"output": "v.bin", "save_output_vectors": True}, ValueError, "needs an output that ends in .safetensors"),
    ({"output": "v.safetensors", "save_output_vectors": True, "options": {"hs": True, "negative": 0}}, ValueError,
     "needs negative sampling"),
    ({"checkpoint": "k", "log_json": "k"}, ValueError, "k"),
    ({"checkpoint_every": "5m"}, ValueError, "checkpoint_every is set without checkpoint; pass checkpoint=PATH"),
    ({"checkpoint": "k", "checkpoint_notes": {"a": {1}}}, TypeError, "checkpoint_notes must be plain values"),
    ({"freeze": "old"}, ValueError, "freeze applies to .*needs init"),
    ({"anchor": 1.0}, ValueError, "anchor applies to"),
    ({"probe": ("a",), "progress": False}, ValueError, "probe has no effect without"),
    ({"log_every": 5}, ValueError, "log_every has no effect"),
    ({"output": "v.bin", "format": "fasttext", "options": {"window": (5, 2)}}, ValueError, "window=5,2; write"),
    ({"output": "v.bin", "format": "fasttext", "options": {"window": "line"}}, ValueError, "window=line; write"),
    ({"output": "v.bin", "options": {"minn": 3, "maxn": 6}}, ValueError, "word2vec binary file cannot hold n-grams"),
    ({"output": "v.txt", "preset": "fasttext"}, ValueError, "word2vec text file cannot hold n-grams"),
    ({"output": Output("v", "word2vec-text"), "config": TrainConfig(minn=3, maxn=6)}, ValueError, "maxn=0 for whole"),
    ({"threads": 0}, ValueError, "threads = 0"), ({"isa": "mmx"}, ValueError, "mmx"),
    ({"options": {"windows": 5}}, TypeError, "unknown option 'windows'; did you mean window?"),
    ({"options": {"nonsense": 5}}, TypeError, "unknown option 'nonsense'; the options are vector_size"),
    ({"config": 5}, TypeError, "config must be a TrainConfig"),
    ({"config": TrainConfig(), "options": {"epochs": 1}}, TypeError, "either config or options, not both: epochs")])
def test_wrong_options_are_refused_without_any_work(options, error, message):
    with pytest.raises(error, match=message):
        request(**options).resolve()


def test_corpus_is_required_unless_a_run_is_resumed():
    with pytest.raises(TypeError, match="the corpus is missing"):
        RunRequest().resolve()


@pytest.fixture
def stopped(tmp_path):
    """A run with stored options that was stopped after its first checkpoint."""
    (tmp_path / "corpus.txt").write_text("\n".join(" ".join(words) for words in planted.sentences(2000)))

    def stop(view, stats):
        if (tmp_path / "k").exists():
            raise w2v.StopTraining

    run = RunRequest(corpus=CorpusInput.of(tmp_path / "corpus.txt"), options={"vector_size": 8, "epochs": 100_000},
                     threads=1, progress=False, on_interval=stop, log_every=0.01, probe=("male_1",),
                     log_json=tmp_path / "log", checkpoint=tmp_path / "k", checkpoint_every=0.01, text_output=True,
                     output=tmp_path / "v.100", anchor=None).resolve().storing_options({"mine": [1]}).prepare()
    with run.log() as log, paced(after_shard=each_shard):
        train_resolved(run, log)
    return tmp_path / "k"


def test_stored_options_complete_a_request(stopped, tmp_path, monkeypatch):
    notes = Checkpoint.open(stopped).request.notes
    assert notes["binary"] == 0 and notes["probe"] == ["male_1"] and notes["output"] == str(tmp_path / "v.100")
    monkeypatch.chdir("/")
    asked = RunRequest(resume=stopped).continued()
    assert (asked.output, asked.binary, asked.probe) == (str(tmp_path / "v.100"), 0, ("male_1",))
    assert (asked.log_json, asked.log_every, asked.checkpoint_notes) == (str(tmp_path / "log"), 0.01, {"mine": [1]})
    run = asked.resolve()
    assert run.config.vector_size == 8 and run.threads == 1 and run.checkpoint == str(stopped)
    assert run.checkpoint_every.text == "0.01s" and run.corpus.paths == (str(tmp_path / "corpus.txt"),)
    assert run.output == Output(str(tmp_path / "v.100"), "word2vec-text") and run.request.resume is run.saved
    json.dumps(run.storing_options({}).request.checkpoint_notes)


def test_given_options_take_precedence_over_stored_ones(stopped, tmp_path):
    asked = RunRequest(resume=stopped, output="other.bin", binary=1, probe=("male_2",), threads=2, checkpoint="new",
                       checkpoint_every="5%", checkpoint_notes={"mine": [2]}).continued()
    run = asked.resolve()
    assert run.output == Output("other.bin", "word2vec-binary") and asked.probe == ("male_2",) and run.threads == 2
    assert run.checkpoint == "new" and run.checkpoint_every.share == 0.05 and asked.checkpoint_notes == {"mine": [2]}


def test_stored_options_are_not_used_without_being_asked_for(stopped):
    """`w2v.train(resume=...)` takes the hyper-parameters only: notes belong to the caller."""
    run = RunRequest(resume=stopped).resolve()
    assert run.output is None and run.request.probe == () and run.request.log_json is None


def test_resuming_refuses_what_contradicts(stopped):
    with pytest.raises(ValueError, match="vector_size = 9 contradicts vector_size = 8"):
        RunRequest(resume=stopped, options={"vector_size": 9}).resolve()
    with pytest.raises(ValueError, match="preset='gensim' cannot be used with resume"):
        RunRequest(resume=stopped, preset="gensim").resolve()


def test_a_checkpoint_is_replaced_only_where_that_is_allowed(stopped, tmp_path):
    (tmp_path / "there").write_bytes(b"another run")
    options = {"checkpoint": tmp_path / "there", "log_every": None}
    request(**options).resolve().prepare()
    with pytest.raises(w2v.W2VError, match="there already exists"):
        request(**options, replace_checkpoint=False).resolve().prepare()
    RunRequest(resume=stopped, replace_checkpoint=False).resolve().prepare()  # its own file may be replaced
    assert (tmp_path / "there").read_bytes() == b"another run"


def test_preparing_finds_what_cannot_be_written(tmp_path):
    missing = tmp_path / "no"
    for options in ({"output": missing / "v.bin"}, {"save_vocab": tmp_path}, {"checkpoint": missing / "k"}):
        with pytest.raises(w2v.W2VError, match="cannot write"):
            request(**options).resolve().prepare()


def test_vector_size_is_that_of_the_initial_vectors_unless_given(tmp_path):
    old = w2v.KeyedVectors(["a", "b"], [[1.0, 2.0], [3.0, 4.0]])
    assert request(init=old).resolve().prepare().config.vector_size == 2
    for options in ({"options": {"vector_size": 9}}, {"config": TrainConfig()}):
        with pytest.raises(ValueError, match="vector_size"):
            request(init=old, **options).resolve().prepare()


def test_words_of_the_initial_vectors_must_fit_the_output_format():
    old = w2v.KeyedVectors(["new york"], [[1.0, 2.0]])
    with pytest.raises(ValueError, match="'new york'"):
        request(init=old, output="v.bin").resolve().prepare()


def test_resuming_says_how_to_continue_with_a_corpus_that_moved(stopped, tmp_path, capsys):
    (tmp_path / "corpus.txt").rename(tmp_path / "moved here.txt")
    with pytest.raises(w2v.W2VError, match="corpus.txt: cannot read.*w2v train NEW_PLACE --resume "):
        RunRequest(resume=stopped).resolve().prepare()
    moved = RunRequest(corpus=CorpusInput.of([tmp_path / "moved here.txt"]), resume=stopped).resolve().prepare()
    assert moved.saved is not None and moved.config.vector_size == 8
    (tmp_path / "moved here.txt").write_text("other words\n" * 9)
    with pytest.raises(w2v.W2VError, match="is not that of .*w2v train NEW_PLACE --resume "):
        train_resolved(moved, None)


@pytest.mark.parametrize("name, value", [
    ("output", 5), ("save_vocab", ["x"]), ("log_json", True), ("init", {}), ("binary", "1"), ("format", 1),
    ("probe", "river"), ("probe", [5]), ("evaluate", [None]), ("log_every", [1]), ("save_output_vectors", "yes"),
    ("freeze", 1), ("anchor", "strong")])
def test_stored_option_of_another_type_is_a_format_error(stopped, name, value):
    saved = Checkpoint.open(stopped)
    saved.request.notes[name] = value
    with pytest.raises(w2v.FormatError, match=f"an entry of the checkpoint is invalid: {name} = "):
        RunRequest(resume=saved).continued()


@pytest.mark.parametrize("options, expected", [
    ({"cbow": True}, {"sg": False}), ({"cbow": False}, {"sg": True}), ({"cbow": 1}, {"sg": False}),
    ({"sg": 0}, {"sg": False}), ({"sg": 1}, {"sg": True}), ({"hs": 1}, {"hs": True}), ({"hs": np.int64(0)}, {}),
    ({"cbow": True, "sg": 0}, {"sg": False}), ({"cbow_mean": 0, "cbow": np.True_}, {"cbow_mean": False, "sg": False}),
    ({"shrink_windows": 0}, {"shrink_windows": False})])
@pytest.mark.parametrize("preset", [None, "gensim"])
def test_switches_may_be_numbers_and_cbow_is_the_opposite_of_sg(options, expected, preset):
    if preset is not None:
        expected = {"sg": False, **expected}
        options = {"cbow_undivided": False, **options}
        expected = {"cbow_undivided": False, **expected}
    config = RunRequest(options=options, preset=preset).settings().config
    made = TrainConfig(**expected) if preset is None else TrainConfig.preset(preset, **expected)
    assert config == made and all(type(getattr(config, name)) is bool for name in ("sg", "hs", "cbow_mean"))


@pytest.mark.parametrize("name, near", [
    ("windows", "window"), ("vectorsize", "vector_size"), ("VectorSize", "vector_size"), ("dim", "vector_size"),
    ("embedding_dim", "vector_size"), ("lr", "alpha"), ("epoch", "epochs"), ("iter", "epochs"), ("workers", "threads"),
    ("minCount", "min_count"), ("max_n", "maxn"), ("negatvie", "negative")])
def test_unknown_options_name_the_one_that_is_meant(name, near):
    with pytest.raises(TypeError, match=rf"unknown option '{name}'; did you mean {near}\?"):
        RunRequest(options={name: 1}).settings()


@pytest.mark.parametrize("name, advice", [
    ("skipgram", ": sg=True trains skip-gram"), ("sentences", ": the corpus is the first argument"),
    ("callbacks", ": on_epoch_end is called"), ("zzz", "; the options are vector_size")])
def test_unknown_options_without_a_counterpart_get_advice(name, advice):
    with pytest.raises(TypeError, match=f"unknown option '{name}'{advice}"):
        RunRequest(options={name: 1}).settings()


@pytest.mark.parametrize("options, message", [
    ({"cbow": True, "sg": True}, "cbow=True is sg=False"), ({"cbow": "yes"}, "cbow must be True or False, not 'yes'"),
    ({"sg": 2}, "sg must be True or False, not 2"), ({"hs": None}, "hs must be True or False"),
    ({"hs": 1.0}, "hs must be True or False")])
def test_switches_that_are_no_switch_are_refused(options, message):
    with pytest.raises(TypeError, match=message):
        RunRequest(options=options).settings()
