"""Presets: the defaults of other trainers, explicit options that override them, and what is shown."""

import inspect
import json

import pytest

import w2v
from w2v import cli
from w2v.config import TrainConfig
from w2v.presets import PRESETS

CORPUS = [[f"w{k % 9}" for k in range(j, j + 20)] for j in range(50)]


def test_word2vec_preset_has_the_defaults_of_word2vec_c():
    config = TrainConfig.preset("word2vec")
    assert not config.sg and config.cbow_mean and config.cbow_undivided
    assert (config.vector_size, config.window, config.negative, config.min_count, config.epochs) == (100, 5, 5, 5, 5)
    assert (config.sample, config.ns_exponent, config.alpha) == (1e-3, 0.75, 0.05)
    assert config.min_alpha == pytest.approx(5e-6)


def test_defaults_that_depend_on_other_options_follow_them():
    config = TrainConfig.preset("word2vec", sg=True)
    assert config.alpha == 0.025 and config.min_alpha == pytest.approx(2.5e-6) and not config.cbow_undivided
    assert TrainConfig.preset("word2vec", alpha=0.1).min_alpha == pytest.approx(1e-5)
    assert TrainConfig.preset("word2vec", min_alpha=0.01).min_alpha == 0.01
    assert not TrainConfig.preset("gensim", cbow_mean=False).cbow_undivided
    assert TrainConfig.preset("gensim", sg=True) == TrainConfig()  # the defaults of w2v


def test_own_presets_leave_out_what_does_not_go_with_explicit_options():
    best = TrainConfig.preset("best")
    assert best.sg and best.harmonic_windows and best.weight_decay > 0 and best.alpha == 0.05 and best.center
    for others in ({"hs": True}, {"minn": 3, "maxn": 6}, {"hs": True, "negative": 0}):
        assert TrainConfig.preset("best", **others).weight_decay == 0
    assert TrainConfig.preset("best", hs=True, negative=0).add_outputs == 0 == TrainConfig.preset("best", maxn=3,
                                                                                                  minn=3).add_outputs
    assert not TrainConfig.preset("best", shrink_windows=False).harmonic_windows
    assert not TrainConfig.preset("best", window="line").harmonic_windows  # or the options that it shows are refused
    assert TrainConfig.preset("best", sg=False).alpha == TrainConfig(sg=False).alpha
    assert TrainConfig.preset("fast").epochs < TrainConfig().epochs
    with pytest.raises(ValueError, match="weight_decay = 0.1 needs"):
        TrainConfig.preset("best", hs=True, weight_decay=0.1)


def test_gensim_preset_has_the_defaults_of_its_constructor():
    gensim = pytest.importorskip("gensim.models")
    defaults = {name: parameter.default for name, parameter in inspect.signature(gensim.Word2Vec).parameters.items()}
    config = TrainConfig.preset("gensim")
    for name in ("vector_size", "window", "negative", "min_count", "epochs", "alpha", "min_alpha", "sample",
                 "ns_exponent", "sg", "hs", "cbow_mean", "shrink_windows", "seed"):
        assert getattr(config, name) == defaults[name], name


def test_fasttext_preset_has_its_defaults():
    config = TrainConfig.preset("fasttext")
    assert config.sg and (config.minn, config.maxn, config.bucket) == (3, 6, 2_000_000)
    assert (config.alpha, config.min_alpha, config.sample, config.ns_exponent) == (0.05, 0, 1e-4, 0.5)
    assert TrainConfig.preset("fasttext", sg=False).cbow_undivided
    assert TrainConfig.preset("fasttext", maxn=0).maxn == 0


def test_fasttext_preset_agrees_with_the_installed_fasttext():
    fasttext = pytest.importorskip("fasttext.FastText")
    defaults, config = fasttext.unsupervised_default, TrainConfig.preset("fasttext")
    ours = {"lr": "alpha", "dim": "vector_size", "ws": "window", "epoch": "epochs", "minCount": "min_count",
            "neg": "negative", "bucket": "bucket", "minn": "minn", "maxn": "maxn", "t": "sample"}
    assert {name: getattr(config, own) for name, own in ours.items()} == {name: defaults[name] for name in ours}
    assert defaults["model"] == "skipgram"


def test_class_has_the_defaults_of_the_gensim_preset():
    model = w2v.Word2Vec(CORPUS, min_count=1, workers=1)
    assert json.loads(model.wv.metadata["training"]) | {"min_count": 5, "threads": 0} == {
        **TrainConfig.preset("gensim").__dict__, "threads": 0}


@pytest.mark.parametrize("name", PRESETS)
def test_training_uses_the_preset(name):
    more = {"bucket": 50} if name == "fasttext" else {}
    model = w2v.train(CORPUS, preset=name, min_count=1, vector_size=8, epochs=1, progress=False, **more)
    assert model.config == TrainConfig.preset(name, min_count=1, vector_size=8, epochs=1, **more)
    assert (model.wv.subwords is not None) == (name == "fasttext")


@pytest.mark.parametrize("name", PRESETS)
def test_command_line_shows_a_preset_as_options_that_give_the_same_vectors(name, tmp_path, capsys):
    (tmp_path / "c.txt").write_text("\n".join(" ".join(line) for line in CORPUS))
    command = ["train", str(tmp_path / "c.txt"), "-o", str(tmp_path / "v.safetensors"), "--threads", "1",
               *(["--bucket", "50"] if name == "fasttext" else [])]
    assert cli.main([*command, "--preset", name, "--min-count", "1", "--epochs", "2"]) == 0
    shown = capsys.readouterr().err.splitlines()[0]
    assert shown.startswith(f"preset {name}: ") and "--min-count" not in shown and "--epochs" not in shown
    vectors = (tmp_path / "v.safetensors").read_bytes()
    assert cli.main([*command, *shown.split()[2:], "--min-count", "1", "--epochs", "2", "--json"]) == 0
    assert (tmp_path / "v.safetensors").read_bytes() == vectors and "preset" not in json.loads(capsys.readouterr().out)
    assert cli.main([*command, "--preset", name, "--min-count", "1", "--quiet", "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == "" and json.loads(captured.out)["preset"]["name"] == name


def test_bad_presets_are_refused(tmp_path, capsys):
    with pytest.raises(ValueError, match="preset = 'glove' does not exist.*word2vec"):
        TrainConfig.preset("glove")
    with pytest.raises(ValueError, match="preset = 'glove' does not exist"):
        w2v.train(CORPUS, preset="glove")
    with pytest.raises(TypeError, match="either config or options"):
        w2v.train(CORPUS, preset="gensim", config=TrainConfig())
    with pytest.raises(ValueError, match="alpha = 0"):
        TrainConfig.preset("gensim", alpha=0)
    with pytest.raises(TypeError, match="alpha must be"):
        TrainConfig.preset("word2vec", alpha="high")
    assert cli.main(["train", "x", "-o", str(tmp_path / "v.bin"), "--preset", "glove"]) == 2
    assert "glove" in capsys.readouterr().err


def test_options_that_contradict_a_preset_are_wrong_usage(tmp_path, capsys):
    command = ["train", "no-such-text", "-o", str(tmp_path / "v.bin"), "--preset", "gensim", "--negative", "0"]
    assert cli.main(command) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "--negative 0 leaves nothing to learn from" in error
