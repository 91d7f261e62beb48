"""Importance: what was planted is found, and what has no influence is near the share by chance."""

from __future__ import annotations

import numpy as np
import pytest

from w2v.tuning.candidates import Candidates
from w2v.tuning.importance import importances
from w2v.tuning.space import WORDS, chosen_space
from w2v.tuning.trial import Trial

SPACE = chosen_space(WORDS, None, {})


def trials(n: int, score) -> list[Trial]:
    found = Candidates(SPACE, {})
    return [Trial(i, "random", found[i].options, 1.0, score(found[i].config)) for i in range(found.named, n)]


def test_planted_influences_are_found():
    rng = np.random.default_rng(1)
    found = importances(trials(200, lambda one: -np.log(one.sample) + 3 * one.sg + rng.normal() / 2), SPACE)
    shares = {one.name: one.share for one in found}
    assert list(shares)[:2] == ["sample", "sg"] and sum(list(shares.values())[:2]) > 0.7
    assert all(share < 0.06 for name, share in shares.items() if name not in ("sample", "sg", "alpha"))
    by_name = {one.name: one for one in found}
    assert by_name["sample"].correlation < -0.7 and by_name["sg"].best.values == "True"
    assert by_name["sample"].best is by_name["sample"].groups[0] and by_name["sg"].correlation is None
    assert set(shares) == set(SPACE)


def test_share_is_eta_squared():
    found = importances(trials(60, lambda one: float(one.shrink_windows)), SPACE)
    assert found[0].name == "shrink_windows" and found[0].share == pytest.approx(1)
    assert found[0].chance == pytest.approx(1 / (len(trials(60, lambda one: 0.0)) - 1))
    assert {group.mean for group in found[0].groups} == {0.0, 1.0}


def test_few_trials_or_equal_scores_say_nothing():
    assert importances(trials(8, lambda one: one.alpha), SPACE) == ()
    assert importances(trials(50, lambda one: 0.5), SPACE) == ()
