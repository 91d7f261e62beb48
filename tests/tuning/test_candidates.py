"""Configurations: the defaults and presets come first, each is valid, and a number always means the same one."""

from __future__ import annotations

import dataclasses

import pytest

from w2v.config import TrainConfig
from w2v.presets import PRESETS
from w2v.tuning.candidates import Candidates
from w2v.tuning.space import SESSIONS, WORDS, chosen_space


def candidates(search=None, fixed=None, **options):
    return Candidates(chosen_space(WORDS, search, fixed or {}), fixed or {}, search or (), **options)


def test_defaults_and_presets_come_first():
    found = candidates()
    assert found[0].name == "defaults" and found[0].config == TrainConfig()
    names = [found[i].name for i in range(found.named)]
    assert {"word2vec", "gensim"} <= set(names[1:]) < set(PRESETS) and "fasttext" not in names
    assert all(found[i].config == TrainConfig.preset(found[i].name) for i in range(1, found.named))
    assert found[found.named].name == "random"


def test_presets_that_contradict_what_was_given_are_left_out():
    assert candidates(fixed={"sg": True}).named < candidates().named
    assert candidates(search={"window": (900, 1000)}).named == 1
    assert candidates(fixed={"minn": 3, "maxn": 6, "bucket": 100}).named >= 2


@pytest.mark.parametrize("name, values, expected", [
    ("window", (8, 20), 8), ("window", (1, 3), 3), ("window", [1, 40], 1), ("window", ["line", 9], 9),
    ("window", ["line"], "line"), ("alpha", [1e-9, 0.1], 0.1), ("ns_exponent", (-1, 0.5), 0.5), ("sg", [False], False),
    ("sample", [0.0, 0.5], 0.0), ("negative", (2, 9), 5)])
def test_defaults_are_moved_into_the_ranges_that_were_given(name, values, expected):
    assert candidates(search={name: values})[0].options[name] == expected


def test_a_preset_takes_the_place_of_the_defaults():
    found = candidates(preset="gensim")
    assert (found[0].name, found[0].config) == ("gensim", TrainConfig.preset("gensim"))
    drawn = [found[i] for i in range(found.named, 60)]
    assert {one.config.sg for one in drawn} == {True, False}
    assert all(one.config.cbow_undivided for one in drawn if not one.config.sg)


@pytest.mark.parametrize("fixed", [{}, {"vector_size": 20, "seed": 9}, {"sg": False}, {"window": (2, 5)},
                                   {"hs": True, "negative": 0}, {"window": "line", "line_contexts": 4}])
def test_random_configurations_are_valid_and_have_what_was_given(fixed):
    found = candidates(fixed=fixed)
    drawn = [found[i] for i in range(found.named, 60)]
    assert len({str(one.options) for one in drawn}) == len(drawn)
    for one in drawn:
        assert one.config == TrainConfig(**one.options)
        assert {name: getattr(one.config, name) for name in fixed} == fixed
        assert all(name in one.options for name in fixed)


def test_number_and_seed_decide_a_configuration():
    first, again, other = candidates(seed=1), candidates(seed=1), candidates(seed=2)
    assert first[17] == again[17] and first[17].options != other[17].options
    assert first[17].options != first[18].options


def test_learning_rates_follow_the_default_of_the_architecture():
    found = candidates()
    for i in range(found.named, 80):
        config = found[i].config
        default = dataclasses.replace(config, alpha=None).alpha
        assert 0.39 * default <= config.alpha <= 3.01 * default


def test_exponents_of_sessions_may_be_negative():
    found = Candidates(chosen_space(SESSIONS, None, {}), {})
    drawn = [found[i].config.ns_exponent for i in range(found.named, 60)]
    assert min(drawn) < -0.5 and max(drawn) > 0.5


def test_space_without_a_valid_configuration_is_refused():
    with pytest.raises(ValueError, match="min_alpha = 0.5 is above alpha"):
        candidates(search={"min_alpha": [0.5]}, fixed={"alpha": 0.1})
