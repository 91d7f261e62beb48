"""Spaces: what is searched, how values are drawn, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from w2v.config import TrainConfig
from w2v.tuning.space import SEARCHED, SESSIONS, WORDS, Choice, Range, chosen_space, read_search, step_of


@pytest.mark.parametrize("space", [WORDS, SESSIONS])
def test_defaults_of_training_are_inside_of_the_default_space(space):
    for name, setting in space.items():
        assert name in SEARCHED and (name == "alpha" or getattr(TrainConfig(), name) in setting), name


@pytest.mark.parametrize("name, values, expected", [
    ("window", "2..20", Range(2, 20, whole=True)), ("window", "5,line", Choice((5, "line"))),
    ("window", (3, 9), Range(3, 9, whole=True)), ("window", [3, 9], Choice((3, 9))),
    ("ns_exponent", "-1..1", Range(-1, 1, log=False)), ("ns_exponent", "0.1..1", Range(0.1, 1, log=False)),
    ("alpha", (0.01, 0.1), Range(0.01, 0.1)), ("sample", "0..1e-3", Range(0, 1e-3, log=False)),
    ("sg", "true,false", Choice((True, False))), ("sg", [True], Choice((True,))), ("sample", "1e-4", Choice((1e-4,)))])
def test_search_replaces_the_default_values(name, values, expected):
    space = chosen_space(WORDS, {name: values}, {})
    assert space[name] == expected
    assert {other: one for other, one in space.items() if other != name} == {
        other: one for other, one in WORDS.items() if other != name}


def test_given_options_are_not_searched():
    space = chosen_space(WORDS, {"min_count": "1..9"}, {"window": "line", "negative": 0, "seed": 3})
    assert set(space) == {*WORDS, "min_count"} - {"window", "negative", "shrink_windows", "harmonic_windows",
                                                  "ns_exponent", "add_outputs"}


@pytest.mark.parametrize("fixed, unused", [
    ({"shrink_windows": False}, {"harmonic_windows"}), ({"hs": True}, {"weight_decay"}),
    ({"minn": 3, "maxn": 6}, {"weight_decay", "add_outputs", "center"})])
def test_settings_that_the_given_options_leave_without_effect_are_not_searched(fixed, unused):
    assert set(chosen_space(WORDS, None, fixed)) == {*WORDS} - unused - {*fixed}


@pytest.mark.parametrize("search, fixed, message", [
    ({"windows": "2..5"}, {}, "did you mean window"), ({"seed": "1..2"}, {}, "'seed' cannot be searched"),
    ({"window": "5..2"}, {}, "window = 5..2 is empty"), ({"window": "0..5"}, {}, "out of range: 1 to 10000"),
    ({"window": "a..5"}, {}, "'a' is not a whole number"), ({"alpha": "x"}, {}, "is not a number"),
    ({"sg": "maybe"}, {}, "neither true nor false"), ({"epochs": 2.5}, {}, "must be a range"),
    ({"epochs": [2.5]}, {}, "not a whole number"), ({"epochs": []}, {}, "must be a range"),
    ({"sg": [1]}, {}, "neither True nor False"), ({"window": "2..5"}, {"window": 5}, "window = 5 is given"),
    ({}, dict.fromkeys(WORDS, 1), "nothing is left to search")])
def test_wrong_spaces_are_refused(search, fixed, message):
    with pytest.raises((ValueError, TypeError), match=message):
        chosen_space(WORDS, search, fixed)


def test_texts_of_a_command_line_are_read():
    assert read_search(["window=2..20", "--ns-exponent=-1..1"]) == {"window": "2..20", "ns_exponent": "-1..1"}
    for texts in (["window"], ["=3"], ["window="], ["window=2", "window=3"]):
        with pytest.raises(ValueError, match="search"):
            read_search(texts)


def test_draws_are_even_in_the_logarithm_and_inside():
    rng = np.random.default_rng(1)
    drawn = [Range(1e-5, 1e-1).draw(rng) for _ in range(2000)]
    assert min(drawn) >= 1e-5 and max(drawn) <= 1e-1 and len(set(drawn)) > 1000
    assert abs(np.mean(np.log10(drawn)) + 3) < 0.1
    sizes = {Range(50, 200, whole=True).draw(rng, step_of("vector_size")) for _ in range(2000)}
    assert all(isinstance(size, int) and (size % 4 == 0 or size == 50) for size in sizes) and len(sizes) > 30
    linear = [Range(-1, 1, log=False).draw(rng) for _ in range(2000)]
    assert abs(np.mean(linear)) < 0.05 and min(linear) < -0.9
    assert {Choice((True, False)).draw(rng) for _ in range(50)} == {True, False}
    assert math.isclose(Range(2, 2.0000001).draw(rng), 2)
