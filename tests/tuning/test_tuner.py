"""`w2v.tune` on corpora whose best settings are known, resumed searches, and what it refuses."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from helpers.tuned import far_lines, sessions, write_lines, write_pairs

import w2v
from w2v.cli import _parser
from w2v.cli.options import given
from w2v.errors import CorpusError, FormatError, W2VError
from w2v.tuning.tuner import LEAST_WORDS

FAST = {"vector_size": 12, "sample": 0, "min_count": 1, "threads": 1, "progress": False, "seed": 1}
FIXED = {**FAST, "epochs": 4, "negative": 5, "ns_exponent": 0.75, "sg": True, "shrink_windows": False}


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    """A corpus whose pairs are four words apart, and the set that says so."""
    folder = tmp_path_factory.mktemp("far")
    return write_lines(folder / "far.txt", far_lines(3000)), write_pairs(folder / "pairs.tsv")


def search(far: tuple[Path, Path], **options) -> w2v.TuneResult:
    corpus, pairs = far
    return w2v.tune(corpus, metric=str(pairs), **{
        "trials": 6, "search": {"window": (1, 8), "alpha": (0.05, 0.1)}, "rungs": 2, **FIXED, **options})


def test_windows_that_reach_the_pairs_are_found(far):
    found = search(far, trials=12)
    assert found.best["window"] >= 4 and found.shares == (1 / 3, 1.0)
    lowest = [one for one in found.trials if one.share == 1 / 3]
    seeing = [one.score for one in lowest if one.options["window"] >= 4]
    blind = [one.score for one in lowest if one.options["window"] < 4]
    assert len(lowest) == 12 and blind and min(seeing) > max(blind)
    assert found.importance[0].name == "window" and found.importance[0].share > 0.5
    assert found.winner.kept_back[0].value == pytest.approx(found.score, abs=0.25)
    assert found.winner.kept_back[0].interval[0] > 0.3
    model = w2v.train(far[0], **found.best, threads=1, progress=False)
    assert model.wv.similarity("a3", "b3") > model.wv.similarity("a3", "b5") + 0.3


@pytest.mark.parametrize("metric", ["hit@5", "mrr"])
def test_dead_learning_rates_lose_on_sessions(metric):
    lines = sessions(1500)
    found = w2v.tune(lines, metric=metric, trials=8, rungs=1, min_alpha=0,
                     search={"alpha": [1e-9, 0.1], "window": [1, 3]}, **FIXED)
    assert found.best["alpha"] == 0.1 and 100 < found.held_out < 200
    scores = {value: [one.score for one in found.trials if one.options["alpha"] == value] for value in (1e-9, 0.1)}
    assert len(scores[1e-9]) >= 2 and min(scores[0.1]) > 3 * max(scores[1e-9])
    assert found.winner.kept_back[0].interval[0] > 3 * max(scores[1e-9])  # and on the sessions that were kept back
    assert found.command.startswith("w2v.train(corpus, vector_size=12, window=")


def test_the_same_search_gives_the_same_result(far):
    first, again = search(far), search(far)
    assert [(one.number, one.share, one.score, one.kept_back) for one in first.trials] == [
        (one.number, one.share, one.score, one.kept_back) for one in again.trials]
    assert first.best == again.best and first.command == again.command
    rounds = [search(far, reproducible=True, rounds=4, shards=2, threads=threads) for threads in (1, 2)]
    assert rounds[0].best == rounds[1].best and [one.score for one in rounds[0].trials] == [
        one.score for one in rounds[1].trials]
    other = search(far, seed=2)
    assert [one.options for one in other.trials] != [one.options for one in first.trials]


@pytest.mark.slow
@pytest.mark.parametrize("cut", [1, 2, 5, 8])
def test_a_resumed_search_gives_the_same_result(far, tmp_path, cut):
    state = tmp_path / "t.jsonl"
    whole = search(far, state=state)
    lines = state.read_bytes().splitlines(keepends=True)
    assert len(lines) == 2 + len(whole.trials)
    state.write_bytes(b"".join(lines[:cut]) + b'{"event": "tri')
    new: list[int] = []
    again = search(far, state=state, resume=True, on_trial=lambda trial: new.append(trial.number))
    assert [(one.number, one.share, one.score) for one in again.trials] == [
        (one.number, one.share, one.score) for one in whole.trials]
    assert again.best == whole.best and len(new) == len(whole.trials) - cut + 1
    end = json.loads(state.read_bytes().splitlines()[-1])
    assert end["event"] == "tuned" and end["best"] == json.loads(json.dumps(whole.best))


def test_an_interrupted_search_says_how_to_continue(far, tmp_path):
    def interrupt(trial):
        if trial.number == 1:
            raise KeyboardInterrupt

    state = tmp_path / "t.jsonl"
    with pytest.raises(KeyboardInterrupt) as caught:
        search(far, state=state, on_trial=interrupt)
    assert caught.value.__notes__ == [f"2 trials were done; continue with --state {state} --resume"]
    assert len(state.read_text().splitlines()) == 3
    with pytest.raises(KeyboardInterrupt) as caught:
        search(far, on_trial=interrupt)
    assert "with --state FILE they would have been kept" in caught.value.__notes__[0]


def test_a_search_of_something_else_cannot_be_resumed(far, tmp_path):
    state = tmp_path / "t.jsonl"
    search(far, state=state, trials=2)
    assert len(search(far, state=state, trials=3, rungs=3, resume=True).trials) > 4  # more of the same search
    for options, name in (({"search": {"window": (1, 9), "alpha": (0.05, 0.1)}}, "search"),
                          ({"epochs": 5}, "options"), ({"seed": 3}, "corpus|items|options"),
                          ({"lowercase": True, "max_words": 9000}, "corpus")):
        with pytest.raises(ValueError, match=f"has another .*{name}"):
            search(far, state=state, resume=True, **options)
    with pytest.raises(W2VError, match="already exists"):
        search(far, state=state)


def test_result_has_tables_values_and_a_command(far):
    found = search(far, trials=4, lowercase=True)
    text = str(found)
    assert "1/3 of the lines" in text and "kept back" in text and "0 defaults" in text and "not raised by" in text
    assert repr(found).startswith("TuneResult<") and "window=" in repr(found)
    assert json.loads(json.dumps(found.to_dict()))["best"] == found.best
    words = shlex.split(found.command)
    assert words[:2] == ["w2v", "train"] and str(far[0]) in words
    options = _parser().parse_args(words[1:])
    typed = given(options)
    assert typed == {name: value for name, value in found.best.items()}
    assert options.output == "vectors.safetensors" and typed["lowercase"] is True and typed["seed"] == 1


def test_min_count_is_compared_on_the_words_that_all_have(far):
    options = {name: value for name, value in FIXED.items() if name != "min_count"}
    found = w2v.tune(far[0], metric=str(far[1]), trials=5, rungs=1, search={"min_count": [1, 75], "window": [5]},
                     **options)
    assert {one.options["min_count"] for one in found.trials} >= {1, 75}
    assert len({(one.values[0].used, one.values[0].total) for one in found.trials}) == 1
    assert 0 < found.trials[0].values[0].used < found.trials[0].values[0].total


def test_rungs_follow_from_the_size_of_the_corpus(monkeypatch, far):
    monkeypatch.setattr("w2v.tuning.tuner.LEAST_WORDS", 3000)
    shares = search(far, trials=9, rungs=None, epochs=1).shares
    assert shares == (1 / 3, 1.0) or shares == (1 / 9, 1 / 3, 1.0)
    monkeypatch.setattr("w2v.tuning.tuner.LEAST_WORDS", LEAST_WORDS)
    assert search(far, trials=1, rungs=None, epochs=1).shares == (1.0,)


@pytest.mark.parametrize("options, message", [
    ({"metric": ()}, "metric is missing"), ({"trials": None}, "budget is missing"), ({"trials": 0}, "trials = 0"),
    ({"rungs": 10}, "rungs = 10 is out of range"), ({"budget": "5%"}, "budget = '5%' is a share"),
    ({"budget": "soon"}, "budget = 'soon' is not an interval"), ({"trials": 2.5}, "trials must be a whole number"),
    ({"held_out": 10}, "held_out = 10 cannot be used with tune"), ({"line_weights": True}, "line_weights = True"),
    ({"resume": True}, "resume needs state"), ({"search": {"windw": (1, 2)}}, "did you mean window"),
    ({"windw": 5}, "windw"), ({"window": 5}, "window = 5 is given"), ({"alpha": 20}, "alpha = 20")])
def test_wrong_options_are_refused_before_the_corpus_is_read(far, options, message):
    arguments = {"metric": str(far[1]), "trials": 3, "search": {"window": (1, 8)}, **options}
    with pytest.raises((ValueError, TypeError), match=message):
        w2v.tune("no such file.txt", progress=False, **arguments)


def test_a_corpus_without_the_words_of_the_metric_is_an_error(tmp_path, far):
    corpus = write_lines(tmp_path / "c.txt", [["x", "y", "z"]] * 50)
    with pytest.raises(W2VError, match="too small for .*pairs.tsv: 0 of .* items"):
        w2v.tune(corpus, metric=str(far[1]), trials=2, progress=False)
    with pytest.raises(CorpusError, match="lines with two words"):
        w2v.tune([["x"]] * 50, metric="mrr", trials=2, progress=False)


@pytest.mark.slow
def test_a_budget_that_is_over_before_a_trial_is_an_error(far):
    with pytest.raises(W2VError, match="budget = 1e-06 seconds is too small for one trial"):
        search(far, budget=1e-6, trials=None, epochs=1_000)


def test_unreadable_state_is_reported(far, tmp_path):
    (tmp_path / "t.jsonl").write_text("something else\n")
    with pytest.raises(FormatError, match="line 1"):
        search(far, state=tmp_path / "t.jsonl", resume=True)
