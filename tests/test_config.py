"""Hyper-parameters: the types of keyword options, and what is explained about each."""

import dataclasses
import inspect
import re
import typing

import numpy as np
import pytest

import w2v
from w2v import cli
from w2v.cli.options import PARAMETERS
from w2v.compat.options import Word2VecOptions
from w2v.config import HyperParameters, TrainConfig, TrainOptions, describe, plain_value
from w2v.corpus_options import CORPUS_OPTIONS, CorpusOptions
from w2v.presets import PRESETS
from w2v.walk_options import WALK_OPTIONS, GraphOptions

FIELDS = [spec.name for spec in dataclasses.fields(TrainConfig)]


def test_options_have_the_names_and_types_of_the_hyper_parameters():
    assert typing.get_type_hints(HyperParameters) == typing.get_type_hints(TrainConfig)
    assert list(HyperParameters.__annotations__) == FIELDS and HyperParameters.__required_keys__ == frozenset()


def test_options_of_a_corpus_have_the_names_of_the_classes_that_hold_them():
    assert list(CorpusOptions.__annotations__) == list(CORPUS_OPTIONS)
    assert {*TrainOptions.__annotations__} == {*FIELDS, *CORPUS_OPTIONS, *WALK_OPTIONS}
    assert list(GraphOptions.__annotations__) == list(WALK_OPTIONS)
    assert TrainOptions.__required_keys__ == frozenset()


@pytest.mark.parametrize(("function", "options"), [
    (w2v.train, "TrainOptions"), (w2v.plan, "TrainOptions"), (TrainConfig.preset, "HyperParameters")])
def test_keyword_options_are_typed(function, options):
    assert function.__annotations__["options"] == f"Unpack[{options}]"
    assert not set(function.__annotations__) & set(FIELDS), "each option is declared once"


def test_options_of_gensims_classes_have_the_types_of_their_parameters():
    of_fasttext_itself = {"sentences", "corpus_file", "sg", "hs", "unknown", "return"}
    expected = {name: hint for name, hint in w2v.Word2Vec.__init__.__annotations__.items()
                if name not in of_fasttext_itself}
    own = {name: hint.__forward_arg__ for name, hint in Word2VecOptions.__annotations__.items()
           if name not in CORPUS_OPTIONS}
    assert own == expected
    assert w2v.FastText.__init__.__annotations__["options"] == "Unpack[Word2VecOptions]"


@pytest.mark.parametrize("name", FIELDS)
def test_each_hyper_parameter_has_a_help_text(name):
    assert len(describe(name)) > 10 and re.search(rf"\b{name}\b.* : ", inspect.getdoc(TrainConfig))


def test_each_hyper_parameter_is_in_a_group_of_the_help():
    assert {name for names in PARAMETERS.values() for name in names} == set(FIELDS)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_only_have_hyper_parameters(name):
    assert TrainConfig.preset(name, epochs=3) == dataclasses.replace(TrainConfig.preset(name), epochs=3)


@pytest.mark.parametrize("options, problem", [
    ({"harmonic_windows": True, "shrink_windows": False}, "harmonic_windows=True .* shrink_windows=False"),
    ({"weight_decay": 0.1, "hs": True}, "weight_decay = 0.1 needs negative sampling of whole words.*hs=True"),
    ({"weight_decay": 0.1, "minn": 3, "maxn": 6}, r"weight_decay = 0.1 .*n-grams \(maxn\)"),
    ({"weight_decay": 21, "alpha": 0.05}, "weight_decay = 21 is out of range: 0 to 20 "),
    ({"weight_decay": -1}, "weight_decay = -1 is out of range"),
    ({"weight_decay": float("nan")}, "weight_decay = nan is out of range")])
def test_windows_and_weight_decay_that_contradict_other_options_are_refused(options, problem):
    with pytest.raises(ValueError, match=problem):
        TrainConfig(**options)


@pytest.mark.parametrize("options, mean", [
    ({}, 6), ({"window": (4, 0)}, 2.5), ({"shrink_windows": False, "window": (4, 1)}, 5),
    ({"harmonic_windows": True, "window": (4, 2)}, 1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 + 1 / 2)])
def test_mean_number_of_contexts(options, mean):
    assert TrainConfig(**options).mean_contexts == pytest.approx(mean)


@pytest.mark.parametrize("function", [
    w2v.train, w2v.plan, w2v.load, w2v.diff, w2v.drift, w2v.Word2Vec.train, w2v.Word2Vec.load, w2v.Word2Vec.build_vocab,
    w2v.Word2Vec.predict_output_word, w2v.TrainConfig.preset])
def test_public_functions_return_a_type(function):
    assert not re.search(r"\bAny\b", function.__annotations__["return"])


LINES = [["a", "b"], ["b", "c"]] * 5 + [["once", "a"]]


@pytest.mark.parametrize("zero", [0, np.int64(0)])
@pytest.mark.parametrize("counted", [
    lambda zero: w2v.train(LINES, min_count=zero, vector_size=4, threads=1, progress=False).wv,
    lambda zero: w2v.Word2Vec(LINES, min_count=zero, vector_size=4, workers=1).wv,
    lambda zero: w2v.FastText(LINES, min_count=zero, vector_size=4, workers=1, bucket=10).wv,
    lambda zero: w2v.train(LINES, config=w2v.TrainConfig(min_count=zero, vector_size=4), progress=False).wv])
def test_min_count_0_means_1(counted, zero):
    assert sorted(counted(zero).index_to_key) == ["a", "b", "c", "once"]
    assert w2v.TrainConfig(min_count=zero) == w2v.TrainConfig(min_count=1)


def test_min_count_0_means_1_for_plans_and_commands(tmp_path, capsys):
    text = tmp_path / "text.txt"
    text.write_text("".join(" ".join(line) + "\n" for line in LINES))
    assert w2v.plan(text, min_count=0).n_words == w2v.plan(text, min_count=1).n_words
    old = ["-train", text, "-output", tmp_path / "v.bin", "-size", 4, "-min-count", 0, "-threads", 1]
    assert cli.main(["train", *map(str, old)]) == 0 and "once" in w2v.load(tmp_path / "v.bin")
    assert cli.main(["train", str(text), "-o", str(tmp_path / "v.bin"), "--min-count", "-1"]) == 2
    assert "--min-count -1 is out of range: 0 to" in capsys.readouterr().err


def test_min_count_0_agrees_with_1_in_a_checkpoint():
    assert plain_value("min_count", 0) == 1 and plain_value("min_count", 2) == 2
