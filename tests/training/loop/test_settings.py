"""Resolving the configuration into the settings of the training loop."""

import dataclasses

import pytest

from w2v.config import TrainConfig
from w2v.training.loop.settings import LONGEST_WINDOW, LoopSettings, shared_negatives, window_sides
from w2v.training.objectives.table import objective_of


def settings_of(anchor=0.0, **options):
    config = TrainConfig(**options)
    return LoopSettings.of(config, 40, total_words=100, isa="scalar", threads=2, private_rows=4, anchor=anchor,
                           **objective_of(config).loop_settings(config))


@pytest.mark.parametrize("window, sides", [(5, (5, 5)), ((5, 2), (5, 2)), ((0, 3), (0, 3)), ("line", (40, 40))])
def test_window_sides_are_resolved(window, sides):
    assert window_sides(window, 40) == sides
    settings = settings_of(window=window)
    assert (settings.left, settings.right) == sides and settings.whole_lines == (window == "line")
    assert settings.shrink_windows == (window != "line")


def test_longest_window_is_accepted_and_a_longer_line_is_rejected():
    assert window_sides("line", LONGEST_WINDOW) == (LONGEST_WINDOW, LONGEST_WINDOW)
    with pytest.raises(ValueError, match="30,001 words; the longest window has 30,000"):
        window_sides("line", LONGEST_WINDOW + 1)


def test_unknown_window_is_rejected():
    with pytest.raises(ValueError, match="'lines'"):
        window_sides("lines", 40)


def test_settings_have_every_number_of_the_configuration():
    settings = settings_of(anchor=0.5, negative=7, sg=False, seed=9, alpha=0.1, min_alpha=0.001, harmonic_windows=True,
                           weight_decay=0.25)
    assert dataclasses.asdict(settings) == {
        "left": 5, "right": 5, "negative": 7, "shared_negative": 8, "alpha": 0.1, "min_alpha": 0.001,
        "total_words": 100, "seed": 9, "isa": "scalar", "threads": 2, "private_rows": 4, "whole_lines": False,
        "shrink_windows": True, "shared_windows": 2, "shared_contexts": 12, "cbow": True, "cbow_mean": True,
        "cbow_undivided": False, "harmonic_windows": True, "weight_decay": 0.25, "anchor": 0.5, "line_contexts": 0,
        "longest_line": 40, "vector_size": 100}


@pytest.mark.parametrize("contexts, side", [(10, 11), (38, 39), (39, 40), (500, 40)])
def test_sampled_lines_need_room_for_the_lines_that_are_not_sampled(contexts, side):
    settings = settings_of(window="line", line_contexts=contexts)
    assert (settings.left, settings.right, settings.line_contexts, settings.longest_line) == (side, side, contexts, 40)


def test_hierarchical_softmax_has_one_centre_per_step():
    assert settings_of(hs=True).shared_windows == 1 and settings_of().shared_windows == 2


def test_shared_negatives_are_a_fifth_more():
    assert [shared_negatives(n) for n in (0, 1, 5, 10, 15)] == [0, 1, 6, 12, 18]


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings_of().left = 3
