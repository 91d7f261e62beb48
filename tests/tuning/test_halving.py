"""Successive halving with trials that are not trained and a clock that does not run by itself."""

from __future__ import annotations

import pytest
from helpers.tuned import FakeTrials

from w2v.errors import W2VError
from w2v.tuning.candidates import Candidates
from w2v.tuning.halving import Halving
from w2v.tuning.space import WORDS, chosen_space

SHARES = (1 / 9, 1 / 3, 1.0)


def halving(fake: FakeTrials, **options) -> Halving:
    settings = {"trials": None, "budget": None, "clock": fake.clock, "shares": SHARES, **options}
    return Halving(Candidates(chosen_space(WORDS, None, {}), {}), fake, settings.pop("shares"), **settings)


def test_best_third_goes_on_and_the_defaults_always():
    trials = FakeTrials(score=lambda one, share: -abs(one.number - 5.1))
    search = halving(trials, trials=9)
    search.run()
    by_share = [[number for number, share in trials.ran if share == own] for own in SHARES]
    assert by_share == [list(range(9)), [5, 0, 6, 4], [5, 0, 6]]
    assert [one.number for one in search.at(1.0)] == [5, 6, 0]
    assert [one.number for one in search.found if one.kept_back] == [0, 1, 2, 3, 4, 5, 5, 0, 5, 0]


@pytest.mark.parametrize("budget", [3, 10, 60, pytest.param(400, marks=pytest.mark.slow)])
@pytest.mark.parametrize("seconds", [
    lambda one, share: share, lambda one, share: share * (1 + one.number % 11),
    lambda one, share: share ** 2 * 5 + 0.01, lambda one, share: share * (40 if one.number == 12 else 1)])
def test_budget_is_never_exceeded(budget, seconds):
    trials = FakeTrials(seconds)
    search = halving(trials, budget=budget)
    search.run()
    assert trials.now <= budget + 1e-9 and search.at(search.shares[-1] if budget >= 60 else search.shares[0])
    if budget >= 60:
        assert search.shares == SHARES and any(one.number == 0 for one in search.at(1.0))
        assert trials.now > budget / 3  # it is used


def test_configurations_that_could_not_be_trained_on_the_largest_sample_are_left_out():
    candidates = Candidates(chosen_space(WORDS, None, {}), {})
    rate = 1 / candidates[0].work
    trials = FakeTrials(lambda one, share: share * one.work * rate)
    search = halving(trials, budget=24)
    search.run()
    tried = [number for number, share in trials.ran if share == SHARES[0]]
    longest = max(candidates[number].work for number in tried) * rate
    left_out = [candidates[number].work * rate for number in range(max(tried)) if number not in tried]
    assert 5 < longest <= 8.01 and min(left_out) > 7.9 and search.too_long >= len(left_out) > 2


def test_small_budgets_leave_out_the_largest_samples():
    sizes = [len((search := halving(FakeTrials(), budget=budget)).run() and search.shares) for budget in (0.6, 3, 30)]
    assert sizes == [1, 2, 3]


def test_a_budget_for_no_trial_is_an_error():
    with pytest.raises(W2VError, match="budget = 5 seconds is too small for one trial: reading took 3.0 seconds"):
        trials = FakeTrials(lambda one, share: 2.5)
        trials.now = 3.0
        halving(trials, budget=5).run()


def test_trials_that_fail_are_not_promoted():
    trials = FakeTrials(score=lambda one, share: None if one.number % 2 else float(one.number))
    search = halving(trials, trials=9)
    found = search.run()
    assert len([one for one in found if one.score is None]) == 4
    assert [number for number, share in trials.ran if share == 1 / 3] == [8, 0, 6]


def test_all_trials_that_fail_are_an_error():
    with pytest.raises(W2VError, match="all 6 configurations failed; the first one: diverged"):
        halving(FakeTrials(score=lambda one, share: None), trials=6).run()


def test_a_search_stops_where_no_promoted_configuration_is_trained():
    trials = FakeTrials(score=lambda one, share: float(one.number) if share < 1 / 3 else None)
    search = halving(trials, trials=4)
    search.run()
    assert {share for _, share in trials.ran} == {1 / 9, 1 / 3} and len(search.at(1 / 9)) == 4


@pytest.mark.parametrize("limits", [{"trials": 9}, {"budget": 40.0}])
@pytest.mark.parametrize("cut", [0, 1, 5, 12])
def test_a_resumed_search_is_the_same_as_an_uninterrupted_one(limits, cut):
    score = lambda one, share: one.number * 7 % 10 + share  # noqa: E731
    whole = halving(FakeTrials(score=score), **limits)
    whole.run()
    done = {(one.number, one.share): one for one in whole.found[:cut]}
    trials, new = FakeTrials(score=score), []
    trials.now = 1000.0
    again = halving(trials, done=done, started=1000.0, on_trial=new.append, **limits)
    again.run()
    assert [(one.number, one.share, one.score) for one in again.found] == [
        (one.number, one.share, one.score) for one in whole.found]
    assert again.elapsed == pytest.approx(whole.elapsed) and new == again.found[cut:]


def test_trials_of_a_resumed_search_are_kept_with_a_smaller_budget():
    whole = halving(FakeTrials(), budget=60)
    whole.run()
    again = halving(trials := FakeTrials(), budget=5, done={(one.number, one.share): one for one in whole.found})
    again.run()
    assert len(again.at(SHARES[0])) == len(whole.at(SHARES[0])) and not trials.ran
